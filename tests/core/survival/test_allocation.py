"""Which task comes next, with which probability, and why; the table of policies; the constraints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from core.survival.allocation import Allocation, Drawn, Offer, allocate, because, chances, values
from core.survival.constraints import Corridor, allowed
from core.survival.goals import RULES
from core.survival.policies import POLICIES, Policy, Reward

ALL = np.ones(4, dtype=np.bool_)
ENTROPY = np.array([2.0, 1.0, 0.0, 1.5])
GAIN = np.array([0.1, 0.4, 0.0, 0.3])
STAY = np.array([0.2, 0.9, 1.0, 0.5])
FULL = Offer(ALL, entropy=ENTROPY, gain=GAIN, stay=STAY, ahead=0.5)


class Fixed:
    """A generator whose uniform number is known."""

    def __init__(self, point: float) -> None:
        self.point = point

    def random(self) -> float:
        return self.point


def given_by(policy: str, offer: Offer, point: float = 0.0, share: float = 0.0) -> Allocation:
    choice = allocate(policy, offer, Fixed(point), share=share)  # type: ignore[arg-type]  # all that is asked of it
    assert choice is not None
    return choice


def test_the_policies_are_the_papers_by_name_and_ours() -> None:
    models = ("LA", "LM", "LS", "FQ")
    assert list(POLICIES) == [
        "IN_ORDER",
        "TA",
        *(f"TA_{x}" for x in models),
        "TA_INF",
        *(f"TA_INF_{x}" for x in models),
        *(f"TA_INF_DG_{x}" for x in models if x != "LM"),
        "TA_H",
        "TA_H_DG",
    ]
    for name, policy in POLICIES.items():
        assert policy.name == name
        assert policy.title
        assert policy.explanation.endswith(".")
        end = name.rsplit("_", 1)[-1]
        ours = name.startswith("TA_H")
        assert policy.model == ("H" if ours else end if end in models else None)
        assert policy.reward is (Reward.GAIN if ours else Reward.ORDER if name == "IN_ORDER" else Reward.ENTROPY)
        assert policy.ahead is ours
    assert {name for name, policy in POLICIES.items() if policy.goals == "static"} == {
        "TA",
        *(f"TA_{x}" for x in models),
    }
    assert {name for name, policy in POLICIES.items() if policy.goals == "dynamic"} == {
        f"TA_INF_DG_{x}" for x in models if x != "LM"
    }
    assert [name for name, policy in POLICIES.items() if policy.goals == "at_risk"] == ["TA_H_DG"]
    assert len({policy.title for policy in POLICIES.values()}) == len(POLICIES)


def test_only_fitted_q_predicts_no_probability() -> None:
    assert POLICIES["TA_LA"].calibrated
    assert not POLICIES["TA_FQ"].calibrated
    assert not POLICIES["TA"].calibrated


def test_goals_at_risk_are_set_by_probabilities_alone() -> None:
    assert all(policy.calibrated for policy in POLICIES.values() if policy.goals == "at_risk")


def test_impossible_policies_are_refused() -> None:
    with pytest.raises(ValueError, match="no rule 'weekly'"):
        Policy("X", "x", "x", Reward.ENTROPY, goals="weekly")
    with pytest.raises(ValueError, match="name the model"):
        Policy("X", "x", "x", Reward.ENTROPY, ahead=True)
    assert set(RULES) >= {policy.goals for policy in POLICIES.values()}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("IN_ORDER", [0.0, -1.0, -2.0, -3.0]),
        ("TA", ENTROPY),
        ("TA_INF", ENTROPY),
        ("TA_LA", STAY * ENTROPY),
        ("TA_INF_LS", STAY * ENTROPY),
        ("TA_H", STAY * (GAIN + 0.5)),
        ("TA_H_DG", STAY * (GAIN + 0.5)),
    ],
)
def test_values_by_their_formulas(policy: str, expected: list[float]) -> None:
    np.testing.assert_array_equal(values(POLICIES[policy], FULL), expected)
    assert given_by(policy, FULL).index == int(np.argmax(expected))


def test_the_teachers_values_multiply_what_a_task_yields() -> None:
    worth = np.array([1.0, 0.0, 1.0, 4.0])
    offer = replace(FULL, worth=worth)
    np.testing.assert_array_equal(values(POLICIES["TA"], offer), worth * ENTROPY)
    np.testing.assert_array_equal(values(POLICIES["TA_LA"], offer), STAY * worth * ENTROPY)
    np.testing.assert_array_equal(values(POLICIES["TA_H"], offer), STAY * (worth * GAIN + 0.5))
    assert given_by("TA_H", offer).reward == pytest.approx(1.2)


def test_fitted_q_below_nothing_counts_as_nothing() -> None:
    offer = replace(FULL, stay=np.array([-3.0, 2.0, -1.0, 0.5]))
    np.testing.assert_array_equal(values(POLICIES["TA_FQ"], offer), [0.0, 2.0, 0.0, 0.75])


def test_what_is_given_stays_as_it_was() -> None:
    columns = [one.copy() for one in (ENTROPY, GAIN, STAY)]
    some = np.array([True, False, True, True])
    for policy in POLICIES:
        given_by(policy, replace(FULL, allowed=some))
    for before, after in zip(columns, (ENTROPY, GAIN, STAY), strict=True):
        np.testing.assert_array_equal(before, after)


def test_an_allocation_says_all_that_it_was_made_of() -> None:
    choice = given_by("TA_H", replace(FULL, keyed=np.array([False, True, False, False])))
    assert choice == Allocation(1, 1.0, "TA_H", 0.9 * 0.9, 0.4, 0.9, 0.5, Drawn.BEST, 1, 4, True)
    assert given_by("TA", FULL) == Allocation(0, 1.0, "TA", 2.0, 2.0, None, 0.0, Drawn.BEST, 1, 4, False)
    assert given_by("IN_ORDER", FULL) == Allocation(0, 1.0, "IN_ORDER", 0.0, 0.0, None, 0.0, Drawn.BEST, 1, 4, False)
    assert given_by("TA_LA", FULL).ahead == 0.0


def test_nothing_allowed_gives_nothing() -> None:
    assert allocate("TA", replace(FULL, allowed=~ALL), np.random.default_rng(1)) is None
    assert chances("TA", replace(FULL, allowed=~ALL)).tolist() == [0.0] * 4
    empty = Offer(np.empty(0, dtype=np.bool_), entropy=np.empty(0))
    assert allocate("TA", empty, np.random.default_rng(1)) is None
    assert chances("TA", empty).size == 0


def test_what_is_not_allowed_is_never_given() -> None:
    offer = replace(FULL, allowed=np.array([False, False, True, True]))
    assert given_by("TA", offer).index == 3
    assert given_by("TA", offer).allowed == 2
    np.testing.assert_array_equal(chances("TA", offer, share=0.5), [0.0, 0.0, 0.25, 0.75])


def test_numbers_of_tasks_not_allowed_do_not_matter() -> None:
    offer = Offer(np.array([False, True]), entropy=np.array([np.nan, 1.0]))
    assert given_by("TA", offer).index == 1


def test_all_best_tasks_are_equally_likely() -> None:
    offer = Offer(ALL, entropy=np.array([2.0, 1.0, 2.0, 2.0 - 1e-13]))
    assert [given_by("TA", offer, point).index for point in (0.0, 0.34, 0.99)] == [0, 2, 3]
    choice = given_by("TA", offer)
    assert (choice.probability, choice.ties, choice.drawn) == (1 / 3, 3, Drawn.LOT)
    np.testing.assert_allclose(chances("TA", offer), [1 / 3, 0.0, 1 / 3, 1 / 3])
    assert given_by("TA", Offer(ALL, entropy=np.array([2.0, 1.0, 2.0, 2.0 - 1e-11]))).ties == 2


def test_ties_below_zero_are_ties() -> None:
    offer = replace(FULL, gain=np.array([-1.0, -1.0, -2.0, -1.0 - 1e-13]), stay=np.ones(4), ahead=0.0)
    assert given_by("TA_H", offer).ties == 3


def test_questions_that_all_are_settled_are_ties() -> None:
    assert given_by("TA", Offer(ALL, entropy=np.zeros(4))).ties == 4


def test_an_even_share_reaches_every_allowed_task() -> None:
    low, high = given_by("TA", FULL, 0.0, share=0.2), given_by("TA", FULL, 0.2, share=0.2)
    assert (low.index, low.drawn) == (0, Drawn.SHARE)
    assert (high.index, high.drawn) == (0, Drawn.BEST)
    assert low.probability == high.probability == pytest.approx(0.85)
    second = given_by("TA", FULL, 0.06, share=0.2)
    assert (second.index, second.drawn, second.probability) == (1, Drawn.SHARE, pytest.approx(0.05))
    assert given_by("TA", FULL, 0.999, share=1.0).index == 3
    assert given_by("TA", FULL, 0.999, share=1.0).probability == pytest.approx(0.25)


def test_the_only_task_is_certain_however_it_is_drawn() -> None:
    only = replace(FULL, allowed=np.array([False, False, True, False]))
    for point in (0.0, 0.9):
        choice = given_by("TA", only, point, share=0.3)
        assert (choice.drawn, choice.index) == (Drawn.ONLY, 2)
        assert choice.probability == pytest.approx(1.0)


def test_draws_follow_the_stated_chances() -> None:
    """4,000 draws against `chances`, chi-squared: a right program fails with one seed in a thousand."""
    offer = Offer(np.array([True, True, True, False, True]), entropy=np.array([1.0, 2.0, 2.0, 9.0, 0.5]))
    rng = np.random.default_rng(7)
    drawn = [allocate("TA", offer, rng, share=0.3) for _ in range(4000)]
    expected = chances("TA", offer, share=0.3)
    counts = np.bincount([one.index for one in drawn if one], minlength=5)
    assert counts[3] == 0
    kept = expected > 0
    assert chisquare(counts[kept], 4000 * expected[kept]).pvalue > 1e-3
    assert all(one is not None and one.probability == pytest.approx(expected[one.index]) for one in drawn)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_chances_sum_to_one_and_move_with_the_tasks(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 12))
    level = st.sampled_from([0.0, 0.3, 0.7, 1.0])
    columns = [np.array(data.draw(st.lists(level, min_size=size, max_size=size))) for _ in range(3)]
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    order = np.array(data.draw(st.permutations(range(size))))
    policy = data.draw(st.sampled_from([name for name in POLICIES if name != "IN_ORDER"]))
    share = data.draw(st.sampled_from([0.0, 0.1, 1.0]))
    offer = Offer(mask, *columns, ahead=0.2)
    moved = Offer(mask[order], *(column[order] for column in columns), ahead=0.2)
    before = chances(policy, offer, share=share)
    np.testing.assert_allclose(before[order], chances(policy, moved, share=share), atol=1e-15)
    assert before.sum() == pytest.approx(1.0 if mask.any() else 0.0)
    assert (before[~mask] == 0.0).all()
    choice = allocate(policy, offer, np.random.default_rng(size), share=share)
    assert (choice is None) == (not mask.any())
    if choice is not None:
        assert choice.probability == pytest.approx(before[choice.index])


@pytest.mark.parametrize(
    ("policy", "offer", "share", "says"),
    [
        ("TA_XY", FULL, 0.0, "no policy 'TA_XY'"),
        ("TA", FULL, -0.1, "share"),
        ("TA", FULL, 1.1, "share"),
        ("TA", Offer(ALL), 0.0, "every task's entropy"),
        ("TA_LA", Offer(ALL, entropy=ENTROPY), 0.0, "every task's stay"),
        ("TA_H", Offer(ALL, entropy=ENTROPY, stay=STAY), 0.0, "every task's gain"),
        ("TA", Offer(ALL, entropy=np.array([1.0, np.nan, 0.0, 0.0])), 0.0, "no finite value"),
        ("TA", Offer(ALL, entropy=np.array([1.0, np.inf, 0.0, 0.0])), 0.0, "no finite value"),
    ],
)
def test_what_cannot_be_decided_is_refused(policy: str, offer: Offer, share: float, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        allocate(policy, offer, np.random.default_rng(1), share=share)


@pytest.mark.parametrize("column", ["entropy", "gain", "stay", "worth", "keyed"])
def test_an_offer_is_of_one_length(column: str) -> None:
    with pytest.raises(ValueError, match="same tasks"):
        Offer(ALL, **{column: np.ones(3)})  # type: ignore[arg-type]  # parametrised


def test_an_offer_is_a_list_with_a_future() -> None:
    with pytest.raises(ValueError, match="one list"):
        Offer(np.ones((2, 2), dtype=np.bool_))
    for ahead in (-0.1, np.inf, np.nan):
        with pytest.raises(ValueError, match="bits, 0 or more"):
            Offer(ALL, ahead=ahead)
    assert len(FULL) == 4


def test_reasons_in_a_sentence() -> None:
    keyed = replace(FULL, keyed=ALL)
    tied = Offer(ALL, entropy=np.full(4, 2.0))
    only = replace(FULL, allowed=np.array([True, False, False, False]))
    said = {
        str(because(given_by(policy, offer, point, share)))
        for policy, offer, point, share in (
            ("IN_ORDER", FULL, 0.0, 0.0),
            ("TA", FULL, 0.0, 0.0),
            ("TA", tied, 0.0, 0.0),
            ("TA_LA", FULL, 0.0, 0.0),
            ("TA_FQ", FULL, 0.0, 0.0),
            ("TA_H", FULL, 0.0, 0.0),
            ("TA_H", keyed, 0.0, 0.0),
            ("TA", FULL, 0.0, 0.1),
            ("TA", only, 0.0, 0.1),
        )
    }
    assert said == {
        "Chosen because it is next in the teacher's order.",
        "Chosen because its answer can tell most: 2.00 bits.",
        "Chosen because its answer can tell most: 2.00 bits. It was drawn by lot from 4 equally good tasks.",
        "Chosen because its answer can tell 1.00 bits, and this person answers it with a chance of 90%.",
        "Chosen because its answer can tell 1.00 bits, and about 0.9 answers are expected from here on.",
        "Chosen because this person is expected to settle 0.40 bits of it, and answers it with a chance of 90%; "
        "what may follow counts 0.50 bits.",
        "Chosen because the answer tells most about this person (0.40 bits), who answers it with a chance of 90%; "
        "what may follow counts 0.50 bits.",
        "Chosen by lot from all 4 tasks, as a small share is, so that tasks can be compared fairly.",
        "Chosen because it was the only task left for this person.",
    }


def test_no_task_comes_twice() -> None:
    assert allowed([True, False, False]).tolist() == [False, True, True]
    assert allowed([]).tolist() == []


def test_a_task_waits_for_all_that_it_requires() -> None:
    seen, needs = [True, True, False, False], [(2, 0), (2, 1), (3, 2)]
    assert allowed(seen, requires=needs).tolist() == [False, False, True, False]
    assert allowed(seen, requires=needs, mastered=[True, False, False, False]).tolist() == [False] * 4
    assert allowed(seen, requires=[]).tolist() == [False, False, True, True]


def test_a_corridor_keeps_what_is_neither_hopeless_nor_without_news() -> None:
    seen, chance = [False] * 4, [0.1, 0.5, 0.8, 0.95]
    assert allowed(seen, chance=chance, corridor=Corridor(0.5, 0.8)).tolist() == [False, True, True, False]
    assert allowed(seen, chance=chance, corridor=Corridor(0.0, 1.0)).all()


def test_a_corridor_without_a_task_yields_to_the_nearest() -> None:
    seen, chance = [False, True, False, False], [0.1, 0.5, 0.4, 0.95]
    assert allowed(seen, chance=chance, corridor=Corridor(0.5, 0.8)).tolist() == [False, False, True, False]
    assert allowed([True] * 4, chance=chance, corridor=Corridor(0.5, 0.8)).tolist() == [False] * 4
    low = allowed([False] * 2, chance=[0.9, 1.0], corridor=Corridor(0.1, 0.2))
    assert low.tolist() == [True, False]


@pytest.mark.parametrize(
    ("seen", "options", "says"),
    [
        ([[False]], {}, "one list"),
        ([False], {"requires": [(0, 1)]}, "names another"),
        ([False], {"requires": [(-1, 0)]}, "names another"),
        ([False], {"requires": [(0, 0)], "mastered": [True, True]}, "mastered"),
        ([False], {"corridor": Corridor(0.2, 0.8)}, "chance of a right answer"),
        ([False], {"corridor": Corridor(0.2, 0.8), "chance": [0.5, 0.5]}, "chance of a right answer"),
        ([False], {"corridor": Corridor(0.2, 0.8), "chance": [1.5]}, "chance of a right answer"),
        ([False], {"corridor": Corridor(0.2, 0.8), "chance": [-0.5]}, "chance of a right answer"),
    ],
)
def test_constraints_that_do_not_fit_are_refused(seen: list[bool], options: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        allowed(seen, **options)  # type: ignore[arg-type]  # parametrised


@pytest.mark.parametrize(("low", "high"), [(-0.1, 0.5), (0.6, 0.5), (0.5, 1.1)])
def test_a_corridor_runs_upwards(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="corridor"):
        Corridor(low, high)


def test_the_ends_of_a_corridor_and_of_a_chance_belong_to_them() -> None:
    assert allowed([False] * 2, chance=[0.0, 1.0], corridor=Corridor(0.0, 1.0)).all()
    assert allowed([False] * 3, chance=[0.4, 0.5, 0.6], corridor=Corridor(0.5, 0.5)).tolist() == [False, True, False]
    assert allowed([False] * 2, chance=[0.0, 1.0], corridor=Corridor(0.0, 0.0)).tolist() == [True, False]
    assert allowed([False] * 2, chance=[0.0, 1.0], corridor=Corridor(1.0, 1.0)).tolist() == [False, True]


def test_nothing_may_follow() -> None:
    assert Offer(ALL).ahead == Offer(ALL, ahead=0.0).ahead == 0.0


def test_a_policy_may_know_no_model_and_look_at_nothing_ahead() -> None:
    plain = Policy("X", "x", "x", Reward.ENTROPY)
    assert (plain.model, plain.ahead, plain.goals) == (None, False, "never")
    assert Policy("X", "x", "x", Reward.GAIN, "H", ahead=True).ahead
