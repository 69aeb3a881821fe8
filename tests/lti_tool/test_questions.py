"""A class's questions through the real application: who sees what, what is counted, what is asked for again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from core.store.tables import Activity, Contribution, Credit, Decision, Person, Question, Seen, Vote
from tests.bad_input.lesson import Lesson
from tests.lms import INSTRUCTOR, LEARNER
from tests.tool import Tool

DATABASES = ("sqlite",)
MENTOR = ["http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"]


@dataclass
class Class:
    """A questions activity and whoever opens it: `as_("Ada")` gives somebody's way to send requests."""

    tool: Tool
    activity: Activity
    teacher: Someone

    def as_(self, name: str, roles: Any = LEARNER) -> Someone:
        session = self.tool.session(sub=f"sub-{name}", name=name, roles=roles)
        return Someone(self, session["token"])

    def question(self, number: int) -> Question:
        question: Question = self.tool.one(Question, Question.contribution_id == number)
        return question


@dataclass
class Someone:
    """One person's requests to the activity."""

    room: Any
    token: str

    def at(self, path: str) -> str:
        return f"/p/p1/questions/{self.room.activity.public_id}{path}"

    def get(self, path: str = "", **headers: str) -> TestResponse:
        return self.room.tool.get(self.at(path), self.token, **headers)

    def post(self, path: str, **form: Any) -> TestResponse:
        return self.room.tool.send("POST", self.at(path), self.token, form)

    def ask(self, title: str = "Why is the sum even?", **form: str) -> int:
        answer = self.post("/ask", title=title, **form)
        assert answer.status_code == 200, answer.text
        with self.room.tool.database.read() as session:
            from sqlalchemy import func, select

            return int(session.scalar(select(func.max(Question.contribution_id))) or 0)

    def page(self, path: str = "") -> BeautifulSoup:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return BeautifulSoup(answer.text, "html.parser")


Opens = Callable[..., Class]


@pytest.fixture
def opens(tool: Tool) -> Opens:
    """Makes the activity with these settings."""

    def open_(**settings: str) -> Class:
        teacher = tool.session(sub="sub-teacher", name="Prof. Lovelace", roles=INSTRUCTOR)
        made = tool.send("POST", "/p/p1/teach/new/questions", teacher["token"], {"title": "Ours", **settings})
        assert made.status_code == 200, made.text
        room = Class(tool, tool.one(Activity), None)  # type: ignore[arg-type]
        room.teacher = room.as_("teacher", INSTRUCTOR)
        return room

    return open_


def titles(page: BeautifulSoup) -> list[str]:
    return [link.text for link in page.select("#wall .card .words > a")]


def test_the_wall_s_five_faces(opens: Opens) -> None:
    room = opens()
    student = room.as_("Ada")
    empty = student.page()
    assert "Nobody has asked anything yet" in empty.text
    assert empty.select_one("details.ask[open]")
    number = student.ask("What is recursion?", text="I know **loops**.")
    assert titles(student.page()) == ["What is recursion?"]
    thread = student.page(f"/{number}")
    assert thread.h1.text == "What is recursion?"
    assert thread.select_one(".text strong").text == "loops"
    assert "Every question is answered" not in student.page("?order=unanswered").text
    room.teacher.post(f"/{number}/settle", answered="yes")
    assert "Every question is answered" in student.page("?order=unanswered").text
    assert "You have not asked anything yet" in room.as_("Bob").page("?order=mine").text
    assert titles(student.page("?order=mine")) == ["What is recursion?"]
    assert student.get("/999999").status_code == 404


def test_the_order_that_is_shown_is_marked(opens: Opens) -> None:
    room = opens(order="newest")
    student = room.as_("Ada")
    assert student.page().select_one("nav.orders [aria-current=page]").text == "Newest"
    assert student.page("?order=unanswered").select_one("nav.orders [aria-current=page]").text == "Unanswered"
    assert student.page("?order=sideways").select_one("nav.orders [aria-current=page]").text == "Newest"


