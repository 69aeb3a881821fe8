"""An item's picture, shown in a view of Slack's to the one person who asks to see it.

Slack shows a picture that it keeps itself or one at a public address, and what a class brings has none. So the picture
is uploaded for this one view, shared nowhere, and deleted as soon as the view shows something else or is closed. If the
app never hears that it was closed (Slack tells it only of a view that somebody closes), the copy stays: a file of the
app's own that is in no channel.
Sources: docs.slack.dev/messaging/working-with-files; docs.slack.dev/surfaces/modals ("view_closed").
"""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from slack_sdk.errors import SlackApiError

from bot import blocks, uploads
from bot.blocks import Block
from bot.calls import Call
from bot.listeners import Listener
from bot.rendering import Picture
from bot.texts import target, where
from bot.views.found import PICTURE
from core.activities import gallery_settings, item_pages, pictures
from core.activities.refusals import NotFound
from core.events import work_event
from core.words import N_

SCOPE = "files:write"
_UNREADY = {"invalid_blocks", "invalid_arguments"}  # what Slack says of a view with a file that it still works on
_MOVED_ON = {"hash_conflict", "not_found", "view_not_found"}  # the person went on meanwhile
_SENT = ("type", "callback_id", "title", "close", "submit", "private_metadata", "blocks")


def may_show(call: Call) -> bool:
    """Whether the workspace lets us upload pictures."""
    return SCOPE in call.workspace.scopes


def _show(call: Call) -> None:
    """The button beside what is to be seen in words."""
    with call.wiring.database.read() as session:
        here = where(call, session, target(call), "gallery")
        item = item_pages.one(session, here.seat, here.opened, gallery_settings.of(here.opened), target(call))
        if item.picture is None:
            raise NotFound(N_("This picture is not shown here any more."))
        mime, data = pictures.shown(session, here.seat, here.opened.public_id, item.picture.id, now=call.now)
    call.ack()
    picture = Picture(data, item.picture.alt, f"picture.{mime.partition('/')[2]}")
    call.later(lambda: _put(call, picture))


def _put(call: Call, picture: Picture) -> None:
    """The picture in place of the button. Slack takes a moment until it can show what it was given."""
    file_id = uploads.upload(call.client, picture)
    if file_id is None:
        raise OSError("Slack's store of files did not take the picture")
    shown, was = call.view, str(call.view.get("hash") or "")
    view = _with(shown, file_id, picture, call.metadata | {"file": file_id})
    for look in range(1, uploads.LOOKS + 1):
        time.sleep(uploads.APART)
        try:
            call.client.views_update(view_id=str(shown["id"]), hash=was, view=view)
            return
        except SlackApiError as error:
            what = str(error.response.get("error"))
            if what in _UNREADY and look < uploads.LOOKS:
                continue
            _delete(call, file_id)
            if what in _MOVED_ON:
                return
            raise


def _with(shown: Any, file_id: str, picture: Picture, metadata: dict[str, Any]) -> Block:
    view: Block = {name: shown[name] for name in _SENT if shown.get(name)}
    seen = blocks.picture(file_id, picture.alt)
    view["blocks"] = [
        {**seen, "block_id": block["block_id"]} if str(block.get("block_id", "")).startswith(PICTURE) else block
        for block in shown["blocks"]
    ]
    return {**view, "private_metadata": json.dumps(metadata), "notify_on_close": True}


def drop(call: Call) -> None:
    """Delete the picture of the view that shows something else now. After `ack`."""
    file_id = call.metadata.get("file")
    if isinstance(file_id, str):
        call.later(lambda: _delete(call, file_id))


def _delete(call: Call, file_id: str) -> None:
    try:
        call.client.files_delete(file=file_id)
    except (SlackApiError, OSError) as error:  # nobody waits for it
        work_event("slack_picture_left", level=logging.WARNING, kind=type(error).__name__)


def _closed(call: Call) -> None:
    call.ack()
    drop(call)


LISTENERS = (
    Listener("action", "item_picture", _show),
    Listener("closed", "item_rate", _closed),
    Listener("closed", "item_page", _closed),
)
