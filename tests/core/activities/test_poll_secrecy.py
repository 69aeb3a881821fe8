"""What an anonymous poll promises: whoever holds the database cannot say who answered what.

The proof is by exchange: two polls with the same voters and the same totals, in which other people said other things in
another order, leave the same rows. What PostgreSQL keeps besides (which transaction wrote a row) is one transaction for
all of them once the poll is closed.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from core.activities import answer_review, credit, poll_closing, poll_results, poll_settings, poll_votes, polls
from core.activities.refusals import NotFound
from core.activities.seats import Seat
from core.polling.kinds import KINDS
from core.store.database import Database
from core.store.tables import Ballot, Base, Grade, PollCount, PollOption, Voter
from tests.core.activities.ballots import SAYS, look, make, vote
from tests.core.activities.hall import Hall

DATABASES = ("postgresql",)
SECRET = ("voter", "poll_count", "hidden_answer", "answer_report")


def dump(hall: Hall, table: str, columns: str = "*") -> list[Any]:
    """The rows as they lie there: no order is asked for."""
    with hall.database.read() as session:
        return [tuple(row) for row in session.execute(text(f'SELECT {columns} FROM "{table}"'))]


def of_poll(hall: Hall, poll_id: int) -> dict[str, list[Any]]:
    """All rows of a poll but its own, with options by their place instead of their number."""
    place = {option.id: at for at, option in enumerate(look(hall, poll_id).options)}
    found: dict[str, list[Any]] = {
        table: [row[1:] for row in dump(hall, table) if row[0] == poll_id] for table in SECRET
    }
    found["poll_count"] = [
        (place.get(option, 0), f"-{place[-int(value)]}" if option and value.startswith("-") else value, number)
        for option, value, number in found["poll_count"]
    ]
    if not hall.database.is_sqlite:  # which puts rows where there is room, all of them in one transaction
        found = {table: sorted(rows) for table, rows in found.items()}
    return found


@pytest.mark.both_databases
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_who_said_what_and_in_which_order_leaves_no_trace(database: Database, kind: str) -> None:
    hall = Hall(database, "poll")
    one, other = make(hall, kind, is_anonymous=True), make(hall, kind, is_anonymous=True)
    said = [*SAYS[kind][:2], SAYS[kind][2]]
    for student, words in zip(hall.students, said, strict=True):
        vote(hall, one, student, *words)
        hall.later(minutes=7)
    for student, words in zip(reversed(hall.students), [said[1], said[0], said[2]], strict=True):
        vote(hall, other, student, *words)
        hall.later(minutes=3)
    assert of_poll(hall, one) == of_poll(hall, other)
    assert dump(hall, "ballot") == []


@pytest.mark.parametrize("kind", ["single", "words", "text"])
def test_postgresql_does_not_remember_which_transaction_wrote_what(database: Database, kind: str) -> None:
    """SQLite keeps no transaction numbers, and these tables have no row numbers there."""
    hall = Hall(database, "poll")
    poll_id = make(hall, kind, is_anonymous=True, members_add=kind == "single")
    if kind == "single":
        hall.do(poll_votes.add_option, hall.students[1], poll_id, "My own", language="en", now=hall.now)
    for student, words in zip(hall.students, SAYS[kind], strict=True):
        vote(hall, poll_id, student, *words)
    hall.do(poll_closing.close, hall.teacher, poll_id, now=hall.now)
    writers = {row[0] for table in ("voter", "poll_count", "poll_option") for row in dump(hall, table, "xmin::text")}
    assert len(writers) == 1


def everything(hall: Hall) -> dict[str, set[Any]]:
    return {table.name: set(map(str, dump(hall, table.name))) for table in Base.metadata.sorted_tables}


@pytest.mark.both_databases
@pytest.mark.parametrize("kind", ["single", "words", "text", "ranking"])
def test_the_moment_of_an_answer_is_kept_nowhere(database: Database, kind: str) -> None:
    hall = Hall(database, "poll", points=10.0, credit={"ballot": 1})
    poll_id = make(hall, kind, is_anonymous=True)
    before = everything(hall)
    hall.later(hours=3, minutes=14, seconds=15)
    vote(hall, poll_id, hall.students[0], *SAYS[kind][0])
    new = {name: rows - before[name] for name, rows in everything(hall).items()}
    changed = {name for name, rows in new.items() if rows}
    assert changed <= {"voter", "poll_count", "poll", "wall"}
    moment = {hall.now.strftime("%H:%M:%S"), f"{hall.now.hour}, {hall.now.minute}, {hall.now.second}"}
    assert not [row for rows in new.values() for row in rows if any(stamp in row for stamp in moment)]


@pytest.mark.both_databases
def test_no_table_has_a_person_beside_an_answer(database: Database) -> None:
    """Nor a row number that would tell the order of voting."""
    of_answers = {column.name for table in (PollCount, PollOption) for column in table.__table__.columns}
    assert "person_id" not in of_answers
    assert {column.name for column in Voter.__table__.columns} == {"poll_id", "person_id", "counts"}
    hall = Hall(database, "poll")
    poll_id = make(hall, is_anonymous=True, members_add=True)
    hall.do(poll_votes.add_option, hall.students[0], poll_id, "My own", language="en", now=hall.now)
    with database.read() as session:
        assert set(session.scalars(select(PollOption.added_by))) == {None}
        assert session.scalars(select(Ballot.id)).all() == []
        if database.is_sqlite:
            for table in SECRET:
                (made,) = session.execute(
                    text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table}
                ).one()
                assert "WITHOUT ROWID" in made
        assert {column["name"] for column in inspect(session.connection()).get_columns("voter")} == {
            "poll_id",
            "person_id",
            "counts",
        }


@pytest.mark.both_databases
def test_no_grade_moves_when_somebody_answers(database: Database) -> None:
    hall = Hall(database, "poll", points=10.0, credit={"ballot": 1})
    poll_id = make(hall, is_anonymous=True)
    for student in hall.students:
        vote(hall, poll_id, student, "Yes")
        assert dump(hall, "grade") == []
    hall.later(hours=1)
    hall.do(poll_closing.close, hall.teacher, poll_id, now=hall.now)
    with database.read() as session:
        assert len(session.scalars(select(Grade.id)).all()) == 3
        assert set(session.scalars(select(Grade.submitted_at))) == {hall.now}


@pytest.mark.both_databases
def test_the_teacher_s_list_does_not_say_who_has_answered_while_the_poll_is_open(database: Database) -> None:
    hall = Hall(database, "poll", points=10.0, credit={"ballot": 1})
    poll_id = make(hall, is_anonymous=True)
    vote(hall, poll_id, hall.students[0], "Yes")

    def done() -> list[float]:
        return hall.see(
            lambda s, seat, o: [line.score for line in credit.lines(s, seat, o, poll_settings.of(o))], hall.teacher
        )

    assert done() == [0.0, 0.0, 0.0]
    hall.do(poll_closing.close, hall.teacher, poll_id, now=hall.now)
    assert done() == [10.0, 0.0, 0.0]


@pytest.mark.both_databases
def test_a_hidden_word_keeps_only_the_day(database: Database) -> None:
    hall = Hall(database, "poll")
    poll_id = make(hall, "words", is_anonymous=True)
    hall.later(hours=3, minutes=14)
    vote(hall, poll_id, hall.students[0], "shit")
    (row,) = dump(hall, "hidden_answer", "hidden_at")
    assert "00:00:00" in str(row[0])


@pytest.mark.both_databases
def test_what_one_has_answered_is_not_even_told_to_oneself(database: Database) -> None:
    hall = Hall(database, "poll")
    poll_id = make(hall, is_anonymous=True)
    for student in hall.students:
        vote(hall, poll_id, student, "Yes")
    mine = hall.see(polls.mine, hall.students[0])[poll_id]
    assert mine.answer is None
    with database.read() as session:
        assert sum(poll_results.counts_of(session, poll_id).values()) == 3


def asked(hall: Hall, poll_id: int, seat: Seat, word: str) -> str:
    """What reporting this word says."""
    try:
        return str(hall.do(poll_results.report, seat, poll_id, word, now=hall.now))
    except NotFound as error:
        return str(error.sentence)


@pytest.mark.parametrize(
    ("values", "answer_first"),
    [({"results": "after_close"}, True), ({"results": "after_vote"}, False), ({"is_anonymous": True}, True)],
)
@pytest.mark.both_databases
def test_reporting_does_not_say_whether_somebody_wrote_what_one_is_not_shown(
    database: Database, values: dict[str, Any], answer_first: bool
) -> None:
    """Nor can a few people hide a word before anybody has seen it."""
    hall = Hall(database, "poll", students=3, hold_at=1)
    poll_id, (anna, ben, _) = make(hall, "words", **values), hall.students
    vote(hall, poll_id, anna, "hope")
    if answer_first:
        vote(hall, poll_id, ben, "fear")
    assert asked(hall, poll_id, ben, "hope") == asked(hall, poll_id, ben, "nonsense")
    assert dump(hall, "answer_report") == dump(hall, "hidden_answer") == []


@pytest.mark.both_databases
def test_neither_does_hiding_while_nothing_of_an_anonymous_poll_is_shown(database: Database) -> None:
    hall = Hall(database, "poll", students=3)
    poll_id = make(hall, "words", is_anonymous=True)
    vote(hall, poll_id, hall.students[0], "hope, shit")
    for word in ("hope", "shit"):
        with pytest.raises(NotFound):
            hall.do(poll_results.hide, hall.teacher, poll_id, word, hidden=True, now=hall.now)
    with database.read() as session:
        assert answer_review.waiting(session, hall.teacher) == []  # it waits until it may be seen
    for student in hall.students[1:]:
        vote(hall, poll_id, student, "fear")
    with database.read() as session:
        assert [answer.text for answer in answer_review.waiting(session, hall.teacher)] == ["shit"]
    hall.do(poll_results.hide, hall.teacher, poll_id, "hope", hidden=True, now=hall.now)


def test_what_is_hidden_is_not_told_by_a_report(database: Database) -> None:
    hall = Hall(database, "poll", students=3)
    poll_id, (anna, ben, cleo) = make(hall, "words"), hall.students
    vote(hall, poll_id, anna, "shit, hope")
    assert asked(hall, poll_id, ben, "shit") == asked(hall, poll_id, ben, "nonsense")
    assert asked(hall, poll_id, ben, "hope").startswith("Reported.")
    assert asked(hall, poll_id, ben, "hope").startswith("Reported.")  # pressed twice
    hall.do(poll_results.hide, hall.teacher, poll_id, "hope", hidden=True, now=hall.now)
    assert asked(hall, poll_id, cleo, "hope") == asked(hall, poll_id, cleo, "nonsense")
