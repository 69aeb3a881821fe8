"""The public archive: what a teacher opens and publishes, and that nothing else is ever public."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.activities import archive, archive_pages, consents
from core.activities.archive import Face
from core.activities.consents import Consent
from core.activities.refusals import NotFound, Refusal
from core.store.database import Database
from core.store.tables import Activity, Archive, Contribution, Decision, Item
from tests.core.activities.gallery_hall import BY, HOW, Gallery, sha
from tests.core.activities.test_people import together
from tests.core.problems.strategies import PICTURES


def opened(database: Database, **settings: object) -> tuple[Gallery, Face]:
    gallery = Gallery(database, **settings)  # type: ignore[arg-type]
    return gallery, gallery.open_archive()


def shown(gallery: Gallery, slug: str) -> list[str]:
    """The titles that the public sees: on the pages, in the feed, in the export, one by one."""
    with gallery.database.read() as session:
        try:
            listed = [item.title for item in archive_pages.page(session, slug, 1).items]
        except NotFound:
            listed = []
        assert [item.title for item in archive_pages.newest(session, slug)] == listed
        assert [item.title for item in archive_pages.everything(session, slug)] == listed
        ids = session.scalars(select(Item.public_id).where(Item.public_id.is_not(None))).all()
        single = []
        for public_id in ids:
            with contextlib.suppress(NotFound):
                single.append(archive_pages.item(session, slug, str(public_id)).title)
        assert sorted(single) == sorted(listed)
        return listed


def test_an_item_is_shown_as_its_author_gave_it(database: Database) -> None:
    gallery, face = opened(database, anonymity="named")
    author = gallery.students[0]
    item = gallery.item(author)
    idea = gallery.tag("authority")
    gallery.say(item, idea, *gallery.students[:2])
    gallery.agree(author, item, Consent("CC-BY-SA-4.0", "Maya"))
    gallery.publish(item)
    with database.read() as session:
        (seen,) = archive_pages.page(session, face.slug, 1).items
    assert (seen.title, seen.text, seen.url) == ("A poster", HOW, "https://example.org/poster")
    assert (seen.source, seen.terms, seen.licence, seen.by) == ("Campus wall", "CC BY 4.0", "CC-BY-SA-4.0", "Maya")
    assert (seen.body, seen.thumbnail) == ("", None)
    assert seen.picture == archive_pages.Picture(sha(PICTURES[0]), "image/png", 3, 2, "A dentist with a brush")
    assert [tag.name for tag in seen.tags] == ["authority"]
    assert seen.published_at == gallery.now


def close(gallery: Gallery, item: int) -> None:
    gallery.open_archive(is_open=False)


def unpublish(gallery: Gallery, item: int) -> None:
    gallery.do(archive.unpublish, gallery.teacher, item, reason="A lawyer wrote.", now=gallery.now)


def change_text(gallery: Gallery, item: int) -> None:
    gallery.become(item, text="Something that nobody checked.", edited_at=gallery.now + timedelta(seconds=1))


def take_back(gallery: Gallery, item: int) -> None:
    gallery.agree(gallery.students[0], item, Consent(""))


@pytest.mark.parametrize(
    "happens",
    [
        close,
        unpublish,
        change_text,
        take_back,
        *(
            lambda gallery, item, status=status: gallery.become(item, status=status)
            for status in ("pending", "held", "retired", "kept")
        ),
    ],
)
def test_whatever_ends_it_ends_it_at_once_and_everywhere(
    database: Database, happens: Callable[[Gallery, int], None]
) -> None:
    gallery, face = opened(database)
    item = gallery.public(gallery.students[0])
    gallery.say(item, gallery.tag("authority"), gallery.students[1])
    assert shown(gallery, face.slug) == ["A poster"]
    happens(gallery, item)
    assert shown(gallery, face.slug) == []
    with database.read() as session:
        assert archive_pages.tags(session, face.slug) == []
        with pytest.raises(NotFound):
            archive_pages.picture(session, face.slug, sha(PICTURES[0]))


def test_nothing_is_public_before_both_have_agreed(database: Database) -> None:
    gallery, face = opened(database)
    item = gallery.item(gallery.students[0])
    with pytest.raises(Refusal, match="not agreed"):
        gallery.publish(item)
    gallery.agree(gallery.students[0], item)
    assert shown(gallery, face.slug) == []
    gallery.publish(item)
    assert shown(gallery, face.slug) == ["A poster"]
    with database.write() as session:  # as if it were published in spite of all
        session.execute(update(Item).values(consented_at=None))
    assert shown(gallery, face.slug) == []


@pytest.mark.parametrize("status", ["pending", "held", "retired"])
def test_what_the_class_does_not_see_cannot_be_published(database: Database, status: str) -> None:
    gallery, face = opened(database)
    item = gallery.item(gallery.students[0])
    gallery.agree(gallery.students[0], item)
    gallery.become(item, status=status)
    with pytest.raises(Refusal):
        gallery.publish(item)
    assert shown(gallery, face.slug) == []


def test_who_publishes_has_read_what_is_published(database: Database) -> None:
    gallery, face = opened(database)
    item = gallery.item(gallery.students[0])
    gallery.agree(gallery.students[0], item)
    change_text(gallery, item)
    with pytest.raises(Refusal, match="changed this item meanwhile"):
        gallery.do(archive.publish, gallery.teacher, item, seen="", now=gallery.now)
    assert shown(gallery, face.slug) == []


def test_another_gallery_is_another_archive(database: Database) -> None:
    gallery, face = opened(database)
    item = gallery.public(gallery.students[0])
    other = gallery.another_course("other")
    theirs = other.open_archive()
    with pytest.raises(NotFound):
        other.publish(item)
    with pytest.raises(NotFound):
        other.do(archive.unpublish, other.teacher, item, reason="", now=other.now)
    public_id = str(gallery.row(item).public_id)
    with database.read() as session:
        with pytest.raises(NotFound):
            archive_pages.item(session, theirs.slug, public_id)
        with pytest.raises(NotFound):
            archive_pages.picture(session, theirs.slug, sha(PICTURES[0]))
        assert archive_pages.item(session, face.slug, public_id).title == "A poster"


def test_an_inherited_item_is_public_only_while_its_author_agrees(database: Database) -> None:
    gallery, face = opened(database, anonymity="named")
    author = gallery.students[0]
    item = gallery.item(author)
    gallery.agree(author, item, Consent("CC-BY-4.0", "Maya"))
    later = gallery.another_course("later", anonymity="named")
    copied = later.open_archive()
    mine = later.item(later.teacher)
    later.become(mine, person_id=None, inherited_from_id=item)
    later.publish(mine)  # it needs no consent of its own
    with database.read() as session:
        (seen,) = archive_pages.everything(session, copied.slug)
    assert (seen.by, seen.licence) == ("Maya", "CC-BY-4.0")
    gallery.agree(author, item, Consent(""))
    assert shown(later, copied.slug) == []
    gallery.agree(author, item, BY)
    assert shown(later, copied.slug) == []  # the teachers publish it anew
    later.publish(mine)
    assert shown(later, copied.slug) == ["A poster"]
    gallery.become(item, status="retired", retired_because="withdrawn")  # the author takes the item itself back
    assert shown(later, copied.slug) == []
    assert face.slug != copied.slug


def test_no_name_where_the_gallery_hides_names(database: Database) -> None:
    gallery, face = opened(database, anonymity="named")
    item = gallery.item(gallery.students[0])
    gallery.agree(gallery.students[0], item, Consent("CC-BY-4.0", "Maya"))
    gallery.publish(item)
    with database.write() as session:
        settings = dict(session.scalars(select(Activity.settings).where(Activity.id == gallery.activity_id)).one())
        session.execute(update(Activity).values(settings={**settings, "anonymity": "teacher"}))
    with database.read() as session:
        assert archive_pages.everything(session, face.slug)[0].by is None


def test_a_tag_is_shown_where_more_say_yes_than_no(database: Database) -> None:
    gallery, face = opened(database)
    one, two = (gallery.public(gallery.students[0], title) for title in ("one", "two"))
    a, b, c, d = (gallery.tag(name) for name in ("authority", "Beauty", "scarcity", "gone"))
    yes, no = gallery.students[1:3], gallery.students[3:4]
    gallery.say(one, a, *yes)
    gallery.say(one, a, *no, applies=False)
    gallery.say(two, a, *yes)
    gallery.say(one, b, *yes[:1])
    gallery.say(one, b, *no, applies=False)
    gallery.say(two, c, *yes[:1], counts=False)
    gallery.say(one, c, gallery.students[0], by_author=True, counts=False)  # the author's own word shows
    gallery.say(one, d, *yes)
    with database.write() as session:
        from core.store.tables import Tag

        session.execute(update(Tag).where(Tag.id == d).values(retired_at=gallery.now))
    with database.read() as session:
        assert [(tag.name, tag.items) for tag in archive_pages.tags(session, face.slug)] == [
            ("authority", 2),
            ("scarcity", 1),
        ]
        tag, page = archive_pages.of_tag(session, face.slug, a, 1)
        assert (tag.name, page.total, [item.title for item in page.items]) == ("authority", 2, ["two", "one"])
        assert [item.title for item in archive_pages.of_tag(session, face.slug, c, 1)[1].items] == ["one"]
        for number in (b, d, d + 99):
            with pytest.raises(NotFound):
                archive_pages.of_tag(session, face.slug, number, 1)


def test_a_classmate_s_own_words_are_not_published(database: Database) -> None:
    """The teacher read what the author said with the item, and publishes that; a tag that comes later nobody read."""
    gallery, face = opened(database)
    item = gallery.public(gallery.students[0], "one")
    theirs, classmate_s, course_s = (
        gallery.tag(name, kind) for name, kind in (("shops", "free"), ("the dean", "free"), ("scarcity", "concept"))
    )
    gallery.say(item, theirs, gallery.students[0], by_author=True, counts=False)
    gallery.say(item, classmate_s, *gallery.students[1:])
    gallery.say(item, course_s, *gallery.students[1:])
    with database.read() as session:
        assert [tag.name for tag in archive_pages.newest(session, face.slug)[0].tags] == ["scarcity", "shops"]
        assert [tag.name for tag in archive_pages.tags(session, face.slug)] == ["scarcity", "shops"]
        with pytest.raises(NotFound):
            archive_pages.of_tag(session, face.slug, classmate_s, 1)


def test_pages_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_pages, "PAGE", 2)
    gallery, face = opened(database)
    for number in range(5):
        gallery.later(minutes=1)
        gallery.public(gallery.students[0], f"item {number}")
    with database.read() as session:
        pages = [archive_pages.page(session, face.slug, number) for number in (1, 2, 3)]
        assert [[item.title for item in page.items] for page in pages] == [
            ["item 4", "item 3"],
            ["item 2", "item 1"],
            ["item 0"],
        ]
        assert {(page.pages, page.total) for page in pages} == {(3, 5)}
        for number in (0, 4, -1):
            with pytest.raises(NotFound):
                archive_pages.page(session, face.slug, number)


def test_an_open_archive_has_a_title_and_somebody_to_write_to(database: Database) -> None:
    gallery = Gallery(database)
    assert gallery.face() is None
    with pytest.raises(Refusal, match="title"):
        gallery.open_archive(title=" ")
    with pytest.raises(Refusal, match="write to"):
        gallery.open_archive(contact="")
    assert gallery.face() is None
    closed = gallery.open_archive(is_open=False, contact="")
    with database.read() as session, pytest.raises(NotFound):
        archive_pages.face(session, closed.slug)


def test_its_address_stays_and_is_made_of_its_first_title(database: Database) -> None:
    gallery = Gallery(database)
    first = gallery.open_archive(title="Überzeugung & Werbung!")
    again = gallery.open_archive(title="Another title", is_indexed=False)
    assert first.slug == again.slug
    assert first.slug.startswith("uberzeugung-werbung-")
    assert not again.is_indexed
    other = gallery.another_course("other")
    assert other.open_archive(title="説得").slug.startswith("archive-")
    assert len(other.face().slug) <= 64  # type: ignore[union-attr]


def test_a_slug_that_is_taken_is_drawn_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["aaaaaa", "aaaaaa", "bbbbbb"])
    monkeypatch.setattr("core.activities.archive.secrets.token_hex", lambda _: next(drawn))
    gallery = Gallery(database)
    other = gallery.another_course("other")
    assert gallery.open_archive(title="x").slug == "x-aaaaaa"
    assert other.open_archive(title="x").slug == "x-bbbbbb"


def test_eight_teachers_open_one_archive(database: Database) -> None:
    gallery = Gallery(database)
    assert len(set(together(8, lambda _: gallery.open_archive().slug))) == 1
    with database.read() as session:
        assert len(session.scalars(select(Archive.slug)).all()) == 1
        assert session.scalars(select(Decision.action)).all() == ["open_archive"]


def test_publishing_and_taking_back_at_once_never_leaves_it_public(database: Database) -> None:
    gallery, face = opened(database)
    author = gallery.students[0]
    for turn in range(4):
        item = gallery.item(author, f"item {turn}")
        gallery.agree(author, item)

        def act(place: int, item: int = item) -> None:
            if place % 2:
                gallery.agree(author, item, Consent(""))
            else:
                with contextlib.suppress(Refusal):
                    gallery.publish(item)

        together(6, act)
        assert shown(gallery, face.slug) == []
        assert gallery.row(item).published_at is None


def test_every_decision_is_kept_with_its_reason_and_twice_is_once(database: Database) -> None:
    gallery, _ = opened(database)
    item = gallery.public(gallery.students[0])
    public_id = gallery.row(item).public_id
    unpublish(gallery, item)
    unpublish(gallery, item)
    gallery.publish(item)
    assert gallery.row(item).public_id == public_id  # links and feeds stay right
    with database.read() as session:
        rows = session.execute(
            select(Decision.action, Decision.reason, Decision.teacher_id)
            .where(Decision.action != "consent")
            .order_by(Decision.id)
        ).all()
    me = gallery.teacher.person_id
    assert [tuple(row) for row in rows] == [
        ("open_archive", "", me),
        ("publish", "", me),
        ("unpublish", "A lawyer wrote.", me),
        ("publish", "", me),
    ]


def test_the_teacher_sees_how_it_stands_with_each_item(database: Database) -> None:
    gallery, _ = opened(database)
    author, other = gallery.students[:2]
    hidden = gallery.item(author, "hidden", status="held")
    silent = gallery.item(author, "silent")
    out = gallery.public(author, "out")
    ready = gallery.item(other, "ready")
    gallery.agree(other, ready)
    changed = gallery.public(author, "changed")
    change_text(gallery, changed)
    gallery.item(author, "retired", status="retired")
    lines = gallery.see(archive.lines, gallery.teacher, gallery.settings).items
    assert [(line.item_id, line.stands) for line in lines] == [
        (changed, "changed"),
        (ready, "ready"),
        (out, "published"),
        (silent, "no_consent"),
        (hidden, "hidden"),
    ]
    assert lines[1].author.name == "s1"
    gallery.later(minutes=1)
    gallery.publish(changed)  # as it is now
    assert [line.stands for line in gallery.see(archive.lines, gallery.teacher, gallery.settings).items][1:3] == [
        "published",
        "published",
    ]


def test_its_list_comes_in_pages(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = Gallery(database)
    numbers = [gallery.item(gallery.students[0], f"item {number}") for number in range(5)]
    gallery.agree(gallery.students[0], numbers[0])
    monkeypatch.setattr(archive, "PAGE", 2)
    pages = [gallery.see(archive.lines, gallery.teacher, gallery.settings, page=page) for page in (1, 2, 3, 4)]
    assert [[line.item_id for line in page.items] for page in pages] == [
        [numbers[0], numbers[4]],
        [numbers[3], numbers[2]],
        [numbers[1]],
        [numbers[1]],
    ]
    assert {(page.pages, page.total) for page in pages} == {(3, 5)}


def test_consent_of_a_copy_is_not_asked_of_the_copy(database: Database) -> None:
    """A copy has no author here: nobody in the later course can say yes for the one who wrote it."""
    gallery = Gallery(database)
    item = gallery.item(gallery.students[0])
    later = gallery.another_course("later")
    mine = later.item(later.teacher, **consents.columns(later.settings, BY, later.now))
    later.become(mine, person_id=None, inherited_from_id=item)
    with pytest.raises(Refusal, match="not agreed"):
        later.publish(mine)
    with database.read() as session:
        assert session.scalar(select(Contribution.inherited_from_id).where(Contribution.id == mine)) == item
