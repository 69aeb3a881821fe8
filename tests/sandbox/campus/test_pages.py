"""Pages for people: what they show to whom, what they refuse, and that nothing of a tool's runs in them."""

from __future__ import annotations

import pytest
import requests

FIRST_TEACHER, SECOND_TEACHER, OBSERVER, TEST_PERSON, FIRST_LEARNER = 101, 102, 103, 104, 105
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def post(campus, session):
    """Sends a form as a page of the campus would, or with other headers."""

    def send(path, status=303, headers=None, **data):
        answer = session.post(
            campus.base_url + path,
            data=data,
            headers={"Origin": campus.base_url} if headers is None else headers,
            allow_redirects=False,
            timeout=10,
        )
        assert answer.status_code == status, answer.text
        return answer

    return send


def test_the_front_page_offers_to_be_a_student_or_the_teacher(page):
    first = page("/").find("section")
    assert first.h2.text == "Introduction to statistics"
    students = [option.text for option in first.select("option")]
    assert students == [f"Learner {number:02}" for number in range(1, 13)]
    assert [button.text for button in first.select("button")] == ["Open as student", "Open as teacher"]
    assert [link.text for link in first.select("a")] == ["Observer 01", "Test User"]
    assert "demonstration" in page("/").select_one(".notice").text


def test_entering_puts_the_person_into_the_path(campus, session):
    answer = session.get(f"{campus.base_url}/enter?course=11&person=105", allow_redirects=False, timeout=10)
    assert answer.headers["Location"] == "/as/105/courses/11"
    assert session.get(f"{campus.base_url}/enter?course=x", timeout=10).status_code == 400
    assert "Set-Cookie" not in answer.headers


def test_the_course_page_of_a_student_and_of_a_teacher(tool, page):
    assert "Your teacher adds" in page(f"/as/{FIRST_LEARNER}/courses/11").select_one(".empty").text
    tool.place()
    tool.place(title="In a window", document_target="window", maximum=None)
    student = page(f"/as/{FIRST_LEARNER}/courses/11")
    assert [link.text for link in student.select("a.title")] == ["Problem set 1", "In a window (new window)"]
    assert student.select("form") == []
    assert "no grade" in student.select_one(".grades").text
    assert student.select("a.title")[1]["target"] == "_blank"
    teacher = page(f"/as/{FIRST_TEACHER}/courses/11")
    assert teacher.select_one(".grades") is None
    assert [link.text for link in teacher.select(".course-nav a")][1:] == ["Gradebook", "Roster", "Add an activity"]


def test_a_student_sees_the_own_grade_and_comment(tool, page):
    tool.post_score(tool.line_item_of(tool.place()), comment="Well <b>argued</b>")
    grades = page(f"/as/{FIRST_LEARNER}/courses/11").select_one(".grades")
    assert "7 / 10" in grades.text
    assert "Well <b>argued</b>" in grades.text
    assert "7 / 10" not in page(f"/as/{FIRST_LEARNER + 1}/courses/11").select_one(".grades").text


@pytest.mark.parametrize("person_id", [SECOND_TEACHER, 999])
def test_who_is_not_in_the_course_sees_nothing(page, person_id):
    page(f"/as/{person_id}/courses/11", status=404)


def test_who_left_sees_nothing(admin, page):
    admin("PATCH", f"/courses/11/members/{FIRST_LEARNER}", {"status": "Inactive"})
    page(f"/as/{FIRST_LEARNER}/courses/11", status=404)
    assert "Learner 01" not in [option.text for option in page("/").find("section").select("option")]


@pytest.mark.parametrize("person_id", [FIRST_LEARNER, OBSERVER, TEST_PERSON])
@pytest.mark.parametrize("path", ["gradebook", "roster", "add", "add/1", "add/1/start"])
def test_the_teachers_pages_are_the_teachers(tool, page, person_id, path):
    assert "teachers" in page(f"/as/{person_id}/courses/11/{path}", status=403).h1.text


@pytest.mark.parametrize("path", ["gradebook", "copy", "links", "links/201/remove"])
def test_a_student_changes_nothing(tool, post, path):
    link = tool.place()
    data = {"line_item_id": link["line_item_ids"][0], "person_id": FIRST_LEARNER, "value": 10, "people": "new"}
    post(f"/as/{FIRST_LEARNER}/courses/11/{path}", status=403, title="x", deployment_id=1, **data)
    assert [link["title"] for link in tool.admin("GET", "/courses/11/links")] == ["Problem set 1"]
    assert tool.admin.grade(11, link["line_item_ids"][0], FIRST_LEARNER) is None
    assert len(tool.admin("GET", "/courses")) == 2


