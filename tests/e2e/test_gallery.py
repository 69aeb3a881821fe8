"""A gallery in a real browser: bringing, judging by keys, hearing of news; at 320 px, from right to left, for axe."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image as Pillow
from playwright.sync_api import expect

from heirloom import clock
from tests.core.activities.gallery_hall import Gallery
from tests.e2e.class_at_work import Place
from tests.e2e.test_everybody import examine
from tests.e2e.test_keyboard import tab_to
from tests.e2e.test_narrow import WIDTH, measure
from tests.e2e.visits import Open, Visit

pytestmark = pytest.mark.xdist_group("browser")

HOW = "It shows scarcity: only three are left, it says, and so one wants to have one before others do."
Shared = Callable[..., str]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture as a camera would make it, wider than a card."""
    out = io.BytesIO()
    Pillow.linear_gradient("L").resize((900, 600)).convert("RGB").save(out, "JPEG")
    path = tmp_path / "at home.jpg"
    path.write_bytes(out.getvalue())
    return path


def bring(visit: Visit, title: str, *, photo: Path | None = None, words: str = "") -> None:
    """From the wall, with the mouse."""
    visit.tool.get_by_role("link", name="Add something you found").click()
    expect(visit.heading).to_have_text("Something you found")
    visit.tool.get_by_label("Title").fill(title)
    if photo:
        visit.tool.get_by_label("A picture", exact=True).set_input_files(photo)
        visit.tool.get_by_label("What is to be seen in the picture?").fill("A shop window")
    else:
        visit.tool.get_by_label("A link").fill("https://shop.example/offer")
    visit.tool.get_by_label("Which idea does it show, and how?").fill(f"{title}: {HOW}")
    visit.tool.get_by_label("Other words for what it shows").fill(words)
    visit.press("Save")
    expect(visit.heading).to_have_text(title)


def test_an_item_is_brought_judged_by_keys_and_seen_by_the_teacher(
    somebody: Open, teacher: Visit, shared: Shared, photo: Path, errors: list[str]
) -> None:
    title = shared("gallery", anonymity="teacher", judgements="2")
    author, judge = somebody(), somebody()
    teacher.open(title)
    teacher.tool.get_by_role("link", name="Ideas and tags").click()
    teacher.tool.get_by_label("Add ideas of the course").fill("Scarcity\nAuthority")
    teacher.press("Add")
    teacher.says("New ideas: 2.")

    author.open(title)
    author.tool.get_by_role("link", name="Add something you found").click()
    author.tool.get_by_label("Title").fill("Only three left")
    author.tool.get_by_label("Which idea does it show, and how?").fill(HOW)
    author.press("Save")
    expect(author.tool.locator("#notice")).to_contain_text("There is nothing to see yet")
    expect(author.tool.get_by_label("Which idea does it show, and how?")).to_have_value(HOW)
    assert [line for line in errors if "422" not in line] == []  # the console names every refusal
    errors.clear()
    author.reload()  # what was refused is kept
    expect(author.tool.get_by_label("Title")).to_have_value("Only three left")
    expect(author.tool.get_by_label("Which idea does it show, and how?")).to_have_value(HOW)
    author.tool.get_by_label("A picture", exact=True).set_input_files(photo)
    author.tool.get_by_label("What is to be seen in the picture?").fill("A shop window")
    words = author.tool.get_by_label("Other words for what it shows")
    words.press_sequentially("shops, scarsi")
    author.tool.get_by_role("button", name="Scarcity").click()
    expect(words).to_be_focused()
    expect(words).to_have_value("shops, Scarcity, ")
    author.press("Save")
    expect(author.tool.locator(".message [data-focus], .message[data-focus]").first).to_be_focused()
    expect(author.tool.get_by_alt_text("A shop window")).to_have_js_property("naturalWidth", 900)
    author.tool.get_by_role("link", name="All items").click()
    author.tool.get_by_role("link", name="Add something you found").click()
    expect(author.tool.get_by_label("Which idea does it show, and how?")).to_have_value("")  # that draft has served

    judge.open(title)
    card = judge.tool.get_by_role("listitem").filter(has_text="Only three left")
    expect(card.get_by_alt_text("A shop window")).to_have_js_property("naturalWidth", 480)
    judge.heading.focus()
    tab_to(judge, judge.tool.get_by_role("link", name="Judge the next item"))
    judge.page.route("**/images/*", lambda route: None)  # it never comes
    judge.page.keyboard.press("Enter")
    expect(judge.heading).to_have_text("Only three left")
    shown = judge.tool.get_by_alt_text("A shop window")
    room = shown.bounding_box()
    assert room
    assert room["width"] / room["height"] == pytest.approx(1.5, abs=0.02)  # its place is kept meanwhile
    judge.page.unroute_all(behavior="ignoreErrors")
    for side, digit in (("To the point", "5"), ("Clear", "4"), ("Original", "2")):
        keys = judge.tool.get_by_role("group", name=side)
        tab_to(judge, keys.get_by_role("radio").first)
        judge.page.keyboard.press(digit)
        expect(keys.get_by_role("radio", checked=True)).to_have_value(digit)
    tab_to(judge, judge.tool.get_by_label("Scarcity"))
    judge.page.keyboard.press("Space")
    tab_to(judge, judge.tool.get_by_role("button", name="Save and go on"))
    judge.page.keyboard.press("Enter")
    expect(judge.heading).to_have_text("Nothing to judge now")
    expect(judge.tool.locator("#said")).to_have_text("Saved. Thank you: your judgement counts.")

    teacher.tool.get_by_role("link", name="All items").click()
    teacher.tool.get_by_role("link", name="What the class thinks").click()
    row = teacher.tool.get_by_role("row").filter(has_text="Only three left")
    expect(row.get_by_role("img", name="What the class thinks of it")).to_be_visible()
    expect(row).to_contain_text("Scarcity")


