"""files.*: uploading in three steps, and what became of a file.

A file can be shown when Slack has prepared it, some time after the last step: `PREPARING_SECONDS` here. Until then its
mimetype is empty in files.info, and a block with it is refused (invalid slack file).
"""

from __future__ import annotations

from typing import Any

from sandbox.slack import posting, shapes
from sandbox.slack.api import chat
from sandbox.slack.api.calls import Call, Method, invalid
from sandbox.slack.ids import new_id, secret_text
from sandbox.slack.state import Failure, File, Message, Slack

PREPARING_SECONDS = 1.0
LARGEST_FILE = 1_000_000_000
LONGEST_ALT = 1000


def get_upload_url(call: Call) -> dict[str, Any]:
    name, length = call.needed("filename"), call.whole("length", -1)
    call.needed("length")
    if length < 1:
        raise invalid("must be more than 0 [json-pointer:/length]")
    if length > LARGEST_FILE:
        raise Failure("file_upload_size_restricted")
    if len(call.text("alt_txt")) > LONGEST_ALT:
        raise Failure("alt_txt_too_large")
    file = File(
        new_id("F"),
        call.team.id,
        call.user.id,
        call.app.id,
        name,
        length,
        int(call.slack.clock.now()),
        secret_text(32),
        alt_txt=call.text("alt_txt"),
    )
    call.slack.files[file.id] = file
    return {"upload_url": f"{call.base_url}/upload/v1/{file.upload_secret}", "file_id": file.id}


def receive(slack: Slack, secret: str, data: bytes) -> int | None:
    """Take an upload: the number of bytes, or None if no upload was announced under that address."""
    for file in slack.files.values():
        if file.upload_secret == secret and file.data is None:
            file.data, file.length = data, len(data)
            return file.length
    return None


def complete_upload(call: Call) -> dict[str, Any]:
    """The last step. Files go to one channel, or to none: then only the app sees them."""
    given: list[Any] | None = call.structure("files", "invalid_arguments", list)
    if not given:
        raise invalid("missing required field: files")
    files = []
    for item in given:
        file = call.slack.files.get(str(item.get("id"))) if isinstance(item, dict) else None
        if file is None or file.app_id != call.app.id or file.data is None or file.completed:
            raise Failure("file_not_found")
        files.append(file)
    names = [call.text("channel_id"), *call.text("channels").split(",")]
    targets = [name.strip() for name in names if name.strip()]
    if len(set(targets)) > 1:
        raise Failure("channels_limit_exceeded")
    channel = call.slack.channels.get(targets[0]) if targets else None
    if targets and (channel is None or not call.slack.sees(call.user.id, channel)):
        raise Failure("channel_not_found")
    if channel is not None:
        chat.may_post(call, channel, public=False)
    blocks, thread_ts = chat.blocks_of(call), chat.thread_of(call, channel) if channel else None
    for file, item in zip(files, given, strict=True):
        file.completed, file.title = True, str(item.get("title") or file.name)
        file.alt_txt = str(item.get("alt_txt") or file.alt_txt)
        file.ready_at = call.slack.clock.now() + PREPARING_SECONDS
    answer = {"files": [shapes.file(call.slack, file) for file in files]}
    if channel is not None:
        bot = call.bot_in(channel)
        message = Message(
            call.slack.new_ts(),
            channel.id,
            channel.team_id,
            bot.id,
            text=call.text("initial_comment"),
            blocks=blocks or [],
            thread_ts=thread_ts,
            app_id=call.app.id,
            bot_id=bot.bot_id,
            file_ids=[file.id for file in files],
        )
        call.slack.clock.after(PREPARING_SECONDS, lambda: _share(call.slack, message))
    return answer


def _share(slack: Slack, message: Message) -> None:
    """Post prepared files; until then neither message nor shares exist."""
    with slack.lock:
        message.ts = slack.new_ts()
        posting.post(slack, message)


def _file(call: Call) -> File:
    file = call.slack.files.get(call.needed("file"))
    if file is None or not file.completed or file.team_id != call.team.id:
        raise Failure("file_not_found")
    channels = [call.slack.channels[channel] for channel in file.shares]
    if file.app_id != call.app.id and not any(call.slack.sees(call.user.id, channel) for channel in channels):
        raise Failure("file_not_found")
    if file.deleted:
        raise Failure("file_deleted")
    return file


def info(call: Call) -> dict[str, Any]:
    return {
        "file": shapes.file(call.slack, _file(call)),
        "comments": [],
        "response_metadata": {"next_cursor": ""},
    }


def delete(call: Call) -> dict[str, Any]:
    file = _file(call)
    if file.app_id != call.app.id:
        raise Failure("cant_delete_file")
    file.deleted = True
    return {}


METHODS = {
    "files.completeUploadExternal": Method(complete_upload),
    "files.delete": Method(delete),
    "files.getUploadURLExternal": Method(get_upload_url, takes_json=False),
    "files.info": Method(info, takes_json=False),
}
