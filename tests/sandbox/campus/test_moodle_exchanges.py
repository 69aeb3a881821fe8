"""The campus with Moodle's habits against what a real Moodle sent and answered (tests/fixtures/moodle_exchanges)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.campus.vocabulary import CLAIM, DEEP_LINKING_CLAIM, INSTRUCTOR, LINE_ITEM_READ_SCOPE, SCORE_SCOPE

EXCHANGES = Path(__file__).parents[2] / "fixtures" / "moodle_exchanges"
FIRST_TEACHER, SECOND_TEACHER, FIRST_LEARNER = 101, 102, 105
PEOPLE = {"3": "101", "4": "102", "5": "105", "6": "106", "7": "107", "8": "108", "999": "999"}
"""People of the recording and who stands for them: teacher, assistant, four learners (the last suspended), nobody."""
MOODLES_OWN = {"ltiLinkId", "ext_user_username", "lti_message_type", "context_memberships_url"}
"""Members that Moodle adds to what the standards have, and that the campus leaves out."""


def recorded(name):
    return json.loads((EXCHANGES / f"{name}.json").read_text(encoding="utf-8"))


def shape(value):
    """Names and types, without the values."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items() if name not in MOODLES_OWN}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


@pytest.fixture
def moodle(tool):
    tool.admin("PUT", "/quirks", {"preset": "moodle"})
    return tool


CUSTOM_OF_THE_TOOL = {
    "context_history": "$Context.id.history",
    "resource_history": "$ResourceLink.id.history",
    "course_start": "$CourseSection.timeFrame.begin",
    "user_username": "$User.username",
    "sections": "$CourseGroup.id",
    "available_start": "$ResourceLink.available.startDateTime",
    "submission_end": "$ResourceLink.submission.endDateTime",
    "membership_roles": "$Membership.role",
    "person_sourcedid": "$Person.sourcedId",
    "moodle_groupids": "$Moodle.Person.userGroupIds",
    "eq_in_value": "a=b",
}
CUSTOM_OF_THE_LINK = {"problem_set": "ps-1", "expr": "x=1", "Upper_Key": "MiXed", "unicode": "naïve 漢"}


@pytest.mark.parametrize(
    ("case", "person_id"),
    [("student", FIRST_LEARNER), ("student_without_names", FIRST_LEARNER), ("deep_linking", FIRST_TEACHER)],
)
def test_a_launch_has_the_claims_of_the_recording(campus, make_tool, case, person_id):
    private = {"shares_names": False, "shares_emails": False} if case == "student_without_names" else {}
    tool = make_tool(campus, custom=CUSTOM_OF_THE_TOOL, **private)
    tool.admin("PUT", "/quirks", {"preset": "moodle"})
    expected = recorded("launches")[case]
    if case == "deep_linking":
        claims = tool.open_picker()
    else:
        link = tool.place(custom=CUSTOM_OF_THE_LINK)
        assert sorted(tool.initiate(link)) == expected["initiation"]
        claims = tool.launch(link)
    missing = set(expected["claims"]) - set(claims)
    assert missing == set()
    for name, value in expected["claims"].items():
        if name == CLAIM + "custom":
            continue
        given = shape(value)
        ours = shape(claims[name])
        if isinstance(given, dict):
            assert set(given) - set(ours) <= {"accept_copy_advice", "accept_unsigned", "can_confirm"}, name
            assert {member: ours[member] for member in given if member in ours} == {
                member: kind for member, kind in given.items() if member in ours
            }
        else:
            assert ours == given, name
    assert set(claims) - set(expected["claims"]) <= {CLAIM + "launch_presentation"}
    for name in ("message_type", "version", "context"):
        theirs, ours = expected["claims"][CLAIM + name], claims[CLAIM + name]
        assert ours["type"] == theirs["type"] if name == "context" else ours == theirs


