"""Line items, scores and results over HTTP (AGS 2.0)."""

from __future__ import annotations

import json

import pytest

from sandbox.campus.vocabulary import (
    AGS_ENDPOINT_CLAIM,
    LINE_ITEM_CONTAINER_TYPE,
    LINE_ITEM_READ_SCOPE,
    LINE_ITEM_SCOPE,
    LINE_ITEM_TYPE,
    RESULT_SCOPE,
    SCORE_SCOPE,
    SCORE_TYPE,
)

FIRST_TEACHER, OBSERVER, TEST_PERSON, FIRST_LEARNER, SECOND_LEARNER = 101, 103, 104, 105, 106
STATISTICS = 11


@pytest.fixture
def link(tool):
    return tool.place()


@pytest.fixture
def line_items(tool, link):
    """The address of the collection."""
    return tool.line_items_of()


@pytest.fixture
def line_item(tool, link):
    return tool.line_item_of(link)


@pytest.fixture
def column(link):
    return link["line_item_ids"][0]


def create(tool, line_items, content_type=LINE_ITEM_TYPE, **members):
    body = {"label": "Explanations", "scoreMaximum": 100, **members}
    return tool.call("POST", line_items, headers={"Content-Type": content_type}, data=json.dumps(body))


def listed(tool, line_items, **query):
    answer = tool.call("GET", line_items, headers={"Accept": LINE_ITEM_CONTAINER_TYPE}, params=query)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(LINE_ITEM_CONTAINER_TYPE)
    return answer.json()


def shown(tool, column, person_id=FIRST_LEARNER):
    grade = tool.admin.grade(STATISTICS, column, person_id)
    return None if grade is None else grade["shown"]


# --- Line items ---


def test_a_launch_gives_the_addresses(tool, link, line_items, line_item):
    endpoint = tool.launch(link)[AGS_ENDPOINT_CLAIM]
    assert (endpoint["lineitems"], endpoint["lineitem"]) == (line_items, line_item)


def test_the_line_item_of_a_link_can_be_read(tool, link, line_item):
    answer = tool.call("GET", line_item, headers={"Accept": LINE_ITEM_TYPE})
    assert answer.headers["Content-Type"].startswith(LINE_ITEM_TYPE)
    assert answer.json() == {
        "id": line_item,
        "label": "Problem set 1",
        "scoreMaximum": 10,
        "resourceId": "ps-1",
        "tag": "t-1",
        "resourceLinkId": link["id"],
    }


def test_a_tool_makes_its_own_column(tool, line_items):
    answer = create(tool, line_items, tag="own", endDateTime="2026-12-20T00:00:00Z")
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["Location"] == made["id"]
    assert tool.call("GET", made["id"]).json() == made
    assert made["endDateTime"] == "2026-12-20T00:00:00Z"
    assert "resourceLinkId" not in made


@pytest.mark.parametrize(
    ("filter_name", "value", "labels"),
    [
        ("tag", "own", ["Explanations"]),
        ("resource_id", "ps-1", ["Problem set 1"]),
        ("resource_link_id", "201", ["Problem set 1"]),
        ("tag", "OWN", []),
    ],
)
def test_the_list_can_be_narrowed(tool, link, line_items, filter_name, value, labels):
    create(tool, line_items, tag="own")
    assert link["id"] == "201"
    assert [item["label"] for item in listed(tool, line_items, **{filter_name: value})] == labels


def test_the_list_comes_in_pages_that_lead_through_all(tool, line_items):
    for number in range(4):
        create(tool, line_items, label=f"Column {number}", tag="own")
    url, pages = f"{line_items}&limit=2&tag=own", []
    while url:
        answer = tool.call("GET", url)
        pages.append([item["label"] for item in answer.json()])
        url = answer.links.get("next", {}).get("url")
    assert pages == [["Column 0", "Column 1"], ["Column 2", "Column 3"]]


def test_a_page_mark_is_case_sensitive(tool, line_items):
    create(tool, line_items)
    url = tool.call("GET", f"{line_items}&limit=1").links["next"]["url"]
    base, _, mark = url.partition("page=")
    assert mark != mark.lower()
    assert tool.call("GET", f"{base}page={mark.lower()}").status_code == 400


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5", "²"])
def test_a_limit_is_a_whole_number(tool, line_items, limit):
    assert tool.call("GET", line_items, params={"limit": limit}).status_code == 400


