"""How the class moved between a first and a last impression (`poll.first_id`), as a reader may see it.

| polls | what is said |
| --- | --- |
| both named | who moved where, or by how much on a scale, of those who answered both times |
| one anonymous | what was answered the first and the last time, side by side; who moved is known to nobody |

| kind | shape |
| --- | --- |
| single, pair, rating, number, a statement of a quiz | `Move`: a table of first and last answers, or a shift |
| several, words | `Takes`: how many took each option, or wrote each word, then and now |
| ranking | `Places`: the mean place of each option then and now |
| text | `Texts`: how many wrote something else; a teacher has both texts of each person side by side |

Options are the same where they read the same. Classmates see no cell of one or two people (`movement.shown`), nor how
many changed where that would tell them, and nothing at all before `FEW` people have answered twice.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from core.activities import poll_results
from core.activities.poll_shapes import Move, Movement, Placed, Places, Taken, Takes, Texts
from core.activities.polls import FEW, Poll
from core.activities.seats import Seat
from core.polling import answers, kinds, movement, tally
from core.polling.answers import Answer, Mark
from core.polling.movement import Shift
from core.store import tables
from core.store.database import run
from core.wording import words

MOST_PAIRS = 100  # of texts, side by side


def moves(session: Session, seat: Seat, first: Poll, last: Poll) -> tuple[Movement, ...]:
    """How the class moved from `first` to `last`; nothing where the two cannot be compared.

    The caller has seen to it that this reader may see both results.
    """
    if first.kind.kind != last.kind.kind or not (first.voted and last.voted):
        return ()
    counts = poll_results.counts_of(session, first.id), poll_results.counts_of(session, last.id)
    both = None if first.is_anonymous or last.is_anonymous else _both(session, first, last)
    pairs = None if both is None else [(before, after) for _, before, after in both]
    if isinstance(last.kind, kinds.Quiz):
        return _of_quiz(seat, first, last, counts, pairs)
    if isinstance(last.kind, kinds.Rating | kinds.Number):
        return (_of_scale(seat, first, last, counts, pairs),) if first.kind == last.kind else ()
    if isinstance(last.kind, kinds.Several):
        return (_of_several(seat, first, last, counts, pairs),)
    if isinstance(last.kind, kinds.Ranking):
        return _of_ranking(seat, first, last, counts, pairs)
    if isinstance(last.kind, kinds.Words):
        return (_of_words(session, seat, first, last, counts, pairs),)
    if isinstance(last.kind, kinds.Text):
        return (_of_texts(seat, first, last, both),)
    return (_of_options(seat, first, last, counts, pairs),)


Counts = tuple[dict[Mark, int], dict[Mark, int]]
Pairs = list[tuple[Answer, Answer]] | None


def _both(session: Session, first: Poll, last: Poll) -> list[tuple[int, Answer, Answer]]:
    """Who answered both times, and what."""
    rows = run(session, _TWICE, first=first.id, last=last.id)
    return [(row.person_id, answers.from_json(row.before), answers.from_json(row.after)) for row in rows]


def _together(first: Poll, last: Poll, counts: Counts) -> tuple[list[str], dict[int, int]]:
    """The options of both polls, those of the last first, and the place of each option's id among them."""
    options = [*poll_results.chosen(last, counts[1]), *poll_results.chosen(first, counts[0])]
    names: dict[str, str] = {}
    for option in options:
        names.setdefault(option.normal, option.text)
    place = {normal: at for at, normal in enumerate(names)}
    return list(names.values()), {option.id: place[option.normal] for option in options}


def _of_options(seat: Seat, first: Poll, last: Poll, counts: Counts, pairs: Pairs) -> Move:
    names, at = _together(first, last, counts)

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


def _of_several(seat: Seat, first: Poll, last: Poll, counts: Counts, pairs: Pairs) -> Takes:
    names, at = _together(first, last, counts)
    total = [[0] * len(names), [0] * len(names)]
    for which in (0, 1):
        for (option, _), number in counts[which].items():
            if option in at:
                total[which][at[option]] += number
    parts = [Taken(name, total[0][place], total[1][place]) for place, name in enumerate(names)]
    if pairs is not None and _may_know(seat, len(pairs)):
        taken = [tuple({at.get(option) for option, _ in answer} for answer in pair) for pair in pairs]
        parts = [
            _with_changes(
                seat, part, [(int(place in before), int(place in after)) for before, after in taken], len(names)
            )
            for place, part in enumerate(parts)
        ]
    return Takes(tuple(parts), first.voted, last.voted, None if pairs is None else len(pairs))


