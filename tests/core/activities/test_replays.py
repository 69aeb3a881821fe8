"""Replays: the pool is rebuilt exactly, and what is told of it is what the estimates say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update

from core.activities import heirlooms, replay_estimates, replays, review, seats
from core.activities.practice_settings import PracticeSettings
from core.activities.replays import Pool, Replay
from core.activities.seats import Seat
from core.selection import estimates
from core.selection.estimates import Estimate, Refused
from core.selection.policies import ALL_POLICIES
from core.store.database import Database
from core.store.tables import Contribution, Exposure
from tests.core.activities.classroom import LONG, Classroom, numbered, one_choice, short_text

WORKED = "A worked example by a classmate: first add both sides, then halve what you have; that is all."


class Clock:
    """Lets a classroom's time pass: everything happens at a moment of its own."""

    def __init__(self, room: Classroom) -> None:
        self.room = room

    def tick(self) -> None:
        self.room.now += timedelta(seconds=30)


def grow(room: Classroom, size: int, problem: int | None = None) -> list[int]:
    """New students answer and then explain, each at a moment of their own. Gives their texts."""
    clock, texts = Clock(room), []
    for place in range(size):
        author = room.join(f"author {place} {len(room.students)}")
        room.students.append(author)
        clock.tick()
        room.answer(author, problem)
        clock.tick()
        texts.append(room.explain(author, numbered(place), problem).id)
    return texts


def replayed(room: Classroom, slot: str = "explanation", problem: int = 0, **options: Any) -> Replay:
    pool = Pool(room.problems[problem], "Sum", slot)
    with room.database.read() as session:
        return replays.replay(session, room.course_id, pool, **options)


def at_work(room: Classroom, students: list[Seat]) -> None:
    """A class answers, rates at once, later or never, asks for more, reports, writes; the teacher decides."""
    clock = Clock(room)
    clock.tick()
    room.hint("The teacher's own explanation starts with more trust; it is by a teacher.", kind="explanation")
    later: list[tuple[Seat, int]] = []
    texts: list[int] = []
    for place, student in enumerate(students):
        clock.tick()
        room.answer(student, right=place % 3 > 0)
        for turn in range(1 + place % 4):
            clock.tick()
            newest = room.exposures(Exposure.slot == "explanation")[-1]
            if place % 7 == 4 and turn == 0:
                room.report(student, newest.contribution_id)
            elif place % 4 == 3:
                later.append((student, newest.id))
            elif place % 4:
                room.rate(student, newest.id, (7 * newest.contribution_id + place) % 11)
            clock.tick()
            room.another(student)
        clock.tick()
        texts.append(room.explain(student, numbered(place)).id)
        clock.tick()
        if place in {6, 9}:
            room.decide(texts[place - 3], "pin" if place == 6 else "unpin")
        elif place in {5, 8}:
            room.decide(texts[2], "retire" if place == 5 else "restore")
        elif place in {11, 12, 13}:
            room.decide(texts[1], {11: "pin", 12: "retire", 13: "restore"}[place])  # back without its pin
        elif place == 10:
            room.withdraw(students[4], texts[4])
        for who, exposure in later[:2] if place % 2 else []:
            room.rate(who, exposure, 6)
            later.remove((who, exposure))


