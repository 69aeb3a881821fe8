"""The pages of polls, as browsers ask for them: every kind, results, the teacher's tools, what may not leak."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup

from core.polling.kinds import KINDS
from core.store.tables import Activity, Decision, Poll, PollOption
from tests.core.activities.ballots import FORMS
from tests.lms import CLAIM, INSTRUCTOR, LEARNER
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


def test_a_ranking_of_ten_is_shown_as_it_was_given(room: Room) -> None:
    names = [f"Number {place}" for place in range(1, 11)]
    poll = room.make("ranking", options="\n".join(names))
    student = room.student(1)
    wanted = names[::-1]
    room.post(
        f"/{poll}/vote",
        student,
        {f"place-{room.option(poll, name)}": str(place) for place, name in enumerate(wanted, start=1)},
    )
    room.post(f"/{poll}/close", room.teacher)
    given = room.page(f"/{poll}", student).select("ol.given li")
    assert [line.get_text() for line in given] == wanted


def test_after_the_first_answer_only_the_times_can_be_changed(room: Room) -> None:
    poll = room.make()
    room.post(f"/{poll}/vote", room.student(1), {"option": str(room.option(poll, "Yes"))})
    page = room.page(f"/{poll}/edit")
    assert page.find("textarea") is None
    late = room.post(f"/{poll}/edit", room.teacher, {**FORMS["single"], "prompt": "Other words?"}, 422)
    assert "Somebody has answered this poll, so its words stay as they are." in late.get_text()  # instead of “Saved.”
    room.post(f"/{poll}/edit", room.teacher, {"quorum": "9"})
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


def test_an_answer_to_words_that_were_changed_meanwhile_is_refused_and_stays_typed(room: Room) -> None:
    poll, student = room.make("text"), room.student(1)
    field = room.page(f"/{poll}", student).find("input", attrs={"name": "wording"})
    room.post(f"/{poll}/edit", room.teacher, {**FORMS["text"], "prompt": "Quite another question?"})
    late = room.post(f"/{poll}/vote", student, {"entry": "Yes.", "wording": field["value"]}, 422)
    assert "Your teacher has changed this poll" in late.get_text()
    field = room.page(f"/{poll}", student).find("input", attrs={"name": "wording"})
    assert said(room.post(f"/{poll}/vote", student, {"entry": "Yes.", "wording": field["value"]})).startswith("Saved.")


def test_what_waits_for_a_student_stands_first_and_is_linked(room: Room) -> None:
    closed, answered, waiting = (room.make(prompt=prompt) for prompt in ("Closed?", "Answered?", "Waiting?"))
    room.post(f"/{closed}/close", room.teacher)
    student = room.student(1)
    room.post(f"/{answered}/vote", student, {"option": str(room.option(answered, "Yes"))})
    page = room.page("", student)
    assert [link.get_text() for link in page.select("ol.polls a")] == ["Waiting?", "Answered?", "Closed?"]
    link = page.find("a", string="1 poll waits for your answer.")
    assert link["href"] == f"{room.at}/{waiting}"
    shown = [link.get_text() for link in room.page("").select("ol.polls a")]
    assert shown == ["Closed?", "Answered?", "Waiting?"]  # the teacher's own order


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


@pytest.mark.parametrize(("locale", "mark"), [("en", "."), ("de", ",")])
def test_numbers_have_the_decimal_mark_of_the_readers_language(room: Room, locale: str, mark: str) -> None:
    poll = room.make("number")
    presentation = {f"{CLAIM}launch_presentation": {"locale": locale}}
    reader = room.tool.session(roles=LEARNER, sub="s1", **presentation)["token"]
    answered = room.post(f"/{poll}/vote", reader, {"value": "2,5"})
    assert answered.select_one("input#value")["value"] == f"2{mark}5"
    room.post(f"/{poll}/vote", room.student(2), {"value": "3"})
    told = room.page(f"/{poll}/results", reader)
    assert f"2{mark}75" in told.get_text()
    assert f"{mark}5" in "".join(title.get_text() for title in told.select("svg title"))
    room.post(f"/{poll}/close", room.teacher)
    assert f"2{mark}5" in room.page(f"/{poll}", reader).select_one("p.given").get_text()
    other = "," if mark == "." else "."
    assert not re.search(rf"\d\{other}\d", told.get_text(" "))


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

    def test_of_several_that_are_open_it_shows_the_one_that_opened_last(self, room: Room) -> None:
        before = room.tool.clock() - timedelta(days=9)
        room.make(prompt="Long ago?", is_open=False, opens_at=before.isoformat())
        room.make(prompt="Just now?")
        room.make(prompt="A while ago?", is_open=False, opens_at=(before + timedelta(days=1)).isoformat())
        assert room.page("/live").h1.get_text(strip=True) == "Just now?"

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

    def both(self, room: Room, kind: str, *said: tuple[dict[str, str], dict[str, str]], **values: str) -> int:
        """A first and a last impression, answered; options by their words. The last one's id."""
        first = room.make(kind, **values)
        room.post(f"/{first}/last", room.teacher)
        last = room.tool.all(Poll)[-1].id
        room.post(f"/{last}/open", room.teacher)
        for number, pair in enumerate(said):
            for poll, given in zip((first, last), pair, strict=True):
                if kind == "several":
                    given = {"option": str(room.option(poll, given["option"]))}
                elif kind == "ranking":
                    given = {f"place-{room.option(poll, text)}": place for text, place in given.items()}
                room.post(f"/{poll}/vote", room.student(number), given)
        return int(last)

    @pytest.mark.parametrize("anonymous", [False, True])
    def test_of_several_each_option_is_drawn_and_told(self, room: Room, anonymous: bool) -> None:
        said = [({"option": "Red"}, {"option": "Blue"})] * 4
        last = self.both(room, "several", *said, **({"is_anonymous": "on"} if anonymous else {}))
        page = room.page(f"/{last}", room.student(1))
        moved = page.select_one("section.moved")
        assert "“Blue” gained most: from 0 (0 %) to 4 (100 %)." in moved.get_text()
        assert "“Red” lost most: from 4 (100 %) to 0 (0 %)." in moved.get_text()
        rows = [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in moved.select("tbody tr")]
        told = [] if anonymous else ["0 kept it, 4 added it, 0 dropped it"]
        assert rows[2] == ["Blue", "", "0 (0 %), then 4 (100 %)", *told]
        assert len(moved.select("tbody svg circle")) == 6
        assert ("Answers the first time: 4; the last time: 4." in moved.get_text()) is anonymous
        assert page.select_one("#first-impression")["href"].endswith(f"/{last - 1}")

    def test_of_a_ranking_each_option_s_place_is_drawn_and_told(self, room: Room) -> None:
        before, after = {"Tea": "1", "Coffee": "2", "Water": "3"}, {"Tea": "3", "Coffee": "2", "Water": "1"}
        last = self.both(room, "ranking", *[(before, after)] * 3)
        moved = room.page(f"/{last}", room.student(1)).select_one("section.moved")
        assert "“Water” rose most: from place 3.0 to place 1.0 on average." in moved.get_text()
        assert "“Tea” fell most: from place 1.0 to place 3.0 on average." in moved.get_text()
        first_row = moved.select_one("tbody tr").get_text(" ", strip=True)
        assert first_row == "Water place 3.0, then 1.0 On average by +2.00 places"
        ring, dot = moved.select_one("tbody svg").select("circle")
        assert float(ring["cx"]) < float(dot["cx"])

    def test_words_that_came_and_went(self, room: Room) -> None:
        last = self.both(room, "words", *[({"entry": "<i>fear</i>"}, {"entry": "hope"})] * 3)
        moved = room.page(f"/{last}", room.student(1)).select_one("section.moved")
        assert [row.th.get_text(strip=True) for row in moved.select("tbody tr")] == ["hope", "<i>fear</i>"]
        assert "“<i>fear</i>” lost most: from 3 (100 %) to 0 (0 %)." in moved.get_text()

    def test_texts_side_by_side_are_the_teacher_s_and_never_the_hall_s(self, room: Room) -> None:
        said = [({"entry": f"First {at}."}, {"entry": f"Last {at}."}) for at in range(3)]
        last = self.both(room, "text", *said)
        pairs = [
            [text.get_text(strip=True) for text in page.select("section.moved .text")]
            for page in (
                room.page(f"/{last}"),
                room.page(f"/{last}", room.student(1)),
                room.page(f"/live?poll={last}&show=1"),
            )
        ]
        assert pairs == [
            ["First 0.", "Last 0.", "First 1.", "Last 1.", "First 2.", "Last 2."],
            ["First 1.", "Last 1."],
            [],
        ]

    def test_the_hall_sees_what_a_classmate_sees(self, room: Room) -> None:
        """Before the class, the teacher's page has no cell of one or two people."""
        said = [({"option": "Red"}, {"option": "Red"})] * 5 + [({"option": "Red"}, {"option": "Blue"})]
        last = self.both(room, "several", *said)
        told = [
            page.select_one("section.moved").get_text()
            for page in (room.page(f"/{last}"), room.page(f"/live?poll={last}&show=1"))
        ]
        assert ["5 kept it, 0 added it, 1 dropped it" in text for text in told] == [True, False]
        assert "few people: not shown" in told[1]


