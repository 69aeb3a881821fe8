"""People in front of a browser: each opens the activity from the campus, as in life, and sees it in a frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

from tests.e2e.class_at_work import Place

PATIENCE = 20_000  # milliseconds; a busy machine is slow
TITLE = "Practice"
FRAME = "tool_content"
DRAWN = """() => new Promise((seen) => {
  requestAnimationFrame(() => requestAnimationFrame(seen));
  setTimeout(seen, 250);  // a frame that is scrolled out of sight draws nothing
})"""
RIGHT = {
    "Even numbers": ("eight", "twelve"),
    "A walk": "4 km/h",
    "A capital": "Paris",
    "A long sentence": "One thing after the other is easier to keep in mind.",
    "An odd one": ("nine",),
}  # all but the first problem, whose choices are formulas
NAMES = ("Squaring a sum", *RIGHT)
SQUARE = "x^2 + 6x + 9"
EXPLANATION = "The square of a sum has three parts: both squares, and twice the product of the two numbers."


@dataclass
class Visit:
    """One person's page: the campus around, the tool in its frame."""

    page: Page
    place: Place
    person: int

    @property
    def course(self) -> str:
        return self.course_as(self.person)

    def course_as(self, person: int) -> str:
        """The course's page on the campus, as somebody."""
        return f"{self.place.house.campus.base_url}/as/{person}/courses/{self.place.house.course}"

    @property
    def tool(self) -> FrameLocator:
        return self.page.frame_locator("#tool")

    @property
    def frame(self) -> Frame:
        """The frame itself, for scripts and measurements."""
        return next(frame for frame in self.page.frames if frame.name == FRAME)

    @property
    def heading(self) -> Locator:
        return self.tool.get_by_role("heading", level=1)

    def open(self, title: str = TITLE) -> None:
        """From the course's page, by a click on the activity's name; until the tool's page is there."""
        self.page.goto(self.course)
        self.page.get_by_role("link", name=title, exact=True).click()
        self.arrived()

    def arrived(self) -> None:
        expect(self.heading).to_be_visible()
        expect(self.tool.locator("#main")).not_to_have_attribute("aria-busy", "true")

    def reload(self) -> None:
        """The frame alone, as after a session that has ended; until the new page is there."""
        self.frame.evaluate("() => { document.body.dataset.left = ''; location.reload(); }")
        expect(self.tool.locator("body:not([data-left])")).to_have_count(1)
        self.arrived()

    def go(self, name: str) -> None:
        """To a problem of the list."""
        if self.tool.get_by_role("link", name="All problems").count():
            self.tool.get_by_role("link", name="All problems").click()
        self.tool.get_by_role("link", name=name, exact=True).click()
        expect(self.heading).to_have_text(name)

    def choose(self, *labels: str) -> None:
        for label in labels:
            self.tool.get_by_label(label, exact=True).check()

    def formula(self, tex: str) -> Locator:
        """A choice that is a formula: by the TeX that its MathML carries."""
        return self.tool.locator(".choice", has=self.tool.locator(f'annotation:text-is("{tex}")'))

    def fill_in(self, name: str, given: str | tuple[str, ...] | None = None) -> None:
        """The answer to a problem that is open, right unless another is given."""
        answer = given or RIGHT.get(name)
        if answer is None:
            self.formula(SQUARE).click()
        elif isinstance(answer, str):
            self.tool.locator("#text").fill(answer)
        else:
            self.choose(*answer)

    def answer(self, name: str, given: str | tuple[str, ...] | None = None) -> Locator:
        """Answer a problem that is open; gives the verdict."""
        self.fill_in(name, given)
        self.press("Answer")
        expect(self.tool.locator("#verdict")).to_be_visible()
        return self.tool.locator("#verdict")

    def press(self, button: str) -> None:
        self.tool.get_by_role("button", name=button, exact=True).click()

    def tab(self, name: str) -> None:
        """One of the teacher's pages."""
        self.tool.get_by_role("navigation", name="Teacher").get_by_role("link", name=name, exact=True).click()
        expect(self.tool.locator("nav.tabs [aria-current]")).to_have_text(name)

    def pool(self, name: str) -> None:
        """A problem's pool page, from the desk."""
        self.tab("Desk")
        self.tool.locator(".multiples").get_by_role("link", name=name, exact=True).click()
        expect(self.heading).to_have_text(name)

    def focused(self) -> str:
        """What has the focus in the frame, for messages."""
        return str(
            self.frame.evaluate(
                "document.activeElement.tagName + ' ' + document.activeElement.textContent.trim().slice(0, 60)"
            )
        )

    def says(self, words: str) -> None:
        expect(self.tool.locator("#main")).to_contain_text(words)


Open = Callable[..., Visit]


def settled(frame: Frame) -> None:
    """Its style sheets are applied, and it is laid out for the window as it is now: what a person would look at."""
    frame.wait_for_load_state("load")
    frame.evaluate(DRAWN)
