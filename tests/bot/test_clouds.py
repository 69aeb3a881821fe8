"""`bot.clouds`: the picture of a word cloud, and the same in words for whoever does not see it."""

from __future__ import annotations

import io

import pytest
from PIL import Image, features

from bot import clouds
from tests.bot import limits
from tests.bot.asked import FAMILY, HARD, say

WORLD = [("hope", 12), ("надежда", 7), ("ελπίδα", 6), ("naïve café", 3), ("հույս", 2), ("იმედი", 1)]
RIGHT_TO_LEFT = [("أمل كبير", 6), ("תקווה", 5)]


def ink(entries) -> tuple[Image.Image, int]:
    """The picture, and how many of its pixels are not paper."""
    image = Image.open(io.BytesIO(clouds.picture(entries, say).png))
    return image, sum(count for count, colour in image.getcolors(1 << 24) if colour != (255, 255, 255))


def test_entries_in_many_scripts_are_drawn() -> None:
    made = clouds.picture(WORLD, say)
    assert made.left_out == 0
    image, dark = ink(WORLD)
    assert image.format == "PNG"
    assert image.width == 640 * clouds.SCALE
    assert dark > ink(WORLD[:1])[1] > 0


@pytest.mark.skipif(not features.check("raqm"), reason="Pillow finds no FriBidi here")
def test_arabic_and_hebrew_are_drawn_where_their_letters_can_be_ordered() -> None:
    assert clouds.picture(RIGHT_TO_LEFT, say).left_out == 0


def test_without_fribidi_right_to_left_entries_are_listed_and_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clouds, "_orders", lambda: False)
    made = clouds.picture([*WORLD, *RIGHT_TO_LEFT], say)
    assert made.left_out == 2
    assert "תקווה" in made.alt
    assert clouds.picture(RIGHT_TO_LEFT, say) is None


@pytest.mark.parametrize("text", ["希望", "🙂", FAMILY, "हिन्दी", "hope 🙂"])
def test_signs_that_the_font_lacks_are_never_boxes(text: str) -> None:
    assert not clouds.can_draw(text)
    assert clouds.picture([(text, 3)], say) is None
    made = clouds.picture([("hope", 1), (text, 3)], say)
    assert made.left_out == 1
    assert text in made.alt


def test_the_words_say_what_the_picture_shows_the_most_frequent_first() -> None:
    said = clouds.alt([("fear", 1), ("hope", 2)], say).replace("\u2068", "").replace("\u2069", "")
    assert said == "Word cloud; how many said each: hope (2), fear (1)"


@pytest.mark.parametrize("text", HARD[1::3])
def test_any_entries_fit_into_a_picture_and_its_words(text: str) -> None:
    entries = [(f"{text[:60]}{place}", 1) for place in range(9)]
    made = clouds.picture(entries, say)
    assert limits.units(clouds.alt(entries, say)) <= 2_000
    assert made is None or len(made.png) < 500_000


def test_the_same_words_make_the_same_picture() -> None:
    assert clouds.picture(WORLD, say) == clouds.picture(list(WORLD), say)
