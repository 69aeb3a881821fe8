"""What classmates do about a text: check one that waits, report one that should not be shown. The teacher: `review`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from core.activities import contributions, seats, texts
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import NotAllowed, NotFound
from core.activities.seats import Seat
from core.store.database import insert
from core.store.tables import Attempt, Contribution, Exposure, Person, Report, Review
from core.words import N_, Sentence


@dataclass(frozen=True, slots=True)
class ToCheck:
    """A pending text that a classmate is asked about."""

    contribution_id: int
    kind: str
    text: str


def to_check(session: Session, seat: Seat, settings: PracticeSettings, problem_id: int) -> ToCheck | None:
    """The pending text of this problem that needs this student's word next: the one with most words, then the oldest.

    Never one's own, never one that this student has judged or reported, never one that classmates leave to the teacher.
    """
    if settings.moderation != "after_peers":
        return None
    said = select(func.count()).where(Review.contribution_id == Contribution.id).correlate(Contribution)
    row = session.execute(
        select(Contribution.id, Contribution.kind, Contribution.text)
        .where(
            Contribution.problem_id == problem_id,
            Contribution.course_id == seat.course_id,
            Contribution.status == "pending",
            Contribution.person_id != seat.person_id,
            ~exists().where(Review.contribution_id == Contribution.id, Review.person_id == seat.person_id),
            ~exists().where(Report.contribution_id == Contribution.id, Report.person_id == seat.person_id),
            said.where(Review.fine.is_(False)).scalar_subquery() < settings.peers_needed,
        )
        .order_by(said.scalar_subquery().desc(), Contribution.id)
        .limit(1)
    ).one_or_none()
    return ToCheck(*row) if row else None


def check(
    session: Session, seat: Seat, settings: PracticeSettings, contribution_id: int, *, fine: bool, now: datetime
) -> Sentence:
    """A classmate's word on a pending text. With enough of them it joins; as many against it leave it to the teacher.

    One person, one word: unique (contribution, person). The row is locked first, so that of two last words only one
    lets it join, and the author cannot change the words under the reader's eyes (a change is another contribution).
    """
    row = session.execute(
        select(Contribution.problem_id, Contribution.person_id, Contribution.status)
        .where(Contribution.id == contribution_id, Contribution.course_id == seat.course_id)
        .with_for_update()
    ).one_or_none()
    if row is None or row.status == "kept":
        raise NotFound(N_("This text is not in your course."))
    if row.person_id == seat.person_id:
        raise NotAllowed(N_("This is your own text. Classmates check it."))
    if seat.role != "student" or not _has_answered(session, seat, row.problem_id):
        raise NotAllowed(N_("Texts are checked by classmates who have answered the problem."))
    if row.status != "pending" or settings.moderation != "after_peers":
        return Sentence(N_("Thank you. This text was already settled."))
    session.execute(
        insert(session, Review)
        .values(contribution_id=contribution_id, person_id=seat.person_id, fine=fine, created_at=now)
        .on_conflict_do_nothing()
        .returning(Review.id)
    )
    words = Counter(
        session.scalars(
            select(Review.fine)
            .join(Person, Person.id == Review.person_id)
            .where(Review.contribution_id == contribution_id, Person.is_test.is_(False))
        )
    )
    if words[True] >= settings.peers_needed > words[False]:
        contributions.join(session, contribution_id, now=now)
    return Sentence(N_("Thank you. Your word counts."))


def _has_answered(session: Session, seat: Seat, problem_id: int) -> bool:
    tries = select(Attempt.id).where(Attempt.person_id == seat.person_id, Attempt.problem_id == problem_id)
    return session.scalar(tries.limit(1)) is not None


def report(session: Session, seat: Seat, contribution_id: int, *, reason: str, now: datetime) -> Sentence:
    """Hide a text for this person at once and queue it for the teacher. Reporting twice is one report.

    Only what this person has met can be reported: a text that was shown to them, or one that classmates are asked to
    check. Otherwise whoever counts through the numbers could fill the teacher's queue. Raises NotFound for others.
    """
    seats.hold(session, seat)  # no other tab of this person draws it meanwhile
    found = session.execute(
        select(Contribution.person_id).where(
            Contribution.id == contribution_id,
            Contribution.course_id == seat.course_id,
            Contribution.status != "kept",
            or_(
                Contribution.status == "pending",
                Contribution.person_id == seat.person_id,  # told below that it is their own
                exists().where(Exposure.contribution_id == Contribution.id, Exposure.person_id == seat.person_id),
            ),
        )
    ).one_or_none()
    if found is None:
        raise NotFound(N_("This text was not shown to you here. Open the problem again."))
    if found.person_id == seat.person_id:
        raise NotAllowed(N_("This is your own text. You can take it back instead."))
    session.execute(
        insert(session, Report)
        .values(
            contribution_id=contribution_id, person_id=seat.person_id, reason=texts.clean(reason, 500), created_at=now
        )
        .on_conflict_do_nothing()
        .returning(Report.id)
    )
    return Sentence(N_("Reported. You will not see this text again, and your teacher will look at it."))
