"""Which thread does the work of a delivery. Slack waits three seconds for its answer, and a class clicks all at once.

What only asks the database is done by the thread that took the delivery: handing it over and waiting for the other
thread costs as much as half of the work. What asks Slack, too, answers first and goes on in a thread of `_working`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

WORKERS = 24  # threads of listeners; Bolt's own five queue behind one slow answer
TELLERS = 2  # threads that tell people what became of what they did
ABREAST = 3  # quick deliveries that a process works on at once: more would take turns at one interpreter, each slower
PATIENCE = 3.0  # [s] for which Slack, and so Bolt, waits for an answer


class Hands(Executor):
    """Bolt's executor. What Bolt hands over is begun by whoever hands it over; `take` decides what follows."""

    def __init__(self, executor: Executor | None = None) -> None:
        """`executor`: does all that is done in other threads, instead of threads of its own."""
        self._working = executor or ThreadPoolExecutor(WORKERS, thread_name_prefix="slack")
        self._telling = executor or ThreadPoolExecutor(TELLERS, thread_name_prefix="slack-telling")
        self._abreast = threading.Semaphore(ABREAST)
        self._patience = 0.0 if executor else PATIENCE  # an executor of somebody's may do it in this very thread
        self._in_hand = 0
        self._idle = threading.Condition()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it here and now."""
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._working.shutdown(wait, cancel_futures=cancel_futures)
        self._telling.shutdown(wait, cancel_futures=cancel_futures)

    def take(self, work: Callable[[Callable[..., Any]], None], ack: Any, *, here: bool) -> None:
        """Handle a delivery, in this thread or in another. Comes back when Slack can be answered."""
        if here:
            with self._quick():
                work(ack)
            return
        answered = threading.Event()

        def answer(*said: Any, **named: Any) -> Any:
            made = ack(*said, **named)
            answered.set()
            return made

        self._working.submit(work, answer)
        if ack.response is None:  # an event is answered before anybody handles it
            answered.wait(PATIENCE)

    def later(self, do: Callable[[], None]) -> None:
        """What is not waited for: few threads do it, each when no quick delivery is in hand, or after a while."""
        self._telling.submit(self._when_idle, do)

    @contextmanager
    def _quick(self) -> Iterator[None]:
        with self._idle:
            self._in_hand += 1
        try:
            with self._abreast:
                yield
        finally:
            with self._idle:
                self._in_hand -= 1
                if not self._in_hand:
                    self._idle.notify_all()

    def _when_idle(self, do: Callable[[], None]) -> None:
        with self._idle:
            self._idle.wait_for(lambda: not self._in_hand, self._patience)
        do()
