"""The keyboard alone: Tab reaches everything, the focus is seen at every step, goes to what is new, and gets out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.class_at_work import Place
from tests.e2e.visits import EXPLANATION, TITLE, Open, Visit

pytestmark = pytest.mark.xdist_group("browser")

MOST_STEPS = 60
SEEN = """() => {
  const focused = document.activeElement;
  const shown = focused.closest(".keys label") || focused;
  const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 0
    && box.bottom > 0 && box.top < window.innerHeight;
}"""


def tab_to(visit: Visit, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until the focus is there; at each step in the frame it must be seen."""
    for _ in range(MOST_STEPS):
        visit.page.keyboard.press(key)
        if in_frame(visit):
            assert visit.frame.evaluate(SEEN), f"the focus is not seen at {visit.focused()}"
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} was not reached; the focus is at {visit.focused()}")


def in_frame(visit: Visit) -> bool:
    return bool(visit.page.evaluate("document.activeElement.id === 'tool'"))


def before_the_frame(visit: Visit) -> None:
    """The last stop of the page around."""
    visit.page.get_by_role("link", name="Open in a new window").focus()


def test_a_student_needs_no_mouse_from_the_course_to_the_next_problem(somebody: Open) -> None:
    visit = somebody()
    page, tool, press = visit.page, visit.tool, visit.page.keyboard.press
    page.goto(visit.course)
    link = page.get_by_role("link", name=TITLE, exact=True)
    for _ in range(MOST_STEPS):
        press("Tab")
        if link.evaluate("(link) => link === document.activeElement"):
            break
    press("Enter")
    visit.arrived()

    tab_to(visit, tool.get_by_role("link", name="Begin"))
    press("Enter")
    expect(visit.heading).to_have_text("Squaring a sum")
    expect(visit.heading).to_be_focused()
    first = tool.get_by_role("radio").first
    tab_to(visit, first)
    press("Space")
    expect(first).to_be_checked()
    press("ArrowDown")
    expect(tool.get_by_role("radio").nth(1)).to_be_checked()
    press("Tab")
    expect(tool.get_by_role("button", name="Answer", exact=True)).to_be_focused()
    press("Enter")
    expect(tool.locator("#verdict .verdict")).to_be_focused()

    tab_to(visit, tool.locator(".keys input").first)
    press("8")
    expect(tool.locator(".keys input[value='8']")).to_be_focused()
    press("ArrowRight")
    expect(tool.locator(".peer .saved")).to_have_text("Saved")
    expect(tool.locator(".keys input[value='9']")).to_be_checked()
    expect(tool.locator(".keys input[value='9']")).to_be_focused()

    tab_to(visit, tool.get_by_role("button", name="Show me another explanation"))
    press("Enter")
    expect(tool.locator("#peer")).to_be_focused()
    expect(tool.locator(".peer")).to_have_count(2)

    words = tool.get_by_label("Why is this the correct answer?")
    tab_to(visit, words)
    page.keyboard.insert_text(EXPLANATION)
    tab_to(visit, tool.get_by_role("radio", name="Yes, show it to classmates"))
    press("ArrowDown")
    expect(tool.get_by_role("radio", name="Not yet, keep it for me")).to_be_checked()
    save = tool.locator("#write-explanation").get_by_role("button", name="Save")
    tab_to(visit, save)
    press("Enter")
    expect(tool.locator("#wrote-explanation")).to_contain_text("Saved")
    expect(save).to_be_focused()

    tab_to(visit, tool.get_by_role("link", name="Next problem").last)
    press("Enter")
    expect(visit.heading).to_have_text("Even numbers")
    expect(visit.heading).to_be_focused()
    tab_to(visit, tool.get_by_role("button", name="I am stuck"))
    press("Enter")
    expect(tool.locator("#help-title")).to_be_focused()


def test_the_skip_link_leads_to_the_content_and_appears_when_it_has_the_focus(student: Visit) -> None:
    skip = student.tool.get_by_role("link", name="Skip to the content")
    before_the_frame(student)
    tab_to(student, skip)
    expect(skip).to_be_in_viewport()
    before = student.frame.url
    student.page.keyboard.press("Enter")
    expect(student.tool.locator("#main")).to_be_focused()
    assert student.frame.url == before
    student.page.keyboard.press("Tab")
    expect(student.tool.get_by_role("link", name="Begin")).to_be_focused()


def test_the_keyboard_gets_out_of_the_frame_on_both_sides(student: Visit) -> None:
    student.go("Even numbers")
    for key in ("Tab", "Shift+Tab"):
        student.heading.focus()
        for _ in range(MOST_STEPS):
            student.page.keyboard.press(key)
            if not in_frame(student):
                break
        assert not in_frame(student), key


def test_digits_and_arrows_stay_letters_where_words_are_written(student: Visit) -> None:
    student.go("A long sentence")
    student.tool.locator("#text").focus()
    student.page.keyboard.type("10 words, 3 commas")
    expect(student.tool.locator("#text")).to_have_value("10 words, 3 commas")


def test_a_teacher_reaches_every_page_and_a_decision_without_a_mouse(teacher: Visit, place: Place) -> None:
    tool, press = teacher.tool, teacher.page.keyboard.press
    for name in ("Class", "Who stays", "Review", "Problems", "Settings", "Desk"):
        before_the_frame(teacher)
        tab_to(teacher, tool.get_by_role("navigation", name="Teacher").get_by_role("link", name=name, exact=True))
        press("Enter")
        expect(tool.locator("nav.tabs [aria-current]")).to_have_text(name)
        expect(teacher.heading).to_be_focused()
    tab_to(teacher, tool.locator(".multiples").get_by_role("link", name="An odd one"))
    press("Enter")
    expect(teacher.heading).to_have_text("An odd one")
    pin = tool.locator("article.contender").first.get_by_role("button").first
    tab_to(teacher, pin)
    press("Enter")
    expect(tool.locator("article.contender").first).to_contain_text("pinned")
    expect(teacher.heading).to_be_focused()
    unpin = tool.locator("article.contender").first.get_by_role("button").first
    tab_to(teacher, unpin)
    press("Enter")
    expect(tool.locator("article.contender").first).not_to_contain_text("pinned")
