"""What a person is told when something could not be done: what happened, what was kept, what to do next."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from slack_bolt import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot import blocks
from bot.calls import Call, NotLinked
from bot.wiring import TIMEOUT
from core.activities.refusals import Refusal
from core.secrets import support_code
from core.words import N_, Sentence

_log = logging.getLogger("heirloom.slack")
_BROKEN = N_(
    "Something broke on our side, and what you did was not kept. Try again; if it breaks again, tell {support} this "
    "code: {code}"
)
_BUSY = N_("Too much happens at once right now, and what you did was not kept. Try again in a minute.")
_UNSEEN = N_("Slack did not let us show you this. What you had sent is kept: look before you send it again.")
_NOBODY = N_("your teacher")


def tell(call: Call, error: Exception, *, is_submission: bool) -> None:
    """Tell this person, in the modal that is open or in a message that they alone see. Never raises."""
    text, extra = _words(call, error)
    try:
        if is_submission:
            call.ack(response_action="push", view=_modal(call.say, text, extra))
            return
        call.ack()
        call.respond(text, [*blocks.paragraphs([text]), *extra])
    except Exception:  # Slack is away, too: the log says what we could not tell
        _log.exception("not told")


def busy(ack: Any, body: Mapping[str, Any], error: Exception) -> None:
    """The database was away before it was known who asks: told in English, by what the delivery itself brings.

    A form that was sent stays open below, with everything typed.
    """
    _log.error("busy", extra={"fields": {"kind": type(error).__name__}})
    if body.get("type") == "view_submission":
        ack(response_action="push", view=_modal(_english, _BUSY, []))
        return
    ack()
    _tell_by_url(body, _BUSY)


def before(
    error: Exception, body: Mapping[str, Any], support: str, later: Callable[[Callable[[], None]], object]
) -> BoltResponse:
    """What Slack is answered where it could not even be found out which workspace asks, so that nothing was begun.

    An event comes again (docs.slack.dev/apis/events-api, "retries"). A person is told in English where the delivery
    itself brings a way to; where it brings none, Slack shows its own warning.
    """
    text = _unready(error, support)
    if body.get("command"):
        said = json.dumps({"response_type": "ephemeral", "text": text})
    elif body.get("type") == "view_submission":
        said = json.dumps({"response_action": "push", "view": _modal(_english, text, [])})
    elif body.get("response_url"):
        later(lambda: _tell_by_url(body, text))
        return BoltResponse(status=200)
    else:
        return BoltResponse(status=500)
    return BoltResponse(status=200, body=said, headers={"content-type": "application/json"})


def _unready(error: Exception, support: str) -> str:
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        _log.error("busy", extra={"fields": {"kind": type(error).__name__}})
        return _BUSY
    code = support_code()
    _log.error("broken", exc_info=error, extra={"fields": {"code": code}})
    return _english(_BROKEN, support=support or _NOBODY, code=code)


def _tell_by_url(body: Mapping[str, Any], text: str) -> None:
    url = body.get("response_url")
    if url:
        with suppress(OSError):
            WebhookClient(str(url), timeout=TIMEOUT, retry_handlers=[]).send(text=text, response_type="ephemeral")


def _words(call: Call, error: Exception) -> tuple[str, list[dict[str, Any]]]:
    if isinstance(error, NotLinked):
        button = blocks.button(call.say(N_("Link my account")), "person_link", style="primary")
        return call.say(error.sentence), blocks.actions([button])
    if isinstance(error, Refusal):
        return call.say(error.sentence), []
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        _log.error("busy", extra={"fields": {"kind": type(error).__name__}})
        return call.say(_BUSY), []
    if isinstance(error, SlackApiError | OSError):  # the network is touched after the commit alone
        what = str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
        _log.error("not shown", extra={"fields": {"error": what, "workspace": call.workspace.team_id}})
        return call.say(_UNSEEN), []
    code = support_code()
    fields: dict[str, object] = {"code": code, "workspace": call.workspace.team_id}
    _log.error("broken", exc_info=error, extra={"fields": fields})
    support = call.wiring.settings.support or call.say(_NOBODY)
    return call.say(_BROKEN, support=support, code=code), []


def _modal(say: blocks.Say, text: str, extra: list[dict[str, Any]]) -> dict[str, Any]:
    shown = [*blocks.paragraphs([text]), *extra]
    return blocks.modal(say(N_("Not done")), shown, say, callback_id="told", close=say(N_("Close")))


def _english(message: Sentence | str, /, **values: object) -> str:
    return str(message if isinstance(message, Sentence) else Sentence(message, values))