@pytest.mark.parametrize(
    "members",
    [
        {"label": ""},
        {"label": "  "},
        {"label": None},
        {"scoreMaximum": 0},
        {"scoreMaximum": -5},
        {"scoreMaximum": "100"},
        {"scoreMaximum": True},
        {"scoreMaximum": None},
        {"tag": 5},
        {"endDateTime": "tomorrow"},
    ],
)
def test_a_wrong_line_item_is_refused(tool, line_items, members):
    before = listed(tool, line_items)
    assert create(tool, line_items, **members).status_code == 400
    assert listed(tool, line_items) == before


def test_a_line_item_cannot_be_tied_to_the_link_of_somebody_else(campus, make_tool, tool, line_items):
    other = make_tool(campus)
    foreign = other.place()["id"]
    assert create(tool, line_items, resourceLinkId=foreign).status_code == 403
    assert create(tool, line_items, resourceLinkId="999").status_code == 403
    assert create(tool, line_items, resourceLinkId="x").status_code == 403


def test_a_line_item_is_replaced_as_a_whole(tool, line_item):
    body = {"id": line_item, "label": "Renamed", "scoreMaximum": 20}
    answer = tool.call("PUT", line_item, headers={"Content-Type": LINE_ITEM_TYPE}, data=json.dumps(body))
    assert answer.status_code == 200
    assert answer.json() == tool.call("GET", line_item).json()
    assert answer.json()["label"] == "Renamed"
    assert answer.json()["resourceLinkId"] == "201"
    assert "tag" not in answer.json()


@pytest.mark.parametrize("members", [{"id": "http://localhost/other"}, {"resourceLinkId": "999"}])
def test_a_line_item_cannot_become_another(tool, line_item, members):
    body = {"label": "Renamed", "scoreMaximum": 20, **members}
    answer = tool.call("PUT", line_item, headers={"Content-Type": LINE_ITEM_TYPE}, data=json.dumps(body))
    assert answer.status_code == 400
    assert tool.call("GET", line_item).json()["label"] == "Problem set 1"


def test_a_deleted_line_item_is_gone_with_its_grades(tool, line_items, line_item):
    tool.post_score(line_item)
    answer = tool.call("DELETE", line_item)
    assert (answer.status_code, answer.content) == (204, b"")
    assert tool.call("GET", line_item).status_code == 404
    assert listed(tool, line_items) == []
    assert tool.post_score(line_item).status_code == 404


def test_a_tool_sees_no_line_item_of_another(campus, make_tool, tool, line_item):
    other = make_tool(campus)
    endpoint = other.launch(other.place())[AGS_ENDPOINT_CLAIM]
    assert [item["id"] for item in listed(other, endpoint["lineitems"])] == [endpoint["lineitem"]]
    assert other.call("GET", line_item).status_code == 404
    assert other.post_score(line_item).status_code == 404
    assert other.call("GET", other.part_of(line_item, "results")).status_code == 404


def test_a_line_item_belongs_to_its_course(tool, line_item):
    assert tool.call("GET", line_item.replace("/courses/11/", "/courses/12/")).status_code == 404
    assert tool.call("GET", line_item.replace("/courses/11/", "/courses/999/")).status_code == 404


@pytest.mark.parametrize(
    ("scope", "method", "part", "status"),
    [
        (LINE_ITEM_READ_SCOPE, "GET", None, 200),
        (LINE_ITEM_READ_SCOPE, "DELETE", None, 403),
        (LINE_ITEM_READ_SCOPE, "POST", "scores", 403),
        (LINE_ITEM_SCOPE, "GET", "results", 403),
        (SCORE_SCOPE, "GET", None, 403),
        (RESULT_SCOPE, "GET", "results", 200),
    ],
)
def test_each_call_needs_its_scope(tool, line_item, scope, method, part, status):
    url = line_item if part is None else tool.part_of(line_item, part)
    answer = tool.call(method, url, token=tool.token(scope))
    assert answer.status_code == status
    if status == 403:
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Basic abc", "Bearer"])
def test_without_a_token_nothing_is_told(tool, line_item, header):
    answer = tool.session.get(line_item, headers={"Authorization": header}, timeout=10)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["reason"] == "Unauthorized"


def test_media_types_are_strict(tool, line_items, line_item):
    assert create(tool, line_items, content_type="application/json").status_code == 415
    assert create(tool, line_items, content_type=f"{LINE_ITEM_TYPE}; charset=utf-8").status_code == 201
    assert tool.call("GET", line_item, headers={"Accept": "application/json"}).status_code == 406
    assert tool.call("GET", line_items, headers={"Accept": LINE_ITEM_TYPE}).status_code == 406
    assert tool.call("GET", line_item, headers={"Accept": "*/*"}).status_code == 200


