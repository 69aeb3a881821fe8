"""What a class believes of its items: only what was drawn, each on its scale, and words that its interval bears."""

from __future__ import annotations

import pytest

from core.activities import item_beliefs
from core.activities.item_beliefs import Beliefs
from core.store.database import Database
from tests.core.activities.bringing import Bringing, found

DATABASES = ("sqlite",)


def judged(database: Database, *stars: tuple[int, ...], **settings: object) -> tuple[Bringing, list[int], Beliefs]:
    """Items of the first student, judged by the others: for each item the stars by student."""
    hall = Bringing(database, students=9, **settings)
    items = [hall.bring(hall.students[0], found(f"Item {place}")).id for place in range(len(stars))]
    for item, its in zip(items, stars, strict=True):
        hall.all_judge(item, its)
    return hall, items, believed(hall)


def believed(hall: Bringing) -> Beliefs:
    return hall.see(lambda s, who, o: item_beliefs.of_gallery(s, o), hall.teacher)


@pytest.mark.both_databases
def test_better_and_worse_ones_are_told_apart(database: Database) -> None:
    _, items, found_ = judged(database, (5,) * 8, (1,) * 8, *[(3, 2, 4, 3, 3, 2, 4, 3)] * 3)
    good, bad, usual = (found_.of[items[place]] for place in (0, 1, 2))
    assert good.mean > usual.mean > bad.mean
    assert [belief.standing for belief in (good, bad, usual)] == ["above", "below", "level"]
    assert good.low > found_.level > bad.high
    assert (good.given, found_.judges) == (8, 8)
    assert str(good.words) == "The class thinks more of it than of most."
    assert good.sides == {"relevant": 5, "clear": 5, "novel": 5}


def test_too_few_say_nothing(database: Database) -> None:
    _, items, found_ = judged(database, (5, 5), (1, 2, 1, 2))
    assert found_.of[items[0]].standing == "few"
    assert "Too few" in str(found_.of[items[0]].words)


def test_what_splits_a_class_is_pointed_out(database: Database) -> None:
    usual = [(3, 3, 4, 3, 2, 3, 3, 3), (3, 4, 3, 3, 3, 3, 2, 3), (2, 3, 3, 3, 3, 4, 3, 3), (4, 4, 4, 4, 3, 4, 4, 4)]
    _, items, found_ = judged(database, (5, 1, 5, 1, 5, 1, 5, 1), *usual)
    assert [found_.of[item].standing == "disputed" for item in items] == [True, False, False, False, False]


def test_only_what_was_drawn_counts(database: Database) -> None:
    hall, items, before = judged(database, (3, 3, 3, 3), (3, 4, 3, 4))
    for student in hall.students[5:]:
        hall.judge(student, items[0], 5)
    hall.drawn(hall.join("tester", is_test=True), items[0], counts=False)
    assert believed(hall) == before


def test_scales_can_change_during_a_term(database: Database) -> None:
    hall, items, _ = judged(database, (5, 5, 5), (2, 2, 2))
    for student, stars in ((hall.students[7], 5), (hall.students[8], 4)):
        hall.drawn(student, items[0], scale="stars", ratings={"rating": stars}, judged_at=hall.now)
    found_ = believed(hall)
    assert found_.of[items[0]].given == 5
    assert found_.of[items[0]].sides == {"relevant": 5, "clear": 5, "novel": 5, "rating": 4.5}


def test_hidden_and_changed_ones_are_left_out(database: Database) -> None:
    hall, items, _ = judged(database, (5, 5, 5), (2, 2, 2))
    hall.change(hall.students[0], items[1], found("Changed"))
    assert set(believed(hall).of) == {items[0]}
    hall.become(items[0], status="retired", retired_because="teacher")
    assert believed(hall) == Beliefs({}, 0.5, 0)


def test_each_gallery_its_own(database: Database) -> None:
    hall, items, _ = judged(database, (5, 5, 5))
    other = hall.another_course("-2")
    assert believed(other).of == {}
    assert set(believed(hall).of) == set(items)
