"""Publishing while an author changes their mind or their words: whoever comes second sees what the first one did."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import update

from core.activities import archive, seats
from core.activities.consents import Consent
from core.activities.refusals import Refusal
from core.store.database import Database
from core.store.tables import Contribution
from tests.core.activities.classroom import until_it_waits
from tests.core.activities.gallery_hall import Gallery

DATABASES = ("postgresql",)  # SQLite lets one writer in at a time


def test_a_copy_that_is_being_published_is_taken_back_with_its_source(database: Database) -> None:
    gallery = Gallery(database)
    author = gallery.students[0]
    item = gallery.item(author)
    gallery.agree(author, item)
    later = gallery.another_course("later")
    copy = later.item(later.teacher)
    later.become(copy, person_id=None, inherited_from_id=item)
    second = threading.Thread(target=lambda: gallery.agree(author, item, Consent("")))
    with database.write() as session:
        opened = seats.opened(session, later.teacher, later.public_id, "gallery")
        archive.publish(session, later.teacher, opened, copy, seen="", now=later.now)
        second.start()
        assert until_it_waits(database, second)
    second.join()
    assert later.row(copy).published_at is None
    gallery.agree(author, item)
    assert later.row(copy).published_at is None  # to say yes again publishes nothing


def test_words_that_are_being_changed_are_not_published_unread(database: Database) -> None:
    gallery = Gallery(database)
    author = gallery.students[0]
    item = gallery.item(author)
    gallery.agree(author, item)
    changed_at = gallery.now
    gallery.later(seconds=1)
    said: list[str] = []

    def publish() -> None:
        try:
            with database.write() as session:
                opened = seats.opened(session, gallery.teacher, gallery.public_id, "gallery")
                archive.publish(session, gallery.teacher, opened, item, seen="", now=gallery.now + timedelta(seconds=1))
        except Refusal as refusal:
            said.append(str(refusal))

    second = threading.Thread(target=publish)
    with database.write() as session:
        seats.opened_to_work_on(session, author, gallery.public_id, "gallery")  # the author's request has begun
        second.start()
        assert until_it_waits(database, second)
        session.execute(update(Contribution).where(Contribution.id == item).values(text="Other", edited_at=changed_at))
    second.join()
    assert len(said) == 1
    assert "changed this item meanwhile" in said[0]
    assert gallery.row(item).published_at is None
