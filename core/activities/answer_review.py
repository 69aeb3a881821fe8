"""What people wrote in polls and the teacher should look at, over all polls of the course: `waiting`.

Decided by `poll_results.hide`, as on the poll's own page. Who wrote it is not told, and not known of anonymous polls.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import Session

from core.activities import polls
from core.activities.refusals import NotAllowed
from core.activities.seats import Seat
from core.polling import kinds
from core.polling.answers import NO_OPTION
from core.store import tables
from core.store.database import run
from core.wording import coarse, words
from core.words import N_

Why = Literal["held", "reported", "coarse", "pending"]
ORDER: tuple[Why, ...] = ("held", "reported", "coarse", "pending")
WAITS = ("waits", "reported", "again")


@dataclass(frozen=True, slots=True)
class WaitingAnswer:
    """A text, or an entry of a word cloud with its inflections. `place` is the activity, `prompt` the poll."""

    poll_id: int
    text: str
    forms: tuple[str, ...]
    count: int
    reports: int
    is_shown: bool
    why: Why
    place: str
    prompt: str


def waiting(session: Session, seat: Seat) -> list[WaitingAnswer]:
    """Held back after reports first, then reported, coarse and new ones; in each in the order of the polls.

    An answer that its writer has changed since waits no more; nothing of an anonymous poll is told before `polls.FEW`
    people have answered.
    """
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers decide what becomes of texts."))
    found: list[WaitingAnswer] = []
    rows = run(session, _POLLS, course=seat.course_id).all()
    ids = [row.id for row in rows]
    counts: dict[int, dict[str, int]] = {poll: {} for poll in ids}
    for row in run(session, _WRITTEN, polls=ids):
        counts[row.poll_id][row.value] = row.number
    statuses = {(row.poll_id, row.value): row.status for row in run(session, _STATUSES, polls=ids)}
    reporters: Counter[tuple[int, str]] = Counter()
    for row in run(session, _REPORTS, polls=ids):
        reporters[row.poll_id, row.value] = row.number
    for row in rows:
        kind = kinds.from_json(row.details)
        for text, forms, count in _entries(kind, counts[row.id]):
            known = {statuses.get((row.id, form)) for form in forms}
            if not known & set(WAITS) or "hidden" in known:
                continue
            reports = sum(reporters[row.id, form] for form in forms)
            is_shown = not known & set(polls.HIDING)
            why = _why(forms, kind, reports, is_shown=is_shown)
            found.append(WaitingAnswer(row.id, text, forms, count, reports, is_shown, why, row.title, row.prompt))
    return sorted(found, key=lambda answer: ORDER.index(answer.why))


def _entries(kind: kinds.Kind, counts: dict[str, int]) -> list[tuple[str, tuple[str, ...], int]]:
    if isinstance(kind, kinds.Words):
        return [(entry.text, entry.forms, entry.count) for entry in words.merge(counts, kind.language)]
    return [(text, (text,), number) for text, number in sorted(counts.items())]


def _why(forms: tuple[str, ...], kind: kinds.Kind, reports: int, *, is_shown: bool) -> Why:
    if reports:
        return "reported" if is_shown else "held"
    language = kind.language if isinstance(kind, kinds.Words) else ""
    return "coarse" if any(coarse.found(form, language) for form in forms) else "pending"


_POLLS = (
    select(tables.Poll.id, tables.Poll.details, tables.Poll.prompt, tables.Activity.title)
    .join(tables.Activity, tables.Activity.id == tables.Poll.activity_id)
    .where(
        tables.Activity.course_id == bindparam("course"),
        tables.Poll.deleted_at.is_(None),
        tables.Poll.is_anonymous.is_(False) | (tables.Poll.voted >= polls.FEW),
        tables.Poll.id.in_(select(tables.HiddenAnswer.poll_id).where(tables.HiddenAnswer.status.in_(WAITS))),
    )
    .order_by(tables.Activity.id, tables.Poll.position, tables.Poll.id)
)
_AMONG: BindParameter[list[int]] = bindparam("polls", expanding=True)
_WRITTEN = select(tables.PollCount.poll_id, tables.PollCount.value, tables.PollCount.number).where(
    tables.PollCount.poll_id.in_(_AMONG), tables.PollCount.option_id == NO_OPTION, tables.PollCount.number > 0
)
_STATUSES = select(tables.HiddenAnswer.poll_id, tables.HiddenAnswer.value, tables.HiddenAnswer.status).where(
    tables.HiddenAnswer.poll_id.in_(_AMONG)
)
_REPORTS = (
    select(
        tables.AnswerReport.poll_id,
        tables.AnswerReport.value,
        func.count(tables.AnswerReport.person_id.distinct()).label("number"),
    )
    .where(tables.AnswerReport.poll_id.in_(_AMONG), tables.AnswerReport.option_id == NO_OPTION)
    .group_by(tables.AnswerReport.poll_id, tables.AnswerReport.value)
)
