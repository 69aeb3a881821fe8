"""Pictures come out harmless: no metadata, no payload, no bomb, no SVG; and clean ones come out as they are."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import PngImagePlugin

from core.problems.images import LONGEST_SIDE, BadImage, CleanImage, clean_image, pixels
from core.words import Sentence


def noise(mode: str, width: int = 40, height: int = 30) -> Pillow.Image:
    values = np.random.default_rng(7).integers(0, 255, (height, width, 4), dtype=np.uint8)
    return Pillow.fromarray(values, "RGBA").convert(mode)


def saved(picture: Pillow.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def opened(data: bytes) -> Pillow.Image:
    return Pillow.open(io.BytesIO(data))


KINDS = [
    ("RGB", "PNG", "image/png"),
    ("RGBA", "PNG", "image/png"),
    ("L", "PNG", "image/png"),
    ("1", "PNG", "image/png"),
    ("P", "PNG", "image/png"),
    ("LA", "PNG", "image/png"),
    ("RGB", "JPEG", "image/jpeg"),
    ("L", "JPEG", "image/jpeg"),
    ("CMYK", "JPEG", "image/jpeg"),
    ("P", "GIF", "image/png"),
    ("RGB", "WEBP", "image/png"),
    ("RGBA", "WEBP", "image/png"),
]


@pytest.mark.parametrize(("mode", "form", "mime"), KINDS)
def test_each_kind_of_picture_comes_out_as_png_or_jpeg_and_stays_so(mode: str, form: str, mime: str) -> None:
    clean = clean_image(saved(noise(mode), form))
    assert (clean.mime, clean.width, clean.height) == (mime, 40, 30)
    assert opened(clean.data).size == (40, 30)
    assert clean_image(clean.data) == clean


def test_lossless_pictures_keep_every_pixel() -> None:
    for mode in ("RGB", "RGBA", "L"):
        picture = noise(mode)
        assert opened(clean_image(saved(picture, "PNG")).data).tobytes() == picture.tobytes()


def test_16_bits_of_grey_become_8() -> None:
    values = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16)
    clean = opened(clean_image(saved(Pillow.fromarray(values), "PNG")).data)
    assert np.abs(np.asarray(clean).astype(int) - np.arange(256).reshape(16, 16)).max() <= 1


def test_the_first_frame_of_a_film_is_taken() -> None:
    red, blue = Pillow.new("RGB", (4, 4), "red"), Pillow.new("RGB", (4, 4), "blue")
    film = saved(red, "GIF", save_all=True, append_images=[blue])
    assert opened(clean_image(film).data).convert("RGB").getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_metadata_is_gone_and_the_picture_upright(form: str) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010E] = "taken by a secret person"
    clean = clean_image(saved(noise("RGB"), form, exif=exif))
    assert (clean.width, clean.height) == (30, 40)
    assert b"secret" not in clean.data
    assert dict(opened(clean.data).getexif()) == {}


def test_texts_in_a_png_and_data_behind_its_end_are_gone() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "secret words")
    assert b"secret" not in clean_image(saved(noise("RGB"), "PNG", pnginfo=info) + b"secret").data


@pytest.mark.parametrize("extra", [b"<script>secret</script>", b"\xff\xd9", b"PK\x03\x04secret\xff\xd9"])
def test_what_hides_behind_or_in_a_jpeg_is_gone(extra: bytes) -> None:
    plain = saved(noise("RGB"), "JPEG")
    comment = b"\xff\xfe" + (len(extra) + 2).to_bytes(2) + extra
    for data in (plain + extra, plain[:2] + comment + plain[2:], plain[:-2] + comment + plain[-2:]):
        clean = clean_image(data)
        assert extra not in clean.data or extra == b"\xff\xd9"
        assert clean.data.count(b"\xff\xd9") == 1
        assert clean_image(clean.data) == clean


def test_a_large_picture_is_made_smaller() -> None:
    clean = clean_image(saved(Pillow.new("RGB", (4000, 1000), "white"), "JPEG"))
    assert (clean.width, clean.height) == (LONGEST_SIDE, 400)


def test_a_large_picture_without_transparency_becomes_a_jpeg() -> None:
    clean = clean_image(saved(noise("RGB", 1000, 900), "PNG"))
    assert clean.mime == "image/jpeg"
    assert clean_image(saved(noise("RGBA", 1000, 900), "PNG")).mime == "image/png"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG is not taken"),
        (b"<?xml version='1.0'?>\n<!-- x -->\n<SVG onload='x'/>", "SVG is not taken"),
        (b"", "no PNG, JPEG, GIF or WebP"),
        (b"hi", "no PNG, JPEG, GIF or WebP"),
        (b"<?php echo 1;", "no PNG, JPEG, GIF or WebP"),
        (b"%PDF-1.7", "no PNG, JPEG, GIF or WebP"),
        (saved(noise("RGB"), "BMP"), "no PNG, JPEG, GIF or WebP"),
        (saved(noise("RGB"), "TIFF"), "no PNG, JPEG, GIF or WebP"),
        (saved(noise("RGB"), "PNG")[:-100], "damaged"),
        (saved(noise("RGB"), "JPEG")[:700], "damaged"),
    ],
)
def test_what_is_no_picture_is_refused_by_its_content(data: bytes, says: str) -> None:
    with pytest.raises(BadImage) as caught:
        clean_image(data, name="a.png")
    assert says in str(caught.value.sentence)
    assert str(caught.value.sentence).startswith("a.png: ")


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    small = saved(Pillow.new("1", (3000, 3000)), "PNG")
    assert len(small) < 5000
    assert pixels(small) == 9_000_000
    with pytest.raises(BadImage, match="3000 x 3000 pixels are too many"):
        clean_image(small, most_pixels=8_999_999)
    header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (60_000).to_bytes(4) * 2 + b"\x08\x02\x00\x00\x00\x9a\x22\x0f\x34"
    with pytest.raises(BadImage):
        clean_image(header)


def attempted(data: bytes) -> CleanImage | Sentence:
    try:
        return clean_image(data)
    except BadImage as refused:
        return refused.sentence


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of damaged EXIF data; the picture is judged all the same
def test_a_damaged_picture_is_cleaned_or_refused() -> None:
    dice = random.Random(3)
    exif = Pillow.Exif()
    exif[0x0112] = 6
    for form in ("PNG", "JPEG", "GIF", "WEBP"):
        whole = saved(noise("RGB"), form, **({} if form == "GIF" else {"exif": exif}))
        for _ in range(150):
            data = bytearray(whole)
            for _ in range(dice.choice((1, 3, 20))):
                data[dice.randrange(len(data))] = dice.randrange(256)
            clean = attempted(bytes(data[: dice.choice((len(data), dice.randrange(len(data))))]))
            assert str(clean) if isinstance(clean, Sentence) else clean_image(clean.data) == clean
