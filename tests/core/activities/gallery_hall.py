"""A gallery with items, tags and words about them, stored as use cases would."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Self

from sqlalchemy import select, update

from core.activities import archive, authors, consents, gallery_settings, seats
from core.activities.consents import Consent
from core.activities.seats import Seat
from core.problems.kinds import Image as AnyImage
from core.store.database import Database, insert
from core.store.tables import Activity, Contribution, Course, Image, Item, Membership, Tag, Tagging
from tests.core.activities.hall import Hall
from tests.core.problems.strategies import PICTURES

HOW = "A white coat lends its wearer authority, whoever wears it: that is the whole trick of this poster."
BY = Consent("CC-BY-4.0")


class Gallery(Hall):
    """A gallery and its class."""

    def __init__(self, database: Database, *, students: int = 4, platform: int = 1, **settings: Any) -> None:
        super().__init__(database, "gallery", students=students, platform=platform, **settings)

    @classmethod
    def found(cls, database: Database, title: str, now: datetime) -> Self:
        """The gallery of this title and the people of its course, however they came about."""
        self = cls.__new__(cls)
        with database.read() as session:
            here = session.execute(select(Activity).where(Activity.title == title)).scalar_one()
            course = session.get_one(Course, here.course_id)
            people = session.execute(
                select(Membership.person_id, Membership.role)
                .where(Membership.course_id == course.id)
                .order_by(Membership.person_id)
            ).all()
        seats = [Seat(course.platform_id, course.id, row.person_id, row.role) for row in people]
        self.database, self.now, self.kind = database, now, "gallery"
        self.platform_id, self.course_id = course.platform_id, course.id
        self.activity_id, self.public_id = here.id, here.public_id
        self.teacher = next(seat for seat in seats if seat.role == "teacher")
        self.students = [seat for seat in seats if seat.role == "student"]
        return self

    @property
    def settings(self) -> gallery_settings.GallerySettings:
        return self.see(lambda session, seat, opened: gallery_settings.of(opened), self.teacher)

    def item(
        self,
        seat: Seat,
        title: str = "A poster",
        *,
        text: str = HOW,
        kind: str = "found",
        status: str = "live",
        picture: AnyImage | None = PICTURES[0],
        **more: Any,
    ) -> int:
        """An item by somebody."""
        with self.database.write() as session:
            opened = seats.opened_to_work_on(session, seat, self.public_id, self.kind)
            stamp = authors.stamp(session, seat, opened.id, gallery_settings.of(opened), now=self.now)
            number: int = session.scalars(
                insert(session, Contribution)
                .values(
                    course_id=self.course_id,
                    activity_id=opened.id,
                    person_id=stamp.person_id,
                    kind=kind,
                    version=1,
                    text=text,
                    status=status,
                    created_at=stamp.created_at,
                    joined_at=stamp.created_at if status == "live" else None,
                )
                .returning(Contribution.id)
            ).one()
            image_id = None
            if picture is not None:
                session.execute(
                    insert(session, Image)
                    .values(
                        course_id=self.course_id,
                        sha256=sha(picture),
                        mime=picture.mime,
                        width=picture.width,
                        height=picture.height,
                        body=picture.data,
                    )
                    .on_conflict_do_nothing()
                    .returning(Image.id)
                )
                image_id = session.scalar(
                    select(Image.id).where(Image.course_id == self.course_id, Image.sha256 == sha(picture))
                )
            values: dict[str, Any] = {
                "contribution_id": number,
                "activity_id": opened.id,
                "title": title,
                "body": "",
                "url": "https://example.org/poster",
                "image_id": image_id,
                "image_alt": "A dentist with a brush" if picture else "",
                "source": "Campus wall",
                "licence": "CC BY 4.0",
                "judged": 0,
            }
            session.execute(insert(session, Item).values(**(values | more)))
        return number

    def tag(self, name: str, kind: str = "concept", **more: Any) -> int:
        with self.database.write() as session:
            values = {"activity_id": self.activity_id, "kind": kind, "name": name, "normal": name.casefold()}
            return int(
                session.scalars(
                    insert(session, Tag).values(**(values | {"created_at": self.now} | more)).returning(Tag.id)
                ).one()
            )

    def say(
        self, item: int, tag: int, *seats: Seat, applies: bool = True, by_author: bool = False, counts: bool = True
    ) -> None:
        """These people say that the tag applies to the item, or that it does not."""
        with self.database.write() as session:
            for seat in seats:
                session.execute(
                    insert(session, Tagging).values(
                        contribution_id=item,
                        tag_id=tag,
                        person_id=seat.person_id,
                        applies=applies,
                        by_author=by_author,
                        counts=counts,
                        created_at=self.now,
                    )
                )

    def become(self, item: int, **values: Any) -> None:
        """What happens to an item's text elsewhere: held, retired, edited."""
        with self.database.write() as session:
            session.execute(update(Contribution).where(Contribution.id == item).values(**values))

    def agree(self, seat: Seat, item: int, consent: Consent = BY) -> consents.Standing:
        return self.do(consents.change, seat, self.settings, item, consent, now=self.now)

    def publish(self, *items: int) -> None:
        for item in items:
            lines = self.see(archive.lines, self.teacher, self.settings).items
            seen = next((line.seen for line in lines if line.item_id == item), "")
            self.do(archive.publish, self.teacher, item, seen=seen, now=self.now)

    def of_copy(self, activity_id: int) -> Self:
        """The same people in front of a copy of the gallery."""
        with self.database.read() as session:
            public_id = session.scalars(select(Activity.public_id).where(Activity.id == activity_id)).one()
        self.activity_id, self.public_id = activity_id, public_id
        return self

    def open_archive(self, **changes: Any) -> archive.Face:
        values: dict[str, Any] = {
            "title": "Persuasion around us",
            "about": "What our class found.",
            "contact": "mail@example.org",
            "is_open": True,
            "is_indexed": True,
        }
        return self.do(archive.save, self.teacher, **(values | changes), now=self.now)

    def face(self) -> archive.Face | None:
        return self.see(lambda session, seat, opened: archive.of(session, opened), self.teacher)

    def public(self, seat: Seat, title: str = "A poster", **more: Any) -> int:
        """An item that its author gives to the public and the teacher publishes."""
        number = self.item(seat, title, **more)
        self.agree(seat, number)
        self.publish(number)
        return number

    def row(self, item: int) -> Item:
        with self.database.read() as session:
            return session.execute(select(Item).where(Item.contribution_id == item)).scalar_one()


def sha(picture: AnyImage) -> str:
    return hashlib.sha256(picture.data).hexdigest()
