"""What came of an exposure: ratings 0 to 10, one vote a person, and the reward of help."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activities import exposures
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Seat
from core.store.database import Database
from core.store.tables import Exposure
from tests.core.activities.classroom import (
    LONG,
    NOW,
    Classroom,
    Said,
    free_text,
    numbered,
    one_choice,
    short_text,
    snapshot,
)
from tests.core.activities.test_people import together


def shown(database: Database) -> tuple[Classroom, Seat, int, int]:
    """A class with one text; a reader was shown it: (room, reader, exposure, text)."""
    room = Classroom(database)
    (text,) = room.pool(1)
    reader = room.students[0]
    room.answer(reader)
    return room, reader, room.exposures()[-1].id, text


def test_a_rating_moves_the_text_and_is_seen_again(database: Database) -> None:
    room, reader, exposure, text = shown(database)
    room.rate(reader, exposure, 7)
    assert room.arm(text) == (1, 1, 7, 49)
    assert room.task(reader).slot("explanation")[0].points == 7
    (row,) = room.exposures()
    assert (row.points, row.outcome, row.outcome_at) == (7, "rated", NOW)


@pytest.mark.parametrize("ratings", [(0, 10), (10, 0, 5), (3, 3)])
def test_rating_again_replaces(database: Database, ratings: tuple[int, ...]) -> None:
    room, reader, exposure, text = shown(database)
    for rating in ratings:
        room.rate(reader, exposure, rating)
    assert room.arm(text) == (1, 1, ratings[-1], ratings[-1] ** 2)
    assert room.differences() == []


@pytest.mark.parametrize("rating", [-1, 11, 10**9])
def test_a_rating_out_of_range_is_refused(database: Database, rating: int) -> None:
    room, reader, exposure, _ = shown(database)
    before = snapshot(database)
    with pytest.raises(Refusal, match="outside 0 to 10"):
        room.rate(reader, exposure, rating)
    assert snapshot(database) == before


def test_only_who_was_shown_a_text_rates_it(database: Database) -> None:
    room, reader, exposure, _ = shown(database)
    elsewhere = room.another_course("other")
    elsewhere.pool(1)
    elsewhere.answer(elsewhere.students[0])
    foreign = room.exposures(Exposure.course_id == elsewhere.course_id)[-1].id
    same_person_elsewhere = Seat(room.platform_id, elsewhere.course_id, reader.person_id, "student")
    before = snapshot(database)
    for seat, number in (
        (room.students[1], exposure),
        (room.students[-1], exposure),  # its author
        (room.teacher, exposure),
        (reader, foreign),
        (same_person_elsewhere, exposure),
        (reader, 10**9),
    ):
        with pytest.raises(NotFound, match="not shown to you here"):
            room.rate(seat, number, 10)
    assert snapshot(database) == before


def test_one_human_has_one_vote_however_often_a_text_comes_back(database: Database) -> None:
    room, reader, exposure, text = shown(database)
    room.rate(reader, exposure, 2)
    for _ in range(5):
        again = room.another(reader)
        assert again is not None
        assert {shown_text.points for shown_text in room.task(reader).slot("explanation")} <= {2, 10}
        room.rate(reader, again, 10)
    assert room.arm(text) == (6, 1, 10, 100)
    second = room.again("second", room.problems[0])
    second.answer(reader)
    room.rate(reader, second.exposures()[-1].id, 4)
    assert room.arm(text) == (7, 1, 4, 16)
    assert room.differences() == []


def test_ratings_from_many_windows_at_once_are_one(database: Database) -> None:
    room, reader, exposure, text = shown(database)
    second = room.another(reader)
    assert second is not None
    together(12, lambda place: room.rate(reader, (exposure, second)[place % 2], place % 11))
    arm = room.arm(text)
    assert arm[:2] == (2, 1)
    assert arm[3] == arm[2] ** 2
    assert room.differences() == []


@settings(deadline=None, max_examples=10)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 10)), max_size=12))
def test_sums_are_those_of_the_last_ratings(given_ratings: list[tuple[int, int]]) -> None:
    """Without a database: what `rate` adds to an arm, over any order of ratings and re-ratings by three people."""
    last: dict[int, int] = {}
    count = points = squares = 0
    for person, rating in given_ratings:
        more, change, change_of_squares = exposures.change_of(last.get(person), rating)
        count, points, squares = count + more, points + change, squares + change_of_squares
        last[person] = rating
    assert (count, points, squares) == (len(last), sum(last.values()), sum(value**2 for value in last.values()))


def stuck(database: Database, *, settings: PracticeSettings | None = None) -> tuple[Classroom, Seat, int]:
    """Three problems; a classmate's worked example for the first one was shown to a student who got it wrong."""
    room = Classroom(
        database,
        one_choice("A"),
        free_text("B"),
        short_text("C"),
        one_choice("D"),
        settings=settings or PracticeSettings(),
    )
    author, reader, _ = room.students
    room.answer(author)
    text = room.explain(author, kind="worked_example").id
    room.answer(reader, right=False)
    assert room.help(reader) is not None
    return room, reader, text


