"""What an app answers to a person without a token: over a response URL, or as the answer to a slash command.

docs.slack.dev/interactivity/handling-user-interaction: a new message, seen by the person alone unless response_type is
in_channel; or replace_original and delete_original, for the message that it was done in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.slack import block_kit, posting
from sandbox.slack.api.chat import file_ready
from sandbox.slack.response_urls import Origin, ResponseUrls, UrlRefused
from sandbox.slack.state import Channel, Failure, Message, Slack

LONGEST_TEXT = 40_000


def apply(slack: Slack, origin: Origin, body: Mapping[str, Any]) -> None:
    """Do what the body says. Wants the lock held. Raises Failure and changes nothing if it cannot be done."""
    channel = slack.channels[origin.channel_id]
    original = channel.messages.get(origin.message_ts)
    if body.get("delete_original"):
        if original is None:
            raise Failure("message_not_found")
        posting.delete(slack, original)
        return
    content = _content(slack, channel, body)
    bot = slack.bot_user(origin.app_id, origin.team_id)
    if bot is None:
        raise Failure("account_inactive")
    if body.get("replace_original"):
        if original is None:
            raise Failure("message_not_found")
        posting.edit(slack, original, bot.id, **content)
        return
    response_type = body.get("response_type", "ephemeral")
    if response_type not in ("ephemeral", "in_channel"):
        raise Failure("invalid_arguments")
    ephemeral_for = origin.user_id if response_type == "ephemeral" else None
    thread_ts = origin.thread_ts if ephemeral_for else str(body.get("thread_ts") or "")
    posting.post(
        slack,
        Message(
            slack.new_ts(),
            channel.id,
            origin.team_id,
            bot.id,
            thread_ts=thread_ts or None,
            app_id=origin.app_id,
            bot_id=bot.bot_id,
            subtype="bot_message" if ephemeral_for is None else None,
            ephemeral_for=ephemeral_for,
            **content,
        ),
    )


def _content(slack: Slack, channel: Channel, body: Mapping[str, Any]) -> dict[str, Any]:
    """Text and blocks of a message."""
    blocks = body.get("blocks") or []
    if blocks:
        problems = block_kit.check_blocks(
            blocks, surface=block_kit.MESSAGE, pointer="/blocks", file_ready=lambda file: file_ready(slack, file)
        )
        if problems:
            raise block_kit.fault_of_message(problems)
    text = body.get("text", "")
    if not isinstance(text, str):
        raise Failure("invalid_arguments")
    if not text and not blocks and not body.get("attachments"):
        raise Failure("no_text")
    if channel.is_archived:
        raise Failure("is_archived")
    return {
        "text": text[:LONGEST_TEXT],
        "blocks": block_kit.complete(blocks),
        "attachments": list(body.get("attachments") or []),
    }


def blueprint(slack: Slack, urls: ResponseUrls) -> Blueprint:
    """The addresses that apps answer to."""
    hooks = Blueprint("hooks", __name__)

    @hooks.post("/hooks/<path:key>")
    def answer(key: str) -> ResponseReturnValue:
        body = request.get_json(silent=True, force=True)
        if not isinstance(body, dict):
            return Response("invalid_payload", status=400, content_type="text/plain; charset=utf-8")
        try:
            origin = urls.take(key)
            with slack.lock:
                apply(slack, origin, body)
        except UrlRefused as refused:
            return jsonify(ok=False, error=refused.error), 404
        except Failure as failure:
            return jsonify(ok=False, error=failure.error, **failure.members), 400
        return jsonify(ok=True)

    return hooks