@pytest.mark.parametrize("policy", ["best", "best_with_floor"])
def test_the_replay_of_a_class_gives_every_stored_chance(database: Database, policy: str) -> None:
    """With pins, reports, retired and restored texts, late and missing ratings, several showings to one person."""
    room = Classroom(database, settings=PracticeSettings(explanation_policy=policy), students=16)
    at_work(room, room.students)
    again = replayed(room, others=tuple(ALL_POLICIES))
    stored = room.exposures(Exposure.slot == "explanation", Exposure.round == 0)
    assert len(again) == len(stored) > 30
    assert again.repeats == len(room.exposures()) - len(stored)
    assert again.matched.all()
    assert set(again.policy) == {policy, "pinned"}
    assert again.probability.tolist() == [one.probability for one in stored]
    assert again.person.tolist() == [one.person_id for one in stored]
    assert [again.texts[arm] for arm in again.arm] == [one.contribution_id for one in stored]
    assert again.log().chances == pytest.approx(again.replayed, abs=1e-8)
    assert set(again.others) == set(ALL_POLICIES)
    for name, table in again.others.items():
        assert table.sum(axis=1) == pytest.approx(1.0)
        under_pins = np.array(again.policy) == "pinned"
        assert np.array_equal(table[under_pins], again.replayed[under_pins])  # a pin overrules every policy
        if name == "uniform":
            even = 1.0 / again.eligible_size[~under_pins]
            assert table[~under_pins].max(axis=1) == pytest.approx(even)
        if name == policy:
            assert np.array_equal(table, again.replayed)
    ratings = {one.id: one.points for one in stored}
    assert np.array_equal(again.reward * 10, np.array(list(ratings.values()), dtype=float), equal_nan=True)
    assert np.isnan(again.waited).tolist() == [points is None for points in ratings.values()]
    assert np.nanmax(again.waited) > 60 > np.nanmin(again.waited) == 30


@pytest.mark.parametrize(("slot", "least"), [("help", 30), ("reason", 10)])
def test_help_and_reasons_match_although_they_are_narrowed(database: Database, slot: str, least: int) -> None:
    """Help is narrowed to hints while the answer is open, reasons to those for other answers; stars weigh more."""
    room = Classroom(
        database,
        one_choice(),
        short_text(),
        settings=PracticeSettings(key_shown="after_attempts", attempts=3, two_votes=slot == "reason"),
        students=16,
    )
    clock = Clock(room)
    for word in ("twice", "pairs"):
        clock.tick()
        room.hint(f"Think of {word}: this hint is by your teacher, and it is long enough for all.")
    for place, student in enumerate(room.students):
        for turn in range(2 if slot == "reason" or place % 2 == 0 else 1):  # who is right once is done
            clock.tick()
            room.answer(student, right=place % 2 > 0, reason=f"{LONG} {place}" if turn == 0 else "")
        for _ in range(2):
            clock.tick()
            room.help(student)
        if place % 2:
            clock.tick()
            room.explain(student, f"{WORKED} {place}", kind="worked_example")
        clock.tick()
        room.answer(student, room.problems[1], right=place % 3 > 0)
        for _ in range(2 if place > 7 else 0):
            clock.tick()
            room.help(student)
        if place in {5, 9}:
            clock.tick()
            with room.write() as session:
                review.star(session, room.teacher, room.students[3].person_id, starred=place == 5, now=room.now)
    again = replayed(room, slot)
    assert len(again) > least
    assert again.matched.all()
    assert len(again.texts) > 5
    kinds = {row.kind for row in _shown_kinds(room)}
    if slot == "help":
        assert kinds == {"hint", "worked_example"}
        assert (np.nanmin(again.reward), np.nanmax(again.reward)) == (0.0, 1.0)
        assert (again.eligible_size < again.pool_size - 1).any()  # narrowed to hints
    else:
        assert "reason" in kinds


def _shown_kinds(room: Classroom) -> list[Contribution]:
    with room.database.read() as session:
        shown = select(Exposure.contribution_id)
        return list(session.scalars(select(Contribution).where(Contribution.id.in_(shown))))


def test_what_somebody_reported_before_it_joined_is_not_theirs_to_see(database: Database) -> None:
    settings = PracticeSettings(moderation="after_peers", peers_needed=1, explanation_policy="uniform")
    room = Classroom(database, settings=settings, students=6)
    clock = Clock(room)
    writers, critic, judge = room.students[:3], room.students[3], room.students[4]
    for student in (*writers, critic, judge):
        clock.tick()
        room.answer(student)
    texts = [room.explain(writer, numbered(place)).id for place, writer in enumerate(writers)]
    clock.tick()
    room.report(critic, texts[0])
    for text in texts:
        clock.tick()
        room.check(judge, text)
    clock.tick()
    room.another(critic)
    again = replayed(room)
    assert again.eligible_size.tolist() == [2]
    assert again.pool_size.tolist() == [3]
    assert again.matched.all()


