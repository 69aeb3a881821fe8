"""Pictures that people choose in a form of ours: read from Slack's store, made harmless as the course does, and kept.

Only the file that was chosen there is read, only from Slack's own store, with the app's token and without following
anybody to another place; its name and who uploaded it are not kept. Reading it may take longer than Slack waits for an
answer, so the form is answered first and the view follows.
Sources: docs.slack.dev/reference/block-kit/block-elements/file-input-element;
docs.slack.dev/messaging/working-with-files, "url_private".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import urllib3

from bot import errors
from bot.blocks import Block
from bot.calls import Call
from bot.views import texts as views
from bot.views.found import FILE
from bot.wiring import TIMEOUT
from core.activities.refusals import Refusal
from core.events import security_event, work_event
from core.problems.images import BadImage, CleanImage, clean_image
from core.words import N_

SCOPE = "files:read"
STORE = "https://files.slack.com"
WEB_API = "https://slack.com/api"
LARGEST = 8 * 1024 * 1024  # bytes, as on the course's page
LONGEST = 20.0  # [s] for one file
PIECE = 64 * 1024
_TOO_LARGE = N_("The picture is larger than 8 MB. Make it smaller and choose it again; the rest is still there.")
_NOT_READ = N_("Slack did not hand over the picture. Choose it again, or save without it; the rest is still there.")
_pool = urllib3.PoolManager(maxsize=4)


def may_read(call: Call) -> bool:
    """Whether the workspace lets us read what people choose in our forms."""
    return SCOPE in call.workspace.scopes


def chosen(call: Call) -> Mapping[str, Any] | None:
    """What Slack tells of the picture that was chosen in a form."""
    if not may_read(call):
        return None
    told = [file for state in call.values.get(FILE, {}).values() for file in state.get("files") or ()]
    return told[0] if told and isinstance(told[0], Mapping) else None


def go_on(
    call: Call, told: Mapping[str, Any], keep: Callable[[CleanImage], Block], again: Callable[[list[str]], Block]
) -> None:
    """Answer the form, read the picture, and show what `keep` makes of it; or the form `again` with what was wrong."""
    waiting = [call.say(N_("Your picture is read and checked. This takes a few seconds."))]
    call.ack(response_action="update", view=views.told(call.say(N_("One moment")), waiting, call.say))
    lines = []
    try:
        view = keep(read(call, told))
    except Refusal as refusal:
        lines = [call.say(refusal.sentence)]
    except Exception as error:
        errors.tell(call, error, is_submission=False)
        lines = [call.say(_NOT_KEPT)]
    if lines:
        view = again([*lines, call.say(_AGAIN)])
    call.client.views_update(view_id=str(call.view["id"]), view=view)


_NOT_KEPT = N_("This was not kept. Everything that you typed is still there.")
_AGAIN = N_("If you want to send a picture along, choose it once more.")


def read(call: Call, told: Mapping[str, Any]) -> CleanImage:
    """The picture, decoded and written anew. Raises Refusal."""
    if int(told.get("size") or 0) > LARGEST:
        raise Refusal(_TOO_LARGE)
    data = _fetched(call, str(told.get("url_private") or ""))
    try:
        return clean_image(data, name=call.say(N_("The picture")))
    except BadImage as error:
        raise Refusal("{reason}", reason=error.sentence) from error


def _fetched(call: Call, address: str) -> bytes:
    api = call.wiring.settings.slack_api_url
    store, parts = urlsplit(STORE if api == WEB_API else api), urlsplit(address)
    if (parts.scheme, parts.netloc) != (store.scheme, store.netloc) or not parts.path.startswith("/files-pri/"):
        security_event("slack_file_elsewhere", workspace=call.workspace.team_id)
        raise Refusal(_NOT_READ)
    headers = {"Authorization": f"Bearer {call.client.token}"}
    try:
        answer = _pool.request(
            "GET", address, headers=headers, timeout=TIMEOUT, retries=False, redirect=False, preload_content=False
        )
        try:
            if answer.status != 200:  # whoever may not read it is sent to a page on which people log in
                work_event("slack_file_not_read", level=logging.WARNING, status=answer.status)
                raise Refusal(_NOT_READ)
            return _capped(answer)
        finally:
            answer.close()
    except urllib3.exceptions.HTTPError as error:
        work_event("slack_file_not_read", level=logging.WARNING, kind=type(error).__name__)
        raise Refusal(_NOT_READ) from error


def _capped(answer: urllib3.BaseHTTPResponse) -> bytes:
    """At most LARGEST bytes, in no more than LONGEST seconds."""
    end, data = time.monotonic() + LONGEST, bytearray()
    for piece in answer.stream(PIECE, decode_content=False):
        data += piece
        if len(data) > LARGEST:
            raise Refusal(_TOO_LARGE)
        if time.monotonic() > end:
            raise Refusal(_NOT_READ)
    return bytes(data)
