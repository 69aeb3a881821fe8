"""In a window 320 px wide (WCAG 1.4.10, 2.5.8): nothing to scroll sideways, all can be hit, all can be read."""

from __future__ import annotations

import pytest
from playwright.sync_api import Frame, expect

from tests.e2e.class_at_work import Place
from tests.e2e.rounds import campus_round, student_round, teacher_round
from tests.e2e.visits import Visit, settled

pytestmark = pytest.mark.xdist_group("browser")

WIDTH = 320
TOO_SMALL = """() => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const inText = (element) => element.matches("a") && getComputedStyle(element).display === "inline";
  return [...document.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter((element) => element.type !== "hidden" && seen(element) && !element.matches(".skip") && !inText(element))
    .map((element) => [element, (element.closest("label") || element).getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
    .map(([element, box]) => `${element.outerHTML.slice(0, 90)} is ${box.width} x ${box.height}`);
}"""
TOO_FAINT = """() => {
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const small = new Set();
  for (let node = words.nextNode(); node; node = words.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility()) continue;
    if (element.closest(".katex, .hidden-visually, title, desc")) continue;
    const svg = element.closest("svg");
    const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
    const size = parseFloat(getComputedStyle(element).fontSize) * scale;
    if (size < 11.9) small.add(`${node.data.trim().slice(0, 40)}: ${size} px`);
  }
  return [...small];
}"""


def measure(frame: Frame, name: str) -> None:
    settled(frame)
    width, room = frame.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= room, f"{name} is {width} px wide in {room}"
    assert frame.evaluate(TOO_SMALL) == [], name
    assert frame.evaluate(TOO_FAINT) == [], name


@pytest.fixture
def narrow(student: Visit) -> Visit:
    student.page.set_viewport_size({"width": WIDTH, "height": 640})
    return student


def test_a_students_pages_fit(narrow: Visit) -> None:
    for name in student_round(narrow):
        measure(narrow.frame, name)


def test_a_teachers_pages_fit(teacher: Visit) -> None:
    teacher.page.set_viewport_size({"width": WIDTH, "height": 640})
    for name in teacher_round(teacher):
        measure(teacher.frame, name)
    for name in campus_round(teacher):
        measure(teacher.page.main_frame, name)


def test_the_end_of_a_pools_story_is_what_a_narrow_page_shows(teacher: Visit) -> None:
    teacher.page.set_viewport_size({"width": WIDTH, "height": 640})
    teacher.pool("Squaring a sum")
    story = teacher.tool.locator("figure .scroll").first
    assert story.evaluate("(story) => story.scrollWidth - story.clientWidth - story.scrollLeft") < 2


def test_the_answer_and_its_button_are_within_reach_in_a_frame_144_px_high(place: Place, narrow: Visit) -> None:
    """Moodle leaves no more than that to a phone in landscape."""
    narrow.page.set_viewport_size({"width": 640, "height": 360})
    narrow.go("A walk")
    narrow.page.locator("#tool").evaluate("(frame) => { frame.style.height = '144px'; }")
    narrow.fill_in("A walk")
    button = narrow.tool.get_by_role("button", name="Answer", exact=True)
    button.scroll_into_view_if_needed()
    box = button.evaluate("(button) => button.getBoundingClientRect().toJSON()")
    assert box["top"] >= 0
    assert box["bottom"] <= 144
    button.click()
    expect(narrow.tool.locator("#verdict")).to_be_in_viewport()
