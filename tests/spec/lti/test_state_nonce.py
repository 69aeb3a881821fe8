"""Area state_nonce: a login is answered once, in the browser that began it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.activities import launches
from core.store.database import Database
from core.store.tables import LaunchSession, LaunchState, Person
from lti_tool import verify
from tests.lms import signed
from tests.spec.lti.rows import rows
from tests.tool import TOOL, Tool, security_log

KEYS_KNOWN = True
ROOT = Path(__file__).parents[3]


def begin(tool: Tool, **at_login: str) -> tuple[Any, Any, dict[str, str]]:
    """A browser, its login, and the form that answers it."""
    browser = tool.browser()
    login = tool.login(browser, **at_login)
    return browser, login, {"id_token": signed(tool.claims(login)), "state": login.state}


@rows("NON-01")
@pytest.mark.parametrize("nonce", [None, "", 5, ["x"], {}])
def test_no_nonce(tool: Tool, row: str, nonce: Any) -> None:
    with security_log() as log:
        assert tool.launch(nonce=nonce).status_code == 401
    assert log[-1]["detail"] == "nonce"
    assert tool.count(LaunchSession, Person) == 0


@rows("NON-04")
def test_fifty_equal_launches_at_once(tool: Tool, row: str) -> None:
    _, login, form = begin(tool)
    cookie = login.response.headers["Set-Cookie"].partition(";")[0]
    statuses: list[int] = []
    together = threading.Barrier(50)

    def replay() -> None:
        twin = tool.app.test_client(use_cookies=False)
        together.wait()
        statuses.append(twin.post("/lti/launch", data=form, headers={"Cookie": cookie}, base_url=TOOL).status_code)

    threads = [threading.Thread(target=replay) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(statuses) == {303: 1, 401: 49}
    assert tool.count(LaunchSession) == 1
    assert tool.count(Person) == 1


@rows("NON-05")
def test_reloaded_launch(tool: Tool, row: str) -> None:
    browser, _, form = begin(tool)
    assert tool.post(browser, form).status_code == 303
    again = tool.post(browser, form)
    assert again.status_code == 401
    assert "This launch was used already." in again.text
    assert "open the activity again" in again.text
    assert tool.count(LaunchSession) == 1


@rows("NON-06")
def test_new_token_with_a_used_nonce(tool: Tool, row: str) -> None:
    browser, login, form = begin(tool)
    assert tool.post(browser, form).status_code == 303
    other = signed(tool.claims(login, sub="someone-else", jti="2"))
    assert tool.post(browser, {"id_token": other, "state": login.state}).status_code == 401
    second = tool.login(browser)
    with_new_state = signed(tool.claims(second, nonce=login.nonce))
    assert tool.post(browser, {"id_token": with_new_state, "state": second.state}).status_code == 401
    assert tool.count(LaunchSession) == tool.count(Person) == 1


@rows("NON-07")
def test_nonce_of_another_login(tool: Tool, row: str) -> None:
    browser = tool.browser()
    first, second = tool.login(browser), tool.login(browser)
    crossed = signed(tool.claims(first))
    assert tool.post(browser, {"id_token": crossed, "state": second.state}).status_code == 401
    assert tool.count(LaunchSession) == 0
    assert Counter(state.status for state in tool.all(LaunchState)) == {"pending": 2}


@rows("NON-09")
@pytest.mark.parametrize("state", [None, ""])
def test_no_state(tool: Tool, row: str, state: str | None) -> None:
    browser, _, form = begin(tool)
    response = tool.post(
        browser, {name: value for name, value in (form | {"state": state}).items() if value is not None}
    )
    assert response.status_code == 400
    assert "Open the activity from your course in a web browser." in response.text
    assert tool.count(LaunchSession) == 0


@rows("NON-10")
def test_unknown_state(tool: Tool, row: str) -> None:
    browser, _, form = begin(tool)
    response = tool.post(browser, form | {"state": "x" * 43})
    assert response.status_code == 401
    assert "open the activity again" in response.text
    assert tool.count(LaunchSession) == 0


@rows("NON-10")
@pytest.mark.parametrize(("seconds", "status"), [(599, 303), (600, 401), (3600, 401)])
def test_old_state(tool: Tool, row: str, seconds: int, status: int) -> None:
    browser, login, _ = begin(tool)
    tool.clock.advance(seconds=seconds)
    token = signed(tool.claims(login))
    assert tool.post(browser, {"id_token": token, "state": login.state}).status_code == status


@rows("NON-11")
def test_another_browser_is_asked(tool: Tool, row: str) -> None:
    _, _, form = begin(tool)
    victim = tool.browser()
    page = tool.post(victim, form)
    assert page.status_code == 200
    assert "Your learning platform says that you are Learner 07." in page.text
    assert "Course: Data structures" in page.text
    assert "Yes, continue" in page.text
    assert tool.one(LaunchSession).status == "unbound"
    assert tool.one(LaunchSession).token_hash is None


def reference(page: str) -> str:
    """The launch's reference in the page that asks."""
    return page.partition('data-ref="')[2].partition('"')[0]


