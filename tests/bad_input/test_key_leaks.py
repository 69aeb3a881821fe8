"""Before its moment the key leaves the server in no form: a crawler goes wherever a student can go, by links, forms,
pictures and guessed addresses, and looks for marks that stand in every part of a key. Afterwards it finds them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from bs4 import BeautifulSoup
from PIL import Image as Pillow
from werkzeug.test import TestResponse

from core.problems.images import clean_image
from core.problems.kinds import (
    Choice,
    CombinedFeedback,
    FreeText,
    Hint,
    Image,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
    TextAnswer,
    Unit,
)
from core.problems.texts import Text
from core.store.tables import Image as ImageRow
from tests.bad_input.lesson import Lesson
from tests.lms import INSTRUCTOR
from tests.tool import Tool

KEYS_KNOWN = True
DATABASES = ("sqlite",)

MARK = re.compile(rb"KEY[A-Z]{3,}MARK|727\.27|0\.12345|LENGTHUNIT")
WRITTEN_BY_CLASSMATES = re.compile(rb"PEER[A-Z]+MARK")
PARTS = {  # what the crawler must find once the key may be seen
    b"KEYACCEPTEDMARK",
    b"KEYSOLUTIONMARK",
    b"KEYFEEDBACKMARK",
    b"KEYOVERALLMARK",
    b"727.27",
}


def text(source: str) -> Text:
    return Text(source, "plain")


def picture(name: str, colour: tuple[int, int, int]) -> Image:
    out = io.BytesIO()
    Pillow.new("RGB", (6, 4), colour).save(out, "PNG")
    clean = clean_image(out.getvalue())
    return Image(name, clean.mime, clean.width, clean.height, clean.data)


def bank() -> list[Problem]:
    """Five kinds, with a mark in each place that belongs to the key."""
    hidden: dict[str, Any] = {
        "solution": Text('<p>KEYSOLUTIONMARK <img src="@@PLUGINFILE@@/key.png" alt="KEYALTMARK"></p>', "html"),
        "hints": (Hint(text("KEYHINTMARK")),),
        "tags": ("KEYTAGMARK",),
        "images": (picture("seen.png", (1, 2, 3)), picture("key.png", (250, 1, 1))),
    }
    asked = Text('<p>Which? <img src="@@PLUGINFILE@@/seen.png" alt="seen"></p>', "html")
    overall = CombinedFeedback(text("KEYOVERALLMARK r"), text("KEYOVERALLMARK p"), text("KEYOVERALLMARK w"))
    one = (Choice(text("red"), 1.0, text("KEYFEEDBACKMARK a")), Choice(text("blue"), 0.0, text("KEYFEEDBACKMARK b")))
    several = (*(Choice(text(f"c{n}"), 0.5, text("KEYFEEDBACKMARK c")) for n in "12"), Choice(text("c3"), -0.12345))
    return [
        OneChoice(name="One", text=asked, choices=one, feedback=overall, shuffle=False, **hidden),
        SeveralChoices(name="Several", text=asked, choices=several, feedback=overall, shuffle=False, **hidden),
        Number(
            name="Number",
            text=asked,
            answers=(NumberAnswer("727.27", 0.12345, feedback=text("KEYFEEDBACKMARK d")),),
            units=(Unit("LENGTHUNIT"),),
            unit_policy="optional",
            **hidden,
        ),
        ShortText(
            name="Short",
            text=asked,
            answers=(TextAnswer("KEYACCEPTEDMARK", 1.0, text("KEYFEEDBACKMARK e")), TextAnswer("KEYHALFMARK", 0.5)),
            **hidden,
        ),
        FreeText(name="Free", text=asked, grader_info=text("KEYGRADERMARK"), **hidden),
    ]


TYPED = {b"KEYACCEPTEDMARK", b"727.27"}  # what one may read again because one typed it
WRONG = [{"choice": "1"}, {"choice": "2"}, {"text": "3"}, {"text": "no"}, {"text": "because"}]
RIGHT = [{"choice": "0"}, {"choice": ["0", "1"]}, {"text": "727.27"}, {"text": "KEYACCEPTEDMARK"}, {"text": "so"}]


class Crawler:
    """Everything that one student's browser can be made to fetch without a right answer.

    A hostile one also presses every button and tries addresses that no page names.
    """

    def __init__(self, lesson: Lesson, token: str, *, hostile: bool) -> None:
        self.lesson, self.token, self.hostile = lesson, token, hostile
        self.seen: dict[str, TestResponse] = {}

    def crawl(self) -> dict[str, TestResponse]:
        waiting = [f"/p/p1/practice/{self.lesson.activity}", f"/p/p1/practice/{self.lesson.activity}/problems"]
        if self.hostile:
            waiting += self._guessed()
        while waiting:
            path = waiting.pop()
            if path not in self.seen:
                response = self.lesson.get(path.removeprefix("/p/p1"), self.token)
                self.seen[path] = response
                if response.mimetype == "text/html":
                    waiting += self._links(response.text)
                    if self.hostile:
                        self._send_forms(response.text)
        return self.seen

    def _links(self, page: str) -> Iterator[str]:
        soup = BeautifulSoup(page, "html.parser")
        for name in ("href", "src", "hx-get", "data-href", "action"):
            for element in soup.find_all(attrs={name: True}):
                if str(element[name]).startswith("/p/p1/"):
                    yield str(element[name]).partition("#")[0]
        for element in soup.find_all(attrs={"data-image": True}):
            yield f"/p/p1/images/{element['data-image']}"

    def _send_forms(self, page: str) -> None:
        """Press every button but those that answer; each form with the fields that it shows."""
        for form in BeautifulSoup(page, "html.parser").find_all(attrs={"hx-post": True}):
            path = str(form["hx-post"])
            if path.endswith("/answer") or form.name != "form":
                continue
            fields = {str(field["name"]): str(field.get("value", "")) for field in form.find_all(attrs={"name": True})}
            self._send(path, fields)

    def _guessed(self) -> Iterator[str]:
        """Addresses that no page names."""
        practice, teach = (f"/p/p1/{room}/{self.lesson.activity}" for room in ("practice", "teach"))
        yield from (f"/p/p1/images/{number}" for number in range(5))
        for page in ("", "/bank", "/bank/export/gift", "/bank/export/moodle_xml", "/review", "/settings"):
            yield teach + page
        for problem in (0, *self.lesson.problems, max(self.lesson.problems) + 1):
            base = f"{practice}/problems/{problem}"
            yield from (f"{base}?key=1&right=1&asked=explanation", f"{base}/edit", f"{base}/key")
            yield from (f"{practice}/next?after={problem}", f"{teach}/problems/{problem}/edit")
            for path, form in (
                ("another", {"occasion": "0"}),
                ("help", {"occasion": "0"}),
                ("explain", {"kind": "explanation", "text": "x" * 80, "likely": "yes"}),
                ("answer", {"number": "7", "choice": "0"}),
                ("answer", {"number": "1", "choice": "99", "text": "x", "unit": "m"}),
            ):
                self._send(f"{base}/{path}", form)
        for row in (1, 2):
            self._send(f"{practice}/shown/{row}/rate", {"rating": "5"})
            self._send(f"{practice}/check/{row}", {"fine": "yes"})

    def _send(self, path: str, form: dict[str, str]) -> None:
        sent = f"POST {path} {sorted(form.items())}"
        if sent not in self.seen:
            self.seen[sent] = self.lesson.post(path.removeprefix("/p/p1"), self.token, form)


def everything(responses: Iterable[TestResponse]) -> bytes:
    return b"\n".join(response.data + repr(response.headers).encode() for response in responses)


def found_by(
    lesson: Lesson, token: str, what: re.Pattern[bytes] = MARK, *, hostile: bool = False
) -> dict[str, set[bytes]]:
    """The marks that a crawl found, by address; the picture of the key counts as one."""
    secret = picture("key.png", (250, 1, 1)).data
    assert secret in {row.body for row in lesson.tool.all(ImageRow)}
    crawled = Crawler(lesson, token, hostile=hostile).crawl()
    assert sum(response.status_code == 200 for response in crawled.values()) >= 10
    assert all(response.status_code < 500 for response in crawled.values())
    found = {where: set(what.findall(everything([response]))) for where, response in crawled.items()}
    if what is MARK:
        for where, response in crawled.items():
            found[where] |= {b"the picture"} if response.data == secret else set()
    return {where: marks for where, marks in found.items() if marks}


def leaks(lesson: Lesson, token: str, what: re.Pattern[bytes] = MARK) -> dict[str, set[bytes]]:
    """The marks that a hostile student finds, by address."""
    return found_by(lesson, token, what, hostile=True)


def marks(lesson: Lesson, token: str, what: re.Pattern[bytes] = MARK) -> set[bytes]:
    """All that a student finds who only follows links."""
    return set().union(*found_by(lesson, token, what).values())


def answer_all(lesson: Lesson, token: str, answers: list[dict[str, Any]], number: int = 1) -> list[TestResponse]:
    """Answer the first problems, one by each of `answers`."""
    responses = []
    for problem, answer in zip(lesson.problems, answers, strict=False):
        path = f"/practice/{{a}}/problems/{problem}/answer"
        responses.append(lesson.post(path, token, {"number": str(number), **answer}))
        assert responses[-1].status_code == 200
    return responses


def test_until_the_due_date(tool: Tool) -> None:
    due = (tool.clock() + timedelta(minutes=50)).isoformat()
    lesson = Lesson(tool, bank(), key_shown="after_due", due_at=due, attempts="0")
    newcomer, wrong, right = lesson.join(), lesson.join(), lesson.join()
    assert leaks(lesson, newcomer) == {}
    told = answer_all(lesson, wrong, WRONG) + answer_all(lesson, wrong, WRONG[:4], 2)
    assert MARK.findall(everything(told)) == []
    assert leaks(lesson, wrong) == {}
    answer_all(lesson, right, RIGHT)
    assert marks(lesson, right) <= TYPED

    tool.clock.advance(minutes=51)
    assert leaks(lesson, newcomer) == {}  # who has not answered does not see it even then
    found = marks(lesson, wrong)
    assert found >= PARTS | {b"the picture"}
    assert marks(lesson, right) >= {b"KEYSOLUTIONMARK", b"KEYFEEDBACKMARK", b"the picture"}
    # Moodle's hints, tags and notes for graders are not for students at all
    assert not found & {b"KEYHINTMARK", b"KEYTAGMARK", b"KEYGRADERMARK", b"KEYHALFMARK", b"0.12345"}


def test_until_the_tries_are_used_up(tool: Tool) -> None:
    lesson = Lesson(tool, bank(), key_shown="after_attempts", attempts="2")
    student = lesson.join()
    assert leaks(lesson, student) == {}
    told = answer_all(lesson, student, WRONG[:4])  # not one's own words: nothing about them is wrong
    assert MARK.findall(everything(told)) == []
    assert leaks(lesson, student) == {}
    answer_all(lesson, student, WRONG[:4], 2)
    assert marks(lesson, student) >= PARTS | {b"the picture"}


def test_between_two_votes_nobody_learns_how_the_first_was_judged(tool: Tool) -> None:
    lesson = Lesson(tool, bank(), two_votes="on", has_two_votes="1")
    for answers in (WRONG, RIGHT):
        student = lesson.join()
        told = answer_all(lesson, student, answers)
        assert set(MARK.findall(everything(told))) <= TYPED
        for response in told:
            assert not re.search(r"\b(Right|Not right|Partly right)\.", response.text)
            assert 'id="verdict"' not in response.text
        if answers is WRONG:
            assert leaks(lesson, student) == {}
            answer_all(lesson, student, WRONG, 2)
            assert marks(lesson, student) >= PARTS


def test_classmates_texts_wait_for_the_answer(tool: Tool) -> None:
    lesson = Lesson(tool, bank(), key_shown="after_attempts", attempts="3")
    first = lesson.problems[0]
    author, reader, stuck = lesson.join(), lesson.join(), lesson.join()
    answer_all(lesson, author, RIGHT)
    for kind in ("explanation", "worked_example"):
        mark = f"PEER{kind.partition('_')[0].upper()}MARK is what a classmate wrote, and it is longer than sixty signs."
        form = {"kind": kind, "text": mark, "likely": "yes"}
        assert lesson.post(f"/practice/{{a}}/problems/{first}/explain", author, form).status_code == 200
    assert leaks(lesson, reader, WRITTEN_BY_CLASSMATES) == {}
    answer_all(lesson, reader, WRONG[:1])
    assert leaks(lesson, reader, WRITTEN_BY_CLASSMATES) == {}
    answer_all(lesson, reader, RIGHT[:1], 2)
    assert marks(lesson, reader, WRITTEN_BY_CLASSMATES) == {b"PEEREXPLANATIONMARK"}
    for number in range(1, 4):
        answer_all(lesson, stuck, WRONG[:1], number)
    helped = lesson.post(f"/practice/{{a}}/problems/{first}/help", stuck, {"occasion": "0"})
    assert set(WRITTEN_BY_CLASSMATES.findall(helped.data)) == {b"PEEREXPLANATIONMARK", b"PEERWORKEDMARK"}


def test_the_page_does_not_depend_on_which_choice_is_right(tool: Tool) -> None:
    """Two problems that differ in nothing but their key have one page, but for their numbers."""
    twins: list[Problem] = [
        OneChoice(
            name="Twin",
            text=text("Which?"),
            choices=tuple(Choice(text("abc"[place]), float(place == right)) for place in range(3)),
            shuffle=False,
        )
        for right in (0, 2)
    ]
    twins += [ShortText(name="Short", text=text("Which?"), answers=(TextAnswer(word),)) for word in ("a", "bbbbbb")]
    twins += [Number(name="Many", text=text("Which?"), answers=(NumberAnswer(word),)) for word in ("7", "12.5")]
    lesson = Lesson(tool, twins, key_shown="after_due", due_at=(tool.clock() + timedelta(days=1)).isoformat())
    student = lesson.join()

    def page(problem: int) -> tuple[str, list[tuple[str, str]]]:
        response = lesson.get(f"/practice/{{a}}/problems/{problem}", student)
        body = re.sub(rf"(problems/|after=){problem}\b", r"\1N", response.text)
        return body, [(name, value) for name, value in response.headers if name != "Heirloom-Address"]

    for one, other in zip(lesson.problems[::2], lesson.problems[1::2], strict=True):
        assert page(one) == page(other)


def test_a_link_of_another_activity_does_not_open_the_key(tool: Tool) -> None:
    """The same problems in an activity that shows the key at once: what was learned there stays there."""
    due = (tool.clock() + timedelta(days=1)).isoformat()
    lesson = Lesson(tool, bank(), key_shown="after_due", due_at=due)
    link = {"resource_link": {"id": "link-2"}}
    teacher = tool.session(**link, roles=INSTRUCTOR, sub="teacher")["token"]
    open_to_all = {"title": "Open", "problem": lesson.problems}
    assert lesson.post("/teach/new", teacher, open_to_all).status_code == 200
    student = lesson.join()
    assert leaks(lesson, student) == {}
