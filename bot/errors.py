"""What a person is told when something could not be done: what happened, what was kept, what to do next."""

from __future__ import annotations

import logging
from typing import Any

from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot import blocks
from bot.calls import Call, NotLinked
from core.activities.refusals import Refusal
from core.secrets import support_code
from core.words import N_

_log = logging.getLogger("heirloom.slack")
_BROKEN = N_(
    "Something broke on our side, and what you did was not kept. Try again; if it breaks again, tell {support} this "
    "code: {code}"
)
_BUSY = N_("Too much happens at once right now, and what you did was not kept. Try again in a minute.")
_NOBODY = N_("your teacher")


def tell(call: Call, error: Exception, *, is_submission: bool) -> None:
    """Tell this person, in the modal that is open or in a message that they alone see. Never raises."""
    text, extra = _words(call, error)
    try:
        if is_submission:
            call.ack(response_action="push", view=_modal(call, text, extra))
            return
        call.ack()
        call.respond(text, [*blocks.paragraphs([text]), *extra])
    except Exception:  # Slack is away, too: the log says what we could not tell
        _log.exception("not told")


def _words(call: Call, error: Exception) -> tuple[str, list[dict[str, Any]]]:
    if isinstance(error, NotLinked):
        button = blocks.button(call.say(N_("Link my account")), "person_link", style="primary")
        return call.say(error.sentence), blocks.actions([button])
    if isinstance(error, Refusal):
        return call.say(error.sentence), []
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        _log.error("busy", extra={"fields": {"kind": type(error).__name__}})
        return call.say(_BUSY), []
    code = support_code()
    fields: dict[str, object] = {"code": code, "workspace": call.workspace.team_id}
    if isinstance(error, SlackApiError):
        fields["slack"] = str(error.response.get("error"))
    _log.error("broken", exc_info=error, extra={"fields": fields})
    support = call.wiring.settings.support or call.say(_NOBODY)
    return call.say(_BROKEN, support=support, code=code), []


def _modal(call: Call, text: str, extra: list[dict[str, Any]]) -> dict[str, Any]:
    shown = [*blocks.paragraphs([text]), *extra]
    return blocks.modal(call.say(N_("Not done")), shown, call.say, callback_id="told", close=call.say(N_("Close")))