def test_what_was_inherited_is_known_from_the_start(database: Database) -> None:
    """And whoever wrote it in the earlier course is not shown it here."""
    room = Classroom(database, students=9)
    clock = Clock(room)
    texts = grow(room, 4)
    for place, student in enumerate(room.students[:8]):
        clock.tick()
        room.answer(student)
        for exposure in room.exposures(Exposure.person_id == student.person_id):
            clock.tick()
            room.rate(student, exposure.id, 4 + place % 6)
            room.another(student)
            newest = room.exposures(Exposure.person_id == student.person_id)[-1]
            room.rate(student, newest.id, 3 + place % 6)
    next_year = room.another_course("next year")
    clock = Clock(next_year)
    next_year.now = room.now
    clock.tick()
    with next_year.write() as session:
        copy = heirlooms.inherit(
            session, activity_id=room.activity_id, course_id=next_year.course_id, now=next_year.now
        )
        exposed = select(Contribution).where(Contribution.course_id == next_year.course_id)
        inherited = session.scalars(exposed.order_by(Contribution.id)).all()
    assert inherited
    assert {text.inherited_from_id for text in inherited} <= set(texts)
    with next_year.database.read() as session:
        opened = seats.practice_of_id(session, next_year.teacher, copy)
    next_year.public_id, next_year.problems = opened.public_id, list(opened.problems)
    author = replace(room.students[9], course_id=next_year.course_id)
    for student in [*next_year.students, author]:
        clock.tick()
        next_year.answer(student)
        clock.tick()
        next_year.another(student)
    again = replayed(next_year)
    assert len(again) > 4
    assert again.matched.all()


def test_an_activity_is_replayed_with_what_others_learned(database: Database) -> None:
    """Two activities of a course share a problem: its pool is one, but the moments are those of the one asked for."""
    room = Classroom(database, students=12)
    grow(room, 3)
    other = room.again("second", *room.problems)
    clock = Clock(room)
    for place, student in enumerate(room.students[:12]):
        clock.tick()
        at = room if place % 2 else other
        at.now = room.now
        at.answer(student)
        clock.tick()
        at.now = room.now
        newest = room.exposures()[-1]
        at.rate(student, newest.id, place % 11)
    whole, part = replayed(room), replayed(room, activity_id=other.activity_id)
    assert len(whole) > len(part) == 6
    assert whole.matched.all()
    assert part.matched.all()
    with database.read() as session:
        pools = replays.pools_shown(session, room.course_id)
        assert pools == [(Pool(room.problems[0], "Sum", "explanation"), len(whole))]
        assert replays.pools_shown(session, room.course_id, activity_id=other.activity_id)[0][1] == 6
        assert replays.pools_shown(session, room.course_id, slots=["help"]) == []
        assert replays.pools_shown(session, room.course_id, problem_id=room.problems[0] + 1) == []
        assert replays.pools_shown(session, room.course_id + 1) == []


def test_who_does_not_count_is_no_moment_and_moves_nothing(database: Database) -> None:
    room = Classroom(database, students=6)
    grow(room, 3)
    tester = room.join("tester", is_test=True)
    clock = Clock(room)
    for seat in (tester, room.teacher, *room.students[:6]):
        clock.tick()
        room.answer(seat)
        clock.tick()
        room.rate(seat, room.exposures()[-1].id, 9)
    again = replayed(room)
    assert len(room.exposures()) == len(again) + 2
    assert tester.person_id not in again.person
    assert again.matched.all()


