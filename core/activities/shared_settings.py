"""What a teacher chooses for every activity that a class shares: who is named, who checks, what counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar

from core.activities.setting_fields import AnyField, Box, Choice, Moment, Number, Numbers, Option, Words
from core.words import N_

MOST_POINTS = 1000
ANONYMITY = (
    Option("named", N_("With names"), N_("Everybody in the course sees who wrote what.")),
    Option("teacher", N_("Names for you only"), N_("Classmates see no names; you do.")),
    Option(
        "pseudonym",
        N_("Made-up names"),
        N_("Each person has one made-up name in this activity. You see that name, too, and no other."),
    ),
    Option(
        "anonymous",
        N_("Nobody knows, yet it counts"),
        N_("Who wrote what is stored nowhere. It is only counted how much each person did, so that it can be graded."),
    ),
)
MODERATION = (
    Option("at_once", N_("Shown at once"), N_("A new text is shown as soon as it is written.")),
    Option(
        "new_authors",
        N_("First texts after you checked them"),
        N_("The first text of each author waits for you; once you approved one, that author's later ones are shown."),
    ),
    Option("after_teacher", N_("After you checked it"), N_("Each new text waits for you.")),
)


@dataclass(frozen=True, slots=True)
class SharedSettings:
    """Defaults serve a first-time teacher: classmates see no names, texts are shown at once, nothing is graded."""

    anonymity: str = "teacher"
    moderation: str = "at_once"
    hold_at: int = 3  # independent reports that hide a text until the teacher has looked
    daily: int = 30  # what one person may contribute on one day
    contact: str = ""  # whom someone in distress can turn to; shown where a text sounds like it
    points: float = 0.0  # 0: not graded
    credit: Mapping[str, int] = field(default_factory=dict)  # what full points ask for: kind of contribution -> number
    due_at: datetime | None = None
    inherit: bool = True

    def to_json(self) -> dict[str, Any]:
        values = asdict(self)
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


S = TypeVar("S", bound=SharedSettings)


def from_json(kind: type[S], values: Mapping[str, Any]) -> S:
    """Read stored settings; what an older version did not know has its default."""
    known = {item.name for item in fields(kind)}
    kept = {name: value for name, value in values.items() if name in known}
    if kept.get("due_at"):
        kept["due_at"] = datetime.fromisoformat(kept["due_at"])
    return kind(**kept)


def shared_fields(counted: tuple[Option, ...]) -> tuple[AnyField, ...]:
    """The fields that every kind's form ends with; `counted` are the kinds of contribution that it knows."""
    return (
        Choice("anonymity", N_("Who is named"), options=ANONYMITY),
        Choice("moderation", N_("When a new text is shown to classmates"), options=MODERATION),
        Number(
            "hold_at",
            N_("Reports that hide a text"),
            N_("So many different people must report it. It then waits for you; nothing is ever deleted by itself."),
            low=1,
            high=50,
        ),
        Number("daily", N_("Contributions a person may make a day"), low=1, high=500),
        Words(
            "contact",
            N_("Whom someone in distress can turn to"),
            N_("A name, an address or a number. Shown only to a writer whose text sounds like a cry for help."),
        ),
        Number("points", N_("Points"), N_("0 means that it is not graded."), 0, MOST_POINTS, whole=False),
        Numbers("credit", N_("Full points are for"), N_("Leave 0 for what should not count."), counted),
        Moment("due_at", N_("Due date"), N_("May stay empty.")),
        Box("inherit", N_("Hand down to the next class"), N_("When the course is copied, the best of it comes along.")),
    )
