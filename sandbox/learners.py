"""A simulated class: learners who answer, rate, explain and get stuck, through the same use cases as people.

They know the problems as a learner would (from the course's files, never from the tool's tables), and they write the
course's voices. How helpful a text truly is stands in the voices; a learner's rating is that plus a person's own
scatter, so pools learn something true.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy.orm import Session

from core.activities import exposures, moderation, next_tasks, practice, seats, tasks
from core.activities.seats import Practice, Seat
from core.problems import grading, kinds, shown
from core.problems.kinds import ChoiceProblem, Problem
from core.store.database import Database

RATING_SD = 2.2  # of single ratings around a text's helpfulness, in points of 0-10
EXPLAINS = 0.38  # share of answers after which a learner writes an explanation
RATES = 0.86  # share of shown texts that get rated
SHARES_STEPS = 0.3  # share of right answers after which a learner shares a worked example
ASKS_FOR_HELP = 0.55  # share of wrong answers after which a learner asks how it goes
LOOKS_ON = 0.9  # share of answers after which a learner opens the next problem, to answer it or to leave
LIFT = {"worked_example": 0.7, "hint": 0.3}  # what help does for the next problem, in logits


@dataclass(frozen=True, slots=True)
class Explanation:
    """What somebody in the class would write, and how helpful classmates would truly find it (0..1)."""

    text: str
    helpfulness: float


@dataclass(frozen=True, slots=True)
class Voice:
    """What a class has to say about a problem."""

    difficulty: float  # share of average learners who answer right at the first try
    explanations: tuple[Explanation, ...]
    worked_examples: tuple[str, ...]
    hints: tuple[str, ...]
    typical_wrong: tuple[str, ...]


def voices(data: Mapping[str, Mapping[str, object]]) -> dict[str, Voice]:
    """The voices of a course file, by problem name."""
    return {
        name: Voice(
            float(entry["difficulty"]),  # type: ignore[arg-type]
            tuple(Explanation(e["text"], float(e["helpfulness"])) for e in entry["explanations"]),  # type: ignore[attr-defined]
            tuple(entry.get("worked_examples", ())),  # type: ignore[arg-type]
            tuple(entry.get("hints", ())),  # type: ignore[arg-type]
            tuple(entry.get("typical_wrong", ())),  # type: ignore[arg-type]
        )
        for name, entry in data.items()
    }


@dataclass(frozen=True, slots=True)
class Learner:
    """One simulated person: a seat in the course, ability (in logits around the class), and how much they do."""

    seat: Seat
    ability: float
    diligence: int  # problems


class Class:
    """A class at work on one activity."""

    def __init__(
        self,
        database: Database,
        activity: str,
        problems: Mapping[int, Problem],
        course_voices: Mapping[str, Voice],
        rng: np.random.Generator,
    ) -> None:
        self.database = database
        self.activity = activity
        self.problems = problems
        self.voices = course_voices
        self.rng = rng
        self.unused = {
            number: list(rng.permutation(np.array(course_voices[p.name].explanations, dtype=object)))
            for number, p in problems.items()
        }
        self.steps = {number: list(course_voices[p.name].worked_examples) for number, p in problems.items()}
        self.lifted: dict[int, float] = {}  # person: what the last help adds to the next answer, in logits
        self.helpful = {e.text: e.helpfulness for voice in course_voices.values() for e in voice.explanations}

    def enrol(self, people: Sequence[Seat]) -> list[Learner]:
        """Give every seat an ability and a diligence; a few hardly begin."""
        size = len(self.problems)
        learners = []
        for place, seat in enumerate(people):
            share = self.rng.beta(2.5, 5)
            diligence = 0 if place % 20 == 19 else max(1, round(size * share))
            learners.append(Learner(seat, float(self.rng.normal(0, 0.9)), diligence))
        return learners

    def work(
        self, learners: Sequence[Learner], *, begin: datetime, end: datetime, step: Callable[[], None] = lambda: None
    ) -> int:
        """Everybody works, interleaved over the time from `begin` to `end`; gives the number of answers."""
        times = self._times(learners, begin, end)
        todo = sorted((time, place) for place, learner in enumerate(learners) for time in times[learner.seat.person_id])
        for time, place in todo:
            self.answer_one(learners[place], time)
            step()
        return len(todo)

    def _times(self, learners: Sequence[Learner], begin: datetime, end: datetime) -> dict[int, list[datetime]]:
        """Each learner comes in two or three sittings and answers every minute or two."""
        whole = (end - begin).total_seconds()
        times: dict[int, list[datetime]] = {}
        for learner in learners:
            sittings = sorted(self.rng.uniform(0, whole * 0.97, size=int(self.rng.integers(2, 4))))
            moments: list[float] = []
            for index in range(learner.diligence):
                start = sittings[index * len(sittings) // max(learner.diligence, 1)]
                after = moments[-1] if moments and moments[-1] > start else start
                moments.append(after + float(self.rng.gamma(3, 30)))
            times[learner.seat.person_id] = [begin + timedelta(seconds=min(m, whole)) for m in moments]
        return times

    def answer_one(self, learner: Learner, now: datetime) -> None:
        """The next problem: look at it, answer, read, rate, perhaps ask, perhaps explain; then look at one more."""
        with self.database.write() as session:
            opened = seats.practice_to_work_on(session, learner.seat, self.activity)
            problem_id = next_tasks.offer(session, learner.seat, opened, rng=self.rng, now=now)
            if problem_id is None:
                return
            now += timedelta(seconds=float(self.rng.gamma(3, 8)))
            right = self._answers_right(learner, problem_id)
            positions, text = self._answer(learner, problem_id, right)
            practice.answer(
                session,
                learner.seat,
                opened,
                problem_id,
                number=1,
                positions=positions,
                text=text,
                rng=self.rng,
                now=now,
            )
            self._react(session, learner, opened, problem_id, now + timedelta(seconds=20))
            if self.rng.random() < LOOKS_ON:
                after = now + timedelta(seconds=40)
                next_tasks.offer(session, learner.seat, opened, after=problem_id, rng=self.rng, now=after)

    def _answers_right(self, learner: Learner, problem_id: int) -> bool:
        share = self.voices[self.problems[problem_id].name].difficulty
        odds = math.log(share / (1 - share)) + learner.ability + self.lifted.pop(learner.seat.person_id, 0.0)
        return bool(self.rng.random() < 1 / (1 + math.exp(-odds)))

    def _answer(self, learner: Learner, problem_id: int, right: bool) -> tuple[list[int], str]:
        problem = self.problems[problem_id]
        if isinstance(problem, ChoiceProblem):
            order = shown.shown_order(problem, tasks.seed(learner.seat.person_id, problem_id))
            good = [i for i, choice in enumerate(problem.choices) if choice.fraction > 0]
            bad = [i for i, choice in enumerate(problem.choices) if choice.fraction <= 0]
            if right:
                taken = good
            elif isinstance(problem, kinds.SeveralChoices) and self.rng.random() < 0.5 and len(good) > 1:
                taken = list(self.rng.choice(good, size=len(good) - 1, replace=False))
            else:
                taken = [int(self.rng.choice(bad))] if bad else good
            return [order.index(int(i)) for i in taken], ""
        voice = self.voices[problem.name]
        if isinstance(problem, kinds.FreeText):
            return [], str(self.rng.choice([e.text for e in voice.explanations]))
        if right or not voice.typical_wrong:
            return [], str(grading.right_answers(problem)[0]).replace("…", "")
        return [], str(self.rng.choice(voice.typical_wrong))

    def _react(self, session: Session, learner: Learner, opened: Practice, problem_id: int, now: datetime) -> None:
        task = tasks.task(session, learner.seat, opened, problem_id, now)
        for text in task.slot("explanation"):
            if self.rng.random() < RATES:
                truth = self.helpful.get(text.text, 0.5)
                rating = int(np.clip(round(self.rng.normal(10 * truth, RATING_SD)), 0, 10))
                exposures.rate(session, learner.seat, text.exposure_id, rating, now=now)
            elif self.rng.random() < 0.03:
                moderation.report(
                    session, learner.seat, text.contribution_id, activity_id=opened.id, reason="", now=now
                )
        if task.standing.right is False and task.may_see_examples and self.rng.random() < ASKS_FOR_HELP:
            practice.ask_for_help(session, learner.seat, opened, problem_id, occasion=0, rng=self.rng, now=now)
            helped = tasks.task(session, learner.seat, opened, problem_id, now).slot("help")
            self.lifted[learner.seat.person_id] = sum(LIFT[text.kind] for text in helped)
        if not task.may_write:
            return
        if self.unused[problem_id] and self.rng.random() < EXPLAINS:
            said = self.unused[problem_id].pop()
            likely = said.helpfulness > 0.2 or self.rng.random() < 0.5
            practice.explain(
                session,
                learner.seat,
                opened,
                problem_id,
                kind="explanation",
                text=said.text,
                likely_to_help=bool(likely),
                now=now,
            )
        if task.standing.right and self.steps[problem_id] and self.rng.random() < SHARES_STEPS:
            practice.explain(
                session,
                learner.seat,
                opened,
                problem_id,
                kind="worked_example",
                text=self.steps[problem_id].pop(),
                likely_to_help=True,
                now=now,
            )
