"""The campus in a browser: a frame that is really third-party, its size, its messages, and pages that all can use."""

from __future__ import annotations

import html
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from axe_playwright_python.sync_playwright import Axe

from sandbox.campus.vocabulary import CLAIM, DEEP_LINKING_CLAIM

pytestmark = pytest.mark.xdist_group("browser")

FIRST_TEACHER, FIRST_LEARNER = 101, 105
LISTENER = "<script>window.got = []; addEventListener('message', (e) => got.push([e.origin, e.data]))</script>"


class ToolSite:
    """The pages of a tool: login, launch, picker, registration. `asked` keeps what the browser sent."""

    def __init__(self):
        self.asked = []
        self.answer_picker = None

    def login(self, form):
        parameters = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": form["client_id"],
            "redirect_uri": f"{self.base}/launch",
            "state": "s",
            "nonce": "n",
            "login_hint": form["login_hint"],
            "lti_message_hint": form["lti_message_hint"],
        }
        return f"{form['iss']}/lti/authorize?{urlencode(parameters)}"

    def launch(self, form):
        claims = jwt.decode(form["id_token"], options={"verify_signature": False})
        settings = claims.get(DEEP_LINKING_CLAIM + "deep_linking_settings")
        if settings is None:
            return f"<h1>Hello {html.escape(claims['name'])}</h1>{LISTENER}"
        token = self.answer_picker(claims)
        return (
            f'<form method="post" action="{settings["deep_link_return_url"]}">'
            f'<input type="hidden" name="JWT" value="{token}"><button>Choose this</button></form>'
        )


@pytest.fixture(scope="module")
def site():
    site = ToolSite()

    class Handler(BaseHTTPRequestHandler):
        def answer(self, form):
            path = urlsplit(self.path).path
            site.asked.append((path, form, dict(self.headers)))
            if path == "/login":
                self.send_response(302)
                self.send_header("Location", site.login(form))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            close = "<button onclick=\"parent.postMessage({subject: 'org.imsglobal.lti.close'}, '*')\">Done</button>"
            body = (site.launch(form) if path == "/launch" else close).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.answer({name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()})

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer({name: values[0] for name, values in parse_qs(body).items()})

        def log_message(self, format, *args):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def one_window(browser):
    """One window for the module: each test goes where it wants to, and there is nothing to remember (no cookies)."""
    window = browser.new_page()
    window.set_default_timeout(15_000)
    yield window
    window.close()


@pytest.fixture
def window(one_window):
    one_window.set_viewport_size({"width": 1300, "height": 900})
    return one_window


@pytest.fixture
def placed(campus, make_tool, site):
    """A tool whose pages are those of `site`, and one of its activities."""
    site.asked.clear()
    tool = make_tool(
        campus,
        login_url=f"{site.base}/login",
        redirect_uris=[f"{site.base}/launch"],
        target_link_uri=f"{site.base}/launch",
    )
    return tool, tool.place()


def open_activity(window, tool, link):
    """Opens the activity as a learner; gives back the tool's frame once the launch has arrived there."""
    window.goto(f"{tool.campus.base_url}/as/{FIRST_LEARNER}/courses/11/links/{link['id']}")
    window.frame_locator("#tool").get_by_role("heading", name="Hello Learner 01").wait_for()
    return next(frame for frame in window.frames if frame.url.endswith("/launch"))


def tell(frame, target, message):
    """The tool sends a message, and waits for the answer to it."""
    frame.evaluate(f"{target}.postMessage({json.dumps(message)}, '*')")
    frame.wait_for_function(f"got.some(([, data]) => data.subject === '{message['subject']}.response')")
    return frame.evaluate("got.pop()")


def test_a_launch_works_in_a_frame_of_another_site_that_fits_the_window_and_is_not_listened_to(window, placed, site):
    """As in Moodle; one launch for all of it, because launches are what takes time here."""
    frame = open_activity(window, *placed)
    (_, _, login), (path, form, launch) = site.asked
    assert (path, set(form)) == ("/launch", {"id_token", "state"})
    for headers in (login, launch):
        assert headers["Sec-Fetch-Site"] == "cross-site"
        assert headers["Sec-Fetch-Dest"] == "iframe"
        assert headers["Referer"] == f"{placed[0].campus.base_url}/"
    assert launch["Origin"] == placed[0].campus.base_url
    for width, height in ((844, 390), (360, 640)):
        window.set_viewport_size({"width": width, "height": height})
        window.wait_for_function(
            "() => Math.abs(innerHeight - document.getElementById('tool').getBoundingClientRect().bottom - 15) < 1"
        )
        assert window.evaluate("document.documentElement.scrollWidth") == width
    before = window.locator("#tool").bounding_box()
    frame.evaluate("parent.postMessage({subject: 'lti.capabilities', message_id: '1'}, '*')")
    frame.evaluate("parent.postMessage({subject: 'lti.frameResize', height: 2000}, '*')")
    window.wait_for_timeout(50)
    assert frame.evaluate("got") == []
    assert window.locator("#tool").bounding_box() == before


