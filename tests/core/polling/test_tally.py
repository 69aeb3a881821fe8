"""`core.polling.tally` against the answers themselves, counted another way; against published elections and SciPy."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.polling.answers import counted
from core.polling.kinds import KINDS, Number, Quiz, Ranking, Rating, Several, Single
from core.polling.tally import choices, count, interval, levels, numbers, order, schulze, written

OPTIONS = (4, 5, 6, 9)
QUIZ = Quiz(("no", "some", "most", "all"))


def an_answer(name):
    """A strategy for canonical answers of a kind."""
    if name in {"single", "pair"}:
        return st.sampled_from(OPTIONS).map(lambda option: ((option, "1"),))
    if name == "several":
        return st.sets(st.sampled_from(OPTIONS), min_size=1).map(lambda taken: tuple((o, "1") for o in sorted(taken)))
    if name == "rating":
        return st.integers(1, 5).map(lambda value: ((0, str(value)),))
    if name == "number":
        return st.integers(0, 100).map(lambda value: ((0, str(value)),))
    if name == "ranking":
        orders = st.permutations(OPTIONS).flatmap(lambda o: st.integers(1, 4).map(lambda places: o[:places]))
        return orders.map(lambda o: tuple(sorted((option, str(place)) for place, option in enumerate(o, 1))))
    if name == "quiz":
        marks = st.dictionaries(st.sampled_from(OPTIONS), st.integers(0, 3), min_size=1)
        return marks.map(lambda given: tuple(sorted((option, str(level)) for option, level in given.items())))
    texts = st.sampled_from(["hope", "fear", "Hope", "a b"])
    return st.sets(texts, min_size=1, max_size=1 if name == "text" else 3).map(
        lambda taken: tuple((0, text) for text in sorted(taken))
    )


def kind_of(name):
    return QUIZ if name == "quiz" else KINDS[name]()


def result(name, counts, voters):
    kind = kind_of(name)
    if isinstance(kind, Rating | Number):
        return numbers(kind, counts, voters)
    if isinstance(kind, Ranking):
        return order(counts, voters, OPTIONS)
    if isinstance(kind, Quiz):
        return levels(counts, voters, OPTIONS, len(kind.levels))
    if name in {"words", "text"}:
        return written(counts)
    return choices(counts, voters, OPTIONS)


@pytest.mark.parametrize("name", sorted(KINDS))
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_counts_alone_give_what_the_ballots_give(name, data):
    """An anonymous poll, which keeps counters, and a named one, whose people change their minds, agree."""
    ballots = data.draw(st.lists(an_answer(name), max_size=12))
    kind, kept = kind_of(name), Counter()
    for ballot in ballots:
        regretted = data.draw(st.none() | an_answer(name))
        if regretted:
            kept.update(counted(kind, regretted, OPTIONS))
            kept.subtract(counted(kind, regretted, OPTIONS))
        kept.update(counted(kind, ballot, OPTIONS))
    assert +kept == count(kind, ballots, OPTIONS)
    assert result(name, kept, len(ballots)) == result(name, count(kind, ballots, OPTIONS), len(ballots))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sets(st.sampled_from(OPTIONS), min_size=1), max_size=15))
def test_shares_are_those_of_the_ballots(ballots):
    answers = [tuple((option, "1") for option in sorted(ballot)) for ballot in ballots]
    found = choices(count(Several(), answers, OPTIONS), len(answers), OPTIONS)
    for share in found.shares:
        took = sum(share.option in ballot for ballot in ballots)
        assert (share.count, share.share) == (took, took / len(ballots) if ballots else 0)
        assert share.low <= share.share <= share.high
    most = max(share.count for share in found.shares)
    assert found.leaders == tuple(share.option for share in found.shares if share.count == most > 0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_middle_and_mean_are_those_of_the_ballots(given_):
    kind = Number("-3", 97, "2.5")
    values = [float(kind.value(n)) for n in given_]
    found = numbers(kind, count(kind, [((0, str(n)),) for n in given_], ()), len(given_))
    ordered, half = sorted(values), (len(values) + 1) // 2
    assert found.mean == pytest.approx(statistics.fmean(values))
    assert found.median == pytest.approx(statistics.median(values))
    assert found.lower_quartile == pytest.approx(statistics.median(ordered[:half]))
    assert found.upper_quartile == pytest.approx(statistics.median(ordered[-half:]))
    assert sum(bin.count for bin in found.bins) == len(values)
    assert len(found.bins) <= 20
    for bin in found.bins:
        assert bin.count == sum(bin.low <= value <= bin.high for value in values)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=5, max_size=30).filter(lambda values: len(set(values)) > 1))
def test_the_interval_of_the_mean_is_student_s_within_the_scale(values):
    kind = Number(0, 100)
    found = numbers(kind, count(kind, [((0, str(n)),) for n in values], ()), len(values))
    low, high = stats.t.interval(0.9, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    assert (found.mean_low, found.mean_high) == pytest.approx((max(0, low), min(100, high)))


def test_few_answers_have_no_interval_and_none_no_mean():
    few = numbers(Rating(), Counter({(0, "4"): 4}), 4)
    assert (few.mean, few.median, few.mean_low, few.mean_high) == (4.0, 4.0, None, None)
    none = numbers(Rating(), Counter(), 0)
    assert (none.mean, none.median, [bin.count for bin in none.bins]) == (None, None, [0] * 5)
    assert numbers(Number(), Counter(), 0).bins == ()


def test_a_scale_of_few_values_has_a_bar_for_each_and_a_wide_one_has_round_bins():
    narrow = numbers(Number(0, 10), Counter({(0, "3"): 2}), 2)
    assert [(bin.low, bin.count) for bin in narrow.bins] == [(float(n), 2 * (n == 3)) for n in range(11)]
    wide = numbers(Number(0, 1000), Counter({(0, "3"): 1, (0, "488"): 1}), 2)
    assert [(bin.low, bin.high) for bin in wide.bins] == [(50.0 * n, 50.0 * n + 49) for n in range(10)]


@pytest.mark.parametrize(("x", "n"), [(0, 7), (7, 7), (3, 7), (1, 1), (250, 800)])
def test_shares_have_jeffreys_interval(x, n):
    low, high = stats.beta.interval(0.9, x + 0.5, n - x + 0.5)
    assert interval(x, n) == pytest.approx((low if x else 0, high if x < n else 1))
    assert interval(0, 0) == (0, 1)


@pytest.mark.parametrize("n", [10, 40])
def test_intervals_hold_what_they_promise(n):
    """Over all true shares, the share of samples whose interval holds it is close to nine in ten."""
    holds = []
    for true in np.linspace(0.03, 0.97, 95):
        chances = stats.binom.pmf(np.arange(n + 1), n, true)
        holds.append(sum(c for x, c in enumerate(chances) if interval(x, n)[0] <= true <= interval(x, n)[1]))
    assert np.mean(holds) == pytest.approx(0.9, abs=0.01)


def test_levels_of_a_quiz_are_counted_line_by_line():
    answers = [((4, "0"), (5, "3")), ((4, "2"),), ((4, "3"), (5, "3")), ((4, "3"),)]
    found = levels(count(QUIZ, answers, OPTIONS), 4, OPTIONS, 4)
    assert [line.counts for line in found.statements[:2]] == [(1, 0, 1, 2), (0, 0, 0, 2)]
    assert [(line.answered, line.median) for line in found.statements] == [(4, 2.5), (2, 3.0), (0, None), (0, None)]


def ballots_of(profile, names):
    """Rankings as in the literature: how many voters have which order."""
    return [
        tuple(sorted((names.index(name) + 1, str(place)) for place, name in enumerate(said, 1)))
        for voters, said in profile
        for _ in range(voters)
    ]


# Schulze (2011), section 3: the first three examples
EXAMPLES = [
    ("5acbed 5adecb 8bedac 3cabed 7caebd 2cbade 7dceba 8ebadc", "eacbd"),
    ("5acbd 2acdb 3adcb 4bacd 3cbda 3cdba 1dacb 5dbac 4dcba", "dacb"),
    ("3abdec 5adebc 1adecb 2badec 2bdeca 4cabde 6cbade 2dbeca 5decab", "badec"),
]


@pytest.mark.parametrize(("profile", "result"), EXAMPLES)
def test_schulze_s_own_elections(profile, result):
    profile = [(int(said[0]), said[1:]) for said in profile.split()]
    names = sorted(profile[0][1])
    answers = ballots_of(profile, names)
    options = range(1, len(names) + 1)
    found = order(count(Ranking(), answers, options), len(answers), options)
    assert "".join(names[line.option - 1] for line in found.lines) == result
    assert [line.place for line in found.lines] == list(range(1, len(names) + 1))


def test_tennessee():
    """The usual example: everyone's compromise wins one against one though few put it first."""
    profile = [(42, "mnck"), (26, "nckm"), (15, "cknm"), (17, "kcnm")]
    answers = ballots_of(profile, sorted("mnck"))
    found = order(count(Ranking(), answers, range(1, 5)), 100, range(1, 5))
    assert ["ckmn"[line.option - 1] for line in found.lines] == list("nckm")
    assert found.winner == 4
    assert [line.firsts for line in found.lines] == [26, 15, 17, 42]
    assert [line.borda * 300 for line in found.lines] == pytest.approx([194, 173, 107, 126])
    assert found.preferred[0] == (0, 68, 68, 58)


