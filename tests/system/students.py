"""Students for tests with real processes: each works through HTTP, asks again when the line breaks, and remembers
what was acknowledged.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

import numpy as np
import urllib3

from sandbox.stage import Stage
from sandbox.visitor import Answer, Stopped, Visitor

_NUMBER = re.compile(r'name="number" value="(\d+)"')
_CHOICES = re.compile(r'<input type="(radio|checkbox)" name="choice" value="(\d+)"')
_EXPOSURE = re.compile(r'id="shown-(\d+)"')
_PROBLEM = re.compile(r"/problems/(\d+)/answer")
_RATE = re.compile(r'hx-post="([^"]+/shown/\d+/rate)"')
PATIENCE = 60.0


@dataclass
class Acknowledged:
    """What the tool said was stored."""

    attempts: set[tuple[int, int]] = field(default_factory=set)  # problem, number
    ratings: dict[int, int] = field(default_factory=dict)  # exposure: points
    texts: dict[int, str] = field(default_factory=dict)  # problem: explanation


class Student:
    """One person of the campus at work."""

    def __init__(self, stage: Stage, person: int, link: int, rng: np.random.Generator) -> None:
        self.stage, self.person, self.link, self.rng = stage, person, link, rng
        self.visitor: Visitor | None = None
        self.done = Acknowledged()
        self.refused = 0

    def work(self, problems: int) -> None:
        """Answer so many problems, rate what is shown, explain now and then."""
        page = self._again(lambda v: v.get(v.start))
        for _ in range(problems):
            offered = _NUMBER.search(page.text)
            here = _PROBLEM.search(page.text)
            if not offered or not here:  # the list, or a problem that is done: go on
                page = self._again(lambda v: v.get(v.start.rstrip("/") + "/next"))
                offered, here = _NUMBER.search(page.text), _PROBLEM.search(page.text)
                if not offered or not here:
                    return
            problem, number = int(here.group(1)), int(offered.group(1))
            page = self._answer(page, problem, number)
            self._rate(page)
            if self.rng.random() < 0.4:
                self._explain(problem)
            page = self._again(lambda v, after=problem: v.get(f"{v.start}/next?after={after}"))

    def _answer(self, page: Answer, problem: int, number: int) -> Answer:
        choices = [int(value) for _kind, value in _CHOICES.findall(page.text)]
        form: list[tuple[str, object]] = [("number", number)]
        form.append(
            ("choice", int(self.rng.choice(choices))) if choices else ("text", str(int(self.rng.integers(0, 9))))
        )
        answered = self._again(lambda v: v.post(f"{v.start}/problems/{problem}/answer", form))
        if answered.status == 200:
            self.done.attempts.add((problem, number))
        else:
            self.refused += 1
        return answered

    def _rate(self, page: Answer) -> None:
        for path in _RATE.findall(page.text):
            points = int(self.rng.integers(0, 11))
            if self._again(lambda v, path=path, points=points: v.post(path, {"rating": points})).status == 200:
                self.done.ratings[int(path.split("/")[-2])] = points

    def _explain(self, problem: int) -> None:
        text = (
            f"Person {self.person} explains problem {problem}: look at what is asked, "
            "then at what each choice would mean for it."
        )
        form = {"kind": "explanation", "text": text, "likely": "yes"}
        if self._again(lambda v: v.post(f"{v.start}/problems/{problem}/explain", form)).status == 200:
            self.done.texts[problem] = text

    def _again(self, ask: object) -> Answer:
        """Ask until there is an answer, as a person does who presses the button again; open the activity anew if the
        session is gone.
        """
        until = time.monotonic() + PATIENCE
        while True:
            try:
                if self.visitor is None:
                    self.visitor = self.stage.open_as(self.person, self.link)
                answer = ask(self.visitor)  # type: ignore[operator]
                if answer.status == 401:
                    self.visitor = None
                elif answer.status < 500:
                    return answer
            except (urllib3.exceptions.HTTPError, Stopped):
                pass
            if time.monotonic() > until:
                raise TimeoutError(f"person {self.person} got no answer for {PATIENCE} s")
            time.sleep(0.1)
