"""Rings, spammers and too little data: `rings`, `verdict` and the simulated crowds that prove them."""

from __future__ import annotations

import numpy as np
import pytest

from core.crowd import rings
from core.crowd.answers import collect
from core.crowd.majority import majority
from core.crowd.one_coin import one_coin
from core.crowd.rings import dependence
from core.crowd.simulation import Crowd, accuracy, log_loss, simulate
from core.crowd.verdict import verdict

CLASS = {"items": 40, "people": 30, "per_item": 12}


def accuracies(crowd: Crowd, classes: int = 12) -> np.ndarray:
    """Mean accuracy of majority, one coin, and one coin with dependence, over seeded classes; (3,)."""
    rows = []
    for seed in range(classes):
        made = simulate(crowd, np.random.default_rng(seed))
        careful = made.answers.weighted(dependence(made.answers).weight)
        fits = (
            majority(made.answers),
            *(one_coin(a, learn_prevalence=False).posterior for a in (made.answers, careful)),
        )
        rows.append([accuracy(posterior, made.truth) for posterior in fits])
    return np.mean(rows, axis=0)


class TestSimulation:
    def test_everybody_does_what_the_name_says(self):
        """2,000 items, shares within .03 (over 4 standard errors for each)."""
        made = simulate(
            Crowd(items=2000, people=15, per_item=15, ring=3, uniform=3, first=3, adversaries=3),
            np.random.default_rng(0),
        )
        given = np.full((2000, 15), -1)
        given[made.answers.item, made.answers.person] = made.answers.label
        right = (given == made.truth[:, None]).mean(axis=0)
        assert right == pytest.approx(made.quality, abs=0.035)
        assert (given[:, 3] == given[:, 4]).all()
        assert right[3:6].tolist() == [0, 0, 0]
        assert (given[:, 9:12] == 0).all()
        assert (given >= 0).all()

    def test_a_shy_ring_is_honest_now_and_then(self):
        made = simulate(Crowd(items=2000, people=10, per_item=10, ring=2, shy=0.5), np.random.default_rng(1))
        given = np.full((2000, 10), -1)
        given[made.answers.item, made.answers.person] = made.answers.label
        assert (given == made.truth[:, None]).mean(axis=0) == pytest.approx(made.quality, abs=0.04)

    def test_each_item_gets_so_many_different_people(self):
        made = simulate(Crowd(items=9, people=7, per_item=5), np.random.default_rng(2))
        pairs = set(zip(made.answers.item.tolist(), made.answers.person.tolist(), strict=True))
        assert len(pairs) == made.answers.size == 45

    @pytest.mark.parametrize("wrong", [{"per_item": 0}, {"per_item": 31}, {"ring": 31}, {"ring": -1}])
    def test_impossible_crowds(self, wrong):
        with pytest.raises(ValueError, match=r"Every item needs|more ring members"):
            Crowd(**{**CLASS, **wrong})

    def test_measures(self):
        posterior = np.array([[0.5, 0.5, 0], [0.2, 0.2, 0.6]])
        truth = np.array([1, 2])
        assert accuracy(posterior, truth) == 0.75
        assert log_loss(posterior, truth) == pytest.approx(-(np.log(0.5) + np.log(0.6)) / 2)
        assert log_loss(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(-np.log(1e-15))


class TestRings:
    def test_a_ring_of_a_third_fools_the_others_and_not_us(self):
        """30 people, 11 of them a ring, 12 classes: mean accuracies with standard errors of about .03."""
        plain, coin, careful = accuracies(Crowd(**CLASS, ring=11))
        assert plain < 0.6
        assert coin < 0.4
        assert careful > 0.88

    def test_an_honest_class_loses_nothing(self):
        """12 honest classes: accuracy within .01, no answer's weight below .9 on average, and no copying reported."""
        _, coin, careful = accuracies(Crowd(**CLASS))
        assert careful == pytest.approx(coin, abs=0.01)
        for seed in range(12):
            found = dependence(simulate(Crowd(**CLASS), np.random.default_rng(seed)).answers)
            assert found.weight.mean() > 0.95
            assert found.copying < 0.02

    def test_people_who_always_take_the_first_answer(self):
        """12 of 30: mean accuracy above .75, where one coin alone is below .4."""
        _, coin, careful = accuracies(Crowd(**CLASS, first=12))
        assert coin < 0.4
        assert careful > 0.75

    @pytest.mark.parametrize("kind", ["uniform", "adversaries"])
    def test_spammers_and_adversaries_are_borne(self, kind):
        """12 of 30: one coin above .93 with or without weights, and above the majority."""
        plain, coin, careful = accuracies(Crowd(**CLASS, **{kind: 12}))
        assert coin > 0.93
        assert careful > 0.93
        assert plain < coin

    def test_a_ring_that_outnumbers_the_rest_wins(self):
        """What is not promised, so that nobody thinks it is: 18 of 30, accuracy below .1."""
        assert accuracies(Crowd(**CLASS, ring=18), classes=4)[2] < 0.1

    def test_identical_people_count_as_about_one(self):
        rng = np.random.default_rng(3)
        item, person = np.repeat(np.arange(80), 9), np.tile(np.arange(9), 80)
        label = rng.integers(0, 4, item.size)
        label[person >= 6] = np.repeat(rng.integers(0, 4, 80), 3)
        found = dependence(collect(item, person, label))
        assert found.shared[6, 7] == found.shared[7, 6] > 0.94
        assert not found.shared.diagonal().any()
        assert found.weight[person == 7] == pytest.approx(np.full(80, 1 / (1 + 2 * 0.95)), abs=0.03)
        assert found.weight[person < 6].mean() > 0.97
        assert found.copying == pytest.approx(3 / 56, abs=0.02)

    def test_skill_is_agreement_explained(self):
        """20 people of known quality, 400 items: s within .12 of (n q - 1)/(n - 1) for all (4 standard errors)."""
        made = simulate(Crowd(items=400, people=20, per_item=20), np.random.default_rng(4))
        found = dependence(made.answers)
        assert found.skill == pytest.approx((4 * made.quality - 1) / 3, abs=0.12)

    def test_weights_multiply_and_numbering_means_nothing(self):
        made = simulate(Crowd(**CLASS, ring=8), np.random.default_rng(5))
        one = dependence(made.answers)
        assert dependence(made.answers.weighted(2.0)).weight == pytest.approx(2 * one.weight)
        order = np.random.default_rng(6).permutation(30)
        a = made.answers
        other = dependence(collect(a.item, order[a.person], a.label, a.items, 30, 4))
        assert other.weight == pytest.approx(one.weight)

    def test_too_few_common_items_say_nothing(self):
        answers = collect([0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 0, 0])
        found = dependence(answers)
        assert not found.shared.any()
        assert found.weight.tolist() == [1, 1, 1, 1]
        assert dependence(collect([], [], [])).weight.shape == (0,)

    def test_a_second_answer_adds_nothing_to_a_pair(self):
        made = simulate(Crowd(**CLASS), np.random.default_rng(7)).answers
        twice = collect(
            np.tile(made.item, 2), np.tile(made.person, 2), np.tile(made.label, 2), made.items, made.people, made.labels
        )
        assert dependence(twice).shared == pytest.approx(dependence(made).shared)

    def test_too_many_people(self, monkeypatch):
        monkeypatch.setattr(rings, "MOST_PEOPLE", 3)
        assert dependence(collect([0], [2], [0])).weight.tolist() == [1]
        with pytest.raises(ValueError, match="split the crowd"):
            dependence(collect([0], [3], [0]))


class TestVerdict:
    def test_enough(self):
        found = verdict(simulate(Crowd(items=20, people=10, per_item=5), np.random.default_rng(0)).answers)
        assert found.enough
        assert found.reasons == ()
        assert (found.answers_an_item, found.groups) == (5, 1)

    def test_no_answers(self):
        found = verdict(collect([], [], []))
        assert not found.enough
        assert str(found.reasons[0]).startswith("Only 0 items")
        assert found.z == 0

    @pytest.mark.parametrize(("items", "people", "enough"), [(5, 3, True), (4, 3, False), (5, 2, False)])
    def test_few_items_or_people(self, items, people, enough):
        answers = collect(
            np.repeat(np.arange(items), people),
            np.tile(np.arange(people), items),
            np.repeat(np.arange(items) % 2, people),
        )
        found = verdict(answers)
        assert found.enough == enough
        assert [str(why) for why in found.reasons] == (
            []
            if enough
            else [f"Only {items} items were answered twice, by {people} people: too few to compare anybody."]
        )

    def test_thin(self):
        item = [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, *range(5, 12)]
        person = [0, 1, 2, 0, 1, 1, 2, 0, 2, 0, 1, *[0] * 7]
        label = [0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, *[0] * 7]
        found = verdict(collect(item, person, label))
        assert [str(why) for why in found.reasons] == [
            "There are 1.5 answers an item: too few to believe more than the votes."
        ]

    def test_apart(self):
        made = simulate(Crowd(items=20, people=6, per_item=4), np.random.default_rng(0)).answers
        both = collect(
            np.concatenate([made.item, made.item + 20]),
            np.concatenate([made.person, made.person + 6]),
            np.tile(made.label, 2),
        )
        found = verdict(both)
        assert found.groups == 2
        assert [str(why) for why in found.reasons] == [
            "The answers fall into 2 groups without a common item, which cannot be compared."
        ]

    def test_people_and_items_without_answers_are_no_groups(self):
        made = simulate(Crowd(items=20, people=6, per_item=4), np.random.default_rng(0)).answers
        assert verdict(collect(made.item, made.person, made.label, 50, 50, 9)).groups == 1

    def test_answers_of_no_weight_do_not_count(self):
        made = simulate(Crowd(items=20, people=6, per_item=4), np.random.default_rng(0)).answers
        assert verdict(made.weighted(0.0)) == verdict(collect([], [], [], 20, 6, 4))

    def test_random_answers_pass_in_one_case_of_twenty(self):
        """400 crowds that answer at random: 2 to 9 % pass (nominal 5 %; three standard errors and skewness)."""
        rng = np.random.default_rng(1)
        item, person = np.repeat(np.arange(30), 4), np.tile(np.arange(4), 30)
        passed = np.mean([verdict(collect(item, person, rng.integers(0, 3, 120), 30, 4, 3)).enough for _ in range(400)])
        assert 0.02 <= passed <= 0.09

    def test_z_by_hand(self):
        # votes AAB, AB: 1 of 4 pairs agrees; p = (3/5, 2/5), p_2 = .52, p_3 = .28
        found = verdict(collect([0, 0, 0, 1, 1], [0, 1, 2, 0, 1], [0, 0, 1, 0, 1]))
        variance = 4 * (0.52 - 0.52**2) + 2 * 3 * 1 * (0.28 - 0.52**2)
        assert found.z == pytest.approx((1 - 4 * 0.52) / variance**0.5)
