"""A call of a method of the Web API: who calls, and its arguments, which come as a form or as JSON."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from sandbox.slack.state import App, Channel, Failure, Slack, Team, Token, User

T = TypeVar("T")
TokenNeeded = Literal["bot", "app", "any", "none"]
TRUE, FALSE = ("1", "true", "t", "yes"), ("", "0", "false", "f", "no")
MOST_PER_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `basic` is a client id and secret from the Authorization header, `presented` the token that came with
    the call, as it stood: `token` has been found good, and is there unless the method wants none.
    """

    slack: Slack
    method: str
    args: Mapping[str, Any]
    token_used: Token | None = None
    basic: tuple[str, str] | None = None
    presented: str = ""
    base_url: str = ""
    warnings: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """Sentences about the warnings, for `response_metadata.messages`."""

    @property
    def token(self) -> Token:
        assert self.token_used is not None, "the dispatcher refuses calls without a token"
        return self.token_used

    @property
    def app(self) -> App:
        return self.slack.apps[self.token.app_id]

    @property
    def team(self) -> Team:
        """The workspace that the call is about. With a token of an organisation `team_id` names it, or a channel or a
        person that lies in it.
        """
        asked = self.text("team_id") or self._team_of_arguments()
        found = [team for team in self.teams if asked in ("", team.id)]
        if len(found) != 1:
            raise Failure("team_not_found" if asked else "missing_argument")
        return found[0]

    @property
    def teams(self) -> list[Team]:
        """The workspaces that the token is good for."""
        if self.token.team_id is not None:
            return [self.slack.teams[self.token.team_id]]
        mine = [team for team in self.slack.teams.values() if team.enterprise_id == self.token.enterprise_id]
        return [team for team in mine if self.slack.bot_user(self.token.app_id, team.id)]

    def _team_of_arguments(self) -> str:
        if self.token.team_id is not None:
            return ""
        channel = self.slack.channels.get(self.text("channel") or self.text("channel_id"))
        if channel is not None:
            return channel.team_id
        named = (self.text("user") or self.text("user_id") or self.text("users")).partition(",")[0]
        person = self.slack.users.get(named)
        return person.team_id if person is not None else ""

    @property
    def user(self) -> User:
        """Whose token it is: the bot user."""
        if self.token.user_id is not None:
            return self.slack.users[self.token.user_id]
        bot = self.slack.bot_user(self.token.app_id, self.team.id)
        assert bot is not None, "an organisation's token finds only workspaces that have the app"
        return bot

    # -- arguments --

    def given(self, name: str) -> bool:
        return self.args.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        """A text argument. Numbers are taken as text, as a form has nothing else."""
        value = self.args.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        raise invalid(f"must provide a string [json-pointer:/{name}]")

    def needed(self, name: str) -> str:
        """A text argument that must be there."""
        if not self.given(name):
            raise invalid(f"missing required field: {name}")
        return self.text(name)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.args.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        word = str(value).lower()
        if word not in TRUE + FALSE:
            raise invalid(f"must provide a boolean [json-pointer:/{name}]")
        return word in TRUE

    def whole(self, name: str, default: int, error: str = "invalid_arguments") -> int:
        """A whole number, perhaps as text."""
        if not self.given(name):
            return default
        try:
            return int(str(self.args[name]))
        except ValueError:
            raise Failure(error) from None

    def structure(self, name: str, error: str, kind: type[T]) -> T | None:
        """A list or an object, as JSON in a form or as it is. None if it is not given."""
        value = self.args.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise Failure(error) from None
        if value is None:
            return None
        if not isinstance(value, kind):
            raise Failure(error)
        return value

    # -- things of the workspace --

    def channel(self, name: str = "channel", error: str = "channel_not_found") -> Channel:
        """A conversation that exists for the caller."""
        channel = self.slack.channels.get(self.needed(name))
        if channel is None or not self._may_see(channel):
            raise Failure(error)
        return channel

    def _may_see(self, channel: Channel) -> bool:
        if self.token.team_id is None:  # an organisation's token knows its workspaces' channels
            bot = self.slack.bot_user(self.token.app_id, channel.team_id)
            enterprise = self.slack.teams[channel.team_id].enterprise_id
            return bot is not None and enterprise == self.token.enterprise_id and self.slack.sees(bot.id, channel)
        return channel.team_id == self.token.team_id and self.slack.sees(self.user.id, channel)

    def bot_in(self, channel: Channel) -> User:
        """The caller's bot user in the workspace of a channel."""
        bot = self.slack.bot_user(self.token.app_id, channel.team_id)
        return bot if bot is not None else self.user

    def member(self, user_id: str, error: str = "user_not_found") -> User:
        """A person of the caller's workspace."""
        user = self.slack.users.get(user_id)
        team = self.token.team_id
        if user is None or (team is not None and user.team_id != team):
            raise Failure(error)
        return user

    def page(self, items: Sequence[T], *, default: int, most: int = MOST_PER_PAGE) -> tuple[list[T], str]:
        """The part of a list that `cursor` and `limit` ask for, and the cursor of the next ('' at the end)."""
        limit = self.whole("limit", default, "invalid_limit")
        if not 0 <= limit <= most:
            raise Failure("invalid_limit")
        limit = limit or default or len(items)
        start = 0
        if self.given("cursor"):
            start = _place(self.text("cursor"))
            if start is None or start >= len(items):
                raise Failure("invalid_cursor")
        end = start + limit
        return list(items[start:end]), _cursor(end) if end < len(items) else ""


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what it does, what token it wants, whether it reads arguments from JSON bodies."""

    run: Callable[[Call], dict[str, Any]]
    token: TokenNeeded = "bot"
    takes_json: bool = True


def invalid(*messages: str) -> Failure:
    """invalid_arguments, with what is wrong."""
    lines = [f"[ERROR] {message}" for message in messages]
    return Failure("invalid_arguments", response_metadata={"messages": lines})


def _cursor(place: int) -> str:
    return base64.b64encode(f"next:{place}".encode()).decode()


def _place(cursor: str) -> Any:
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        return int(number) if word == "next" and number.isdigit() else None
    except (binascii.Error, UnicodeDecodeError):
        return None
