"""One noun: the replay, in which a pool's exposures are gone through once more and every policy is asked each time.

What was stored is the chance of the text that was shown. What else could have been shown, and how likely each policy
would have shown it, follows from the pool as it was at that moment, which is rebuilt from the rows:

texts      those that had joined and were not retired; in between, as the teacher's decisions say
ratings    those that had come in by then, as they are now: of one that was changed later, the first value is not kept
pins       and stars as the teacher's decisions left them
one person not their own texts, not those that they had reported, and of the others the ones seen least often
narrower   a reason argues for what the shown one argues for; help was narrowed to hints where that fits the stored
           number of texts that were open to the person

`Replay.matched` says where that gives the chance that was stored. It does not where a text left and came back without
a decision, where a rating was changed, where two people acted within the same moment, or where the program chose
otherwise then. Estimates always rest on the stored chance.

A text that is shown again, because the person has seen all, cannot be rated anew; so only first showings are moments
of a replay. What test users and previewing teachers were shown is left out, as nothing is learned from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from core.activities import pools
from core.activities.pools import LiveText
from core.selection import policies
from core.selection.estimates import Log
from core.store.tables import Arm, Contribution, Decision, Exposure, Problem, Report

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

SLOTS = ("explanation", "help", "reason")
CLOSE = 1e-9  # a replayed chance this near to the stored one is the same

_root = aliased(Contribution)  # the text that an inherited one goes back to


@dataclass(frozen=True, slots=True)
class Pool:
    """A problem's slot in which something was shown."""

    problem_id: int
    problem: str
    slot: str


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """T moments, in order of time, at which one of K texts was shown.

    `texts` (K,) are contributions' ids. (T,): `arm` shown, its place among the texts; `person`; `shown_at`; `reward` in
    [0, 1], NaN if none came; `waited` for it [s]; `policy`, `probability`, `pool_size` and `eligible_size` as stored;
    `fits`, whether the rebuilt pool has these sizes and pins. `replayed` (T, K): the rebuilt chances under the policy
    that was in force; `others` the same by policy. `repeats`: showings that were not first ones.
    """

    pool: Pool
    texts: tuple[int, ...]
    arm: NDArray[np.intp]
    person: NDArray[np.intp]
    shown_at: tuple[datetime, ...]
    reward: Array
    waited: Array
    policy: tuple[str, ...]
    probability: Array
    pool_size: NDArray[np.intp]
    eligible_size: NDArray[np.intp]
    fits: Flags
    replayed: Array
    others: Mapping[str, Array]
    repeats: int

    def __len__(self) -> int:
        return self.arm.size

    @property
    def matched(self) -> Flags:
        """Where the replay gives the stored chance, (T,)."""
        there = self.replayed[np.arange(self.arm.size), self.arm]
        return self.fits & (np.abs(there - self.probability) <= CLOSE)

    def log(self) -> Log:
        """The moments as estimates take them: the stored chance of what was shown, and the rest as replayed."""
        moments = zip(self.replayed, self.arm, self.probability, strict=True)
        table = [_as_stored(chances, int(arm), float(stored)) for chances, arm, stored in moments]
        return Log(self.arm, np.array(table).reshape(len(self), len(self.texts)), self.reward, self.person)


def _as_stored(replayed: Array, shown: int, stored: float) -> Array:
    """Chances of all texts, (K,), in which `shown` has the stored one; the others share the rest as they did."""
    others = np.delete(np.arange(replayed.size), shown)
    rest = replayed[others]
    if abs(replayed[shown] - stored) > CLOSE or not rest.sum():
        rest = rest if rest.sum() else np.ones(others.size)  # nothing is known of them: alike
        rest = rest * ((1.0 - stored) / rest.sum()) if others.size else rest
    chances = np.empty(replayed.size)
    chances[others], chances[shown] = rest, stored if others.size else 1.0
    return chances


