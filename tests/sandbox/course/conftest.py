"""The demonstration course, read by a strict reader of its own.

The reader takes the plainest subset of GIFT and nothing else: one title, one text, one block of answers, no formats,
weights or feedback beyond those named below. What it reads, every GIFT reader can read.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

COURSE = Path(__file__).parents[3] / "sandbox" / "course"
TITLE = re.compile(r"::((?:[^:\\\n]|\\.)+)::((?:[^~=#{}\\\n]|\\.)+) \{(.*)\}", re.DOTALL)
ANSWER = re.compile(r"([=~])(?:%(-?[0-9.]+)%)?((?:[^~=#{}:\\\n]|\\[~=#{}:\\])+)")
SOLUTION = re.compile(r"####((?:[^~=#{}:\\\n]|\\[~=#{}:\\])+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A problem as its file says: `choices` with their percentages, `accepted` texts or the `interval` of numbers."""

    file: str
    category: str
    name: str
    kind: str
    text: str
    solution: str = ""
    choices: tuple[tuple[str, float], ...] = ()
    accepted: tuple[str, ...] = ()
    interval: tuple[Fraction, Fraction] | None = None
    true: bool | None = None
    source: str = ""

    def right_choices(self) -> set[str]:
        return {text for text, percent in self.choices if percent > 0}


def plain(text: str) -> str:
    """`text` without the escapes of GIFT."""
    return re.sub(r"\\(.)", r"\1", text).strip()


def interval(key: str) -> tuple[Fraction, Fraction]:
    """The numbers that `value`, `value:tolerance` or `low..high` accepts."""
    if ".." in key:
        low, high = key.split("..")
        return Fraction(low), Fraction(high)
    value, _, tolerance = key.partition(":")
    return Fraction(value) - Fraction(tolerance or 0), Fraction(value) + Fraction(tolerance or 0)


def answered(entry: Entry, body: str) -> Entry:
    """`entry` with the kind and the key that the lines between the braces say."""
    lines = [line for line in body.split("\n") if line]
    solution = SOLUTION.fullmatch(lines.pop())
    assert solution, entry.name
    entry = replace(entry, solution=plain(solution[1]))
    match lines:
        case []:
            return entry
        case ["TRUE" | "FALSE" as word]:
            return replace(entry, kind="true_false", true=word == "TRUE")
        case [key] if key.startswith("#"):
            return replace(entry, kind="number", interval=interval(key[1:]))
    found = [ANSWER.fullmatch(line) for line in lines]
    assert all(found), (entry.name, lines)
    parts = [(match[1], match[2], plain(match[3])) for match in found if match]
    if all(sign == "=" for sign, _, _ in parts):
        return replace(entry, kind="short_text", accepted=tuple(text for _, _, text in parts))
    several = any(percent for _, percent, _ in parts)
    weights = [float(percent) if several else 100.0 * (sign == "=") for sign, percent, _ in parts]
    kind = "several_choices" if several else "one_choice"
    return replace(entry, kind=kind, choices=tuple((text, w) for (_, _, text), w in zip(parts, weights, strict=True)))


def gift(file: str) -> Iterator[Entry]:
    """The problems of a GIFT file. AssertionError where it leaves the plain subset."""
    category = ""
    for part in re.split(r"\n\s*\n", (COURSE / file).read_text(encoding="utf-8").strip()):
        block = "\n".join(line for line in part.split("\n") if not line.startswith("//"))
        if not block:
            continue
        if block.startswith("$CATEGORY: "):
            category = block.removeprefix("$CATEGORY: ")
            continue
        match = TITLE.fullmatch(block)
        assert match, block
        yield answered(Entry(file, category, plain(match[1]), "free_text", plain(match[2])), match[3])


def table(file: str) -> Iterator[Entry]:
    """The problems of the table of reading questions."""
    with (COURSE / file).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, strict=True):
            choices = [row[f"choice_{i}"] for i in (1, 2, 3, 4)]
            weights = [100.0 * (int(row["correct"]) == i) for i in (1, 2, 3, 4)]
            yield Entry(
                file,
                row["category"],
                row["name"],
                row["kind"],
                row["text"],
                source=row["source"],
                choices=tuple(zip(choices, weights, strict=True)),
            )


@pytest.fixture(scope="session")
def entries() -> tuple[Entry, ...]:
    return (*gift("algebra.gift"), *gift("probability.gift"), *table("reading.csv"))


@pytest.fixture(scope="session")
def problems(entries: tuple[Entry, ...]) -> Mapping[str, Entry]:
    return {entry.name: entry for entry in entries}


@pytest.fixture(scope="session")
def voices() -> Mapping[str, Mapping[str, Any]]:
    return json.loads((COURSE / "voices.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def course() -> Path:
    return COURSE
