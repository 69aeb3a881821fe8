"""chat.*: posting, changing and removing messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack import block_kit, posting, shapes
from sandbox.slack.api.calls import Call, Method
from sandbox.slack.state import Channel, Failure, Message, Slack, User

LONGEST_TEXT, LONGEST_UPDATE, LONGEST_MARKDOWN = 40_000, 4_000, 12_000
"""chat.postMessage cuts a longer text; chat.update refuses it (msg_too_long)."""
MOST_ATTACHMENTS = 100
LONGEST_BLOCKS = 11_000
"""Characters of all blocks of a new message together (msg_blocks_too_long). Slack publishes no figure: a maintainer
spoke of 12,000 less something for the blocks themselves (bolt-js#2509), 11,341 were refused (bolt-js#2867)."""
TRUNCATED = "[WARN] Your message was truncated but still posted. The `text` field accepts up to 40,000 characters."
LARGEST_METADATA = 8_000


def file_ready(slack: Slack, reference: Mapping[str, Any]) -> bool:
    """Whether a block may show an uploaded file, named by its id or its address."""
    for file in slack.files.values():
        if file.completed and (reference.get("id") == file.id or reference.get("url") == _address(slack, file.id)):
            return shapes.is_ready(slack, file)
    return False


def _address(slack: Slack, file_id: str) -> str:
    return str(shapes.file(slack, slack.files[file_id])["url_private"])


def blocks_of(call: Call) -> list[dict[str, Any]] | None:
    """The argument `blocks`, checked and completed. None if it is not given."""
    given: list[Any] | None = call.structure("blocks", "invalid_blocks_format", list)
    if given is None:
        return None
    problems = block_kit.check_blocks(given, surface="message", file_ready=lambda file: file_ready(call.slack, file))
    if problems:
        raise block_kit.fault_of_message(problems)
    return block_kit.complete(given)


def attachments_of(call: Call) -> list[dict[str, Any]] | None:
    """The argument `attachments`; their blocks keep to the rules of a message."""
    given: list[Any] | None = call.structure("attachments", "invalid_attachments", list)
    if given is None:
        return None
    if len(given) > MOST_ATTACHMENTS:
        raise Failure("too_many_attachments")
    for place, attachment in enumerate(given):
        if not isinstance(attachment, dict):
            raise Failure("invalid_attachments")
        if "blocks" in attachment:
            problems = block_kit.check_blocks(
                attachment["blocks"],
                surface="message",
                pointer=f"/attachments/{place}/blocks",
                file_ready=lambda file: file_ready(call.slack, file),
            )
            if problems:
                refusal = block_kit.fault_of_message(problems)
                raise Failure("invalid_attachments", **refusal.members)
    return [{"id": place + 1, **attachment} for place, attachment in enumerate(given)]


def metadata_of(call: Call) -> dict[str, Any] | None:
    """The argument `metadata`: the name of an event and an object (docs.slack.dev/messaging/message-metadata)."""
    given: dict[str, Any] | None = call.structure("metadata", "invalid_metadata_format", dict)
    if not given:
        return None
    known = {"event_type", "event_payload"}
    if set(given) != known or not isinstance(given["event_payload"], dict) or not isinstance(given["event_type"], str):
        raise Failure("invalid_metadata_schema")
    if block_kit.size_of(given) > LARGEST_METADATA:
        raise Failure("metadata_too_large")
    return given


def content_of(call: Call) -> dict[str, Any]:
    """What a new message says: text, blocks, attachments. Raises no_text if it says nothing."""
    text, markdown = call.text("text"), call.text("markdown_text")
    blocks, attachments = blocks_of(call), attachments_of(call)
    if markdown:
        if text or blocks:
            raise Failure("markdown_text_conflict")
        if len(markdown) > LONGEST_MARKDOWN:
            raise Failure("msg_too_long")
        blocks = block_kit.complete([{"type": "markdown", "text": markdown}])
        text = markdown
    if not (text.strip() or blocks or attachments):
        raise Failure("no_text")
    if len(text) > LONGEST_TEXT:
        call.warnings.append("message_truncated")
        call.notices.append(TRUNCATED)
    return {"text": text[:LONGEST_TEXT], "blocks": blocks or [], "attachments": attachments or []}


def place_of(call: Call) -> Channel:
    """Where a message goes. The id of a person stands for the app's conversation with that person."""
    target = call.slack.users.get(call.text("channel"))
    if target is not None and not target.is_bot:
        call.member(target.id, "channel_not_found")
        bot = call.slack.bot_user(call.app.id, target.team_id)
        assert bot is not None, "a token is for workspaces that have the app"
        channel = call.slack.direct_message(target.team_id, bot.id, target.id)
    else:
        channel = call.channel()
    if channel.is_archived:
        raise Failure("is_archived")
    if channel.kind == "im" and not call.app.messages_tab:
        raise Failure("messages_tab_disabled")
    return channel


def may_post(call: Call, channel: Channel, *, public: bool = True) -> None:
    """Raise not_in_channel unless the bot is a member, or posts to public channels without being one."""
    if call.bot_in(channel).id in channel.members:
        return
    if not (public and channel.kind == "public" and "chat:write.public" in call.token.scopes):
        raise Failure("not_in_channel")


def thread_of(call: Call, channel: Channel) -> str | None:
    """The thread that a message is to join. Its first message must be there, and must not be an answer itself."""
    thread_ts = call.text("thread_ts") or None
    if thread_ts is None:
        return None
    parent = channel.messages.get(thread_ts)
    if parent is None or parent.ephemeral_for or parent.thread_ts not in (None, parent.ts):
        raise Failure("cannot_reply_to_message")
    return thread_ts


def new_message(call: Call, channel: Channel, author: User, **details: Any) -> Message:
    """A message of the app, not posted yet."""
    custom = "chat:write.customize" in call.token.scopes
    icons = {"emoji": call.text("icon_emoji")} if custom and call.given("icon_emoji") else {}
    return Message(
        call.slack.new_ts(),
        channel.id,
        channel.team_id,
        author.id,
        app_id=call.app.id,
        bot_id=author.bot_id,
        username=call.text("username") if custom and call.given("username") else None,
        icons=icons,
        **content_of(call),
        **details,
    )


def post_message(call: Call) -> dict[str, Any]:
    channel = place_of(call)
    may_post(call, channel)
    if block_kit.text_length(call.structure("blocks", "invalid_blocks_format", list) or []) > LONGEST_BLOCKS:
        raise Failure("msg_blocks_too_long")
    message = new_message(
        call,
        channel,
        call.bot_in(channel),
        metadata=metadata_of(call),
        thread_ts=thread_of(call, channel),
        broadcast=call.given("thread_ts") and call.flag("reply_broadcast"),
    )
    posting.post(call.slack, message)
    return {"channel": channel.id, "ts": message.ts, "message": shapes.message(call.slack, message)}


def post_ephemeral(call: Call) -> dict[str, Any]:
    channel = call.channel()
    viewer = call.member(call.needed("user"), "user_not_in_channel")
    if channel.is_archived:
        raise Failure("is_archived")
    may_post(call, channel, public=False)
    if viewer.id not in channel.members:
        raise Failure("user_not_in_channel")
    message = new_message(
        call, channel, call.bot_in(channel), thread_ts=thread_of(call, channel), ephemeral_for=viewer.id
    )
    posting.post(call.slack, message)
    return {"message_ts": message.ts}


def own_message(call: Call, refusal: str) -> tuple[Channel, Message]:
    """A message that this app posted: an app changes no other."""
    channel = call.channel()
    message = channel.messages.get(call.needed("ts"))
    if message is None or message.ephemeral_for:
        raise Failure("message_not_found")
    if message.app_id != call.app.id:
        raise Failure(refusal)
    return channel, message


def update(call: Call) -> dict[str, Any]:
    """What is not given stays: blocks are taken away by an empty list (method page of chat.update)."""
    channel, message = own_message(call, "cant_update_message")
    text, markdown = call.text("text"), call.text("markdown_text")
    blocks, attachments, metadata = blocks_of(call), attachments_of(call), metadata_of(call)
    if markdown and (text or blocks):
        raise Failure("markdown_text_conflict")
    if len(text) > LONGEST_UPDATE or len(markdown) > LONGEST_MARKDOWN:
        raise Failure("msg_too_long")
    if markdown:
        text, blocks = markdown, block_kit.complete([{"type": "markdown", "text": markdown}])
    if not (text.strip() or blocks or attachments):
        raise Failure("no_text")
    changes: dict[str, Any] = {"text": text}
    if blocks is not None:
        changes["blocks"] = blocks
    if attachments is not None:
        changes["attachments"] = attachments
    if metadata is not None:
        changes["metadata"] = metadata
    posting.edit(call.slack, message, message.user_id, **changes)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": shapes.message(call.slack, message),
    }


def delete(call: Call) -> dict[str, Any]:
    channel, message = own_message(call, "cant_delete_message")
    posting.delete(call.slack, message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(call: Call) -> dict[str, Any]:
    channel = call.channel()
    message = channel.messages.get(call.needed("message_ts"))
    if message is None or message.ephemeral_for:
        raise Failure("message_not_found")
    return {"permalink": shapes.permalink(call.slack, message), "channel": channel.id}


METHODS = {
    "chat.postMessage": Method(post_message),
    "chat.postEphemeral": Method(post_ephemeral),
    "chat.update": Method(update),
    "chat.delete": Method(delete),
    "chat.getPermalink": Method(get_permalink, takes_json=False),
}
