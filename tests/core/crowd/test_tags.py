"""`core.crowd.tags`: whether a tag applies, from people who tick too much, too little, or at random."""

from __future__ import annotations

import numpy as np
import pytest

from core.crowd.tags import tag_beliefs


def says(seed: int, people: int = 30, items: int = 30, tags: int = 4, each: int = 6):
    """Of every pair's six people some tick at will (1 of 4), some hardly ever; the tags apply to 3 of 10 pairs."""
    rng = np.random.default_rng(seed)
    truth = rng.random((items, tags)) < 0.3
    sensitivity = np.where(np.arange(people) % 4 == 0, 0.9, rng.uniform(0.4, 0.9, people))
    false = np.where(np.arange(people) % 4 == 0, 0.6, 0.05)
    rows = [
        (i, t, u, bool(rng.random() < (sensitivity[u] if truth[i, t] else false[u])))
        for i in range(items)
        for u in rng.permutation(people)[:each]
        for t in range(tags)
    ]
    item, tag, person, applies = map(list, zip(*rows, strict=True))
    return truth, tag_beliefs(item, tag, person, applies)


def test_knows_who_ticks_everything():
    """Right for more pairs than the majority of votes, over 5 classes (seeded)."""
    results = [says(seed) for seed in range(5)]
    right, by_heads = np.mean(
        [
            ((found.chance > 0.5) == truth.ravel(), (2 * found.yes > found.said) == truth.ravel())
            for truth, found in results
        ],
        axis=(0, 2),
    )
    assert right > by_heads + 0.01
    assert all(found.verdict.enough for _, found in results)


def test_chances_can_be_believed():
    """Where the chance is said to be above .9 the tag applies nine times in ten; below .1 one time in ten."""
    results = [says(seed) for seed in range(5)]
    true = np.concatenate([truth[found.item, found.tag] for truth, found in results])
    chance = np.concatenate([found.chance for _, found in results])
    assert true[chance > 0.9].mean() > 0.88
    assert true[chance < 0.1].mean() < 0.12


def test_pairs_in_order_with_their_counts():
    found = tag_beliefs([2, 0, 0, 2, 0], [1, 5, 1, 1, 1], [0, 0, 0, 1, 1], [True, True, False, True, True])
    assert list(zip(found.item.tolist(), found.tag.tolist(), strict=True)) == [(0, 1), (0, 5), (2, 1)]
    assert found.said.tolist() == [2, 1, 2]
    assert found.yes.tolist() == [1, 1, 2]
    assert found.chance[2] > found.chance[1] > found.chance[0]
    assert found.bits[2] < found.bits[0]


def test_a_teachers_word_is_believed_and_says_who_knows():
    """Two against one, and the teacher agrees with the one: of the next pair the one is believed, too."""
    item, person, said = [0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 1, 2] * 3, [True, True, False] * 3
    alone = tag_beliefs(item, [0] * 9, person, said)
    taught = tag_beliefs(item, [0] * 9, person, said, {(0, 0): False, (1, 0): False, (7, 7): True})
    assert taught.chance[:2].tolist() == [0, 0]
    assert taught.bits[0] == 0
    assert taught.chance[2] < alone.chance[2]


def test_too_few_to_say_anything():
    found = tag_beliefs([0, 0], [0, 0], [0, 1], [True, True])
    assert not found.verdict.enough
    assert "too few" in str(found.verdict.reasons[0])


def test_nobody_has_said_anything():
    found = tag_beliefs([], [], [], [])
    assert found.item.size == found.chance.size == 0
    assert not found.verdict.enough


def test_unusable():
    with pytest.raises(ValueError, match="one length"):
        tag_beliefs([0, 1], [0, 1], [0], [True, True])
    with pytest.raises(ValueError, match="at least 0"):
        tag_beliefs([-1], [0], [0], [True])
