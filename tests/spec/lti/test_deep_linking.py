"""Area deep_linking: what is asked, and the answer that hands activities over."""

from __future__ import annotations

import html
import re
from typing import Any

import jwt
import pytest
from werkzeug.test import TestResponse

from core.store.tables import Activity, Course, LaunchSession, Person
from tests.lms import DL_SETTINGS, INSTRUCTOR
from tests.spec.lti.rows import rows
from tests.tool import TOOL, Tool, security_log

DATABASES = ("sqlite",)  # the rules here are about messages
KEYS_KNOWN = True
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"


def asking(tool: Tool, **settings: Any) -> dict[str, Any]:
    """The claims of a deep linking request by a teacher."""
    return {
        "message_type": "LtiDeepLinkingRequest",
        "resource_link": None,
        "roles": INSTRUCTOR,
        DL_SETTINGS: tool.lms.deep_linking(**settings),
    }


def answer(tool: Tool, *ids: str, title: str = "Lists", fragment: bool = False, **settings: Any) -> TestResponse:
    """What the tool answers when a teacher chose these activities."""
    token = tool.session(**asking(tool, **settings))["token"]
    headers = {"HX_Request": "true"} if fragment else {}
    return tool.send("POST", "/p/p1/probe/deep-link", token, data={"id": list(ids), "title": title}, **headers)


def field(page: str) -> str:
    """The one field of the form."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    assert [name for name, _ in found] == ["JWT"]
    return str(found[0][1])


def claims(tool: Tool, response: TestResponse) -> dict[str, Any]:
    """The answer's claims, verified with the key that we publish, by another library than ours."""
    token = field(response.text)
    kid = jwt.get_unverified_header(token)["kid"]
    published = {key["kid"]: key for key in tool.browser().get("/lti/jwks/reg1").get_json()["keys"]}
    options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}  # the test's clock stands
    return jwt.decode(token, jwt.PyJWK(published[kid]), algorithms=["RS256"], audience=tool.lms.url, options=options)


@rows("DLK-02")
@pytest.mark.parametrize(
    "settings", [None, "x", {}, {"accept_types": ["ltiResourceLink"]}, {"deep_link_return_url": None}]
)
def test_request_without_settings_or_return_address(tool: Tool, row: str, settings: Any) -> None:
    with security_log() as log:
        response = tool.launch(**{**asking(tool), DL_SETTINGS: settings})
    assert response.status_code == 401
    assert "deep_link" in log[-1]["detail"]
    assert tool.count(LaunchSession, Person, Course) == 0


@rows("DLK-03")
def test_platform_that_takes_no_links(tool: Tool, row: str) -> None:
    response = answer(tool, "a1", accept_types=["file", "html"])
    assert response.status_code == 200
    assert "Nothing was added" in response.text
    assert "takes no activities" in response.text
    assert "data-auto-submit" not in response.text  # the teacher reads first
    assert "Back to the course" in response.text
    said = claims(tool, response)
    assert said[f"{DL}content_items"] == []
    assert said[f"{DL}errormsg"] == "This place in your learning platform takes no activities."


@rows("DLK-03")
@pytest.mark.parametrize("types", [None, "ltiResourceLink", [], [5]])
def test_accept_types_that_are_none(tool: Tool, row: str, types: Any) -> None:
    assert claims(tool, answer(tool, "a1", accept_types=types))[f"{DL}content_items"] == []


@rows("DLK-04")
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/return",
        'https://lms.example/return?x="><script>alert(1)</script>',
        "https://lms.example\\@evil.example/",
        "https://user:password@lms.example/",
        "ftp://lms.example/",
        "https://",
        "",
    ],
)
def test_return_address_that_is_none(tool: Tool, row: str, url: str) -> None:
    response = tool.launch(**asking(tool, deep_link_return_url=url))
    assert response.status_code == 401
    assert tool.count(LaunchSession) == 0


@rows("DLK-04")
def test_return_address_cannot_break_out_of_the_page(tool: Tool, row: str) -> None:
    url = f"{tool.lms.url}/return?a=1&b='onfocus=alert(1)'&c=%22%3E"
    page = answer(tool, "a1", deep_link_return_url=url).text
    action = page.partition('<form method="post" action="')[2].partition('"')[0]
    assert html.unescape(action) == url
    assert "'" not in action
    assert "&amp;b=" in action


@rows("DLK-05")
def test_answer_is_a_form_that_submits_itself(tool: Tool, row: str) -> None:
    response = answer(tool, "a1")
    page = response.text
    assert page.count("<form") == 1
    assert f'<form method="post" action="{tool.lms.url}/return?course=2&amp;id=1" data-auto-submit' in page
    assert field(page)
    assert '<script src="/static/submit.js" defer></script>' in page
    assert "<button" in page  # without a script, the person's click does it
    assert "onload" not in page
    policy = response.headers["Content-Security-Policy"]
    assert tool.lms.url in policy.partition("form-action ")[2].partition(";")[0].split()
    piece = answer(tool, "a1", fragment=True).text
    assert "<html" not in piece
    assert field(piece)
    shell = tool.get("/p/p1/open", None)  # the page around the piece may post there too
    assert (
        tool.lms.url in shell.headers["Content-Security-Policy"].partition("form-action ")[2].partition(";")[0].split()
    )


