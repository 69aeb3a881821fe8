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


@pytest.mark.parametrize(
    "text",
    [
        "Je veux mourir.", "J’ai envie de mourir", "j'ai plus envie de vivre...", "Je voudrais être morte",
        "je voudrais etre morte", "JE N'AI PLUS ENVIE DE VIVRE", "Vous seriez mieux sans moi", "Je pense à me suicider",
        "Ya no quiero vivir", "quiero morir", "Ojalá estuviera muerta", "Ojala estuviera muerta",
        "Todos estarían mejor sin mí", "todos estarian mejor sin mi", "pienso en suicidarme", "No quiero vivir más",
        "Vorrei morire", "non voglio piu vivere", "Non ho più voglia di vivere.", "starebbero meglio senza di me",
        "voglio farla finita con la vita",
        "Quero morrer", "Não quero mais viver", "nao quero mais viver", "quero matar-me",
        "Eles estariam melhor sem mim",
        "Ik wil dood.", "ik wil niet meer leven", "Ik heb suïcidale gedachten", "ik heb suicidale gedachten",
        "Ze zijn beter af zonder mij",
        "Chcę umrzeć", "NIE CHCĘ JUŻ ŻYĆ", "Chciałabym umrzeć", "chcialabym umrzec", "Mam myśli samobójcze",
        "Nie chce mi się żyć",
        "Ölmek istiyorum", "olmek istiyorum", "ARTIK YAŞAMAK İSTEMİYORUM", "artik yasamak istemiyorum",
        "İntihar etmek istiyorum", "Keşke ölsem", "ich moechte sterben", "ich mochte sterben",
        "Je veux mourir de rire, non: je veux mourir.",
    ],
)  # fmt: skip
def test_in_other_languages_too_with_and_without_accents(text: str) -> None:
    assert worry.sounds_like_it(text)


@pytest.mark.parametrize(
    "text",
    [
        "Je veux mourir de rire", "J'ai envie de mourir de honte", "Je ne veux plus vivre dans cette ville",
        "Roméo veut mourir et Juliette se tue.", "Elle dit : « Je veux mourir » et s'en va.", "On se tue à la tâche",
        "L'équipe joue mieux sans moi", "Madame Bovary n'a plus envie de vivre.",
        "Quiero morirme de risa", "Me quiero morir de la vergüenza", "Ya no quiero vivir con mis padres",
        "Don Quijote quiere morir cuerdo.", "Quiero vivir más cerca", "Ya no quiero vivir en Madrid",
        "El suicidio según Durkheim", "Quiero matar el tiempo",
        "Voglio morire dal ridere", "Vorrei morire di vergogna", "Werther vuole morire",
        "Non voglio più vivere in centro",
        "Giulietta dice: «Voglio morire».", "Voglio farla finita con questi esercizi",
        "Quero morrer de rir", "Não quero mais viver na cidade", "Inês não quer morrer", "Quero matar a sede",
        "Ik wil dood hout opruimen", "Ik wil niet meer leven zonder internet", "Ik snijd mezelf een stuk taart af",
        "Ik lag dubbel", "De held wil dood",
        "Romeo chce umrzeć", "Ona nie chce żyć", "On się zabije", "zabije się", "Zabiję się o ten próg",
        "Chciałbym umrzeć ze śmiechu", "Nie chcę żyć w mieście", "Werter: „Chcę umrzeć”",
        "Büyük şehirde yaşamak istemiyorum", "Gülmekten ölmek istiyorum", "Utançtan ölmek istiyorum",
        "Romeo ölmek istiyor", "Hücreler ölmek ister mi?", "Takım bensiz daha iyi oynadı",
        "Tıraş olurken hep kendimi kesiyorum",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_in_other_languages(text: str) -> None:
    assert not worry.sounds_like_it(text)


def test_nothing_that_classes_wrote_here_is_taken_for_it() -> None:
    lines = texts_of_a_class.of_the_demonstration() + [text for _, text in texts_of_a_class.ordinary()]
    assert [text for text in lines if worry.sounds_like_it(text)] == []


@pytest.mark.parametrize(
    "unit", ['"', "i want to die ", "“", "„a", "«", "> ", "i ", "'", "\n>", "chcę umrzeć ze ", "ölmek istiyorum "]
)
def test_time_grows_as_the_text_does(unit: str) -> None:
    assert growth(worry.sounds_like_it, unit) < LINEAR