def test_custom_parameters_are_treated_as_in_the_recording(campus, make_tool):
    tool = make_tool(campus, custom=CUSTOM_OF_THE_TOOL)
    tool.admin("PUT", "/quirks", {"preset": "moodle"})
    expected = recorded("launches")["student"]["claims"][CLAIM + "custom"]
    given = tool.launch(tool.place(custom=CUSTOM_OF_THE_LINK))[CLAIM + "custom"]
    assert set(given) == set(expected)
    ours = {"user_username", "person_sourcedid", "course_start", "context_memberships_url", "moodle_groupids"}
    assert {name: given[name] for name in given if name not in ours} == {
        name: expected[name] for name in expected if name not in ours
    }
    assert given["person_sourcedid"] == "S-001"


def test_deep_linking_settings_agree_with_the_recording(moodle):
    theirs = recorded("launches")["deep_linking"]["claims"][DEEP_LINKING_CLAIM + "deep_linking_settings"]
    ours = moodle.open_picker()[DEEP_LINKING_CLAIM + "deep_linking_settings"]
    for name in ("accept_types", "accept_multiple", "auto_create"):
        assert ours[name] == theirs[name]
    assert "data" not in ours
    assert "data" not in theirs


@pytest.mark.parametrize(
    ("case", "changes"),
    [
        ("login-hint", {"login_hint": "5-altered"}),
        ("prompt", {"prompt": "login"}),
        ("response-mode", {"response_mode": "fragment"}),
    ],
)
def test_authorization_errors_are_those_of_the_recording(moodle, case, changes):
    request = moodle.request_of(moodle.initiate(moodle.place()), **changes)
    fields = moodle.form_of(moodle.authorize(request))["fields"]
    assert fields == {**recorded("authorization_errors")[case], "state": "the-state"}


def test_an_authorization_request_without_prompt_is_taken(moodle):
    request = moodle.request_of(moodle.initiate(moodle.place()), prompt=None)
    assert "id_token" in moodle.form_of(moodle.authorize(request))["fields"]


def test_the_configuration_has_the_members_of_the_recording(campus, session):
    theirs = recorded("registration")["configuration"]
    ours = session.get(f"{campus.base_url}/.well-known/openid-configuration", timeout=10).json()
    assert shape(ours) == shape(theirs)


def test_the_recorded_registration_is_answered_as_in_the_recording(moodle, session):
    exchange = recorded("registration")
    token = moodle.admin("POST", "/registrations")["registration_token"]
    send = {"json": exchange["request"], "timeout": 10}
    url = f"{moodle.campus.base_url}/lti/register"
    headers = {"Authorization": f"Bearer {token}"}
    answer = session.post(url, headers=headers, **send)
    assert answer.status_code == exchange["response"]["status"]
    assert answer.headers["Content-Type"] == exchange["response"]["content_type"]
    theirs, ours = exchange["response"]["json"], answer.json()
    assert set(theirs) - set(ours) == {"logo_uri"}
    for name in ("client_name", "redirect_uris", "jwks_uri", "initiate_login_uri", "response_types"):
        assert ours[name] == theirs[name]
    assert sorted(ours["grant_types"]) == sorted(theirs["grant_types"])
    assert set(ours["scope"].split()) == set(theirs["scope"].split())
    tool_configuration = "https://purl.imsglobal.org/spec/lti-tool-configuration"
    assert shape(ours[tool_configuration]) == shape(theirs[tool_configuration])
    assert ours[tool_configuration]["custom_parameters"] == theirs[tool_configuration]["custom_parameters"]
    for case, sent in (("token_used", headers), ("without_token", {})):
        refused = session.post(url, headers=sent, **send)
        assert (refused.status_code, refused.text) == (exchange[case]["status"], exchange[case]["body"])


