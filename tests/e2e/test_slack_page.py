"""The page "Slack" in a browser: at 320 px and at 1,000, light and dark, both directions, and without a mouse."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from core.store.database import Database
from core.store.tables import Activity, SlackCode
from lti_tool.app import create_app
from tests.e2e.conftest import listen
from tests.e2e.test_everybody import examine
from tests.e2e.test_narrow import WIDTH, measure
from tests.lms import INSTRUCTOR, LEARNER, Lms
from tests.lti_tool.test_slack import WITH_SLACK, Class, install
from tests.tool import Tool

DATABASES = ("sqlite",)
pytestmark = pytest.mark.xdist_group("browser")


@dataclass
class Site:
    """The tool of an operator who connected Slack, on a real port."""

    url: str
    at: Class

    def open(self, page: Page, **who: object) -> None:
        """Come by a launch: its one-time code is in the fragment."""
        location = urlsplit(self.at.tool.launch(**who).headers["Location"])
        page.goto(f"{self.url}{location.path}#{location.fragment}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ours")


@pytest.fixture
def site(database: Database, lms: Lms) -> Iterator[Site]:
    server = make_server("127.0.0.1", 0, lambda *call: app(*call), threaded=True)
    server.daemon_threads, server.block_on_close = True, False
    url = f"http://localhost:{server.server_port}"
    tool = Tool(database, lms, WITH_SLACK)
    tool.know_keys(tool.register())
    app = create_app(replace(WITH_SLACK, url=url), database, now=tool.clock)  # the same tool, as this port serves it
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    teacher = tool.session(roles=INSTRUCTOR, sub="teacher")["token"]
    made = tool.send("POST", "/p/p1/teach/new/gallery", teacher, {"title": "Ours", "anonymity": "named"})
    assert made.status_code == 200, made.text
    activity = tool.one(Activity).public_id
    try:
        yield Site(url, Class(tool, activity, "", "", install(tool, name="University")))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def window(browser: Browser, errors: list[str]) -> Iterator[BrowserContext]:
    opened = listen(browser.new_context(viewport={"width": WIDTH, "height": 640}, locale="en-GB"), errors)
    yield opened
    opened.close()


def whole(page: Page, name: str) -> None:
    """One state of the page: nothing sideways, all can be hit, axe finds nothing; also from right to left."""
    for width in (WIDTH, 1000):
        page.set_viewport_size({"width": width, "height": 640})
        for direction in ("rtl", "ltr"):
            page.evaluate("(to) => { document.documentElement.dir = to; }", direction)
            measure(page.main_frame, f"{name}, {width} px, {direction}")
    examine(page, page.main_frame, name)


def tab_to(page: Page, name: str) -> None:
    """On with the keyboard, until the control of that name has the focus."""
    wanted = page.get_by_role("button", name=name, exact=True)
    for _ in range(80):
        if wanted.evaluate("(it) => it === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"“{name}” is not reached with the Tab key")


def test_a_student_gets_a_code_types_one_and_unlinks_by_keyboard(
    site: Site, window: BrowserContext, errors: list[str]
) -> None:
    page = window.new_page()
    site.open(page, roles=LEARNER, sub="student", name="Student")
    measure(page.main_frame, "the way there")
    page.get_by_role("link", name="Slack", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Slack")
    expect(page).to_have_url(f"{site.url}{site.at.path}")
    whole(page, "not linked")
    tab_to(page, "Get a code to type in Slack")
    page.keyboard.press("Enter")
    told = page.locator("[data-focus]")
    expect(told).to_be_focused()
    expect(told).to_contain_text(re.compile(r"/heirloom link [2-9A-Z]{4}-[2-9A-Z]{4}"))
    expect(page.locator("#said")).to_contain_text("/heirloom link")
    whole(page, "a code")
    page.reload()  # the address is the page's own, and no code is in it
    expect(page.get_by_role("heading", level=1)).to_have_text("Slack")
    expect(page.locator("[data-focus]")).to_have_count(0)

    page.get_by_label("A code that Slack showed").fill("AAAA-AAAA")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("This code is not known here.")
    expect(page.locator("#notice")).to_be_focused()
    expect(page.get_by_label("A code that Slack showed")).to_have_value("AAAA-AAAA")  # what was typed stays
    page.get_by_label("A code that Slack showed").fill(site.at.shown_in_slack("person"))
    page.keyboard.press("Enter")
    expect(page.locator("[data-say]")).to_be_focused()
    expect(page.locator("#said")).to_contain_text("Linked.")
    errors.clear()  # a refusal is a line in the console
    whole(page, "linked")
    tab_to(page, "Unlink Name of U1 of “University”")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_contain_text("You are not linked yet.")
    assert site.at.tool.count(SlackCode) == 1  # the one that was shown and not used


def test_a_teacher_ties_a_channel_changes_it_and_sends_again(site: Site, window: BrowserContext) -> None:
    page = window.new_page()
    site.open(page, roles=INSTRUCTOR, sub="teacher", name="Teacher")
    page.get_by_role("link", name="Slack", exact=True).click()
    expect(page.locator("nav.tabs [aria-current]")).to_have_text("Slack")
    whole(page, "a teacher begins")
    page.get_by_role("button", name="Get a code for a channel").click()
    expect(page.locator("[data-focus]")).to_contain_text("/heirloom connect")
    page.get_by_label("A code that Slack showed").fill(site.at.shown_in_slack("channel", "U9", "C0CHANNEL01"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="C0CHANNEL01")).to_be_visible()
    site.at.fail("not_in_channel", channel="C0CHANNEL01")
    page.get_by_text("What this channel uses").click()
    page.get_by_label("Language of what everybody in the channel reads").select_option(label="Deutsch")
    page.get_by_label("Found content goes to").select_option(label="Ours")
    page.get_by_role("button", name="Save: C0CHANNEL01").click()
    expect(page.locator("[data-say]")).to_have_text("Saved.")
    expect(page.get_by_role("heading", name="What Slack did not take")).to_be_visible()
    page.get_by_text("What this channel uses").click()
    page.get_by_label("First day").fill("2026-12-01")
    page.get_by_label("Last day").fill("2027-02-26")
    whole(page, "a teacher's page with everything")
    page.locator("[data-say]").evaluate("(said) => { said.dataset.before = ''; }")
    page.get_by_role("button", name="Save the term").click()
    expect(page.locator("[data-say]:not([data-before])")).to_contain_text("Saved.")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", name="What Slack did not take")).to_have_count(0)
    page.get_by_role("button", name="Release this channel: C0CHANNEL01").click()
    expect(page.locator("#main")).to_contain_text("No channel belongs to this course yet.")
    page.get_by_role("button", name="Keep it after all").click()
    expect(page.get_by_role("heading", name="C0CHANNEL01")).to_be_visible()
