"""A word cloud as a picture for a channel, with alternative text that lists its words and how many said each.

The layout is `core.polling.cloud`'s, as in the course. Letters are DejaVu Sans's (Latin, Cyrillic, Greek, Arabic,
Hebrew, Armenian, Georgian; `fonts/LICENSE`). An entry with a sign that this font lacks, such as an emoji or Chinese, is
left out of the picture and stands in the list beside it; so is a right-to-left entry where Pillow finds no FriBidi to
order and join its letters.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from bot.blocks import LONGEST_LABEL, Say, clip, isolate, one_line
from core.polling import cloud
from core.words import N_

FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
SCALE = 2  # pixels of the picture for one of the layout: letters stay sharp on dense screens
MOST = 80  # entries that are drawn
SHADES = 48  # of five inks and their edges
PAPER = "#ffffff"
INKS = ("#0b5d8a", "#7a3e00", "#00664a", "#8a2c63", "#3d3d3d")  # each at least 4.5:1 on the paper
_UNKNOWN = "\uffff"  # no font has it: what is drawn for it is what is drawn for every sign that is missing


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, what it says in words, and how many entries it leaves out."""

    png: bytes
    alt: str
    left_out: int


def picture(entries: Sequence[tuple[str, int]], say: Say) -> Picture | None:
    """The cloud of (text, count), the most frequent first; None where nothing can be drawn."""
    drawn = [(one_line(text), count) for text, count in entries if can_draw(text)][:MOST]
    if not drawn:
        return None
    laid = cloud.layout(drawn)
    image = Image.new("RGB", (round(laid.width * SCALE), round(laid.height * SCALE)), PAPER)
    pen = ImageDraw.Draw(image)
    for rank, placed in enumerate(laid.placed):
        font = _font(round(placed.size * SCALE))
        for line, y in zip(placed.lines, placed.baselines(), strict=True):
            direction = None if not _orders() else "rtl" if placed.right_to_left else "ltr"
            at = (placed.x * SCALE, y * SCALE)
            pen.text(at, line, fill=INKS[rank % len(INKS)], font=font, anchor="ms", direction=direction)
    held = io.BytesIO()
    image.quantize(SHADES).save(held, "PNG", optimize=True)
    return Picture(held.getvalue(), alt(entries, say), len(entries) - len(drawn))


def alt(entries: Sequence[tuple[str, int]], say: Say) -> str:
    """The words of the cloud with their counts, the most frequent first, as many as an alternative text holds."""
    listed = ", ".join(
        say(N_("{word} ({count})"), word=isolate(text), count=count)
        for text, count in sorted(entries, key=lambda entry: -entry[1])
    )
    return clip(say(N_("Word cloud; how many said each: {words}"), words=listed), LONGEST_LABEL)


def can_draw(text: str) -> bool:
    """Whether the font has every sign of a text, and its letters can be put in order."""
    if cloud.is_right_to_left(text) and not _orders():
        return False
    return all(sign.isspace() or _has(sign) for sign in text)


@lru_cache(maxsize=1)
def _orders() -> bool:
    return bool(features.check("raqm"))


@lru_cache(maxsize=4096)
def _has(sign: str) -> bool:
    return _shape(sign) != _shape(_UNKNOWN)


def _shape(sign: str) -> tuple[bytes, tuple[int, int]]:
    mask = _plain_font().getmask(sign)
    return bytes(mask), mask.size


@lru_cache(maxsize=1)
def _plain_font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, 24, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)
