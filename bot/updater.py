"""The updater: one for each workspace at a time, it sends what is due at the pace that Slack allows.

Limits (docs.slack.dev/apis/web-api/rate-limits): chat.update is Tier 3, 50 a minute; chat.postMessage one a second and
channel. We stay at 40 updates a minute, spend the first of them fast (a class votes for ten seconds and wants to see
it), then slow down. Whatever happened meanwhile is in the next update, because each is made from the database.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackTokenRotationError
from slack_sdk.oauth.token_rotation import TokenRotator
from sqlalchemy.exc import DBAPIError

from bot import sifting, uploads
from bot.rendering import Render, RenderDirect, Rendered
from bot.stores import Installations
from bot.wiring import Wiring
from core import languages
from core.activities import channels, slack_messages, slack_users, undelivered, workspaces
from core.activities.slack_messages import Direct, Message
from core.activities.workspaces import Workspace
from core.events import work_event

POLL = 0.15  # [s] between two looks when nothing is due
MOST_UPDATES = 40  # a minute and workspace
FAST_UPDATES = 24  # of them, as long as so few were sent within the last minute ...
FAST, SLOW = 0.6, 1.5  # [s] ... between two calls, and after that
BETWEEN_POSTS = 1.05  # [s] in one channel, and between two private messages
BETWEEN_PROFILES = 0.8  # [s]
MOST_TURNS = 10_000  # messages whose turns are remembered
_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
_FOR_GOOD = {
    "channel_not_found", "not_in_channel", "is_archived", "restricted_action", "msg_too_long", "user_not_found",
    "cannot_dm_bot", "user_disabled", "messages_tab_disabled",
}  # fmt: skip
_ENDED = {"account_inactive", "token_revoked", "invalid_auth"}
_log = logging.getLogger("heirloom.slack")


class Pace:
    """When the next call of a kind may go out to a workspace: kept by whoever holds its lease."""

    def __init__(self, clock: Any = time.monotonic) -> None:
        self._clock = clock
        self._updates: dict[int, deque[float]] = defaultdict(deque)
        self._last: dict[tuple[int, str], float] = {}

    def may_update(self, workspace_id: int) -> bool:
        """Whether a chat.update may go out now."""
        now, sent = self._clock(), self._updates[workspace_id]
        while sent and sent[0] <= now - 60:
            sent.popleft()
        if len(sent) >= MOST_UPDATES:
            return False
        return not sent or now - sent[-1] >= (FAST if len(sent) < FAST_UPDATES else SLOW)

    def updated(self, workspace_id: int) -> None:
        self._updates[workspace_id].append(self._clock())

    def may(self, workspace_id: int, what: str, apart: float) -> bool:
        """Whether something that keeps this distance [s] may go out now; if so, it counts as sent."""
        now, key = self._clock(), (workspace_id, what)
        if now - self._last.get(key, -apart) < apart:
            return False
        self._last[key] = now
        return True


class Updater:
    """One process's hands. `renderers` and `directs` by noun, from the table of `bot.nouns`."""

    def __init__(self, wiring: Wiring, renderers: Mapping[str, Render], directs: Mapping[str, RenderDirect]) -> None:
        self._wiring = wiring
        self._renderers = renderers
        self._directs = directs
        self._owner = secrets.token_hex(16)
        self._pace = Pace()
        self._turns: dict[int, int] = {}  # of messages that are kept up to date: when each had its turn last
        self._turn = 0

    def step(self) -> bool:
        """Send one round of what is due in each workspace that nobody else has in hand; False when there was nothing.

        A workspace stays in our hands until the lease runs out: who has sent lately knows the pace.
        """
        with self._wiring.database.read() as session:
            waiting = slack_messages.busy(session, self._owner, now=self._wiring.now())
        did = False
        for workspace_id in waiting:
            with self._wiring.database.write() as session:
                if not slack_messages.claim(session, workspace_id, self._owner, now=self._wiring.now()):
                    continue
                workspace = workspaces.of_id(session, workspace_id)
            if workspace is not None:
                did = self._serve(workspace) or did
        return did

    def end(self) -> None:
        """Put everything out of hand."""
        with self._wiring.database.write() as session:
            slack_messages.release(session, self._owner)

    def _serve(self, workspace: Workspace) -> bool:
        if workspace.bot_token is None:
            return False
        try:
            workspace = self._rotated(workspace)
            client = self._wiring.client(self._wiring.vault.open(workspace.bot_token or ""))
            return any(
                [self._messages(workspace, client), self._private(workspace, client), self._profile(workspace, client)]
            )
        except SlackApiError as error:
            self._refused(workspace, error)
            return True
        except SlackTokenRotationError as error:
            self._refused(workspace, error.api_error)
            return True
        except OSError as error:  # no network, or Slack is away
            work_event("slack_unreachable", level=logging.WARNING, kind=type(error).__name__)
            with self._wiring.database.write() as session:
                slack_messages.pause(session, workspace.id, 5, now=self._wiring.now())
            return True

    def _refused(self, workspace: Workspace, error: SlackApiError) -> None:
        """A refusal that concerns the whole workspace."""
        what = str(error.response.get("error"))
        with self._wiring.database.write() as session:
            if what in _ENDED:
                workspaces.end(session, workspace.id, now=self._wiring.now())
            else:
                wait = float(error.response.headers.get("Retry-After", 5 if what == "ratelimited" else 30))
                slack_messages.pause(session, workspace.id, wait, now=self._wiring.now())
        work_event("slack_refused", level=logging.WARNING, workspace=workspace.team_id, error=what)

    def _messages(self, workspace: Workspace, client: WebClient) -> bool:
        with self._wiring.database.read() as session:
            due = slack_messages.due(session, workspace.id, now=self._wiring.now())
        did = False
        ready = sifting.sift(self._wiring, workspace.id, self._renderers, due)
        # what waited longest comes first: one poll that is always due must not keep the others of its workspace waiting
        for message in sorted(ready, key=lambda one: (one.ts is not None, self._turns.get(one.id, 0))):
            if message.ts is None:
                may = self._pace.may(workspace.id, message.channel_id, BETWEEN_POSTS)
            else:
                may = self._pace.may_update(workspace.id)
            if may and self._still_ours(workspace):
                self._turn += 1
                if len(self._turns) >= MOST_TURNS:
                    self._turns.clear()
                self._turns[message.id] = self._turn
                self._try_to_show(workspace, client, message)
                did = True
        return did

    def _still_ours(self, workspace: Workspace) -> bool:
        with self._wiring.database.write() as session:
            return slack_messages.claim(session, workspace.id, self._owner, now=self._wiring.now())

    def _try_to_show(self, workspace: Workspace, client: WebClient, message: Message) -> None:
        """One message's oddity must not keep all others waiting: it is logged, put off, and given up in the end."""
        try:
            self._show(workspace, client, message)
        except (SlackApiError, OSError, DBAPIError):
            raise
        except Exception:
            _log.exception("message %s", message.id)
            with self._wiring.database.write() as session:
                slack_messages.not_taken(session, message, "broken", for_good=False, now=self._wiring.now())

    def _show(self, workspace: Workspace, client: WebClient, message: Message) -> None:
        with self._wiring.database.read() as session:
            bound = channels.find(session, workspace.id, message.channel_id)
            render = self._renderers.get(message.noun)
            made = render(session, self._wiring, bound, message) if bound is not None and render is not None else None
        if made is None:  # the class has left the channel: what stands there stays
            with self._wiring.database.write() as session:
                slack_messages.not_taken(session, message, "no class", for_good=True, now=self._wiring.now())
            return
        file_id = None
        if message.ts is None or made.digest != message.shown_hash:
            try:
                file_id = self._picture(workspace, client, made)
                ts = self._send(workspace, client, message, made, file_id)
            except SlackApiError as error:
                self._not_taken(workspace, message, error)
                return
        else:
            ts = message.ts
        with self._wiring.database.write() as session:
            slack_messages.shown(
                session,
                message.id,
                ts=ts,
                version=made.version,
                digest=made.digest,
                due_at=made.due_at,
                over=made.over,
                file_id=file_id,
            )

    def _picture(self, workspace: Workspace, client: WebClient, made: Rendered) -> str | None:
        if made.picture is None or "files:write" not in workspace.scopes:
            return None
        try:
            return uploads.upload(client, made.picture)
        except SlackApiError as error:  # the words say everything that the picture shows
            if error.response.get("error") == "ratelimited":
                raise
            work_event("slack_no_picture", level=logging.WARNING, error=str(error.response.get("error")))
            return None

    def _send(
        self, workspace: Workspace, client: WebClient, message: Message, made: Rendered, file_id: str | None
    ) -> str:
        tries = [made.blocks] if made.plain is None else [made.blocks, made.plain]
        looks = 0
        if file_id and made.picture:
            looks, shown = uploads.LOOKS, uploads.block(file_id, made.picture)
            tries = [[*made.blocks, *shown]] * looks + tries
        for number, blocks in enumerate(tries):
            if number < looks:
                time.sleep(uploads.APART)
            try:
                if message.ts is None:
                    answer = client.chat_postMessage(
                        channel=message.channel_id,
                        text=made.text,
                        blocks=blocks,
                        thread_ts=message.thread_ts,
                        unfurl_links=False,
                        unfurl_media=False,
                    )
                else:
                    self._pace.updated(workspace.id)
                    client.chat_update(channel=message.channel_id, ts=message.ts, text=made.text, blocks=blocks)
                    return message.ts
                return str(answer["ts"])
            except SlackApiError as error:
                if error.response.get("error") != "invalid_blocks" or number + 1 == len(tries):
                    raise
        raise AssertionError("there is at least one try")

    def _not_taken(self, workspace: Workspace, message: Message, error: SlackApiError) -> None:
        what = str(error.response.get("error"))
        if what == "ratelimited" or what in _ENDED or what == "token_expired":
            raise error
        with self._wiring.database.write() as session:
            given_up = slack_messages.not_taken(
                session, message, what, for_good=what in _FOR_GOOD | _GONE, now=self._wiring.now()
            )
            if given_up and message.ts is None and message.asked_by:
                slack_messages.direct(
                    session,
                    workspace.id,
                    message.asked_by,
                    "not_posted",
                    message.id,
                    due_at=self._wiring.now(),
                    error=what,
                )
        work_event("slack_not_taken", level=logging.WARNING, noun=message.noun, error=what)

    def _private(self, workspace: Workspace, client: WebClient) -> bool:
        now = self._wiring.now()
        with self._wiring.database.read() as session:
            due = slack_messages.due_directs(session, workspace.id, now=now, most=1)
        if not due or not self._pace.may(workspace.id, "direct", BETWEEN_POSTS):
            return False
        try:
            self._tell(client, due[0])
        except (SlackApiError, OSError, DBAPIError):
            raise
        except Exception:
            _log.exception("private message %s", due[0].id)
            with self._wiring.database.write() as session:
                slack_messages.direct_not_taken(session, due[0], "broken", for_good=False, now=now)
        return True

    def _tell(self, client: WebClient, direct: Direct) -> None:
        now = self._wiring.now()
        with self._wiring.database.write() as session:
            who = slack_users.profile(session, direct.workspace_id, direct.user_id)
            later = who.quiet_over(now)
            if later > now and direct.noun != "not_posted":
                slack_messages.put_off(session, direct, until=later)
                return
            spoken = languages.choose(who.locale) or languages.SOURCE
            made = (
                not_posted(direct, spoken)
                if direct.noun == "not_posted"
                else self._directs[direct.noun](session, self._wiring, direct, spoken)
            )
            if made is None:
                slack_messages.put_off(session, direct, until=None)
                return
        text, blocks = made
        try:
            client.chat_postMessage(channel=direct.user_id, text=text, blocks=blocks or None)
        except SlackApiError as error:
            what = str(error.response.get("error"))
            if what == "ratelimited" or what in _ENDED:
                raise
            with self._wiring.database.write() as session:
                slack_messages.direct_not_taken(session, direct, what, for_good=what in _FOR_GOOD, now=now)
            work_event("slack_not_taken", level=logging.WARNING, noun=direct.noun, error=what)
            return
        with self._wiring.database.write() as session:
            slack_messages.sent(session, direct.id, now=self._wiring.now())

    def _profile(self, workspace: Workspace, client: WebClient) -> bool:
        """Ask Slack about one user whom we do not know yet: name, language, time zone."""
        with self._wiring.database.read() as session:
            unknown = slack_users.unknown(session, workspace.id, now=self._wiring.now(), most=1)
        if not unknown or not self._pace.may(workspace.id, "profile", BETWEEN_PROFILES):
            return False
        try:
            told: Mapping[str, Any] = client.users_info(user=unknown[0], include_locale=True)["user"]
        except SlackApiError as error:
            what = str(error.response.get("error"))
            if what in {"ratelimited", "token_expired"} | _ENDED:
                raise
            with self._wiring.database.write() as session:
                slack_users.asked(session, workspace.id, unknown[0], now=self._wiring.now())
            return True
        shown = told.get("profile") or {}
        with self._wiring.database.write() as session:
            slack_users.tell(
                session,
                workspace.id,
                unknown[0],
                name=str(shown.get("display_name") or told.get("real_name") or "") or None,
                locale=told.get("locale"),
                time_zone=told.get("tz"),
                now=self._wiring.now(),
            )
        return True

    def _rotated(self, workspace: Workspace) -> Workspace:
        """The workspace with a token that lives: one that ends within two hours is changed for a new one."""
        soon = self._wiring.now() + slack_messages.ROTATE_BEFORE
        if workspace.bot_refresh_token is None or (workspace.bot_token_expires_at or soon) > soon:
            return workspace
        store, settings = Installations(self._wiring), self._wiring.settings
        bot = store.find_bot(
            enterprise_id=workspace.enterprise_id or None,
            team_id=workspace.team_id or None,
            is_enterprise_install=workspace.team_id == "",
        )
        rotator = TokenRotator(
            client_id=settings.slack_client_id,
            client_secret=settings.slack_client_secret,
            client=self._wiring.client(),
        )
        minutes = 365 * 24 * 60  # whatever its own clock says: ours has decided
        fresh = rotator.perform_bot_token_rotation(bot=bot, minutes_before_expiration=minutes) if bot else None
        if fresh is not None:
            store.save_bot(fresh)
            work_event("slack_rotated", workspace=workspace.team_id)
        with self._wiring.database.read() as session:
            return workspaces.of_id(session, workspace.id) or workspace


def not_posted(direct: Direct, language: str) -> tuple[str, list[dict[str, Any]]]:
    """To whoever asked for a message that Slack did not take."""
    error = str(direct.details.get("error"))
    return languages.say(undelivered.why(error), language), []


def run(updater: Updater, stop: threading.Event, poll: float = POLL) -> None:
    """Work until `stop` is set."""
    while not stop.is_set():
        try:
            did = updater.step()
        except DBAPIError as error:
            work_event("database_unreachable", level=logging.ERROR, kind=type(error).__name__)
            did = False
        except Exception:  # one message's oddity must not keep all others waiting
            _log.exception("updater")
            stop.wait(5)
            did = False
        if not did:
            stop.wait(poll)
    updater.end()
