"""Majority vote: what every other model must beat, and what each of them starts from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.crowd.answers import Answers

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


def vote_shares(answers: Answers) -> Array:
    """Share of the votes that each label of each item has, (I, n); 1/n each where nobody voted."""
    votes = answers.votes()
    total = votes.sum(axis=1, keepdims=True)
    shares = np.full_like(votes, 1.0 / answers.labels)
    np.divide(votes, total, out=shares, where=total > 0)
    return shares


def leaders(shares: Array) -> Flags:
    """Which labels (..., n) have the most votes: more than one of them in a tie, all of them where there are none.

    Shares that differ by less than rounding (1e-12) are tied.
    """
    flags: Flags = shares >= shares.max(axis=-1, keepdims=True) - 1e-12
    return flags


def majority(answers: Answers) -> Array:
    """Belief (I, n) that counts heads: 1 for the leader, 1/m for each of m labels in a tie (it has no favourites)."""
    ahead = leaders(vote_shares(answers))
    belief: Array = ahead / ahead.sum(axis=1, keepdims=True)
    return belief