def _with_changes(seat: Seat, part: Taken, known: list[tuple[int, int]], options: int) -> Taken:
    """`chance` is multiplied by the number of `options` that were looked at (Bonferroni)."""
    found = movement.moves(known, 2)
    cells = found.table if seat.role == "teacher" else movement.shown(found.table)
    (_, added), (dropped, kept) = cells
    if found.chance is None or None in {kept, added, dropped}:
        return replace(part, kept=kept, added=added, dropped=dropped)
    chance = min(1.0, found.chance * options)
    return replace(part, kept=kept, added=added, dropped=dropped, chance=chance)


def _of_words(session: Session, seat: Seat, first: Poll, last: Poll, counts: Counts, pairs: Pairs) -> Takes:
    """Inflections are one entry over both polls; what is hidden in one of the two, in one of its forms, is left out."""
    assert isinstance(last.kind, kinds.Words)
    written = [tally.written(one) for one in counts]
    out = {
        form
        for poll, one in zip((first, last), counts, strict=True)
        for form in poll_results.hidden_forms(session, seat, poll, one)
    }
    total = {form: sum(one.get(form, 0) for one in written) for one in written for form in one}
    parts = [
        Taken(entry.text, *(sum(one.get(form, 0) for form in entry.forms) for one in written))
        for entry in words.merge(total, last.kind.language)
        if not out & set(entry.forms)
    ]
    made = Takes(tuple(parts), first.voted, last.voted, None if pairs is None else len(pairs))
    return replace(made, parts=tuple(sorted(parts, key=made.gain, reverse=True)))


def _of_ranking(seat: Seat, first: Poll, last: Poll, counts: Counts, pairs: Pairs) -> tuple[Places, ...]:
    """Of the options that both asked about, each place counted among these; nothing where that would be no comparison:
    fewer than two, or lists that end before the last option.
    """
    assert isinstance(last.kind, kinds.Ranking)
    before, after = ({option.normal: option for option in poll.live} for poll in (first, last))
    common = [normal for normal in after if normal in before]
    is_same = len(common) == len(before) == len(after) and first.kind == last.kind
    if len(common) < 2 or not (is_same or first.kind == last.kind == kinds.Ranking()):
        return ()
    means, asked = [], []
    for poll, options, count in zip((first, last), (before, after), counts, strict=True):
        ids = [options[normal].id for normal in common]
        order = tally.order(count, poll.voted, ids)
        borda = {line.option: line.borda for line in order.lines}
        means.append([1 + (len(ids) - 1) * (1 - borda[one]) for one in ids])
        asked.append(ids)
    gained: list[Shift | None] = [None] * len(common)
    if pairs is not None and _may_know(seat, len(pairs)):
        lists = [
            [
                movement.places({option: int(place) for option, place in one}, ids)
                for one, ids in zip(pair, asked, strict=True)
            ]
            for pair in pairs
        ]
        gained = [movement.shift([(-then[at], -now[at]) for then, now in lists]) for at in range(len(common))]
    lines = [Placed(after[normal].text, means[0][at], means[1][at], gained[at]) for at, normal in enumerate(common)]
    lines.sort(key=lambda line: line.last)
    return (Places(tuple(lines), first.voted, last.voted, None if pairs is None else len(pairs)),)


def _of_texts(seat: Seat, first: Poll, last: Poll, both: list[tuple[int, Answer, Answer]] | None) -> Texts:
    if both is None:
        return Texts(first.voted, last.voted, None)
    own = [(before[0][1], after[0][1]) for person, before, after in both if person == seat.person_id]
    written = sorted((before[0][1], after[0][1]) for _, before, after in both)  # by alphabet: no order tells who
    teaches = seat.role == "teacher"
    changed = sum(before.casefold().split() != after.casefold().split() for before, after in written)
    is_told = teaches or min(changed, len(written) - changed) >= FEW
    return Texts(
        first.voted,
        last.voted,
        len(written),
        changed if is_told else None,
        tuple(written[:MOST_PAIRS] if teaches else own),
    )


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
    if seat.role == "teacher":
        return Move(about, names, *margins, *voters, len(known), found.table, found.changed, found.chance)
    cells = movement.shown(found.table)
    if any(cell is None for row in cells for cell in row):  # how many changed would tell cells of a table of sums
        return Move(about, names, *margins, *voters, len(known), cells, None, found.chance if len(names) > 2 else None)
    return Move(about, names, *margins, *voters, len(known), cells, found.changed, found.chance)


def _may_know(seat: Seat, twice: int) -> bool:
    return seat.role == "teacher" or twice >= FEW


_before = aliased(tables.Ballot)
_after = aliased(tables.Ballot)
_TWICE = (
    select(_before.person_id, _before.answer.label("before"), _after.answer.label("after"))
    .join(_after, _after.person_id == _before.person_id)
    .where(
        _before.poll_id == bindparam("first"),
        _after.poll_id == bindparam("last"),
        _before.counts.is_(True),
        _after.counts.is_(True),
    )
)
