"""What a message of ours shows now: made from the database by the module of its noun, for the updater to send."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.wiring import Wiring
from core.activities.channels import Bound
from core.activities.seats import Seat
from core.activities.slack_messages import Direct, Message

Blocks = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that goes with a message where the workspace lets us upload files; `alt` says it in words."""

    png: bytes
    alt: str
    name: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as it should be. `version`: of what it shows, as in `slack_messages`; `due_at`: when it changes by
    itself (a poll that closes); `plain`: the blocks without what an older client refuses; `over`: it stays so.
    """

    text: str
    blocks: Blocks
    version: int
    due_at: datetime | None = None
    plain: Blocks | None = None
    over: bool = False
    picture: Picture | None = None

    @property
    def digest(self) -> str:
        """What two equal messages share."""
        picture = hashlib.sha256(self.picture.png).hexdigest() if self.picture else ""
        return hashlib.sha256(json.dumps([self.text, self.blocks, picture]).encode()).hexdigest()


Render = Callable[[Session, Wiring, Bound, Message], Rendered]
# a private message in a language; None: not wanted any more
RenderDirect = Callable[[Session, Wiring, Direct, str], "tuple[str, Blocks] | None"]


def everybody(bound: Bound) -> Seat:
    """The seat of whoever reads a channel: a student who has done nothing yet, and sees what that one may see."""
    return Seat(bound.platform_id, bound.course_id, 0, "student")
