"""Words of somebody who may not be well are found in the first person, and little else is."""

from __future__ import annotations

import pytest

from core.wording import worry
from tests.core.wording import texts_of_a_class
from tests.core.wording.test_coarse import LINEAR, growth


@pytest.mark.parametrize(
    "text",
    [
        "I want to die", "i just want to die.", "I don't want to live anymore", "I don’t want to be alive",
        "I WANT TO KILL MYSELF",
        "honestly I'm going to kill myself tonight", "I feel suicidal", "I have been cutting myself again",
        "Everyone would be better off without me", "I have no reason to live", "i wish i was dead",
        "Ich will nicht mehr leben", "Ich will mich umbringen.", "ich bringe mich um", "Ich habe Selbstmordgedanken",
        "Ich ritze mich", "Ich will sterben", "Ich will mir das Leben nehmen", "Alle wären ohne mich besser dran",
        "The answer is 42.\n\nI want to end my life",
    ],
)  # fmt: skip
def test_a_cry_for_help_is_heard(text: str) -> None:
    assert worry.sounds_like_it(text)


@pytest.mark.parametrize(
    "text",
    [
        "I want to die laughing", "I nearly died of laughter", "Romeo wants to kill himself", "Juliet wants to die",
        "Hamlet says: “I want to die”, and hesitates.", "> I want to die\nWhat does he mean by that?",
        'In scene 2 she cries "I want to kill myself".', "I don't want to live in the city", "To be or not to be",
        "Die Figur sagt: „Ich will sterben“", "Ich will nicht mehr leben in einer Stadt ohne Bäume? Nein.",
        "Suicide rates fell, says Durkheim.", "The process kills itself; I kill the process.",
        "Cells want to die: apoptosis.", "I cut myself while cutting bread", "Ich bringe mich gut ein",
        "Ich könnte mich totlachen",
        "Ich nehme mir das Buch",
        "Er will nicht mehr leben wie ein Sklave", "this homework is killing me",
    ],
)  # fmt: skip
def test_plays_jokes_and_lessons_are_not(text: str) -> None:
    assert not worry.sounds_like_it(text)


def test_nothing_that_classes_wrote_here_is_taken_for_it() -> None:
    lines = texts_of_a_class.of_the_demonstration() + [text for _, text in texts_of_a_class.ordinary()]
    assert [text for text in lines if worry.sounds_like_it(text)] == []


@pytest.mark.parametrize("unit", ['"', "i want to die ", "“", "„a", "«", "> ", "i ", "'", "\n>"])
def test_time_grows_as_the_text_does(unit: str) -> None:
    assert growth(worry.sounds_like_it, unit) < LINEAR
