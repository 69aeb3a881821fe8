"""Numbers as each language writes them, held against Unicode's CLDR as Babel has it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel import Locale, localedata
from babel.numbers import format_decimal

from core import languages
from core.words import Amount, Sentence, percent

LANGUAGES = sorted(name for name in localedata.locale_identifiers() if len(name) == 2)


def test_every_language_has_its_decimal_mark() -> None:
    assert len(LANGUAGES) > 150
    marks = {name: Locale.parse(name).number_symbols["latn"]["decimal"] for name in LANGUAGES}
    assert {name for name in LANGUAGES if languages.has_comma(name)} == {name for name in marks if marks[name] == ","}


@pytest.mark.parametrize("value", [0.0, 3.0, 2.5, 0.125, -1.5, 999.9999, 12.34567])
@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pt", "he", "ja", "tr"])
def test_a_number_by_itself_is_written_as_babel_does(language: str, value: float) -> None:
    expected = format_decimal(value, "0.####", locale=language)
    assert languages.number(Amount(value), language) == expected


@pytest.mark.parametrize(
    ("sentence", "english", "german"),
    [
        (Sentence("{n} and {m}", {"n": 1.5, "m": Decimal("0.25")}), "1.5 and 0.25", "1,5 and 0,25"),
        (Sentence("{n:.2f} of {m}", {"n": 1.5, "m": 3}), "1.50 of 3", "1,50 of 3"),
        (Sentence("{n} in v1.2", {"n": Amount(3.25, 1)}), "3.2 in v1.2", "3,2 in v1.2"),
        (Sentence("{text}: {n}", {"text": "v1.2", "n": Amount(3.0, 1, 1)}), "v1.2: 3.0", "v1.2: 3,0"),
        (Sentence("({share})", {"share": percent(0.125, 1)}), "(12.5 %)", "(12,5 %)"),
        (Sentence("{count}", {"count": 12345}), "12345", "12345"),
    ],
)
def test_numbers_in_a_sentence_are_written_as_its_language_does(sentence: Sentence, english: str, german: str) -> None:
    assert str(sentence) == languages.say(sentence, "en") == english
    assert languages.say(sentence, "de").replace("\u00a0", " ") == german
