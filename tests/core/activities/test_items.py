"""What a class brings: what must be there, what is kept, who sees it, and what a change or taking it back means."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from core.activities import item_links, items, moderation, pictures, walls
from core.activities.consents import Consent
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Seat
from core.store.database import Database
from core.store.tables import Block, Contribution, Credit, Decision, Image, Tagging
from tests.core.activities.bringing import HOW, Bringing, at_once, found, picture
from tests.core.activities.classroom import Classroom

DATABASES = ("sqlite",)


def sees(hall: Bringing, seat: Seat, image: int, public_id: str = "") -> bool:
    """Whether the picture's address gives this person the picture."""
    try:
        with hall.database.read() as session:
            pictures.shown(session, seat, public_id or hall.public_id, image, now=hall.now)
    except NotFound:
        return False
    return True


class TestBringing:
    @pytest.mark.both_databases
    def test_a_link_a_picture_and_a_text(self, database: Database) -> None:
        hall = Bringing(database)
        ann, bob, *_ = hall.students
        link = hall.bring(ann, found("Only three left", source="A shop", licence="all rights reserved"))
        shown = hall.bring(bob, found("A poster", url="", picture=picture(), image_alt="A dentist\nwith a brush"))
        text = hall.bring(ann, found("A slogan", url="", body="Buy now!\n\nOr never."))
        made = hall.bring(ann, found("My film", kind="produced", url="videos.example/1"))
        assert [one.stored.status for one in (link, shown, text, made)] == ["live"] * 4
        assert hall.titles(bob) == ["My film", "A slogan", "A poster", "Only three left"]
        item = hall.one(bob, link.id)
        assert (item.url, item.host, item.source, item.kind) == (
            "https://shop.example/x",
            "shop.example",
            "A shop",
            "found",
        )
        assert hall.one(ann, text.id).body == "Buy now!\n\nOr never."
        assert hall.one(bob, made.id).url == "https://videos.example/1"
        image = hall.one(ann, shown.id).picture
        assert image is not None
        assert (image.width, image.height, image.alt) == (60, 60, "A dentist with a brush")

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"title": " \u200b"}, "no title yet"),
            ({"url": ""}, "nothing to see yet"),
            ({"url": "", "body": " \u200b "}, "nothing to see yet"),
            ({"picture": picture()}, "what is to be seen in the picture"),
            ({"text": "Scarcity."}, "which idea it shows, and how: 60 characters at least, now it has 9"),
            ({"text": "Scarcity.", "kind": "produced"}, "which ideas you used, and how"),
            ({"kind": "praise"}, "does not take such items"),
            ({"url": "javascript:alert(1)"}, "no web address"),
            ({"words": ("a", "b", "c", "d", "e", "f")}, "6 tags are too many"),
            ({"title": "x" * 201}, "201 characters"),
            ({"consent": Consent("mine")}, "not one of the list"),
            ({"text": f"{HOW} Write to jane.doe@mail.org"}, "looks like an e-mail address"),
            ({"body": "Call +49 30 901820 now"}, "looks like a telephone number"),
        ],
    )
    def test_what_is_missing_is_said_and_nothing_is_stored(
        self, database: Database, change: dict[str, Any], message: str
    ) -> None:
        hall = Bringing(database)
        with pytest.raises(Refusal, match=message):
            hall.bring(hall.students[0], found(**change))
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(Contribution)) == 0

    def test_personal_data_that_is_meant_is_taken(self, database: Database) -> None:
        hall = Bringing(database)
        assert hall.bring(hall.students[0], found(body="Call +49 30 901820 now", anyway=True)).stored.status == "live"

    def test_a_gallery_takes_what_its_teacher_wants(self, database: Database) -> None:
        hall = Bringing(database, takes_found=False, shortest=5, free_tags=False)
        with pytest.raises(Refusal, match="does not take such items"):
            hall.bring(hall.students[0])
        made = hall.bring(hall.students[0], found(kind="produced", text="Short", words=("mine",)))
        assert hall.one(hall.students[1], made.id).tags == ()

    @pytest.mark.both_databases
    def test_the_same_sent_twice_is_one(self, database: Database) -> None:
        hall = Bringing(database)
        results = at_once(*[lambda: hall.bring(hall.students[0])] * 4)
        refused = [result for result in results if isinstance(result, Refusal)]
        assert len(refused) == 3
        assert all("here already" in str(error) for error in refused)
        assert len(hall.titles(hall.students[1])) == 1

    def test_the_day_has_an_end(self, database: Database) -> None:
        hall = Bringing(database, daily=2)
        for number in range(2):
            hall.bring(hall.students[0], found(f"Number {number}"))
        with pytest.raises(Refusal, match="enough for today"):
            hall.bring(hall.students[0], found("Another"))

    @pytest.mark.parametrize(("moderation", "status"), [("after_teacher", "pending"), ("new_authors", "pending")])
    def test_what_waits_is_its_author_s_alone(self, database: Database, moderation: str, status: str) -> None:
        hall = Bringing(database, moderation=moderation)
        ann, bob, *_ = hall.students
        brought = hall.bring(ann)
        assert brought.stored.status == status
        assert "once your teacher has checked" in str(brought.stored.message)
        assert hall.one(ann, brought.id).status == "pending"
        assert hall.titles(bob) == []
        assert hall.titles(hall.teacher) == ["Only three left"]
        with pytest.raises(NotFound):
            hall.one(bob, brought.id)

    def test_what_a_test_user_brings_is_kept_for_them(self, database: Database) -> None:
        hall = Bringing(database)
        tester = hall.join("tester", is_test=True)
        brought = hall.bring(tester)
        assert brought.stored.status == "kept"
        assert hall.one(tester, brought.id).is_mine
        assert hall.titles(hall.students[0]) == hall.titles(hall.teacher) == []

    def test_coarse_words_around_the_text_wait_too(self, database: Database) -> None:
        hall = Bringing(database)
        for around in ({"title": "What a fucking shop"}, {"source": "A fucking shop"}, {"licence": "Fuck off"}):
            brought = hall.bring(hall.students[0], found(text=f"{HOW} {sorted(around)}", language="en", **around))
            assert brought.stored.status == "pending"

    def test_personal_data_around_the_text_asks_once(self, database: Database) -> None:
        hall = Bringing(database)
        for around in ({"source": "Ask smith@example.org"}, {"licence": "+49 176 1234567"}):
            with pytest.raises(Refusal, match="looks like"):
                hall.bring(hall.students[0], found(**around))
            hall.bring(hall.students[0], found(f"Meant: {sorted(around)}", anyway=True, **around))

    def test_consent_is_kept_with_its_licence(self, database: Database) -> None:
        hall = Bringing(database)
        brought = hall.bring(hall.students[0], found(consent=Consent("CC-BY-4.0")))
        item = hall.row(brought.id)
        assert (item.consent_licence, item.consented_at, item.published_at) == ("CC-BY-4.0", hall.now, None)
        with database.read() as session:
            assert session.scalars(select(Decision.action)).all() == ["consent"]

    def test_the_author_s_tags_stand_beside_it_and_are_no_votes(self, database: Database) -> None:
        hall = Bringing(database)
        (scarcity,) = hall.concepts("Scarcity")
        brought = hall.bring(
            hall.students[0], found(concepts=(scarcity, scarcity + 99), words=("#Shops", "shops ", ""))
        )
        assert [tag.name for tag in hall.one(hall.students[1], brought.id).tags] == ["Scarcity", "Shops"]
        with database.read() as session:
            rows = session.scalars(select(Tagging)).all()
        assert {(row.by_author, row.counts, row.applies) for row in rows} == {(True, False, True)}

    def test_others_pages_notice(self, database: Database) -> None:
        hall = Bringing(database)
        with database.read() as session:
            before = walls.version(session, hall.activity_id)
        brought = hall.bring(hall.students[0])
        hall.change(hall.students[0], brought.id, found("Two left"))
        hall.take_back(hall.students[0], brought.id)
        with database.read() as session:
            assert walls.version(session, hall.activity_id) == before + 3


