"""Area roles: what a person may do, from what the platform signed."""

from __future__ import annotations

from typing import Any

import pytest

from core.activities import grades
from core.store.tables import Grade, LaunchSession, Membership, Person, ResourceLink
from lti_tool.roles import CONTEXT_ROLES, effective
from tests.lms import AGS, CONTEXT_ROLE, DL_SETTINGS, INSTRUCTOR, LEARNER
from tests.spec.lti.rows import rows, rows_with
from tests.tool import Tool, security_log

DATABASES = ("sqlite",)  # and on both where a test is marked so: where the database settles something
KEYS_KNOWN = True
SUB_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership/"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"


def role_of(tool: Tool, roles: list[str]) -> str:
    """The role in the session of a launch, which is also that of the membership."""
    assert tool.launch(roles=roles).status_code == 303
    role = tool.one(LaunchSession).role
    assert tool.one(Membership).role == role
    return str(role)


@rows("ROL-01")
def test_no_role_is_the_least(tool: Tool, row: str) -> None:
    session = tool.session(roles=[])
    assert tool.one(Membership).role == "student"
    assert tool.get("/p/p1/probe/teachers", session["token"]).status_code == 403


@rows_with("case", {"ROL-02": [("Instructor", "teacher"), ("Learner", "student"), ("Mentor", "observer")]})
def test_short_names(tool: Tool, row: str, case: tuple[str, str]) -> None:
    assert role_of(tool, [case[0]]) == case[1]


@rows("ROL-03")
@pytest.mark.parametrize(
    "role", ["https://example.edu/roles#Wizard", "Wizard", "instructor", "", "urn:lti:role:x", "#Instructor"]
)
def test_unknown_roles_give_nothing(tool: Tool, row: str, role: str) -> None:
    assert role_of(tool, [role]) == "student"


@rows_with(
    "case",
    {
        "ROL-04": [
            ([SYSTEM + "User", *INSTRUCTOR], "teacher"),
            ([INSTITUTION + "Instructor", *LEARNER], "student"),
            ([*LEARNER, *INSTRUCTOR], "teacher"),
            ([CONTEXT_ROLE + "Mentor", *LEARNER], "student"),
            ([CONTEXT_ROLE + "Mentor", CONTEXT_ROLE + "Member"], "observer"),
            ([CONTEXT_ROLE + "Administrator"], "teacher"),
        ],
        "ROL-08": [
            ([SUB_ROLE + "Instructor#Lecturer"], "teacher"),
            ([SUB_ROLE + "Instructor#PrimaryInstructor"], "teacher"),
            ([SUB_ROLE + "Instructor#Grader"], "teacher"),
            ([SUB_ROLE + "Instructor#TeachingAssistant"], "teacher"),
            ([SUB_ROLE + "Learner#Instructor"], "student"),
            ([SUB_ROLE + "Learner#GuestLearner"], "student"),
            ([SUB_ROLE + "Mentor#Instructor"], "observer"),
            ([SUB_ROLE + "Instructor#"], "teacher"),
        ],
        "ROL-09": [
            (["http://purl.imsglobal.org/vocab/lis/v2/person#Administrator"], "student"),
            ([INSTITUTION + "Administrator", SYSTEM + "Administrator"], "student"),
            ([INSTITUTION + "Faculty", INSTITUTION + "Instructor"], "student"),
        ],
        "ROL-13": [([CONTEXT_ROLE + name], "student") for name in ("ContentDeveloper", "Manager", "Member", "Officer")],
        "ROL-14": [
            (["urn:lti:role:ims/lis/Learner"], "student"),
            (["urn:lti:role:ims/lis/Instructor"], "teacher"),
            (["urn:lti:role:ims/lis/Learner/Instructor"], "student"),
            (["urn:lti:sysrole:ims/lis/Administrator", "urn:lti:instrole:ims/lis/Instructor"], "student"),
        ],
    },
)
def test_rights_follow_the_table(tool: Tool, row: str, case: tuple[list[str], str]) -> None:
    assert role_of(tool, case[0]) == case[1]


