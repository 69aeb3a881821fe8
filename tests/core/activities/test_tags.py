"""A gallery's tags: one spelling, suggestions, and merges that lose no word, also while others tag."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities import gallery_settings, tagging, tags
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.store.database import Database
from core.store.tables import Tag, Tagging
from tests.core.activities.bringing import Bringing, at_once, found

DATABASES = ("sqlite",)


class Tagged(Bringing):
    """A gallery with one item, by the first student."""

    def __init__(self, database: Database, *, students: int = 4, **settings: object) -> None:
        super().__init__(database, students=students, **settings)
        self.item = self.bring(self.students[0]).id

    def names(self) -> list[tuple[str, str]]:
        return [(tag.kind, tag.name) for tag in self.see(lambda s, who, o: tags.of_gallery(s, o), self.teacher)]

    def like(self, typed: str) -> list[str]:
        return [tag.name for tag in self.see(lambda s, who, o: tags.like(s, o, typed), self.students[0])]

    def free(self, *names: str) -> list[int]:
        """Free tags, which the item has: others are not shown."""

        def add(session: Session, seat: Seat, opened: Opened) -> list[int]:
            made = tags.free(session, opened, names, at=self.now)
            applies = dict.fromkeys(made, True)
            tagging.store(session, seat, opened, self.item, applies, counts=True, now=self.now)
            return made

        return self.do(add, self.students[1])

    def say(self, seat: Seat, applies: dict[int, bool], *words: str) -> None:
        self._with(tagging.say, seat, self.item, applies, words, now=self.now)

    def said(self) -> list[tuple[int, int | None, bool]]:
        with self.database.read() as session:
            rows = session.execute(
                select(Tagging.tag_id, Tagging.person_id, Tagging.applies).order_by(Tagging.tag_id, Tagging.person_id)
            )
            return [tuple(row) for row in rows]


class TestSpelling:
    @pytest.mark.parametrize(
        "typed",
        [
            "Loss aversion",
            " #loss-aversion",
            "LOSS_AVERSION!",
            "loss\u00a0  aversion",
            "ｌｏｓｓ aversion",
            "Loss  Aversion.",
        ],
    )
    def test_one_form(self, typed: str) -> None:
        assert tags.normal(typed) == "loss aversion"

    @pytest.mark.parametrize(("one", "other"), [("Maße", "MASSE"), ("Café", "Cafe\u0301"), ("हिन्दी", "हिन्दी ")])
    def test_alike_in_every_script(self, one: str, other: str) -> None:
        assert tags.normal(one) == tags.normal(other) != ""

    def test_accents_are_not_dropped(self) -> None:
        assert tags.normal("schon") != tags.normal("schön")
        assert tags.normal("#!") == ""


class TestFinding:
    def test_concepts_first_then_by_name(self, database: Database) -> None:
        hall = Tagged(database)
        hall.concepts("Scarcity", "Authority")
        hall.free("zebra", "apple")
        assert hall.names() == [
            ("concept", "Authority"),
            ("concept", "Scarcity"),
            ("free", "apple"),
            ("free", "zebra"),
        ]

    def test_what_somebody_may_mean(self, database: Database) -> None:
        hall = Tagged(database)
        hall.concepts("Social proof", "Scarcity", "Reciprocity")
        assert hall.like("sc") == ["Scarcity"]
        assert hall.like("pro") == ["Social proof"]
        assert hall.like("Scarsity") == ["Scarcity"]
        assert hall.like("reciprocty") == ["Reciprocity"]
        assert hall.like("xylophone") == hall.like("  #") == []
        assert len(hall.like("s")) == 2

    def test_flood_costs_nothing(self, database: Database) -> None:
        hall = Tagged(database)
        hall.concepts("Scarcity")
        assert hall.like("a" * 100_000) == []

    @pytest.mark.both_databases
    def test_two_at_once_make_one(self, database: Database) -> None:
        hall = Tagged(database)
        results = at_once(*[lambda word=word: hall.free(word) for word in ("Scarcity", "scarcity", "#SCARCITY")])
        assert len({tuple(result) for result in results}) == 1

    def test_free_ones_become_concepts(self, database: Database) -> None:
        hall = Tagged(database)
        (free,) = hall.free("scarcity")
        assert hall.concepts("Scarcity") == [free]
        assert hall.names() == [("concept", "Scarcity")]
        assert hall.do(tags.add_concepts, hall.teacher, ["scarcity", "Authority", "", "authority"], now=hall.now) == 1

    def test_too_many_and_too_long(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        hall = Tagged(database)
        with pytest.raises(Refusal, match="6 tags are too many"):
            hall.free(*"abcdef")
        with pytest.raises(Refusal, match="61 characters"):
            hall.free("a" * 61)
        monkeypatch.setattr(tags, "MOST_TAGS", 3)
        hall.free("a", "b", "c")
        with pytest.raises(Refusal, match="3 tags here"):
            hall.free("d")
        assert len(hall.names()) == 3


class TestTeacher:
    def test_renames_takes_out_and_puts_back(self, database: Database) -> None:
        hall = Tagged(database)
        one, _ = hall.concepts("Scarcty", "Authority")
        hall.do(tags.rename, hall.teacher, one, "Scarcity")
        with pytest.raises(Refusal, match=r"already\. Merge"):
            hall.do(tags.rename, hall.teacher, one, "authority")
        with pytest.raises(Refusal, match="no name yet"):
            hall.do(tags.rename, hall.teacher, one, " #")
        hall.do(tags.take_out, hall.teacher, one, now=hall.now)
        assert hall.names() == [("concept", "Authority")]
        assert hall.free("scarcity") == [one]
        hall.say(hall.students[1], {one: True})
        assert hall.said() == []
        hall.do(tags.take_out, hall.teacher, one, now=hall.now, back=True)
        hall.say(hall.students[1], {one: True})
        hall.do(tags.change_kind, hall.teacher, one, "free")
        assert hall.names() == [("concept", "Authority"), ("free", "Scarcity")]
        with pytest.raises(Refusal, match="not one of the choices"):
            hall.do(tags.change_kind, hall.teacher, one, "star")

    def test_not_those_of_another_gallery(self, database: Database) -> None:
        hall = Tagged(database)
        (one,) = hall.concepts("Scarcity")
        other = hall.another_course("-2")
        with pytest.raises(NotFound):
            other.do(tags.rename, other.teacher, one, "Mine")
        with pytest.raises(NotFound):
            other.do(tags.merge, other.teacher, one, one + 1)
        hall.say(hall.students[1], {one: True})
        used = hall.see(tags.used, hall.teacher)
        assert [(tag.name, tag.items, tag.words, tag.retired) for tag in used] == [("Scarcity", 1, 1, False)]
        assert other.see(tags.used, other.teacher) == []


class TestMerging:
    def test_words_unite_and_nobody_speaks_twice(self, database: Database) -> None:
        hall = Tagged(database)
        ann, bob, cat, dan = hall.students
        one, two = hall.concepts("Scarcity", "Rarity")
        hall.say(bob, {one: True, two: False})
        hall.say(cat, {one: False, two: False})
        hall.say(dan, {one: True})
        hall.change(ann, hall.item, found(words=("rarity",)))
        hall.do(tags.merge, hall.teacher, one, two)
        assert hall.said() == [
            (two, ann.person_id, True),
            (two, bob.person_id, True),
            (two, cat.person_id, False),
            (two, dan.person_id, True),
        ]
        assert hall.names() == [("concept", "Rarity")]
        assert [tag.name for tag in hall.one(dan, hall.item).tags] == ["Rarity"]
        assert hall.free("scarcity") == [two]

    def test_a_merged_tag_is_never_merged_into(self, database: Database) -> None:
        hall = Tagged(database)
        one, two, three = hall.concepts("A", "B", "C")
        hall.do(tags.merge, hall.teacher, one, two)
        hall.do(tags.merge, hall.teacher, two, three)
        with database.read() as session:
            assert session.execute(select(Tag.merged_into_id).where(Tag.id.in_((one, two)))).all() == [(three,)] * 2
        for into in (one, two):
            with pytest.raises(NotFound):
                hall.do(tags.merge, hall.teacher, three, into)
        with pytest.raises(Refusal, match="with itself"):
            hall.do(tags.merge, hall.teacher, three, three)
        hall.say(hall.students[1], {one: True})
        assert hall.said() == [(three, hall.students[1].person_id, True)]

    def test_a_word_that_no_longer_counts_takes_none_with_it(self, database: Database) -> None:
        """Said before its author changed the item, it gives way to what the same people said after."""
        hall = Tagged(database)
        ann, bob, cat, dan = hall.students
        one, two = hall.concepts("Scarcity", "Rarity")
        hall.say(bob, {two: True})
        hall.say(cat, {two: False})
        hall.say(dan, {one: True, two: False})
        hall.change(ann, hall.item, found("Changed"))
        hall.say(bob, {one: False})
        hall.say(cat, {one: True})
        hall.say(dan, {two: False})
        hall.do(tags.merge, hall.teacher, one, two)
        with database.read() as session:
            rows = session.execute(select(Tagging.person_id, Tagging.tag_id, Tagging.applies, Tagging.counts)).all()
        assert sorted(rows) == [
            (bob.person_id, two, False, True),
            (cat.person_id, two, True, True),
            (dan.person_id, two, False, True),
        ]

    def test_an_unknown_author_s_words_unite(self, database: Database) -> None:
        hall = Tagged(database, anonymity="anonymous")
        one, two = hall.concepts("A", "B")
        hall.bring(hall.students[0], found("Both", concepts=(one, two)))
        hall.do(tags.merge, hall.teacher, one, two)
        assert hall.said() == [(two, None, True)]

    @pytest.mark.both_databases
    def test_words_said_during_a_merge_are_not_lost(self, database: Database) -> None:
        hall = Tagged(database, students=9)
        one, two = hall.concepts("Scarcity", "Rarity")
        results = at_once(
            lambda: hall.do(tags.merge, hall.teacher, one, two),
            *[lambda seat=seat: hall.say(seat, {one: True}) for seat in hall.students[1:]],
        )
        assert results == [None] * 9
        assert {row[0] for row in hall.said()} == {two}
        assert len(hall.said()) == 8

    @pytest.mark.both_databases
    def test_merges_in_opposite_directions(self, database: Database) -> None:
        hall = Tagged(database)
        one, two = hall.concepts("Scarcity", "Rarity")
        hall.say(hall.students[1], {one: True})
        results = at_once(
            lambda: hall.do(tags.merge, hall.teacher, one, two), lambda: hall.do(tags.merge, hall.teacher, two, one)
        )
        assert sorted(type(result).__name__ for result in results) == ["NoneType", "NotFound"]
        assert len(hall.names()) == len(hall.said()) == 1


class TestUnread:
    """Nobody reads a tag before it is offered to all, so what is offered was read with an item, or is harmless."""

    def test_tags_of_what_the_class_does_not_see_are_not_offered(self, database: Database) -> None:
        hall = Bringing(database, moderation="after_teacher")
        hall.concepts("Scarcity")
        item = hall.bring(hall.students[0], found(words=("Mr Smith cheats",))).id

        def offered() -> list[str]:
            return [tag.name for tag in hall.see(lambda s, who, o: tags.of_gallery(s, o), hall.students[1])]

        assert offered() == ["Scarcity"]
        assert hall.see(lambda s, who, o: tags.like(s, o, "Mr Smith"), hall.students[1]) == []
        for status in ("live", "held", "live", "retired"):
            hall.become(item, status=status)
            assert offered() == (["Scarcity", "Mr Smith cheats"] if status == "live" else ["Scarcity"])

    def test_nor_those_of_a_test_user(self, database: Database) -> None:
        hall = Tagged(database)
        hall.say(hall.join("tester", is_test=True), {}, "only a try")
        hall.say(hall.students[1], {}, "in earnest")
        assert hall.names() == [("free", "in earnest")]

    @pytest.mark.parametrize(
        ("word", "message"),
        [
            ("fuck the dean", "coarse word"),
            ("ＦＵＣＫ", "coarse word"),
            ("Scheiße", "coarse word"),
            ("call 0176 12345678", "“0176 12345678” looks like a telephone number"),
            ("smith@example.org", "an e-mail address"),
        ],
    )
    def test_what_is_no_tag(self, database: Database, word: str, message: str) -> None:
        hall = Tagged(database)
        with pytest.raises(Refusal) as refusal:
            hall._with(tagging.say, hall.students[1], hall.item, {}, ("shops", word), now=hall.now, language="de")
        assert message in str(refusal.value.sentence)
        assert hall.names() == []
        with pytest.raises(Refusal) as refusal:
            hall.bring(hall.students[1], found("Another", words=("shops", word), anyway=True, language="de"))
        assert message in str(refusal.value.sentence)
        hall.say(hall.teacher, {}, word)
        assert [kind for kind, _ in hall.names()] == ["free"]
        hall.say(hall.students[1], {}, word)  # what is there is the teacher's matter

    def test_where_tags_are_not_free_none_is_looked_at(self, database: Database) -> None:
        hall = Bringing(database, free_tags=False)
        assert hall.bring(hall.students[0], found(words=("fuck the dean",))).stored.status == "live"

    def test_whose_texts_are_read_first_adds_none(self, database: Database) -> None:
        hall = Tagged(database, moderation="new_authors")
        hall.become(hall.item, status="live", joined_at=hall.now)
        hall.say(hall.teacher, {}, "shops")
        hall.say(hall.students[1], {}, "Shops")
        with pytest.raises(Refusal, match="“new one” would be a new tag"):
            hall.say(hall.students[1], {}, "shops", "new one")
        other = hall.bring(hall.students[1], found("Another")).id
        hall.become(other, status="live", joined_at=hall.now)
        hall.say(hall.students[1], {}, "new one")
        assert hall.names() == [("free", "new one"), ("free", "shops")]


class TestTagging:
    @pytest.mark.both_databases
    def test_a_word_can_be_changed_and_counts_once(self, database: Database) -> None:
        hall = Tagged(database)
        (one,) = hall.concepts("Scarcity")
        results = at_once(*[lambda yes=yes: hall.say(hall.students[1], {one: yes}) for yes in (True, False, True)])
        assert results == [None] * 3
        assert len(hall.said()) == 1
        hall.say(hall.students[1], {one: False})
        assert hall.said() == [(one, hall.students[1].person_id, False)]
        with database.read() as session:
            assert tagging.mine(session, hall.students[1], hall.item) == {one: False}

    def test_new_words_where_they_are_wanted(self, database: Database) -> None:
        hall = Tagged(database)
        hall.say(hall.students[1], {}, "shops", "")
        assert hall.names() == [("free", "shops")]

    @pytest.mark.parametrize("settings", [{"free_tags": False}, {"anonymity": "anonymous"}])
    def test_and_not_where_they_would_tell_who_wrote(self, database: Database, settings: dict[str, object]) -> None:
        hall = Tagged(database, **settings)
        with pytest.raises(Refusal, match="New tags cannot be added"):
            hall.say(hall.students[1], {}, "shops")
        hall.say(hall.teacher, {}, "shops")
        assert hall.names() == [("free", "shops")]

    def test_not_of_one_s_own_nor_of_what_is_hidden(self, database: Database) -> None:
        hall = Tagged(database)
        (one,) = hall.concepts("Scarcity")
        with pytest.raises(NotAllowed, match="your own"):
            hall.say(hall.students[0], {one: True})
        hall.become(hall.item, status="held")
        with pytest.raises(NotFound):
            hall.say(hall.students[1], {one: True})

    def test_a_test_user_s_word_is_kept_and_does_not_count(self, database: Database) -> None:
        hall = Tagged(database)
        (one,) = hall.concepts("Scarcity")
        hall.say(hall.join("tester", is_test=True), {one: True})
        hall.say(hall.teacher, {one: True})
        with database.read() as session:
            assert session.scalars(select(Tagging.counts)).all() == [False, False]

    def test_settings_say_whether_words_are_free(self) -> None:
        assert gallery_settings.from_json({}).free_tags
