"""The clock: it never goes back, and an hour in one step does what an hour of waiting does."""

from __future__ import annotations

import threading

import pytest

from sandbox.slack.clock import Clock


class Real:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def real() -> Real:
    return Real()


def test_it_runs_with_real_time(real: Real) -> None:
    clock = Clock(real)
    clock.advance(60)
    real.seconds += 5
    assert clock.now() == 1065


def test_it_stands_still_and_goes_on(real: Real) -> None:
    clock = Clock(real)
    clock.freeze()
    real.seconds += 5
    clock.advance(60)
    assert clock.now() == 1060
    clock.unfreeze()
    real.seconds += 1
    assert clock.now() == 1061


def test_what_is_due_finds_its_own_moment(real: Real) -> None:
    clock = Clock(real)
    seen: list[tuple[str, float]] = []
    clock.after(300, lambda: seen.append(("five minutes", clock.now())))
    clock.after(60, lambda: clock.after(60, lambda: seen.append(("two minutes", clock.now()))))
    clock.advance(3600)
    assert seen == [("two minutes", 1120), ("five minutes", 1300)]
    assert clock.now() == 4600


def test_what_became_due_by_itself_is_done_when_asked(real: Real) -> None:
    clock = Clock(real)
    seen: list[float] = []
    clock.after(1, lambda: seen.append(clock.now()))
    clock.run_due()
    assert seen == []
    real.seconds += 30
    clock.run_due()
    assert seen == [1030]
    clock.run_due()
    assert seen == [1030]


def test_time_does_not_go_back(real: Real) -> None:
    with pytest.raises(ValueError, match="back"):
        Clock(real).advance(-1)
    with pytest.raises(ValueError, match="back"):
        Clock(real).advance(float("nan"))


def test_an_action_may_wait_for_whoever_asks_for_the_time(real: Real) -> None:
    """A thread that holds a lock asks for the time, while an action waits for that lock."""
    clock, lock = Clock(real), threading.Lock()
    asked, told = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            asked.wait(5)
            clock.now()
        told.set()

    def action() -> None:
        asked.set()
        with lock:
            pass

    holder = threading.Thread(target=hold)
    holder.start()
    clock.after(1, action)
    clock.advance(1)
    holder.join(5)
    assert told.is_set()