def test_a_vote_is_a_button_that_says_how_it_stands(opens: Opens) -> None:
    room = opens()
    asker, voter = room.as_("Ada"), room.as_("Bob")
    number = asker.ask()
    before = voter.page().select_one(f"#voting-{number}")
    assert (before["aria-pressed"], before["aria-label"]) == ("false", "Vote for “Why is the sum even?”, 0 votes")
    after = BeautifulSoup(voter.post(f"/{number}/vote", up="yes").text, "html.parser").button
    assert (after["aria-pressed"], after["aria-label"]) == ("true", "Vote for “Why is the sum even?”, 1 vote")
    assert BeautifulSoup(voter.post(f"/{number}/vote", up="no").text, "html.parser").button["aria-pressed"] == "false"
    assert asker.page().select_one(f"#voting-{number}") is None
    assert asker.post(f"/{number}/vote", up="yes").status_code == 403
    assert room.teacher.post(f"/{number}/vote", up="yes").status_code == 403


def test_similar_questions_are_offered_while_typing(opens: Opens) -> None:
    room = opens()
    asker, other = room.as_("Ada"), room.as_("Bob")
    number = asker.ask("What is the difference between mitosis and meiosis?")
    asker.ask("When is the exam?")
    found = BeautifulSoup(other.post("/similar", title="How do meiosis and mitosis differ?").text, "html.parser")
    assert found.select_one("[data-say]").text == "1 question is much like yours."
    assert [link.text for link in found.select("a")] == ["What is the difference between mitosis and meiosis?"]
    assert found.select_one(f"#vote-{number} button")
    assert other.post("/similar", title="What is a monad?").text.strip() == ""
    assert other.post("/similar").text.strip() == ""


def test_answers_comments_and_what_a_teacher_says(opens: Opens) -> None:
    room = opens(anonymity="named")
    asker, other = room.as_("Ada"), room.as_("Bob")
    number = asker.ask()
    said = other.post(f"/{number}/answer", text="Because two odd numbers make pairs.")
    assert "Classmates can see it now" in said.text
    answer = room.tool.one(Contribution, Contribution.kind == "answer").id
    other.post(f"/{number}/answer", text="I do not know, sorry about that.")
    assert asker.post(f"/{number}/comment/{answer}", text="Thank you!").status_code == 200
    assert asker.post(f"/{number}/comment/{number}", text="I mean natural numbers.").status_code == 200
    assert room.teacher.post(f"/{number}/mark/{answer}/endorse").status_code == 200
    assert asker.post(f"/{number}/settle", answer=str(answer)).status_code == 200
    page = other.page(f"/{number}")
    first = page.select("article.answer")[0]
    assert "answers the question" in first.text
    assert "endorsed by your teacher" in first.text
    assert "Thank you!" in first.text
    assert [row.action for row in room.tool.all(Decision)] == ["endorse"]
    for action, tag in (("pin", "pinned"), ("close", "closed")):
        assert room.teacher.post(f"/{number}/mark/{number}/{action}").status_code == 200
        assert tag in other.page().select_one(".card").text
    assert other.post(f"/{number}/answer", text="One more answer from me.").status_code == 403
    assert other.post(f"/{number}/mark/{number}/pin").status_code == 403
    assert room.teacher.post(f"/{number}/mark/{number}/frame").status_code == 422


def test_a_merged_question_s_address_leads_to_where_it_went(opens: Opens) -> None:
    room = opens()
    one, other = room.as_("Ada").ask("What is recursion?"), room.as_("Bob").ask("Recursion, what is that?")
    page = room.teacher.page(f"/{one}")
    assert page.select_one("select#into option")["value"] == str(other)
    merged = room.teacher.post(f"/{one}/merge", into=str(other))
    assert merged.headers["Heirloom-Address"].endswith(f"/{other}")
    late = room.as_("Carol").get(f"/{one}")
    assert late.headers["Heirloom-Address"].endswith(f"/{other}")
    assert "What is recursion?" in late.text
    room.as_("Dave").post(f"/{one}/vote", up="yes")
    assert room.question(other).votes == 1
    assert room.as_("Ada").post(f"/{one}/merge", into=str(other)).status_code == 403
    assert room.teacher.post(f"/{one}/merge", into="nowhere").status_code == 422


