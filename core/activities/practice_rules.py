"""The rules of practice as pure functions of what a person did: when the key shows, what counts, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.activities.practice_settings import POINT_DECIMALS, PracticeSettings


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt as the rules see it."""

    number: int
    fraction: float | None  # None: nothing to score (free text)
    right: bool | None
    counts: bool  # False: the first of two votes
    key_shown: bool = False  # the key was shown for it: whatever the settings say later, this person knows the answer


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person stands with one problem."""

    tries: int
    answered: bool  # at least one answer that is not the first of two votes
    right: bool | None
    key_visible: bool
    may_answer: bool
    next_number: int
    voting: bool  # the first of two votes is in, the second is not
    tries_left: int | None  # None: unlimited


def standing(settings: PracticeSettings, tries: Sequence[Try], now: datetime) -> Standing:
    """Apply the activity's settings to one person's tries at one problem.

    A teacher may change the settings in the middle. Whether the key is visible follows the new ones; but who was shown
    it under the old ones takes no more tries, because what they would answer is no longer theirs.
    """
    if settings.two_votes:
        return _two_votes(settings, tries, now)
    counted = [t for t in tries if t.counts]
    made, right = len(counted), _right(counted)
    out_of_tries = 0 < settings.attempts <= made
    knows = any(t.key_shown for t in tries)
    ended = made > 0 and (right is not False or out_of_tries or knows)  # right, or nothing that could be wrong
    if settings.key_shown == "at_once":
        visible = made > 0
    elif settings.key_shown == "after_attempts":
        visible = ended
    else:
        visible = made > 0 and _past(settings.due_at, now)
    return Standing(
        tries=len(tries),
        answered=made > 0,
        right=right,
        key_visible=visible,
        may_answer=not (visible or ended),
        next_number=len(tries) + 1,
        voting=False,
        tries_left=max(settings.attempts - made, 0) if settings.attempts else None,
    )


def _two_votes(settings: PracticeSettings, tries: Sequence[Try], now: datetime) -> Standing:
    made = len(tries)
    done = made >= 2 or any(t.key_shown for t in tries)
    return Standing(
        tries=made,
        answered=done,
        right=_right([t for t in tries if t.counts]) if done else None,
        key_visible=done and (settings.key_shown != "after_due" or _past(settings.due_at, now)),
        may_answer=not done,
        next_number=made + 1,
        voting=made > 0 and not done,
        tries_left=0 if done else 2 - made,
    )


def _right(tries: Sequence[Try]) -> bool | None:
    """Whether one of them was right; None where nothing is judged."""
    judged = [t.right for t in tries if t.right is not None]
    return any(judged) if judged else None


def _past(due_at: datetime | None, now: datetime) -> bool:
    return due_at is not None and now >= due_at


def attempt_counts(settings: PracticeSettings, before: Standing) -> bool:
    """Whether the attempt about to be stored counts toward the grade: it is allowed, and not the first of two votes."""
    return before.may_answer and not (settings.two_votes and before.next_number == 1)


def may_read_explanations(now_standing: Standing) -> bool:
    """An explanation gives the answer away, so it waits for the key."""
    return now_standing.key_visible


def may_see_examples(settings: PracticeSettings, now_standing: Standing, now: datetime) -> bool:
    """A worked example gives the answer away; after a wrong answer if the teacher says so, never before a due date."""
    if now_standing.key_visible:
        return True
    if settings.key_shown == "after_due" and not _past(settings.due_at, now):
        return False
    return settings.examples_shown == "after_wrong" and not settings.two_votes and now_standing.right is False


def score(settings: PracticeSettings, problems: Sequence[int], best: Mapping[int, float | None]) -> float | None:
    """Points for an activity: mean credit of its problems times its points, or None before an answer that counts.

    `best` maps each problem that has a counting attempt to its best fraction in [0, 1]; None where nothing is scored:
    answering such a problem is full credit.
    """
    answered = [best[p] for p in problems if p in best]
    if not answered:
        return None
    credit = sum(1.0 if fraction is None or settings.graded_by == "answered" else fraction for fraction in answered)
    return round(settings.points * credit / len(problems), POINT_DECIMALS)


def best_fractions(tries: Mapping[int, Sequence[Try]]) -> dict[int, float | None]:
    """The best fraction of each problem that has a try which counts; None where nothing is scored."""
    counted = {problem: [t.fraction for t in its if t.counts] for problem, its in tries.items()}
    return {
        problem: max((fraction for fraction in fractions if fraction is not None), default=None)
        for problem, fractions in counted.items()
        if fractions
    }


def next_in_order(problems: Sequence[int], open_problems: set[int], after: int | None) -> int | None:
    """The teacher's order: the first open problem behind `after`, then from the start; None when all are done."""
    start = problems.index(after) + 1 if after in problems else 0
    for problem in (*problems[start:], *problems[:start]):
        if problem in open_problems and problem != after:
            return problem
    return after if after in open_problems else None
