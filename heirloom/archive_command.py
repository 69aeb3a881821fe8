"""`heirloom archive`: the public archives of galleries, listed, closed, written into folders for other servers."""

from __future__ import annotations

import re
from pathlib import Path

import click
from flask import g
from rich.table import Table
from sqlalchemy import select

from core import languages
from core.activities import archive, archive_pages
from core.activities.refusals import NotFound
from core.store.tables import Activity, Archive, Course
from heirloom import clock
from heirloom.terminal import CannotDo, database, settings, show, words
from lti_tool import archive_site
from lti_tool.app import create_app

LIST = "heirloom-archive.txt"  # in the folder: which archive, and one name a line of every file that we wrote
_OURS = re.compile(r"(?:pictures/)?[A-Za-z0-9_-]+\.[a-z]+")


@click.group("archive")
def archive_group() -> None:
    """Public archives of galleries."""


@archive_group.command("list")
def archive_list() -> None:
    """Every archive with its address.

    \b
    Example:
      heirloom archive list
    """
    table = Table("archive", "open", "items", "title", "course", "contact")
    with database() as opened, opened.read() as session:
        for row in session.execute(
            select(Archive, Course.title)
            .join(Activity, Activity.id == Archive.activity_id)
            .join(Course, Course.id == Activity.course_id)
            .order_by(Archive.slug)
        ):
            face = row.Archive
            number = archive_pages.page(session, face.slug, 1).total if face.is_open else 0
            table.add_row(
                face.slug,
                "yes" if face.is_open else "no",
                str(number),
                words(face.title),
                words(row.title),
                words(face.contact),
            )
    show(table)


@archive_group.command("close")
@click.argument("slug")
@click.option("--reason", required=True, help="Kept with the decision; the teachers see it.")
def archive_close(slug: str, reason: str) -> None:
    """Close an archive at once, for its teachers do not answer. They can open it again.

    \b
    Example:
      heirloom archive close persuasion-3f2a1b --reason "Complaint of 3 May, letter 17"
    """
    with database() as opened, opened.write() as session:
        archive.close(session, slug, reason=reason, now=clock.now())
    click.echo("Closed. Nobody can read it any more; nothing is lost.")


@archive_group.command("export")
@click.argument("slug")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--language", "spoken", default=languages.SOURCE, show_default=True, help="Of the pages' own words.")
def archive_export(slug: str, folder: Path, spoken: str) -> None:
    """Write an archive into a folder as plain pages, pictures and a feed, which any web server can show.

    Run it again to bring the folder up to date: what was taken back or taken out meanwhile leaves it. Other files in
    the folder stay as they are.

    \b
    Examples:
      heirloom archive export persuasion-3f2a1b /srv/www/persuasion
      heirloom archive export persuasion-3f2a1b site --language de
    """
    chosen = languages.choose(spoken)
    if chosen is None:
        raise CannotDo(f"There is no catalogue for {spoken}. There is one for: {', '.join(languages.available())}.")
    before = _known(folder, slug)
    with database() as opened:
        app = create_app(settings(), opened, now=clock.now)
        with app.app_context(), opened.read() as session:
            g.language = chosen
            try:
                face = archive_pages.face(session, slug)
            except NotFound as error:
                raise CannotDo(f"No open archive is called {slug}. `heirloom archive list` names them.") from error
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "pictures").mkdir(exist_ok=True)
            written = []
            with (folder / LIST).open("a", encoding="utf-8") as names:
                names.write("" if before else f"{slug}\n")
                for name, data in archive_site.files(session, face, settings().url):
                    names.write(f"{name}\n")  # first the name: a file that is not on the list would never leave
                    names.flush()
                    (folder / name).write_bytes(data)
                    written.append(name)
    gone = sorted(before - set(written))
    for name in gone:
        (folder / name).unlink(missing_ok=True)
    (folder / LIST).write_text("\n".join([slug, *written, ""]), encoding="utf-8")
    click.echo(f"{len(written)} files in {folder}; {len(gone)} that are no longer public were removed.")


def _known(folder: Path, slug: str) -> set[str]:
    """What an earlier export wrote there. Raises CannotDo for a folder that is somebody else's."""
    if not folder.exists() or not any(folder.iterdir()):
        return set()
    try:
        first, *names = (folder / LIST).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise CannotDo(f"{folder} is not empty, and no earlier export of ours. Name an empty folder.") from error
    if first != slug:
        raise CannotDo(f"{folder} holds the archive {first}. Name another folder for {slug}.")
    return {name for name in names if _OURS.fullmatch(name)}
