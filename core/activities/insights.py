"""What a teacher looks at: what needs them now, and how each problem and each pool is doing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv
from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from core.activities import answer_review, contributions, grades, pools, review
from core.activities.participation import Student
from core.activities.pools import LiveText
from core.activities.seats import Practice, Seat
from core.selection import policies
from core.selection.arms import believe
from core.store.tables import Attempt, Contribution, Membership, Person, Report, Review
from core.store.tables import Problem as ProblemRow
from core.words import N_, Sentence

FEW = 12  # ratings below which a pool's picture is too young to be sure of


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 90 % interval (Jeffreys): count of n."""

    count: int
    n: int

    @property
    def share(self) -> float | None:
        return self.count / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        a, b = self.count + 0.5, self.n - self.count + 0.5
        return float(betaincinv(a, b, 0.05)), float(betaincinv(a, b, 0.95))


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One problem on the teacher's desk."""

    problem_id: int
    name: str
    first_try: Rate  # right at the first try, of those who answered
    people: int  # who answered
    texts: int  # explanations in the pool
    chances: tuple[float, ...]  # of being shown next, one a text
    ratings: int
    waiting: int  # texts that wait for the teacher


def problem_lines(session: Session, seat: Seat, practice: Practice) -> list[ProblemLine]:
    """Every problem of the activity, in the teacher's order."""
    rows_of_names = session.execute(select(ProblemRow.id, ProblemRow.name).where(ProblemRow.id.in_(practice.problems)))
    names = {row.id: row.name for row in rows_of_names}
    firsts = _first_tries(session, seat, practice)
    waiting = Counter(text.problem_id for text in review.queue(session, seat))
    lines = []
    for problem_id in practice.problems:
        rows = pools.arms(session, problem_id, "explanation")
        right, scored, people = firsts.get(problem_id, (0, 0, 0))
        lines.append(
            ProblemLine(
                problem_id,
                names[problem_id],
                Rate(right, scored),
                people,
                len(rows),
                tuple(float(p) for p in chances(rows, practice.settings.explanation_policy)),
                sum(text.rewarded for text in rows),
                waiting[problem_id],
            )
        )
    return lines


def _first_tries(session: Session, seat: Seat, practice: Practice) -> dict[int, tuple[int, int, int]]:
    """By problem: students right at their first try, students whose first try was scored, students who tried."""
    rows = session.execute(
        select(
            Attempt.problem_id,
            func.sum(case((Attempt.right.is_(True), 1), else_=0)).label("right"),
            func.count(Attempt.fraction).label("scored"),
            func.count().label("people"),
        )
        .join(Person, Person.id == Attempt.person_id)
        .join(Membership, and_(Membership.person_id == Attempt.person_id, Membership.course_id == seat.course_id))
        .where(
            Attempt.activity_id == practice.id,
            Attempt.number == 1,
            Membership.role == "student",
            Person.is_test.is_(False),
        )
        .group_by(Attempt.problem_id)
    )
    return {row.problem_id: (int(row.right), row.scored, row.people) for row in rows}


def chances(texts: Sequence[LiveText], policy: str) -> NDArray[np.float64]:
    """Each text's chance of being shown to a newcomer who has seen none of them."""
    if not texts or policy == "off":
        return np.zeros(len(texts))
    return policies.chances(policy, pools.pool_of(texts), np.ones(len(texts), dtype=np.bool_))


@dataclass(frozen=True, slots=True)
class TextLine:
    """One text of a pool, for its teacher."""

    contribution_id: int
    label: str
    kind: str
    text: str
    author: str | None
    author_id: int | None
    inherited: bool
    status: str
    retired_because: str | None
    pinned: bool
    star: bool
    chance: float | None  # None when it is not in the pool
    shown: int
    rewarded: int
    mean: float | None  # of the belief, 0..10
    low: float
    high: float
    reports: int
    fine: int
    not_fine: int


def pool(session: Session, seat: Seat, practice: Practice, problem_id: int, slot: str) -> list[TextLine]:
    """A problem's pool in one slot: live texts by chance, then those that wait, then retired ones.

    A text that its author kept, or took back before anybody could be shown it, is nobody else's business.
    """
    texts = pools.arms(session, problem_id, slot)
    policy = practice.settings.help_policy if slot == "help" else practice.settings.explanation_policy
    standing = _standing(texts, chances(texts, policy))
    reports = (
        select(func.count())
        .where(Report.contribution_id == Contribution.id, Report.settled_at.is_(None))
        .correlate(Contribution)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Contribution, Person.name, Membership.is_star, reports.label("reports"))
        .outerjoin(Person, Person.id == Contribution.person_id)
        .outerjoin(
            Membership,
            and_(Membership.person_id == Contribution.person_id, Membership.course_id == Contribution.course_id),
        )
        .where(
            Contribution.problem_id == problem_id,
            Contribution.course_id == seat.course_id,
            Contribution.kind.in_([kind for kind, its in contributions.SLOT.items() if its == slot]),
            or_(
                Contribution.status.in_(("live", "pending", "held")),
                Contribution.joined_at.is_not(None),
                Contribution.retired_because == "teacher",
            ),
        )
        .order_by(Contribution.created_at, Contribution.id)  # by arrival: a label stays with its text
    ).all()
    lines = [
        TextLine(
            text.id, str(label), text.kind, text.text, name, text.person_id, text.inherited_from_id is not None,
            text.status, text.retired_because, text.pinned_at is not None, bool(is_star),
            *standing.get(text.id, _NOT_IN_POOL), reported, *_words(session, text),
        )
        for label, (text, name, is_star, reported) in enumerate(rows, 1)
    ]  # fmt: skip
    rank = {"live": 0, "held": 1, "pending": 2, "retired": 3}
    return sorted(lines, key=lambda t: (rank[t.status], -(t.chance or 0), t.contribution_id))


