"""What a poll's answers say, to whom and when; the same for named and anonymous polls, because both are counted alike.

| who | sees results |
| --- | --- |
| a student | as the poll says: at once, after answering (or the close), after the close |
| a teacher | always |
| anybody, of an anonymous poll | once `polls.FEW` people have answered: of fewer, who they are says what they said |

Texts of an anonymous poll are each shown, in alphabetical order: hiding the rare ones would hide all of them, and no
order tells who wrote which. What the teacher or enough classmates hid is counted among the voters and not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.orm import Session

from core.activities import decisions, pace, poll_settings, polls, seats, walls
from core.activities.polls import FEW, Option, Poll
from core.activities.refusals import NotAllowed, NotFound
from core.activities.seats import Opened, Seat
from core.polling import kinds, tally
from core.polling.answers import NO_OPTION, Mark
from core.polling.tally import Choices, Levels, Numbers, Order
from core.store import tables
from core.store.database import PerDialect, run
from core.wording import words
from core.words import N_, Sentence


@dataclass(frozen=True, slots=True)
class Line:
    """What people wrote: one entry of a word cloud with its spellings, or one text. `shown`: to students."""

    text: str
    count: int
    forms: tuple[str, ...]
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """What a reader learns: `figure` by the poll's kind, or, of what people write, `lines`."""

    voters: int
    figure: Choices | Numbers | Order | Levels | None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Hidden:
    """Nothing to see yet, and why."""

    why: Sentence
    voters: int


def result(session: Session, seat: Seat, poll: Poll, *, has_answered: bool) -> Result | Hidden:
    """The results as this reader may see them now."""
    why = _why_hidden(seat, poll, has_answered=has_answered)
    if why is not None:
        return Hidden(why, poll.voted)
    counts = counts_of(session, poll.id)
    kind, options = poll.kind, [option.id for option in poll.options if option.status != "pending"]
    if isinstance(kind, kinds.BROUGHT):
        lines = _lines(session, seat, poll, counts)
        return Result(poll.voted, None, tuple(line for line in lines if line.shown or seat.role == "teacher"))
    if isinstance(kind, kinds.Rating | kinds.Number):
        return Result(poll.voted, tally.numbers(kind, counts, poll.voted))
    if isinstance(kind, kinds.Ranking):
        return Result(poll.voted, tally.order(counts, poll.voted, options))
    if isinstance(kind, kinds.Quiz):
        return Result(poll.voted, tally.levels(counts, poll.voted, options, len(kind.levels)))
    return Result(poll.voted, tally.choices(counts, poll.voted, [option.id for option in chosen(poll, counts)]))


def _why_hidden(seat: Seat, poll: Poll, *, has_answered: bool) -> Sentence | None:
    if seat.role != "teacher":
        if poll.results == "after_close" and poll.state != "closed":
            return Sentence(N_("The results are shown when the poll is closed."))
        if poll.results == "after_vote" and poll.state != "closed" and not has_answered:
            return Sentence(N_("You see the results once you have answered."))
    if poll.is_anonymous and poll.voted < FEW:
        if poll.state == "closed":
            return Sentence(N_("Fewer than {few} people answered, so nothing is shown."), {"few": FEW})
        return Sentence(N_("The results are shown once {few} people have answered."), {"few": FEW})
    return None


def chosen(poll: Poll, counts: Mapping[Mark, int]) -> tuple[Option, ...]:
    """The options that can be chosen, and of those that were taken out the ones that somebody had chosen before."""
    out = (option for option in poll.options if option.status == "retired" and counts.get((option.id, "1")))
    return (*poll.live, *out)


def counts_of(session: Session, poll_id: int) -> dict[Mark, int]:
    """How often each mark was made."""
    return {(row.option_id, row.value): row.number for row in run(session, _COUNTS, poll=poll_id)}


def _lines(session: Session, seat: Seat, poll: Poll, counts: Mapping[Mark, int]) -> list[Line]:
    """Entries with their inflections, most frequent first; texts by alphabet. One hidden form hides its entry."""
    found = tally.written(counts)
    hidden = set(run(session, _HIDDEN, poll=poll.id).scalars())
    out = hidden | _reported(session, seat, poll)
    if isinstance(poll.kind, kinds.Words):
        merged = words.merge(found, poll.kind.language)
        return [Line(one.text, one.count, one.forms, not out & set(one.forms)) for one in merged]
    return [Line(text, count, (text,), text not in out) for text, count in found.items()]


def _reported(session: Session, seat: Seat, poll: Poll) -> set[str]:
    return set(run(session, _MY_REPORTS, poll=poll.id, person=seat.person_id).scalars())


def hidden_forms(session: Session, seat: Seat, poll: Poll, counts: Mapping[Mark, int]) -> set[str]:
    """What people wrote that is not shown, neither to the class nor, because they reported it, to this person."""
    return {form for line in _lines(session, seat, poll, counts) if not line.shown for form in line.forms}