def test_an_asker_changes_and_takes_back(opens: Opens) -> None:
    room = opens()
    asker = room.as_("Ada")
    number = asker.ask("Why is it even")
    assert asker.page(f"/{number}").select_one(f'form[hx-post$="/{number}/change"]')
    assert asker.post(f"/{number}/change", title="Why is it even?", text="I mean the sum.").status_code == 200
    assert asker.page(f"/{number}").h1.text == "Why is it even?"
    assert room.as_("Bob").post(f"/{number}/change", title="Ha", text="").status_code == 404
    assert "Taken back" in asker.post(f"/{number}/back/{number}").text
    assert asker.get(f"/{number}").status_code == 404


def test_a_page_counts_once_for_a_student_and_never_by_head(opens: Opens) -> None:
    room = opens()
    numbers = [room.as_("Ada").ask(f"Question of mine, number {place}?") for place in range(2)]
    reader = room.as_("Bob")
    for method in ("HEAD", "HEAD"):
        assert room.tool.send(method, reader.at(""), reader.token).status_code == 200
        assert room.tool.send(method, reader.at(f"/{numbers[0]}"), reader.token).status_code == 200
    assert room.tool.count(Seen) == 0
    for path in ("", "", f"/{numbers[0]}", "/list", "/live"):
        reader.get(path)
    assert [room.question(number).seen for number in numbers] == [1, 1]
    for somebody in (room.teacher, room.as_("Mentor", MENTOR), room.as_("Ada")):  # whose own they are
        somebody.get()
    assert [room.question(number).seen for number in numbers] == [1, 1]
    assert room.tool.count(Seen) == 2


@pytest.mark.parametrize(
    ("page", "piece"), [("", "/list?order=best"), ("/live", "/live/list"), ("?order=newest", "/list?order=newest")]
)
def test_a_page_that_is_still_true_is_not_sent_again(opens: Opens, page: str, piece: str) -> None:
    room = opens()
    asker, reader = room.as_("Ada"), room.as_("Bob")
    number = asker.ask()
    tag = reader.page(page).select_one("[data-live]")["data-tag"]
    assert reader.page(page).select_one("[data-live]")["data-live"].endswith(piece)
    unchanged = reader.get(piece, If_None_Match=tag)
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert asker.get(piece, If_None_Match=tag).status_code == 200  # another reader's tag
    asker.post(f"/{number}/change", title="Why is the sum of these even?", text="")
    changed = reader.get(piece, If_None_Match=tag)
    assert changed.status_code == 200
    assert "Why is the sum of these even?" in changed.text
    assert changed.headers["ETag"] != tag


def test_the_hall_shows_what_is_open_and_the_teacher_decides(opens: Opens) -> None:
    room = opens(moderation="after_teacher")
    student, other = room.as_("Ada"), room.as_("Bob")
    number = student.ask("What is recursion?")
    assert "waits to be checked" in student.page().text
    assert "What is recursion?" not in other.page("/live").text
    queue = room.teacher.page("/live").select_one(f"#hall-{number}")
    assert queue.select_one("[data-key=a]")
    shown = room.teacher.post(f"/live/{number}/approve?side=queue&place=0")
    assert "Shown." in shown.text
    assert "What is recursion?" in other.page("/live").text
    done = BeautifulSoup(room.teacher.post(f"/live/{number}/answered?side=list&place=0").text, "html.parser")
    assert "No open question" in done.select_one("[data-focus]").text
    assert "1 is answered or closed." in done.text
    second = other.ask("How are vaccines made?")
    assert "Taken out" in room.teacher.post(f"/live/{second}/hide").text
    assert other.post(f"/live/{number}/pin").status_code == 403
    assert room.teacher.post(f"/live/{999999}/pin").status_code == 404
    assert {row.action for row in room.tool.all(Decision)} == {"approve", "answered", "retire"}


