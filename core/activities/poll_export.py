"""A poll's answers as a table: of a named one a row for each person, by name; of an anonymous one the totals alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities import authors, poll_results, poll_settings
from core.activities.polls import FEW, Poll
from core.activities.refusals import NotAllowed
from core.activities.seats import Opened, Seat
from core.polling import answers, kinds
from core.polling.answers import Answer, Mark
from core.store.tables import Ballot
from core.words import N_, Sentence

Cell = Sentence | str | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; what is a sentence is said in the reader's language."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


def table(session: Session, seat: Seat, opened: Opened, poll: Poll) -> Table:
    """Everything that a teacher may have of a poll. Raises NotAllowed for others, and where too few have answered."""
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers export polls."))
    if poll.is_anonymous:
        return _totals(session, poll)
    settings = poll_settings.of(opened)
    ballots = session.execute(
        select(Ballot.person_id, Ballot.answer, Ballot.created_at, Ballot.changed_at).where(
            Ballot.poll_id == poll.id, Ballot.counts.is_(True)
        )
    ).all()
    known = authors.names(session, seat, opened.id, settings, (row.person_id for row in ballots))
    timed = settings.anonymity != "pseudonym"  # a time beside a made-up name would lead to the person
    columns, of = _columns(poll)
    rows = []
    for row in ballots:
        author = known.of(row.person_id)
        times = (row.created_at.isoformat(), (row.changed_at or row.created_at).isoformat()) if timed else ()
        rows.append((author.name or author.words, *of(answers.from_json(row.answer)), *times))
    header = (Sentence(N_("Person")), *columns)
    if timed:
        header = (*header, Sentence(N_("First answered")), Sentence(N_("Last changed")))
    return Table(header, tuple(sorted(rows, key=lambda cells: tuple(map(str, cells)))))


def _totals(session: Session, poll: Poll) -> Table:
    if poll.voted < FEW:
        raise NotAllowed(N_("Fewer than {few} people have answered, so there is nothing to export yet."), few=FEW)
    counts = poll_results.counts_of(session, poll.id)
    header = (Sentence(N_("Option")), Sentence(N_("Answer")), Sentence(N_("People")))
    pairs = isinstance(poll.kind, kinds.Ranking)  # which also counts who is preferred to whom
    rows = [
        (*_mark(poll, mark), number)
        for mark, number in counts.items()
        if number and not (pairs and mark[1].startswith("-"))
    ]
    everybody = (Sentence(N_("Everybody who answered")), "", poll.voted)
    return Table(header, (*sorted(rows, key=lambda cells: tuple(map(str, cells))), everybody))


def _mark(poll: Poll, mark: Mark) -> tuple[Cell, Cell]:
    """What a mark says: the option, and its value where it has one."""
    option, value = mark
    kind = poll.kind
    text = {one.id: one.text for one in poll.options}.get(option, "")
    if isinstance(kind, kinds.Number):
        return "", float(kind.value(int(value)))
    if isinstance(kind, kinds.Rating):
        return "", int(value)
    if isinstance(kind, kinds.Quiz):
        return text, kind.levels[int(value)]
    if isinstance(kind, kinds.Ranking):
        return text, int(value)
    if isinstance(kind, kinds.BROUGHT):
        return "", value
    return text, ""


def _columns(poll: Poll) -> tuple[tuple[Cell, ...], Callable[[Answer], tuple[Cell, ...]]]:
    """The columns of one person's answer, and what stands in them."""
    if isinstance(poll.kind, kinds.Several | kinds.Ranking | kinds.Quiz):
        options = [option for option in poll.options if option.status != "pending"]

        def by_option(answer: Answer) -> tuple[Cell, ...]:
            given: Mapping[int, Cell] = {mark[0]: _mark(poll, mark)[1] or 1 for mark in answer}
            return tuple(given.get(option.id, 0 if isinstance(poll.kind, kinds.Several) else "") for option in options)

        return tuple(option.text for option in options), by_option

    def whole(answer: Answer) -> tuple[Cell, ...]:
        said = [text if text != "" else value for text, value in (_mark(poll, mark) for mark in answer)]
        return (said[0] if len(said) == 1 else "; ".join(map(str, said)),)

    return (Sentence(N_("Answer")),), whole
