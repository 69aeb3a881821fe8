"""What a small Slack knows: workspaces, people, channels, messages, views, files, apps and their tokens.

All of it is in memory, behind one lock (`Slack.lock`): whoever reads or changes anything holds it, for as short as
that takes and never during a request to the app. What apps may want to hear of is told by `Slack.tell`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.slack.clock import Clock
from sandbox.slack.faults import Faults
from sandbox.slack.grants import Grants
from sandbox.slack.ids import new_id, short, token_text
from sandbox.slack.rate_limits import RateLimits
from sandbox.slack.triggers import Triggers

ChannelKind = Literal["public", "private", "im", "mpim"]
TokenKind = Literal["bot", "app", "refresh"]
ViewKind = Literal["modal", "home"]


@dataclass(slots=True)
class Enterprise:
    """An organisation of several workspaces."""

    id: str
    name: str


@dataclass(slots=True)
class Team:
    """A workspace."""

    id: str
    name: str
    domain: str
    enterprise_id: str | None = None


@dataclass(slots=True)
class User:
    """A member of a workspace, or the bot user of an app in it."""

    id: str
    team_id: str
    name: str
    real_name: str
    display_name: str = ""
    email: str = ""
    locale: str = "en-US"
    tz: str = "Europe/London"
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_bot: bool = False
    deleted: bool = False
    app_id: str | None = None
    bot_id: str | None = None
    updated: int = 0


@dataclass(slots=True)
class File:
    """An uploaded file. `ready_at` is when a block may show it; Slack prepares files after the upload has ended."""

    id: str
    team_id: str
    user_id: str
    app_id: str
    name: str
    length: int
    created: int
    upload_secret: str
    title: str = ""
    alt_txt: str = ""
    data: bytes | None = None
    completed: bool = False
    ready_at: float | None = None
    deleted: bool = False
    shares: dict[str, list[str]] = field(default_factory=dict)  # where it was posted: timestamps by channel
    given_to: set[str] = field(default_factory=set)  # apps in whose form somebody chose it


@dataclass(slots=True)
class Message:
    """A message. `ephemeral_for` names the only person who sees it; such messages are in no history."""

    ts: str
    channel_id: str
    team_id: str
    user_id: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    subtype: str | None = None
    app_id: str | None = None
    bot_id: str | None = None
    username: str | None = None
    icons: dict[str, str] = field(default_factory=dict)
    ephemeral_for: str | None = None
    edited_by: str | None = None
    edited_ts: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    file_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Channel:
    """A conversation: `messages` by timestamp, oldest first; `members` in the order in which they came."""

    id: str
    team_id: str
    name: str
    kind: ChannelKind
    creator: str
    created: int
    members: list[str] = field(default_factory=list)
    is_archived: bool = False
    is_general: bool = False
    topic: str = ""
    purpose: str = ""
    locale: str = "en-US"
    messages: dict[str, Message] = field(default_factory=dict)

    @property
    def is_direct(self) -> bool:
        return self.kind in ("im", "mpim")


@dataclass(slots=True)
class View:
    """A modal that is open before somebody, or the Home tab of an app for somebody."""

    id: str
    team_id: str
    app_id: str
    user_id: str
    kind: ViewKind
    content: dict[str, Any]
    """What the app sent, completed: every block has a block_id, every element an action_id."""
    hash: str
    external_id: str = ""
    root_view_id: str = ""
    previous_view_id: str | None = None
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the person entered: `state.values` as payloads carry it."""


@dataclass(slots=True)
class Scheduled:
    """A message that is to be posted later. `arguments` are those of the call."""

    id: str
    team_id: str
    app_id: str
    channel_id: str
    post_at: int
    date_created: int
    message: Message


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of the shortcuts menu: `kind` is global, or message for the menu of a message."""

    kind: Literal["global", "message"]
    callback_id: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command, the slash included."""

    command: str
    description: str
    usage_hint: str
    url: str
    should_escape: bool


