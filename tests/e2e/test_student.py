"""A student in the course: answers, reads, rates, explains, gets help, goes on; the gradebook shows the score."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.visits import EXPLANATION, NAMES, Visit

pytestmark = pytest.mark.xdist_group("browser")


def test_a_student_answers_a_problem_of_every_kind_and_the_score_arrives_in_the_gradebook(student: Visit) -> None:
    expect(student.heading).to_have_text("Practice")
    student.tool.get_by_role("link", name="Begin").click()
    for place, name in enumerate(NAMES):
        expect(student.heading).to_have_text(name)
        verdict = student.answer(name)
        expect(verdict).to_contain_text("Your answer is saved." if name == "A long sentence" else "Right.")
        student.tool.get_by_role("link", name="Next problem").last.click()
        if place == 0:
            expect(student.heading).to_have_text(NAMES[1])
    student.says("You have answered every problem here.")
    student.says("Your score: 100 of 100.")
    row = student.page.context.new_page()
    row.goto(f"{student.course_as(student.place.house.teachers[0])}/gradebook")
    number = student.place.house.students.index(student.person) + 1
    for _ in range(40):
        if "100 / 100" in row.get_by_role("row", name=f"Learner {number:02}").inner_text():
            break
        row.wait_for_timeout(250)
        row.reload()
    expect(row.get_by_role("row", name=f"Learner {number:02}")).to_contain_text("100 / 100")


def test_a_wrong_answer_says_so_in_words_and_shows_what_is_right(student: Visit) -> None:
    student.go("A capital")
    verdict = student.answer("A capital", "London")
    expect(verdict).to_contain_text("Not right.")
    expect(verdict).to_contain_text("The correct answer: Paris")
    student.says("Your answer: London")
    expect(verdict.locator("svg")).to_be_visible()


def test_an_answer_with_maths_is_shown_as_maths_again(student: Visit) -> None:
    student.go("Squaring a sum")
    student.answer("Squaring a sum")
    said = student.tool.get_by_text("Your answer:").locator("xpath=..")
    expect(said.locator(".katex-html")).to_have_text("x2+6x+9")


def test_half_of_what_is_right_is_called_partly_right(student: Visit) -> None:
    student.go("Even numbers")
    verdict = student.answer("Even numbers", ("eight",))
    expect(verdict).to_contain_text("Partly right.")
    expect(verdict.get_by_role("listitem")).to_have_count(2)


def test_a_rating_by_click_and_by_digits_is_saved_and_can_be_changed(student: Visit) -> None:
    student.go("A walk")
    student.answer("A walk")
    student.says("How a classmate explained it")
    keys = student.tool.get_by_role("group", name="How helpful was this for you?")
    for pressed, points in (((), 7), (("3",), 3), (("1", "0"), 10), (("ArrowLeft",), 9)):
        with student.page.expect_response(lambda answer: answer.url.endswith("/rate")) as answered:
            if not pressed:
                keys.get_by_text("7", exact=True).click()
            for key in pressed:
                student.page.keyboard.press(key)
        assert answered.value.ok
        expect(keys.locator(f"input[value='{points}']")).to_be_checked()
        expect(student.tool.locator(".peer .saved")).to_have_text("Saved")
    student.frame.evaluate("location.reload()")
    expect(keys.locator("input[value='9']")).to_be_checked()


def test_words_that_are_being_written_survive_a_reload_and_become_an_explanation(student: Visit) -> None:
    student.go("An odd one")
    student.answer("An odd one")
    words = student.tool.get_by_label("Why is this the correct answer?")
    words.press_sequentially("Nine is three times three")
    expect(student.tool.locator("#count-explanation")).to_contain_text("25 characters. Classmates can be shown")
    expect(student.tool.locator("#kept-explanation")).to_have_text("Draft saved")
    student.frame.evaluate("location.reload()")
    expect(words).to_have_value("Nine is three times three")
    student.open()  # a new launch, as after an evening
    student.go("An odd one")
    expect(words).to_have_value("Nine is three times three")
    words.fill(EXPLANATION)
    expect(student.tool.locator("#count-explanation")).to_have_text(f"{len(EXPLANATION)} characters.")
    student.tool.locator("#write-explanation").get_by_role("button", name="Save").click()
    expect(student.tool.locator("#wrote-explanation")).to_contain_text("It can now be shown to classmates")
    student.frame.evaluate("location.reload()")
    student.press("Take my text back")
    expect(words).to_have_value("")


def test_who_is_stuck_is_helped_by_the_teachers_hint_and_by_a_classmate_after_the_answer(student: Visit) -> None:
    student.go("A walk")
    student.press("I am stuck")
    student.says("A hint from your teacher")
    expect(student.tool.locator("#answer")).to_be_visible()
    student.answer("A walk", "36 km/h")
    student.says("How a classmate explained it")
    student.press("Show me another explanation")
    expect(student.tool.locator(".peer")).to_have_count(2)


def test_an_answer_without_a_choice_is_refused_kindly_and_the_page_stays(student: Visit, errors: list[str]) -> None:
    student.go("An odd one")
    student.press("Answer")
    expect(student.tool.locator("#notice")).not_to_be_empty()
    expect(student.tool.locator("#notice")).to_be_focused()
    assert [line for line in errors if "422" not in line] == []  # the browser's console names every refusal
    errors.clear()
    expect(student.answer("An odd one")).to_contain_text("Right.")
    expect(student.tool.locator("#notice")).to_be_empty()


def test_a_reported_text_is_gone_for_who_reported_it(student: Visit) -> None:
    student.go("A long sentence")
    student.answer("A long sentence")
    shown = student.tool.locator(".peer .text")
    text = shown.inner_text()
    student.tool.get_by_text("Report this text").click()
    student.tool.get_by_label("What is wrong with it?").fill("This has nothing to do with sentences.")
    student.press("Report and hide")
    expect(student.tool.locator(".message[data-focus]")).to_be_focused()
    expect(shown.filter(has_text=text)).to_have_count(0)
