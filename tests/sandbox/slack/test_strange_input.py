"""Whatever JSON arrives, the checks of Block Kit find words for it, and every method answers as Slack does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.slack import block_kit
from sandbox.slack.api import METHODS
from sandbox.slack.block_data import CHARTS, INLINE
from sandbox.slack.block_elements import ELEMENTS
from sandbox.slack.block_kit import BLOCKS
from tests.sandbox.slack.workspace import OPTIONAL, SCOPES, Workspace, workspace


def words(text: str) -> list[str]:
    return text.split()


TYPES = st.sampled_from(
    sorted({*BLOCKS, *ELEMENTS, *CHARTS, *INLINE, "plain_text", "mrkdwn", "raw_text", "modal", "home"})
)
NAMES = st.sampled_from(
    words(
        "text fields accessory elements element label options option_groups initial_option initial_options value title"
        " chart series segments axis_config categories data rows columns child_blocks actions block_id action_id"
        " image_url slack_file alt_text id blocks submit view confirm placeholder min_length max_length style url icon"
    )
)
SCALARS = st.none() | st.booleans() | st.integers(-5, 5000) | st.floats(allow_nan=False) | st.text(max_size=8) | TYPES
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES, inner, max_size=4)
        | st.builds(lambda kind, rest: {"type": kind, **rest}, TYPES, st.dictionaries(NAMES, inner, max_size=4))
    ),
    max_leaves=25,
)


@settings(max_examples=100, deadline=None)
@given(JSON, st.sampled_from(["message", "modal", "home"]))
def test_blocks(value: Any, surface: str) -> None:
    for given_blocks in (value, [value]):
        problems = block_kit.check_blocks(given_blocks, surface=surface)
        assert all(problem.line for problem in problems)
        if not problems:
            kept = block_kit.complete(given_blocks)
            assert all(block["block_id"] for block in kept)
            assert block_kit.check_blocks(kept, surface=surface) == []


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_views(value: Any) -> None:
    for view in (value, {"type": "modal", "title": {"type": "plain_text", "text": "a"}, "blocks": value}):
        assert all(problem.line for problem in block_kit.check_view(view))


@pytest.fixture(scope="module")
def slack() -> Iterator[Workspace]:
    with workspace((*SCOPES, *OPTIONAL)) as found:
        yield found


STRANGE: list[Any] = [None, True, -1, 1e308, " ", "x" * 5000, "🜲\x00", [[]], {"a": {}}, [None]]
ARGUMENTS = words(
    "channel text blocks attachments metadata thread_ts ts user users view view_id trigger_id user_id files file"
    " filename length limit cursor types oldest latest post_at name timestamp message_ts code hash external_id"
)


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"apps.uninstall", "auth.revoke"}))
def test_methods(slack: Workspace, method: str) -> None:
    client, path = slack.running.flask.test_client(), f"/api/{method}"
    headers = {"Authorization": f"Bearer {slack.client.token}"}
    good = {"channel": slack.course, "user": slack.student, "user_id": slack.student, "text": "a", "ts": "1.0"}
    for strange in STRANGE:
        slack.running.slack.clock.advance(60)
        asked = dict.fromkeys(ARGUMENTS, strange)
        as_json = client.post(path, json=asked, headers=headers)
        partly = client.post(path, json=asked | good, headers=headers)
        as_form = client.post(path, data={name: str(strange) for name in ARGUMENTS} | good, headers=headers)
        for answer in (as_json, partly, as_form):
            assert answer.status_code == 200, answer.text
            assert answer.json is not None
            assert isinstance(answer.json["ok"], bool)
