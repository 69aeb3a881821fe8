"""One policy in many worlds: volunteers come one after another, and each is given tasks until they leave.

Worlds run side by side, one task each in a tick, so that the crowd's arithmetic is done for all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.survival.allocation import Allocation, Offer, allocate
from core.survival.features import Tasks
from core.survival.goals import RULES, GoalRule, Kind, Progress, answered, shown
from core.survival.log import Log, Outcome
from core.survival.person import Event, Person, advance
from core.survival.policies import POLICIES, Policy, Reward
from core.survival.records import Averages, Facts, Records, facts
from core.survival.worth import continuation
from sandbox.volunteers import behaviour
from sandbox.volunteers.behaviour import Answer, Memory
from sandbox.volunteers.models import Guess, Models, likely
from sandbox.volunteers.quizz import Quizz
from sandbox.volunteers.world import Array, Worlds

ORACLE = "oracle"  # in place of a model: the true chance of staying
REFRESH = 5  # volunteers between two looks at what the log says about tasks, as sites refresh such facts now and then


@dataclass(frozen=True, slots=True)
class Way:
    """A policy, under a rule for goals (by default the policy's own), asking a model (by default the policy's own).

    In the paper a quiz is followed by the next at once; so rounds of fixed length have no rest here.
    """

    policy: str
    goals: GoalRule | None = None
    model: str | None = None

    @property
    def rule(self) -> GoalRule:
        rule = RULES[POLICIES[self.policy].goals] if self.goals is None else self.goals
        return replace(rule, rest=0) if rule.kind is Kind.STATIC else rule

    @property
    def asks(self) -> str | None:
        return self.model or POLICIES[self.policy].model


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What happened: one row a task shown, in order within a world. All columns have shape (R,).

    `option` -1 and `bits` 0 for who left or skipped; `remaining`: stated, 0 if none was; `goal`: one was set here;
    `stopped`: left after this answer, where a goal was met.
    """

    worlds: Worlds
    way: Way
    world: NDArray[np.int32]
    user: NDArray[np.int32]
    task: NDArray[np.int32]
    outcome: NDArray[np.int8]
    option: NDArray[np.int8]
    bits: Array
    seconds: Array
    remaining: NDArray[np.int32]
    goal: NDArray[np.bool_]
    stopped: NDArray[np.bool_]
    probability: Array

    def __len__(self) -> int:
        return self.world.size

    @property
    def answers(self) -> NDArray[np.int64]:
        """Answers (no skips) of every recruited user, (W, U)."""
        users = self.worlds.users
        given = self.option >= 0
        place = self.world[given].astype(np.int64) * users + self.user[given]
        return np.bincount(place, minlength=self.worlds.size * users).reshape(self.worlds.size, users)

    def log(self) -> Log:
        """As a log to learn from: worlds one after the other, each with questions and volunteers of its own."""
        category = self.worlds.category[self.world, self.task] + self.worlds.setting.categories * self.world
        stride = float(np.nansum(self.seconds)) + 1.0
        clock = np.concatenate(([0.0], np.cumsum(np.nan_to_num(self.seconds))[:-1])) if len(self) else self.seconds
        return Log.arranged(
            person=self.world * self.worlds.users + self.user,
            task=self.world * self.worlds.questions + self.task,
            category=category,
            at=clock + stride * self.world,
            seconds=self.seconds,
            outcome=self.outcome,
            remaining=self.remaining,
            session=np.ones(len(self), dtype=np.int32),
        )


class _Seat:
    """Who sits before the screen in one world, and how many tasks were shown to them so far."""

    __slots__ = ("facts", "guess", "index", "memory", "person", "progress", "user")

    def __init__(self, user: int = 0) -> None:
        self.user, self.index = user, 0
        self.memory, self.progress, self.person = Memory(), Progress(), Person()
        self.guess: Guess | None = None
        self.facts: Facts | None = None


def run(
    worlds: Worlds,
    way: Way,
    models: Models | None = None,
    *,
    prior_bits: float = 1.0,
    seed: int = 0,
    said: Callable[[int, int], None] | None = None,
) -> Run:
    """Let every volunteer of every world be served in one way; `said(done, total)` counts volunteers.

    Ties are broken by generators seeded with `seed` and the world's number, whatever the policy. Raises ValueError if
    the way needs a model and none are given.
    """
    return _Hall(worlds, way, models, prior_bits, seed).serve(said)


