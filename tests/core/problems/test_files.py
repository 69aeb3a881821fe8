"""The format of a file is told by its content, and by its name only in doubt."""

from __future__ import annotations

import pytest

from core.problems.files import export, format_of, read
from core.problems.kinds import FreeText
from core.problems.texts import Text

GIFT = b"::Q::2+2?{=4 ~5}"
CSV = b"text,correct\n2+2?,4"
XML = b"<?xml version='1.0'?>\n<quiz></quiz>"


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (GIFT, None, "gift"),
        (GIFT, "bank.txt", "gift"),
        (GIFT, "bank.xml", "gift"),
        (b"<p>Which?</p>{T}", "bank.gift", "gift"),
        (b"text, see above {T}", "bank.gift", "gift"),
        (CSV, None, "csv"),
        (CSV, "bank.txt", "csv"),
        (b"anything", "bank.CSV", "csv"),
        (b"anything", "bank.tsv", "csv"),
        (b"text;correct\n2+2?;4", None, "csv"),
        ("text\tcorrect".encode("utf-16"), None, "csv"),
        (XML, None, "moodle_xml"),
        (XML, "bank.csv", "moodle_xml"),
        (XML.decode().encode("utf-16"), None, "moodle_xml"),
        (b"\xef\xbb\xbf \r\n<quiz>", None, "moodle_xml"),
        (b"<!-- from Moodle --><quiz>", "../../etc/passwd", "moodle_xml"),
        (b"<questions>", "bank.xml", "moodle_xml"),
    ],
)
def test_formats(data: bytes, name: str | None, expected: str) -> None:
    assert format_of(data, name) == expected


@pytest.mark.parametrize("form", ["gift", "moodle_xml"])
def test_what_is_written_is_known_again(form: str) -> None:
    problems = [FreeText(text=Text("Why?"), solution=Text("Because."))]
    written = export(problems, form)
    assert format_of(written.data) == form
    assert [one.problem for one in read(written.data).problems] == problems


@pytest.mark.parametrize("form", ["gift", "moodle_xml"])
def test_no_problems_make_an_empty_file(form: str) -> None:
    assert export([], form).report == ()
