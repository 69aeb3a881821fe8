"""What people write for a problem (explanations, worked examples, reasons, teachers' hints) until it joins a pool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from core.activities import decisions, seats, texts
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Seat
from core.store.database import PerDialect, insert, run
from core.store.tables import Arm, Contribution, Draft, Membership, Problem
from core.wording import coarse, worry
from core.words import N_, Sentence

SHORTEST = 60  # AXIS: "longer than 60 characters" joins the pool
SLOT = {"explanation": "explanation", "worked_example": "help", "hint": "help", "reason": "reason"}
KINDS = tuple(SLOT)
COARSE = N_("Saved. It may hurt somebody as it stands, so your teacher reads it before classmates see it.")


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a text: its id, its status and a sentence that says so to its author."""

    id: int
    status: str
    message: Sentence


@dataclass(frozen=True, slots=True)
class Mine:
    """One's own newest text of a kind."""

    id: int
    kind: str
    text: str
    status: str
    likely_to_help: bool | None


def write(
    session: Session,
    seat: Seat,
    settings: PracticeSettings,
    *,
    problem_id: int,
    kind: str,
    text: str,
    likely_to_help: bool,
    now: datetime,
    stance: str | None = None,
    language: str = "",
) -> Written:
    """Keep a person's text; let it join the pool if it is long enough, likely to help (AXIS) and moderation agrees.

    Sending the same text twice changes nothing. A text that its author alone has seen is replaced in place; any other
    change is a new version, because ratings and approvals belong to the words that were read. Words that were in the
    pool before come back with what was said of them then. Coarse words (in this language) and what replaces a text that
    is held back wait for the teacher. Raises Refusal for an empty or overlong text, NotAllowed for one that the teacher
    took out or that is held back, NotFound for a problem of another course.
    """
    text = texts.clean(text)
    if not texts.visible_length(text):
        raise Refusal(N_("There is no text yet. Write it in the box and save again."))
    counts = seats.hold(session, seat)
    _must_be_here(session, seat, problem_id)
    versions = _versions(session, seat, problem_id, kind)
    current = next((version for version in versions if version.status != "retired"), None)
    if current and (current.text, current.likely_to_help, current.stance) == (text, likely_to_help, stance):
        return Written(current.id, current.status, _message(current.status, text, likely_to_help, settings))
    if seat.role != "teacher":
        _must_not_be_out(session, seat, problem_id, text)
    status = _status(text, likely_to_help, settings, seat) if counts or seat.role == "teacher" else "kept"
    known = next((v for v in versions if v.joined and (v.text, v.stance) == (text, stance)), None)
    returning = known if status != "kept" else None
    is_coarse = seat.role != "teacher" and status != "kept" and not returning and bool(coarse.found(text, language))
    if status == "live" and (is_coarse or (current and current.status == "held" and seat.role != "teacher")):
        status = "pending"
    if current and (returning or current.status != "kept"):
        retire(session, current.id, because="replaced", now=now)
        current = None
    if returning:
        written, status = returning.id, "live"
    elif current:
        written = current.id
        session.execute(
            update(Contribution)
            .where(Contribution.id == written)
            .values(text=text, likely_to_help=likely_to_help, stance=stance, status=status, created_at=now)
        )
    else:
        written = session.scalars(
            insert(session, Contribution)
            .values(
                course_id=seat.course_id,
                problem_id=problem_id,
                person_id=seat.person_id,
                kind=kind,
                version=max((v.version for v in versions), default=0) + 1,
                text=text,
                stance=stance,
                likely_to_help=likely_to_help,
                status=status,
                created_at=now,
            )
            .returning(Contribution.id)
        ).one()
    if status == "live":
        join(session, written, now=now)
    if is_coarse:
        decisions.by_rule(session, seat.course_id, "coarse", written, when=now)
    if seat.role != "teacher" and status != "kept" and worry.sounds_like_it(text):
        decisions.by_rule(session, seat.course_id, "worry", written, when=now)
    discard_draft(session, seat, problem_id=problem_id, kind=kind)
    if is_coarse:
        return Written(written, status, Sentence(COARSE))
    return Written(written, status, _message(status, text, likely_to_help, settings))


def _must_be_here(session: Session, seat: Seat, problem_id: int) -> None:
    if run(session, _HERE, problem=problem_id, course=seat.course_id).scalar() is None:
        raise NotFound(N_("This problem is not in your course, or was removed. Your text is still in the box."))


