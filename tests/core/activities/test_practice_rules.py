"""When the key shows, what counts, what comes next: the rules as functions of what a person did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activities import practice_rules
from core.activities.practice_rules import Standing, Try
from core.activities.practice_settings import PracticeSettings

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)

RIGHT = ("right", 1.0, True)
PARTLY = ("partly", 0.5, False)
WRONG = ("wrong", 0.0, False)
UNSCORED = ("unscored", None, None)


def tries(*answers: tuple[str, float | None, bool | None], counts: bool = True, key_shown: bool = False) -> list[Try]:
    return [Try(n, fraction, right, counts, key_shown) for n, (_, fraction, right) in enumerate(answers, 1)]


def standing(settings: PracticeSettings, *answers: tuple[str, float | None, bool | None]) -> Standing:
    return practice_rules.standing(settings, tries(*answers), NOW)


AT_ONCE = PracticeSettings()
AFTER_TWO = PracticeSettings(key_shown="after_attempts", attempts=2)
BEFORE_DUE = PracticeSettings(key_shown="after_due", due_at=LATER)
AT_DUE = PracticeSettings(key_shown="after_due", due_at=NOW)
BEFORE_DUE_TWO = PracticeSettings(key_shown="after_due", due_at=LATER, attempts=2)
NO_DUE = PracticeSettings(key_shown="after_due", due_at=None)


@pytest.mark.parametrize(
    ("chosen", "answers", "visible", "open_", "right"),
    [
        (AT_ONCE, (), False, True, None),
        (AT_ONCE, (WRONG,), True, False, False),
        (AT_ONCE, (RIGHT,), True, False, True),
        (AT_ONCE, (UNSCORED,), True, False, None),
        (AFTER_TWO, (), False, True, None),
        (AFTER_TWO, (WRONG,), False, True, False),
        (AFTER_TWO, (PARTLY,), False, True, False),
        (AFTER_TWO, (RIGHT,), True, False, True),
        (AFTER_TWO, (WRONG, RIGHT), True, False, True),
        (AFTER_TWO, (WRONG, PARTLY), True, False, False),
        (AFTER_TWO, (UNSCORED,), True, False, None),
        (BEFORE_DUE, (), False, True, None),
        (BEFORE_DUE, (WRONG,) * 9, False, True, False),
        (BEFORE_DUE, (WRONG, RIGHT), False, False, True),
        (BEFORE_DUE, (UNSCORED,), False, False, None),
        (BEFORE_DUE_TWO, (WRONG, WRONG), False, False, False),
        (AT_DUE, (), False, True, None),  # whoever comes late may still answer, and then sees the key
        (AT_DUE, (WRONG,), True, False, False),
        (AT_DUE, (RIGHT,), True, False, True),
        (NO_DUE, (WRONG,), False, True, False),
    ],
)
def test_the_key_and_the_next_try(
    chosen: PracticeSettings, answers: Any, visible: bool, open_: bool, right: bool | None
) -> None:
    now = standing(chosen, *answers)
    assert (now.key_visible, now.may_answer, now.right) == (visible, open_, right)
    assert (now.tries, now.next_number, now.answered) == (len(answers), len(answers) + 1, bool(answers))
    assert now.voting is False


@pytest.mark.parametrize(
    ("chosen", "made", "left"), [(AFTER_TWO, 0, 2), (AFTER_TWO, 1, 1), (AFTER_TWO, 3, 0), (AT_ONCE, 1, None)]
)
def test_tries_left(chosen: PracticeSettings, made: int, left: int | None) -> None:
    assert standing(chosen, *([WRONG] * made)).tries_left == left


def two_votes(first: bool = False, second: bool = False) -> list[Try]:
    return [
        *tries(RIGHT if first else WRONG, counts=False),
        Try(2, 1.0 if second else 0.0, second, True),
    ]


@pytest.mark.parametrize("key_shown", ["at_once", "after_attempts"])
def test_between_two_votes_nothing_is_told(key_shown: str) -> None:
    chosen = PracticeSettings(two_votes=True, key_shown=key_shown, attempts=1)
    before, between, done = (practice_rules.standing(chosen, two_votes(first=True)[:n], NOW) for n in (0, 1, 2))
    assert (before.voting, before.may_answer, before.answered, before.key_visible) == (False, True, False, False)
    assert (between.voting, between.may_answer, between.answered, between.key_visible) == (True, True, False, False)
    assert between.right is None
    assert (done.voting, done.may_answer, done.answered, done.key_visible, done.right) == (
        False,
        False,
        True,
        True,
        False,
    )


@pytest.mark.parametrize(("due", "visible"), [(LATER, False), (NOW, True), (EARLIER, True)])
def test_two_votes_wait_for_the_due_date_too(due: datetime, visible: bool) -> None:
    chosen = PracticeSettings(two_votes=True, key_shown="after_due", due_at=due)
    assert practice_rules.standing(chosen, two_votes()[:1], NOW).key_visible is False
    assert practice_rules.standing(chosen, two_votes(), NOW).key_visible is visible


def test_only_the_second_vote_counts() -> None:
    chosen = PracticeSettings(two_votes=True)
    counts = [
        practice_rules.attempt_counts(chosen, practice_rules.standing(chosen, two_votes()[:made], NOW))
        for made in (0, 1, 2)
    ]
    assert counts == [False, True, False]
    assert practice_rules.attempt_counts(AT_ONCE, standing(AT_ONCE)) is True
    assert practice_rules.attempt_counts(AT_ONCE, standing(AT_ONCE, WRONG)) is False


@pytest.mark.parametrize(
    ("chosen", "visible"),
    [
        (AFTER_TWO, True),
        (BEFORE_DUE, False),
        (PracticeSettings(two_votes=True), True),
        (PracticeSettings(two_votes=True, key_shown="after_due", due_at=LATER), False),
    ],
)
def test_who_saw_the_key_under_other_settings_takes_no_more_tries(chosen: PracticeSettings, visible: bool) -> None:
    knows = practice_rules.standing(chosen, tries(WRONG, key_shown=True), NOW)
    assert (knows.may_answer, knows.key_visible, knows.voting, knows.right) == (False, visible, False, False)
    guesses = practice_rules.standing(chosen, tries(WRONG), NOW)
    assert guesses.may_answer is True


def test_a_first_vote_is_no_try_once_there_are_no_two_votes() -> None:
    now = practice_rules.standing(AT_ONCE, two_votes(first=True)[:1], NOW)
    assert (now.may_answer, now.key_visible, now.right, now.next_number) == (True, False, None, 2)
    assert practice_rules.attempt_counts(AT_ONCE, now) is True


@pytest.mark.parametrize(
    ("chosen", "answers", "may"),
    [
        (AT_ONCE, (), False),
        (AT_ONCE, (WRONG,), True),
        (AFTER_TWO, (WRONG,), False),
        (PracticeSettings(key_shown="after_attempts", attempts=2, examples_shown="after_wrong"), (WRONG,), True),
        (PracticeSettings(key_shown="after_attempts", attempts=2, examples_shown="after_wrong"), (), False),
        (PracticeSettings(key_shown="after_due", due_at=LATER, examples_shown="after_wrong"), (WRONG,), False),
        (PracticeSettings(key_shown="after_due", due_at=None, examples_shown="after_wrong"), (WRONG,), False),
        (PracticeSettings(key_shown="after_due", due_at=NOW, examples_shown="after_wrong"), (), False),
        (PracticeSettings(two_votes=True, examples_shown="after_wrong"), (WRONG,), False),
    ],
)
def test_worked_examples_wait_for_the_key_unless_the_teacher_says_otherwise(
    chosen: PracticeSettings, answers: Any, may: bool
) -> None:
    made = tries(*answers, counts=not chosen.two_votes)
    assert practice_rules.may_see_examples(chosen, practice_rules.standing(chosen, made, NOW), NOW) is may


SETTINGS = st.builds(
    PracticeSettings,
    key_shown=st.sampled_from(["at_once", "after_attempts", "after_due"]),
    attempts=st.integers(0, 4),
    due_at=st.sampled_from([None, EARLIER, NOW, LATER]),
    two_votes=st.booleans(),
    examples_shown=st.sampled_from(["with_key", "after_wrong"]),
    graded_by=st.sampled_from(["right", "answered"]),
    points=st.decimals(min_value="0.01", max_value=1000, places=4).map(float),
)
ANSWERS = st.lists(st.sampled_from([RIGHT, PARTLY, WRONG]), max_size=6) | st.lists(st.just(UNSCORED), max_size=3)


def history(chosen: PracticeSettings, answers: Sequence[Any], now: datetime) -> list[Try]:
    """The tries that a person could really make, one after another, as far as the rules let them."""
    made: list[Try] = []
    for _, fraction, right in answers:
        before = practice_rules.standing(chosen, made, now)
        if not before.may_answer:
            break
        counts = practice_rules.attempt_counts(chosen, before)
        new = Try(before.next_number, fraction, right, counts)
        shown = practice_rules.standing(chosen, [*made, new], now).key_visible
        made.append(Try(new.number, fraction, right, counts, shown))
    return made


@settings(deadline=None, max_examples=300)
@given(SETTINGS, ANSWERS)
def test_nobody_answers_who_sees_the_key(chosen: PracticeSettings, answers: Sequence[Any]) -> None:
    now = practice_rules.standing(chosen, history(chosen, answers, NOW), NOW)
    assert not (now.key_visible and now.may_answer)
    assert not (now.key_visible and not now.answered)
    if practice_rules.may_read_explanations(now):
        assert now.key_visible
    if chosen.key_shown == "after_due" and (chosen.due_at is None or chosen.due_at > NOW):
        assert not now.key_visible
        assert not practice_rules.may_see_examples(chosen, now, NOW)


@settings(deadline=None, max_examples=300)
@given(SETTINGS, SETTINGS, ANSWERS, ANSWERS)
def test_whatever_a_teacher_changes_no_try_counts_after_the_key_was_shown(
    first: PracticeSettings, second: PracticeSettings, before: Sequence[Any], after: Sequence[Any]
) -> None:
    made = history(first, before, NOW)
    if any(t.key_shown for t in made):
        assert not practice_rules.standing(second, made, NOW).may_answer
    elif made and not practice_rules.standing(second, made, NOW).may_answer:
        assert practice_rules.standing(second, made, NOW).answered  # never locked out of answering
    for answer in after:
        now = practice_rules.standing(second, made, NOW)
        assert practice_rules.attempt_counts(second, now) <= now.may_answer
        made.append(Try(now.next_number, answer[1], answer[2], True))


FRACTIONS = st.none() | st.floats(0, 1).map(lambda value: round(value, 7))
BEST = st.dictionaries(st.integers(1, 8), FRACTIONS, max_size=8)
PROBLEMS = st.lists(st.integers(1, 8), min_size=1, max_size=8, unique=True)


@settings(deadline=None, max_examples=300)
@given(SETTINGS, PROBLEMS, BEST)
def test_the_score_is_the_mean_credit(
    chosen: PracticeSettings, problems: list[int], best: dict[int, float | None]
) -> None:
    score = practice_rules.score(chosen, problems, best)
    credit = 0.0
    answered = 0
    for problem in problems:
        if problem in best:
            answered += 1
            fraction = best[problem]
            credit += 1 if chosen.graded_by == "answered" or fraction is None else fraction
    if not answered:
        assert score is None
    else:
        assert score is not None
        assert 0 <= score <= chosen.points
        assert score == pytest.approx(chosen.points * credit / len(problems), abs=0.51e-4)


@settings(deadline=None, max_examples=300)
@given(SETTINGS, PROBLEMS, BEST, st.integers(1, 8), FRACTIONS)
def test_no_answer_lowers_the_score(
    chosen: PracticeSettings, problems: list[int], best: dict[int, float | None], problem: int, fraction: float | None
) -> None:
    before = practice_rules.score(chosen, problems, best)
    if problem in best and (fraction is None) != (best[problem] is None):
        return  # a problem is scored or it is not
    better = fraction if best.get(problem) is None else max(best[problem] or 0.0, fraction or 0.0)
    after = practice_rules.score(chosen, problems, best | {problem: better})
    assert before is None or (after is not None and after >= before)


@given(st.dictionaries(st.integers(1, 5), st.lists(st.tuples(FRACTIONS, st.booleans()), max_size=5)))
def test_the_best_fraction_is_of_tries_that_count(made: dict[int, list[tuple[float | None, bool]]]) -> None:
    as_tries = {
        problem: [Try(n, fraction, None, counts) for n, (fraction, counts) in enumerate(its, 1)]
        for problem, its in made.items()
    }
    expected = {}
    for problem, its in made.items():
        if any(counts for _, counts in its):
            scored = [fraction for fraction, counts in its if counts and fraction is not None]
            expected[problem] = sorted(scored)[-1] if scored else None
    assert practice_rules.best_fractions(as_tries) == expected


@given(st.lists(st.integers(1, 9), unique=True), st.sets(st.integers(1, 9)), st.integers(1, 12) | st.none())
def test_the_next_problem_is_the_first_open_one_behind_this(
    problems: list[int], open_: set[int], after: int | None
) -> None:
    found = practice_rules.next_in_order(problems, open_ & set(problems), after)
    left = [problem for problem in problems if problem in open_]
    if not left:
        assert found is None
    elif after in problems:
        place = problems.index(after)
        behind = [p for p in problems[place + 1 :] + problems[:place] if p in open_]
        assert found == (behind[0] if behind else after)
    else:
        assert found == left[0]
