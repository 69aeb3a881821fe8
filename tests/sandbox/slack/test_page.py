"""The page of the small Slack: one browser walks through a vote, and everything around it is asked over HTTP."""

from __future__ import annotations

import re

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe

from tests.sandbox.slack.bolt_app import Stand

pytestmark = pytest.mark.xdist_group("browser")

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6360000000020001"
    "48afa4710000000049454e44ae426082"
)


def plain(text):
    return {"type": "plain_text", "text": text}


def option(value):
    return {"text": plain(value), "value": value.lower()}


def ballot(votes):
    """The message of a poll with a chart of its votes."""
    data = [{"label": name, "value": votes.count(name.lower())} for name in ("Mean", "Median")]
    series = [{"name": "Votes", "data": data}]
    chart = {"type": "bar", "series": series, "axis_config": {"categories": ["Mean", "Median"]}}
    button = {"type": "button", "action_id": "vote", "text": plain("Vote"), "style": "primary", "value": "1"}
    return [
        {"type": "header", "text": plain("Which one is robust?")},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*One* vote each. <https://campus.example|Notes> &lt;b&gt;"},
        },
        {"type": "data_visualization", "title": "Votes so far", "chart": chart},
        {"type": "actions", "elements": [button]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": f"Votes: {len(votes)}"}]},
    ]


VIEW = {
    "type": "modal",
    "callback_id": "vote",
    "title": plain("Your vote"),
    "submit": plain("Send"),
    "close": plain("Cancel"),
    "blocks": [
        {
            "type": "input",
            "block_id": "which",
            "label": plain("Which one?"),
            "element": {"type": "radio_buttons", "action_id": "one", "options": [option("Mean"), option("Median")]},
        },
        {
            "type": "input",
            "block_id": "why",
            "label": plain("Why?"),
            "hint": plain("Classmates see it without your name."),
            "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
        },
    ],
}


@pytest.fixture
def voting(slack: Stand) -> Stand:
    """An app that holds a vote: a button opens the modal, its submission updates the message."""
    app, votes, places = slack.make_app(), [], []

    @app.action("vote")
    def vote(ack, body, client):
        ack()
        places.append(body["container"])
        client.views_open(trigger_id=body["trigger_id"], view=VIEW)

    @app.view("vote")
    def voted(ack, body, client, respond):
        values = body["view"]["state"]["values"]
        if len(values["why"]["text"]["value"]) < 10:
            ack(response_action="errors", errors={"why": "Please say a little more."})
            return
        votes.append(values["which"]["one"]["selected_option"]["value"])
        ack()
        client.chat_update(channel=slack.course, ts=places[-1]["message_ts"], text="Vote", blocks=ballot(votes))
        client.chat_postEphemeral(channel=slack.course, user=body["user"]["id"], text="Your vote is saved.")

    @app.shortcut("keep")
    def keep(ack, client, body):
        ack()
        client.chat_postEphemeral(channel=slack.course, user=body["user"]["id"], text="Kept.")

    slack.running.slack.clock.unfreeze()
    slack.post(text="Vote", blocks=ballot([]))
    return slack


def clean(window):
    found = Axe().run(window).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]


def test_a_member_votes_in_the_browser_and_sees_the_count_change(voting: Stand, browser):
    slack = voting
    window = browser.new_page(viewport={"width": 1280, "height": 900})
    window.set_default_timeout(20_000)
    problems = []
    window.on("pageerror", lambda error: problems.append(str(error)))
    window.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    window.goto(f"{slack.running.base_url}/#as={slack.learner}&in={slack.course}")
    messages = window.locator("#messages")
    window.get_by_text("Votes: 0").wait_for()
    assert window.get_by_role("link", name="Notes").get_attribute("href") == "https://campus.example"
    assert window.get_by_role("img", name="Votes so far").count() == 1
    assert window.get_by_text("One vote each. Notes <b>").count() == 1, "marked-up text never becomes HTML"
    assert clean(window) == []

    window.get_by_role("button", name="Vote", exact=True).press("Enter")
    window.get_by_role("heading", name="Your vote").wait_for()
    window.get_by_label("Why?").fill("Because")
    window.get_by_role("button", name="Send", exact=True).last.click()
    window.get_by_text("Please complete this required field.").wait_for()
    window.get_by_role("radio", name="Median").check()
    window.get_by_role("button", name="Send", exact=True).last.click()
    window.get_by_text("Please say a little more.").wait_for()
    assert window.evaluate("document.activeElement.tagName") == "TEXTAREA", "the first wrong input has the focus"
    assert clean(window) == []
    window.get_by_label("Why?").fill("One outlier does not move it.")
    window.get_by_role("button", name="Send", exact=True).last.click()
    window.locator("#modal").wait_for(state="hidden")
    window.get_by_text("Votes: 1").wait_for()
    messages.get_by_text("Your vote is saved.").wait_for()

    window.get_by_label("Message # course").fill("Done!")
    window.get_by_role("button", name="Send", exact=True).click()
    messages.get_by_text("Done!").wait_for()
    window.get_by_label("More about the message of ballot").first.click()
    window.get_by_role("button", name="Keep this").click()
    messages.get_by_text("Kept.").wait_for()

    window.get_by_label("You are").select_option(slack.teacher)
    window.get_by_role("button", name="# course").click()
    messages.get_by_text("Done!").wait_for()
    assert window.get_by_text("Your vote is saved.").count() == 0, "it was for one person"

    window.set_viewport_size({"width": 320, "height": 640})
    assert window.evaluate("document.documentElement.scrollWidth") == 320
    window.get_by_role("button", name="Channels").click()
    window.get_by_role("button", name="Ballot").click()
    window.get_by_text("Ballot shows nothing here yet.").wait_for()
    assert clean(window) == []
    assert problems == []
    window.close()


