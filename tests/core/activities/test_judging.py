"""Who judges what next, and what they say: everything gets its share, nobody their own, and the first word stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete, func, select, update

from core.activities import credit, gallery_settings, item_beliefs, judging, moderation
from core.activities.refusals import Gone, NotAllowed, NotFound, Refusal
from core.activities.seats import Seat
from core.crowd.sharing import REST
from core.store.database import Database
from core.store.tables import Contribution, Item, Judgement, Tagging
from tests.core.activities.bringing import Bringing, at_once, found

DATABASES = ("sqlite",)


def gallery(database: Database, *, students: int = 4, **settings: Any) -> tuple[Bringing, list[int]]:
    """A class of which everybody has brought one item, in the students' order."""
    hall = Bringing(database, students=students, **settings)
    return hall, [hall.bring(seat, found(f"Item {place}")).id for place, seat in enumerate(hall.students)]


def mine(hall: Bringing, seat: Seat, item: int) -> judging.Mine | None:
    with hall.database.read() as session:
        return judging.mine(session, seat, item)


class TestDrawing:
    def test_keeps_policy_and_probability(self, database: Database) -> None:
        hall, items = gallery(database)
        turn = hall.next_item(hall.students[0])
        assert turn is not None
        assert turn.item_id in items[1:]
        (row,) = hall.judgements()
        assert (row.policy, row.probability, row.eligible_size) == ("share", pytest.approx(1 / 3), 3)
        assert (row.scale, row.ratings, row.judged_at, row.counts) == ("attributes", None, None, True)

    def test_the_probability_is_that_of_the_draw(self, database: Database) -> None:
        """One item of two is judged less often: it is drawn with probability 1 - REST."""
        hall, items = gallery(database, students=3)
        with database.write() as session:
            session.execute(update(Item).where(Item.contribution_id == items[1]).values(judged=4))
        drawn = Counter()
        for seed in range(60):
            turn = hall.next_item(hall.students[0], seed)
            assert turn is not None
            (row,) = hall.judgements()
            assert row.probability == pytest.approx(REST if turn.item_id == items[1] else 1 - REST)
            drawn[turn.item_id] += 1
            with database.write() as session:
                session.delete(session.merge(row))
        assert drawn[items[2]] > 50

    @pytest.mark.both_databases
    def test_two_tabs_have_one_turn(self, database: Database) -> None:
        hall, _ = gallery(database)
        turns = at_once(*[lambda seed=seed: hall.next_item(hall.students[0], seed) for seed in range(6)])
        assert len(set(turns)) == 1
        assert len(hall.judgements()) == 1

    def test_never_one_s_own_nor_what_was_inherited_from_oneself(self, database: Database) -> None:
        hall, items = gallery(database, students=2)
        with database.write() as session:
            session.execute(
                update(Contribution)
                .where(Contribution.id == items[1])
                .values(person_id=None, inherited_from_id=items[0])
            )
        assert hall.next_item(hall.students[0]) is None
        turn = hall.next_item(hall.students[1])
        assert turn is not None

    def test_nothing_that_is_not_shown(self, database: Database) -> None:
        hall, items = gallery(database)
        me = hall.students[0]
        hall.become(items[1], status="held")
        hall.become(items[2], status="pending")
        hall._with(moderation.report_shared, me, items[3], reason="", now=hall.now)
        assert hall.next_item(me) is None
        hall.become(items[2], status="live")
        turn = hall.next_item(me)
        assert turn is not None
        assert turn.item_id == items[2]
        hall.become(items[2], status="held")
        assert hall.next_item(me) is None

    def test_none_where_nothing_is_judged(self, database: Database) -> None:
        hall, _ = gallery(database, judgements=0)
        assert hall.next_item(hall.students[0]) is None

    def test_what_is_open_elsewhere_is_left_to_others_for_a_while(self, database: Database) -> None:
        hall, items = gallery(database, students=3)
        hall.drawn(hall.students[2], items[1])
        for seed in range(12):
            turn = hall.next_item(hall.students[0], seed)
            assert turn is not None
            (row,) = hall.judgements(person_id=hall.students[0].person_id)
            assert row.probability == pytest.approx(1 - REST if turn.item_id == items[2] else REST)
            with database.write() as session:
                session.delete(session.merge(row))
        hall.later(minutes=31)
        hall.next_item(hall.students[0])
        assert hall.judgements(person_id=hall.students[0].person_id)[0].probability == pytest.approx(0.5)

    def test_every_item_gets_its_share(self, database: Database) -> None:
        """12 people judge 4 each, one after another: every item is judged 4 times, one more or less."""
        hall, items = gallery(database, students=12)
        rng = np.random.default_rng(3)
        for _ in range(4):
            for place in rng.permutation(12):
                turn = hall.next_item(hall.students[place], int(rng.integers(2**31)))
                assert turn is not None
                assert turn.item_id != items[place]
                hall.judge(hall.students[place], turn.item_id)
        judged = [hall.row(item).judged for item in items]
        assert sum(judged) == 48
        assert set(judged) <= {3, 4, 5}

    @pytest.mark.both_databases
    def test_a_class_that_begins_at_once_is_spread(self, database: Database) -> None:
        """12 people draw in the same moment: what one takes the others see, so no item is taken more than three times
        (with luck alone one of 12 would be, in four cases of ten)."""
        hall, items = gallery(database, students=12)
        turns = at_once(*[lambda n=n: hall.next_item(hall.students[n], n) for n in range(12)])
        taken = Counter(turn.item_id for turn in turns)
        assert sum(taken.values()) == 12
        assert max(taken.values()) <= 2
        assert all(turn.item_id != items[n] for n, turn in enumerate(turns))

    @pytest.mark.both_databases
    def test_the_last_share_is_taken_by_one(self, database: Database) -> None:
        """Of three items one has a judgement less. Two people draw at once: the second draws anew, and says so."""
        hall, items = gallery(database, students=5)
        with database.write() as session:
            session.execute(update(Item).values(judged=5))
            session.execute(update(Item).where(Item.contribution_id == items[4]).values(judged=4))
        results = at_once(*[lambda n=n: hall.next_item(hall.students[n], 1) for n in (0, 1)])
        rows = hall.judgements()
        assert len(rows) == len(results) == 2
        first = next(row for row in rows if row.contribution_id == items[4])
        other = next(row for row in rows if row.id != first.id)
        assert first.probability == pytest.approx(1 - REST)
        if other.contribution_id != items[4]:  # nearly always: by chance it may come again
            assert other.probability < 0.5


