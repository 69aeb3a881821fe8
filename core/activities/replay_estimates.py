"""What replays tell: what each text is worth, corrected for how it was chosen, and what other policies would have
earned. The formulas are those of `core.selection.estimates`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.activities.replays import Replay
from core.selection import estimates
from core.selection.estimates import Estimate, Log, Refused
from core.words import N_, Sentence

Array = NDArray[np.float64]

MOST_CELLS = 20_000_000  # moments times texts that `together` puts into one table: 160 MB for each policy
FEWEST_PEOPLE = 10  # what one person makes of several texts is alike, and from few people nobody sees how alike
FEW_PEOPLE = N_("Only {people} people are behind this; from {needed} on, an estimate is given.")


@dataclass(frozen=True, slots=True)
class TextLine:
    """What is known of a text's mean reward: uncorrected and corrected for how it was chosen, each in [0, 1]."""

    contribution_id: int
    shown: int
    rated: int
    plain: Estimate | Refused
    inverse: Estimate | Refused
    normalised: Estimate | Refused
    robust: Estimate | Refused


def text_lines(replay: Replay) -> list[TextLine]:
    """Every text that could be shown at one of the moments, in the order in which they were written."""
    log = replay.log()
    could_be: NDArray[np.bool_] = log.chances.max(axis=0, initial=0.0) > 0.0
    return [
        TextLine(
            text,
            int(np.count_nonzero(log.arm == arm)),
            int(np.count_nonzero(log.rated & (log.arm == arm))),
            estimates.plain_mean(log, arm),
            estimates.inverse_mean(log, arm),
            estimates.normalised_mean(log, arm),
            estimates.doubly_robust_mean(log, arm),
        )
        for arm, text in enumerate(replay.texts)
        if could_be[arm]
    ]


def earned(log: Log) -> Estimate | Refused:
    """The mean of all rewards that came, whatever they were for, with an interval that knows who gave several."""
    few = too_few(log)
    if few is not None:
        return few
    one = Log(np.zeros_like(log.arm), np.ones((log.arm.size, 1)), log.reward, log.person)
    return estimates.plain_mean(one, 0)


def would_earn(log: Log, others: Mapping[str, Array]) -> dict[str, Estimate | Refused]:
    """By policy, what the logged moments would have been worth under it (doubly robust)."""
    few = too_few(log)
    return {name: few or estimates.policy_value(log, target) for name, target in others.items()}


def too_few(log: Log) -> Refused | None:
    """Why nothing is said about the mean over all that happened: it happened to too few people."""
    behind = int(np.count_nonzero(log.rated)) if log.person is None else np.unique(log.person[log.rated]).size
    if behind >= FEWEST_PEOPLE:
        return None
    return Refused(Sentence(FEW_PEOPLE, {"people": behind, "needed": FEWEST_PEOPLE}), float(behind))


def together(replays: Sequence[Replay]) -> tuple[Log, dict[str, Array]] | None:
    """Several pools as one log, with each policy's chances; None where that table would not fit in memory.

    Moments stand in order of time; a text of another pool has no chance.
    """
    sizes = [len(replay.texts) for replay in replays]
    if not replays or sum(map(len, replays)) * sum(sizes) > MOST_CELLS:
        return None
    logs = [replay.log() for replay in replays]
    starts = np.cumsum([0, *sizes])
    at = np.array([when.timestamp() for replay in replays for when in replay.shown_at])
    order = np.argsort(at, kind="stable")
    joined = Log(
        np.concatenate([log.arm + start for log, start in zip(logs, starts, strict=False)])[order],
        _blocks([log.chances for log in logs])[order],
        np.concatenate([log.reward for log in logs])[order],
        np.concatenate([replay.person for replay in replays])[order],
    )
    return joined, {name: _blocks([replay.others[name] for replay in replays])[order] for name in replays[0].others}


def _blocks(tables: Sequence[Array]) -> Array:
    """Tables down the diagonal of one that is 0 elsewhere."""
    whole = np.zeros(tuple(np.sum([table.shape for table in tables], axis=0)))
    row = column = 0
    for table in tables:
        whole[row : row + len(table), column : column + table.shape[1]] = table
        row, column = row + len(table), column + table.shape[1]
    return whole
