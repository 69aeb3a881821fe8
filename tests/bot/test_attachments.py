"""Pictures that are chosen in a form of Slack's: made harmless as in the course, read from nowhere but its store."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from PIL import Image as Pillow
from sqlalchemy import select, update

from bot import attachments
from core.activities import gallery_settings, items
from core.activities.items import New
from core.store import tables
from core.store.tables import Contribution, Image, Item
from sandbox.slack.interactions import ViewPlace
from tests.bot import limits
from tests.bot.classes import Class as Room
from tests.bot.classes import answer, ticked, typed, words
from tests.bot.modals import Person
from tests.bot.slack import Workspace
from tests.bot.test_found import HOW, LINK, boxes
from tests.bot.test_polls_in_slack import Class, done, klass, until
from tests.bot.test_questions_in_slack import newest, view
from tests.core.activities.bringing import picture

__all__ = ["klass"]
DATABASES = ("sqlite",)
SECRET = b"Lat 48.1 Lon 11.5"


def photograph() -> bytes:
    """A JPEG with where it was taken."""
    made, exif = Pillow.new("RGB", (40, 30), "green"), Pillow.Exif()
    exif[0x010E] = SECRET.decode()
    out = io.BytesIO()
    made.save(out, "JPEG", exif=exif)
    assert SECRET in out.getvalue()
    return out.getvalue()


@pytest.fixture
def room(workspace: Workspace) -> Room:
    """A workspace that lets the app read files."""
    with workspace.database.write() as session:
        session.execute(update(tables.Workspace).values(scopes=["chat:write", "files:read"]))
    return Room(workspace, "gallery")


def upload(room: Room, data: bytes, path: str = "/files-pri/T1-F1/photo.jpg", **told: Any) -> dict[str, Any]:
    """`state.values` of the block in which this file was chosen."""
    room.workspace.api.files[path] = data
    file = {
        "id": "F1",
        "name": "photo.jpg",
        "size": len(data),
        "url_private": f"{room.workspace.api.url}{path}",
        **told,
    }
    return {"file": {"typed": {"type": "file_input", "files": [file]}}}


def sent(**texts: str) -> dict[str, dict[str, Any]]:
    return typed(**{"title": "Popcorn", "text": HOW, "image_alt": "Three prices", **texts})


def last(room: Room) -> dict[str, Any]:
    """The view that followed the answer."""
    shown: dict[str, Any] = room.workspace.api.of("views.update")[-1]["view"]
    assert limits.of_view(shown) == []
    return shown


def images(room: Room) -> list[bytes]:
    with room.workspace.database.read() as session:
        return list(session.scalars(select(Image.body)))


# ---- by clicks alone, in the strict workspace ----


def test_a_picture_is_brought_from_slack_and_seen_by_a_classmate(klass: Class) -> None:
    acting, (one, two) = klass.slack.outside.acting, klass.students[:2]
    done(acting.command(one, klass.channel, "/heirloom", "made"))
    form = view(klass, one, "item_bring")
    file_id = acting.upload(one, "me_at_home.jpg", photograph())
    place = ViewPlace(form.id)
    for block, text in (("title", "My poster"), ("text", HOW), ("image_alt", "A green field")):
        done(acting.use(one, place, block, "typed", text))
    done(acting.use(one, place, "file", "typed", [file_id]))
    done(acting.submit(one, form.id))
    shown = until(lambda: (now := klass.modal(one)).content["title"]["text"] == "Saved" and now)
    assert "It appears in the channel in a moment." in json.dumps(shown.content)
    item = newest(klass, "My poster")
    klass.use(two, item, "item_see")
    page = view(klass, two, "item_page")
    klass.use(two, ViewPlace(page.id), "item_picture")
    until(lambda: any(block["type"] == "image" for block in klass.modal(two).content["blocks"]))
    with klass.hall.database.read() as session:
        kept = session.scalars(select(Image.body)).all()
        assert session.scalars(select(Item.image_alt)).one() == "A green field"
    assert kept
    assert not any(SECRET in body or b"me_at_home" in body for body in kept)


def test_what_is_no_picture_is_said_and_the_form_comes_back_with_all_that_was_typed(klass: Class) -> None:
    acting, one = klass.slack.outside.acting, klass.students[0]
    done(acting.command(one, klass.channel, "/heirloom", "found"))
    form = view(klass, one, "item_bring")
    place, file_id = ViewPlace(form.id), acting.upload(one, "a.png", b"<svg onload='alert(1)'/>")
    for block, text in (("title", "A poster"), ("text", HOW), ("image_alt", "A green field")):
        done(acting.use(one, place, block, "typed", text))
    done(acting.use(one, place, "file", "typed", [file_id]))
    done(acting.submit(one, form.id))
    again = until(lambda: (now := klass.modal(one)).content["callback_id"] == "item_bring" and now)
    assert "SVG is not taken" in json.dumps(again.content)
    assert boxes(again.content)["text"]["initial_value"] == HOW
    assert "choose it once more" in json.dumps(again.content)


# ---- each way it can end ----


def test_it_is_read_once_with_the_apps_own_token(room: Room) -> None:
    values = sent() | upload(room, photograph())
    said = answer(room.workspace.submit("U1", "item_bring", values, room.metadata))
    assert said["view"]["title"]["text"] == "One moment"
    assert last(room)["title"]["text"] == "Saved"
    assert room.workspace.api.read == [("/files-pri/T1-F1/photo.jpg", "Bearer xoxb-1")]
    assert len(images(room)) == 1
    assert SECRET not in images(room)[0]


@pytest.mark.parametrize(
    "address",
    [
        "https://files.slack.com.evil.example/files-pri/T1-F1/a.png",
        "https://files.slack.com@evil.example/files-pri/T1-F1/a.png",
        "http://169.254.169.254/files-pri/latest",
        "file:///etc/passwd",
        "{url}/api/auth.test",
        "{url}/elsewhere/files-pri/a.png",
        "",
    ],
)
def test_nothing_is_read_from_elsewhere(room: Room, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(attachments._pool, "request", lambda _method, url, **_how: asked.append(url))
    values = sent() | upload(room, photograph(), url_private=address.format(url=room.workspace.api.url))
    room.workspace.submit("U1", "item_bring", values, room.metadata)
    assert "Slack did not hand over the picture." in words(last(room))
    assert asked == []
    assert room.count(Item) == 0


def test_in_earnest_only_slacks_own_store_is_asked(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the app talks to the real Slack, the store's address is fixed."""
    asked: list[str] = []

    def request(_method: str, url: str, **how: Any) -> None:
        asked.append(url)
        assert (how["redirect"], how["retries"]) == (False, False)
        raise attachments.urllib3.exceptions.HTTPError("not in a test")

    monkeypatch.setattr(attachments._pool, "request", request)
    monkeypatch.setattr(attachments, "WEB_API", room.workspace.wiring.settings.slack_api_url)
    good = "https://files.slack.com/files-pri/T1-F1/photo.jpg"
    for address in (good, f"{room.workspace.api.url}/files-pri/T1-F1/photo.jpg"):
        room.workspace.submit(
            "U1", "item_bring", sent() | upload(room, photograph(), url_private=address), room.metadata
        )
        assert "Slack did not hand over the picture." in words(last(room))
    assert asked == [good]


