"""A round through all kinds of pages, for what must hold on every one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playwright.sync_api import expect

from tests.e2e.visits import Visit


def student_round(visit: Visit) -> Iterator[str]:
    """Everything that a student meets; stops at each page and says which it is."""
    yield "the list"
    visit.go("Squaring a sum")
    expect(visit.tool.locator(".katex").first).to_be_visible()
    yield "one choice, with maths"
    visit.answer("Squaring a sum")
    yield "right, and a classmate's explanation"
    visit.go("Even numbers")
    visit.choose("eight")
    yield "several choices, one chosen"
    visit.answer("Even numbers", ("eight",))
    yield "partly right"
    visit.go("A walk")
    visit.press("I am stuck")
    visit.says("A hint from your teacher")
    yield "help with a number"
    visit.answer("A walk", "36 km/h")
    visit.press("Show me another explanation")
    expect(visit.tool.locator(".peer")).to_have_count(2)
    visit.tool.get_by_text("Report this text").first.click()
    visit.tool.locator(".keys label").nth(7).click()
    expect(visit.tool.locator(".peer .saved").first).to_have_text("Saved")
    yield "not right, two explanations, one rated, one to be reported"
    visit.go("A long sentence")
    yield "free text"
    visit.tool.get_by_role("link", name="All problems").click()
    visit.says("Your score: ")
    yield "the list with a score"


def teacher_round(visit: Visit) -> Iterator[str]:
    """Everything that a teacher meets."""
    visit.tool.get_by_text("The same as a table").click()
    yield "the desk with its table"
    visit.pool("Squaring a sum")
    for details in visit.tool.get_by_text("The numbers as a table").all():
        details.click()
    yield "a pool"
    for name in ("Class", "Review"):
        visit.tab(name)
        yield f"the page {name}"
    visit.tab("Who stays")
    for details in visit.tool.get_by_text("The same as a table").all():
        details.click()
    yield "who stays"
    visit.tab("Settings")
    for details in visit.tool.get_by_text("What do these mean?").all():
        details.click()
    yield "the settings, explained"
    visit.tab("Problems")
    visit.tool.get_by_text("Change which problems are in it").click()
    visit.tool.get_by_text("Say what each is worth").click()
    yield "the problems"
    visit.tool.get_by_role("link", name="Write: One correct choice").click()
    expect(visit.heading).to_have_text("New problem")
    yield "a new problem"
    visit.page.goto(f"{visit.course}/add")
    visit.page.get_by_role("link", name=re.compile("^Choose with")).click()
    visit.arrived()
    visit.tool.locator("summary", has_text="Settings").click()
    yield "the picker"


def campus_round(visit: Visit) -> Iterator[str]:
    """The pages of the campus around."""
    base = visit.place.house.campus.base_url
    pages = ("", "/gradebook", "/roster", "/add")
    for address in (base, f"{base}/tools", *(f"{visit.course}{page}" for page in pages)):
        visit.page.goto(address)
        yield address.removeprefix(base) or "/"
