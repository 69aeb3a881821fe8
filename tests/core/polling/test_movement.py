"""`core.polling.movement`: tests of margins against published tables and counting; nothing small can be worked out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.polling.kinds import Ranking
from core.polling.movement import mcnemar, moves, places, shift, shown, stuart_maxwell
from core.polling.tally import count, order


def pairs_of(table):
    return [(a, b) for a, row in enumerate(table) for b, n in enumerate(row) for _ in range(n)]


def test_who_stayed_and_who_changed():
    found = moves(pairs_of([[3, 1], [2, 4]]), 2)
    assert (found.table, found.stayed, found.changed) == (((3, 1), (2, 4)), 7, 3)
    assert found.chance is None  # three are too few to say that the class moved


def test_two_answers_are_tossed_coins():
    assert moves(pairs_of([[5, 2], [9, 5]]), 2).chance == pytest.approx(stats.binomtest(2, 11).pvalue)
    assert mcnemar(4, 4) == 1.0
    assert mcnemar(0, 10) == pytest.approx(2 * 0.5**10)


def test_stuart_s_own_table():
    """Unaided distance vision of 7,477 women (Stuart 1955): χ² = 11.96 with three degrees of freedom."""
    table = np.array([[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]])
    assert stuart_maxwell(table) == pytest.approx(stats.chi2.sf(11.957, 3), rel=2e-3)


def test_two_categories_of_stuart_and_maxwell_are_mcnemar_s():
    assert stuart_maxwell(np.array([[5, 3], [15, 9]])) == pytest.approx(stats.chi2.sf((15 - 3) ** 2 / 18, 1))


def test_categories_that_nobody_took_change_nothing():
    table = np.array([[5, 9, 1], [3, 4, 6], [2, 0, 7]])
    wider = np.pad(table, ((0, 1), (0, 1)))
    assert stuart_maxwell(wider) == pytest.approx(stuart_maxwell(table))
    assert stuart_maxwell(np.diag([4, 5])) == 1.0


def test_a_scale_s_shift_has_student_s_interval():
    pairs = [(1, 3), (2, 2), (4, 5), (3, 5), (2, 1), (1, 4)]
    steps = [b - a for a, b in pairs]
    found = shift(pairs)
    low, high = stats.t.interval(0.9, len(steps) - 1, loc=np.mean(steps), scale=stats.sem(steps))
    assert (found.twice, found.mean, found.low, found.high) == pytest.approx((6, np.mean(steps), low, high))
    assert shift(pairs[:4]).low is None
    assert shift([]).mean is None


def left_open(table, cells):
    """The values that a reader cannot tell apart: all tables with the same sums that agree where cells are shown."""
    size = len(table)
    hidden = [(a, b) for a in range(size) for b in range(size) if cells[a][b] is None]
    rows = [sum(table[a][b] for a_, b in hidden if a_ == a) for a in range(size)]
    columns = [sum(table[a][b] for a, b_ in hidden if b_ == b) for b in range(size)]
    possible = {cell: set() for cell in hidden}

    def fill(at, value, rows, columns):
        if at == len(hidden):
            if not any(rows) and not any(columns):
                for cell, n in value.items():
                    possible[cell].add(n)
            return
        a, b = hidden[at]
        for n in range(min(rows[a], columns[b]) + 1):
            rows[a] -= n
            columns[b] -= n
            fill(at + 1, {**value, (a, b): n}, rows, columns)
            rows[a] += n
            columns[b] += n

    fill(0, {}, rows, columns)
    return possible


@settings(max_examples=120, deadline=None)
@given(
    st.integers(2, 3).flatmap(
        lambda k: st.lists(st.lists(st.integers(0, 4), min_size=k, max_size=k), min_size=k, max_size=k)
    )
)
def test_no_small_cell_can_be_worked_out(table):
    """Whoever knows the shown cells and all sums is left with two values or more for each cell of one or two people."""
    cells = shown(tuple(map(tuple, table)))
    size = len(table)
    assert all(cells[a][b] in (None, table[a][b]) for a, b in itertools.product(range(size), repeat=2))
    assert all(cells[a][b] is None for a, b in itertools.product(range(size), repeat=2) if table[a][b] in (1, 2))
    if any(cell is not None for row in cells for cell in row):  # otherwise nothing is shown, and no more can be done
        for (a, b), values in left_open(table, cells).items():
            assert len(values) > 1, (a, b)


def test_a_table_without_small_cells_is_shown_whole():
    table = ((4, 0, 3), (5, 9, 0), (0, 3, 3))
    assert shown(table) == table


def test_one_person_who_moved_hides_what_would_give_them_away():
    cells = shown(((8, 1, 0), (0, 7, 5), (4, 6, 9)))
    assert cells == ((8, None, None), (0, None, None), (4, 6, 9))


def test_places_are_counted_among_the_options_that_are_asked_about():
    given = {4: 1, 5: 3, 6: 2}
    assert places(given, (4, 5, 6)) == (1, 3, 2)
    assert places(given, (5, 6)) == (2, 1)
    assert places({4: 1}, (4, 5, 6, 7)) == (1, 3, 3, 3)  # what has no place shares the second to the fourth
    assert places({}, (4, 5)) == (1.5, 1.5)


@given(st.lists(st.permutations((4, 5, 6, 9)).flatmap(lambda o: st.integers(1, 4).map(lambda n: o[:n])), min_size=1))
def test_the_mean_place_follows_from_counts_alone(lists):
    """1 + (k - 1) (1 - Borda's share), also over some of the options and where lists end early."""
    answers = [tuple(sorted((option, str(at)) for at, option in enumerate(one, 1))) for one in lists]
    counts = count(Ranking(), answers, (4, 5, 6, 9))
    for asked in ((4, 5, 6, 9), (9, 5), (4, 6, 9)):
        found = {line.option: line.borda for line in order(counts, len(lists), asked).lines}
        placed = [places({option: at for at, option in enumerate(one, 1)}, asked) for one in lists]
        for at, option in enumerate(asked):
            mean = sum(one[at] for one in placed) / len(lists)
            assert 1 + (len(asked) - 1) * (1 - found[option]) == pytest.approx(mean)
