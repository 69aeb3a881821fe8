"""The question banks in tests/fixtures/question_banks, as the tests read them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from core.problems import files
from core.problems.kinds import Problem
from core.problems.reports import Import

BANKS = Path(__file__).parents[2] / "fixtures" / "question_banks"
WRITTEN = tuple(sorted(path.name for path in BANKS.iterdir() if path.suffix in {".gift", ".xml"}))
BROKEN = tuple(sorted(path.name for path in (BANKS / "broken").iterdir()))


def data(name: str) -> bytes:
    """The bytes of a bank, unpacked."""
    content = (BANKS / name).read_bytes()
    return gzip.decompress(content) if name.endswith(".gz") else content


@cache
def imported(name: str) -> Import:
    """What we read from a bank, without help from its name."""
    return files.read(data(name))


def taken(name: str) -> list[Problem]:
    return [taken.problem for taken in imported(name).problems]


@cache
def stored(name: str) -> list[dict[str, Any]]:
    """What Moodle stored of a bank: its questions, without the parts of cloze questions."""
    questions = json.loads((BANKS / "moodle" / f"{name}.read.json").read_text())["questions"]
    return [question for question in questions if question["parent"] == "0"]


def pairs(name: str) -> Iterator[tuple[Problem, dict[str, Any]]]:
    """Each problem that we took, with what Moodle stored of the same question. Moodle keeps the order of the file."""
    questions = stored(name)
    for one in imported(name).problems:
        yield one.problem, questions[one.index]