_Standing = tuple[float | None, int, int, float | None, float, float]  # chance, shown, rewarded, mean, low, high
_NOT_IN_POOL: _Standing = (None, 0, 0, None, 0.0, 0.0)


def _standing(texts: Sequence[LiveText], chance: NDArray[np.float64]) -> dict[int, _Standing]:
    """How each live text stands: its chance, its counts and, on the scale 0..10, what is believed of it."""
    if not texts:
        return {}
    believed = believe(pools.pool_of(texts))
    low, high = believed.interval(0.9)
    return {
        text.contribution_id: (
            float(chance[i]), text.shown, text.rewarded,
            10 * float(believed.mean[i]), 10 * float(low[i]), 10 * float(high[i]),
        )
        for i, text in enumerate(texts)
    }  # fmt: skip


def _words(session: Session, text: Contribution) -> tuple[int, int]:
    """Classmates for and against a text that waits."""
    if text.status != "pending":
        return 0, 0
    said = Counter(session.scalars(select(Review.fine).where(Review.contribution_id == text.id)))
    return said[True], said[False]


def pool_sentence(texts: Sequence[TextLine]) -> Sentence | None:
    """What the picture of a pool shows, in one sentence; None for an empty pool."""
    live = [text for text in texts if text.status == "live" and text.chance is not None]
    if not live:
        return None
    ratings, best = sum(text.rewarded for text in live), live[0]
    if len(live) == 1:
        return Sentence(N_("There is one text; it needs company before anything can be compared."))
    if ratings < FEW:
        words = N_("Text {label} leads so far; {count} ratings are too few to be sure.")
    elif (best.chance or 0) >= 0.8:
        words = N_("Text {label} helps most: {count} ratings leave little doubt.")
    elif (best.chance or 0) >= 0.5:
        words = N_("Text {label} helps most so far, after {count} ratings.")
    else:
        words = N_("No text is clearly ahead after {count} ratings.")
    return Sentence(words, {"label": best.label, "count": ratings})


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for the teacher, and where it is done."""

    sentence: Sentence
    endpoint: str
    problem_id: int | None = None


MOST_NEEDS = 5
HARD_BELOW = 0.3  # share right at the first try
HARD_FROM = 8  # answers before a low share means anything


def needs(
    session: Session, seat: Seat, practice: Practice, lines: Sequence[ProblemLine], students: Sequence[Student]
) -> list[Need]:
    """What needs the teacher now, most urgent first, at most five lines."""
    waiting = review.queue(session, seat)
    worries = sum(text.why == "worry" for text in waiting)
    answers = [answer.why for answer in answer_review.waiting(session, seat)]
    reported = sum(why in {"held", "reported"} for why in [*answers, *(text.why for text in waiting)])
    appeals = sum("appealed" in text.marks for text in waiting)
    found = [
        Need(Sentence(words, {"count": count}), endpoint)
        for count, words, endpoint in (
            (worries, N_("Texts whose writers may not be well: {count}."), "teacher.review"),
            (reported, N_("Reported texts to look at: {count}."), "teacher.review"),
            (appeals, N_("Texts that their authors ask you to look at again: {count}."), "teacher.review"),
            (
                grades.summary(session, seat.course_id).troubled,
                N_("Scores that could not be delivered: {count}."),
                "teacher.class_page",
            ),
            (sum(s.state == "stuck" for s in students), N_("Students who are stuck: {count}."), "teacher.class_page"),
            (
                sum(why in {"disputed", "coarse", "alike", "pending"} for why in [*answers, *(t.why for t in waiting)]),
                N_("New texts that wait to be checked: {count}."),
                "teacher.review",
            ),
            (
                sum(s.state == "struggles" for s in students),
                N_("Students with few right answers: {count}."),
                "teacher.class_page",
            ),
        )
        if count
    ]
    if practice.settings.key_shown == "after_due" and practice.settings.due_at is None:  # copied from another course
        words = N_("The correct answers wait for a due date, and there is none. Set one.")
        found.insert(0, Need(Sentence(words), "setup.settings"))
    for line in sorted(lines, key=worth_a_look):
        right = line.first_try
        if right.n >= HARD_FROM and right.count / right.n < HARD_BELOW:
            words = N_("Hardly anybody gets “{name}” at the first try: {right} of {n}.")
            values = {"name": line.name, "right": right.count, "n": right.n}
            found.append(Need(Sentence(words, values), "teacher.pool", line.problem_id))
    return found[:MOST_NEEDS]


def worth_a_look(line: ProblemLine) -> tuple[int, float, int]:
    """Sorts problems for the desk: texts that wait first, then the hardest by the upper end of their interval."""
    hardness = line.first_try.interval[1] if line.first_try.n else 2.0
    return (-line.waiting, hardness, line.problem_id)
