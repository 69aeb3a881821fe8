"""Launches: login initiation, authorization request, id_token (Security Framework 5.1, LTI Core 5)."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import jwt
import pytest
import requests
from bs4 import BeautifulSoup

from sandbox.campus.claims import VARIABLES
from sandbox.campus.vocabulary import AGS_ENDPOINT_CLAIM, CLAIM, INSTRUCTOR, LEARNER, MENTOR, NRPS_CLAIM, TEST_USER

FIRST_TEACHER, OBSERVER, TEST_PERSON, FIRST_LEARNER, SECOND_LEARNER = 101, 103, 104, 105, 106


def refused(tool, **changes):
    """The error that the tool gets for an altered authorization request."""
    request = tool.request_of(tool.initiate(tool.place()), **changes)
    form = tool.form_of(tool.authorize(request))
    assert form["action"] == tool.redirect_uri
    assert "id_token" not in form["fields"]
    return form["fields"]


def test_a_learner_arrives_with_a_token_that_the_key_set_verifies(tool):
    link = tool.place(custom={"activity": "a-1"})
    claims = tool.launch(link)
    assert claims["sub"] == str(FIRST_LEARNER)
    assert claims["nonce"] == "the-nonce"
    assert claims["exp"] - claims["iat"] == 60
    assert claims[CLAIM + "message_type"] == "LtiResourceLinkRequest"
    assert claims[CLAIM + "version"] == "1.3.0"
    assert claims[CLAIM + "deployment_id"] == tool.deployment_id
    assert claims[CLAIM + "roles"] == [LEARNER]
    assert claims[CLAIM + "resource_link"] == {"id": link["id"], "title": "Problem set 1", "description": ""}
    assert claims[CLAIM + "context"]["id"] == "11"
    assert claims[CLAIM + "target_link_uri"] == link["target_link_uri"]
    assert claims[CLAIM + "custom"] == {"activity": "a-1"}
    assert claims[CLAIM + "launch_presentation"]["document_target"] == "iframe"
    assert claims[CLAIM + "launch_presentation"]["return_url"].startswith(tool.campus.base_url)
    assert claims["name"] == "Learner 01"
    assert claims["email"].endswith("@campus.example")


def test_state_comes_back_and_only_if_it_was_sent(tool):
    request = tool.request_of(tool.initiate(tool.place()))
    assert tool.form_of(tool.authorize(request))["fields"]["state"] == "the-state"
    del request["state"]
    assert set(tool.form_of(tool.authorize(request))["fields"]) == {"id_token"}


def test_the_authorization_endpoint_takes_post_too(tool):
    request = tool.request_of(tool.initiate(tool.place()))
    form = tool.form_of(tool.authorize(request, method="POST"))
    assert tool.verified(form["fields"]["id_token"])["sub"] == str(FIRST_LEARNER)


def test_the_page_that_starts_a_launch_posts_the_login_to_the_tool(tool, session):
    link = tool.place()
    url = f"{tool.campus.base_url}/as/{FIRST_LEARNER}/courses/11/links/{link['id']}/start"
    form = tool.form_of(session.get(url, timeout=10))
    assert (form["method"], form["action"]) == ("post", "http://127.0.0.1:9/login")
    assert form["fields"]["iss"] == tool.campus.base_url
    assert form["fields"]["client_id"] == tool.client_id
    assert form["fields"]["lti_deployment_id"] == tool.deployment_id
    assert form["fields"]["target_link_uri"] == link["target_link_uri"]
    assert json.loads(form["fields"]["lti_message_hint"])["message"]
    answer = tool.form_of(tool.authorize(tool.request_of(form["fields"])))
    assert tool.verified(answer["fields"]["id_token"])["sub"] == str(FIRST_LEARNER)


def test_a_tool_may_be_started_by_get(campus, make_tool, session):
    tool = make_tool(campus, login_method="GET")
    url = f"{campus.base_url}/as/{FIRST_LEARNER}/courses/11/links/{tool.place()['id']}/start"
    answer = session.get(url, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    address, _, query = answer.headers["Location"].partition("?")
    assert address == "http://127.0.0.1:9/login"
    parameters = dict(parse_qsl(query))
    form = tool.form_of(tool.authorize(tool.request_of(parameters)))
    assert tool.verified(form["fields"]["id_token"])["sub"] == str(FIRST_LEARNER)


def test_a_login_url_keeps_its_own_query(campus, make_tool, session):
    tool = make_tool(campus, login_method="GET", login_url="http://127.0.0.1:9/login?tenant=a%20b")
    url = f"{campus.base_url}/as/{FIRST_LEARNER}/courses/11/links/{tool.place()['id']}/start"
    location = session.get(url, allow_redirects=False, timeout=10).headers["Location"]
    assert location.startswith("http://127.0.0.1:9/login?tenant=a%20b&iss=")


def test_a_new_window_says_so_in_the_token(tool):
    initiation = tool.initiate(tool.place(), document_target="window")
    form = tool.form_of(tool.authorize(tool.request_of(initiation)))
    claims = tool.verified(form["fields"]["id_token"])
    assert claims[CLAIM + "launch_presentation"]["document_target"] == "window"


@pytest.mark.parametrize(
    ("person_id", "role"), [(FIRST_TEACHER, INSTRUCTOR), (OBSERVER, MENTOR), (TEST_PERSON, TEST_USER)]
)
def test_everybody_has_the_roles_of_the_roster(tool, person_id, role):
    assert role in tool.launch(tool.place(), person_id)[CLAIM + "roles"]


def test_an_observer_is_told_whom_they_observe(tool):
    link = tool.place()
    assert tool.launch(link, OBSERVER)[CLAIM + "role_scope_mentor"] == [str(FIRST_LEARNER)]
    assert CLAIM + "role_scope_mentor" not in tool.launch(link)


def test_names_and_addresses_are_shared_only_if_they_may_be(tool):
    link = tool.place(custom={"who": "$Person.name.full", "user": "$User.username", "mail": "$Person.email.primary"})
    tool.admin("PATCH", f"/tools/{tool.client_id}", {"shares_names": False, "shares_emails": False})
    claims = tool.launch(link)
    assert {"name", "given_name", "family_name", "email"}.isdisjoint(claims)
    assert "person_sourcedid" not in claims[CLAIM + "lis"]
    assert claims[CLAIM + "custom"] == {
        "who": "$Person.name.full",
        "user": "$User.username",
        "mail": "$Person.email.primary",
    }
    assert "Learner" not in json.dumps([value for name, value in claims.items() if name != CLAIM + "roles"])


def test_variables_are_replaced_and_unknown_ones_stay(tool):
    custom = {
        "course": "$Context.id",
        "history": "$Context.id.history",
        "link": "$ResourceLink.id",
        "due": "$ResourceLink.submission.endDateTime",
        "begin": "$CourseSection.timeFrame.begin",
        "unknown": "$Made.up",
        "plain": "costs $5",
    }
    link = tool.place(custom=custom, dates={"ResourceLink.submission.endDateTime": "2026-12-10T00:00:00Z"})
    assert tool.launch(link)[CLAIM + "custom"] == {
        "course": "11",
        "history": "",
        "link": link["id"],
        "due": "2026-12-10T00:00:00Z",
        "begin": "2026-11-21T12:00:00.000000+00:00",
        "unknown": "$Made.up",
        "plain": "costs $5",
    }


def test_every_variable_that_the_configuration_names_is_replaced(tool):
    link = tool.place(custom={f"v{number}": f"${name}" for number, name in enumerate(VARIABLES)})
    assert [value for value in tool.launch(link)[CLAIM + "custom"].values() if value.startswith("$")] == []


def test_custom_parameters_of_the_link_win_over_those_of_the_tool(campus, make_tool):
    tool = make_tool(campus, custom={"a": "tool", "b": "tool"})
    assert tool.launch(tool.place(custom={"b": "link"}))[CLAIM + "custom"] == {"a": "tool", "b": "link"}
    plain = make_tool(campus)
    assert CLAIM + "custom" not in plain.launch(plain.place())


def test_services_are_named_as_far_as_the_tool_may_use_them(campus, make_tool):
    scopes = ["https://purl.imsglobal.org/spec/lti-ags/scope/score"]
    tool = make_tool(campus, scopes=scopes)
    claims = tool.launch(tool.place())
    assert claims[AGS_ENDPOINT_CLAIM]["scope"] == scopes
    assert NRPS_CLAIM not in claims
    bare = make_tool(campus, scopes=[])
    assert AGS_ENDPOINT_CLAIM not in bare.launch(bare.place())


@pytest.mark.parametrize(("line_items", "named"), [(0, False), (1, True), (2, False)])
def test_the_line_item_is_named_if_there_is_exactly_one(tool, line_items, named):
    link = tool.place(maximum=10 if line_items else None)
    if line_items == 2:
        body = {"label": "Another", "scoreMaximum": 5, "resourceLinkId": link["id"]}
        tool.call(
            "POST",
            tool.launch(link)[AGS_ENDPOINT_CLAIM]["lineitems"],
            headers={"Content-Type": "application/vnd.ims.lis.v2.lineitem+json"},
            data=json.dumps(body),
        )
    assert ("lineitem" in tool.launch(link)[AGS_ENDPOINT_CLAIM]) is named


@pytest.mark.parametrize("redirect_uri", ["http://127.0.0.1:9/launch/", "http://127.0.0.1:9/launch?a=1", "", None])
def test_a_redirect_uri_must_be_a_registered_one_letter_by_letter(tool, redirect_uri):
    answer = tool.authorize(tool.request_of(tool.initiate(tool.place()), redirect_uri=redirect_uri))
    assert answer.status_code == 400
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.find("form") is None
    assert "redirect_uri" in page.text


def test_an_unknown_client_is_never_sent_anywhere(tool):
    answer = tool.authorize(tool.request_of(tool.initiate(tool.place()), client_id="nobody"))
    assert answer.status_code == 400
    assert "<form" not in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"scope": "openid email"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": None}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"prompt": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"login_hint": None}, "invalid_request"),
        ({"login_hint": "5"}, "access_denied"),
        ({"lti_message_hint": None}, "invalid_request"),
        ({"lti_message_hint": "{}"}, "invalid_request"),
        ({"lti_message_hint": "[1]"}, "invalid_request"),
        ({"lti_message_hint": '{"message": "a.b.c"}'}, "invalid_request"),
    ],
)
def test_a_wrong_parameter_comes_back_as_an_error_with_the_state(tool, changes, error):
    fields = refused(tool, **changes)
    assert (fields["error"], fields["state"]) == (error, "the-state")


def test_a_repeated_parameter_is_refused(tool):
    request = list(tool.request_of(tool.initiate(tool.place())).items())
    answer = tool.session.get(
        tool.registered["platform"]["authorization_endpoint"], params=[*request, ("nonce", "other")], timeout=10
    )
    assert tool.form_of(answer)["fields"]["error"] == "invalid_request"


def test_hints_of_two_people_do_not_mix(tool):
    link = tool.place()
    other = tool.initiate(link, SECOND_LEARNER)
    request = tool.request_of(tool.initiate(link), login_hint=other["login_hint"])
    assert tool.form_of(tool.authorize(request))["fields"]["error"] == "access_denied"


def test_hints_are_not_interchangeable(tool):
    initiation = tool.initiate(tool.place())
    message = json.loads(initiation["lti_message_hint"])["message"]
    request = tool.request_of(initiation, login_hint=message)
    assert tool.form_of(tool.authorize(request))["fields"]["error"] == "access_denied"


def test_hints_expire(tool, clock):
    request = tool.request_of(tool.initiate(tool.place()))
    clock.forward(minutes=9)
    assert "id_token" in tool.form_of(tool.authorize(request))["fields"]
    clock.forward(minutes=1)
    assert tool.form_of(tool.authorize(request))["fields"]["error"] == "login_required"


def test_who_signed_out_must_come_again(tool):
    link = tool.place()
    request = tool.request_of(tool.initiate(link))
    tool.admin("POST", f"/people/{FIRST_LEARNER}/sign_out")
    assert tool.form_of(tool.authorize(request))["fields"]["error"] == "login_required"
    assert tool.launch(link)["sub"] == str(FIRST_LEARNER)


@pytest.mark.parametrize("status", ["Inactive", "Deleted"])
def test_who_left_the_course_cannot_finish_a_launch(tool, status):
    request = tool.request_of(tool.initiate(tool.place()))
    tool.admin("PATCH", f"/courses/11/members/{FIRST_LEARNER}", {"status": status})
    assert tool.form_of(tool.authorize(request))["fields"]["error"] == "access_denied"


def test_a_tool_cannot_answer_for_the_launch_of_another(tool, campus, make_tool):
    other = make_tool(campus)
    initiation = tool.initiate(tool.place())
    request = other.request_of(initiation, client_id=other.client_id)
    assert other.form_of(other.authorize(request))["fields"]["error"] == "access_denied"


def test_a_removed_link_cannot_be_opened(tool):
    link = tool.place()
    request = tool.request_of(tool.initiate(link))
    tool.admin("DELETE", f"/links/{link['id']}")
    assert tool.form_of(tool.authorize(request))["fields"]["error"] == "access_denied"


def test_a_pending_tool_gets_nothing(campus, make_tool):
    tool = make_tool(campus, active=False)
    link = tool.place()
    tool.admin("POST", f"/links/{link['id']}/launch", {"person_id": FIRST_LEARNER}, status=409)
    tool.admin("POST", f"/tools/{tool.client_id}/activate")
    assert tool.launch(link)["sub"] == str(FIRST_LEARNER)


def test_a_hint_with_awkward_signs_must_come_back_unaltered(tool):
    suffix = "&=%20+ü\"'<>" + "x" * 4000
    tool.admin("PATCH", "/quirks", {"hint_suffix": suffix})
    initiation = tool.initiate(tool.place())
    assert initiation["lti_message_hint"].endswith(suffix)
    assert "id_token" in tool.form_of(tool.authorize(tool.request_of(initiation), method="POST"))["fields"]
    altered = initiation["lti_message_hint"].replace("%20", " ")
    answer = tool.authorize(tool.request_of(initiation, lti_message_hint=altered), method="POST")
    assert tool.form_of(answer)["fields"]["error"] == "invalid_request"


def test_a_frame_is_announced_where_the_page_listens(tool):
    link = tool.place()
    assert "lti_storage_target" not in tool.initiate(link)
    tool.admin("PUT", "/quirks", {"preset": "canvas"})
    assert tool.initiate(link)["lti_storage_target"] == "post_message_forwarding"
    tool.admin("PATCH", "/quirks", {"storage_frame": ""})
    assert tool.initiate(link)["lti_storage_target"] == "_parent"


def test_a_key_is_replaced_with_an_overlap(tool, clock):
    link = tool.place()
    request = tool.request_of(tool.initiate(link))
    old = tool.form_of(tool.authorize(request))["fields"]["id_token"]
    new_kid = tool.admin("POST", "/keys/rotate", {"overlap_seconds": 300})["kid"]
    new = tool.form_of(tool.authorize(request))["fields"]["id_token"]
    old_kid = jwt.get_unverified_header(old)["kid"]
    assert jwt.get_unverified_header(new)["kid"] == new_kid != old_kid
    assert [key["kid"] for key in tool.key_set()["keys"]] == [new_kid, old_kid]
    assert tool.verified(old)["sub"] == tool.verified(new)["sub"]
    clock.forward(seconds=300)
    assert [key["kid"] for key in tool.key_set()["keys"]] == [new_kid]


def test_the_key_set_may_be_kept_for_a_while(tool):
    answer = tool.session.get(tool.registered["platform"]["jwks_uri"], timeout=10)
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_the_key_set_holds_public_halves_only(tool):
    for key in tool.key_set()["keys"]:
        assert set(key) == {"kty", "alg", "kid", "use", "e", "n"}


def test_a_launch_page_is_not_kept_and_may_post_to_the_tool(tool):
    answer: requests.Response = tool.authorize(tool.request_of(tool.initiate(tool.place())))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "form-action http: https:" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
