"""`core.crowd.asking` for labels: expected information by giving every answer in turn, and who is asked what."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crowd.answers import entropy, normalised
from core.crowd.asking import expected_information, next_questions

BELIEF = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(lambda p: np.array(p) / sum(p))


class TestExpectedInformation:
    @settings(deadline=None, max_examples=60)
    @given(BELIEF, st.floats(0.01, 0.99))
    def test_every_answer_in_turn(self, belief, q):
        likelihood = np.where(np.eye(3, dtype=bool), q, (1 - q) / 2)  # [answer, truth]
        left = 0.0
        for answer in range(3):
            joint = likelihood[answer] * belief
            left += joint.sum() * float(entropy(joint / joint.sum()))
        found = expected_information([belief], [q])
        assert found[0, 0] == pytest.approx(float(entropy(belief)) - left, abs=1e-9)

    def test_known_values(self):
        posterior = [[0.5, 0.5], [1, 0]]
        found = expected_information(posterior, [1.0, 0.5, 0.0])
        assert found == pytest.approx(np.array([[1, 0, 1], [0, 0, 0]]), abs=1e-12)
        assert (found >= 0).all()

    @settings(deadline=None, max_examples=40)
    @given(BELIEF, st.floats(1 / 3, 1), st.floats(1 / 3, 1))
    def test_the_better_person_tells_more(self, belief, q, other):
        low, high = sorted((q, other))
        bits = expected_information([belief], [low, high])[0]
        assert bits[0] <= bits[1] + 1e-9

    @pytest.mark.parametrize(
        ("posterior", "quality"),
        [
            ([0.5, 0.5], [0.5]),
            ([[1.0]], [0.5]),
            ([[0.5, 0.6]], [0.5]),
            ([[1.5, -0.5]], [0.5]),
            ([[0.5, 0.5]], [1.5]),
            ([[0.5, 0.5]], [-0.5]),
            ([[0.5, 0.5]], 0.5),
        ],
    )
    def test_refusals(self, posterior, quality):
        with pytest.raises(ValueError, match=r"posterior is|Qualities are"):
            expected_information(posterior, quality)


class TestNextQuestions:
    BITS = np.array([[0.5, 0.9], [0.8, 0.7], [0.1, 0.2]])

    def test_most_bits_first_one_each(self):
        asks = next_questions(self.BITS, 5)
        assert [(ask.item, ask.person, ask.bits) for ask in asks] == [(0, 1, 0.9), (1, 0, 0.8)]

    def test_more_for_each_person(self):
        asks = next_questions(self.BITS, 3, each=2)
        assert [(ask.item, ask.person) for ask in asks] == [(0, 1), (1, 0), (2, 1)]

    def test_no_more_than_wanted(self):
        assert len(next_questions(self.BITS, 1)) == 1
        assert next_questions(self.BITS, 0) == []

    def test_only_what_is_open(self):
        asks = next_questions(self.BITS, 5, open_to=[[True, False], [False, False], [True, True]])
        assert [(ask.item, ask.person) for ask in asks] == [(0, 0), (2, 1)]
        assert next_questions(self.BITS, 5, open_to=np.zeros((3, 2))) == []

    def test_which_item_for_this_person_and_which_person_for_this_item(self):
        assert next_questions(self.BITS[:, :1], 1)[0].item == 1
        assert next_questions(self.BITS[:1], 1)[0].person == 1

    def test_equal_bits_in_order(self):
        asks = next_questions(np.ones((3, 3)), 3)
        assert [(ask.item, ask.person) for ask in asks] == [(0, 0), (1, 1), (2, 2)]

    def test_tables_of_one_shape(self):
        with pytest.raises(ValueError, match="one shape"):
            next_questions(self.BITS, 1, open_to=np.ones((2, 2)))
        with pytest.raises(ValueError, match="one shape"):
            next_questions([1.0], 1)

    def test_asking_well_needs_fewer_answers(self):
        """10 crowds of 60 two-way items, 180 answers: less entropy is left than by round robin in at least 9."""
        ahead = 0
        for seed in range(10):
            left = []
            for wise in (False, True):
                rng = np.random.default_rng(seed)
                truth, q = rng.integers(0, 2, 60), rng.uniform(0.55, 0.95, 12)
                odds = np.zeros((60, 2))
                done = np.zeros((60, 12), dtype=bool)
                for turn in range(180):
                    u = turn % 12
                    if wise:
                        bits = expected_information(normalised(odds), q[[u]])
                        i = next_questions(bits, 1, open_to=~done[:, [u]])[0].item
                    else:
                        i = (turn * 7 + turn // 60) % 60
                    done[i, u] = True
                    right = rng.random() < q[u]
                    odds[i, truth[i] if right else 1 - truth[i]] += math.log(q[u] / (1 - q[u]))
                left.append(float(entropy(normalised(odds)).sum()))
            ahead += left[1] < left[0]
        assert ahead >= 9
