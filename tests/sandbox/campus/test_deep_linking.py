"""Deep linking: the request, the signed response, what becomes of its items (Deep Linking 2.0)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from sandbox.campus.vocabulary import CLAIM, DEEP_LINKING_CLAIM

FIRST_TEACHER, FIRST_LEARNER = 101, 105
SETTINGS = DEEP_LINKING_CLAIM + "deep_linking_settings"
ITEM = {
    "type": "ltiResourceLink",
    "title": "Problem set 1",
    "text": "Linked lists",
    "url": "http://127.0.0.1:9/launch?set=1",
    "custom": {"activity": "a-1"},
    "lineItem": {"scoreMaximum": 10, "label": "Set 1", "resourceId": "ps-1", "tag": "t-1"},
}


def response_to(tool, request, clock, items, **changes):
    """Claims of a response; None removes one."""
    settings = request[SETTINGS]
    claims = {
        "iss": tool.client_id,
        "aud": tool.campus.base_url,
        "iat": clock.seconds,
        "exp": clock.seconds + 300,
        "nonce": f"nonce-{clock.seconds}",
        CLAIM + "deployment_id": request[CLAIM + "deployment_id"],
        CLAIM + "message_type": "LtiDeepLinkingResponse",
        CLAIM + "version": "1.3.0",
        DEEP_LINKING_CLAIM + "content_items": items,
        DEEP_LINKING_CLAIM + "data": settings.get("data"),
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


@pytest.fixture
def send(tool, clock, session):
    """Opens the picker, answers it, and gives back the page that the campus shows."""

    def answer(items, status=200, request=None, signing=None, **changes):
        asked = request or tool.open_picker()
        token = tool.signed(response_to(tool, asked, clock, items, **changes), **(signing or {}))
        url = asked[SETTINGS]["deep_link_return_url"]
        page = session.post(url, data={"JWT": token}, headers={"Origin": "http://127.0.0.1:9"}, timeout=10)
        assert page.status_code == status, page.text
        return BeautifulSoup(page.text, "html.parser")

    return answer


def links(tool):
    return tool.admin("GET", "/courses/11/links")


def test_the_request_asks_for_activities_with_line_items(tool):
    claims = tool.open_picker()
    assert claims[CLAIM + "message_type"] == "LtiDeepLinkingRequest"
    assert claims["sub"] == str(FIRST_TEACHER)
    settings = claims[SETTINGS]
    assert settings["accept_types"] == ["ltiResourceLink"]
    assert settings["accept_multiple"] is True
    assert settings["accept_lineitem"] is True
    assert settings["deep_link_return_url"].startswith(f"{tool.campus.base_url}/lti/deep_linking/")
    assert len(settings["data"]) > 20
    assert CLAIM + "resource_link" not in claims
    assert tool.open_picker()[SETTINGS]["data"] != settings["data"]


def test_the_request_goes_where_the_tool_wants_it(campus, make_tool):
    tool = make_tool(campus, deep_link_uri="http://127.0.0.1:9/pick")
    assert tool.open_picker()[CLAIM + "target_link_uri"] == "http://127.0.0.1:9/pick"


def test_only_a_teacher_opens_the_picker(tool):
    body = {"deployment_id": tool.deployment_id, "person_id": FIRST_LEARNER}
    tool.admin("POST", "/courses/11/deep_linking", body, status=409)


def test_items_become_activities_with_columns(tool, send):
    page = send([ITEM, {"type": "ltiResourceLink", "title": "Ungraded"}])
    assert [entry.text for entry in page.select("main ul li")] == ["Problem set 1", "Ungraded"]
    first, second = links(tool)
    assert (first["title"], first["description"]) == ("Problem set 1", "Linked lists")
    assert (first["custom"], first["target_link_uri"]) == ({"activity": "a-1"}, "http://127.0.0.1:9/launch?set=1")
    assert (second["target_link_uri"], second["line_item_ids"]) == ("http://127.0.0.1:9/launch", [])
    (column,) = tool.admin("GET", "/courses/11/gradebook")["line_items"]
    assert (column["label"], column["maximum"], column["resource_id"], column["tag"]) == ("Set 1", 10, "ps-1", "t-1")
    assert column["link_id"] == first["id"]
    assert tool.launch(first)[CLAIM + "custom"] == {"activity": "a-1"}


def test_the_teacher_is_led_back_to_the_course(tool, send):
    page = send([ITEM])
    (link,) = links(tool)
    target = f"/as/{FIRST_TEACHER}/courses/11?added={link['id']}"
    assert page.find("script")["data-target"] == target
    assert page.select_one("main a")["href"] == target
    assert page.select_one("main a")["target"] == "_top"


@pytest.mark.parametrize("items", [[], None])
def test_nothing_chosen_is_fine(tool, send, items):
    send(items)
    assert links(tool) == []


def test_what_the_tool_says_is_shown_as_text(send):
    page = send([], **{DEEP_LINKING_CLAIM + "msg": "<b>Nothing</b> for now"})
    assert "<b>Nothing</b> for now" in page.select_one(".callout").text
    assert page.select_one(".callout b") is None


def test_dates_reach_the_launch(tool, send):
    due = {"endDateTime": "2026-12-10T00:00:00Z"}
    send([{**ITEM, "submission": due, "custom": {"due": "$ResourceLink.submission.endDateTime"}}])
    (link,) = links(tool)
    assert tool.launch(link)[CLAIM + "custom"] == {"due": "2026-12-10T00:00:00Z"}


def test_a_window_is_kept_and_a_frame_preferred(tool, send):
    send([{**ITEM, "window": {}}, {**ITEM, "window": {}, "iframe": {"width": 800}}])
    assert [link["document_target"] for link in links(tool)] == ["window", "iframe"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"iss": "nobody"}, "iss"),
        ({"aud": "https://example.org"}, "aud"),
        ({"aud": None}, "aud"),
        ({"iat": None}, "iat"),
        ({"exp": None}, "exp"),
        ({"exp": 1}, "Expired"),
        ({"nonce": None}, "nonce"),
        ({CLAIM + "deployment_id": "999"}, "deployment_id"),
        ({CLAIM + "message_type": "LtiDeepLinkingRequest"}, "message_type"),
        ({CLAIM + "version": "1.1"}, "version"),
        ({DEEP_LINKING_CLAIM + "data": "other"}, "data"),
        ({DEEP_LINKING_CLAIM + "data": None}, "data"),
    ],
)
def test_a_wrong_claim_stops_the_whole_response(tool, send, changes, word):
    page = send([ITEM], status=400, **changes)
    assert word in page.select_one(".problems").text
    assert links(tool) == []


@pytest.mark.parametrize("signing", [{"key": 1}, {"kid": None}, {"kid": "other"}, {"alg": "HS256"}])
def test_the_response_must_be_signed_by_the_tool(tool, send, signing):
    send([ITEM], status=400, signing=signing)
    assert links(tool) == []


@pytest.mark.parametrize(
    ("item", "word"),
    [
        ("text", "object"),
        ({"type": "link", "url": "https://example.org/"}, "link"),
        ({"title": "No type"}, "None"),
        ({**ITEM, "url": "javascript:alert(1)"}, "url"),
        ({**ITEM, "url": "https://elsewhere.example/launch"}, "url"),
        ({**ITEM, "title": 5}, "title"),
        ({**ITEM, "custom": {"a": None}}, "custom"),
        ({**ITEM, "custom": [1]}, "custom"),
        ({**ITEM, "lineItem": {"scoreMaximum": 0}}, "scoreMaximum"),
        ({**ITEM, "lineItem": {"label": "x"}}, "scoreMaximum"),
        ({**ITEM, "lineItem": {"scoreMaximum": 10, "tag": 5}}, "tag"),
        ({**ITEM, "lineItem": 10}, "lineItem"),
        ({**ITEM, "available": {"startDateTime": "soon"}}, "available"),
        ({**ITEM, "submission": "soon"}, "submission"),
    ],
)
def test_a_wrong_item_is_named_and_nothing_is_placed(tool, send, item, word):
    page = send([ITEM, item], status=400)
    (problem,) = (entry.text for entry in page.select(".problems li"))
    assert problem.startswith("Item 2")
    assert word in problem
    assert links(tool) == []


def test_items_must_be_a_list(send):
    assert "list" in send({"type": "ltiResourceLink"}, status=400).select_one(".problems").text


def test_one_item_means_one_item(tool, send):
    tool.admin("PATCH", "/quirks", {"accept_multiple": False})
    assert "Only one item" in send([ITEM, ITEM], status=400).select_one(".problems").text
    send([ITEM])
    assert len(links(tool)) == 1


def test_a_picker_is_answered_once(tool, clock, send):
    request = tool.open_picker()
    send([ITEM], request=request)
    send([ITEM], request=request, status=409)
    clock.forward(seconds=5)
    assert "answered before" in send([ITEM], request=request, status=409).text
    assert len(links(tool)) == 1


def test_a_nonce_is_used_once(tool, send):
    send([ITEM])
    assert "nonce" in send([ITEM], status=409).text
    assert len(links(tool)) == 1


def test_an_unknown_picker_is_not_found(tool, session):
    url = f"{tool.campus.base_url}/lti/deep_linking/made-up"
    assert session.post(url, data={"JWT": "x"}, timeout=10).status_code == 404


def test_who_no_longer_teaches_adds_nothing(tool, send):
    request = tool.open_picker()
    tool.admin("PATCH", f"/courses/11/members/{FIRST_TEACHER}", {"status": "Inactive"})
    send([ITEM], request=request, status=403)
    assert links(tool) == []


def test_moodle_sends_no_data_breaks_on_empty_custom_and_drops_dates(tool, send):
    tool.admin("PUT", "/quirks", {"preset": "moodle"})
    assert "data" not in tool.open_picker()[SETTINGS]
    send([{**ITEM, "custom": {}}], status=404)
    send([ITEM], status=400, **{DEEP_LINKING_CLAIM + "data": "something"})
    send([{**ITEM, "submission": {"endDateTime": "2026-12-10T00:00:00Z"}}])
    (link,) = links(tool)
    assert link["dates"] == {}


def test_types_can_be_asked_for_that_no_activity_fits(tool, send):
    tool.admin("PATCH", "/quirks", {"accept_types": ["html"]})
    assert tool.open_picker()[SETTINGS]["accept_types"] == ["html"]
    assert "accepted: html" in send([ITEM], status=400).text
    assert "cannot place" in send([{"type": "html", "html": "x"}], status=400).text
