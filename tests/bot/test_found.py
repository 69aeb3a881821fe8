"""Found content in Slack: saved from a message, rated, commented; the same rows as in the course's gallery."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from core.activities import appeals, channels, gallery_settings, items, people, review, tags, talking_points
from core.activities.items import New
from core.store.tables import Contribution, Item, SlackMessage, Tagging
from tests.bot.classes import Class, action_ids, answer, selected, ticked, typed, words
from tests.bot.slack import Workspace

HOW = "It offers three sizes so that the middle one looks sensible: a decoy, which shifts what we compare."
LINK = "https://example.org/popcorn?size=l&shop=1"


@pytest.fixture
def room(workspace: Workspace) -> Class:
    return Class(workspace, "gallery")


def concepts(room: Class, *names: str) -> list[tags.Named]:
    with room.workspace.database.write() as session:
        from core.activities import seats

        opened = seats.opened(session, room.hall.teacher, room.hall.public_id, "gallery")
        tags.add_concepts(session, room.hall.teacher, opened, names, now=room.workspace.now)
        return tags.of_gallery(session, opened)


def bring(room: Class, user: str = "U1", **texts: str) -> int:
    """Bring an item by the form; its number."""
    sent = typed(**{"title": "Popcorn prices", "url": LINK, "text": HOW} | texts)
    said = answer(room.workspace.submit(user, "item_bring", sent, room.metadata))
    assert said["view"]["callback_id"] == "told", words(said)
    with room.workspace.database.read() as session:
        found = session.scalars(select(Item.contribution_id).order_by(Item.contribution_id.desc())).first()
    assert found is not None
    return found


def second_class(room: Class) -> channels.Bound:
    """Another class of the same workspace, in which U1 is, too."""
    other = room.hall.another_course("b")
    with room.workspace.database.write() as session:
        second = channels.bind(
            session, room.workspace.id, "C2", course_id=other.course_id,
            bound_by=room.hall.teacher.person_id, language="en", zone="UTC", now=room.workspace.now,
        )  # fmt: skip
        people.enrol(
            session, course_id=other.course_id, person_id=room.seat("U1").person_id, role="student",
            now=room.workspace.now,
        )  # fmt: skip
    return second


def page_of(room: Class, item: int) -> dict[str, Any]:
    metadata = json.dumps({**room.metadata, "item": item})
    return {"id": "V1", "type": "modal", "callback_id": "item_page", "private_metadata": metadata}


def boxes(view: dict[str, Any]) -> dict[str, Any]:
    return {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}


# ---- bringing ----


def test_a_message_is_saved_without_who_wrote_it_or_where_it_stands(room: Class) -> None:
    text = f"<@U3> look &amp; laugh: <{LINK.replace('&', '&amp;')}|popcorn> <!channel>"
    message = {"ts": "7.7", "user": "U2", "text": text, "files": [{"id": "F1", "url_private": "https://files.example"}]}
    room.workspace.shortcut("U1", "save_found_content", message)
    view = room.opened()
    given = boxes(view)
    assert given["url"]["initial_value"] == LINK
    assert given["body"]["initial_value"] == f"@… look & laugh: popcorn ({LINK}) @channel"
    assert "The files of the message do not come along" in words(view)
    assert "Neither who wrote a message nor its address is kept" in words(view)
    assert json.loads(view["private_metadata"]) == {**room.metadata, "kind": "found"}
    assert not {"U2", "U3", "7.7", "files.example"} & set(json.dumps(view).replace('"', " ").split())


def test_the_command_opens_the_form_with_a_link(room: Class) -> None:
    concepts(room, "Decoy effect", "Anchoring")
    room.workspace.command("U1", f"found <{LINK.replace('&', '&amp;')}>")
    view = room.opened()
    given = boxes(view)
    assert given["url"]["initial_value"] == LINK
    assert [option["text"]["text"] for option in given["concepts"]["options"]] == ["Anchoring", "Decoy effect"]
    assert {"title", "url", "body", "concepts", "text", "words", "source", "terms"} == set(given)
    assert "Classmates do not see your name; your teacher does." in words(view)


def test_an_item_of_the_channel_is_in_the_gallery_with_its_ideas(room: Class) -> None:
    decoy = next(tag.id for tag in concepts(room, "Decoy effect", "Anchoring") if tag.name == "Decoy effect")
    sent = typed(title="Popcorn prices", url=LINK, text=HOW, words="cinema; snacks", source="A cinema", terms="CC0")
    said = answer(room.workspace.submit("U1", "item_bring", sent | ticked("concepts", str(decoy)), room.metadata))
    assert "It appears in the channel in a moment." in words(said["view"])
    (shown,) = room.update()
    text = words(shown["blocks"])
    for part in ("Popcorn prices", HOW, "Decoy effect", "cinema", "snacks", "A cinema", "CC0", "A classmate"):
        assert part in text
    assert "Open example.org" in text
    assert {"item_rate", "item_comment", "item_see"} <= action_ids(shown["blocks"])
    with room.workspace.database.read() as session:
        item = session.scalars(select(Item)).one()
        assert (item.url, item.source, item.licence) == (LINK, "A cinema", "CC0")
    assert room.count(Tagging, Tagging.by_author) == 3


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"title": " "}, "The item has no title yet."),
        ({"url": ""}, "There is nothing to see yet"),
        ({"url": "javascript:alert(1)"}, "This is no web address that we can keep."),
        ({"text": "A decoy."}, "Say which idea it shows, and how: 60 characters at least, now it has 8."),
        ({"words": "a,b,c,d,e,f"}, "6 tags are too many for one item"),
    ],
)
def test_what_is_missing_is_said_over_the_form_and_nothing_is_stored(
    room: Class, texts: dict[str, str], said: str
) -> None:
    sent = typed(**{"title": "Popcorn prices", "url": LINK, "text": HOW} | texts)
    refused = answer(room.workspace.submit("U1", "item_bring", sent, room.metadata))
    assert refused["response_action"] == "push"  # the form stays below with all that was typed
    assert said in words(refused["view"])
    assert room.count(Item) == 0


def test_personal_data_is_asked_about_first(room: Class) -> None:
    sent = typed(title="A letter", body="Write to alex.meier@example.org", text=HOW)
    said = answer(room.workspace.submit("U1", "item_bring", sent, room.metadata))
    assert "looks like an e-mail address" in words(said["view"])
    assert boxes(said["view"])["body"]["initial_value"] == "Write to alex.meier@example.org"
    metadata = json.loads(said["view"]["private_metadata"])
    room.workspace.submit("U1", "item_bring", sent | ticked("anyway", "yes"), metadata)
    assert room.count(Item) == 1


def test_the_class_is_chosen_where_the_channel_has_none(room: Class) -> None:
    second = second_class(room)
    room.workspace.command("U1", f"found {LINK}", channel="D7")
    view = room.opened()
    assert view["callback_id"] == "item_class"
    sent = selected("class", str(second.id)) | typed(url=LINK)
    said = answer(room.workspace.submit("U1", "item_class", sent))
    assert json.loads(said["view"]["private_metadata"]) == {"channel": second.id, "kind": "found"}
    assert boxes(said["view"])["url"]["initial_value"] == LINK


def test_what_somebody_made_has_a_form_of_its_own(room: Class) -> None:
    room.workspace.command("U1", "made Hurry, while stocks last.")
    view = room.opened()
    assert view["title"]["text"] == "Something you made"
    assert boxes(view)["body"]["initial_value"] == "Hurry, while stocks last."
    assert {"title", "url", "body", "text", "words"} == set(boxes(view))
    assert "Which ideas did you use, and how?" in words(view)
    metadata = json.loads(view["private_metadata"])
    sent = typed(title="My poster", body="Write to alex.meier@example.org", text=HOW)
    said = answer(room.workspace.submit("U1", "item_bring", sent, metadata))
    assert said["view"]["title"]["text"] == "Something you made"  # asked about personal data, and still the same form
    metadata = json.loads(said["view"]["private_metadata"])
    room.workspace.submit("U1", "item_bring", sent | ticked("anyway", "yes"), metadata)
    (shown,) = room.update()
    assert "Made by a classmate" in words(shown["blocks"])
    assert room.count(Contribution, Contribution.kind == "produced") == 1


def test_a_link_to_what_somebody_made_for_one_of_several_classes(room: Class) -> None:
    second = second_class(room)
    room.workspace.command("U1", "made <https://example.org/mine>", channel="D7")
    view = room.opened()
    sent = selected("class", str(second.id)) | typed(url="https://example.org/mine")
    said = answer(room.workspace.submit("U1", "item_class", sent, json.loads(view["private_metadata"])))
    assert said["view"]["title"]["text"] == "Something you made"
    assert boxes(said["view"])["url"]["initial_value"] == "https://example.org/mine"


@pytest.mark.parametrize(("kind", "other"), [("found", "made"), ("made", "found")])
def test_a_gallery_that_takes_only_one_of_both_says_so_at_once(workspace: Workspace, kind: str, other: str) -> None:
    room = Class(workspace, "gallery", takes_found=kind != "found", takes_produced=kind != "made")
    workspace.command("U1", kind)
    assert f"Type “/heirloom {other}”." in room.told()
    assert workspace.api.of("views.open") == []
    workspace.command("U1", other)
    assert room.opened()["callback_id"] == "item_bring"


# ---- one item ----


def test_a_comment_is_stored_and_counted_in_the_message(room: Class) -> None:
    item = bring(room)
    room.workspace.click("U2", "item_comment", str(item))
    assert room.opened()["callback_id"] == "item_comment"
    metadata = {**room.metadata, "item": item}
    empty = answer(room.workspace.submit("U2", "item_comment", typed(text=" "), metadata))
    assert "There is no text yet." in empty["errors"]["text"]
    said = answer(room.workspace.submit("U2", "item_comment", typed(text="Seen that, too."), metadata))
    assert "Seen that, too." in words(said["view"])
    (shown,) = room.update()
    assert "Comments: 1" in words(shown["blocks"])
    with room.workspace.database.read() as session:
        comment = session.scalars(select(Contribution.id).where(Contribution.kind == "comment")).one()
    room.press("U3", page_of(room, item), f"item_uncomment:{comment}", str(comment))
    assert "This comment is not one of yours." in room.told()
    room.press("U2", page_of(room, item), f"item_uncomment:{comment}", str(comment))
    (shown,) = room.update()
    assert "Comments: 0" in words(shown["blocks"])


def test_what_others_say_is_shown_to_who_has_judged(room: Class) -> None:
    item = bring(room)
    metadata = {**room.metadata, "item": item}
    room.workspace.submit("U2", "item_comment", typed(text="Seen that, too."), metadata)
    room.workspace.click("U3", "item_see", str(item))
    assert "Seen that, too." not in words(room.opened())
    assert "What others say of it is shown once you have judged it." in words(room.opened())
    room.workspace.click("U3", "item_rate", str(item))
    sent = selected(f"side_clear:{item}", "4")
    room.workspace.submit("U3", "item_rate", sent, json.loads(room.opened()["private_metadata"]))
    for user in ("U1", "U2", "U3", "U9"):
        room.workspace.click(user, "item_see", str(item))
        assert "Seen that, too." in words(room.opened())


def test_the_view_has_what_this_person_can_do(room: Class) -> None:
    item = bring(room)
    room.workspace.click("U2", "item_see", str(item))
    ids = {name.partition(":")[0] for name in action_ids(room.opened())}
    assert ids == {"item_open", "item_rate", "item_comment", "item_report"}
    room.workspace.click("U1", "item_see", str(item))
    ids = {name.partition(":")[0] for name in action_ids(room.opened())}
    assert ids == {"item_open", "item_comment", "item_change", "item_back"}
    assert room.workspace.click("U2", f"item_open:{item}").status == 200


def test_an_author_takes_an_item_back_and_its_message_is_empty_then(room: Class) -> None:
    item = bring(room)
    room.update()
    room.press("U2", page_of(room, item), "item_back", str(item))
    assert "This item is not one of yours." in room.told()
    room.press("U1", page_of(room, item), "item_back", str(item))
    assert "Taken back." in words(room.opened())
    (shown,) = room.update()
    assert words(shown["blocks"]) == "This item is not shown any more."
    room.workspace.click("U2", "item_see", str(item))
    assert "This item is not shown here." in room.told()


def test_reports_hold_an_item_back_in_the_channel_too(workspace: Workspace) -> None:
    room = Class(workspace, "gallery", hold_at=1)
    item = bring(room)
    room.update()
    room.press("U2", page_of(room, item), "item_report", str(item))
    said = answer(workspace.submit("U2", "item_report", typed(reason="an ad"), {**room.metadata, "text": item}))
    assert "Reported." in words(said["view"])
    (shown,) = room.update()
    assert "Popcorn" not in json.dumps(shown)


# ---- what waits, and what comes from the course ----


def test_what_waits_for_the_teacher_is_in_the_channel_only_after_that(workspace: Workspace) -> None:
    room = Class(workspace, "gallery", moderation="after_teacher")
    item = bring(room)
    assert room.update() == []
    with workspace.database.write() as session:
        review.decide(session, room.hall.teacher, item, "approve", now=workspace.now)
    assert room.spread() == 1
    (shown,) = room.update()
    assert "Popcorn prices" in words(shown["blocks"])


def test_what_the_teacher_picked_to_talk_about_reaches_the_channel_once(room: Class) -> None:
    def brought(session: Any, who: Any, opened: Any, title: str) -> int:
        new = New("found", title, HOW + title, url="https://example.org/a")
        settings = gallery_settings.of(opened)
        return items.bring(session, who, opened, settings, new, now=room.workspace.now).id

    picked = room.hall.do(brought, room.seat("U1"), "Picked")
    room.hall.do(brought, room.seat("U2"), "Not picked, and about shelves at the height of eyes")
    room.hall.do(talking_points.pick, room.hall.teacher, picked)
    assert room.spread() == 1
    assert room.spread() == 0
    (shown,) = room.update()
    assert "Your teacher picked it to talk about in class." in words(shown["blocks"])
    assert room.count(SlackMessage, SlackMessage.target_id == picked) == 1


def test_an_anonymous_item_is_nobodys_in_everything_that_slack_is_told(workspace: Workspace) -> None:
    room = Class(workspace, "gallery", anonymity="anonymous")
    said = answer(
        workspace.submit("U1", "item_bring", typed(title="Popcorn", url=LINK, text=HOW), room.metadata)
    )  # fmt: skip
    assert "within five minutes" in words(said["view"])
    receipt = re.findall(r"Your receipt: ([-\w]{19})\n", words(said["view"]))[0]
    with workspace.database.read() as session:
        found = appeals.with_receipt(session, room.seat("U2"), room.hall.activity_id, receipt)
    assert found.title == "Popcorn"
    assert room.update() == []
    workspace.later(minutes=5)
    (shown,) = room.update()
    assert "Somebody" in words(shown["blocks"])
    workspace.click("U9", "item_see", "1")
    everything = json.dumps([said for name, said in workspace.api.calls if name != "respond"])
    assert "U1" not in everything
    assert "s0" not in everything
    assert receipt not in everything
    with workspace.database.read() as session:
        assert session.scalars(select(SlackMessage.asked_by)).all() == [None]
