"""The time of a small Slack: real time plus an offset that tests and the control API move, and things due later."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable
from itertools import count


class Clock:
    """Seconds since 1970, which never go back. `at` plans an action; `advance` and `run_due` do what is due.

    Actions run in the order of their moments, and each one finds its own moment on the clock, however far it jumped: an
    hour in one step does what an hour of waiting does. Actions take locks, so nobody moves the clock while holding one
    (`now`, `at` and `after` are always safe).
    """

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self._offset = 0.0
        self._frozen: float | None = None
        self._lock = threading.Lock()
        self._moving = threading.RLock()
        self._plans: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()

    def now(self) -> float:
        with self._lock:
            return self._now()

    def freeze(self) -> None:
        """Stand still until `unfreeze`; `advance` still moves it."""
        with self._lock:
            self._frozen = self._now()

    def unfreeze(self) -> None:
        """Go on from where it stands."""
        with self._lock:
            if self._frozen is not None:
                self._offset, self._frozen = self._frozen - self._real(), None

    def advance(self, seconds: float) -> None:
        """Move forward, and do on the way what becomes due."""
        if not seconds >= 0:
            raise ValueError(f"Time does not go back: {seconds}")
        with self._moving:
            end = self.now() + seconds
            while (action := self._next(end)) is not None:
                action()
            with self._lock:
                self._move_to(end)

    def run_due(self) -> None:
        """Do what has become due."""
        self.advance(0)

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Plan an action. It is to be short: what takes long goes to a thread."""
        with self._lock:
            heapq.heappush(self._plans, (moment, next(self._numbers), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        self.at(self.now() + seconds, action)

    def _next(self, end: float) -> Callable[[], None] | None:
        """Take the next action that is due by `end`, and move to its moment."""
        with self._lock:
            if not self._plans or self._plans[0][0] > end:
                return None
            moment, _, action = heapq.heappop(self._plans)
            self._move_to(moment)
            return action

    def _now(self) -> float:
        return self._real() + self._offset if self._frozen is None else self._frozen

    def _move_to(self, moment: float) -> None:
        step = max(0.0, moment - self._now())
        if self._frozen is None:
            self._offset += step
        else:
            self._frozen += step