class TestJudging:
    def test_ratings_are_kept_with_their_scale(self, database: Database) -> None:
        hall, items = gallery(database)
        hall.drawn(hall.students[1], items[0])
        said = hall.judge(hall.students[1], items[0], 4)
        assert "your judgement counts" in str(said)
        (row,) = hall.judgements()
        assert row.ratings == {"relevant": 4, "clear": 4, "novel": 4}
        assert (row.scale, row.judged_at, row.counts) == ("attributes", hall.now, True)
        assert hall.row(items[0]).judged == 1
        own = mine(hall, hall.students[1], items[0])
        assert own == judging.Mine({"relevant": 4, "clear": 4, "novel": 4}, hall.now, True)
        assert mine(hall, hall.students[2], items[0]) is None

    def test_one_scale(self, database: Database) -> None:
        hall, items = gallery(database, scale="stars")
        hall.drawn(hall.students[1], items[0])
        hall.judge(hall.students[1], items[0], 2)
        (row,) = hall.judgements()
        assert (row.scale, row.ratings) == ("stars", {"rating": 2})

    def test_a_side_may_be_left_out(self, database: Database) -> None:
        hall, items = gallery(database, attributes=["useful", "clear"])
        hall._with(judging.judge, hall.students[1], items[0], {"clear": 3, "novel": 5}, {}, now=hall.now)
        assert hall.judgements()[0].ratings == {"clear": 3}

    @pytest.mark.parametrize(
        ("ratings", "message"),
        [
            ({}, "no rating yet"),
            ({"relevant": None}, "no rating yet"),
            ({"clear": 0}, "1 to 5"),
            ({"clear": 6}, "1 to 5"),
        ],
    )
    def test_what_is_no_rating(self, database: Database, ratings: dict[str, int | None], message: str) -> None:
        hall, items = gallery(database)
        with pytest.raises(Refusal, match=message):
            hall._with(judging.judge, hall.students[1], items[0], ratings, {}, now=hall.now)
        assert hall.judgements() == []

    @pytest.mark.both_databases
    def test_two_tabs_judge_once_and_the_first_word_stands(self, database: Database) -> None:
        hall, items = gallery(database)
        hall.drawn(hall.students[1], items[0])
        results = at_once(
            *[lambda stars=stars: hall.judge(hall.students[1], items[0], stars) for stars in (1, 2, 3, 4)]
        )
        assert Counter("stands" in str(result) for result in results) == {True: 3, False: 1}
        assert hall.row(items[0]).judged == 1
        (row,) = hall.judgements()
        assert row.ratings is not None
        before = row.ratings["clear"]
        assert "stands" in str(hall.judge(hall.students[1], items[0], 5))
        assert hall.judgements()[0].ratings["clear"] == before  # type: ignore[index]

    @pytest.mark.both_databases
    def test_two_tabs_choose_once(self, database: Database) -> None:
        hall, items = gallery(database)
        results = at_once(*[lambda stars=stars: hall.judge(hall.students[1], items[0], stars) for stars in (1, 2, 3)])
        assert not [result for result in results if isinstance(result, Exception)]
        assert len(hall.judgements()) == 1

    def test_what_one_chose_counts_for_oneself(self, database: Database) -> None:
        hall, items = gallery(database, points=10.0, credit={"rating": 1})
        said = hall.judge(hall.students[1], items[0])
        assert "chance picks its judges" in str(said)
        (row,) = hall.judgements()
        assert (row.policy, row.probability, row.counts) == ("chosen", None, False)
        assert hall.row(items[0]).judged == 0
        progress = hall._with(credit.mine, hall.students[1])
        assert progress.score == 10.0

    def test_a_class_s_judgements_count_together(self, database: Database) -> None:
        hall, items = gallery(database)
        for seat in hall.students[1:]:
            hall.drawn(seat, items[0])
            hall.judge(seat, items[0])
        assert hall.row(items[0]).judged == 3

    @pytest.mark.both_databases
    def test_many_at_once_lose_none(self, database: Database) -> None:
        hall, items = gallery(database, students=9)
        for seat in hall.students[1:]:
            hall.drawn(seat, items[0])
        at_once(*[lambda seat=seat: hall.judge(seat, items[0]) for seat in hall.students[1:]])
        assert hall.row(items[0]).judged == 8

    @pytest.mark.both_databases
    def test_taken_back_while_it_is_judged(self, database: Database) -> None:
        """Whoever comes first: either the judgement is there before the item goes, or it is told that it is gone."""
        hall, items = gallery(database, students=6)
        for seat in hall.students[1:]:
            hall.drawn(seat, items[0])
        results = at_once(
            lambda: hall.take_back(hall.students[0], items[0]),
            *[lambda seat=seat: hall.judge(seat, items[0]) for seat in hall.students[1:]],
        )
        gone = [result for result in results if isinstance(result, Gone)]
        assert results[0] is None
        assert len(gone) + hall.row(items[0]).judged == 5
        with pytest.raises(Gone, match="not shown any more"):
            hall.judge(hall.students[1], items[0]) if gone else hall._with(
                judging.judge, hall.join("late"), items[0], {"clear": 3}, {}, now=hall.now
            )

    @pytest.mark.both_databases
    def test_changed_while_it_is_judged(self, database: Database) -> None:
        """A judgement counts for the item that was judged: after a change the count is what still counts."""
        hall, items = gallery(database, students=6)
        for seat in hall.students[1:]:
            hall.drawn(seat, items[0])
        at_once(
            lambda: hall.change(hall.students[0], items[0], found("Changed")),
            *[lambda seat=seat: hall.judge(seat, items[0]) for seat in hall.students[1:]],
        )
        counted = [row for row in hall.judgements() if row.counts and row.judged_at]
        assert hall.row(items[0]).judged == len(counted)

    def test_nobody_judges_their_own(self, database: Database) -> None:
        hall, items = gallery(database)
        with pytest.raises(NotAllowed, match="your own"):
            hall.judge(hall.students[0], items[0])
        with pytest.raises(Gone):
            hall.judge(hall.students[0], items[0] + 99)

    def test_nobody_judges_elsewhere(self, database: Database) -> None:
        hall, items = gallery(database)
        other = hall.another_course("-2")
        with pytest.raises(Gone):
            other.judge(other.students[0], items[0])
        with pytest.raises(NotFound):
            hall.do(
                judging.next_item, other.students[0], gallery_settings.GallerySettings(), now=hall.now, rng=hall.rng
            )

    def test_tags_go_with_it(self, database: Database) -> None:
        hall, items = gallery(database)
        one, two = hall.concepts("Scarcity", "Authority")
        hall.drawn(hall.students[1], items[0])
        hall.judge(hall.students[1], items[0], applies={one: True, two: False, two + 99: True})
        with database.read() as session:
            rows = session.execute(select(Tagging.tag_id, Tagging.applies, Tagging.counts)).all()
        assert sorted(rows) == [(one, True, True), (two, False, True)]

    def test_previews_and_test_users_are_kept_and_do_not_count(self, database: Database) -> None:
        hall, items = gallery(database)
        for seat in (hall.join("tester", is_test=True), hall.teacher):
            turn = hall.next_item(seat)
            assert turn is not None
            hall.judge(seat, turn.item_id)
        assert [row.counts for row in hall.judgements()] == [False, False]
        assert {hall.row(item).judged for item in items} == {0}

    def test_the_day_has_an_end(self, database: Database) -> None:
        hall, items = gallery(database, daily=1)
        with database.write() as session:
            opened = hall.see(lambda s, who, o: o, hall.teacher)
            settings = replace(gallery_settings.of(opened), daily=0)
            with pytest.raises(Refusal, match="enough for today"):
                judging.judge(session, hall.students[1], opened, settings, items[0], {"clear": 3}, {}, now=hall.now)


