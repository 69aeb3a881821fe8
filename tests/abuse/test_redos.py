"""No regular expression of ours can be made slow by what somebody types: all of them are found in the code, and each is
tried, in the way in which the code uses it, on long texts made of what it looks for.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest

import core
import lti_tool
from core.problems import grading, numbers
from core.problems.kinds import Number, NumberAnswer, Unit
from core.problems.texts import Text

METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split")
UNITS = (
    "a", "A", "0", "1", " ", "\n", "\t", "-", ".", ",", "@", "(", ")", "[", "{", "<", ">", "/", "\\", "'", '"', "$",
    "#", "%", "=", ":", ";", "&", "!", "_", "+", "a ", "a.", "a-", "1 ", "1.", "1,", "1-", "1/", "a1", "<a", "</", '="',
    "é", "他", "\u0301", "\u200b", "@@", "((", "[[", "a@a.", "0a", "A1 ", "“", "„", "> ", "e1", "x10^",
)  # fmt: skip
SHORT, LONG = 1_000, 10_000
SLOWER = 30  # a linear one takes ten times as long for ten times the text, a quadratic one a hundred times
BOUNDED = {  # these grow faster, and the code hands them no more than so many characters
    "core.problems.numbers._AFTER_UNIT[0]": numbers.LONGEST,
}
MOST_SECONDS = 20  # for one of them, so that a hopeless one ends the test and not the day


@dataclass(frozen=True)
class Use:
    """A pattern, and how the code asks it."""

    where: str
    pattern: re.Pattern[Any]
    method: str

    def __str__(self) -> str:
        return f"{self.where}.{self.method}"


def modules() -> Iterator[ModuleType]:
    for package in (core, lti_tool):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def uses() -> Iterator[Use]:
    for module in modules():
        source = Path(module.__file__ or "").read_text(encoding="utf-8")
        if "re." not in source:
            continue
        for name, value in vars(module).items():
            for place, pattern in enumerate(value if isinstance(value, tuple | list) else [value]):
                if isinstance(pattern, re.Pattern):
                    yield from _of_name(f"{module.__name__}.{name}", name, place, pattern, source)
        yield from _inline(module.__name__, ast.parse(source))


def _of_name(where: str, name: str, place: int, pattern: re.Pattern[Any], source: str) -> Iterator[Use]:
    named = {method for method in METHODS if re.search(rf"\b{name}\s*\.{method}\(", source)}
    for method in sorted(named) or ("search", "finditer"):  # handed on: the dearest ways
        yield Use(f"{where}[{place}]", pattern, method)


def _inline(module: str, tree: ast.Module) -> Iterator[Use]:
    """`re.search(r"...", text)` and the like."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in METHODS
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield Use(f"{module}:{node.lineno}", re.compile(node.args[0].value), node.func.attr)


ALL = list({str(use): use for use in uses()}.values())


def asked(use: Use, text: str | bytes) -> None:
    method: Callable[..., Any] = getattr(use.pattern, use.method)
    if use.method == "finditer":
        for _ in method(text):
            pass
    elif use.method == "sub":
        method(b"" if isinstance(text, bytes) else "", text)
    else:
        method(text)


def units(use: Use) -> Iterator[str]:
    """What texts are made of: the usual, and what stands in the pattern itself."""
    yield from UNITS
    source = use.pattern.pattern
    written = source.decode("latin-1") if isinstance(source, bytes) else source
    yield from sorted({word[:12] for word in re.findall(r"[A-Za-z]{2,}", written)})[:25]


def seconds(use: Use, unit: str, size: int, ending: str) -> float:
    text: str | bytes = (unit * (size // len(unit) + 1))[:size] + ending
    if isinstance(use.pattern.pattern, bytes):
        text = text.encode()
    begun = time.process_time()
    asked(use, text)
    return time.process_time() - begun


def is_slow(use: Use, unit: str, ending: str) -> bool:
    """Whether it grows faster than the text. What looks slow is measured again: the machine may have been busy."""
    for _ in range(3):
        if seconds(use, unit, LONG, ending) <= SLOWER * max(seconds(use, unit, SHORT, ending), 2e-4):
            return False
    return True


@pytest.fixture
def alarm() -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise AssertionError("it takes too long for any text")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(MOST_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_they_are_found() -> None:
    names = {use.where for use in ALL}
    assert len(names) > 80
    for known in ("core.wording.personal._HOST[0]", "core.wording.coarse._WORD[0]", "lti_tool.rendering._PIECES[0]"):
        assert known in names


@pytest.mark.parametrize("use", [use for use in ALL if use.where not in BOUNDED], ids=str)
def test_none_grows_faster_than_the_text(use: Use, alarm: None) -> None:
    slow = [(unit, ending) for unit in units(use) for ending in ("", "\x00!") if is_slow(use, unit, ending)]
    assert slow == []


def test_what_is_kept_short_is_kept_short() -> None:
    """A typed number is looked at only up to its longest length (`core.problems.grading`)."""
    problem = Number(
        name="n", text=Text("?", "plain"), answers=(NumberAnswer("1"),), units=(Unit("m"),), unit_left=True
    )
    with pytest.raises(grading.BadResponse):
        grading.grade(problem, grading.Response(text="1" * (numbers.LONGEST + 1)))
