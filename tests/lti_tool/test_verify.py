"""The verification under mutation: nothing but the true token gets through, and every refusal is a refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.secrets import digest
from lti_tool import messages, verify
from lti_tool.keysets import usable
from lti_tool.refusals import Refused
from tests.lms import CLAIM, b64, jwk, signed
from tests.tool import START

NOW = int(START.timestamp())
KEYS, _ = usable({"keys": [jwk("platform")]})
EXPECTED = verify.Expected("https://lms.example", "client-1", digest("nonce-1"))
CLAIMS: dict[str, Any] = {
    "iss": "https://lms.example",
    "aud": "client-1",
    "sub": "learner-07",
    "iat": NOW,
    "exp": NOW + 60,
    "nonce": "nonce-1",
    f"{CLAIM}message_type": "LtiResourceLinkRequest",
    f"{CLAIM}version": "1.3.0",
    f"{CLAIM}deployment_id": "d",
    f"{CLAIM}target_link_uri": "https://tool.example/",
    f"{CLAIM}roles": [],
    f"{CLAIM}resource_link": {"id": "l"},
}
TOKEN = signed(CLAIMS)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)

rsa_like = st.fixed_dictionaries({"kty": st.just("RSA"), "kid": anything, "n": anything, "e": anything})


def check(token: str) -> Any:
    claims = verify.verified(verify.parse(token), KEYS, EXPECTED, START)
    return messages.read(claims, tool_url="https://tool.example", development=False)


def test_the_true_token() -> None:
    assert check(TOKEN).subject == "learner-07"


@settings(deadline=None, max_examples=300)
@given(st.integers(0, len(TOKEN) - 1), st.characters(codec="utf-8"))
def test_one_changed_character(place: int, sign: str) -> None:
    changed = TOKEN[:place] + sign + TOKEN[place + 1 :]
    if changed != TOKEN:
        with pytest.raises(Refused):
            check(changed)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    with pytest.raises(Refused):
        check(text)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(["alg", "kid", "crit", "typ", "jwk", "jku", "b64"]), anything, max_size=4))
def test_any_header_without_the_signature_for_it(header: dict[str, Any]) -> None:
    head = b64(json.dumps(header).encode())
    with pytest.raises(Refused):
        check(f"{head}.{TOKEN.split('.')[1]}.{TOKEN.split('.')[2]}")


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(CLAIMS)), anything)
def test_any_value_of_any_claim_is_read_or_refused(name: str, value: Any) -> None:
    """The platform signs it, so it is no forgery; but it may be nonsense, and nonsense is no crash."""
    try:
        launch = check(signed(CLAIMS | {name: value}))
    except Refused:
        return
    assert launch.role in ("student", "teacher", "observer")
    assert launch.subject is None or 0 < len(launch.subject) <= 255


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(
        [f"{CLAIM}context", f"{CLAIM}custom", f"{CLAIM}launch_presentation", f"{CLAIM}tool_platform", "name"]
    ),
    anything,
)
def test_any_value_of_an_optional_claim(name: str, value: Any) -> None:
    """Only a context that is none is refused; whatever else is odd counts as absent."""
    refused = ""
    try:
        check(signed(CLAIMS | {name: value}))
    except Refused as error:
        refused = error.detail
    assert refused in (("", "context", "context.id") if name.endswith("context") else ("",))


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60))
def test_any_signed_bytes(raw: bytes) -> None:
    with pytest.raises(Refused):
        check(signed(raw))


@settings(deadline=None, max_examples=200)
@given(anything | st.fixed_dictionaries({"keys": st.lists(anything | rsa_like, max_size=3)}))
def test_any_key_set_is_read(body: Any) -> None:
    keys, problems = usable(body)
    assert all(key.key.key_size >= 2048 for key in keys)
    assert isinstance(problems, tuple)
