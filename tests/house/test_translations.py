"""Every sentence that people read can be translated: it is in the template of the catalogues, and a catalogue reaches
it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup, NavigableString

from core import languages
from core.problems.kinds import Choice, FreeText, Number, NumberAnswer, OneChoice, Problem, ShortText, TextAnswer, Unit
from tests.bad_input.lesson import Lesson, plain
from tests.lms import INSTRUCTOR
from tests.tool import TOOL, Tool

KEYS_KNOWN = True
DATABASES = ("sqlite",)
ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "core" / "translations" / "heirloom.pot"
PSEUDO = "qps"  # a language for tests: every message in brackets
SPOKEN = re.compile(r"⟦[^⟦⟧]*⟧")
SAID_IN_ATTRIBUTES = ("aria-label", "alt", "title", "placeholder", "data-short", "data-enough")
NAMES = re.compile(
    r"Heirloom|\bUTC\b|GIFT|Moodle XML|help@tool\.example|\(?\bTA(?:_[A-Z]+)*\)?"
)  # called so in every language


def template() -> Catalog:
    return read_po(BytesIO(TEMPLATE.read_bytes()))


def spelt(message: Message) -> list[str]:
    """A message id: singular and plural where it counts."""
    return [message.id] if isinstance(message.id, str) else list(message.id)


def of_makefile(command: str) -> str:
    """How `make messages` calls a command of pybabel."""
    (line,) = re.findall(
        rf"^\t@\$\(BIN\)/(pybabel --quiet {command} .*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    return str(line)


def test_template_of_the_catalogues_is_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make messages` would change nothing."""
    made = tmp_path / "heirloom.pot"
    command = [str(made) if word.endswith("heirloom.pot") else word for word in shlex.split(of_makefile("extract"))]
    monkeypatch.chdir(ROOT)
    CommandLineInterface().run(command)
    assert made.read_text(encoding="utf-8") == TEMPLATE.read_text(encoding="utf-8"), "run `make messages`"


def test_messages_can_be_filled() -> None:
    """Each has one kind of place for values, and what is in a page writes a percent sign twice."""
    messages = [
        text
        for message in template()
        if message.id
        for text in ([message.id] if isinstance(message.id, str) else message.id)
    ]
    assert len(messages) > 500
    for text in messages:
        assert not ("%(" in text and re.search(r"\{\w+\}", text)), text
        if "%(" in text:
            assert text % dict.fromkeys(re.findall(r"%\((\w+)\)s", text), 1)
        elif "{" in text:
            text.format_map(dict.fromkeys(re.findall(r"\{(\w+)", text), 1))