class TestSkipping:
    def test_three_are_free_and_one_more_for_each_judged(self, database: Database) -> None:
        hall, _ = gallery(database, students=9)
        me = hall.students[0]
        seen = set()
        for seed in range(3):
            turn = hall.next_item(me, seed)
            assert turn is not None
            assert turn.may_skip
            hall.skip(me, turn.item_id)
            seen.add(turn.item_id)
        turn = hall.next_item(me)
        assert turn is not None
        assert not turn.may_skip
        assert turn.item_id not in seen
        with pytest.raises(Refusal, match="You have skipped 3 items"):
            hall.skip(me, turn.item_id)
        hall.judge(me, turn.item_id)
        again = hall.next_item(me)
        assert again is not None
        assert (again.may_skip, again.done) == (True, 1)

    @pytest.mark.both_databases
    def test_not_more_by_many_tabs(self, database: Database) -> None:
        hall, items = gallery(database, students=9)
        me = hall.students[0]
        for item in items[1:]:
            hall.drawn(me, item)
        at_once(*[lambda item=item: hall.skip(me, item) for item in items[1:]])
        with database.read() as session:
            assert session.scalar(select(func.count(Judgement.skipped_at))) == 3

    def test_what_was_skipped_can_be_judged_later_by_choice(self, database: Database) -> None:
        """Who skips until a friend's item comes, and goes back to it, chose it: it counts for them alone."""
        hall, _ = gallery(database)
        me = hall.students[0]
        turn = hall.next_item(me)
        assert turn is not None
        hall.skip(me, turn.item_id)
        own = mine(hall, me, turn.item_id)
        assert own is not None
        assert not own.drawn
        assert "You chose this item yourself" in str(hall.judge(me, turn.item_id, 5))
        row = hall.judgements()[0]
        assert (row.policy, row.probability, row.counts, row.skipped_at) == ("chosen", None, False, None)
        assert hall.row(turn.item_id).judged == 0
        hall.skip(me, turn.item_id)
        assert hall.judgements()[0].skipped_at is None


