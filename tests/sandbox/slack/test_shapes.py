"""Answers have the members that Slack documents, and no others: an app must not get used to what only exists here.

Members as in the examples of the method pages of docs.slack.dev.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests

from tests.sandbox.slack.checks import HOME, MODAL, PIXEL, SECTION
from tests.sandbox.slack.workspace import OPTIONAL, SCOPES, Workspace, workspace


def words(text: str) -> set[str]:
    return set(text.split())


USER = words(
    "id team_id name deleted color real_name tz tz_label tz_offset profile is_admin is_owner is_primary_owner"
    " is_restricted is_ultra_restricted is_bot is_app_user updated is_email_confirmed who_can_share_contact_card"
    " locale"
)
CHANNEL = words(
    "id name is_channel is_group is_im is_mpim is_private created is_archived is_general unlinked name_normalized"
    " is_shared is_org_shared is_pending_ext_shared pending_shared context_team_id updated creator is_ext_shared"
    " shared_team_ids pending_connected_team_ids is_member topic purpose previous_names locale num_members"
)
MESSAGE = words("user type ts bot_id app_id text team bot_profile blocks")
VIEW = words(
    "id team_id type blocks private_metadata callback_id state hash title clear_on_close notify_on_close close submit"
    " previous_view_id root_view_id app_id external_id app_installed_team_id bot_id"
)
FILE = words(
    "id created timestamp name title mimetype filetype pretty_type user user_team editable size mode is_external"
    " external_type is_public public_url_shared display_as_bot username url_private url_private_download permalink"
    " permalink_public comments_count is_starred shares channels groups ims has_more_shares has_rich_preview"
    " file_access alt_txt"
)


@pytest.fixture(scope="module")
def slack() -> Iterator[Workspace]:
    with workspace((*SCOPES, *OPTIONAL)) as found:
        yield found


def members(answer: Any, name: str = "") -> set[str]:
    found: Mapping[str, Any] = answer[name] if name else answer.data
    return set(found)


def test_who_the_token_is(slack: Workspace) -> None:
    expected = {"ok", "url", "team", "user", "team_id", "user_id", "bot_id", "is_enterprise_install"}
    assert members(slack.client.auth_test()) == expected


def test_a_person(slack: Workspace) -> None:
    answer = slack.client.users_info(user=slack.teacher, include_locale=True)
    assert members(answer, "user") == USER
    assert members(slack.client.users_list()) == {"ok", "members", "cache_ts", "response_metadata"}


def test_a_channel(slack: Workspace) -> None:
    answer = slack.client.conversations_info(channel=slack.course, include_locale=True, include_num_members=True)
    assert members(answer, "channel") == CHANNEL


def test_messages(slack: Workspace) -> None:
    answer = slack.post(blocks=[SECTION])
    assert members(answer) == {"ok", "channel", "ts", "message"}
    assert members(answer, "message") == MESSAGE
    named = {"channel": slack.course, "ts": answer["ts"]}
    updated = slack.client.chat_update(**named, text="New")
    assert members(updated) == {"ok", "channel", "ts", "text", "message"}
    assert members(updated, "message") == MESSAGE | {"edited"}
    assert members(slack.client.chat_delete(**named)) == {"ok", "channel", "ts"}
    private = slack.client.chat_postEphemeral(channel=slack.course, user=slack.student, text="a")
    assert members(private) == {"ok", "message_ts"}
    history = slack.client.conversations_history(channel=slack.course)
    assert members(history) == {"ok", "messages", "has_more", "pin_count", "response_metadata"}


def test_views(slack: Workspace) -> None:
    home = slack.client.views_publish(user_id=slack.student, view=HOME)
    assert members(home, "view") == VIEW
    trigger = slack.running.slack.triggers.issue(slack.running.seeded.team.id, slack.running.app.id, slack.student)
    assert members(slack.client.views_open(trigger_id=trigger, view=MODAL), "view") == VIEW | {"submit_disabled"}


def test_files(slack: Workspace) -> None:
    given = slack.client.files_getUploadURLExternal(filename="cloud.png", length=len(PIXEL), alt_txt="Words")
    assert members(given) == {"ok", "upload_url", "file_id"}
    requests.post(given["upload_url"], data=PIXEL)
    done = slack.client.files_completeUploadExternal(files=[{"id": given["file_id"]}])
    assert set(done["files"][0]) == FILE


def test_what_happens_is_told(slack: Workspace) -> None:
    """The inner events of the Events API."""
    told: list[Any] = []
    slack.running.slack.listeners.append(told.append)
    ts = slack.post(text="Told")["ts"]
    slack.client.reactions_add(channel=slack.course, timestamp=ts, name="eyes")
    slack.client.chat_update(channel=slack.course, ts=ts, text="New")
    slack.client.chat_postEphemeral(channel=slack.course, user=slack.student, text="Not told")
    slack.client.chat_delete(channel=slack.course, ts=ts)
    slack.client.conversations_join(channel=slack.general)
    kinds = [(one.event["type"], one.event.get("subtype"), one.channel_id) for one in told]
    assert kinds == [
        ("message", None, slack.course),
        ("reaction_added", None, slack.course),
        ("message", "message_changed", slack.course),
        ("message", "message_deleted", slack.course),
        ("member_joined_channel", None, slack.general),
    ]
    assert told[0].event["channel_type"] == "channel"
    assert told[1].event["item"] == {"type": "message", "channel": slack.course, "ts": ts}
    assert told[2].event["previous_message"]["text"] == "Told"
