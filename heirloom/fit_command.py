"""`heirloom fit`: learn who stays, from a course or from a file, and write down how far that can be trusted."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from core.activities import fitting
from core.activities.fitting import Fitted
from core.activities.staying import OUTCOMES
from core.store.tables import Course
from core.survival import card as cards
from core.survival.card import Point
from core.survival.hazard import Hazard
from core.survival.log import Log
from core.survival.shipped import SHIPPED
from heirloom import clock
from heirloom.terminal import CannotDo, console, database, show
from lti_tool import charts

REQUIRED = ("person", "task", "at", "outcome")
OPTIONAL = ("seconds", "category", "subcategory", "remaining")


@click.command("fit")
@click.option("--course", "course_id", type=int, help="The course's number (see `heirloom problems courses`).")
@click.option(
    "--log",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file instead of a course; nothing is stored.",
)
@click.option("--done", is_flag=True, help="The file has only tasks that were done; predict whether one more follows.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="A folder for the cards and their pictures."
)
@click.option("--seed", type=int, default=2015, show_default=True, help="Of how people are dealt into folds.")
def fit(course_id: int | None, file: Path | None, done: bool, out: Path | None, seed: int) -> None:
    """Learn who stays for one more problem, and say how often that was right on people who were held back.

    From a course the models are put into force at once; the worker does the same where enough is new. Without --course
    and --log: every course in which enough is new.

    \b
    A file names its columns in its first line: person, task, at (seconds, or a date and time), outcome (right, wrong,
    answered, skipped, left), and where known: seconds, category, subcategory, remaining.

    \b
    Examples:
      heirloom fit
      heirloom fit --course 3 --out models
      heirloom fit --log answers.csv --out models
    """
    if course_id is not None and file is not None:
        raise CannotDo("Name a course or a file, not both.")
    if done and file is None:
        raise CannotDo("--done says something about a file: name it with --log.")
    rng = np.random.default_rng(seed)
    if file is not None:
        report(_fitted(read(file, offered=not done), file.name, SHIPPED, rng), out)
        return
    with database() as opened:
        with opened.read() as session:
            if course_id is not None and session.get(Course, course_id) is None:
                raise CannotDo(f"There is no course {course_id}. `heirloom problems courses` lists them.")
            courses = fitting.due(session, now=clock.now()) if course_id is None else [course_id]
        for course in courses:
            with opened.read() as session:
                log = fitting.read(session, course, now=clock.now())
                start = fitting.start_of(session, course)
            fitted = _fitted(log, f"course {course}", start, rng)
            with opened.write() as session:
                fitting.keep(session, course, fitted, now=clock.now())
            report(fitted, None if out is None else out / f"course-{course}")
    if not courses:
        click.echo(
            f"Nothing to do: a course needs {fitting.FEWEST_ROWS} problems shown to {fitting.FEWEST_PEOPLE} people, "
            "and a tenth more than the last time."
        )


def read(file: Path, *, offered: bool) -> Log:
    """A log from a CSV file. Raises CannotDo, which names the line and says what is wrong there."""
    columns: dict[str, list[Any]] = {name: [] for name in (*REQUIRED, *OPTIONAL)}
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if missing := [name for name in REQUIRED if name not in (rows.fieldnames or ())]:
                raise CannotDo(f"{file.name} has no column {', '.join(missing)}. Its first line must name the columns.")
            for row in rows:
                _append(columns, row, f"{file.name}, line {rows.line_num}")
    except (UnicodeDecodeError, csv.Error) as error:
        raise CannotDo(f"{file.name} is not a CSV file in UTF-8: {error}.") from error
    if not columns["person"]:
        raise CannotDo(f"{file.name} has no rows.")
    named = {name: np.array(values) for name, values in columns.items() if name not in OPTIONAL or any(values)}
    seconds = named.pop("seconds", None)
    try:
        return Log.arranged(
            person=_numbers(named["person"]),
            task=_numbers(named["task"]),
            at=named["at"],
            outcome=named["outcome"],
            category=_numbers(named["category"]) if "category" in named else 0,
            subcategory=_numbers(named["subcategory"]) if "subcategory" in named else None,
            seconds=np.nan if seconds is None else np.array([float(one) if one else np.nan for one in seconds]),
            remaining=np.array([int(one or 0) for one in columns["remaining"]]),
            offered=offered,
        )
    except ValueError as error:
        raise CannotDo(f"{file.name}: {error}") from error


def _append(columns: Mapping[str, list[Any]], row: Mapping[str, str | None], where: str) -> None:
    for name, values in columns.items():
        said = (row.get(name) or "").strip()
        if name == "outcome":
            if said not in OUTCOMES:
                raise CannotDo(f"{where}: “{said}” is no outcome. Write one of {', '.join(OUTCOMES)}.")
            values.append(int(OUTCOMES[said]))
        elif name == "at":
            values.append(_seconds(said, where))
        elif name in {"seconds", "remaining"}:
            if said and not said.replace(".", "", 1).isdigit():
                raise CannotDo(f"{where}: “{said}” is no number. Leave {name} empty where it is not known.")
            values.append(said)
        elif name in REQUIRED and not said:
            raise CannotDo(f"{where}: {name} is empty. Every row needs one.")
        else:
            values.append(said)


def _seconds(said: str, where: str) -> float:
    """A number of seconds, or a date and time (UTC unless it names a zone)."""
    try:
        return float(said)
    except ValueError:
        pass
    try:
        when = datetime.fromisoformat(said)
    except ValueError as error:
        raise CannotDo(f"{where}: “{said}” is neither a number of seconds nor a date and time.") from error
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _numbers(names: NDArray[Any]) -> NDArray[np.intp]:
    """The same number for the same name."""
    return np.unique(names, return_inverse=True)[1].reshape(-1)


def _fitted(log: Log, data: str, start: Hazard, rng: np.random.Generator) -> list[Fitted]:
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("")
        try:
            return fitting.fit(
                log,
                data,
                start=start,
                rng=rng,
                now=clock.now(),
                step=lambda what: progress.update(task, description=f"{what}, {len(log):,} rows"),
            )
        except ValueError as error:
            raise CannotDo(f"{data} cannot be learned from: {error}") from error


def report(fitted: Sequence[Fitted], out: Path | None) -> None:
    """Show how good the models are; with `out`, write cards, models and pictures there."""
    table = Table("model", "AUC", "95 % interval", "over the index", "Brier skill", "calibration error", "by chance")
    for one in fitted:
        found = one.card.get("accuracy")
        if found is None:
            table.add_row(one.name, *["–"] * 6)
            continue
        low, high = found["interval"]
        table.add_row(
            one.name,
            f"{found['auc']:.3f}",
            f"{low:.3f} – {high:.3f}",
            f"{found['gain']:+.3f}",
            f"{found['skill']:.4f}",
            f"{found['error']:.4f}",
            f"{found['noise']:.4f}",
        )
    show(table)
    if out is None:
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        for one in fitted:
            (out / f"{one.name}.json").write_text(json.dumps({"weights": one.weights, "card": one.card}), "utf-8")
        ours = cards.from_json(json.dumps(fitted[0].card))
        (out / "card.md").write_text(cards.markdown(ours), "utf-8")
        for name, points in (("calibration", ours.calibration), ("quantiles", ours.quantiles)):
            (out / f"{name}.svg").write_text(str(_picture(name, points)), "utf-8")
    except OSError as error:
        raise CannotDo(f"{out} cannot be written: {error.strerror}.") from error
    click.echo(f"Written to {out}: card.md, calibration.svg, quantiles.svg, and a file for each model.")


def _picture(name: str, points: Sequence[Point]) -> Markup:
    return charts.calibration(
        charts.buckets(points),
        title={"calibration": "Calibration", "quantiles": "Q-Q plot"}[name],
        description="Chance of staying that was predicted, against the share that stayed.",
        across="predicted",
        up="stayed",
        alone=True,
    )
