"""The updater: what is so is shown, at Slack's pace, by one at a time, whatever Slack answers meanwhile."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import updater as rooms
from bot.rendering import Rendered
from bot.updater import Pace, Updater
from core.activities import slack_messages, slack_users, walls, workspaces
from core.activities.slack_messages import Direct, Message
from core.store.tables import Person, Poll, SlackDirect, SlackMessage, SlackUser
from core.store.tables import Workspace as Row
from tests.bot.slack import CHANNEL, Workspace
from tests.core.activities.hall import Hall


class Clock:
    """A clock for the pace."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hall(workspace: Workspace) -> Hall:
    made = Hall(workspace.database, "poll")
    workspace.bind(made.course_id, U1=made.students[0])
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hands(workspace: Workspace, clock: Clock) -> Updater:
    """An updater for a noun of tests: it shows the version of the activity's wall."""

    def render(session: Any, _wiring: Any, _bound: Any, message: Message) -> Rendered:
        version = walls.version(session, message.activity_id)
        return Rendered(f"Version {version}", [{"type": "divider"}], version)

    def tell(_session: Any, _wiring: Any, direct: Direct, language: str) -> Any:
        return None if direct.details.get("over") else (f"{language} {direct.target_id}", [])

    made = Updater(workspace.wiring, {"thing": render}, {"thing": tell})
    made._pace = Pace(clock)
    return made


def post(workspace: Workspace, hall: Hall, channel: str = CHANNEL) -> int:
    with workspace.database.write() as session:
        return slack_messages.post(
            session, workspace.id, channel, "thing", 1, hall.activity_id, asked_by="U9", now=workspace.now
        )


def row(workspace: Workspace, number: int) -> SlackMessage:
    with workspace.database.read() as session:
        return session.get_one(SlackMessage, number)


def touch(workspace: Workspace, hall: Hall) -> None:
    with workspace.database.write() as session:
        walls.touch(session, hall.activity_id)


def test_a_message_is_posted_once_and_follows_what_it_shows(
    workspace: Workspace, hall: Hall, hands: Updater, clock: Clock
) -> None:
    number = post(workspace, hall)
    assert hands.step()
    assert row(workspace, number).status == "live"
    clock.at += 5
    for _ in range(3):
        hands.step()
    assert len(workspace.api.of("chat.postMessage")) == 1
    assert workspace.api.of("chat.update") == []
    touch(workspace, hall)
    touch(workspace, hall)
    clock.at += 5
    hands.step()
    (said,) = workspace.api.of("chat.update")
    with workspace.database.read() as session:
        assert said["text"] == f"Version {walls.version(session, hall.activity_id)}"
    assert said["ts"] == row(workspace, number).ts


def test_what_looks_the_same_is_not_sent_again(workspace: Workspace, hall: Hall, hands: Updater, clock: Clock) -> None:
    number = post(workspace, hall)
    hands.step()
    with workspace.database.write() as session:
        session.execute(update(SlackMessage).where(SlackMessage.id == number).values(due_at=workspace.now))
    clock.at += 5
    hands.step()
    assert workspace.api.of("chat.update") == []
    assert row(workspace, number).due_at is None


def test_updates_are_fast_at_first_and_at_most_forty_a_minute(clock: Clock) -> None:
    pace, sent = Pace(clock), []
    while clock.at < 240:
        if pace.may_update(1):
            pace.updated(1)
            sent.append(clock.at)
        clock.at += 0.1
    apart = [later - earlier for earlier, later in itertools.pairwise(sent)]
    assert max(apart[: rooms.FAST_UPDATES - 1]) < rooms.FAST + 0.11
    for begin in sent:
        assert sum(begin <= at < begin + 60 for at in sent) <= rooms.MOST_UPDATES
    assert sum(120 <= at < 180 for at in sent) >= 36  # and most of what is allowed is used


