"""Response URLs: how an app answers somebody without a token, 5 times within 30 minutes.

docs.slack.dev/interactivity/handling-user-interaction ("message responses"). Who holds the address may answer, so it
is as secret as a token.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

MOST_USES = 5
LIFETIME_SECONDS = 30 * 60.0
UNKNOWN, EXPIRED, USED = "invalid_url", "expired_url", "used_url"


class UrlRefused(Exception):
    """The address takes no answer; `error` is Slack's word for why."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class Origin:
    """What the person did, and where: an answer goes to the same place, or to the message that it was done in.

    `message_ts` is empty after a slash command; `ephemeral` says that only the person sees that message.
    """

    app_id: str
    team_id: str
    user_id: str
    channel_id: str
    message_ts: str = ""
    thread_ts: str = ""
    ephemeral: bool = False


@dataclass(slots=True)
class _Issued:
    origin: Origin
    at: float
    uses: int = 0


class ResponseUrls:
    """All response URLs of a workspace below `base_url`. `now` gives the workspace's time in seconds."""

    def __init__(self, base_url: str, now: Callable[[], float]) -> None:
        self._base_url = base_url
        self._now = now
        self._lock = threading.Lock()
        self._issued: dict[str, _Issued] = {}

    def issue(self, kind: str, origin: Origin) -> str:
        """A new address; `kind` is its first part as Slack has it: `actions`, `commands` or `app`."""
        key = f"{kind}/{origin.team_id}/{secrets.randbelow(10**12)}/{secrets.token_urlsafe(18)}"
        with self._lock:
            self._issued[key] = _Issued(origin, self._now())
        return f"{self._base_url}/hooks/{key}"

    def take(self, key: str) -> Origin:
        """Use the address once. Raises UrlRefused if it is unknown, too old or used up."""
        with self._lock:
            issued = self._issued.get(key)
            if issued is None:
                raise UrlRefused(UNKNOWN)
            if self._now() - issued.at > LIFETIME_SECONDS:
                raise UrlRefused(EXPIRED)
            if issued.uses >= MOST_USES:
                raise UrlRefused(USED)
            issued.uses += 1
            return issued.origin