def pools_shown(
    session: Session,
    course_id: int,
    *,
    activity_id: int | None = None,
    problem_id: int | None = None,
    slots: Collection[str] = SLOTS,
) -> list[tuple[Pool, int]]:
    """The pools of a course (or of one activity, or one problem) and how many first showings in them count."""
    statement = (
        select(Exposure.problem_id, Problem.name, Exposure.slot, func.count().label("moments"))
        .join(Problem, Problem.id == Exposure.problem_id)
        .where(
            Exposure.course_id == course_id,
            Exposure.counts.is_(True),
            Exposure.round == 0,
            Exposure.slot.in_(tuple(slots)),
        )
        .group_by(Exposure.problem_id, Problem.name, Exposure.slot)
        .order_by(Exposure.problem_id, Exposure.slot)
    )
    if activity_id is not None:
        statement = statement.where(Exposure.activity_id == activity_id)
    if problem_id is not None:
        statement = statement.where(Exposure.problem_id == problem_id)
    return [(Pool(row.problem_id, row.name, row.slot), row.moments) for row in session.execute(statement)]


def replay(
    session: Session,
    course_id: int,
    pool: Pool,
    *,
    others: Sequence[str] = (),
    activity_id: int | None = None,
    said: Callable[[], None] = lambda: None,
) -> Replay:
    """Go through what was shown in a pool, or of it what one activity showed; ask the policies `others` each time.

    `said()` is told after each moment. Raises ValueError for a policy that there is not.
    """
    for name in others:
        if name not in policies.ALL_POLICIES:
            raise ValueError(f"There is no policy {name!r}; there are {', '.join(policies.ALL_POLICIES)}.")
    texts = session.execute(_texts(course_id, pool)).all()
    place = {row.contribution_id: index for index, row in enumerate(texts)}
    shown = session.execute(_showings(course_id, pool)).all()
    reported = _reports(session, place)
    past = _Past(texts, _happened(session, course_id, texts, place, shown))
    seen: dict[int, Counter[int]] = {}
    rows, replayed, fits = [], [], []
    asked: dict[str, list[Array]] = {name: [] for name in others}
    repeats = 0
    for row in shown:
        past.move_on(row.shown_at)
        before = seen.setdefault(row.person_id, Counter())
        if row.counts and activity_id in {None, row.activity_id}:
            if row.round:
                repeats += 1
            else:
                hidden = {text for text, when in reported.get(row.person_id, ()) if when <= row.shown_at}
                live = past.live()
                mask = _open(live, row, pool.slot, before, hidden)
                rows.append(row)
                replayed.append(_spread(row.policy, live, mask, place))
                fits.append(_fits(live, mask, row))
                for name, table in asked.items():
                    table.append(replayed[-1] if name == row.policy else _spread(name, live, mask, place))
                said()
        before[row.contribution_id] += 1
    shape = (len(rows), len(texts))
    return Replay(
        pool,
        tuple(place),
        np.array([place[row.contribution_id] for row in rows], dtype=np.intp),
        np.array([row.person_id for row in rows], dtype=np.intp),
        tuple(row.shown_at for row in rows),
        np.array([np.nan if row.points is None else row.points / pools.TENTHS for row in rows]),
        np.array([np.nan if row.points is None else (row.outcome_at - row.shown_at).total_seconds() for row in rows]),
        tuple(row.policy for row in rows),
        np.array([row.probability for row in rows]),
        np.array([row.pool_size for row in rows], dtype=np.intp),
        np.array([row.eligible_size for row in rows], dtype=np.intp),
        np.array(fits, dtype=np.bool_),
        np.array(replayed).reshape(shape),
        {name: np.array(table).reshape(shape) for name, table in asked.items()},
        repeats,
    )


