"""The wall and one item, as each reader may see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.activities import comments, gallery_settings, item_pages, moderation
from core.activities.posting import Typed
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Seat
from core.store.database import Database
from tests.core.activities.bringing import Bringing, at_once, found

DATABASES = ("sqlite",)


def comment(hall: Bringing, seat: Seat, item: int, text: str = "I saw it, too.") -> Any:
    return hall._with(comments.write, seat, Typed(text), parent_id=item, now=hall.now)


def said(hall: Bringing, seat: Seat, item: int) -> list[tuple[str, str | None]]:
    found_ = hall._with(comments.of_parents, seat, [item])
    return [(one.text, one.author.name) for one in found_.get(item, ())]


class TestOrders:
    def test_newest_first_and_one_s_own(self, database: Database) -> None:
        hall = Bringing(database)
        for place, seat in enumerate([*hall.students, hall.students[0]]):
            hall.bring(seat, found(f"Item {place}"))
        assert hall.titles(hall.students[0]) == [f"Item {place}" for place in (4, 3, 2, 1, 0)]
        assert hall.titles(hall.students[0], order="mine") == ["Item 4", "Item 0"]
        assert hall.titles(hall.students[0], order="nonsense") == hall.titles(hall.students[0])

    def test_what_needs_a_judge_first(self, database: Database) -> None:
        hall = Bringing(database)
        items = [hall.bring(seat, found(f"Item {place}")).id for place, seat in enumerate(hall.students)]
        hall.drawn(hall.students[3], items[1])
        hall.judge(hall.students[3], items[1])
        assert hall.titles(hall.students[0], order="needs") == ["Item 3", "Item 2", "Item 1"]
        assert hall.titles(hall.students[3], order="needs") == ["Item 2", "Item 0"]

    def test_best_first_once_one_has_judged_a_share(self, database: Database) -> None:
        hall = Bringing(database, students=6, judgements=2)
        items = [hall.bring(hall.students[0], found(f"Item {place}")).id for place in range(3)]
        for item, stars in zip(items, (3, 5, 1), strict=True):
            hall.all_judge(item, (stars,) * 4)
        best = ["Item 1", "Item 0", "Item 2"]
        assert hall.titles(hall.teacher, order="best") == best
        assert hall.titles(hall.students[1], order="best") == best
        late = hall.wall(hall.students[5], order="best")
        assert (late.order, late.best_is_open) == ("newest", False)

    def test_pages(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(item_pages, "PAGE", 2)
        hall = Bringing(database)
        for place in range(5):
            hall.bring(hall.students[0], found(f"Item {place}"))
        wall = hall.wall(hall.students[1], page=2)
        assert [item.title for item in wall.items] == ["Item 2", "Item 1"]
        assert (wall.page, wall.pages, wall.total) == (2, 3, 5)
        assert hall.titles(hall.students[1], page=9) == ["Item 0"]
        assert hall.titles(hall.students[1], page=-1) == ["Item 4", "Item 3"]

    def test_an_empty_wall(self, database: Database) -> None:
        hall = Bringing(database)
        wall = hall.wall(hall.students[0])
        assert (wall.items, wall.page, wall.pages, wall.total, wall.newest) == ((), 1, 1, 0, 0)

    def test_by_tag_as_the_author_or_the_class_says(self, database: Database) -> None:
        hall = Bringing(database)
        one, two = hall.concepts("Scarcity", "Authority")
        first = hall.bring(hall.students[0], found("By its author", concepts=(one,))).id
        second = hall.bring(hall.students[0], found("By the class")).id
        for seat, yes in zip(hall.students[1:], (True, True, False), strict=True):
            hall.judge(seat, second, applies={one: yes})
            hall.judge(seat, first, applies={two: not yes})
        assert hall.titles(hall.students[0], tag_id=one) == ["By the class", "By its author"]
        assert hall.titles(hall.students[0], tag_id=two) == []

    def test_news_are_what_others_brought_since(self, database: Database) -> None:
        hall = Bringing(database)
        ann, bob, *_ = hall.students
        first = hall.bring(ann).id
        hall.bring(bob, found("Second"))
        hall.bring(bob, found("Third"))

        def news(seat: Seat, since: int) -> int:
            return hall.see(item_pages.news, seat, since)

        assert (news(ann, first), news(bob, first), news(ann, 0), news(bob, 0), news(hall.teacher, first)) == (
            2,
            0,
            2,
            1,
            2,
        )


class TestReaders:
    @pytest.mark.both_databases
    def test_hidden_for_who_reported_it(self, database: Database) -> None:
        hall = Bringing(database)
        item = hall.bring(hall.students[0]).id
        hall._with(moderation.report_shared, hall.students[1], item, reason="no", now=hall.now)
        assert hall.titles(hall.students[1]) == []
        assert hall.titles(hall.students[2]) == ["Only three left"]
        with pytest.raises(NotFound, match="not shown here"):
            hall.one(hall.students[1], item)

    def test_elsewhere_there_is_nothing(self, database: Database) -> None:
        hall = Bringing(database)
        item = hall.bring(hall.students[0]).id
        other = hall.another_course("-2")
        assert other.titles(other.students[0]) == other.titles(other.teacher) == []
        for seat in (other.students[0], other.teacher):
            with pytest.raises(NotFound):
                other.one(seat, item)

    def test_who_has_judged_is_known_to_oneself_only(self, database: Database) -> None:
        hall = Bringing(database)
        item = hall.bring(hall.students[0]).id
        hall.judge(hall.students[1], item)
        assert [hall.one(seat, item).i_judged for seat in hall.students[:3]] == [False, True, False]
        assert [hall.one(seat, item).is_mine for seat in hall.students[:2]] == [True, False]

    def test_an_earlier_class_has_no_names(self, database: Database) -> None:
        hall = Bringing(database, anonymity="named")
        old = hall.bring(hall.students[0], found("Old")).id
        item = hall.bring(hall.students[0]).id
        hall.become(item, person_id=None, inherited_from_id=old)
        shown = hall.one(hall.students[1], item)
        assert shown.inherited
        assert shown.author.name is None
        assert "earlier class" in str(shown.author.words)


class TestComments:
    def test_a_comment_stands_under_its_item(self, database: Database) -> None:
        hall = Bringing(database, anonymity="named")
        item = hall.bring(hall.students[0]).id
        assert comment(hall, hall.students[1], item).stored.status == "live"
        comment(hall, hall.teacher, item, "Well found.")
        assert said(hall, hall.students[2], item) == [("I saw it, too.", "s1"), ("Well found.", "teacher")]
        assert hall.one(hall.students[2], item).comments == 2
        assert hall._with(comments.of_parents, hall.students[2], []) == {}

    def test_what_cannot_be_seen_cannot_be_commented_on(self, database: Database) -> None:
        hall = Bringing(database)
        item = hall.bring(hall.students[0]).id
        hall.become(item, status="held")
        with pytest.raises(NotFound, match="not shown any more"):
            comment(hall, hall.students[1], item)
        assert comment(hall, hall.students[0], item).stored.status == "live"
        other = hall.another_course("-2")
        with pytest.raises(NotFound):
            comment(other, other.students[0], item)
        with pytest.raises(Refusal, match="1001 characters"):
            comment(hall, hall.students[0], item, "x" * 1001)

    def test_one_that_waits_is_its_author_s(self, database: Database) -> None:
        hall = Bringing(database, moderation="after_teacher")
        item = hall.bring(hall.teacher).id
        comment(hall, hall.students[1], item)
        assert len(said(hall, hall.students[1], item)) == len(said(hall, hall.teacher, item)) == 1
        assert said(hall, hall.students[2], item) == []
        assert hall.one(hall.students[2], item).comments == 0

    def test_taking_back_one_s_own(self, database: Database) -> None:
        hall = Bringing(database)
        item = hall.bring(hall.students[0]).id
        number = comment(hall, hall.students[1], item).id
        for seat in (hall.students[0], hall.teacher):
            with pytest.raises(NotFound, match="not one of yours"):
                hall._with(comments.take_back, seat, number, now=hall.now)
        hall._with(comments.take_back, hall.students[1], number, now=hall.now)
        assert said(hall, hall.students[0], item) == []

    def test_nobody_knows_who_commented(self, database: Database) -> None:
        hall = Bringing(database, anonymity="anonymous")
        item = hall.bring(hall.students[0]).id
        number = comment(hall, hall.students[1], item).id
        text = hall.text(number)
        assert text.person_id is None
        assert hall.now - text.created_at > timedelta(minutes=1)
        assert said(hall, hall.teacher, item) == [("I saw it, too.", None)]

    @pytest.mark.both_databases
    def test_taken_back_while_it_is_commented_on(self, database: Database) -> None:
        hall = Bringing(database, students=6)
        item = hall.bring(hall.students[0]).id
        results = at_once(
            lambda: hall.take_back(hall.students[0], item),
            *[lambda seat=seat: comment(hall, seat, item, f"By {seat.person_id}") for seat in hall.students[1:]],
        )
        assert not [result for result in results if isinstance(result, Exception) and not isinstance(result, NotFound)]
        assert hall.text(item).status == "retired"


def test_settings_have_defaults_that_need_no_reading() -> None:
    settings = gallery_settings.from_json({})
    assert (settings.scale, tuple(settings.attributes), settings.judgements) == (
        "attributes",
        ("relevant", "clear", "novel"),
        5,
    )
