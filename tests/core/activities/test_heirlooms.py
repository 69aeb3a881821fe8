"""What the next class inherits: problems, the texts that helped, what was learned about them; never who wrote them."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select

from core.activities import courses, heirlooms, placement, pools, problems, seats
from core.activities.courses import Link
from core.activities.seats import Practice, Seat
from core.selection import policies
from core.selection.arms import DISCOUNT, Author, Pool, Stats
from core.store.database import Database
from core.store.tables import Activity, Arm, Contribution, Exposure, Image, Problem, ResourceLink
from tests.core.activities.classroom import (
    AFTER_DUE,
    NOW,
    Classroom,
    count,
    one_choice,
    snapshot,
)
from tests.core.activities.test_people import together
from tests.core.problems.strategies import PICTURES


def rated(database: Database, ratings: dict[int, tuple[int, ...]]) -> tuple[Classroom, list[int]]:
    """A class with one text for each key, rated by as many readers as it has ratings; gives the texts in order."""
    room = Classroom(database, students=max(map(len, ratings.values())))
    readers = room.students[:]
    texts = room.pool(len(ratings))
    for reader in readers:
        room.answer(reader)
        while len({row.contribution_id for row in room.exposures(Exposure.person_id == reader.person_id)}) < len(texts):
            room.another(reader)
    for place, (text, values) in enumerate(zip(texts, ratings.values(), strict=True)):
        for row, value in zip(
            room.exposures(Exposure.contribution_id == text, Exposure.round == 0), values, strict=False
        ):
            room.rate(Seat(room.platform_id, room.course_id, row.person_id, "student"), row.id, value)
        assert room.arm(text)[1] == len(values), place
    return room, texts


def launch(room: Classroom, public_id: str, link_id: str = "copied") -> int | None:
    """A launch of a link that carries this custom parameter; gives the activity that it opens."""
    with room.write() as session:
        link = courses.recognise_link(session, course_id=room.course_id, link=Link(link_id), now=NOW)
        return placement.activity_of_link(
            session, course_id=room.course_id, resource_link_id=link, activity_public_id=public_id, now=NOW
        )


def teaches_too(room: Classroom, other: Classroom) -> None:
    """The teacher of one course joins the other one as its teacher."""
    other.join(" teacher", "teacher")
    assert room.teacher.person_id == other.join(" teacher", "teacher").person_id


def opened(room: Classroom, activity_id: int) -> Practice:
    with room.database.read() as session:
        return seats.practice_of_id(session, room.teacher, activity_id)


def test_a_copied_course_gets_its_own_copy_if_somebody_teaches_both(database: Database) -> None:
    room = Classroom(database, one_choice("A"), one_choice("B"), settings=AFTER_DUE)
    copied = room.another_course("copied")
    assert launch(copied, room.public_id) is None  # an id that anybody can read opens nothing
    assert count(database, Activity) == 2
    teaches_too(room, copied)
    made = launch(copied, room.public_id)
    assert made is not None
    assert launch(copied, room.public_id) == made
    found = opened(copied, made)
    assert (found.title, len(found.problems)) == ("Practice", 2)
    assert found.settings.key_shown == "after_due"
    assert found.settings.due_at is None  # the date was last year's; until there is a new one the key stays hidden
    with room.database.read() as session:
        ours = problems.bank(session, room.course_id)
        theirs = problems.bank(session, copied.course_id, found.problems)
        assert theirs == ours
        kept = session.scalar(select(ResourceLink.activity_id).where(ResourceLink.id == copied.link))
    assert kept == copied.activity_id  # its own activity is still there


def test_twenty_first_launches_make_one_copy(database: Database) -> None:
    room, texts = rated(database, {0: (9, 8, 9)})
    copied = room.another_course("copied")
    teaches_too(room, copied)
    made = together(20, lambda place: launch(copied, room.public_id, f"link {place % 4}"))
    assert len(set(made)) == 1
    assert count(database, Activity, Activity.course_id == copied.course_id) == 2
    assert count(database, Problem, Problem.course_id == copied.course_id) == 2
    assert count(database, Contribution, Contribution.course_id == copied.course_id) == len(texts)


def test_other_courses_and_platforms_inherit_nothing(database: Database) -> None:
    room = Classroom(database)
    stranger = Classroom(database, platform=2)
    for other in (stranger, room.another_course("other")):
        before = snapshot(database)["activity"]
        assert launch(other, room.public_id) is None
        assert launch(other, "nowhere") is None
        assert snapshot(database)["activity"] == before
    student_there = room.another_course("third")
    student_there.join(" teacher", "student")  # teaches one, studies in the other
    assert launch(student_there, room.public_id) is None


def test_a_link_keeps_its_activity(database: Database) -> None:
    room = Classroom(database, one_choice("A"))
    second = room.again("second", room.problems[0])
    assert launch(room, second.public_id, "link") == room.activity_id
    assert launch(room, second.public_id, "third") == second.activity_id


def test_texts_come_without_authors_and_with_their_evidence(database: Database) -> None:
    room, texts = rated(database, {0: (9, 8, 10, 9), 1: (2, 1, 3), 2: (5, 5)})
    copied = room.another_course("copied")
    with room.write() as session:
        activity = heirlooms.inherit(session, activity_id=room.activity_id, course_id=copied.course_id, now=NOW)
        assert heirlooms.inherit(session, activity_id=room.activity_id, course_id=copied.course_id, now=NOW) == activity
    problem = opened(copied, activity).problems[0]
    with room.database.read() as session:
        rows = session.execute(
            select(Contribution, Arm)
            .join(Arm, Arm.contribution_id == Contribution.id)
            .where(Contribution.course_id == copied.course_id)
            .order_by(Contribution.inherited_from_id)
        ).all()
    assert [text.inherited_from_id for text, _ in rows] == texts[:2]  # the third was rated too little to be known
    for text, arm in rows:
        assert (text.person_id, text.problem_id, text.status) == (None, problem, "live")
        assert (arm.shown, arm.rewarded, arm.points, arm.squares) == (0, 0, 0, 0)
        kept = room.arm(text.inherited_from_id)
        assert (arm.inherited_rewarded, arm.inherited_points, arm.inherited_squares) == kept[1:]
    assert room.differences() == []


def test_inherited_evidence_is_discounted_in_the_next_draw(database: Database) -> None:
    ratings = {0: (9, 8, 10, 9), 1: (6, 5, 7)}
    room, _ = rated(database, ratings)
    copied = room.another_course("copied")
    with room.write() as session:
        activity = heirlooms.inherit(session, activity_id=room.activity_id, course_id=copied.course_id, now=NOW)
    copied.problems = list(opened(copied, activity).problems)
    copied.activity_id = activity
    with room.database.read() as session:
        copied.public_id = str(session.scalar(select(Activity.public_id).where(Activity.id == activity)))
    copied.answer(copied.students[0], rng=np.random.default_rng(4))
    (row,) = room.exposures(Exposure.course_id == copied.course_id)
    flat = [(place, value / 10) for place, values in ratings.items() for value in values]
    inherited = Stats.tally([place for place, _ in flat], [value for _, value in flat], 2)
    pool = Pool(Stats.empty(2), inherited, DISCOUNT, np.array([Author.STUDENT] * 2, dtype=np.int8), np.zeros(2, bool))
    chances = policies.chances("best", pool, np.ones(2, bool))
    with room.database.read() as session:
        order = [text.contribution_id for text in pools.arms(session, copied.problems[0], "explanation")]
    assert row.probability == pytest.approx(chances[order.index(row.contribution_id)], rel=1e-9)
    assert chances[0] > 0.6


def test_evidence_of_several_classes_adds_up(database: Database) -> None:
    room, (text,) = rated(database, {0: (9, 8, 10)})
    second, third = room.another_course("second"), room.another_course("third")
    with room.write() as session:
        activity = heirlooms.inherit(session, activity_id=room.activity_id, course_id=second.course_id, now=NOW)
    second.activity_id, second.problems = activity, list(opened(second, activity).problems)
    with room.database.read() as session:
        second.public_id = str(session.scalar(select(Activity.public_id).where(Activity.id == activity)))
    reader = second.students[0]
    second.answer(reader)
    second.rate(reader, second.exposures(Exposure.course_id == second.course_id)[0].id, 4)
    with room.write() as session:
        heirlooms.inherit(session, activity_id=activity, course_id=third.course_id, now=NOW)
    with room.database.read() as session:
        row = session.execute(
            select(Contribution.inherited_from_id, Arm.inherited_rewarded, Arm.inherited_points, Arm.inherited_squares)
            .join(Arm, Arm.contribution_id == Contribution.id)
            .where(Contribution.course_id == third.course_id)
        ).one()
    assert tuple(row) == (text, 4, 9 + 8 + 10 + 4, 81 + 64 + 100 + 16)


def test_what_comes_along_and_what_stays(database: Database) -> None:
    room, (good, retired, reported) = rated(database, {0: (9, 9, 9), 1: (8, 8, 8), 2: (7, 7, 7)})
    room.decide(retired, "retire")
    room.report(room.students[0], reported)
    hint = room.hint("Think of pairs.").id
    explanation = room.hint("The teacher's own explanation comes along, rated or not.", kind="explanation").id
    room.decide(good, "pin")
    copied = room.another_course("copied")
    with room.write() as session:
        heirlooms.inherit(session, activity_id=room.activity_id, course_id=copied.course_id, now=NOW)
    with room.database.read() as session:
        rows = session.execute(
            select(Contribution.inherited_from_id, Arm.author, Contribution.pinned_at)
            .join(Arm, Arm.contribution_id == Contribution.id)
            .where(Contribution.course_id == copied.course_id)
        ).all()
    assert {row.inherited_from_id: row.author for row in rows} == {
        good: "student", hint: "teacher", explanation: "teacher",
    }  # fmt: skip
    assert {row.pinned_at for row in rows} == {None}


def test_only_the_best_texts_of_a_large_pool_come_along(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heirlooms, "MOST_INHERITED", 2)
    room, texts = rated(database, {place: (value,) * 3 for place, value in enumerate((5, 9, 1, 7))})
    copied = room.another_course("copied")
    with room.write() as session:
        heirlooms.inherit(session, activity_id=room.activity_id, course_id=copied.course_id, now=NOW)
    with room.database.read() as session:
        here = Contribution.course_id == copied.course_id
        assert set(session.scalars(select(Contribution.inherited_from_id).where(here))) == {texts[1], texts[3]}


def test_a_teacher_may_hand_down_no_texts(database: Database) -> None:
    room, _ = rated(database, {0: (9, 9, 9)})
    room.settings(inherit=False)
    copied = room.another_course("copied")
    with room.write() as session:
        heirlooms.inherit(session, activity_id=room.activity_id, course_id=copied.course_id, now=NOW)
    assert count(database, Contribution, Contribution.course_id == copied.course_id) == 0
    assert count(database, Problem, Problem.course_id == copied.course_id) == 2


def test_two_activities_with_one_problem_share_its_copy_and_its_pictures(database: Database) -> None:
    pictured = one_choice(images=PICTURES)
    room = Classroom(database, pictured)
    second = room.again("second", room.problems[0])
    copied = room.another_course("copied")
    teaches_too(room, copied)
    first_copy = launch(copied, room.public_id, "one")
    second_copy = launch(copied, second.public_id, "two")
    assert first_copy != second_copy
    assert first_copy is not None
    assert second_copy is not None
    assert opened(copied, first_copy).problems == opened(copied, second_copy).problems
    assert count(database, Image, Image.course_id == copied.course_id) == len(PICTURES)
