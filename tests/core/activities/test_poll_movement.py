"""First and last impression: how the class moved, as far as it can be known and as far as a reader may see it."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from scipy import stats

from core.activities import poll_closing, poll_movement, poll_results, poll_votes, poll_writing, polls, seats
from core.activities.poll_shapes import Places, Takes, Texts
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


def moves(hall: Hall, first: int, last: int, seat: seats.Seat | None = None) -> tuple[Any, ...]:
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


@pytest.mark.parametrize("kind", ["single", "several"])
def test_an_option_that_was_taken_out_keeps_those_who_had_chosen_it(database: Database, kind: str) -> None:
    hall = Hall(database, "poll", students=5)
    first = make(hall, kind, members_add=True)
    hall.do(poll_votes.add_option, hall.students[0], first, "My own", language="en", now=hall.now)
    last = hall.do(poll_writing.ask_again, hall.teacher, first, now=hall.now)
    hall.do(poll_closing.open_poll, hall.teacher, last, now=hall.now)
    other = look(hall, first).options[1].text
    answer(hall, first, last, *[("My own", other)] * 4, (other, "My own"))
    for poll_id in (first, last):
        mine = next(option.id for option in look(hall, poll_id).options if option.text == "My own")
        hall.do(poll_writing.decide_option, hall.teacher, poll_id, mine, live=False, now=hall.now)
    (move,) = moves(hall, first, last)
    assert move.twice == 5
    if kind == "single":
        assert dict(zip(move.names, zip(move.first, move.last, strict=True), strict=True))["My own"] == (4, 1)
        assert (move.changed, sum(move.first), sum(move.last)) == (5, 5, 5)
    else:
        (part,) = [part for part in move.parts if part.text == "My own"]
        assert (part.first, part.last, part.dropped, part.added) == (4, 1, 4, 1)


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


# ---- several, ranking, words, text ----


@pytest.mark.both_databases
@pytest.mark.parametrize("anonymous", [False, True])
def test_options_that_were_taken_are_counted_one_by_one(database: Database, anonymous: bool) -> None:
    """Against counting by hand from what was said."""
    hall = Hall(database, "poll", students=14)
    first, last = both(hall, "several", anonymous=anonymous)
    rng = random.Random(5)
    names = ("Red", "Green", "Blue")
    said = [tuple(tuple(rng.sample(names, rng.randint(1, 2))) for _ in range(2)) for _ in range(12)]
    answer(hall, first, last, *said, (("Red",), None), (None, ("Blue",)))
    (found,) = moves(hall, first, last)
    assert isinstance(found, Takes)
    assert (found.first_voters, found.last_voters, found.twice) == (13, 13, None if anonymous else 12)
    for part in found.parts:
        times = [sum(part.text in pair[which] for pair in said) for which in (0, 1)]
        assert (part.first, part.last) == (times[0] + (part.text == "Red"), times[1] + (part.text == "Blue"))
        assert found.share(part) == (part.first / 13, part.last / 13)
        known = [(part.text in before, part.text in after) for before, after in said]
        cells = [known.count(cell) for cell in ((True, True), (False, True), (True, False))]
        assert [part.kept, part.added, part.dropped] == ([None] * 3 if anonymous else cells)
    assert [part.text for part in found.parts] == list(names)


def test_what_gained_and_what_lost_most(database: Database) -> None:
    hall = Hall(database, "poll", students=4)
    first, last = both(hall, "several")
    red, green, both_of_them = ("Red",), ("Green",), ("Red", "Green")
    answer(hall, first, last, (red, green), (red, both_of_them), (red, green), (green, green))
    (found,) = moves(hall, first, last)
    assert (found.most.text, found.least.text) == ("Green", "Red")
    assert found.gain(found.parts[2]) == 0  # nobody took blue


def test_of_a_dozen_options_one_that_moves_needs_more_than_luck(database: Database) -> None:
    """Ten of ten changed from the second option to the first: 2/2^10 by luck, times three options looked at."""
    hall = Hall(database, "poll", students=10)
    first, last = both(hall, "several")
    answer(hall, first, last, *[(("Green",), ("Red",))] * 10)
    (found,) = moves(hall, first, last)
    assert [part.chance for part in found.parts] == [pytest.approx(3 * 2 / 2**10)] * 2 + [None]


def test_classmates_see_no_option_that_one_or_two_added(database: Database) -> None:
    hall = Hall(database, "poll", students=12)
    first, last = both(hall, "several")
    red, green = ("Red",), ("Green",)
    answer(hall, first, last, *[(red, red)] * 5, (red, green), *[(green, green)] * 6)
    (found,), (seen,) = moves(hall, first, last), moves(hall, first, last, hall.students[0])
    assert [(part.kept, part.added, part.dropped) for part in found.parts] == [(5, 0, 1), (6, 1, 0), (0, 0, 0)]
    hidden = [{part.kept, part.added, part.dropped} for part in seen.parts]
    assert not any({1, 2} & cells for cells in hidden)
    assert [(part.first, part.last) for part in seen.parts] == [(6, 5), (6, 7), (0, 0)]
    two = moves(hall, *_pair_of_two(hall), hall.students[0])[0]
    assert {part.kept for part in two.parts} == {None}


def _pair_of_two(hall: Hall) -> tuple[int, int]:
    pair = both(hall, "several")
    answer(hall, *pair, *[(("Red",), ("Red",))] * 2)
    return pair


@pytest.mark.both_databases
@pytest.mark.parametrize("anonymous", [False, True])
def test_a_ranking_moves_by_places(database: Database, anonymous: bool) -> None:
    hall = Hall(database, "poll", students=6)
    first, last = both(hall, "ranking", anonymous=anonymous)
    orders = list(itertools.permutations(("Tea", "Coffee", "Water")))
    said = [(orders[a], orders[b]) for a, b in ((0, 5), (1, 4), (2, 2), (3, 0), (4, 1))]
    answer(hall, first, last, *said, (None, orders[0]))
    (found,) = moves(hall, first, last)
    assert isinstance(found, Places)
    assert [line.last for line in found.lines] == sorted(line.last for line in found.lines)
    for line in found.lines:
        before = [pair[0].index(line.text) + 1 for pair in said]
        after = [pair[1].index(line.text) + 1 for pair in said]
        assert line.first == pytest.approx(sum(before) / 5)
        assert line.last == pytest.approx((sum(after) + orders[0].index(line.text) + 1) / 6)
        if anonymous:
            assert (line.gained, found.twice) == (None, None)
        else:
            steps = [b - a for b, a in zip(before, after, strict=True)]
            low, high = stats.t.interval(0.9, 4, loc=sum(steps) / 5, scale=stats.sem(steps))
            assert (line.gained.mean, line.gained.low, line.gained.high) == pytest.approx((sum(steps) / 5, low, high))
    risen = max(found.lines, key=lambda line: line.first - line.last)
    assert found.most == risen
    assert (found.height(1), found.height(3)) == (1, 0)


def test_two_people_s_lists_are_not_told_to_classmates(database: Database) -> None:
    hall = Hall(database, "poll")
    first, last = both(hall, "ranking")
    answer(hall, first, last, *[(("Tea", "Coffee", "Water"), ("Water", "Coffee", "Tea"))] * 2)
    assert moves(hall, first, last)[0].lines[0].gained.mean == 2
    assert [line.gained for line in moves(hall, first, last, hall.students[0])[0].lines] == [None] * 3


@pytest.mark.parametrize(
    ("before", "after", "compared"),
    [
        ({}, {"options": "Water\ntea\nMilk"}, ("tea", "Water")),  # counted among the two that both asked about
        ({"options": "Tea\nMilk"}, {"options": "Milk\nTea"}, ("Tea", "Milk")),
        ({"options": "Tea\nMilk"}, {"options": "Milk\nBeer"}, None),
        ({"places": "1"}, {"places": "1"}, ("Tea", "Coffee", "Water")),
        ({"places": "1"}, {"places": "2"}, None),
        ({"places": "1"}, {"places": "1", "options": "Tea\nCoffee"}, None),
    ],
)
def test_rankings_are_compared_where_that_makes_sense(
    database: Database, before: dict[str, str], after: dict[str, str], compared: tuple[str, ...] | None
) -> None:
    hall = Hall(database, "poll")
    pair = make(hall, "ranking", **before), make(hall, "ranking", **after)
    for poll_id, values in zip(pair, (before, after), strict=True):
        names = [option.text for option in look(hall, poll_id).options]
        order = sorted(names, key=lambda name: (name.casefold() != "tea", name != "Milk"))  # tea, milk, others
        vote(hall, poll_id, hall.students[0], *order[: int(values.get("places", len(names)))])
    found = compare(hall, *pair)
    assert (None if found == () else {line.text for line in found[0].lines}) == (compared and set(compared))
    if compared:
        assert found[0].lines[0].text.casefold() == "tea"
        assert (found[0].lines[0].first, found[0].lines[0].last) == (1, 1)


def compare(hall: Hall, first: int, last: int) -> tuple[Any, ...]:
    """The same for two polls that nothing ties."""
    with hall.database.read() as session:
        opened = seats.opened(session, hall.teacher, hall.public_id, "poll")
        found = [polls.find(session, hall.teacher, opened, poll, hall.now) for poll in (first, last)]
        return poll_movement.moves(session, hall.teacher, *found)


@pytest.mark.both_databases
@pytest.mark.parametrize("anonymous", [False, True])
def test_words_come_and_go(database: Database, anonymous: bool) -> None:
    """Inflections are one entry over both polls."""
    hall = Hall(database, "poll", students=5)
    first, last = both(hall, "words", anonymous=anonymous)
    answer(hall, first, last, ("doubt, fear", "hope"), ("doubts", "hopes"), ("fears", "hope, doubt"), ("joy", None))
    (found,) = moves(hall, first, last)
    assert [(part.text, part.first, part.last) for part in found.parts] == [
        ("hope", 0, 3),
        ("doubt", 2, 1),
        ("joy", 1, 0),
        ("fear", 2, 0),
    ]
    assert (found.first_voters, found.last_voters, found.twice) == (4, 3, None if anonymous else 3)
    assert (found.most.text, found.least.text) == ("hope", "fear")
    assert {part.kept for part in found.parts} == {None}


def test_a_word_that_is_hidden_in_one_of_the_two_is_not_told_by_the_other(database: Database) -> None:
    hall = Hall(database, "poll", students=4)
    first, last = both(hall, "words")
    answer(hall, first, last, ("villain", "hope"), ("hope", "villains"), ("villain", "hope"))
    hall.do(poll_results.hide, hall.teacher, last, "villains", hidden=True, now=hall.now)
    for seat in (hall.teacher, hall.students[0]):
        assert [part.text for part in moves(hall, first, last, seat)[0].parts] == ["hope"]
    hall.do(poll_results.report, hall.students[1], first, "hope", now=hall.now)
    assert moves(hall, first, last, hall.students[1])[0].parts == ()
    assert len(moves(hall, first, last, hall.students[0])[0].parts) == 1


def test_of_very_many_words_those_that_moved_are_shown(database: Database) -> None:
    hall = Hall(database, "poll", students=30)
    first, last = (make(hall, "words", entries="10") for _ in range(2))
    for at, student in enumerate(hall.students):
        vote(hall, first, student, f"went {at}, stays {at}")
        vote(hall, last, student, f"came {at}, stays {at}")
    (found,) = compare(hall, first, last)
    assert (len(found.parts), len(found.shown)) == (90, 40)
    assert {part.text.split()[0] for part in found.shown} == {"came", "went"}


def test_texts_stand_side_by_side_for_the_teacher_alone(database: Database) -> None:
    hall = Hall(database, "poll", students=8)
    first, last = both(hall, "text")
    same = [("Because.", "because.")] * 3
    answer(hall, first, last, ("No.", "Yes."), ("Perhaps.", "No."), ("Ah.", "Oh."), *same, ("Hm.", None))
    (found,) = moves(hall, first, last)
    assert (found.first_voters, found.last_voters, found.twice, found.changed) == (7, 6, 6, 3)
    pairs = [("Ah.", "Oh."), *same, ("No.", "Yes."), ("Perhaps.", "No.")]
    assert list(found.pairs) == pairs
    (seen,) = moves(hall, first, last, hall.students[1])
    assert (seen.pairs, seen.changed) == ((("Perhaps.", "No."),), 3)
    assert moves(hall, first, last, hall.students[7])[0].pairs == ()


def test_classmates_are_not_told_that_one_or_two_changed_their_text(database: Database) -> None:
    hall = Hall(database, "poll", students=5)
    first, last = both(hall, "text")
    answer(hall, first, last, ("No.", "Yes."), *[("Because.", "Because.")] * 4)
    assert moves(hall, first, last)[0].changed == 1
    assert moves(hall, first, last, hall.students[0])[0].changed is None


@pytest.mark.both_databases
@pytest.mark.parametrize("which", [(True, True), (True, False), (False, True)])
def test_of_anonymous_texts_there_are_no_pairs(database: Database, which: tuple[bool, bool]) -> None:
    hall = Hall(database, "poll", students=4)
    first, last = (make(hall, "text", **({"is_anonymous": True} if one else {})) for one in which)
    answer(hall, first, last, *[(f"First {at}.", f"Last {at}.") for at in range(4)])
    (found,) = compare(hall, first, last)
    assert found == Texts(4, 4, None)


def test_how_many_changed_is_not_told_where_it_would_tell_who(database: Database) -> None:
    """With all sums, and how many changed, the cells of two answers follow."""
    hall = Hall(database, "poll", students=9)
    first, last = make(hall, options="Yes\nNo"), make(hall, options="Yes\nNo")
    answer(hall, first, last, *[("Yes", "Yes")] * 4, *[("No", "No")] * 4, ("Yes", "No"))
    with database.read() as session:
        opened = seats.opened(session, hall.students[0], hall.public_id, "poll")
        found = [polls.find(session, hall.students[0], opened, poll, hall.now) for poll in (first, last)]
        (seen,) = poll_movement.moves(session, hall.students[0], *found)
    assert (seen.cells, seen.changed, seen.chance) == (((None, None), (None, None)), None, None)
    assert compare(hall, first, last)[0].changed == 1


def test_before_both_were_answered_nothing_has_moved(database: Database) -> None:
    hall = Hall(database, "poll")
    first, last = both(hall)
    answer(hall, first, last, (None, "Yes"))
    assert moves(hall, first, last) == ()


def test_a_last_impression_of_a_last_one_belongs_to_the_first(database: Database) -> None:
    hall = Hall(database, "poll")
    first, last = both(hall)
    third = hall.do(poll_writing.ask_again, hall.teacher, last, now=hall.now)
    assert look(hall, third).first_id == first
