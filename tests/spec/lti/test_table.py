"""The table of cases and the tests are about the same things."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.spec.lti.cases import AREAS, CASES
from tests.spec.lti.make_conformance import Results, document
from tests.spec.lti.rows import rows


def rows_on_tests() -> set[str]:
    """The rows that stand on tests of this folder."""
    found: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"rows", "rows_with"}:
                constants = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
                found |= {text for text in constants if text in CASES}
    return found


def test_every_row_is_tested_or_says_why_not() -> None:
    assert rows_on_tests() == {name for name, case in CASES.items() if not case.not_yet}


def test_no_row_stands_in_two_areas() -> None:
    assert sum(len(cases) for cases in AREAS.values()) == len(CASES)


def test_a_row_that_is_not_in_the_table_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="XYZ-01"):
        rows("XYZ-01")


def test_document_says_what_failed() -> None:
    results = Results()
    results.rows = {"a": "OIDC-01", "b": "OIDC-01", "c": "OIDC-02"}
    results.dialects = {"a": "SQLite", "b": "SQLite", "c": "PostgreSQL"}
    results.outcomes = {"a": "passed", "b": "failed", "c": "passed"}
    text = document(results)
    assert "**1 of 2 did not pass** (SQLite)" in text
    assert "| 1 passed (PostgreSQL) |" in text
    assert "**no test**" in text