def test_an_activity_opens_in_a_named_frame_with_a_title(tool, page):
    link = tool.place()
    found = page(f"/as/{FIRST_LEARNER}/courses/11/links/{link['id']}")
    (frame,) = found.select("iframe")
    assert frame["title"] == "Problem set 1"
    assert frame["src"] == f"/as/{FIRST_LEARNER}/courses/11/links/{link['id']}/start?target=iframe"
    assert "microphone" in frame["allow"]
    assert "clipboard" not in frame["allow"]
    assert frame.has_attr("allowfullscreen")
    assert not frame.has_attr("sandbox")
    assert [script["src"] for script in found.select("script")] == ["/static/fit_frame.js"]
    page(f"/as/{SECOND_TEACHER}/courses/12/links/{link['id']}", status=404)


def test_the_page_listens_only_where_the_platform_does(tool, page):
    tool.admin("PUT", "/quirks", {"preset": "canvas"})
    found = page(f"/as/{FIRST_LEARNER}/courses/11/links/{tool.place()['id']}")
    assert found.select("iframe")[1]["name"] == "post_message_forwarding"
    assert found.select("script")[1]["src"] == "/static/platform_messages.js"
    assert page("/frames/storage").find("script").has_attr("data-keeps-storage")


def test_a_start_says_where_it_opens(tool, page):
    link = tool.place()
    page(f"/as/{FIRST_LEARNER}/courses/11/links/{link['id']}/start?target=moon", status=400)
    page(f"/as/{FIRST_LEARNER}/courses/11/links/999/start", status=404)


def test_a_pending_tool_is_named_on_the_way(campus, make_tool, page):
    link = make_tool(campus, active=False).place()
    found = page(f"/as/{FIRST_LEARNER}/courses/11/links/{link['id']}/start", status=409)
    assert "not activated" in found.main.text


def test_everything_of_a_tool_is_shown_as_text(campus, make_tool, page):
    tool = make_tool(campus, name=HOSTILE, description=HOSTILE)
    link = tool.place(title=HOSTILE, description=HOSTILE)
    tool.post_score(tool.line_item_of(link), comment=HOSTILE)
    paths = [
        "/tools",
        f"/as/{FIRST_TEACHER}/courses/11",
        f"/as/{FIRST_TEACHER}/courses/11?added={link['id']}",
        f"/as/{FIRST_TEACHER}/courses/11/add",
        f"/as/{FIRST_TEACHER}/courses/11/add/{tool.deployment_id}",
        f"/as/{FIRST_TEACHER}/courses/11/gradebook",
        f"/as/{FIRST_LEARNER}/courses/11",
        f"/as/{FIRST_LEARNER}/courses/11/links/{link['id']}",
        f"/as/{FIRST_LEARNER}/courses/11/returned?lti_msg={HOSTILE}",
    ]
    for path in paths:
        found = page(path)
        assert found.select("img, main script, [onerror]") == [], path
        assert HOSTILE in found.text or HOSTILE in str(found.select("[title]")) or "iframe" in str(found), path


def test_a_tool_that_returns_people_leads_them_out_of_the_frame(page):
    found = page(f"/as/{FIRST_LEARNER}/courses/11/returned")
    assert found.find("script")["data-target"] == f"/as/{FIRST_LEARNER}/courses/11"
    said = page(f"/as/{FIRST_LEARNER}/courses/11/returned?lti_errormsg=Something+broke")
    assert "Something broke" in said.select_one(".callout").text
    assert said.find("script") is None


# --- The teacher's forms ---


def test_a_link_can_be_placed_by_hand(tool, post):
    post(
        f"/as/{FIRST_TEACHER}/courses/11/links",
        deployment_id=tool.deployment_id,
        title="By hand",
        custom="a=b\n\n sum = x=1 ",
        maximum="12,5",
        document_target="window",
    )
    (link,) = tool.admin("GET", "/courses/11/links")
    assert (link["title"], link["custom"]) == ("By hand", {"a": "b", "sum": "x=1"})
    assert (link["target_link_uri"], link["document_target"]) == ("http://127.0.0.1:9/launch", "window")
    assert tool.admin("GET", "/courses/11/gradebook")["line_items"][0]["maximum"] == 12.5


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"title": " "}, "title"),
        ({"url": "javascript:alert(1)"}, "http"),
        ({"custom": "no sign"}, "name=value"),
        ({"custom": "=b"}, "name=value"),
        ({"maximum": "many"}, "number"),
        ({"maximum": "nan"}, "number"),
        ({"maximum": "0"}, "greater"),
        ({"deployment_id": "999"}, "tool"),
    ],
)
def test_a_wrong_form_says_what_is_wrong_and_keeps_what_was_typed(tool, post, changes, word):
    form = {"deployment_id": tool.deployment_id, "title": "By hand", "custom": "a=b", **changes}
    answer = post(f"/as/{FIRST_TEACHER}/courses/11/links", status=400, **form)
    assert word in answer.text
    assert 'role="alert"' in answer.text
    assert tool.admin("GET", "/courses/11/links") == []


