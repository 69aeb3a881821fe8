"""The small Slack answers all 36 black-box checks as Slack documents it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.slack.checks import CHECKS, Target
from tests.sandbox.slack.workspace import workspace


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with workspace(socket_mode_enabled=True) as found:
        slack = found.running.slack
        with slack.lock:
            app_token = slack.issue("app", found.running.app.id, scopes=("connections:write",)).value
        yield Target(
            client=found.client,
            app_token=app_token,
            joined=found.course,
            outside=found.general,
            member=found.student,
            now=slack.clock.now,
            wait=slack.clock.advance,
            pace=lambda: slack.clock.advance(1),
        )


@pytest.mark.parametrize("name", CHECKS)
def test_answers_as_documented(target: Target, name: str) -> None:
    CHECKS[name](target)


def test_there_are_36() -> None:
    assert len(CHECKS) == 36
