"""The gallery before a class: slides by keys, on paper, on a phone; its teacher's pages; its archive for strangers."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PIL import ImageDraw
from playwright.sync_api import Browser, Page, expect

from core.activities import talking_points
from core.problems.images import clean_image
from core.problems.kinds import Image
from heirloom import clock
from tests.core.activities.gallery_hall import Gallery
from tests.e2e.class_at_work import Place
from tests.e2e.test_everybody import examine
from tests.e2e.test_narrow import WIDTH, measure
from tests.e2e.visits import Visit

pytestmark = pytest.mark.xdist_group("browser")

TITLES = ("A dentist's poster", "Only three left!", "Everybody has signed")
WORDS = "Ninety-nine neighbours have signed already, says the leaflet. Will you be the only one who does not?"


def poster(title: str) -> Image:
    """A picture of its own for each title."""
    canvas = Pillow.new("RGB", (900, 600), "#d8e4f2")
    ImageDraw.Draw(canvas).text((60, 240), title, fill="#123", font_size=72)
    data = io.BytesIO()
    canvas.save(data, "PNG")
    clean = clean_image(data.getvalue())
    return Image("poster.png", clean.mime, clean.width, clean.height, clean.data)


@pytest.fixture
def gallery(place: Place, shared: Callable[..., str]) -> tuple[str, Gallery]:
    """A gallery with three talking points, tags that the class agrees on, and an open archive. Gives its title, too."""
    title = shared("gallery")
    gallery = Gallery.found(place.database, title, clock.now())
    authority, scarcity = gallery.tag("Authority"), gallery.tag("Scarcity")
    gallery.open_archive()
    for number, name in enumerate(TITLES):
        item = gallery.item(
            gallery.students[number],
            name,
            picture=poster(name) if number < 2 else None,
            body=WORDS if number == 2 else "",
            url=None,
        )
        gallery.agree(gallery.students[number], item)
        gallery.publish(item)
        gallery.do(talking_points.pick, gallery.teacher, item)
        gallery.say(item, authority, *gallery.students[3:8], applies=number == 0)
        gallery.say(item, scarcity, *gallery.students[3:8], applies=number == 1)
    return title, gallery


def talking(teacher: Visit, title: str) -> None:
    teacher.open(title)
    teacher.tab("Talking points")


def showing(teacher: Visit, title: str) -> None:
    talking(teacher, title)
    teacher.tool.get_by_role("link", name="Show as slides").click()
    expect(teacher.tool.locator(".slide:visible")).to_have_count(1)


def is_at(teacher: Visit, number: int) -> None:
    """One slide is seen, has the focus, and says which it is."""
    slide = teacher.tool.get_by_role("group", name=f"{number} of 3: {TITLES[number - 1]}")
    expect(teacher.tool.locator(".slide:visible")).to_have_count(1)
    expect(slide).to_be_focused()
    expect(teacher.tool.locator("[data-slide-place]")).to_have_text(f"{number} of 3")


def test_slides_turn_by_keys(teacher: Visit, gallery: tuple[str, Gallery]) -> None:
    showing(teacher, gallery[0])
    is_at(teacher, 1)
    for key, number in (
        ("ArrowRight", 2), ("Space", 3), ("ArrowRight", 3), ("Shift+Space", 2), ("Home", 1), ("ArrowLeft", 1),
        ("End", 3), ("PageUp", 2), ("PageDown", 3), ("Home", 1),
    ):  # fmt: skip
        teacher.page.keyboard.press(key)
        is_at(teacher, number)
    expect(teacher.tool.locator(".slide:visible img")).to_have_js_property("complete", True)
    seen = teacher.tool.locator(".slide:visible .slide-how")
    expect(seen).to_be_hidden()
    teacher.page.keyboard.press("r")
    expect(seen).to_be_visible()
    expect(teacher.tool.get_by_text("Authority: 5 yes, 0 no", exact=True)).to_be_visible()
    expect(teacher.tool.locator("#said")).to_contain_text("5 yes, 0 no")
    teacher.page.keyboard.press("r")
    expect(seen).to_be_hidden()
    teacher.press("Next")
    expect(teacher.tool.get_by_role("button", name="Next")).to_be_focused()  # who clicks goes on clicking
    expect(teacher.tool.locator("#said")).to_have_text(f"2 of 3: {TITLES[1]}")
    teacher.page.keyboard.press("Space")  # on a button it is the button's own key
    expect(teacher.tool.locator("[data-slide-place]")).to_have_text("3 of 3")
    teacher.page.keyboard.press("Escape")
    expect(teacher.heading).to_have_text("Talking points")


def test_a_slide_a_page_on_paper(browser: Browser, teacher: Visit, gallery: tuple[str, Gallery]) -> None:
    showing(teacher, gallery[0])
    alone = on_its_own(browser, teacher)
    expect(alone.locator(".slide:visible")).to_have_count(1)
    printed = alone.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 3
    sizes = {tuple(map(float, found.split())) for found in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", printed)}
    assert all(width > height for _, _, width, height in sizes)
    alone.context.close()


def on_its_own(browser: Browser, visit: Visit) -> Page:
    """The tool's page in a window of its own, as its script opens it: with the token in the history entry."""
    token = visit.frame.evaluate("history.state.token")
    page = browser.new_context(viewport={"width": 1000, "height": 700}).new_page()
    page.goto(visit.frame.url)
    page.evaluate("token => history.replaceState({ token }, '', location.pathname)", token)
    page.reload()
    return page