def test_a_link_can_be_removed_with_its_column(tool, post):
    link = tool.place()
    tool.post_score(tool.line_item_of(link))
    post(f"/as/{FIRST_TEACHER}/courses/11/links/{link['id']}/remove")
    assert tool.admin("GET", "/courses/11/links") == []
    assert tool.admin("GET", "/courses/11/gradebook")["line_items"] == []
    post(f"/as/{FIRST_TEACHER}/courses/11/links/{link['id']}/remove", status=404)


def test_the_gradebook_shows_value_time_and_who_set_it(tool, page, post, clock):
    link = tool.place()
    path = f"/as/{FIRST_TEACHER}/courses/11/gradebook"
    assert "no columns yet" not in page(path).text
    tool.post_score(tool.line_item_of(link), comment="Well argued")
    row = page(path).select("tbody tr")[1]
    assert row.th.text == "Learner 01"
    assert "7 / 10" in row.td.text
    assert "Well argued" in row.td.text
    assert row.td.time["datetime"] == clock.moment.isoformat(timespec="microseconds")
    cell = {"line_item_id": link["line_item_ids"][0], "person_id": FIRST_LEARNER}
    post(path, value="9,5", **cell)
    row = page(path).select("tbody tr")[1]
    assert "9.5 / 10" in row.td.text
    assert "set by the teacher" in row.td.text
    post(path, action="lift", **cell)
    assert "7 / 10" in page(path).select("tbody tr")[1].td.text
    post(path, value="ten", status=400, **cell)
    post(path, value="1", status=404, line_item_id=999, person_id=FIRST_LEARNER)
    post(path, value="1", status=404, line_item_id=cell["line_item_id"], person_id=FIRST_TEACHER)


def test_the_roster_names_everybody(page):
    rows = page(f"/as/{FIRST_TEACHER}/courses/11/roster").select("tbody tr")
    assert len(rows) == 15
    assert [cell.text for cell in rows[0].find_all(["th", "td"])] == ["Teacher 01", "101", "Instructor", "Active"]


def test_the_course_can_be_copied_from_its_page(tool, post, page):
    tool.place()
    answer = post(f"/as/{FIRST_TEACHER}/courses/11/copy", people="new")
    found = page(answer.headers["Location"])
    assert found.h1.text == "Introduction to statistics copy 1"
    assert [link.text for link in found.select("a.title")] == ["Problem set 1"]
    post(f"/as/{FIRST_TEACHER}/courses/11/copy", people="nobody", status=400)


def test_a_pending_tool_is_activated_on_the_tools_page(campus, make_tool, page, post):
    tool = make_tool(campus, active=False)
    assert "waits to be activated" in page("/tools").text
    post("/tools/1/activate")
    assert tool.admin("GET", "/tools")[0]["status"] == "active"
    assert page("/tools").select("form[action$=activate]") == []
    post("/tools/999/activate", status=404)


def test_a_registration_address_must_be_one(post):
    assert "must begin with" in post("/tools/register", registration_url="javascript:alert(1)", status=400).text


# --- Protection ---


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:9"},
        {"Origin": "null"},
        {"Origin": "{base_url}", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "{base_url}.evil.example"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Referer": "{base_url}/"},
    ],
)
def test_changes_from_elsewhere_are_stopped(campus, tool, post, headers):
    sent = {name: value.format(base_url=campus.base_url) for name, value in headers.items()}
    post(f"/as/{FIRST_TEACHER}/courses/11/copy", status=403, headers=sent, people="same")
    assert len(tool.admin("GET", "/courses")) == 2
    same = {"Origin": campus.base_url, "Sec-Fetch-Site": "same-origin"}
    post(f"/as/{FIRST_TEACHER}/courses/11/copy", headers=same, people="same")


def test_another_host_name_is_not_answered(campus, session):
    answer = session.get(campus.base_url, headers={"Host": "rebound.example"}, timeout=10)
    assert answer.status_code == 400
    assert "Choose who you are" not in answer.text


def test_pages_carry_a_strict_policy_and_no_cookie(campus, session):
    answer: requests.Response = session.get(campus.base_url, timeout=10)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_nothing_is_fetched_from_elsewhere(page):
    for path in ("/", "/tools", f"/as/{FIRST_TEACHER}/courses/11"):
        sources = [tag.get("src") or tag.get("href") for tag in page(path).select("script, link, img")]
        assert sources
        assert all(source.startswith("/static/") for source in sources)