def _texts(course_id: int, pool: Pool) -> Any:
    """Every text that was ever in the pool."""
    return (
        select(
            Arm.contribution_id,
            Contribution.person_id,
            func.coalesce(Contribution.person_id, _root.person_id).label("author_id"),
            Contribution.kind,
            Contribution.stance,
            Arm.author,
            Arm.inherited_rewarded,
            Arm.inherited_points,
            Arm.inherited_squares,
            Contribution.joined_at,
            Contribution.retired_at,
        )
        .join(Contribution, Contribution.id == Arm.contribution_id)
        .outerjoin(_root, _root.id == Contribution.inherited_from_id)
        .where(Contribution.course_id == course_id, Arm.problem_id == pool.problem_id, Arm.slot == pool.slot)
        .order_by(Arm.contribution_id)
    )


def _showings(course_id: int, pool: Pool) -> Any:
    """Everything that the pool showed to anybody in the course: what others rated, and what one has seen, counts."""
    return (
        select(
            Exposure.activity_id,
            Exposure.person_id,
            Exposure.contribution_id,
            Exposure.round,
            Exposure.policy,
            Exposure.probability,
            Exposure.pool_size,
            Exposure.eligible_size,
            Exposure.counts,
            Exposure.shown_at,
            Exposure.points,
            Exposure.outcome_at,
        )
        .where(Exposure.course_id == course_id, Exposure.problem_id == pool.problem_id, Exposure.slot == pool.slot)
        .order_by(Exposure.shown_at, Exposure.id)
    )


def _reports(session: Session, texts: Collection[int]) -> dict[int, list[tuple[int, datetime]]]:
    """By person: which of these texts they reported, and when."""
    reported: dict[int, list[tuple[int, datetime]]] = {}
    for row in session.execute(
        select(Report.person_id, Report.contribution_id, Report.created_at).where(Report.contribution_id.in_(texts))
    ):
        reported.setdefault(row.person_id, []).append((row.contribution_id, row.created_at))
    return reported


_Event = tuple[datetime, bool, str, int, int]  # when; whether a reward; what; to which text, or person; points


def _happened(
    session: Session,
    course_id: int,
    texts: Sequence[Row[Any]],
    place: Mapping[int, int],
    shown: Sequence[Row[Any]],
) -> list[_Event]:
    """What changed the pool, in order of time; of one moment, rewards last."""
    events: list[_Event] = [(row.joined_at, False, "join", place[row.contribution_id], 0) for row in texts]
    events += [
        (row.retired_at, False, "retire", place[row.contribution_id], 0) for row in texts if row.retired_at is not None
    ]
    for row in session.execute(
        select(Decision.action, Decision.contribution_id, Decision.person_id, Decision.created_at)
        .where(Decision.course_id == course_id)
        .order_by(Decision.id)
    ):
        action = "retire" if row.action == "hold" else row.action  # held back: out of the pool until it is restored
        if row.contribution_id in place and action in {"retire", "restore", "pin", "unpin"}:
            events.append((row.created_at, False, action, place[row.contribution_id], 0))
        elif row.action in {"star", "unstar"}:
            events.append((row.created_at, False, row.action, row.person_id, 0))
    events += [
        (row.outcome_at, True, "reward", place[row.contribution_id], row.points)
        for row in shown
        if row.counts and row.points is not None
    ]
    return sorted(events, key=lambda event: event[:2])


