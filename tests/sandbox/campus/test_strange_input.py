"""Whatever a tool sends is either understood or refused by name: no reader breaks over it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.campus import MOODLE, STANDARD
from sandbox.campus.ags import read_line_item
from sandbox.campus.content_items import read_items
from sandbox.campus.launches import DeepLinkRequest
from sandbox.campus.registration import RegistrationError, read_registration
from sandbox.campus.scores import ScoreError, read_score
from sandbox.campus.services import ServiceError
from sandbox.campus.tools import Tool
from sandbox.campus.urls import is_web_url, with_query
from sandbox.campus.values import as_number, finite_number, parse_json, whole_number
from sandbox.campus.vocabulary import ACTIVITY_PROGRESS, GRADING_PROGRESS, LINE_ITEM_TYPE, TOOL_CONFIGURATION

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["2026-11-21T12:00:00.5Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MOST = settings(max_examples=30, deadline=None)


def outcome(reader, *values):
    """What was understood, or the refusal; anything else breaks the test."""
    try:
        return reader(*values)
    except (ScoreError, ServiceError) as refusal:
        return refusal


def objects(**known):
    """Objects that have some of the known members, each rightly or wrongly filled."""
    return st.fixed_dictionaries({}, optional={name: ANYTHING | right for name, right in known.items()})


SCORES = objects(
    userId=st.just("105"),
    timestamp=st.just("2026-11-21T12:00:00.5Z"),
    activityProgress=st.sampled_from(ACTIVITY_PROGRESS),
    gradingProgress=st.sampled_from(GRADING_PROGRESS),
    scoreGiven=st.integers(0, 10),
    scoreMaximum=st.integers(1, 10),
    submission=objects(startedAt=st.just("2026-11-21T12:00:00Z"), submittedAt=st.just("2026-11-21T12:00:00Z")),
)
LINE_ITEMS = objects(label=st.text(), scoreMaximum=st.integers(), tag=st.text(), endDateTime=st.text())
ITEMS = objects(
    type=st.just("ltiResourceLink"),
    url=st.sampled_from(["http://127.0.0.1:9/launch", "http://[", "//x", "http://127.0.0.1:9/#x"]),
    title=st.text(),
    custom=st.dictionaries(st.text(), st.text()),
    lineItem=LINE_ITEMS,
    available=objects(startDateTime=st.text()),
    window=st.just({}),
)
REGISTRATIONS = objects(
    application_type=st.just("web"),
    token_endpoint_auth_method=st.just("private_key_jwt"),
    response_types=st.just(["id_token"]),
    grant_types=st.just(["implicit", "client_credentials"]),
    client_name=st.text(),
    scope=st.text(),
    redirect_uris=st.just(["http://127.0.0.1:9/launch"]),
    initiate_login_uri=st.just("http://127.0.0.1:9/login"),
    jwks_uri=st.just("http://127.0.0.1:9/jwks"),
)


@given(message=ANYTHING | SCORES)
@MOST
def test_every_score_is_understood_or_refused(message):
    for quirks in (STANDARD, MOODLE):
        found = outcome(read_score, json.dumps(message).encode(), quirks)
        assert str(found) if isinstance(found, ScoreError) else found.user_id == message["userId"]


@given(body=LINE_ITEMS)
@MOST
def test_every_line_item_is_understood_or_refused(body):
    found = outcome(read_line_item, body)
    if isinstance(found, ServiceError):
        assert found.status == 400
    else:
        assert found.label
        assert found.maximum > 0


PICKER = DeepLinkRequest(
    id="r",
    course_id=11,
    deployment_id=1,
    person_id=101,
    data=None,
    accept_types=("ltiResourceLink",),
    accept_multiple=True,
    used_at=None,
)
TOOL = Tool(
    id=1,
    client_id="c",
    status="active",
    name="Tool",
    login_url="http://127.0.0.1:9/login",
    redirect_uris=(),
    jwks_url="http://127.0.0.1:9/jwks",
    target_link_uri="http://127.0.0.1:9/launch",
)


@given(items=ANYTHING | st.lists(ITEMS | ANYTHING, max_size=3))
@MOST
def test_every_content_item_is_understood_or_named(items):
    activities, problems = read_items(items, PICKER, TOOL, STANDARD)
    count = len(items) if isinstance(items, list) else 0
    assert len(activities) <= count
    assert problems or len(activities) == count
    for activity in activities:
        assert activity.link.target_link_uri.startswith("http://127.0.0.1:9/")
        assert activity.link.title


@given(metadata=ANYTHING | REGISTRATIONS, lti=ANYTHING)
@MOST
def test_every_registration_is_understood_or_refused(metadata, lti):
    if isinstance(metadata, dict):
        metadata = {**metadata, TOOL_CONFIGURATION: lti}
    with pytest.raises(RegistrationError):
        read_registration(json.dumps(metadata).encode(), STANDARD)


@given(value=ANYTHING)
@MOST
def test_a_number_is_finite_or_none(value):
    number = finite_number(value)
    assert number is None or as_number(number) == number == value


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("105", 105),
        ("", None),
        ("-1", None),
        ("1.0", None),
        ("²", None),
        ("٣", None),
        ("9" * 16, None),
        (5, None),
    ],
)
def test_ids_are_short_and_plain(text, number):
    assert whole_number(text) == number


@given(text=st.text(), key=st.text(min_size=1), value=st.text())
@MOST
def test_addresses_are_web_addresses_or_not(text, key, value):
    url = f"https://tool.example/{text}"
    if is_web_url(url):
        longer = with_query(url, {key: value})
        assert longer.startswith(url) or "?" in url
        assert is_web_url(longer)


@pytest.mark.parametrize("data", [b"[" * 100_000, b'"\\ud800"', b"\xff", b"9" * 5000])
def test_hostile_json_is_a_value_error(data):
    with pytest.raises(ValueError, match=r".*"):
        parse_json(data)


def test_hostile_bodies_get_an_answer(tool):
    line_items = tool.line_items_of()
    for body in (b"[" * 100_000, b'{"label": "\\ud800", "scoreMaximum": 1}', b'{"label": "x", "scoreMaximum": 1e400}'):
        assert tool.call("POST", line_items, headers={"Content-Type": LINE_ITEM_TYPE}, data=body).status_code == 400
    for path in ("9" * 40, "-1", "x"):
        assert tool.call("GET", line_items.replace("?", f"/{path}?")).status_code == 404
    assert tool.call("GET", line_items.replace("/11/", f"/{'9' * 40}/")).status_code == 404
    assert tool.call("GET", f"{line_items}&limit={'9' * 40}").status_code == 400
    assert tool.call("GET", f"{line_items}&page=%ff%fe").status_code == 400
    long = b'{"label": "' + b"x" * 3_000_000 + b'", "scoreMaximum": 1}'
    assert tool.call("POST", line_items, headers={"Content-Type": LINE_ITEM_TYPE}, data=long).status_code == 413
