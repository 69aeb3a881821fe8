"""A teacher in the course: places an activity, brings problems, acts on a pool, reviews, looks at the class."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.class_at_work import CLASSMATES, HINT, Place
from tests.e2e.visits import EXPLANATION, Open, Visit

pytestmark = pytest.mark.xdist_group("browser")

BANK = Path(__file__).with_name("bank.csv")


@pytest.fixture
def visitor(place: Place, page: Page) -> Visit:
    """The teacher, who has not opened anything yet."""
    return Visit(page, place, place.house.teachers[0])


def test_an_activity_is_placed_from_the_picker_with_problems_of_a_file(visitor: Visit) -> None:
    page = visitor.page
    page.goto(visitor.course)
    page.get_by_role("link", name="Add an activity").first.click()
    page.get_by_role("link", name=re.compile("^Choose with")).click()
    expect(visitor.heading).to_have_text("Add a practice activity")
    visitor.tool.get_by_label("Bring problems from a file").set_input_files(BANK)
    visitor.press("Import")
    expect(visitor.tool.locator("#report")).to_contain_text("6 problems were imported.")
    expect(visitor.tool.locator("#report")).to_be_focused()
    visitor.tool.get_by_label("Title").fill("Chosen in the picker")
    boxes = visitor.tool.get_by_role("checkbox", name=re.compile("A capital"))
    group = visitor.tool.locator("details").filter(has=page.get_by_role("checkbox", name=re.compile("A capital"))).last
    group.get_by_role("button", name="Choose all of these").click()
    expect(boxes.last).to_be_checked()
    group.get_by_role("button", name="Choose none").click()
    expect(boxes.last).not_to_be_checked()
    boxes.last.check()
    visitor.press("Add to the course")
    expect(page.get_by_role("status")).to_contain_text("Added: Chosen in the picker.")
    visitor.open("Chosen in the picker")
    expect(visitor.heading).to_have_text("What needs you now")
    expect(visitor.tool.locator(".multiples > li")).to_have_count(1)


def test_who_changes_their_mind_in_the_picker_is_back_in_the_course_with_nothing_added(visitor: Visit) -> None:
    page = visitor.page
    page.goto(f"{visitor.course}/add")
    page.get_by_role("link", name=re.compile("^Choose with")).click()
    visitor.press("Go back without adding anything")
    expect(page.get_by_role("heading", level=1)).to_have_text("Introduction to statistics")
    expect(page.get_by_role("status")).to_have_count(0)


def test_a_link_without_an_activity_gets_one_at_its_first_launch_and_new_texts_can_wait_for_approval(
    visitor: Visit, somebody: Open
) -> None:
    page = visitor.page
    page.goto(f"{visitor.course}/add")
    page.get_by_text("Paste an address instead").click()
    page.get_by_label("Title").fill("By its address")
    page.get_by_label(re.compile("^Most points")).fill("10")
    page.get_by_role("button", name="Add", exact=True).click()
    early = somebody()
    early.open("By its address")
    expect(early.heading).to_have_text("Your teacher has not finished this yet")

    visitor.open("By its address")
    expect(visitor.heading).to_have_text("Add a practice activity")
    visitor.tool.get_by_label("Bring problems from a file").set_input_files(BANK)  # problems without any text yet
    visitor.press("Import")
    expect(visitor.tool.locator("#report")).to_be_focused()
    visitor.tool.get_by_role("checkbox", name=re.compile("An odd one")).last.check()
    visitor.tool.locator("summary", has_text="Settings").click()
    visitor.tool.get_by_label("When a new text is shown to classmates").select_option("After you checked it")
    visitor.press("Make the activity")
    expect(visitor.heading).to_have_text("What needs you now")

    early.open("By its address")
    early.tool.get_by_role("link", name="Begin").click()
    expect(early.answer("An odd one")).to_contain_text("Right.")
    early.tool.get_by_label("Why is this the correct answer?").fill(EXPLANATION)
    early.tool.locator("#write-explanation").get_by_role("button", name="Save").click()
    expect(early.tool.locator("#wrote-explanation")).to_contain_text("Saved.")

    visitor.tab("Review")
    waits = visitor.tool.get_by_role("article").filter(has_text=EXPLANATION)
    expect(waits).to_contain_text("new")
    expect(waits).to_contain_text("first text of this author")
    waits.get_by_role("button", name=re.compile("^Approve")).click()
    expect(waits).to_have_count(0)

    late = somebody()
    late.open("By its address")
    late.tool.get_by_role("link", name="Begin").click()
    late.answer("An odd one")
    expect(late.tool.locator(".peer .text")).to_have_text(EXPLANATION)


def test_a_pool_is_a_picture_a_sentence_and_a_table_and_the_teacher_acts_on_its_texts(teacher: Visit) -> None:
    teacher.pool("Squaring a sum")
    picture = teacher.tool.get_by_role("img", name=re.compile("^How the chance of being shown moved"))
    expect(picture).to_be_visible()
    texts = teacher.tool.locator("article.contender", has=teacher.page.locator("css=h3"))
    expect(picture.locator("text[data-day]").first).to_have_text(re.compile(r"^[A-Z][a-z]{2} \d{1,2}, \d{4}$"))
    teacher.tool.get_by_text("The numbers as a table").first.click()
    table = teacher.tool.get_by_role("table", name="Explanations of this problem")
    rows = table.get_by_role("row").count() - 1
    assert rows >= 2
    assert picture.locator("g > title").count() >= rows
    expect(teacher.tool.get_by_role("main").locator("h2", has_text="Explanations")).to_be_visible()

    first = texts.first
    act(teacher, first, "Pin")
    expect(first).to_contain_text("pinned")
    expect(first).to_contain_text("100.0 %")
    act(teacher, first, "Unpin")
    expect(first).not_to_contain_text("pinned")
    act(teacher, first, "Star the author")
    expect(first).to_contain_text("★ star")
    act(teacher, first, "Remove the star of the author")
    expect(first).not_to_contain_text("★ star")
    words = first.locator(".text").inner_text()
    chosen = texts.filter(has_text=words)
    act(teacher, chosen, "Retire")
    expect(chosen).to_contain_text("retired")
    act(teacher, chosen, "Put it back")
    expect(chosen).not_to_contain_text("retired")


def act(teacher: Visit, text: Locator, button: str) -> None:
    """Press a text's button, by what it says."""
    with teacher.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        text.get_by_role("button", name=re.compile(f"^{button}: ")).click()
    assert answered.value.ok


