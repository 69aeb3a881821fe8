"""What a vote costs, for a class that clicks all at once: how often the database is asked, and by which thread."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import event

from bot import polls
from bot.calls import Call
from bot.hands import ABREAST, Hands
from core.activities import channels, identities
from core.store.tables import Membership
from tests.bot.slack import CHANNEL, Workspace
from tests.core.activities import ballots
from tests.core.activities.hall import Hall

DATABASES = ("sqlite",)


@pytest.fixture
def hall(workspace: Workspace) -> Hall:
    made = Hall(workspace.database, "poll")
    made.now = workspace.now
    workspace.bind(made.course_id, **{f"U{place}": seat for place, seat in enumerate(made.students, start=1)})
    for user in workspace.seats:
        workspace.known(user)
    return made


@pytest.mark.both_databases
def test_a_vote_asks_the_database_for_little(workspace: Workspace, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hands, "later", lambda *_: None)  # the word to the person comes after the answer
    poll = ballots.make(hall, "single")
    option = ballots.look(hall, poll).options[0].id
    asked: list[str] = []

    def ask(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(workspace.database.engine, "before_cursor_execute", ask)
    try:
        assert workspace.click("U1", f"poll_vote:{option}", f"{poll}:{option}").status == 200
    finally:
        event.remove(workspace.database.engine, "before_cursor_execute", ask)
    assert ballots.look(hall, poll).voted == 1
    assert len(asked) <= 9, "\n".join(asked)


def test_a_vote_is_stored_by_the_thread_that_took_it_and_a_form_by_another(
    workspace: Workspace, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = ballots.make(hall, "single")
    option = ballots.look(hall, poll).options[0].id
    seen: list[bool] = []
    where = polls.where

    def notice(*args: Any, **named: Any) -> polls.Here:
        seen.append(threading.current_thread() is threading.main_thread())
        return where(*args, **named)

    monkeypatch.setattr(polls, "where", notice)
    workspace.click("U1", f"poll_vote:{option}", f"{poll}:{option}")
    workspace.click("U1", "poll_see", f"{poll}")
    assert seen == [True, False]


def test_a_refusal_is_told_by_another_thread_than_the_one_that_others_wait_for(
    workspace: Workspace, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    respond = Call.respond

    def notice(call: Call, *args: Any, **named: Any) -> None:
        told.append(threading.current_thread() is threading.main_thread())
        respond(call, *args, **named)

    monkeypatch.setattr(Call, "respond", notice)
    assert workspace.click("U1", "poll_vote:77", "77:77").status == 200
    assert told == [False]
    assert workspace.told()[-1].startswith("This poll is not here")


def test_what_nobody_listens_for_is_answered_so(workspace: Workspace, hall: Hall) -> None:
    assert workspace.click("U1", "poll_votes", "1:1").status == 404
    assert workspace.click("U1", "a_poll_vote", "1:1").status == 404
    assert workspace.command("U1", "polls", command="/heirlooms").status == 404


def test_few_quick_deliveries_are_worked_on_at_once() -> None:
    hands, at_work, most = Hands(), threading.Semaphore(0), []
    go_on, guard = threading.Event(), threading.Lock()

    def work(_ack: Any) -> None:
        with guard:
            most.append(1)
        at_work.release()
        assert go_on.wait(10)

    threads = [
        threading.Thread(target=hands.take, args=(work, None), kwargs={"here": True}) for _ in range(ABREAST + 2)
    ]
    for thread in threads:
        thread.start()
    for _ in range(ABREAST):
        assert at_work.acquire(timeout=10)
    assert not at_work.acquire(timeout=0.05)
    go_on.set()
    for thread in threads:
        thread.join()
    assert len(most) == ABREAST + 2
    hands.shutdown()


@pytest.mark.both_databases
def test_the_word_to_a_person_waits_until_no_vote_is_in_hand() -> None:
    hands, order, told = Hands(), [], threading.Event()

    def tell() -> None:
        order.append("told")
        told.set()

    def work(_ack: Any) -> None:
        hands.later(tell)
        assert not told.wait(0.2)
        order.append("stored")

    hands.take(work, None, here=True)
    assert told.wait(10)
    assert order == ["stored", "told"]
    hands.shutdown()


def test_whoever_enters_is_held_with_the_newest_role(workspace: Workspace, hall: Hall) -> None:
    bound, seat = workspace.bound, hall.students[0]
    assert bound is not None
    where = {"channel_row": bound.id, "platform_id": bound.platform_id, "course_id": bound.course_id}
    with workspace.database.write() as session:
        assert identities.enter(session, workspace.id, "U1", **where) == seat
        assert session.info["held"] == {(seat.platform_id, seat.person_id): True}
        session.query(Membership).filter_by(person_id=seat.person_id).update({"role": "observer"})
    with workspace.database.write() as session:
        found = identities.enter(session, workspace.id, "U1", **where)
        assert found is not None
        assert found.role == "observer"
        assert session.info["held"] == {(seat.platform_id, seat.person_id): False}
        assert identities.enter(session, workspace.id, "U77", **where) is None
    with workspace.database.write() as session:
        session.query(Membership).filter_by(person_id=seat.person_id).update({"status": "inactive"})
        assert identities.enter(session, workspace.id, "U1", **where) is None


def test_a_class_that_left_the_channel_while_a_click_was_on_its_way_takes_no_vote(
    workspace: Workspace, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = ballots.make(hall, "single")
    option = ballots.look(hall, poll).options[0].id
    enter = identities.enter

    def leave_first(session: Any, *args: Any, **named: Any) -> Any:
        channels.gone(session, workspace.id, CHANNEL, now=workspace.now)
        return enter(session, *args, **named)

    monkeypatch.setattr(identities, "enter", leave_first)
    workspace.click("U1", f"poll_vote:{option}", f"{poll}:{option}")
    assert workspace.told()[-1].startswith("No class works in this channel yet.")
    assert ballots.look(hall, poll).voted == 0
