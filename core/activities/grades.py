"""Grades: what the LMS should show for a person in a link's column, and what became of it.

A worker sends them (`sending`). The row says what is wanted, and its version counts the changes; sent is the newest
version or nothing, so no older score can arrive after a newer one. A score's timestamp is fixed when the score
changes and grows by more than a second each time, because Moodle refuses a second score within one second (AGS 2.0
section 3.4.9 asks for strictly increasing timestamps).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from core.store.database import PerDialect, run
from core.store.tables import Course, Grade, Membership, Person, Platform, ResourceLink
from core.words import N_, Sentence

SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
STEP = timedelta(milliseconds=1001)
DECIMALS = 4
TROUBLE = ("overridden", "not_gradable", "gone", "forbidden", "given_up")

_STANDING = {
    "waiting": N_("It is on its way to the gradebook."),
    "sent": N_("It is in the gradebook."),
    "overridden": N_("Your teacher set another grade in the gradebook."),
    "not_gradable": N_("The gradebook takes no score for you; ask your teacher."),
    "gone": N_("The gradebook has no column for it any more; ask your teacher."),
    "forbidden": N_("The gradebook did not let us write; ask your teacher."),
    "given_up": N_("We could not reach the gradebook; your teacher can send it again."),
    "cleared": N_("It was taken back."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One person's score in one link, for the teacher. `lms_score` is what the LMS showed when it was last read."""

    person_id: int
    name: str | None
    link_title: str
    score: float
    maximum: float
    status: str
    lms_score: float | None
    tried_at: datetime | None
    why: Sentence | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A course's scores: how many stand where, since when the oldest waits, and what keeps the others."""

    counts: Mapping[str, int]
    queued: int
    oldest_since: datetime | None
    troubled: int
    why: Sentence | None
    unsendable: tuple[Sentence, ...]
    lines: tuple[Line, ...]


def rounded(value: float) -> float:
    """A number of points as it is stored, shown and sent: rounded once.

    Raises ValueError for what is no number of points.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError("a score is a finite number from 0 up")
    return round(float(value), DECIMALS)


def want(
    session: Session, *, resource_link_id: int, person_id: int, score: float, maximum: float, now: datetime
) -> str | None:
    """Say what the LMS should show. Nothing changes when it says so already.

    None means that it will be sent; otherwise why no score is kept: 'no_column', 'no_scope', 'not_a_student',
    'test_user', 'left'. Raises ValueError for a score or maximum that is no number of points; more than the maximum
    is allowed (AGS 2.0 3.4.4).
    """
    score, maximum = rounded(score), rounded(maximum)
    if maximum == 0:
        raise ValueError("a maximum is more than 0")
    place = run(session, _PLACE, link=resource_link_id, person=person_id).one_or_none()
    if place is None or place.role != "student":
        return "not_a_student"
    if place.is_test:
        return "test_user"
    if place.status != "active":
        return "left"
    if place.line_item_url is None:
        return "no_column"
    if SCORE_SCOPE not in place.ags_scopes:
        return "no_scope"
    _keep(session, place.registration_id, resource_link_id, person_id, score, maximum, now)
    return None


def columns(session: Session, activity_id: int) -> list[int]:
    """The links that open an activity and have a column in the gradebook."""
    return list(run(session, _COLUMNS, activity=activity_id).scalars())


_COLUMNS = (
    select(ResourceLink.id)
    .where(ResourceLink.activity_id == bindparam("activity"), ResourceLink.line_item_url.is_not(None))
    .order_by(ResourceLink.id)
)


def is_known(session: Session, link: int, person_id: int) -> bool:
    """Whether a link's column shows, or should show, anything for this person."""
    grade = select(Grade.id).where(Grade.resource_link_id == link, Grade.person_id == person_id)
    return session.scalar(grade) is not None


_PLACE = (
    select(
        Platform.registration_id,
        ResourceLink.line_item_url,
        ResourceLink.ags_scopes,
        Person.is_test,
        Membership.role,
        Membership.status,
    )
    .select_from(ResourceLink)
    .join(Course, Course.id == ResourceLink.course_id)
    .join(Platform, Platform.id == Course.platform_id)
    .join(Membership, (Membership.course_id == Course.id) & (Membership.person_id == bindparam("person")))
    .join(Person, (Person.id == bindparam("person")) & (Person.platform_id == Platform.id))
    .where(ResourceLink.id == bindparam("link"))
)


def _keep(
    session: Session,
    registration_id: int,
    resource_link_id: int,
    person_id: int,
    score: float,
    maximum: float,
    now: datetime,
) -> None:
    # Two changes at once: the first INSERT wins, the other finds the row and waits for its lock (SQLite has one
    # writer anyway).
    made = run(
        session,
        _FIRST,
        registration_id=registration_id,
        resource_link_id=resource_link_id,
        person_id=person_id,
        score=score,
        maximum=maximum,
        version=1,
        stamped_at=now,
        submitted_at=now,
        status="waiting",
        due_at=now,
    ).scalar()
    if made is not None:
        return
    kept = run(session, _KEPT, link=resource_link_id, person=person_id).one()
    if (kept.score, kept.maximum) == (score, maximum):
        return
    run(
        session,
        _CHANGE,
        grade=kept.id,
        score=score,
        maximum=maximum,
        version=kept.version + 1,
        stamped_at=max(now, kept.stamped_at + STEP),
        submitted_at=now,
        status="waiting",
        due_at=now,
        tries=0,
        first_failed_at=None,
        problem=None,
    )


