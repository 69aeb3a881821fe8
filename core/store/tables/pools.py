"""Contributions, the pools in which they compete, and every exposure with its probability and outcome."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.tables.base import Base, BigInt, Id, Instant, Key, Words


class Contribution(Base):
    """What a person wrote or brought: for a problem (practice) or in an activity (questions, gallery).

    A problem's text that was shown and is then changed becomes a new version.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        UniqueConstraint("problem_id", "person_id", "kind", "version"),
        UniqueConstraint("problem_id", "inherited_from_id"),
        UniqueConstraint("activity_id", "inherited_from_id"),
        CheckConstraint(
            "kind IN ('explanation', 'worked_example', 'hint', 'reason',"
            " 'question', 'answer', 'comment', 'found', 'produced')",
            "kind_known",
        ),
        CheckConstraint("status IN ('kept', 'pending', 'live', 'held', 'retired')", "status_known"),
        CheckConstraint("(problem_id IS NULL) <> (activity_id IS NULL)", "place_known"),
        Index(None, "course_id", "status"),
        Index(None, "activity_id", "kind", "status"),
        Index(None, "parent_id"),
        Index(None, "receipt", unique=True),
    )
    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("problem.id"))  # what practice is about; else None
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))  # None where a problem says the place
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))  # answers and comments: on what
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: inherited, or anonymous
    kind: Mapped[Key]
    version: Mapped[int]
    text: Mapped[Words]
    stance: Mapped[Words | None]  # a reason: the answer that it argues for, normalised; other kinds: None
    likely_to_help: Mapped[bool | None]  # the author's own rating (AXIS)
    # kept: the author's alone; pending: waits for peers or the teacher; live: shown; held: was live, and so many
    # reported it that it waits for the teacher; retired
    status: Mapped[Key]
    retired_because: Mapped[Key | None]  # 'replaced', 'withdrawn', 'teacher' or 'merged'
    pinned_at: Mapped[datetime | None]
    endorsed_at: Mapped[datetime | None]  # by a teacher
    created_at: Mapped[Instant]  # in anonymous activities the day, not the time
    edited_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]  # when it first entered the pool
    retired_at: Mapped[datetime | None]
    inherited_from_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    receipt: Mapped[Key | None]  # hash of what the author of an anonymous text alone was given to ask about it


class Arm(Base):
    """A contribution's statistics in its pool (a problem's slot). Rewards are whole points 0..10, so sums are exact."""

    __tablename__ = "arm"
    __table_args__ = (
        CheckConstraint("slot IN ('explanation', 'help', 'reason')", "slot_known"),
        CheckConstraint("author IN ('student', 'star', 'teacher')", "author_known"),
        Index(None, "problem_id", "slot"),
    )
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"))
    slot: Mapped[Key]
    author: Mapped[Key]  # whose text it is decides the prior: 'student', 'star' or 'teacher'
    shown: Mapped[int] = mapped_column(BigInt, default=0)  # exposures
    rewarded: Mapped[int] = mapped_column(BigInt, default=0)  # exposures with an outcome
    points: Mapped[int] = mapped_column(BigInt, default=0)  # sum of rewards, 0..10 each
    squares: Mapped[int] = mapped_column(BigInt, default=0)  # sum of squared rewards
    inherited_rewarded: Mapped[int] = mapped_column(
        BigInt, default=0
    )  # evidence from earlier courses, not yet discounted
    inherited_points: Mapped[int] = mapped_column(BigInt, default=0)
    inherited_squares: Mapped[int] = mapped_column(BigInt, default=0)


class Exposure(Base):
    """A contribution shown to a person by a policy: with what probability, from how many, and what came of it."""

    __tablename__ = "exposure"
    __table_args__ = (
        # at most one exposure of a text to a person, unless the pool was exhausted (then the round counts up)
        UniqueConstraint("person_id", "contribution_id", "round"),
        # one choice per occasion: a reload or a second tab finds the first one's choice
        UniqueConstraint("activity_id", "person_id", "problem_id", "slot", "occasion"),
        CheckConstraint("probability > 0 AND probability <= 1", "probability_range"),
        CheckConstraint("points IS NULL OR points BETWEEN 0 AND 10", "points_range"),
        Index(None, "contribution_id"),
        Index(None, "problem_id", "slot"),
    )
    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"))
    slot: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    occasion: Mapped[int]  # how many texts this slot had shown to this person before
    round: Mapped[int]
    policy: Mapped[Key]
    probability: Mapped[float] = mapped_column(Float(53))
    pool_size: Mapped[int]  # live texts
    eligible_size: Mapped[int]  # of these, the ones that this person could be shown
    counts: Mapped[
        bool
    ]  # whether it moves the arm: what test users and previewing teachers do is kept, not learned from
    shown_at: Mapped[Instant]
    points: Mapped[int | None]  # the reward in tenths: the rating 0..10, or 10/0 for the next problem right/wrong
    outcome: Mapped[Key | None]  # 'rated', 'next_right', 'next_wrong'
    outcome_at: Mapped[datetime | None]


class Review(Base):
    """A classmate's word on a pending text (moderation after k peers)."""

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("contribution_id", "person_id"),)
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    fine: Mapped[bool]
    created_at: Mapped[Instant]


class Report(Base):
    """A person says that a text should not be shown. It is hidden for them at once."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("contribution_id", "person_id"),)
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[Words]
    created_at: Mapped[Instant]
    settled_at: Mapped[datetime | None]


class Decision(Base):
    """What a teacher decided about a contribution or a person, and when; or what happened by a rule."""

    __tablename__ = "decision"
    __table_args__ = (Index(None, "course_id"),)
    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    teacher_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: by a rule, such as k reports
    action: Mapped[Key]
    reason: Mapped[Words] = mapped_column(server_default="")
    contribution_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]
