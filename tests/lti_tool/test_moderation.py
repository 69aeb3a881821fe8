"""The pages about texts: hints while typing, report, hide an author, one's own texts, review, decisions, redaction."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from core.store.tables import Block, Contribution, Decision, Report
from tests.bad_input.lesson import LONG, Lesson
from tests.lms import CONTEXT_ROLE, LEARNER
from tests.lti_tool.test_making import make
from tests.tool import Tool

DATABASES = ("sqlite",)
KEYS_KNOWN = True
MENTOR = [CONTEXT_ROLE + "Mentor"]


@dataclass
class Room:
    """An activity with questions, its teacher and its students, as browsers see it."""

    tool: Tool
    public_id: str
    teacher: str
    students: list[str]

    @property
    def wall(self) -> str:
        return f"/p/p1/questions/{self.public_id}"

    def ask(self, who: int, title: str, **form: str) -> int:
        asked = self.tool.send("POST", f"{self.wall}/ask", self.students[who], {"title": title, "text": "", **form})
        assert asked.status_code == 200, asked.text
        return max(row.id for row in self.tool.all(Contribution))

    def post(self, path: str, token: str, **form: str) -> TestResponse:
        return self.tool.send("POST", path, token, form, HX_Request="true")

    def report(self, who: int, text: int, reason: str = "") -> TestResponse:
        return self.post(f"/p/p1/texts/{self.public_id}/{text}/report", self.students[who], reason=reason)

    def see(self, path: str, token: str) -> BeautifulSoup:
        page = self.tool.get(path, token)
        assert page.status_code == 200, page.text
        return BeautifulSoup(page.text, "html.parser")

    def review(self) -> BeautifulSoup:
        return self.see(f"/p/p1/teach/{self.public_id}/review", self.teacher)

    def mine(self, who: int) -> BeautifulSoup:
        return self.see(f"/p/p1/texts/{self.public_id}", self.students[who])


def room(tool: Tool, students: int = 3, **settings: str) -> Room:
    made, teacher = make(tool, "questions", **settings)
    tokens = [
        tool.session(roles=LEARNER, sub=f"student-{place}", name=f"Student {place}")["token"]
        for place in range(students)
    ]
    return Room(tool, made.public_id, teacher, tokens)


def test_hints_while_typing(tool: Tool) -> None:
    at = room(tool, contact="Ms Li, room 3")
    path = f"/p/p1/hints/{at.public_id}"
    assert at.post(path, at.students[0], text="How is entropy defined?").text == ""
    told = at.post(path, at.students[0], title="Is this shit?", text="Call 555-234-5678. I want to die. <b>")
    page = BeautifulSoup(told.text, "html.parser")
    assert "“555-234-5678” looks like a telephone number" in page.text
    assert "“shit” may hurt somebody" in page.text
    assert "You can turn to: Ms Li, room 3" in page.text
    box = page.find("input", {"name": "anyway"})
    assert box is not None
    assert not box.has_attr("checked")
    again = at.post(path, at.students[0], text="Call 555-234-5678.", anyway="yes")
    assert BeautifulSoup(again.text, "html.parser").find("input").has_attr("checked")
    assert at.tool.count(Contribution, Decision) == 0


def test_saving_asks_once_about_personal_data(tool: Tool) -> None:
    at = room(tool)
    refused = at.post(f"{at.wall}/ask", at.students[0], title="Who has 555-234-5678?", text="")
    assert (refused.status_code, at.tool.count(Contribution)) == (422, 0)
    assert "tick “Save it all the same”" in refused.text
    at.ask(0, "Who has 555-234-5678?", anyway="yes")


def test_a_report_takes_the_text_s_place_and_enough_of_them_hold_it_back(tool: Tool) -> None:
    at = room(tool, students=4, hold_at="2")
    text = at.ask(0, "Rude?")
    told = at.report(1, text, "It is rude.")
    assert "You will not see this text again" in told.text
    assert "data-focus" in told.text
    assert "Rude?" not in at.tool.get(at.wall, at.students[1]).text
    assert "Rude?" in at.tool.get(at.wall, at.students[2]).text
    at.report(2, text)
    assert "Rude?" not in at.tool.get(at.wall, at.students[3]).text
    queue = at.review()
    (case,) = queue.find_all("article")
    assert "held back after reports" in case.text
    assert "It is rude." in case.text
    assert "Student 1" not in queue.text  # who reported is nobody's business
    assert "Several people reported it" in at.mine(0).text


def test_the_queue_decides_and_says_what_is_left(tool: Tool) -> None:
    at = room(tool, moderation="after_teacher")
    first, second = at.ask(0, "One?"), at.ask(1, "Two?")
    queue = at.review()
    assert [article.find("h2").text.split(": ")[-1] for article in queue.find_all("article")] == ["One?", "Two?"]
    assert {button["data-key"] for button in queue.find_all("button", {"data-key": True})} == {"a", "x"}
    action = f"/p/p1/teach/{at.public_id}/review/{first}/approve?place=0"
    page = BeautifulSoup(at.post(action, at.teacher).text, "html.parser")
    (case,) = page.find_all("article")
    assert case.has_attr("data-focus")  # the one that took its place
    assert "Done: approved. 1 text waits." in page.find(attrs={"data-say": True}).text
    out = f"/p/p1/teach/{at.public_id}/review/{second}/retire?place=0"
    page = BeautifulSoup(at.post(out, at.teacher, reason="It was asked before.").text, "html.parser")
    assert page.find("article") is None
    assert "Nothing waits." in page.find("p", {"data-focus": True}).text
    assert "It was asked before." in at.mine(1).text


def test_an_appeal_from_the_author_s_page_to_the_teacher_s_answer(tool: Tool) -> None:
    at = room(tool)
    text = at.ask(0, "Mine?")
    at.post(f"/p/p1/teach/{at.public_id}/review/{text}/retire", at.teacher, reason="Off topic.")
    page = at.mine(0)
    form = page.find("form")
    assert form["hx-post"] == f"/p/p1/texts/{at.public_id}/{text}/appeal"
    told = at.post(form["hx-post"], at.students[0], words="It is about chapter 2.")
    assert "Your teacher has not answered yet" in told.text
    (case,) = at.review().find_all("article")
    assert "It is about chapter 2." in case.text
    labels = [button.text for button in case.find_all("button", {"data-key": True})]
    assert labels == ["Put it back", "It stays out"]
    at.post(f"/p/p1/teach/{at.public_id}/review/{text}/restore", at.teacher)
    assert "put it back" in at.mine(0).text
    assert "Mine?" in at.tool.get(at.wall, at.students[1]).text


def test_an_author_is_hidden_and_seen_again(tool: Tool) -> None:
    at = room(tool, anonymity="named")
    text = at.ask(0, "Loud?")
    hidden = at.post(f"/p/p1/texts/{at.public_id}/{text}/block", at.students[1])
    assert "Student 0" in hidden.text
    assert "Loud?" not in at.tool.get(at.wall, at.students[1]).text
    assert at.tool.count(Block) == 1
    again = at.post(f"/p/p1/texts/{at.public_id}/{text}/unblock", at.students[1])
    assert again.status_code == 200
    assert "Loud?" in at.tool.get(at.wall, at.students[1]).text


def test_where_nobody_is_known_one_s_texts_are_not_listed_and_the_log_tells_nothing(
    tool: Tool, caplog: pytest.LogCaptureFixture
) -> None:
    at = room(tool, anonymity="anonymous", hold_at="1")
    text = at.ask(0, "Whose?")
    caplog.set_level("INFO", "heirloom.access")
    caplog.clear()
    assert "stored nowhere" in at.mine(0).text
    at.post(f"/p/p1/hints/{at.public_id}", at.students[0], text="Typing")
    at.report(1, text)
    fields = [record.fields for record in caplog.records if record.name == "heirloom.access"]  # type: ignore[attr-defined]
    assert len(fields) == 3
    assert all("session" not in line for line in fields)
    assert "Somebody" in at.review().text


def test_an_unknown_author_appeals_with_a_receipt_and_stays_unknown(
    tool: Tool, caplog: pytest.LogCaptureFixture
) -> None:
    at = room(tool, anonymity="anonymous", hold_at="1")
    asked = at.tool.send("POST", f"{at.wall}/ask", at.students[0], {"title": "Mine?", "text": ""})
    receipt = BeautifulSoup(asked.text, "html.parser").find("code").text
    assert "Keep it if you may want to know" in asked.text
    assert at.see(at.wall, at.students[0]).find("a", string="My texts")
    text = at.tool.one(Contribution).id
    assert receipt not in at.tool.get(f"{at.wall}/{text}", at.students[0]).text  # it is shown once
    at.report(1, text)
    caplog.set_level("INFO", "heirloom.access")
    caplog.clear()
    page = at.mine(0)
    assert str(page) == str(at.mine(1))
    form = page.find("form")
    assert at.post(form["hx-post"], at.students[0], receipt="AAAA-BBBB-CCCC-DDDD").status_code == 404
    found = BeautifulSoup(at.post(form["hx-post"], at.students[0], receipt=receipt.lower()).text, "html.parser")
    (article,) = found.find_all("article")
    assert article.has_attr("data-focus")
    assert "Several people reported it" in article.text
    asking = article.find("form")
    sent = {field["name"]: field["value"] for field in asking.find_all("input")}
    assert asking.find("textarea").get("data-draft") is None  # nor does the browser keep whose it is
    told = at.post(asking["hx-post"], at.students[0], words="It is about chapter 2.", **sent)
    assert "Your teacher has not answered yet" in told.text
    again = at.post(asking["hx-post"], at.students[0], words="Please.", **sent)
    assert "looked at again once" in again.text
    fields = [record.fields for record in caplog.records if record.name == "heirloom.access"]  # type: ignore[attr-defined]
    assert len(fields) == 6
    assert all("session" not in line and f"/{text}" not in str(line) for line in fields)
    (case,) = at.review().find_all("article")
    assert "It is about chapter 2." in case.text
    assert "Somebody" in case.text
    assert "Student 0" not in case.text
    at.post(f"/p/p1/teach/{at.public_id}/review/{text}/keep", at.teacher)
    assert "put it back" in at.post(form["hx-post"], at.students[0], receipt=receipt).text


def test_who_only_looks_is_not_asked_for_a_receipt(tool: Tool) -> None:
    at = room(tool, anonymity="anonymous")
    mentor = tool.session(roles=MENTOR, sub="mentor")["token"]
    page = at.see(f"/p/p1/texts/{at.public_id}", mentor)
    assert page.find("form") is None
    assert at.post(f"/p/p1/texts/{at.public_id}/receipt", mentor, receipt="x").status_code == 403


def test_beside_anonymous_questions_one_s_explanations_are_listed_and_the_log_tells_nothing(
    tool: Tool, caplog: pytest.LogCaptureFixture
) -> None:
    lesson = Lesson(tool, questions_panel="anonymous")
    author = lesson.join()
    lesson.answer(author)
    lesson.post(
        f"/practice/{{a}}/problems/{lesson.choice}/explain",
        author,
        {"kind": "explanation", "text": LONG.format(number=1), "likely": "yes"},
    )
    asked = lesson.post("/questions/{a}/ask", author, {"title": "Until when?", "text": ""})
    receipt = BeautifulSoup(asked.text, "html.parser").find("code").text
    caplog.set_level("INFO", "heirloom.access")
    caplog.clear()
    page = BeautifulSoup(lesson.get("/texts/{a}", author).text, "html.parser")
    assert [article.find(class_="tag").text for article in page.find_all("article")] == ["explanation"]
    assert page.find("input", {"name": "receipt"})
    assert "Until when?" in lesson.post("/texts/{a}/receipt", author, {"receipt": receipt}).text
    refused = lesson.post("/texts/{a}/receipt/appeal", author, {"receipt": receipt, "words": "Why?"})
    assert refused.status_code == 403  # nothing keeps it from being seen
    fields = [record.fields for record in caplog.records if record.name == "heirloom.access"]  # type: ignore[attr-defined]
    assert len(fields) == 3
    assert all("session" not in line for line in fields)


def test_the_record_of_decisions_and_its_file(tool: Tool) -> None:
    at = room(tool, hold_at="1")
    text = at.ask(0, "=HYPERLINK(1)?")
    at.report(1, text)
    at.post(f"/p/p1/teach/{at.public_id}/review/{text}/retire", at.teacher, reason="+1 rude")
    page = at.see(f"/p/p1/teach/{at.public_id}/decisions", at.teacher)
    rows = [[cell.text for cell in row.find_all("td")] for row in page.find("tbody").find_all("tr")]
    assert rows[1][0] == "a rule" != rows[0][0]
    assert "taken out: +1 rude" in rows[0][1]
    assert "1 report" in rows[1][1]
    only = at.see(f"/p/p1/teach/{at.public_id}/decisions?by=rule&action=nonsense", at.teacher)
    assert len(only.find("tbody").find_all("tr")) == 1
    none = at.see(f"/p/p1/teach/{at.public_id}/decisions?action=star", at.teacher)
    assert "There is no such decision" in none.text
    file = at.tool.get(f"/p/p1/teach/{at.public_id}/decisions.csv", at.teacher)
    assert 'filename="decisions.csv"' in file.headers["Content-Disposition"]
    head, *lines = csv.reader(io.StringIO(file.get_data().decode("utf-8-sig")))
    assert (head[2], len(lines)) == ("decision", 2)
    assert lines[0][3] == "'+1 rude"
    assert all(line[7].startswith("'=HYPERLINK") for line in lines)


def test_words_are_removed_for_good(tool: Tool) -> None:
    at = room(tool)
    text = at.ask(0, "Who has 555-234-5678?", text="Ask Ms Li-Anne.", anyway="yes")
    path = f"/p/p1/teach/{at.public_id}/texts/{text}/redact"
    form = at.see(path, at.teacher).find("form")
    assert [box["value"] for box in form.find_all("input", {"name": "passage"})] == ["555-234-5678"]
    done = at.post(path, at.teacher, passage="555-234-5678", words="Ms Li-Anne\n")
    assert "gone from all of them" in done.text
    wall = at.tool.get(f"{at.wall}/{text}", at.students[1]).text
    assert "Who has […]?" in wall
    assert "Ask […]." in wall
    refused = at.post(path, at.teacher, words="Somebody else")
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/p/p1/teach/{activity}/review"),
        ("POST", "/p/p1/teach/{activity}/review/{text}/retire"),
        ("GET", "/p/p1/teach/{activity}/decisions"),
        ("GET", "/p/p1/teach/{activity}/decisions.csv"),
        ("GET", "/p/p1/teach/{activity}/texts/{text}/redact"),
        ("POST", "/p/p1/teach/{activity}/texts/{text}/redact"),
    ],
)
def test_what_is_the_teacher_s(tool: Tool, method: str, path: str) -> None:
    at = room(tool, students=1)
    text = at.ask(0, "Mine?")
    address = path.format(activity=at.public_id, text=text)
    assert at.tool.send(method, address, at.students[0], {"everything": "yes"}).status_code == 403
    assert at.tool.one(Contribution).status == "live"


def test_a_token_is_good_for_its_own_activity(tool: Tool) -> None:
    at = room(tool)
    text = at.ask(0, "Mine?")
    for path in (
        f"/p/p1/texts/unknown/{text}/report",
        f"/p/p1/texts/unknown/{text}/block",
        f"/p/p1/texts/unknown/{text}/appeal",
        "/p/p1/hints/unknown",
    ):
        assert at.post(path, at.students[1]).status_code == 403
    assert at.tool.count(Report) == 0


def test_in_practice_an_author_finds_the_way_to_a_second_look(tool: Tool) -> None:
    lesson = Lesson(tool)
    author = lesson.join()
    lesson.answer(author)
    lesson.post(
        f"/practice/{{a}}/problems/{lesson.choice}/explain",
        author,
        {"kind": "explanation", "text": LONG.format(number=1), "likely": "yes"},
    )
    text = tool.one(Contribution).id
    lesson.post(f"/teach/{{a}}/review/{text}/retire", lesson.teacher, {"reason": "Too long."})
    page = BeautifulSoup(lesson.get(f"/practice/{{a}}/problems/{lesson.choice}", author).text, "html.parser")
    link = page.find("a", string="Ask your teacher to look again")
    mine = lesson.get(str(link["href"]).removeprefix("/p/p1"), author)
    assert "Too long." in mine.text
    lesson.post(f"/texts/{{a}}/{text}/appeal", author, {"words": "Not for me."})
    assert "Not for me." in lesson.get("/teach/{a}/review", lesson.teacher).text