def test_many_votes_are_few_calls(workspace: Workspace, hall: Hall, hands: Updater, clock: Clock) -> None:
    post(workspace, hall)
    hands.step()
    for _ in range(100):  # ten seconds, ten changes a second
        touch(workspace, hall)
        clock.at += 0.1
        hands.step()
    clock.at += rooms.FAST
    hands.step()
    calls = workspace.api.of("chat.update")
    assert len(calls) <= 10 / rooms.FAST + 2
    with workspace.database.read() as session:
        assert calls[-1]["text"] == f"Version {walls.version(session, hall.activity_id)}"


def test_slack_asks_to_wait_and_we_wait(workspace: Workspace, hall: Hall, hands: Updater, clock: Clock) -> None:
    number = post(workspace, hall)
    workspace.api.answers["chat.postMessage"] = [{"ok": False, "error": "ratelimited"}]
    hands.step()
    with workspace.database.read() as session:
        paused = session.scalars(select(Row.paused_until)).one()
    assert paused is not None
    assert (paused - workspace.now).total_seconds() == 7
    clock.at += 5
    assert not hands.step()
    workspace.later(seconds=8)
    hands.step()
    assert row(workspace, number).status == "live"


def test_what_cannot_be_posted_is_told_to_who_asked(
    workspace: Workspace, hall: Hall, hands: Updater, clock: Clock
) -> None:
    number = post(workspace, hall)
    workspace.api.answers["chat.postMessage"] = [{"ok": False, "error": "not_in_channel"}]
    hands.step()
    assert (row(workspace, number).status, row(workspace, number).problem) == ("failed", "not_in_channel")
    clock.at += 5
    hands.step()
    said = workspace.api.of("chat.postMessage")[-1]
    assert said["channel"] == "U9"
    assert "/invite" in said["text"]


def test_what_slack_refuses_for_now_comes_again_and_ends(
    workspace: Workspace, hall: Hall, hands: Updater, clock: Clock
) -> None:
    number = post(workspace, hall)
    workspace.api.answers["chat.postMessage"] = [{"ok": False, "error": "internal_error"}] * 3
    for _ in range(3):
        hands.step()
        workspace.later(minutes=1)
        clock.at += 60
    assert row(workspace, number).tries == 3
    hands.step()
    assert row(workspace, number).status == "live"
    touch(workspace, hall)
    workspace.api.answers["chat.update"] = [{"ok": False, "error": "message_not_found"}]
    clock.at += 60
    hands.step()
    assert row(workspace, number).status == "failed"  # somebody deleted it: it is left alone
    clock.at += 60
    assert not hands.step()


def test_a_client_that_knows_no_charts_gets_the_words(workspace: Workspace, hall: Hall, clock: Clock) -> None:
    def render(_session: Any, _wiring: Any, _bound: Any, _message: Message) -> Rendered:
        chart = {"type": "data_visualization"}
        return Rendered("Words", [chart, {"type": "divider"}], 0, plain=[{"type": "divider"}])

    hands = Updater(workspace.wiring, {"thing": render}, {})
    post(workspace, hall)
    workspace.api.answers["chat.postMessage"] = [{"ok": False, "error": "invalid_blocks"}]
    hands.step()
    assert [len(said["blocks"]) for said in workspace.api.of("chat.postMessage")] == [2, 1]


def test_one_updater_at_a_time(workspace: Workspace, hall: Hall, hands: Updater) -> None:
    post(workspace, hall)
    with workspace.database.write() as session:
        assert slack_messages.claim(session, workspace.id, "somebody", now=workspace.now)
    assert not hands.step()
    with workspace.database.write() as session:
        assert not slack_messages.claim(session, workspace.id, "other", now=workspace.now)
    workspace.later(seconds=21)  # who had it died
    assert hands.step()


def test_a_token_that_is_no_good_any_more_ends_the_workspace(workspace: Workspace, hall: Hall, hands: Updater) -> None:
    post(workspace, hall)
    workspace.api.answers["chat.postMessage"] = [{"ok": False, "error": "token_revoked"}]
    hands.step()
    with workspace.database.read() as session:
        assert workspaces.of_id(session, workspace.id) is None


