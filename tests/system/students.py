"""Students for tests with real processes: each works through HTTP, asks again when the line breaks, and remembers
what was acknowledged.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import urllib3

from sandbox.visitor import Answer, Stopped, Visitor
from tests.system.processes import PATIENCE

_NUMBER = re.compile(r'name="number" value="(\d+)"')
_CHOICES = re.compile(r'<input type="(?:radio|checkbox)" name="choice" value="(\d+)"')
_PROBLEM = re.compile(r"/problems/(\d+)/answer")
_RATE = re.compile(r'hx-post="([^"]+/shown/\d+/rate)"')
EXPLAINS = 0.4  # share of answers after which a student writes


@dataclass
class Acknowledged:
    """What the tool said was stored."""

    attempts: set[tuple[int, int]] = field(default_factory=set)  # problem, number
    ratings: dict[int, int] = field(default_factory=dict)  # exposure: points
    texts: dict[int, str] = field(default_factory=dict)  # problem: explanation


def offered(page: Answer, rng: np.random.Generator) -> tuple[int, int, list[tuple[str, object]]]:
    """The problem on a page, the number of the attempt that it offers, and a form with an answer by chance."""
    here, number = _PROBLEM.search(page.text), _NUMBER.search(page.text)
    if here is None or number is None:
        raise AssertionError(f"no problem is offered: {page.status} {page.text[:500]}")
    choices = [int(value) for value in _CHOICES.findall(page.text)]
    said = ("choice", rng.choice(choices)) if choices else ("text", str(rng.integers(0, 9)))
    return int(here.group(1)), int(number.group(1)), [("number", number.group(1)), said]


class Student:
    """One person of a platform at work; `launch` opens the activity for them."""

    def __init__(self, person: int, launch: Callable[[], Visitor], rng: np.random.Generator) -> None:
        self.person, self.launch, self.rng = person, launch, rng
        self.visitor: Visitor | None = None
        self.done = Acknowledged()
        self.refused: list[str] = []

    def work(self, problems: int) -> None:
        """Answer so many problems, rate what is shown, explain now and then."""
        page = self._again(lambda visitor: visitor.get(f"{visitor.start}/next"))
        for _ in range(problems):
            problem, number, form = offered(page, self.rng)
            page = self._save(f"problems/{problem}/answer", form)
            if page.status == 200:
                self.done.attempts.add((problem, number))
            self._rate(page)
            if self.rng.random() < EXPLAINS:
                self._explain(problem)
            page = self._again(lambda visitor, after=problem: visitor.get(f"{visitor.start}/next?after={after}"))

    def _rate(self, page: Answer) -> None:
        for path in _RATE.findall(page.text):
            points = int(self.rng.integers(0, 11))
            exposure = int(path.split("/")[-2])
            if self._save(f"shown/{exposure}/rate", [("rating", points)]).status == 200:
                self.done.ratings[exposure] = points

    def _explain(self, problem: int) -> None:
        text = (
            f"Person {self.person} explains problem {problem}: look at what is asked, "
            "then at what each choice would mean for it."
        )
        form = [("kind", "explanation"), ("text", text), ("likely", "yes")]
        if self._save(f"problems/{problem}/explain", form).status == 200:
            self.done.texts[problem] = text

    def _save(self, path: str, form: list[tuple[str, object]]) -> Answer:
        answer = self._again(lambda visitor: visitor.post(f"{visitor.start}/{path}", form))
        if answer.status != 200:
            self.refused.append(f"{path}: {answer.status} {answer.text[:500]}")
        return answer

    def _again(self, ask: Callable[[Visitor], Answer]) -> Answer:
        """Ask until there is an answer, as a person does who presses the button again; open the activity anew if the
        session is gone. The same words are sent each time.
        """
        until = time.monotonic() + PATIENCE
        while True:
            try:
                if self.visitor is None:
                    self.visitor = self.launch()
                answer = ask(self.visitor)
                if answer.status == 401:
                    self.visitor = None
                elif answer.status < 500:
                    return answer
                failure = f"status {answer.status}"
            except (urllib3.exceptions.HTTPError, Stopped) as error:
                failure = f"{type(error).__name__}: {error}"
            if time.monotonic() > until:
                raise TimeoutError(f"person {self.person} got no answer for {PATIENCE:.0f} s: {failure}")
            time.sleep(0.1)
