"""One delivery of Slack's as a listener needs it: who, where, in which language, and the ways to answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient
from sqlalchemy.orm import Session

from bot.wiring import TIMEOUT, Wiring
from core import languages
from core.activities import channels, identities, slack_users
from core.activities.channels import Bound
from core.activities.refusals import NotAllowed, Refusal
from core.activities.seats import Seat
from core.activities.slack_codes import Place
from core.activities.workspaces import Workspace
from core.words import N_, Sentence

_STAMP = re.compile(r"[0-9]{1,11}(\.[0-9]{6})?", re.ASCII)  # Slack's times: seconds, and micro-seconds behind a point
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotLinked(Refusal):
    """This Slack user is nobody in the course yet: told with a button that links them."""

    status = 403


class NoClass(Refusal):
    """No class works in this channel."""

    status = 404


def channel_of(body: Mapping[str, Any]) -> str | None:
    """The channel in which it happened, if it did in one."""
    event = body.get("event") or {}
    found = (
        (body.get("channel") or {}).get("id")
        or body.get("channel_id")
        or (body.get("container") or {}).get("channel_id")
        or (event.get("channel") if isinstance(event.get("channel"), str) else (event.get("item") or {}).get("channel"))
    )
    return str(found) if found else None


@dataclass(frozen=True, slots=True)
class Call:
    """What a listener is handed. `ack` answers Slack within three seconds; everything else comes after it."""

    wiring: Wiring
    workspace: Workspace
    user_id: str
    body: Mapping[str, Any]
    ack: Callable[..., Any]
    client: WebClient
    language: str
    later: Callable[[Callable[[], None]], None]  # after the acknowledgement, behind what others wait for
    here: Bound | None = None  # the class of `channel_id`, as it was when the delivery arrived

    @property
    def now(self) -> datetime:
        return self.wiring.now()

    @property
    def channel_id(self) -> str | None:
        """The channel in which it happened, if it did in one."""
        return channel_of(self.body)

    @property
    def action(self) -> Mapping[str, Any]:
        """The control that was used (block_actions)."""
        actions = self.body.get("actions") or [{}]
        return dict(actions[0])

    @property
    def clicked(self) -> datetime | None:
        """When Slack says that a control was used, or that a mention was written; None where it does not say."""
        told = str(self.action.get("action_ts") or (self.body.get("event") or {}).get("ts") or "")
        if not _STAMP.fullmatch(told):
            return None
        seconds, _, parts = told.partition(".")
        return _EPOCH + timedelta(seconds=int(seconds), microseconds=int(parts or 0))

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids in the value of the control that was used: 'poll:option'."""
        action = self.action
        value = action.get("value") or (action.get("selected_option") or {}).get("value") or ""
        return tuple(int(part) for part in str(value).split(":") if part.isdecimal())

    @property
    def view(self) -> Mapping[str, Any]:
        """The view that was submitted, closed, or in which a control was used."""
        return dict(self.body.get("view") or {})

    @property
    def metadata(self) -> dict[str, Any]:
        """What we put into the view's private_metadata."""
        text = self.view.get("private_metadata") or "{}"
        found = json.loads(text)
        return found if isinstance(found, dict) else {}

    @property
    def values(self) -> Mapping[str, Mapping[str, Any]]:
        """The view's state, by block_id and action_id."""
        return dict((self.view.get("state") or {}).get("values") or {})

    @property
    def trigger_id(self) -> str:
        return str(self.body.get("trigger_id") or "")

    def say(self, message: Sentence | str, /, **values: object) -> str:
        """A sentence in this person's language."""
        return languages.say(message if isinstance(message, Sentence) else Sentence(message, values), self.language)

    def place(self, session: Session) -> Place:
        """Where it was typed, for codes."""
        zone = slack_users.zone(session, self.workspace.id, self.user_id)
        told = str(self.body.get("channel_name") or "")
        name = None if told in {"", "privategroup", "directmessage"} else told  # Slack tells no private channel's name
        return Place(self.workspace.id, self.user_id, self.channel_id, self.language, zone, name)

    def bound(self, session: Session, channel: str | int | None = None) -> Bound:
        """The class of the channel in which it happened, of the given one, or of the given row. Raises NoClass."""
        if isinstance(channel, int):
            found = channels.of_id(session, channel)
            found = found if found is not None and found.workspace_id == self.workspace.id else None
        else:
            place = channel or self.channel_id
            found = channels.find(session, self.workspace.id, place) if place else None
        if found is None:
            raise NoClass(
                N_(
                    "No class works in this channel yet. A teacher can tie it to a course: type “/heirloom connect” "
                    "here. Or make a class without an LMS: “/heirloom class”."
                )
            )
        return found

    def seat(self, session: Session, bound: Bound, *, to_work: bool = False) -> Seat:
        """Where this person sits in a channel's course, with the newest role of the LMS. Raises NotLinked; and, for
        one who is about to do something, NotAllowed if they only look on.
        """
        found = identities.seat(
            session,
            self.workspace.id,
            self.user_id,
            platform_id=bound.platform_id,
            course_id=bound.course_id,
            has_lms=bound.has_lms,
            now=self.now,
        )
        if found is None:
            message = N_(
                "We do not know yet who you are in “{course}”, so nothing was counted. Link your account once, and "
                "do it again."
            )
            raise NotLinked(message, course=bound.course_title)
        return _who_works(found) if to_work else found

    def enter(self, session: Session, channel: int | None = None) -> tuple[Bound, Seat]:
        """`bound` and `seat` of one who is about to do something, who is held until the transaction ends."""
        here = self.here if channel is None else None
        if here is not None:
            found = identities.enter(
                session,
                self.workspace.id,
                self.user_id,
                channel_row=here.id,
                platform_id=here.platform_id,
                course_id=here.course_id,
            )
            if found is not None:
                return here, _who_works(found)
        bound = self.bound(session, channel)  # nobody yet, or no class (any more): then it matters which
        return bound, self.seat(session, bound, to_work=True)

    def respond(self, text: str, blocks: list[dict[str, Any]] | None = None, **how: Any) -> None:
        """Tell this person alone, by the response_url; by a private message where there is none. After `ack`."""
        url = self.body.get("response_url") or next(
            (one.get("response_url") for one in self.body.get("response_urls") or []), None
        )
        if url:
            answer = WebhookClient(url, timeout=TIMEOUT, retry_handlers=[]).send(
                text=text, blocks=blocks, response_type="ephemeral", replace_original=how.get("replace", False)
            )
            if answer.status_code < 400:
                return
        self.client.chat_postMessage(channel=self.user_id, text=text, blocks=blocks)


def _who_works(seat: Seat) -> Seat:
    if seat.role == "observer":
        raise NotAllowed(N_("You can look here, but not change anything."))
    return seat
