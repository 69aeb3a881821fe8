"""What the teacher decides: which texts stay, which appear, and who is a star student. What waits for that: `queue`,
and `cases` for a page of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from core.activities import (
    contributions,
    decisions,
    moderation,
    places,
    question_teaching,
    question_votes,
    seats,
    texts,
)
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Seat
from core.store.tables import (
    Activity,
    Appeal,
    Arm,
    Contribution,
    Item,
    Membership,
    Problem,
    Question,
    Report,
    Review,
)
from core.words import N_

LONGEST_REASON = 500
_other = aliased(Contribution)
ORDER = ("worry", "held", "reported", "appealed", "disputed", "coarse", "alike", "pending")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text that waits for the teacher: every reason why, the most urgent first, and since when."""

    contribution_id: int
    activity_id: int | None  # None: it stands under a problem
    problem_id: int | None
    kind: str
    text: str
    status: str
    marks: tuple[str, ...]
    author_is_new: bool
    since: datetime
    place: str
    title: str  # of a question or an item

    @property
    def words(self) -> str:
        """What a line about it says."""
        return self.title or self.text

    @property
    def why(self) -> str:
        return self.marks[0]


def queue(session: Session, seat: Seat, *, problem_id: int | None = None) -> list[Waiting]:
    """Texts of the course that need the teacher: cries for help, then what was reported (held back first), appeals,
    what classmates disagree about, coarse words, copies, and new texts; in each those of new authors first.
    """
    statement = _QUEUE.where(Contribution.course_id == seat.course_id)
    if problem_id is not None:
        statement = statement.where(Contribution.problem_id == problem_id)
    waiting = [_waiting(row) for row in session.execute(statement)]
    return sorted(waiting, key=lambda w: (ORDER.index(w.why), not w.author_is_new, w.since, w.contribution_id))


_REPORTS = (
    select(Report.contribution_id, func.min(Report.created_at).label("since"))
    .where(Report.settled_at.is_(None))
    .group_by(Report.contribution_id)
    .subquery()
)
_AGAINST = exists().where(Review.contribution_id == Contribution.id, Review.fine.is_(False))
# In an activity where names are made up, what its authors did elsewhere must not tell who they are.
_EARLIER = exists().where(
    _other.person_id == Contribution.person_id,
    _other.course_id == Contribution.course_id,
    or_(_other.activity_id == Contribution.activity_id, Contribution.activity_id.is_(None)),
    _other.joined_at.is_not(None),
    _other.id != Contribution.id,
)
_MARKS: dict[str, ColumnElement[bool]] = {
    "worry": decisions.open_rule("worry"),
    "held": Contribution.status == "held",
    "reported": _REPORTS.c.since.is_not(None),
    "appealed": Appeal.id.is_not(None),
    "disputed": _AGAINST,
    "coarse": decisions.open_rule("coarse"),
    "alike": decisions.open_rule("alike"),
    "pending": Contribution.status == "pending",
}
_TAKEN_OUT = and_(Contribution.status == "retired", Contribution.retired_because == "teacher")
_QUEUE = (
    select(
        Contribution.id,
        Contribution.activity_id,
        Contribution.problem_id,
        Contribution.kind,
        Contribution.text,
        Contribution.status,
        Contribution.person_id,
        Contribution.created_at,
        _REPORTS.c.since,
        _EARLIER.label("known"),
        func.coalesce(Problem.name, Activity.title, "").label("place"),
        func.coalesce(Question.title, Item.title, "").label("title"),
        *(mark.label(name) for name, mark in _MARKS.items()),
    )
    .outerjoin(Problem, Problem.id == Contribution.problem_id)
    .outerjoin(Activity, Activity.id == Contribution.activity_id)
    .outerjoin(Question, Question.contribution_id == Contribution.id)
    .outerjoin(Item, Item.contribution_id == Contribution.id)
    .outerjoin(_REPORTS, _REPORTS.c.contribution_id == Contribution.id)
    .outerjoin(Appeal, and_(Appeal.contribution_id == Contribution.id, Appeal.settled_at.is_(None)))
    .where(
        Problem.deleted_at.is_(None),
        or_(
            Contribution.status.in_(("pending", "held")),
            and_(Contribution.status == "live", or_(_REPORTS.c.since.is_not(None), _MARKS["worry"])),
            and_(_TAKEN_OUT, Appeal.id.is_not(None)),
        ),
    )
)