def test_nobody_is_followed_to_another_place(room: Room) -> None:
    values = sent() | upload(room, photograph())
    room.workspace.api.files.clear()  # now the store leads to a page on which people log in
    room.workspace.submit("U1", "item_bring", values, room.metadata)
    assert "Slack did not hand over the picture." in words(last(room))
    assert [path for path, _ in room.workspace.api.read] == ["/files-pri/T1-F1/photo.jpg"]
    assert boxes(last(room))["title"]["initial_value"] == "Popcorn"


@pytest.mark.parametrize("told", [{}, {"size": 10}, {"size": None}])
def test_what_is_too_large_is_not_read_to_its_end(
    room: Room, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "LARGEST", 100_000)
    room.workspace.submit("U1", "item_bring", sent() | upload(room, b"x" * 300_000, **told), room.metadata)
    assert "larger than 8 MB" in words(last(room))
    assert len(room.workspace.api.read) == len(told)  # what Slack itself says is too large is not asked for


def test_a_picture_without_words_is_not_read_at_all(room: Room) -> None:
    values = sent(image_alt=" ") | upload(room, photograph())
    said = answer(room.workspace.submit("U1", "item_bring", values, room.metadata))
    assert "Say in a few words what is to be seen" in said["errors"]["image_alt"]
    assert room.workspace.api.read == []