def test_a_hint_that_the_teacher_writes_is_what_a_stuck_student_reads(teacher: Visit, somebody: Open) -> None:
    teacher.pool("A capital")
    box = teacher.tool.get_by_label("Your hint")
    expect(box).to_have_value(HINT)
    box.fill("It is also a mythical prince of Troy.")
    teacher.tool.locator("form", has=teacher.page.locator("#my-hint")).get_by_role("button", name="Save").click()
    expect(teacher.tool.get_by_role("article").filter(has_text="a mythical prince")).to_have_count(1)
    student = somebody()
    student.open()
    student.go("A capital")
    student.press("I am stuck")
    student.says("It is also a mythical prince of Troy.")


def test_a_reported_text_waits_for_the_teacher_who_keeps_it(teacher: Visit, student: Visit) -> None:
    student.go("Even numbers")
    student.answer("Even numbers")
    text = student.tool.locator(".peer .text").inner_text()
    student.tool.get_by_text("Report this text").click()
    student.tool.get_by_label("What is wrong with it?").fill("It says nothing.")
    student.press("Report and hide")
    expect(student.tool.locator(".message[data-focus]")).to_be_visible()
    teacher.tab("Review")
    waits = teacher.tool.get_by_role("article").filter(has_text=text)
    expect(waits).to_contain_text("reported")
    expect(waits).to_contain_text("It says nothing.")
    waits.get_by_role("button", name=re.compile("^Keep it")).click()
    expect(waits).to_have_count(0)


def test_the_class_page_names_everybody_with_their_score_and_sends_scores_again(teacher: Visit) -> None:
    teacher.tab("Class")
    table = teacher.tool.get_by_role("table", name="Students")
    names = [f"Learner {number:02}" for number in range(1, CLASSMATES + 1)]
    for name in names:
        expect(table.get_by_role("row", name=name)).to_contain_text("6/6")
    star = table.get_by_role("button", name=f"Star student: {names[0]}")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    teacher.press("Send all scores again")
    teacher.says("The scores are in the queue.")


def test_problems_are_written_moved_and_taken_along_as_a_file(teacher: Visit) -> None:
    teacher.tab("Problems")
    teacher.tool.get_by_role("link", name="Write: Number").click()
    expect(teacher.heading).to_have_text("New problem")
    teacher.tool.get_by_label("Name").fill("Twice two")
    teacher.tool.get_by_label("Question").fill("What is \\(2 \\cdot 2\\)?")
    teacher.tool.get_by_label("Correct number").fill("4")
    teacher.press("Save")
    teacher.says("Saved. The problem is at the end of the list.")
    row = teacher.tool.get_by_role("table").get_by_role("row").last
    expect(row).to_contain_text("Twice two")
    with teacher.page.expect_download() as download:
        teacher.tool.get_by_role("link", name="GIFT").click()
    assert download.value.suggested_filename == "problems.gift"
    assert "::Twice two::" in Path(download.value.path()).read_text(encoding="utf-8")
    row.get_by_role("link", name="Twice two").click()
    teacher.tool.get_by_text("Remove this problem …").click()
    teacher.press("Remove it")
    teacher.says("Removed. What students answered is kept.")
    expect(teacher.tool.get_by_role("table")).not_to_contain_text("Twice two")
