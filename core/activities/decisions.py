"""What was decided about texts and people, by whom or by which rule, and when. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from core.activities import authors, places
from core.activities.authors import Author
from core.activities.seats import Seat
from core.store.database import insert
from core.store.tables import Activity, Contribution, Decision, Item, Membership, Person, Problem, Question
from core.words import N_, Sentence

RULES = {  # what happens by itself
    "hold": Sentence(N_("held back after reports, until the teacher has looked")),
    "coarse": Sentence(N_("waits, because of coarse words")),
    "hold_answer": Sentence(N_("an answer to a poll, held back after reports, until the teacher has looked")),
    "alike": Sentence(N_("waits, because it repeats another text")),
    "worry": Sentence(N_("marked to be read first: its writer may not be well")),
}
BY_AUTHORS = {"consent", "consent_withdrawn"}
ACTIONS = {
    "approve": Sentence(N_("approved")),
    "retire": Sentence(N_("taken out")),
    "restore": Sentence(N_("put back")),
    "keep": Sentence(N_("looked at and kept")),
    "uphold": Sentence(N_("looked at again, stays taken out")),
    "redact": Sentence(N_("words removed for good")),
    "pin": Sentence(N_("pinned")),
    "unpin": Sentence(N_("no longer pinned")),
    "endorse": Sentence(N_("endorsed")),
    "unendorse": Sentence(N_("no longer endorsed")),
    "merge": Sentence(N_("made part of another question")),
    "close": Sentence(N_("closed")),
    "reopen": Sentence(N_("opened again")),
    "answered": Sentence(N_("marked as answered")),
    "unanswered": Sentence(N_("marked as not answered")),
    "hide_answer": Sentence(N_("hidden from a poll's results")),
    "show_answer": Sentence(N_("shown in a poll's results")),
    "let_option_in": Sentence(N_("let in as an option of a poll")),
    "take_option_out": Sentence(N_("taken out of a poll's options")),
    "star": Sentence(N_("starred as an author")),
    "unstar": Sentence(N_("star removed")),
    "publish": Sentence(N_("put into the public archive")),
    "unpublish": Sentence(N_("taken out of the public archive")),
    "open_archive": Sentence(N_("public archive opened")),
    "close_archive": Sentence(N_("public archive closed")),
    "consent": Sentence(N_("may be published, its author says")),
    "consent_withdrawn": Sentence(N_("may no longer be published, its author says")),
    **RULES,
}
SEEN = {"approve", "retire", "restore", "keep", "uphold"}  # a teacher has read the text


def done(action: str) -> Sentence:
    """What a teacher who has just decided is told."""
    return Sentence(N_("Done: {what}."), {"what": ACTIONS[action]})


_later = aliased(Decision)


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision. `by` is the teacher's name; None where a rule decided, or the author."""

    id: int
    when: datetime
    by: str | None
    by_rule: bool
    action: str
    reason: str
    contribution_id: int | None
    kind: str | None
    text: str | None
    place: str
    author: Author

    @property
    def what(self) -> Sentence:
        return ACTIONS.get(self.action, Sentence(self.action))


def record(
    session: Session,
    seat: Seat,
    action: str,
    *,
    now: datetime,
    contribution_id: int | None = None,
    person_id: int | None = None,
    reason: str = "",
) -> None:
    """A teacher decided."""
    session.execute(
        insert(session, Decision).values(
            course_id=seat.course_id,
            teacher_id=seat.person_id,
            action=action,
            reason=reason,
            contribution_id=contribution_id,
            person_id=person_id,
            created_at=now,
        )
    )


def by_rule(
    session: Session, course_id: int, rule: str, contribution_id: int | None, *, when: datetime, reason: str = ""
) -> None:
    """A rule decided. Where nobody is to be known, `when` is the day that the text itself carries."""
    session.execute(
        insert(session, Decision).values(
            course_id=course_id,
            teacher_id=None,
            action=rule,
            reason=reason,
            contribution_id=contribution_id,
            created_at=when,
        )
    )


def open_rule(rule: str) -> ColumnElement[bool]:
    """Whether this rule marked the contribution of the query, and no teacher has read the text since."""
    read = exists().where(
        _later.contribution_id == Decision.contribution_id, _later.id > Decision.id, _later.action.in_(SEEN)
    )
    return exists().where(Decision.contribution_id == Contribution.id, Decision.action == rule, ~read)