def hide(session: Session, seat: Seat, opened: Opened, poll_id: int, text: str, *, hidden: bool, now: datetime) -> None:
    """A teacher takes what people wrote out of the results, with its inflections, or shows it again."""
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers hide what people wrote. You can report it."))
    seats.hold_for_change(session, seat, opened.id)
    poll = polls.find(session, seat, opened, poll_id, now)
    line = _find(session, seat, poll, text, has_answered=False)
    _mark(session, poll, line, "hidden" if hidden else "shown", now)
    decisions.record(session, seat, "hide_answer" if hidden else "show_answer", reason=line.text, now=now)
    _changed(session, opened, poll)


def report(session: Session, seat: Seat, opened: Opened, poll_id: int, text: str, *, now: datetime) -> Sentence:
    """Hide what somebody wrote for this person at once; for everybody when enough people have reported it, unless the
    teacher has let it stand.

    It then waits for the teacher (`answer_review`). Reporting twice is one report. Of two last reports at once the
    second one waits at the answer's row until the first is stored, and counts it.

    Raises NotFound for what nobody wrote and, in the same words, for what this person is not shown: reporting must not
    answer whether somebody wrote it, nor hide what nobody has seen.
    """
    poll = polls.find(session, seat, opened, poll_id, now)
    line = _find(session, seat, poll, text, has_answered=poll_id in polls.mine(session, seat, opened))
    new = {"poll_id": poll.id, "option_id": NO_OPTION, "value": line.text, "person_id": seat.person_id}
    if seats.hold(session, seat) and run(session, _REPORT, **new).scalar() is not None:
        pace.spend(session, seat, opened.id, "report", limit=poll_settings.of(opened).daily, now=now)
        statuses = {
            run(session, _TELL, poll_id=poll.id, value=form, hidden_at=_day(now), status="reported").scalar_one()
            for form in sorted(line.forms)
        }
        reports = run(session, _REPORTS, poll=poll.id, forms=list(line.forms)).scalar_one()
        if statuses == {"reported"} and reports >= poll_settings.of(opened).hold_at:
            _mark(session, poll, line, "waits", now)
            decisions.by_rule(session, seat.course_id, "hold_answer", None, when=_day(now), reason=line.text)
        _changed(session, opened, poll)
    return Sentence(N_("Reported. You will not see this text again, and your teacher will look at it."))


def _find(session: Session, seat: Seat, poll: Poll, text: str, *, has_answered: bool) -> Line:
    """What this person is shown, or was until they reported it, that has this text among its forms."""
    lines: list[Line] = []
    if isinstance(poll.kind, kinds.BROUGHT) and _why_hidden(seat, poll, has_answered=has_answered) is None:
        lines = _lines(session, seat, poll, counts_of(session, poll.id))
    found = next((line for line in lines if text in line.forms), None)
    if found is None or not (found.shown or seat.role == "teacher" or text in _reported(session, seat, poll)):
        raise NotFound(N_("Nobody wrote this here. Load the page again."))
    return found


def _mark(session: Session, poll: Poll, line: Line, status: str, now: datetime) -> None:
    for form in sorted(line.forms):
        run(session, _SET, poll_id=poll.id, value=form, hidden_at=_day(now), status=status)


def _day(now: datetime) -> datetime:
    """A time would lead from a text to its author."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _changed(session: Session, opened: Opened, poll: Poll) -> None:
    session.execute(update(tables.Poll).where(tables.Poll.id == poll.id).values(version=tables.Poll.version + 1))
    walls.touch(session, opened.id)


_COUNTS = select(tables.PollCount.option_id, tables.PollCount.value, tables.PollCount.number).where(
    tables.PollCount.poll_id == bindparam("poll")
)
_HIDDEN = select(tables.HiddenAnswer.value).where(
    tables.HiddenAnswer.poll_id == bindparam("poll"), tables.HiddenAnswer.status.in_(polls.HIDING)
)
_MY_REPORTS = select(tables.AnswerReport.value).where(
    tables.AnswerReport.poll_id == bindparam("poll"), tables.AnswerReport.person_id == bindparam("person")
)
_REPORTS = select(func.count(tables.AnswerReport.person_id.distinct())).where(
    tables.AnswerReport.poll_id == bindparam("poll"), tables.AnswerReport.value.in_(bindparam("forms", expanding=True))
)
HIDE = PerDialect(
    lambda insert: insert(tables.HiddenAnswer).on_conflict_do_nothing().returning(tables.HiddenAnswer.poll_id)
)
_SET = PerDialect(
    lambda insert: (
        insert(tables.HiddenAnswer)
        .on_conflict_do_update(
            index_elements=["poll_id", "value"], set_={"status": insert(tables.HiddenAnswer).excluded.status}
        )
        .returning(tables.HiddenAnswer.status)
    )
)
_TELL = PerDialect(  # that somebody reported it: what the class sees does not change
    lambda insert: (
        insert(tables.HiddenAnswer)
        .on_conflict_do_update(
            index_elements=["poll_id", "value"],
            set_={"status": case((tables.HiddenAnswer.status == "shown", "again"), else_=tables.HiddenAnswer.status)},
        )
        .returning(tables.HiddenAnswer.status)
    )
)
_REPORT = PerDialect(
    lambda insert: insert(tables.AnswerReport).on_conflict_do_nothing().returning(tables.AnswerReport.poll_id)
)
