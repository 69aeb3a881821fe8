"""Polls in a browser: without a mouse, in the hall that shows votes by itself, on a phone, in both directions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.test_everybody import examine
from tests.e2e.test_keyboard import tab_to
from tests.e2e.test_narrow import WIDTH, measure
from tests.e2e.visits import Open, Visit

pytestmark = pytest.mark.xdist_group("browser")

# texts that lie on one another, and texts that leave their picture
CROWDED = """() => {
  const picture = [...document.querySelectorAll("svg.cloud")].find((svg) => svg.checkVisibility());
  const around = picture.getBoundingClientRect();
  const ink = ({ left, right, top, bottom, height: h }) =>
    ({ left, right, top: top + .2 * h, bottom: bottom - .2 * h });
  const texts = [...picture.querySelectorAll("text")].map((it) => [it.textContent, ink(it.getBoundingClientRect())]);
  const found = [];
  texts.forEach(([one, a], place) => {
    if (a.left < around.left - 1 || a.right > around.right + 1 || a.top < around.top) found.push(one + " leaves");
    texts.slice(0, place).forEach(([other, b]) => {
      const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
      if (!apart) found.push(one + " on " + other);
    });
  });
  return found;
}"""


@pytest.fixture
def desk(teacher: Visit, shared: Callable[..., str]) -> tuple[Visit, str]:
    """The teacher in a new activity of polls, and its title."""
    title = shared("poll")
    teacher.open(title)
    return teacher, title


def make(teacher: Visit, kind: str, **fields: str) -> None:
    """Make a poll and open it, by its form."""
    if teacher.tool.get_by_role("link", name="All polls").count():
        teacher.tool.get_by_role("link", name="All polls").click()
    teacher.tool.get_by_role("link", name=kind, exact=True).click()
    expect(teacher.heading).to_have_text(kind)
    for label, value in fields.items():
        teacher.tool.locator(f"#f-{label}").fill(value)
    teacher.tool.get_by_label("At once").check()
    teacher.tool.get_by_role("button", name="Save and open now").click()
    expect(teacher.heading).to_have_text(fields["prompt"])


def test_a_poll_from_its_first_word_to_the_hall_without_a_mouse(desk: tuple[Visit, str], somebody: Open) -> None:
    """The teacher makes, opens, shows and closes it by keyboard, a student answers by keyboard; the hall shows it."""
    teacher, title = desk
    press = teacher.page.keyboard.press
    tab_to(teacher, teacher.tool.get_by_role("link", name="Ranking", exact=True))
    press("Enter")
    expect(teacher.heading).to_be_focused()
    tab_to(teacher, teacher.tool.locator("#f-prompt"))
    teacher.page.keyboard.type("What first?")
    tab_to(teacher, teacher.tool.locator("#f-options"))
    teacher.page.keyboard.type("Read\nTalk\nWrite")
    tab_to(teacher, teacher.tool.get_by_role("button", name="Save and open now"))
    press("Enter")
    expect(teacher.heading).to_have_text("What first?")
    tab_to(teacher, teacher.tool.get_by_role("link", name="Show in the hall"))
    press("Enter")
    expect(teacher.tool.locator(".tally")).to_have_text("0 answers")
    expect(teacher.heading).to_be_focused()
    press("r")  # the results are shown: keys work because the focus is in the hall
    expect(teacher.tool.get_by_text("Nobody has answered yet.")).to_be_visible()

    student = somebody()
    student.open(title)
    student.page.bring_to_front()
    student.heading.focus()
    tab_to(student, student.tool.get_by_role("button", name="Place: Talk"))
    for option in ("Talk", "Write", "Read"):  # the focus goes on to the next one that can be placed
        expect(student.tool.get_by_role("button", name=f"Place: {option}")).to_be_focused()
        student.page.keyboard.press("Enter")
    up = student.tool.get_by_role("button", name="Move up: Read")
    expect(student.tool.locator("#said")).to_have_text("Read: place 3 of 3.")
    expect(up).to_be_focused()
    student.page.keyboard.press("Enter")
    expect(up).to_be_focused()
    expect(student.tool.locator("#said")).to_have_text("Read: place 2 of 3.")
    tab_to(student, student.tool.get_by_role("button", name="Answer", exact=True))
    student.page.keyboard.press("Enter")
    said = student.tool.locator("[data-say]")
    expect(said).to_contain_text("Saved.")
    expect(said).to_be_focused()

    teacher.page.bring_to_front()
    expect(teacher.tool.locator("table.ranked tbody tr").first).to_contain_text("Talk")  # without a reload
    expect(teacher.tool.locator(".tally")).to_have_text("1 answer")
    teacher.heading.focus()
    press("c")
    expect(teacher.tool.locator(".tally")).to_contain_text("closed")


def listed(visit: Visit) -> list[list[str]]:
    """The order as it stands, and what is not placed."""
    lists = visit.tool.locator("[data-ranks-order], [data-ranks-rest]").all()
    return [one.locator("li label").all_inner_texts() for one in lists]


def drag(visit: Visit, option: str, onto: str) -> None:
    """Take an option by its handle and let it go on the upper half of another."""
    rows = visit.tool.locator("[data-rank]")
    grip = rows.filter(has_text=option).locator("[data-grip]").bounding_box()
    target = rows.filter(has_text=onto).bounding_box()
    assert grip
    assert target
    mouse = visit.page.mouse
    mouse.move(grip["x"] + 8, grip["y"] + grip["height"] / 2)
    mouse.down()
    mouse.move(target["x"] + 20, target["y"] + target["height"] / 2 + 6, steps=4)
    mouse.move(target["x"] + 20, target["y"] + 4, steps=2)


def test_a_ranking_is_put_in_order_by_buttons_or_by_dragging_on_a_phone(
    desk: tuple[Visit, str], somebody: Open
) -> None:
    teacher, title = desk
    make(teacher, "Ranking", prompt="What first?", options="Read\nTalk\nWrite\nDraw", places="3")
    student = somebody()
    student.page.set_viewport_size({"width": WIDTH, "height": 900})
    student.open(title)
    assert listed(student) == [[], ["Read", "Talk", "Write", "Draw"]]
    expect(student.tool.locator("select:visible")).to_have_count(0)
    for option in ("Draw", "Talk", "Read"):
        student.tool.get_by_role("button", name=f"Place: {option}").click()
    assert listed(student) == [["Draw", "Talk", "Read"], ["Write"]]
    expect(student.tool.get_by_role("button", name="Place: Write")).to_have_count(0)  # three places are all there are
    first = student.tool.get_by_role("button", name="Move up: Draw")
    expect(first).to_have_attribute("aria-disabled", "true")
    first.click(force=True)
    student.tool.get_by_role("button", name="Move down: Draw").click()
    assert listed(student) == [["Talk", "Draw", "Read"], ["Write"]]
    measure(student.frame, "a ranking")
    examine(student.page, student.frame, "a ranking")

    drag(student, "Write", onto="Talk")
    student.page.keyboard.press("Escape")
    student.page.mouse.up()
    assert listed(student) == [["Talk", "Draw", "Read"], ["Write"]]  # let go by Escape, nothing has moved
    drag(student, "Write", onto="Talk")
    student.page.mouse.up()
    assert listed(student) == [["Write", "Talk", "Draw"], ["Read"]]  # the last one made room
    expect(student.tool.locator("#said")).to_have_text("Write: place 1 of 3.")
    student.tool.get_by_role("button", name="Take out: Talk").click()
    expect(student.tool.get_by_role("button", name="Place: Talk")).to_be_focused()
    expect(student.tool.locator("#said")).to_have_text("Talk: no place.")
    student.tool.get_by_role("button", name="Place: Read").click()
    student.tool.get_by_role("button", name="Answer", exact=True).click()
    expect(student.tool.locator("[data-say]")).to_contain_text("Saved.")
    assert listed(student) == [["Write", "Draw", "Read"], ["Talk"]]  # as it was given, to be changed


def test_on_a_phone_every_kind_fits_and_axe_finds_nothing(desk: tuple[Visit, str], somebody: Open) -> None:
    teacher, title = desk
    make(teacher, "One choice", prompt="Which one?", options="A first long option of several words\nAnother")
    make(teacher, "Competence quiz", prompt="What can you do?", options="I can add\nI can explain it")
    make(teacher, "Number", prompt="How many?")
    make(teacher, "Open text", prompt="Why?")
    student = somebody()
    student.page.set_viewport_size({"width": WIDTH, "height": 640})
    student.open(title)
    measure(student.frame, "the list")
    for prompt in ("Which one?", "What can you do?", "How many?", "Why?"):
        student.tool.get_by_role("link", name=prompt, exact=True).click()
        expect(student.heading).to_have_text(prompt)
        measure(student.frame, prompt)
        for radio in student.tool.locator("fieldset").all():
            radio.get_by_role("radio").first.check()
        if prompt == "How many?":
            student.tool.locator("#value").fill("42")
        if prompt == "Why?":
            student.tool.locator("#entry").fill("Because it is so.")
        student.tool.get_by_role("button", name="Answer", exact=True).click()
        expect(student.tool.locator("#main")).to_contain_text("1 person has answered.")
        measure(student.frame, f"{prompt}, answered")
        examine(student.page, student.frame, f"{prompt}, answered")
        student.tool.get_by_role("link", name="All polls").click()
        expect(student.heading).to_have_text(title)
    for page in ("All polls", "Show in the hall"):
        teacher.tool.get_by_role("link", name=page).first.click()
        expect(teacher.tool.locator(".hall h1, ol.polls").first).to_be_visible()
        examine(teacher.page, teacher.frame, page)


def test_words_of_both_directions_lie_side_by_side_and_appear_by_themselves(
    desk: tuple[Visit, str], somebody: Open
) -> None:
    teacher, title = desk
    make(teacher, "Word cloud", prompt="In one word?")
    watching = somebody()
    watching.open(title)
    expect(watching.tool.get_by_text("Nobody has answered yet.")).to_be_visible()
    for words in (("العدالة الاجتماعية", "hope", "שלום"), ("Donaudampfschifffahrtsgesellschaft", "الأمل", "hope")):
        student = somebody()
        student.open(title)
        for place, word in enumerate(words, start=1):
            student.tool.get_by_label(f"Entry {place}").fill(word)
        student.tool.get_by_role("button", name="Answer", exact=True).click()
        expect(student.tool.locator("[data-say]")).to_contain_text("Saved.")
    watching.page.bring_to_front()
    expect(watching.tool.locator("#main")).to_contain_text("2 people have answered.")
    expect(watching.tool.locator("svg.cloud.roomy text")).to_have_count(5)
    assert watching.frame.evaluate(CROWDED) == []
    arabic = watching.tool.locator("svg.cloud.roomy text", has_text="العدالة")
    expect(arabic).to_have_attribute("direction", "rtl")
    watching.page.set_viewport_size({"width": WIDTH, "height": 640})
    expect(watching.tool.locator("svg.cloud.narrow")).to_be_visible()
    assert watching.frame.evaluate(CROWDED) == []
    measure(watching.frame, "the cloud")
    watching.tool.get_by_text("The same as a table").click()
    expect(watching.tool.get_by_role("row", name="hope 2")).to_be_visible()


def test_what_one_reads_stays_open_and_the_focus_stays_when_somebody_answers(
    desk: tuple[Visit, str], somebody: Open
) -> None:
    teacher, title = desk
    make(teacher, "Word cloud", prompt="In one word?")
    reader, writer = somebody(), somebody()

    def say(visit: Visit, word: str) -> None:
        visit.tool.get_by_label("Entry 1").fill(word)
        visit.page.keyboard.press("Enter")
        expect(visit.tool.locator("[data-say]")).to_contain_text("Saved.")

    reader.open(title)
    say(reader, "hope")
    reader.tool.get_by_text("The same as a table").click()
    reader.tool.get_by_text("Report: hope").click()
    reports = reader.tool.get_by_role("button", name="Report and hide")
    reports.focus()
    expect(teacher.tool.get_by_role("row", name="hope 1")).to_be_visible()
    teacher.tool.get_by_text("The same as a table").click()  # open for a teacher: closed, it stays closed
    summary = teacher.tool.locator("summary", has_text="The same as a table")
    expect(summary).to_be_focused()

    writer.open(title)
    writer.tool.get_by_label("Entry 1").fill("fear")
    writer.reload()
    expect(writer.tool.get_by_label("Entry 1")).to_have_value("fear")
    say(writer, "fear")
    for visit in (reader, teacher):
        visit.page.bring_to_front()
        expect(visit.tool.locator("#main")).to_contain_text("2 people have answered.")
    expect(reader.tool.get_by_role("row", name="hope")).to_be_visible()
    expect(reports).to_be_focused()
    expect(summary).to_be_focused()
    expect(teacher.tool.get_by_role("row", name="hope 1")).to_be_hidden()

    summary.click()
    teacher.tool.get_by_role("button", name="Hide: hope").focus()
    say(writer, "doubt")
    expect(teacher.tool.get_by_role("row", name="doubt 1")).to_be_visible()
    expect(teacher.tool.get_by_role("button", name="Hide: hope")).to_be_focused()
    teacher.tool.get_by_role("button", name="Hide: doubt").focus()
    say(writer, "courage")  # what had the focus is gone with the word
    expect(teacher.tool.get_by_role("row", name="courage 1")).to_be_visible()
    expect(teacher.tool.locator("[data-live]")).to_be_focused()


def test_words_that_are_kept_are_not_hidden(desk: tuple[Visit, str]) -> None:
    """What was typed into something that opens is there again after a reload, and open."""
    teacher, _ = desk
    make(teacher, "Open text", prompt="Why?")
    teacher.tool.get_by_text("Try it out").click()
    teacher.tool.locator("#entry").fill("Because it is so.")
    teacher.reload()
    expect(teacher.tool.locator("#entry")).to_be_visible()
    expect(teacher.tool.locator("#entry")).to_have_value("Because it is so.")
