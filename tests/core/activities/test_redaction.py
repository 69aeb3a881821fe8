"""Personal words go from everywhere that they are stored in, and only it is kept that they went."""

from __future__ import annotations

import io

import pytest
from PIL import Image as Picture
from sqlalchemy import select, text

from core.activities import appeals, redaction
from core.activities.refusals import NotFound, Refusal
from core.problems.images import CleanImage
from core.store.database import Database
from core.store.tables import Base, Contribution, Decision, Draft, Image, Item, Question
from tests.core.activities.classroom import LONG, Classroom, count, snapshot
from tests.core.activities.hall import Hall
from tests.core.activities.said import decide, marks, report, say, status, version

MAIL = "anna.b@uni-x.de"


def redact(hall: Hall, number: int, *passages: str, everything: bool = False) -> int:
    with hall.database.write() as session:
        return redaction.redact(session, hall.teacher, number, passages, everything=everything, now=hall.now)


def stored_words(database: Database) -> str:
    """Everything that the tables hold."""
    return repr(snapshot(database))


def test_seeded_words_are_suggested_and_then_stand_in_no_row(database: Database) -> None:
    hall = Hall(database, "questions", hold_at=50)
    author, reader, other = hall.students
    number = say(hall, author, f"Write to {MAIL} or call 555-234-5678.", anyway=True)
    quoting = say(hall, other, f"Why does she write “{MAIL.upper()}”?", kind="comment", parent_id=number, anyway=True)
    report(hall, reader, number, f"{MAIL} is her private address")
    with database.write() as session:
        session.execute(
            Question.__table__.insert().values(
                contribution_id=number, activity_id=hall.activity_id, title=f"Ask {MAIL}", votes=0, seen=0
            )
        )
    decide(hall, quoting, "retire", f"It names {MAIL}.")
    with database.write() as session:
        appeals.appeal(session, other, hall.activity_id, quoting, f"But {MAIL} is known!", now=hall.now)
        looked = redaction.look(session, hall.teacher, number)
    assert looked.suggested == (MAIL, "555-234-5678")
    before = version(hall)
    assert redact(hall, number, *looked.suggested) == 7
    words = stored_words(database)
    assert MAIL not in words
    assert MAIL.upper() not in words
    assert "555-234-5678" not in words
    with database.read() as session:
        assert session.scalar(select(Contribution.text).where(Contribution.id == number)) == "Write to […] or call […]."
        assert session.scalars(select(Decision.action).order_by(Decision.id.desc())).first() == "redact"
    assert (status(hall, number), version(hall) > before) == ("live", True)


def test_drafts_and_other_versions_of_a_problem_s_text_lose_them_too(database: Database) -> None:
    room = Classroom(database)
    author = room.students[0]
    room.answer(author)
    first = room.explain(author, f"{LONG} Ask {MAIL}.").id
    room.explain(author, f"{LONG} Or ask {MAIL} again.")
    with room.write() as session:
        session.execute(
            Draft.__table__.insert().values(
                person_id=author.person_id,
                activity_id=room.activity_id,
                problem_id=room.problems[0],
                kind="explanation",
                text=f"ask {MAIL}",
                saved_at=room.now,
            )
        )
    with room.write() as session:
        assert redaction.redact(session, room.teacher, first, [MAIL], now=room.now) == 3
    assert MAIL not in stored_words(database)
    assert room.differences() == []


def test_a_copy_that_a_later_class_inherited_loses_them(database: Database) -> None:
    hall = Hall(database, "questions")
    later = hall.another_course("later")
    number = say(hall, hall.students[0], f"Ask {MAIL}.", anyway=True)
    copy = say(later, later.teacher, f"Ask {MAIL}.")
    unrelated = say(later, later.students[0], f"I am {MAIL}.", anyway=True)
    with database.write() as session:
        session.execute(text(f"UPDATE contribution SET inherited_from_id = {number} WHERE id = {copy}"))
    before = version(later)
    redact(hall, number, MAIL)
    with database.read() as session:
        words = {row.id: row.text for row in session.execute(select(Contribution.id, Contribution.text))}
    assert words == {
        number: "Ask […].",
        copy: "Ask […].",
        unrelated: f"I am {MAIL}.",
    }  # another course's own texts stay
    assert version(later) > before


def picture(colour: str) -> CleanImage:
    data = io.BytesIO()
    Picture.new("RGB", (8, 8), colour).save(data, "PNG")
    return CleanImage("image/png", 8, 8, data.getvalue())


