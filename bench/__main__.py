"""`make bench`: all parts, or those that are named. A whole run writes results.json and results.md."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bench import (
    crowd,
    items,
    launches,
    machine,
    policies,
    polls,
    questions,
    report,
    requests,
    selection,
    slack,
    survival,
    volunteers,
    wall,
)
from core.settings import Settings
from heirloom import clock

CORE = {
    "selection": policies.figures,
    "survival": survival.figures,
    "crowd": crowd.figures,
    "volunteers": volunteers.figures,
    "questions": questions.figures,
    "items": items.figures,
}
HALLS = {"polls": polls.measure, "slack": slack.measure}
PARTS = ("requests", "launches", "decision", "wall", *HALLS, *CORE)
SIZES, QUICK_SIZES = (10, 1_000, 100_000), (10, 1_000)
WIDTH = 124  # of the widest table, in characters
HERE = Path(__file__).parent


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--quick", is_flag=True, help="Fewer and smaller runs, and no PostgreSQL.")
def main(parts: tuple[str, ...], quick: bool) -> None:
    """Measure Heirloom beside the plainest program that does a comparable job. Without PARTS: everything.

    A whole run writes bench/results.json and bench/results.md; with --quick or with PARTS it only shows its tables.
    """
    console = Console()
    chosen = parts or PARTS
    results: dict[str, Any] = {"machine": machine.described(web_server(), now=clock.now())}
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        sizes = QUICK_SIZES if quick else SIZES
        counts = {
            "requests": requests.steps(quick=quick),
            "launches": launches.steps(quick=quick),
            "decision": len(sizes),
            "wall": wall.steps(quick=quick),
            "polls": polls.steps(quick=quick),
            "slack": slack.steps(quick=quick),
            **dict.fromkeys(CORE, 1),
        }
        task = progress.add_task("", total=sum(counts[part] for part in chosen), completed=-1)

        def say(text: str) -> None:
            progress.update(task, description=text, advance=1)

        if "requests" in chosen:
            results["requests"] = requests.measure(quick=quick, say=say)
        if "launches" in chosen:
            results["launches"] = launches.measure(quick=quick, say=say)
        if "decision" in chosen:
            results["decision"] = selection.decisions(sizes, say)
        if "wall" in chosen:
            results["wall"] = wall.measure(quick=quick, say=say)
        for part in (part for part in chosen if part in HALLS):
            results[part] = [asdict(one) for one in HALLS[part](quick=quick, say=say)]
        for part in (part for part in chosen if part in CORE):
            found = CORE[part](lambda text: progress.update(task, description=text), quick=quick)
            results[part] = [asdict(one) for one in found]
            progress.advance(task)
    Console(width=max(console.width, WIDTH)).print(report.drawn(results))
    if not parts and not quick:
        write(results, HERE)
        console.print("Written: bench/results.json, bench/results.md")


def write(results: dict[str, Any], directory: Path) -> None:
    """Both files."""
    (directory / "results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    (directory / "results.md").write_text(report.markdown(results), encoding="utf-8")


def web_server() -> dict[str, object]:
    """The numbers of the product's web server where nobody sets them; both sides of each comparison have them."""
    defaults = Settings(url="", secret_keys=())
    return {"web_processes": defaults.web_processes, "web_threads": defaults.web_threads}


if __name__ == "__main__":
    main()
