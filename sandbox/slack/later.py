"""What is to be done when the workspace's clock gets there: retries, and deliveries that arrive late."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sandbox.slack.clock import Clock

WORKERS = 32


class Later:
    """Runs each task in a thread once its time has come, several at a time."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._running = 0
        self._problems: list[BaseException] = []
        self._closed = False
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="slack-later")

    def at(self, moment: float, task: Callable[[], None]) -> None:
        """Have the task run once the clock shows `moment`."""
        self.clock.at(moment, lambda: self.soon(task))

    def soon(self, task: Callable[[], None]) -> None:
        """Have the task run at once, in another thread. Never blocks."""
        with self._lock:
            if self._closed:
                return
            self._running += 1
            self._workers.submit(self._run, task)

    def settle(self, seconds: float = 10) -> bool:
        """Wait, in real time, until nothing runs and nothing is due. Raises what a task raised."""
        end = time.monotonic() + seconds
        while True:
            self.clock.run_due()
            with self._lock:
                if self._problems:
                    raise self._problems.pop(0)
                if not self._running:
                    return True
            if time.monotonic() > end:
                return False
            time.sleep(0.003)

    def close(self) -> None:
        """What runs is finished first; what waits is forgotten."""
        with self._lock:
            self._closed = True
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _run(self, task: Callable[[], None]) -> None:
        try:
            task()
        except Exception as problem:  # kept for settle(): a thread has nobody to raise it to
            with self._lock:
                self._problems.append(problem)
        finally:
            with self._lock:
                self._running -= 1