def stands() -> ColumnElement[bool]:
    """Whether a teacher wrote the query's contribution, pinned or endorsed it, or read its words, as they are now, and
    let them be seen.
    """
    read = exists().where(
        Decision.contribution_id == Contribution.id,
        Decision.teacher_id.is_not(None),
        Decision.action.in_(("approve", "restore", "keep")),
        Contribution.edited_at.is_(None) | (Decision.created_at >= Contribution.edited_at),
    )
    taught = exists().where(
        Membership.person_id == Contribution.person_id,
        Membership.course_id == Contribution.course_id,
        Membership.role == "teacher",
    )
    return read | taught | Contribution.pinned_at.is_not(None) | Contribution.endorsed_at.is_not(None)


def of(session: Session, seat: Seat, contribution_ids: Iterable[int]) -> dict[int, list[Entry]]:
    """What was decided about these texts so far, oldest first."""
    found: dict[int, list[Entry]] = {}
    for entry in _entries(session, seat, Decision.contribution_id.in_(list(contribution_ids)), newest_first=False):
        if entry.contribution_id is not None:
            found.setdefault(entry.contribution_id, []).append(entry)
    return found


def listed(
    session: Session,
    seat: Seat,
    *,
    activity_id: int | None = None,
    action: str = "",
    by: str = "",
    before: int | None = None,
    limit: int | None = None,
) -> list[Entry]:
    """The decisions of the course, newest first: of one activity, of one action, by teachers or by rules (`by`)."""
    wanted: list[ColumnElement[bool]] = []
    if activity_id is not None:
        wanted.append(Contribution.activity_id == activity_id)
    if action:
        wanted.append(Decision.action == action)
    if by in {"teacher", "rule"}:
        wanted.append(Decision.teacher_id.is_not(None) if by == "teacher" else Decision.teacher_id.is_(None))
    if before is not None:
        wanted.append(Decision.id < before)
    return list(_entries(session, seat, *wanted, newest_first=True, limit=limit))


def _entries(
    session: Session, seat: Seat, *wanted: ColumnElement[bool], newest_first: bool, limit: int | None = None
) -> Iterator[Entry]:
    teacher = aliased(Person)
    statement = (
        select(
            Decision,
            Contribution,
            teacher.name,
            func.coalesce(Problem.name, Activity.title, ""),
            func.coalesce(Question.title, Item.title, ""),
        )
        .outerjoin(Contribution, Contribution.id == Decision.contribution_id)
        .outerjoin(teacher, teacher.id == Decision.teacher_id)
        .outerjoin(Problem, Problem.id == Contribution.problem_id)
        .outerjoin(Activity, Activity.id == Contribution.activity_id)
        .outerjoin(Question, Question.contribution_id == Contribution.id)
        .outerjoin(Item, Item.contribution_id == Contribution.id)
        .where(Decision.course_id == seat.course_id, *wanted)
        .order_by(Decision.id.desc() if newest_first else Decision.id)
        .limit(limit)
    )
    rows = session.execute(statement).all()
    of_texts = _authors(session, seat, [row[1] for row in rows if row[1] is not None])
    starred = authors.names(session, seat, 0, places.PRACTICE, [row[0].person_id for row in rows])
    for decision, text, teacher_name, place, title in rows:
        yield Entry(
            decision.id,
            decision.created_at,
            teacher_name,
            decision.teacher_id is None and decision.action not in BY_AUTHORS,
            decision.action,
            decision.reason,
            decision.contribution_id,
            text.kind if text else None,
            f"{title}\n{text.text}".strip() if text else None,
            place,
            of_texts[text.id] if text else starred.of(decision.person_id),
        )


def whose(session: Session, seat: Seat, contribution_ids: Iterable[int]) -> dict[int, Author]:
    """What this reader learns about the authors of these texts: in each activity by that activity's rule."""
    rows = session.scalars(
        select(Contribution).where(
            Contribution.id.in_(list(contribution_ids)), Contribution.course_id == seat.course_id
        )
    ).all()
    return _authors(session, seat, rows)


def _authors(session: Session, seat: Seat, contributions: Sequence[Contribution]) -> dict[int, Author]:
    found: dict[int, Author] = {}
    for activity_id in {text.activity_id for text in contributions}:
        here = [text for text in contributions if text.activity_id == activity_id]
        settings = places.settings_of(session, seat, activity_id)
        names = authors.names(session, seat, activity_id or 0, settings, [text.person_id for text in here])
        for text in here:
            inherited = text.inherited_from_id is not None
            found[text.id] = names.of(text.person_id, inherited=inherited)
    return found
