"""Files that are not what they say: pictures with scripts, bombs, halves of pictures; question banks that attack their
reader. What is taken is clean; what is refused leaves nothing behind.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from core.activities.refusals import Refusal
from core.problems.kinds import Image as Picture
from core.store.tables import Image, Problem
from lti_tool import problem_form
from lti_tool.problem_form import Upload
from tests.bad_input.lesson import Lesson, is_told

KEYS_KNOWN = True
DATABASES = ("sqlite",)
BANKS = Path(__file__).parents[1] / "fixtures" / "question_banks"
SCRIPT = b"<script>alert(document.domain)</script>"


def picture(form: str = "PNG", size: tuple[int, int] = (8, 6)) -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", size, (200, 30, 30)).save(out, form)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of 60,000 x 60,000 pixels in some kilobytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 7_501 * 200)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../etc/evil.gift", "x" * 1_000_000)
    return out.getvalue()


NO_PICTURES = {
    "words": (b"this is no picture", "a.png"),
    "a page": (b"<!doctype html>" + SCRIPT, "a.png"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>", "a.svg"),
    "svg that says png": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "a.png"),
    "half a png": (picture()[:40], "a.png"),
    "no end": (picture("JPEG")[: len(picture("JPEG")) // 2], "a.jpg"),
    "a bomb": (bomb(), "a.png"),
    "pdf": (b"%PDF-1.7\n" + SCRIPT, "a.png"),
    "bmp": (picture("BMP"), "a.bmp"),
    "tiff": (picture("TIFF"), "a.tif"),
    "a program": (b"\x7fELF" + b"\x00" * 500, "a.png"),
    "an archive": (zipped(), "a.png"),
    "signs only": (b"\x89PNG\r\n\x1a\n", "a.png"),
    "gif head": (b"GIF89a", "a.gif"),
}


def upload(lesson: Lesson, *files: tuple[bytes, str], problem: int | None = None) -> Any:
    form = {"text": "What is it? ![it](a.png)", "picture": [(io.BytesIO(data), name) for data, name in files]}
    path = f"/teach/{{a}}/problems/{problem or lesson.prose}/edit"
    return lesson.send("POST", path, lesson.teacher, form, content_type="multipart/form-data")


def test_what_is_no_picture(lesson: Lesson) -> None:
    before = lesson.rows()
    for what, file in NO_PICTURES.items():
        is_told(upload(lesson, file), what)
        is_told(upload(lesson, (picture(), "good.png"), file), what)
    assert lesson.rows() == before


def test_pictures_that_carry_more_than_a_picture(lesson: Lesson) -> None:
    """They are taken without it, named plainly, and sent as what they are."""
    hidden = {
        "behind a png": (picture() + SCRIPT, "../../etc/passwd\x00.png"),
        "behind a gif": (picture("GIF") + SCRIPT, "a.html"),
        "a gif that is javascript": (b"GIF89a/*" + picture("GIF")[8:] + b"*/=1;alert(1)", "a.js"),
        "behind a jpeg": (picture("JPEG") + SCRIPT, "a\r\nX-Evil: 1.jpg"),
        "archive behind a png": (picture() + zipped(), "CON.png"),
    }
    for what, file in hidden.items():
        response = upload(lesson, file)
        if response.status_code != 200:
            is_told(response, what)
            continue
    for row in lesson.tool.all(Image):
        assert row.mime in {"image/png", "image/jpeg"}
        assert b"alert" not in row.body
        assert b"PK\x03\x04" not in row.body
        shown = lesson.get(f"/images/{row.id}", lesson.teacher)
        assert shown.status_code == 200
        assert shown.headers["Content-Type"] == row.mime
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    page = lesson.get(f"/teach/{{a}}/problems/{lesson.prose}/edit", lesson.teacher).text
    assert "passwd" in page
    assert ".." not in page.partition("Uploaded:")[2][:300]
    assert lesson.tool.count(Image) >= 2


def test_an_empty_upload_is_no_upload(lesson: Lesson) -> None:
    assert upload(lesson, (b"", "a.png"), (b"", "")).status_code == 200
    assert lesson.tool.count(Image) == 0


def test_pictures_that_are_too_many_pixels_together() -> None:
    large = picture(size=(1_000, 1_000))
    assert len(problem_form.pictures([Upload("a.png", large), Upload("b.png", large)])) == 2
    with pytest.raises(Refusal, match="too large together"):
        problem_form.pictures([Upload("a.png", large), Upload("b.png", large)], most_pixels=1_500_000)


def test_of_two_uploads_with_one_name_one_is_kept() -> None:
    found = problem_form.pictures([Upload("a/x.png", picture()), Upload("b\\x.png", picture(size=(3, 3)))])
    assert [(type(one), one.name, one.width) for one in found] == [(Picture, "x.png", 3)]


def test_a_request_that_is_too_large_is_not_read(lesson: Lesson) -> None:
    before = lesson.rows()
    for path in (f"problems/{lesson.prose}/edit", "problems/new/free_text", "bank/import"):
        sent = body("picture", b"\x00" * 9_000_000, "a.png")
        response = lesson.send("POST", f"/teach/{{a}}/{path}", lesson.teacher, **sent)
        assert response.status_code == 413
        is_told(response)
    assert lesson.rows() == before


def body(field: str, data: bytes, name: str) -> dict[str, Any]:
    """A multipart body with one file (werkzeug's own encoder leaves its temporary file open)."""
    head = f'--x\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return {"form": head.encode() + data + b"\r\n--x--\r\n", "content_type": "multipart/form-data; boundary=x"}


def send_bank(lesson: Lesson, data: bytes, name: str) -> Any:
    return lesson.send("POST", "/teach/{a}/bank/import", lesson.teacher, **body("file", data, name))


XML = b'<?xml version="1.0"?>'
HOSTILE = {
    "billion laughs": XML
    + b'<!DOCTYPE q [<!ENTITY a "ha"><!ENTITY b "'
    + b"&a;" * 50
    + b'"><!ENTITY c "'
    + b"&b;" * 50
    + b'">]><quiz>&c;</quiz>',
    "local file": XML + b'<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz><question>&x;</question></quiz>',
    "remote file": XML + b'<!DOCTYPE q SYSTEM "http://127.0.0.1:1/x.dtd"><quiz/>',
    "deep": XML + b"<quiz>" + b"<a>" * 100_000,
    "attributes": XML + b"<quiz " + b" ".join(b'a%d="x"' % n for n in range(50_000)) + b"/>",
    "utf-7": b'<?xml version="1.0" encoding="utf-7"?><quiz>+ADw-script+AD4-</quiz>',
    "unknown encoding": b'<?xml version="1.0" encoding="x-evil"?><quiz/>',
    "utf-16 half": b"\xff\xfe<\x00q\x00\x00\xd8",
    "an archive": zipped(),
    "gzip": gzip.compress(XML + b"<quiz/>"),
    "nothing but signs": b"\x00" * 1_000,
    "empty quiz": XML + b"<quiz></quiz>",
    "a page": b"<html>" + SCRIPT,
    "brackets": b"::a::{" * 20_000,
    "escapes": b"\\" * 200_000,
    "one line": b"x" * 3_000_000,
    "csv of commas": b"kind,name,text\n" + b"," * 2_000_000,
    "csv of quotes": b'kind,name,text\n"' + b'""' * 200_000,
    "percentages": b"Q {" + b"~%1e400%a " * 5_000 + b"}",
    "numbers": b"Q {#" + b"9" * 100_000 + b":1e999}",
}


def test_question_banks_that_attack_their_reader(lesson: Lesson) -> None:
    files = {name: (data, name) for name, data in HOSTILE.items()}
    for path in sorted((BANKS / "broken").iterdir()):
        data = path.read_bytes()
        files[path.name] = (gzip.decompress(data), path.stem) if path.suffix == ".gz" else (data, path.name)
    for what, (data, name) in files.items():
        before = lesson.rows()
        response = send_bank(lesson, data, name)
        if response.status_code == 200:  # a report, question by question
            assert 'id="report"' in response.text, what
            assert "root:" not in response.text
            assert "<script" not in response.text
            if "nothing was imported" in response.text:
                assert lesson.rows() == before, what
        else:
            is_told(response, what)
            assert lesson.rows() == before, what
    assert lesson.get("/teach/{a}/bank", lesson.teacher).status_code == 200


def test_imports_without_a_file(lesson: Lesson) -> None:
    before = lesson.rows()
    for file in (None, "not a file", (b"", ""), (b"", "a.gift")):
        for path in ("/teach/{a}/bank/import", "/teach/new/import", "/teach/pick/import"):
            form = {"file": (io.BytesIO(file[0]), file[1])} if isinstance(file, tuple) else {"file": file or ""}
            is_told(lesson.send("POST", path, lesson.teacher, form, content_type="multipart/form-data"), path, file)
    assert lesson.rows() == before


def test_names_in_an_import_are_words_only(lesson: Lesson) -> None:
    evil = "\u202e</title><script>alert(1)</script>{{7*7}}{0}%s"
    data = f"::{evil.replace('{', chr(92) + '{').replace('}', chr(92) + '}')}:: Why? {{}}".encode()
    assert send_bank(lesson, data, "a.gift").status_code == 200
    made = lesson.tool.all(Problem)[-1]
    assert "7*7" in made.name
    for page in ("/teach/{a}/bank", f"/teach/{{a}}/problems/{made.id}/edit", "/teach/new"):
        text = lesson.get(page, lesson.teacher).text
        assert "<script" not in text
        assert "49" not in text


def test_exports_are_downloads_that_no_browser_runs(lesson: Lesson) -> None:
    for form in ("gift", "moodle_xml"):
        response = lesson.get(f"/teach/{{a}}/bank/export/{form}", lesson.teacher)
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert lesson.get("/teach/{a}/bank/export/exe", lesson.teacher).status_code == 422
