"""`heirloom archive`: what is public, closed or written into a folder from the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from core.activities.consents import Consent
from core.store.database import Database
from core.store.tables import Decision, Item
from heirloom.archive_command import LIST
from heirloom.cli import cli
from tests.core.activities.gallery_hall import Gallery
from tests.heirloom.test_cli import environment
from tests.lti_tool.atom_rules import complaints

DATABASES = ("sqlite",)


@pytest.fixture
def gallery(database: Database) -> Gallery:
    gallery = Gallery(database)
    gallery.open_archive()
    for name in ("one", "two"):
        gallery.public(gallery.students[0], name)
    return gallery


def slug(gallery: Gallery) -> str:
    face = gallery.face()
    assert face is not None
    return face.slug


def typed(database_url: str, *command: str) -> Result:
    return CliRunner().invoke(cli, ["archive", *command], env=environment(database_url))


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_archives_are_listed(gallery: Gallery, database_url: str) -> None:
    done = typed(database_url, "list")
    assert done.exit_code == 0, done.output
    for words in (slug(gallery), "yes", "2", "Persuasion around us", "mail@example.org"):
        assert words in done.output


def test_a_folder_is_written_and_brought_up_to_date(gallery: Gallery, database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "www" / "persuasion"
    done = typed(database_url, "export", slug(gallery), str(folder))
    assert done.exit_code == 0, done.output
    first = files(folder)
    assert len(first) == 4 + 2 + 1 + 1  # front page, style, icon, feed; items; a picture; the list
    assert complaints((folder / "feed.atom").read_bytes()) == []
    (folder / ".htaccess").write_text("theirs", encoding="utf-8")
    with gallery.database.read() as session:
        number, public_id = session.execute(
            select(Item.contribution_id, Item.public_id).where(Item.title == "one")
        ).one()
    item = f"item-{public_id}.html"
    gallery.agree(gallery.students[0], number, Consent(""))
    again = typed(database_url, "export", slug(gallery), str(folder))
    assert "1 that are no longer public were removed" in again.output
    assert files(folder) == (first - {item}) | {".htaccess"}
    assert "one" not in (folder / "index.html").read_text(encoding="utf-8").split("<main")[1].split("</main")[0]


def test_an_export_that_was_killed_leaves_nothing_unknown(gallery: Gallery, database_url: str, tmp_path: Path) -> None:
    typed(database_url, "export", slug(gallery), str(tmp_path / "site"))
    stale = tmp_path / "site" / "item-stale.html"
    stale.write_text("taken back", encoding="utf-8")
    with (tmp_path / "site" / LIST).open("a", encoding="utf-8") as names:
        names.write("item-stale.html\n../outside.txt\n/etc/passwd\n")
    (tmp_path / "outside.txt").write_text("theirs", encoding="utf-8")
    assert typed(database_url, "export", slug(gallery), str(tmp_path / "site")).exit_code == 0
    assert not stale.exists()
    assert (tmp_path / "outside.txt").exists()


def test_what_cannot_be_done_is_said(gallery: Gallery, database_url: str, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.txt").write_text("theirs", encoding="utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / LIST).write_text("another-archive\nindex.html\n", encoding="utf-8")
    for command, said in (
        (("export", "nowhere", str(tmp_path / "x")), "No open archive is called nowhere"),
        (("export", slug(gallery), str(full)), "is not empty"),
        (("export", slug(gallery), str(tmp_path / "other")), "holds the archive another-archive"),
        (("export", slug(gallery), str(tmp_path / "x"), "--language", "tlh"), "no catalogue for tlh"),
        (("close", "nowhere", "--reason", "x"), "no archive of this name"),
    ):
        done = typed(database_url, *command)
        assert done.exit_code == 2
        assert said in done.output
    assert files(full) == {"thesis.txt"}
    assert not (tmp_path / "x").exists()


def test_an_operator_closes_an_archive_and_the_reason_is_kept(
    gallery: Gallery, database_url: str, tmp_path: Path
) -> None:
    name = slug(gallery)
    for _ in range(2):
        assert typed(database_url, "close", name, "--reason", "A letter").exit_code == 0
    assert "no" in typed(database_url, "list").output
    assert typed(database_url, "export", name, str(tmp_path / "x")).exit_code == 2
    with gallery.database.read() as session:
        rows = session.execute(
            select(Decision.action, Decision.reason, Decision.teacher_id).where(Decision.action == "close_archive")
        ).all()
    assert [tuple(row) for row in rows] == [("close_archive", "A letter", None)]
    assert gallery.open_archive().slug == name  # its teachers can open it again
