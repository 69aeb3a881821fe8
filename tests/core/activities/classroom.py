"""A course with its people, problems and one practice activity, made by the use cases themselves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.activities import (
    activities,
    attempts,
    contributions,
    courses,
    exposures,
    moderation,
    next_tasks,
    people,
    platforms,
    practice,
    problems,
    recount,
    review,
    seats,
    tasks,
)
from core.activities.contributions import Written
from core.activities.courses import Context, Link
from core.activities.grades import SCORE_SCOPE
from core.activities.practice_settings import PracticeSettings
from core.activities.seats import Practice, Seat
from core.activities.tasks import Task
from core.problems import shown
from core.problems.kinds import (
    Choice,
    ChoiceProblem,
    FreeText,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
    TextAnswer,
    Unit,
)
from core.problems.texts import Text
from core.store.database import Database
from core.store.tables import Base, Exposure, Grade, TaskExposure
from core.words import Sentence
from tests.core.activities.test_people import NOW
from tests.core.activities.test_platforms import register

__all__ = ["NOW", "Classroom", "numbered", "snapshot", "until_it_waits"]

T = TypeVar("T")
AT_ONCE = PracticeSettings()
AFTER_TWO_TRIES = PracticeSettings(key_shown="after_attempts", attempts=2)
DUE = NOW + timedelta(days=7)
AFTER_DUE = PracticeSettings(key_shown="after_due", due_at=DUE)
LONG = "Because the sum of two odd numbers is even, whatever the two numbers are."  # joins a pool: over 60 characters


def words(source: str) -> Text:
    return Text(source, "plain")


def one_choice(name: str = "Sum", **changes: Any) -> OneChoice:
    """Right is "even", the first of four choices; they are shuffled for each person."""
    choices = (("even", 1.0), ("odd", 0.0), ("prime", 0.0), ("zero", 0.0))
    values: dict[str, Any] = {
        "name": name,
        "text": words("What is the sum of two odd numbers?"),
        "choices": tuple(Choice(words(said), worth, words(f"feedback on {said}")) for said, worth in choices),
        "solution": words("(2a + 1) + (2b + 1) is twice something."),
    }
    return OneChoice(**(values | changes))


def several_choices(name: str = "Primes") -> SeveralChoices:
    """Right are 2 and 3, half each; 9 takes half away."""
    return SeveralChoices(
        name=name,
        text=words("Which are prime?"),
        choices=(Choice(words("two"), 0.5), Choice(words("three"), 0.5), Choice(words("nine"), -0.5)),
        solution=words("Nine is three times three."),
    )


def number(name: str = "Speed") -> Number:
    return Number(
        name=name,
        text=words("How fast?"),
        answers=(NumberAnswer("42", 0.5, feedback=words("feedback on forty-two")),),
        units=(Unit("km"),),
        unit_policy="optional",
        solution=words("Six times seven."),
    )


def short_text(name: str = "Capital") -> ShortText:
    return ShortText(
        name=name,
        text=words("Capital of France?"),
        answers=(TextAnswer("Paris", 1.0, words("feedback on Paris")), TextAnswer("Lutetia", 0.5)),
        solution=words("It lies on the Seine."),
    )


def free_text(name: str = "Essay") -> FreeText:
    return FreeText(name=name, text=words("Why?"), grader_info=words("for the teacher"), solution=words("Because so."))


def numbered(place: int) -> str:
    """A text that joins a pool, another one for each number."""
    return f"Explanation number {place:03}: the rest does not matter, but it is longer than sixty."


@dataclass(frozen=True, slots=True)
class Said:
    """How to answer a problem: by choices (places in the problem's own order) or by typing."""

    choices: tuple[int, ...] = ()
    text: str = ""
    unit: str = ""


RIGHT = {
    "one_choice": Said((0,)),
    "several_choices": Said((0, 1)),
    "number": Said(text="42 km"),
    "short_text": Said(text="paris"),
    "free_text": Said(text="Because."),
}
WRONG = {
    "one_choice": Said((1,)),
    "several_choices": Said((2,)),
    "number": Said(text="7"),
    "short_text": Said(text="Rome"),
    "free_text": Said(text="No idea."),
}


class Classroom:
    """A platform with a course, a teacher, students, a bank of problems, and one practice activity that holds them.

    Every method that does something does it in a transaction of its own. `now` is the time at which things happen.
    """

    def __init__(
        self,
        database: Database,
        *bank: Problem,
        settings: PracticeSettings = AT_ONCE,
        students: int = 3,
        platform: int = 1,
    ) -> None:
        self.database = database
        self.now = NOW
        self.rng = np.random.default_rng(7)
        registered = register(database, platform, client_id=f"client-{platform}")
        with database.write() as session:
            self.platform_id, _ = platforms.add_platform(
                session, registered.id, "d", public_id=f"p{platform}", status="active", now=NOW
            )
            self.course_id = courses.recognise_course(
                session, platform_id=self.platform_id, context=Context("course"), now=NOW
            )
        self._enrol("", students)
        self._open(bank or (one_choice(),), settings)

    def _open(self, bank: Sequence[Problem], settings: PracticeSettings) -> None:
        with self.database.write() as session:
            self.problems = [problems.add(session, self.course_id, problem, now=NOW) for problem in bank]
            self.link = courses.recognise_link(session, course_id=self.course_id, link=graded_link("link"), now=NOW)
            self._make(session, settings)

    def _make(self, session: Session, settings: PracticeSettings) -> None:
        made = activities.make(
            session, self.teacher, title="Practice", settings=settings, problem_ids=self.problems, now=NOW
        )
        self.activity_id, self.public_id = made.id, made.public_id
        activities.place(session, self.teacher, resource_link_id=self.link, activity_id=made.id, now=NOW)

    def another_course(self, context: str, *bank: Problem, settings: PracticeSettings = AT_ONCE) -> Classroom:
        """A second course of the same platform, with other people in it."""
        other = object.__new__(Classroom)
        other.database, other.now, other.rng, other.platform_id = self.database, NOW, self.rng, self.platform_id
        with self.database.write() as session:
            other.course_id = courses.recognise_course(
                session, platform_id=self.platform_id, context=Context(context), now=NOW
            )
        other._enrol(context, 3)
        other._open(bank or (one_choice(),), settings)
        return other

    def again(self, link_id: str, *problem_ids: int, settings: PracticeSettings = AT_ONCE) -> Classroom:
        """The same course as seen from a second activity, which holds these of its problems."""
        other = copy(self)
        other.problems = list(problem_ids)
        with self.database.write() as session:
            other.link = courses.recognise_link(session, course_id=self.course_id, link=graded_link(link_id), now=NOW)
            other._make(session, settings)
        return other

    def _enrol(self, context: str, students: int) -> None:
        with self.database.write() as session:
            self.teacher = self._join(session, f"{context} teacher", "teacher")
            self.students = [self._join(session, f"{context} s{place}") for place in range(students)]

    def join(self, subject: str, role: str = "student", *, is_test: bool = False) -> Seat:
        """Somebody launches for the first time; their name is their subject."""
        with self.database.write() as session:
            return self._join(session, subject, role, is_test=is_test)

    def _join(self, session: Session, subject: str, role: str = "student", *, is_test: bool = False) -> Seat:
        person = people.recognise(
            session, platform_id=self.platform_id, subject=subject, name=subject, is_test=is_test, now=NOW
        )
        people.enrol(session, course_id=self.course_id, person_id=person, role=role, now=NOW)
        return Seat(self.platform_id, self.course_id, person, role)

    def write(self) -> AbstractContextManager[Session]:
        return self.database.write()

    def practice(self, session: Session, seat: Seat | None = None) -> Practice:
        return seats.practice(session, seat or self.teacher, self.public_id)

    def settings(self, **changes: Any) -> None:
        """The teacher changes the settings."""
        with self.write() as session:
            opened = self.practice(session)
            activities.change(
                session,
                self.teacher,
                opened.id,
                title=opened.title,
                settings=replace(opened.settings, **changes),
                now=self.now,
            )

    def do(self, use_case: Callable[..., T], seat: Seat, *arguments: Any, **named: Any) -> T:
        """Call a use case that takes (session, seat, practice, ...)."""
        with self.write() as session:
            return use_case(session, seat, self.practice(session), *arguments, **named)

    def answer(
        self,
        seat: Seat,
        problem: int | None = None,
        *,
        right: bool = True,
        said: Said | None = None,
        number: int | None = None,
        reason: str = "",
        rng: np.random.Generator | None = None,
    ) -> None:
        """Answer a problem (the first one if none is named), as the newest page would."""
        with self.write() as session:
            self.answer_in(
                session, seat, problem, right=right, said=said, number=number, reason=reason, rng=rng or self.rng
            )

    def answer_in(
        self,
        session: Session,
        seat: Seat,
        problem: int | None = None,
        *,
        right: bool = True,
        said: Said | None = None,
        number: int | None = None,
        reason: str = "",
        rng: np.random.Generator | None = None,
    ) -> None:
        """`answer` in a transaction that the caller opened."""
        problem = problem or self.problems[0]
        opened = self.practice(session)
        whole = problems.whole(session, self.course_id, problem)
        given = said or (RIGHT if right else WRONG)[whole.kind]
        made = attempts.of(session, seat, opened, problem)
        practice.answer(
            session,
            seat,
            opened,
            problem,
            number=attempts.standing(opened, made, self.now).next_number if number is None else number,
            positions=positions(whole, seat, problem, given.choices),
            text=given.text,
            unit=given.unit,
            reason=reason,
            rng=rng or self.rng,
            now=self.now,
        )

    def task(self, seat: Seat, problem: int | None = None) -> Task:
        """What the seat sees of the problem (the first one if none is named)."""
        with self.database.read() as session:
            return tasks.task(session, seat, self.practice(session), problem or self.problems[0], self.now)

    def states(self, seat: Seat) -> list[str]:
        """The states in a person's list of problems."""
        with self.database.read() as session:
            return [place.state for place in tasks.places(session, seat, self.practice(session), self.now)]

    def explain(
        self,
        seat: Seat,
        said: str = LONG,
        problem: int | None = None,
        *,
        kind: str = "explanation",
        likely: bool = True,
    ) -> Written:
        return self.do(
            practice.explain,
            seat,
            problem or self.problems[0],
            kind=kind,
            text=said,
            likely_to_help=likely,
            now=self.now,
        )

    def hint(self, said: str, problem: int | None = None, *, kind: str = "hint") -> Written:
        """The teacher's own text."""
        with self.write() as session:
            return contributions.write(
                session,
                self.teacher,
                self.practice(session).settings,
                problem_id=problem or self.problems[0],
                kind=kind,
                text=said,
                likely_to_help=True,
                now=self.now,
            )

    def another(self, seat: Seat, problem: int | None = None, *, occasion: int | None = None) -> int | None:
        """Ask for one more explanation, as the newest page would."""
        problem = problem or self.problems[0]
        at = self.task(seat, problem).occasion("explanation") if occasion is None else occasion
        return self.do(practice.another_explanation, seat, problem, occasion=at, rng=self.rng, now=self.now)

    def help(self, seat: Seat, problem: int | None = None, *, occasion: int | None = None) -> int | None:
        problem = problem or self.problems[0]
        at = self.task(seat, problem).occasion("help") if occasion is None else occasion
        return self.do(practice.ask_for_help, seat, problem, occasion=at, rng=self.rng, now=self.now)

    def rate(self, seat: Seat, exposure_id: int, rating: int) -> None:
        with self.write() as session:
            exposures.rate(session, seat, exposure_id, rating, now=self.now)

    def withdraw(self, seat: Seat, contribution_id: int) -> None:
        with self.write() as session:
            contributions.withdraw(session, seat, contribution_id, now=self.now)

    def report(self, seat: Seat, contribution_id: int, reason: str = "") -> None:
        with self.write() as session:
            moderation.report(session, seat, contribution_id, activity_id=self.activity_id, reason=reason, now=self.now)

    def check(self, seat: Seat, contribution_id: int, *, fine: bool = True) -> Sentence:
        with self.write() as session:
            settings = self.practice(session).settings
            return moderation.check(session, seat, settings, contribution_id, fine=fine, now=self.now)

    def decide(self, contribution_id: int, action: str) -> None:
        with self.write() as session:
            review.decide(session, self.teacher, contribution_id, action, now=self.now)

    def pool(self, size: int, problem: int | None = None) -> list[int]:
        """New students answer right and explain: the pool of explanations grows by `size`. Gives their texts."""
        texts = []
        for place in range(size):
            author = self.join(f"author {place} {len(self.students)}")
            self.students.append(author)
            self.answer(author, problem)
            texts.append(self.explain(author, numbered(place), problem).id)
        return texts

    def offer(self, seat: Seat, after: int | None = None) -> int | None:
        """The person asks for the next problem."""
        return self.do(next_tasks.offer, seat, after=after, rng=self.rng, now=self.now)

    def pick(self, seat: Seat, problem: int) -> None:
        """The person opens a problem from the list."""
        self.do(next_tasks.picked, seat, problem, now=self.now)

    def shown_tasks(self, seat: Seat) -> list[TaskExposure]:
        """Which problems were put before the person, in order."""
        with self.database.read() as session:
            of_person = select(TaskExposure).where(TaskExposure.person_id == seat.person_id)
            return list(session.scalars(of_person.order_by(TaskExposure.id)))

    def exposures(self, *conditions: Any) -> list[Exposure]:
        with self.database.read() as session:
            return list(session.scalars(select(Exposure).where(*conditions).order_by(Exposure.id)))

    def arm(self, contribution_id: int) -> tuple[int, int, int, int]:
        """(shown, rewarded, points, squares) of a text."""
        with self.database.read() as session:
            sums = text("SELECT shown, rewarded, points, squares FROM arm WHERE contribution_id = :id")
            row = session.execute(sums, {"id": contribution_id}).one()
            return (row[0], row[1], row[2], row[3])

    def status(self, contribution_id: int) -> str:
        with self.database.read() as session:
            one = text("SELECT status FROM contribution WHERE id = :id")
            return str(session.execute(one, {"id": contribution_id}).scalar_one())

    def score(self, seat: Seat, link: int | None = None) -> tuple[float, float] | None:
        """(score, maximum) that the gradebook should show."""
        with self.database.read() as session:
            row = session.execute(
                select(Grade.score, Grade.maximum).where(
                    Grade.person_id == seat.person_id, Grade.resource_link_id == (link or self.link)
                )
            ).one_or_none()
            return (row.score, row.maximum) if row else None

    def differences(self) -> list[str]:
        """What the recount finds."""
        with self.database.read() as session:
            return [str(found) for found in recount.everything(session)]


def graded_link(link_id: str) -> Link:
    """A link with a column in the gradebook."""
    return Link(link_id, "Practice", f"https://lms.example/{link_id}", None, (SCORE_SCOPE,))


def positions(problem: Problem, seat: Seat, problem_id: int, choices: Sequence[int]) -> list[int]:
    """Where a person sees these choices."""
    if not isinstance(problem, ChoiceProblem):
        return []
    order = shown.shown_order(problem, tasks.seed(seat.person_id, problem_id))
    return [order.index(choice) for choice in choices]


def count(database: Database, table: Any, *conditions: Any) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def snapshot(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table: what must be the same after something was refused."""
    with database.read() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def until_it_waits(database: Database, thread: threading.Thread) -> bool:
    """Whether the thread's transaction comes to wait for a lock (True) or ends without (False). PostgreSQL only."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while thread.is_alive():
        with database.read() as session:
            if session.execute(waiting).scalar_one():
                return True
        time.sleep(0.005)
    return False