@pytest.mark.parametrize(
    ("case", "changes"),
    [
        ("all_scopes", {}),
        ("score_only", {"scope": SCORE_SCOPE}),
        ("invalid_scope", {"scope": "https://example.org/nope"}),
        ("wrong_grant_type", {"grant_type": "authorization_code"}),
        ("unknown_client", {"iss": "nope"}),
        ("unknown_kid", {"kid": "nope"}),
    ],
)
def test_token_answers_are_those_of_the_recording(moodle, case, changes):
    expected = recorded("tokens")[case]
    assertion = moodle.signed(
        moodle.assertion(**{name: changes[name] for name in changes if name == "iss"}),
        kid=changes.get("kid", "tool-key"),
    )
    answer = moodle.ask_token(assertion, **{name: changes[name] for name in changes if name not in ("iss", "kid")})
    assert (answer.status_code, answer.headers["Content-Type"]) == (expected["status"], expected["content_type"])
    if case == "unknown_kid":
        assert answer.text == expected["body"]
        with pytest.raises(ValueError, match="delimiter"):
            answer.json()
        return
    theirs, ours = json.loads(expected["body"]), answer.json()
    for name in set(theirs) - {"access_token"}:
        assert ours[name] == theirs[name]


@pytest.mark.parametrize(
    ("case", "query", "headers"),
    [
        ("all", {}, {}),
        ("learners", {"role": "Learner"}, {}),
        ("unknown_link", {"rlid": "999"}, {}),
        ("accept_json", {}, {"Accept": "application/json"}),
        ("no_token", {}, {"Authorization": ""}),
        ("no_scope", {}, {"Authorization": "scope"}),
        ("unknown_course", {}, {}),
        ("names_not_shared", {}, {}),
    ],
)
def test_the_roster_is_that_of_the_recording(moodle, case, query, headers):
    expected = recorded("roster")[case]
    course_id = 999 if case == "unknown_course" else 11
    if case == "names_not_shared":
        moodle.admin("PATCH", f"/tools/{moodle.client_id}", {"shares_names": False, "shares_emails": False})
    url = f"{moodle.campus.base_url}/lti/courses/{course_id}/bindings/{moodle.deployment_id}/memberships"
    bearer = {"no_token": "", "no_scope": moodle.token(SCORE_SCOPE)}.get(case)
    accept = {"Accept": headers.get("Accept", "application/vnd.ims.lti-nrps.v2.membershipcontainer+json")}
    answer = moodle.call("GET", url, token=bearer, headers=accept, params=query)
    assert (answer.status_code, answer.headers["Content-Type"]) == (expected["status"], expected["content_type"])
    assert shape(answer.json()) == shape(expected["json"])
    if expected["status"] == 200:
        roles = {role for member in answer.json()["members"] for role in member["roles"]}
        assert {role for member in expected["json"]["members"] for role in member["roles"]} <= roles


def test_roster_pages_are_linked_as_in_the_recording(moodle):
    url = f"{moodle.campus.base_url}/lti/courses/11/bindings/{moodle.deployment_id}/memberships?limit=2"
    ours, theirs = moodle.call("GET", url).headers["Link"], recorded("roster")["limit_2"]["link"]
    assert ours.startswith("<http")
    assert ours.rpartition("; ")[2] == theirs.rpartition("; ")[2] == 'rel="next"'


STRICTER = {"43c-lineitem-create-zero-max": 400}
"""Line item calls that Moodle takes and the standard forbids: the campus refuses them."""