class _Hall:
    """All worlds of one run, and what is written down."""

    def __init__(self, worlds: Worlds, way: Way, models: Models | None, prior_bits: float, seed: int) -> None:
        self.worlds, self.way, self.models = worlds, way, models
        self.policy: Policy = POLICIES[way.policy]
        if way.asks not in (None, ORACLE) and models is None:
            raise ValueError(f"The policy {way.policy} asks the model {way.asks}: give fitted models.")
        if self.policy.reward is Reward.GAIN and models is None:
            raise ValueError("What may follow is estimated from survival rates: give fitted models.")
        self.rule = way.rule
        self.quizz = Quizz(worlds, prior_bits)
        self.luck = [np.random.default_rng((seed, worlds.first + number)) for number in range(worlds.size)]
        self.seats = [_Seat() for _ in range(worlds.size)]
        self.open = np.ones((worlds.size, worlds.questions), dtype=np.bool_)
        self.counts = {name: np.zeros((worlds.size, worlds.questions), dtype=np.int64) for name in _COUNTS}
        self.asked = way.asks if way.asks != ORACLE else None
        self.rows: list[tuple[object, ...]] = []
        for world in range(worlds.size):
            self._welcome(world)

    def serve(self, said: Callable[[int, int], None] | None) -> Run:
        active, left, total = list(range(self.worlds.size)), 0, self.worlds.size * self.worlds.users
        while active:
            gains, ahead = self._prospects()
            changed: list[tuple[int, int]] = []
            gone: list[int] = []
            for world in active:
                task, stays = self._step(world, None if gains is None else gains[world], ahead[world])
                if task >= 0:
                    changed.append((world, task))
                if not stays:
                    gone.append(world)
            if changed:
                places_ = np.array(changed, dtype=np.intp)
                self.quizz.settle(places_[:, 0], places_[:, 1])
            for world in gone:
                self.seats[world].user += 1
                if self.seats[world].user < self.worlds.users:
                    self._welcome(world)
                else:
                    active.remove(world)
            left += len(gone)
            if said is not None and gone:
                said(left, total)
        return self._written()

    def _prospects(self) -> tuple[Array | None, list[float]]:
        """Expected bits of every answer, (W, Q), if the policy counts them; and V, what may follow, in each world."""
        if self.policy.reward is not Reward.GAIN or self.models is None:
            return None, [0.0] * self.worlds.size
        last = self.models.ahead.size - 1
        answers = self.models.ahead[[min(seat.progress.answered, last) for seat in self.seats]]
        gains = self.quizz.gains(answers)
        return gains, continuation(gains, self.open, answers).tolist()

    def _welcome(self, world: int) -> None:
        before = self.seats[world]
        seat = self.seats[world] = _Seat(before.user)
        self.open[world] = True
        self.quizz.welcome(world)
        if self.asked is None or self.models is None:
            return
        if seat.user % REFRESH:
            seat.guess, seat.facts = before.guess, before.facts
            return
        records = Records(*(self.counts[name][world] for name in _COUNTS))
        seat.facts = facts(records, Averages.over(records))
        category = self.worlds.category[world].astype(np.int32)
        subject = np.arange(self.worlds.questions, dtype=np.int32)
        seat.guess = Guess(self.models.by_name[self.asked], Tasks(category, category, subject, seat.facts))

    def _step(self, world: int, gain: Array | None, ahead: float) -> tuple[int, bool]:
        """Show one task. Returns which question got an answer, or -1, and whether the volunteer goes on."""
        worlds, seat = self.worlds, self.seats[world]
        if self.rule.kind is Kind.STATIC:
            seat.progress = shown(self.rule, seat.progress)
        before = 0 if seat.progress.goal is None else seat.progress.goal.remaining
        choice = self._chosen(world, before, gain, ahead)
        if choice is None:
            return -1, False
        task, set_ = choice.index, before == self.rule.length and self.rule.kind is Kind.STATIC
        if self.rule.kind in (Kind.DYNAMIC, Kind.AT_RISK) and before == 0:
            seat.progress = self._goal(choice, seat.progress)
            set_ = seat.progress.goal is not None
        goal = seat.progress.goal
        remaining = 0 if goal is None else goal.remaining
        draw = worlds.draws[world, seat.user, seat.index]
        seat.index += 1
        self.open[world, task] = False
        if draw[0] >= behaviour.stays_for(worlds, world, seat.user, task, seat.memory, remaining):
            self._write(world, choice, remaining, set_, Answer(Outcome.LEFT, -1, np.nan), 0.0, stopped=False)
            self.counts["shown"][world, task] += 1
            return -1, False
        given = behaviour.answer(worlds, world, seat.user, task, draw)
        added = 0.0 if given.option < 0 else self.quizz.take(world, task, given.option, given.outcome)
        stopped = remaining == 1 and goal is not None and bool(draw[5] < behaviour.stops(worlds.setting, goal.length))
        seen = replace(given, outcome=self._seen(task, given.outcome))
        self._write(world, choice, remaining, set_, seen, added, stopped=stopped)
        self._count(world, task, seen)
        category = int(worlds.category[world, task])
        seat.memory = Memory(category, given.outcome is Outcome.RIGHT, given.outcome is Outcome.SKIPPED)
        seat.progress = answered(seat.progress)
        if seat.facts is not None:
            event = Event(task, category, category, task, float(seat.index), seen.outcome, seen.seconds)
            seat.person = advance(seat.person, event, seat.facts[task])
        return (task if given.option >= 0 else -1), not stopped and bool(self.open[world].any())

    def _chosen(self, world: int, remaining: int, gain: Array | None, ahead: float) -> Allocation | None:
        seat, open_ = self.seats[world], self.open[world]
        stay = None
        if self.way.asks == ORACLE:
            stay = behaviour.stays(self.worlds, world, seat.user, seat.memory, remaining)
        elif seat.guess is not None:
            stay = seat.guess.stay(seat.person, remaining)
        offer = Offer(open_, entropy=self.quizz.entropy[world], gain=gain, stay=stay, ahead=ahead)
        return allocate(self.way.policy, offer, self.luck[world])

    def _goal(self, choice: Allocation, progress: Progress) -> Progress:
        if self.models is None or choice.stay is None:
            raise ValueError(f"The policy {self.way.policy} sets goals by what a model says: give fitted models.")
        stay = choice.stay if self.asked is None else likely(self.models.by_name[self.asked], choice.stay)
        return shown(self.rule, progress, stay=stay, survival=self.models.survival)

    def _seen(self, task: int, outcome: Outcome) -> Outcome:
        """What the system sees of an answer: with gold questions about, only these are judged."""
        hidden = self.worlds.setting.gold and not self.worlds.keyed[task] and outcome is not Outcome.SKIPPED
        return Outcome.UNJUDGED if hidden else outcome

    def _count(self, world: int, task: int, given: Answer) -> None:
        """Add an answer or a skip to the task's record (`core.survival.records`)."""
        place = world, task
        for name in ("shown", "done", "timed"):
            self.counts[name][place] += 1
        for name, one in (("right", Outcome.RIGHT), ("wrong", Outcome.WRONG), ("skipped", Outcome.SKIPPED)):
            self.counts[name][place] += given.outcome is one
        self.counts["milliseconds"][place] += round(given.seconds * 1000.0)

    def _write(
        self, world: int, choice: Allocation, remaining: int, goal: bool, given: Answer, bits: float, *, stopped: bool
    ) -> None:
        user = self.seats[world].user
        what = (given.outcome, given.option, bits, given.seconds)
        self.rows.append((world, user, choice.index, *what, remaining, goal, stopped, choice.probability))

    def _written(self) -> Run:
        columns = [
            np.array(column, dtype=kind) for column, kind in zip(zip(*self.rows, strict=True), _KINDS, strict=True)
        ]
        order = np.argsort(columns[0], kind="stable")
        return Run(self.worlds, self.way, *(column[order] for column in columns))


_COUNTS = ("shown", "done", "right", "wrong", "skipped", "milliseconds", "timed")
_KINDS = ("i4", "i4", "i4", "i1", "i1", "f8", "f8", "i4", "?", "?", "f8")  # of the columns of Run
