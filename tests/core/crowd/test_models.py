"""Majority, one coin, Dawid and Skene: against brute force, each other, plain loops, and simulated crowds."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit, softmax
from scipy.stats import beta

from core.crowd import dawid_skene as ds
from core.crowd import one_coin as oc
from core.crowd.answers import Answers, across, collect, entropy, normalised
from core.crowd.dawid_skene import dawid_skene
from core.crowd.majority import leaders, majority, vote_shares
from core.crowd.one_coin import one_coin
from core.crowd.simulation import Crowd, Simulated, accuracy, log_loss, simulate

PROPERTY = settings(deadline=None, max_examples=40)
MODELS = {"one_coin": one_coin, "dawid_skene": dawid_skene}


@st.composite
def some_answers(draw) -> Answers:
    labels = draw(st.integers(2, 4))
    triples = st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, labels - 1))
    rows = np.array(draw(st.lists(triples, min_size=1, max_size=40)), dtype=np.int64)
    return collect(*rows.T, 5, 6, labels)


@pytest.fixture(scope="module")
def small() -> Simulated:
    return simulate(Crowd(items=30, people=12, per_item=6), np.random.default_rng(7))


@pytest.fixture(scope="module")
def crowd() -> Simulated:
    return simulate(Crowd(items=120, people=25, per_item=6), np.random.default_rng(7))


def plain_dawid_skene(answers: Answers, smoothing: float, steps: int) -> np.ndarray:
    """The module's formulas in loops."""
    n = answers.labels
    posterior = vote_shares(answers)
    coin = np.where(np.eye(n, dtype=bool), 0.7, 0.3 / (n - 1))
    for _ in range(steps):
        counts = np.zeros((answers.people, n, n))
        for i, u, label, weight in zip(answers.item, answers.person, answers.label, answers.weight, strict=True):
            counts[u, label] += weight * posterior[i]
        pooled = counts.sum(axis=0) + 4 * coin
        crowd = pooled / pooled.sum(axis=0)
        mean = crowd.diagonal().mean()
        for u in range(answers.people):
            quality = (counts[u].diagonal().sum() + 4 * mean) / (counts[u].sum() + 4)
            typical = crowd.copy()
            for j in range(n):
                mine = expit(logit(crowd[j, j]) + logit(quality) - logit(mean))
                typical[:, j] *= (1 - mine) / (1 - crowd[j, j])
                typical[j, j] = mine
            counts[u] += smoothing * typical
        share = posterior.sum(axis=0) + 1
        logs = np.tile(np.log(share / share.sum()), (answers.items, 1))
        for i, u, label, weight in zip(answers.item, answers.person, answers.label, answers.weight, strict=True):
            logs[i] += weight * np.log(counts[u, label] / counts[u].sum(axis=0))
        posterior = np.exp(logs - logs.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
    return posterior


class TestAnswers:
    def test_sizes_are_inferred(self):
        answers = collect([0, 2], [1, 0], [0, 0])
        assert (answers.items, answers.people, answers.labels, answers.size) == (3, 2, 2, 2)
        assert answers.votes().tolist() == [[1, 0], [0, 0], [1, 0]]

    def test_weights(self):
        answers = collect([0, 0], [0, 1], [0, 1], weight=[0.5, 2])
        assert answers.votes().tolist() == [[0.5, 2]]
        assert answers.weighted(3).votes().tolist() == [[3, 3]]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (([0, 1], [0], [0]), "one length"),
            (([[0]], [0], [0]), "list of whole numbers"),
            (([0.5], [0], [0]), "item of each answer"),
            (([0], [0.5], [0]), "person of each answer"),
            (([0], [0], [-1]), "label of every answer"),
            (([3], [0], [0], 3), "below 3"),
            (([0], [0], [0], 1, 1, 1), "two labels"),
            (([0], [0], [0], 1, 1, 2, -1.0), "not negative"),
            (([0], [0], [0], 1, 1, 2, math.inf), "finite"),
        ],
    )
    def test_refusals(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            collect(*arguments)

    def test_entropy_in_bits(self):
        assert entropy(np.array([[0.5, 0.5, 0, 0], [0.25] * 4, [1, 0, 0, 0]])).tolist() == pytest.approx([1, 2, 0])

    @pytest.mark.parametrize("labels", [1, 2, 16, 17, 40])
    def test_short_and_long_rows_are_treated_alike(self, labels):
        table = np.random.default_rng(labels).normal(size=(3, 2, labels)) * 300
        assert across(np.maximum, table).tolist() == table.max(axis=-1).tolist()
        assert across(np.add, table) == pytest.approx(table.sum(axis=-1))
        assert normalised(table) == pytest.approx(softmax(table, axis=-1))


class TestMajority:
    def test_shares_leaders_and_ties(self):
        answers = collect([0, 0, 0, 1, 1], [0, 1, 2, 0, 1], [0, 0, 2, 1, 2], 3, 3, 3)
        assert vote_shares(answers) == pytest.approx(np.array([[2, 0, 1], [0, 1.5, 1.5], [1, 1, 1]]) / 3)
        assert leaders(vote_shares(answers)).tolist() == [[True, False, False], [False, True, True], [True] * 3]
        assert majority(answers) == pytest.approx(np.array([[1, 0, 0], [0, 0.5, 0.5], [1 / 3] * 3]))

    def test_shares_equal_but_for_rounding_are_tied(self):
        assert leaders(np.array([0.1 + 0.2, 0.3])).tolist() == [True, True]


class TestBoth:
    @pytest.mark.parametrize("name", MODELS)
    @PROPERTY
    @given(answers=some_answers())
    def test_beliefs_are_probabilities(self, name, answers):
        fitted = MODELS[name](answers)
        assert fitted.posterior.sum(axis=1) == pytest.approx(np.ones(5))
        assert (fitted.posterior >= 0).all()
        low, high = fitted.interval()
        assert ((low >= 0) & (low <= fitted.quality()) & (fitted.quality() <= high) & (high <= 1)).all()

    @pytest.mark.parametrize("name", MODELS)
    @PROPERTY
    @given(answers=some_answers(), data=st.data())
    def test_numbering_means_nothing(self, name, answers, data):
        items = np.array(data.draw(st.permutations(range(5))))
        people = np.array(data.draw(st.permutations(range(6))))
        labels = np.array(data.draw(st.permutations(range(answers.labels))))
        renamed = collect(items[answers.item], people[answers.person], labels[answers.label], 5, 6, answers.labels)
        one, other = MODELS[name](answers, steps=10), MODELS[name](renamed, steps=10)
        assert other.posterior[items][:, labels] == pytest.approx(one.posterior, abs=1e-8)
        assert other.quality()[people] == pytest.approx(one.quality(), abs=1e-8)

    @pytest.mark.parametrize("name", MODELS)
    @PROPERTY
    @given(answers=some_answers())
    def test_an_answer_of_weight_two_is_two_answers(self, name, answers):
        twice = collect(*(np.tile(a, 2) for a in (answers.item, answers.person, answers.label)), 5, 6, answers.labels)
        one, other = MODELS[name](answers.weighted(2.0), steps=5), MODELS[name](twice, steps=5)
        assert one.posterior == pytest.approx(other.posterior, abs=1e-9)
        assert one.quality() == pytest.approx(other.quality(), abs=1e-9)

    @pytest.mark.parametrize("name", MODELS)
    def test_gold_is_certain_and_teaches_who_is_good(self, name, crowd):
        gold = np.full(crowd.truth.size, -1)
        gold[:40] = (crowd.truth[:40] + 1) % 4
        fitted = MODELS[name](crowd.answers, gold=gold)
        assert (fitted.posterior[np.arange(40), gold[:40]] == 1).all()
        free = MODELS[name](crowd.answers)
        assert fitted.quality().mean() < free.quality().mean()

    @pytest.mark.parametrize("name", MODELS)
    @pytest.mark.parametrize("gold", [[0], [4] * 120, [-2] * 120, [0.5] * 120])
    def test_unusable_gold(self, name, gold, crowd):
        with pytest.raises(ValueError, match=r"[Gg]old"):
            MODELS[name](crowd.answers, gold=gold)

    @pytest.mark.parametrize("name", MODELS)
    def test_no_answers(self, name):
        nobody = collect([], [], [], 2, 1, 3)
        fitted = MODELS[name](nobody)
        assert fitted.posterior == pytest.approx(np.full((2, 3), 1 / 3))
        assert fitted.entropy() == pytest.approx(np.full(2, math.log2(3)))
        assert fitted.quality() == pytest.approx([0.7])
        assert MODELS[name](collect([], [], [])).posterior.shape == (0, 2)

    @pytest.mark.parametrize("name", MODELS)
    def test_steps_are_counted_and_settling_is_noticed(self, name, crowd):
        assert MODELS[name](crowd.answers, steps=0).posterior == pytest.approx(vote_shares(crowd.answers))
        short = MODELS[name](crowd.answers, steps=2)
        assert (short.steps, short.settled) == (2, False)
        settled = MODELS[name](crowd.answers, steps=500)
        assert settled.settled
        assert settled.steps < 500

    @pytest.mark.parametrize("name", MODELS)
    def test_an_interval_narrows_with_less_coverage(self, name, crowd):
        fitted = MODELS[name](crowd.answers)
        wide, narrow = fitted.interval(0.95), fitted.interval(0.5)
        assert (wide[0] < narrow[0]).all()
        assert (narrow[1] < wide[1]).all()

    @pytest.mark.parametrize("name", MODELS)
    def test_intervals_cover_true_quality(self, name):
        """Four crowds, 60 people of 80 answers each: 90 % intervals cover .84 to .96 of 240 (4 standard errors)."""
        inside = []
        for seed in range(4):
            made = simulate(Crowd(items=400, people=60, per_item=12), np.random.default_rng(seed))
            low, high = MODELS[name](made.answers).interval()
            inside.append((low <= made.quality) & (made.quality <= high))
        assert 0.84 <= np.mean(inside) <= 0.96


class TestOneCoin:
    def test_one_step_by_hand(self):
        # items 0, 1 have votes (A, A, B) and (A, B); with n = 2, shares are 2/3, 1/3 and 1/2, 1/2
        answers = collect([0, 0, 0, 1, 1], [0, 1, 2, 0, 2], [0, 0, 1, 0, 1])
        right = np.array([2 / 3 + 1 / 2, 2 / 3, 1 / 3 + 1 / 2])
        given = np.array([2, 1, 2])
        m = (right.sum() + 7) / (5 + 10)
        q = (4 * m + right) / (4 + given)
        pi = np.array([1 + 2 / 3 + 1 / 2, 1 + 1 / 3 + 1 / 2])
        odds = pi[0] / pi[1] * np.array([q[0] * q[1] * (1 - q[2]), q[0] * (1 - q[2])])
        odds /= np.array([(1 - q[0]) * (1 - q[1]) * q[2], (1 - q[0]) * q[2]])
        assert one_coin(answers, steps=1).posterior[:, 0] == pytest.approx(odds / (1 + odds))

    def test_even_prevalence_when_options_mean_nothing(self, crowd):
        fitted = one_coin(crowd.answers, learn_prevalence=False)
        assert fitted.prevalence.tolist() == [0.25] * 4
        skewed = collect([*[0] * 9, 1], [*range(9), 0], [0] * 10)
        assert one_coin(skewed).prevalence[0] > 0.5

    def test_posterior_given_qualities_is_bayes_rule_over_all_labels(self, crowd):
        """At the fixed point P is the posterior under the fitted qualities: enumerated label by label."""
        fitted = one_coin(crowd.answers, steps=1000, tolerance=1e-13)
        q = fitted.quality()
        for i in range(5):
            own = crowd.answers.item == i
            people, votes = crowd.answers.person[own], crowd.answers.label[own]
            chances = [
                fitted.prevalence[j] * np.prod(np.where(votes == j, q[people], (1 - q[people]) / 3)) for j in range(4)
            ]
            assert fitted.posterior[i] == pytest.approx(np.array(chances) / sum(chances), abs=1e-9)

    def test_the_fixed_point_maximises_the_posterior_density_of_its_qualities(self):
        """K = 3 people, 4 items, enumerated labels: no q nearby is likelier, by the smoothed objective of EM."""
        answers = collect([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], [0, 1, 2] * 4, [0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 1])
        fitted = one_coin(answers, learn_prevalence=False, steps=5000, tolerance=1e-14)
        prior = fitted.prior

        def objective(q: np.ndarray) -> float:
            total = sum(prior.strength * (prior.mean * np.log(q) + (1 - prior.mean) * np.log(1 - q)))
            for i in range(4):
                votes = answers.label[answers.item == i]
                total += math.log(sum(0.5 * np.prod(np.where(votes == j, q, 1 - q)) for j in range(2)))
            return float(total)

        best = objective(fitted.quality())
        for step in itertools.product((-0.01, 0.0, 0.01), repeat=3):
            assert objective(fitted.quality() + np.array(step)) <= best + 1e-12

    def test_interval_is_the_beta_quantile_of_what_answers_are_worth(self, crowd):
        fitted = one_coin(crowd.answers)
        own = crowd.answers.person == 3
        right = fitted.posterior[crowd.answers.item[own], crowd.answers.label[own]]
        q = fitted.quality()[3]
        worth = 4 + own.sum() - (right * (1 - right)).sum() / (q * (1 - q))
        low, high = fitted.interval(0.8)
        expected = beta.ppf([0.1, 0.9], worth * q, worth * (1 - q))
        assert [low[3], high[3]] == pytest.approx(expected)

    def test_answers_about_which_nothing_is_known_are_worth_nothing(self):
        fitted = one_coin(collect([0, 0], [0, 1], [0, 1], labels=2), learn_prevalence=False)
        q = fitted.quality()[0]
        low, high = fitted.interval()
        assert [low[0], high[0]] == pytest.approx(beta.ppf([0.05, 0.95], 4 * q, 4 * (1 - q)))

    def test_the_crowd_is_held_above_chance(self):
        answers = collect(np.repeat(np.arange(50), 4), np.tile(np.arange(4), 50), np.tile(np.arange(4), 50))
        assert one_coin(answers).prior.mean >= 0.3

    def test_an_adversary_counts_against_his_labels(self):
        made = simulate(Crowd(items=100, people=12, labels=2, per_item=12, adversaries=3), np.random.default_rng(3))
        fitted = one_coin(made.answers)
        assert (fitted.quality()[9:] < 0.5).all()
        assert accuracy(fitted.posterior, made.truth) > accuracy(majority(made.answers), made.truth)

    def test_beats_the_majority_and_unsmoothed_dawid_skene(self):
        """Ten crowds of 20 people with 40 answers: better in accuracy and log-loss on average, each by 2 s.e."""
        rows = []
        for seed in range(10):
            made = simulate(Crowd(items=160, people=20, per_item=5), np.random.default_rng(seed))
            ours = one_coin(made.answers).posterior
            others = majority(made.answers), dawid_skene(made.answers, smoothing=0).posterior
            rows.append(
                [accuracy(ours, made.truth) - accuracy(p, made.truth) for p in others]
                + [log_loss(p, made.truth) - log_loss(ours, made.truth) for p in others]
            )
        gains = np.array(rows)
        assert (gains.mean(axis=0) > 2 * gains.std(axis=0) / math.sqrt(10)).all()

    @pytest.mark.parametrize("strength", [0.0, -1.0, math.inf])
    def test_unusable_strength(self, strength, crowd):
        with pytest.raises(ValueError, match="strength"):
            one_coin(crowd.answers, strength=strength)


class TestDawidSkene:
    @pytest.mark.parametrize("smoothing", [0.5, 10.0])
    def test_as_in_plain_loops(self, smoothing, crowd):
        found = dawid_skene(crowd.answers, smoothing=smoothing, steps=6, tolerance=-1).posterior
        assert found == pytest.approx(plain_dawid_skene(crowd.answers, smoothing, 6), abs=1e-10)

    def test_the_published_model_by_hand(self):
        # one step without smoothing: person 0 said A, A; 1 said A, B; 2 said B, B
        answers = collect([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [0, 0, 1, 0, 1, 1])
        share = np.array([[2 / 3, 1 / 3], [1 / 3, 2 / 3]])
        right = share[:, 0], share[:, 1]
        # E_0(A|.) = 1, E_2(B|.) = 1; E_1(A|A) = 2/3, E_1(B|A) = 1/3, E_1(A|B) = 1/3, E_1(B|B) = 2/3; π = 1/2
        assert right[0].sum() == pytest.approx(1)
        found = dawid_skene(answers, smoothing=0, steps=1).posterior
        assert found == pytest.approx(np.array([[2 / 3, 1 / 3], [1 / 3, 2 / 3]]), abs=1e-8)

    def test_learns_a_confusion_that_one_coin_cannot(self):
        """People who call every B an A: Dawid-Skene learns it from 300 items; estimates within .1 (4 s.e.)."""
        rng = np.random.default_rng(5)
        truth = rng.integers(0, 3, 300)
        item, person = np.repeat(np.arange(300), 8), np.tile(np.arange(8), 300)
        says = truth[item]
        blind = (person < 3) & (says == 1)
        noisy = rng.random(item.size) < 0.15
        label = np.where(blind, 0, np.where(noisy, rng.integers(0, 3, item.size), says))
        fitted = dawid_skene(collect(item, person, label))
        assert fitted.confusion()[0, 0, 1] > 0.85
        assert fitted.confusion()[5, 1, 1] == pytest.approx(0.9, abs=0.1)
        assert fitted.confusion().sum(axis=1) == pytest.approx(np.ones((8, 3)))
        assert accuracy(fitted.posterior, truth) > 0.97

    def test_smoothing_helps_where_answers_are_few(self):
        """Ten crowds: log-loss of the smoothed model is lower in every one."""
        for seed in range(10):
            made = simulate(Crowd(items=100, people=20, per_item=5), np.random.default_rng(seed))
            rough, smooth = (dawid_skene(made.answers, smoothing=s).posterior for s in (0.0, ds.SMOOTHING))
            assert log_loss(smooth, made.truth) < log_loss(rough, made.truth)

    def test_interval_is_the_beta_quantile(self, crowd):
        fitted = dawid_skene(crowd.answers)
        own = crowd.answers.person == 3
        right = fitted.posterior[crowd.answers.item[own], crowd.answers.label[own]]
        mean = fitted.quality()[3]
        strength = 4 + own.sum() - (right * (1 - right)).sum() / (mean * (1 - mean))
        low, high = fitted.interval()
        expected = beta.ppf([0.05, 0.95], mean * strength, (1 - mean) * strength)
        assert [low[3], high[3]] == pytest.approx(expected)

    @pytest.mark.parametrize("smoothing", [-1, math.inf])
    def test_unusable_smoothing(self, smoothing, crowd):
        with pytest.raises(ValueError, match="Smoothing"):
            dawid_skene(crowd.answers, smoothing=smoothing)


class TestOnline:
    """One more answer, without a fit: incremental EM, whose fixed point is the batch's."""

    def test_one_coin_settles_where_the_batch_does(self, small):
        answers = small.answers
        batch = one_coin(answers, steps=2000, tolerance=1e-13)
        posterior, right, given = np.zeros((30, 4)), np.zeros(12), np.zeros(12)
        known = np.zeros(30, dtype=int)
        order = np.random.default_rng(1).permutation(answers.size)
        seen: list[list[int]] = [[] for _ in range(30)]
        for a in order:
            i = answers.item[a]
            seen[i].append(a)
            given[answers.person[a]] += 1
            people = answers.person[seen[i]]
            step = oc.one_more(batch, posterior[i], answers.label[seen[i]], right[people], given[people], known[i])
            posterior[i], right[people], known[i] = step.posterior, step.right, len(seen[i])
        assert np.mean(posterior.argmax(axis=1) == batch.posterior.argmax(axis=1)) > 0.9
        for _ in range(80):
            for i in range(30):
                people = answers.person[seen[i]]
                step = oc.one_more(batch, posterior[i], answers.label[seen[i]], right[people], given[people], known[i])
                posterior[i], right[people] = step.posterior, step.right
        assert posterior == pytest.approx(batch.posterior, abs=1e-6)
        assert right == pytest.approx(batch.right, abs=1e-5)

    def test_dawid_skene_settles_where_the_batch_does(self, small):
        answers = small.answers
        batch = dawid_skene(answers, steps=3000, tolerance=1e-12)
        posterior, counts = vote_shares(answers), np.zeros((12, 4, 4))
        np.add.at(counts, (answers.person, answers.label), posterior[answers.item])
        for _ in range(120):
            for i in range(30):
                own = answers.item == i
                people = answers.person[own]
                step = ds.one_more(batch, posterior[i], answers.label[own], counts[people], int(own.sum()))
                posterior[i], counts[people] = step.posterior, step.counts
        assert posterior == pytest.approx(batch.posterior, abs=1e-5)
        assert counts == pytest.approx(batch.counts, abs=1e-4)

    def test_a_first_answer(self, crowd):
        batch = dawid_skene(crowd.answers)
        step = ds.one_more(batch, np.full(4, 0.25), [2], batch.counts[:1], 0)
        expected = batch.prevalence * batch.confusion()[0, 2]
        assert step.posterior == pytest.approx(expected / expected.sum())
        assert (step.counts - batch.counts[:1])[0, 2] == pytest.approx(step.posterior)
        assert step.counts[0, 0] == pytest.approx(batch.counts[0, 0])
