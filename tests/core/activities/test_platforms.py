"""Registrations and platforms: found again, never overwritten, approved and disabled."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from core.activities import keys, platforms
from core.activities.keys import NewKey
from core.activities.platforms import Conflict, NewRegistration, Registered
from core.activities.refusals import NotFound, Refusal
from core.store.database import Database
from core.store.tables import Platform, Registration, ToolKey
from tests.core.activities.test_people import together

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def new(number: int = 1, **changes: Any) -> NewRegistration:
    values = {
        "public_id": f"r{number}",
        "name": "Campus",
        "issuer": "https://lms.example",
        "client_id": "client-1",
        "authorization_url": "https://lms.example/auth",
        "token_url": "https://lms.example/token",
        "keyset_url": "https://lms.example/jwks",
    }
    return NewRegistration(**(values | changes))


def register(database: Database, number: int = 1, status: str = "active", **changes: Any) -> Registered:
    with database.write() as session:
        key = NewKey(f"kid-{number}", "sealed", {"kid": f"kid-{number}"})
        return platforms.register(session, new(number, **changes), key, status=status, development=False, now=NOW)


def count(database: Database, table: Any) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_registering_twice_finds_the_first(database: Database) -> None:
    first = register(database, 1)
    again = register(database, 2, name="Other name")
    assert again == first
    assert (again.public_id, again.name) == ("r1", "Campus")
    assert count(database, Registration) == count(database, ToolKey) == 1


def test_registering_at_once_makes_one(database: Database) -> None:
    found = together(10, lambda number: register(database, number))
    assert len({registered.id for registered in found}) == 1
    assert count(database, Registration) == count(database, ToolKey) == 1


@pytest.mark.parametrize("field", ["authorization_url", "token_url", "keyset_url", "token_audience"])
def test_other_endpoints_do_not_replace_the_first(database: Database, field: str) -> None:
    first = register(database)
    with pytest.raises(Conflict):
        register(database, 2, **{field: "https://evil.example/x"})
    with database.read() as session:
        assert platforms.find(session, first.id) == first


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": ""},
        {"issuer": "lms.example"},
        {"issuer": "https://" + "x" * 300},
        {"client_id": ""},
        {"client_id": "x" * 256},
        {"client_id": "ü"},
        {"client_id": "a\x00b"},
        {"authorization_url": "http://lms.example/auth"},
        {"token_url": "javascript:x"},
        {"keyset_url": "https://user@lms.example/"},
    ],
)
def test_what_cannot_be_registered(database: Database, changes: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        register(database, **changes)
    assert count(database, Registration) == 0


def test_platforms_are_found_and_keep_their_status(database: Database) -> None:
    registration = register(database)

    def add(number: int, status: str = "pending") -> tuple[int, str]:
        with database.write() as session:
            return platforms.add_platform(
                session, registration.id, "d1", public_id=f"p{number}", status=status, now=NOW
            )

    assert len(set(together(10, add))) == 1
    assert count(database, Platform) == 1
    assert add(99, "active")[1] == "pending"


@pytest.mark.parametrize("deployment_id", ["", "x" * 256, "ü", "a\nb"])
def test_deployments_that_are_none(database: Database, deployment_id: str) -> None:
    registration = register(database)
    with pytest.raises(Refusal), database.write() as session:
        platforms.add_platform(session, registration.id, deployment_id, public_id="p", status="active", now=NOW)


def test_list_shows_what_waits_first(database: Database) -> None:
    first = register(database, 1)
    second = register(database, 2, client_id="client-2", status="pending")
    with database.write() as session:
        platforms.add_platform(session, first.id, "d1", public_id="p1", status="active", now=NOW)
        platforms.add_platform(session, first.id, "d2", public_id="p2", status="pending", now=NOW)
    with database.read() as session:
        listed = platforms.list_all(session)
    assert [(line.registration_public_id, line.platform_public_id) for line in listed] == [
        ("r1", "p2"),
        ("r2", None),
        ("r1", "p1"),
    ]
    assert second.status == "pending"


def test_approval_of_a_platform_approves_its_registration(database: Database) -> None:
    registration = register(database, status="pending")
    with database.write() as session:
        platforms.add_platform(session, registration.id, "d1", public_id="p1", status="pending", now=NOW)
        platforms.approve(session, "p1")
    with database.read() as session:
        (line,) = platforms.list_all(session)
    assert (line.registration_status, line.platform_status) == ("active", "active")
    with database.write() as session:
        platforms.disable(session, "r1")
        platforms.approve(session, "r1")
    with database.read() as session:
        assert platforms.find(session, registration.id).status == "active"


@pytest.mark.parametrize(
    "act", [platforms.approve, platforms.disable, partial(platforms.allow_anonymous, allowed=True)]
)
def test_unknown_platform(database: Database, act: Any) -> None:
    with pytest.raises(NotFound), database.write() as session:
        act(session, "none")


def test_frame_origins_come_from_endpoints_operator_and_launches(database: Database) -> None:
    registration = register(
        database,
        authorization_url="https://sso.lms.example/auth?x=1",
        frame_origins=("https://school.example:8443/x", "not an address", "https://lms.example"),
    )
    with database.write() as session:
        platforms.add_platform(session, registration.id, "d1", public_id="p1", status="active", now=NOW)
        session.query(Platform).update({"frame_origins": ["https://vanity.example"]})
    with database.read() as session:
        assert platforms.frame_origins(session, "p1") == (
            "https://sso.lms.example",
            "https://lms.example",
            "https://school.example:8443",
            "https://vanity.example",
        )
        assert platforms.frame_origins(session, "p9") == ()


def test_trusted_audiences_are_our_active_clients_at_the_issuer(database: Database) -> None:
    register(database, 1)
    register(database, 2, client_id="client-2")
    register(database, 3, client_id="client-3", status="pending")
    register(database, 4, client_id="client-4", issuer="https://other.example")
    with database.read() as session:
        assert platforms.trusted_audiences(session, "https://lms.example") == {"client-1", "client-2"}


def test_operator_can_begin_a_rotation(database: Database) -> None:
    register(database, 1)
    register(database, 2, client_id="client-2")
    made = iter(range(10, 20))

    def make() -> NewKey:
        number = next(made)
        return NewKey(f"kid-{number}", "sealed", {"kid": f"kid-{number}"})

    with database.write() as session:
        assert keys.begin_rotation(session, "r1", make, now=NOW) == ["kid-10"]
        assert keys.begin_rotation(session, None, make, now=NOW) == ["kid-11"]
        assert keys.begin_rotation(session, None, make, now=NOW) == []
        assert keys.promote(session, NOW) == []
        assert keys.promote(session, NOW + keys.AHEAD) == ["kid-10", "kid-11"]
        listed = keys.listed(session, "r1")
        assert [(line.kid, line.status) for line in listed] == [("kid-1", "retired"), ("kid-10", "current")]
        assert listed[0].published_until == NOW + keys.AHEAD + keys.OVERLAP
        assert len(keys.listed(session)) == 4
