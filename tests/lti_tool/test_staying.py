"""The teacher's page on who stays, and the constraints in the problem bank, through the application."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import numpy as np
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import insert, select

from core.activities import fitting, practice_settings
from core.store.tables import Activity, ActivityProblem, Course, Person, TaskExposure
from core.survival.shipped import SHIPPED
from tests.bad_input.lesson import Lesson
from tests.tool import Tool

DATABASES = ("sqlite",)


@pytest.fixture
def lesson(tool: Tool) -> Lesson:
    return Lesson(tool)


def page(lesson: Lesson) -> BeautifulSoup:
    answer = lesson.get("/teach/{a}/staying", lesson.teacher)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def fitted(lesson: Lesson) -> None:
    """20 classmates have been shown ten problems each, or left earlier; a model was fitted to that."""
    rng = np.random.default_rng(8)
    with lesson.tool.database.write() as session:
        course, activity = session.scalars(select(Course.id)).one(), session.scalars(select(Activity.id)).one()
        platform = session.scalars(select(Person.platform_id)).first()
        people = session.scalars(
            insert(Person).returning(Person.id),
            [
                {"platform_id": platform, "subject": f"c{n}", "is_test": False, "created_at": lesson.tool.clock()}
                for n in range(20)
            ],
        ).all()
        rows = []
        for person in people:
            for occasion in range(12):
                outcome = "left" if rng.random() < 0.08 else str(rng.choice(["right", "wrong"]))
                when = lesson.tool.clock() - timedelta(days=1) + timedelta(minutes=occasion)
                rows.append(
                    {
                        "course_id": course, "activity_id": activity, "person_id": person,
                        "problem_id": lesson.problems[occasion % 4], "occasion": occasion, "policy": "teacher",
                        "probability": 1.0, "eligible_size": 1, "counts": True, "shown_at": when, "outcome": outcome,
                        "outcome_at": when + timedelta(seconds=9),
                    }
                )  # fmt: skip
                if outcome == "left":
                    break
        session.execute(insert(TaskExposure), rows)
        log = fitting.read(session, course, now=lesson.tool.clock())
        found = fitting.fit(log, "c", start=SHIPPED, rng=np.random.default_rng(1), now=lesson.tool.clock())
        fitting.keep(session, course, found, now=lesson.tool.clock())


def test_before_anything_happened_the_page_says_so(lesson: Lesson) -> None:
    said = page(lesson).get_text(" ", strip=True)
    assert "Nobody has been shown a problem yet." in said
    assert "no model of its own yet" in said
    assert "My order" in said


def test_a_choice_is_explained_to_the_teacher_with_its_probability(lesson: Lesson) -> None:
    lesson.post("/teach/{a}/settings", lesson.teacher, {"title": "Lists", "order": "TA_H"})
    student = lesson.join()
    lesson.get("/practice/{a}/next", student)
    (row,) = page(lesson).select("table tbody tr")[-1:]
    cells = [cell.get_text(" ", strip=True) for cell in row.find_all(["td", "th"])]
    assert cells[0] == "Learner 01"
    assert re.fullmatch(
        r"Chosen (because the answer tells most about this person .*|because this person is expected to settle .*"
        r"|by lot from all 4 tasks.*)"
        r"( It was drawn by lot from \d equally good tasks\.)?",
        cells[2],
    )
    assert cells[3].endswith("%")


def test_the_model_is_shown_with_how_often_it_was_right_and_whom_it_does_not_know(lesson: Lesson) -> None:
    fitted(lesson)
    shown = page(lesson)
    said = shown.get_text(" ", strip=True)
    assert re.search(r"Of 100 pairs .* it ranked \d+ rightly", said)
    assert "Only 20 people" in said
    assert len(shown.select("svg.chart circle")) >= 4
    headings = [head.get_text() for head in shown.select("h2")]
    assert headings == ["How far people came", "How far the prediction can be trusted", "Chosen lately, and why"]
    for name in ("LA", "LM", "LS"):
        assert shown.find("th", string=name)
    pictures = shown.select("svg.chart")
    assert all(picture.get("role") == "img" and picture.get("aria-label") for picture in pictures)


def test_no_student_learns_who_may_be_about_to_stop(lesson: Lesson) -> None:
    fitted(lesson)
    lesson.post("/teach/{a}/settings", lesson.teacher, {"title": "Lists", "order": "TA_H_DG"})
    student = lesson.join()
    assert lesson.get("/teach/{a}/staying", student).status_code == 403
    for path in ("/practice/{a}/next", "/practice/{a}/problems", "/practice/{a}"):
        text = lesson.get(path, student).text
        assert "chance" not in text
        assert "likely to" not in text.replace("likely to help", "")


def test_every_order_can_be_chosen_and_has_a_name_and_a_meaning(lesson: Lesson) -> None:
    shown = BeautifulSoup(lesson.get("/teach/{a}/settings", lesson.teacher).text, "html.parser")
    options = shown.select("#set-order option")
    assert [option["value"] for option in options] == [option.name for option in practice_settings.ORDERS]
    assert len(shown.select("#set-order optgroup")) == 2
    assert len(shown.select("#about-order dd")) == len(options)
    for option in practice_settings.ORDERS:
        answer = lesson.post("/teach/{a}/settings", lesson.teacher, {"title": "Lists", "order": option.name})
        assert answer.status_code == 200
        assert lesson.tool.one(Activity).settings["order"] == option.name
        student = lesson.join()
        assert lesson.get("/practice/{a}/next", student).status_code == 200


def test_worth_and_what_comes_first_are_kept(lesson: Lesson) -> None:
    a, b, *_ = lesson.problems
    form = {f"worth-{a}": "4.0", f"requires-{a}": str(b), f"worth-{b}": "0.5", f"requires-{b}": ""}
    answer = lesson.post("/teach/{a}/bank/constraints", lesson.teacher, form)
    assert answer.status_code == 200
    kept = {row.problem_id: (row.worth, row.requires_id) for row in lesson.tool.all(ActivityProblem)}
    assert kept == dict.fromkeys(lesson.problems, (1.0, None)) | {a: (4.0, b), b: (0.5, None)}
    shown = BeautifulSoup(answer.text, "html.parser")
    assert shown.find("select", {"name": f"worth-{a}"}).find("option", selected=True)["value"] == "4.0"  # type: ignore[union-attr, index]  # the page has them
    for bad in ({f"worth-{a}": "3"}, {f"worth-{a}": "1.0", f"requires-{a}": str(a)}, {f"worth-{a}": "nan"}):
        assert lesson.post("/teach/{a}/bank/constraints", lesson.teacher, bad).status_code == 422
    assert json.dumps(kept) == json.dumps(
        {row.problem_id: (row.worth, row.requires_id) for row in lesson.tool.all(ActivityProblem)}
    )
