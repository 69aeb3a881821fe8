"""`core.selection.ranking`: the order of questions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from core.selection.arms import Stats, fitted_prior
from core.selection.ranking import (
    BOOST,
    QUANTILE,
    SHORTEST_HALF_LIFE,
    WARY,
    half_life,
    question_scores,
    ranked,
    seen_at_least,
)

PROPERTY = settings(deadline=None, max_examples=80)
QUESTION = st.integers(0, 60).flatmap(lambda seen: st.tuples(st.integers(0, seen), st.just(seen), st.floats(0, 50)))
QUESTIONS = st.lists(QUESTION, min_size=2, max_size=12)


def scores(questions, unanswered=None, half_life=7.0):
    votes, seen, ages = np.array(questions, dtype=float).T
    return question_scores(votes, seen, ages, np.zeros(votes.size) if unanswered is None else unanswered, half_life)


def test_the_stated_formula():
    questions = [(3, 10, 0), (1, 12, 7), (0, 0, 14)]
    a, b = fitted_prior(Stats(np.array([10.0, 12, 0]), np.array([3.0, 1, 0]), np.array([3.0, 1, 0])), np.ones(1))
    expected = [
        beta.ppf(QUANTILE, a[0] + up, b[0] + seen - up) * 2 ** (-age / 7) * (1 + BOOST * waiting)
        for (up, seen, age), waiting in zip(questions, (0, 1, 1), strict=True)
    ]
    assert scores(questions, [0, 1, 1]) == pytest.approx(expected, rel=1e-9)


@given(QUESTIONS)
@PROPERTY
def test_an_up_vote_never_lowers_a_question_s_rank(questions):
    up, seen, age = questions[0]
    before = scores(questions)
    after = scores([(min(up + 1, seen), seen, age), *questions[1:]])
    assert (after[0] >= after[1:])[before[0] >= before[1:] + 1e-12].all()


@given(QUESTIONS, st.floats(0.1, 30))
@PROPERTY
def test_age_alone_never_helps(questions, older):
    up, seen, age = questions[0]
    found = scores([*questions, (up, seen, age + older)])
    assert found[-1] < found[0]


@given(QUESTIONS)
@PROPERTY
def test_an_answer_lowers_a_question_and_the_order_of_the_list_changes_nothing(questions):
    plain, waiting = scores(questions), scores(questions, np.ones(len(questions)))
    assert waiting == pytest.approx(plain * (1 + BOOST))
    assert scores(questions[::-1])[::-1] == pytest.approx(plain, rel=1e-9)


def test_of_one_rate_the_question_that_few_have_seen_comes_first():
    few, many = scores([(2, 10, 1), (20, 100, 1), (5, 25, 1), (4, 20, 1)])[:2]
    assert few > many


def test_an_old_favourite_gives_way_to_a_young_question_of_half_its_rate():
    first, second = question_scores([8, 4], [20, 20], [14, 0], [0, 0], 7.0)
    assert second > first


def test_the_half_life_is_one_and_a_half_median_ages_but_at_least_a_minute():
    assert half_life([1, 9, 4]) == 6
    assert half_life([1, 9, 4, 6]) == 7.5
    assert half_life([0, 0, 9]) == half_life([]) == SHORTEST_HALF_LIFE == pytest.approx(60 / 86400)
    assert half_life([0.5], shortest=0.8) == 0.8


def test_another_quantile():
    a, b = fitted_prior(Stats(np.array([10.0]), np.array([3.0]), np.array([3.0])), np.ones(1))
    expected = beta.ppf(WARY, a[0] + 3, b[0] + 7)
    assert question_scores([3], [10], [0], [0], 1.0, WARY) == pytest.approx([expected], rel=1e-9)


def test_who_voted_for_a_younger_question_has_been_here_since():
    assert seen_at_least([7, 3, 7, 5], [3, 4, 7, 9, 1]).tolist() == [4, 3, 2, 0, 4]
    assert seen_at_least([], [1, 2]).tolist() == [0, 0]
    assert seen_at_least([1], []).tolist() == []


def test_ranked_by_score_then_youth_then_place():
    assert ranked([0.2, 0.5, 0.5, 0.2, 0.2], [1, 9, 3, 1, 0]).tolist() == [2, 1, 4, 0, 3]


def test_no_question():
    assert question_scores([], [], [], [], 7).tolist() == []


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        (([1], [1, 1], [0], [0], 7), "same questions"),
        (([2], [1], [0], [0], 7), "more votes"),
        (([-1], [1], [0], [0], 7), "fewer than no"),
        (([1], [np.inf], [0], [0], 7), "more votes"),
        (([1], [1], [-1], [0], 7), "age cannot be negative"),
        (([1], [1], [1], [0], 0), "half-life"),
    ],
)
def test_impossible_questions(given_, text):
    with pytest.raises(ValueError, match=text):
        question_scores(*given_)


def test_the_ends_of_what_is_allowed_are_allowed():
    assert question_scores([0, 3], [0, 3], [0, 0], [0, 0], 0.5).shape == (2,)
    with pytest.raises(ValueError, match="half-life"):
        question_scores([0], [0], [0], [0], float("nan"))
