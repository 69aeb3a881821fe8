"""What a teacher chooses for a practice activity: a typed value, read from a form, kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from core.activities.refusals import Refusal
from core.activities.setting_fields import Option, instant, number
from core.activities.shared_settings import ANONYMITY
from core.selection.policies import POLICIES
from core.survival.constraints import Corridor
from core.survival.policies import POLICIES as TASK_POLICIES
from core.survival.policies import Reward
from core.words import N_

MOST_POINTS = 1000
POINT_DECIMALS = 4  # points are stored, compared and sent with so many
MOST_ATTEMPTS = 20
MOST_PEERS = 20


MY_ORDER = "teacher"
ORDERS = (
    Option(MY_ORDER, N_("My order"), N_("Problems come in the order in which you put them.")),
    *(
        Option(
            policy.name,
            policy.title,
            policy.explanation,
            N_("Chosen for each person") if policy.model == "H" else N_("As in Kobren et al. (2015), to compare"),
            policy.name,
        )
        for policy in sorted(TASK_POLICIES.values(), key=lambda policy: policy.model != "H")
        if policy.reward is not Reward.ORDER
    ),
)
DIFFICULTY = (
    Option("any", N_("Any"), N_("Easy and hard problems alike.")),
    Option(
        "reachable",
        N_("Within reach"),
        N_("Problems that this student answers rightly with a chance of 40 to 90 %, as long as there are any."),
    ),
)
CORRIDORS = {"any": None, "reachable": Corridor(0.4, 0.9)}
KEY_SHOWN = (
    Option(
        "at_once", N_("After the first answer"), N_("Students see the correct answer as soon as they have answered.")
    ),
    Option(
        "after_attempts",
        N_("After some tries"),
        N_("Students try again; the answer is shown when they are right or out of tries."),
    ),
    Option(
        "after_due",
        N_("After the due date"),
        N_("Students learn whether they are right, and see the answer after the due date."),
    ),
)
MODERATION = (
    Option("at_once", N_("Shown at once"), N_("A new text joins the pool as soon as it is written.")),
    Option(
        "after_peers",
        N_("After classmates checked it"),
        N_("A new text joins the pool when enough classmates have said that it is fine."),
    ),
    Option("after_teacher", N_("After you checked it"), N_("A new text joins the pool when you approve it.")),
)
GRADED_BY = (
    Option(
        "right",
        N_("Right answers"),
        N_("Each problem counts as far as it was answered right before the key was shown."),
    ),
    Option("answered", N_("Taking part"), N_("Each problem counts once it has been answered, right or wrong.")),
)
EXAMPLES = (
    Option(
        "with_key",
        N_("Once the answer is shown"),
        N_("Classmates' worked examples never give away an answer that is still open. Your hints are always there."),
    ),
    Option(
        "after_wrong",
        N_("After a wrong answer"),
        N_("A student who is stuck sees a classmate's worked example at once, even while the problem is open."),
    ),
)
PANEL = (
    Option("off", N_("None"), N_("Students ask elsewhere.")),
    *ANONYMITY,
)
OFF = Option("off", N_("None"), N_("Nothing by classmates is shown."))


@dataclass(frozen=True, slots=True)
class PracticeSettings:
    """Defaults serve a first-time teacher: answer, see the key, read a classmate's explanation, write one."""

    order: str = MY_ORDER
    difficulty: str = "any"  # where the order is not the teacher's
    explanation_policy: str = "best"
    help_policy: str = "best"
    examples_shown: str = "with_key"
    moderation: str = "at_once"
    peers_needed: int = 2
    points: float = 100.0
    graded_by: str = "right"
    attempts: int = 0  # before the key is shown; 0: as many as they like
    key_shown: str = "at_once"
    due_at: datetime | None = None
    two_votes: bool = False
    questions_panel: str = "off"  # or who is named in the questions beside the problems
    inherit: bool = True  # take over last class's best texts when the course is copied

    def to_json(self) -> dict[str, Any]:
        values = asdict(self)
        values["due_at"] = self.due_at.isoformat() if self.due_at else None
        return values


def from_json(values: Mapping[str, Any]) -> PracticeSettings:
    """Read stored settings; what an older version did not know has its default."""
    known = {item.name for item in fields(PracticeSettings)}
    kept = {name: value for name, value in values.items() if name in known}
    if kept.get("due_at"):
        kept["due_at"] = datetime.fromisoformat(kept["due_at"])
    return PracticeSettings(**kept)


def choices(setting: str) -> tuple[Option, ...]:
    """The named choices of a setting, in the order in which a form shows them."""
    if setting in {"explanation_policy", "help_policy"}:
        return (*(Option(p.name, p.title, p.explanation) for p in POLICIES.values()), OFF)
    return {
        "order": ORDERS,
        "difficulty": DIFFICULTY,
        "key_shown": KEY_SHOWN,
        "moderation": MODERATION,
        "graded_by": GRADED_BY,
        "examples_shown": EXAMPLES,
        "questions_panel": PANEL,
    }[setting]


CHOICE_SETTINGS = (
    "order",
    "difficulty",
    "explanation_policy",
    "help_policy",
    "examples_shown",
    "moderation",
    "graded_by",
    "key_shown",
    "questions_panel",
)


def from_form(form: Mapping[str, str], base: PracticeSettings | None = None) -> PracticeSettings:
    """Settings as a teacher sent them. A field that the form did not have keeps its value in `base`.

    Raises Refusal that names the field and says what to write.
    """
    chosen: dict[str, Any] = {}
    for name in CHOICE_SETTINGS:
        if name in form:
            if form[name] not in {option.name for option in choices(name)}:
                message = N_("“{value}” is not one of the choices. Choose one of the list and save again.")
                raise Refusal(message, value=form[name][:60])
            chosen[name] = form[name]
    if "points" in form:
        chosen["points"] = round(number(form["points"], N_("Points"), 0.01, MOST_POINTS), POINT_DECIMALS)
    if "attempts" in form:
        chosen["attempts"] = int(number(form["attempts"], N_("Tries"), 0, MOST_ATTEMPTS, whole=True))
    if "peers_needed" in form:
        chosen["peers_needed"] = int(number(form["peers_needed"], N_("Classmates"), 1, MOST_PEERS, whole=True))
    for name in ("two_votes", "inherit"):
        if f"has_{name}" in form:  # a box that is not ticked sends nothing, so the form says that it had the box
            chosen[name] = name in form
    if "due_at" in form:
        chosen["due_at"] = instant(form["due_at"], N_("Due date"))
    return check(replace(base or PracticeSettings(), **chosen))


def check(settings: PracticeSettings) -> PracticeSettings:
    """The same settings, if they make sense together."""
    if settings.key_shown == "after_due" and settings.due_at is None:
        message = N_(
            "The answer is to be shown after the due date, but there is no due date. "
            "Set one, or show the answer earlier."
        )
        raise Refusal(message)
    if settings.key_shown == "after_attempts" and settings.attempts < 1:
        message = N_("The answer is to be shown after some tries. Say after how many: 1 to {most}.")
        raise Refusal(message, most=MOST_ATTEMPTS)
    return settings
