"""What the teacher picks to talk about: an order that two teachers can change, and slides that show no hidden name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.activities import seats, talking_points
from core.activities.paging import Paged
from core.activities.refusals import NotFound
from core.store.database import Database
from tests.core.activities.gallery_hall import HOW, Gallery
from tests.core.activities.test_people import together


def titles(gallery: Gallery) -> list[str]:
    return [slide.title for slide in gallery.see(talking_points.slides, gallery.teacher, gallery.settings)]


def three(database: Database) -> tuple[Gallery, list[int]]:
    gallery = Gallery(database)
    items = [gallery.item(gallery.students[0], name) for name in "abc"]
    for item in items:
        gallery.do(talking_points.pick, gallery.teacher, item)
    return gallery, items


def test_they_come_in_the_teachers_order(database: Database) -> None:
    gallery, (a, b, c) = three(database)
    assert titles(gallery) == ["a", "b", "c"]
    gallery.do(talking_points.move, gallery.teacher, c, by=-1)
    assert titles(gallery) == ["a", "c", "b"]
    gallery.do(talking_points.move, gallery.teacher, a, by=5)  # at an end it stays
    assert titles(gallery) == ["c", "b", "a"]
    gallery.do(talking_points.pick, gallery.teacher, c)  # it is there
    gallery.do(talking_points.drop, gallery.teacher, b)
    assert titles(gallery) == ["c", "a"]
    assert [slide.place for slide in gallery.see(talking_points.picked, gallery.teacher, gallery.settings)] == [0, 1]
    left = gallery.see(talking_points.to_pick, gallery.teacher, gallery.settings)
    assert [slide.title for slide in left.items] == ["b"]
    with pytest.raises(NotFound):
        gallery.do(talking_points.move, gallery.teacher, b, by=1)


def test_what_is_hidden_is_no_slide_and_keeps_its_place_in_the_list(database: Database) -> None:
    gallery, (a, b, c) = three(database)
    gallery.become(b, status="held")
    assert titles(gallery) == ["a", "c"]
    gallery.do(talking_points.move, gallery.teacher, c, by=-1)
    assert titles(gallery) == ["c", "a"]
    gallery.become(b, status="live")
    assert titles(gallery) == ["c", "a", "b"]
    gallery.become(a, status="retired")
    assert titles(gallery) == ["c", "b"]


@pytest.mark.parametrize("status", ["pending", "held", "retired", "kept"])
def test_only_what_the_class_sees_can_be_picked(database: Database, status: str) -> None:
    gallery = Gallery(database)
    item = gallery.item(gallery.students[0], status=status)
    with pytest.raises(NotFound):
        gallery.do(talking_points.pick, gallery.teacher, item)
    assert gallery.see(talking_points.to_pick, gallery.teacher, gallery.settings) == Paged((), 1, 1, 0)


def test_what_can_be_picked_comes_in_pages(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking_points, "PAGE", 2)
    gallery, _ = three(database)
    for name in "defgh":
        gallery.item(gallery.students[1], name)

    def page(number: int) -> tuple[list[str], int, int, int]:
        its = gallery.see(talking_points.to_pick, gallery.teacher, gallery.settings, page=number)
        return [slide.title for slide in its.items], its.page, its.pages, its.total

    assert page(1) == (["h", "g"], 1, 3, 5)
    assert page(2) == (["f", "e"], 2, 3, 5)
    assert page(3) == page(99) == (["d"], 3, 3, 5)
    assert page(0) == page(1)


def test_another_gallery_s_items_are_out_of_reach(database: Database) -> None:
    gallery, (a, *_) = three(database)
    other = gallery.another_course("other")
    with pytest.raises(NotFound):
        other.do(talking_points.pick, other.teacher, a)
    other.do(talking_points.drop, other.teacher, a)
    assert titles(gallery) == ["a", "b", "c"]
    assert titles(other) == []


def test_eight_teachers_at_once_lose_nothing(database: Database) -> None:
    gallery = Gallery(database)
    items = [gallery.item(gallery.students[0], str(number)) for number in range(8)]
    teachers = [gallery.join(f"teacher {number}", "teacher") for number in range(8)]

    def act(place: int, use_case: Callable[..., None], **named: int) -> None:
        with database.write() as session:  # as the page does: nobody holds the person, so nothing else keeps them apart
            opened = seats.opened(session, teachers[place], gallery.public_id, "gallery")
            use_case(session, teachers[place], opened, items[place], **named)

    together(8, lambda place: act(place, talking_points.pick))
    slides = gallery.see(talking_points.slides, gallery.teacher, gallery.settings)
    assert [slide.place for slide in slides] == list(range(8))
    together(8, lambda place: act(place, talking_points.move, by=1 - 2 * (place % 2)))
    slides = gallery.see(talking_points.slides, gallery.teacher, gallery.settings)
    assert [slide.place for slide in slides] == list(range(8))
    together(8, lambda place: act(place, talking_points.drop))
    assert titles(gallery) == []


@pytest.mark.parametrize(("anonymity", "shown", "told"), [("named", "s0", "s0"), ("teacher", None, "s0")])
def test_a_projector_shows_no_name_that_classmates_do_not_know(
    database: Database, anonymity: str, shown: str | None, told: str | None
) -> None:
    gallery = Gallery(database, anonymity=anonymity)
    item = gallery.item(gallery.students[0])
    gallery.do(talking_points.pick, gallery.teacher, item)
    (slide,) = gallery.see(talking_points.slides, gallery.teacher, gallery.settings)
    assert slide.author.name == shown
    (line,) = gallery.see(talking_points.picked, gallery.teacher, gallery.settings)
    assert line.author.name == told


def test_a_slide_has_the_item_and_what_the_class_saw_in_it(database: Database) -> None:
    gallery = Gallery(database)
    item = gallery.item(gallery.students[0])
    gallery.do(talking_points.pick, gallery.teacher, item)
    a, b, c, d = gallery.tag("authority"), gallery.tag("scarcity"), gallery.tag("odd", "free"), gallery.tag("no")
    gallery.say(item, b, gallery.students[1])
    gallery.say(item, a, *gallery.students[:3])
    gallery.say(item, a, gallery.students[3], applies=False)
    gallery.say(item, c, gallery.students[1], counts=False)
    gallery.say(item, d, gallery.students[1], applies=False)
    (slide,) = gallery.see(talking_points.slides, gallery.teacher, gallery.settings)
    assert [(word.name, word.yes, word.no, word.is_concept) for word in slide.words] == [
        ("authority", 3, 1, True),
        ("scarcity", 1, 0, True),
    ]
    assert (slide.text, slide.image_size, slide.image_alt) == (HOW, (3, 2), "A dentist with a brush")
