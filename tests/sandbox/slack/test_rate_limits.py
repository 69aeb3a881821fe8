"""Rate limits: a minute's worth at once, then 429 with Retry-After; each method, app, workspace and channel for itself.

docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web import SlackResponse

from sandbox.slack.rate_limits import TIERS
from tests.sandbox.slack.workspace import Workspace, workspace


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with workspace() as found:
        yield found


def asked(slack: Workspace, method: str, token: str | None = None, **arguments: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token or slack.client.token}"}
    return requests.post(f"{slack.running.api_url}{method}", data=arguments, headers=headers)


@pytest.mark.parametrize(("method", "tier"), [("users.list", 20), ("conversations.info", 50), ("users.info", 100)])
def test_a_tier_is_so_many_calls_a_minute(slack: Workspace, method: str, tier: int) -> None:
    arguments = {"channel": slack.course, "user": slack.student}
    assert TIERS[method] == tier
    for _ in range(tier):
        assert asked(slack, method, **arguments).status_code == 200
    answer = asked(slack, method, **arguments)
    assert answer.status_code == 429
    assert answer.json() == {"ok": False, "error": "ratelimited"}
    wait = int(answer.headers["Retry-After"])
    assert wait == -(-60 // tier)
    slack.running.slack.clock.advance(wait)
    assert asked(slack, method, **arguments).status_code == 200


def test_a_bucket_never_holds_more_than_a_minute(slack: Workspace) -> None:
    slack.running.slack.clock.advance(24 * 3600)
    answers = [asked(slack, "users.list").status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


def test_methods_do_not_share_a_limit(slack: Workspace) -> None:
    for _ in range(20):
        asked(slack, "users.list")
    assert asked(slack, "users.list").status_code == 429
    assert asked(slack, "conversations.list").status_code == 200


def test_failing_calls_count_too(slack: Workspace) -> None:
    for _ in range(50):
        assert asked(slack, "conversations.info", channel="C0").json()["error"] == "channel_not_found"
    assert asked(slack, "conversations.info", channel=slack.course).status_code == 429


def test_a_channel_takes_a_message_a_second_after_a_burst(slack: Workspace) -> None:
    def post(channel: str) -> int:
        return asked(slack, "chat.postMessage", channel=channel, text="a").status_code

    assert [post(slack.course) for _ in range(6)] == [200] * 5 + [429]
    direct = slack.client.conversations_open(users=slack.student)["channel"]["id"]
    assert post(direct) == 200
    slack.running.slack.clock.advance(1)
    assert [post(slack.course) for _ in range(2)] == [200, 429]


def test_workspaces_do_not_share_a_limit(slack: Workspace) -> None:
    from sandbox.slack import oauth

    state = slack.running.slack
    with state.lock:
        other = state.add_team("Other", "other")
        person = state.add_user(other.id, "teacher", "Teacher")
        token = oauth.install(state, slack.running.app, other, person)[1].access.value
    for _ in range(21):
        last = asked(slack, "users.list")
    assert last.status_code == 429
    assert asked(slack, "users.list", token).status_code == 200


def test_the_sdk_waits_as_it_is_told(slack: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """slack_sdk's own handler understands the answer."""
    advance: Callable[[float], None] = slack.running.slack.clock.advance
    monkeypatch.setattr("time.sleep", advance)
    slack.client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    answers: list[SlackResponse] = [slack.client.users_list() for _ in range(25)]
    assert all(answer["ok"] for answer in answers)
