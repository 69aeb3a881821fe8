"""The Bolt application, made from its wiring and the table of listeners; nothing is kept in memory between requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

from slack_bolt import App, BoltContext
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from bot import errors
from bot.calls import Call
from bot.listeners import Listener, table
from bot.wiring import Wiring
from core import languages
from core.activities import channels, identities, slack_users, workspaces
from core.activities.channels import Bound
from core.activities.refusals import Refusal
from core.activities.workspaces import Workspace

NOT_INSTALLED = "Heirloom is not installed in this workspace any more. Ask whoever looks after it to install it again."
TELLERS = 2  # threads that tell people what became of what they did
WORKERS = 24  # threads that handle deliveries; Bolt's own five queue behind one slow answer


def create_bot(wiring: Wiring, executor: Executor | None = None) -> App:
    """The application. It is asked by HTTP (`bot.web`) or over a socket (`heirloom slack socket`)."""

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        """From the database alone: `auth.test` at each delivery would use up a limit while a class votes."""
        with wiring.database.read() as session:
            found = workspaces.find(session, enterprise_id, team_id)
        if found is None or found.bot_token is None:
            return None
        return AuthorizeResult(
            enterprise_id=found.enterprise_id or None,
            team_id=found.team_id or team_id,
            bot_user_id=found.bot_user_id,
            bot_id=found.bot_id,
            bot_token=wiring.vault.open(found.bot_token),
            bot_scopes=list(found.scopes),
        )

    listeners = executor or ThreadPoolExecutor(WORKERS, thread_name_prefix="slack")
    telling = executor or ThreadPoolExecutor(TELLERS, thread_name_prefix="slack-telling")
    app = App(
        signing_secret=wiring.settings.slack_signing_secret,
        client=wiring.client(),
        authorize=authorize,  # type: ignore[arg-type]  # None means that there is no installation
        listener_executor=listeners,
        user_facing_authorize_error_message=NOT_INSTALLED,
        raise_error_for_unhandled_request=False,
        attaching_conversation_kwargs_enabled=False,
    )
    for listener in table():
        _register(app, wiring, listener, telling)
    return app


def _register(app: App, wiring: Wiring, listener: Listener, telling: Executor) -> None:
    handle = _handler(wiring, listener, telling)
    if listener.kind == "action":
        app.action(re.compile(rf"^{re.escape(listener.name)}(:.*)?$"))(handle)
    elif listener.kind == "submit":
        app.view_submission(listener.name)(handle)
    elif listener.kind == "closed":
        app.view_closed(listener.name)(handle)
    elif listener.kind == "command":
        app.command(listener.name)(handle)
    elif listener.kind == "shortcut":
        app.global_shortcut(listener.name)(handle)
    elif listener.kind == "message_shortcut":
        app.message_shortcut(listener.name)(handle)
    else:
        app.event(listener.name)(handle)


def _handler(wiring: Wiring, listener: Listener, telling: Executor) -> Callable[..., None]:
    def handle(ack: Any, body: dict[str, Any], context: BoltContext, client: Any) -> None:
        try:
            call = _call(wiring, ack, body, context, client, telling)
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
            errors.tell(call, error, is_submission=listener.kind == "submit")

    return handle


def _forget(call: Call, event_id: str) -> None:
    """It was not handled: should Slack send it again, it is."""
    with suppress(OperationalError, InterfaceError, PoolTimeout), call.wiring.database.write() as session:
        workspaces.forget(session, call.workspace.id, event_id)


def _is_first(call: Call, event_id: str) -> bool:
    """Slack sends an event again when it is not sure that it arrived: each is handled once."""
    with call.wiring.database.write() as session:
        return workspaces.is_new(session, call.workspace.id, event_id, now=call.now)


def _call(
    wiring: Wiring, ack: Any, body: dict[str, Any], context: BoltContext, client: Any, telling: Executor
) -> Call | None:
    user = context.user_id or ""
    with wiring.database.read() as session:
        workspace = workspaces.find(session, context.enterprise_id, context.team_id)
        if workspace is None:
            return None
        call = Call(wiring, workspace, user, body, ack, client, languages.SOURCE, lambda _do: None)
        known = slack_users.profile(session, workspace.id, user) if user else slack_users.NOBODY
        bound = channels.find(session, workspace.id, call.channel_id) if call.channel_id else None
        is_new = bound is not None and not bound.has_lms and not _is_met(session, workspace, user, bound)
    if user and (known is slack_users.NOBODY or is_new):
        with wiring.database.write() as session:
            slack_users.note(session, workspace.id, user)
            if bound is not None and is_new:  # here, because listeners that only look may not write
                with suppress(Refusal):  # the listener says it
                    call.seat(session, bound)
    spoken = languages.choose(known.locale) or (languages.choose(bound.language) if bound else None)
    call = replace(call, language=spoken or languages.SOURCE)
    return replace(call, later=lambda do: _tell_later(telling, call, do))


def _tell_later(telling: Executor, call: Call, do: Callable[[], None]) -> None:
    """What a person is told of what is stored already: few threads do it, so that no vote waits for it."""

    def guarded() -> None:
        try:
            do()
        except Exception as error:
            errors.tell(call, error, is_submission=False)

    telling.submit(guarded)


def _is_met(session: Session, workspace: Workspace, user: str, bound: Bound) -> bool:
    """Whether this person is somebody in a class that was made in Slack."""
    return identities.person_of(session, workspace.id, user, bound.platform_id) is not None