@pytest.mark.parametrize("storage_frame", ["post_message_forwarding", ""])
def test_a_platform_like_canvas_answers_and_keeps_what_a_tool_stores(window, placed, storage_frame):
    tool, link = placed
    tool.admin("PUT", "/quirks", {"preset": "canvas", "storage_frame": storage_frame})
    frame = open_activity(window, tool, link)
    origin, answer = tell(frame, "parent", {"subject": "lti.capabilities", "message_id": "1"})
    assert (origin, answer["message_id"]) == (tool.campus.base_url, "1")
    offered = {message["subject"]: message.get("frame") for message in answer["supported_messages"]}
    assert set(offered) == {"lti.capabilities", "lti.frameResize", "lti.put_data", "lti.get_data"}
    assert offered["lti.put_data"] == (storage_frame or None)
    keeper = f"parent.frames['{storage_frame}']" if storage_frame else "parent"

    def ask(subject, **members):
        return tell(frame, keeper, {"subject": subject, "message_id": "2", **members})[1]

    kept = ask("lti.put_data", key="state", value="secret")
    assert (kept["key"], kept["value"], kept["message_id"]) == ("state", "secret", "2")
    assert ask("lti.get_data", key="state")["value"] == "secret"
    assert ask("lti.get_data", key="other")["value"] is None
    assert ask("lti.put_data", key="big", value="x" * 5000)["error"]["code"] == "storage_exhaustion"
    assert ask("lti.put_data", key=5)["error"]["code"] == "bad_request"
    assert ask("lti.put_data", key="a", value="b", message_id=None)["error"]["code"] == "bad_request"
    ask("lti.put_data", key="state", value=None)
    assert ask("lti.get_data", key="state")["value"] is None
    tell(frame, "parent", {"subject": "lti.frameResize", "height": 1234})
    assert window.locator("#tool").bounding_box()["height"] == 1234
    assert "error" in tell(frame, "parent", {"subject": "lti.frameResize", "height": "tall"})[1]


def test_the_teacher_adds_an_activity_and_is_back_in_the_course(window, placed, site, clock):
    tool, _ = placed

    def answer(claims):
        item = {"type": "ltiResourceLink", "title": "Chosen <b>here</b>"}
        return tool.signed(
            {
                "iss": tool.client_id,
                "aud": tool.campus.base_url,
                "iat": clock.seconds,
                "exp": clock.seconds + 60,
                "nonce": "once",
                CLAIM + "deployment_id": claims[CLAIM + "deployment_id"],
                CLAIM + "message_type": "LtiDeepLinkingResponse",
                CLAIM + "version": "1.3.0",
                DEEP_LINKING_CLAIM + "content_items": [item],
                DEEP_LINKING_CLAIM + "data": claims[DEEP_LINKING_CLAIM + "deep_linking_settings"]["data"],
            }
        )

    site.answer_picker = answer
    window.goto(f"{tool.campus.base_url}/as/{FIRST_TEACHER}/courses/11")
    window.get_by_role("link", name="Add an activity").click()
    window.get_by_role("link", name="Choose with").click()
    window.frame_locator("#tool").get_by_role("button", name="Choose this").click()
    window.wait_for_url(f"**/as/{FIRST_TEACHER}/courses/11?added=*")
    assert "Chosen <b>here</b>" in window.get_by_role("status").inner_text()


def test_a_tool_that_has_registered_closes_its_page(window, placed, site):
    base_url = placed[0].campus.base_url
    window.goto(f"{base_url}/tools")
    window.get_by_label("Registration address of the tool").fill(f"{site.base}/register")
    window.get_by_role("button", name="Register").click()
    window.frame_locator("#tool").get_by_role("button", name="Done").click()
    window.wait_for_url(f"{base_url}/tools")
    (asked,) = (form for path, form, _ in site.asked if path == "/register")
    assert asked["openid_configuration"] == f"{base_url}/.well-known/openid-configuration"
    assert asked["registration_token"]


def test_everybody_can_use_the_pages(window, placed):
    """Each page once: the schemes and widths take turns, since a run of axe takes longer than the page."""
    tool, link = placed
    tool.post_score(tool.line_item_of(link), comment="Well argued")
    teacher, learner = f"/as/{FIRST_TEACHER}/courses/11", f"/as/{FIRST_LEARNER}/courses/11"
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
    for width, scheme, paths in (
        (320, "light", (f"{teacher}/gradebook", learner)),
        (1100, "dark", ("/tools", teacher)),
    ):
        window.set_viewport_size({"width": width, "height": 800})
        window.emulate_media(color_scheme=scheme)
        for path in paths:
            window.goto(tool.campus.base_url + path)
            found = Axe().run(window, options=rules)
            assert [violation["id"] for violation in found.response["violations"]] == [], path
            assert window.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_keyboard_alone_is_enough(window, placed):
    tool, _ = placed
    window.goto(tool.campus.base_url)
    window.get_by_label("Student").first.focus()
    window.keyboard.press("Tab")
    window.keyboard.press("Enter")
    window.wait_for_url(f"**/as/{FIRST_LEARNER}/courses/11")
    window.keyboard.press("Tab")
    assert window.evaluate("document.activeElement.textContent") == "Skip to the content"
    window.get_by_role("link", name="Problem set 1").focus()
    window.keyboard.press("Enter")
    window.wait_for_url("**/links/*")