def see(slack, **query):
    return requests.get(f"{slack.running.base_url}/page/see", params=query, timeout=10)


def act(slack, body, **headers):
    ours = {"Origin": slack.running.base_url, "Sec-Fetch-Site": "same-origin"}
    return requests.post(f"{slack.running.base_url}/page/act", json=body, headers={**ours, **headers}, timeout=10)


def test_the_page_lets_nothing_foreign_in(slack: Stand):
    page = requests.get(slack.running.base_url, timeout=10)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert re.search(r"<script(?![^>]* src=)|\son\w+=|style=", page.text) is None, "nothing inline"
    body = {"as": slack.learner, "do": "say", "channel": slack.course, "text": "Hello"}
    assert act(slack, body, Origin="https://elsewhere.example").status_code == 403
    assert act(slack, body, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert slack.history() == []
    assert act(slack, body).json()["ok"]
    assert [message.text for message in slack.history()] == ["Hello"]


def test_what_is_seen_is_sent_once(slack: Stand):
    first = see(slack, **{"as": slack.learner, "channel": slack.course})
    again = {"If-None-Match": first.headers["ETag"]}
    query = {"as": slack.learner, "channel": slack.course}
    same = requests.get(f"{slack.running.base_url}/page/see", params=query, headers=again, timeout=10)
    assert (first.status_code, same.status_code) == (200, 304)
    slack.post(text="News")
    newer = requests.get(f"{slack.running.base_url}/page/see", params=query, headers=again, timeout=10)
    assert [message["text"] for message in newer.json()["messages"]] == ["News"]


def test_private_channels_and_ephemeral_messages_stay_where_they_belong(slack: Stand):
    slack.client.chat_postEphemeral(channel=slack.course, user=slack.teacher, text="For the teacher")
    assert slack.running.seeded.staff.id not in [
        one["id"] for one in see(slack, **{"as": slack.learner}).json()["channels"]
    ]
    assert see(slack, **{"as": slack.learner, "channel": slack.running.seeded.staff.id}).status_code == 409
    seen = {
        who: see(slack, **{"as": who, "channel": slack.course}).json()["messages"]
        for who in (slack.teacher, slack.learner)
    }
    assert [message["text"] for message in seen[slack.teacher]] == ["For the teacher"]
    assert seen[slack.learner] == []
    assert see(slack, **{"as": "U404"}).status_code == 409


def test_no_secret_of_the_app_is_on_the_page(slack: Stand):
    app = slack.running.app
    start = requests.get(f"{slack.running.base_url}/page/start", params={"as": slack.learner}, timeout=10).text
    seen = see(slack, **{"as": slack.learner, "channel": slack.course}).text
    for secret in (app.signing_secret, app.client_secret, app.verification_token, slack.client.token):
        assert secret not in start + seen
    assert "Keep this" in start


def test_an_uploaded_picture_is_shown_when_it_is_ready(slack: Stand):
    installation = slack.running.slack.installations[0]
    scopes = (*installation.scopes, "files:write", "files:read")
    slack.client.token = slack.running.install(scopes).access.value
    slot = slack.client.files_getUploadURLExternal(filename="cloud.png", length=len(PNG), alt_text="A cloud")
    requests.post(slot["upload_url"], data=PNG, timeout=10)
    slack.client.files_completeUploadExternal(files=[{"id": slot["file_id"], "title": "Cloud"}])
    url = f"{slack.running.base_url}/page/files/{slot['file_id']}"
    assert requests.get(url, timeout=10).status_code == 404
    slack.advance(60)
    shown = requests.get(url, timeout=10)
    assert (shown.status_code, shown.headers["Content-Type"], shown.content) == (200, "image/png", PNG)
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert requests.get(f"{slack.running.base_url}/page/files/F404", timeout=10).status_code == 404


@pytest.mark.parametrize("body", [{}, {"as": 7}, {"as": "U404", "do": "say"}, {"as": "U404", "do": "fly"}])
def test_an_act_of_nobody_is_refused_in_words(slack: Stand, body):
    answer = act(slack, body)
    assert answer.status_code == 409
    assert answer.json()["error"]
