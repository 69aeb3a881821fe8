"""Personal data is found by shape, checksum or the word beside it; sums, dates and code are not personal data."""

from __future__ import annotations

import random

import pytest

from core.wording import personal
from tests.core.wording import texts_of_a_class
from tests.core.wording.test_coarse import LINEAR, growth

SEEDED = {
    "email": [
        "write to anna.b@uni-x.example.de", "ANNA_99+x@mail.co", "anna (at) uni (dot) de", "anna[at]uni.org",
        "mailto:anna@school.edu?", "müller@schule.de",
    ],
    "phone": [
        "+49 151 23456789", "0151/23456789", "(555) 234-5678", "call 555-234-5678 now", "06 12 34 56 78",
        "call me 2345678", "Tel.: 23 45 67", "my phone number is 0612345678", "+1 (212) 555-0187", "0044 20 7946 0958",
        "+33 6 12 34 56 78", "WhatsApp: 0612-345678", "电话 13912345678", "Telefon: 030 / 901820", "555.234.5678",
    ],
    "iban": [
        "DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "pay to NL91ABNA0417164300 please",
        "fr1420041010050500013m02606",
    ],
    "card": ["4111 1111 1111 1111", "5500005555555559", "3400-0000-0000-009"],
    "id": [
        "my student id is 1234567", "Matrikelnummer: 0456789", "Matr.-Nr. 12345678", "SSN 123-45-6789", "123-45-6789",
        "RSSMRA85T10A562S", "12345678Z", "DNI: 12.345.678-Z", "学号：20231234", "رقم الطالب 20231234",
        "Passport number: L8988901", "numéro étudiant 20231234",
    ],
    "profile": [
        "instagram.com/anna.b", "https://t.me/annab", "wa.me/491512345678", "insta: @anna_b", "snap: anna12",
        "discord: anna#1234", "https://www.linkedin.com/in/anna-b", "tiktok.com/@anna", "my ig is: anna.b",
        "follow x.com/annab",
    ],
}  # fmt: skip
CASES = [(kind, text) for kind, lines in SEEDED.items() for text in lines]


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_seeded_data_is_found_as_what_it_is(kind: str, text: str) -> None:
    assert kind in {hit.kind for hit in personal.found(text)}


@pytest.mark.parametrize("text", texts_of_a_class.numbers())
def test_other_numbers_are_nobody_s(text: str) -> None:
    assert personal.found(text) == []


def test_what_classes_write_is_not_taken_for_it() -> None:
    """Of all texts of the demonstration, the question banks and the ordinary sentences, none."""
    lines = texts_of_a_class.of_the_demonstration() + texts_of_a_class.of_question_banks()
    lines += [text for _, text in texts_of_a_class.ordinary()]
    assert len(lines) > 900
    assert {text: personal.found(text) for text in lines if personal.found(text)} == {}


def test_of_random_arithmetic_hardly_any_line_is_taken_for_it() -> None:
    """Of 4,000 lines of made-up sums, decimals, tables and dates at most 1 in 500."""
    rng = random.Random(11)

    def number() -> str:
        return rng.choice(
            [
                str(rng.randrange(10 ** rng.randrange(1, 9))),
                f"{rng.uniform(0, 1000):.{rng.randrange(1, 9)}f}",
                f"{rng.randrange(1, 29):02}.{rng.randrange(1, 13):02}.{rng.randrange(1900, 2030)}",
                f"{rng.randrange(10**6):,}",
                f"{rng.randrange(24):02}:{rng.randrange(60):02}",
            ]
        )

    lines = [
        "".join(f"{number()}{rng.choice([' + ', ' - ', ' · ', '/', ', ', ' = ', '^', ' '])}" for _ in range(4))
        for _ in range(4000)
    ]
    wrong = [line for line in lines if personal.found(line)]
    assert len(wrong) <= 8, wrong


def test_places_are_told_and_none_overlap() -> None:
    text = "Anna: anna@uni.de, +49 151 23456789, DE89 3704 0044 0532 0130 00."
    hits = personal.found(text)
    assert [(hit.kind, text[hit.start : hit.end]) for hit in hits] == [
        ("email", "anna@uni.de"),
        ("phone", "+49 151 23456789"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
    ]
    assert {hit.kind for hit in hits} <= set(personal.KINDS)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("DE89 3704 0044 0532 0130 01", "iban"),  # its check digits do not agree
        ("DE89 3704 0044 0532 0130", "iban"),  # too short for Germany
        ("4111 1111 1111 1112", "card"),
        ("9111 1111 1111 1111", "card"),  # nobody issues these
        ("12345678A", "id"),  # the letter does not belong to the number
        ("000-45-6789", "id"),
        ("anna@localhost", "email"),
        ("W@x.T", "email"),
    ],
)
def test_checks_are_made(text: str, wrong: str) -> None:
    assert wrong not in {hit.kind for hit in personal.found(text)}


@pytest.mark.parametrize(
    "unit",
    [
        "1", "1 ", "@", "a@", "a.a@a.a.", "(", "+1(", "student id ", "DE89 ", "insta ", "tel ", "a-", "tel 1 ",
        "x.com/", "a.", "1-", "AB12", "12.345.678", "(dot)", "@a (dot) ", "999-99-", "_", "RSSMRA85T10A562",
        "insta:", "é@é.",
        "4111 ",
    ],
)  # fmt: skip
def test_time_grows_as_the_text_does(unit: str) -> None:
    assert growth(personal.found, unit) < LINEAR
