"""A launch in a real browser, in a frame of another site: with our cookie, the platform's storage, or neither.

The tool is at localhost, which browsers trust with Secure cookies over http, or at tool.test, which they do not.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from core.settings import Settings
from core.store.tables import LaunchSession
from tests.lms import Lms, Reply, Seen, signed
from tests.tool import SECRET, Tool

expect.set_options(timeout=20_000)
pytestmark = pytest.mark.xdist_group("browser")

Arrive = Callable[..., tuple[Any, Any]]
DATABASES = ("sqlite",)  # the rules here are the browser's
# What a platform with storage does (LTI Client Side postMessages); `answers` says what get_data gives back.
STORAGE = """
const kept = {};
window.addEventListener("message", (event) => {
  const { subject, message_id, key, value } = event.data;
  const reply = (more) =>
    event.source.postMessage({ subject: subject + ".response", message_id, key, ...more }, event.origin);
  window.heard = (window.heard || []).concat([[event.origin, subject]]);
  if (subject === "lti.put_data") { kept[key] = value; reply({ value }); }
  if (subject === "lti.get_data") {
    if (ANSWERS === "right") reply({ value: kept[key] });
    if (ANSWERS === "nothing") reply({ value: null });
    if (ANSWERS === "another") reply({ value: "of another login" });
    if (ANSWERS === "refused") reply({ error: { code: "storage_exhaustion", message: "full" } });
  }
});
"""


class Site:
    """The tool on a real port, and a platform that opens it in a frame."""

    def __init__(self, tool: Tool, lms: Lms, host: str) -> None:
        self.lms = lms
        self._server = make_server("127.0.0.1", 0, lambda *call: self._app(*call), threaded=True)
        self._server.daemon_threads = True  # a browser that keeps its connection must not keep the test
        self._server.block_on_close = False
        self.url = f"http://{host}:{self._server.server_port}"
        settings = Settings(url=self.url, secret_keys=(SECRET,), development=True)
        self.tool = Tool(tool.database, lms, settings, fresh=True)
        self._app = self.tool.app
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        lms.replies["/auth"] = self._authorise

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def course(self, storage: str | None) -> str:
        """The address of a course page with the tool in a frame."""
        target = "&lti_storage_target=_parent" if storage else ""
        frame = (
            f"{self.url}/lti/login?iss={quote(self.lms.url)}&client_id=client-1&login_hint=h"
            f"&target_link_uri={quote(self.url + '/lti/launch')}{target}"
        )
        script = STORAGE.replace("ANSWERS", f'"{storage}"') if storage else ""
        page = f'<!doctype html><script>{script}</script><iframe src="{frame}" width="600" height="500"></iframe>'
        self.lms.replies["/course"] = Reply(body=page.encode(), headers={"Content-Type": "text/html"})
        return f"{self.lms.url}/course"

    def _authorise(self, seen: Seen) -> Reply:
        asked = {name: values[0] for name, values in seen.query.items()}
        claims = self.lms.claims(
            issued_at=self.tool.clock().timestamp(),
            nonce=asked["nonce"],
            target_link_uri=f"{self.url}/lti/launch",
            launch_presentation={"return_url": f"{self.lms.url}/course"},
        )
        form = (
            f'<form method="post" action="{asked["redirect_uri"]}"><input name="state" value="{asked["state"]}">'
            f'<input name="id_token" value="{signed(claims)}"></form><script>document.forms[0].submit()</script>'
        )
        return Reply(body=form.encode(), headers={"Content-Type": "text/html"})


@pytest.fixture(params=["localhost", "tool.test"])
def site(request: pytest.FixtureRequest, tool: Tool, lms: Lms) -> Iterator[Site]:
    site = Site(tool, lms, request.param)
    yield site
    site.close()


@pytest.fixture
def arrive(browser: Browser, site: Site) -> Iterator[Arrive]:
    """Opens the course page; gives the page and the tool's frame in it."""
    context = browser.new_context()
    context.set_default_timeout(20_000)

    def visit(storage: str | None = None) -> tuple[Any, Any]:
        page = context.new_page()
        page.goto(site.course(storage))
        return page, page.frame_locator("iframe")

    yield visit
    context.close()


def opened(site: Site) -> str:
    return str(site.tool.one(LaunchSession).status)


@pytest.mark.parametrize("site", ["localhost"], indirect=True)
def test_cookie_in_a_frame_of_another_site(arrive: Arrive, site: Site) -> None:
    """`Secure; SameSite=None; Partitioned` works over http on this machine: development needs no other cookie."""
    page, frame = arrive()
    expect(frame.locator("h1")).to_have_text("Your teacher has not finished this yet")
    assert opened(site) == "open"
    assert re.fullmatch(rf"{site.url}/p/p1/not-ready", page.frames[1].url)  # no code and no token in the address


@pytest.mark.parametrize("site", ["tool.test"], indirect=True)
@pytest.mark.parametrize("storage", [None, "nothing", "refused"])
def test_person_is_asked(arrive: Arrive, site: Site, storage: str | None) -> None:
    _, frame = arrive(storage)
    expect(frame.locator("#ask")).to_be_visible()
    expect(frame.locator("#ask")).to_contain_text("Learner 07")
    assert opened(site) == "unbound"
    frame.get_by_role("button", name="Yes, continue").press("Enter")
    expect(frame.locator("h1")).to_have_text("Your teacher has not finished this yet")
    assert opened(site) == "open"


@pytest.mark.parametrize("site", ["tool.test"], indirect=True)
def test_storage_of_the_platform(arrive: Arrive, site: Site) -> None:
    page, frame = arrive("right")
    expect(frame.locator("h1")).to_have_text("Your teacher has not finished this yet")
    assert opened(site) == "open"
    assert page.evaluate("window.heard.map(([origin, subject]) => subject)")[:2] == ["lti.put_data", "lti.get_data"]


@pytest.mark.parametrize("site", ["tool.test"], indirect=True)
def test_storage_with_the_value_of_another_login(arrive: Arrive, site: Site) -> None:
    _, frame = arrive("another")
    expect(frame.locator("#problem")).to_contain_text("This launch began in another browser.")
    expect(frame.locator("#ask")).to_be_hidden()
    assert opened(site) == "ended"
