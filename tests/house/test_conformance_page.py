"""docs/lti_conformance.md says what the tests of `tests/spec/lti` say: as many tests a row, and none that fails."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_tests_give() -> None:
    """The tests themselves run in this run, too; here they are only collected, in a process of their own."""
    command = [sys.executable, "-m", "tests.spec.lti.make_conformance", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run `make conformance`\n{done.stdout[-500:]}{done.stderr[-500:]}"


def test_every_row_of_the_page_passed() -> None:
    page = (ROOT / "docs" / "lti_conformance.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z]+-\d+) \| \w+ \| .+ \| (.+) \|$", page, re.MULTILINE)
    assert len(rows) > 100
    for name, result in rows:
        assert re.fullmatch(r"not yet: .+|\d+ passed( \(\w+\))?(, \d+ passed \(\w+\))?", result), name


def test_make_runs_what_writes_it() -> None:
    assert "@$(BIN)/python -m tests.spec.lti.make_conformance\n" in (ROOT / "Makefile").read_text(encoding="utf-8")