def test_pictures_wait_until_they_are_near_and_news_do_not_take_the_place_of_anything(
    place: Place, somebody: Open, shared: Shared, photo: Path
) -> None:
    title = shared("gallery")
    author, reader = somebody(), somebody()
    author.open(title)
    bring(author, "Item 0", photo=photo)
    author.tool.get_by_role("link", name="All items").click()
    gallery = Gallery.found(place.database, title, clock.now())
    for number in range(1, 9):
        gallery.item(gallery.students[number], f"Item {number}", picture=None, body="Only three left!")
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url) if "/images/" in request.url else None)
    reader.page.set_viewport_size({"width": WIDTH, "height": 500})
    reader.open(title)
    expect(reader.tool.get_by_role("listitem").filter(has_text="Item 8")).to_be_visible()
    assert asked == []
    with reader.page.expect_request("**/images/*"):
        reader.tool.get_by_alt_text("A shop window").scroll_into_view_if_needed()
    expect(reader.tool.get_by_alt_text("A shop window")).to_have_js_property("naturalWidth", 480)
    assert len(asked) <= 1  # and once is enough

    before = reader.tool.get_by_role("heading", level=2).all_inner_texts()
    bring(author, "Brand new")
    expect(reader.tool.locator("[data-live]")).to_contain_text("One new item.", timeout=40_000)
    expect(reader.tool.locator("#said")).to_contain_text("One new item.")
    assert reader.tool.get_by_role("heading", level=2).all_inner_texts() == before
    reader.tool.get_by_role("link", name="Show the newest").click()
    expect(reader.tool.get_by_role("heading", level=2).first).to_have_text("Brand new")


def test_every_page_fits_reads_both_ways_and_has_nothing_for_axe(
    somebody: Open, teacher: Visit, shared: Shared, photo: Path
) -> None:
    title = shared("gallery", anonymity="named", judgements="1")
    author, judge = somebody(), somebody()
    teacher.open(title)
    for visit in (author, judge, teacher):
        visit.page.set_viewport_size({"width": WIDTH, "height": 640})
    for name in teachers_pages(teacher, empty=True):
        look(teacher, name)
    author.open(title)
    look(author, "empty wall")
    bring(author, "Averylongtitlewithoutanyspacethatwouldmakeapagewiderthanitsframe", photo=photo, words="shops")
    look(author, "own item")
    judge.open(title)
    for name in judges_pages(judge):
        look(judge, name)
    for name in teachers_pages(teacher):
        look(teacher, name)


def judges_pages(visit: Visit) -> Iterator[str]:
    yield "wall"
    visit.tool.get_by_role("link", name="Add something you made").click()
    expect(visit.heading).to_have_text("Something you made")
    yield "form"
    visit.tool.get_by_role("link", name="All items").click()
    visit.tool.get_by_role("link", name="Averylong").click()
    yield "item before judging"
    visit.tool.get_by_role("link", name="Judge the next item").click()
    yield "judging"
    visit.tool.get_by_role("group", name="Clear").get_by_role("radio").nth(3).check()
    visit.press("Save and go on")
    yield "nothing to judge"
    visit.tool.get_by_role("link", name="All items").first.click()
    visit.tool.get_by_role("link", name="Averylong").click()
    visit.tool.get_by_label("Your comment").fill("I saw it, too.")
    visit.press("Send")
    expect(visit.tool.locator(".item-comment")).to_contain_text("I saw it, too.")
    visit.tool.get_by_text("Say what it shows").click()
    yield "item after judging"


def teachers_pages(visit: Visit, *, empty: bool = False) -> Iterator[str]:
    visit.tool.get_by_role("link", name="Gallery", exact=True).click()
    yield "teacher's wall"
    visit.tool.get_by_role("link", name="What the class thinks").click()
    expect(visit.heading).to_have_text("What the class thinks")
    yield "beliefs"
    visit.tool.get_by_role("link", name="All items").click()
    visit.tool.get_by_role("link", name="Ideas and tags").click()
    expect(visit.heading).to_have_text("Ideas and tags")
    if not empty:
        visit.tool.locator(".tag-admin summary").first.click()
    yield "tags"
    visit.tool.get_by_role("link", name="All items").click()


def look(visit: Visit, name: str) -> None:
    """One page, both ways, by rule and by measure."""
    for direction in ("ltr", "rtl"):
        visit.frame.evaluate("(direction) => { document.documentElement.dir = direction; }", direction)
        measure(visit.frame, f"{name}, {direction}")
    visit.frame.evaluate("document.documentElement.dir = 'ltr'")
    examine(visit.page, visit.frame, name)
