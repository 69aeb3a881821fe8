"""People who answer alike beyond what independent people do: found by pairs, and counted as fewer votes.

A ring that votes together is taken for a bloc of excellent people by every model that assumes independent answers.
What gives it away is that its members agree with each other and not with the rest. Of the c_uv items that both
answered, a_uv alike, agreement beyond chance is M_uv = (n a_uv/c_uv - 1) / (n - 1). With independent answers of
one-coin people it is M_uv = s_u s_v, with s = (n q - 1)/(n - 1): of rank one. If v copies a share R of u's answers,
both have the same label with probability

    e_uv(R) = E + (1 - E) R,      E = 1/n + (1 - 1/n) s_u s_v,      a_uv ~ Binomial(c_uv, e_uv(R)).

R_uv is 0, .5, .75 or .95, with mixture weights learnt by EM from all pairs and _HONEST_PAIRS honest ones: a pair that
agrees six times in six is luck in an honest crowd, and part of a ring where many do. An answer of u counts

    weight = 1 / (1 + Σ_v E R_uv)          over v with the same label for the same item:

m identical people count as about one vote, independent people in full.

Skill        s starts from each person's median agreement with the others, √max(median_v M_uv, 0), which a ring of less
             than half of the people does not move; then in turns with R, by least squares over pairs, each counted as
             far as it is honest. s is kept at 0 or more: people who are wrong alike are not excused as adversaries.
Difficulty   It raises the agreement of all pairs, and with it s, which measures agreement and not truth. Only what sets
             a pair apart from others is suspect. Friends who learnt the same mistakes are a ring to this test: their
             answers lose weight and nothing else. No result of this module accuses anybody.
Blind spots  A ring that answers like everybody else and colludes on one item, and one that outnumbers the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.crowd.answers import Answers, Indices, tally

Array = NDArray[np.float64]

MOST_PEOPLE = 3000  # pairs are kept in tables of U × U
SHARES = np.array([0.0, 0.5, 0.75, 0.95])  # R
_SOME_COPY = 0.02  # of pairs, to begin with
_HONEST_PAIRS = 20.0
_FEWEST_COMMON = 3  # items that two people must share before anything is said about them
_TURNS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Dependence:
    """`shared` (U, U): E R_uv, the expected share of copied answers; 0 for pairs with too few common items.

    `skill` (U,): s, as far as independent answers explain who agrees with whom. `weight` (A,): how much of a vote each
    answer counts. `copying`: what share of all pairs copies at all.
    """

    shared: Array
    skill: Array
    weight: Array
    copying: float


def dependence(answers: Answers) -> Dependence:
    """Find who answers like whom, and what each answer counts; O(U²) for each of at most 30 turns.

    A second answer of a person to an item adds nothing to the pairs. Raises ValueError for more people than
    MOST_PEOPLE.
    """
    if answers.people > MOST_PEOPLE:
        raise ValueError(f"Pairs are compared for up to {MOST_PEOPLE} people: split the crowd by activity or class.")
    people, n = answers.people, answers.labels
    cell = answers.item * n + answers.label
    gave = _table(answers.person, cell, (people, answers.items * n))
    saw = _table(answers.person, answers.item, (people, answers.items))
    common = (saw @ saw.T).toarray()
    alike = np.minimum((gave @ gave.T).toarray(), common)  # who gave an item two labels may share both
    u, v = np.triu(common >= _FEWEST_COMMON, 1).nonzero()
    a, c = alike[u, v], common[u, v]
    beyond = (n * a / c - 1.0) / (n - 1.0)
    skill = _first_skill(people, u, v, beyond)
    mixture = np.array([1.0 - _SOME_COPY, *[_SOME_COPY / (SHARES.size - 1)] * (SHARES.size - 1)])
    posterior = np.zeros((SHARES.size, u.size))
    for _ in range(_TURNS):
        before = skill
        posterior = _shares(a, c, (1.0 + (n - 1.0) * skill[u] * skill[v]) / n, mixture)
        mixture = posterior.sum(axis=1)
        mixture += _HONEST_PAIRS * np.array([1.0, *[1e-9] * (SHARES.size - 1)])  # and no share is ruled out for good
        mixture /= mixture.sum()
        skill = _next_skill(u, v, beyond, c * posterior[0], skill)
        if np.abs(skill - before).max(initial=0.0) < 1e-4:
            break
    shared = np.zeros((people, people))
    shared[u, v] = shared[v, u] = SHARES @ posterior
    alongside = (shared @ gave)[answers.person, cell]
    return Dependence(shared, skill, answers.weight / (1.0 + alongside), float(1.0 - mixture[0]))


def _table(row: Indices, column: Indices, shape: tuple[int, int]) -> csr_array:
    """1 where something occurs, however often."""
    table = csr_array((np.ones(row.size), (row, column)), shape=shape)
    table.sum_duplicates()
    table.data[:] = 1.0
    return table


def _shares(a: Array, c: Array, expected: Array, mixture: Array) -> Array:
    """P(R_uv = r) for each share r and pair, (R, pairs), given a of c alike where E = `expected`."""
    chance = np.clip(expected + (1.0 - expected) * SHARES[:, None], 1e-9, 1.0 - 1e-9)
    log = a * np.log(chance) + (c - a) * np.log1p(-chance) + np.log(mixture)[:, None]
    posterior: Array = np.exp(log - log.max(axis=0))
    posterior /= posterior.sum(axis=0)
    return posterior


def _first_skill(people: int, u: Indices, v: Indices, beyond: Array) -> Array:
    """√max(median of M_uv over v, 0), (U,); 0 for people without a pair."""
    table = np.full((people, people), np.nan)
    table[u, v] = table[v, u] = beyond
    some = ~np.isnan(table).all(axis=1)
    skill = np.zeros(people)
    skill[some] = np.nanmedian(table[some], axis=1)
    return np.sqrt(np.clip(skill, 0.0, 1.0))


def _next_skill(u: Indices, v: Indices, beyond: Array, weight: Array, skill: Array) -> Array:
    """Half of the way to the least squares of M_uv = s_u s_v in s_u, each pair with its weight."""
    above = tally(u, weight * beyond * skill[v], skill.size) + tally(v, weight * beyond * skill[u], skill.size)
    below = tally(u, weight * skill[v] ** 2, skill.size) + tally(v, weight * skill[u] ** 2, skill.size)
    target = np.divide(above, below, out=skill.copy(), where=below > 1e-9)
    middle: Array = 0.5 * (skill + np.clip(target, 0.0, 1.0))
    return middle
