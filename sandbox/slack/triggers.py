"""Trigger ids: what lets an app open a view for the person who has just done something.

A trigger id lives 3 seconds and is good for one view (docs.slack.dev/interactivity/handling-user-interaction).
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

TRIGGER_SECONDS = 3.0
INVALID, EXPIRED, EXCHANGED = "invalid_trigger_id", "expired_trigger_id", "exchanged_trigger_id"


class TriggerRefused(Exception):
    """The id opens nothing; `error` is Slack's word for why."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class Trigger:
    """Who did something in which app, and when. `view_id` is the view it was done in, if it was in one: only such a
    trigger may push a view on top of it.
    """

    id: str
    team_id: str
    app_id: str
    user_id: str
    issued_at: float
    view_id: str = ""


class Triggers:
    """All trigger ids of a workspace. `now` gives the workspace's time in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._issued: dict[str, Trigger] = {}
        self._used: set[str] = set()

    def issue(self, team_id: str, app_id: str, user_id: str, view_id: str = "") -> str:
        """A new trigger id. It looks like Slack's: two numbers and a secret."""
        now = self._now()
        number = secrets.randbelow(10**12)
        trigger = Trigger(f"{number}.{int(now)}.{secrets.token_hex(16)}", team_id, app_id, user_id, now, view_id)
        with self._lock:
            self._issued[trigger.id] = trigger
        return trigger.id

    def take(self, team_id: str, app_id: str, trigger_id: str) -> Trigger:
        """Use up the trigger id. Raises TriggerRefused if it is unknown, somebody else's, used or too old."""
        with self._lock:
            trigger = self._issued.get(trigger_id)
            if trigger is None or (trigger.team_id, trigger.app_id) != (team_id, app_id):
                raise TriggerRefused(INVALID)
            if trigger_id in self._used:
                raise TriggerRefused(EXCHANGED)
            if self._now() - trigger.issued_at > TRIGGER_SECONDS:
                raise TriggerRefused(EXPIRED)
            self._used.add(trigger_id)
            return trigger
