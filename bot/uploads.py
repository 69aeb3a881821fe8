"""Pictures for messages: uploaded to Slack, so that no public address leaks results.

Three steps (docs.slack.dev/messaging/working-with-files): an address, the bytes, the end; then Slack works on the file
for a moment before a message may show it, and says invalid_blocks until then. Not shared with a channel, it is seen
only where our message shows it. `files.info` would tell when it is ready, and needs the scope to read people's files.
"""

from __future__ import annotations

from typing import Any

import urllib3
from slack_sdk import WebClient

from bot import blocks
from bot.rendering import Picture
from bot.wiring import TIMEOUT

LOOKS, APART = 3, 1.0  # how often a message is sent with its picture, [s] after one another
_pool = urllib3.PoolManager(maxsize=4)


def upload(client: WebClient, picture: Picture) -> str | None:
    """The file's id, which a message may show soon; None where Slack's store did not take it. Raises SlackApiError."""
    file_id = _put(client, picture.png, picture.name, alt_txt=picture.alt[:1000])
    if file_id is not None:
        client.files_completeUploadExternal(files=[{"id": file_id, "title": picture.name}])
    return file_id


def send(client: WebClient, data: bytes, name: str, channel_id: str) -> bool:
    """Share a file in a channel or a private conversation; whether Slack took it. Raises SlackApiError."""
    file_id = _put(client, data, name)
    if file_id is None:
        return False
    client.files_completeUploadExternal(files=[{"id": file_id, "title": name}], channel_id=channel_id)
    return True


def _put(client: WebClient, data: bytes, name: str, **how: str) -> str | None:
    place = client.files_getUploadURLExternal(filename=name, length=len(data), **how)
    try:
        answer = _pool.request("POST", str(place["upload_url"]), body=data, timeout=TIMEOUT, retries=False)
    except urllib3.exceptions.HTTPError:
        return None
    return str(place["file_id"]) if answer.status < 400 else None


def block(file_id: str, picture: Picture) -> list[dict[str, Any]]:
    """The picture in a message."""
    return [blocks.picture(file_id, picture.alt)]
