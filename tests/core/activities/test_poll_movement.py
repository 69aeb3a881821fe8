"""First and last impression: how the class moved, as far as it can be known and as far as a reader may see it."""

from __future__ import annotations

import pytest

from core.activities import poll_closing, poll_movement, poll_writing, polls, seats
from core.activities.poll_movement import Move
from core.store.database import Database
from tests.core.activities.ballots import look, make, vote
from tests.core.activities.hall import Hall

DATABASES = ("sqlite",)


def both(hall: Hall, kind: str = "single", *, anonymous: bool = False) -> tuple[int, int]:
    """A first impression and its last one."""
    first = make(hall, kind, is_anonymous=anonymous)
    last = hall.do(poll_writing.ask_again, hall.teacher, first, now=hall.now)
    hall.do(poll_closing.open_poll, hall.teacher, last, now=hall.now)
    return first, last


def moves(hall: Hall, first: int, last: int, seat: seats.Seat | None = None) -> tuple[Move, ...]:
    reader = seat or hall.teacher
    with hall.database.read() as session:
        opened = seats.opened(session, reader, hall.public_id, "poll")
        found = [polls.find(session, reader, opened, poll, hall.now) for poll in (first, last)]
        assert found[1].first_id == first
        return poll_movement.moves(session, reader, *found)


def answer(hall: Hall, first: int, last: int, *said: tuple[object, object]) -> None:
    for student, (before, after) in zip(hall.students, said, strict=False):
        for poll_id, words in ((first, before), (last, after)):
            if words is not None:
                vote(hall, poll_id, student, *(words if isinstance(words, tuple) else (words,)))


@pytest.mark.both_databases
def test_who_moved_where(database: Database) -> None:
    hall = Hall(database, "poll", students=6)
    first, last = both(hall)
    answer(hall, first, last, ("Yes", "No"), ("Yes", "No"), ("Yes", "Yes"), ("No", "No"), ("No", None), (None, "Yes"))
    (move,) = moves(hall, first, last)
    assert move.names == ("Yes", "No", "Perhaps")
    assert (move.first, move.last) == ((3, 2, 0), (2, 3, 0))
    assert (move.twice, move.changed) == (4, 2)
    assert move.cells == ((1, 2, 0), (0, 1, 0), (0, 0, 0))
    assert move.chance is None  # two who changed say nothing about the class


def test_classmates_see_no_cell_of_one_or_two(database: Database) -> None:
    hall = Hall(database, "poll", students=9)
    first, last = both(hall)
    answer(hall, first, last, *[("Yes", "No")] * 4, *[("No", "No")] * 3, ("Yes", "Yes"), ("No", "Yes"))
    assert moves(hall, first, last)[0].cells == ((1, 4, 0), (1, 3, 0), (0, 0, 0))
    (seen,) = moves(hall, first, last, hall.students[0])
    assert seen.cells is not None
    assert not {1, 2} & {cell for row in seen.cells for cell in row}
    assert (seen.first, seen.last) == ((5, 4, 0), (2, 7, 0))


def test_two_people_are_too_few_for_classmates(database: Database) -> None:
    hall = Hall(database, "poll")
    first, last = both(hall)
    answer(hall, first, last, ("Yes", "No"), ("Yes", "No"), ("Yes", None))
    assert moves(hall, first, last)[0].changed == 2
    (seen,) = moves(hall, first, last, hall.students[0])
    assert (seen.twice, seen.cells, seen.changed) == (2, None, None)


@pytest.mark.both_databases
def test_of_anonymous_polls_only_the_totals_are_known(database: Database) -> None:
    hall = Hall(database, "poll")
    first, last = both(hall, anonymous=True)
    answer(hall, first, last, ("Yes", "No"), ("Yes", "No"), ("No", "No"))
    (move,) = moves(hall, first, last)
    assert (move.first, move.last) == ((2, 1, 0), (0, 3, 0))
    assert (move.twice, move.cells, move.changed, move.chance, move.shift) == (None,) * 5


def test_a_rating_moves_by_so_much(database: Database) -> None:
    hall = Hall(database, "poll", students=6)
    first, last = both(hall, "rating")
    answer(
        hall,
        first,
        last,
        *((value, value + step) for value, step in zip((1, 2, 3, 1, 2, 3), (1, 2, 1, 2, 1, 2), strict=True)),
    )
    (move,) = moves(hall, first, last)
    assert (move.shift.twice, move.shift.mean) == (6, 1.5)
    assert move.shift.low > 0
    assert move.cells[0] == (0, 1, 1, 0, 0)


def test_a_number_moves_by_so_much_of_its_unit(database: Database) -> None:
    hall = Hall(database, "poll")
    first, last = both(hall, "number")
    answer(hall, first, last, ("2", "3.5"), ("1", "1"), ("4", "4.5"))
    (move,) = moves(hall, first, last)
    assert (move.shift.mean, move.cells) == (pytest.approx(2 / 3), None)


def test_a_quiz_moves_line_by_line(database: Database) -> None:
    hall = Hall(database, "poll")
    first, last = both(hall, "quiz")
    answer(hall, first, last, ((0, 1), (1, 1)), ((0,), (2, 3)), ((1, 1), (1, 2)))
    add, divide = moves(hall, first, last)
    assert (add.about, add.twice, add.changed, add.shift.mean) == ("I can add", 3, 2, 1.0)
    assert (divide.twice, divide.first_voters, divide.last_voters) == (2, 2, 3)


def test_options_are_the_same_where_they_read_the_same(database: Database) -> None:
    hall = Hall(database, "poll")
    first, last = make(hall, options="Yes\nNo"), make(hall, options="no \nYES\nPerhaps")
    answer(hall, first, last, ("Yes", "YES"), ("No", "Perhaps"), ("Yes", "no"))
    with database.read() as session:
        opened = seats.opened(session, hall.teacher, hall.public_id, "poll")
        found = [polls.find(session, hall.teacher, opened, poll, hall.now) for poll in (first, last)]
        (move,) = poll_movement.moves(session, hall.teacher, *found)
    assert (move.names, move.first) == (("no", "YES", "Perhaps"), (1, 2, 0))
    assert move.cells == ((0, 0, 1), (1, 1, 0), (0, 0, 0))


@pytest.mark.parametrize("kind", ["several", "ranking", "words", "text"])
def test_what_cannot_be_compared_one_to_one_is_not(database: Database, kind: str) -> None:
    hall = Hall(database, "poll")
    assert moves(hall, *both(hall, kind)) == ()


def test_a_last_impression_of_a_last_one_belongs_to_the_first(database: Database) -> None:
    hall = Hall(database, "poll")
    first, last = both(hall)
    third = hall.do(poll_writing.ask_again, hall.teacher, last, now=hall.now)
    assert look(hall, third).first_id == first
