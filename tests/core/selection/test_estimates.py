"""`core.selection.estimates`: what logged exposures say of arms and of other policies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from core.selection import estimates
from core.selection.arms import Pool, Stats
from core.selection.estimates import (
    Estimate,
    Log,
    Refused,
    bounds,
    confidence_sequence,
    doubly_robust_mean,
    fitted_means,
    inverse_mean,
    normalised_mean,
    plain_mean,
    policy_value,
    stabilised_mean,
)
from core.selection.policies import chances

PROPERTY = settings(deadline=None, max_examples=50)
NAN = float("nan")
OF_AN_ARM = [plain_mean, normalised_mean, stabilised_mean, inverse_mean, doubly_robust_mean]


def known(found: Estimate | Refused) -> Estimate:
    assert isinstance(found, Estimate)
    return found


def randomised(rng: np.random.Generator, times: int, p: list[float], means: list[float], silent: float = 0.0) -> Log:
    arm = rng.choice(len(p), times, p=p)
    reward = (rng.random(times) < np.array(means)[arm]).astype(float)
    reward[rng.random(times) < silent] = NAN
    return Log(arm, np.tile(p, (times, 1)), reward)


def small(reward=(0.5, 1.0, 0.0, 0.25, 0.75, 0.5), person=None) -> Log:
    chance = np.array([[0.5, 0.5], [0.8, 0.2], [0.8, 0.2], [0.4, 0.6], [0.4, 0.6], [1.0, 0.0]])
    return Log(np.array([0, 0, 1, 0, 0, 0]), chance, np.array(reward), person)


class TestStated:
    def test_ratios(self):
        r, p = np.array([0.5, 1.0, 0.25, 0.75, 0.5]), np.array([0.5, 0.8, 0.4, 0.4, 1.0])
        assert known(plain_mean(small(), 0)).mean == pytest.approx(r.mean())
        assert known(normalised_mean(small(), 0)).mean == pytest.approx((r / p).sum() / (1 / p).sum())
        assert known(stabilised_mean(small(), 0)).mean == pytest.approx((r / p**0.5).sum() / (p**-0.5).sum())
        assert known(inverse_mean(small(), 0)).mean == pytest.approx((r / p).sum() / 6)

    def test_the_effective_sample_size(self):
        p = np.array([0.5, 0.8, 0.4, 0.4, 1.0])
        assert known(normalised_mean(small(), 0)).effective == pytest.approx((1 / p).sum() ** 2 / (1 / p**2).sum())
        assert known(plain_mean(small(), 0)).effective == pytest.approx(5)

    def test_the_interval_is_student_s(self):
        found = known(plain_mean(small(), 0))
        r = np.array([0.5, 1.0, 0.25, 0.75, 0.5])
        half = 2.131847 * np.sqrt(((r - r.mean()) ** 2).sum()) / 5
        assert (found.low, found.high) == pytest.approx((r.mean() - half, r.mean() + half), rel=1e-6)
        wider = known(plain_mean(small(), 0, coverage=0.95))
        assert wider.high - wider.mean == pytest.approx(half * 2.776445 / 2.131847, rel=1e-6)

    def test_the_doubly_robust_sum(self):
        log, m = small(), fitted_means(small())[:, 0]
        p, r, here = log.chances[:, 0], np.nan_to_num(log.reward), log.arm == 0
        gamma = m + here * (r - m) / p
        assert known(doubly_robust_mean(log, 0)).mean == pytest.approx((p**0.5 * gamma).sum() / (p**0.5).sum())

    def test_the_value_of_the_policy_that_was_followed_is_the_mean_reward_but_for_the_model(self):
        rng = np.random.default_rng(1)
        log = randomised(rng, 4_000, [0.5, 0.3, 0.2], [0.3, 0.6, 0.8])
        assert known(policy_value(log, log.chances)).mean == pytest.approx(log.reward.mean(), abs=0.005)

    def test_the_model_knows_other_folds_only(self):
        log = small()
        m = fitted_means(log)
        assert m[0].tolist() == [0.5, 0.5]
        pool = (0.5 + 0.5) / 2
        assert m[1] == pytest.approx([(0.5 + 2 * pool) / 3, pool])
        later = small(reward=(0.5, 1.0, 0.0, 0.25, 0.75, 0.0))
        assert fitted_means(later).tolist() == m.tolist()
        by_person = fitted_means(small(person=np.array([1, 1, 2, 2, 3, 3])), "person")
        pool = (0.0 + 0.25 + 0.75 + 0.5 + 0.5) / 5
        assert by_person[0] == pytest.approx([(1.5 + 2 * pool) / 5, (0 + 2 * pool) / 3])


class TestUnbiased:
    def test_each_finds_the_mean_when_chances_differ(self):
        """Within 4 standard errors, for a fixed seed."""
        log = randomised(np.random.default_rng(2), 6_000, [0.7, 0.2, 0.1], [0.3, 0.6, 0.8], silent=0.3)
        for of_arm in OF_AN_ARM:
            for arm, mean in enumerate([0.3, 0.6, 0.8]):
                found = known(of_arm(log, arm))
                assert abs(found.mean - mean) < 4 * (found.high - found.low) / 3.29
                assert found.low < found.mean < found.high
        target = np.tile([0.1, 0.1, 0.8], (6_000, 1))
        for folds in ("time", "person"):
            with_people = Log(log.arm, log.chances, log.reward, np.arange(6_000) // 3)
            found = known(policy_value(with_people, target, folds=folds))
            assert abs(found.mean - 0.73) < 4 * (found.high - found.low) / 3.29

    def test_chance_that_follows_a_hidden_cause_misleads_the_plain_mean_alone(self):
        """People at even moments like everything, and at those moments arm 0 is shown more often."""
        rng = np.random.default_rng(3)
        times = np.arange(8_000)
        chance = np.where(times % 2 == 0, 0.9, 0.1)
        arm = (rng.random(8_000) >= chance).astype(int)
        reward = np.where(times % 2 == 0, 0.8, 0.2) + rng.uniform(-0.2, 0.2, 8_000)
        log = Log(arm, np.array([chance, 1 - chance]).T, reward)
        assert known(plain_mean(log, 0)).mean > 0.7
        assert known(normalised_mean(log, 0)).mean == pytest.approx(0.5, abs=0.03)
        assert known(inverse_mean(log, 0)).mean == pytest.approx(0.5, abs=0.04)
        assert known(policy_value(log, np.full((8_000, 2), 0.5))).mean == pytest.approx(0.5, abs=0.03)

    def test_moments_at_which_an_arm_was_not_there_do_not_count(self):
        rng = np.random.default_rng(4)
        before = randomised(rng, 500, [1.0, 0.0], [0.4, 0.9])
        after = randomised(rng, 500, [0.5, 0.5], [0.4, 0.9])
        both = Log(
            *(np.concatenate(pair) for pair in ((before.arm, after.arm), (before.chances, after.chances))),
            np.concatenate((before.reward, after.reward)),
        )
        for of_arm in OF_AN_ARM:
            assert known(of_arm(both, 1)).mean == pytest.approx(0.9, abs=0.06)


class TestCoverage:
    def test_in_adaptive_classes(self):
        """90 % intervals in 40 classes of 150 under `best_with_floor` with 4 arms: of doubly robust means and values.

        With a true coverage of .9 the share falls outside [.83, .96] in one of a hundred seeds.
        """
        rng, held, values = np.random.default_rng(5), [], []
        for _ in range(40):
            means, ratings = rng.beta(6, 4, 4), Stats.empty(4)
            arm, chance, reward = [], [], []
            for _ in range(150):
                if len(arm) % 5 == 0:
                    p = chances("best_with_floor", Pool(ratings), np.ones(4))
                k = int(rng.choice(4, p=p / p.sum()))
                mean = 3 * means[k]
                r = round(10 * rng.beta(mean, 3 - mean)) / 10
                ratings = ratings.rated(k, r)
                arm.append(k)
                chance.append(p)
                reward.append(r)
            log = Log(np.array(arm), np.array(chance), np.array(reward))
            found = [doubly_robust_mean(log, k) for k in range(4)]
            held += [f.low <= m <= f.high for f, m in zip(found, means, strict=True) if isinstance(f, Estimate)]
            value = known(policy_value(log, np.full((150, 4), 0.25)))
            values.append(value.low <= means.mean() <= value.high)
        assert len(held) > 110
        assert 0.83 <= np.mean(held) <= 0.96
        assert np.mean(values) >= 0.77

    @pytest.mark.parametrize("mean", [0.1, 0.6])
    def test_a_confidence_sequence_holds_at_all_times(self, mean):
        """It may fail in a tenth of the runs: in 200, not in more than 30 (one seed in a hundred)."""
        rng = np.random.default_rng(6)
        failures = 0
        for _ in range(200):
            low, high = confidence_sequence((rng.random(400) < mean).astype(float))
            failures += not ((low <= mean) & (mean <= high)).all()
        assert failures <= 30
        assert high[-1] - low[-1] < 0.25

    def test_one_person_s_ratings_are_alike(self):
        rng = np.random.default_rng(7)
        person = np.repeat(np.arange(50), 8)
        reward = np.clip(rng.uniform(0, 1, 50)[person] + rng.normal(0, 0.02, 400), 0, 1)
        arm, chance = np.zeros(400, dtype=int), np.ones((400, 1))
        alone = known(plain_mean(Log(arm, chance, reward), 0))
        alike = known(plain_mean(Log(arm, chance, reward, person), 0))
        assert alike.mean == alone.mean
        assert (alike.high - alike.low) / (alone.high - alone.low) == pytest.approx(8**0.5, rel=0.1)


class TestRefusals:
    def test_an_arm_that_nobody_rated(self):
        for of_arm in OF_AN_ARM:
            found = of_arm(small(reward=(0.5, 1.0, NAN, 0.5, 0.5, 0.5)), 1)
            assert isinstance(found, Refused)
            assert found.reason.message == estimates.NEVER_RATED
            assert found.effective == 0

    def test_too_few(self):
        found = plain_mean(small(reward=(0.5, 1.0, NAN, NAN, NAN, NAN)), 0)
        assert found == Refused(found.reason, pytest.approx(2))
        assert str(found.reason) == "This rests on as little as 2.0 ratings would; from 3 on, an estimate is given."
        assert isinstance(plain_mean(small(reward=(0.5, 1.0, NAN, 0.2, NAN, NAN)), 0), Estimate)

    def test_a_policy_that_the_log_says_nothing_about(self):
        found = policy_value(small(), np.tile([0.5, 0.5], (6, 1)))
        assert isinstance(found, Refused)
        assert found.reason.message == estimates.NO_OVERLAP
        found = policy_value(small(reward=[NAN] * 6), small().chances)
        assert isinstance(found, Refused)
        assert found.reason.message == estimates.NEVER_RATED


class TestMissing:
    def test_bounds_are_what_all_or_none_would_give(self):
        log = small(reward=(0.5, NAN, 1.0, 0.25, NAN, 0.5))
        assert bounds(log, 0) == pytest.approx((1.25 / 5, 3.25 / 5))
        assert bounds(log, 1) == (1.0, 1.0)
        assert bounds(Log(np.array([0]), np.array([[1.0, 0.0]]), np.array([1.0])), 1) == (0.0, 1.0)


class TestConfidenceSequence:
    @given(st.lists(st.floats(0, 1), max_size=60))
    @PROPERTY
    def test_narrows_and_stays_within_0_and_1(self, rewards):
        low, high = confidence_sequence(np.array(rewards))
        assert low.shape == high.shape == (len(rewards),)
        assert (np.diff(low) >= 0).all()
        assert (np.diff(high) <= 0).all()
        assert ((low >= 0) & (high <= 1)).all()

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
    @PROPERTY
    def test_is_symmetric(self, rewards):
        low, high = confidence_sequence(np.array(rewards))
        other = confidence_sequence(1 - np.array(rewards))
        assert other[0] == pytest.approx(1 - high, abs=1e-9)
        assert other[1] == pytest.approx(1 - low, abs=1e-9)

    def test_the_stated_numbers(self):
        low, high = confidence_sequence(np.array([1.0, 0.0] * 50))
        bet, before = [], [(0.5, 0.25)]
        mean = variance = 0.0
        centre = reach = 0.0
        for i, r in enumerate([1.0, 0.0] * 50, start=1):
            bet.append(min(np.sqrt(2 * np.log(20) / (before[-1][1] * i * np.log(1 + i))), 0.5))
            centre += bet[-1] * r
            reach += (r - before[-1][0]) ** 2 * (-np.log(1 - bet[-1]) - bet[-1])
            mean += r
            m = (0.5 + mean) / (i + 1)
            variance += (r - m) ** 2
            before.append((m, (0.25 + variance) / (i + 1)))
        last = (np.log(20) + reach) / sum(bet)
        assert high[-1] == pytest.approx(centre / sum(bet) + last, abs=0.02)
        assert low[-1] == pytest.approx(centre / sum(bet) - last, abs=0.02)
        assert high[-1] <= centre / sum(bet) + last + 1e-12

    @pytest.mark.parametrize("rewards", [[1.1], [-0.1], [NAN], [[0.5]]])
    def test_rewards_out_of_range(self, rewards):
        with pytest.raises(ValueError, match="between 0 and 1"):
            confidence_sequence(np.array(rewards))


class TestArguments:
    @pytest.mark.parametrize(
        ("change", "text"),
        [
            ({"reward": np.zeros(5)}, "same exposures"),
            ({"person": np.zeros(5, dtype=int)}, "same exposures"),
            ({"arm": np.zeros((6, 1), dtype=int)}, "same exposures"),
            ({"chances": np.ones(6)}, "same exposures"),
            ({"reward": np.full(6, 1.1)}, "between 0 and 1, or missing"),
            ({"chances": np.tile([0.5, 0.6], (6, 1))}, "add up"),
            ({"chances": np.tile([1.5, -0.5], (6, 1))}, "between 0 and 1"),
            ({"chances": np.tile([0.0, 1.0], (6, 1))}, "had no chance"),
            ({"arm": np.full(6, 2)}, "has no chances"),
        ],
    )
    def test_lists_that_do_not_belong_together(self, change, text):
        log = small()
        columns = {"arm": log.arm, "chances": log.chances, "reward": log.reward} | change
        with pytest.raises(ValueError, match=text):
            Log(**columns)

    def test_an_empty_log(self):
        log = Log(np.zeros(0, dtype=int), np.zeros((0, 2)), np.zeros(0))
        assert all(isinstance(of_arm(log, 0), Refused) for of_arm in OF_AN_ARM)
        assert isinstance(policy_value(log, np.zeros((0, 2))), Refused)

    def test_other_folds(self):
        with pytest.raises(ValueError, match="Folds"):
            fitted_means(small(), "person")
        with pytest.raises(ValueError, match="Folds"):
            fitted_means(small(), "week")

    @pytest.mark.parametrize("arm", [-1, 2])
    def test_an_arm_that_there_is_not(self, arm):
        with pytest.raises(ValueError, match="there are 2"):
            plain_mean(small(), arm)

    @pytest.mark.parametrize("target", [np.full((6, 3), 1 / 3), np.full((6, 2), 0.4)])
    def test_other_chances(self, target):
        with pytest.raises(ValueError, match="every exposure and arm"):
            policy_value(small(), target)


class TestByHand:
    """Six exposures, of which one brought no reward: the formulas of the module's docstring."""

    P, HERE = np.array([0.5, 0.8, 0.8, 0.4, 0.4, 1.0]), np.array([1, 0, 0, 1, 1, 1])
    R = np.array([0.5, 0.0, 0.0, 0.25, 0.75, 0.5])
    SHARE = 4 / 5  # of the first arm's exposures that were rated

    def log(self, person=None) -> Log:
        return small((0.5, NAN, 0.0, 0.25, 0.75, 0.5), person)

    @staticmethod
    def half(departures: np.ndarray, effective: float, coverage: float = 0.9) -> float:
        return float(student.ppf(0.5 + coverage / 2, effective - 1) * np.sqrt((departures**2).sum()))

    def test_inverse(self):
        terms = self.HERE * self.R / (self.P * self.SHARE)
        weight = 1 / self.P[self.HERE == 1]
        found = known(inverse_mean(self.log(), 0))
        effective = weight.sum() ** 2 / (weight**2).sum()
        assert (found.mean, found.effective) == pytest.approx((terms.mean(), effective))
        assert found.high - found.mean == pytest.approx(self.half((terms - terms.mean()) / 6, effective), rel=1e-6)

    @pytest.mark.parametrize("person", [None, np.array([4, 4, 7, 7, 7, 2])])
    def test_doubly_robust(self, person):
        m = fitted_means(self.log())[:, 0]
        gamma = m + self.HERE * (self.R - m) / (self.P * self.SHARE)
        weight = np.sqrt(self.P)
        mean = weight @ gamma / weight.sum()
        departures = weight * (gamma - mean) / weight.sum()
        if person is not None:
            departures = np.array([departures[person == who].sum() for who in (2, 4, 7)])
        inverse = 1 / weight[self.HERE == 1]
        effective = inverse.sum() ** 2 / (inverse**2).sum()
        found = known(doubly_robust_mean(self.log(person), 0))
        assert (found.mean, found.effective) == pytest.approx((mean, effective))
        assert found.mean - found.low == pytest.approx(self.half(departures, effective), rel=1e-6)

    @pytest.mark.parametrize("coverage", [0.9, 0.5])
    def test_the_value_of_another_policy(self, coverage):
        log, arms = self.log(), np.array([0, 0, 1, 0, 0, 0])
        target = np.array([[0.3, 0.7], [0.6, 0.4], [0.5, 0.5], [0.9, 0.1], [0.2, 0.8], [1.0, 0.0]])
        m, rows = fitted_means(log), np.arange(6)
        p, came, share = log.chances[rows, arms], np.array([1, 0, 1, 1, 1, 1]), np.array([0.8, 1.0])[arms]
        weight = target[rows, arms] / p
        gamma = (target * m).sum(axis=1) + weight * came * (self.R - m[rows, arms]) / share
        effective = weight[came == 1].sum() ** 2 / (weight[came == 1] ** 2).sum()
        found = known(policy_value(log, target, coverage))
        assert (found.mean, found.effective) == pytest.approx((gamma.mean(), effective))
        half = self.half((gamma - gamma.mean()) / 6, effective, coverage)
        assert (found.low, found.high) == pytest.approx((gamma.mean() - half, gamma.mean() + half), rel=1e-6)

    def test_folds_by_person_are_used_if_asked_for(self):
        log = self.log(np.array([0, 1, 2, 3, 4, 5]))
        m = fitted_means(log, "person")[:, 0]
        assert m.tolist() != fitted_means(log)[:, 0].tolist()
        weight = np.sqrt(self.P)
        gamma = m + self.HERE * (self.R - m) / (self.P * self.SHARE)
        assert known(doubly_robust_mean(log, 0, folds="person")).mean == pytest.approx(weight @ gamma / weight.sum())

    def test_the_model_of_earlier_moments_is_brought_up_to_date_twenty_times(self):
        log = Log(np.zeros(60, dtype=int), np.ones((60, 1)), np.linspace(0, 1, 60))
        m = fitted_means(log)[:, 0]
        assert len(np.unique(m)) == 20
        earlier = log.reward[:3]
        pool = (earlier.sum() + 0.5) / 4
        assert m[3:6] == pytest.approx(np.full(3, (earlier.sum() + 2 * pool) / 5))

    def test_the_ends_of_what_is_allowed_are_allowed(self):
        log = Log(np.array([0, 0, 0]), np.array([[1.0, 0.0]] * 3), np.array([0.0, 1.0, 0.5]))
        assert known(plain_mean(log, 0)).effective == 3.0
        with pytest.raises(ValueError, match="add up to 1"):
            Log(np.array([0]), np.array([[0.5, 0.5 - 2e-6]]), np.array([0.0]))
        with pytest.raises(ValueError, match="every exposure and arm"):
            policy_value(log, np.array([[1.0 - 2e-6, 0.0]] * 3))
        assert isinstance(policy_value(log, np.array([[1.0 - 5e-7, 0.0]] * 3)), Estimate)
