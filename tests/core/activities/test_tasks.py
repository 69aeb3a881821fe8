"""What a student may see: never a key before its time, in no field; and always a page to go on from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.activities import problems, tasks
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import NotFound
from core.problems import grading
from core.problems.kinds import (
    Choice,
    FreeText,
    Hint,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
    TextAnswer,
    Unit,
    true_false,
)
from core.problems.texts import Text
from core.store.database import Database
from core.store.tables import Image
from tests.core.activities.classroom import (
    AFTER_DUE,
    AFTER_TWO_TRIES,
    AT_ONCE,
    DUE,
    LONG,
    NOW,
    Classroom,
    Said,
    free_text,
    number,
    one_choice,
    several_choices,
    short_text,
    words,
)
from tests.core.problems.strategies import picture

BANK = (one_choice(), several_choices(), number(), short_text(), free_text(), true_false(True, {}, text=words("So?")))


def other_key(problem: Problem) -> Problem:
    """The same question with everything different that a student must not see."""
    changed: dict[str, Any] = {
        "solution": words("Another solution."),
        "hints": (Hint(words("secret")),),
        "tags": ("secret",),
    }
    match problem:
        case OneChoice() | SeveralChoices():
            right = problem.choices[-1]
            changed["choices"] = tuple(
                Choice(choice.text, 1.0 if choice is right else 0.0, words("other feedback"))
                for choice in problem.choices
            )
        case Number():
            changed["answers"] = (NumberAnswer("1234567"),)
        case ShortText():
            changed["answers"] = (TextAnswer("Berlin"),)
        case FreeText():
            changed["grader_info"] = words("secret")
    return replace(problem, **changed)


def change_key(room: Classroom) -> None:
    with room.write() as session:
        for problem in room.problems:
            other = other_key(problems.whole(session, room.course_id, problem))
            problems.change(session, room.teacher, problem, other)


@pytest.mark.parametrize(
    ("settings", "wrong_tries"),
    [
        (AT_ONCE, 0),
        (AFTER_TWO_TRIES, 0),
        (AFTER_TWO_TRIES, 1),
        (AFTER_DUE, 0),
        (AFTER_DUE, 2),
        (replace(AFTER_DUE, attempts=1, examples_shown="after_wrong"), 1),
        (PracticeSettings(two_votes=True), 0),
        (PracticeSettings(two_votes=True), 1),
        (replace(AFTER_DUE, two_votes=True), 1),
        (replace(AFTER_DUE, two_votes=True), 2),
    ],
    ids=[
        "at once",
        "tries",
        "tries, one made",
        "due",
        "due, two made",
        "due, examples",
        "votes",
        "votes, one made",
        "votes and due, one made",
        "votes and due, both made",
    ],
)
def test_two_problems_that_differ_in_their_key_alone_look_alike_before_it_is_shown(
    database: Database, settings: PracticeSettings, wrong_tries: int
) -> None:
    room = Classroom(database, *BANK, settings=settings, students=1)
    student = room.students[0]
    scored = [problem for problem, whole in zip(room.problems, BANK, strict=True) if whole.kind != "free_text"]
    for _ in range(wrong_tries):
        for problem in scored:
            room.answer(student, problem, right=False)
    if settings.key_shown == "after_due" or not wrong_tries:
        scored = room.problems  # a text that no rule scores shows its key at once, unless it waits for the due date
    before = [room.task(student, problem) for problem in scored]
    change_key(room)
    after = [room.task(student, problem) for problem in scored]
    assert after == before
    assert all(not (task.key or task.feedback or task.solution or task.standing.key_visible) for task in before)


@pytest.mark.parametrize(
    "settings", [AT_ONCE, replace(AFTER_TWO_TRIES, attempts=1), AFTER_DUE], ids=["at once", "tries", "due"]
)
def test_when_its_time_has_come_the_key_is_there(database: Database, settings: PracticeSettings) -> None:
    room = Classroom(database, *BANK, settings=settings, students=1)
    student = room.students[0]
    for problem in room.problems:
        room.answer(student, problem, right=False)
    room.now = DUE
    for whole, problem in zip(BANK, room.problems, strict=True):
        task = room.task(student, problem)
        assert task.standing.key_visible
        assert task.key == grading.right_answers(whole)
        assert task.solution == (whole.solution or None)
    assert room.task(student).feedback == (words("feedback on odd"),)


def test_between_two_votes_nobody_learns_how_the_first_was_judged(database: Database) -> None:
    room = Classroom(database, one_choice(), number(), settings=PracticeSettings(two_votes=True))
    good, bad, _ = room.students
    for problem in room.problems:
        room.answer(good, problem)
        room.answer(bad, problem, right=False)
        for student in (good, bad):
            task = room.task(student, problem)
            assert [(answer.fraction, answer.right) for answer in task.answers] == [(None, None)]
            assert task.standing.right is None
            assert task.note is None
            assert task.answers[0].said  # one's own answer stands there
        room.answer(good, problem)
        assert [answer.right for answer in room.task(good, problem).answers] == [True, True]


def test_the_place_of_a_choice_in_the_teachers_order_is_not_told(database: Database) -> None:
    room = Classroom(database, settings=PracticeSettings(two_votes=True), students=6)
    for student, taken in zip(room.students, (0, 1, 2, 3, 0, 1), strict=True):
        room.answer(student, said=Said((taken,)), reason=f"{LONG} I am number {student.person_id} and took {taken}.")
    for student in room.students:
        for text in room.task(student).texts:
            fields = {name: getattr(text, name) for name in type(text).__slots__ if name != "text"}
            assert not [value for value in fields.values() if value in {"0", "1", "2", "3"}]


def test_explanations_and_examples_are_gone_when_the_key_may_no_longer_be_seen(database: Database) -> None:
    room = Classroom(database, settings=AT_ONCE)
    author, reader, _ = room.students
    room.answer(author)
    room.explain(author)
    room.explain(author, "First I add, then I halve, and what is left over is nothing at all.", kind="worked_example")
    room.hint("Think of pairs.")
    room.answer(reader, right=False)
    room.help(reader)
    room.help(reader)
    assert {text.kind for text in room.task(reader).texts} == {"explanation", "worked_example", "hint"}
    room.settings(key_shown="after_due", due_at=DUE)
    task = room.task(reader)
    assert {text.kind for text in task.texts} == {"hint"}
    assert (task.key, task.solution, task.standing.may_answer) == ((), None, False)
    room.now = DUE
    assert {text.kind for text in room.task(reader).texts} == {"explanation", "worked_example", "hint"}


def test_who_saw_the_key_cannot_answer_again_under_new_settings(database: Database) -> None:
    room = Classroom(database)
    student = room.students[0]
    room.answer(student, right=False)
    for changes in ({"key_shown": "after_attempts", "attempts": 3}, {"two_votes": True}):
        room.settings(**changes)
        task = room.task(student)
        assert (task.standing.may_answer, task.standing.key_visible) == (False, True)
        assert room.states(student) == ["wrong"]
    assert room.differences() == []


def test_a_hint_is_seen_before_the_first_answer(database: Database) -> None:
    room = Classroom(database)
    room.hint("Think of pairs.")
    room.help(room.students[0])
    task = room.task(room.students[0])
    assert [text.text for text in task.slot("help")] == ["Think of pairs."]
    assert task.occasion("help") == 1


def test_explanations_can_be_asked_for_when_the_key_came_with_time(database: Database) -> None:
    room = Classroom(database, settings=AFTER_DUE)
    author, reader, _ = room.students
    room.answer(author)
    room.explain(author)
    room.answer(reader)
    assert (room.task(reader).has_explanations, room.task(reader).slot("explanation")) == (False, [])
    room.now = DUE
    assert room.task(reader).has_explanations
    assert not room.task(author).has_explanations  # there is only their own
    room.another(reader)
    assert [text.text for text in room.task(reader).slot("explanation")] == [LONG]
    room.settings(explanation_policy="off")
    assert not room.task(reader).has_explanations


@pytest.fixture
def pictured() -> OneChoice:
    """A problem with pictures in its question, in a choice and in its solution."""
    images = tuple(picture((place, 0, 0), name) for place, name in enumerate(("a b.png", "two.png", "s.png", "as.png")))
    return OneChoice(
        text=Text('See <img src="@@PLUGINFILE@@/a%20b.png"> and as.png.', "html"),
        choices=(Choice(Text("![](two.png)", "markdown"), 1.0), Choice(words("no"))),
        solution=Text("![](s.png) ![](@@PLUGINFILE@@/as.png)", "markdown"),
        images=images,
    )


def ids(room: Classroom) -> dict[str, int]:
    """The pictures of the room's course by the red in them, which says which one they are."""
    with room.database.read() as session:
        found = problems.whole(session, room.course_id, room.problems[0]).images
        by_body = {row.body: row.id for row in session.query(Image).filter(Image.course_id == room.course_id)}
        return {image.name: by_body[image.data] for image in found}


