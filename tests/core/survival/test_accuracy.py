"""`core.survival.accuracy`, `validation` and `drift`: judged against plain definitions and against chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.survival.accuracy import (
    accuracy,
    auc,
    auc_interval,
    balanced_accuracy,
    brier,
    brier_skill,
    calibration,
    calibration_noise,
)
from core.survival.drift import SHIFT, Drift, calibration_z, threshold, watched

Y = [1, 0, 1, 1, 0]
P = [0.9, 0.2, 0.2, 0.7, 0.8]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=30))
def test_the_area_is_the_share_of_pairs_ranked_rightly(rows):
    label, value = np.array([y for y, _ in rows]), np.array([p for _, p in rows]) / 5.0
    pairs = [(a > b) + (a == b) / 2 for a in value[label] for b in value[~label]]
    found = auc(label, value)
    assert found == pytest.approx(np.mean(pairs)) if pairs else math.isnan(found)
    if pairs:
        assert auc(label, 1.0 - value) == pytest.approx(1.0 - found)


def test_by_hand():
    assert auc(Y, P) == pytest.approx((1 + 1 + 0.5 + 0 + 1 + 0) / 6)
    assert brier(Y, P) == pytest.approx((0.01 + 0.04 + 0.64 + 0.09 + 0.64) / 5)
    assert brier_skill(Y, P) == pytest.approx(1 - 0.284 / 0.24)
    assert balanced_accuracy(Y, P, 0.5) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert balanced_accuracy(Y, P) == pytest.approx((2 / 3 + 1 / 2) / 2)  # threshold .6, the share that stayed
    assert balanced_accuracy(Y, P, 0.2) == pytest.approx(0.5)  # a chance at the threshold counts as staying
    assert math.isnan(brier_skill([1, 1], [0.5, 0.5]))
    assert math.isnan(balanced_accuracy([1, 1], [0.5, 0.5]))


def test_bins_of_equal_rows_and_of_equal_width():
    curve = calibration(Y, P, bins=2)
    assert curve.rows.tolist() == [3, 2]
    assert curve.predicted == pytest.approx([(0.2 + 0.2 + 0.7) / 3, 0.85])
    assert curve.observed == pytest.approx([2 / 3, 0.5])
    assert curve.error == pytest.approx((3 * abs(2 / 3 - 1.1 / 3) + 2 * 0.35) / 5)
    wide = calibration([1, 0, 1], [0.0, 0.1, 1.0], bins=10, equal="width")
    assert wide.rows.tolist() == [1, 1, 1]
    assert wide.predicted == pytest.approx([0.0, 0.1, 1.0])
    assert wide.observed == pytest.approx([1.0, 0.0, 1.0])
    assert calibration([1, 0], [0.3, 0.31], equal="width").rows.tolist() == [2]


def test_a_perfect_model_s_calibration_error_is_its_noise():
    """Chances that are right: the error of one sample is within five SD (of 50 samples) of the noise."""
    rng = np.random.default_rng(4)
    chance = rng.uniform(0.6, 0.99, 5000)
    noise = calibration_noise(chance, rng)
    assert noise == pytest.approx(0.8 * math.sqrt(np.mean(chance * (1 - chance)) / 500), rel=0.15)
    assert calibration(rng.random(5000) < chance, chance).error == pytest.approx(noise, rel=0.9)
    assert calibration(rng.random(5000) < chance - 0.05, chance).error > 3 * noise


def test_the_interval_draws_people_and_not_rows():
    """Everybody's 50 rows alike: the interval is as wide as for one row each, and much wider than for strangers."""
    rng = np.random.default_rng(5)
    chance = rng.uniform(0, 1, 60)
    label = rng.random(60) < chance
    once = auc_interval(label, chance, np.arange(60), np.random.default_rng(1), draws=400)
    many = auc_interval(*(np.repeat(one, 50) for one in (label, chance, np.arange(60))), np.random.default_rng(1), 400)
    assert many == pytest.approx(once)
    apart = auc_interval(np.repeat(label, 50), np.repeat(chance, 50), np.arange(3000), np.random.default_rng(1), 100)
    assert apart[1] - apart[0] < (once[1] - once[0]) / 3
    assert once[0] < auc(label, chance) < once[1]
    narrow = auc_interval(label, chance, np.arange(60), np.random.default_rng(1), draws=400, coverage=0.5)
    assert once[0] < narrow[0] < narrow[1] < once[1]


def test_the_interval_covers():
    """50 samples of 80 people: the 95 % interval holds the true area 42 times or more (fewer: P < 1e-3)."""
    rng = np.random.default_rng(6)
    chance = rng.uniform(0, 1, 200_000)
    truth = auc(rng.random(200_000) < chance, chance)
    hits = 0
    for _ in range(50):
        some = rng.uniform(0, 1, 80)
        low, high = auc_interval(rng.random(80) < some, some, np.arange(80), rng, draws=60)
        hits += low <= truth <= high
    assert hits >= 42