@pytest.mark.parametrize(("anonymity", "named"), [("teacher", False), ("named", True)])
def test_the_teacher_s_screen_in_the_hall_tells_no_more_than_classmates_know(
    opens: Opens, anonymity: str, named: bool
) -> None:
    room = opens(anonymity=anonymity, moderation="after_teacher")
    shown, waiting = room.as_("Ada").ask("What is recursion?"), room.as_("Bob").ask("Not for everybody's eyes?")
    room.teacher.post(f"/live/{shown}/approve")
    desk, projected = room.teacher.get("/live").text, room.teacher.get("/live?projector=1").text
    assert ("Ada" in desk, "Bob" in desk) == (named, named)
    assert "Not for everybody" in desk
    assert "Not for everybody" not in projected
    assert f'id="hall-{shown}"' in projected
    tag = BeautifulSoup(projected, "html.parser").select_one("#hall")["data-tag"]
    assert room.teacher.get("/live/list?projector=1", If_None_Match=tag).status_code == 304
    assert room.teacher.get("/live/list", If_None_Match=tag).status_code == 200
    assert "Not for everybody" not in room.teacher.post(f"/live/{shown}/pin?projector=1").text
    assert str(waiting) in desk


def test_an_observer_looks_and_changes_nothing(opens: Opens) -> None:
    room = opens()
    number = room.as_("Ada").ask()
    mentor = room.as_("Mentor", MENTOR)
    for path in ("", f"/{number}", "/live"):
        page = mentor.page(path)
        assert not page.select("button[type=submit]"), path
        assert not page.select("textarea")
    for path in ("/ask", f"/{number}/vote", f"/{number}/answer"):
        assert mentor.post(path, title="x", text="x", up="yes").status_code == 403


@pytest.mark.parametrize("anonymity", ["teacher", "pseudonym", "anonymous"])
def test_no_page_tells_classmates_who_it_was(opens: Opens, anonymity: str) -> None:
    room = opens(anonymity=anonymity, points="10", credit_question="1")
    asker, other = room.as_("Ada Byron"), room.as_("Bob")
    number = asker.ask("Why is the sum even?")
    asker.post(f"/{number}/answer", text="I found it out: they make pairs.")
    asker.post(f"/{number}/comment/{number}", text="Never mind.")
    person = room.tool.one(Person, Person.name == "Ada Byron")
    readers = [other] if anonymity == "teacher" else [other, room.teacher]
    for reader in readers:
        for path in ("", f"/{number}", "/live", "/list", "?order=newest"):
            answer = reader.get(path)
            told = answer.text + str(answer.headers)
            assert "Ada" not in told, (path, anonymity)
            assert "Byron" not in told
            assert person.subject not in told
            for attribute in re.findall(r'(?:id|name|value|href|data-[a-z-]+)="([^"]*)"', answer.text):
                assert f"person={person.id}" not in attribute
    assert "Ada Byron" in room.teacher.get(f"/{number}").text or anonymity != "teacher"


def test_in_an_anonymous_hall_two_people_see_the_same_page(opens: Opens) -> None:
    """But for what carries their own session: nothing on it depends on who wrote what."""
    room = opens(anonymity="anonymous")
    asker, other = room.as_("Ada"), room.as_("Bob")
    number = asker.ask()
    for path in ("", f"/{number}", "/live", "?order=mine"):
        mine, theirs = asker.get(path).text, other.get(path).text
        strip = re.compile(r'data-tag="[^"]*"')
        assert strip.sub("", mine) == strip.sub("", theirs), path
    assert room.tool.count(Seen, Vote) == 0
    assert [row.person_id for row in room.tool.all(Contribution)] == [None]
    assert room.tool.one(Credit).number == 1
    assert asker.post(f"/{number}/back/{number}").status_code == 404


