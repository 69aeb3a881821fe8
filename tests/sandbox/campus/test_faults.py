"""Planned failures, and the log of calls that tells what really arrived."""

from __future__ import annotations

import threading
import time

import jwt
import pytest
import requests

from sandbox.campus.vocabulary import CLAIM, NRPS_CLAIM

FIRST_LEARNER = 105


@pytest.fixture
def session(real_session):
    """These tests are about the wire and about threads."""
    return real_session


@pytest.fixture
def line_item(tool):
    return tool.line_item_of(tool.place())


@pytest.fixture
def plan(admin):
    def fault(endpoint, kind, **details):
        return admin("POST", "/faults", {"endpoint": endpoint, "kind": kind, **details})

    return fault


def test_a_service_can_be_out_of_order_for_so_many_calls(tool, plan, line_item):
    plan("scores", "answer", status=503, count=2)
    assert [tool.post_score(line_item).status_code for _ in range(3)] == [503, 503, 200]
    assert [call["fault"] for call in tool.admin.calls("scores")] == ["answer", "answer", None]
    assert tool.admin("GET", "/faults") == []


def test_a_service_can_ask_for_patience(tool, plan, line_item):
    plan("scores", "answer", status=429, headers={"Retry-After": "30"}, body="slow down")
    answer = tool.post_score(line_item)
    assert (answer.status_code, answer.headers["Retry-After"], answer.text) == (429, "30", "slow down")
    assert tool.results(line_item) == []


def test_an_answer_can_be_enormous(tool, plan, session):
    plan("jwks", "answer", status=200, body="{", size=1_000_000)
    assert len(session.get(tool.registered["platform"]["jwks_uri"], timeout=10).content) == 1_000_000


@pytest.mark.parametrize(("kind", "kept"), [("drop", False), ("drop_after", True)])
def test_the_line_can_be_cut_before_or_after_the_work(tool, plan, line_item, kind, kept):
    tool.token()
    plan("scores", kind)
    with pytest.raises(requests.ConnectionError):
        tool.post_score(line_item)
    assert bool(tool.results(line_item)) is kept
    (call,) = tool.admin.calls("scores")
    assert (call["status"], call["fault"]) == (None, kind)


def test_the_work_can_be_done_and_denied(tool, plan, line_item):
    plan("scores", "answer_after", status=500)
    assert tool.post_score(line_item).status_code == 500
    assert tool.results(line_item)[0]["resultScore"] == 7
    assert tool.post_score(line_item).status_code == 409


def test_an_answer_can_take_its_time(tool, plan, line_item):
    tool.token()
    plan("scores", "delay", seconds=0.3)
    with pytest.raises(requests.Timeout):
        tool.session.post(
            tool.part_of(line_item, "scores"),
            data=b"{}",
            headers={"Authorization": f"Bearer {tool.token()}"},
            timeout=0.1,
        )
    assert tool.post_score(line_item).status_code == 200


def test_other_calls_go_on_while_one_waits(tool, plan, line_item, wait_until):
    tool.token()
    plan("scores", "delay", seconds=0.5)
    late = threading.Thread(target=tool.post_score, args=(line_item,))
    late.start()
    wait_until(lambda: len(tool.admin.calls("scores")) == 1)
    begun = time.monotonic()
    assert tool.call("GET", line_item).status_code == 200
    assert late.is_alive() or time.monotonic() - begun > 0.4
    late.join()


def test_the_key_set_can_be_wrong_under_the_right_id(tool, plan):
    link = tool.place()
    form = tool.form_of(tool.authorize(tool.request_of(tool.initiate(link))))
    plan("jwks", "wrong_keys")
    tool.learn_keys()
    with pytest.raises(jwt.InvalidSignatureError):
        tool.verified(form["fields"]["id_token"])
    tool.learn_keys()
    assert tool.verified(form["fields"]["id_token"])["sub"] == str(FIRST_LEARNER)


def test_an_id_token_can_be_altered_in_any_part(tool, plan):
    link = tool.place()
    plan(
        "authorize",
        "id_token",
        claims={"sub": None, CLAIM + "version": "1.1"},
        header={"kid": "other"},
        form={"state": "changed", "extra": "1"},
    )
    fields = tool.form_of(tool.authorize(tool.request_of(tool.initiate(link))))["fields"]
    assert (fields["state"], fields["extra"]) == ("changed", "1")
    assert jwt.get_unverified_header(fields["id_token"])["kid"] == "other"
    claims = jwt.decode(fields["id_token"], options={"verify_signature": False})
    assert "sub" not in claims
    assert claims[CLAIM + "version"] == "1.1"
    assert tool.launch(link)[CLAIM + "version"] == "1.3.0"


def test_an_id_token_can_be_signed_by_a_stranger(tool, plan):
    link = tool.place()
    plan("authorize", "id_token", wrong_key=True)
    with pytest.raises(jwt.InvalidSignatureError):
        tool.launch(link)


def test_a_fault_may_hit_any_service(tool, plan, line_item):
    tool.token()
    plan("*", "answer", status=502)
    assert tool.call("GET", line_item).status_code == 502
    assert tool.call("GET", line_item).status_code == 200


def test_of_so_many_planned_failures_exactly_so_many_happen_at_once(tool, plan, line_item):
    token = tool.token()
    plan("line_item", "answer", status=500, count=5)
    found = []

    def ask():
        found.append(requests.get(line_item, headers={"Authorization": f"Bearer {token}"}, timeout=10).status_code)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] * 7 + [500] * 5


def test_faults_can_be_called_off(tool, plan, line_item):
    plan("scores", "answer", status=500, count=9)
    assert tool.admin("GET", "/faults")[0]["remaining"] == 9
    tool.admin("DELETE", "/faults")
    assert tool.post_score(line_item).status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"endpoint": "front", "kind": "drop"},
        {"endpoint": "scores", "kind": "explode"},
        {"endpoint": "scores", "kind": "wrong_keys"},
        {"endpoint": "*", "kind": "id_token"},
        {"endpoint": "scores", "kind": "drop", "seconds": 1},
        {"endpoint": "scores", "kind": "delay", "seconds": 100_000},
        {"endpoint": "scores", "kind": "drop", "count": 0},
        {"endpoint": "scores"},
    ],
)
def test_an_impossible_fault_is_refused(admin, fault):
    admin("POST", "/faults", fault, status=400)


def test_every_call_to_a_service_is_noted(tool, clock, line_item):
    url = tool.launch(tool.place())[NRPS_CLAIM]["context_memberships_url"]
    tool.call("GET", url, params={"limit": 2})
    calls = tool.admin("GET", "/calls")
    assert [call["endpoint"] for call in calls] == ["authorize", "memberships"]
    last = calls[-1]
    assert (last["method"], last["status"], last["arguments"]["course_id"]) == ("GET", 200, 11)
    assert last["path"].endswith("/memberships?limit=2")
    assert last["received_at"] == clock.moment.isoformat(timespec="microseconds")
    assert tool.admin("GET", f"/calls?after={calls[-2]['id']}") == [last]
    tool.admin("DELETE", "/calls")
    assert tool.admin("GET", "/calls") == []
