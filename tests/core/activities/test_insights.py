"""The teacher's numbers equal counting the rows by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy.stats import beta as beta_distribution
from sqlalchemy import select

from core.activities import heirlooms, insights, participation, people, pool_history, problems, seats
from core.activities.insights import ProblemLine, Rate, TextLine, pool_sentence
from core.activities.participation import STUCK_AFTER, Student
from core.activities.practice_settings import PracticeSettings
from core.selection import policies
from core.selection.arms import Author, Pool, Stats, believe
from core.selection.history import Event, Events, chance_history
from core.store.database import Database
from core.store.tables import Attempt, Contribution, Exposure, Membership, Person, Review
from tests.core.activities.classroom import (
    AFTER_DUE,
    LONG,
    NOW,
    Classroom,
    free_text,
    number,
    numbered,
    one_choice,
)


@pytest.fixture
def room(database: Database) -> Classroom:
    """Three problems and a class whose members did this and that, decided by a seeded generator."""
    room = Classroom(
        database,
        one_choice("A"),
        number("B"),
        free_text("C"),
        students=9,
        settings=PracticeSettings(moderation="after_peers", peers_needed=1, key_shown="after_attempts", attempts=2),
    )
    rng = np.random.default_rng(5)
    tester = room.join("test user", is_test=True)
    for student in (*room.students, tester, room.teacher, *room.students[:4]):
        for problem in room.problems[: rng.integers(1, 4)]:
            while room.task(student, problem).standing.may_answer and rng.random() < 0.9:
                room.answer(student, problem, right=rng.random() < 0.4)
            task = room.task(student, problem)
            for shown in task.slot("explanation"):
                if rng.random() < 0.8:
                    room.rate(student, shown.exposure_id, int(rng.integers(0, 11)))
            if task.may_write and rng.random() < 0.8:
                room.explain(student, f"{LONG} {student.person_id}", problem, likely=rng.random() < 0.9)
            if task.to_check:
                room.check(student, task.to_check.contribution_id, fine=rng.random() < 0.9)
    return room


def desk(room: Classroom) -> tuple[list[ProblemLine], list[Student]]:
    with room.database.read() as session:
        opened = room.practice(session)
        return (
            insights.problem_lines(session, room.teacher, opened),
            participation.students(session, room.teacher, opened, room.now),
        )


def counted_people(room: Classroom) -> set[int]:
    """Who counts: students who are no test users."""
    with room.database.read() as session:
        query = select(Person.id).join(Membership, Membership.person_id == Person.id)
        return set(session.scalars(query.where(Membership.role == "student", Person.is_test.is_(False))))


def test_problem_lines_equal_a_count_of_the_rows(room: Classroom) -> None:
    lines, _ = desk(room)
    who = counted_people(room)
    with room.database.read() as session:
        firsts = [row for row in session.scalars(select(Attempt)) if row.number == 1 and row.person_id in who]
        texts = list(session.scalars(select(Contribution)))
        rated = [row for row in session.scalars(select(Exposure)) if row.points is not None]
    assert [line.name for line in lines] == ["A", "B", "C"]
    assert sum(line.people for line in lines) > 10
    for line in lines:
        mine = [row for row in firsts if row.problem_id == line.problem_id]
        assert line.people == len(mine)
        assert line.first_try == Rate(
            sum(row.right is True for row in mine), sum(row.fraction is not None for row in mine)
        )
        live = {text.id for text in texts if text.problem_id == line.problem_id and text.status == "live"}
        assert line.texts == len(live) == len(line.chances)
        assert sum(line.chances) == pytest.approx(1.0 if live else 0.0)
        # what the test user and the teacher did is kept, but counted nowhere
        assert line.ratings == sum(row.contribution_id in live and row.person_id in who for row in rated)
        assert line.waiting == sum(text.problem_id == line.problem_id and text.status == "pending" for text in texts)
    assert room.differences() == []


def test_the_class_page_equals_a_count_of_the_rows(room: Classroom) -> None:
    _, lines = desk(room)
    assert {line.person_id for line in lines} == counted_people(room)
    with room.database.read() as session:
        attempts, texts, shown = (list(session.scalars(select(t))) for t in (Attempt, Contribution, Exposure))
    for line in lines:
        mine = [row for row in attempts if row.person_id == line.person_id]
        assert line.answered == len({row.problem_id for row in mine})
        assert line.right == len({row.problem_id for row in mine if row.right})
        written = Counter(text.status for text in texts if text.person_id == line.person_id)
        assert (line.texts, line.waiting_texts) == (written["live"], written["pending"])
        assert line.ratings == sum(row.person_id == line.person_id and row.outcome == "rated" for row in shown)
        assert line.last_at == max((row.created_at for row in mine), default=None)
        kept = room.score(seats.Seat(room.platform_id, room.course_id, line.person_id, "student"))
        assert line.score == (kept[0] if kept else None)
        assert line.grade_state == ("waiting" if kept else None)
        assert (line.state == "not_begun") == (not mine)
    ranks = ["stuck", "struggles", "not_begun", "works", "done"]
    assert [ranks.index(line.state) for line in lines] == sorted(ranks.index(line.state) for line in lines)


def test_who_is_stuck_who_struggles_who_is_done(database: Database) -> None:
    room = Classroom(
        database,
        *(one_choice(name) for name in "ABC"),
        students=6,
        settings=PracticeSettings(key_shown="after_attempts", attempts=4),
    )
    stuck, struggling, done, works, idle, left = room.students
    for _ in range(STUCK_AFTER):
        room.answer(stuck, right=False)
    for problem in room.problems:
        room.answer(done, problem)
        for _ in range(4 if problem != room.problems[0] else 1):
            room.answer(struggling, problem, right=problem == room.problems[0])
    room.answer(works)
    with room.write() as session:
        people.enrol(session, course_id=room.course_id, person_id=left.person_id, role="observer", now=NOW)
    _, lines = desk(room)
    assert [(line.person_id, line.state) for line in lines] == [
        (stuck.person_id, "stuck"), (struggling.person_id, "struggles"), (idle.person_id, "not_begun"),
        (works.person_id, "works"), (done.person_id, "done"),
    ]  # fmt: skip
    assert lines[0].stuck_at == (room.problems[0],)


def lines_of(room: Classroom, slot: str = "explanation") -> list[TextLine]:
    with room.database.read() as session:
        return insights.pool(session, room.teacher, room.practice(session), room.problems[0], slot)


def test_a_pools_page_equals_the_rows_and_the_belief(room: Classroom) -> None:
    room.hint("The teacher's own explanation, which starts with more trust than others.", kind="explanation")
    lines = lines_of(room)
    live = sorted((line for line in lines if line.status == "live"), key=lambda line: line.contribution_id)
    with room.database.read() as session:
        who = counted_people(room)
        shown = [row for row in session.scalars(select(Exposure)) if row.person_id in who]
        words = list(session.scalars(select(Review)))
        names = {person.id: person.name for person in session.scalars(select(Person))}
    place = {line.contribution_id: index for index, line in enumerate(live)}
    rewards = [
        (place[row.contribution_id], row.points / 10)
        for row in shown
        if row.points is not None and row.contribution_id in place
    ]
    by_hand = Pool(
        Stats.tally([i for i, _ in rewards], [r for _, r in rewards], len(live)),
        authors=np.array(
            [Author.TEACHER if line.author_id == room.teacher.person_id else Author.STUDENT for line in live],
            dtype=np.int8,
        ),
    )
    belief = believe(by_hand)
    low, high = belief.interval(0.9)
    chances = policies.chances("best", by_hand, np.ones(len(live), bool))
    assert len(live) >= 3
    for index, line in enumerate(live):
        assert (line.mean, line.low, line.high) == pytest.approx(
            (10 * belief.mean[index], 10 * low[index], 10 * high[index])
        )
        assert line.chance == pytest.approx(chances[index])
        assert line.shown == sum(row.contribution_id == line.contribution_id for row in shown)
        assert line.rewarded == sum(i == index for i, _ in rewards)
        assert line.author == names[line.author_id or 0]
    for line in lines:
        if line.status == "pending":
            said = Counter(word.fine for word in words if word.contribution_id == line.contribution_id)
            assert (line.fine, line.not_fine, line.chance) == (said[True], said[False], None)
    assert [line.status for line in lines] == sorted(
        (line.status for line in lines), key=["live", "pending", "retired"].index
    )


def test_labels_stay_and_private_texts_stay_private(database: Database) -> None:
    room = Classroom(database, students=4)
    for student in room.students:
        room.answer(student)
    kept = room.explain(room.students[0], "My own short note.").id
    first = room.explain(room.students[1], numbered(1)).id
    room.now = NOW.replace(minute=30)
    second = room.explain(room.students[2], numbered(2)).id
    labels = {line.contribution_id: line.label for line in lines_of(room)}
    assert labels == {first: "1", second: "2"}
    room.withdraw(room.students[0], kept)
    room.explain(room.students[0], numbered(0))
    room.withdraw(room.students[1], first)
    lines = {line.contribution_id: (line.label, line.status) for line in lines_of(room)}
    assert lines[first] == ("1", "retired")
    assert lines[second] == ("2", "live")
    assert kept not in lines
    assert len(lines) == 3


def test_the_sentence_above_a_pool() -> None:
    def line(chance: float, rewarded: int, label: str = "1") -> TextLine:
        return TextLine(
            1,
            label,
            "explanation",
            "",
            None,
            None,
            False,
            "live",
            None,
            False,
            False,
            chance,
            0,
            rewarded,
            5.0,
            0.0,
            10.0,
            0,
            0,
            0,
        )

    assert pool_sentence([]) is None
    assert "company" in str(pool_sentence([line(1.0, 50)]))
    assert "too few" in str(pool_sentence([line(0.9, 6), line(0.1, 5, "2")]))
    assert str(pool_sentence([line(0.8, 6), line(0.2, 6, "2")])) == "Text 1 helps most: 12 ratings leave little doubt."
    assert "so far, after 20" in str(pool_sentence([line(0.5, 10), line(0.5, 10, "2")]))
    assert "No text is clearly ahead" in str(pool_sentence([line(0.4, 10), line(0.3, 10), line(0.3, 10)]))


@pytest.mark.parametrize(("right", "n"), [(0, 0), (0, 5), (3, 7), (40, 40)])
def test_the_interval_of_a_share(right: int, n: int) -> None:
    rate = Rate(right, n)
    assert rate.share == (right / n if n else None)
    posterior = beta_distribution(right + 0.5, n - right + 0.5)
    assert rate.interval == pytest.approx((posterior.ppf(0.05), posterior.ppf(0.95)))


def test_what_needs_the_teacher_first(database: Database) -> None:
    room = Classroom(database, one_choice("Hard"), settings=PracticeSettings(moderation="after_teacher"), students=9)
    for place, student in enumerate(room.students):
        room.answer(student, right=place == 0)
    room.explain(room.students[1])
    live = room.explain(room.students[2], numbered(2)).id
    room.decide(live, "approve")
    room.another(room.students[3])
    room.report(room.students[3], live)

    def needs() -> list[str]:
        lines, students = desk(room)
        with room.database.read() as session:
            found = insights.needs(session, room.teacher, room.practice(session), lines, students)
        return [str(need.sentence) for need in found]

    assert needs() == [
        "Reported texts to look at: 1.",
        "New texts that wait to be checked: 1.",
        "Hardly anybody gets “Hard” at the first try: 1 of 9.",
    ]
    room.settings(key_shown="after_due", due_at=AFTER_DUE.due_at)
    assert not [need for need in needs() if "due date" in need]


def test_a_copied_activity_without_a_date_says_that_it_needs_one(database: Database) -> None:
    room = Classroom(database, settings=AFTER_DUE)
    copied = room.another_course("copied")
    with room.write() as session:
        activity = heirlooms.inherit(session, activity_id=room.activity_id, course_id=copied.course_id, now=NOW)
        opened = seats.practice_of_id(session, copied.teacher, activity)
        (need,) = insights.needs(session, copied.teacher, opened, [], [])
    assert "Set one" in str(need.sentence)
    assert need.endpoint == "setup.settings"


def test_the_story_of_a_pool_equals_a_replay_of_its_events(database: Database) -> None:
    room = Classroom(database, students=8)
    happened: list[tuple[Event, int, float]] = []
    texts: list[int] = []
    for place, student in enumerate(room.students):
        room.now = NOW.replace(minute=place)
        room.answer(student)
        for shown in room.task(student).slot("explanation"):
            room.rate(student, shown.exposure_id, place)
            happened.append((Event.RATED, texts.index(shown.contribution_id), place / 10))
        if place < 3:
            room.now = NOW.replace(minute=place, second=30)
            texts.append(room.explain(student, numbered(place)).id)
            happened.append((Event.ARRIVED, place, 0.0))
        if place == 5:
            room.now = NOW.replace(minute=place, second=30)
            room.decide(texts[0], "retire")
            happened.append((Event.RETIRED, 0, 0.0))
    with room.database.read() as session:
        story = pool_history.story(session, room.practice(session), room.problems[0], "explanation")
    assert story is not None
    assert story.events == sum(event[0] == Event.RATED for event in happened)
    events = Events(
        np.array([kind for kind, _, _ in happened], np.int8),
        np.array([arm for _, arm, _ in happened], np.intp),
        np.array([reward for _, _, reward in happened]),
    )
    replay = chance_history(Pool(Stats.empty(3)), events, "best")
    for index, text in enumerate(texts):
        expected = [
            (moment / len(happened), chance)
            for moment, chance in zip(replay.events, replay.chance[:, index], strict=True)
            if chance > 0
        ]
        assert np.array(story.lines[text]) == pytest.approx(np.array(expected))


def test_there_is_no_story_without_ratings_or_of_another_course(database: Database) -> None:
    room = Classroom(database, students=6)
    elsewhere = room.another_course("other")

    def story(of: Classroom) -> object:
        with room.database.read() as session:
            return pool_history.story(session, of.practice(session), room.problems[0], "explanation")

    room.pool(1)
    for student in room.students[:4]:
        assert story(room) is None
        room.answer(student)
        room.rate(student, room.task(student).slot("explanation")[0].exposure_id, 5)
    assert story(room) is not None
    assert story(elsewhere) is None
    room.settings(explanation_policy="off")
    assert story(room) is None


def test_a_pool_of_another_course_is_empty(room: Classroom) -> None:
    elsewhere = room.another_course("other")
    with room.database.read() as session:
        opened = elsewhere.practice(session)
        assert insights.pool(session, elsewhere.teacher, opened, room.problems[0], "explanation") == []
        assert participation.students(session, elsewhere.teacher, opened, NOW)[0].answered == 0
        (line,) = insights.problem_lines(session, elsewhere.teacher, opened)
    assert (line.people, line.texts, line.waiting) == (0, 0, 0)
    with room.write() as session:
        problems.remove(session, room.teacher, room.problems[0], now=NOW)
    lines, students = desk(room)
    assert [line.name for line in lines] == ["B", "C"]
    assert len(students) == 9
