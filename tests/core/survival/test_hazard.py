"""The calibrated model: `rhythm`, `hazard`, `validation`, `plain`, `card` and the shipped weights."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from core.survival import card as hazard_card
from core.survival import hazard, logistic, rhythm, validation
from core.survival.accuracy import Accuracy, accuracy, auc, calibration
from core.survival.card import Card, Point, Term, card, from_json, markdown, to_json
from core.survival.hazard import Basis, Effects, Sample, Setting, crossed, effects, fit_hazard, refit, sample
from core.survival.log import Log, Outcome
from core.survival.logistic import chance
from core.survival.plain import from_plain, plain
from core.survival.rhythm import COLUMNS, Rhythm, kept, seen
from core.survival.shipped import SHIPPED
from tests.core.survival.logs import random_log

R, W, U, S, L = Outcome
NAMES = dict(zip(COLUMNS, range(len(COLUMNS)), strict=True))


def column(values, name: str) -> float:
    return float(values[NAMES[name]])


def world(seed: int, people: int = 150, tired: float = 0.5) -> Log:
    """People who leave the sooner the longer they have been at it, and sooner in category 1 than in category 0."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[float, ...]] = []
    for who in range(people):
        at = float(rng.uniform(0, 1e6))
        for number in range(60):
            task = int(rng.integers(6))
            at += float(rng.uniform(5, 60))
            rows.append((who, task, task % 2, at, rng.choice([R, W])))
            if rng.random() > chance(np.array(4.0 - tired * math.log1p(number) - 1.2 * (task % 2))):
                break
    person, task, category, at, outcome = (np.array(one) for one in zip(*rows, strict=True))
    return Log.arranged(person=person, task=task, category=category, at=at, outcome=outcome, offered=False)


@pytest.fixture(scope="module")
def log() -> Log:
    return world(1)


@pytest.fixture(scope="module")
def rows(log) -> Sample:
    return sample(log)


@pytest.fixture(scope="module")
def model(rows):
    return fit_hazard(rows, Setting(1.0, 3))


# rhythm


def test_a_newcomer():
    values = seen(Rhythm(), 1e6)
    expected = {
        "tasks done (log)": 0.0,
        "tasks done in this session (log)": 0.0,
        "time in this session (log)": math.log(20),
        "hours in this session": 0.0,
        "last pause (log)": math.log(8),
        "usual pause (log)": math.log(8),
        "recent pauses (log)": math.log(8),
        "last pause against the usual one": 0.0,
        "time away before this session (log)": math.log(1800),
        "sessions (log)": 0.0,
        "share right": 0.5,
        "recent share right": 0.5,
        "share skipped": 0.0,
        "tasks left (log)": 0.0,
        "share of the tasks done": 1.0,
        "usual length of a session (log)": 0.0,
        "time in this session against the usual length": 0.0,
        "time of day against the ends of earlier sessions": 9.0,
        "answers by others in the last hour (log)": 0.0,
    }
    assert {name: column(values, name) for name in expected} == pytest.approx(expected)
    assert len(values) == len(COLUMNS) == len(NAMES) == 26


def test_two_sessions_by_hand():
    state = Rhythm()
    for at, outcome, seconds in ((1000.0, R, math.nan), (1030.0, S, math.nan), (1100.0, W, 4.0)):
        state = kept(state, at, outcome, seconds)
    assert kept(state, 2000.0, L) is state
    values = seen(state, 1100.0, 7, 3, 8, 15, 24)
    pauses = [math.log(one) for one in (8, 30, 4)]
    recent = pauses[0] + 0.3 * (pauses[1] - pauses[0])
    expected = {
        "tasks done (log)": math.log(4),
        "tasks done in this session (log)": math.log(4),
        "time in this session (log)": math.log(120),
        "hours in this session": 100 / 3600,
        "last pause (log)": pauses[2],
        "usual pause (log)": sum(pauses) / 3,
        "recent pauses (log)": recent + 0.3 * (pauses[2] - recent),
        "last pause against the usual one": pauses[2] - sum(pauses) / 3,
        "sessions (log)": math.log(2),
        "last answer right": 0,
        "answer before that right": 0,
        "share right": 2 / 5,
        "recent share right": 0.75 * 0.75,
        "last task skipped": 0,
        "share skipped": 1 / 4,
        "recent share skipped": 0.25 * 0.75,
        "tasks left (log)": math.log(8),
        "share of the tasks done": 0.3,
        "answers by others in the last hour (log)": math.log(4),
        "answers by others in the last day (log)": math.log(9),
        "answers by others anywhere in the last hour (log)": math.log(16),
        "answers by others anywhere in the last day (log)": math.log(25),
    }
    assert {name: column(values, name) for name in expected} == pytest.approx(expected)
    before = kept(kept(Rhythm(), 0.0, S), 1.0, R)
    values = seen(before, 1.0)
    assert column(values, "last answer right") == 1
    assert column(values, "last task skipped") == 0
    assert column(seen(kept(Rhythm(), 0.0, S), 0.0), "last task skipped") == 1
    assert column(seen(kept(before, 2.0, W), 2.0), "answer before that right") == 1