def test_a_circle_has_no_winner_and_shares_the_first_place():
    answers = ballots_of([(1, "abc"), (1, "bca"), (1, "cab")], "abc")
    found = order(count(Ranking(), answers, (1, 2, 3)), 3, (1, 2, 3))
    assert found.winner is None
    assert [line.place for line in found.lines] == [1, 1, 1]
    assert [line.borda for line in found.lines] == [0.5] * 3


def test_what_was_not_placed_is_behind_and_tied():
    answers = [((1, "1"),)] * 2
    found = order(count(Ranking(1), answers, (1, 2, 3)), 2, (1, 2, 3))
    assert [(line.option, line.place, line.borda, line.at) for line in found.lines] == [
        (1, 1, 1.0, (2, 0, 0)),
        (2, 2, 0.25, (0, 0, 0)),
        (3, 2, 0.25, (0, 0, 0)),
    ]


def test_nobody_has_voted():
    found = order({}, 0, (1, 2))
    assert [(line.place, line.borda) for line in found.lines] == [(1, 0.0), (1, 0.0)]
    assert found.winner is None
    assert choices({}, 0, (1, 2)).leaders == ()


def strongest(before, start, end):
    """Over all paths without a repeated option, the largest weakest link of winning votes."""
    size, best = before.shape[0], 0
    others = [k for k in range(size) if k not in (start, end)]
    for length in range(size - 1):
        for via in itertools.permutations(others, length):
            path = (start, *via, end)
            links = [before[a, b] if before[a, b] > before[b, a] else 0 for a, b in itertools.pairwise(path)]
            best = max(best, min(links))
    return best