def test_swiping_turns_a_slide(browser: Browser, teacher: Visit, gallery: tuple[str, Gallery]) -> None:
    showing(teacher, gallery[0])
    swipe = """(slides, [from, to]) => {
      const touch = (x) => new Touch({ identifier: 1, target: slides, clientX: x, clientY: 300 });
      const at = (name, x) => slides.dispatchEvent(new TouchEvent(name, {
        bubbles: true, touches: name === "touchend" ? [] : [touch(x)], changedTouches: [touch(x)] }));
      at("touchstart", from); at("touchend", to);
    }"""
    slides = teacher.tool.locator("[data-slides]")
    for way, number in (([300, 100], 2), ([300, 280], 2), ([100, 300], 1)):
        slides.evaluate(swipe, way)
        expect(teacher.tool.locator("[data-slide-place]")).to_have_text(f"{number} of 3")


def test_the_teachers_pages_are_for_all_and_fit_a_phone(teacher: Visit, gallery: tuple[str, Gallery]) -> None:
    def look(name: str) -> None:
        teacher.page.set_viewport_size({"width": WIDTH, "height": 640})
        measure(teacher.frame, name)
        teacher.page.set_viewport_size({"width": 1000, "height": 900})
        examine(teacher.page, teacher.frame, name)

    talking(teacher, gallery[0])
    look("talking points")
    teacher.press(f"Move “{TITLES[0]}” down")
    expect(teacher.tool.get_by_role("button", name=f"Move “{TITLES[0]}” down")).to_be_focused()
    teacher.tool.get_by_role("link", name="Show as slides").click()
    expect(teacher.tool.locator(".slide:visible")).to_have_count(1)
    teacher.page.keyboard.press("r")
    look("a slide")
    teacher.page.keyboard.press("Escape")
    teacher.tab("Exam questions")
    look("exam questions")
    teacher.tool.get_by_role("link", name=TITLES[0]).click()
    expect(teacher.heading).to_have_text(TITLES[0])
    teacher.tool.get_by_label("Text that is shown").fill("Nine of ten dentists")
    teacher.tool.get_by_role("group", name="Authority").get_by_label("right", exact=True).check()
    teacher.tool.get_by_role("group", name="Scarcity").get_by_label("wrong", exact=True).check()
    teacher.tool.get_by_label("To choose from: graded by itself").check()
    teacher.press("Preview")
    expect(teacher.tool.get_by_role("heading", name="Preview")).to_be_focused()
    look("a question and its preview")
    teacher.press("Put into the bank")
    teacher.says("Saved. The question is in the course's problem bank.")
    teacher.tab("Public archive")
    teacher.tool.get_by_text("What the archive says of itself").click()
    teacher.tool.get_by_text("Read it as it would be shown").first.click()
    expect(teacher.tool.locator(".look .item-facts")).to_be_visible()
    look("the public archive")


def test_a_stranger_reads_the_archive_and_a_folder_of_it(
    browser: Browser, place: Place, teacher: Visit, gallery: tuple[str, Gallery], errors: list[str], tmp_path: Path
) -> None:
    teacher.open(gallery[0])
    teacher.tab("Public archive")
    address = teacher.tool.locator('a[target="_blank"]').get_attribute("href")
    with teacher.page.expect_download() as downloaded:
        teacher.tool.get_by_role("link", name="Download it as a website").click()
    context = browser.new_context(viewport={"width": WIDTH, "height": 640})
    page = context.new_page()
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    with zipfile.ZipFile(downloaded.value.path()) as box:
        box.extractall(tmp_path)
    (front,) = tmp_path.glob("*/index.html")
    for start in (str(address), front.as_uri()):
        page.goto(start)
        expect(page.get_by_role("heading", level=1)).to_have_text("Persuasion around us")
        measure(page.main_frame, start)
        page.set_viewport_size({"width": 1000, "height": 900})
        if start == address:
            examine(page, page.main_frame, start)
        page.get_by_role("link", name=TITLES[0]).click()
        expect(page.locator("article img")).to_have_js_property("naturalWidth", 900)
        page.set_viewport_size({"width": WIDTH, "height": 640})
        measure(page.main_frame, start)
        if start == address:
            examine(page, page.main_frame, start)
        page.get_by_role("link", name="Authority").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Authority")
    context.close()