def test_after_half_an_hour_a_new_session_begins_with_what_is_known_of_the_old_one():
    state = kept(kept(Rhythm(), 86400.0 + 3000, R), 86400.0 + 3400, R)
    assert seen(state, 86400.0 + 3400 + 1800) != seen(state, 86400.0 + 3400 + 1800.1)
    now = 2 * 86400.0 + 2800
    values = seen(state, now)
    expected = {
        "tasks done in this session (log)": 0.0,
        "time in this session (log)": math.log(20),
        "time away before this session (log)": math.log(now - 86400 - 3400),
        "sessions (log)": math.log(2),
        "usual length of a session (log)": math.log(460),
        "time in this session against the usual length": math.log(20 / 460),
        "time of day against the ends of earlier sessions": 1.0,  # the last one ended ten minutes later in the day
    }
    assert {name: column(values, name) for name in expected} == pytest.approx(expected)
    later = kept(state, now, W)
    assert (later.in_session, later.sessions, later.begun, later.finished) == (1, 2, now, 400.0)
    values = seen(later, now + 600)
    assert column(values, "hours in this session") == pytest.approx(1 / 6)
    assert column(values, "time of day against the ends of earlier sessions") == pytest.approx(0.0)
    assert column(values, "last pause (log)") == pytest.approx(math.log(8))
    far = seen(state, 2 * 86400.0 + 3400 - 5401)
    assert column(far, "time of day against the ends of earlier sessions") == 9.0
    near = seen(state, 2 * 86400.0 + 3400 + 5400)
    assert column(near, "time of day against the ends of earlier sessions") == pytest.approx(-9.0)


def test_pauses_are_kept_within_bounds_and_so_are_sums():
    quick = kept(Rhythm(), 0.0, R, 0.0)
    assert quick.last_pause == pytest.approx(math.log(0.5))
    assert kept(quick, 1.0, R, 9000.0).last_pause == pytest.approx(math.log(1800))
    state = Rhythm()
    for day in range(12):
        state = kept(state, day * 86400.0 + day, R)
    assert state.ends == tuple(float(day) for day in range(3, 11))
    assert column(seen(state, 1e9), "time away before this session (log)") == pytest.approx(math.log(1e7))
    long = kept(kept(Rhythm(), 0.0, R), 1700.0, R)
    for at in range(3400, 12000, 1700):
        long = kept(long, float(at), R)
    assert column(seen(long, long.at), "hours in this session") == 2.0


@pytest.mark.parametrize("offered", [False, True])
def test_the_table_is_what_was_seen_row_by_row(offered):
    log = random_log(np.random.default_rng(3), 60, offered=offered)
    table = rhythm.table(log)
    counts = [
        [
            sum(
                log.person[other] != log.person[row]
                and 0 <= log.at[row] - log.at[other] <= window
                and (log.at[other], other) < (log.at[row], row)
                and (anywhere or log.category[other] == log.category[row])
                for other in range(60)
            )
            for anywhere in (False, True)
            for window in (3600, 86400)
        ]
        for row in range(60)
    ]
    states: dict[int, Rhythm] = {}
    for row in range(60):
        who, at, left = int(log.person[row]), float(log.at[row]), int(log.remaining[row])
        old = states.get(who, Rhythm())
        new = states[who] = kept(old, at, Outcome(int(log.outcome[row])), float(log.seconds[row]))
        assert table[row] == pytest.approx(seen(old if offered else new, at, left, *counts[row]))


# hazard


