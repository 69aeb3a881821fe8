"""A course with an activity that its class shares (questions, gallery, polls), made by the use cases themselves."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from sqlalchemy.orm import Session

from core.activities import activities, courses, kinds, people, platforms, seats
from core.activities.courses import Context
from core.activities.seats import Opened, Seat
from core.store.database import Database
from tests.core.activities.classroom import NOW, graded_link
from tests.core.activities.test_platforms import register

T = TypeVar("T")
P = ParamSpec("P")


class Hall:
    """A platform with a course, a teacher, students, and one activity of a kind; every call is its own transaction."""

    def __init__(self, database: Database, kind: str, *, students: int = 3, platform: int = 1, **settings: Any) -> None:
        self.database, self.now, self.rng = database, NOW, np.random.default_rng(7)
        registered = register(database, platform, client_id=f"client-{platform}")
        with database.write() as session:
            self.platform_id, _ = platforms.add_platform(
                session, registered.id, "d", public_id=f"p{platform}", status="active", now=NOW
            )
        self._open("", kind, students, settings)

    def _open(self, context: str, kind: str, students: int, settings: dict[str, Any]) -> None:
        with self.database.write() as session:
            self.course_id = courses.recognise_course(
                session, platform_id=self.platform_id, context=Context(f"course{context}"), now=NOW
            )
        self.teacher = self.join(f"{context}teacher", "teacher")
        self.students = [self.join(f"{context}s{place}") for place in range(students)]
        shared = kinds.SHARED[kind]
        with self.database.write() as session:
            link = courses.recognise_link(session, course_id=self.course_id, link=graded_link("link"), now=NOW)
            made = activities.make_shared(
                session, self.teacher, kind=kind, title="Hall", settings=replace(shared.blank, **settings), now=NOW
            )
            activities.place(session, self.teacher, resource_link_id=link, activity_id=made.id, now=NOW)
        self.kind, self.activity_id, self.public_id, self.link = kind, made.id, made.public_id, link

    def another_course(self, context: str, **settings: Any) -> Hall:
        """A second course of the same platform, with other people and an activity of the same kind."""
        other = copy(self)
        other._open(context, self.kind, 3, settings)
        return other

    def join(self, subject: str, role: str = "student", *, is_test: bool = False) -> Seat:
        """Somebody launches for the first time; their name is their subject."""
        with self.database.write() as session:
            person = people.recognise(
                session, platform_id=self.platform_id, subject=subject, name=subject, is_test=is_test, now=NOW
            )
            people.enrol(session, course_id=self.course_id, person_id=person, role=role, now=NOW)
        return Seat(self.platform_id, self.course_id, person, role)

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def do(
        self, use_case: Callable[Concatenate[Session, Seat, Opened, P], T], seat: Seat, *args: P.args, **named: P.kwargs
    ) -> T:
        """Call a use case that takes (session, seat, opened, ...)."""
        with self.database.write() as session:
            return use_case(
                session, seat, seats.opened_to_work_on(session, seat, self.public_id, self.kind), *args, **named
            )

    def see(
        self, use_case: Callable[Concatenate[Session, Seat, Opened, P], T], seat: Seat, *args: P.args, **named: P.kwargs
    ) -> T:
        """The same for one that only reads."""
        with self.database.read() as session:
            return use_case(session, seat, seats.opened(session, seat, self.public_id, self.kind), *args, **named)
