"""`heirloom problems`: a course's problem bank, from the terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text
from sqlalchemy import select

from core.activities import problems
from core.problems import files
from core.store.tables import Course, Platform
from heirloom import clock
from heirloom.terminal import WRONG, CannotDo, console, database, show, words


@click.group("problems")
def problems_group() -> None:
    """A course's problem bank."""


@problems_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--course",
    "course_id",
    type=int,
    help="The course's number (see `heirloom problems courses`). Without it the file is only checked.",
)
def problems_import(file: Path, course_id: int | None) -> None:
    """Import a GIFT, Moodle XML or CSV file, with a report a question. A damaged file changes nothing (exit code 1).

    \b
    Examples:
      heirloom problems import algebra.gift              (checks it and stores nothing)
      heirloom problems import algebra.gift --course 3
    """
    imported = files.read(file.read_bytes(), file.name)
    stored: list[int] = []
    if course_id is not None:
        with database() as opened, opened.write() as session:
            if session.get(Course, course_id) is None:
                raise CannotDo(f"There is no course {course_id}. `heirloom problems courses` lists them.")
            if not imported.broken:
                stored = problems.store_import(session, course_id, imported, now=clock.now())
    for line in imported.report:
        console.print(
            Text.assemble((line.outcome, "bold"), f" line {line.line}: ", words(line.name or line.type)), soft_wrap=True
        )
        for note in (*((line.reason,) if line.reason else ()), *line.lost, *line.cautions):
            console.print(Text("    ").append_text(words(note)), soft_wrap=True)
    if imported.broken:
        console.print(words(f"The file is damaged, so nothing was imported: {imported.broken}"), soft_wrap=True)
        sys.exit(WRONG)
    taken = sum(line.outcome == "taken" for line in imported.report)
    done = f"{len(stored)} stored" if course_id is not None else "none stored, because no --course was named"
    click.echo(f"{taken} of {len(imported.report)} questions can be taken; {done}.")
    sys.exit(WRONG if taken < len(imported.report) else 0)


@problems_group.command("courses")
def problems_courses() -> None:
    """The courses that have been launched, with their numbers.

    \b
    Example:
      heirloom problems courses
    """
    table = Table("course", "title", "platform")
    with database() as opened, opened.read() as session:
        for row in session.execute(
            select(Course.id, Course.title, Platform.public_id)
            .join(Platform, Platform.id == Course.platform_id)
            .order_by(Course.id)
        ):
            table.add_row(str(row.id), words(row.title), row.public_id)
    show(table)