@pytest.fixture
def pseudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of the pseudo-language in a folder of its own."""
    spoken = Catalog(locale="en")
    for message in template():
        if message.id:
            said = [f"⟦{text}⟧" for text in spelt(message)]
            spoken.add(message.id, said[0] if len(said) == 1 else said)
    folder = tmp_path / PSEUDO / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "heirloom.mo").open("wb") as file:
        write_mo(file, spoken)
    monkeypatch.setattr(languages, "CATALOGUES", tmp_path)


def unspoken(page: str) -> set[str]:
    """Words in a page that no catalogue said. What people wrote is Greek in these tests, so Latin letters are ours."""
    soup = BeautifulSoup(page, "html.parser")
    texts = ["\n".join(str(text) for text in soup.find_all(string=True) if type(text) is NavigableString)]
    for name in SAID_IN_ATTRIBUTES:
        texts += [str(element[name]) for element in soup.find_all(attrs={name: True})]
    found = set()
    for text in texts:
        left = text
        while SPOKEN.search(left):
            left = SPOKEN.sub("", left)
        found |= {line.strip() for line in NAMES.sub("", left).splitlines() if re.search(r"[A-Za-z]{2}", line)}
    return found


def greek() -> list[Problem]:
    return [
        OneChoice(
            name="Ένα",
            text=plain("Τι είναι;"),
            choices=(Choice(plain("άλφα"), 1.0, plain("ναι")), Choice(plain("βήτα"), 0.0, plain("όχι"))),
            shuffle=False,
            solution=plain("διότι"),
        ),
        OneChoice(
            name="Αληθές",
            text=plain("Αληθές;"),
            choices=(Choice(plain("True"), 1.0), Choice(plain("False"), 0.0)),
            shuffle=False,
            numbering="none",
            true_false=True,
        ),
        Number(
            name="Πόσο",
            text=plain("Πόσο;"),
            answers=(NumberAnswer("42"), NumberAnswer(None, fraction=0.5)),
            units=(Unit("χ"), Unit("ψ", 2.0)),
            unit_policy="optional",
            unit_input="menu",
        ),
        ShortText(name="Λέξη", text=plain("Ποια;"), answers=(TextAnswer("λόγος"), TextAnswer("μύθος"))),
        FreeText(name="Γιατί", text=plain("Γιατί;"), max_words=100),
    ]


def open_as(tool: Tool, **changes: object) -> str:
    presentation = {"locale": PSEUDO, "return_url": "https://lms.example/course/1"}
    token: str = tool.session(launch_presentation=presentation, **changes)["token"]
    return token


def student_pages(lesson: Lesson, token: str) -> Iterator[tuple[str, str]]:
    """(what was asked, what came) on a student's way through everything."""
    answers = [{"choice": "1"}, {"choice": "0"}, {"text": "1,5", "unit": "χ"}, {"text": "όχι"}, {"text": "έτσι"}]

    def get(path: str) -> tuple[str, str]:
        return path, lesson.get(path, token).text

    def post(path: str, **form: str) -> tuple[str, str]:
        return f"POST {path} {form}", lesson.post(path, token, form).text

    yield get("/practice/{a}")
    yield get("/practice/{a}/problems")
    for problem, answer in zip(lesson.problems, answers, strict=True):
        path = f"/practice/{{a}}/problems/{problem}"
        yield get(path)
        yield post(f"{path}/answer", number="1")
        yield post(f"{path}/answer", number="x")
        yield post(f"{path}/answer", number="2", **answer)
        yield post(f"{path}/help", occasion="0")
        yield post(f"{path}/answer", number="1", **answer)
        yield post(f"{path}/answer", number="2", **answer)
        yield post(f"{path}/another", occasion="0")
        yield post(f"{path}/help", occasion="1")
        yield post(f"{path}/draft/explanation", text="ω")
        yield post(f"{path}/explain", kind="explanation", text="ω" * 10, likely="yes")
        yield post(f"{path}/explain", kind="explanation", text="ω" * 80, likely="no")
        yield post(f"{path}/explain", kind="explanation", text="ω" * 81, likely="yes")
        yield post(f"{path}/explain", kind="worked_example", text="ω" * 82, likely="yes")
        yield post(f"{path}/explain", kind="explanation", text="ω" * 9000, likely="yes")
        yield get(path)
    yield get("/practice/{a}/problems")
    for row in range(1, 8):
        yield post(f"/practice/{{a}}/shown/{row}/rate", rating="7")
        yield post(f"/practice/{{a}}/shown/{row}/rate", rating="70")
        yield post(f"/practice/{{a}}/check/{row}", fine="yes")
        yield post(f"/practice/{{a}}/problems/{lesson.problems[0]}/report/{row}", reason="")
        yield post(f"/practice/{{a}}/problems/{lesson.problems[0]}/withdraw/{row}")
    for path in ("/practice/other", "/images/1", "/teach/{a}", "/practice/{a}/problems/4711"):
        yield get(path)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"key_shown": "after_due", "due_at": "2026-12-02T09:00"},
        {"key_shown": "after_attempts", "attempts": "2", "examples_shown": "after_wrong", "moderation": "after_peers"},
        {"two_votes": "on", "has_two_votes": "1", "moderation": "after_teacher"},
    ],
    ids=lambda settings: "-".join(settings) or "defaults",
)
def test_a_catalogue_says_everything_that_students_read(tool: Tool, pseudo: None, settings: dict[str, str]) -> None:
    title = {"context": {"id": "c1", "title": "Μάθημα"}, "name": "Λ", "resource_link": {"id": "link-1", "title": "Λ"}}
    lesson = Lesson(tool, greek(), **settings)
    lesson.post("/teach/{a}/settings", lesson.teacher, {"title": "Άσκηση"})
    for problem in lesson.problems:
        form = {"kind": "hint", "text": "υ" * 70}
        assert lesson.post(f"/teach/{{a}}/problems/{problem}/write", lesson.teacher, form).status_code == 200
    spoken = 0
    for learner in ("learner-a", "learner-b", "learner-c"):
        token = open_as(tool, sub=learner, **title)
        for asked, page in student_pages(lesson, token):
            assert unspoken(page) == set(), asked
            spoken += page.count("⟦")
    assert spoken > 500


def test_a_catalogue_says_everything_that_teachers_read(tool: Tool, pseudo: None) -> None:
    title = {"context": {"id": "c1", "title": "Μάθημα"}, "name": "Δ", "resource_link": {"id": "link-1", "title": "Λ"}}
    lesson = Lesson(tool, greek())
    lesson.post("/teach/{a}/settings", lesson.teacher, {"title": "Άσκηση"})
    for learner in ("learner-a", "learner-b"):
        token = open_as(tool, sub=learner, **title)
        for _ in student_pages(lesson, token):
            pass
    token = open_as(tool, sub="teacher", roles=INSTRUCTOR, **title)
    first = lesson.problems[0]
    pages = ["", "/class", "/staying", "/review", "/bank", "/settings", f"/problems/{first}", f"/problems/{first}/edit"]
    pages += [f"/problems/new/{kind}" for kind in ("one_choice", "number", "short_text", "free_text")]
    for path in [f"/teach/{{a}}{page}" for page in pages] + ["/teach/new", "/practice/{a}"]:
        assert unspoken(lesson.get(path, token).text) == set(), path
    for form in ({"points": "x"}, {"title": ""}, {"title": "Άσκηση", "attempts": "99"}, {"title": "Ά", "points": "9"}):
        assert unspoken(lesson.post("/teach/{a}/settings", token, form).text) == set(), form


def test_a_catalogue_says_what_comes_before_a_session(tool: Tool, pseudo: None) -> None:
    browser = tool.browser()
    spoken = {"Accept-Language": PSEUDO, "Accept": "text/html"}
    for method, path in (
        ("GET", "/p/p1/open"),
        ("GET", "/lti/login"),
        ("POST", "/lti/launch"),
        ("GET", "/lti/register"),
        ("GET", "/x"),
    ):
        page = browser.open(path, method=method, headers=spoken, base_url=TOOL).text
        assert f'<html lang="{PSEUDO}"' in page
        assert unspoken(page) == set(), path
    assert "⟦" not in browser.get("/p/p1/open", base_url=TOOL).text  # nobody else hears it