class TestPictures:
    @pytest.mark.both_databases
    def test_equal_pictures_at_once_are_one(self, database: Database) -> None:
        hall = Bringing(database, students=6)
        results = at_once(
            *[
                lambda seat=seat: hall.bring(seat, found(f"By {seat.person_id}", picture=picture(), image_alt="Red"))
                for seat in hall.students
            ]
        )
        assert len({hall.row(result.id).image_id for result in results}) == 1
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(Image)) == 1

    def test_a_large_one_has_a_small_one_beside_it(self, database: Database) -> None:
        hall = Bringing(database)
        brought = hall.bring(hall.students[0], found(picture=picture(side=1200), image_alt="Red"))
        item = hall.one(hall.students[1], brought.id)
        assert item.picture is not None
        assert item.small is not None
        assert (item.picture.width, item.small.width) == (1200, 480)
        assert all(sees(hall, hall.students[1], image.id) for image in (item.picture, item.small))

    @pytest.mark.both_databases
    def test_who_does_not_see_the_item_does_not_see_its_picture(self, database: Database) -> None:
        hall = Bringing(database)
        ann, bob, cat, _ = hall.students
        brought = hall.bring(ann, found(picture=picture(), image_alt="Red"))
        image = hall.row(brought.id).image_id
        assert image
        assert sees(hall, bob, image)
        for status in ("pending", "held", "kept"):
            hall.become(brought.id, status=status)
            assert not sees(hall, bob, image), status
            assert sees(hall, ann, image), status
            assert sees(hall, hall.teacher, image), status
        hall.become(brought.id, status="retired", retired_because="teacher")
        assert not sees(hall, bob, image)
        assert not sees(hall, ann, image)
        hall.become(brought.id, status="live", retired_because=None)
        hall._with(moderation.report_shared, bob, brought.id, reason="", now=hall.now)
        assert not sees(hall, bob, image)
        assert sees(hall, cat, image)
        with database.write() as session:
            session.add(
                Block(
                    activity_id=hall.activity_id, person_id=cat.person_id, author_id=ann.person_id, created_at=hall.now
                )
            )
        assert not sees(hall, cat, image)

    def test_not_from_another_course_nor_another_activity(self, database: Database) -> None:
        hall = Bringing(database)
        brought = hall.bring(hall.students[0], found(picture=picture(), image_alt="Red"))
        image = hall.row(brought.id).image_id
        assert image
        other = hall.another_course("-2")
        for seat in (other.students[0], other.teacher):
            assert not sees(hall, seat, image, other.public_id)
            assert not sees(hall, seat, image, hall.public_id)
        assert not sees(hall, hall.students[1], image + 99)

    def test_a_practice_activity_shows_its_own_pictures_only(self, database: Database) -> None:
        room = Classroom(database)
        with pytest.raises(NotFound), database.read() as session:
            pictures.shown(session, room.students[0], room.public_id, 1, now=room.now)


