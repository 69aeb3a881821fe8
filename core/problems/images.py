"""Pictures, made harmless: decoded by content and written anew, so that no metadata, no hidden payload and no bomb
gets through.

Accepted are PNG, JPEG, GIF (its first frame) and WebP; what comes out is PNG, or JPEG for photographs. SVG is
refused: it is a document that can hold scripts.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image as Pillow
from PIL import ImageOps

from core.problems.reports import DEFAULT_LIMITS
from core.words import N_, Sentence

LONGEST_SIDE = 1600  # pixels
SMALL_SIDE = 480
LARGEST_PNG = 2_000_000  # bytes; a larger picture without transparency is a photograph and becomes a JPEG
JPEG_QUALITY = 85
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")

# What Pillow's decoders raise for damaged data, besides their own DecompressionBombError (found by fuzzing).
_DAMAGED = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error)

# JPEG markers that an image needs, and no more: JFIF header, tables, frame, scan (ITU-T T.81, table B.1).
_NEEDED_MARKERS = frozenset({0xE0, 0xDB, 0xC4, 0xDD, 0xC0, 0xC1, 0xC2})
_JFIF, _JFIF_LENGTH, _START_OF_SCAN = 0xE0, 16, 0xDA
_EXTRAS = tuple(b"\xff" + bytes([marker]) for marker in range(0xE0, 0xFF))  # application data and comments


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A picture that may be stored and sent: `mime` is image/png or image/jpeg, the sides are in pixels."""

    mime: str
    width: int
    height: int
    data: bytes


class BadImage(ValueError):
    """A file that is no picture we take; the sentence says why, beginning with its name."""

    def __init__(self, message: str, **values: object) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


def pixels(data: bytes, *, name: str = "picture") -> int:
    """How many pixels the picture says it has, read from its header only; raises BadImage."""
    with _opened(data, name) as picture:
        return int(picture.width * picture.height)


def clean_image(data: bytes, *, name: str = "picture", most_pixels: int = DEFAULT_LIMITS.picture_pixels) -> CleanImage:
    """The picture in `data`, upright, at most 1600 pixels a side, without metadata; raises BadImage, calling it `name`.

    A picture that is clean already comes back as it is, so what was exported reads back as the same bytes.
    """
    with _opened(data, name) as picture:
        if picture.width * picture.height > most_pixels:
            message = N_("{name}: {width} x {height} pixels are too many. Make the picture smaller and try again.")
            raise BadImage(message, name=name, width=picture.width, height=picture.height)
        if picture.format == "JPEG":
            picture.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))  # decode at a half, a quarter ... where enough
        try:
            picture.load()
        except _DAMAGED as error:
            raise BadImage(N_("{name}: the picture is damaged. Save it again as PNG or JPEG."), name=name) from error
        small = max(picture.size) <= LONGEST_SIDE
        if picture.format == "JPEG" and small and picture.mode in {"RGB", "L"} and _bare_jpeg(data):
            return CleanImage("image/jpeg", picture.width, picture.height, data)
        plain = _plain(_upright(picture))
        plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Pillow.Resampling.LANCZOS)
        photograph = picture.format == "JPEG"
    return _written(plain, photograph=photograph)


def thumbnail(picture: CleanImage, longest: int = SMALL_SIDE) -> CleanImage:
    """The same picture with at most `longest` pixels a side, for a page of many; one that is small already stays."""
    if max(picture.width, picture.height) <= longest:
        return picture
    with Pillow.open(io.BytesIO(picture.data), formats=("PNG", "JPEG")) as opened:
        opened.draft("RGB", (2 * longest, 2 * longest))
        plain = _plain(opened)
        plain.thumbnail((longest, longest), Pillow.Resampling.LANCZOS)
    return _written(plain, photograph=plain.mode != "RGBA")


def _opened(data: bytes, name: str) -> Pillow.Image:
    if b"<svg" in data[:1000].lower():
        raise BadImage(N_("{name}: SVG is not taken, for it can hold scripts. Save the picture as PNG."), name=name)
    try:
        return Pillow.open(io.BytesIO(data), formats=FORMATS)
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise BadImage(N_("{name}: too many pixels. Make the picture smaller and try again."), name=name) from error
    except _DAMAGED as error:
        message = N_("{name}: this is no PNG, JPEG, GIF or WebP picture. Save it as PNG or JPEG.")
        raise BadImage(message, name=name) from error


def _upright(picture: Pillow.Image) -> Pillow.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except _DAMAGED:  # damaged EXIF data, which is dropped anyway: the pixels are good
        return picture


def _plain(picture: Pillow.Image) -> Pillow.Image:
    """The picture in one of the modes RGBA, RGB and L."""
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode.startswith("I"):  # 16 bits of grey: 65535 is white, which convert would clip to 255
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    return picture.convert("L" if picture.mode in {"1", "L"} else "RGB")


def _written(picture: Pillow.Image, *, photograph: bool) -> CleanImage:
    # A new image, pixels only: Pillow's savers also look at what `info` brought along.
    bare = Pillow.frombytes(picture.mode, picture.size, picture.tobytes())
    if not photograph:
        data = _encoded(bare, "PNG", optimize=True)
        if len(data) <= LARGEST_PNG or bare.mode == "RGBA":
            return CleanImage("image/png", bare.width, bare.height, data)
    return CleanImage("image/jpeg", bare.width, bare.height, _encoded(bare, "JPEG", quality=JPEG_QUALITY))


def _encoded(picture: Pillow.Image, form: str, **options: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def _bare_jpeg(data: bytes) -> bool:
    """Whether `data` is a JPEG of nothing but what its pixels need, with nothing behind its end."""
    if not data.startswith(b"\xff\xd8") or not data.endswith(b"\xff\xd9"):
        return False
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4])
        if marker == _START_OF_SCAN:
            scan = data[place + 2 + length : -2]
            # In pixel data 0xFF is followed by 0 or a restart marker; progressive scans have tables between them.
            return b"\xff\xd9" not in scan and not any(extra in scan for extra in _EXTRAS)
        if marker not in _NEEDED_MARKERS or (marker == _JFIF and length != _JFIF_LENGTH):
            return False
        place += 2 + length
    return False