def test_what_the_rows_do_not_tell_is_found_and_the_stored_chance_stays(database: Database) -> None:
    """A rating that was changed later, another pool size, a policy of another time: the moments are named."""
    room = Classroom(database, students=16)
    at_work(room, room.students)
    before = replayed(room)
    assert before.matched.all()
    last = room.exposures(Exposure.round == 0)[-1]
    for changes in ({"pool_size": last.pool_size + 1}, {"policy": "of old"}, {"policy": "pinned"}):
        with room.write() as session:
            session.execute(update(Exposure).where(Exposure.id == last.id).values(**changes))
        again = replayed(room)
        assert not again.matched[-1], changes
        assert again.log().shown[-1] == last.probability
        with room.write() as session:
            values = {"pool_size": last.pool_size, "policy": last.policy}
            session.execute(update(Exposure).where(Exposure.id == last.id).values(**values))
    rated = room.exposures(Exposure.points.is_not(None), Exposure.round == 0)
    first = rated[0]
    room.now += timedelta(days=1)
    room.rate(
        Seat(room.platform_id, room.course_id, first.person_id, "student"), first.id, ((first.points or 0) + 5) % 11
    )
    changed = replayed(room)
    assert not changed.matched.all()
    assert changed.matched[: changed.person.tolist().index(first.person_id)].all()
    assert changed.log().shown == pytest.approx(before.probability)
    assert changed.log().chances.sum(axis=1) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("replayed_", "shown", "stored", "expected"),
    [
        ([0.2, 0.3, 0.5], 1, 0.3, [0.2, 0.3, 0.5]),
        ([0.2, 0.3, 0.5], 1, 0.65, [0.1, 0.65, 0.25]),
        ([1.0, 0.0, 0.0], 0, 0.5, [0.5, 0.25, 0.25]),
        ([0.0, 0.0, 0.0], 2, 0.4, [0.3, 0.3, 0.4]),
        ([0.5, 0.5, 0.0], 2, 0.5, [0.25, 0.25, 0.5]),
        ([1.0], 0, 0.5, [1.0]),
        ([1.0, 0.0], 0, 1.0, [1.0, 0.0]),
    ],
)
def test_the_stored_chance_holds_and_the_others_share_the_rest(
    replayed_: list[float], shown: int, stored: float, expected: list[float]
) -> None:
    found = replays._as_stored(np.array(replayed_), shown, stored)
    assert found == pytest.approx(expected, abs=1e-12)


# ---- what is told of it ----


def even_class(database: Database, readers: int = 12) -> Classroom:
    """Students rate two texts that come equally often: one is better by about four points."""
    room = Classroom(database, settings=PracticeSettings(explanation_policy="uniform"), students=0)
    good, _bad = grow(room, 2)
    clock = Clock(room)
    for place in range(readers):
        clock.tick()
        student = room.join(f"reader {place}")
        room.answer(student)
        clock.tick()
        newest = room.exposures()[-1]
        if place % 8:
            room.rate(student, newest.id, (8 if newest.contribution_id == good else 4) + place % 3 - 1)
    return room


def test_estimates_are_those_of_the_log(database: Database) -> None:
    room = even_class(database, 40)
    again = replayed(room, others=("uniform", "best"))
    log = again.log()
    lines = replay_estimates.text_lines(again)
    assert [line.contribution_id for line in lines] == list(again.texts)
    good, bad = lines
    assert good.shown + bad.shown == len(again) == 41  # the second author was shown the first one's text
    assert good.rated + bad.rated == np.count_nonzero(log.rated) == 35
    for line, arm, mean in ((good, 0, 0.8), (bad, 1, 0.4)):
        assert line.plain == estimates.plain_mean(log, arm)
        assert line.inverse == estimates.inverse_mean(log, arm)
        assert line.normalised == estimates.normalised_mean(log, arm)
        assert line.robust == estimates.doubly_robust_mean(log, arm)
        assert isinstance(line.robust, Estimate)
        assert line.robust.mean == pytest.approx(mean, abs=0.1)
    was = replay_estimates.earned(log)
    assert isinstance(was, Estimate)
    assert was.mean == pytest.approx(np.nanmean(again.reward))
    would = replay_estimates.would_earn(log, again.others)
    assert list(would) == ["uniform", "best"]
    assert would["best"] == estimates.policy_value(log, again.others["best"])
    assert isinstance(would["uniform"], Estimate)
    assert isinstance(would["best"], Estimate)
    assert would["best"].mean > would["uniform"].mean + 0.05  # it would have shown the better one more
    assert would["uniform"].mean == pytest.approx(was.mean, abs=0.05)


