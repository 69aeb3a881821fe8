"""Scripts and fonts of others lie here unchanged, with version and licence; no page loads anything from elsewhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.bad_input.lesson import Lesson
from tests.bad_input.test_doors import addresses
from tests.tool import TOOL

KEYS_KNOWN = True
DATABASES = ("sqlite",)
ROOT = Path(__file__).parents[2]
STATIC = ROOT / "lti_tool" / "static"
VENDOR = STATIC / "vendor"
OWN_PAGES = (ROOT / "lti_tool" / "templates", ROOT / "sandbox" / "campus" / "templates")
LOADS = ("src", "srcset", "poster", "data", "background", "manifest")  # attributes by which a browser fetches by itself
FOREIGN = re.compile(r"""(?:https?:)?//[^\s"'<>)]+""")


def sums() -> dict[Path, str]:
    lines = (VENDOR / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    return {VENDOR / name.removeprefix("*"): digest for digest, name in (line.split(maxsplit=1) for line in lines)}


def vendored() -> list[Path]:
    return sorted(path for path in VENDOR.rglob("*") if path.is_file() and path.name not in {"README.md", "SHA256SUMS"})


def test_vendored_files_are_unchanged_and_all_are_known() -> None:
    known = {path.resolve(): digest for path, digest in sums().items()}
    assert sorted(known) == [path.resolve() for path in vendored()]
    for path, digest in known.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest, path.name


def table() -> list[tuple[str, str, str, str]]:
    """(file, package, version, licence) of each line of the README's table."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", (VENDOR / "README.md").read_text(), re.MULTILINE)
    return [row for row in rows if row[0] != "file" and not row[0].startswith("-")]


def test_every_vendored_file_has_a_version_and_a_licence() -> None:
    told = {re.split(r"[ /(]", row[0])[0]: row for row in table()}
    for path in vendored():
        name = path.relative_to(VENDOR).parts[0]
        if name.endswith(".LICENSE"):
            continue
        _file, package, version, licence = told[name]
        assert package.startswith("npm ")
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        (kept,) = re.findall(r"\((\S+LICENSE)\)", licence)
        words = (VENDOR / kept).read_text(encoding="utf-8")
        assert {"0BSD": "Zero-Clause BSD", "MIT": "MIT License"}[licence.split()[0]] in words


def test_versions_are_those_of_the_files() -> None:
    versions = {row[0].split()[0]: row[2] for row in table()}
    assert f'version:"{versions["htmx.min.js"]}"' in (VENDOR / "htmx.min.js").read_text(encoding="utf-8")
    assert f'"{versions["katex/"]}"' in (VENDOR / "katex" / "katex.min.js").read_text(encoding="utf-8")


def test_style_sheets_and_own_scripts_name_no_other_place() -> None:
    own = [path for path in STATIC.rglob("*") if path.suffix in {".css", ".js"} and VENDOR not in path.parents]
    assert len(own) >= 4
    for path in [*own, VENDOR / "katex" / "katex.min.css"]:
        source = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert "@import" not in source, path.name
        for address in re.findall(r"url\(([^)]*)\)", source):
            assert not FOREIGN.match(address.strip("\"'")), path.name
        assert not FOREIGN.search(re.sub(r"http://www\.w3\.org/\S+|(?<![:\w])//.*", "", source)), path.name


def test_templates_name_no_other_place() -> None:
    pages = [path for folder in OWN_PAGES for path in folder.rglob("*.html")]
    assert len(pages) > 30
    for path in pages:
        source = path.read_text(encoding="utf-8")
        assert not FOREIGN.search(source), path.name
        for inline in (r"<style\b", r"\sstyle=", r"\son[a-z]+=", r"<script(?![^>]*\bsrc=)", r"javascript:"):
            assert not re.search(inline, source), (path.name, inline)


def loaded(page: str) -> Iterator[str]:
    """The addresses that a browser fetches for a page without being asked."""
    soup = BeautifulSoup(page, "html.parser")
    for attribute in LOADS:
        for element in soup.find_all(attrs={attribute: True}):
            yield str(element[attribute])
    for element in soup.find_all("link"):
        yield str(element["href"])


@pytest.fixture
def written(lesson: Lesson) -> Lesson:
    """A lesson in which somebody wrote pictures and frames of other places into every text."""
    evil = (
        "![x](https://evil.example/p.png) <img src=//evil.example/i.png> <iframe src=https://evil.example></iframe> "
        '<link rel=stylesheet href="https://evil.example/s.css"> <div style="background:url(//evil.example)">'
    )
    form = {"name": "N", "text": evil, "solution": evil, "choice_0": evil + "1", "choice_1": evil + "2", "right": "0"}
    for problem in lesson.problems:
        changed = lesson.post(f"/teach/{{a}}/problems/{problem}/edit", lesson.teacher, form)
        assert changed.status_code in {200, 422}
    author, reader = lesson.join(), lesson.join()
    for student in (author, reader):
        assert lesson.answer(student).status_code == 200
        kept = {"kind": "explanation", "text": evil + student, "likely": "yes"}
        assert lesson.post(f"/practice/{{a}}/problems/{lesson.choice}/explain", student, kept).status_code == 200
    return lesson


def test_no_page_loads_anything_from_elsewhere(written: Lesson) -> None:
    student = written.join()
    written.answer(student)
    seen = 0
    for rule, path in addresses(written):
        if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
            continue
        for token in (None, student, written.teacher):
            headers = {"Authorization": f"Bearer {token}", "HX-Request": "true"} if token else {"Accept": "text/html"}
            response = written.tool.browser().get(path, headers=headers, base_url=TOOL)
            policy = response.headers["Content-Security-Policy"]
            directives = dict(part.split(" ", 1) for part in policy.split("; "))
            assert directives["default-src"] == "'none'"
            for kind in ("script-src", "style-src", "font-src", "connect-src"):
                assert directives[kind] == "'self'"
            assert directives["img-src"] == "'self' data: blob:"
            assert "unsafe" not in policy
            if response.mimetype == "text/html":
                for address in loaded(response.text):
                    assert address.startswith("/static/"), (path, address)
                    seen += 1
    assert seen > 20
