"""How the class moved between a first and a last impression (`poll.first_id`), as a reader may see it.

| polls | what is said |
| --- | --- |
| both named | who moved where, or by how much on a scale, of those who answered both times |
| one anonymous | what was answered the first and the last time, side by side; who moved is known to nobody |

Options are the same where they read the same. Classmates see no cell of one or two people (`movement.shown`), and
nothing at all before `FEW` people have answered twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from core.activities import poll_results
from core.activities.polls import FEW, Poll
from core.activities.seats import Seat
from core.polling import answers, kinds, movement
from core.polling.answers import Answer, Mark
from core.polling.movement import Shift
from core.store import tables
from core.store.database import run

Cells = tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Move:
    """One question (of a quiz one statement) at both times.

    `names`: the categories; `first` and `last` count all who answered then. `cells` (rows: first) and the rest know
    those who answered both times; `cells` is None where nobody can know, or a reader may not.
    """

    about: str
    names: tuple[str, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]
    first_voters: int
    last_voters: int
    twice: int | None = None
    cells: Cells | None = None
    changed: int | None = None
    chance: float | None = None
    shift: Shift | None = None


def moves(session: Session, seat: Seat, first: Poll, last: Poll) -> tuple[Move, ...]:
    """How the class moved from `first` to `last`; nothing for kinds whose answers cannot be compared one to one.

    The caller has seen to it that this reader may see both results.
    """
    if first.kind.kind != last.kind.kind or not isinstance(
        last.kind, kinds.Single | kinds.Pair | kinds.Rating | kinds.Number | kinds.Quiz
    ):
        return ()
    counts = poll_results.counts_of(session, first.id), poll_results.counts_of(session, last.id)
    pairs = None
    if not (first.is_anonymous or last.is_anonymous):
        pairs = _pairs(session, first, last)
    if isinstance(last.kind, kinds.Quiz):
        return _of_quiz(seat, first, last, counts, pairs)
    if isinstance(last.kind, kinds.Rating | kinds.Number):
        return (_of_scale(seat, first, last, counts, pairs),) if first.kind == last.kind else ()
    return (_of_options(seat, first, last, counts, pairs),)


Counts = tuple[dict[Mark, int], dict[Mark, int]]
Pairs = list[tuple[Answer, Answer]] | None


def _pairs(session: Session, first: Poll, last: Poll) -> list[tuple[Answer, Answer]]:
    rows = run(session, _TWICE, first=first.id, last=last.id)
    return [(answers.from_json(row.before), answers.from_json(row.after)) for row in rows]


def _of_options(seat: Seat, first: Poll, last: Poll, counts: Counts, pairs: Pairs) -> Move:
    place = {option.normal: at for at, option in enumerate(last.live)}
    names = [option.text for option in last.live]
    for option in first.live:
        if option.normal not in place:
            place[option.normal] = len(names)
            names.append(option.text)
    at = {option.id: place[option.normal] for poll in (first, last) for option in poll.live}

    def margin(which: int) -> tuple[int, ...]:
        total = [0] * len(names)
        for (option, _), number in counts[which].items():
            if option in at:
                total[at[option]] += number
        return tuple(total)

    known = None
    if pairs is not None:
        known = [
            (at[before[0][0]], at[after[0][0]]) for before, after in pairs if before[0][0] in at and after[0][0] in at
        ]
    return _move(seat, first, last, "", tuple(names), (margin(0), margin(1)), known)


def _of_scale(seat: Seat, first: Poll, last: Poll, counts: Counts, pairs: Pairs) -> Move:
    kind = last.kind
    if isinstance(kind, kinds.Rating):
        values = range(kind.low, kind.high + 1)
        margins = tuple(tuple(one.get((0, f"{value}"), 0) for value in values) for one in counts)
        known = None
        if pairs is not None:
            known = [(int(before[0][1]) - kind.low, int(after[0][1]) - kind.low) for before, after in pairs]
        steps = [(float(a), float(b)) for a, b in known or ()]
        move = _move(seat, first, last, "", tuple(map(str, values)), (margins[0], margins[1]), known)
    else:
        assert isinstance(kind, kinds.Number)
        steps = [(float(kind.value(int(a[0][1]))), float(kind.value(int(b[0][1])))) for a, b in pairs or ()]
        move = Move("", (), (), (), first.voted, last.voted, twice=None if pairs is None else len(pairs))
    if pairs is None or not _may_know(seat, len(pairs)):
        return move
    return replace(move, shift=movement.shift(steps))


def _of_quiz(seat: Seat, first: Poll, last: Poll, counts: Counts, pairs: Pairs) -> tuple[Move, ...]:
    assert isinstance(last.kind, kinds.Quiz)
    names, found = last.kind.levels, []
    if first.kind != last.kind:
        return ()
    before = {option.normal: option.id for option in first.live}
    for statement in last.live:
        if statement.normal not in before:
            continue
        ids = before[statement.normal], statement.id
        margins = tuple(
            tuple(one.get((option, f"{level}"), 0) for level in range(len(names)))
            for one, option in zip(counts, ids, strict=True)
        )
        known = None
        if pairs is not None:
            both = [(dict(a).get(ids[0]), dict(b).get(ids[1])) for a, b in pairs]
            known = [(int(a), int(b)) for a, b in both if a is not None and b is not None]
        move = _move(seat, first, last, statement.text, names, (margins[0], margins[1]), known)
        if known is not None and _may_know(seat, len(known)):
            move = replace(move, shift=movement.shift([(float(a), float(b)) for a, b in known]))
        found.append(move)
    return tuple(found)


def _move(
    seat: Seat,
    first: Poll,
    last: Poll,
    about: str,
    names: tuple[str, ...],
    margins: tuple[tuple[int, ...], tuple[int, ...]],
    known: list[tuple[int, int]] | None,
) -> Move:
    voters = (sum(margins[0]), sum(margins[1])) if about else (first.voted, last.voted)
    if known is None:
        return Move(about, names, *margins, *voters)
    if not _may_know(seat, len(known)):
        return Move(about, names, *margins, *voters, twice=len(known))
    found = movement.moves(known, len(names))
    cells = found.table if seat.role == "teacher" else movement.shown(found.table)
    return Move(about, names, *margins, *voters, len(known), cells, found.changed, found.chance)


def _may_know(seat: Seat, twice: int) -> bool:
    return seat.role == "teacher" or twice >= FEW


_before = aliased(tables.Ballot)
_after = aliased(tables.Ballot)
_TWICE = (
    select(_before.answer.label("before"), _after.answer.label("after"))
    .join(_after, _after.person_id == _before.person_id)
    .where(
        _before.poll_id == bindparam("first"),
        _after.poll_id == bindparam("last"),
        _before.counts.is_(True),
        _after.counts.is_(True),
    )
)