def test_personal_data_is_asked_about_before_a_picture_is_read(room: Room) -> None:
    values = sent(body="Write to alex.meier@example.org") | upload(room, photograph())
    said = answer(room.workspace.submit("U1", "item_bring", values, room.metadata))
    assert "looks like an e-mail address" in words(said["view"])
    assert room.workspace.api.read == []
    metadata = json.loads(said["view"]["private_metadata"])
    room.workspace.submit("U1", "item_bring", values | ticked("anyway", "yes"), metadata)
    assert len(images(room)) == 1


def test_what_the_gallery_refuses_is_said_over_the_form(room: Room) -> None:
    room.workspace.submit("U1", "item_bring", sent(text="A decoy.") | upload(room, photograph()), room.metadata)
    assert "60 characters at least" in words(last(room))
    assert boxes(last(room))["image_alt"]["initial_value"] == "Three prices"
    assert room.count(Item) == 0
    assert images(room) == []


def test_what_breaks_meanwhile_brings_the_form_back(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("on our side")

    monkeypatch.setattr(items, "bring", broken)
    room.workspace.submit("U1", "item_bring", sent() | upload(room, photograph()), room.metadata)
    assert "This was not kept." in words(last(room))
    assert "Something broke on our side" in room.told()
    assert boxes(last(room))["title"]["initial_value"] == "Popcorn"


def test_without_the_scope_no_form_asks_for_a_picture_and_none_is_read(workspace: Workspace) -> None:
    room = Room(workspace, "gallery")
    person = Person(workspace, "U1")
    person.command("found")
    assert "file" not in boxes(person.view)
    assert "A picture can be added in your course." in person.words
    workspace.submit("U1", "item_bring", sent(url=LINK) | upload(room, photograph()), room.metadata)
    assert workspace.api.read == []
    assert room.count(Item) == 1


def test_where_nobody_is_to_be_known_nothing_is_uploaded_to_slack(workspace: Workspace) -> None:
    with workspace.database.write() as session:
        session.execute(update(tables.Workspace).values(scopes=["chat:write", "files:read"]))
    room = Room(workspace, "gallery", anonymity="anonymous")
    workspace.command("U1", "found")
    assert "file" not in boxes(room.opened())
    workspace.command("U9", "found")
    assert "file" in boxes(room.opened())


def test_another_picture_takes_the_place_of_ones_own(room: Room) -> None:
    def brought(session: Any, who: Any, opened: Any) -> int:
        new = New("found", "A poster", HOW, picture=picture(), image_alt="Three prices")
        return items.bring(session, who, opened, gallery_settings.of(opened), new, now=room.workspace.now).id

    item = room.hall.do(brought, room.seat("U1"))
    with room.workspace.database.read() as session:
        before = session.get_one(Item, item).image_id
    person = Person(room.workspace, "U1")
    person.click("item_see", str(item))
    person.press("item_change")
    assert "Another picture" in person.words
    values = person.filled(image_alt="A green field") | upload(room, photograph())
    room.workspace.submit("U1", "item_change", values, person.metadata)
    assert last(room)["callback_id"] == "item_page"
    with room.workspace.database.read() as session:
        row = session.get_one(Item, item)
        assert row.image_id not in {None, before}
        assert row.image_alt == "A green field"
    room.workspace.api.files.clear()
    room.workspace.submit("U1", "item_change", values, person.metadata)
    assert "Slack did not hand over the picture." in words(last(room))
    assert last(room)["callback_id"] == "item_change"
    with room.workspace.database.read() as session:
        assert session.get_one(Contribution, item).status == "live"
