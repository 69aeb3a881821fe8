"""Which task was shown to whom, by which policy, with what chance, and what came of it; the models learned from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.tables.base import Base, BigInt, Id, Instant, Key


class TaskExposure(Base):
    """A problem put before a person: by which policy, with what probability, and what they did with it."""

    __tablename__ = "task_exposure"
    __table_args__ = (
        # one choice per occasion: a reload or a second tab finds the first one's choice
        UniqueConstraint("activity_id", "person_id", "occasion"),
        # what a person opened from the list was not drawn, so its chance is not known
        CheckConstraint("(probability IS NULL) = (policy = 'chosen')", "probability_known"),
        CheckConstraint("probability IS NULL OR (probability > 0 AND probability <= 1)", "probability_range"),
        CheckConstraint("outcome IN ('right', 'wrong', 'answered', 'skipped', 'left')", "outcome_known"),
        Index(None, "course_id", "person_id"),
        Index(None, "course_id", "shown_at"),
        Index(None, "problem_id"),
    )
    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    occasion: Mapped[int]  # how many tasks of the activity this person had been shown before
    policy: Mapped[Key]  # the paper's name, 'teacher' for the teacher's order, 'chosen' for a pick from the list
    probability: Mapped[float | None] = mapped_column(Float(53))
    eligible_size: Mapped[int]  # tasks that it was chosen from
    model_id: Mapped[int | None] = mapped_column(ForeignKey("survival_model.id"))  # None: the shipped one, or none used
    stay: Mapped[float | None] = mapped_column(Float(53))  # the chance that this person stays for it, as then predicted
    information: Mapped[float | None] = mapped_column(Float(53))  # bits that the answer was expected to give
    ahead: Mapped[float | None] = mapped_column(Float(53))  # bits that were expected of what may follow it
    drawn: Mapped[Key | None]  # core.survival.allocation.Drawn; None where no policy drew
    ties: Mapped[int | None]  # how many tasks were equally good
    goal: Mapped[int | None]  # how many tasks were left to the goal that this person saw, this one included
    counts: Mapped[bool]  # whether it moves the record: what test users and previewing teachers do is not learned from
    shown_at: Mapped[Instant]
    outcome: Mapped[Key | None]  # None: they are at it, or have left
    outcome_at: Mapped[datetime | None]


class TaskRecord(Base):
    """What everybody in the course did with a problem: sums over its exposures, so that no page has to count them."""

    __tablename__ = "task_record"
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"), primary_key=True)
    shown: Mapped[int] = mapped_column(BigInt, default=0)
    answered: Mapped[int] = mapped_column(BigInt, default=0)
    right: Mapped[int] = mapped_column(BigInt, default=0)  # of the answers; one that nobody can judge is neither
    wrong: Mapped[int] = mapped_column(BigInt, default=0)
    skipped: Mapped[int] = mapped_column(BigInt, default=0)
    milliseconds: Mapped[int] = mapped_column(BigInt, default=0)  # from being shown to the answer, over all answers


class SurvivalModel(Base):
    """A model of who stays, fitted to one course: its weights and its card. The newest of a name is in force."""

    __tablename__ = "survival_model"
    __table_args__ = (Index(None, "course_id", "name", "fitted_at"),)
    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    name: Mapped[Key]
    fitted_at: Mapped[Instant]
    rows: Mapped[int] = mapped_column(BigInt)  # exposures that it was fitted to
    weights: Mapped[dict[str, Any]]
    card: Mapped[dict[str, Any]]
