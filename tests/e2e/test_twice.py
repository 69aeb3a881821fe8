"""What people do to pages: two tabs, two clicks, the back button. Nothing is counted twice, and nothing is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from core.store.tables import Attempt, Person
from tests.e2e.visits import Visit

pytestmark = pytest.mark.xdist_group("browser")


def answers(visit: Visit) -> list[int]:
    """The numbers of this person's answers, as the database holds them."""
    with visit.place.database.read() as session:
        found = select(Attempt.number).join(Person, Person.id == Attempt.person_id)
        return list(session.scalars(found.where(Person.subject == str(visit.person)).order_by(Attempt.id)))


def test_an_answer_from_a_second_tab_changes_nothing_and_says_so(
    student: Visit, context: BrowserContext, errors: list[str]
) -> None:
    other = Visit(context.new_page(), student.place, student.person)
    other.open()
    for tab in (student, other):
        tab.go("A capital")
    expect(student.answer("A capital")).to_contain_text("Right.")
    other.fill_in("A capital", "London")
    other.press("Answer")
    expect(other.tool.locator("#verdict, #notice .message, #notice p").first).to_be_visible()
    expect(other.tool.locator("#main")).not_to_contain_text("Not right.")
    errors.clear()  # a refusal is a line in the console
    assert answers(student) == [1]
    other.frame.evaluate("location.reload()")
    expect(other.tool.locator("#verdict")).to_contain_text("Right.")


def test_two_clicks_are_one_answer(student: Visit) -> None:
    student.go("A walk")
    student.fill_in("A walk")
    student.tool.get_by_role("button", name="Answer", exact=True).dblclick()
    expect(student.tool.locator("#verdict")).to_contain_text("Right.")
    assert answers(student) == [1]


def test_a_form_that_is_sent_twice_at_once_is_one_answer(student: Visit, errors: list[str]) -> None:
    """As when a phone repeats a request: past the button that is switched off."""
    student.go("An odd one")
    student.choose("nine")
    with student.page.expect_response(lambda answer: answer.url.endswith("/answer")):
        student.frame.evaluate("""() => {
          const form = document.querySelector("#answer"), values = Object.fromEntries(new FormData(form));
          for (const _ of [1, 2]) htmx.ajax("POST", form.getAttribute("hx-post"), { values, target: "#main" });
        }""")
    expect(student.tool.locator("#verdict")).to_contain_text("Right.")
    student.page.wait_for_load_state("networkidle")
    errors.clear()
    assert answers(student) == [1]


def test_back_after_an_answer_shows_the_answer_and_does_not_send_it_again(student: Visit) -> None:
    student.go("A capital")
    student.answer("A capital", "London")
    student.tool.get_by_role("link", name="Next problem").last.click()
    expect(student.heading).to_have_text("A long sentence")
    student.page.evaluate("history.back()")
    expect(student.heading).to_have_text("A capital")
    expect(student.tool.locator("#verdict")).to_contain_text("Not right.")
    expect(student.tool.locator("#answer")).to_have_count(0)
    student.page.evaluate("history.back()")
    expect(student.heading).to_have_text("Practice")
    assert answers(student) == [1]