def test_what_waits_is_decided_where_it_stands(opens: Opens) -> None:
    room = opens(moderation="after_teacher")
    asker, other = room.as_("Ada"), room.as_("Bob")
    number = asker.ask()
    page = room.teacher.page(f"/{number}")
    buttons = [button["aria-label"] for button in page.select("article:not(.answer) button[aria-label]")]
    assert buttons == ["Approve: Why is the sum even?", "Do not show: Why is the sum even?"]
    assert not asker.page(f"/{number}").select("form[hx-post*=decide]")
    shown = BeautifulSoup(room.teacher.post(f"/{number}/decide/{number}/approve").text, "html.parser")
    assert "Done: approved." in shown.select_one(".message[data-focus]").text
    asker.post(f"/{number}/comment/{number}", text="Never mind.")
    other.post(f"/{number}/answer", text="They make pairs.")
    comment, answer = sorted(row.id for row in room.tool.all(Contribution) if row.id != number)
    assert "They make pairs." not in asker.page(f"/{number}").text
    assert len(room.teacher.page(f"/{number}").select("form[hx-post*=decide]")) == 4
    room.teacher.post(f"/{number}/decide/{answer}/approve")
    room.teacher.post(f"/{number}/decide/{comment}/retire", reason="Off topic.")
    seen = asker.page(f"/{number}").text
    assert "They make pairs." in seen
    assert "Never mind." not in seen
    assert "Off topic." in room.tool.get(f"/p/p1/texts/{room.activity.public_id}", asker.token).text
    for who, action in ((asker, "approve"), (room.teacher, "pin")):
        assert who.post(f"/{number}/decide/{answer}/{action}").status_code in {403, 404}
    gone = BeautifulSoup(room.teacher.post(f"/{number}/decide/{number}/retire").text, "html.parser")
    assert "Done: taken out." in gone.select_one(".message[data-focus]").text
    assert titles(gone) == []


def test_what_is_held_back_is_shown_again_where_it_stands(opens: Opens) -> None:
    room = opens(hold_at="1")
    asker, other = room.as_("Ada"), room.as_("Bob")
    number = asker.ask()
    other.post(f"/{number}/answer", text="They make pairs.")
    answer = max(row.id for row in room.tool.all(Contribution))
    room.tool.send("POST", f"/p/p1/texts/{room.activity.public_id}/{answer}/report", asker.token, {})
    held = room.teacher.page(f"/{number}").select("article.answer form[hx-post*=decide] button")
    labels = ["Show it again: They make pairs.", "Take it out: They make pairs."]
    assert [button["aria-label"] for button in held] == labels
    room.teacher.post(f"/{number}/decide/{answer}/keep")
    assert "They make pairs." in room.as_("Cem").page(f"/{number}").text


def test_other_activities_and_courses_are_elsewhere(opens: Opens) -> None:
    room = opens()
    number = room.as_("Ada").ask()
    stranger = room.tool.session(
        sub="sub-stranger",
        roles=LEARNER,
        **{"https://purl.imsglobal.org/spec/lti/claim/context": {"id": "another-course", "title": "Elsewhere"}},
    )["token"]
    for method, path in (("GET", ""), ("GET", f"/{number}"), ("GET", "/live/list"), ("POST", f"/{number}/vote")):
        answer = room.tool.send(method, f"/p/p1/questions/{room.activity.public_id}{path}", stranger, {})
        assert answer.status_code == 403, path
    assert room.tool.get(f"/p/p1/questions/{room.activity.public_id}", None).status_code in {200, 401}


def test_what_people_write_cannot_run(opens: Opens) -> None:
    room = opens()
    evil = '<img src=x onerror=alert(1)>"><script>alert(1)</script>'
    number = room.as_("Ada").ask(evil[:190], text=evil)
    for path in ("", f"/{number}", "/live"):
        page = room.as_("Bob").page(path)
        assert not page.select("script")
        assert not page.select("[onerror]")


