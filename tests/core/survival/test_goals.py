"""When a goal is set, counts down, is met, and rests."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.survival.goals import RULES, Goal, GoalRule, Kind, Progress, answered, next_goal, shown, survival_by_index

NEVER, STATIC, DYNAMIC, AT_RISK = (RULES[name] for name in ("never", "static", "dynamic", "at_risk"))


def session(rule: GoalRule, chances: list[float], survival: list[float] | None = None) -> list[int | None]:
    """What stands on the screen with each task, for somebody who answers all of them."""
    progress, seen = Progress(), []
    for stay in chances:
        progress = shown(rule, progress, stay=stay, survival=survival)
        seen.append(None if progress.goal is None else progress.goal.remaining)
        progress = answered(progress)
    return seen


def test_the_table_has_the_four_rules_by_their_kinds() -> None:
    assert list(RULES) == ["never", "static", "dynamic", "at_risk"] == [kind.value for kind in Kind]
    assert all(rule.name == name and rule.kind == name for name, rule in RULES.items())
    assert (STATIC.length, DYNAMIC.length, AT_RISK.length) == (10, 3, 3)
    assert all(rule.rest == 3 for rule in RULES.values())
    assert all(rule.title and rule.explanation for rule in RULES.values())


def test_never_says_nothing() -> None:
    assert session(NEVER, [0.0, 1.0, 0.5]) == [None] * 3
    assert next_goal(NEVER, Progress()) is None


def test_static_counts_ten_down_rests_three_and_begins_again() -> None:
    assert session(STATIC, [1.0] * 15) == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, None, None, None, 10, 9]


def test_the_papers_quizzes_follow_one_another_without_a_rest() -> None:
    assert session(replace(STATIC, length=2, rest=0), [1.0] * 5) == [2, 1, 2, 1, 2]


def test_dynamic_sets_a_goal_only_below_the_survival_rate_of_the_index() -> None:
    rates = [0.5, 0.8]
    assert next_goal(DYNAMIC, Progress(), stay=0.5, survival=rates) is None
    assert next_goal(DYNAMIC, Progress(), stay=0.49, survival=rates) == Goal(3, 3, "dynamic")
    assert next_goal(DYNAMIC, Progress(answered=1), stay=0.79, survival=rates) is not None
    assert next_goal(DYNAMIC, Progress(answered=1), stay=0.81, survival=rates) is None
    assert next_goal(DYNAMIC, Progress(answered=99), stay=0.79, survival=rates) is not None


def test_a_goal_just_met_is_never_repeated_at_once() -> None:
    assert session(DYNAMIC, [0.1] * 9, [0.5]) == [3, 2, 1, None, None, None, 3, 2, 1]


def test_a_goal_in_force_is_not_replaced_whatever_the_model_says() -> None:
    progress = Progress(answered=1, goal=Goal(2, 3, "dynamic"))
    assert next_goal(DYNAMIC, progress, stay=0.0, survival=[0.9]) == Goal(2, 3, "dynamic")
    assert next_goal(NEVER, progress) == Goal(2, 3, "dynamic")


def test_at_risk_waits_for_a_really_high_chance_of_leaving() -> None:
    assert next_goal(AT_RISK, Progress(), stay=0.61) is None
    assert next_goal(AT_RISK, Progress(), stay=0.6) == Goal(3, 3, "at_risk")
    assert next_goal(AT_RISK, Progress(), stay=0.0) == Goal(3, 3, "at_risk")


def test_at_risk_asks_again_only_after_the_risk_was_low_once() -> None:
    rule = replace(AT_RISK, length=1, rest=0)
    assert session(rule, [0.5, 0.5, 0.7, 0.5]) == [1, None, None, None]
    assert session(rule, [0.5, 0.5, 0.76, 0.5]) == [1, None, None, 1]


def test_the_edge_of_leaving_the_risk_is_not_low_enough() -> None:
    calm = replace(AT_RISK, length=1, rest=0, enter=0.5, leave=0.25)
    assert session(calm, [0.5, 0.75, 0.5]) == [1, None, None]


def test_risk_may_fall_during_a_goal_or_a_rest() -> None:
    rule = replace(AT_RISK, length=2, rest=1)
    assert session(rule, [0.5, 0.9, 0.5, 0.5]) == [2, 1, None, 2]


def test_answers_count_down_and_start_the_rest() -> None:
    progress = Progress(goal=Goal(2, 3, "dynamic"), armed=False)
    progress = answered(progress)
    assert progress == Progress(1, Goal(1, 3, "dynamic"), None, False)
    progress = answered(progress)
    assert progress == Progress(2, None, 0, False)
    assert answered(progress) == Progress(3, None, 1, False)
    assert answered(Progress()) == Progress(1, None, None, True)


def test_what_the_person_reads() -> None:
    assert str(Goal(3, 3, "dynamic").sentence()) == "Just 3 more."
    assert str(Goal(1, 3, "dynamic").sentence()) == "Just one more."


@pytest.mark.parametrize("remaining", [0, 4])
def test_a_goal_has_something_left(remaining: int) -> None:
    with pytest.raises(ValueError, match="cannot have"):
        Goal(remaining, 3, "dynamic")


@pytest.mark.parametrize(
    ("kind", "changes", "says"),
    [
        (Kind.STATIC, {"length": 0}, "one task or more"),
        (Kind.DYNAMIC, {"length": 0}, "names 1 to 5"),
        (Kind.AT_RISK, {"length": 6}, "names 1 to 5"),
        (Kind.DYNAMIC, {"rest": -1}, "A rest"),
        (Kind.AT_RISK, {"enter": 0.2, "leave": 0.3}, "chance of leaving"),
        (Kind.AT_RISK, {"enter": 1.1}, "chance of leaving"),
        (Kind.AT_RISK, {"leave": -0.1}, "chance of leaving"),
    ],
)
def test_impossible_rules_are_refused(kind: Kind, changes: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(RULES[kind.value], **changes)


def test_possible_rules_are_not() -> None:
    assert replace(STATIC, length=1).length == 1
    assert replace(DYNAMIC, length=5, rest=0).length == 5
    assert replace(DYNAMIC, length=1, enter=0.0, leave=0.0).enter == 0.0
    assert replace(AT_RISK, enter=1.0, leave=1.0).leave == 1.0


@pytest.mark.parametrize("stay", [None, -0.01, 1.01, float("nan")])
@pytest.mark.parametrize("rule", [DYNAMIC, AT_RISK])
def test_a_rule_that_needs_a_probability_says_so(rule: GoalRule, stay: float | None) -> None:
    with pytest.raises(ValueError, match="give `stay`"):
        next_goal(rule, Progress(), stay=stay, survival=[0.5])


@pytest.mark.parametrize("survival", [None, [], [[0.5]]])
def test_dynamic_needs_rates(survival: list[float] | None) -> None:
    with pytest.raises(ValueError, match="give `survival`"):
        next_goal(DYNAMIC, Progress(), stay=0.5, survival=survival)


def test_survival_rates_are_shares_where_rows_are_many() -> None:
    index = np.repeat([0, 1, 2], 100_000)
    stayed = np.tile([1, 1, 1, 0], 75_000)
    stayed[index == 1] = 1
    rates = survival_by_index(index, stayed, length=2)
    assert rates.shape == (2,)
    np.testing.assert_allclose(rates[0], 0.75, atol=1e-3)
    np.testing.assert_allclose(rates[1], 0.875, atol=1e-3)


def test_survival_rates_lean_on_the_index_before() -> None:
    rates = survival_by_index([0, 0, 1], [1, 0, 1], length=3, pooled=2.0)
    first = (1 + 2 * 0.6) / 4
    second = (1 + 2 * first) / 3
    np.testing.assert_allclose(rates, [first, second, second])
    np.testing.assert_allclose(survival_by_index([], []), np.full(50, 0.5))


@pytest.mark.parametrize(
    ("index", "stayed", "options", "says"),
    [
        ([0, 1], [1], {}, "one outcome"),
        ([[0]], [[1]], {}, "one outcome"),
        ([-1], [1], {}, "0 or more"),
        ([0], [0.5], {}, "outcome"),
        ([0], [1], {"length": 0}, "at least one index"),
        ([0], [1], {"pooled": 0.0}, "positive"),
    ],
)
def test_impossible_rows_are_refused(
    index: list[int], stayed: list[float], options: dict[str, float], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        survival_by_index(index, stayed, **options)  # type: ignore[arg-type]  # parametrised


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([STATIC, DYNAMIC, AT_RISK]),
    st.lists(st.floats(0, 1), min_size=1, max_size=40),
    st.integers(1, 5),
    st.integers(0, 4),
)
def test_goals_count_down_by_one_and_rest_after_they_are_met(
    rule: GoalRule, chances: list[float], length: int, rest: int
) -> None:
    seen = session(replace(rule, length=length, rest=rest), chances, [0.6])
    for place, (now, then) in enumerate(pairwise(seen)):
        if now is not None and now > 1:
            assert then == now - 1
        if now == 1:
            assert seen[place + 1 : place + 1 + rest] == [None] * len(seen[place + 1 : place + 1 + rest])
        if now is None:
            assert then in (None, length)


def test_rates_of_one_index_lean_on_the_whole_however_little() -> None:
    assert survival_by_index([0, 5], [1, 0], length=1, pooled=0.5).tolist() == pytest.approx([(1 + 0.5 * 0.5) / 2.5])
    assert survival_by_index([0], [1]).shape == (50,)
    assert survival_by_index([0], [1])[0] == pytest.approx((1 + 20 * 2 / 3) / 21)


def test_one_task_left_of_one() -> None:
    assert Goal(1, 1, "static").remaining == 1
    assert Goal(3, 3, "static").remaining == 3
