"""The results as tables: one description of them for the terminal and for `results.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.table import Table as Drawn
from rich.text import Text

from bench.figures import short

Results = Mapping[str, Any]
CORE = {
    "selection": "Choosing texts (core/selection)",
    "survival": "Who stays: fitting and asking (core/survival)",
    "crowd": "What the crowd believes (core/crowd)",
    "volunteers": "Choosing tasks: simulated volunteers",
    "questions": "The order of questions: rank correlation with simulated true interest, and bias of age",
    "items": "What a class believes of an item, beside the mean of its ratings",
}
HALLS = {
    "polls": (
        "A class votes in ten seconds",
        "Everybody once, at a random moment; two web processes. Lost: told that it is saved, and not counted. Stale: "
        "from the last answer until a hall that looks on shows every vote. Times in ms.",
    ),
    "slack": (
        "A class votes in Slack in ten seconds",
        "Clicks signed as Slack signs them; two web processes and a worker; a Web API that takes 100 ms a call and "
        "refuses more than Tier 3 allows. Late: acknowledged after three seconds. Stale: from the last "
        "acknowledgement until the message in the channel showed every vote. Times in ms.",
    ),
}
READING = """\
How to read it: 300 people who each send the next request as soon as the last was answered wait in one queue, so their
times are mostly waiting; what the work itself takes stands at one connection and under "CPU". A ratio is Heirloom's
time at the median divided by the yardstick's in the same run, with the smallest and the largest of a round, because
absolute times say more about the machine than about the program.
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of words; the first `words` columns are text, the others numbers."""

    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


def tables(results: Results) -> list[Table]:
    """A table for each part that was measured."""
    found = []
    if "requests" in results:
        found += [requests(results["requests"]), memory(results["requests"])]
    if "launches" in results:
        found.append(launches(results["launches"]))
    if "decision" in results:
        found.append(decision(results["decision"]))
    if "wall" in results:
        found.append(wall(results["wall"]))
    found += [hall(part, results[part]) for part in HALLS if part in results]
    found += [core(part, results[part]) for part in CORE if part in results]
    return found


def requests(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Two lines a row: Heirloom and the bare page."""
    lines: list[tuple[str, ...]] = []
    for row in rows:
        here = (row["database"], str(row["connections"]))
        lines.append(("Heirloom", *here, *_times(row["product"]), *_ratios(row)))
        lines.append(("bare page", *here, *_times(row["yardstick"]), "1", "1"))
    return Table(
        "Answer → explanation",
        "A student's answer is judged and stored, an explanation drawn, the grade moved, the page rendered. Beside it "
        "a bare Flask and SQLAlchemy page that writes one row and reads one, on the same server and the same kind of "
        "database. Aim: at most 3 times its time at the median.",
        (
            "",
            "database",
            "connections",
            "p50 ms",
            "p95 ms",
            "requests/s",
            "CPU ms, web + database",
            "ratio",
            "ratio of CPU",
        ),
        tuple(lines),
        words=2,
    )


def memory(rows: Sequence[Mapping[str, Any]]) -> Table:
    """One line a database, from the row that was measured last."""
    measured = [row for row in rows if "memory_mib" in row]
    return Table(
        "Memory of the web process after these loads",
        "Resident, MiB.",
        ("database", "Heirloom", "bare page"),
        tuple((row["database"], f"{row['memory_mib']:.0f}", f"{row['yardstick_memory_mib']:.0f}") for row in measured),
    )


