"""An independent stand-in for Slack answers the same 36 checks, but for what docs/slack_conformance.md lists.

emulate (npm, Apache-2.0) shares nothing with this project: where it and the small Slack agree, two people read Slack's
documentation in the same way.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from tests.peers.environment import NotInstalled, node_modules_of
from tests.sandbox.slack.checks import CHECKS, Target, differences
from tests.system.processes import free_port, wait_until

HERE = Path(__file__).parent
TABLE = HERE.parent.parent / "docs" / "slack_conformance.md"
TOKEN = "xoxb-probe"
SEED = """
slack:
  team: {name: Demonstration, domain: demonstration}
  users:
    - {name: teacher, real_name: Teacher, email: teacher@campus.invalid}
    - {name: learner-01, real_name: Learner 01, email: learner-01@campus.invalid}
  channels:
    - {name: course}
  bots:
    - {name: probe}
  tokens:
    - {token: xoxb-probe, user: teacher, scopes: ["chat:write"]}
"""


@pytest.fixture(scope="module")
def emulate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The peer as a process. It starts with everybody in #course, and its own admin alone in #general."""
    try:
        modules = node_modules_of(HERE / "emulate")
    except NotInstalled as error:
        pytest.skip(f"emulate cannot be installed here: {error}")
    directory = tmp_path_factory.mktemp("emulate")
    seed, port = directory / "seed.yaml", free_port()
    seed.write_text(SEED, encoding="utf-8")
    program = [str(modules / ".bin" / "node"), str(modules / "emulate" / "dist" / "index.js"), "start"]
    with (directory / "output.txt").open("w") as output:
        process = subprocess.Popen(
            [*program, "-s", "slack", "-p", str(port), "--seed", str(seed)],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
        )
        try:
            yield _target(WebClient(token=TOKEN, base_url=f"http://127.0.0.1:{port}/api/"))
        finally:
            process.terminate()
            process.wait()


def _target(client: WebClient) -> Target:
    def answers() -> bool:
        try:
            client.auth_test()
        except (OSError, SlackClientError):
            return False
        return True

    wait_until(answers, "emulate to answer")
    channels = {channel["name"]: channel["id"] for channel in client.conversations_list()["channels"]}
    people = {member["name"]: member["id"] for member in client.users_list()["members"]}
    return Target(
        client=client,
        app_token="xapp-1-probe",
        joined=channels["course"],
        outside=channels["general"],
        member=people["learner-01"],
        now=time.time,
        wait=time.sleep,
        pace=lambda: None,
    )


def listed() -> dict[str, str]:
    """The table of differences: what emulate answers, by check."""
    rows = re.findall(
        r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \| [^|]+ \|$", TABLE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {name: answer.strip() for name, answer in rows}


def test_differs_exactly_where_the_table_says(emulate: Target) -> None:
    assert differences(emulate) == listed()


def test_the_table_names_checks() -> None:
    assert listed()
    assert set(listed()) <= set(CHECKS)
