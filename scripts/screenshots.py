"""Make the pictures in docs/pictures: run the demonstration, walk through it as a student and as the teacher, crop.

What they show is what `make demo` shows: real launches, the seeded class, its numbers. The days in them are today's.
"""

from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, FloatRect, FrameLocator, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.browser import FLAGS, find  # noqa: E402 - the repository is no installed package of this script's folder

PICTURES = ROOT / "docs" / "pictures"
ACTIVITY = "Algebra, chance and reading"
PROBLEM = "Three doors"
NEWCOMER = "Learner 20"  # has done nothing yet
COLOURS = 128  # flat pages need no more, and files stay small
MARGIN = 12


@contextmanager
def demonstration() -> Iterator[tuple[str, str]]:
    """A demo in a folder of its own; gives the addresses of the campus and of the channel."""
    with TemporaryDirectory(prefix="heirloom-pictures-", ignore_cleanup_errors=True) as folder:
        command = [sys.executable, "-m", "heirloom", "demo", "--directory", folder, "--port", "8600"]
        demo = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--campus-port", "8700", "--slack-port", "8800"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        try:
            yield addresses_of(demo)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(timeout=60)


def addresses_of(demo: subprocess.Popen[str]) -> tuple[str, str]:
    """What the demo prints when it is ready."""
    said = ""
    for line in demo.stdout or ():
        said += line
        if found := re.search(r"Open (http://\S+).*Slack:\s+(http://\S+)\s", said, re.DOTALL):
            return found[1], found[2]
    raise SystemExit(f"The demo did not start:\n{said}")


def window(browser: Browser, width: int) -> Page:
    """A window so high that no page has to scroll, with two points a pixel."""
    page = browser.new_page(
        viewport={"width": width, "height": 2000}, device_scale_factor=2, color_scheme="light", locale="en-GB"
    )
    page.emulate_media(reduced_motion="reduce")
    return page


def enter(page: Page, campus: str, button: str, *, student: str = "") -> None:
    """Into the first course, by the campus's front page."""
    page.goto(campus)
    card = page.locator(".card").first
    if student:
        card.get_by_label("Student").select_option(student)
    card.get_by_role("button", name=button).click()


def activity(page: Page, name: str = ACTIVITY) -> FrameLocator:
    """Open an activity; gives its frame once it is there."""
    page.get_by_role("link", name=name).click()
    tool = page.frame_locator("#tool")
    expect(tool.get_by_role("heading", level=1)).to_be_visible()
    return tool


def keep(name: str, page: Page, first: Locator, last: Locator) -> None:
    """The part of the page from one element to another, over the whole width of the tool, or of the campus."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)  # pictures and fonts have arrived
    top, bottom = first.bounding_box(), last.bounding_box()
    frame = (page.locator("#tool") if page.locator("#tool").count() else page.locator("body")).bounding_box()
    assert top
    assert bottom
    assert frame
    begin = max(top["y"] - MARGIN, frame["y"])
    clip: FloatRect = {
        "x": frame["x"],
        "y": begin,
        "width": frame["width"],
        "height": bottom["y"] + bottom["height"] + MARGIN - begin,
    }
    shot = Image.open(io.BytesIO(page.screenshot(clip=clip)))
    path = PICTURES / f"{name}.png"
    shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {shot.width} x {shot.height}, {path.stat().st_size // 1024} KB")


def as_student(browser: Browser, campus: str) -> None:
    """Answering, and rating a classmate's explanation."""
    page = window(browser, 760)
    enter(page, campus, "Open as student", student=NEWCOMER)
    tool = activity(page)
    tool.get_by_role("link", name=PROBLEM).click()
    expect(tool.locator(".katex").first).to_be_visible()
    tool.locator(".choice").nth(1).click()
    keep("student-answering", page, tool.locator(".top"), tool.get_by_role("button", name="I am stuck"))
    tool.get_by_role("button", name="Answer", exact=True).click()
    expect(tool.locator("#verdict")).to_be_visible()
    tool.locator(".keys label").nth(8).click()
    expect(tool.locator(".peer .saved")).to_have_text("Saved")
    keep("student-rating", page, tool.locator(".top"), tool.get_by_text("Report this text"))
    page.close()


def as_teacher(browser: Browser, campus: str) -> None:
    """A pool, the class, and the campus's gradebook."""
    page = window(browser, 1060)
    enter(page, campus, "Open as teacher")
    course = page.url
    tool = activity(page)
    tool.locator(".multiples").get_by_role("link", name=PROBLEM).click()
    texts = tool.locator("article.contender")
    expect(texts.first).to_be_visible()
    keep("pool", page, tool.locator("nav.tabs"), texts.nth(1))
    tool.get_by_role("link", name="Class", exact=True).click()
    rows = tool.get_by_role("table").get_by_role("row")
    expect(rows.first).to_be_visible()
    keep("class", page, tool.locator("nav.tabs"), rows.nth(14))
    page.set_viewport_size({"width": 760, "height": 2000})
    page.goto(f"{course}/gradebook")
    keep("campus-gradebook", page, page.locator("header"), page.get_by_role("row").nth(6))
    page.close()


def as_the_class(browser: Browser, campus: str) -> None:
    """What a class shares: its questions, its gallery, and how it moved between two polls."""
    page = window(browser, 760)
    enter(page, campus, "Open as student")
    course = page.url
    tool = activity(page, "Ask the class")
    cards = tool.locator("#wall .card")
    expect(cards.first).to_be_visible()
    keep("questions", page, tool.get_by_role("heading", level=1), cards.nth(5))
    page.goto(course)
    tool = activity(page, "Before and after")
    tool.get_by_role("link", name="And after the lesson?").click()
    expect(tool.get_by_role("heading", name="How the class moved")).to_be_visible()
    keep("poll-moved", page, tool.get_by_role("heading", level=1), tool.get_by_text("The same as a table").last)
    page.close()
    page = window(browser, 1060)
    enter(page, campus, "Open as teacher")
    tool = activity(page, "Numbers in the wild")
    cards = tool.locator(".exhibit-card")
    expect(cards.first).to_be_visible()
    keep("gallery", page, tool.locator("nav.tabs"), cards.nth(4))
    page.close()


def in_slack(browser: Browser, channel: str) -> None:
    """A few vote in the channel of the stand-in for Slack."""
    page = window(browser, 900)
    page.set_viewport_size({"width": 900, "height": 1000})
    page.goto(channel)
    answers = ("Conditional probability", "Completing the square", "Conditional probability", "How to read a diagram")
    for number, answer in zip((4, 5, 6, 8), answers, strict=True):
        page.get_by_label("You are").select_option(label=f"Learner {number:02}")
        page.get_by_text("# course").first.click()
        page.get_by_role("button", name=answer).first.click()
        expect(page.get_by_text("Saved.").last).to_be_visible()
    expect(page.get_by_text("People who have answered: 4.")).to_be_visible()
    question = page.get_by_role("heading", name="What shall we go through")
    keep("slack-poll", page, question, page.get_by_text("It is in your course, too").first)
    page.close()


def main() -> None:
    program = find()
    if program is None:
        raise SystemExit("No Chromium here. On Debian: sudo apt install chromium")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demonstration() as (campus, channel), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS)
        as_student(browser, campus)
        as_teacher(browser, campus)
        as_the_class(browser, campus)
        in_slack(browser, channel)
        browser.close()


if __name__ == "__main__":
    main()