class TestChangedItems:
    """An author's change makes another item of it: who said something keeps it, and chance asks anew."""

    def test_a_comma_does_not_end_the_judging(self, database: Database) -> None:
        hall = Bringing(database, points=10.0, credit={"rating": 1})
        author, *judges = hall.students
        item = hall.bring(author).id
        for judge in judges:
            hall.next_item(judge)
            hall.judge(judge, item, 1)
        assert hall.row(item).judged == 3
        hall.change(author, item, found("Only three left!"))
        assert hall.row(item).judged == 0
        for judge in judges:
            turn = hall.next_item(judge)
            assert turn is not None
            assert turn.item_id == item
            assert hall.next_item(judge, 8) == turn
            assert not hall.one(judge, item).i_judged
            assert hall._with(credit.mine, judge).score == 10.0  # it was earned
        assert [(row.policy, row.ratings, row.counts) for row in hall.judgements()] == [("share", None, True)] * 3
        assert "your judgement counts" in str(hall.judge(judges[0], item, 5))
        assert hall.row(item).judged == 1
        believed = hall.see(lambda s, who, o: item_beliefs.of_gallery(s, o), hall.teacher)
        assert (believed.of[item].given, believed.of[item].sides["clear"]) == (1, 5.0)
        assert hall.see(lambda s, who, o: judging.judged(s, who, o), judges[0]) == 1
        assert hall.next_item(judges[0]) is None

    def test_an_open_draw_is_drawn_again(self, database: Database) -> None:
        hall = Bringing(database, students=2)
        author, judge = hall.students
        item = hall.bring(author).id
        hall.next_item(judge)
        hall.change(author, item, found("Only four left"))
        hall.later(minutes=1)
        assert hall.next_item(judge) is not None
        assert hall.judgements()[0].shown_at == hall.now
        assert "your judgement counts" in str(hall.judge(judge, item))
        assert hall.row(item).judged == 1

    def test_who_read_the_old_words_is_told_what_theirs_count_for(self, database: Database) -> None:
        hall = Bringing(database, students=2)
        author, judge = hall.students
        item = hall.bring(author).id
        hall.next_item(judge)
        hall.change(author, item, found("Only four left"))
        said = str(hall.judge(judge, item))
        assert "changed this item since" in said
        assert "not for the item" in said
        assert hall.row(item).judged == 0
        assert hall.see(lambda s, who, o: judging.judged(s, who, o), judge) == 1
        assert hall.next_item(judge) is not None

    def test_what_was_skipped_does_not_come_back(self, database: Database) -> None:
        hall = Bringing(database, students=2)
        author, judge = hall.students
        item = hall.bring(author).id
        hall.next_item(judge)
        hall.skip(judge, item)
        hall.change(author, item, found("Only four left"))
        assert hall.next_item(judge) is None

    def test_a_teacher_who_tries_it_out_is_at_one_item(self, database: Database) -> None:
        hall, items = gallery(database)
        turn = hall.next_item(hall.teacher)
        assert turn is not None
        assert {hall.next_item(hall.teacher, seed) for seed in range(5)} == {turn}
        hall.judge(hall.teacher, turn.item_id)
        author = hall.students[items.index(turn.item_id)]
        hall.change(author, turn.item_id, found("Changed"))
        seen = []
        while (turn := hall.next_item(hall.teacher)) is not None:
            seen.append(turn.item_id)
            hall.judge(hall.teacher, turn.item_id)
        assert sorted(seen) == items

    @pytest.mark.both_databases
    def test_drawn_again_by_many_at_once(self, database: Database) -> None:
        hall = Bringing(database, students=6)
        author, *judges = hall.students
        item = hall.bring(author).id
        hall.all_judge(item, [1, 2, 3, 4, 5])
        hall.change(author, item, found("Changed"))
        turns = at_once(*[lambda seat=seat: hall.next_item(seat) for seat in (*judges, *judges)])
        assert [turn.item_id for turn in turns] == [item] * 10
        assert len(hall.judgements()) == 5
        at_once(*[lambda seat=seat: hall.judge(seat, item) for seat in judges])
        assert hall.row(item).judged == 5


