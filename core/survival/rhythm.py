"""When and how a person works: what the hazard model looks at, besides the index (Table 1 of Kobren et al. knows no
clock).

`Rhythm` is the state of one person, `kept` takes it one event further, `seen` reads the columns from it at a moment of
decision; `table` does so for a whole log, with the same functions, so that there is one way to compute each number.
Times are in seconds; logs of counts and times are taken because the first minute and the first tasks matter most.

pause     what lies between two answers: the response time where it was measured, else the time since the last answer of
          the session, within .5 s to half an hour; `TYPICAL` before the first.
session   ends with a pause of more than half an hour (`log.SESSION_GAP`).
habit     the mean duration of the person's finished sessions, and the time of day at which the last eight ended:
          lessons end with the bell, and buses leave on time.
others    how many answers the same category, and all of them, had from other people in the last hour and day: where
          nothing happens any more, people leave sooner. They come from the caller (`others` counts them in a log).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.survival.log import SESSION_GAP, Floats, Log, Outcome
from core.words import N_

HOUR, DAY = 3600.0, 86400.0
TYPICAL = 8.0  # [s]; a pause nobody has made yet
ENDS = 8  # so many ends of sessions are remembered
NEAR = 5400.0  # [s]; an end of another session at a time of day further away says nothing
_FAR = NEAR / 600.0
_RECENT, _RECENT_PAUSE = 0.25, 0.3  # weights of the last answer in running means
_PAUSES = (0.5, SESSION_GAP)

COLUMNS: tuple[str, ...] = (
    N_("tasks done (log)"),
    N_("tasks done in this session (log)"),
    N_("time in this session (log)"),
    N_("hours in this session"),
    N_("last pause (log)"),
    N_("usual pause (log)"),
    N_("recent pauses (log)"),
    N_("last pause against the usual one"),
    N_("time away before this session (log)"),
    N_("sessions (log)"),
    N_("last answer right"),
    N_("answer before that right"),
    N_("share right"),
    N_("recent share right"),
    N_("last task skipped"),
    N_("share skipped"),
    N_("recent share skipped"),
    N_("tasks left (log)"),
    N_("share of the tasks done"),
    N_("usual length of a session (log)"),
    N_("time in this session against the usual length"),
    N_("time of day against the ends of earlier sessions"),
    N_("answers by others in the last hour (log)"),
    N_("answers by others in the last day (log)"),
    N_("answers by others anywhere in the last hour (log)"),
    N_("answers by others anywhere in the last day (log)"),
)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One person's state. Counts are over everything; `begun` and `at` are the first and last event of this session
    [s]."""

    done: int = 0
    right: int = 0
    skipped: int = 0
    last_right: bool = False
    before_right: bool = False
    last_skipped: bool = False
    recent_right: float = 0.5
    recent_skipped: float = 0.0
    pauses: float = 0.0  # Σ log pause
    last_pause: float = math.log(TYPICAL)
    recent_pause: float = math.log(TYPICAL)
    sessions: int = 0
    in_session: int = 0
    begun: float = 0.0
    at: float = -math.inf
    away: float = SESSION_GAP
    finished: float = 0.0  # Σ durations of finished sessions [s]
    ends: tuple[float, ...] = ()  # times of day [s] at which the last of them ended


def kept(rhythm: Rhythm, at: float, outcome: Outcome, seconds: float = math.nan) -> Rhythm:
    """The state after an event at `at` [s] that took `seconds` (nan: not measured). Leaving changes nothing."""
    if outcome is Outcome.LEFT:
        return rhythm
    old = awoken(rhythm, at)
    right, skipped = outcome is Outcome.RIGHT, outcome is Outcome.SKIPPED
    first = old.in_session == 0
    if not math.isnan(seconds):
        pause = math.log(min(max(seconds, _PAUSES[0]), _PAUSES[1]))
    elif first:
        pause = math.log(TYPICAL)
    else:
        pause = math.log(min(max(at - old.at, _PAUSES[0]), _PAUSES[1]))
    begin = old.done == 0
    return Rhythm(
        old.done + 1,
        old.right + right,
        old.skipped + skipped,
        right,
        old.last_right,
        skipped,
        float(right) if begin else old.recent_right + _RECENT * (right - old.recent_right),
        float(skipped) if begin else old.recent_skipped + _RECENT * (skipped - old.recent_skipped),
        old.pauses + pause,
        pause,
        pause if begin else old.recent_pause + _RECENT_PAUSE * (pause - old.recent_pause),
        old.sessions + first,
        old.in_session + 1,
        at if first else old.begun,
        at,
        old.away,
        old.finished,
        old.ends,
    )


