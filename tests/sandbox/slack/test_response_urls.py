"""Response URLs: five answers within half an hour, without a token."""

from __future__ import annotations

import pytest
from slack_sdk.webhook import WebhookClient

from sandbox.slack.response_urls import Origin, ResponseUrls, UrlRefused
from tests.sandbox.slack.bolt_app import Stand

BUTTON = [
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "yes", "text": {"type": "plain_text", "text": "Yes"}, "value": "7"}
        ],
    }
]


@pytest.fixture
def click(slack: Stand):
    """Somebody clicks a button of a message; gives the response URL as a client, and the message."""
    urls = []
    app = slack.make_app()

    @app.action("yes")
    def yes(ack, body):
        urls.append(body["response_url"])
        ack()

    def do(place=None):
        place = place or slack.post(blocks=BUTTON)
        assert slack.acting.use(slack.learner, place, "", "yes").ok
        return WebhookClient(urls[-1]), place

    return do


def texts(slack, viewer=None):
    return [message.text for message in slack.history(viewer)]


def test_an_answer_is_seen_by_the_person_alone_unless_it_says_otherwise(slack: Stand, click):
    url, _ = click()
    assert url.send(text="Noted").status_code == 200
    assert url.send(text="Somebody voted", response_type="in_channel").status_code == 200
    assert "Noted" in texts(slack, slack.learner)
    assert "Noted" not in texts(slack, slack.teacher)
    assert "Somebody voted" in texts(slack, slack.teacher)


def test_five_answers_and_no_sixth(slack: Stand, click):
    url, _ = click()
    for number in range(5):
        assert url.send(text=f"Answer {number}").status_code == 200
    sixth = url.send(text="Once more")
    assert (sixth.status_code, sixth.body) == (404, '{"ok":false,"error":"used_url"}\n')
    assert "Once more" not in texts(slack, slack.learner)


def test_after_half_an_hour_it_takes_nothing(slack: Stand, click):
    url, _ = click()
    slack.advance(30 * 60)
    assert url.send(text="Just in time").status_code == 200
    slack.advance(1)
    late = url.send(text="Too late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)


def test_the_message_can_be_replaced_and_deleted(slack: Stand, click):
    url, place = click()
    assert url.send(text="Closed", replace_original=True).status_code == 200
    assert "Closed" in texts(slack)
    assert len(texts(slack)) == 1, "no new one"
    assert url.send(delete_original=True).status_code == 200
    assert place.ts not in [message.ts for message in slack.history()]
    gone = url.send(text="Again", replace_original=True)
    assert (gone.status_code, "message_not_found" in gone.body) == (400, True)


def test_an_ephemeral_message_is_replaced_for_its_person(slack: Stand, click):
    url, _ = click()
    url.send(text="Only you", blocks=BUTTON)
    (own,) = [message for message in slack.history(slack.learner) if message.ephemeral_for]
    second, _ = click(place=type(slack.post())(slack.course, own.ts))
    second.send(text="Still only you", replace_original=True)
    assert "Still only you" in texts(slack, slack.learner)
    assert "Still only you" not in texts(slack)


def test_blocks_that_break_a_limit_are_refused_with_a_pointer(slack: Stand, click):
    url, _ = click()
    wrong = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    answer = url.send(text="Long", blocks=wrong)
    assert answer.status_code == 400
    assert "invalid_blocks" in answer.body
    assert "/blocks/0/text" in answer.body


def test_an_answer_needs_words_or_blocks(slack: Stand, click):
    url, _ = click()
    answer = url.send(text="")
    assert (answer.status_code, "no_text" in answer.body) == (400, True)


def test_an_address_that_nobody_got_takes_nothing(slack: Stand):
    answer = WebhookClient(f"{slack.running.base_url}/hooks/actions/T1/1/guessed").send(text="Hello")
    assert answer.status_code == 404


def test_each_answer_counts_also_one_that_fails():
    urls = ResponseUrls("http://127.0.0.1:1", lambda: 0.0)
    key = urls.issue("actions", Origin("A1", "T1", "U1", "C1")).partition("/hooks/")[2]
    for _ in range(5):
        assert urls.take(key).user_id == "U1"
    with pytest.raises(UrlRefused) as refused:
        urls.take(key)
    assert refused.value.error == "used_url"
