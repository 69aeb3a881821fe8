"""German is complete: every sentence is there, takes the same values, and reaches people."""

from __future__ import annotations

import re
import shlex
import shutil
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from core import languages
from tests.bad_input.lesson import Lesson
from tests.house.test_translations import of_makefile, spelt, template
from tests.tool import TOOL, Tool

KEYS_KNOWN = True
DATABASES = ("sqlite",)
CATALOGUE = languages.CATALOGUES / "de" / "LC_MESSAGES" / "heirloom.po"
PLACE = re.compile(r"%\(\w+\)s|%%|\{\{|\}\}|\{\w+(?:![rsa])?(?::[^{}]*)?\}")  # where a value or a brace goes


def german() -> Catalog:
    return read_po(BytesIO(CATALOGUE.read_bytes()), locale="de")


def said(message: Message) -> list[str]:
    """A translation: one and many where it counts."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


def held(catalogue: Catalog) -> dict[tuple[str, ...], list[str]]:
    return {tuple(spelt(message)): said(message) for message in catalogue if message.id}


def test_every_sentence_is_translated() -> None:
    catalogue = german()
    wanted = {tuple(spelt(message)) for message in template() if message.id}
    assert set(held(catalogue)) == wanted, "run `make messages` and translate what is new"
    missing = [message.id for message in catalogue if message.id and not all(said(message))]
    assert missing == []
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    assert catalogue.plural_expr == "(n != 1)"


def test_translations_take_the_values_of_their_sentences() -> None:
    for message in german():
        if message.id:
            for text, spoken in zip(spelt(message), said(message), strict=True):
                assert sorted(PLACE.findall(spoken)) == sorted(PLACE.findall(text)), spoken
                assert spoken.count("\\") == text.count("\\"), spoken
                assert spoken == spoken.strip(), spoken
    assert [str(error) for _, errors in german().check() for error in errors] == []


def test_one_way_to_write() -> None:
    """Quotation marks are „…“, and no line ends before a per cent sign."""
    for spoken in (text for message in german() if message.id for text in said(message)):
        assert not re.search(r"[“”]", re.sub(r"„[^„“]*“", "", spoken)), spoken
        assert not re.search(r"[\d}s] %(?!\()", spoken), spoken


def test_what_is_read_is_what_was_written() -> None:
    """The compiled catalogue is that of the text."""
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert held(compiled) == held(german()), "run `make messages`"


def test_catalogue_is_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make messages` would change nothing."""
    copy = tmp_path / "translations"
    shutil.copytree(languages.CATALOGUES, copy)
    words = shlex.split(of_makefile("update"))
    words[words.index("-d") + 1] = str(copy)
    monkeypatch.chdir(languages.CATALOGUES.parents[1])
    CommandLineInterface().run(words)
    made = copy / CATALOGUE.relative_to(languages.CATALOGUES)
    assert made.read_text(encoding="utf-8") == CATALOGUE.read_text(encoding="utf-8"), "run `make messages`"


def test_students_read_german(tool: Tool) -> None:
    assert "de" in languages.available()
    lesson = Lesson(tool)
    locale = {"locale": "de-AT", "return_url": "https://lms.example/course/1"}
    token = tool.session(sub="learner-de", launch_presentation=locale)["token"]
    begun = lesson.get("/practice/{a}", token)
    assert "Beginnen" in begun.text
    assert "Begin<" not in begun.text
    assert ">offen</span>" in begun.text
    answered = lesson.answer(token, choice=1)
    for words in ("Nicht richtig.", "Die richtige Antwort:", "So hat es jemand aus dem Kurs erklärt", "\\(x^2\\)"):
        assert words in answered.text
    other = lesson.answer(lesson.join(), choice=1).text  # the same course, another language
    assert "Not right." in other
    assert "Nicht richtig." not in other


def test_pages_without_a_session_speak_the_browsers_german(tool: Tool) -> None:
    page = tool.browser().get("/p/p1/open", headers={"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"}, base_url=TOOL).text
    assert '<html lang="de" dir="ltr">' in page
    assert "Zum Inhalt springen" in page