class TestReview:
    """Answers to polls in the queue of all texts."""

    def review(self, room: Room, path: str = "") -> str:
        return f"/p/p1/teach/{room.activity}/review{path}"

    def answers(self, page: BeautifulSoup) -> list[tuple[str, str]]:
        return [
            (case.select_one(".text").get_text(strip=True), case.select_one(".tag").get_text(strip=True))
            for case in page.select("article.case")
        ]

    def queue(self, room: Room) -> BeautifulSoup:
        found = room.tool.get(self.review(room), room.teacher)
        assert found.status_code == 200
        return BeautifulSoup(found.text, "html.parser")

    def press(self, room: Room, page: BeautifulSoup, key: str, token: str | None = None, status: int = 200) -> Any:
        button = page.select_one(f"[data-queue] [data-key={key}]")
        form = button.find_parent("form")
        values = {field["name"]: field["value"] for field in form.select("input")}
        sent = room.tool.send("POST", form["hx-post"], token or room.teacher, values)
        assert sent.status_code == status, sent.text
        return BeautifulSoup(sent.text, "html.parser")

    def test_hidden_and_reported_answers_wait_and_are_decided_there(self, room: Room) -> None:
        poll = room.make("text", prompt="Why <b>so</b>?")
        for number, text in enumerate(("Oh shit.", "Student 2 <i>is</i> silly.", "Because.")):
            room.post(f"/{poll}/vote", room.student(number), {"entry": text})
        assert self.answers(self.queue(room)) == [("Oh shit.", "coarse words")]
        room.post(f"/{poll}/report", room.student(2), {"text": "Student 2 <i>is</i> silly."})
        page = self.queue(room)
        assert self.answers(page) == [("Student 2 <i>is</i> silly.", "reported"), ("Oh shit.", "coarse words")]
        assert "Why <b>so</b>?" in page.get_text()
        assert page.select("[data-queue] b, [data-queue] i") == []
        keys = [button["data-key"] for button in page.select("[data-queue] [data-key]")]
        assert keys == ["e", "x", "a", "x"]
        page = self.press(room, page, "x")
        assert self.answers(page) == [("Oh shit.", "coarse words")]
        assert said(page) == "Done: hidden from a poll's results. 1 text waits."
        assert page.select_one("article[data-focus] .text").get_text(strip=True) == "Oh shit."
        page = self.press(room, page, "a")
        assert self.answers(page) == []
        assert page.select_one(".message.right[data-focus]").get_text(strip=True).startswith("Nothing waits.")
        texts = [text.get_text(strip=True) for text in room.page(f"/{poll}", room.student(0)).select(".written .text")]
        assert texts == ["Because.", "Oh shit."]
        assert [entry.action for entry in room.tool.all(Decision)] == ["hide_answer", "show_answer"]

    def test_who_wrote_it_is_told_to_nobody(self, room: Room) -> None:
        poll = room.make("text", is_anonymous="on")
        for number, text in ((7, "Oh shit."), (8, "Because."), (9, "So.")):
            assert self.answers(self.queue(room)) == []  # of fewer than three nothing is told
            room.post(f"/{poll}/vote", room.student(number), {"entry": text})
        page = self.queue(room)
        assert self.answers(page) == [("Oh shit.", "coarse words")]
        assert "Student 7" not in str(page)
        assert page.select("time") == []

    def test_a_student_decides_nothing(self, room: Room) -> None:
        poll = room.make("words")
        room.post(f"/{poll}/vote", room.student(1), {"entry": "shit"})
        page = self.queue(room)
        self.press(room, page, "a", token=room.student(1), status=403)
        assert room.tool.get(self.review(room), room.student(1)).status_code == 403
        assert self.answers(self.queue(room)) == [("shit", "coarse words")]

    def test_a_poll_that_is_not_there_and_a_text_that_nobody_wrote(self, room: Room) -> None:
        poll = room.make("text")
        for at, form in ((f"/answers/{poll}/hide", {"text": "x"}), ("/answers/99/hide", {"text": "x"})):
            assert room.tool.send("POST", self.review(room, at), room.teacher, form).status_code == 404


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
