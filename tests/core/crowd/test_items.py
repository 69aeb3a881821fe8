"""`core.crowd.items`: against simulated classes whose truth is known: lenient and harsh raters, spam and a ring."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy.stats import spearmanr

from core.crowd.items import FEWEST_RATINGS, Beliefs, beliefs, rated
from core.crowd.simulated_galleries import Gallery, Rated, auc, means, medians
from core.crowd.simulated_galleries import rate as _rate

SEEDS = range(6)


@functools.cache
def rate(of: Gallery, seed: int) -> Rated:
    """Several tests look at the same classes."""
    return _rate(of, np.random.default_rng(seed))


class TestAgainstTruth:
    @pytest.mark.parametrize(
        "people", [Gallery(), Gallery(lenient=0.25), Gallery(people=25, each=5), Gallery(spam=20), Gallery(each=3)]
    )
    def test_beats_mean_and_median(self, people):
        """Rank correlation with the truth and AUC of the better half, means of 600 items in all (seeded)."""
        worlds = [rate(people, seed) for seed in range(600 // people.people)]
        by_model, by_mean, by_median = (
            np.mean([(spearmanr(w.truth, score(w.ratings))[0], auc(w.truth, score(w.ratings))) for w in worlds], axis=0)
            for score in (lambda ratings: beliefs(ratings).mean, means, medians)
        )
        assert (by_model > by_mean).all()
        assert by_model[0] > by_median[0] + 0.02

    def test_more_so_with_spam(self):
        """20 of 100 who click at random or give five stars to all: .05 of rank correlation better than the mean."""
        worlds = [rate(Gallery(spam=20), seed) for seed in SEEDS]
        gain = [
            spearmanr(w.truth, beliefs(w.ratings).mean)[0] - spearmanr(w.truth, means(w.ratings))[0] for w in worlds
        ]
        assert np.mean(gain) > 0.05

    @pytest.mark.parametrize("people", [Gallery(), Gallery(each=3), Gallery(each=10), Gallery(people=25, each=5)])
    def test_intervals_cover(self, people):
        """90 % intervals cover .86 to .95 of the items, over 6 classes (seeded)."""
        covered = []
        for seed in SEEDS:
            world = rate(people, seed)
            found = beliefs(world.ratings)
            low, high = found.interval(0.9)
            covered.append(((world.truth >= low) & (world.truth <= high)).mean())
        assert 0.86 <= np.mean(covered) <= 0.95

    def test_spammers_have_little_say(self):
        """Who gives everything five stars, and who clicks at random: less than two thirds of another's say, with ten
        ratings each."""
        worlds = [beliefs(rate(Gallery(spam=20, each=10), seed).ratings) for seed in SEEDS]
        say = np.mean([found.spread**2 / found.noise**2 for found in worlds], axis=0)
        assert say[:20:2].mean() < 2 / 3 * say[20:].mean()
        assert say[1:20:2].mean() < 2 / 3 * say[20:].mean()


class TestRing:
    """Five people of a hundred give each other five stars and others three at most."""

    def won(self, people: Gallery) -> np.ndarray:
        """Places that the ring's items win, (classes, ring)."""
        worlds = [rate(people, seed) for seed in SEEDS]
        return np.array([w.places_won(beliefs(w.ratings).mean, beliefs(w.honest()).mean) for w in worlds])

    def test_what_is_drawn_moves_ranks_little(self):
        """Tolerance: 6 of 100 places on average, and half of the ring's items win 2 at most."""
        won = self.won(Gallery(ring=5))
        assert won.mean() <= 6
        assert np.median(won) <= 2

    def test_skipping_as_far_as_is_allowed_helps_little(self):
        """Nine items left out by each (three, and one for each judged): 10 places on average."""
        assert self.won(Gallery(ring=5, skips=9)).mean() <= 10

    def test_picking_would_win(self):
        """Why only drawn ratings count: who rates what they like wins 20 places."""
        assert self.won(Gallery(ring=5, picking=True)).mean() > 20


