"""The roster service (NRPS 2.0)."""

from __future__ import annotations

import pytest

from sandbox.campus.vocabulary import (
    CLAIM,
    INSTRUCTOR,
    LEARNER,
    MEMBERSHIP_CONTAINER_TYPE,
    NRPS_CLAIM,
    SCORE_SCOPE,
    TEST_USER,
)

FIRST_TEACHER, TEST_PERSON, FIRST_LEARNER, SECOND_LEARNER = 101, 104, 105, 106


@pytest.fixture
def url(tool):
    return f"{tool.campus.base_url}/lti/courses/11/bindings/{tool.deployment_id}/memberships"


def read(tool, url, **query):
    answer = tool.call("GET", url, headers={"Accept": MEMBERSHIP_CONTAINER_TYPE}, params=query)
    assert answer.status_code == 200, answer.text
    return answer


def members(tool, url, **query):
    return {member["user_id"]: member for member in read(tool, url, **query).json()["members"]}


def test_the_roster_names_the_course_and_everybody_in_it(tool, url):
    answer = read(tool, url)
    assert answer.headers["Content-Type"].startswith(MEMBERSHIP_CONTAINER_TYPE)
    body = answer.json()
    assert body["id"] == url
    assert body["context"] == {"id": "11", "label": "STAT101", "title": "Introduction to statistics"}
    assert len(body["members"]) == 15
    assert members(tool, url)[str(FIRST_LEARNER)] == {
        "status": "Active",
        "roles": [LEARNER],
        "user_id": str(FIRST_LEARNER),
        "lis_person_sourcedid": "S-001",
        "given_name": "Learner",
        "family_name": "01",
        "name": "Learner 01",
        "email": "learner01@campus.example",
    }


def test_only_ids_and_roles_are_told_if_names_are_not_shared(tool, url):
    tool.admin("PATCH", f"/tools/{tool.client_id}", {"shares_names": False, "shares_emails": False})
    assert members(tool, url)[str(FIRST_LEARNER)] == {
        "status": "Active",
        "roles": [LEARNER],
        "user_id": str(FIRST_LEARNER),
    }


@pytest.mark.parametrize("role", [INSTRUCTOR, "Instructor"])
def test_the_roster_can_be_narrowed_to_a_role(tool, url, role):
    assert set(members(tool, url, role=role)) == {str(FIRST_TEACHER)}


def test_pages_lead_through_everybody_once(tool, url):
    found, asked = [], f"{url}?limit=4"
    while asked:
        answer = read(tool, asked)
        assert len(answer.json()["members"]) <= 4
        found += [member["user_id"] for member in answer.json()["members"]]
        asked = answer.links.get("next", {}).get("url")
    assert found == sorted(set(found), key=int)
    assert len(found) == 15


def test_the_last_page_leads_to_the_differences(tool, url):
    first = read(tool, f"{url}?limit=10")
    assert "differences" not in first.links
    tool.admin("PATCH", f"/courses/11/members/{FIRST_LEARNER}", {"status": "Deleted"})
    last = read(tool, first.links["next"]["url"])
    later = last.links["differences"]["url"]
    # The learner left after the first page was read: the difference tells it all the same.
    assert {key: member["status"] for key, member in members(tool, later).items()} == {str(FIRST_LEARNER): "Deleted"}
    tool.admin("PATCH", f"/courses/11/members/{SECOND_LEARNER}", {"status": "Inactive"})
    newest = read(tool, read(tool, later).links["differences"]["url"])
    assert newest.json()["members"] == []
    assert set(members(tool, later)) == {str(FIRST_LEARNER), str(SECOND_LEARNER)}


def test_who_left_is_not_in_the_roster_and_who_is_suspended_is(tool, url):
    tool.admin("PATCH", f"/courses/11/members/{FIRST_LEARNER}", {"status": "Deleted"})
    tool.admin("PATCH", f"/courses/11/members/{SECOND_LEARNER}", {"status": "Inactive"})
    found = members(tool, url)
    assert str(FIRST_LEARNER) not in found
    assert found[str(SECOND_LEARNER)]["status"] == "Inactive"


def test_roles_can_be_anything(tool, url):
    roles = [LEARNER, "http://purl.imsglobal.org/vocab/lis/v2/membership/Learner#Instructor", "urn:made-up"]
    tool.admin("PATCH", f"/courses/11/members/{FIRST_LEARNER}", {"roles": roles})
    assert members(tool, url)[str(FIRST_LEARNER)]["roles"] == roles


def test_with_a_link_members_carry_what_a_launch_would_say(tool):
    link = tool.place(custom={"who": "$User.id", "link": "$ResourceLink.id"})
    url = tool.launch(link)[NRPS_CLAIM]["context_memberships_url"]
    (message,) = members(tool, url, rlid=link["id"])[str(FIRST_LEARNER)]["message"]
    assert message[CLAIM + "message_type"] == "LtiResourceLinkRequest"
    assert message[CLAIM + "custom"] == {"who": str(FIRST_LEARNER), "link": link["id"]}
    assert "message" not in members(tool, url)[str(FIRST_LEARNER)]


def test_an_unknown_link_or_course_is_not_found(campus, make_tool, tool, url):
    foreign = make_tool(campus).place()["id"]
    for rlid in ("999", "x", foreign):
        assert tool.call("GET", url, params={"rlid": rlid}).status_code == 404
    assert tool.call("GET", url.replace("/courses/11/", "/courses/999/")).status_code == 404


def test_the_roster_is_for_the_tool_itself(campus, make_tool, tool, url):
    other = make_tool(campus)
    assert other.call("GET", url).status_code == 404


def test_a_token_with_the_scope_is_needed(tool, url):
    assert tool.call("GET", url, token=tool.token(SCORE_SCOPE)).status_code == 403
    assert tool.session.get(url, timeout=10).status_code == 401


def test_the_media_type_is_strict(tool, url):
    assert tool.call("GET", url, headers={"Accept": "application/json"}).status_code == 406


def test_new_learners_appear(tool, url):
    (added,) = tool.admin("POST", "/courses/11/members", {"count": 1})
    assert members(tool, url)[added["person_id"]]["name"] == added["name"]
    tool.admin("POST", "/courses/11/members", {"person_id": 102, "roles": [INSTRUCTOR]})
    assert members(tool, url)["102"]["roles"] == [INSTRUCTOR]


def test_canvas_leaves_out_the_test_user_and_pages_by_itself(tool, url):
    assert TEST_USER in members(tool, url)[str(TEST_PERSON)]["roles"]
    tool.admin("PUT", "/quirks", {"preset": "canvas"})
    answer = read(tool, url)
    assert len(answer.json()["members"]) == 10
    assert str(TEST_PERSON) not in members(tool, url)


def test_moodle_has_no_suspended_members_and_no_differences(tool, url):
    tool.admin("PATCH", f"/courses/11/members/{FIRST_LEARNER}", {"status": "Inactive"})
    tool.admin("PUT", "/quirks", {"preset": "moodle"})
    answer = read(tool, url)
    assert str(FIRST_LEARNER) not in members(tool, url)
    assert "Link" not in answer.headers
