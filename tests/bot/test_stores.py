"""Installations: tokens sealed, one row a workspace or organisation, states once, ends that clean up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import select, text

from bot.app import NOT_INSTALLED
from bot.stores import Installations, States
from core.activities import channels, slack_messages, workspaces
from core.secrets import Vault, new_secret_key
from core.store.tables import SlackCode, SlackDirect, SlackEvent, SlackMessage, SlackState
from core.store.tables import Workspace as Row
from tests.bot.slack import CHANNEL, TEAM, Workspace
from tests.core.activities.hall import Hall


def installation(team: str | None, enterprise: str | None = None, token: str = "xoxe.xoxb-new") -> Installation:
    return Installation(
        app_id="A1", team_id=team, team_name="Class", enterprise_id=enterprise, is_enterprise_install=team is None,
        bot_token=token, bot_id="B1", bot_user_id="UB", bot_scopes=["chat:write"], user_id="U9",
        bot_refresh_token="xoxe-1-refresh", bot_token_expires_in=43200, installed_at=1.0,
    )  # fmt: skip


def test_an_installation_comes_back_as_it_was_and_its_tokens_are_sealed(workspace: Workspace) -> None:
    store = Installations(workspace.wiring)
    store.save(installation("T2"))
    found = store.find_bot(enterprise_id=None, team_id="T2")
    assert found is not None
    assert (found.bot_token, found.bot_refresh_token) == ("xoxe.xoxb-new", "xoxe-1-refresh")
    assert found.bot_scopes == ["chat:write"]
    assert found.bot_token_expires_at is not None
    with workspace.database.read() as session:
        stored = str(session.execute(text("SELECT * FROM slack_workspace")).all())
    assert "xox" not in stored
    store.save(installation("T2", token="xoxe.xoxb-newer"))
    again = store.find_bot(enterprise_id=None, team_id="T2")
    assert again is not None
    assert again.bot_token == "xoxe.xoxb-newer"


def test_an_organisation_serves_its_workspaces_and_nobody_elses(workspace: Workspace) -> None:
    store = Installations(workspace.wiring)
    store.save(installation(None, enterprise="E1"))
    assert store.find_bot(enterprise_id="E1", team_id="T5") is not None
    assert store.find_bot(enterprise_id="E2", team_id="T5") is None
    assert store.find_bot(enterprise_id=None, team_id="T5") is None
    store.save(installation("T5", enterprise="E1", token="xoxb-own"))
    own = store.find_bot(enterprise_id="E1", team_id="T5")
    assert own is not None
    assert own.bot_token == "xoxb-own"


def test_a_state_opens_once_and_for_ten_minutes(workspace: Workspace) -> None:
    states = States(workspace.wiring)
    state = states.issue()
    assert (states.consume(state), states.consume(state), states.consume("another")) == (True, False, False)
    late = states.issue()
    workspace.later(minutes=11)
    assert not states.consume(late)
    with workspace.database.write() as session:
        assert workspaces.purge(session, now=workspace.now) == 1
        assert session.scalar(select(SlackState)) is None


@pytest.mark.parametrize("event", [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["UB"]}}])
def test_an_uninstalled_app_leaves_no_token_and_sends_nothing(workspace: Workspace, event: dict[str, object]) -> None:
    hall = Hall(workspace.database, "poll")
    workspace.bind(hall.course_id, U1=hall.students[0])
    workspace.command("U1", "link")
    with workspace.database.write() as session:
        slack_messages.post(
            session, workspace.id, CHANNEL, "poll", 1, hall.activity_id, asked_by=None, now=workspace.now
        )
        slack_messages.direct(session, workspace.id, "U1", "reminder", 1, due_at=workspace.now)
    workspace.event(event)
    with workspace.database.read() as session:
        row = session.scalars(select(Row).where(Row.team_id == TEAM)).one()
        assert (row.bot_token, row.bot_refresh_token, row.ended_at) == (None, None, workspace.now)
        assert session.scalars(select(SlackMessage.status)).all() == ["over"]
        assert session.scalars(select(SlackDirect.status)).all() == ["dropped"]
        assert session.scalar(select(SlackCode.id)) is None
        assert slack_messages.busy(session, now=workspace.now) == []
    workspace.command("U1", "help")
    workspace.update()
    assert workspace.told()[-1] == NOT_INSTALLED
    assert workspace.api.of("chat.postMessage") == []
    Installations(workspace.wiring).save(installation(TEAM))
    with workspace.database.read() as session:
        assert channels.find(session, workspace.id, CHANNEL) is not None  # the class is there again


def test_what_slack_tells_late_ends_no_newer_installation(workspace: Workspace) -> None:
    workspace.later(minutes=5)
    Installations(workspace.wiring).save(installation(TEAM))
    told = int(workspace.now.timestamp())
    workspace.event({"type": "app_uninstalled"}, event_time=told - 60)
    with workspace.database.read() as session:
        assert workspaces.of_id(session, workspace.id) is not None
    workspace.event({"type": "app_uninstalled"}, event_time=told + 60)
    with workspace.database.read() as session:
        assert workspaces.of_id(session, workspace.id) is None


def test_users_tokens_that_are_revoked_change_nothing(workspace: Workspace) -> None:
    workspace.event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}})
    with workspace.database.read() as session:
        assert workspaces.of_id(session, workspace.id) is not None


def test_an_event_is_handled_once_however_often_it_comes(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    workspace.bind(hall.course_id)
    gone = {"type": "channel_deleted", "channel": CHANNEL}
    for number in range(4):
        headers = {"x-slack-retry-num": str(number)} if number else {}
        assert workspace.event(gone, "Ev7", **headers).status == 200
        with workspace.database.write() as session:
            assert (channels.find(session, workspace.id, CHANNEL) is None) == (number == 0)
            channels.bind(
                session, workspace.id, CHANNEL, course_id=hall.course_id, bound_by=None, language="en", zone="UTC",
                now=workspace.now,
            )  # fmt: skip
    with workspace.database.write() as session:
        assert session.scalars(select(SlackEvent.event_id)).all() == ["Ev7"]
        assert workspaces.purge(session, now=workspace.now + timedelta(days=2)) == 1


def test_tokens_are_sealed_anew(workspace: Workspace) -> None:
    Installations(workspace.wiring).save(installation("T2"))
    old, new = workspace.wiring.settings.secret_keys[0], new_secret_key()
    with workspace.database.write() as session:
        assert workspaces.reseal(session, Vault([new, old]).reseal) == 3
    with workspace.database.read() as session:
        found = workspaces.find(session, None, "T2")
    assert found is not None
    assert Vault([new]).open(found.bot_token or "") == "xoxe.xoxb-new"


def test_a_delivery_that_is_forged_or_old_or_of_nobody_opens_nothing(workspace: Workspace) -> None:
    body = "command=%2Fheirloom&text=class&user_id=U1&team_id=T1&channel_id=C1"
    kind = "application/x-www-form-urlencoded"
    wrong = workspace.deliver(body, kind, **{"x-slack-signature": "v0=" + "0" * 64})
    old = workspace.deliver(body, kind, **{"x-slack-request-timestamp": "1600000000"})
    assert (wrong.status, old.status) == (401, 401)
    stranger = workspace.deliver(body.replace("T1", "T404"), kind)
    assert stranger.status == 200  # Bolt's kind word that the app is not installed
    with workspace.database.read() as session:
        assert channels.find(session, workspace.id, CHANNEL) is None