class TestModel:
    def test_no_rating_at_all(self):
        found = beliefs(rated([], [], [], items=3, people=2))
        assert found.mean.tolist() == [0.5] * 3
        assert found.error.tolist() == pytest.approx([0.2] * 3)
        assert found.given.tolist() == [0] * 3
        assert found.settled
        assert not found.disputed().any()

    def test_an_unrated_item_is_where_the_class_is(self):
        found = beliefs(rated([0, 0, 1, 1], [0, 1, 0, 1], [0.75, 1, 0.25, 0.5], items=3))
        assert found.mean[2] == pytest.approx(found.level)
        assert found.error[2] == pytest.approx(found.between)
        assert found.mean[0] > found.mean[2] > found.mean[1]
        assert (found.error[:2] < found.error[2]).all()

    def test_few_ratings_are_drawn_to_the_class(self):
        """An item with one perfect rating ranks below one with eight nearly perfect ones."""
        item = [0, *[1] * 8, *np.repeat(np.arange(2, 12), 8)]
        person = [0, *range(8), *np.tile(np.arange(8), 10)]
        value = [1.0, *[1, 1, 0.75, 1, 1, 1, 1, 1], *np.random.default_rng(1).choice([0.25, 0.5, 0.75], 80)]
        found = beliefs(rated(item, person, value))
        assert found.mean[1] > found.mean[0] > found.level
        assert found.error[1] < found.error[0]

    def test_leniency_is_taken_out(self):
        """Two items, each rated by its own raters and by common ones; the harsh raters' item is the better one."""
        world = np.random.default_rng(4)
        item, person, value = [], [], []
        for rater in range(20):
            harsh = rater < 10
            for thing in [0 if harsh else 1, *range(2, 12)]:
                quality = (0.55, 0.45)[thing] if thing < 2 else 0.5
                item.append(thing)
                person.append(rater)
                value.append(float(np.clip(quality + (-0.25 if harsh else 0.25) + 0.03 * world.normal(), 0, 1)))
        ratings = rated(item, person, value)
        found = beliefs(ratings)
        assert means(ratings)[0] < means(ratings)[1]
        assert found.mean[0] > found.mean[1]
        assert found.leniency[:10].max() < -0.2
        assert found.leniency[10:].min() > 0.2

    def test_relabelling_changes_nothing(self):
        world = rate(Gallery(people=25, each=5), 7)
        given = world.ratings
        items, people = np.random.default_rng(1).permutation(25), np.random.default_rng(2).permutation(25)
        order = np.random.default_rng(3).permutation(given.item.size)
        turned = rated(items[given.item[order]], people[given.person[order]], given.value[order], 25, 25)
        one, other = beliefs(given), beliefs(turned)
        assert other.mean[items] == pytest.approx(one.mean, abs=1e-5)
        assert other.error[items] == pytest.approx(one.error, abs=1e-5)
        assert other.noise[people] == pytest.approx(one.noise, abs=1e-5)

    def test_weights_are_ratings(self):
        """What counts nothing changes nothing."""
        given = rate(Gallery(people=25, each=5), 2).ratings
        more = rated([*given.item, 3], [*given.person, 4], [*given.value, 1.0], 25, 25, [*given.weight, 0.0])
        assert beliefs(more).mean == pytest.approx(beliefs(given).mean)
        assert beliefs(more).given.tolist() == beliefs(given).given.tolist()

    def test_everybody_gives_the_same(self):
        found = beliefs(rated(np.repeat(np.arange(5), 5), np.tile(np.arange(5), 5), [0.75] * 25))
        assert found.mean == pytest.approx([0.75] * 5)
        assert np.isfinite(found.error).all()
        assert not found.disputed().any()

    def test_intervals_stay_on_the_scale(self):
        found = beliefs(rated(np.repeat(np.arange(4), 6), np.tile(np.arange(6), 4), [1.0] * 12 + [0.0] * 12))
        low, high = found.interval()
        assert low.min() >= 0
        assert high.max() <= 1
        assert high[0] == 1
        assert low[3] == 0
        assert (found.interval(0.5)[0] >= low).all()

    @pytest.mark.parametrize(
        ("ratings", "message"),
        [
            (([0], [0], [1.1]), "between 0 and 1"),
            (([0], [0], [np.nan]), "between 0 and 1"),
            (([0], [0], [0.5, 0.5]), "for each rating"),
            (([0, 1], [0], [0.5, 0.5]), "one length"),
            (([5], [0], [0.5], 3), "below 3"),
            (([0], [0], [0.5], 1, 1, -1.0), "not negative"),
        ],
    )
    def test_unusable(self, ratings, message):
        with pytest.raises(ValueError, match=message):
            rated(*ratings)


class TestDisputed:
    def split(self, seed: int, disputed: int) -> Beliefs:
        """30 items, 8 ratings each by 40 raters of noise .1; raters are split, 0 or 1, on the first `disputed`."""
        rng = np.random.default_rng(seed)
        person = rng.random((30, 40)).argsort(axis=1)[:, :8].ravel()
        item = np.repeat(np.arange(30), 8)
        value = np.clip(0.5 + 0.1 * rng.normal(size=30)[item] + 0.1 * rng.normal(size=240), 0, 1)
        value = np.where(item < disputed, np.tile([0.1, 0.9], 120), value)
        return beliefs(rated(item, person, value))

    def test_finds_what_splits_the_class(self):
        found = self.split(1, 3).disputed()
        assert found[:3].all()
        assert found[3:].sum() <= 1

    def test_hardly_ever_without_cause(self):
        """Of 20 classes without a dispute at most 3 have an item pointed out (the rate allowed is 1 in 10)."""
        assert sum(self.split(seed, 0).disputed().any() for seed in range(20)) <= 3

    def test_a_few_ratings_are_no_dispute(self):
        few = FEWEST_RATINGS - 1
        found = beliefs(rated([0] * few + [1] * 8, [*range(few), *range(8)], [0, 1, 0][:few] + [0.5] * 8))
        assert np.isnan(found.surprise[0])
        assert not found.disputed()[0]

    def test_share_of_false_ones_by_hand(self):
        """Benjamini and Hochberg: the largest r with p_(r) <= share r / n, and all below it."""
        found = beliefs(rated([0], [0], [0.5], items=5))
        surprise = np.array([0.03, np.nan, 0.005, 0.048, 0.5])
        fixed = Beliefs(
            found.mean,
            found.error,
            found.given,
            found.leniency,
            found.spread,
            found.noise,
            found.level,
            found.between,
            surprise,
            found.settled,
        )
        # four tested: thresholds .025, .05, .075, .1 of rank 1 to 4
        assert fixed.disputed().tolist() == [True, False, True, True, False]
        assert fixed.disputed(0.02).tolist() == [False, False, True, False, False]
        assert not fixed.disputed(0.001).any()