def test_a_spline_bends_at_its_knots_and_has_columns_of_mean_0_and_sd_1():
    table = np.column_stack((np.arange(101.0), np.arange(101) % 2, np.zeros(101)))
    basis = Basis.of_sample(table, 1, (0, 1))
    assert [len(one) for one in basis.knots] == [1, 0, 0]
    assert basis.knots[0][0] == pytest.approx(50.0)
    assert basis.pairs == ((0, 1),)
    assert basis.owner.tolist() == [[0, 0, 1, 2, 0], [0, 0, 1, 2, 1]]
    values = basis.of(table)
    assert values.shape == (101, len(basis)) == (101, 5)
    assert values.mean(axis=0) == pytest.approx(np.zeros(5), abs=1e-12)
    assert values.std(axis=0) == pytest.approx([1, 1, 1, 0, 1])
    slopes = np.diff(values[:, 1])
    assert (slopes[:49] == 0).all()
    assert (slopes[51:] > 0).all()
    product = values[:, 0] * values[:, 2]
    assert np.corrcoef(product, values[:, 4])[0, 1] == pytest.approx(1.0)
    assert Basis.of_sample(table, 0).knots == ((), (), ())
    ends = Basis.of_sample(np.arange(1001.0)[:, None], 3).knots[0]
    assert ends == pytest.approx([1000 * math.sin(math.pi / 8) ** 2, 500, 1000 * math.cos(math.pi / 8) ** 2])
    with pytest.raises(ValueError, match="Without rows"):
        Basis.of_sample(np.zeros((0, 2)), 3)


def test_effects_by_hand():
    key = np.array([7, 7, 7, 9, 9, 9, 9, 9], dtype=np.int32)
    stayed = np.array([1, 1, 0, 1, 1, 1, 1, 0], dtype=bool)
    found = effects(key, stayed)
    odds = 0.75 / 0.25
    assert found.keys.tolist() == [7, 9]
    assert found.values == pytest.approx(
        [math.log((2 + 2 * odds) / 3) - math.log(odds), math.log((4 + 2 * odds) / 3) - math.log(odds)]
    )
    assert found.of(np.array([9, 8, 7, 1, 10])) == pytest.approx([found.values[1], 0, found.values[0], 0, 0])
    assert Effects(np.zeros(0, np.int32), np.zeros(0)).of(np.array([1, 2])).tolist() == [0, 0]
    assert effects(key, np.ones(8, bool)).values.tolist() == [0, 0]