@rows("DLK-06")
def test_answer_says_who_answers_what(tool: Tool, row: str) -> None:
    said = claims(tool, answer(tool, "a1"))
    now = int(tool.clock().timestamp())
    items = said.pop(f"{DL}content_items")
    assert len(said.pop("nonce")) == 43
    assert said == {
        "iss": "client-1",
        "aud": tool.lms.url,
        "iat": now,
        "exp": now + 300,
        f"{CLAIM}message_type": "LtiDeepLinkingResponse",
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}deployment_id": "deployment-1",
    }
    assert items == [
        {
            "type": "ltiResourceLink",
            "title": "Lists",
            "url": f"{TOOL}/lti/launch",
            "lineItem": {"scoreMaximum": 100.0, "label": "Lists", "resourceId": "a1", "tag": "a1"},
            "custom": {"activity": "a1"},
        }
    ]


@rows("DLK-07")
def test_answer_is_signed_by_a_published_key(tool: Tool, row: str) -> None:
    token = field(answer(tool, "a1").text)
    header = jwt.get_unverified_header(token)
    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in tool.browser().get("/lti/jwks").get_json()["keys"]}
    assert claims(tool, answer(tool, "a1"))["iss"] == "client-1"


@rows("DLK-09")
@pytest.mark.parametrize("data", ["csrf:7&<>\"'ü", "", "x" * 5000])
def test_data_is_echoed(tool: Tool, row: str, data: str) -> None:
    assert claims(tool, answer(tool, "a1", data=data))[f"{DL}data"] == data


@rows("DLK-09")
def test_data_is_left_out(tool: Tool, row: str) -> None:
    assert f"{DL}data" not in claims(tool, answer(tool, "a1"))


@rows("DLK-09")
@pytest.mark.parametrize("data", [5, {"a": 1}, "a\x00b", "\ud800", "x" * 70_000])
def test_data_that_cannot_be_kept_is_refused(tool: Tool, row: str, data: Any) -> None:
    assert tool.launch(**asking(tool, data=data)).status_code == 401


@rows("DLK-11")
@pytest.mark.parametrize("multiple", [False, "false", None])
def test_one_item_at_most(tool: Tool, row: str, multiple: Any) -> None:
    refused = answer(tool, "a1", "a2", accept_multiple=multiple)
    assert refused.status_code == 400
    assert "one activity at a time" in refused.text
    assert len(claims(tool, answer(tool, "a1", accept_multiple=multiple))[f"{DL}content_items"]) == 1


@rows("DLK-11")
@pytest.mark.parametrize("multiple", [True, "true"])
def test_several_items_where_they_are_taken(tool: Tool, row: str, multiple: Any) -> None:
    assert len(claims(tool, answer(tool, "a1", "a2", accept_multiple=multiple))[f"{DL}content_items"]) == 2


def test_no_item_is_an_answer_too(tool: Tool) -> None:
    response = answer(tool)
    assert claims(tool, response)[f"{DL}content_items"] == []
    assert "data-auto-submit" in response.text


@rows("DLK-13")
def test_column_has_a_maximum_a_label_and_lasting_ids(tool: Tool, row: str) -> None:
    columns = [claims(tool, answer(tool, "a1"))[f"{DL}content_items"][0]["lineItem"] for _ in range(2)]
    assert columns[0] == columns[1]
    assert columns[0]["scoreMaximum"] > 0
    assert columns[0]["label"]
    assert columns[0]["resourceId"] == columns[0]["tag"] == "a1"
    without = claims(tool, answer(tool, "a1", accept_lineitem=False))[f"{DL}content_items"][0]
    assert "lineItem" not in without


@rows("DLK-14")
def test_custom_parameters_are_strings_and_name_the_activity(tool: Tool, row: str) -> None:
    (item,) = claims(tool, answer(tool, "a-1_X"))[f"{DL}content_items"]
    assert item["custom"] == {"activity": "a-1_X"}
    assert None not in item.values()


@rows("DLK-15")
def test_activity_is_placed_by_a_launch(tool: Tool, row: str) -> None:
    tool.session(**asking(tool))
    course = tool.one(Course)
    with tool.database.write() as session:
        session.add(
            Activity(
                public_id="a1", course_id=course.id, kind="practice", title="L", settings={}, created_at=tool.clock()
            )
        )
    assert answer(tool, "a1").status_code == 200
    assert tool.one(Activity).placed_at is None  # the platform may never have made the link
    tool.clock.advance(minutes=5)
    assert tool.session(custom={"activity": "a1"})["start"] == "/p/p1/practice/a1"
    assert tool.one(Activity).placed_at == tool.clock()


@rows("DLK-16")
def test_answer_lives_for_minutes_and_its_nonce_is_new(tool: Tool, row: str) -> None:
    first, second = (claims(tool, answer(tool, "a1")) for _ in range(2))
    assert first["exp"] - first["iat"] <= 600
    assert first["nonce"] != second["nonce"]


@rows("DLK-18")
@pytest.mark.parametrize(
    ("title", "sent"),
    [
        ("<b>Lists</b> & more", "<b>Lists</b> & more"),
        ("Wörter 👩‍🔬", "Wörter 👩‍🔬"),
        ("a\n\tb\x00c", "a b c"),
        ("x" * 300, "x" * 255),
        ("", "a1"),
    ],
)
def test_title_is_plain_text(tool: Tool, row: str, title: str, sent: str) -> None:
    response = answer(tool, "a1", title=title)
    assert claims(tool, response)[f"{DL}content_items"][0]["title"] == sent
    assert "<b>Lists" not in response.text


def test_launch_that_asked_for_no_content(tool: Tool) -> None:
    token = tool.session(roles=INSTRUCTOR)["token"]
    assert tool.send("POST", "/p/p1/probe/deep-link", token, data={"id": "a1"}).status_code == 403