@pytest.mark.parametrize(("right", "points"), [(True, 10), (False, 0)])
def test_help_is_rewarded_by_the_first_answer_to_the_next_problem(database: Database, right: bool, points: int) -> None:
    room, reader, text = stuck(
        database, settings=PracticeSettings(key_shown="after_attempts", attempts=2, examples_shown="after_wrong")
    )
    a, b, c, d = room.problems
    room.answer(reader, a)  # the same problem again is not the next one
    room.answer(reader, b)  # nothing is scored there
    assert room.arm(text) == (1, 0, 0, 0)
    room.answer(reader, c, right=right)
    assert room.arm(text) == (1, 1, points, points**2)
    (row,) = room.exposures(Exposure.slot == "help")
    assert (row.points, row.outcome) == (points, "next_right" if right else "next_wrong")
    if not right:
        room.answer(reader, c)  # a second try comes too late
    room.answer(reader, d, right=not right)
    assert room.arm(text) == (1, 1, points, points**2)
    assert room.differences() == []


def test_partly_right_is_not_right(database: Database) -> None:
    room, reader, text = stuck(database)
    room.answer(reader, room.problems[2], said=Said(text="lutetia"))
    assert room.arm(text) == (1, 1, 0, 0)


def test_an_outcome_counts_once_a_person_and_text(database: Database) -> None:
    room, reader, text = stuck(database)
    for _ in range(4):  # clicking on cannot push a text
        room.help(reader)
    room.answer(reader, room.problems[2])
    assert room.arm(text) == (5, 1, 10, 100)
    room.help(reader)
    room.answer(reader, room.problems[3])
    assert room.arm(text) == (6, 1, 10, 100)
    assert room.differences() == []


def test_help_is_not_rated(database: Database) -> None:
    room, reader, _ = stuck(database)
    (row,) = room.exposures(Exposure.slot == "help")
    with pytest.raises(NotFound):
        room.rate(reader, row.id, 10)


def test_all_that_helped_is_rewarded(database: Database) -> None:
    room, reader, text = stuck(database)
    hint = room.hint("Think of pairs.").id
    room.help(reader)
    room.answer(reader, room.problems[2])
    assert room.arm(text) == room.arm(hint) == (1, 1, 10, 100)


def test_hints_while_the_answer_is_open_examples_when_it_is_known(database: Database) -> None:
    room = Classroom(database, settings=PracticeSettings(key_shown="after_attempts", attempts=2))
    author, reader, _ = room.students
    room.answer(author)
    example = room.explain(author, kind="worked_example").id
    assert room.help(reader) is None
    hint = room.hint("Think of pairs.").id
    room.help(reader)
    room.answer(reader, right=False)
    room.help(reader)
    assert [row.contribution_id for row in room.exposures(Exposure.slot == "help")] == [hint, hint]
    room.answer(reader, right=False)
    room.help(reader)
    mine = room.exposures(Exposure.slot == "help", Exposure.person_id == reader.person_id)
    assert mine[-1].contribution_id == example


def test_a_teacher_may_allow_examples_after_a_wrong_answer(database: Database) -> None:
    room = Classroom(
        database, settings=PracticeSettings(key_shown="after_attempts", attempts=3, examples_shown="after_wrong")
    )
    author, reader, _ = room.students
    room.answer(author)
    room.explain(author, kind="worked_example")
    assert not room.task(reader).may_see_examples
    assert room.help(reader) is None
    room.answer(reader, right=False)
    task = room.task(reader)
    assert (task.may_see_examples, task.key) == (True, ())
    room.help(reader)
    assert [text.text for text in room.task(reader).slot("help")] == [LONG]


def test_both_kinds_of_help_compete_in_one_pool(database: Database) -> None:
    room = Classroom(database, students=5)
    for place, author in enumerate(room.students[:3]):
        room.answer(author)
        room.explain(author, numbered(place), kind="worked_example")
    room.hint("Think of pairs.")
    reader = room.students[4]
    room.answer(reader, right=False)
    room.help(reader)
    (row,) = room.exposures(Exposure.slot == "help")
    assert (row.pool_size, row.eligible_size) == (4, 4)
