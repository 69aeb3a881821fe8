"""Files that people choose in a form: what the app is told, and with what it may read them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests

from sandbox.slack.interactions import ViewPlace
from sandbox.slack.seeing import CannotAct
from tests.sandbox.slack.bolt_app import Stand
from tests.sandbox.slack.test_interactions import modal, plain
from tests.sandbox.slack.test_page import PNG

pytestmark = pytest.mark.xdist_group("browser")


def file_input(**element: Any) -> dict[str, Any]:
    chosen = {"type": "file_input", "action_id": "chosen", **element}
    return {"type": "input", "block_id": "file", "label": plain("A picture"), "element": chosen}


@pytest.fixture
def got(slack: Stand) -> dict[str, Any]:
    """An app whose form takes files; what was sent to it."""
    state: dict[str, Any] = {"view": modal(file_input(filetypes=["png"], max_files=1))}
    app = slack.make_app()

    @app.command("/ballot")
    def ballot(ack, command, client):
        client.views_open(trigger_id=command["trigger_id"], view=state["view"])
        ack()

    @app.view("answer")
    def answer(ack, body):
        state["files"] = body["view"]["state"]["values"]["file"]["chosen"]["files"]
        ack()

    return state


def opened(slack: Stand) -> ViewPlace:
    assert slack.acting.command(slack.learner, slack.course, "/ballot", "").ok
    return slack.modal_place(slack.learner)


def allow(slack: Stand, *scopes: str) -> dict[str, str]:
    """The app's token with these scopes, as a header."""
    value = str(slack.client.token)
    tokens = slack.running.slack.tokens
    tokens[value] = replace(tokens[value], scopes=scopes)
    return {"Authorization": f"Bearer {value}"}


def sent(slack: Stand, got: dict[str, Any]) -> dict[str, Any]:
    """What the app is told of a picture that a learner sent."""
    place, file_id = opened(slack), slack.acting.upload(slack.learner, "a.png", PNG)
    slack.acting.use(slack.learner, place, "file", "chosen", [file_id])
    assert slack.acting.submit(slack.learner, place.view_id).ok
    (told,) = got["files"]
    assert (told["id"], told["name"], told["size"], told["mimetype"]) == (file_id, "a.png", len(PNG), "image/png")
    return told


def read(told: dict[str, Any], headers: dict[str, str]) -> requests.Response:
    return requests.get(told["url_private"], headers=headers, timeout=10, allow_redirects=False)


def test_what_was_chosen_is_told_and_read_with_the_token(slack: Stand, got: dict[str, Any]) -> None:
    told = sent(slack, got)
    answer = read(told, allow(slack, "files:read"))
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, PNG, "image/png")


def test_who_may_not_read_it_is_sent_to_a_page_for_people(slack: Stand, got: dict[str, Any]) -> None:
    told = sent(slack, got)
    for headers in ({}, {"Authorization": "Bearer xoxb-guessed"}, allow(slack, "files:write")):
        answer = read(told, headers)
        assert (answer.status_code, answer.content == PNG) == (302, False)
    headers = allow(slack, "files:read")
    slack.running.slack.files[told["id"]].deleted = True
    assert read(told, headers).status_code == 302


def test_a_file_that_was_given_to_no_app_is_read_by_none(slack: Stand, got: dict[str, Any]) -> None:
    told = sent(slack, got)
    other = slack.acting.upload(slack.learner, "b.png", PNG)
    address = told["url_private"].replace(told["id"], other).replace("a.png", "b.png")
    assert read(told | {"url_private": address}, allow(slack, "files:read")).status_code == 302


def test_only_files_that_the_form_takes_and_of_ones_own_can_be_chosen(slack: Stand, got: dict[str, Any]) -> None:
    place = opened(slack)
    mine, other = (slack.acting.upload(slack.learner, name, PNG) for name in ("a.png", "b.png"))
    theirs, text = slack.acting.upload(slack.teacher, "c.png", PNG), slack.acting.upload(slack.learner, "a.txt", b"a")
    for ids, words in (
        ([theirs], "no file of yours"),
        (["F0"], "no file of yours"),
        ("F0", "no file of yours"),
        ([mine, other], "At most 1"),
        ([text], "Only these files can be chosen: png."),
    ):
        with pytest.raises(CannotAct, match=words):
            slack.acting.use(slack.learner, place, "file", "chosen", ids)
    slack.acting.use(slack.learner, place, "file", "chosen", [mine])
    slack.acting.use(slack.learner, place, "file", "chosen", None)
    assert set(slack.acting.submit(slack.learner, place.view_id).errors) == {"file"}


def test_a_file_is_chosen_on_the_page(slack: Stand, got: dict[str, Any], browser: Any) -> None:
    slack.running.slack.clock.unfreeze()
    window = browser.new_page()
    window.set_default_timeout(20_000)
    problems: list[str] = []
    window.on("pageerror", lambda error: problems.append(str(error)))
    window.goto(f"{slack.running.base_url}/#as={slack.learner}&in={slack.course}")
    window.get_by_label("Message # course").wait_for()
    opened(slack)
    window.get_by_label("A picture").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PNG})
    window.get_by_text("a.png").wait_for()
    window.get_by_role("button", name="Send", exact=True).last.click()
    window.locator("#modal").wait_for(state="hidden")
    assert [told["name"] for told in got["files"]] == ["a.png"]
    assert problems == []
    window.close()
