"""Uploading: three steps, some time until a file can be shown, and who sees it.

docs.slack.dev/messaging/working-with-files
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.slack.api.files import PREPARING_SECONDS
from tests.sandbox.slack.checks import PIXEL
from tests.sandbox.slack.workspace import Workspace, error, refusal, workspace


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with workspace() as found:
        yield found


def announce(slack: Workspace, **arguments: Any) -> Any:
    return slack.client.files_getUploadURLExternal(
        **{"filename": "cloud.png", "length": len(PIXEL), "alt_txt": "Three words", **arguments}
    )


def uploaded(slack: Workspace, **arguments: Any) -> str:
    given = announce(slack)
    assert requests.post(given["upload_url"], data=PIXEL).text == f"OK - {len(PIXEL)}"
    slack.client.files_completeUploadExternal(files=[{"id": given["file_id"], "title": "Cloud"}], **arguments)
    return str(given["file_id"])


def picture(file_id: str) -> dict[str, Any]:
    return {"type": "image", "alt_text": "Three words", "slack_file": {"id": file_id}}


def test_a_file_can_be_shown_after_some_time(slack: Workspace) -> None:
    file_id = uploaded(slack)
    answer = refusal(slack.client, "chat.postMessage", channel=slack.course, blocks=[picture(file_id)])
    assert answer["errors"] == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]
    assert slack.client.files_info(file=file_id)["file"]["mimetype"] == ""
    slack.running.slack.clock.advance(PREPARING_SECONDS)
    file = slack.client.files_info(file=file_id)["file"]
    assert (file["mimetype"], file["title"], file["alt_txt"]) == ("image/png", "Cloud", "Three words")
    assert slack.post(blocks=[picture(file_id)])["ok"]
    by_address = {"type": "image", "alt_text": "a", "slack_file": {"url": file["url_private"]}}
    assert slack.post(blocks=[by_address])["ok"]


def test_a_file_in_a_channel_is_a_message(slack: Workspace) -> None:
    file_id = uploaded(slack, channel_id=slack.course, initial_comment="Look")
    assert slack.client.conversations_history(channel=slack.course)["messages"] == []
    slack.running.slack.clock.advance(PREPARING_SECONDS)
    (message,) = slack.client.conversations_history(channel=slack.course)["messages"]
    assert (message["text"], message["files"][0]["id"]) == ("Look", file_id)
    shares = slack.client.files_info(file=file_id)["file"]["shares"]
    assert shares == {"public": {slack.course: [{"ts": message["ts"]}]}}


def test_an_upload_may_be_a_form(slack: Workspace) -> None:
    given = announce(slack)
    assert requests.post(given["upload_url"], files={"file": ("cloud.png", PIXEL)}).ok


def test_the_steps_cannot_be_left_out(slack: Workspace) -> None:
    given = announce(slack)
    named = [{"id": given["file_id"]}]
    assert refusal(slack.client, "files.completeUploadExternal", files=named)["error"] == "file_not_found"
    assert error(slack.client, "files.info", file=given["file_id"]) == "file_not_found"
    assert requests.post(given["upload_url"], data=PIXEL).ok
    assert requests.post(given["upload_url"], data=PIXEL).status_code == 404
    slack.client.files_completeUploadExternal(files=named)
    assert refusal(slack.client, "files.completeUploadExternal", files=named)["error"] == "file_not_found"
    assert requests.post(f"{slack.running.base_url}/upload/v1/guessed", data=PIXEL).status_code == 404


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"length": 0}, "invalid_arguments"),
        ({"length": 2_000_000_000}, "file_upload_size_restricted"),
        ({"alt_txt": "x" * 1001}, "alt_txt_too_large"),
        ({"filename": ""}, "invalid_arguments"),
    ],
)
def test_an_upload_that_cannot_be(slack: Workspace, arguments: dict[str, Any], word: str) -> None:
    found = error(slack.client, "files.getUploadURLExternal", **{"filename": "a.png", "length": 5, **arguments})
    assert found == word


def test_where_a_file_goes(slack: Workspace) -> None:
    given = announce(slack)
    requests.post(given["upload_url"], data=PIXEL)
    named: dict[str, Any] = {"files": [{"id": given["file_id"]}]}
    for channel, word in (
        ("C0", "channel_not_found"),
        (slack.staff, "channel_not_found"),
        (slack.general, "not_in_channel"),
    ):
        answer = refusal(slack.client, "files.completeUploadExternal", channel_id=channel, **named)
        assert answer["error"] == word
    two = f"{slack.course},{slack.general}"
    assert (
        refusal(slack.client, "files.completeUploadExternal", channels=two, **named)["error"]
        == "channels_limit_exceeded"
    )


def test_a_deleted_file_is_gone(slack: Workspace) -> None:
    file_id = uploaded(slack)
    slack.running.slack.clock.advance(PREPARING_SECONDS)
    slack.client.files_delete(file=file_id)
    assert error(slack.client, "files.info", file=file_id) == "file_deleted"
    assert refusal(slack.client, "chat.postMessage", channel=slack.course, blocks=[picture(file_id)])["errors"]