_HERE = select(Problem.id).where(
    Problem.id == bindparam("problem"), Problem.course_id == bindparam("course"), Problem.deleted_at.is_(None)
)


def _status(text: str, likely_to_help: bool, settings: PracticeSettings, seat: Seat) -> str:
    if seat.role == "teacher":
        return "live"
    if texts.visible_length(text) <= SHORTEST or not likely_to_help:
        return "kept"
    return "live" if settings.moderation == "at_once" else "pending"


def _message(status: str, text: str, likely_to_help: bool, settings: PracticeSettings) -> Sentence:
    if status == "live":
        return Sentence(N_("Saved. It can now be shown to classmates, without your name."))
    if status == "held":
        return Sentence(
            N_("Saved. Several people reported it, so classmates do not see it until your teacher has looked at it.")
        )
    if status == "pending" and settings.moderation == "after_peers":
        words = N_("Saved. It will be shown, without your name, once {count} classmates have said that it is fine.")
        return Sentence(words, {"count": settings.peers_needed})
    if status == "pending":
        return Sentence(N_("Saved. It will be shown, without your name, once your teacher has checked it."))
    if not likely_to_help:
        words = N_("Saved for you. It is not shown to classmates, because you said that it would not help them yet.")
        return Sentence(words)
    length = texts.visible_length(text)
    if length > SHORTEST:
        return Sentence(N_("Saved for you. What a test user writes is not shown to classmates."))
    words = N_("Saved for you. It has {length} characters; texts longer than {shortest} can be shown to classmates.")
    return Sentence(words, {"length": length, "shortest": SHORTEST})


def join(session: Session, contribution_id: int, *, now: datetime) -> None:
    """Let a text compete in its pool: it gets an arm, with the prior of its author. Joining twice changes nothing."""
    row = run(session, _TO_JOIN, text=contribution_id).one()
    author = run(session, _AUTHOR, text=contribution_id).one_or_none()
    joined_at = row.joined_at or now
    run(
        session,
        _JOIN,
        contribution=contribution_id,
        status="live",
        joined_at=joined_at,
        retired_at=None,
        retired_because=None,
    )
    run(
        session,
        _NEW_ARM,
        contribution_id=contribution_id,
        problem_id=row.problem_id,
        slot=SLOT[row.kind],
        author=author_of(row.kind, is_star=author.is_star, role=author.role) if author else "student",
        shown=0,
        rewarded=0,
        points=0,
        squares=0,
        inherited_rewarded=0,
        inherited_points=0,
        inherited_squares=0,
    )


_TO_JOIN = select(Contribution.problem_id, Contribution.kind, Contribution.joined_at).where(
    Contribution.id == bindparam("text")
)
_AUTHOR = (
    select(Membership.is_star, Membership.role)
    .join(
        Contribution,
        (Membership.person_id == Contribution.person_id) & (Membership.course_id == Contribution.course_id),
    )
    .where(Contribution.id == bindparam("text"))
    .with_for_update(read=True, of=Membership)  # who makes the author a star (`review.star`) finds this arm
)
_JOIN = update(Contribution).where(Contribution.id == bindparam("contribution"))
# A text that was in the pool before keeps what was learned about it.
_NEW_ARM = PerDialect(lambda insert: insert(Arm).on_conflict_do_nothing().returning(Arm.contribution_id))


def author_of(kind: str, *, is_star: bool, role: str) -> str:
    """Whose text this is to the policy: a teacher's, a star student's (worked examples, PeerASSIST) or a student's."""
    if role == "teacher":
        return "teacher"
    return "star" if is_star and kind == "worked_example" else "student"


def retire(session: Session, contribution_id: int, *, because: str, now: datetime) -> None:
    """Take a text out of its pool; its exposures and ratings stay."""
    session.execute(
        update(Contribution)
        .where(Contribution.id == contribution_id, Contribution.status != "retired")
        .values(status="retired", retired_because=because, retired_at=now, pinned_at=None)
    )


def withdraw(session: Session, seat: Seat, contribution_id: int, *, now: datetime) -> None:
    """The author takes a text back. Raises NotFound for a text that is not theirs."""
    seats.hold(session, seat)
    found = session.scalar(
        select(Contribution.id).where(
            Contribution.id == contribution_id,
            Contribution.person_id == seat.person_id,
            Contribution.course_id == seat.course_id,
        )
    )
    if found is None:
        raise NotFound(N_("This text is not one of yours."))
    retire(session, contribution_id, because="withdrawn", now=now)