def test_another_course_may_be_out_of_reach(tool, line_items):
    deployment = tool.admin(
        "POST", f"/tools/{tool.client_id}/deployments", {"label": "One course", "course_id": STATISTICS}
    )["deployment_id"]
    here = line_items.replace(f"={tool.deployment_id}", f"={deployment}")
    assert listed(tool, here) == []
    assert tool.call("GET", here.replace("/courses/11/", "/courses/12/")).status_code == 404


# --- Scores ---


def test_a_score_is_acknowledged_and_shown(tool, clock, line_item, column):
    clock.forward(minutes=5)
    answer = tool.post_score(line_item, comment="Well argued")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"].startswith(SCORE_TYPE)
    grade = tool.admin.grade(STATISTICS, column, FIRST_LEARNER)
    assert (grade["shown"], grade["comment"], grade["overridden"]) == (7, "Well argued", False)
    assert grade["received_at"] == clock.moment.isoformat(timespec="microseconds")
    assert shown(tool, column, SECOND_LEARNER) is None


def test_a_score_on_another_scale_is_converted(tool, line_item, column):
    tool.post_score(line_item, scoreGiven=15, scoreMaximum=20)
    assert shown(tool, column) == 7.5


def test_a_new_score_must_be_a_second_newer(tool, clock, line_item, column):
    assert tool.post_score(line_item).status_code == 200
    for step in (-5, 0, 0.9):
        assert tool.post_score(line_item, scoreGiven=9, timestamp=clock.text(seconds=step)).status_code == 409
    assert shown(tool, column) == 7
    assert tool.post_score(line_item, scoreGiven=9, timestamp=clock.text(seconds=1)).status_code == 200
    assert shown(tool, column) == 9


def test_a_score_that_is_not_final_empties_the_cell(tool, clock, line_item, column):
    tool.post_score(line_item, comment="First")
    clock.forward(seconds=2)
    assert tool.post_score(line_item, gradingProgress="Pending").status_code == 200
    assert shown(tool, column) is None
    assert tool.admin.grade(STATISTICS, column, FIRST_LEARNER)["comment"] == ""


@pytest.mark.parametrize("person_id", [FIRST_TEACHER, OBSERVER, 999, "nobody", "²"])
def test_only_learners_of_the_course_are_graded(tool, line_item, person_id):
    assert tool.post_score(line_item, userId=str(person_id)).status_code == 400


@pytest.mark.parametrize(("status", "answer"), [("Inactive", 200), ("Deleted", 400)])
def test_who_is_suspended_keeps_a_grade_and_who_left_does_not(tool, line_item, status, answer):
    tool.admin("PATCH", f"/courses/11/members/{FIRST_LEARNER}", {"status": status})
    assert tool.post_score(line_item).status_code == answer


def test_a_refused_score_changes_nothing(tool, line_item, column):
    assert tool.post_score(line_item, gradingProgress="Graded").status_code == 400
    assert tool.admin.grade(STATISTICS, column, FIRST_LEARNER) is None


def test_a_score_has_its_own_media_type(tool, line_item, column):
    url = tool.part_of(line_item, "scores")
    assert tool.call("POST", url, headers={"Content-Type": "application/json"}, data=b"{}").status_code == 415
    assert tool.call("GET", url).status_code == 405


def test_every_score_that_arrived_is_in_the_log(tool, clock, line_item, column):
    tool.post_score(line_item)
    tool.post_score(line_item, scoreGiven=9)
    tool.post_score(line_item, token="wrong")
    tool.call("POST", tool.part_of(line_item, "scores"), data=b"\xffnot json")
    log = tool.admin("GET", f"/scores?line_item_id={column}")
    assert [call["status"] for call in log] == [200, 409, 401, 415]
    assert [call["message"] and call["message"]["scoreGiven"] for call in log] == [7, 9, 7, None]
    assert log[0]["received_at"] == clock.moment.isoformat(timespec="microseconds")
    assert log[0]["content_type"] == SCORE_TYPE
    assert json.loads(log[0]["body"]) == log[0]["message"]
    assert tool.admin("GET", "/scores?line_item_id=999") == []


# --- Results and the teacher's own value ---


