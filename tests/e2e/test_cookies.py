"""A browser that keeps no cookies for a frame of another site: everything works all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Playwright, Response, expect

from tests.browser import find, with_preferences
from tests.e2e.class_at_work import Place
from tests.e2e.conftest import listen
from tests.e2e.visits import EXPLANATION, NAMES, TITLE, Visit

pytestmark = pytest.mark.xdist_group("browser")

# What a user chooses under "Third-party cookies", and under "On-device site data": the latter blocks storage, too.
PREFERENCES: dict[str, dict[str, Any]] = {
    "of other sites": {"profile": {"block_third_party_cookies": True, "cookie_controls_mode": 1}},
    "all": {"profile": {"default_content_setting_values": {"cookies": 2}}},
}


@pytest.fixture
def blocking(request: pytest.FixtureRequest, driver: Playwright, errors: list[str]) -> Iterator[BrowserContext]:
    """A browser that blocks the test's kind of cookies."""
    if find(whole=True) is None:
        pytest.skip("There is no Chromium with settings: on Debian `sudo apt install chromium`")
    with with_preferences(driver, PREFERENCES[request.param]) as context:
        yield listen(context, errors)


class Cookies:
    """The cookies that a browser sent to the tool."""

    def __init__(self, context: BrowserContext, tool_url: str) -> None:
        self._tool = tool_url
        self.sent: list[str] = []
        context.on("response", self._note)

    def _note(self, response: Response) -> None:
        if response.url.startswith(self._tool):
            self.sent += [
                header["value"] for header in response.request.headers_array() if header["name"].lower() == "cookie"
            ]


@pytest.mark.parametrize("blocking", ["all"], indirect=True)
def test_without_any_cookie_or_storage_a_student_does_everything(
    place: Place, blocking: BrowserContext, newcomers: Iterator[int]
) -> None:
    cookies = Cookies(blocking, place.house.tool.url)
    visit = Visit(blocking.new_page(), place, next(newcomers))
    visit.page.goto(visit.course)
    visit.page.get_by_role("link", name=TITLE, exact=True).click()
    expect(visit.heading).to_have_text("Is this you?")
    visit.press("Yes, continue")
    expect(visit.heading).to_have_text(TITLE)
    keeps = "() => { try { return String(sessionStorage.length); } catch (error) { return error.name; } }"
    assert visit.frame.evaluate(keeps) == "SecurityError"

    visit.tool.get_by_role("link", name="Begin").click()
    for place_in_list, name in enumerate(NAMES[:3]):
        expect(visit.heading).to_have_text(name)
        expect(visit.answer(name)).to_contain_text("Right.")
        if place_in_list < 2:
            visit.tool.get_by_role("link", name="Next problem").last.click()
    visit.tool.locator(".keys label").nth(6).click()
    expect(visit.tool.locator(".peer .saved")).to_have_text("Saved")
    visit.tool.get_by_label("Why is this the correct answer?").fill(EXPLANATION)
    expect(visit.tool.locator("#kept-explanation")).to_have_text("Draft saved")

    visit.frame.evaluate("location.reload()")
    expect(visit.heading).to_have_text("A walk")
    expect(visit.tool.locator(".keys input[value='6']")).to_be_checked()
    expect(visit.tool.get_by_label("Why is this the correct answer?")).to_have_value(EXPLANATION)
    visit.page.evaluate("history.back()")
    expect(visit.heading).to_have_text("Even numbers")
    expect(visit.tool.locator("#verdict")).to_contain_text("Right.")
    visit.page.evaluate("history.forward()")
    expect(visit.heading).to_have_text("A walk")
    assert cookies.sent == []


@pytest.mark.parametrize("blocking", ["of other sites"], indirect=True)
def test_where_cookies_of_other_sites_are_blocked_the_launch_asks_nothing_and_only_the_launch_has_a_cookie(
    place: Place, blocking: BrowserContext, newcomers: Iterator[int]
) -> None:
    """The one cookie is partitioned, which such browsers keep; no page after the launch needs or gets one."""
    cookies = Cookies(blocking, place.house.tool.url)
    visit = Visit(blocking.new_page(), place, next(newcomers))
    visit.open()
    expect(visit.heading).to_have_text(TITLE)
    launch = len(cookies.sent)
    visit.go("A capital")
    expect(visit.answer("A capital")).to_contain_text("Right.")
    visit.frame.evaluate("location.reload()")
    expect(visit.tool.locator("#verdict")).to_contain_text("Right.")
    assert len(cookies.sent) == launch
    assert launch <= 1
