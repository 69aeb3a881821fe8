"""The named ways to choose the next task, as a table: the paper's, by its names, and ours.

In the paper (Kobren et al., WWW 2015, section 3.5) TA is the greedy baseline in quizzes of ten, TA_x multiplies by the
chance to stay under model x, INF leaves the length unsaid, and DG sets goals by the model (never by LM, section 4.3).
TA_H multiplies the chance to stay, by this program's own model, with what *this* person's answer is expected to settle
and what may follow it. A further policy is a further row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from core.survival.goals import RULES
from core.words import N_


class Reward(StrEnum):
    """What an answer counts: the paper's R(a), or ours."""

    ORDER = "order"  # nothing; the teacher's order decides
    ENTROPY = "entropy"  # H(q): the bits still open, whoever answers
    GAIN = "gain"  # the bits that this person's answer is expected to settle, or to tell about this person


@dataclass(frozen=True, slots=True)
class Policy:
    """A named way to choose the next task.

    `model`: whose chances to stay multiply the reward (LA, LM, LS, FQ, H), None if none do. `ahead`: whether what may
    follow counts too. `goals`: the name of its rule in `goals.RULES`.
    """

    name: str
    title: str
    explanation: str
    reward: Reward
    model: str | None = None
    goals: str = "never"
    ahead: bool = False

    def __post_init__(self) -> None:
        if self.goals not in RULES:
            raise ValueError(f"There is no rule {self.goals!r} for goals; there are {', '.join(RULES)}.")
        if self.ahead and self.model is None:
            raise ValueError("What may follow counts only if the person stays: name the model that says so.")

    @property
    def calibrated(self) -> bool:
        """Whether its model predicts probabilities; fitted Q predicts a number of answers instead."""
        return self.model is not None and self.model != "FQ"


_TASKS = (
    Policy(
        "IN_ORDER",
        N_("In your order"),
        N_("Everybody gets the first task of your list that they have not had."),
        Reward.ORDER,
    ),
    Policy(
        "TA",
        N_("What tells most, in rounds of ten"),
        N_("The task whose answer can tell most comes next, and it says how many of ten are left."),
        Reward.ENTROPY,
        goals="static",
    ),
    Policy(
        "TA_LA",
        N_("What tells most, if people stay, in rounds of ten"),
        N_("What a task can tell counts as much as the chance that this person answers it, judged from everybody."),
        Reward.ENTROPY,
        "LA",
        "static",
    ),
    Policy(
        "TA_LM",
        N_("What tells most, if the middling stay, in rounds of ten"),
        N_("As before, but judged from people with 3 to 10 answers only; for everybody else it misjudges."),
        Reward.ENTROPY,
        "LM",
        "static",
    ),
    Policy(
        "TA_LS",
        N_("What tells most, if people stay at this point, in rounds of ten"),
        N_("As before, but judged separately for a person's first task, second task, and so on."),
        Reward.ENTROPY,
        "LS",
        "static",
    ),
    Policy(
        "TA_FQ",
        N_("What tells most, if people stay long, in rounds of ten"),
        N_("What a task can tell counts as much as how many answers are expected after it (fitted Q iteration)."),
        Reward.ENTROPY,
        "FQ",
        "static",
    ),
    Policy(
        "TA_INF",
        N_("What tells most"),
        N_("The task whose answer can tell most comes next, and no number of tasks is stated."),
        Reward.ENTROPY,
    ),
    Policy(
        "TA_INF_LA",
        N_("What tells most, if people stay"),
        N_("What a task can tell counts as much as the chance that this person answers it; no number is stated."),
        Reward.ENTROPY,
        "LA",
    ),
    Policy(
        "TA_INF_LM",
        N_("What tells most, if the middling stay"),
        N_("As before, but judged from people with 3 to 10 answers only, and no number is stated."),
        Reward.ENTROPY,
        "LM",
    ),
    Policy(
        "TA_INF_LS",
        N_("What tells most, if people stay at this point"),
        N_("As before, but judged separately for the first task, the second, and so on; no number is stated."),
        Reward.ENTROPY,
        "LS",
    ),
    Policy(
        "TA_INF_FQ",
        N_("What tells most, if people stay long"),
        N_("What a task can tell counts as much as how many answers are expected after it; no number is stated."),
        Reward.ENTROPY,
        "FQ",
    ),
    Policy(
        "TA_INF_DG_LA",
        N_("What tells most, if people stay, with goals"),
        N_("As without goals, but people likelier to stop than most are told that it is just a few more."),
        Reward.ENTROPY,
        "LA",
        "dynamic",
    ),
    Policy(
        "TA_INF_DG_LS",
        N_("What tells most, if people stay at this point, with goals"),
        N_(
            "Judged separately for the first task, the second, and so on, also whom to tell that it is just a few more."
        ),
        Reward.ENTROPY,
        "LS",
        "dynamic",
    ),
    Policy(
        "TA_INF_DG_FQ",
        N_("What tells most, if people stay long, with goals"),
        N_("Fitted Q iteration also decides whom to tell that it is just a few more; it does so far too often."),
        Reward.ENTROPY,
        "FQ",
        "dynamic",
    ),
    Policy(
        "TA_H",
        N_("What this person's answer tells most"),
        N_("What this person's answer is expected to tell and what may follow, times the chance of an answer."),
        Reward.GAIN,
        "H",
        ahead=True,
    ),
    Policy(
        "TA_H_DG",
        N_("What this person's answer tells most, with goals for those about to stop"),
        N_("As without goals, but somebody who is really likely to stop now is told that it is just a few more."),
        Reward.GAIN,
        "H",
        "at_risk",
        ahead=True,
    ),
)

POLICIES: Mapping[str, Policy] = MappingProxyType({policy.name: policy for policy in _TASKS})
