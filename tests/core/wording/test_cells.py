"""`core.wording.cells`: no cell of an export is a formula to a spreadsheet, and nothing else is changed."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.wording.cells import csv_file, safe

SIGNS = "=+-@＝＋－＠﹢﹣﹦−"
STARTS = SIGNS + "\t\r\n"


@pytest.mark.parametrize("start", SIGNS)
@pytest.mark.parametrize("before", ["", " ", '"', "'", "\u200b", "\ufeff", " \xa0'"])
def test_what_a_spreadsheet_takes_for_a_formula_is_a_text(start: str, before: str) -> None:
    assert str(safe(f"{before}{start}cmd|' /C calc'!A0")).startswith("'")


@pytest.mark.parametrize("start", "\t\r\n")
def test_neither_does_it_begin_with_what_a_spreadsheet_drops(start: str) -> None:
    assert safe(f"{start}=1+1") == f"'{start}=1+1"


@pytest.mark.parametrize("cell", [1, -2.5, True, "hope", "a=b", "", "3-4", "mail@example.org"])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert safe(cell) == cell


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=5))
def test_the_file_reads_back_and_no_cell_begins_a_formula(rows: list[list[str]]) -> None:
    text = csv_file(rows).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert [[str(safe(cell)).encode("utf-8", "replace").decode() for cell in row] for row in rows] == read
    assert not [cell for row in read for cell in row if cell and cell[0] in STARTS]


def test_spreadsheets_know_that_it_is_utf_8() -> None:
    assert csv_file([["ü", None]]) == "\ufeffü,\r\n".encode()
