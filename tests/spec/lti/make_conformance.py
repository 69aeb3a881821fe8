"""Runs the rows of the table and writes docs/lti_conformance.md: `make conformance`.

The document holds what was found and nothing of when or where, so that it changes only when the result does. With
`--check` nothing is run or written: the exit code is 1 if the document is not the one that these tests would make if
all of them passed.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.spec.lti.cases import AREAS, Case

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "lti_conformance.md"
DIALECTS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

HEAD = """# What the LTI standards ask, and what was tested

Made by `make conformance` from the tests in `tests/spec/lti`; do not edit.

Each row is a requirement on a tool, in our words, with the level that its source gives it: CERT is checked by the
1EdTech certification suite, MUST, SHOULD and MAY are a standard's words, QUIRK is one platform's behaviour, HARDENING
comes from a failure that someone had. Sources: LTI Core 1.3, 1EdTech Security Framework 1.0, Deep Linking 2.0,
Assignment and Grade Services 2.0, Names and Role Provisioning Services 2.0, OWASP ASVS 5.0.

The tests run the real application against a platform that signs real tokens. This is our own test, not a
certification by 1EdTech.
"""


class Results:
    """What became of the tests of each row, as pytest reports them."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}  # test -> row
        self.dialects: dict[str, str] = {}  # test -> dialect
        self.outcomes: dict[str, str] = {}  # test -> passed, failed or skipped

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
            if "row" in parameters:
                self.rows[item.nodeid] = parameters["row"]
                self.dialects[item.nodeid] = DIALECTS.get(parameters.get("database_url", ""), "no database")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            worst = max(
                self.outcomes.get(report.nodeid, "passed"), report.outcome, key=("passed", "skipped", "failed").index
            )
            self.outcomes[report.nodeid] = worst


def result(name: str, case: Case, results: Results) -> str:
    """One row's result in words."""
    if case.not_yet:
        return f"not yet: {case.not_yet}"
    outcomes: dict[str, list[str]] = defaultdict(list)
    for test, row in results.rows.items():
        if row == name:
            outcomes[results.dialects[test]].append(results.outcomes.get(test, "not run"))
    if not outcomes:
        return "**no test**"
    said: list[str] = []
    for dialect in (*DIALECTS.values(), "no database"):
        found = outcomes.get(dialect)
        if found:
            good = found.count("passed")
            words = f"{good} passed" if good == len(found) else f"**{len(found) - good} of {len(found)} did not pass**"
            said.append(words if dialect == "no database" else f"{words} ({dialect})")
    return ", ".join(said)


def document(results: Results) -> str:
    """The whole document."""
    parts = [HEAD]
    for area, cases in AREAS.items():
        parts.append(f"\n## {area}\n\n| row | level | what is asked | tests |\n| --- | --- | --- | --- |")
        parts += [
            f"| {name} | {case.level} | {case.says} | {result(name, case, results)} |" for name, case in cases.items()
        ]
    return "\n".join(parts) + "\n"


def main(arguments: Sequence[str] = ()) -> int:
    checking = "--check" in arguments
    results = Results()
    collecting = ["--collect-only"] if checking else []
    quiet = ["-q", "-p", "no:cacheprovider", *collecting, str(Path(__file__).parent)]
    code = int(pytest.main(quiet, plugins=[results]))
    if not checking:
        DOCUMENT.parent.mkdir(exist_ok=True)
        DOCUMENT.write_text(document(results), encoding="utf-8")
        return code
    results.outcomes = dict.fromkeys(results.rows, "passed")
    return code or int(DOCUMENT.read_text(encoding="utf-8") != document(results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
