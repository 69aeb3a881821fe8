"""Area jwks_keys: our own keys."""

from __future__ import annotations

import io
import logging
from datetime import timedelta
from typing import Any

import jwt
import pytest

from core.activities import keys
from core.secrets import Unreadable, Vault, new_secret_key
from core.store.tables import ToolKey
from lti_tool.keys import new_key, signed
from tests.spec.lti.rows import rows
from tests.tool import Tool, tool_key

DATABASES = ("sqlite",)  # and on both where a test is marked so: where the database settles something


def published(tool: Tool, path: str = "/lti/jwks") -> dict[str, dict[str, Any]]:
    return {key["kid"]: key for key in tool.browser().get(path).get_json()["keys"]}


def chore(tool: Tool, number: int) -> None:
    """What the housekeeping does each day."""
    with tool.database.write() as session:
        for registration_id in keys.registrations_in_want_of_a_key(session, tool.clock()):
            keys.publish(session, registration_id, tool_key(number), status="next", now=tool.clock())
        keys.promote(session, tool.clock())


def kid_in_use(tool: Tool) -> str:
    with tool.database.read() as session:
        key = keys.signing_key(session, 1 if tool.database.is_sqlite else tool.all(ToolKey)[0].registration_id)
    return str(jwt.get_unverified_header(signed({"a": 1}, key, tool.vault))["kid"])


@rows("KEY-02")
@pytest.mark.both_databases
def test_rotation(tool: Tool, row: str) -> None:
    first, second = tool_key(1).kid, tool_key(2).kid
    tool.clock.time += keys.LIFE - keys.AHEAD - timedelta(seconds=1)
    chore(tool, 2)
    assert set(published(tool)) == {first}
    tool.clock.advance(seconds=1)
    chore(tool, 2)
    assert set(published(tool)) == {first, second}  # published, and not used yet
    assert kid_in_use(tool) == first
    chore(tool, 3)
    assert set(published(tool)) == {first, second}  # one successor is enough
    tool.clock.time += keys.AHEAD
    chore(tool, 3)
    assert kid_in_use(tool) == second
    assert set(published(tool)) == {first, second}  # what the first one signed can still be checked
    tool.clock.time += keys.OVERLAP - timedelta(seconds=1)
    assert set(published(tool)) == {first, second}
    tool.clock.advance(seconds=1)
    assert set(published(tool)) == {second}


@rows("KEY-02")
@pytest.mark.both_databases
def test_a_key_id_is_never_used_again(tool: Tool, row: str) -> None:
    made = [new_key(tool.vault) for _ in range(2)]
    assert made[0].kid != made[1].kid
    with pytest.raises(Exception, match=r"(?i)unique"), tool.database.write() as session:
        keys.publish(session, tool.one(ToolKey).registration_id, tool_key(1), status="next", now=tool.clock())


@rows("KEY-03")
def test_each_registration_has_keys_of_its_own(tool: Tool, row: str) -> None:
    tool.register(client_id="client-2", number=2)
    assert set(published(tool, "/lti/jwks/reg1")) == {tool_key(1).kid}
    assert set(published(tool, "/lti/jwks/reg2")) == {tool_key(2).kid}
    assert set(published(tool)) == {tool_key(1).kid, tool_key(2).kid}
    assert tool.browser().get("/lti/jwks/none").status_code == 404
    for key in published(tool).values():
        assert set(key) == {"kty", "n", "e", "kid", "alg", "use"}  # nothing of the private half
        assert key["use"] == "sig"
        assert key["alg"] == "RS256"


@rows("KEY-04")
def test_private_keys_are_encrypted_at_rest(tool: Tool, row: str) -> None:
    sealed = tool.one(ToolKey).private_key
    assert "PRIVATE KEY" not in sealed
    assert "PRIVATE KEY" in tool.vault.open(sealed)
    assert "PRIVATE" not in repr(tool.settings)
    assert tool.settings.secret_keys[0] not in repr(tool.settings)


@rows("KEY-04")
def test_a_lost_secret_key_says_so_and_nothing_else(tool: Tool, row: str) -> None:
    other = Vault((new_secret_key(),))
    with tool.database.read() as session:
        key = keys.signing_key(session, tool.one(ToolKey).registration_id)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("test_keys")
    logger.addHandler(handler)
    with pytest.raises(Unreadable, match="HEIRLOOM_SECRET_KEYS") as raised:
        signed({"a": 1}, key, other)
    logger.error("failed", exc_info=raised.value)
    logger.removeHandler(handler)
    assert "PRIVATE KEY" not in stream.getvalue()
    assert key.private_key not in stream.getvalue()


@rows("KEY-04")
def test_secrets_are_sealed_again_with_a_newer_key(tool: Tool, row: str) -> None:
    newer = new_secret_key()
    both = Vault((newer, *tool.settings.secret_keys))
    with tool.database.write() as session:
        assert keys.reseal(session, both.reseal) == 1
    assert "PRIVATE KEY" in Vault((newer,)).open(tool.one(ToolKey).private_key)
