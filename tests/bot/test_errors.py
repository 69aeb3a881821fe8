"""What goes wrong on our side: people are told, Slack sends again, and the log says what but not what people wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from slack_bolt import BoltResponse
from sqlalchemy.exc import OperationalError

from core.activities import questions
from tests.bot.asking import WHY
from tests.bot.classes import Class, typed, words
from tests.bot.slack import CHANNEL, Workspace
from tests.core.store import refusing
from tests.core.store.refusing import TEXT

BUSY = "Too much happens at once right now, and what you did was not kept. Try again in a minute."
MENTION = {"type": "app_mention", "user": "U1", "text": f"<@UB> ask {WHY}", "channel": CHANNEL, "ts": "1.2"}


@contextmanager
def away(workspace: Workspace, error: Exception | None = None) -> Iterator[None]:
    """The database cannot be reached, so not even which workspace asks is known."""
    problem = error or OperationalError("SELECT 1", {}, Exception("connection refused"))

    @contextmanager
    def fail() -> Iterator[Any]:
        raise problem
        yield

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(workspace.database, "read", fail)
        patched.setattr(workspace.database, "write", fail)
        yield


def said(answer: BoltResponse) -> dict[str, Any]:
    assert answer.status == 200
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_a_command_while_the_database_is_away_is_answered(workspace: Workspace) -> None:
    with away(workspace):
        assert said(workspace.command("U1", "polls")) == {"response_type": "ephemeral", "text": BUSY}


def test_a_form_that_is_sent_while_the_database_is_away_stays_open_below_the_word(workspace: Workspace) -> None:
    with away(workspace):
        pushed = said(workspace.submit("U1", "question_ask", typed(title=WHY)))
    assert pushed["response_action"] == "push"
    assert BUSY in words(pushed["view"])


def test_a_click_in_a_message_while_the_database_is_away_is_told_to_that_person_alone(workspace: Workspace) -> None:
    with away(workspace):
        assert workspace.click("U1", "poll_vote:1", "1:1").status == 200
    (told,) = workspace.api.of("respond")
    assert (told["text"], told["response_type"]) == (BUSY, "ephemeral")


def test_a_click_in_a_view_while_the_database_is_away_shows_slacks_own_warning(workspace: Workspace) -> None:
    with away(workspace):
        assert workspace.click("U1", "poll_see", "1", view={"id": "V1", "type": "home"}).status == 500


def test_an_event_while_the_database_is_away_is_taken_when_slack_sends_it_again(workspace: Workspace) -> None:
    room = Class(workspace, "questions")
    with away(workspace):
        assert workspace.event(MENTION, "Ev77").status == 500
        assert workspace.event(MENTION, "Ev77", **{"x-slack-retry-num": "1"}).status == 500
    before = len(workspace.api.calls)
    assert workspace.event(MENTION, "Ev77", **{"x-slack-retry-num": "2"}).status == 200
    assert len(workspace.api.calls) == before + 1
    assert workspace.event(MENTION, "Ev77", **{"x-slack-retry-num": "3"}).status == 200
    assert len(workspace.api.calls) == before + 1
    assert room.told()


def test_a_bug_before_it_is_known_who_asks_has_a_code_that_the_log_has_too(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    with away(workspace, LookupError("an oddity")):
        told = said(workspace.command("U1", "polls"))["text"]
    code = re.search(r"this code: ([0-9A-Z]{8})", told)
    assert code is not None
    assert caplog.records[-1].__dict__["fields"]["code"] == code[1]
    assert "an oddity" in caplog.text
    assert "an oddity" not in told


def test_what_the_database_refuses_is_logged_without_what_was_typed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    room = Class(workspace, "questions")
    monkeypatch.setattr(questions, "ask", refusing.store)
    pushed = said(workspace.submit("U1", "question_ask", typed(title=TEXT, text=TEXT), room.metadata))
    assert "Something broke on our side" in words(pushed["view"])
    assert "IntegrityError" in caplog.text
    assert TEXT not in caplog.text
