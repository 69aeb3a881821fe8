"""Whether the public may see an item: the author's word, for a licence, taken back at any time and everywhere."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.activities import consents, walls
from core.activities.consents import Consent
from core.activities.refusals import NotFound, Refusal
from core.store.database import Database
from core.store.tables import Decision
from tests.core.activities.gallery_hall import BY, Gallery


def decisions(gallery: Gallery) -> list[tuple[str, str]]:
    with gallery.database.read() as session:
        rows = session.execute(select(Decision.action, Decision.reason).order_by(Decision.id))
        return [tuple(row) for row in rows]  # type: ignore[misc]


def test_consent_has_a_time_and_a_licence_and_a_history(database: Database) -> None:
    gallery = Gallery(database)
    author = gallery.students[0]
    item = gallery.item(author)
    assert gallery.see(consents.standing, author, item) == consents.Standing(item, None, None, False)
    gallery.later(hours=1)
    gallery.agree(author, item)
    row = gallery.row(item)
    assert (row.consented_at, row.consent_licence, row.credit_name) == (gallery.now, "CC-BY-4.0", None)
    gallery.agree(author, item)  # the same again is nothing new
    gallery.agree(author, item, Consent(""))
    assert gallery.row(item).consented_at is None
    assert decisions(gallery) == [("consent", "CC-BY-4.0"), ("consent_withdrawn", "")]


def test_only_the_author_can_say_so(database: Database) -> None:
    gallery = Gallery(database)
    item = gallery.item(gallery.students[0])
    other = gallery.another_course("other")
    retired = gallery.item(gallery.students[0], status="retired")
    for seat, number in (
        (gallery.students[1], item),
        (gallery.teacher, item),
        (gallery.students[0], item + 999),
        (gallery.students[0], retired),
    ):
        with pytest.raises(NotFound):
            gallery.agree(seat, number)
        assert gallery.see(consents.standing, seat, number) is None
    with pytest.raises(NotFound):
        other.agree(gallery.students[0], item)
    assert gallery.row(item).consented_at is None


@pytest.mark.parametrize("anonymity", ["teacher", "pseudonym", "anonymous"])
def test_a_name_is_given_only_where_names_are_known(database: Database, anonymity: str) -> None:
    gallery = Gallery(database, anonymity=anonymity)
    with pytest.raises(Refusal, match="Names are hidden"):
        consents.columns(gallery.settings, Consent("CC-BY-4.0", "Maya"), gallery.now)
    named = Gallery(database, platform=2, anonymity="named")
    item = named.item(named.students[0])
    assert named.agree(named.students[0], item, Consent("CC-BY-4.0", " Maya \n R. ")).credit_name == "Maya R."
    assert named.agree(named.students[0], item, Consent("CC-BY-4.0", "")).credit_name is None


def test_a_licence_is_one_of_the_list(database: Database) -> None:
    gallery = Gallery(database)
    item = gallery.item(gallery.students[0])
    with pytest.raises(Refusal, match="licence"):
        gallery.agree(gallery.students[0], item, Consent("WTFPL"))
    assert decisions(gallery) == []


def test_taking_it_back_takes_the_item_out_and_saying_yes_again_does_not_put_it_back(database: Database) -> None:
    gallery = Gallery(database)
    item = gallery.public(gallery.students[0])
    with database.read() as session:
        before = walls.version(session, gallery.activity_id)
    assert gallery.agree(gallery.students[0], item, Consent("CC0-1.0")).published  # another licence: it stays
    assert not gallery.agree(gallery.students[0], item, Consent("")).published
    assert not gallery.agree(gallery.students[0], item, BY).published
    with database.read() as session:
        assert walls.version(session, gallery.activity_id) == before + 3


def test_who_stores_an_item_asks_for_the_same_columns(database: Database) -> None:
    """An anonymous author says so once, with the item, and the day is all that is kept of the time."""
    gallery = Gallery(database, anonymity="anonymous")
    day = gallery.now.replace(hour=0, minute=0, second=0, microsecond=0)
    item = gallery.item(gallery.students[0], **consents.columns(gallery.settings, BY, day))
    with database.write() as session:
        consents.record(session, gallery.students[0], item, BY, at=day)
    row = gallery.row(item)
    assert (row.consented_at, row.consent_licence) == (day, "CC-BY-4.0")
    assert decisions(gallery) == [("consent", "CC-BY-4.0")]
    with database.read() as session:
        kept = session.execute(select(Decision)).scalar_one()
    assert (kept.person_id, kept.teacher_id, kept.created_at) == (None, None, day)
    with pytest.raises(NotFound):
        gallery.agree(gallery.students[0], item, Consent(""))
