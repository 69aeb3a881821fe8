"""Activities, problems and what people answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.tables.base import Base, Id, Instant, Key, Words


class Activity(Base):
    """What a teacher places in the course. Its settings are a typed value of the activity's kind, stored as JSON."""

    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("course_id", "copied_from_id"),
        CheckConstraint("kind IN ('practice', 'questions', 'gallery', 'poll')", "kind_known"),
        Index(None, "course_id"),
    )
    id: Mapped[Id]
    public_id: Mapped[Key] = mapped_column(unique=True)  # unguessable: travels in the link's custom parameters
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    kind: Mapped[Key]
    title: Mapped[Words]
    settings: Mapped[dict[str, Any]]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]
    placed_at: Mapped[datetime | None]  # the first launch that found it; before that it is "not placed"
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))


class Problem(Base):
    """Something to answer. `content` is core.problems.kinds.to_json; it holds the key and never leaves whole."""

    __tablename__ = "problem"
    __table_args__ = (UniqueConstraint("course_id", "copied_from_id"), Index(None, "course_id"))
    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    kind: Mapped[Key]
    name: Mapped[Words]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[Instant]
    deleted_at: Mapped[datetime | None]  # kept for the attempts that refer to it
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("problem.id"))


class Image(Base):
    """An uploaded picture, re-encoded; one row for equal bytes in a course."""

    __tablename__ = "image"
    __table_args__ = (UniqueConstraint("course_id", "sha256"),)
    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    sha256: Mapped[Key]
    mime: Mapped[Key]
    width: Mapped[int]
    height: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)


class ProblemImage(Base):
    """The name by which a problem's texts call an image."""

    __tablename__ = "problem_image"
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"))


class ActivityProblem(Base):
    """A problem in an activity, in the teacher's order."""

    __tablename__ = "activity_problem"
    __table_args__ = (Index(None, "problem_id"),)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"), primary_key=True)
    position: Mapped[int]
    worth: Mapped[float] = mapped_column(Float(53), server_default="1")  # the teacher's: how much an answer is wanted
    requires_id: Mapped[int | None] = mapped_column(ForeignKey("problem.id"))  # to be answered before it


class Attempt(Base):
    """One person's answer to a problem. The number makes a double submit harmless."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("activity_id", "person_id", "problem_id", "number"),
        Index(None, "problem_id"),
    )
    id: Mapped[Id]
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int]  # 1, 2, ... in this activity
    response: Mapped[dict[str, Any]]
    fraction: Mapped[float | None] = mapped_column(Float(53))  # 0..1; None where nothing is scored
    right: Mapped[bool | None]
    counts: Mapped[bool]  # toward the grade: given before the key was shown
    created_at: Mapped[Instant]


class Draft(Base):
    """Unsent words, kept while they are written."""

    __tablename__ = "draft"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"), primary_key=True)
    kind: Mapped[Key] = mapped_column(primary_key=True)  # the kind of contribution that it may become
    text: Mapped[Words]
    saved_at: Mapped[Instant]