@dataclass(slots=True)
class App:
    """An app as its manifest and the pages of an app's settings describe it."""

    id: str
    name: str
    client_id: str
    client_secret: str
    signing_secret: str
    verification_token: str
    description: str = ""
    bot_name: str = ""
    bot_scopes: tuple[str, ...] = ()
    optional_bot_scopes: tuple[str, ...] = ()
    redirect_urls: tuple[str, ...] = ()
    bot_events: tuple[str, ...] = ()
    events_url: str = ""
    interactivity_url: str = ""
    options_url: str = ""
    commands: tuple[Command, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    home_tab: bool = False
    messages_tab: bool = False
    socket_mode: bool = False
    token_rotation: bool = False
    org_deploy: bool = False


@dataclass(slots=True)
class Installation:
    """An app in a workspace (`team_id`) or in a whole organisation (`team_id` is None then)."""

    app_id: str
    team_id: str | None
    enterprise_id: str | None
    scopes: tuple[str, ...]
    installer_id: str
    bot_id: str
    bot_users: dict[str, str]
    """The bot's user id in each workspace where it is."""


@dataclass(slots=True)
class Token:
    """A token. `expires_at` only where rotation is on; `scopes` are those granted when it was given."""

    value: str
    kind: TokenKind
    app_id: str
    scopes: tuple[str, ...] = ()
    team_id: str | None = None
    enterprise_id: str | None = None
    user_id: str | None = None
    expires_at: float | None = None
    revoked: bool = False
    issued_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """Something happened that apps may have subscribed to.

    `event` is the inner event of the Events API. An app hears of a channel if its bot is in it. `app_id` is set where
    exactly one app is meant (app_home_opened, app_uninstalled).
    """

    team_id: str
    event: Mapping[str, Any]
    channel_id: str | None = None
    app_id: str | None = None


class Failure(Exception):
    """A call fails: Slack's word for it, and further members of the answer."""

    def __init__(self, error: str, **members: Any) -> None:
        super().__init__(error)
        self.error = error
        self.members = members


class Slack:
    """A whole small Slack. `tell` calls the listeners with the lock held: they note what to send and return at once."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.lock = threading.RLock()
        self.clock = clock or Clock()
        self.enterprises: dict[str, Enterprise] = {}
        self.teams: dict[str, Team] = {}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.views: dict[str, View] = {}
        self.stacks: dict[tuple[str, str], list[str]] = {}
        """Open modals of somebody (team, user): view ids, the lowest first. All of them belong to one app."""
        self.homes: dict[tuple[str, str, str], str] = {}
        """The Home tab of (app, team, user): a view id."""
        self.files: dict[str, File] = {}
        self.scheduled: dict[str, Scheduled] = {}
        self.apps: dict[str, App] = {}
        self.installations: list[Installation] = []
        self.tokens: dict[str, Token] = {}
        self.listeners: list[Callable[[Told], None]] = []
        self.triggers = Triggers(self.clock.now)
        self.faults = Faults()
        self.grants = Grants()
        self.rate_limits = RateLimits()
        self.socket_url: Callable[[str], str] | None = None  # of a new socket for an app (id); where sockets are served
        self.files_url = "https://files.slack.com"  # where files are read; its own address, where one is served
        self._last_ts = 0

    def new_ts(self) -> str:
        """A timestamp: the moment in microseconds, later than every one before it."""
        with self.lock:
            self._last_ts = max(self._last_ts + 1, int(self.clock.now() * 1_000_000))
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_hash(self) -> str:
        """The hash of a new version of a view."""
        return f"{int(self.clock.now())}.{short(8)}"

    def add_team(self, name: str, domain: str, *, enterprise: Enterprise | None = None, id: str | None = None) -> Team:
        with self.lock:
            if enterprise is not None:
                self.enterprises[enterprise.id] = enterprise
            team = Team(id or new_id("T"), name, domain, None if enterprise is None else enterprise.id)
            self.teams[team.id] = team
            return team

    def add_user(self, team_id: str, name: str, real_name: str, *, id: str | None = None, **details: Any) -> User:
        with self.lock:
            user = User(id or new_id("U"), team_id, name, real_name, updated=int(self.clock.now()), **details)
            self.users[user.id] = user
            return user

    def add_channel(
        self,
        team_id: str,
        name: str,
        *,
        creator: str,
        kind: ChannelKind = "public",
        members: tuple[str, ...] = (),
        id: str | None = None,
        **details: Any,
    ) -> Channel:
        with self.lock:
            letter = {"public": "C", "private": "C", "mpim": "C", "im": "D"}[kind]
            everybody = list(dict.fromkeys((creator, *members)))
            made = int(self.clock.now())
            channel = Channel(id or new_id(letter), team_id, name, kind, creator, made, everybody, **details)
            self.channels[channel.id] = channel
            return channel

    def direct_message(self, team_id: str, *user_ids: str) -> Channel:
        """The conversation of exactly these people, made if there is none."""
        with self.lock:
            people = set(user_ids)
            for channel in self.channels.values():
                if channel.is_direct and channel.team_id == team_id and set(channel.members) == people:
                    return channel
            kind: ChannelKind = "im" if len(people) <= 2 else "mpim"
            names = sorted(self.users[user].name for user in people)
            name = "" if kind == "im" else f"mpdm-{'--'.join(names)}-1"
            return self.add_channel(team_id, name, creator=user_ids[0], kind=kind, members=tuple(user_ids))

    def installation(self, app_id: str, team_id: str) -> Installation | None:
        """How an app is installed in a workspace: there itself, or in the organisation."""
        for installation in self.installations:
            if installation.app_id == app_id and team_id in installation.bot_users:
                return installation
        return None

    def bot_user(self, app_id: str, team_id: str) -> User | None:
        """The bot of an app in a workspace, if the app is installed there."""
        found = self.installation(app_id, team_id)
        return None if found is None else self.users[found.bot_users[team_id]]

    def members_of(self, team_id: str) -> list[User]:
        return [user for user in self.users.values() if user.team_id == team_id]

    def sees(self, user_id: str, channel: Channel) -> bool:
        """Whether a channel exists for somebody: public ones do, others for their members."""
        return channel.kind == "public" or user_id in channel.members

    def history(self, channel: Channel, *, viewer: str | None = None) -> list[Message]:
        """The messages of a channel, oldest first; with a viewer also what only that person sees."""
        return [message for message in channel.messages.values() if message.ephemeral_for in (None, viewer)]

    def replies(self, channel: Channel, thread_ts: str) -> list[Message]:
        """The answers in a thread, oldest first, without the message that began it."""
        return [
            message
            for message in channel.messages.values()
            if message.thread_ts == thread_ts and message.ts != thread_ts and message.ephemeral_for is None
        ]

    def tell(self, told: Told) -> None:
        with self.lock:
            for listener in self.listeners:
                listener(told)

    def issue(self, kind: TokenKind, app_id: str, *, lifetime: float | None = None, **details: Any) -> Token:
        """A new token; with a `lifetime` in seconds it expires, and looks like one that does."""
        value = token_text(kind, app_id, expires=lifetime is not None)
        with self.lock:
            now = self.clock.now()
            expires_at = None if lifetime is None else now + lifetime
            token = Token(value, kind, app_id, expires_at=expires_at, issued_at=now, **details)
            self.tokens[value] = token
            return token