@settings(max_examples=30, deadline=None)
@given(st.lists(st.permutations([1, 2, 3, 4, 5]).flatmap(lambda o: st.integers(1, 5).map(lambda k: o[:k])), max_size=9))
def test_schulze_is_the_strongest_path_and_keeps_to_condorcet(rankings):
    options = (1, 2, 3, 4, 5)
    answers = [tuple(sorted((o, str(p)) for p, o in enumerate(r, 1))) for r in rankings]
    counts = count(Ranking(), answers, options)
    before = np.array([[counts[i, f"-{j}"] for j in options] for i in options])
    found = order(counts, len(answers), options)
    place = {line.option: line.place for line in found.lines}
    for i, j in itertools.permutations(range(5), 2):
        if strongest(before, i, j) > strongest(before, j, i):
            assert place[i + 1] < place[j + 1]
    if found.winner:
        assert [o for o in options if place[o] == 1] == [found.winner]
        assert all(before[found.winner - 1, j] > before[j, found.winner - 1] for j in range(5) if j != found.winner - 1)
    points = {
        o: sum(
            1.0 if a < b else 0.5 if a == b else 0.0
            for r in rankings
            for other in options
            if other != o
            for a, b in [(r.index(o) if o in r else 9, r.index(other) if other in r else 9)]
        )
        for o in options
    }
    for line in found.lines:
        assert line.borda * 4 * len(rankings) == pytest.approx(points[line.option])


def test_places_do_not_depend_on_the_order_of_the_options():
    rng = np.random.default_rng(5)
    before = rng.integers(0, 9, (6, 6))
    turn = rng.permutation(6)
    places = np.array(schulze(before))
    assert list(places[turn]) == list(schulze(before[np.ix_(turn, turn)]))


def test_single_is_a_share_of_all_voters():
    found = choices(Counter({(4, "1"): 3, (5, "1"): 1}), 4, (4, 5, 6))
    assert [(s.count, s.share) for s in found.shares] == [(3, 0.75), (1, 0.25), (0, 0.0)]
    assert isinstance(kind_of("single"), Single)