def test_every_principal_context_role_of_the_standard_is_in_the_table() -> None:
    assert set(CONTEXT_ROLES) == {
        "Administrator", "ContentDeveloper", "Instructor", "Learner", "Manager", "Member", "Mentor", "Officer"
    }  # fmt: skip
    assert effective(iter(INSTRUCTOR)) == "teacher"


@rows("ROL-11")
@pytest.mark.both_databases
def test_test_user_works_and_is_never_graded(tool: Tool, row: str) -> None:
    session = tool.session(roles=[*LEARNER, TEST_USER], **{AGS: tool.lms.grading()})
    assert tool.get("/p/p1/probe/anyone", session["token"]).status_code == 200
    person, link = tool.one(Person), tool.one(ResourceLink)
    assert person.is_test is True
    with tool.database.write() as database:
        why = grades.want(
            database, resource_link_id=link.id, person_id=person.id, score=5, maximum=10, now=tool.clock()
        )
    assert why == "test_user"
    assert tool.count(Grade) == 0


@rows("ROL-12")
def test_mentor_looks_and_changes_nothing(tool: Tool, row: str) -> None:
    session = tool.session(roles=[CONTEXT_ROLE + "Mentor"], role_scope_mentor=["learner-08"])
    assert tool.get("/p/p1/probe/anyone", session["token"]).status_code == 200
    refused = tool.send("POST", "/p/p1/probe/anyone", session["token"])
    assert refused.status_code == 403
    assert "You can look here, but not change anything." in refused.text
    assert tool.get("/p/p1/probe/teachers", session["token"]).status_code == 403


@rows("ROL-15")
@pytest.mark.parametrize("roles", ["Instructor", None, {"0": "Instructor"}, 5, [5], [None], [["Instructor"]]])
def test_roles_must_be_a_list_of_strings(tool: Tool, row: str, roles: Any) -> None:
    with security_log() as log:
        assert tool.launch(roles=roles).status_code == 401
    assert log[-1]["detail"] == "roles"
    assert tool.count(LaunchSession, Person, Membership) == 0


@rows("ROL-17")
@pytest.mark.both_databases
def test_lowered_role_counts_in_every_open_session(tool: Tool, row: str) -> None:
    teacher = tool.session(roles=INSTRUCTOR)["token"]
    assert tool.get("/p/p1/probe/teachers", teacher).status_code == 200
    tool.clock.advance(seconds=1)
    student = tool.session(roles=LEARNER)["token"]
    assert tool.get("/p/p1/probe/teachers", student).status_code == 403
    assert tool.get("/p/p1/probe/teachers", teacher).status_code == 403
    assert tool.get("/p/p1/probe/anyone", teacher).get_json()["role"] == "student"


@rows("ROL-17")
def test_raised_role_needs_a_launch(tool: Tool, row: str) -> None:
    student = tool.session(roles=LEARNER)["token"]
    tool.clock.advance(seconds=1)
    tool.session(roles=INSTRUCTOR)
    assert tool.get("/p/p1/probe/teachers", student).status_code == 403


@rows("ROL-18")
@pytest.mark.both_databases
def test_rights_belong_to_the_course(tool: Tool, row: str) -> None:
    here = tool.session(roles=INSTRUCTOR)["token"]
    there = tool.session(roles=LEARNER, context={"id": "c2"}, resource_link={"id": "link-2"})["token"]
    assert tool.count(Person) == 1
    assert tool.get("/p/p1/probe/teachers", here).status_code == 200
    assert tool.get("/p/p1/probe/teachers", there).status_code == 403
    assert sorted(member.role for member in tool.all(Membership)) == ["student", "teacher"]


def test_deep_linking_is_for_teachers(tool: Tool) -> None:
    for roles in (LEARNER, [CONTEXT_ROLE + "Mentor"], []):
        response = tool.launch(
            roles=roles,
            message_type="LtiDeepLinkingRequest",
            resource_link=None,
            **{DL_SETTINGS: tool.lms.deep_linking()},
        )
        assert response.status_code == 403
        assert "Only teachers can do that." in response.text
    assert tool.count(LaunchSession, Person) == 0
