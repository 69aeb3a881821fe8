"""Careless moments: two clicks at once, an old page, two tabs, a teacher who takes something away meanwhile."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence

from sqlalchemy import update
from werkzeug.test import TestResponse

from core.activities import recount
from core.store.tables import Activity, Attempt, Contribution, Exposure, Grade, Problem, Report, ResourceLink
from tests.bad_input.lesson import LONG, Lesson, is_told
from tests.lms import INSTRUCTOR

KEYS_KNOWN = True


def at_once(*clicks: Callable[[], TestResponse]) -> list[TestResponse]:
    """The answers to requests that are sent by as many threads at the same moment."""
    gate = threading.Barrier(len(clicks))
    answers: dict[int, TestResponse] = {}

    def send(place: int, click: Callable[[], TestResponse]) -> None:
        gate.wait(10)
        answers[place] = click()

    threads = [threading.Thread(target=send, args=pair) for pair in enumerate(clicks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == len(clicks)
    return [answers[place] for place in range(len(clicks))]


def statuses(answers: Sequence[TestResponse]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def differences(lesson: Lesson) -> list[str]:
    with lesson.tool.database.read() as session:
        return [str(found) for found in recount.everything(session)]


def test_a_double_click_answers_once(lesson: Lesson) -> None:
    author, student = lesson.join(), lesson.join()
    lesson.answer(author)
    lesson.explain(author)
    answers = at_once(*[lambda choice=choice: lesson.answer(student, choice=choice) for choice in (1, 1, 0, 2)])
    assert statuses(answers) == {200: 4}
    assert lesson.tool.count(Attempt) == 2
    assert lesson.tool.count(Exposure) == 1
    assert len({answer.text for answer in answers}) == 1  # every tab sees the answer that was stored
    assert differences(lesson) == []


def test_double_clicks_on_everything_else(lesson: Lesson) -> None:
    reader, exposure = lesson.reader()
    text = lesson.tool.one(Contribution).id
    path = f"/practice/{{a}}/problems/{lesson.choice}"
    mine = LONG.format(number=77)
    own = {"kind": "explanation", "text": mine, "likely": "yes"}
    assert statuses(at_once(*[lambda: lesson.post(f"{path}/explain", reader, own)] * 3)) == {200: 3}
    assert [row.text for row in lesson.tool.all(Contribution)].count(mine) == 1
    rated = at_once(
        *[lambda n=n: lesson.post(f"/practice/{{a}}/shown/{exposure}/rate", reader, {"rating": n}) for n in (2, 7, 7)]
    )
    assert statuses(rated) == {200: 3}
    another = at_once(*[lambda: lesson.post(f"{path}/another", reader, {"occasion": "1"})] * 3)
    assert statuses(another) == {200: 3}
    assert statuses(at_once(*[lambda: lesson.post(f"{path}/report/{text}", reader, {"reason": "x"})] * 3)) == {200: 3}
    assert lesson.tool.count(Report) == 1
    drafts = at_once(*[lambda: lesson.post(f"{path}/draft/explanation", reader, {"text": "half"})] * 3)
    assert statuses(drafts) == {200: 3}
    assert differences(lesson) == []


def test_the_back_button_and_a_second_tab(lesson: Lesson) -> None:
    student = lesson.join()
    path = f"/practice/{{a}}/problems/{lesson.choice}"
    first = lesson.answer(student, choice=1)
    before = lesson.rows()
    again = lesson.answer(student, choice=0)  # the old page, with another choice
    assert again.status_code == 200
    assert again.text == first.text
    is_told(lesson.answer(student, choice=0, number=2))  # the key was shown: no more tries
    is_told(lesson.answer(student, choice=0, number=9))
    is_told(lesson.post(f"{path}/another", student, {"occasion": "5"}))
    assert lesson.rows() == before


def test_a_problem_is_taken_away_while_it_is_answered(lesson: Lesson) -> None:
    student, other = lesson.join(), lesson.join()
    lesson.answer(other)
    path = f"/practice/{{a}}/problems/{lesson.choice}"
    assert lesson.get(path, student).status_code == 200
    assert lesson.post(f"/teach/{{a}}/problems/{lesson.choice}/remove", lesson.teacher).status_code == 200
    before = lesson.rows()
    answers = [
        lesson.answer(student),
        lesson.get(path, student),
        lesson.get(path, other),
        lesson.post(f"{path}/help", student, {"occasion": "0"}),
        lesson.post(f"{path}/another", other, {"occasion": "0"}),
        lesson.post(f"{path}/explain", other, {"kind": "explanation", "text": LONG, "likely": "yes"}),
        lesson.post(f"{path}/draft/explanation", other, {"text": LONG}),
    ]
    for answer in answers:
        assert answer.status_code == 410
        assert "What you answered is kept" in answer.text
    is_told(lesson.post(f"/teach/{{a}}/problems/{lesson.choice}/remove", lesson.teacher))
    is_told(lesson.post(f"/teach/{{a}}/problems/{lesson.choice}/edit", lesson.teacher, {"text": "New"}))
    is_told(lesson.get(f"/teach/{{a}}/problems/{lesson.choice}", lesson.teacher))
    assert lesson.rows() == before
    assert lesson.get(f"/practice/{{a}}/next?after={lesson.choice}", student).status_code == 200


def test_a_problem_is_answered_and_taken_away_at_the_same_moment(lesson: Lesson) -> None:
    students = [lesson.join() for _ in range(3)]
    answers = at_once(
        *[lambda student=student: lesson.answer(student) for student in students],
        lambda: lesson.post(f"/teach/{{a}}/problems/{lesson.choice}/remove", lesson.teacher),
    )
    assert answers[-1].status_code == 200
    assert set(statuses(answers)) <= {200, 410}
    # an answer that came before the removal is stored; its page may say already that the problem is gone
    assert lesson.attempts() >= statuses(answers[:-1])[200]
    assert differences(lesson) == []


def test_an_activity_is_taken_apart_while_it_is_answered(lesson: Lesson) -> None:
    """Activities are not archived; what comes nearest is that all its problems go, or its link goes to another."""
    student = lesson.join()
    kept = {"problem": str(lesson.prose)}
    assert lesson.post("/teach/{a}/bank", lesson.teacher, kept).status_code == 200
    before = lesson.rows()
    is_told(lesson.answer(student))
    assert lesson.rows() == before
    assert lesson.post(f"/teach/{{a}}/problems/{lesson.prose}/remove", lesson.teacher).status_code == 200
    for page in ("", "/problems", "/next"):
        assert "There are no problems here yet." in lesson.get(f"/practice/{{a}}{page}", student).text
    is_told(lesson.answer(student))
    with lesson.tool.database.write() as session:
        session.execute(update(ResourceLink).values(activity_id=None))
    response = lesson.answer(student)
    assert response.status_code == 403
    is_told(response)


def test_a_text_is_retired_while_it_is_read_and_rated(lesson: Lesson) -> None:
    reader, exposure = lesson.reader()
    text = lesson.tool.one(Contribution).id
    rate = f"/practice/{{a}}/shown/{exposure}/rate"
    assert lesson.post(f"/teach/{{a}}/review/{text}/retire", lesson.teacher).status_code == 200
    assert lesson.post(rate, reader, {"rating": "3"}).status_code == 200  # it was read, so the word counts
    assert lesson.tool.one(Exposure).points == 3
    page = lesson.get(f"/practice/{{a}}/problems/{lesson.choice}", reader)
    assert page.status_code == 200
    assert "whatever the two numbers are" not in page.text
    assert differences(lesson) == []


def test_a_text_is_retired_and_rated_at_the_same_moment(lesson: Lesson) -> None:
    reader, exposure = lesson.reader()
    text = lesson.tool.one(Contribution).id
    another = lesson.join()
    answers = at_once(
        lambda: lesson.post(f"/practice/{{a}}/shown/{exposure}/rate", reader, {"rating": "3"}),
        lambda: lesson.post(f"/teach/{{a}}/review/{text}/retire", lesson.teacher),
        lambda: lesson.answer(another),
    )
    assert statuses(answers) == {200: 3}
    assert differences(lesson) == []


def test_settings_change_while_students_answer(lesson: Lesson) -> None:
    students = [lesson.join() for _ in range(3)]
    changes = [
        {"title": "Lists", "points": points, "key_shown": key} for points, key in (("7", "at_once"), ("3", "at_once"))
    ]
    answers = at_once(
        *[lambda student=student: lesson.answer(student) for student in students],
        *[lambda change=change: lesson.post("/teach/{a}/settings", lesson.teacher, change) for change in changes],
    )
    assert statuses(answers) == {200: 5}
    assert differences(lesson) == []


def test_the_link_is_set_up_twice_at_the_same_moment(lesson: Lesson) -> None:
    tool = lesson.tool
    link = {"resource_link": {"id": "link-9"}, "roles": INSTRUCTOR, "sub": "teacher"}
    tokens = [tool.session(**link)["token"] for _ in range(3)]
    form = {"title": "Twice", "problem": lesson.problems}
    answers = at_once(*[lambda token=token: lesson.post("/teach/new", token, form) for token in tokens])
    assert statuses(answers) == {200: 1, 422: 2}
    assert [activity.title for activity in tool.all(Activity)].count("Twice") == 1  # those refused left nothing


def test_choices_that_the_form_cannot_send(lesson: Lesson) -> None:
    student = lesson.join()
    before = lesson.rows()
    path = f"/practice/{{a}}/problems/{lesson.choice}/answer"
    for choices in (["0", "0"], ["0", "1"], ["2", "2", "2"], ["99"], ["-0"], [""]):
        is_told(lesson.post(path, student, {"number": "1", "choice": choices}), choices)
    assert lesson.rows() == before


def test_grades_follow_and_nothing_is_left_over(lesson: Lesson) -> None:
    """After all that was refused: one good answer still counts, once."""
    tool = lesson.tool
    ags = {"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": tool.lms.grading()}
    student = tool.session(sub="learner-50", **ags)["token"]
    for number in ("x", "0", "2"):
        lesson.post(f"/practice/{{a}}/problems/{lesson.choice}/answer", student, {"number": number, "choice": "0"})
    assert tool.count(Grade) == 0
    at_once(*[lambda: lesson.answer(student)] * 3)
    assert tool.one(Grade).score == 25.0
    assert tool.one(Grade).version == 1
    assert all(problem.deleted_at is None for problem in tool.all(Problem))