def test_results_say_what_the_gradebook_shows(tool, line_item):
    assert tool.results(line_item) == []
    tool.post_score(line_item, comment="Well argued")
    tool.post_score(line_item, person_id=SECOND_LEARNER, scoreGiven=2.5)
    first, second = tool.results(line_item)
    assert first == {
        "id": f"{tool.part_of(line_item, 'results')}&user_id={FIRST_LEARNER}",
        "userId": str(FIRST_LEARNER),
        "resultScore": 7,
        "resultMaximum": 10,
        "comment": "Well argued",
        "scoreOf": line_item,
    }
    assert (second["userId"], second["resultScore"]) == (str(SECOND_LEARNER), 2.5)
    assert tool.results(line_item, user_id=str(SECOND_LEARNER)) == [second]
    assert tool.results(line_item, user_id="999") == []


def test_results_come_in_pages(tool, line_item):
    for person_id in range(FIRST_LEARNER, FIRST_LEARNER + 5):
        tool.post_score(line_item, person_id=person_id)
    url, found = f"{tool.part_of(line_item, 'results')}&limit=2", []
    while url:
        answer = tool.call("GET", url)
        assert len(answer.json()) <= 2
        found += [result["userId"] for result in answer.json()]
        url = answer.links.get("next", {}).get("url")
    assert found == [str(person_id) for person_id in range(FIRST_LEARNER, FIRST_LEARNER + 5)]


def test_the_teachers_value_stays_until_it_is_lifted(tool, clock, line_item, column):
    tool.post_score(line_item)
    cell = f"/line_items/{column}/grades/{FIRST_LEARNER}"
    tool.admin("PUT", cell, {"value": 9.5, "by": FIRST_TEACHER})
    clock.forward(seconds=5)
    assert tool.post_score(line_item, scoreGiven=1).status_code == 200
    assert shown(tool, column) == 9.5
    (result,) = tool.results(line_item)
    assert (result["resultScore"], result["scoringUserId"]) == (9.5, str(FIRST_TEACHER))
    tool.admin("DELETE", cell)
    assert shown(tool, column) == 1
    assert "scoringUserId" not in tool.results(line_item)[0]


def test_a_teacher_may_empty_a_cell_for_good(tool, line_item, column):
    tool.admin("PUT", f"/line_items/{column}/grades/{FIRST_LEARNER}", {"value": None})
    tool.post_score(line_item)
    assert shown(tool, column) is None
    assert tool.results(line_item) == []


# --- Habits of real platforms ---


def test_canvas_lets_a_later_score_replace_the_teachers_value(tool, clock, line_item, column):
    tool.admin("PUT", "/quirks", {"preset": "canvas"})
    tool.post_score(line_item)
    clock.forward(minutes=1)
    tool.admin("PUT", f"/line_items/{column}/grades/{FIRST_LEARNER}", {"value": 9.5, "by": FIRST_TEACHER})
    assert tool.post_score(line_item, timestamp=clock.text(seconds=-30)).status_code == 400
    assert shown(tool, column) == 9.5
    assert tool.post_score(line_item, scoreGiven=3, timestamp=clock.text(seconds=1)).status_code == 200
    assert shown(tool, column) == 3


def test_canvas_answers_a_score_with_its_result_and_other_codes(tool, link):
    tool.admin("PUT", "/quirks", {"preset": "canvas"})
    line_item = tool.launch(link)[AGS_ENDPOINT_CLAIM]["lineitem"]
    assert "?" not in line_item
    assert tool.post_score(line_item).json() == {"resultUrl": f"{line_item}/results/{FIRST_LEARNER}"}
    assert tool.post_score(line_item, person_id=FIRST_TEACHER).status_code == 422
    assert tool.post_score(line_item).status_code == 200


def test_canvas_pages_without_being_asked(tool, line_items):
    for number in range(10):
        create(tool, line_items, label=f"Column {number}")
    tool.admin("PUT", "/quirks", {"preset": "canvas"})
    answer = tool.call("GET", line_items)
    assert len(answer.json()) == 10
    assert len(tool.call("GET", answer.links["next"]["url"]).json()) == 1


def test_moodle_has_curly_quotes_in_the_links_of_line_items(tool, line_items):
    create(tool, line_items)
    tool.admin("PUT", "/quirks", {"preset": "moodle"})
    header = tool.call("GET", f"{line_items}&limit=1").headers["Link"]
    assert header.encode("latin-1").decode().endswith("; rel=“next”")
    assert "&amp;limit=1&amp;" in header