def item(hall: Hall, number: int, colour: str) -> None:
    from core.activities import pictures

    with hall.database.write() as session:
        image = pictures.keep(session, hall.course_id, picture(colour))
        session.execute(
            Item.__table__.insert().values(
                contribution_id=number,
                activity_id=hall.activity_id,
                title=f"By {MAIL}",
                body="",
                url=f"https://example.org/{MAIL}",
                image_id=image,
                image_alt="Anna",
                source="",
                licence="",
                judged=0,
            )
        )


def test_everything_of_an_item_goes_with_its_picture(database: Database) -> None:
    hall = Hall(database, "gallery")
    first = say(hall, hall.students[0], "It shows a face.", kind="found")
    second = say(hall, hall.students[1], "It shows a cat.", kind="found")
    third = say(hall, hall.students[1], "It shows that cat.", kind="found")
    for number, colour in ((first, "red"), (second, "blue"), (third, "blue")):
        item(hall, number, colour)
    assert count(database, Image) == 2
    redact(hall, first, everything=True)
    redact(hall, second, everything=True)
    assert count(database, Image) == 1  # the third item still shows the blue one
    with database.read() as session:
        columns = (Contribution.text, Item.title, Item.url, Item.image_id)
        joined = select(*columns).join(Item, Item.contribution_id == Contribution.id)
        rows = session.execute(joined.order_by(Contribution.id)).all()
    assert [tuple(row) for row in rows[:2]] == [("[…]", "[…]", None, None)] * 2
    assert rows[2].image_id is not None
    assert [status(hall, number) for number in (first, second, third)] == ["retired", "retired", "live"]


def test_what_cannot_be_meant_is_refused_and_nothing_changes(database: Database) -> None:
    hall = Hall(database, "questions")
    elsewhere = hall.another_course("other")
    number = say(hall, hall.students[0], "Ask Ms Li in room 3.")
    before = snapshot(database)
    for passages, match in (
        ((), "Say which words"),
        (("  ",), "Say which words"),
        (("Li",), "too short"),
        (("Ms Wu",), "does not stand in this text"),
        (tuple(f"w{place:03}" for place in range(21)), "20 passages"),
    ):
        with pytest.raises(Refusal, match=match):
            redact(hall, number, *passages)
    for teacher in (elsewhere.teacher,):
        with pytest.raises(NotFound), database.write() as session:
            redaction.redact(session, teacher, number, ["Ms Li"], now=hall.now)
        with pytest.raises(NotFound), database.read() as session:
            redaction.look(session, teacher, number)
    assert snapshot(database) == before


@pytest.mark.parametrize("passage", ["100%", "a_b", "x\\y", "(a+)+", "ÄRGER"])
def test_signs_that_mean_something_to_a_database_or_a_pattern_are_letters(database: Database, passage: str) -> None:
    hall = Hall(database, "questions")
    number = say(hall, hall.students[0], f"Here: {passage}, there: ab 1000 aXb.")
    redact(hall, number, passage)
    with database.read() as session:
        assert session.scalar(select(Contribution.text)) == "Here: […], there: ab 1000 aXb."


def test_every_column_of_people_s_words_is_cleaned_or_named_here() -> None:
    """A new column of free text must be added to `redaction._purge`, or to this list with its reason."""
    others = {
        "named by the LMS": {"person", "course", "membership", "resource_link", "platform"},
        "the teacher's own, and tags, which the teacher renames": {
            "activity", "problem", "archive", "tag", "poll", "prompt",
        },
        "named by Slack or its users": {"slack_workspace", "channel", "slack_user"},
        "answers that only their author and the teacher see": {"attempt"},
        "answers to polls, which the teacher hides there": {
            "poll_option", "ballot", "poll_count", "hidden_answer", "answer_report",
        },
        "names of files, keys, sums, made-up names, and what machines say": {
            "problem_image", "grade", "registration", "tool_key", "key_set", "access_token", "launch_state", "chore",
            "launch_session", "survival_model", "task_exposure", "task_record", "image", "pseudonym", "judgement",
            "slack_message", "slack_direct", "term",
        },
    }  # fmt: skip
    cleaned = {"contribution", "draft", "report", "appeal", "decision", "question", "item"}
    known = cleaned.union(*others.values())
    texts = {
        table.name
        for table in Base.metadata.sorted_tables
        if any(str(column.type).upper().startswith(("TEXT", "JSON")) for column in table.columns)
    }
    assert texts - known == set()


def test_a_redaction_leaves_the_queue_as_it_was(database: Database) -> None:
    hall = Hall(database, "questions")
    number = say(hall, hall.students[0], f"Ask {MAIL}.", anyway=True)
    report(hall, hall.students[1], number)
    redact(hall, number, MAIL)
    assert marks(hall) == {number: ("reported",)}
