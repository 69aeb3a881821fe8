"""Questions in a real browser: by keyboard alone, two people at once, in a hall, at 320 px, for axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.test_everybody import examine
from tests.e2e.test_keyboard import tab_to
from tests.e2e.test_narrow import WIDTH, measure
from tests.e2e.visits import Open, Visit

pytestmark = pytest.mark.xdist_group("browser")

ASKED = "What is the difference between mitosis and meiosis?"
Shared = Callable[..., str]


def ask(visit: Visit, title: str, more: str = "") -> None:
    """With the mouse, from the wall."""
    form = visit.tool.locator("details.ask")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    visit.tool.get_by_label("Your question, in one sentence").fill(title)
    visit.tool.get_by_label("More about it").fill(more)
    visit.press("Ask")
    expect(visit.tool.locator(".message[data-focus]")).to_be_focused()


def card(visit: Visit, title: str) -> Locator:
    return visit.tool.locator(".card", has=visit.tool.get_by_role("link", name=title, exact=True))


def test_two_people_ask_vote_and_answer_by_keyboard_and_each_sees_the_other(somebody: Open, shared: Shared) -> None:
    title = shared("questions", anonymity="named")
    asker, other = somebody(), somebody()
    for visit in (asker, other):
        visit.open(title)
    other.says("Nobody has asked anything yet")
    press = asker.page.keyboard.press
    box = asker.tool.get_by_label("Your question, in one sentence")
    asker.heading.focus()
    tab_to(asker, box)
    asker.page.keyboard.type(ASKED)
    tab_to(asker, asker.tool.get_by_role("button", name="Ask", exact=True))
    press("Enter")
    expect(asker.tool.locator(".message[data-focus]")).to_be_focused()
    expect(asker.tool.locator("#said")).to_have_text("Saved. Classmates can see it now.")
    expect(box).to_have_value("")

    vote = other.tool.get_by_role("button", name=f"Vote for “{ASKED}”, 0 votes")
    expect(vote).to_be_visible()  # by itself: nobody loaded the page again
    other.tool.locator("details.ask summary").focus()
    tab_to(other, vote)
    other.page.keyboard.press("Enter")
    voted = other.tool.get_by_role("button", name=f"Vote for “{ASKED}”, 1 vote", pressed=True)
    expect(voted).to_be_focused()
    other.page.keyboard.press("Tab")
    other.page.keyboard.press("Enter")
    expect(other.heading).to_have_text(ASKED)
    answer = other.tool.get_by_label("Your answer")
    tab_to(other, answer)
    other.page.keyboard.type("Mitosis makes two cells that are alike, meiosis four that are not.")
    tab_to(other, other.tool.get_by_role("button", name="Answer", exact=True))
    other.page.keyboard.press("Enter")
    expect(other.tool.locator(".message[data-focus]")).to_be_focused()

    expect(card(asker, ASKED)).to_contain_text("1 answer")
    expect(card(asker, ASKED).locator(".vote.counted")).to_contain_text("1 vote")


def test_similar_questions_come_while_one_types_and_can_be_voted_for(somebody: Open, shared: Shared) -> None:
    title = shared("questions")
    asker, other = somebody(), somebody()
    asker.open(title)
    ask(asker, ASKED)
    other.open(title)
    other.tool.locator("details.ask summary").click()
    other.tool.get_by_label("Your question, in one sentence").press_sequentially("how do meiosis and mitosis differ")
    near = other.tool.locator("#similar")
    expect(near).to_contain_text("1 question is much like yours.")
    expect(other.tool.locator("#said")).to_have_text("1 question is much like yours.")
    near.get_by_role("button").click()
    expect(near.get_by_role("button", pressed=True)).to_be_visible()
    expect(other.tool.get_by_label("Your question, in one sentence")).to_have_value("how do meiosis and mitosis differ")


def test_a_teacher_leads_the_hall_by_letters(somebody: Open, teacher: Visit, shared: Shared) -> None:
    title = shared("questions", moderation="after_teacher")
    student = somebody()
    student.open(title)
    for asked in (ASKED, "When is the exam?", "Who is the narrator?"):
        ask(student, asked)
    teacher.open(title)
    teacher.tool.get_by_role("link", name="Large, for a lecture hall").click()
    press = teacher.page.keyboard.press
    queue, open_ = (teacher.tool.locator("#hall .sides > div").nth(place) for place in (1, 0))
    first = queue.locator("[data-item]").first
    first.focus()
    press("j")
    expect(queue.locator("[data-item]").nth(1)).to_be_focused()
    press("k")
    for left in (2, 1):
        press("a")
        expect(queue.locator("[data-item]")).to_have_count(left)
        expect(queue.locator("[data-item]").first).to_be_focused()
    press("h")
    expect(queue).to_contain_text("Nothing waits.")
    expect(open_.locator("[data-item]")).to_have_count(2)
    open_.locator("[data-item]").first.focus()
    press("p")
    expect(open_.locator("[data-item]").first).to_contain_text("pinned")
    expect(open_.locator("[data-item]").first).to_be_focused()
    press("d")
    expect(open_).to_contain_text("1 is answered or closed.")
    student.page.reload()
    student.arrived()
    student.tool.get_by_role("link", name="Unanswered").click()
    expect(student.tool.locator("#wall .card")).to_have_count(1)


def test_every_page_fits_and_axe_finds_nothing(somebody: Open, teacher: Visit, shared: Shared) -> None:
    title = shared("questions", anonymity="named", points=10, credit_question=1, credit_answer=2)
    asker, other = somebody(), somebody()
    asker.open(title)
    check(asker, "empty wall")
    ask(asker, ASKED, "I know that $2n$ has to do with it, and `DNA`.")
    other.open(title)
    other.tool.get_by_role("link", name=ASKED).click()
    other.tool.get_by_label("Your answer").fill("Mitosis makes two cells that are alike, meiosis four that are not.")
    other.press("Answer")
    expect(other.tool.locator(".message[data-focus]")).to_be_focused()
    check(other, "question")
    for visit in (teacher, asker):
        visit.open(title)
        check(visit, "wall")
        visit.tool.get_by_role("link", name="Large, for a lecture hall").click()
        expect(visit.tool.locator("#hall")).to_be_visible()
        check(visit, "hall")
        visit.tool.get_by_role("link", name="Leave the hall").click()
        visit.tool.get_by_role("link", name=ASKED).click()
        expect(visit.heading).to_have_text(ASKED)
        check(visit, "question")


def check(visit: Visit, name: str) -> None:
    """One page, all of it open: axe, then at 320 px."""
    visit.frame.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    examine(visit.page, visit.frame, name)
    visit.page.set_viewport_size({"width": WIDTH, "height": 640})
    measure(visit.frame, name)
    visit.page.set_viewport_size({"width": 1000, "height": 900})