def test_private_messages_keep_quiet_hours_and_what_is_over_is_dropped(
    workspace: Workspace, hall: Hall, hands: Updater, clock: Clock
) -> None:
    workspace.known("U1", locale="de-DE", time_zone="Europe/Berlin")
    with workspace.database.write() as session:
        slack_users.choose(session, workspace.id, "U1", quiet_from=9 * 60, quiet_until=11 * 60)  # now is 10:00 there
        slack_messages.direct(session, workspace.id, "U1", "thing", 5, due_at=workspace.now)
        slack_messages.direct(session, workspace.id, "U2", "thing", 6, due_at=workspace.now, over=True)
        assert not slack_messages.direct(session, workspace.id, "U1", "thing", 5, due_at=workspace.now)
    for _ in range(6):
        hands.step()
        clock.at += 5
    assert workspace.api.of("chat.postMessage") == []
    workspace.later(hours=1)
    for _ in range(4):
        hands.step()
        clock.at += 5
    assert [(said["channel"], said["text"]) for said in workspace.api.of("chat.postMessage")] == [("U1", "de 5")]
    with workspace.database.read() as session:
        assert set(session.scalars(select(SlackDirect.status))) == {"sent", "dropped"}


@pytest.mark.parametrize(("problem", "tries"), [("user_disabled", 1), ("odd_error", slack_messages.TRIES)])
def test_a_private_message_that_is_given_up_keeps_the_reason(
    workspace: Workspace, hall: Hall, hands: Updater, clock: Clock, problem: str, tries: int
) -> None:
    workspace.known("U1")
    with workspace.database.write() as session:
        slack_messages.direct(session, workspace.id, "U1", "thing", 5, due_at=workspace.now)
    workspace.api.answers["chat.postMessage"] = [{"ok": False, "error": problem}] * tries
    for _ in range(2 * tries):
        hands.step()
        clock.at += 5
        workspace.later(minutes=2)
    assert len(workspace.api.of("chat.postMessage")) == tries
    with workspace.database.read() as session:
        (row,) = session.scalars(select(SlackDirect)).all()
        assert (row.status, row.tries, row.details["problem"]) == ("failed", tries, problem)


def test_slack_is_asked_about_new_people_one_after_another(
    workspace: Workspace, hall: Hall, hands: Updater, clock: Clock
) -> None:
    workspace.command("U1", "help")
    workspace.command("U2", "help")
    workspace.api.answers["users.info"] = [
        {"user": {"real_name": "One", "locale": "de-DE", "tz": "Europe/Berlin", "profile": {"display_name": "uno"}}}
    ]
    for _ in range(4):
        hands.step()
    assert len(workspace.api.of("users.info")) == 1
    clock.at += 2
    hands.step()
    with workspace.database.read() as session:
        found = session.scalars(select(SlackUser).where(SlackUser.user_id == "U1")).one()
        assert (found.name, found.locale, found.time_zone) == ("uno", "de-DE", "Europe/Berlin")
        # the LMS's name of a person is the LMS's
        assert session.get_one(Person, hall.students[0].person_id).name == "s0"
    clock.at += 2
    assert not hands.step()


def test_what_slack_does_not_tell_leaves_what_is_known(
    workspace: Workspace, hall: Hall, hands: Updater, clock: Clock
) -> None:
    workspace.known("U1", locale="de-DE", time_zone="Europe/Berlin")
    workspace.later(days=8)
    workspace.api.answers["users.info"] = [{"ok": False, "error": "internal_error"}]
    with workspace.database.write() as session:
        slack_users.note(session, workspace.id, "U2")
    hands.step()
    clock.at += 2
    hands.step()
    with workspace.database.read() as session:
        known = slack_users.profile(session, workspace.id, "U1")
    assert (known.locale, known.time_zone) == ("de-DE", "Europe/Berlin")