def test_line_item_calls_are_answered_as_in_the_recording(moodle):
    """Replayed in order: three links with a line item each come first, as when the recording began."""
    made = {}
    for number in (1, 2, 3):
        column = {"label": f"Set {number}", "scoreMaximum": 10, "resourceId": f"ps-{number}", "tag": f"score-{number}"}
        link = moodle.place(maximum=None, line_item=column)
        made[f"/2/lineitems/{number + 1}/lineitem"] = moodle.line_item_of(link)
        made[str(number)] = link["id"]
    for step in recorded("line_items"):
        if step["name"].startswith("59e"):
            continue  # Recorded after other changes.
        body = step["body"] and dict(step["body"])
        if body and "resourceLinkId" in body:
            body["resourceLinkId"] = made.get(body["resourceLinkId"], "999")
        if body and "id" in body:
            body["id"] = made[step["path"]]
        query = {name: made[value] if name == "resource_link_id" else value for name, value in step["query"].items()}
        url = moodle.line_items_of() if step["path"].endswith("/lineitems") else made.get(step["path"], "none")
        if url == "none":
            url = moodle.line_items_of().replace("?", "/999?")
        headers = {"Accept": step["accept"]} if step["accept"] else {}
        if step["content_type"]:
            headers["Content-Type"] = step["content_type"]
        token = moodle.token(LINE_ITEM_READ_SCOPE) if "readonly" in step["name"] else None
        data = None if body is None else json.dumps(body)
        answer = moodle.call(step["method"], url, token=token, headers=headers, params=query, data=data)
        assert answer.status_code == STRICTER.get(step["name"], step["status"]), (step["name"], answer.text)
        if step["name"] in STRICTER:
            continue
        if step["status"] == 201:
            made[step["json"]["id"].partition("services.php")[2].partition("?")[0]] = answer.json()["id"]
        if step["json"] is not None and step["method"] == "GET":
            assert answer.headers["Content-Type"] == step["answer_type"], step["name"]
            assert shape(answer.json()) == shape(step["json"]), step["name"]
        if step["link"]:
            theirs, ours = (text.encode("latin-1").decode() for text in (step["link"], answer.headers["Link"]))
            assert "rel=“next”" in theirs
            assert "rel=“next”" in ours
            assert "&amp;" in ours


def test_every_recorded_score_leads_to_the_recorded_grade(moodle):
    """66 scores and readings in the order of the recording, each with its status, media type and result."""
    moodle.admin("POST", "/courses/11/members", {"person_id": SECOND_TEACHER, "roles": [INSTRUCTOR]})
    moodle.admin("PATCH", "/courses/11/members/108", {"status": "Inactive"})
    own = {"label": "Explanation quality", "scoreMaximum": 50}
    headers = {"Content-Type": "application/vnd.ims.lis.v2.lineitem+json"}
    columns = {
        "2": moodle.line_item_of(moodle.place()),
        "3": moodle.line_item_of(moodle.place()),
        "5": moodle.call("POST", moodle.line_items_of(), headers=headers, data=json.dumps(own)).json()["id"],
        "999": moodle.line_items_of().replace("?", "/999?"),
    }
    tokens = {
        "all": moodle.token(),
        "readonly": moodle.token(LINE_ITEM_READ_SCOPE),
        "score": moodle.token(SCORE_SCOPE),
        "none": "",
    }
    steps = recorded("grades")
    assert len(steps) == 66
    for step in steps:
        labels = {"Content-Type": "content_type", "Accept": "accept"}
        headers = {name: step[key] for name, key in labels.items() if key in step}
        query = {**step["query"]}
        if "user_id" in query:
            query["user_id"] = PEOPLE[query["user_id"]]
        body = step.get("body")
        for theirs, ours in PEOPLE.items() if body else ():
            body = body.replace(f'"userId": "{theirs}"', f'"userId": "{ours}@"')
        answer = moodle.call(
            step["method"],
            moodle.part_of(columns[step["line_item"]], step["part"]),
            token=tokens[step["token"]],
            headers=headers,
            params=query,
            data=body and body.replace("@", "").encode(),
        )
        assert answer.status_code == step["status"], (step["name"], answer.text)
        if step["status"] == 200:
            assert answer.headers["Content-Type"] == step["answer_type"], step["name"]
        if "results" in step:
            assert [simplified(result, str) for result in answer.json()] == [
                simplified(result, PEOPLE.get) for result in step["results"]
            ], step["name"]


def simplified(result, person):
    """A result without addresses, with the campus's person ids."""
    kept = {name: value for name, value in result.items() if name not in ("id", "scoreOf")}
    return {**kept, "userId": person(result["userId"]), "addresses": sorted(set(result) & {"id", "scoreOf"})}
