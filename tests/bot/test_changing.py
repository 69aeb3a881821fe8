"""One's own question and item, changed in Slack by the rules of the course; the message in the channel follows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from core.activities import gallery_settings, items, question_settings, question_votes, questions
from core.activities.items import New
from core.activities.posting import Typed
from core.store.tables import Contribution, Item, Judgement, Question, Tagging
from tests.bot.asking import WHY, ask, ask_in_course, in_course, reply
from tests.bot.classes import Class, action_ids, answer, selected, typed, words
from tests.bot.modals import Person
from tests.bot.slack import Workspace
from tests.bot.test_found import HOW, LINK, boxes, bring, concepts
from tests.bot.test_home import opens
from tests.core.activities.bringing import picture

NEW = "Why is the sum of two odd numbers never odd?"


@pytest.fixture
def room(workspace: Workspace) -> Class:
    return Class(workspace, "questions")


@pytest.fixture
def gallery(workspace: Workspace) -> Class:
    return Class(workspace, "gallery")


def sees(room: Class, user: str, noun: str, number: int) -> Person:
    person = Person(room.workspace, user)
    person.click(f"{noun}_see", str(number))
    return person


def title_of(room: Class, question: int) -> str:
    with room.workspace.database.read() as session:
        return session.scalars(select(Question.title).where(Question.contribution_id == question)).one()


# ---- a question ----


def test_a_question_is_changed_and_its_message_follows(room: Class) -> None:
    number = ask(room, text="I tried 3 and 5.")
    room.update()
    person = sees(room, "U1", "question", number)
    person.press("question_change")
    assert boxes(person.view)["title"]["initial_value"] == WHY
    assert boxes(person.view)["text"]["initial_value"] == "I tried 3 and 5."
    person.send(title=NEW, text="I tried 3 and 5, and 7 and 9.")
    assert person.view["callback_id"] == "question_page"
    assert NEW in person.words
    (shown,) = room.update()
    assert NEW in words(shown["blocks"])
    assert "7 and 9" in words(shown["blocks"])
    assert WHY not in json.dumps(shown)
    assert len(room.workspace.api.of("chat.postMessage")) == 1


def test_a_question_of_the_course_is_changed_from_the_tab_of_the_app(room: Class) -> None:
    number = ask_in_course(room, "U1", WHY)
    person = opens(room.workspace, "U1")
    person.press("question_see")
    person.press("question_change")
    person.send(title=NEW)
    assert title_of(room, number) == NEW


def test_what_classmates_have_used_stays_as_it_is(room: Class) -> None:
    voted, answered, open_ = ask(room), ask(room, title="Is zero even?"), ask(room, title="Is seven prime, or not?")
    held = [sees(room, "U1", "question", number) for number in (voted, answered)]
    assert "question_change" in action_ids(sees(room, "U1", "question", open_).view)
    settings = question_settings.QuestionSettings()
    in_course(room, question_votes.vote, "U2", settings, voted, up=True)
    reply(room, answered)
    for number in (voted, answered):
        assert "question_change" not in action_ids(sees(room, "U1", "question", number).view)
    for number, person in zip((voted, answered), held, strict=True):  # views from before
        person.press("question_change")
        person.send(title="Something else altogether, and not what was voted for?")
        assert "Classmates have voted for this question or answered it as it is." in person.words
        assert "Something else" not in title_of(room, number)


def test_nobody_changes_what_is_not_theirs(room: Class) -> None:
    number = ask(room)
    assert "question_change" not in action_ids(sees(room, "U2", "question", number).view)
    room.workspace.click("U2", "question_change", str(number))
    assert "This question is not one of yours" in room.told()
    sent = answer(
        room.workspace.submit("U2", "question_change", typed(title=NEW), {**room.metadata, "question": number})
    )
    assert "This text is not one of yours." in words(sent["view"])
    assert title_of(room, number) == WHY


def test_where_nobody_is_known_nobody_changes_anything(workspace: Workspace) -> None:
    room = Class(workspace, "questions", anonymity="anonymous")
    number = ask(room)
    assert "question_change" not in action_ids(sees(room, "U1", "question", number).view)
    workspace.click("U1", "question_change", str(number))
    assert "This question is not one of yours" in room.told()


def test_an_empty_question_is_said_beside_its_box(room: Class) -> None:
    number = ask(room)
    person = sees(room, "U1", "question", number)
    person.press("question_change")
    person.send(title=" ")
    assert "The question has no words yet." in person.errors["title"]
    assert title_of(room, number) == WHY


def test_personal_data_in_other_words_is_asked_about_first(room: Class) -> None:
    number = ask(room)
    person = sees(room, "U1", "question", number)
    person.press("question_change")
    person.send(text="Write to alex.meier@example.org")
    assert "looks like an e-mail address" in person.words
    assert boxes(person.view)["text"]["initial_value"] == "Write to alex.meier@example.org"
    person.send(anyway=["yes"])
    assert person.view["callback_id"] == "question_page"
    with room.workspace.database.read() as session:
        assert "alex.meier" in session.get_one(Contribution, number).text


@pytest.mark.parametrize(("title", "text"), [(WHY, "x" * 3_001), (WHY, "\U0001f600" * 1_600), ("\U0001f600" * 150, "")])
def test_what_slacks_boxes_would_cut_off_is_changed_in_the_course(room: Class, title: str, text: str) -> None:
    def asked(session: Any, who: Any, opened: Any) -> int:
        settings = question_settings.of(opened)
        return questions.ask(session, who, opened, settings, Typed(text, title), now=room.workspace.now).id

    number = room.hall.do(asked, room.seat("U1"))
    room.workspace.click("U1", "question_change", str(number))
    assert "would be cut off. Change it in your course." in room.told()


# ---- an item ----


def change(room: Class, item: int, user: str = "U1", **said: Any) -> Person:
    person = sees(room, user, "item", item)
    person.press("item_change")
    person.send(**said)
    return person


def test_an_item_is_changed_its_message_follows_and_what_is_not_touched_stays(gallery: Class) -> None:
    decoy, anchor = concepts(gallery, "Decoy effect", "Anchoring")[::-1]
    item = bring(gallery, words="cinema, snacks", source="A cinema", terms="CC0")
    gallery.update()
    person = sees(gallery, "U1", "item", item)
    person.press("item_change")
    given = {name: box.get("initial_value") for name, box in boxes(person.view).items()}
    assert given == {
        "title": "Popcorn prices", "url": LINK, "body": None, "concepts": None, "text": HOW,
        "words": "cinema, snacks", "source": "A cinema", "terms": "CC0",
    }  # fmt: skip
    person.send(title="Popcorn sizes", concepts=["Decoy effect"])
    assert person.view["callback_id"] == "item_page"
    (shown,) = gallery.update()
    text = words(shown["blocks"])
    for part in ("Popcorn sizes", HOW, "Decoy effect", "cinema", "snacks", "A cinema", "CC0"):
        assert part in text
    assert "Popcorn prices" not in json.dumps(shown)
    change(gallery, item, title="Popcorn")
    with gallery.workspace.database.read() as session:
        kept = session.scalars(select(Tagging.tag_id).where(Tagging.by_author)).all()
    assert decoy.id in kept
    assert anchor.id not in kept
    assert len(kept) == 3


def test_an_item_that_was_judged_says_so_and_then_waits_for_other_judges(gallery: Class) -> None:
    item = bring(gallery)
    judge = opens(gallery.workspace, "U2")
    judge.press("item_next")
    judge.send(side_relevant="5")
    person = sees(gallery, "U1", "item", item)
    person.press("item_change")
    assert "Classmates have judged it as it is now: 1." in person.words
    person.send(text=HOW[::-1])
    with gallery.workspace.database.read() as session:
        assert session.scalars(select(Judgement.counts)).all() == [False]
        assert session.get_one(Item, item).judged == 0


def test_what_somebody_made_is_changed_by_its_own_form(gallery: Class) -> None:
    def made(session: Any, who: Any, opened: Any) -> int:
        new = New("produced", "My poster", HOW, body="Hurry, while stocks last.")
        return items.bring(session, who, opened, gallery_settings.of(opened), new, now=gallery.workspace.now).id

    item = gallery.hall.do(made, gallery.seat("U1"))
    person = opens(gallery.workspace, "U1")
    person.press("item_see")
    person.press("item_change")
    assert "Which ideas did you use, and how?" in person.words
    assert not {"source", "terms"} & set(boxes(person.view))
    person.send(body="Hurry!")
    with gallery.workspace.database.read() as session:
        assert session.get_one(Item, item).body == "Hurry!"
        assert session.get_one(Contribution, item).kind == "produced"


def with_picture(room: Class) -> int:
    def brought(session: Any, who: Any, opened: Any) -> int:
        new = New("found", "A poster", HOW, url=LINK, picture=picture(), image_alt="Three prices")
        return items.bring(session, who, opened, gallery_settings.of(opened), new, now=room.workspace.now).id

    return room.hall.do(brought, room.seat("U1"))


def test_a_picture_stays_with_other_words_for_it_or_is_left_out(gallery: Class) -> None:
    item = with_picture(gallery)
    person = change(gallery, item, image_alt="Three prices on a board")
    assert "To be seen: \u2068Three prices on a board\u2069" in person.words
    assert "There is no" not in change(gallery, item, title="Another title").words
    with gallery.workspace.database.read() as session:
        row = session.get_one(Item, item)
        assert row.image_id is not None
        assert (row.title, row.image_alt) == ("Another title", "Three prices on a board")
    change(gallery, item, no_picture=["yes"])
    with gallery.workspace.database.read() as session:
        row = session.get_one(Item, item)
        assert (row.image_id, row.thumb_id, row.image_alt) == (None, None, "")


def test_what_is_missing_in_an_item_is_said_and_the_item_stays(gallery: Class) -> None:
    item = bring(gallery)
    person = change(gallery, item, url="", title="Nothing to see")
    assert "There is nothing to see yet" in person.words
    with gallery.workspace.database.read() as session:
        assert session.get_one(Item, item).title == "Popcorn prices"


def test_personal_data_in_a_changed_item_is_asked_about_first(gallery: Class) -> None:
    item = bring(gallery)
    person = change(gallery, item, body="Write to alex.meier@example.org")
    assert "looks like an e-mail address" in person.words
    assert boxes(person.view)["body"]["initial_value"] == "Write to alex.meier@example.org"
    person.send(anyway=["yes"])
    assert "alex.meier" in person.words


def test_nobody_changes_anothers_item(gallery: Class) -> None:
    item = bring(gallery)
    assert "item_change" not in action_ids(sees(gallery, "U2", "item", item).view)
    gallery.workspace.click("U2", "item_change", str(item))
    assert "This item is not one of yours, so you cannot change it." in gallery.told()
    sent = answer(
        gallery.workspace.submit(
            "U2", "item_change", typed(title="Mine", url=LINK, text=HOW), {**gallery.metadata, "item": item}
        )
    )
    assert "This item is not one of yours." in words(sent["view"])
    gallery.workspace.click("U9", "item_change", str(item))
    assert "This item is not one of yours, so you cannot change it." in gallery.told()


def test_an_item_longer_than_slacks_boxes_is_changed_in_the_course(gallery: Class) -> None:
    def brought(session: Any, who: Any, opened: Any) -> int:
        new = New("found", "A letter", HOW, body="long words " * 300)
        return items.bring(session, who, opened, gallery_settings.of(opened), new, now=gallery.workspace.now).id

    item = gallery.hall.do(brought, gallery.seat("U1"))
    gallery.workspace.click("U1", "item_change", str(item))
    assert "would be cut off. Change it in your course." in gallery.told()


def test_of_more_ideas_than_a_list_holds_those_of_the_item_are_kept(gallery: Class) -> None:
    names = [f"Idea {number:03}" for number in range(120)]
    last = next(tag for tag in concepts(gallery, *names) if tag.name == names[-1])

    def brought(session: Any, who: Any, opened: Any) -> int:
        new = New("found", "A poster", HOW, url=LINK, concepts=(last.id,))
        return items.bring(session, who, opened, gallery_settings.of(opened), new, now=gallery.workspace.now).id

    item = gallery.hall.do(brought, gallery.seat("U1"))
    person = sees(gallery, "U1", "item", item)
    person.press("item_change")
    assert "Slack shows 100 ideas of 120." in person.words
    person.send(title="A poster on a wall")
    with gallery.workspace.database.read() as session:
        assert session.scalars(select(Tagging.tag_id).where(Tagging.by_author)).all() == [last.id]


def test_an_observer_changes_nothing(gallery: Class) -> None:
    item = bring(gallery)
    gallery.workspace.join("U5", gallery.hall.course_id, gallery.hall.platform_id, "observer")
    sent = answer(
        gallery.workspace.submit("U5", "item_change", selected("title", "x"), {**gallery.metadata, "item": item})
    )
    assert "You can look here, but not change anything." in words(sent["view"])
