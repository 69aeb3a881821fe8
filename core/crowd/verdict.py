"""Whether there is enough to say anything: the rules by which this room refuses, each with its sentence.

    few      fewer than FEWEST_ITEMS items have two answers or more, or fewer than FEWEST_PEOPLE people answered these:
             nobody can be compared with anybody
    thin     fewer than FEWEST_ANSWERS answers an item on average: beliefs about items are little more than single votes
    apart    people and items fall into groups that share no item: qualities of different groups cannot be compared
    chance   people agree no more than answers drawn at random with the same label shares would, at 5 %

The test of chance. With label shares p_l, p_2 = Σ p_l², p_3 = Σ p_l³, an item of m answers has N = m(m-1)/2 pairs of
answers. By chance a share p_2 of them agrees, with variance N (p_2 - p_2²) + 2 N (m-2) (p_3 - p_2²), since pairs share
answers. Summed over items the excess over its standard deviation is z; above 1.645 people agree beyond chance.
Agreement is not truth: a crowd that shares a mistake, or a ring (`rings`), agrees as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from core.crowd.answers import Answers
from core.words import N_, Sentence

FEWEST_ITEMS = 5
FEWEST_PEOPLE = 3
FEWEST_ANSWERS = 2.0
_BEYOND_CHANCE = 1.645  # one-sided, 5 %


@dataclass(frozen=True, slots=True)
class Verdict:
    """`enough`: whether beliefs about these answers may be shown as findings; `reasons`: why not, empty if they may.

    It rests on `answers_an_item`, the unlinked `groups` of people and items, and `z` of agreement beyond chance.
    """

    enough: bool
    reasons: tuple[Sentence, ...]
    answers_an_item: float
    groups: int
    z: float


def verdict(answers: Answers) -> Verdict:
    """Judge A answers by the rules above; weights count as presence or absence. O(A + I n)."""
    counted = answers.weight > 0
    item, person, label = answers.item[counted], answers.person[counted], answers.label[counted]
    size = np.bincount(item, minlength=answers.items)
    shared = size[item] >= 2
    comparable = int((size >= 2).sum())
    people = int(np.unique(person[shared]).size)
    reasons = []
    if comparable < FEWEST_ITEMS or people < FEWEST_PEOPLE:
        reasons.append(
            Sentence(
                N_("Only {items} items were answered twice, by {people} people: too few to compare anybody."),
                {"items": comparable, "people": people},
            )
        )
    answered = int((size > 0).sum())
    mean = item.size / answered if answered else 0.0
    if mean < FEWEST_ANSWERS:
        reasons.append(
            Sentence(
                N_("There are {mean:.1f} answers an item: too few to believe more than the votes."), {"mean": mean}
            )
        )
    groups = _groups(item, person, answers)
    if groups > 1:
        reasons.append(
            Sentence(
                N_("The answers fall into {groups} groups without a common item, which cannot be compared."),
                {"groups": groups},
            )
        )
    z = _beyond_chance(item, label, answers)
    if z <= _BEYOND_CHANCE:
        reasons.append(Sentence(N_("People agree no more than by chance.")))
    return Verdict(not reasons, tuple(reasons), mean, groups, z)


def _groups(item: NDArray[np.intp], person: NDArray[np.intp], answers: Answers) -> int:
    """How many connected parts the people and items that occur have."""
    nodes = answers.items + answers.people
    links = coo_array((np.ones(item.size), (item, answers.items + person)), shape=(nodes, nodes))
    _, part = connected_components(links, directed=False)
    return int(np.unique(part[item]).size)


def _beyond_chance(item: NDArray[np.intp], label: NDArray[np.intp], answers: Answers) -> float:
    """z of the module docstring; 0 where no pair of answers could differ."""
    n = answers.labels
    votes = np.bincount(item * n + label, minlength=answers.items * n).reshape(-1, n).astype(np.float64)
    size = votes.sum(axis=1)
    share = votes.sum(axis=0) / max(votes.sum(), 1.0)
    two, three = float((share**2).sum()), float((share**3).sum())
    pairs = size * (size - 1.0) / 2.0
    agreed = float((votes * (votes - 1.0)).sum()) / 2.0
    variance = float((pairs * (two - two**2) + 2.0 * pairs * (size - 2.0) * (three - two**2)).sum())
    return (agreed - float(pairs.sum()) * two) / np.sqrt(variance) if variance > 1e-12 else 0.0
