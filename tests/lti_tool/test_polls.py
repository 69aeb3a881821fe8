"""The pages of polls, as browsers ask for them: every kind, results, the teacher's tools, what may not leak."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from core.polling.kinds import KINDS
from core.store.tables import Activity, Decision, Poll, PollOption
from tests.core.activities.ballots import FORMS
from tests.lms import INSTRUCTOR, LEARNER
from tests.tool import Tool

DATABASES = ("sqlite",)
KEYS_KNOWN = True


class Room:
    """A course with an activity of polls, its teacher and students with their tokens."""

    def __init__(self, tool: Tool, **settings: str) -> None:
        self.tool = tool
        self.teacher = tool.session(roles=INSTRUCTOR)["token"]
        made = tool.send("POST", "/p/p1/teach/new/poll", self.teacher, {"title": "Ours", **settings})
        assert made.status_code == 200, made.text
        self.activity = tool.one(Activity).public_id
        self.at = f"/p/p1/polls/{self.activity}"

    def student(self, number: int) -> str:
        """The token of a student who has launched the activity."""
        token: str = self.tool.session(roles=LEARNER, sub=f"s{number}", name=f"Student {number}")["token"]
        return token

    def make(self, kind: str = "single", *, is_open: bool = True, **values: str) -> int:
        form = {"prompt": "What do you think?", "results": "at_once", "may_change": "on", **FORMS[kind], **values}
        if is_open:
            form["open"] = "yes"
        answer = self.tool.send("POST", f"{self.at}/new/{kind}", self.teacher, form)
        assert answer.status_code == 200, answer.text
        return int(self.tool.all(Poll)[-1].id)

    def page(self, path: str, token: str | None = None) -> BeautifulSoup:
        answer = self.tool.get(f"{self.at}{path}", token or self.teacher)
        assert answer.status_code == 200, answer.text
        return BeautifulSoup(answer.text, "html.parser")

    def post(self, path: str, token: str, data: Any = None, status: int = 200) -> BeautifulSoup:
        answer = self.tool.send("POST", f"{self.at}{path}", token, data)
        assert answer.status_code == status, answer.text
        return BeautifulSoup(answer.text, "html.parser")

    def option(self, poll: int, text: str) -> int:
        return int(self.tool.one(PollOption, PollOption.poll_id == poll, PollOption.text == text).id)


@pytest.fixture
def room(tool: Tool) -> Room:
    return Room(tool)


def filled(page: BeautifulSoup, kind: str) -> dict[str, str]:
    """The form of an answer, filled in by its own fields."""
    form = page.find("form", attrs={"hx-post": re.compile("/vote$")})
    assert form is not None
    values: dict[str, str] = {}
    for field in form.find_all(["input", "select", "textarea"]):
        name = field.get("name")
        if name is None or name in values or field.get("type") == "hidden":
            continue
        if field.name == "select":
            place = 1 + len([key for key in values if key.startswith("place-")])
            values[name] = str(place)
        elif field.get("type") in {"radio", "checkbox"}:
            values[name] = str(field["value"])
        else:
            values[name] = "2" if kind == "number" else "hope"
    return values


def said(page: BeautifulSoup) -> str:
    return " ".join(element.get_text(" ", strip=True) for element in page.select("[data-say]"))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_made_answered_and_shown(room: Room, kind: str) -> None:
    poll = room.make(kind)
    student = room.student(1)
    page = room.page(f"/{poll}", student)
    assert page.h1.get_text(strip=True) == "What do you think?"
    assert "Nobody has answered yet." in page.get_text()
    after = room.post(f"/{poll}/vote", student, filled(page, kind))
    assert said(after).startswith("Saved.")
    assert "1 person has answered." in after.get_text()
    for reader in (student, room.teacher):
        shown = room.page(f"/{poll}", reader)
        assert not shown.select("[style]")
        names = [control.get("id") for control in shown.select("[id]")]
        assert len(names) == len(set(names))
        for control in shown.select("input:not([type=hidden]), select, textarea"):
            named = control.get("aria-label") or control.find_parent("label")
            assert named or shown.find("label", attrs={"for": control.get("id")}), control


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_can_be_changed_before_the_first_answer(room: Room, kind: str) -> None:
    poll = room.make(kind, is_open=False)
    form = room.page(f"/{poll}/edit").find("form")
    values = {
        field["name"]: field.get("value", "") if field.name == "input" else field.get_text()
        for field in form.select("input[name]:not([type=radio]):not([type=checkbox]), textarea[name]")
    }
    values["prompt"] = "Other words?"
    assert "Saved." in said(room.post(f"/{poll}/edit", room.teacher, values))
    stored = room.tool.one(Poll)
    assert (stored.prompt, stored.kind) == ("Other words?", kind)


def test_after_the_first_answer_only_the_times_can_be_changed(room: Room) -> None:
    poll = room.make()
    room.post(f"/{poll}/vote", room.student(1), {"option": str(room.option(poll, "Yes"))})
    page = room.page(f"/{poll}/edit")
    assert page.find("textarea") is None
    room.post(f"/{poll}/edit", room.teacher, {"prompt": "Other words?", "quorum": "9"})
    stored = room.tool.one(Poll)
    assert (stored.prompt, stored.quorum) == ("What do you think?", 9)


def test_a_student_who_finds_one_poll_is_there_already_and_several_are_a_list(room: Room) -> None:
    student = room.student(1)
    assert "No poll is open right now." in room.page("", student).get_text()
    first = room.make()
    assert room.page("", student).find("form", attrs={"hx-post": re.compile("/vote$")})
    room.make(prompt="And this?")
    assert "2 polls wait for your answer." in room.page("", student).get_text()
    after = room.post(f"/{first}/vote", student, {"option": str(room.option(first, "Yes"))})
    assert "Another poll is open: And this?" in after.get_text(" ", strip=True)


def test_a_refusal_says_what_to_change(room: Room) -> None:
    poll = room.make("several")
    page = room.post(f"/{poll}/vote", room.student(1), {}, status=422)
    assert "You have not chosen anything yet." in page.get_text()


def test_who_comes_late_is_told_kindly(room: Room) -> None:
    poll = room.make("pair", quorum="1")
    option = {"option": str(room.option(poll, "A"))}
    room.post(f"/{poll}/vote", room.student(1), option)
    page = room.post(f"/{poll}/vote", room.student(2), option, status=410)
    assert "Enough people have answered" in page.get_text()
    assert "This poll is closed." in room.page(f"/{poll}", room.student(2)).get_text()


def test_students_have_none_of_the_teacher_s_doors(room: Room) -> None:
    poll, student = room.make("words"), room.student(1)
    for method, path in (
        ("GET", "/new/single"),
        ("POST", "/new/single"),
        ("GET", f"/{poll}/edit"),
        ("POST", f"/{poll}/edit"),
        ("POST", f"/{poll}/open"),
        ("POST", f"/{poll}/close"),
        ("POST", f"/{poll}/copy"),
        ("POST", f"/{poll}/last"),
        ("POST", f"/{poll}/remove"),
        ("POST", f"/{poll}/words"),
        ("GET", f"/{poll}/export"),
        ("GET", "/live"),
        ("GET", f"/{poll}/live"),
    ):
        assert room.tool.send(method, f"{room.at}{path}", student, {} if method == "POST" else None).status_code == 403
    page = room.page(f"/{poll}", student).decode()
    for word in ("export", "/edit", "/close", "/words"):
        assert word not in page


def test_open_close_copy_delete_and_undo(room: Room) -> None:
    poll = room.make(is_open=False)
    assert "The poll is open." in said(room.post(f"/{poll}/open", room.teacher))
    assert "The poll is closed." in said(room.post(f"/{poll}/close", room.teacher))
    assert "This is the copy" in said(room.post(f"/{poll}/copy", room.teacher))
    assert "last impression" in said(room.post(f"/{poll}/last", room.teacher))
    assert len(room.page("").select("ol.polls > li")) == 3
    page = room.post(f"/{poll}/remove", room.teacher)
    assert "was deleted" in said(page)
    assert len(page.select("ol.polls > li")) == 2
    assert len(room.post(f"/{poll}/restore", room.teacher).select("ol.polls > li")) == 3
    room.post(f"/{poll}/down", room.teacher)
    first = room.page("").select_one("ol.polls > li > a")
    assert f"/{poll}" not in first["href"]


def test_hidden_results_are_in_no_answer_of_the_server(room: Room) -> None:
    poll = room.make(results="after_close", options="Aardvark\nBadger")
    student, other = room.student(1), room.student(2)
    room.post(f"/{poll}/vote", student, {"option": str(room.option(poll, "Aardvark"))})
    for path in (f"/{poll}", f"/{poll}/results"):
        page = room.page(path, other)
        assert "shown when the poll is closed" in page.get_text()
        assert not page.select("table.bars")
    room.post(f"/{poll}/close", room.teacher)
    row = room.page(f"/{poll}/results", other).select_one("table.bars tbody tr")
    assert row.get_text(" ", strip=True) == "Aardvark 1 100 %"


def test_results_are_asked_for_again_and_sent_only_when_they_are_new(room: Room) -> None:
    poll, student, other = room.make(), room.student(1), room.student(2)
    address = f"{room.at}/{poll}/results"
    page = room.page(f"/{poll}", student)
    tag = page.select_one("[data-live]")["data-tag"]
    assert room.tool.get(address, student, If_None_Match=tag).status_code == 304
    room.post(f"/{poll}/vote", other, {"option": str(room.option(poll, "No"))})
    fresh = room.tool.get(address, student, If_None_Match=tag)
    assert fresh.status_code == 200
    assert fresh.headers["ETag"] != tag
    assert room.tool.get(address, student, If_None_Match=fresh.headers["ETag"]).status_code == 304
    assert room.tool.get(address, other, If_None_Match=fresh.headers["ETag"]).status_code == 200  # not theirs


def test_the_list_shows_a_poll_that_opens(room: Room) -> None:
    poll, student = room.make(is_open=False), room.student(1)
    tag = room.page("", student).select_one("[data-live]")["data-tag"]
    assert room.tool.get(f"{room.at}/list", student, If_None_Match=tag).status_code == 304
    room.post(f"/{poll}/open", room.teacher)
    assert "What do you think?" in room.tool.get(f"{room.at}/list", student, If_None_Match=tag).text


def test_a_coarse_word_waits_for_the_teacher_and_can_be_shown_and_hidden(room: Room) -> None:
    poll, student, other = room.make("words"), room.student(1), room.student(2)
    room.post(f"/{poll}/vote", student, {"entry": ["shit", "hope"]})
    assert "shit" not in room.page(f"/{poll}", other).get_text()
    row = next(row for row in room.page(f"/{poll}").select("details tr") if "shit" in row.get_text())
    assert "hidden" in row.get_text()
    assert "1 text is hidden" in room.page("").get_text()
    assert "is shown" in said(room.post(f"/{poll}/words", room.teacher, {"text": "shit", "do": "show"}))
    assert "shit" in room.page(f"/{poll}", other).get_text()
    room.post(f"/{poll}/words", room.teacher, {"text": "hope", "do": "hide"})
    assert "hope" not in room.page(f"/{poll}", other).get_text()
    decided = room.tool.all(Decision)
    assert [(one.action, one.reason) for one in decided] == [("show_answer", "shit"), ("hide_answer", "hope")]


def test_a_report_hides_for_the_reporter(room: Room) -> None:
    poll, student, other = room.make("text"), room.student(1), room.student(2)
    room.post(f"/{poll}/vote", student, {"entry": "Ben is silly."})
    assert "Reported." in said(room.post(f"/{poll}/report", other, {"text": "Ben is silly."}))
    assert "Ben is silly." not in room.page(f"/{poll}", other).get_text()
    assert "Ben is silly." in room.page(f"/{poll}", room.student(3)).get_text()


def test_members_options(room: Room) -> None:
    poll, student = room.make(members_add="on", moderation="at_once"), room.student(1)
    assert "Added." in said(room.post(f"/{poll}/options", student, {"text": "It depends"}))
    page = room.page(f"/{poll}")
    assert "Options that members added" in page.get_text()
    room.post(f"/{poll}/options/{room.option(poll, 'It depends')}/out", room.teacher)
    assert "It depends" not in room.page(f"/{poll}", student).get_text()


def test_a_teacher_tries_it_out_and_starts_over(room: Room) -> None:
    poll = room.make(is_open=False)
    page = room.post(f"/{poll}/vote", room.teacher, {"option": str(room.option(poll, "Yes"))})
    assert "not counted" in said(page)
    assert "Nobody has answered yet." in page.get_text()
    assert page.find("form", attrs={"hx-post": re.compile("/again$")})
    assert not room.post(f"/{poll}/again", room.teacher).find("form", attrs={"hx-post": re.compile("/again$")})


class TestHall:
    def test_it_shows_the_open_poll_large_and_steps_through_the_others(self, room: Room) -> None:
        room.make(prompt="Draft?", is_open=False)
        poll = room.make(prompt="Open now?")
        page = room.page("/live")
        assert page.h1.get_text(strip=True) == "Open now?"
        assert "To answer, open “Ours”" in page.get_text()
        keys = {control["data-key"]: control for control in page.select("[data-key]")}
        assert set(keys) == {"c", "r", "p"}
        assert room.page("/live?poll=" + keys["p"]["href"].partition("poll=")[2]).h1.get_text(strip=True) == "Draft?"
        closed = room.post(f"/{poll}/close?hall=1", room.teacher)
        assert closed.select_one("[data-poll-hall]")
        assert {control["data-key"] for control in closed.select("[data-key]")} == {"o", "r", "p"}

    def test_results_that_the_class_may_not_see_are_hidden_until_they_are_shown(self, room: Room) -> None:
        poll = room.make(results="after_close")
        room.post(f"/{poll}/vote", room.student(1), {"option": str(room.option(poll, "Yes"))})
        hidden = room.page(f"/live?poll={poll}")
        assert "1 answer" in hidden.get_text(" ", strip=True)
        assert not hidden.select("table.bars")
        assert room.page(f"/live?poll={poll}&show=1").select("table.bars")

    def test_what_was_hidden_is_not_projected(self, room: Room) -> None:
        poll = room.make("words")
        room.post(f"/{poll}/vote", room.student(1), {"entry": ["shit", "hope"]})
        page = room.page(f"/live?poll={poll}&show=1").get_text()
        assert "hope" in page
        assert "shit" not in page

    def test_it_is_sent_again_when_somebody_answers(self, room: Room) -> None:
        poll, student = room.make(), room.student(1)
        live = room.page(f"/live?poll={poll}").select_one("[data-live]")
        assert room.tool.get(live["data-live"], room.teacher, If_None_Match=live["data-tag"]).status_code == 304
        room.post(f"/{poll}/vote", student, {"option": str(room.option(poll, "Yes"))})
        fresh = room.tool.get(live["data-live"], room.teacher, If_None_Match=live["data-tag"])
        assert fresh.status_code == 200
        assert "100 %" in fresh.text

    def test_without_a_poll_it_says_so(self, room: Room) -> None:
        answer = room.tool.get(f"{room.at}/live", room.teacher)
        assert answer.status_code == 422
        assert "no poll yet" in answer.text


class TestMovement:
    @pytest.mark.parametrize("anonymous", [False, True])
    def test_the_last_impression_shows_how_the_class_moved(self, room: Room, anonymous: bool) -> None:
        first = room.make(**({"is_anonymous": "on"} if anonymous else {}))
        room.post(f"/{first}/last", room.teacher)
        last = room.tool.all(Poll)[-1].id
        room.post(f"/{last}/open", room.teacher)
        for number in range(4):
            student = room.student(number)
            for poll, text in ((first, "Yes"), (last, "No")):
                room.post(f"/{poll}/vote", student, {"option": str(room.option(poll, text))})
        page = room.page(f"/{last}", room.student(1))
        moved = page.select_one("section.moved")
        assert ("4 changed their minds" in moved.get_text()) is not anonymous
        assert ("only the totals are known" in moved.get_text()) is anonymous
        assert len(moved.select("svg")) == 1
        assert bool(moved.select("svg .band")) is not anonymous
        assert not room.page(f"/{first}", room.student(1)).select("section.moved")


class TestSecrecy:
    """An anonymous poll, as a student and a teacher see it and as the server writes it down."""

    def crowd(self, room: Room, kind: str, **values: str) -> tuple[int, dict[str, str]]:
        poll = room.make(kind, is_anonymous="on", **values)
        tokens = {f"Student {number}": room.student(number) for number in range(3)}
        for token in tokens.values():
            room.post(f"/{poll}/vote", token, filled(room.page(f"/{poll}", token), kind))
        return poll, tokens

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_no_page_and_no_file_names_anybody(self, room: Room, kind: str) -> None:
        poll, tokens = self.crowd(room, kind)
        room.post(f"/{poll}/close", room.teacher)
        pages = [
            room.tool.get(f"{room.at}{path}", token).text
            for token in (*tokens.values(), room.teacher)
            for path in ("", f"/{poll}", f"/{poll}/results")
        ]
        pages += [room.tool.get(f"{room.at}{path}", room.teacher).text for path in (f"/{poll}/export", "/live")]
        assert not [page for page in pages if "Student " in page]

    def test_one_s_own_answer_is_not_shown_again(self, room: Room) -> None:
        poll, tokens = self.crowd(room, "single", options="Aardvark\nBadger")
        page = room.page(f"/{poll}", tokens["Student 0"])
        assert "What you answered is only in the totals." in page.get_text()
        assert page.find("form", attrs={"hx-post": re.compile("/vote$")}) is None
        refused = room.post(
            f"/{poll}/vote", tokens["Student 0"], {"option": str(room.option(poll, "Badger"))}, status=403
        )
        assert "first answer is kept" in refused.get_text()

    def test_it_is_promised_before_one_answers(self, room: Room) -> None:
        poll = room.make("text", is_anonymous="on")
        text = room.page(f"/{poll}", room.student(1)).get_text()
        assert "nothing ties it to your answer" in text
        assert "you cannot change it" in text
        assert "may still recognise your words" in text

    def test_two_people_are_too_few_to_show_anything_to_anybody(self, room: Room) -> None:
        poll = room.make(is_anonymous="on")
        for number in range(2):
            room.post(f"/{poll}/vote", room.student(number), {"option": str(room.option(poll, "Yes"))})
        for path in (f"/{poll}", f"/{poll}/results", f"/live?poll={poll}&show=1"):
            page = room.page(path)
            assert "shown once 3 people have answered" in page.get_text()
            assert not page.select("table.bars")
        assert room.tool.get(f"{room.at}/{poll}/export", room.teacher).status_code == 403

    def test_the_access_log_does_not_tell_whose_request_it_was(
        self, room: Room, caplog: pytest.LogCaptureFixture
    ) -> None:
        named = room.make()
        student = room.student(1)
        with caplog.at_level(logging.INFO, logger="heirloom.access"):
            room.page(f"/{named}", student)
        assert any("session" in record.fields for record in caplog.records if hasattr(record, "fields"))
        caplog.clear()
        poll = room.make(is_anonymous="on")
        caplog.clear()
        with caplog.at_level(logging.INFO, logger="heirloom.access"):
            for path in ("", f"/{poll}", f"/{named}", f"/{poll}/results", "/list"):
                room.page(path, student)
            room.post(f"/{poll}/vote", student, {"option": str(room.option(poll, "Yes"))})
            room.post(f"/{poll}/vote", student, {"option": "1" * 9}, status=422)
        lines = [record.fields for record in caplog.records if record.name == "heirloom.access"]
        assert len(lines) == 7
        assert not [line for line in lines if "session" in line]

    def test_the_export_has_the_totals_alone(self, room: Room) -> None:
        poll, _ = self.crowd(room, "text")
        answer = room.tool.get(f"{room.at}/{poll}/export", room.teacher)
        assert answer.headers["Content-Type"].startswith("text/csv")
        assert answer.text.splitlines()[1:] == [",hope,3", "Everybody who answered,,3"]


def test_a_formula_in_an_export_is_a_text(room: Room) -> None:
    poll = room.make("text")
    room.post(f"/{poll}/vote", room.student(1), {"entry": "=HYPERLINK(1)"})
    assert "'=HYPERLINK(1)" in room.tool.get(f"{room.at}/{poll}/export", room.teacher).text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}"])
def test_what_people_write_is_text(room: Room, text: str) -> None:
    for kind, values in (("text", {}), ("words", {}), ("single", {"options": f"{text}\nNo", "prompt": text})):
        poll = room.make(kind, **values)
        student = room.student(1)
        entry = {"option": str(room.option(poll, text))} if kind == "single" else {"entry": text}
        answer = room.tool.send("POST", f"{room.at}/{poll}/vote", student, entry)
        for page in (
            answer.text,
            *(room.tool.get(f"{room.at}{at}", room.teacher).text for at in (f"/{poll}", "", "/live")),
        ):
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert "49" not in re.sub(r"\d{3,}|\d\.\d+", "", BeautifulSoup(page, "html.parser").h1.get_text())
