"""Which text is shown: with exactly the probability that is stored, once for each occasion, and never a wrong one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from sqlalchemy import select

from core.activities import heirlooms, pools, problems
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import NotAllowed, Refusal
from core.activities.seats import Seat
from core.selection import policies
from core.selection.arms import Author, Pool, Stats
from core.selection.policies import POLICIES
from core.store.database import Database
from core.store.tables import Arm, Contribution, Exposure, Report
from tests.core.activities.classroom import (
    LONG,
    NOW,
    Classroom,
    count,
    numbered,
    snapshot,
)
from tests.core.activities.test_people import together


def expected_chances(room: Classroom, exposure: Exposure, policy: str) -> dict[int, float]:
    """The chances at the time of the newest explanation, from nothing but the rows about what happened before it."""
    before = room.exposures(Exposure.id < exposure.id, Exposure.slot == "explanation")
    with room.database.read() as session:
        texts = session.scalars(select(Contribution).order_by(Contribution.id)).all()
        live = [text for text in texts if text.status == "live" and text.kind == "explanation"]
        mine = Report.person_id == exposure.person_id
        reported = set(session.scalars(select(Report.contribution_id).where(mine)))
        authors = {arm.contribution_id: arm.author for arm in session.scalars(select(Arm))}
    place = {text.id: index for index, text in enumerate(live)}
    rated = [(place[e.contribution_id], e.points / 10) for e in before if e.points is not None]
    seen = Counter(e.contribution_id for e in before if e.person_id == exposure.person_id)
    allowed = [text for text in live if text.person_id != exposure.person_id and text.id not in reported]
    least = min(seen[text.id] for text in allowed)
    mask = [text in allowed and seen[text.id] == least for text in live]
    pool = Pool(
        ratings=Stats.tally([i for i, _ in rated], [r for _, r in rated], len(live)),
        authors=np.array([Author[authors[text.id].upper()] for text in live], dtype=np.int8),
        pinned=np.array([text.pinned_at is not None for text in live]),
    )
    shares = policies.chances(policy, pool, mask)
    return {text.id: float(share) for text, share in zip(live, shares, strict=True)}


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_stored_probability_is_the_chance_that_the_text_had(database: Database, policy: str) -> None:
    """A class at work: it answers, rates, asks for more, reports, writes; the teacher pins and retires."""
    room = Classroom(database, settings=PracticeSettings(explanation_policy=policy), students=14)
    room.hint("The teacher's own explanation starts with more trust; it is by a teacher.", kind="explanation")
    for place, student in enumerate(room.students):
        room.answer(student, right=place % 3 > 0)
        for _ in range(1 + place % 3):
            newest = room.exposures(Exposure.slot == "explanation")[-1]
            assert newest.person_id == student.person_id
            chances = expected_chances(room, newest, policy)
            assert newest.probability == pytest.approx(chances[newest.contribution_id], rel=1e-9)
            assert newest.pool_size == len(chances)
            assert newest.eligible_size >= sum(chance > 0 for chance in chances.values())
            if place % 5 == 4:
                room.report(student, newest.contribution_id)
            elif place % 4:
                room.rate(student, newest.id, (7 * newest.contribution_id + place) % 11)
            room.another(student)
        room.explain(student, numbered(place))
        if place == 8:
            room.decide(newest.contribution_id, "pin")
        if place == 10:
            room.decide(newest.contribution_id, "unpin")
    assert count(database, Contribution, Contribution.status == "live") == 15  # the pool grew while the class worked
    assert {exposure.policy for exposure in room.exposures()} == {policy, "pinned"}
    assert room.differences() == []


def test_texts_are_drawn_as_often_as_their_probability_says(database: Database) -> None:
    room = Classroom(database, settings=PracticeSettings(explanation_policy="best"))
    texts = room.pool(3)
    for exposure in room.exposures():
        rater = Seat(room.platform_id, room.course_id, exposure.person_id, "student")
        room.rate(rater, exposure.id, 8)
    drawn: Counter[int] = Counter()
    for place in range(60):
        reader_seat = room.join(f"reader {place}")
        room.answer(reader_seat, rng=np.random.default_rng(place))
        (exposure,) = room.exposures(Exposure.person_id == reader_seat.person_id)
        drawn[exposure.contribution_id] += 1
        if place == 0:
            chances = expected_chances(room, exposure, "best")
    for text in texts:
        assert abs(drawn[text] - 60 * chances[text]) <= 3 * (60 * chances[text] * (1 - chances[text])) ** 0.5


def test_nobody_is_shown_their_own_text(database: Database) -> None:
    room = Classroom(database)
    (text,) = room.pool(1)
    author = room.students[-1]
    assert room.another(author) is None
    room.join("reader")
    assert room.exposures(Exposure.person_id == author.person_id) == []
    assert room.arm(text) == (0, 0, 0, 0)


def test_a_retired_or_reported_text_is_not_shown(database: Database) -> None:
    room = Classroom(database)
    one, two, three = room.pool(3)
    reader, other, _ = room.students[:3]
    room.decide(one, "retire")
    room.decide(two, "pin")
    room.answer(reader)
    room.answer(other)
    room.report(reader, two)
    room.decide(two, "unpin")
    for _ in range(4):
        room.another(reader)
        room.another(other)
    read = [e.contribution_id for e in room.exposures(Exposure.person_id == reader.person_id)]
    assert (read[0], set(read[1:])) == (two, {three})
    assert {e.contribution_id for e in room.exposures(Exposure.person_id == other.person_id)} == {two, three}


def test_what_was_shown_disappears_when_it_is_reported_or_taken_back(database: Database) -> None:
    room = Classroom(database)
    room.pool(1)
    author, reader = room.students[-1], room.students[0]
    room.answer(reader)
    (shown,) = room.task(reader).slot("explanation")
    room.report(reader, shown.contribution_id, "rude")
    assert room.task(reader).slot("explanation") == []
    other = room.students[1]
    room.answer(other)
    assert len(room.task(other).slot("explanation")) == 1
    room.withdraw(author, shown.contribution_id)
    assert room.task(other).slot("explanation") == []
    assert room.task(other).occasion("explanation") == 1


def test_a_text_is_shown_again_only_when_every_other_one_was_shown_as_often(database: Database) -> None:
    room = Classroom(database)
    texts = room.pool(3)
    reader = room.students[0]
    room.answer(reader)
    for _ in range(8):
        room.another(reader)
    mine = room.exposures(Exposure.person_id == reader.person_id)
    assert [exposure.round for exposure in mine] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert [exposure.occasion for exposure in mine] == list(range(9))
    for start in (0, 3, 6):
        assert {exposure.contribution_id for exposure in mine[start : start + 3]} == set(texts)
    assert [exposure.eligible_size for exposure in mine[:3]] == [3, 2, 1]
    assert mine[2].probability == 1


def test_the_same_problem_in_a_second_activity_goes_on_with_the_texts_not_seen_yet(database: Database) -> None:
    room = Classroom(database)
    room.pool(2)
    reader = room.students[0]
    room.answer(reader)
    second = room.again("second", room.problems[0])
    second.answer(reader)
    mine = room.exposures(Exposure.person_id == reader.person_id)
    assert [(exposure.occasion, exposure.round) for exposure in mine] == [(0, 0), (0, 0)]
    assert len({exposure.contribution_id for exposure in mine}) == 2
    assert len(second.task(reader).slot("explanation")) == 1


def test_one_choice_an_occasion(database: Database) -> None:
    room = Classroom(database)
    room.pool(4)
    reader = room.students[0]
    room.answer(reader)
    first = room.another(reader, occasion=1)
    before = snapshot(database)
    assert room.another(reader, occasion=1) == first
    assert room.another(reader, occasion=0) == room.exposures(Exposure.person_id == reader.person_id)[0].id
    assert snapshot(database) == before
    for ahead in (3, 10**9):
        with pytest.raises(Refusal, match="older than"):
            room.another(reader, occasion=ahead)
    assert snapshot(database) == before


def test_twenty_clicks_at_once_show_one_text(database: Database) -> None:
    room = Classroom(database)
    texts = room.pool(4)
    reader = room.students[0]
    room.answer(reader)
    together(20, lambda _: room.another(reader, occasion=1))
    assert count(database, Exposure, Exposure.person_id == reader.person_id) == 2
    assert sum(room.arm(text)[0] for text in texts) == len(room.exposures())
    assert room.differences() == []


def test_a_class_at_once_loses_no_count(database: Database) -> None:
    room = Classroom(database, students=12)
    texts = room.pool(2)

    def work(place: int) -> None:
        student = room.students[place]
        room.answer(student, rng=np.random.default_rng(place))
        (shown,) = room.task(student).slot("explanation")
        room.rate(student, shown.exposure_id, place % 11)

    together(12, work)
    assert sum(room.arm(text)[1] for text in texts) == 12
    assert room.differences() == []


def test_explanations_wait_for_the_key(database: Database) -> None:
    room = Classroom(database, settings=PracticeSettings(key_shown="after_attempts", attempts=2))
    room.pool(2)
    reader = room.students[0]
    with pytest.raises(NotAllowed, match="Answer first"):
        room.another(reader)
    room.answer(reader, right=False)
    with pytest.raises(NotAllowed, match="Answer first"):
        room.another(reader)
    assert room.exposures(Exposure.person_id == reader.person_id) == []
    room.answer(reader, right=False)
    assert len(room.task(reader).slot("explanation")) == 1


def test_a_pool_that_is_off_or_empty_shows_nothing(database: Database) -> None:
    room = Classroom(database)
    reader = room.students[0]
    room.answer(reader)
    assert room.another(reader) is None
    room.settings(explanation_policy="off", help_policy="off")
    room.pool(2)
    room.hint("Think of pairs.")
    assert room.another(reader) is None
    assert room.help(reader) is None
    assert room.exposures() == []


def test_a_test_user_is_shown_texts_and_counted_nowhere(database: Database) -> None:
    room = Classroom(database)
    (text,) = room.pool(1)
    tester = room.join("test user", is_test=True)
    room.answer(tester)
    (shown,) = room.task(tester).slot("explanation")
    room.rate(tester, shown.exposure_id, 0)
    assert room.task(tester).slot("explanation")[0].points == 0
    assert room.arm(text) == (0, 0, 0, 0)
    assert room.explain(tester, LONG).status == "kept"
    assert "test user" in str(room.explain(tester, LONG + " More.").message)
    assert room.score(tester) is None
    assert room.differences() == []


def test_an_inherited_text_is_not_shown_to_the_one_who_wrote_it(database: Database) -> None:
    """Somebody takes the course again; what they wrote comes back to them through two copies."""
    room = Classroom(database)
    (text,) = room.pool(1)
    author = room.students[-1]
    for reader in room.students[:3]:
        room.answer(reader)
        room.rate(reader, room.task(reader).slot("explanation")[0].exposure_id, 9)
    second, third = room.another_course("second"), room.another_course("third")
    for course in (second, third):
        with course.write() as session:
            activity = heirlooms.inherit(session, activity_id=room.activity_id, course_id=course.course_id, now=NOW)
            listed = problems.listed(session, course.course_id)
        course.activity_id, course.problems = activity, [listed[-1].id]
        with course.database.read() as session:
            (inherited,) = pools.arms(session, course.problems[0], "explanation")
        assert (inherited.author_id, inherited.author) == (author.person_id, "student")
        assert inherited.contribution_id != text
        room = course