class TestChanging:
    def test_what_was_judged_no_longer_counts(self, database: Database) -> None:
        hall = Bringing(database)
        (scarcity,) = hall.concepts("Scarcity")
        ann, bob, *_ = hall.students
        item = hall.bring(ann, found(picture=picture(), image_alt="Red", concepts=(scarcity,))).id
        hall.drawn(bob, item)
        hall.judge(bob, item, applies={scarcity: True})
        assert hall.row(item).judged == 1
        hall.later(minutes=5)
        hall.change(ann, item, found("Two left", url="", image_alt="Still red"))
        after = hall.one(bob, item)
        assert (after.title, after.url, after.judged, after.tags) == ("Two left", None, 0, ())
        assert after.picture is not None
        assert after.picture.alt == "Still red"
        assert [row.counts for row in hall.judgements()] == [False]
        assert hall.text(item).edited_at == hall.now
        with database.read() as session:
            assert session.execute(select(Tagging.counts, Tagging.by_author)).all() == [(False, False)]

    def test_its_picture_can_go_or_be_another(self, database: Database) -> None:
        hall = Bringing(database)
        ann = hall.students[0]
        item = hall.bring(ann, found(picture=picture(), image_alt="Red")).id
        red = hall.row(item).image_id
        hall.change(ann, item, found(picture=picture("blue"), image_alt="Blue"))
        assert hall.row(item).image_id not in (None, red)
        hall.change(ann, item, found("Only a link", no_picture=True, image_alt="Gone"))
        assert (hall.row(item).image_id, hall.row(item).thumb_id, hall.row(item).image_alt) == (None, None, "")
        with pytest.raises(Refusal, match="nothing to see"):
            hall.change(ann, item, found("Nothing", url=""))

    def test_kind_and_consent_stay_and_a_preview_goes_with_its_link(self, database: Database) -> None:
        hall = Bringing(database)
        ann = hall.students[0]
        item = hall.bring(ann, found(kind="produced", consent=Consent("CC-BY-4.0"))).id
        hall.do(items.keep_preview, ann, item, "https://shop.example/x", {"title": "A shop"})
        hall.change(ann, item, found("Two left"))
        assert (hall.text(item).kind, hall.row(item).consent_licence) == ("produced", "CC-BY-4.0")
        assert hall.row(item).preview == {"title": "A shop"}
        hall.change(ann, item, found("Two left, really", url="https://shop.example/y"))
        assert hall.row(item).preview is None
        hall.do(items.keep_preview, ann, item, "https://shop.example/x", {"title": "Late"})
        assert hall.row(item).preview is None

    def test_a_moderated_gallery_looks_again(self, database: Database) -> None:
        hall = Bringing(database, moderation="after_teacher")
        item = hall.bring(hall.students[0]).id
        hall.become(item, status="live", joined_at=hall.now)
        assert hall.change(hall.students[0], item, found("Two left")).stored.status == "pending"
        assert hall.titles(hall.students[1]) == []

    def test_who_was_reported_does_not_come_back_by_a_change(self, database: Database) -> None:
        hall = Bringing(database)
        item = hall.bring(hall.students[0]).id
        hall.become(item, status="held")
        assert hall.change(hall.students[0], item, found("Two left")).stored.status == "held"
        assert hall.text(item).status == "held"
        hall.become(item, status="retired", retired_because="teacher")
        with pytest.raises(NotAllowed, match="took this item out"):
            hall.change(hall.students[0], item, found("Two left"))

    def test_only_one_s_own(self, database: Database) -> None:
        hall = Bringing(database)
        item = hall.bring(hall.students[0]).id
        other = hall.another_course("-2")
        for seat in (hall.students[1], hall.teacher):
            with pytest.raises(NotFound, match="not one of yours"):
                hall.change(seat, item, found("Mine"))
            with pytest.raises(NotFound, match="not one of yours"):
                hall.take_back(seat, item)
        with pytest.raises(NotFound):
            other.do(items.take_back, other.students[0], hall.see(_settings, hall.teacher), item, now=hall.now)
        assert hall.titles(hall.students[1]) == ["Only three left"]

    def test_taken_back_is_gone_for_everybody(self, database: Database) -> None:
        hall = Bringing(database)
        item = hall.bring(hall.students[0]).id
        hall.take_back(hall.students[0], item)
        assert hall.titles(hall.students[0]) == hall.titles(hall.teacher) == []
        assert hall.text(item).retired_because == "withdrawn"
        with pytest.raises(NotFound):
            hall.take_back(hall.students[0], item)

    def test_a_teacher_s_decision_is_not_undone_by_taking_back(self, database: Database) -> None:
        hall = Bringing(database)
        item = hall.bring(hall.students[0]).id
        hall.become(item, status="retired", retired_because="teacher")
        hall.take_back(hall.students[0], item)
        assert hall.text(item).retired_because == "teacher"