@pytest.mark.parametrize(("panel", "key_shown"), [("teacher", "at_once"), ("named", "after_due")])
def test_beside_practice_a_question_about_a_problem_waits_for_its_key(tool: Tool, panel: str, key_shown: str) -> None:
    lesson = Lesson(tool, questions_panel=panel, key_shown=key_shown, due_at="2026-12-24T18:00:00+00:00")
    asker, other = lesson.join(), lesson.join()
    problem = f"/practice/{{a}}/problems/{lesson.choice}"
    lesson.answer(asker)
    knows = key_shown == "at_once"
    general = lesson.post("/questions/{a}/ask", asker, {"title": "Until when may we answer?"})
    about = lesson.post("/questions/{a}/ask", asker, {"title": "Why even, not odd?", "problem": lesson.choice})
    assert (general.status_code, about.status_code) == (200, 200 if knows else 404)
    assert f"Questions ({2 if knows else 1})" in lesson.get(problem, asker).text
    assert "Questions (1)" in lesson.get(problem, other).text
    for path in (
        "/questions/{a}",
        "/questions/{a}/list",
        "/questions/{a}/live",
        f"/questions/{{a}}?problem={lesson.choice}",
    ):
        assert "Why even" not in lesson.get(path, other).text, path
    assert lesson.post("/questions/{a}/similar", other, {"title": "Why even, not odd?"}).text.strip() == ""
    if knows:
        number = tool.one(Question, Question.problem_id == lesson.choice).contribution_id
        answered = lesson.post(f"/questions/{{a}}/{number}/answer", asker, {"text": "They make pairs, I see now."})
        assert answered.status_code == 200
        answer = tool.one(Contribution, Contribution.kind == "answer").id
        for way in (
            lesson.get(f"/questions/{{a}}/{number}", other),
            lesson.post(f"/questions/{{a}}/{number}/vote", other),
            lesson.post(f"/questions/{{a}}/{answer}/vote", other),
            lesson.post(f"/questions/{{a}}/{number}/comment/{answer}", other, {"text": "Let me see."}),
            lesson.post(f"/questions/{{a}}/{number}/answer", other, {"text": "Let me see."}),
        ):
            assert way.status_code in {404, 410}
            assert "Why even" not in way.text
        lesson.answer(other, choice=1)
        assert "Questions (2)" in lesson.get(problem, other).text
        page = lesson.get(f"/questions/{{a}}/{number}", other).text
        assert "Why even" in page
        assert f"/problems/{lesson.choice}" in page


def test_where_questions_are_switched_off_there_are_none(tool: Tool) -> None:
    lesson = Lesson(tool)
    student = lesson.join()
    assert lesson.get("/questions/{a}", student).status_code == 404
    assert "Questions" not in lesson.get(f"/practice/{{a}}/problems/{lesson.choice}", student).text


def test_a_page_that_emptied_leads_to_the_last_one(opens: Opens) -> None:
    room = opens()
    student = room.as_("Ada")
    for number in range(26):
        student.ask(f"Question number {number} about thing {number * 7}?")
    (last,) = student.page("?order=unanswered&page=2").select("#wall .card")
    room.teacher.post(f"/{last['id'].split('-')[1]}/settle", answered="yes")
    page = student.page("?order=unanswered&page=2")
    assert len(titles(page)) == 25
    assert "Every question is answered" not in page.text
    assert len(titles(student.page("?page=9"))) == 1
    assert student.page("?page=9").select_one("#wall nav [aria-current=page]").text == "2"


def test_a_tab_for_one_s_own_is_for_those_who_ask(opens: Opens) -> None:
    room = opens()

    def tabs(who: Someone, query: str = "") -> list[str]:
        return [tab.text for tab in who.page(query).select("nav.orders a")]

    assert "Mine" in tabs(room.as_("Ada"))
    room.as_("Ada").ask()
    assert "Mine" not in tabs(room.teacher)
    assert "Mine" not in tabs(room.as_("Eve", MENTOR))
    room.teacher.ask("What did you find hardest?")
    assert "Mine" in tabs(room.teacher)
    assert "Mine" in tabs(room.teacher, "?order=unanswered")


def test_a_comment_on_a_closed_question_is_refused(opens: Opens) -> None:
    room = opens()
    number = room.as_("Ada").ask()
    room.teacher.post(f"/{number}/mark/{number}/close")
    refused = room.as_("Bob").post(f"/{number}/comment/{number}", text="Still I say something.")
    assert (refused.status_code, "no more comments are taken" in refused.text) == (403, True)


def test_a_question_is_not_offered_to_be_merged_with_one_that_waits(opens: Opens) -> None:
    room = opens(moderation="after_teacher")
    one, two = room.teacher.ask("Why is it even?"), room.teacher.ask("Why is the sum even?")
    room.as_("Ada").ask("Not read by the teacher yet?")
    into = room.teacher.page(f"/{one}").select("#into option")
    assert [option["value"] for option in into] == [str(two)]