def test_a_picture_in_the_solution_waits_for_the_key(database: Database, pictured: OneChoice) -> None:
    room = Classroom(database, pictured)
    student, other, _ = room.students
    images = ids(room)

    def sees(seat: Any) -> set[str]:
        found = set()
        for name, image in images.items():
            try:
                mime, body = room.do(tasks.picture, seat, image, NOW)
            except NotFound:
                continue
            assert mime == "image/png"
            assert body.startswith(b"\x89PNG")
            found.add(name)
        return found

    question = {"a b.png", "two.png"}
    assert set(room.task(student).images) == question == sees(student)
    room.answer(student)
    assert set(room.task(student).images) == set(images) == sees(student)
    assert sees(other) == question


def test_a_picture_of_another_course_or_activity_is_not_found(database: Database, pictured: OneChoice) -> None:
    room = Classroom(database)
    elsewhere = room.another_course("other", pictured)
    images = ids(elsewhere)
    for image in (*images.values(), 10**9):
        with pytest.raises(NotFound):
            room.do(tasks.picture, room.students[0], image, NOW)
        with pytest.raises(NotFound), room.write() as session:
            problems.image(session, room.course_id, image)


def test_a_problem_that_was_changed_after_it_was_answered_can_still_be_opened(database: Database) -> None:
    picked = replace(number(), units=(Unit("km"), Unit("m", 1000)), unit_input="menu")
    room = Classroom(database, picked)
    student = room.students[0]
    room.answer(student, said=Said(text="42", unit="km"))
    with room.write() as session:
        problems.change(session, room.teacher, room.problems[0], replace(picked, unit_input="typed"))
    task = room.task(student)
    assert (task.answers[0].said, task.answers[0].right, task.feedback) == ("42 km", True, ())
    assert task.key


