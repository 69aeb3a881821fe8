"""People and where they belong: courses, memberships, links, and the grades that the LMS should show."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.tables.base import Base, Id, Instant, Key, LtiId, Words


class Course(Base):
    """An LTI context."""

    __tablename__ = "course"
    __table_args__ = (UniqueConstraint("platform_id", "context_id"), Index(None, "roster_due_at"))
    id: Mapped[Id]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    context_id: Mapped[LtiId]
    title: Mapped[Words]
    label: Mapped[Words]
    memberships_url: Mapped[Words | None]  # NRPS 2.0, where the platform offers it
    roster_due_at: Mapped[datetime | None]  # when the roster is to be read next
    roster_tries: Mapped[int] = mapped_column(default=0)
    roster_fetched_at: Mapped[datetime | None]
    roster_problem: Mapped[Words | None]  # why the last reading failed
    roster_differences_url: Mapped[Words | None]  # opaque; the next reading may start there
    created_at: Mapped[Instant]


class Person(Base):
    """One human in one platform. Holds no address and nothing that the product does not show."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("platform_id", "subject"),)
    id: Mapped[Id]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    subject: Mapped[LtiId]  # `sub` of the launch, `user_id` of the roster
    name: Mapped[Words | None]  # as the platform shares it; None where it shares none
    is_test: Mapped[bool] = mapped_column(default=False)  # system/person#TestUser: works, never counted or graded
    suspended_at: Mapped[datetime | None]  # set here, not lifted by any launch
    created_at: Mapped[Instant]


class Membership(Base):
    """A person in a course, with the rights of the newest role that the platform signed."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("course_id", "person_id"),
        CheckConstraint("role IN ('student', 'teacher', 'observer')", "role_known"),
        CheckConstraint("status IN ('active', 'inactive', 'deleted')", "status_known"),
        Index(None, "person_id"),
    )
    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Key]
    status: Mapped[Key]
    is_star: Mapped[bool] = mapped_column(
        default=False
    )  # a star student: their worked examples start with a stronger prior
    sections: Mapped[list[str]]  # as the platform names them; may be empty
    role_seen_at: Mapped[Instant]
    launched_at: Mapped[datetime | None]


class ResourceLink(Base):
    """A place in the course that opens an activity, with the gradebook column that the platform gave it."""

    __tablename__ = "resource_link"
    __table_args__ = (UniqueConstraint("course_id", "link_id"), Index(None, "activity_id"))
    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    link_id: Mapped[LtiId]
    title: Mapped[Words]
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    line_item_url: Mapped[Words | None]
    line_items_url: Mapped[Words | None]
    ags_scopes: Mapped[list[str]]
    created_at: Mapped[Instant]


class Grade(Base):
    """What the LMS *should* show for one person in one link's column, and what it was last sent. Newest wins."""

    __tablename__ = "grade"
    __table_args__ = (
        UniqueConstraint("resource_link_id", "person_id"),
        CheckConstraint(
            "status IN ('waiting', 'sent', 'overridden', 'not_gradable', 'gone', 'forbidden', 'given_up', 'cleared')",
            "status_known",
        ),
        Index(None, "due_at"),
        Index(None, "registration_id", "due_at"),
    )
    id: Mapped[Id]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    resource_link_id: Mapped[int] = mapped_column(ForeignKey("resource_link.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    score: Mapped[float] = mapped_column(Float(53))  # rounded once, to 4 decimals
    maximum: Mapped[float] = mapped_column(Float(53))
    version: Mapped[int]  # counts changes of the score
    stamped_at: Mapped[Instant]  # the AGS timestamp of this version, strictly increasing by 1.001 s at least
    submitted_at: Mapped[Instant]
    sent_version: Mapped[int] = mapped_column(default=0)
    sent_fraction: Mapped[float | None] = mapped_column(Float(53))  # score / maximum as the LMS last took it
    status: Mapped[Key]
    due_at: Mapped[datetime | None]  # None: nothing to send
    tries: Mapped[int] = mapped_column(default=0)
    first_failed_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    problem: Mapped[Words | None]  # what the LMS answered, in our words
    lms_score: Mapped[float | None] = mapped_column(Float(53))  # as last read from the platform's results
