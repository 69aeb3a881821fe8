"""Pictures that a student brings to a gallery: polyglots, bombs and places that a camera wrote; what is taken comes out
as a picture and nothing else, and is never a page.
"""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from PIL import Image as Pillow

from core.store.tables import Contribution, Image, Item
from tests.abuse.spoiled import Spoiled
from tests.bad_input.test_uploads import NO_PICTURES, SCRIPT, picture
from tests.tool import Tool

DATABASES = ("sqlite",)
KEYS_KNOWN = True
HOW = "It shows authority, which is one of the ideas of our course: the white coat makes us believe the words."


def bring(at: Spoiled, token: str, data: bytes, name: str = "a.png") -> Any:
    form = {
        "title": "A poster", "text": HOW, "image_alt": "A poster", "terms": "CC0", "source": "a wall",
        "picture": (io.BytesIO(data), name),
    }  # fmt: skip
    return at.post(f"{at.home}/new/found", token, **form)


def with_place() -> bytes:
    """A JPEG whose EXIF says where and by what it was taken."""
    out = io.BytesIO()
    exif = Pillow.Exif()
    exif[0x010F] = "CAMERAMAKER"
    exif[0x8825] = {1: "N", 2: (52.0, 0.0, 36.0), 3: "E", 4: (4.0, 21.0, 32.0)}
    exif[0x9286] = "COMMENTWORDS"
    Pillow.new("RGB", (40, 30), (9, 9, 200)).save(out, "JPEG", exif=exif.tobytes(), comment=b"JPEGCOMMENT")
    return out.getvalue()


POLYGLOTS = {
    "png with a page behind it": picture() + b"<html>" + SCRIPT,
    "gif with javascript": b"GIF89a" + struct.pack("<HH", 10799, 10799) + b"=1;alert(1)",
    "jpeg with a page in a comment": with_place().replace(b"JPEGCOMMENT", b"<script>xxx"),
    "png with a text chunk": picture()[:-12] + b"\x00\x00\x00\x09tEXta\x00<script" + b"\x00" * 4 + picture()[-12:],
}


@pytest.mark.parametrize("what", sorted(NO_PICTURES))
def test_what_is_no_picture_is_refused_and_nothing_is_kept(tool: Tool, what: str) -> None:
    at = Spoiled(tool, "gallery", judgements="0")
    data, name = NO_PICTURES[what]
    answer = bring(at, at.join(), data, name)
    assert answer.status_code == 422, answer.text
    assert "<script" not in answer.text
    assert tool.count(Contribution, Item, Image) == 0


@pytest.mark.parametrize("what", sorted(POLYGLOTS))
def test_polyglots_are_refused_or_come_out_as_pictures_alone(tool: Tool, what: str) -> None:
    at = Spoiled(tool, "gallery", judgements="0")
    answer = bring(at, at.join(), POLYGLOTS[what])
    assert answer.status_code in {200, 422}
    for kept in tool.all(Image):
        assert b"script" not in kept.body
        assert b"alert" not in kept.body
        assert kept.mime in {"image/png", "image/jpeg"}
        Pillow.open(io.BytesIO(kept.body)).load()


def test_where_a_picture_was_taken_is_not_kept(tool: Tool) -> None:
    at = Spoiled(tool, "gallery", judgements="0")
    answer = bring(at, at.join(), with_place(), "holiday.jpg")
    assert answer.status_code == 200, answer.text
    assert tool.count(Image) >= 1
    for kept in tool.all(Image):
        opened = Pillow.open(io.BytesIO(kept.body))
        assert dict(opened.getexif()) == {}
        assert not {"exif", "comment", "icc_profile", "XML:com.adobe.xmp"} & set(opened.info)
        for word in (b"CAMERAMAKER", b"COMMENTWORDS", b"JPEGCOMMENT", b"holiday"):
            assert word not in kept.body


def test_pictures_are_sent_as_pictures_and_never_as_a_page(tool: Tool) -> None:
    at = Spoiled(tool, "gallery", judgements="0")
    owner, reader = at.join(), at.join()
    bring(at, owner, with_place())
    for kept in tool.all(Image):
        sent = at.get(f"/p/p1/images/{kept.id}", reader)
        assert sent.status_code == 200
        assert sent.mimetype == kept.mime
        assert sent.headers["X-Content-Type-Options"] == "nosniff"
        assert "script-src 'self'" in sent.headers["Content-Security-Policy"]
        assert sent.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert tool.get(f"/p/p1/images/{kept.id}", None).status_code in {200, 401}
        assert b"JFIF" not in tool.get(f"/p/p1/images/{kept.id}", None).data