def mine(session: Session, seat: Seat, problem_id: int) -> dict[str, Mine]:
    """One's own newest text of each kind for a problem, unless withdrawn."""
    rows = run(session, _MINE, problem=problem_id, person=seat.person_id, course=seat.course_id)
    return {row.kind: Mine(row.id, row.kind, row.text, row.status, row.likely_to_help) for row in rows}


_MINE = (
    select(
        Contribution.id,
        Contribution.kind,
        Contribution.text,
        Contribution.status,
        Contribution.likely_to_help,
    )
    .where(
        Contribution.problem_id == bindparam("problem"),
        Contribution.person_id == bindparam("person"),
        Contribution.course_id == bindparam("course"),
        (Contribution.status != "retired") | (Contribution.retired_because == "teacher"),
    )
    .order_by(Contribution.status != "retired", Contribution.version)  # what is not retired comes last and stays
)


def save_draft(
    session: Session, seat: Seat, *, activity_id: int, problem_id: int, kind: str, text: str, now: datetime
) -> None:
    """Keep unsent words. The newest save wins."""
    if kind not in KINDS:
        raise Refusal(N_("This kind of text is not known. Load the page again; your words are still in the box."))
    text = texts.clean(text)
    statement = insert(session, Draft).values(
        person_id=seat.person_id, activity_id=activity_id, problem_id=problem_id, kind=kind, text=text, saved_at=now
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id", "activity_id", "problem_id", "kind"],
            set_={"text": statement.excluded.text, "saved_at": statement.excluded.saved_at},
        )
    )


def drafts(session: Session, seat: Seat, *, activity_id: int, problem_id: int) -> dict[str, str]:
    """Unsent words by kind."""
    rows = run(session, _DRAFTS, person=seat.person_id, activity=activity_id, problem=problem_id)
    return {row.kind: row.text for row in rows}


_DRAFTS = select(Draft.kind, Draft.text).where(
    Draft.person_id == bindparam("person"),
    Draft.activity_id == bindparam("activity"),
    Draft.problem_id == bindparam("problem"),
)


def discard_draft(session: Session, seat: Seat, *, problem_id: int, kind: str) -> None:
    """The words were saved as a contribution (or taken back): the draft has served."""
    run(session, _DISCARD, person=seat.person_id, problem=problem_id, kind=kind)


_DISCARD = delete(Draft).where(
    Draft.person_id == bindparam("person"), Draft.problem_id == bindparam("problem"), Draft.kind == bindparam("kind")
)


@dataclass(frozen=True, slots=True)
class _Version:
    id: int
    version: int
    text: str
    stance: str | None
    likely_to_help: bool | None
    status: str
    joined: bool  # at some time


def _versions(session: Session, seat: Seat, problem_id: int, kind: str) -> list[_Version]:
    """All that a person wrote of one kind for a problem; at most one of them is not retired."""
    return [_Version(*row) for row in run(session, _VERSIONS, problem=problem_id, person=seat.person_id, kind=kind)]


_VERSIONS = (
    select(
        Contribution.id,
        Contribution.version,
        Contribution.text,
        Contribution.stance,
        Contribution.likely_to_help,
        Contribution.status,
        Contribution.joined_at.is_not(None),
    )
    .where(
        Contribution.problem_id == bindparam("problem"),
        Contribution.person_id == bindparam("person"),
        Contribution.kind == bindparam("kind"),
    )
    .order_by(Contribution.version)
)


def _must_not_be_out(session: Session, seat: Seat, problem_id: int, text: str) -> None:
    """Raises NotAllowed if the teacher took these very words out, in any version and as any kind of text, or if they
    are held back after reports: taking them back and sending them anew does not undo that.
    """
    out = run(session, _OUT, problem=problem_id, person=seat.person_id, words=text).first()
    if out is not None and out.held:
        raise NotAllowed(
            N_("Several people reported this text. Your teacher looks at it before classmates see it again.")
        )
    if out is not None:
        raise NotAllowed(N_("Your teacher took this text out of the pool. Change it and save again."))


_HELD = decisions.open_rule("hold")
_OUT = (
    select(Contribution.id, _HELD.label("held"))
    .where(
        Contribution.problem_id == bindparam("problem"),
        Contribution.person_id == bindparam("person"),
        or_(Contribution.retired_because == "teacher", _HELD),
        Contribution.text == bindparam("words"),
    )
    .limit(1)
)