class TestNobodyKnows:
    def test_who_judged_is_stored_and_who_wrote_is_not(self, database: Database) -> None:
        hall = Bringing(database, anonymity="anonymous")
        item = hall.bring(hall.students[0]).id
        turn = hall.next_item(hall.students[0])
        assert turn is not None
        assert turn.item_id == item  # nobody knows that it is theirs, so nobody can keep it from them
        hall.skip(hall.students[0], item)
        assert hall.text(item).person_id is None

    def test_nor_does_a_skip_tell_it(self, database: Database) -> None:
        """Who is advised to skip their own would be known by the row of what they skipped."""
        hall, items = gallery(database, anonymity="anonymous")
        author = hall.students[0]
        for seed in range(3):
            turn = hall.next_item(author, seed)
            assert turn is not None
            hall.skip(author, turn.item_id)
            assert hall.judgements(person_id=author.person_id) == []
            again = hall.next_item(author, seed, skipped=turn.item_id)
            assert again is not None
            assert again.item_id != turn.item_id
            with database.write() as session:
                session.execute(delete(Judgement))
        turn = hall.next_item(author)
        assert turn is not None
        assert not turn.may_skip
        with pytest.raises(Refusal, match="You have skipped 3 items"):
            hall.skip(author, turn.item_id)
        hall.later(days=1)
        again = hall.next_item(author)
        assert again is not None
        assert again.may_skip
        assert again.item_id in items

    def test_a_skip_of_what_is_not_open_is_not_counted(self, database: Database) -> None:
        hall, items = gallery(database, anonymity="anonymous")
        for _ in range(5):
            hall.skip(hall.students[0], items[1])
        turn = hall.next_item(hall.students[0])
        assert turn is not None
        assert turn.may_skip


def test_where_nothing_is_judged_no_judgement_is_taken(database: Database) -> None:
    hall, items = gallery(database, judgements=0)
    with pytest.raises(Refusal, match="Nothing is judged"):
        hall.judge(hall.students[1], items[0])
    assert hall.judgements() == []
