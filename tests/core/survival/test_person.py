"""`core.survival.person` and single features, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.survival.features import COLUMN, Tasks, features
from core.survival.log import Outcome
from core.survival.person import Event, Person, Tally, advance, replayed
from core.survival.records import Facts

R, W, U, S, L = Outcome


def fact(difficulty=0.4, right=0.6, skipped=0.1, popularity=2.0, seconds=12.0, hard=False, popular=True, avoided=False):
    return Facts(
        *(np.asarray(one) for one in (difficulty, right, skipped, popularity, seconds, hard, popular, avoided))
    )


def event(task=1, outcome=R, seconds=10.0, category=0, subcategory=0, subject=None):
    return Event(task, category, subcategory, task if subject is None else subject, 0.0, outcome, seconds)


def told(person: Person, name: str, remaining: int = 0, task: Tasks | None = None) -> float:
    return float(features(person, task, remaining)[0, COLUMN[name]])


def offer(known: Facts, category=0, subcategory=0, subject=1) -> Tasks:
    one = Facts(*(np.reshape(getattr(known, name), 1) for name in Facts.__slots__))
    return Tasks(*(np.array([value], dtype=np.int32) for value in (category, subcategory, subject)), one)


STORY = [(event(1, R, 8.0), fact()), (event(2, W, 16.0, 0, 1), fact()), (event(3, S, math.nan, 1, 2), fact(hard=True))]


def test_counts_shares_and_ratios():
    person = replayed([*STORY, (event(4, R, 6.0, 1, 2), fact()), (event(5, U, 2.0, 1, 3), fact())])
    assert (person.done, person.right, person.wrong, person.skipped, person.timed) == (5, 2, 1, 1, 4)
    assert person.average_seconds == 8.0
    assert person.categories == {0: Tally(2, 1, 0), 1: Tally(3, 1, 1)}
    expected = {
        "# correct answers": 2,
        "% correct answers": 0.4,
        "# questions skipped": 1,
        "% questions skipped": 0.2,
        "# incorrect answers": 1,
        "% incorrect answers": 0.2,
        "(#correct)/(#incorrect)": 2,
        "(#skipped)/(#correct)": 0.5,
        "(#incorrect)/(#correct)": 0.5,
        "log(user ART)": math.log(8.0),
        "user: ART <= 10s?": 1,
    }
    assert {name: told(person, name) for name in expected} == pytest.approx(expected)
    there = offer(fact(), category=1, subcategory=2, subject=3)
    assert told(person, "% correct for category", task=there) == pytest.approx(1 / 3)
    assert told(person, "% skip for category", task=there) == pytest.approx(1 / 3)
    assert told(person, "% correct for subcategory", task=there) == 0.5
    assert told(person, "% skip for subcategory", task=there) == 0.5
    assert told(person, "% correct for mid", task=there) == 0.0
    assert told(person, "% skip for mid", task=there) == 1.0


def test_leaving_changes_nothing_about_a_person():
    person = replayed(STORY)
    assert advance(person, event(9, L), fact()) is person


@pytest.mark.parametrize(
    ("seconds", "interval"),
    [
        (10.0, "ART <= 10s?"),
        (10.001, "10s < ART <= 20s?"),
        (20.0, "10s < ART <= 20s?"),
        (30.0, "20s < ART <= 30s?"),
        (40.0, "30s < ART <= 40s?"),
        (50.0, "40s < ART <= 50s?"),
        (60.0, "50s < ART <= 60s?"),
        (60.001, "60s < ART?"),
    ],
)
def test_the_ends_of_the_intervals_of_response_times(seconds, interval):
    person = advance(Person(), event(1, R, seconds), fact())
    holds = [name for name in COLUMN if name.startswith("user: ") and told(person, name)]
    assert holds == [f"user: {interval}"]
    task = offer(fact(seconds=seconds))
    holds = [name for name in COLUMN if name.startswith("question: ") and told(person, name, task=task)]
    assert holds == [f"question: {interval}"]
    assert told(person, "log(question ART)", task=task) == pytest.approx(math.log(seconds))


def test_unknown_times_are_in_no_interval():
    person, task = advance(Person(), event(1, R, math.nan), fact()), offer(fact(seconds=np.nan))
    values = features(person, task)[0]
    assert not any(values[place] for name, place in COLUMN.items() if "ART" in name)
    quick = advance(Person(), event(1, R, 0.0), fact())
    assert told(quick, "log(user ART)") == pytest.approx(math.log(1e-3))


@pytest.mark.parametrize("remaining", [0, 1, 3, 10, 11])
def test_how_many_are_left(remaining):
    holds = [k for k in range(1, 11) if told(Person(), f"{k} more ques?", remaining)]
    assert holds == ([remaining] if 1 <= remaining <= 10 else [])


def test_what_the_previous_task_was():
    person = replayed([(event(7, R, 5.0, 3, 4, 9), fact(difficulty=0.7, popularity=1.5, hard=True, avoided=True))])
    expected = {
        "prev. question difficulty": 0.7,
        "prev. difficulty > avg. difficulty?": 1,
        "log(prev. popularity)": 1.5,
        "prev. popularity > avg. popularity?": 1,
        "prev. correct?": 1,
        "prev. skipped?": 0,
    }
    assert {name: told(person, name) for name in expected} == expected
    near = offer(fact(popularity=1.6, hard=True, avoided=False), 3, 4, 9)
    crossed = {
        "prev. & curr. same category & prev. correct?": 1,
        "prev. & curr. same subcategory & prev. correct?": 1,
        "prev. & curr. same category?": 1,
        "prev. & curr. same subcategory?": 1,
        "prev. & curr. same mid?": 1,
        "curr. popularity > prev. popularity?": 1,
        "curr. & prev. popularity > avg. popularity?": 1,
        "curr. & prev. difficulty > avg. difficulty?": 1,
        "curr. & prev. % skipped > avg. % skipped?": 0,
        "ART > user ART?": 1,
    }
    assert {name: told(person, name, task=near) for name in crossed} == crossed
    far = offer(fact(popularity=1.5, popular=False, seconds=5.0), 2, 3, 8)
    assert not any(told(person, name, task=far) for name in crossed)
    skipped = replayed([(event(7, S, 5.0, 3, 4, 9), fact())])
    assert told(skipped, "prev. skipped?") == 1
    assert told(skipped, "prev. & curr. same category & prev. correct?", task=near) == 0
    assert told(Person(), "curr. popularity > prev. popularity?", task=near) == 0


def test_the_question_s_own():
    task = offer(fact(0.3, 0.65, 0.05, 2.5, 12.0, True, False, True))
    expected = {
        "difficulty": 0.3,
        "% correct answers (all users)": 0.65,
        "% skipped (all users)": 0.05,
        "log(popularity)": 2.5,
        "difficulty > avg. difficulty?": 1,
        "popularity > avg. popularity?": 0,
        "% skipped > avg. % skipped?": 1,
    }
    assert {name: told(Person(), name, task=task) for name in expected} == expected


def test_a_story_goes_on_where_it_was_left():
    assert replayed(STORY[1:], replayed(STORY[:1])) == replayed(STORY)
    assert replayed([]) == Person()


def test_only_another_task_s_facts_are_taken():
    two = Facts(*(np.array([one, 2 * one]) for one in (0.1, 0.2, 0.3, 0.4, 5.0)), *(np.array([True, False]),) * 3)
    second = two[np.array([False, True])]
    values = [getattr(second, name).tolist() for name in Facts.__slots__]
    assert values == [[0.2], [0.4], [0.6], [0.8], [10.0], [False], [False], [False]]
