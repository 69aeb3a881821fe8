"""A picture of the gallery in a view of the strict workspace: seen by who asks, gone from Slack when the view is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from bot import uploads
from core.activities import channels, gallery_settings, items
from core.activities.items import New
from core.store import tables
from sandbox.slack.api import files
from sandbox.slack.interactions import ViewPlace
from tests.bot.classes import Class as Room
from tests.bot.modals import Person
from tests.bot.slack import Workspace
from tests.bot.test_found import HOW
from tests.bot.test_polls_in_slack import Class, done, klass, until
from tests.bot.test_questions_in_slack import view
from tests.core.activities.bringing import picture

__all__ = ["klass"]
DATABASES = ("sqlite",)
ALT = "Three prices on a board"


def brought(session: Any, who: Any, opened: Any, now: Any, title: str = "A poster") -> int:
    new = New("found", title, f"{title}. {HOW}", picture=picture(), image_alt=ALT)
    return items.bring(session, who, opened, gallery_settings.of(opened), new, now=now).id


class Gallery:
    """The strict workspace's class with a gallery of pictures, brought by its first student."""

    def __init__(self, klass: Class, *titles: str) -> None:
        self.klass, self.slack = klass, klass.slack.slack
        hall = klass.hall
        with hall.database.write() as session:
            bound = next(iter(channels.of_course(session, hall.teacher)))
            opened = channels.activity(session, hall.teacher, bound, "gallery", now=hall.now)
            for title in titles:
                brought(session, hall.students[0], opened, hall.now, title)
            self.opened = opened

    @property
    def kept(self) -> list[str]:
        """The files that Slack keeps."""
        return [file.id for file in self.slack.files.values() if not file.deleted]

    def press(self, user: str, action_id: str) -> None:
        self.klass.use(user, ViewPlace(self.klass.modal(user).id), action_id)

    def image(self, user: str) -> dict[str, Any] | None:
        """The picture in the view before this person."""
        blocks = self.klass.modal(user).content["blocks"]
        return next((block for block in blocks if block["type"] == "image"), None)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack is ready for the second look."""
    monkeypatch.setattr(uploads, "APART", 0.1)
    monkeypatch.setattr(files, "PREPARING_SECONDS", 0.15)


def judging(klass: Class, *titles: str) -> tuple[Gallery, str]:
    """A student before the first of two pictures."""
    gallery, judge = Gallery(klass, *titles), klass.students[1]
    acting = klass.slack.outside.acting
    done(acting.open_home(judge, klass.slack.app.id))
    home = until(lambda: next((one for one in gallery.slack.views.values() if one.user_id == judge), None))
    action = f"item_next:{gallery.opened.id}"
    block = next(one for one in home.content["blocks"] if one.get("accessory", {}).get("action_id") == action)
    done(acting.use(judge, ViewPlace(home.id), block["block_id"], action, None))
    view(klass, judge, "item_rate")
    return gallery, judge


def test_who_judges_sees_the_picture_and_what_they_chose_stays(klass: Class) -> None:
    gallery, judge = judging(klass, "A poster", "Another poster")
    place = ViewPlace(klass.modal(judge).id)
    side = next(block["block_id"] for block in klass.modal(judge).content["blocks"] if block["type"] == "input")
    done(klass.slack.outside.acting.use(judge, place, side, "typed", "5"))
    gallery.press(judge, "item_picture")
    shown = until(lambda: gallery.image(judge))
    assert shown["alt_text"] == ALT
    assert gallery.kept == [shown["slack_file"]["id"]]
    done(klass.slack.outside.acting.submit(judge, klass.modal(judge).id))
    assert gallery.image(judge) is None  # the next item comes with a button of its own
    until(lambda: not gallery.kept)


def test_a_view_that_is_closed_takes_the_picture_along(klass: Class) -> None:
    gallery, judge = judging(klass, "A poster")
    gallery.press(judge, "item_picture")
    until(lambda: gallery.image(judge))
    klass.slack.outside.acting.close(judge, klass.modal(judge).id)
    until(lambda: not gallery.kept)


def test_who_went_on_meanwhile_keeps_the_view_and_slack_no_picture(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery, judge = judging(klass, "A poster", "Another poster")
    going: list[Callable[[], None]] = [lambda: gallery.press(judge, "item_skip")]

    def put(*given: Any) -> str | None:
        made = upload(*given)
        going.pop()()
        return made

    upload = uploads.upload
    monkeypatch.setattr(uploads, "upload", put)
    before = klass.modal(judge).content["private_metadata"]
    gallery.press(judge, "item_picture")
    until(lambda: gallery.slack.files and not gallery.kept)
    assert gallery.image(judge) is None
    assert klass.modal(judge).content["private_metadata"] != before


def test_without_the_scope_there_are_words_alone(workspace: Workspace) -> None:
    room = Room(workspace, "gallery")
    item = room.hall.do(lambda s, who, o: brought(s, who, o, workspace.now), room.seat("U1"))
    person = Person(workspace, "U2")
    person.click("item_see", str(item))
    assert "Show the picture" in person.words
    with workspace.database.write() as session:
        session.execute(update(tables.Workspace).values(scopes=["chat:write"]))
    person.click("item_see", str(item))
    assert "Show the picture" not in person.words
    assert f"It has a picture, which is in your course. To be seen: \u2068{ALT}\u2069" in person.words


def test_a_picture_is_shown_to_nobody_who_does_not_see_its_item(workspace: Workspace) -> None:
    room = Room(workspace, "gallery")
    item = room.hall.do(lambda s, who, o: brought(s, who, o, workspace.now), room.seat("U1"))
    room.hall.do(lambda s, who, o: items.take_back(s, who, o, gallery_settings.of(o), item, now=workspace.now),
                 room.seat("U1"))  # fmt: skip
    workspace.click("U2", "item_picture", str(item))
    assert "This item is not shown here." in room.told()
    assert workspace.api.of("files.getUploadURLExternal") == []


def test_where_slack_takes_no_picture_the_person_is_told_and_nothing_is_left(workspace: Workspace) -> None:
    room = Room(workspace, "gallery")
    item = room.hall.do(lambda s, who, o: brought(s, who, o, workspace.now), room.seat("U1"))
    workspace.click("U2", "item_see", str(item))
    shown = room.opened()
    workspace.api.answers["files.getUploadURLExternal"] = [
        {"upload_url": f"{workspace.api.url}/upload", "file_id": "F7"},
        {"ok": False, "error": "ratelimited"},
    ]
    workspace.api.answers["views.update"] = [{"ok": False, "error": "invalid_blocks"}] * uploads.LOOKS
    room.press("U2", shown, "item_picture", str(item))
    assert "Slack did not let us show you this." in room.told()
    assert [said["file"] for said in workspace.api.of("files.delete")] == ["F7"]
    room.press("U2", shown, "item_picture", str(item))
    assert len(workspace.api.of("views.update")) == uploads.LOOKS
    assert len(workspace.told()) == 2