def test_a_time_zone_that_nobody_knows_is_utc(workspace: Workspace, hall: Hall, hands: Updater, clock: Clock) -> None:
    workspace.known("U1", time_zone="ASIA/NOWHERE")
    with workspace.database.write() as session:
        slack_users.choose(session, workspace.id, "U1", quiet_from=0, quiet_until=60)
        slack_messages.direct(session, workspace.id, "U1", "thing", 5, due_at=workspace.now)
    hands.step()
    assert len(workspace.api.of("chat.postMessage")) == 1


def test_one_oddity_keeps_nobody_else_waiting(workspace: Workspace, hall: Hall, clock: Clock) -> None:
    def render(_session: Any, _wiring: Any, _bound: Any, message: Message) -> Rendered:
        if message.target_id == 1:
            raise LookupError("odd")
        return Rendered("Fine", [], 0)

    hands = Updater(workspace.wiring, {"thing": render}, {})
    hands._pace = Pace(clock)
    odd = post(workspace, hall)
    with workspace.database.write() as session:
        slack_messages.post(
            session, workspace.id, CHANNEL, "thing", 2, hall.activity_id, asked_by=None, now=workspace.now
        )
    for _ in range(3):
        hands.step()
        clock.at += 2
    assert [said["text"] for said in workspace.api.of("chat.postMessage")] == ["Fine"]
    assert row(workspace, odd).problem == "broken"


def test_a_busy_message_leaves_turns_to_the_others(workspace: Workspace, hall: Hall, clock: Clock) -> None:
    shown: list[int] = []

    def render(_session: Any, _wiring: Any, _bound: Any, message: Message) -> Rendered:
        shown.append(message.target_id)
        return Rendered(f"{message.target_id} {len(shown)}", [], -2)  # always due

    hands = Updater(workspace.wiring, {"thing": render}, {})
    hands._pace = Pace(clock)
    with workspace.database.write() as session:
        for target in (1, 2):
            number = slack_messages.post(
                session, workspace.id, CHANNEL, "thing", target, hall.activity_id, asked_by=None, now=workspace.now
            )
            slack_messages.shown(session, number, ts=f"1.{target}", version=-2, digest="", due_at=None, over=False)
        walls.touch(session, hall.activity_id)
    for _ in range(6):
        clock.at += 1
        hands.step()
    assert sorted(shown) == [1, 1, 1, 2, 2, 2]


def test_a_token_is_changed_before_it_ends(workspace: Workspace, hall: Hall, hands: Updater) -> None:
    seal = workspace.wiring.vault.seal
    with workspace.database.write() as session:
        session.execute(update(Row).values(bot_refresh_token=seal("xoxe-1"), bot_token_expires_at=workspace.now))
    workspace.api.answers["oauth.v2.access"] = [
        {"access_token": "xoxe.xoxb-2", "refresh_token": "xoxe-2", "expires_in": 43200, "token_type": "bot"}
    ]
    post(workspace, hall)
    hands.step()
    (asked,) = workspace.api.of("oauth.v2.access")
    assert (asked["grant_type"], asked["refresh_token"]) == ("refresh_token", "xoxe-1")
    with workspace.database.read() as session:
        found = workspaces.of_id(session, workspace.id)
    assert found is not None
    assert workspace.wiring.vault.open(found.bot_token or "") == "xoxe.xoxb-2"
    assert found.name == "Class"


def test_a_poll_is_due_when_its_version_is_not_what_was_shown(workspace: Workspace, hall: Hall) -> None:
    with workspace.database.write() as session:
        poll = Poll(
            activity_id=hall.activity_id, position=1, kind="single", prompt="?", details={}, is_anonymous=False,
            results="at_once", may_change=True, members_add=False, created_at=workspace.now,
        )  # fmt: skip
        session.add(poll)
        session.flush()
        number = slack_messages.post(
            session, workspace.id, CHANNEL, "poll", poll.id, hall.activity_id, asked_by=None, now=workspace.now
        )
        slack_messages.shown(session, number, ts="1.1", version=0, digest="x", due_at=None, over=False)
        assert slack_messages.due(session, workspace.id, now=workspace.now) == []
        session.execute(update(Poll).values(version=1))
        assert [one.id for one in slack_messages.due(session, workspace.id, now=workspace.now)] == [number]
