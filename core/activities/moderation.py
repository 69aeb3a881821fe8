"""What classmates do about a text: check one that waits, report one that should not be shown. The teacher: `review`.

A report hides a text for whoever reports it; enough of them hold it back until the teacher has looked. None deletes it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session

from core.activities import contributions, credit, decisions, pace, question_problems, seats, texts, walls
from core.activities.authors import Stamp
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import NotAllowed, NotFound
from core.activities.seats import Opened, Seat
from core.activities.shared_settings import SharedSettings
from core.store.database import insert
from core.store.tables import Attempt, Contribution, Exposure, Membership, Person, Report, Review
from core.words import N_, Sentence

HOLD_AT = 3  # independent reports that hide a problem's text; shared activities have a setting
REPORTS_A_DAY = 20
LONGEST_REASON = 500
_REPORTED = Sentence(N_("Reported. You will not see this text again, and your teacher will look at it."))


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


def first_status(
    session: Session, seat: Seat, opened: Opened, settings: SharedSettings, stamp: Stamp
) -> Literal["live", "pending"]:
    """Whether a new text of a shared activity is shown at once, or waits for the teacher.

    Where nobody is known, nobody can be known to be new: then "first texts" means each text.
    """
    if seat.role == "teacher" or settings.moderation == "at_once":
        return "live"
    if settings.moderation == "new_authors" and stamp.person_id is not None:
        approved = select(Contribution.id).where(
            Contribution.course_id == seat.course_id,
            Contribution.person_id == stamp.person_id,
            Contribution.activity_id == opened.id,
            Contribution.joined_at.is_not(None),
            Contribution.status == "live",
        )
        if session.scalar(approved.limit(1)) is not None:
            return "live"
    return "pending"


def _has_answered(session: Session, seat: Seat, problem_id: int) -> bool:
    tries = select(Attempt.id).where(Attempt.person_id == seat.person_id, Attempt.problem_id == problem_id)
    return session.scalar(tries.limit(1)) is not None


def report(
    session: Session, seat: Seat, contribution_id: int, *, activity_id: int, reason: str, now: datetime
) -> Sentence:
    """Hide a problem's text for this person at once and queue it for the teacher. Reporting twice is one report.

    Only what this person has met can be reported: a text that was shown to them, or one that classmates are asked to
    check. Otherwise whoever counts through the numbers could fill the teacher's queue. Raises NotFound for others.
    """
    seats.hold(session, seat)  # no other tab of this person draws it meanwhile
    found = session.execute(
        select(Contribution.person_id)
        .where(
            Contribution.id == contribution_id,
            Contribution.course_id == seat.course_id,
            Contribution.problem_id.is_not(None),
            Contribution.status != "kept",
            or_(
                Contribution.status == "pending",
                Contribution.person_id == seat.person_id,  # told below that it is their own
                exists().where(Exposure.contribution_id == Contribution.id, Exposure.person_id == seat.person_id),
            ),
        )
        .with_for_update(key_share=True)
    ).one_or_none()
    if found is None:
        raise NotFound(N_("This text was not shown to you here. Open the problem again."))
    if found.person_id == seat.person_id:
        raise NotAllowed(N_("This is your own text. You can take it back instead."))
    if _add_report(session, seat, activity_id, contribution_id, reason, now):
        _hold_back(session, seat, contribution_id, HOLD_AT, now)
    return _REPORTED


def report_shared(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: SharedSettings,
    contribution_id: int,
    *,
    reason: str,
    now: datetime,
) -> Sentence:
    """The same for a text of a shared activity: what this person can see there can be reported. So a question about a
    problem whose key they may not see yet is, to them, not there.

    At `settings.hold_at` reports by independent people it is held back until the teacher has looked; nothing is
    deleted. Raises NotFound for what this person cannot see, NotAllowed for their own text.
    """
    row = session.execute(
        select(Contribution.person_id, Contribution.status, Contribution.parent_id)
        .where(Contribution.id == contribution_id, Contribution.activity_id == opened.id)
        .with_for_update(key_share=True)  # of two last reports at once, the second one counts the first
    ).one_or_none()
    if row is not None and _has_reported(session, seat, contribution_id):
        return _REPORTED
    is_open = question_problems.is_open(session, seat, opened, contribution_id, now=now)
    if row is None or row.status != "live" or not is_open or not _is_seen(session, row.parent_id):
        raise NotFound(N_("This text is not shown here any more. Load the page again."))
    if row.person_id == seat.person_id:
        raise NotAllowed(N_("This is your own text. You can take it back instead."))
    _add_report(session, seat, opened.id, contribution_id, reason, now)
    if _hold_back(session, seat, contribution_id, settings.hold_at, now):
        shown_or_not(session, seat, opened, settings, row.person_id, now=now)
    return _REPORTED


def shown_or_not(
    session: Session, seat: Seat, opened: Opened, settings: SharedSettings, author_id: int | None, *, now: datetime
) -> None:
    """Somebody else than its author made a text appear or go: its author's grade and the wall follow."""
    if author_id is not None:
        credit.changed_for(session, seat, opened, settings, author_id, now=now)
    walls.touch(session, opened.id)


def _is_seen(session: Session, parent_id: int | None) -> bool:
    """Whether what a text stands on, and all below that, can be seen."""
    while parent_id is not None:
        parent = session.execute(
            select(Contribution.status, Contribution.parent_id).where(Contribution.id == parent_id)
        ).one()
        if parent.status != "live":
            return False
        parent_id = parent.parent_id
    return True


def _has_reported(session: Session, seat: Seat, contribution_id: int) -> bool:
    mine = select(Report.id).where(Report.contribution_id == contribution_id, Report.person_id == seat.person_id)
    return session.scalar(mine) is not None


def _add_report(
    session: Session, seat: Seat, activity_id: int, contribution_id: int, reason: str, now: datetime
) -> bool:
    """Store a report; whether it is new. A person has a number of them a day."""
    new = session.scalar(
        insert(session, Report)
        .values(
            contribution_id=contribution_id,
            person_id=seat.person_id,
            reason=texts.clean(reason, LONGEST_REASON),
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Report.id)
    )
    if new is None:
        return False
    pace.spend(session, seat, activity_id, "report", limit=REPORTS_A_DAY, now=now)
    return True


def _hold_back(session: Session, seat: Seat, contribution_id: int, hold_at: int, now: datetime) -> bool:
    """Hide a live text that `hold_at` independent people have reported; whether that happened now.

    Independent: students of the course, one report each, no test user; the author cannot report. A teacher who has read
    the words and let them stand has the last word: later reports only queue. The caller holds the row, and the UPDATE
    asks for the status again, so it happens once.
    """
    independent = session.scalar(
        select(func.count())
        .select_from(Report)
        .join(Person, Person.id == Report.person_id)
        .join(Membership, (Membership.person_id == Person.id) & (Membership.course_id == seat.course_id))
        .where(
            Report.contribution_id == contribution_id,
            Report.settled_at.is_(None),
            Person.is_test.is_(False),
            Membership.role == "student",
        )
    )
    if (independent or 0) < hold_at:
        return False
    held = session.scalar(
        update(Contribution)
        .where(Contribution.id == contribution_id, Contribution.status == "live", ~decisions.stands())
        .values(status="held", pinned_at=None)
        .returning(Contribution.id)
    )
    if held is None:
        return False
    decisions.by_rule(session, seat.course_id, "hold", contribution_id, when=now, reason=str(independent))
    return True
