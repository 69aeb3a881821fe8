"""The page "Slack" in the LMS: codes both ways, one's account, the course's channels, what Slack did not take."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from core.activities import channels, kinds, prompts, slack_codes, slack_messages, slack_users, workspaces
from core.activities.prompts import Wanted
from core.activities.seats import Seat
from core.activities.slack_codes import Place
from core.activities.workspaces import Installed
from core.store.database import Database
from core.store.tables import Activity, Channel, Course, Person, Platform, SlackCode, SlackIdentity, SlackMessage, Term
from tests.bad_input.lesson import Lesson
from tests.lms import CONTEXT_ROLE, INSTRUCTOR, LEARNER, Lms
from tests.lti_tool.test_making import make
from tests.tool import SETTINGS, Tool

DATABASES = ("sqlite",)  # what depends on the dialect says so
WITH_SLACK = replace(SETTINGS, slack_client_id="1.2", slack_client_secret="s", slack_signing_secret="s")
CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")


@dataclass
class Class:
    """A course with a gallery, its teacher and a student in browsers, and a workspace that installed the app."""

    tool: Tool
    activity: str
    teacher: str
    student: str
    workspace: int

    @property
    def path(self) -> str:
        return f"/p/p1/slack/{self.activity}"

    @property
    def course(self) -> int:
        return int(self.tool.one(Course).id)

    def see(self, token: str) -> BeautifulSoup:
        page = self.tool.get(self.path, token, HX_Request="true")
        assert page.status_code == 200, page.text
        return BeautifulSoup(page.text, "html.parser")

    def post(self, way: str, token: str, **form: str) -> TestResponse:
        return self.tool.send("POST", f"{self.path}/{way}", token, form, HX_Request="true")

    def did(self, way: str, token: str, **form: str) -> BeautifulSoup:
        answer = self.post(way, token, **form)
        assert answer.status_code == 200, answer.text
        return BeautifulSoup(answer.text, "html.parser")

    def place(self, user: str = "U1", channel: str = "C1") -> Place:
        return Place(self.workspace, user, channel, "en", "Europe/Zurich")

    def shown_in_slack(self, purpose: str, user: str = "U1", channel: str = "C1") -> str:
        with self.tool.database.write() as session:
            slack_users.note(session, self.workspace, user)
            slack_users.tell(
                session, self.workspace, user,
                name=f"Name of {user}", locale="de", time_zone="Europe/Zurich", now=self.tool.clock(),
            )  # fmt: skip
            return slack_codes.show_in_slack(session, self.place(user, channel), purpose, now=self.tool.clock())

    def bind(self, channel: str = "C1") -> int:
        with self.tool.database.write() as session:
            bound = channels.bind(
                session, self.workspace, channel, course_id=self.course, bound_by=None, language="en", zone="UTC",
                now=self.tool.clock(),
            )  # fmt: skip
        return bound.id

    def fail(self, problem: str, *, noun: str = "item", ts: str | None = None, channel: str = "C1") -> int:
        """A message that Slack did not take for good."""
        with self.tool.database.write() as session:
            number = slack_messages.post(
                session, self.workspace, channel, noun, 1, self.tool.one(Activity).id,
                asked_by=None, now=self.tool.clock(),
            )  # fmt: skip
            if ts is not None:
                slack_messages.shown(session, number, ts=ts, version=1, digest="x", due_at=None, over=False)
            (message,) = [one for one in slack_messages.of_target(session, noun, 1) if one.id == number]
            slack_messages.not_taken(session, message, problem, for_good=True, now=self.tool.clock())
        return number


@pytest.fixture
def tool(database: Database, lms: Lms) -> Tool:
    """The application of an operator who connected Slack."""
    tool = Tool(database, lms, WITH_SLACK)
    tool.know_keys(tool.register())
    return tool


@pytest.fixture
def at(tool: Tool) -> Class:
    made, teacher = make(tool, "gallery", anonymity="named")
    student = tool.session(roles=LEARNER, sub="student", name="Student")["token"]
    return Class(tool, made.public_id, teacher, student, install(tool))


def install(tool: Tool, team: str = "T1", name: str = "Uni <b>") -> int:
    with tool.database.write() as session:
        return workspaces.save(
            session,
            Installed(
                enterprise_id="", team_id=team, name=name, app_id="A1", bot_id="B1", bot_user_id="UB",
                bot_token=tool.vault.seal("xoxb-1"), bot_refresh_token=None, bot_token_expires_at=None,
                scopes=("chat:write",), installed_by="U9",
            ),
            now=tool.clock(),
        )  # fmt: skip


def code_in(page: BeautifulSoup) -> str:
    """The code that a page has just told, where the focus goes."""
    told = page.find(attrs={"data-focus": True})
    assert told is not None
    found = CODE.search(told.text)
    assert found, told.text
    return found.group()


def test_without_slack_there_is_no_such_page_and_no_link_to_it(database: Database, lms: Lms) -> None:
    tool = Tool(database, lms)
    tool.know_keys(tool.register())
    made, teacher = make(tool, "gallery")
    student = tool.session(roles=LEARNER, sub="student")["token"]
    for token in (teacher, student):
        assert tool.get(f"/p/p1/slack/{made.public_id}", token).status_code == 404
        assert tool.send("POST", f"/p/p1/slack/{made.public_id}/code/person", token).status_code == 404
        assert ">Slack<" not in tool.get(f"/p/p1/gallery/{made.public_id}", token).text
    assert tool.count(SlackCode) == 0


@pytest.mark.parametrize("kind", sorted(kinds.SHARED))
def test_every_kind_of_activity_leads_to_the_page_and_back(tool: Tool, kind: str) -> None:
    made, teacher = make(tool, kind)
    here = f"/p/p1/slack/{made.public_id}"
    student = tool.session(roles=LEARNER, sub="student")["token"]
    home = f"/p/p1/{'polls' if kind == 'poll' else kind}/{made.public_id}"
    for token in (teacher, student):
        assert f'<a href="{here}">Slack</a>' in tool.get(home, token).text
    page = tool.get(here, student)
    assert f'href="{home}"' in page.text
    assert page.headers["Heirloom-Address"] == here
    assert 'aria-current="page">Slack' in tool.get(here, teacher).text


def test_practice_leads_to_it_too(tool: Tool) -> None:
    lesson = Lesson(tool)
    student, link = lesson.join(), f'<a href="/p/p1/slack/{lesson.activity}">Slack</a>'
    assert link in lesson.get("/practice/{a}", student).text
    assert link in lesson.get("/teach/{a}", lesson.teacher).text
    assert f'href="/p/p1/practice/{lesson.activity}/problems"' in lesson.get("/slack/{a}", student).text


def test_a_student_gets_a_code_that_links_whoever_types_it_in_slack(at: Class) -> None:
    page = at.see(at.student)
    assert "You are not linked yet." in page.text
    told = at.did("code/person", at.student)
    code = code_in(told)
    assert f"/heirloom link {code}" in told.text
    assert "give it to nobody" in told.text
    with at.tool.database.write() as session:
        assert slack_codes.take_in_slack(session, at.place("U7"), code, now=at.tool.clock()) is None
    linked = at.tool.one(SlackIdentity)
    assert (linked.user_id, linked.person_id) == ("U7", at.tool.one(Person, Person.name == "Student").id)


def test_a_student_types_a_code_of_slack_and_is_linked_until_they_unlink(at: Class) -> None:
    code = at.shown_in_slack("person")
    page = at.did("code", at.student, code=f" {code.lower()} ")
    said = page.find(attrs={"data-say": True})
    assert said is not None
    assert said.text == "Linked. What you do in Slack counts in your course from now on."
    assert said.has_attr("data-focus")
    assert "In Slack you are Name of U1 of “Uni <b>”" in page.text  # escaped: else there were an element
    assert page.find("time", datetime="2026-12-01T09:00:00+00:00") is not None
    assert "You are not linked yet." not in page.text
    assert "Name of U1" not in at.see(at.teacher).text  # each sees their own account only
    page = at.did(f"unlink/{at.workspace}", at.student)
    assert "Unlinked. What you did in Slack stays yours here" in page.text
    assert at.tool.count(SlackIdentity) == 0


def test_a_code_works_once_and_for_ten_minutes(at: Class) -> None:
    used, old = at.shown_in_slack("person", "U1"), at.shown_in_slack("person", "U2")
    at.did("code", at.student, code=used)
    at.did(f"unlink/{at.workspace}", at.student)
    assert at.post("code", at.student, code=used).status_code == 422
    at.tool.clock.advance(minutes=10)
    refused = at.post("code", at.student, code=old)
    assert refused.status_code == 422
    assert "This code is not known here." in refused.text
    assert at.tool.count(SlackIdentity) == 0


@pytest.mark.both_databases
def test_after_ten_wrong_codes_even_the_right_one_waits_for_the_next_hour(at: Class) -> None:
    for number in range(10):
        assert "is not known here" in at.post("code", at.student, code=f"AAAA-AAA{number}").text
    right = at.shown_in_slack("person")
    refused = at.post("code", at.student, code=right)
    assert refused.status_code == 422
    assert "Too many wrong codes. Wait an hour" in refused.text
    assert at.tool.count(SlackIdentity) == 0
    other = at.tool.session(roles=LEARNER, sub="other", name="Other")["token"]
    assert "not known" in at.post("code", other, code="AAAA-AAAA").text  # each person has their own count
    at.tool.clock.advance(minutes=61)
    at.student = at.tool.session(roles=LEARNER, sub="student", name="Student")["token"]
    at.did("code", at.student, code=at.shown_in_slack("person"))
    at.tool.clock.advance(hours=23)  # the same hour of the next day begins anew
    at.student = at.tool.session(roles=LEARNER, sub="student", name="Student")["token"]
    assert "not known" in at.post("code", at.student, code="AAAA-AAAA").text


def test_a_teacher_is_limited_too_and_right_codes_are_not_counted(at: Class) -> None:
    for number in range(12):
        at.did("code", at.teacher, code=at.shown_in_slack("channel", channel=f"C{number}"))
    for _ in range(10):
        assert "is not known here" in at.post("code", at.teacher, code="AAAA-AAAA").text
    assert "Too many wrong codes" in at.post("code", at.teacher, code="AAAA-AAAA").text


def test_a_teacher_ties_a_channel_by_a_code_of_the_lms(at: Class) -> None:
    assert "No channel belongs to this course yet." in at.see(at.teacher).text
    code = code_in(at.did("code/channel", at.teacher))
    with at.tool.database.write() as session:
        place = replace(at.place(), channel_name="physics-1")
        bound = slack_codes.take_in_slack(session, place, code, now=at.tool.clock())
    assert bound is not None
    assert bound.course_id == at.course
    page = at.see(at.teacher)
    assert page.find("h3", string="#physics-1") is not None
    assert "In “Uni <b>”, since 2026-12-01 09:00 UTC." in page.text


def test_a_teacher_ties_a_channel_by_a_code_of_slack_with_the_time_zone_that_slack_told(at: Class) -> None:
    page = at.did("code", at.teacher, code=at.shown_in_slack("channel", "U9"))
    assert "The channel belongs to your course now." in page.text
    row = at.tool.one(Channel)
    assert (row.channel_id, row.course_id, row.time_zone, row.language) == ("C1", at.course, "Europe/Zurich", "en")


def test_a_student_ties_no_channel_and_the_code_stays_good(at: Class) -> None:
    code = at.shown_in_slack("channel")
    refused = at.post("code", at.student, code=code)
    assert (refused.status_code, at.tool.count(Channel)) == (403, 0)
    assert "Only teachers tie channels" in refused.text
    assert at.post("code/channel", at.student).status_code == 403
    page = at.see(at.student)
    assert "Channels of this course" not in page.text
    assert "/heirloom connect" not in page.text
    at.did("code", at.teacher, code=code)


def test_students_and_observers_find_the_teachers_doors_shut(at: Class) -> None:
    row = at.bind()
    failed = at.fail("not_in_channel")
    observer = at.tool.session(roles=[CONTEXT_ROLE + "Mentor"], sub="mentor")["token"]
    ways = (f"channels/{row}", f"channels/{row}/release", f"channels/{row}/keep", f"messages/{failed}/again")
    for way in ways:
        assert at.post(way, at.student, language="de").status_code == 403
        assert at.post(way, observer).status_code == 403
    for way in ("code", "code/person", f"unlink/{at.workspace}"):
        assert at.post(way, observer, code="AAAA-AAAA").status_code == 403
    page = at.see(observer)
    assert "You can look at everything here and change nothing." in page.text
    assert page.find("form") is None
    assert "did not take" not in at.see(at.student).text


def test_a_teacher_chooses_what_a_channel_uses_and_its_language(at: Class) -> None:
    row = at.bind()
    with at.tool.database.write() as session:
        standing = slack_messages.post(
            session, at.workspace, "C1", "item", 1, at.tool.one(Activity).id, asked_by=None, now=at.tool.clock()
        )
        slack_messages.shown(session, standing, ts="1.1", version=0, digest="x", due_at=None, over=False)
    page = at.see(at.teacher)
    gallery, polls = page.find(id=f"gallery-{row}"), page.find(id=f"poll-{row}")
    assert gallery is not None
    assert polls is not None
    assert [option.text for option in gallery.find_all("option")] == ["the newest one of the course", "Ours"]
    assert [option.text for option in polls.find_all("option")] == ["one that is made when it is first needed"]
    page = at.did(f"channels/{row}", at.teacher, gallery=at.activity, poll="", language="de")
    gallery, spoken = page.find(id=f"gallery-{row}"), page.find(id=f"language-{row}")
    assert gallery is not None
    assert [option.text for option in gallery.find_all("option")] == ["Ours"]
    assert spoken is not None
    assert [option["value"] for option in spoken.find_all("option", selected=True)] == ["de"]
    stored = at.tool.one(Channel)
    assert (stored.gallery_id, stored.poll_id, stored.language) == (at.tool.one(Activity).id, None, "de")
    assert at.tool.one(SlackMessage).due_at == at.tool.clock()  # what stands there is said in German now


def test_what_is_not_the_courses_cannot_be_chosen(at: Class) -> None:
    row = at.bind()
    for form in ({"language": "xx"}, {"language": "en", "gallery": "nothere"}, {"language": "de", "poll": at.activity}):
        refused = at.post(f"channels/{row}", at.teacher, **form)
        assert refused.status_code in (404, 422), form
    stored = at.tool.one(Channel)
    assert (stored.language, stored.gallery_id, stored.poll_id) == ("en", None, None)


def test_another_courses_teacher_changes_no_channel_and_sends_nothing_again(at: Class) -> None:
    row = at.bind()
    failed = at.fail("not_in_channel")
    link = {"context": {"id": "c2"}, "resource_link": {"id": "link-2"}, "roles": INSTRUCTOR, "sub": "another"}
    first = at.tool.session(**link)["token"]
    assert at.tool.send("POST", "/p/p1/teach/new/poll", first, {"title": "Theirs"}).status_code == 200
    theirs = next(one.public_id for one in at.tool.all(Activity) if one.title == "Theirs")
    token = at.tool.session(**link)["token"]
    other = replace(at, activity=theirs, teacher=token)
    for way in (f"channels/{row}", f"channels/{row}/release", f"channels/{row}/keep", f"messages/{failed}/again"):
        assert other.post(way, token, language="de").status_code == 404, way
    stored = at.tool.one(Channel)
    assert (stored.language, stored.ended_at) == ("en", None)
    assert at.tool.one(SlackMessage).status == "failed"
    assert "C1" not in other.see(token).text


def test_a_released_channel_can_be_kept_after_all(at: Class) -> None:
    row = at.bind()
    page = at.did(f"channels/{row}/release", at.teacher)
    assert "The channel is released." in page.text
    assert page.find("h3") is None
    assert at.tool.one(Channel).ended_at is not None
    form = page.find("form", {"hx-post": f"{at.path}/channels/{row}/keep"})
    assert form is not None
    page = at.did(f"channels/{row}/keep", at.teacher)
    assert page.find("h3", string="C1") is not None
    assert at.tool.one(Channel).ended_at is None


@pytest.mark.parametrize(
    ("problem", "ts", "says", "status", "stands"),
    [
        ("not_in_channel", None, "Type “/invite @heirloom” there", "waiting", None),
        ("message_not_found", "1.1", "Somebody deleted the message in Slack.", "waiting", None),
        ("odd_error", "1.1", "Slack did not take the message (odd_error).", "live", "1.1"),
    ],
)
def test_what_slack_did_not_take_is_shown_with_the_reason_until_it_is_sent_again(
    at: Class, problem: str, ts: str | None, says: str, status: str, stands: str | None
) -> None:
    at.bind()
    assert "What Slack did not take" not in at.see(at.teacher).text
    number = at.fail(problem, ts=ts)
    page = at.see(at.teacher)
    assert says in page.text
    assert "A found item for the channel C1 of “Uni <b>”" in page.text
    at.tool.clock.advance(minutes=5)
    page = at.did(f"messages/{number}/again", at.teacher)
    assert "It is on its way to Slack again." in page.text
    assert "What Slack did not take" not in page.text
    row = at.tool.one(SlackMessage)
    assert (row.status, row.ts, row.tries, row.due_at) == (status, stands, 0, at.tool.clock())
    assert at.post(f"messages/{number}/again", at.teacher).status_code == 404


def test_private_messages_that_reached_nobody_are_counted_by_their_reason_and_name_nobody(at: Class) -> None:
    at.bind()
    for number, (user, problem) in enumerate(
        [("U1", "user_disabled"), ("U1", "user_disabled"), ("U1", "messages_tab_disabled"), ("U7", "user_disabled")]
    ):
        with at.tool.database.write() as session:
            slack_messages.direct(session, at.workspace, user, "reminder", number, due_at=at.tool.clock())
            (due,) = slack_messages.due_directs(session, at.workspace, now=at.tool.clock(), most=1)
            slack_messages.direct_not_taken(session, due, problem, for_good=True, now=at.tool.clock())
    assert "did not take" not in at.see(at.teacher).text  # U1 is nobody of this course yet, and U7 never is
    code = at.shown_in_slack("person", "U1")
    at.did("code", at.student, code=code)
    page = at.see(at.teacher)
    told = [" ".join(line.get_text(" ").split()) for line in page.select("li.message.warn")]
    assert told == [
        "Private messages to people of this course in the last 30 days: 2. These accounts are switched off in Slack.",
        "Private messages to people of this course in the last 30 days: 1. Heirloom’s private messages are switched "
        "off in Slack. Whoever looks after the app there can switch its “Messages Tab” on.",
    ]
    assert "Name of U1" not in page.text
    assert "reminder" not in page.text.lower()
    assert "did not take" not in at.see(at.student).text
    with at.tool.database.write() as session:
        workspaces.purge(session, now=at.tool.clock() + timedelta(days=31))
    assert "did not take" not in at.see(at.teacher).text


def test_what_a_released_channel_did_not_get_is_not_asked_for(at: Class) -> None:
    row = at.bind()
    at.fail("not_in_channel")
    at.did(f"channels/{row}/release", at.teacher)
    assert "What Slack did not take" not in at.see(at.teacher).text


def test_a_workspace_that_took_the_app_out_says_so(at: Class) -> None:
    at.bind()
    with at.tool.database.write() as session:
        workspaces.end(session, at.workspace, now=at.tool.clock())
    assert "Heirloom was taken out of that workspace" in at.see(at.teacher).text


def test_two_accounts_of_one_workspace_cannot_be_one_person(at: Class) -> None:
    at.did("code", at.student, code=at.shown_in_slack("person", "U1"))
    refused = at.post("code", at.student, code=at.shown_in_slack("person", "U2"))
    assert refused.status_code == 422
    assert "linked to another Slack account" in refused.text


def test_a_code_that_somebody_used_is_nobody_elses(at: Class) -> None:
    code = at.shown_in_slack("person")
    at.did("code", at.student, code=code)
    assert at.post("code", at.teacher, code=code).status_code == 422
    assert at.tool.one(SlackIdentity).person_id == at.tool.one(Person, Person.name == "Student").id


def test_what_is_kept_is_said_to_everybody(at: Class) -> None:
    for token in (at.teacher, at.student):
        told = at.see(token).text
        assert "nothing else that is written in a channel is read or kept" in told
        assert "Your teacher sees what you do with Heirloom in Slack" in told


def test_a_name_out_of_slack_is_shown_as_text(at: Class) -> None:
    code = at.shown_in_slack("person")
    with at.tool.database.write() as session:
        slack_users.tell(
            session, at.workspace, "U1", name="<script>alert(1)</script>", locale=None, time_zone=None,
            now=at.tool.clock(),
        )  # fmt: skip
    page = at.did("code", at.student, code=code)
    assert page.find("script") is None
    assert "<script>alert(1)</script>" in page.text


def test_only_the_owner_of_a_seat_is_unlinked(at: Class) -> None:
    at.did("code", at.student, code=at.shown_in_slack("person"))
    at.did(f"unlink/{at.workspace}", at.teacher)
    assert at.tool.count(SlackIdentity) == 1


TERM = {"starts_on": "2026-12-01", "ends_on": "2027-02-26", "zone": "Europe/Berlin"}


def test_a_teacher_says_when_the_term_is(at: Class) -> None:
    at.did("code", at.teacher, code=at.shown_in_slack("channel", "U9"))
    page = at.see(at.teacher)
    zone = page.find(id="zone")
    assert zone is not None
    assert zone["value"] == "Europe/Zurich"  # as Slack told of who tied the channel
    page = at.did("term", at.teacher, **TERM, free="2026-12-24/2027-01-06\r\n2027-01-20")
    assert "Prompts that come again and again follow the term from now on." in page.text
    values = {name: page.find(id=name) for name in ("starts-on", "ends-on", "zone", "free")}
    assert all(values.values())
    assert [values[name]["value"] for name in ("starts-on", "ends-on", "zone")] == list(TERM.values())
    assert values["free"].text == "2026-12-24/2027-01-06\n2027-01-20"
    stored = at.tool.one(Term)
    assert (stored.starts_on, stored.time_zone) == (date(2026, 12, 1), "Europe/Berlin")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"starts_on": ""}, "The term needs a first and a last day."),
        ({"ends_on": "yesterday"}, "The term needs a first and a last day."),
        ({"ends_on": "2026-11-30"}, "The term would end before it begins."),
        ({"zone": "Mars/Olympus"}, "“Mars/Olympus” is not a time zone"),
        ({"free": "soon"}, "soon"),
    ],
)
def test_a_term_that_cannot_be_is_refused_in_words(at: Class, changes: dict[str, str], says: str) -> None:
    refused = at.post("term", at.teacher, **{**TERM, **changes})
    assert refused.status_code == 422
    assert says in refused.text
    assert at.tool.count(Term) == 0
    assert at.post("term", at.student, **TERM).status_code == 403


def test_prompts_are_listed_with_their_channel_and_next_time(at: Class) -> None:
    assert "Prompts" not in at.see(at.teacher).text  # there is nowhere to post them yet
    row = at.bind()
    assert "Nothing is planned." in at.see(at.teacher).text
    seat = Seat(at.tool.one(Platform).id, at.course, at.tool.one(Person, Person.name != "Student").id, "teacher")
    wanted = Wanted(
        "poll", 540, date(2026, 12, 2), weekdays=("mon", "thu"), kind="single",
        values={"prompt": "How far did you get?", "options": "Far\nNot far"},
    )  # fmt: skip
    with at.tool.database.write() as session:
        bound = channels.of_id(session, row)
        assert bound is not None
        number = prompts.make(session, seat, bound, wanted, now=at.tool.clock())
    told = at.see(at.teacher).text
    for words in ("How far did you get?", "planned", "Channel: C1", "Every week: Monday, Thursday", "2026-12-03 09:00"):
        assert words in told
    with at.tool.database.write() as session:
        prompts.pause(session, seat, number)
    told = at.see(at.teacher).text
    assert "paused" in told
    assert "Next:" not in told
    assert "How far did you get?" not in at.see(at.student).text
