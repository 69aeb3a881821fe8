"""Pages that all can use: axe finds nothing in light and dark, colours follow the system, nothing depends on motion."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, expect

from tests.e2e.rounds import campus_round, student_round, teacher_round
from tests.e2e.visits import Visit, settled

pytestmark = pytest.mark.xdist_group("browser")

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
STILL = "*, *::before, *::after { transition: none !important; }"  # a colour on its way has the contrast of neither end
AXE = Axe()


def violations(frame: Frame | Page, options: dict[str, Any]) -> list[str]:
    found = AXE.run(frame, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]} {node['any'][:1]}" for rule in found for node in rule["nodes"]]


def examine(page: Page, frame: Frame, name: str) -> None:
    """One page: all rules in light, the contrast once more in dark. No motion: a colour on its way has neither's."""
    settled(frame)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert violations(frame, OPTIONS) == [], f"{name}, light"
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(frame, CONTRAST) == [], f"{name}, dark"


def test_axe_finds_nothing_on_a_students_pages(student: Visit) -> None:
    for name in student_round(student):
        examine(student.page, student.frame, name)


def test_axe_finds_nothing_on_a_teachers_pages(teacher: Visit) -> None:
    for name in teacher_round(teacher):
        examine(teacher.page, teacher.frame, name)


def test_axe_finds_nothing_on_the_campuss_pages(teacher: Visit) -> None:
    for name in campus_round(teacher):
        if name.endswith(("/gradebook", "/roster")):  # the campus's own tests examine those tables, row by row
            continue
        examine(teacher.page, teacher.page.main_frame, name)


def colours(visit: Visit) -> dict[str, str]:
    """The page's paper and ink, and the accent, as they are drawn; without motion, as soon as the scheme changes."""
    return dict(
        visit.frame.evaluate(
            """() => {
              const [body, button] = ["body", ".primary"].map((it) => getComputedStyle(document.querySelector(it)));
              return { paper: body.backgroundColor, ink: body.color, accent: button.backgroundColor };
            }"""
        )
    )


def brightness(colour: str) -> int:
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3])


def test_colours_follow_the_system(student: Visit) -> None:
    student.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    light = colours(student)
    student.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    dark = colours(student)
    assert all(light[name] != dark[name] for name in light)
    assert brightness(light["paper"]) > brightness(light["ink"])
    assert brightness(dark["paper"]) < brightness(dark["ink"])


def test_nothing_moves_where_less_motion_is_asked_for_and_never_for_long(student: Visit) -> None:
    student.go("Even numbers")
    durations = """() => [...document.querySelectorAll("*")].filter((e) => !e.matches(".wait"))
      .flatMap((e) => [getComputedStyle(e).transitionDuration, getComputedStyle(e).animationDuration])
      .flatMap((text) => text.split(",")).map(parseFloat)"""
    student.page.emulate_media(reduced_motion="reduce")
    assert max(student.frame.evaluate(durations)) == 0
    student.page.emulate_media(reduced_motion="no-preference")
    assert 0 < max(student.frame.evaluate(durations)) <= 0.15


def test_a_chosen_answer_and_a_rating_are_seen_where_the_system_forces_its_colours(student: Visit) -> None:
    student.page.emulate_media(forced_colors="active")
    student.go("Even numbers")
    student.choose("eight")
    outlines = "(all) => all.map((e) => getComputedStyle(e).outlineStyle)"
    assert sorted(student.tool.locator(".choice").evaluate_all(outlines)) == ["none"] * 3 + ["solid"]
    student.answer("Even numbers", ("twelve",))
    student.tool.locator(".keys label").nth(4).click()
    expect(student.tool.locator(".peer .saved")).to_have_text("Saved")
    student.page.mouse.move(0, 0)
    assert student.tool.locator(".keys label").evaluate_all(outlines).count("solid") == 1
