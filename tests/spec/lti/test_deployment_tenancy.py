"""Area deployment_tenancy: a platform is one deployment of one client of one issuer, and knows nothing of others."""

from __future__ import annotations

from core.activities import people, platforms
from core.store.tables import Course, LaunchSession, Membership, Person, Platform, ResourceLink
from lti_tool.tokens import Tokens
from tests.lms import AGS, SCORE, Lms
from tests.spec.lti.rows import rows
from tests.tool import Tool, security_log


@rows("TEN-01")
def test_unknown_deployment_waits_for_the_operator(tool: Tool, row: str) -> None:
    with security_log() as log:
        response = tool.launch(at_login={"lti_deployment_id": None}, deployment_id="deployment-9")
    assert response.status_code == 403
    assert "not approved here yet" in response.text
    assert log[-1]["reason"] == "deployment_unknown"
    assert tool.count(LaunchSession, Person, Course, Membership, ResourceLink) == 0
    with tool.database.read() as session:
        first, *_ = platforms.list_all(session)
    assert (first.deployment_id, first.platform_status) == ("deployment-9", "pending")
    again = tool.launch(at_login={"lti_deployment_id": None}, deployment_id="deployment-9")
    assert again.status_code == 403
    assert tool.count(Platform) == 2
    with tool.database.write() as session:
        platforms.approve(session, str(first.platform_public_id))
    assert tool.launch(at_login={"lti_deployment_id": None}, deployment_id="deployment-9").status_code == 303


@rows("TEN-02", "TEN-05")
def test_deployments_of_one_client_share_nothing(tool: Tool, row: str) -> None:
    tool.deploy(tool.register(deployment_id=None), "deployment-2", "p2")
    one = tool.session()
    two = tool.session(at_login={"lti_deployment_id": "deployment-2"}, deployment_id="deployment-2")
    assert tool.count(Person) == 2
    assert tool.count(Course) == 2
    assert tool.count(ResourceLink) == 2
    assert {course.context_id for course in tool.all(Course)} == {"c1"}
    assert len({course.platform_id for course in tool.all(Course)}) == 2
    assert tool.get("/p/p1/probe/anyone", one["token"]).status_code == 200
    assert tool.get("/p/p2/probe/anyone", one["token"]).status_code == 403
    assert tool.get("/p/p1/probe/anyone", two["token"]).status_code == 403


@rows("TEN-03")
def test_clients_of_one_issuer_share_nothing(tool: Tool, row: str) -> None:
    tool.register(client_id="client-2", number=2)
    tool.session()
    tool.session(at_login={"client_id": "client-2"}, aud="client-2")
    assert tool.count(Person) == tool.count(Course) == tool.count(Platform) == 2
    assert {platform.deployment_id for platform in tool.all(Platform)} == {"deployment-1"}


@rows("TEN-04")
def test_one_subject_at_two_issuers(tool: Tool, row: str) -> None:
    other = Lms()
    tool.register(lms=other, number=2)
    tool.session()
    tool.session(at_login={"iss": other.url}, iss=other.url)
    other.close()
    assert [person.subject for person in tool.all(Person)] == ["learner-07", "learner-07"]
    assert len({person.platform_id for person in tool.all(Person)}) == 2


def test_ids_are_case_sensitive(tool: Tool) -> None:
    tool.session(sub="abc", context={"id": "c1"})
    tool.session(sub="ABC", context={"id": "C1"})
    assert tool.count(Person) == tool.count(Course) == 2


@rows("TEN-07")
def test_token_of_one_client_is_not_used_for_another(tool: Tool, row: str) -> None:
    first = tool.register(deployment_id=None)
    second = tool.register(client_id="client-2", number=2)
    tokens = Tokens(tool.database, tool.app.extensions["heirloom"].egress, tool.vault, tool.clock)
    asked = [(first, "deployment-1"), (second, "deployment-1"), (first, "deployment-2")]
    given = [tokens.get(registration, deployment, (SCORE,)) for registration, deployment in asked]
    assert len(set(given)) == 3
    assert [tokens.get(registration, deployment, (SCORE,)) for registration, deployment in asked] == given
    assert len(tool.lms.fetched("/token")) == 3


@rows("TEN-08")
def test_disabled_platform(tool: Tool, row: str) -> None:
    for public_id in ("p1", "reg1"):
        session = tool.session(**{AGS: tool.lms.grading()})
        assert tool.get("/p/p1/probe/anyone", session["token"]).status_code == 200
        with tool.database.write() as database:
            platforms.disable(database, public_id)
        assert tool.get("/p/p1/probe/anyone", session["token"]).status_code == 401
        refused = tool.launch() if public_id == "p1" else tool.login(tool.browser()).response
        assert refused.status_code == 403
        assert "switched off" in refused.text
        assert tool.count(Person) == tool.count(Course) == 1
        with tool.database.write() as database:
            platforms.approve(database, "p1")


@rows("TEN-08")
def test_code_of_a_launch_just_before_is_worth_nothing(tool: Tool, row: str) -> None:
    launched = tool.launch()
    with tool.database.write() as database:
        platforms.disable(database, "p1")
    code = launched.headers["Location"].partition("#")[2]
    assert tool.browser().post("/p/p1/session", json={"code": code}).status_code == 401


@rows("TEN-09")
def test_launch_does_not_lift_a_suspension(tool: Tool, row: str) -> None:
    session = tool.session()
    person = tool.one(Person)
    with tool.database.write() as database:
        people.suspend(database, platform_id=person.platform_id, person_id=person.id, now=tool.clock())
    assert tool.get("/p/p1/probe/anyone", session["token"]).status_code == 401
    refused = tool.launch()
    assert refused.status_code == 403
    assert "Your access to this tool was stopped." in refused.text
    assert tool.one(Person).suspended_at is not None
    assert tool.count(LaunchSession) == 1
    with tool.database.write() as database:
        people.reinstate(database, platform_id=person.platform_id, person_id=person.id)
    assert tool.launch().status_code == 303
