"""Questions that a class asks, and votes for what people wrote."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.tables.base import Base, Id, Instant, Words


class Question(Base):
    """What a question has besides its text (its contribution). Sums are recounted by `heirloom check`."""

    __tablename__ = "question"
    __table_args__ = (Index(None, "activity_id"), Index(None, "merged_into_id"))
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("problem.id"))  # the problem that it is about
    title: Mapped[Words]
    votes: Mapped[int] = mapped_column(default=0)  # rows of `vote` that count
    seen: Mapped[int] = mapped_column(default=0)  # rows of `seen` that count
    answered_at: Mapped[datetime | None]
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))  # the answer that settled it
    closed_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))  # always a root, never a chain


class Vote(Base):
    """A person's up-vote. One human, one vote."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("contribution_id", "person_id"), Index(None, "person_id"))
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    counts: Mapped[bool]  # not a test user's, not a previewing teacher's, not what a merge made a second one
    weight: Mapped[float] = mapped_column(Float(53), server_default="1")  # what a ring's votes lose
    created_at: Mapped[Instant]  # in anonymous activities the day, not the time


class Seen(Base):
    """A question was on a person's page, for the first time then: how many could have voted for it."""

    __tablename__ = "seen"
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    counts: Mapped[bool]
    created_at: Mapped[Instant]  # in anonymous activities the day, not the time
