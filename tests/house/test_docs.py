"""What the documents name exists: settings, commands, make targets, files; and no file knows the machine it was
written on.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from bot.command import subcommands
from core.activities import practice_settings
from core.settings import Settings
from heirloom.cli import cli

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?<!-D )(?<!(?<!\S)/)\bheirloom ((?:[a-z][a-z-]* ?)+)((?:--[a-z-]+)?)")
IN_SLACK = re.compile(r"(?<!\S)/heirloom ([a-z]+)")
SPAN = re.compile(r"`([^`\n]+)`|^ {4,}(.+)$", re.MULTILINE)  # code in a sentence, or a block of it
BINARY = {".png", ".jpg", ".woff2", ".gz", ".ico"}


def files() -> list[Path]:
    """Every file of the repository, also those that are not committed yet."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git repository")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def documents() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


def code(document: Path) -> Iterator[str]:
    """What a document shows as code."""
    for span, block in SPAN.findall(document.read_text(encoding="utf-8")):
        yield span or block


def test_there_are_documents() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in documents()}
    assert names >= {"README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/operate.md", "docs/teach.md"}


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = unquote(target).partition("#")
        path = (document.parent / name) if name else document
        assert path.exists(), target
        assert ROOT in path.resolve().parents, target
        if heading:
            headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}, target


def test_every_setting_is_documented_with_its_default_and_no_other() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+) \| (.+) \|$", (ROOT / "docs/operate.md").read_text(), re.MULTILINE)
    known = {item.metadata["variable"]: item for item in fields(Settings)}
    assert {name for name, *_ in rows} == set(known)
    assert len(rows) == len(known)
    for name, meaning, default in rows:
        assert meaning.endswith("."), name
        value = known[name].default
        if value is MISSING:
            assert default == "required", name
        else:
            written = {bool: "no", tuple: "none"}.get(type(value), str(value) or "empty")
            assert default.strip("`") == written, name


def test_settings_named_elsewhere_exist() -> None:
    known = {item.metadata["variable"] for item in fields(Settings)}
    for document in documents():
        named = set(re.findall(r"\bHEIRLOOM_[A-Z_]*[A-Z]\b", document.read_text(encoding="utf-8")))
        assert named <= known, document


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = [line.strip() for document in documents() for line in code(document)]
    named = {target for line in shown for target in re.findall(r"^make ([a-z]+)", line)}
    assert named
    assert named <= targets


def resolved(words: list[str], option: str) -> str | None:
    """What is wrong with a command line, if anything."""
    command: click.Command = cli
    while words and isinstance(command, click.Group):
        if words[0] not in command.commands:
            return f"there is no command {words[0]!r}"
        command = command.commands[words.pop(0)]
    options = {name for parameter in command.params for name in parameter.opts} | {"--help", "--version"}
    if option and option not in options:
        return f"there is no option {option}"
    return None


def test_every_command_that_is_named_exists() -> None:
    seen = 0
    for document in documents():
        for shown in code(document):
            for words, option in COMMAND.findall(shown):
                assert resolved(words.split(), option) is None, (document.name, shown)
                seen += 1
    assert seen > 10


def test_every_command_of_slack_that_is_named_exists() -> None:
    named = {word for document in documents() for shown in code(document) for word in IN_SLACK.findall(shown)}
    assert {"link", "connect"} <= named <= set(subcommands())


def test_the_procfile_and_the_manual_name_the_same_processes() -> None:
    lines = re.findall(r"^(\w+): (.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE)
    rows = re.findall(r"^\| `(\w+)` \| `(heirloom .+?)` \|", (ROOT / "docs/operate.md").read_text(), re.MULTILINE)
    assert rows == lines
    assert all(resolved(command.split()[1:], "") is None for _name, command in lines)


def test_the_teachers_manual_names_every_choice() -> None:
    """Each setting that has named choices has a row, with as many choices (separated by semicolons) or more words."""
    told = (ROOT / "docs/teach.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", told, re.MULTILINE)
    assert len(rows) >= 7
    for setting in ("graded_by", "key_shown", "moderation", "examples_shown"):
        number = len(practice_settings.choices(setting))
        assert any(choices.count(";") + 1 >= number for _name, choices in rows), setting


def test_the_licence_of_every_folder_with_others_work_is_told() -> None:
    for folder in ("sandbox/course", "tests/fixtures/question_banks", "lti_tool/static/vendor"):
        readme = (ROOT / folder / "README.md").read_text(encoding="utf-8")
        assert re.search(r"licen[cs]e|CC BY|MIT|GPL|Apache|written for", readme, re.IGNORECASE), folder


def test_no_file_knows_where_it_was_written() -> None:
    """No path of somebody's machine, and no folder that is not here."""
    roots = ("work/", r"home/\w", r"Users/\w", "root/")
    forbidden = re.compile("|".join((*(rf"(?<![\w.])/{root}" for root in roots), "shared" + "/(?:design|lti|papers)")))
    for path in files():
        if path.suffix not in BINARY and path != Path(__file__):
            found = forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
            assert found is None, (path.relative_to(ROOT), found)


def test_no_document_promises_what_is_to_be_done() -> None:
    for path in documents():
        assert not re.search(r"\b(TODO|FIXME|XXX|TBD)\b", path.read_text(encoding="utf-8")), path
