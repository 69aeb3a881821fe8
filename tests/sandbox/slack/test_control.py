"""The control API: everything that tests and demonstrations do from outside, in JSON and with a token."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from sandbox.slack import control as control_api
from sandbox.slack.acts import ACTS
from sandbox.slack.faults import DELIVERIES, OF_DELIVERIES, OF_METHODS
from tests.sandbox.slack.bolt_app import Stand


@pytest.fixture
def control(slack: Stand):
    """Asks the control API; `status` is what it must answer."""
    token = slack.running.outside.control_token

    def ask(method, path, body=None, status=200):
        answer = requests.request(
            method,
            f"{slack.running.base_url}/control{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    return ask


def test_without_the_token_nothing_is_said(slack: Stand):
    for headers in ({}, {"Authorization": "Bearer guessed"}):
        answer = requests.get(f"{slack.running.base_url}/control/state", headers=headers, timeout=10)
        assert answer.status_code == 401
        assert "people" not in answer.json()


def test_the_state_names_people_channels_and_the_app_with_its_secrets(slack: Stand, control):
    state = control("GET", "/state")
    assert {"Teacher", "Learner 01"} <= {person["real_name"] for person in state["people"]}
    assert {"general", "course", "staff"} == {channel["name"] for channel in state["channels"]}
    (app,) = state["apps"]
    assert app["signing_secret"] == slack.running.app.signing_secret
    assert app["bot_users"] == slack.running.slack.installations[0].bot_users


def test_people_and_channels_are_made_and_changed(slack: Stand, control):
    ada = control("POST", "/people", {"name": "newcomer", "real_name": "Newcomer", "locale": "de-DE"}, 201)
    body = {"name": "seminar", "kind": "private", "creator": ada["id"], "members": [slack.teacher]}
    seminar = control("POST", "/channels", body, 201)
    assert seminar["members"] == [ada["id"], slack.teacher]
    changed = control("PATCH", f"/people/{ada['id']}", {"is_admin": True, "locale": "en-GB"})
    assert (changed["is_admin"], changed["locale"]) == (True, "en-GB")
    assert control("POST", f"/channels/{seminar['id']}/archive")["is_archived"]


def test_acting_and_reading_what_somebody_sees(slack: Stand, control):
    app = slack.make_app()
    view = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Hello"},
        "blocks": [{"type": "divider"}],
    }

    @app.command("/ballot")
    def ballot(ack, command, client):
        client.views_open(trigger_id=command["trigger_id"], view=view)
        ack("Look at the form")

    act = {"as": slack.learner, "do": "say", "channel": slack.course, "text": "/ballot"}
    assert control("POST", "/act", act)["ok"]
    mine = control("GET", f"/channels/{slack.course}/history?as={slack.learner}")["messages"]
    others = control("GET", f"/channels/{slack.course}/history?as={slack.teacher}")["messages"]
    assert mine[-1]["text"] == "Look at the form"
    assert mine[-1]["ephemeral_for"] == slack.learner
    assert others == []
    (shown,) = control("GET", f"/views?as={slack.learner}")["modals"]
    assert shown["title"]["text"] == "Hello"
    assert control("POST", "/act", {"as": slack.learner, "do": "close", "view": shown["id"]})["ok"]
    assert control("GET", f"/views?as={slack.learner}")["modals"] == []


def test_an_act_that_cannot_be_says_why(slack: Stand, control):
    refused = control("POST", "/act", {"as": slack.learner, "do": "dance"}, 409)
    assert "Nobody can do 'dance'" in refused["error"]
    refused = control("POST", "/act", {"as": slack.learner, "do": "say", "channel": slack.course}, 409)
    assert refused["error"] == "text must be a text."
    assert control("POST", "/act", {"do": "say"}, 400)["error"].startswith("as must be there")


def test_the_clock_faults_and_the_log_of_deliveries(slack: Stand, control):
    before = control("POST", "/clock", {"freeze": True})["now"]
    assert control("POST", "/clock", {"advance": 90})["now"] == pytest.approx(before + 90)
    fault = control("POST", "/faults", {"target": "events", "kind": "drop", "count": 2}, 201)
    assert fault["remaining"] == 2
    assert control("GET", "/faults")["faults"] == [fault]
    control("POST", "/act", {"as": slack.learner, "do": "say", "channel": slack.course, "text": "Hello"})
    assert control("POST", "/settle")["settled"]
    log = control("GET", "/deliveries")["deliveries"]
    assert [(line["target"], line["fault"]) for line in log] == [("events", "drop"), ("events", "drop")]
    control("DELETE", "/deliveries", status=204)
    control("DELETE", "/faults", status=204)
    assert control("GET", "/deliveries")["deliveries"] == control("GET", "/faults")["faults"] == []


def test_an_app_is_installed_and_removed_without_clicks(slack: Stand, control):
    control("POST", "/uninstall", {}, 204)
    slack.settle()
    assert sorted(line.name[:2] for line in slack.deliveries) == ["Ev", "Ev"]
    assert not slack.client.api_test().get("error")
    installed = control("POST", "/install", {"installer": slack.teacher, "scopes": ["chat:write"]}, 201)
    assert installed["scopes"] == ["chat:write"]
    assert installed["bot_token"].startswith("xoxb-")
    slack.client.token = installed["bot_token"]
    assert slack.client.auth_test()["user_id"] == installed["bot_user"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/people", {"name": 7}, 400),
        ("POST", "/people", {"name": "x", "shoe_size": 43}, 400),
        ("POST", "/people", {"name": "x", "team": "T404"}, 404),
        ("PATCH", "/people/U404", {"locale": "de-DE"}, 404),
        ("POST", "/channels", {"name": "x", "creator": "U404"}, 409),
        ("GET", "/channels/C404/history", None, 404),
        ("GET", "/views?as=U404", None, 409),
        ("POST", "/clock", {"advance": -1}, 400),
        ("POST", "/clock", {"advance": "soon"}, 400),
        ("POST", "/faults", {"target": "events", "kind": "explode"}, 400),
        ("POST", "/faults", {"target": "events", "kind": "drop", "count": "x"}, 400),
        ("POST", "/install", {"app": "A404", "installer": "U404"}, 404),
        ("POST", "/act", [], 400),
    ],
)
def test_nonsense_is_answered_in_words(slack: Stand, control, method, path, body, status):
    assert control(method, path, body, status)["error"]


def test_sockets_are_told_to_come_back(slack: Stand, control):
    assert control("POST", "/sockets/disconnect", {"reason": "warning"})["told"] == 0


def test_the_readme_names_every_act_every_failure_and_every_address(slack: Stand):
    readme = (Path(control_api.__file__).parent / "README.md").read_text(encoding="utf-8")
    addresses = {rule.rule for rule in slack.running.flask.url_map.iter_rules() if rule.rule.startswith("/control")}
    addresses = {address.replace("<user_id>", "<id>").replace("<channel_id>", "<id>") for address in addresses}
    for word in (*ACTS, *OF_DELIVERIES, *OF_METHODS, *DELIVERIES):
        assert f"`{word}`" in readme, word
    for address in addresses:
        assert address in readme, address
