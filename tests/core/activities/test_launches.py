"""Launches in the database: answered once, stored whole or not at all."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from core.activities import launches, platforms, sessions
from core.activities.courses import Context, Link
from core.activities.launches import Accepted, DeepLinkingRequest, Launch, Login, NewLogin, NotAccepted
from core.activities.sessions import SignedIn
from core.store.database import Database
from core.store.tables import Course, LaunchSession, LaunchState, Membership, Person, Platform, ResourceLink
from tests.core.activities.test_people import NOW, together
from tests.core.activities.test_platforms import count, register


def begin(database: Database, number: int = 1) -> Login:
    """A login at an active platform `p1`, as the launch finds it."""
    registration = register(database)
    with database.write() as session:
        platforms.add_platform(session, registration.id, "d1", public_id="p1", status="active", now=NOW)
        new = NewLogin(
            state_hash=f"state-{number}",
            nonce_hash="nonce",
            binding_hash="binding",
            storage_hash="kept",
            storage_target="_parent",
            deployment_hint=None,
        )
        launches.begin(session, registration.id, new, now=NOW)
        login = launches.login_of(session, f"state-{number}", now=NOW)
    assert login is not None
    return login


def launch(**changes: Any) -> Launch:
    values: dict[str, Any] = {
        "deployment_id": "d1",
        "subject": "s1",
        "name": "Learner 07",
        "role": "student",
        "is_test": False,
        "context": Context("c1", "Course"),
        "link": Link("l1", "Link"),
    }
    return Launch(**(values | changes))


def accept(
    database: Database, login: Login, code: str = "code", bound: bool = True, **changes: Any
) -> Accepted | NotAccepted:
    with database.write() as session:
        return launches.accept(
            session, login, launch(**changes), code_hash=code, bound=bound, new_public_id="p9", now=NOW
        )


def rows(database: Database) -> list[int]:
    return [count(database, table) for table in (LaunchSession, Person, Course, Membership, ResourceLink)]


def test_forty_answers_to_one_login(database: Database) -> None:
    login = begin(database)
    outcomes = together(40, lambda number: accept(database, login, f"code-{number}"))
    assert Counter(type(outcome) for outcome in outcomes) == {Accepted: 1, NotAccepted: 39}
    assert {outcome.why for outcome in outcomes if isinstance(outcome, NotAccepted)} == {"used"}
    assert rows(database) == [1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("prepare", "changes", "why"),
    [
        ({}, {"deployment_id": "d2"}, "deployment_unknown"),
        ({"status": "disabled"}, {}, "disabled"),
        ({}, {"subject": None}, "subject_missing"),
        ({}, {"context": None, "link": None}, "no_course"),
    ],
)
def test_what_is_not_accepted_stores_nothing(
    database: Database, prepare: dict[str, Any], changes: dict[str, Any], why: str
) -> None:
    login = begin(database)
    if prepare:
        with database.write() as session:
            session.query(Platform).update(prepare)
    outcome = accept(database, login, **changes)
    assert isinstance(outcome, NotAccepted)
    assert outcome.why == why
    assert rows(database) == [0, 0, 0, 0, 0]
    with database.read() as session:
        assert session.query(LaunchState).one().status == "pending"


def test_an_error_in_the_middle_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    login = begin(database)

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(launches, "_learn", fail)
        with pytest.raises(ZeroDivisionError):
            accept(database, login)
    assert rows(database) == [0, 0, 0, 0, 0]
    assert isinstance(accept(database, login), Accepted)


def test_bound_and_unbound(database: Database) -> None:
    accept(database, begin(database), bound=True)
    with database.read() as session:
        opened = session.query(LaunchSession).one()
        assert (opened.status, opened.code_until) == ("coded", NOW + timedelta(seconds=60))
        assert (opened.expires_at, opened.token_hash) == (NOW + timedelta(hours=12), None)
    with database.write() as session:  # a code opens at its own platform, once
        wrong = {"platform_public_id": "p2", "code_hash": "code", "token_hash": "t", "now": NOW}
        assert sessions.open_with_code(session, **wrong) is None
        assert sessions.open_with_code(session, **(wrong | {"platform_public_id": "p1"})) == opened.id
        assert sessions.open_with_code(session, **(wrong | {"platform_public_id": "p1"})) is None


def test_unbound_launch_opens_by_its_storage_value_once(database: Database) -> None:
    accept(database, begin(database), "ref", bound=False)

    def bind(number: int) -> str:
        with database.write() as session:
            return sessions.bind(session, "ref", storage_hash="kept", code_hash=f"c{number}", now=NOW)

    with database.write() as session:
        opened = {"platform_public_id": "p1", "code_hash": "ref", "token_hash": "t", "now": NOW}
        assert sessions.open_with_code(session, **opened) is None  # its reference is no code
    assert Counter(together(8, bind)) == {"p1": 1, "unknown": 7}


def test_anonymous_people_are_observers_and_never_the_same(database: Database) -> None:
    for number in (1, 2):
        login = begin(database, number)
        with database.write() as session:
            session.query(Platform).update({"allow_anonymous": True})
        outcome = accept(database, login, f"code-{number}", subject=None, role="teacher")
        assert isinstance(outcome, Accepted)
        assert outcome.role == "observer"
    assert count(database, Person) == 2


def test_learned_origins_are_few_and_newest(database: Database) -> None:
    for number in range(25):
        accept(database, begin(database, number), f"code-{number}", return_url=f"https://s{number}.example/x")
    with database.read() as session:
        learned = session.query(Platform).one().frame_origins
    assert learned == [f"https://s{number}.example" for number in range(5, 25)]


def test_links_outside_any_course_are_courses_of_their_own(database: Database) -> None:
    for number, link in enumerate(("l1", "l2", "l1", "x" * 255)):
        accept(database, begin(database, number), f"code-{number}", context=None, link=Link(link))
    assert count(database, Course) == 3


def test_deep_linking_request_survives_the_database() -> None:
    for data in (None, "", "d"):
        asked = DeepLinkingRequest("https://l/r", ("a", "b"), accept_multiple=True, accept_line_item=False, data=data)
        assert DeepLinkingRequest.from_json(asked.to_json()) == asked


@pytest.mark.parametrize(
    ("changes", "after", "expected"),
    [
        ({}, 0, None),
        ({}, 59 * 60 + 59, None),
        ({}, 3600, "idle"),
        ({"expires_at": NOW}, 0, "over"),
        ({"status": "ended"}, 0, "unknown"),
        ({"status": "coded"}, 0, "unknown"),
    ],
)
def test_sessions_end(database: Database, changes: dict[str, Any], after: int, expected: str | None) -> None:
    accept(database, begin(database))
    with database.write() as session:
        sessions.open_with_code(session, platform_public_id="p1", code_hash="code", token_hash="t", now=NOW)
        if changes:
            session.query(LaunchSession).update(changes)
    with database.read() as session:
        found = sessions.look_up(session, "t", now=NOW + timedelta(seconds=after))
    assert (None if isinstance(found, SignedIn) else found) == expected