class _Past:
    """A pool as it stood, moved on through what happened."""

    def __init__(self, texts: Sequence[Row[Any]], happened: Sequence[_Event]) -> None:
        self._texts, self._happened, self._next = texts, happened, 0
        self._live = [False] * len(texts)
        self._pinned = [False] * len(texts)
        self._stars: set[int] = set()
        self._sums = [(0, 0, 0)] * len(texts)

    def move_on(self, until: datetime) -> None:
        """To the moment `until`. A reward of that very moment is not known yet: an answer first draws, then rewards."""
        while self._next < len(self._happened) and self._happened[self._next][:2] < (until, True):
            _when, _is_reward, what, whose, points = self._happened[self._next]
            self._next += 1
            match what:
                case "join" | "restore":
                    self._live[whose] = True
                case "retire":
                    self._live[whose] = self._pinned[whose] = False
                case "pin" | "unpin":
                    self._pinned[whose] = what == "pin"
                case "star":
                    self._stars.add(whose)
                case "unstar":
                    self._stars.discard(whose)
                case "reward":
                    count, total, squares = self._sums[whose]
                    self._sums[whose] = (count + 1, total + points, squares + points**2)

    def live(self) -> list[LiveText]:
        """The live texts with their statistics, as `pools.arms` gives them but for how often each was shown."""
        return [
            LiveText(
                row.contribution_id, row.author_id, row.kind, row.stance, self._pinned[index], self._author(row),
                0, *self._sums[index],
                inherited=(row.inherited_rewarded, row.inherited_points, row.inherited_squares),
            )
            for index, row in enumerate(self._texts)
            if self._live[index]
        ]  # fmt: skip

    def _author(self, row: Row[Any]) -> str:
        """Whose text it was to the policy; a star's worked examples are as long as they are a star (`review.star`)."""
        if row.author == "teacher" or row.kind != "worked_example" or row.person_id is None:
            return str(row.author)
        return "star" if row.person_id in self._stars else "student"


def _open(
    live: Sequence[LiveText], row: Row[Any], slot: str, seen: Mapping[int, int], hidden: Collection[int]
) -> Flags:
    """Which of the live texts this person could be shown: the first way of narrowing that fits what was stored."""
    found = [_eligible(live, row.person_id, seen, hidden, admit) for admit in _narrowings(live, row, slot)]
    for mask in found:
        shown = [text.contribution_id for text, ok in zip(live, mask, strict=True) if ok]
        if row.contribution_id in shown and len(shown) == row.eligible_size:
            return mask
    return found[0]


def _narrowings(live: Sequence[LiveText], row: Row[Any], slot: str) -> Iterator[Callable[[LiveText], bool]]:
    """What `practice` may have admitted when this text was drawn, likeliest first."""
    shown = next((text for text in live if text.contribution_id == row.contribution_id), None)
    if slot == "reason" and shown is not None:
        yield lambda text: text.stance == shown.stance
        return
    yield lambda _text: True
    if slot == "help":
        yield lambda text: text.kind == "hint"


def _eligible(
    live: Sequence[LiveText],
    person_id: int,
    seen: Mapping[int, int],
    hidden: Collection[int],
    admit: Callable[[LiveText], bool],
) -> Flags:
    """Of the texts allowed to this person those that they have seen least often."""
    allowed = [text.author_id != person_id and text.contribution_id not in hidden and admit(text) for text in live]
    times = [seen.get(text.contribution_id, 0) for text in live]
    least = min((count for count, ok in zip(times, allowed, strict=True) if ok), default=0)
    return np.array([ok and count == least for count, ok in zip(times, allowed, strict=True)], dtype=np.bool_)


def _spread(policy: str, live: Sequence[LiveText], mask: Flags, place: Mapping[int, int]) -> Array:
    """The policy's chances over all texts of the replay, (K,); all 0 for a policy that is not known any more."""
    chances = np.zeros(len(place))
    if policy == policies.PINNED.name:
        policy = "uniform"  # any will do: a pin overrules it
    elif policy not in policies.ALL_POLICIES:
        return chances
    where = [place[text.contribution_id] for text in live]
    chances[where] = policies.chances(policy, pools.pool_of(live), mask)
    return chances


def _fits(live: Sequence[LiveText], mask: Flags, row: Row[Any]) -> bool:
    """Whether the rebuilt pool is of the stored sizes, and pinned where it was."""
    pinned = any(text.pinned and ok for text, ok in zip(live, mask, strict=True))
    sizes = (len(live), int(np.count_nonzero(mask)))
    return sizes == (row.pool_size, row.eligible_size) and pinned == (row.policy == policies.PINNED.name)