def test_all_of_it():
    rng = np.random.default_rng(7)
    chance = rng.uniform(0.2, 1, 2000)
    label, person = rng.random(2000) < chance, np.arange(2000) // 4
    found = accuracy(label, chance, person, np.full(2000, 0.5), np.random.default_rng(8))
    assert (found.rows, found.people, found.stayed) == (2000, 500, label.mean())
    assert found.auc == auc(label, chance)
    assert found.gain == found.auc - 0.5
    assert found.interval[0] < found.auc < found.interval[1]
    assert (found.brier, found.skill) == (brier(label, chance), brier_skill(label, chance))
    assert found.error == calibration(label, chance).error
    assert found.balanced == balanced_accuracy(label, chance)
    assert 0 < found.noise < 0.05


@pytest.mark.parametrize(
    ("label", "chance", "says"),
    [
        ([1, 2], [0.5, 0.5], "Labels must be 0"),
        ([1, 0], [0.5, 1.5], "between 0 and 1"),
        ([1, 0], [0.5, -0.5], "between 0 and 1"),
        ([1, 0], [0.5], "one chance for each label"),
        ([], [], "at least one"),
    ],
)
def test_bad_numbers(label, chance, says):
    with pytest.raises(ValueError, match=says):
        auc(label, chance)


def test_no_bins():
    with pytest.raises(ValueError, match="at least one bin"):
        calibration(Y, P, bins=0)


def test_the_z_of_calibration_in_the_large():
    assert calibration_z([1, 1, 0], [0.5, 0.8, 0.1]) == pytest.approx((0.5 + 0.2 - 0.1) / math.sqrt(0.25 + 0.16 + 0.09))


def test_the_alarm_adds_log_likelihood_ratios_by_person():
    drift = watched(Drift(), [1, 0, 1], [0.9, 0.8, 0.6], [5, 3, 5], limit=99)
    up = [SHIFT * y - math.log(1 + p * (math.exp(SHIFT) - 1)) for y, p in ((1, 0.9), (0, 0.8), (1, 0.6))]
    down = [-SHIFT * y - math.log(1 + p * (math.exp(-SHIFT) - 1)) for y, p in ((1, 0.9), (0, 0.8), (1, 0.6))]
    assert drift.more_stay == pytest.approx(max(0, up[0] + up[2]) + up[1])
    assert drift.more_leave == pytest.approx(max(0, down[0] + down[2]) + down[1])
    assert (drift.people, drift.alarm, drift.rang) == (2, False, 0)
    later = watched(drift, [0] * 30, [0.9] * 30, range(30), limit=3.0)
    assert later.alarm
    assert later.people == 32
    assert later.rang == 2 + next(n for n in range(1, 31) if watched(drift, [0] * n, [0.9] * n, range(n), 3.0).alarm)
    assert watched(later, [1], [0.9], [1], limit=3.0).rang == later.rang


def test_false_and_true_alarms():
    """300 classes of 100 people with 1 to 10 rows: an alarm in 5 % of them at most while the model is right.

    Where its log-odds are .5 off, either way, in 80 % of them or more.
    """
    rng = np.random.default_rng(9)
    limit = threshold(100, 0.05)
    rang = {0.0: 0, 0.5: 0, -0.5: 0}
    for _ in range(300):
        person = np.repeat(np.arange(100), rng.integers(1, 11, 100))
        score = rng.normal(1.0, 1.0, len(person))
        said = 1 / (1 + np.exp(-score))
        for shift in rang:
            label = rng.random(len(person)) < 1 / (1 + np.exp(-(score + shift)))
            rang[shift] += watched(Drift(), label, said, person, limit).alarm
    assert rang[0.0] <= 15
    assert rang[0.5] >= 240
    assert rang[-0.5] >= 240


def test_the_threshold_and_bad_numbers():
    assert threshold(100, 0.05) == pytest.approx(math.log(4000))
    for people, rate in ((0, 0.1), (5, 0.0), (5, 1.0)):
        with pytest.raises(ValueError, match="at least one person"):
            threshold(people, rate)
    with pytest.raises(ValueError, match="be neither"):
        watched(Drift(), [1], [1.0], [1], 3.0)
    with pytest.raises(ValueError, match="be neither"):
        watched(Drift(), [1], [0.0], [1], 3.0)
    with pytest.raises(ValueError, match="one chance for each label"):
        calibration_z([], [])


def test_labels_are_a_list():
    with pytest.raises(ValueError, match="one chance for each label"):
        auc([[1, 0]], [[0.5, 0.6]])


def test_one_bin_holds_all():
    curve = calibration(Y, P, bins=1)
    assert curve.rows.tolist() == [5]
    assert curve.error == pytest.approx(abs(0.6 - 2.8 / 5))


def test_the_alarm_rings_at_its_threshold():
    first = watched(Drift(), [1, 1], [0.5, 0.5], [1, 1], limit=99.0)
    rang = watched(Drift(), [1, 1], [0.5, 0.5], [1, 1], limit=first.more_stay)
    assert (first.rang, rang.rang, rang.alarm) == (0, 1, True)
    left = watched(Drift(), [0], [0.5], [1], limit=99.0)
    assert watched(Drift(), [0], [0.5], [1], limit=left.more_leave).rang == 1
    assert threshold(1, 0.5) == pytest.approx(math.log(4))
    assert threshold(100) == threshold(100, 0.05)


def test_the_alarm_s_labels_are_a_list():
    with pytest.raises(ValueError, match="one chance for each label"):
        calibration_z([[1]], [[0.5]])
