"""With a receipt the author of an anonymous text learns what became of it and asks for a second look, unknown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.activities import appeals, cases, question_settings, questions, receipts, review
from core.activities.appeals import Own
from core.activities.authors import Stamp
from core.activities.posting import Posted, Typed
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.secrets import as_typed
from core.store.database import Database
from core.store.tables import Appeal, Base, Contribution
from core.words import Sentence
from tests.core.activities.bringing import Bringing
from tests.core.activities.classroom import count, snapshot
from tests.core.activities.hall import Hall
from tests.core.activities.said import decide, marks, report, status
from tests.core.activities.test_reports import at_once


def ask(hall: Hall, seat: Seat, title: str = "Why is that so?") -> Posted:
    def use(session: Session, seat: Seat, opened: Opened) -> Posted:
        settings = question_settings.of(opened)
        return questions.ask(session, seat, opened, settings, Typed("", title), now=hall.now)

    return hall.do(use, seat)


def code(posted: Posted) -> str:
    assert posted.stored.receipt is not None
    return posted.stored.receipt.code


def look(hall: Hall, seat: Seat, receipt: str) -> Own:
    return hall.see(lambda session, seat, opened: appeals.with_receipt(session, seat, opened.id, receipt), seat)


def appeal(hall: Hall, seat: Seat, receipt: str, words: str = "It is only a question.") -> Sentence:
    """Without a hold on the person, as the page does it."""
    with hall.database.write() as session:
        return appeals.appeal_with_receipt(session, seat, hall.activity_id, receipt, words, now=hall.now)


def test_a_receipt_tells_what_became_of_its_text_whoever_types_it(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="anonymous", hold_at=1)
    author, other, reader = hall.students
    mine, theirs = ask(hall, author, "Mine?"), ask(hall, other, "Theirs?")
    assert look(hall, author, code(mine)).title == "Mine?"
    report(hall, reader, mine.id)
    found = look(hall, other, f"  {code(mine).lower().replace('-', ' ')} ")
    assert (found.id, found.stands, found.may_appeal) == (mine.id, "held", True)
    decide(hall, theirs.id, "retire", "It was asked before.")
    found = look(hall, other, code(theirs))
    assert (found.stands, found.reason) == ("taken out", "It was asked before.")


def test_an_item_and_a_comment_have_one_too(database: Database) -> None:
    hall = Bringing(database, anonymity="anonymous")
    receipt = hall.bring(hall.students[0]).stored.receipt
    assert receipt is not None
    assert look(hall, hall.students[0], receipt.code).kind == "found"


@pytest.mark.parametrize("anonymity", ["named", "teacher", "pseudonym"])
def test_where_the_author_is_stored_there_is_none(database: Database, anonymity: str) -> None:
    hall = Hall(database, "questions", anonymity=anonymity)
    assert ask(hall, hall.students[0]).stored.receipt is None
    with database.read() as session:
        assert session.scalars(select(Contribution.receipt)).all() == [None]


def test_a_teacher_and_a_test_user_get_none(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="anonymous")
    assert ask(hall, hall.teacher).stored.receipt is None
    assert ask(hall, hall.join("robot", is_test=True)).stored.receipt is None


def test_wrong_ones_find_nothing_and_leave_no_trace(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="anonymous", hold_at=1)
    elsewhere = hall.another_course("other", anonymity="anonymous")
    mine, other = ask(hall, hall.students[0]), ask(elsewhere, elsewhere.students[0])
    report(hall, hall.students[1], mine.id)
    before = snapshot(database)
    for typed in (
        "",
        " - ",
        "K7FM-2XQA-AAAA-AAAA",
        code(mine)[:-1],
        code(mine) + "A",
        code(other),
        "\ud800",
        "x" * 999,
    ):
        with pytest.raises(NotFound, match="not known here"):
            look(hall, hall.students[0], typed)
        with pytest.raises(NotFound, match="not known here"):
            appeal(hall, hall.students[0], typed)
    with pytest.raises(NotFound):
        look(elsewhere, elsewhere.students[0], code(mine))
    with database.read() as session, pytest.raises(NotFound):  # the right activity, for somebody of another course
        appeals.with_receipt(session, elsewhere.students[0], hall.activity_id, code(mine))
    assert snapshot(database) == before


def test_an_appeal_is_put_before_the_teacher_and_answered(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="anonymous", hold_at=1)
    author, reporter, _ = hall.students
    posted = ask(hall, author)
    with pytest.raises(NotAllowed, match="Nothing keeps"):
        appeal(hall, author, code(posted))
    report(hall, reporter, posted.id)
    with pytest.raises(Refusal, match="few words"):
        appeal(hall, author, code(posted), " ")
    assert "looks at it again" in str(appeal(hall, author, code(posted)))
    assert marks(hall) == {posted.id: ("held", "reported", "appealed")}
    with database.read() as session:
        (case,) = cases.of(session, hall.teacher, review.queue(session, hall.teacher))
    assert (case.appeal, case.author.name) == ("It is only a question.", None)
    with pytest.raises(Refusal, match="once"):
        appeal(hall, author, code(posted), "Again!")
    decide(hall, posted.id, "restore")
    found = look(hall, author, code(posted))
    assert (status(hall, posted.id), found.upheld, found.may_appeal) == ("live", False, False)


def test_of_twenty_appeals_at_once_one_is_stored(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="anonymous", hold_at=1)
    posted = ask(hall, hall.students[0])
    report(hall, hall.students[1], posted.id)
    errors = at_once(*(lambda: appeal(hall, hall.students[0], code(posted)) for _ in range(20)))
    assert (len(errors), count(database, Appeal)) == (19, 1)
    assert all(isinstance(error, Refusal) for error in errors)


def rows(hall: Hall) -> dict[str, list[Any]]:
    """Every row of every table; on PostgreSQL with the transactions that last wrote and last held it."""
    marks = "" if hall.database.is_sqlite else "xmin::text, xmax::text, "
    with hall.database.read() as session:
        return {
            table.name: sorted(map(str, session.execute(text(f'SELECT {marks}* FROM "{table.name}"'))))
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.both_databases
def test_nothing_that_is_done_with_a_receipt_leads_to_a_person(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="anonymous", hold_at=1)
    posted = ask(hall, hall.students[0])
    report(hall, hall.students[1], posted.id)
    before = rows(hall)
    assert not any(as_typed(code(posted)) in as_typed(line) for lines in before.values() for line in lines)
    look(hall, hall.students[0], code(posted))
    assert rows(hall) == before
    hall.later(hours=1)
    appeal(hall, hall.students[0], code(posted))
    after = rows(hall)
    with database.read() as session:
        kept = session.execute(select(Appeal.person_id, Appeal.created_at)).one()
    assert tuple(kept) == (None, hall.now.replace(hour=0, minute=0, second=0, microsecond=0))
    written = {name for name in after if after[name] != before[name]}
    # PostgreSQL marks the text as held, for the appeal refers to it; no row of a person has any mark
    assert written == ({"appeal"} if database.is_sqlite else {"appeal", "contribution"})


def test_receipts_are_too_many_to_guess(database: Database) -> None:
    nobody = Stamp(None, Hall(database, "questions").now)
    found = {receipt.code for _ in range(300) if (receipt := receipts.issue(nobody, "live"))}
    assert len(found) == 300
    signs = "[2-9A-HJKMNP-TV-Z]"
    assert all(re.fullmatch(f"{signs}{{4}}(-{signs}{{4}}){{3}}", one) for one in found)
    assert len(set("".join(found)) - {"-"}) ** 16 > 2**78
