"""The worker: several share one queue, each stops cleanly, and one platform's trouble is nobody else's."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from core.activities import grades, keys, sending
from core.store.tables import Grade, LaunchState, Membership, Registration, ResourceLink, ToolKey
from heirloom.worker import Worker, run
from lti_tool import scores
from tests.lms import AGS, Lms, Reply, Seen
from tests.tool import SETTINGS, Tool, tool_key

SCORES = "/lineitems/1/lineitem/scores"


def graded(tool: Tool, number: int, lms: Lms | None = None, **at_login: str) -> None:
    """Students with a score that is due."""
    lms = lms or tool.lms
    for index in range(number):
        claims = {"sub": f"s{index}", "iss": lms.url, AGS: lms.grading()}
        assert tool.launch(at_login={"iss": lms.url, **at_login}, **claims).status_code == 303
    with tool.database.write() as session:
        link = session.query(ResourceLink).filter(ResourceLink.line_item_url == lms.line_item).one()
        for person_id in session.scalars(
            select(Membership.person_id).where(Membership.course_id == link.course_id)
        ).all():
            grades.want(session, resource_link_id=link.id, person_id=person_id, score=5, maximum=10, now=tool.clock())


def worker(tool: Tool) -> Worker:
    return Worker(SETTINGS, tool.database, tool.clock, tool.app.extensions["heirloom"].egress)


def start(tool: Tool, stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(
        target=run,
        args=(SETTINGS, tool.database, stop, tool.clock),
        kwargs={"poll": 0.01, "egress": tool.app.extensions["heirloom"].egress},
    )
    thread.start()
    return thread


def wait_until(condition: Any, seconds: float = 10.0) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.01)


def test_three_workers_send_each_score_once(tool: Tool) -> None:
    graded(tool, 12)
    stop = threading.Event()
    threads = [start(tool, stop) for _ in range(3)]
    wait_until(lambda: all(grade.status == "sent" for grade in tool.all(Grade)))
    stop.set()
    for thread in threads:
        thread.join(timeout=10)
    sent = [seen.json()["userId"] for seen in tool.lms.fetched(SCORES)]
    assert Counter(sent) == {f"s{index}": 1 for index in range(12)}
    assert len(tool.lms.fetched("/token")) == 1


def test_one_request_at_a_time_goes_to_a_registration(tool: Tool) -> None:
    graded(tool, 6)
    inside, most = [0], [0]
    guard = threading.Lock()

    def watch(seen: Seen) -> Reply:
        with guard:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        time.sleep(0.03)
        with guard:
            inside[0] -= 1
        return Reply(status=204)

    tool.lms.replies[SCORES] = watch
    stop = threading.Event()
    threads = [start(tool, stop) for _ in range(3)]
    wait_until(lambda: all(grade.status == "sent" for grade in tool.all(Grade)))
    stop.set()
    for thread in threads:
        thread.join(timeout=10)
    assert most == [1]


def test_a_worker_holds_its_lease_however_long_the_platform_takes(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    graded(tool, 1)
    monkeypatch.setattr("heirloom.worker.BEAT", 0.01)

    def lease() -> datetime:
        until = tool.one(Registration).service_lease_until
        assert until is not None
        return until

    def slow(seen: Seen) -> Reply:
        for _ in range(5):
            tool.clock.advance(seconds=sending.LEASE.total_seconds() - 1)
            wait_until(lambda: lease() == tool.clock() + sending.LEASE)
        return Reply(status=204)

    tool.lms.replies[SCORES] = slow
    assert worker(tool).step(threading.Event()) is True
    assert tool.one(Grade).status == "sent"
    assert lease() == tool.clock()  # given back, and nobody renews it any more
    assert [thread.name for thread in threading.enumerate() if thread.name == "lease"] == []


def test_a_lost_lease_is_not_taken_back(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    graded(tool, 2)
    monkeypatch.setattr("heirloom.worker.BEAT", 0.01)

    def slow(seen: Seen) -> Reply:
        with tool.database.write() as session:  # another worker found it run out
            session.execute(update(Registration).values(service_lease_owner="other"))
        time.sleep(0.1)
        return Reply(status=204)

    tool.lms.replies[SCORES] = slow
    worker(tool).step(threading.Event())
    assert len(tool.lms.fetched(SCORES)) == 1
    assert tool.one(Registration).service_lease_owner == "other"


def test_stopping_finishes_the_request_in_hand(tool: Tool) -> None:
    graded(tool, 5)
    arrived, answer = threading.Event(), threading.Event()

    def slow(seen: Seen) -> Reply:
        arrived.set()
        answer.wait(0.3)
        return Reply(status=204)

    tool.lms.replies[SCORES] = slow
    stop = threading.Event()
    thread = start(tool, stop)
    assert arrived.wait(10)
    stop.set()
    answer.set()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert len(tool.lms.fetched(SCORES)) == 1
    assert sorted(grade.status for grade in tool.all(Grade)) == ["sent"] + ["waiting"] * 4
    assert tool.one(Registration).service_lease_owner is None  # another worker may begin at once


def test_a_restart_of_the_database_is_lived_through(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    graded(tool, 1)
    left = [3]
    real = Worker.step

    def away(self: Worker, stop: threading.Event) -> bool:
        if left[0]:
            left[0] -= 1
            raise OperationalError("SELECT", {}, Exception("server closed the connection"))
        return real(self, stop)

    monkeypatch.setattr(Worker, "step", away)
    stop = threading.Event()
    thread = start(tool, stop)
    wait_until(lambda: tool.one(Grade).status == "sent")
    stop.set()
    thread.join(timeout=10)
    assert left == [0]


def test_one_platforms_oddity_keeps_nobody_waiting(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = Lms()
    tool.register(lms=other, number=2, client_id="client-1")
    graded(tool, 1)
    graded(tool, 1, other)
    real = scores.deliver

    def odd(services: Any, registration: Any, sending: Any) -> Any:
        if registration.public_id == "reg1":
            raise KeyError("a bug of ours")
        return real(services, registration, sending)

    hands = worker(tool)
    with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
        patched.setattr(scores, "deliver", odd)
        for _ in range(6):
            hands.step(threading.Event())
    assert "a bug of ours" in caplog.text
    assert len(other.fetched(SCORES)) == 1
    assert tool.lms.fetched(SCORES) == []
    tool.clock.advance(minutes=5, seconds=1)
    for _ in range(3):
        hands.step(threading.Event())
    assert len(tool.lms.fetched(SCORES)) == 1
    other.close()


def test_housekeeping(tool: Tool) -> None:
    tool.launch()
    tool.clock.advance(hours=37)
    hands = worker(tool)
    assert hands.step(threading.Event()) is True
    assert tool.count(LaunchState) == 0
    assert hands.step(threading.Event()) is False  # nothing is due
    tool.clock.time += keys.LIFE
    hands.step(threading.Event())
    kids = {key.status: key.kid for key in tool.all(ToolKey)}
    assert set(kids) == {"current", "next"}
    assert kids["current"] == tool_key(1).kid
    tool.clock.time += keys.AHEAD + timedelta(seconds=1)
    hands.step(threading.Event())
    assert {key.kid: key.status for key in tool.all(ToolKey)} == {kids["current"]: "retired", kids["next"]: "current"}


def test_each_outcome_is_one_log_line(tool: Tool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "heirloom.work")
    graded(tool, 1)
    worker(tool).step(threading.Event())
    lines = [record.__dict__["fields"] for record in caplog.records if record.getMessage() == "score"]
    assert [(line["registration"], line["platform"], line["outcome"], line["status"]) for line in lines] == [
        ("reg1", "p1", "sent", 204)
    ]
    assert "s0" not in str(lines)
    assert "token-1" not in str([record.__dict__ for record in caplog.records])