def test_from_few_people_nothing_is_said_about_all(database: Database) -> None:
    """Nine raters are too few, ten are enough; exposures that nobody rated do not help."""
    room = even_class(database, 12)
    again = replayed(room, others=("best",))
    raters = np.unique(again.person[~np.isnan(again.reward)])
    assert raters.size == 10
    assert isinstance(replay_estimates.earned(again.log()), Estimate)
    reward = np.where(again.person == raters[0], np.nan, again.reward)
    log = replace(again.log(), reward=reward)
    for found in (replay_estimates.earned(log), replay_estimates.would_earn(log, again.others)["best"]):
        assert isinstance(found, Refused)
        assert str(found.reason) == "Only 9 people are behind this; from 10 on, an estimate is given."
    unknown = replace(log, person=None)
    assert isinstance(replay_estimates.earned(unknown), Refused)


def test_pools_together_are_one_log(database: Database) -> None:
    room = Classroom(database, one_choice(), short_text(), students=9)
    clock = Clock(room)
    for problem in room.problems:
        grow(room, 2, problem)
    for place, student in enumerate(room.students[:9]):
        for problem in room.problems:
            clock.tick()
            room.answer(student, problem)
            clock.tick()
            room.rate(student, room.exposures()[-1].id, (place + problem) % 11)
    parts = [replayed(room, problem=place, others=("uniform",)) for place in (0, 1)]
    both = replay_estimates.together(parts)
    assert both is not None
    log, others = both
    assert log.arm.size == sum(map(len, parts))
    assert log.size == 4
    assert others["uniform"].shape == log.chances.shape
    first = log.arm < 2
    assert np.array_equal(log.chances[first][:, :2], parts[0].log().chances)
    assert np.array_equal(log.chances[~first][:, 2:], parts[1].log().chances)
    assert not log.chances[first][:, 2:].any()
    assert not log.chances[~first][:, :2].any()
    assert np.array_equal(np.sort(log.arm[~first]), np.sort(parts[1].arm + 2))
    assert np.flatnonzero(first).max() > np.flatnonzero(~first).min()  # in order of time, not of pools
    assert np.array_equal(log.reward[first], parts[0].reward, equal_nan=True)
    assert np.array_equal(log.person[first], parts[0].person)
    assert replay_estimates.together([]) is None


def test_too_large_a_table_is_not_built(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    room = even_class(database)
    again = replayed(room)
    monkeypatch.setattr(replay_estimates, "MOST_CELLS", 2 * len(again))
    assert replay_estimates.together([again]) is not None
    monkeypatch.setattr(replay_estimates, "MOST_CELLS", 2 * len(again) - 1)
    assert replay_estimates.together([again]) is None


def test_a_pool_in_which_nothing_was_shown_is_an_empty_replay(database: Database) -> None:
    room = Classroom(database)
    again = replayed(room, others=("best",))
    assert len(again) == 0
    assert again.matched.size == 0
    assert replay_estimates.text_lines(again) == []
    assert isinstance(replay_estimates.earned(again.log()), Refused)


def test_progress_is_told_once_a_moment(database: Database) -> None:
    room = even_class(database)
    told: list[None] = []
    again = replayed(room, said=lambda: told.append(None))
    assert len(told) == len(again)


def test_unknown_policies_are_refused(database: Database) -> None:
    room = even_class(database)
    with pytest.raises(ValueError, match="There is no policy 'tarot'"):
        replayed(room, others=("tarot",))