def test_a_row_s_effect_is_learned_from_other_people():
    key = np.zeros(50, dtype=np.int32)
    stayed, person = np.ones(50, dtype=bool), np.arange(50, dtype=np.int32)
    stayed[::5] = False  # these people make up the first of the five parts
    values = crossed(key, stayed, person)
    assert values[::5].tolist() == [0.0] * 10  # of the rest nobody leaves: nothing to tell places apart by
    other = crossed(np.arange(50, dtype=np.int32) % 2, stayed, person // 10)
    changed = stayed.copy()
    changed[:10] = ~changed[:10]
    assert crossed(np.arange(50, dtype=np.int32) % 2, changed, person // 10)[:10] == pytest.approx(other[:10])


def test_it_knows_what_makes_people_leave(log, rows, model):
    chances = model.chances(rows)
    assert auc(rows.stayed, chances) > 0.68
    assert chances.mean() == pytest.approx(rows.stayed.mean(), abs=1e-3)
    even, odd = (chances[rows.category == one].mean() for one in (0, 1))
    assert even - odd > 0.03
    parts = model.contributions(rows)
    assert parts.shape == (len(rows), len(COLUMNS) + 2)
    assert chance(parts.sum(axis=1) + model.model.intercept) == pytest.approx(chances, abs=1e-12)
    assert model.chances(rows.rows(slice(0, 0))).shape == (0,)


def test_it_is_calibrated_on_people_it_has_not_seen(model):
    other = sample(world(2))
    found = accuracy(
        other.stayed, model.chances(other), other.person, np.full(len(other), 0.9), np.random.default_rng(0)
    )
    assert found.error < found.noise + 0.03
    assert found.auc > 0.6


def test_a_refit_starts_from_the_old_model_and_becomes_the_class_s_own(rows, model):
    new = sample(world(3, 80, tired=0.2))
    held = refit(model, new, 1e9)
    assert held.model.weights == pytest.approx(model.model.weights, abs=1e-3)
    free, own = refit(model, new, 0.1), fit_hazard(new, Setting(0.1, 3))
    loss = [validation.log_loss(new.stayed, one.chances(new)) for one in (held, refit(model, new), free)]
    assert loss[0] > loss[1] > loss[2]
    assert loss[2] == pytest.approx(validation.log_loss(new.stayed, own.chances(new)), rel=0.1)
    nothing = refit(model, new.rows(slice(0, 0)))
    assert nothing.model.coefficients == pytest.approx(model.model.coefficients)
    told = []
    refit(model, new, say=lambda *one: told.append(one), errors=True)
    assert told[-1] == (len(told), len(new))


def test_bad_settings_and_samples(rows):
    with pytest.raises(ValueError, match="positive strength"):
        Setting(0.0)
    with pytest.raises(ValueError, match="not negative"):
        Setting(1.0, -1)
    with pytest.raises(ValueError, match="one length"):
        replace(rows, person=rows.person[1:])


def test_plain_values_lose_nothing(rows, model):
    again = from_plain(json.loads(json.dumps(plain(model))))
    np.testing.assert_array_equal(again.chances(rows), model.chances(rows))
    assert again.setting == model.setting
    assert (again.model.rows, again.model.stayed) == (model.model.rows, model.model.stayed)
    with pytest.raises(ValueError, match="do not belong together"):
        from_plain({**plain(model), "pairs": []})
    with pytest.raises(ValueError, match="do not belong together"):
        from_plain({**plain(model), "weights": [0.0]})


def test_the_shipped_weights_know_the_first_minutes():
    """They rank the leavers of another world better than chance, and newcomers leave more than those at work."""
    rows = sample(world(4))
    chances = SHIPPED.chances(rows)
    assert ((chances > 0.05) & (chances < 1.0)).all()
    early = rows.table[:, NAMES["tasks done (log)"]] < math.log(2.5)
    assert chances[early].mean() < chances[~early].mean()
    assert all(not len(one.keys) for one in SHIPPED.effects)
    ours = refit(SHIPPED, rows)
    assert calibration(rows.stayed, ours.chances(rows)).error < calibration(rows.stayed, chances).error


# validation


def test_folds_are_of_people():
    person = np.repeat(np.arange(23), 3)
    fold = validation.folds(person, 5, np.random.default_rng(1))
    assert sorted(np.bincount(fold[::3]).tolist()) == [4, 4, 5, 5, 5]
    assert all(len(set(fold[person == who])) == 1 for who in range(23))
    assert (fold != validation.folds(person, 5, np.random.default_rng(2))).any()
    for count in (1, 24):
        with pytest.raises(ValueError, match="23 people cannot be dealt"):
            validation.folds(person, count, np.random.default_rng(1))


class _Asked:
    """A model that remembers whom it was fitted to; its chance is its setting."""

    def __init__(self, rows: Sample, value: float):
        self.people, self.value = set(rows.person.tolist()), value

    def chances(self, rows: Sample):
        assert self.people.isdisjoint(rows.person.tolist())
        return np.full(len(rows), self.value)


def test_nobody_is_predicted_by_a_model_that_saw_them(rows):
    told = []
    result = validation.nested(
        rows, _Asked, (0.5, 0.95, 0.2), np.random.default_rng(1), outer=4, said=lambda *one: told.append(one)
    )
    assert result.chosen == (0.95,) * 4
    assert (result.chances == 0.95).all()
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_least_log_loss_is_chosen(rows):
    fold = validation.folds(rows.person, 3, np.random.default_rng(1))
    chosen, losses = validation.choose(rows, _Asked, (0.3, 0.9), fold)
    leave = 1 - rows.stayed.mean()
    assert chosen == 0.9
    assert losses[0] == pytest.approx(-(1 - leave) * math.log(0.3) - leave * math.log(0.7))
    assert validation.choose(rows, _Asked, (0.3, 0.3), fold)[0] == 0.3
    with pytest.raises(ValueError, match="must be a setting"):
        validation.choose(rows, _Asked, (), fold)
    assert validation.log_loss([1, 0], [0.0, 0.0]) == pytest.approx(-math.log(1e-9) / 2, rel=1e-6)


# card


def _card(model, rows, **more) -> Card:
    words = {"data": "a made-up class", "since": "2026-01-01", "until": "2026-02-01", "fitted_at": "2026-02-02"}
    return card("hazard", model, rows, **words, **more)


def test_a_card_says_what_the_model_is_and_does_not_know(rows, model):
    found = accuracy(rows.stayed, model.chances(rows), rows.person, np.full(len(rows), 0.9), np.random.default_rng(0))
    one = _card(model, rows, accuracy=found, chances=model.chances(rows))
    assert from_json(to_json(one)) == one
    assert (one.rows, one.people, one.stayed) == (len(rows), 150, rows.stayed.mean())
    assert (one.strength, one.knots) == (1.0, 3)
    assert sum(point.rows for point in one.calibration) == sum(point.rows for point in one.quantiles) == len(rows)
    assert {term.name for term in one.terms} == {*COLUMNS, *hazard.EFFECTS}
    spreads = [term.spread for term in one.terms]
    assert spreads == sorted(spreads, reverse=True)
    category = next(term for term in one.terms if term.name == "this category")
    assert category.direction == pytest.approx(1.0)
    text = markdown(one)
    assert "# Model card: hazard" in text
    assert f"AUC {found.auc:.3f}" in text
    assert "Fitted 2026-02-02 to a made-up class, 2026-01-01 to 2026-02-01." in text
    assert len([line for line in text.splitlines() if line.startswith("|")]) == 2 + 10 + 2 + 28
    assert "| this category |" in text


def test_a_card_names_what_is_too_little(rows, model):
    few = rows.rows(rows.person < 20)
    said = [str(one) for one in _card(model, few).unknown]
    assert any(one.startswith("Only 20 people") for one in said)
    assert any("times somebody left" in one for one in said)
    assert any("Nothing was held back" in one for one in said)
    assert any("It knows 2 categories" in one for one in said)
    weak = accuracy(
        rows.stayed, np.full(len(rows), 0.5), rows.person, np.full(len(rows), 0.5), np.random.default_rng(0)
    )
    said = [str(one) for one in _card(model, rows, accuracy=weak).unknown]
    assert any("of 100 pairs it ranks 50 rightly" in one for one in said)
    assert not any("people" in one and one.startswith("Only") for one in said)
    assert "predicted" not in markdown(_card(model, rows, accuracy=weak))
    assert _card(model, rows.rows(slice(0, 0))).terms == ()
    assert from_json(to_json(_card(model, few))).accuracy is None
    assert "## Qual" in markdown(_card(model, few), lambda one: "Qual")


def test_a_card_has_a_row_for_each_column_by_weight(rows, model):
    one = _card(model, rows)
    parts = model.contributions(rows)
    by_name = {term.name: term for term in one.terms}
    assert by_name[COLUMNS[2]].spread == pytest.approx(parts[:, 2].std())
    assert by_name[COLUMNS[2]].direction == pytest.approx(np.corrcoef(rows.table[:, 2], parts[:, 2])[0, 1])
    still = by_name["last task skipped"]  # nobody skips in this world
    assert (still.spread, still.direction) == (0.0, 0.0)
    task = model.effects[1].of(rows.task)
    assert by_name["this task"].direction == pytest.approx(np.corrcoef(task, parts[:, -1])[0, 1])
    assert (one.name, one.data, one.since, one.until, one.fitted_at) == (
        "hazard",
        "a made-up class",
        "2026-01-01",
        "2026-02-01",
        "2026-02-02",
    )
    assert (one.calibration, one.quantiles) == ((), ())


def test_a_card_s_points_are_of_equal_rows_and_then_of_equal_width(rows, model):
    chances = model.chances(rows)
    one = _card(model, rows, chances=chances)
    for points, curve in (
        (one.calibration, calibration(rows.stayed, chances)),
        (one.quantiles, calibration(rows.stayed, chances, equal="width")),
    ):
        assert [point.rows for point in points] == curve.rows.tolist()
        assert [point.predicted for point in points] == curve.predicted.tolist()
        assert [point.observed for point in points] == curve.observed.tolist()


def test_a_card_warns_below_a_hundred_people_and_fifty_leavers():
    def said(people: int, leavers: int) -> str:
        size = max(people, leavers)
        place = np.arange(size, dtype=np.int32)
        rows = Sample(np.zeros((size, len(COLUMNS))), place % people, 0 * place, 0 * place, place >= leavers)
        return " ".join(str(one) for one in hazard_card.unknown(rows, None))

    assert "people: their habits" not in said(100, 50)
    assert "times somebody left" not in said(100, 50)
    assert "Only 99 people" in said(99, 50)
    assert "Only 49 times somebody left" in said(100, 49)
    assert "It knows 1 categories" in said(100, 50)


def test_a_card_in_words(rows, model):
    """Each figure stands where its word is."""
    found = Accuracy(7, 3, 0.9, 0.7123, (0.6, 0.8), 0.1, 0.0456, 0.0123, 0.0078, -0.012, 0.6)
    one = replace(_card(model, rows, accuracy=found), calibration=(Point(0.25, 0.5, 7),), stayed=0.9876)
    lines = markdown(
        replace(one, terms=(Term("sessions (log)", 0.456, 1.0), Term("share right", 0.4, 0.0)))
    ).splitlines()
    for line in (
        f"{len(rows)} moments of 150 people; after 98.8 % of them one more task was done.",
        "- AUC 0.712 (0.600 – 0.800); -0.012 over the index alone",
        "- Brier skill 0.0456",
        "- calibration error 0.0123 (by chance alone 0.0078)",
        "| predicted | observed | moments |",
        "| --- | --- | --- |",
        "| 0.250 | 0.500 | 7 |",
        "| column | weight | more of it means |",
        "| sessions (log) | 0.46 | staying |",
        "| share right | 0.40 | leaving |",
        "## How good it is",
        "## What it looks at",
        "## What it does not know",
        "- It says who stays as things went on, not what would happen if other tasks were given.",
    ):
        assert line in lines


def test_an_area_of_six_tenths_is_no_longer_a_toss(rows):
    found = Accuracy(7, 3, 0.9, 0.6, (0.5, 0.7), 0.1, 0.0, 0.0, 0.0, 0.0, 0.5)
    assert not any("of 100 pairs" in str(one) for one in hazard_card.unknown(rows, found))
    weaker = hazard_card.unknown(rows, replace(found, auc=0.594))
    assert any("of 100 pairs it ranks 59 rightly" in str(one) for one in weaker)


def test_settings_at_their_ends():
    assert Setting(0.5, 0).knots == 0
    assert (Setting().strength, Setting().knots) == (10.0, 6)


def test_the_intercept_is_pulled_a_hundredth_as_strongly(model):
    new = sample(world(5, 30))
    pull = np.full(len(model.model.coefficients), 7.0)
    assert refit(model, new, 7.0).model.coefficients == pytest.approx(refit(model, new, pull).model.coefficients)
    pull[0] = 700.0
    places = np.column_stack([crossed(key, new.stayed, new.person) for key in (new.category, new.task)])
    columns = np.hstack((model.basis.of(new.table), places))
    expected = logistic.fit(columns, new.stayed, logistic.Prior.towards(model.model, 7.0))
    assert refit(model, new, pull).model.coefficients == pytest.approx(expected.coefficients, abs=1e-3)


def test_inner_choice_is_made_on_at_most_so_many_people(rows):
    asked: list[int] = []

    def fit(some: Sample, value: float) -> _Asked:
        asked.append(len(set(some.person.tolist())))
        return _Asked(some, value)

    validation.nested(rows, fit, (0.5, 0.9), np.random.default_rng(3), outer=3, inner=2, people=20)
    assert asked == [10, 10, 10, 10, 100] * 3


def test_the_nearest_end_of_a_session_counts_across_midnight():
    name = "time of day against the ends of earlier sessions"
    late = kept(Rhythm(), 86400.0 - 300, R)
    assert column(seen(late, 2 * 86400.0 + 300), name) == pytest.approx(-1.0)
    both = kept(late, 2 * 86400.0 + 3000, R)
    assert column(seen(both, 3 * 86400.0 + 2400), name) == pytest.approx(1.0)
    assert column(seen(both, 3 * 86400.0 + 600), name) == pytest.approx(-1.5)


def test_no_rows_have_a_table_of_no_rows(log):
    assert rhythm.table(log.rows(slice(0, 0))).shape == (0, len(COLUMNS))


def test_folds_and_losses_at_their_ends():
    for count in (2, 4):
        fold = validation.folds([1, 2, 3, 4], count, np.random.default_rng(1))
        assert np.bincount(fold).tolist() == [4 // count] * count
    assert validation.log_loss([0, 1], [1.0, 1.0]) == pytest.approx(-math.log(1e-9) / 2, rel=1e-6)
    assert validation.log_loss([1, 0], [0.9, 0.2]) == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2)


def test_others_are_counted_in_whole_numbers(log):
    found = rhythm.others(log, 3600.0, anywhere=True)
    assert (found.dtype, found.shape) == (np.int64, (len(log),))