def awoken(rhythm: Rhythm, now: float) -> Rhythm:
    """The state at `now` [s]: after more than half an hour of silence the session is over, and a new one begins."""
    if rhythm.in_session == 0 or now - rhythm.at <= SESSION_GAP:
        return rhythm
    return Rhythm(
        rhythm.done,
        rhythm.right,
        rhythm.skipped,
        rhythm.last_right,
        rhythm.before_right,
        rhythm.last_skipped,
        rhythm.recent_right,
        rhythm.recent_skipped,
        rhythm.pauses,
        rhythm.last_pause,
        rhythm.recent_pause,
        rhythm.sessions,
        0,
        now,
        rhythm.at,
        now - rhythm.at,
        rhythm.finished + (rhythm.at - rhythm.begun),
        (*rhythm.ends, rhythm.at % DAY)[-ENDS:],
    )


def seen(
    rhythm: Rhythm,
    now: float,
    left: int = 0,
    hour: float = 0.0,
    day: float = 0.0,
    hour_anywhere: float = 0.0,
    day_anywhere: float = 0.0,
) -> tuple[float, ...]:
    """The columns at `now` [s], in the order of COLUMNS.

    `left` is how many tasks are left (0: nobody knows); then the answers by others in the last hour and day, in this
    category and anywhere.
    """
    state = awoken(rhythm, now)
    done = state.done
    spent = now - state.begun if state.in_session else 0.0
    usual_pause = state.pauses / done if done else math.log(TYPICAL)
    ended = len(state.ends)
    finished = state.sessions - (state.in_session > 0)
    usual = math.log(state.finished / finished + 60.0) if finished else 0.0
    apart = [(end - now + DAY / 2) % DAY - DAY / 2 for end in state.ends]
    nearest = min(apart, key=abs) if ended else math.inf
    return (
        math.log1p(done),
        math.log1p(state.in_session),
        math.log(spent + 20.0),
        min(spent, 2.0 * HOUR) / HOUR,
        state.last_pause,
        usual_pause,
        state.recent_pause,
        state.last_pause - usual_pause,
        math.log(min(max(state.away, SESSION_GAP), 1e7)),
        math.log1p(state.sessions),
        float(state.last_right),
        float(state.before_right),
        (state.right + 1.0) / (done + 2.0),
        state.recent_right,
        float(state.last_skipped),
        state.skipped / (done + 1.0),
        state.recent_skipped,
        math.log1p(left),
        done / (done + left) if left else 1.0,
        usual,
        math.log(spent + 20.0) - usual if finished else 0.0,
        nearest / 600.0 if abs(nearest) <= NEAR else _FAR,
        math.log1p(hour),
        math.log1p(day),
        math.log1p(hour_anywhere),
        math.log1p(day_anywhere),
    )


def table(log: Log) -> Floats:
    """The columns at every row's moment of decision (see `log`), (R, len(COLUMNS))."""
    values = np.empty((len(log), len(COLUMNS)))
    for row, one in enumerate(_rows(log)):
        values[row] = one
    return values


def others(log: Log, window: float, *, anywhere: bool) -> NDArray[np.int64]:
    """How many earlier answers by other people each row's category (or the log) had within `window` seconds, (R,)."""
    place = np.zeros(len(log), np.int32) if anywhere else log.category
    _, pair = np.unique(np.stack((place, log.person)), axis=1, return_inverse=True)
    return _earlier(place, log.at, window) - _earlier(pair.reshape(-1), log.at, window)


def _earlier(key: NDArray[np.generic], at: Floats, window: float) -> NDArray[np.int64]:
    """How many rows with the same key lie in [at - window, at], in the order of time, before each row, (R,)."""
    _, group = np.unique(key, return_inverse=True)
    order = np.lexsort((at, group))
    span = float(np.ptp(at)) + 2.0 * window + 1.0 if len(at) else 1.0
    place = group[order] * span + (at[order] - (at.min() if len(at) else 0.0))
    count = np.empty(len(at), dtype=np.int64)
    count[order] = np.arange(len(at)) - np.searchsorted(place, place - window)
    return count


def _rows(log: Log) -> Iterator[tuple[float, ...]]:
    counts = [others(log, window, anywhere=anywhere) for anywhere in (False, True) for window in (HOUR, DAY)]
    columns = (log.person, log.at, log.seconds, log.outcome, log.remaining, np.stack(counts, axis=1))
    outcomes = list(Outcome)
    who, state = None, Rhythm()
    for person, at, seconds, outcome, left, count in zip(*(one.tolist() for one in columns), strict=True):
        if person != who:
            who, state = person, Rhythm()
        if log.offered:
            yield seen(state, at, left, *count)
        state = kept(state, at, outcomes[outcome], seconds)
        if not log.offered:
            yield seen(state, at, left, *count)
