"""How often a method may be called: a bucket of tokens for each method, app and workspace.

Tiers from docs.slack.dev/apis/web-api/rate-limits and the method pages; where those and Slack's own SDKs differ, the
method page holds. Slack documents the tiers and neither the depth of its buckets nor Retry-After. Here a bucket holds a
minute's worth and refills evenly, and Retry-After is the time until the next call fits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

TIER_1, TIER_2, TIER_3, TIER_4, SPECIAL = 1, 20, 50, 100, 600
"""Calls a minute."""
MESSAGES_A_SECOND, MESSAGE_BURST, MESSAGES_A_MINUTE = 1.0, 5, 300
"""chat.postMessage: one a second in a channel with short bursts, and several hundred a minute in a workspace."""

TIERS: Mapping[str, int] = {
    "apps.connections.open": TIER_3,
    "apps.uninstall": TIER_1,
    "auth.revoke": TIER_3,
    "auth.test": SPECIAL,
    "bots.info": TIER_3,
    "chat.delete": TIER_3,
    "chat.deleteScheduledMessage": TIER_3,
    "chat.getPermalink": SPECIAL,
    "chat.postEphemeral": TIER_4,
    "chat.postMessage": MESSAGES_A_MINUTE,
    "chat.scheduleMessage": TIER_3,
    "chat.scheduledMessages.list": TIER_3,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.join": TIER_3,
    "conversations.list": TIER_2,
    "conversations.members": TIER_4,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "files.completeUploadExternal": TIER_4,
    "files.delete": TIER_3,
    "files.getUploadURLExternal": TIER_4,
    "files.info": TIER_4,
    "oauth.v2.access": SPECIAL,
    "oauth.v2.exchange": TIER_3,
    "reactions.add": TIER_3,
    "reactions.get": TIER_3,
    "reactions.remove": TIER_2,
    "team.info": TIER_3,
    "users.conversations": TIER_3,
    "users.info": TIER_4,
    "users.list": TIER_2,
    "users.lookupByEmail": TIER_3,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}


@dataclass(slots=True)
class Bucket:
    """Holds up to `size` tokens and refills at `rate` a second."""

    size: float
    rate: float
    level: float
    filled_at: float

    def take(self, now: float) -> float:
        """Take a token: 0. If there is none: the seconds until there is one."""
        self.level = min(self.size, self.level + (now - self.filled_at) * self.rate)
        self.filled_at = now
        if self.level >= 1 - 1e-9:
            self.level -= 1
            return 0.0
        return (1 - self.level) / self.rate


class RateLimits:
    """The buckets of a small Slack. The lock of the state guards them."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, ...], Bucket] = {}

    def take(self, method: str, app_id: str, team_id: str, now: float, *, channel: str = "") -> int:
        """Count a call: 0, or the Retry-After in whole seconds if it comes too soon."""
        waits = []
        if method in TIERS:
            waits.append(self._take((method, app_id, team_id), TIERS[method], TIERS[method] / 60, now))
        if method == "chat.postMessage" and channel:
            waits.append(self._take((method, app_id, team_id, channel), MESSAGE_BURST, MESSAGES_A_SECOND, now))
        return math.ceil(max(waits, default=0.0))

    def _take(self, key: tuple[str, ...], size: float, rate: float, now: float) -> float:
        bucket = self._buckets.setdefault(key, Bucket(size, rate, size, now))
        return bucket.take(now)