def test_the_list_of_problems(database: Database) -> None:
    room = Classroom(database, one_choice("A"), several_choices("B"), number("C"), free_text("D"), one_choice("E"))
    student = room.students[0]
    room.settings(key_shown="after_attempts", attempts=2)
    a, b, c, d, e = room.problems
    room.answer(student, a)
    room.answer(student, b, said=Said((0,)))
    room.answer(student, b, said=Said((2,)))
    room.answer(student, c, right=False)
    room.answer(student, d)
    with room.database.read() as session:
        opened = room.practice(session, student)
        listed = tasks.places(session, student, opened, NOW)
    assert [(place.name, place.state) for place in listed] == [
        ("A", "right"), ("B", "partly"), ("C", "tried"), ("D", "answered"), ("E", "open"),
    ]  # fmt: skip
    assert tasks.open_problems(listed) == {c, e}
    room.answer(student, c)
    room.answer(student, e)
    with room.database.read() as session:
        assert tasks.open_problems(tasks.places(session, student, opened, NOW)) == set()


def test_choices_keep_their_places_for_one_person(database: Database) -> None:
    room = Classroom(database, students=8)
    orders = [[choice.source for choice in room.task(student).shown.choices] for student in room.students]
    again = [[choice.source for choice in room.task(student).shown.choices] for student in room.students]
    assert orders == again
    assert len({tuple(order) for order in orders}) > 1
    student = room.students[0]
    room.answer(student)
    (answer,) = room.task(student).answers
    assert [orders[0][place] for place in answer.positions] == ["even"]
