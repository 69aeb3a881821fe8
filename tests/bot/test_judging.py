"""Judging in Slack: chance picks one item after another, nobody judges their own, and what was said is a judgement."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from core.activities import activities, gallery_settings, items, kinds
from core.activities.items import New
from core.activities.seats import Opened
from core.store.tables import Contribution, Item, Judgement, Tagging
from tests.bot.classes import Class, answer, selected, ticked, typed, words
from tests.bot.modals import Person
from tests.bot.slack import Workspace
from tests.bot.test_found import HOW, boxes, bring, concepts
from tests.bot.test_home import opens
from tests.core.activities.bringing import picture

SIDES = ("relevant", "clear", "novel")
OTHER_HOW = "Only three are left, says the shop: what is scarce seems worth more, so one buys before others do."


@pytest.fixture
def room(workspace: Workspace) -> Class:
    return Class(workspace, "gallery")


def another(room: Class, user: str = "U3", title: str = "Only three left") -> int:
    return bring(room, user, title=title, url="https://example.org/b", text=f"{title}. {OTHER_HOW}")


def stars(number: int = 4) -> dict[str, str]:
    return {f"side_{name}": f"{number}" for name in SIDES}


def starts(room: Class, user: str) -> Person:
    """Somebody presses "Judge" in their tab of the app."""
    person = opens(room.workspace, user)
    person.press("item_next")
    return person


def rows(room: Class) -> list[Judgement]:
    with room.workspace.database.read() as session:
        return list(session.scalars(select(Judgement).order_by(Judgement.id)))


def test_one_item_after_another_comes_into_the_view_until_none_is_left(room: Class) -> None:
    brought = {bring(room), another(room)}
    person = starts(room, "U2")
    assert "Chance picked it for you." in person.words
    assert "Items that you have judged: 0." in person.words
    first = person.metadata["item"]
    person.send(**stars())
    assert person.view["callback_id"] == "item_rate"
    assert "Saved. Thank you: your judgement counts." in person.words
    assert "Items that you have judged: 1." in person.words
    assert {first, person.metadata["item"]} == brought
    person.send(**stars(2))
    assert "There is nothing left for you to rate." in person.words
    assert [(row.policy, row.eligible_size, row.probability) for row in rows(room)] == [
        ("share", 2, 0.5),
        ("share", 1, 1.0),
    ]
    assert [row.ratings for row in rows(room)] == [dict.fromkeys(SIDES, 4), dict.fromkeys(SIDES, 2)]


def test_what_was_chosen_for_one_item_does_not_stand_in_the_form_of_the_next(room: Class) -> None:
    """Slack keeps what stands in an input whose block has the same name in the view that takes its place."""
    concepts(room, "Decoy effect")
    bring(room), another(room)
    person = starts(room, "U2")
    before = set(boxes(person.view))
    person.send(**stars())
    assert len(before) == 4
    assert not before & set(boxes(person.view))


def test_ideas_that_are_ticked_apply_and_the_others_do_not(room: Class) -> None:
    decoy, anchor = (
        tag.id for tag in sorted(concepts(room, "Decoy effect", "Anchoring"), key=lambda tag: -len(tag.name))
    )
    bring(room)
    person = starts(room, "U2")
    person.send(**stars(), applies=["Decoy effect"])
    with room.workspace.database.read() as session:
        said = session.execute(select(Tagging.tag_id, Tagging.applies).where(~Tagging.by_author)).all()
    assert {tuple(row) for row in said} == {(decoy, True), (anchor, False)}


def test_nothing_chosen_is_said_beside_the_first_side_and_nothing_is_lost(room: Class) -> None:
    bring(room)
    person = starts(room, "U2")
    shown = person.view
    person.send()
    assert {name.partition(":")[0]: said for name, said in person.errors.items()} == {
        "side_relevant": "There is no rating yet: choose one star at least, then save again."
    }
    assert person.view is shown
    assert [row.judged_at for row in rows(room)] == [None]


def test_an_item_is_skipped_and_the_next_one_comes(room: Class) -> None:
    bring(room), another(room)
    person = starts(room, "U2")
    first = person.metadata["item"]
    person.press("item_skip")
    assert person.metadata["item"] != first
    assert [row.skipped_at is None for row in rows(room)] == [False, True]


def test_who_skipped_too_often_is_told_so_and_stays_with_the_item(room: Class) -> None:
    for number in range(4):
        another(room, "U1", f"Offer number {number} of the shop")
    person = starts(room, "U2")
    stale = person.view
    for _ in range(3):
        person.press("item_skip")
    assert "item_skip" not in json.dumps(person.view)  # no button any more
    last = person.metadata["item"]
    number = str(json.loads(stale["private_metadata"])["item"])
    room.press("U2", stale, "item_skip", number)  # one of an older view
    assert "You have skipped 3 items." in words(room.opened())
    assert json.loads(room.opened()["private_metadata"])["item"] == last


def test_what_is_taken_back_meanwhile_gives_way_to_the_next_item(room: Class) -> None:
    bring(room), another(room)
    person = starts(room, "U2")
    first = person.metadata["item"]
    with room.workspace.database.write() as session:
        session.get_one(Contribution, first).status = "retired"
    person.send(**stars())
    assert "This item is not shown any more." in person.words
    assert person.metadata["item"] != first
    assert [row.judged_at for row in rows(room)] == [None, None]


def test_nobody_judges_their_own_by_chance_or_by_choice(room: Class) -> None:
    item = bring(room)
    assert "Items to judge" not in opens(room.workspace, "U1").words
    room.workspace.click("U1", "item_rate", str(item))
    assert "This item is your own." in room.told()
    person = Person(room.workspace, "U1")
    person.click("item_next", f"{room.bound.id}")
    assert "There is nothing left for you to rate." in person.words
    assert rows(room) == []


def test_the_end_says_how_far_one_is_toward_full_points(workspace: Workspace) -> None:
    room = Class(workspace, "gallery", points=10.0, credit={"rating": 2})
    bring(room)
    person = starts(room, "U2")
    person.send(**stars())
    assert "5 of 10 points. Items judged: 1 of 2" in person.words


def test_the_button_says_which_gallery_and_none_of_another_course(room: Class) -> None:
    """A course may have more galleries than the one that a channel uses."""
    hall, foreign = room.hall, room.hall.another_course("b")
    bring(room)
    with room.workspace.database.write() as session:
        blank = kinds.SHARED["gallery"].blank
        made = activities.make_shared(session, hall.teacher, kind="gallery", title="Two", settings=blank, now=hall.now)
        second = Opened(made.id, made.public_id, "Two", "gallery", {})
        new = New("found", "A poster", HOW, url="https://example.org/c")
        other = items.bring(session, room.seat("U1"), second, gallery_settings.of(second), new, now=hall.now).id
    person = Person(room.workspace, "U2")
    person.click("item_next", f"{room.bound.id}:{second.id}")
    assert person.metadata["item"] == other
    person.send(**stars())
    assert "There is nothing left for you to rate." in person.words
    shown = len(person.seen)
    person.click("item_next", f"{room.bound.id}:{foreign.activity_id}")
    assert len(person.seen) == shown
    assert "not" in room.told()


def test_a_teacher_is_told_that_it_does_not_count_and_an_observer_judges_nothing(room: Class) -> None:
    bring(room)
    person = Person(room.workspace, "U9")
    person.click("item_next", f"{room.bound.id}")
    assert "What you say here is kept and does not count" in person.words
    room.workspace.join("U5", room.hall.course_id, room.hall.platform_id, "observer")
    room.workspace.click("U5", "item_next", f"{room.bound.id}")
    assert "You can look here, but not change anything." in room.told()
    assert [row.counts for row in rows(room)] == [False]


def test_a_picture_is_said_in_words_and_its_author_only_afterwards(workspace: Workspace) -> None:
    room = Class(workspace, "gallery", anonymity="named")

    def brought(session: Any, who: Any, opened: Any) -> int:
        new = New("found", "A poster", HOW, picture=picture(), image_alt="Three prices on a board")
        return items.bring(session, who, opened, gallery_settings.of(opened), new, now=workspace.now).id

    room.hall.do(brought, room.seat("U1"))
    person = starts(room, "U2")
    assert "To be seen: \u2068Three prices on a board\u2069" in person.words
    assert "Who brought it is told after you have judged." in person.words
    assert "s0" not in person.words


def test_nobody_knows_their_own_where_nobody_is_known_so_one_may_skip_it(workspace: Workspace) -> None:
    room = Class(workspace, "gallery", anonymity="anonymous")
    workspace.submit("U1", "item_bring", typed(title="Popcorn", url="https://example.org", text=HOW), room.metadata)
    assert "Which items you skip is not kept, so one may come again." in starts(room, "U2").words


def test_an_item_that_somebody_chose_counts_for_them_and_leads_on_to_chance(room: Class) -> None:
    decoy = next(tag.id for tag in concepts(room, "Decoy effect"))
    item, other = bring(room), another(room)
    room.workspace.click("U2", "item_rate", str(item))
    view = room.opened()
    assert {"side_relevant", "side_clear", "side_novel", "applies"} == {name.split(":")[0] for name in boxes(view)}
    assert "A classmate" not in words(view)
    metadata = json.loads(view["private_metadata"])
    sent = selected(f"side_relevant:{item}", "4") | selected(f"side_clear:{item}", "5")
    sent |= ticked(f"applies:{item}", str(decoy))
    said = answer(room.workspace.submit("U2", "item_rate", sent, metadata))
    assert "chance picks its judges" in words(said["view"])
    (row,) = rows(room)
    assert (row.contribution_id, row.policy, row.ratings) == (item, "chosen", {"relevant": 4, "clear": 5})
    again = answer(room.workspace.submit("U2", "item_rate", sent, metadata))
    assert "You have judged this item before." in words(again["view"])
    room.press("U2", said["view"], "item_next", f"{room.bound.id}:{room.hall.activity_id}")
    assert json.loads(room.opened()["private_metadata"])["item"] == other


def test_nothing_is_rated_where_the_gallery_asks_for_no_judgements(workspace: Workspace) -> None:
    room = Class(workspace, "gallery", judgements=0)
    bring(room)
    (shown,) = room.update()
    assert "item_rate" not in json.dumps(shown["blocks"])
    assert "Items to judge" not in opens(workspace, "U2").words


def test_one_number_is_asked_for_where_the_gallery_wants_one(workspace: Workspace) -> None:
    room = Class(workspace, "gallery", scale="stars")
    bring(room)
    person = starts(room, "U2")
    person.send(side_rating="3")
    assert [row.ratings for row in rows(room)] == [{"rating": 3}]
    with workspace.database.read() as session:
        assert session.scalars(select(Item.judged)).one() == 1