_FIRST = PerDialect(
    lambda insert: (
        insert(Grade).on_conflict_do_nothing(index_elements=["resource_link_id", "person_id"]).returning(Grade.id)
    )
)
_KEPT = (
    select(Grade.id, Grade.score, Grade.maximum, Grade.version, Grade.stamped_at)
    .where(Grade.resource_link_id == bindparam("link"), Grade.person_id == bindparam("person"))
    .with_for_update()
)
_CHANGE = update(Grade).where(Grade.id == bindparam("grade"))


def send_again(session: Session, course_id: int, person_id: int | None, now: datetime) -> int:
    """Send the newest score again, of one person or of everybody in the course; gives how many.

    It goes out as if it were the first: a grade that someone else set in the LMS is replaced, because a teacher
    asked for it.
    """
    query = (
        select(Grade.id, Grade.stamped_at)
        .join(ResourceLink, ResourceLink.id == Grade.resource_link_id)
        .where(ResourceLink.course_id == course_id)
        .with_for_update(of=Grade)
    )
    if person_id is not None:
        query = query.where(Grade.person_id == person_id)
    kept = session.execute(query).all()
    for grade in kept:
        session.execute(
            update(Grade)
            .where(Grade.id == grade.id)
            .values(
                version=Grade.version + 1,
                stamped_at=max(now, grade.stamped_at + STEP),
                sent_version=0,
                sent_fraction=None,
                status="waiting",
                due_at=now,
                tries=0,
                first_failed_at=None,
                problem=None,
            )
        )
    return len(kept)


def states(session: Session, activity_id: int) -> dict[int, str]:
    """How each person's score in an activity stands; where it has several links, the one that needs attention first."""
    rows = session.execute(
        select(Grade.person_id, Grade.status)
        .join(ResourceLink, ResourceLink.id == Grade.resource_link_id)
        .where(ResourceLink.activity_id == activity_id)
    )
    order = ("sent", "cleared", "waiting", *TROUBLE)
    found: dict[int, str] = {}
    for person_id, status in rows:
        found[person_id] = max(found.get(person_id, status), status, key=order.index)
    return found


def standing_for(session: Session, resource_link_id: int | None, person_id: int) -> Sentence | None:
    """What a student may know about their score's way into the gradebook; None where nothing was sent or waits."""
    status = session.scalar(
        select(Grade.status).where(Grade.resource_link_id == resource_link_id, Grade.person_id == person_id)
    )
    return Sentence(_STANDING[status]) if status else None


def summary(session: Session, course_id: int) -> Summary:
    """How a course's scores stand, for the teacher's page."""
    rows = session.execute(
        select(
            Grade.person_id,
            Person.name,
            ResourceLink.title,
            Grade.score,
            Grade.maximum,
            Grade.status,
            Grade.lms_score,
            Grade.tried_at,
            Grade.problem,
            Grade.submitted_at,
        )
        .join(ResourceLink, ResourceLink.id == Grade.resource_link_id)
        .join(Person, Person.id == Grade.person_id)
        .where(ResourceLink.course_id == course_id)
        .order_by(ResourceLink.id, Person.name, Person.id)
    ).all()
    counts = Counter(row.status for row in rows)
    problems = Counter(row.problem for row in rows if row.status in TROUBLE and row.problem)
    return Summary(
        counts=dict(counts),
        queued=counts["waiting"],
        oldest_since=min((row.submitted_at for row in rows if row.status == "waiting"), default=None),
        troubled=sum(counts[status] for status in TROUBLE),
        why=Sentence(problems.most_common(1)[0][0]) if problems else None,
        unsendable=_unsendable(session, course_id),
        lines=tuple(
            Line(
                row.person_id,
                row.name,
                row.title,
                row.score,
                row.maximum,
                row.status,
                row.lms_score,
                row.tried_at,
                Sentence(row.problem) if row.problem else None,
            )
            for row in rows
        ),
    )


def _unsendable(session: Session, course_id: int) -> tuple[Sentence, ...]:
    """Links with an activity that cannot have scores, each with the reason."""
    links = session.execute(
        select(ResourceLink.title, ResourceLink.line_item_url, ResourceLink.ags_scopes)
        .where(ResourceLink.course_id == course_id, ResourceLink.activity_id.is_not(None))
        .order_by(ResourceLink.id)
    )
    reasons: list[Sentence] = []
    for link in links:
        if link.line_item_url is None:
            reasons.append(Sentence(N_("“{title}” has no column in the gradebook."), {"title": link.title}))
        elif SCORE_SCOPE not in link.ags_scopes:
            words = N_("The learning platform does not let this tool send scores for “{title}”.")
            reasons.append(Sentence(words, {"title": link.title}))
    return tuple(reasons)


def drop_for(session: Session, course_id: int, person_ids: list[int]) -> None:
    """Stop sending for people who left the course; their scores stay."""
    links = select(ResourceLink.id).where(ResourceLink.course_id == course_id)
    session.execute(
        update(Grade)
        .where(
            Grade.resource_link_id.in_(links),
            Grade.person_id.in_(person_ids),
            or_(Grade.status == "waiting", Grade.due_at.is_not(None)),
        )
        .values(status="not_gradable", due_at=None, problem=N_("This person is no longer in the course."))
    )