def _settings(session: Any, seat: Seat, opened: Any) -> Any:
    from core.activities import gallery_settings

    return gallery_settings.of(opened)


class TestNobodyKnows:
    @pytest.mark.both_databases
    def test_an_anonymous_item_has_no_author_and_no_time_anywhere(self, database: Database) -> None:
        hall = Bringing(database, anonymity="anonymous", points=10.0, credit={"found": 1})
        hall.concepts("Scarcity")
        brought = hall.bring(
            hall.students[0],
            found(words=("shops",), picture=picture(), image_alt="Red", consent=Consent("CC0-1.0")),
        )
        midnight = hall.now.replace(hour=0, minute=0, second=0, microsecond=0)
        assert hall.now != midnight
        text = hall.text(brought.id)
        assert (text.person_id, text.created_at, text.joined_at) == (None, midnight, midnight)
        assert hall.row(brought.id).consented_at == midnight
        with database.read() as session:
            assert session.execute(select(Tagging.person_id, Tagging.created_at)).all() == [(None, midnight)]
            assert session.execute(select(Decision.teacher_id, Decision.created_at)).all() == [(None, midnight)]
            assert session.execute(select(Credit.what, Credit.number)).all() == [("found", 1)]
        assert not hall.one(hall.students[0], brought.id).is_mine
        with pytest.raises(NotFound):
            hall.take_back(hall.students[0], brought.id)

    @pytest.mark.parametrize(
        ("anonymity", "classmate", "teacher"),
        [("named", "s0", "s0"), ("teacher", None, "s0"), ("anonymous", None, None)],
    )
    def test_each_reader_learns_what_was_promised(
        self, database: Database, anonymity: str, classmate: str | None, teacher: str | None
    ) -> None:
        hall = Bringing(database, anonymity=anonymity)
        item = hall.bring(hall.students[0]).id
        assert hall.one(hall.students[1], item).author.name == classmate
        assert hall.one(hall.teacher, item).author.name == teacher

    def test_a_made_up_name_is_the_teacher_s_view_too(self, database: Database) -> None:
        hall = Bringing(database, anonymity="pseudonym")
        item = hall.bring(hall.students[0]).id
        name = hall.one(hall.teacher, item).author.name
        assert name
        assert name == hall.one(hall.students[1], item).author.name
        assert name != "s0"