def _waiting(row: Row[*tuple[object, ...]]) -> Waiting:
    found = row._mapping
    marks = [name for name in ORDER if found[name]]
    if len(marks) > 1 and "pending" in marks:
        marks.remove("pending")
    if found["status"] == "retired":  # reports of a text that was taken out are settled; its disputes are over
        marks = ["appealed"]
    return Waiting(
        found["id"],
        found["activity_id"],
        found["problem_id"],
        found["kind"],
        found["text"],
        found["status"],
        tuple(marks),
        found["person_id"] is not None and not found["known"],
        found["since"] or found["created_at"],
        found["place"],
        found["title"],
    )


# what a decision may be made about: the text's status, and for retired ones why
_OPEN_TO = {
    "approve": {"pending", "held", "live"},
    "retire": {"pending", "held", "live", "taken out"},
    "restore": {"taken out", "held", "live"},
    "pin": {"live"},
    "unpin": {"live"},
    "keep": {"pending", "held", "live"},
    "uphold": {"taken out"},
}
_LETS_LIVE = {"approve": {"pending", "held"}, "restore": {"taken out", "held"}, "keep": {"held"}}


def decide(session: Session, seat: Seat, contribution_id: int, action: str, *, now: datetime, reason: str = "") -> None:
    """A teacher's decision on a text: approve, retire, restore, pin, unpin, keep (settle its reports) or uphold (what
    was taken out stays so, after an appeal). `reason` is told to the author of a text that is taken out.

    Each is recorded; deciding the same twice changes nothing. A held text that is let live again is recorded as put
    back, whichever button it was. Raises Refusal where the text has gone another way since the page was loaded: its
    author took it back or changed it.
    """
    if action not in _OPEN_TO:
        raise Refusal(N_("This button is not known. Load the page again."))
    reason = texts.clean(reason, LONGEST_REASON)
    if action == "restore":
        _hold_author(session, seat, contribution_id)
    question_votes.hold_above(session, seat, contribution_id)
    row = session.execute(
        select(
            Contribution.status,
            Contribution.retired_because,
            Contribution.pinned_at,
            Contribution.activity_id,
            Contribution.person_id,
            decisions.open_rule("worry").label("worry"),
        )
        .where(
            Contribution.id == contribution_id, Contribution.course_id == seat.course_id, Contribution.status != "kept"
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This text is not in your course."))
    stands = "taken out" if row.retired_because == "teacher" else row.status
    if stands not in _OPEN_TO[action]:
        raise Refusal(_why_not(action, stands))
    if action == "restore" and row.activity_id is None and _has_newer(session, contribution_id):
        raise Refusal(N_("Its author has written another text since. Look at that one instead."))
    changed = False
    if action not in {"pin", "unpin"}:
        settled = _settle_reports(session, contribution_id, now)
        answered = _settle_appeal(session, contribution_id, upheld=action in {"retire", "uphold"}, now=now)
        changed = settled or answered or bool(row.worry)
    if stands in _LETS_LIVE.get(action, ()):
        _let_live(session, contribution_id, row.activity_id, now)
        action = "restore" if stands == "held" else action  # `replays` reads from it when the text was back
        changed = True
    elif action == "retire" and stands != "taken out":
        contributions.retire(session, contribution_id, because="teacher", now=now)
        question_teaching.unsettle(session, contribution_id)
        changed = True
    elif action in {"pin", "unpin"} and (row.pinned_at is None) == (action == "pin"):
        pinned_at = now if action == "pin" else None
        session.execute(update(Contribution).where(Contribution.id == contribution_id).values(pinned_at=pinned_at))
        changed = True
    if changed:
        decisions.record(session, seat, action, now=now, contribution_id=contribution_id, reason=reason)
        if row.activity_id is not None:
            opened = places.opened(session, seat, row.activity_id)
            moderation.shown_or_not(session, seat, opened, places.settings(opened), row.person_id, now=now)


def _let_live(session: Session, contribution_id: int, activity_id: int | None, now: datetime) -> None:
    if activity_id is None:
        contributions.join(session, contribution_id, now=now)
        return
    session.execute(
        update(Contribution)
        .where(Contribution.id == contribution_id)
        .values(
            status="live",
            joined_at=func.coalesce(Contribution.joined_at, now),
            retired_at=None,
            retired_because=None,
        )
    )


def _why_not(action: str, stands: str) -> str:
    if action == "uphold":
        return N_("This text is not taken out, so there is nothing to leave as it is. Load the page again.")
    if action in {"pin", "unpin"}:
        return N_("Only a text that is in the pool can be pinned. Approve it first.")
    if stands == "taken out":
        return N_("This text was taken out of the pool. You can put it back on the problem's page.")
    if stands == "pending":
        return N_("This text was not shown to classmates yet. Approve it, or leave it out.")
    return N_("Its author took this text back or changed it. Load the page again.")


def _hold_author(session: Session, seat: Seat, contribution_id: int) -> None:
    """Let the author not write another text meanwhile: who sees none by them (`_has_newer`) may rely on it."""
    author_id = session.scalar(
        select(Contribution.person_id).where(
            Contribution.id == contribution_id,
            Contribution.course_id == seat.course_id,
            Contribution.activity_id.is_(None),  # texts of a shared activity do not replace one another
        )
    )
    if author_id is not None:  # None: inherited
        seats.hold(session, replace(seat, person_id=author_id))


def _has_newer(session: Session, contribution_id: int) -> bool:
    """Whether the author has another text of this kind here that is not retired."""
    return (
        session.scalar(
            select(_other.id)
            .join(
                Contribution,
                (_other.person_id == Contribution.person_id)
                & (_other.problem_id == Contribution.problem_id)
                & (_other.kind == Contribution.kind),
            )
            .where(Contribution.id == contribution_id, _other.id != contribution_id, _other.status != "retired")
            .limit(1)
        )
        is not None
    )


def _settle_reports(session: Session, contribution_id: int, now: datetime) -> bool:
    settled = session.scalars(
        update(Report)
        .where(Report.contribution_id == contribution_id, Report.settled_at.is_(None))
        .values(settled_at=now)
        .returning(Report.id)
    ).all()
    return bool(settled)


def _settle_appeal(session: Session, contribution_id: int, *, upheld: bool, now: datetime) -> bool:
    settled = session.scalars(
        update(Appeal)
        .where(Appeal.contribution_id == contribution_id, Appeal.settled_at.is_(None))
        .values(settled_at=now, upheld=upheld)
        .returning(Appeal.id)
    ).all()
    return bool(settled)


def star(session: Session, seat: Seat, person_id: int, *, starred: bool, now: datetime) -> None:
    """Make someone a star student, or no longer: their worked examples start from the stronger prior (PeerASSIST)."""
    changed = session.scalar(
        update(Membership)
        .where(Membership.course_id == seat.course_id, Membership.person_id == person_id, Membership.role == "student")
        .values(is_star=starred)
        .returning(Membership.id)
    )
    if changed is None:
        raise NotFound(N_("This person is not a student of your course."))
    theirs = (
        select(Arm.contribution_id)
        .join(Contribution, Contribution.id == Arm.contribution_id)
        .where(
            Contribution.course_id == seat.course_id,
            Contribution.person_id == person_id,
            Contribution.kind == "worked_example",
        )
        .order_by(Arm.contribution_id)  # as those who are rewarded lock them
        .with_for_update(of=Arm)
    )
    session.execute(
        update(Arm)
        .where(Arm.contribution_id.in_(session.scalars(theirs).all()))
        .values(author="star" if starred else "student")
    )
    decisions.record(session, seat, "star" if starred else "unstar", now=now, person_id=person_id)
