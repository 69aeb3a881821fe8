"""Texts that wait, that are reported, that are hidden: in a real browser, by keyboard alone, at 320 px, for axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.test_everybody import examine
from tests.e2e.test_keyboard import before_the_frame, tab_to
from tests.e2e.test_narrow import WIDTH, measure
from tests.e2e.test_questions import ask, card
from tests.e2e.visits import Open, Visit

pytestmark = pytest.mark.xdist_group("browser")

Shared = Callable[..., str]


def mine_alone(teacher: Visit, *titles: str) -> None:
    """The house is one course for all tests: whatever else waits in its queue comes before or after these."""
    for title in titles:
        expect(teacher.tool.locator("article.case", has_text=title)).to_be_visible()


def test_a_teacher_clears_the_queue_by_keys_alone(somebody: Open, teacher: Visit, shared: Shared) -> None:
    title = shared("questions", moderation="after_teacher")
    askers = [somebody() for _ in range(3)]  # each of them new: who was approved once comes after all who were not
    for visit, question in zip(askers, ("First of three?", "Second of three?", "Third of three?"), strict=True):
        visit.open(title)
        ask(visit, question)
    asker = askers[1]
    teacher.page.bring_to_front()
    teacher.open(title)
    before_the_frame(teacher)
    tab_to(teacher, teacher.tool.get_by_role("link", name="Review", exact=True))
    press = teacher.page.keyboard.press
    press("Enter")
    expect(teacher.heading).to_have_text("Texts that wait for you")
    mine_alone(teacher, "First of three?", "Second of three?", "Third of three?")
    cases = teacher.tool.locator("article.case")
    waiting = cases.count()

    press("a")  # outside the list the keys mean nothing
    expect(cases).to_have_count(waiting)
    first = cases.filter(has_text="First of three?")
    before_the_frame(teacher)
    tab_to(teacher, first.get_by_role("button").first)
    press("j")
    expect(cases.filter(has_text="Second of three?")).to_be_focused()
    press("k")
    expect(first).to_be_focused()
    press("a")
    expect(first).to_have_count(0)
    expect(teacher.tool.locator("#said")).to_contain_text("Done: approved.")
    second = cases.filter(has_text="Second of three?")
    expect(second).to_be_focused()  # the one that took its place
    examine(teacher.page, teacher.frame, "the queue")
    tab_to(teacher, second.locator("summary").first)
    press("Enter")
    press("Tab")
    teacher.page.keyboard.type("axe: a word with all the keys")  # letters in a box are letters
    expect(second.get_by_label("What its author reads")).to_have_value("axe: a word with all the keys")
    press("Enter")
    expect(second).to_have_count(0)
    expect(cases.filter(has_text="Third of three?")).to_be_focused()
    press("x")
    expect(cases.filter(has_text="of three?")).to_have_count(0)

    asker.page.bring_to_front()
    asker.tool.get_by_role("link", name="My texts").click()
    asker.says("axe: a word with all the keys")
    examine(asker.page, asker.frame, "my texts")
    asker.page.set_viewport_size({"width": WIDTH, "height": 640})
    measure(asker.frame, "my texts")
    teacher.page.set_viewport_size({"width": WIDTH, "height": 640})
    teacher.tool.get_by_role("link", name="All decisions so far").click()
    teacher.says("axe: a word with all the keys")
    examine(teacher.page, teacher.frame, "the decisions")
    measure(teacher.frame, "the decisions")


def test_hints_come_while_typing_and_what_was_typed_stays(somebody: Open, shared: Shared, errors: list[str]) -> None:
    visit = somebody()
    visit.open(shared("questions", contact="Ms Li in room 3"))
    visit.tool.get_by_label("Your question, in one sentence").fill("Who knows this?")
    more = visit.tool.get_by_label("More about it")
    more.press_sequentially("Call me: 555-234-5678")
    hints = visit.tool.locator("#hints-more")
    expect(hints).to_contain_text("“555-234-5678” looks like a telephone number")
    expect(more).to_be_focused()
    examine(visit.page, visit.frame, "hints")
    visit.press("Ask")
    expect(visit.tool.locator("#notice")).to_contain_text("Save it all the same")
    expect(more).to_have_value("Call me: 555-234-5678")
    (refused,) = errors  # Chromium's own line about the answer that asked
    assert "422" in refused
    errors.clear()
    hints.get_by_label("Save it all the same").check()
    visit.press("Ask")
    expect(visit.tool.locator(".message[data-focus]")).to_contain_text("Saved")
    visit.tool.locator("details.ask summary").click()
    more.fill("I want to die.")
    expect(hints).to_contain_text("Ms Li in room 3")
    visit.page.set_viewport_size({"width": WIDTH, "height": 640})
    measure(visit.frame, "hints")


def test_a_reported_text_goes_at_once_and_the_reader_is_told(somebody: Open, teacher: Visit, shared: Shared) -> None:
    title = shared("questions", anonymity="named", hold_at=1)
    author, reader = somebody(), somebody()
    for visit in (author, reader):
        visit.open(title)
    ask(author, "Is this a fine thing to ask?")
    reader.page.bring_to_front()
    card(reader, "Is this a fine thing to ask?").get_by_role("link").click()
    report = reader.tool.get_by_text("Report this text")
    tab_to(reader, reader.tool.locator("details.report summary").first)
    expect(report.first).to_be_visible()
    reader.page.keyboard.press("Enter")
    reader.page.keyboard.press("Tab")
    reader.page.keyboard.type("It is rude.")
    reader.page.keyboard.press("Enter")
    told = reader.tool.locator("[data-text] > .message")
    expect(told).to_be_focused()
    expect(told).to_contain_text("You will not see this text again")
    expect(reader.tool.locator("#said")).to_contain_text("Reported.")

    author.page.bring_to_front()
    author.tool.get_by_role("link", name="My texts").click()
    author.says("Several people reported it")
    author.tool.get_by_text("Ask your teacher to look again").click()
    author.tool.get_by_label("Why should classmates see it?").fill("It is about chapter 2.")
    author.press("Send")
    author.says("Your teacher has not answered yet")
    teacher.page.bring_to_front()
    teacher.open(title)
    teacher.tool.get_by_role("link", name="Review", exact=True).click()
    case = teacher.tool.locator("article.case", has_text="Is this a fine thing to ask?")
    expect(case).to_contain_text("It is about chapter 2.")
    examine(teacher.page, teacher.frame, "an appeal")
    teacher.page.set_viewport_size({"width": WIDTH, "height": 640})
    measure(teacher.frame, "an appeal")
    case.get_by_text("More", exact=True).click()
    case.get_by_role("link", name="Remove personal data from it …").click()
    expect(teacher.heading).to_have_text("Remove personal data")
    examine(teacher.page, teacher.frame, "redaction")
    measure(teacher.frame, "redaction")
    teacher.tool.get_by_role("link", name="Back to the review").click()
    case.get_by_role("button", name="Show it again: Is this a fine thing to ask?").click()
    expect(case).to_have_count(0)
    expect(teacher.tool.locator("#said")).to_contain_text("Done:")


def test_an_unknown_author_asks_for_a_second_look_with_the_receipt(somebody: Open, shared: Shared) -> None:
    title = shared("questions", anonymity="anonymous", hold_at=1)
    author, reader = somebody(), somebody()
    for visit in (author, reader):
        visit.open(title)
    author.page.bring_to_front()
    ask(author, "May one ask this?")
    receipt = author.tool.locator(".message code").inner_text()
    examine(author.page, author.frame, "a receipt")
    author.page.set_viewport_size({"width": WIDTH, "height": 640})
    measure(author.frame, "a receipt")
    reader.page.bring_to_front()
    card(reader, "May one ask this?").get_by_role("link").click()
    reader.tool.get_by_text("Report this text").first.click()
    reader.press("Report and hide")
    reader.says("You will not see this text again")

    author.page.bring_to_front()
    author.tool.get_by_role("link", name="My texts").click()
    author.tool.get_by_label("Receipt of a text").fill(receipt.lower())
    author.page.keyboard.press("Enter")
    found = author.tool.locator("article", has_text="May one ask this?")
    expect(found).to_be_focused()
    expect(found).to_contain_text("Several people reported it")
    found.get_by_text("Ask your teacher to look again").click()
    found.get_by_label("Why should classmates see it?").fill("It is about chapter 2.")
    examine(author.page, author.frame, "what a receipt shows")
    measure(author.frame, "what a receipt shows")
    author.press("Send")
    author.says("Your teacher has not answered yet")


def test_a_teacher_lets_an_answer_be_seen_where_it_stands(somebody: Open, teacher: Visit, shared: Shared) -> None:
    title = shared("questions", moderation="after_teacher")
    asker = somebody()
    asker.open(title)
    ask(asker, "What is a waiting answer?")
    teacher.page.bring_to_front()
    teacher.open(title)
    card(teacher, "What is a waiting answer?").get_by_role("link").click()
    said = teacher.tool.locator(".message[data-focus]")
    approve = teacher.tool.get_by_role("button", name="Approve: What is a waiting answer?")
    examine(teacher.page, teacher.frame, "a question that waits")
    before_the_frame(teacher)
    tab_to(teacher, approve)
    teacher.page.keyboard.press("Enter")
    expect(said).to_be_focused()
    expect(said).to_contain_text("Done: approved.")
    expect(approve).to_have_count(0)
    asker.page.bring_to_front()
    card(asker, "What is a waiting answer?").get_by_role("link").click()
    asker.tool.get_by_text("Comment", exact=True).first.click()
    asker.tool.get_by_label("Your comment on the question").fill("I mean one like " + "this " * 20)
    asker.press("Send the comment")
    teacher.page.bring_to_front()
    teacher.page.set_viewport_size({"width": WIDTH, "height": 640})
    teacher.tool.get_by_role("link", name="All questions").click()
    card(teacher, "What is a waiting answer?").get_by_role("link").click()
    teacher.tool.get_by_text("with a reason").first.click()
    teacher.tool.get_by_label("What its author reads").fill("Say which one.")
    examine(teacher.page, teacher.frame, "a comment that waits")
    measure(teacher.frame, "a comment that waits")
    teacher.page.keyboard.press("Enter")
    expect(said).to_contain_text("Done: taken out.")