def bind(tool: Tool, body: Any, **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return tool.browser().post("/lti/bind", json=body, base_url=TOOL, headers=sent)


@rows("NON-11")
def test_confirmation_by_the_person_opens_the_session(tool: Tool, row: str) -> None:
    _, _, form = begin(tool)
    ref = reference(tool.post(tool.browser(), form).text)
    answer = bind(tool, {"launch": ref, "confirmed": True}, Sec_Fetch_Site="same-origin")
    assert answer.status_code == 200
    path, _, code = answer.get_json()["location"].partition("#")
    assert path == "/p/p1/open"
    assert tool.browser().post("/p/p1/session", json={"code": code}, base_url=TOOL).status_code == 200
    assert bind(tool, {"launch": ref, "confirmed": True}).status_code == 401  # once


@rows("NON-11")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://other.example"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_foreign_page_cannot_confirm(tool: Tool, row: str, headers: dict[str, str]) -> None:
    """Who prepared a launch knows its reference; another page must not be able to send it in the victim's browser."""
    _, _, form = begin(tool)
    ref = reference(tool.post(tool.browser(), form).text)
    answer = tool.browser().post("/lti/bind", json={"launch": ref, "confirmed": True}, base_url=TOOL, headers=headers)
    assert answer.status_code == 403
    assert tool.one(LaunchSession).status == "unbound"


@rows("NON-11")
@pytest.mark.parametrize(
    "body", [{}, [], "x", {"launch": "x"}, {"launch": 1, "confirmed": True}, {"launch": "x", "value": 5}]
)
def test_confirmation_needs_a_launch_and_a_proof(tool: Tool, row: str, body: Any) -> None:
    begin(tool)
    assert bind(tool, body).status_code == 400


@rows("NON-11")
def test_confirmation_page_waits_ten_minutes(tool: Tool, row: str) -> None:
    _, _, form = begin(tool)
    ref = reference(tool.post(tool.browser(), form).text)
    tool.clock.advance(minutes=10)
    assert bind(tool, {"launch": ref, "confirmed": True}).status_code == 401


@rows("NON-12")
def test_storage_of_the_platform_binds(tool: Tool, row: str) -> None:
    page = tool.login(tool.browser(), lti_storage_target="post_message_forwarding").response
    assert page.status_code == 200
    put = dict(item.split('="') for item in page.text.partition('<p id="put"')[2].partition('">')[0].split('" '))
    assert put["data-target"] == "post_message_forwarding"
    assert put["data-origin"] == tool.lms.url  # of the registered authorization address, not of the request
    onward = put["data-onward"].replace("&amp;", "&")
    state = onward.partition("state=")[2].partition("&")[0]
    nonce = onward.partition("nonce=")[2].partition("&")[0]
    assert put["data-key"] == f"heirloom-{state}"
    claims = tool.lms.claims(issued_at=tool.clock().timestamp(), nonce=nonce)
    asked = tool.post(tool.browser(), {"id_token": signed(claims), "state": state})
    assert asked.status_code == 200
    assert 'data-target="post_message_forwarding"' in asked.text
    assert f'data-key="heirloom-{state}"' in asked.text
    answer = bind(tool, {"launch": reference(asked.text), "value": put["data-value"]}, Sec_Fetch_Site="same-origin")
    assert answer.status_code == 200
    assert tool.one(LaunchSession).status == "coded"


@rows("NON-12")
def test_wrong_value_from_the_storage_ends_the_launch(tool: Tool, row: str) -> None:
    page = tool.login(tool.browser(), lti_storage_target="_parent").response.text
    onward = page.partition('data-onward="')[2].replace("&amp;", "&")
    state = onward.partition("state=")[2].partition("&")[0]
    nonce = onward.partition("nonce=")[2].partition("&")[0]
    claims = tool.lms.claims(issued_at=tool.clock().timestamp(), nonce=nonce)
    ref = reference(tool.post(tool.browser(), {"id_token": signed(claims), "state": state}).text)
    assert bind(tool, {"launch": ref, "value": "of another login"}).status_code == 401
    assert tool.one(LaunchSession).status == "ended"
    assert bind(tool, {"launch": ref, "confirmed": True}).status_code == 401


@pytest.mark.parametrize("target", ["<script>", "a b", "x" * 101, "top.location='https://evil.example'"])
def test_storage_target_that_is_no_frame_name_is_ignored(tool: Tool, target: str) -> None:
    assert tool.login(tool.browser(), lti_storage_target=target).response.status_code == 302


@rows("NON-13")
def test_cookie_of_the_login_with_a_wrong_value(tool: Tool, row: str) -> None:
    browser, login, form = begin(tool)
    name = login.response.headers["Set-Cookie"].partition("=")[0]
    forger = tool.app.test_client(use_cookies=False)
    with security_log() as log:
        response = forger.post("/lti/launch", data=form, headers={"Cookie": f"{name}={'x' * 43}"}, base_url=TOOL)
    assert response.status_code == 401
    assert log[-1]["reason"] == "binding_wrong"
    assert tool.count(LaunchSession, Person) == 0
    assert tool.post(browser, form).status_code == 303


@rows("NON-15")
def test_replay_in_another_process(tool: Tool, database_url: str, row: str) -> None:
    browser, _, form = begin(tool)
    assert tool.post(browser, form).status_code == 303
    fresh = Database(database_url)
    again = Tool(fresh, tool.lms, fresh=True)
    again.clock.time = tool.clock.time
    assert again.post(again.browser(), form).status_code == 401
    fresh.dispose()
    program = textwrap.dedent(
        """
        import sys
        from datetime import datetime
        from core.store.database import Database
        from core.activities import launches
        database = Database(sys.argv[1])
        with database.read() as session:
            print(launches.login_of(session, sys.argv[2], now=datetime.fromisoformat(sys.argv[3])).status)
        """
    )
    state_hash = tool.one(LaunchState).state_hash
    told = subprocess.run(
        [sys.executable, "-c", program, database_url, state_hash, tool.clock().isoformat()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "used"


@rows("NON-16")
def test_nonce_is_remembered_longer_than_its_token_is_valid(tool: Tool, row: str) -> None:
    longest = timedelta(seconds=verify.WINDOW + 2 * verify.LEEWAY)
    assert longest < launches.KEPT
    browser, _, form = begin(tool)
    assert tool.post(browser, form).status_code == 303
    tool.clock.time += launches.KEPT - timedelta(seconds=1)
    with tool.database.write() as session:
        launches.purge(session, now=tool.clock())
    assert tool.one(LaunchState).status == "used"
    tool.clock.advance(days=1)
    with tool.database.write() as session:
        assert launches.purge(session, now=tool.clock()) == 2
    assert tool.count(LaunchState, LaunchSession) == 0


@rows("NON-17")
def test_failed_launch_does_not_use_up_the_login(tool: Tool, row: str) -> None:
    browser, login, form = begin(tool)
    bad = [
        signed(tool.claims(login), key="attacker"),
        signed(tool.claims(login, exp=1)),
        signed(tool.claims(login, aud="someone")),
        signed(tool.claims(login, roles="Instructor")),
        signed(tool.claims(login, deployment_id="unknown")),
        signed(tool.claims(login, sub=None)),
        "garbage",
    ]
    for token in bad:
        assert tool.post(browser, {"id_token": token, "state": login.state}).status_code in (401, 403)
    assert tool.one(LaunchState).status == "pending"
    assert tool.post(browser, form).status_code == 303