class TestLinks:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("", ""),
            ("example.org", "https://example.org/"),
            (" HTTP://Example.ORG:80/A b?q=1#x ", "http://example.org/Ab?q=1#x"),
            ("https://example.org:443", "https://example.org/"),
            ("https://example.org:8443/x", "https://example.org:8443/x"),
            ("https://bücher.example/ä?ö=1", "https://xn--bcher-kva.example/%C3%A4?%C3%B6=1"),
            ("https://example.org/%41", "https://example.org/%41"),
            ("https://example.org./", "https://example.org/"),
            ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
            ('https://a.example/"><script>', "https://a.example/%22%3E%3Cscript%3E"),
        ],
    )
    def test_one_spelling(self, typed: str, kept: str) -> None:
        assert item_links.clean(typed) == kept
        assert item_links.clean(kept) == kept

    @pytest.mark.parametrize(
        "typed",
        [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://example.org/",
            "mailto:a@example.org",
            "https://",
            "https://localhost/",
            "https://user@example.org/",
            "https://example.org@evil.example/",
            "https://exa mple/\\evil",
            "https://example.org:99999/",
            "https://[::1",
            "https://a..example/",
            "https://" + "a" * 64 + ".example/",
            "https://example.org/" + "a" * 2000,
            "//evil.example",
            "https:///evil",
        ],
    )
    def test_what_is_no_address_is_refused(self, typed: str) -> None:
        with pytest.raises(Refusal, match="no web address"):
            item_links.clean(typed)

    def test_the_reader_sees_the_machine_in_ascii(self) -> None:
        assert item_links.host(item_links.clean("https://аpple.example/")) == "xn--pple-43d.example"