def launches(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Two lines a row: Heirloom and the minimal tool."""
    lines: list[tuple[str, ...]] = []
    for row in rows:
        lines.append(("Heirloom", row["part"], str(row["requests"]), *_times(row["product"]), *_ratios(row)))
        yardstick = ("PyLTI1p3", "login and message", str(row["yardstick_requests"]))
        lines.append((*yardstick, *_times(row["yardstick"]), "1", "1"))
    return Table(
        "LTI 1.3 launches",
        f"{rows[0]['connections']} connections, RSA keys of {rows[0]['key_bits']} bits, key sets known. Heirloom keeps "
        "state, nonce, person, role and session in SQLite and trades a one-time code for a token; the minimal "
        "PyLTI1p3 tool keeps state and launch data in memory and is done after the message.",
        ("", "part", "requests", "p50 ms", "p95 ms", "launches/s", "CPU ms", "ratio", "ratio of CPU"),
        tuple(lines),
        words=2,
    )


def wall(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Two lines a row: Heirloom and the bare page. The weight of the pages stands in results.json."""
    lines: list[tuple[str, ...]] = []
    for row in (row for row in rows if "product" in row):
        here = (row["what"], row["database"], str(row["connections"]))
        lines.append(("Heirloom", *here, *_times(row["product"]), *_ratios(row)))
        lines.append(("bare page", *here, *_times(row["yardstick"]), "1", "1"))
    return Table(
        "One wall of questions",
        "A page that asks whether there is news, and a vote with the list after it; beside it a bare Flask page.",
        ("", "what", "database", "connections", "p50 ms", "p95 ms", "requests/s", "CPU ms", "ratio", "ratio of CPU"),
        tuple(lines),
        words=3,
    )


def hall(part: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """One line a class."""
    title, about = HALLS[part]
    lines = tuple(
        tuple(_short(cell) if isinstance(cell, float) else str(cell) for cell in row.values()) for row in rows
    )
    words = sum(isinstance(cell, str) for cell in rows[0].values())
    return Table(title, about, tuple(rows[0]), lines, words=words)


def decision(rows: Sequence[Mapping[str, Any]]) -> Table:
    """One line a size of pool."""
    return Table(
        "The decision alone",
        "Belief, every text's exact chance of being shown, one draw. Beside it a Thompson draw from the same belief, "
        "whose chance nobody knows.",
        ("texts", "decision ms", "largest error of a chance", "Thompson draw ms"),
        tuple(
            (f"{row['texts']:,}", _short(row["choose_ms"]), f"{row['error']:.0e}", _short(row["thompson_ms"]))
            for row in rows
        ),
        words=0,
    )


def core(part: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """One line a figure; what is missed says so."""
    met = {None: "", True: "yes", False: "no"}
    return Table(
        CORE[part],
        "A ratio is what the aim speaks of. Times are medians of repeats on one thread, ours and the peer's in the "
        "same run; qualities are of simulated classes with fixed seeds.",
        ("what", "against", "size", "unit", "aim", "met", "note", "ours", "peer", "ratio"),
        tuple(
            (
                *(str(row[name]) for name in ("what", "against", "size", "unit", "aim")),
                met[row["met"]],
                row["note"],
                short(row["ours"]),
                "" if row["peer"] is None else short(row["peer"]),
                short(row["ratio"]),
            )
            for row in rows
        ),
        words=7,
    )


def markdown(results: Results) -> str:
    """`results.md`."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    parts = [
        "# How fast\n",
        "Written by `make bench`; the figures with all digits are in [results.json](results.json).\n",
        f"{machine['date']}, {machine['processor']}, {machine['processors']} processors, {machine['memory_gib']} GiB, "
        f"{machine['system']}, load {machine['load_at_start']} at the start; Python {machine['python']}, {versions}. "
        f"Each web server: {machine['web_processes']} process, {machine['web_threads']} threads. The load runs on the "
        "same machine.\n",
        READING,
    ]
    for table in tables(results):
        parts += [f"## {table.title}\n", f"{table.about}\n", _markdown(table)]
    return "\n".join(parts)


def drawn(results: Results) -> Group:
    """The same tables for a terminal."""
    shown: list[Text | Drawn] = []
    for table in tables(results):
        one = Drawn(title=table.title, title_justify="left")
        for place, column in enumerate(table.columns):
            one.add_column(column, justify="left" if place < table.words else "right")
        for row in table.rows:
            one.add_row(*row)
        shown.append(one)
    return Group(*shown)


def _markdown(table: Table) -> str:
    rule = ["---" if place < table.words else "---:" for place in range(len(table.columns))]
    lines = [table.columns, rule, *table.rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _times(one: Mapping[str, float]) -> tuple[str, str, str, str]:
    web, database = _short(one["web_ms"]), one["database_ms"]
    cpu = f"{web} + {_short(database)}" if database else web
    return _short(one["p50"]), _short(one["p95"]), _short(one["per_second"]), cpu


def _ratios(row: Mapping[str, Any]) -> tuple[str, str]:
    spread = f" ({row['ratio_lowest']:.1f}–{row['ratio_highest']:.1f})" if row["rounds"] > 1 else ""
    return f"{row['ratio']:.1f}{spread}", f"{row['ratio_cpu']:.1f}"


def _short(value: float) -> str:
    """Three digits, or all before the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
