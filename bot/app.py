"""The Bolt application, made from its wiring and the table of listeners; nothing is kept in memory between requests."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt import App, BoltContext, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot import arrivals, errors
from bot.arrivals import Arrival
from bot.calls import Call
from bot.hands import Hands
from bot.listeners import Kind, Listener, table
from bot.wiring import Wiring
from core import languages
from core.activities import slack_users, workspaces
from core.activities.refusals import Refusal

NOT_INSTALLED = "Heirloom is not installed in this workspace any more. Ask whoever looks after it to install it again."


def create_bot(wiring: Wiring, executor: Executor | None = None) -> App:
    """The application. It is asked by HTTP (`bot.web`) or over a socket (`heirloom slack socket`)."""

    def arriving(context: BoltContext, body: dict[str, Any], next: Callable[[], None]) -> None:
        context[arrivals.KEY] = arrivals.look(wiring, context, body)
        next()

    def authorize(context: BoltContext) -> AuthorizeResult | None:
        return arrivals.allowed(wiring, context)

    hands = Hands(executor)
    app = App(
        signing_secret=wiring.settings.slack_signing_secret,
        client=wiring.client(),
        before_authorize=arriving,
        authorize=authorize,  # type: ignore[arg-type]  # None means that there is no installation
        listener_executor=hands,
        user_facing_authorize_error_message=NOT_INSTALLED,
        raise_error_for_unhandled_request=False,
        attaching_conversation_kwargs_enabled=False,
    )

    @app.error
    def unready(error: Exception, body: dict[str, Any]) -> BoltResponse:
        return errors.before(error, body, wiring.settings.support, hands.later)

    by_kind: dict[Kind, dict[str, Listener]] = defaultdict(dict)
    for listener in table():
        by_kind[listener.kind][listener.name] = listener
    for kind, named in by_kind.items():
        _register(app, wiring, kind, named, hands)
    return app


def _register(app: App, wiring: Wiring, kind: Kind, named: Mapping[str, Listener], hands: Hands) -> None:
    """One of Bolt's listeners a kind: Bolt asks one after another whether it is meant, at each delivery."""
    more = "(:.*)?" if kind == "action" else ""
    names = re.compile(rf"^({'|'.join(map(re.escape, named))}){more}$")
    listen: Callable[[re.Pattern[str]], Callable[..., Any]] = {
        "action": app.block_action,
        "submit": app.view_submission,
        "closed": app.view_closed,
        "command": app.command,
        "shortcut": app.global_shortcut,
        "message_shortcut": app.message_shortcut,
        "event": app.event,
    }[kind]
    listen(names)(_handler(wiring, kind, named, hands))


def _name(kind: Kind, body: Mapping[str, Any]) -> str:
    """By which name it is listened for."""
    if kind == "action":
        return str(body["actions"][0]["action_id"]).partition(":")[0]
    if kind == "command":
        return str(body["command"])
    if kind == "event":
        return str(body["event"]["type"])
    return str((body["view"] if kind in {"submit", "closed"} else body)["callback_id"])


def _handler(wiring: Wiring, kind: Kind, named: Mapping[str, Listener], hands: Hands) -> Callable[..., None]:
    def handle(ack: Any, body: dict[str, Any], context: BoltContext, client: Any) -> None:
        listener = named[_name(kind, body)]

        def work(answer: Callable[..., Any]) -> None:
            _handle(wiring, listener, hands, answer, body, context, client)

        hands.take(work, ack, here=listener.is_quick)

    return handle


def _handle(
    wiring: Wiring, listener: Listener, hands: Hands, ack: Any, body: dict[str, Any], context: BoltContext, client: Any
) -> None:
    try:
        call = _call(wiring, ack, body, context, client, hands)
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        errors.busy(ack, body, error)
        return
    if call is None:
        ack()
        return
    event_id = body.get("event_id") if listener.kind == "event" else None
    try:
        if event_id and not _is_first(call, str(event_id)):
            return
        listener.handle(call)
    except Exception as error:
        if event_id:
            _forget(call, str(event_id))
        tell = partial(errors.tell, call, error, is_submission=listener.kind == "submit")
        if listener.is_quick and listener.kind != "submit":  # Slack is asked, and this thread has others waiting
            ack()
            hands.later(tell)
        else:
            tell()


def _forget(call: Call, event_id: str) -> None:
    """It was not handled: should Slack send it again, it is."""
    with suppress(OperationalError, InterfaceError, PoolTimeout), call.wiring.database.write() as session:
        workspaces.forget(session, call.workspace.id, event_id)


def _is_first(call: Call, event_id: str) -> bool:
    """Slack sends an event again when it is not sure that it arrived: each is handled once."""
    with call.wiring.database.write() as session:
        return workspaces.is_new(session, call.workspace.id, event_id, now=call.now)


def _call(
    wiring: Wiring, ack: Any, body: dict[str, Any], context: BoltContext, client: Any, hands: Hands
) -> Call | None:
    arrival: Arrival | None = context[arrivals.KEY]
    if arrival is None:
        return None
    user, known, bound = context.user_id or "", arrival.delivery.known, arrival.delivery.bound
    call = Call(wiring, arrival.delivery.workspace, user, body, ack, client, languages.SOURCE, lambda _do: None, bound)
    if user and (known is slack_users.NOBODY or arrival.is_new):
        with wiring.database.write() as session:
            slack_users.note(session, call.workspace.id, user)
            if bound is not None and arrival.is_new:  # here, because listeners that only look may not write
                with suppress(Refusal):  # the listener says it
                    call.seat(session, bound)
    spoken = languages.choose(known.locale) or (languages.choose(bound.language) if bound else None)
    call = replace(call, language=spoken or languages.SOURCE)
    return replace(call, later=lambda do: hands.later(lambda: _tell(call, do)))


def _tell(call: Call, do: Callable[[], None]) -> None:
    """Tell a person what became of what is stored already."""
    try:
        do()
    except Exception as error:
        errors.tell(call, error, is_submission=False)
