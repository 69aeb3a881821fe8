"""What every activity that a class shares has: pseudonyms, allowances, bare credit, blocks, appeals, a version."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.tables.base import Base, BigInt, Id, Instant, Key, Words


class Wall(Base):
    """Counts the changes that others can see in an activity, so that a page that is polled knows when it is stale."""

    __tablename__ = "wall"
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInt)


class Pseudonym(Base):
    """The name under which one person appears in one activity; drawn at random. Where classmates see no names at all it
    is never shown, and only says that this person wrote there as a student.
    """

    __tablename__ = "pseudonym"
    __table_args__ = (UniqueConstraint("activity_id", "name"),)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    name: Mapped[Words]


class Allowance(Base):
    """How much of a day's allowance a person has used in an activity. It knows the day and no time; past days go."""

    __tablename__ = "allowance"
    __table_args__ = ({"sqlite_with_rowid": False},)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    what: Mapped[Key] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    used: Mapped[int]


class Credit(Base):
    """How often a person did something in an anonymous activity: a number that leads to no text and to no time."""

    __tablename__ = "credit"
    __table_args__ = ({"sqlite_with_rowid": False},)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    what: Mapped[Key] = mapped_column(primary_key=True)
    number: Mapped[int]


class Block(Base):
    """A person does not want to see another one's texts in an activity. Not beyond it: whose texts go away in the next
    activity at the same time would tell who is behind a made-up name.
    """

    __tablename__ = "block"
    __table_args__ = (Index(None, "author_id"),)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    created_at: Mapped[Instant]


class Appeal(Base):
    """An author asks the teacher to look again at a text that is held or was taken out; once a text."""

    __tablename__ = "appeal"
    __table_args__ = (UniqueConstraint("contribution_id"),)
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id")
    )  # None: asked with a receipt, by nobody known
    words: Mapped[Words]
    created_at: Mapped[Instant]  # asked with a receipt: the day, not the time
    settled_at: Mapped[datetime | None]
    upheld: Mapped[bool | None]  # the decision stands; None: not settled yet
