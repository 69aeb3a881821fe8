"""The tables say what was measured."""

from __future__ import annotations

import io
import json
import platform
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import __main__ as command
from bench import machine, report, slack
from bench.figures import Figure

FAST = {"p50": 4.56, "p95": 9.87, "per_second": 208.4, "web_ms": 3.21, "database_ms": 0.0}
SLOW = {"p50": 1234.5, "p95": 2000.0, "per_second": 45.67, "web_ms": 12.34, "database_ms": 5.678}
RATIOS = {"ratio": 2.55, "ratio_lowest": 2.44, "ratio_highest": 2.66, "ratio_cpu": 2.0, "rounds": 3}
ASKED: dict[str, Any] = {"connections": 300, "product": SLOW, "yardstick": FAST, **RATIOS}
RESULTS: dict[str, Any] = {
    "machine": machine.described(command.web_server(), now=datetime(2026, 12, 1, tzinfo=UTC)),
    "requests": [
        {"database": "SQLite 3", **ASKED},
        {"database": "SQLite 3", **ASKED, "connections": 1, "memory_mib": 123.4, "yardstick_memory_mib": 87.6},
    ],
    "launches": [{"part": "login to session", "requests": 4, "yardstick_requests": 2, "key_bits": 2048, **ASKED}],
    "decision": [{"texts": 100_000, "choose_ms": 45.67, "thompson_ms": 0.123, "error": 2.3e-15}],
}


def test_requests_stand_beside_the_bare_page_with_their_ratio() -> None:
    table = report.requests(RESULTS["requests"])
    assert table.rows[0] == (
        "Heirloom",
        "SQLite 3",
        "300",
        "1,234",
        "2,000",
        "45.7",
        "12.3 + 5.68",
        "2.5 (2.4–2.7)",
        "2.0",
    )
    assert table.rows[1] == ("bare page", "SQLite 3", "300", "4.56", "9.87", "208", "3.21", "1", "1")


def test_a_figure_of_the_core_says_whether_its_aim_was_met() -> None:
    one = Figure("crowd", "Dawid-Skene", "crowd-kit", "1e6", 0.5, 6.0, "s", 12.0, ">= 10x", True, "equal posteriors")
    none = replace(one, peer=None, met=None, note="", ratio=0.00012)
    missed = replace(one, met=False)
    rows = report.core("crowd", [asdict(figure) for figure in (one, none, missed)]).rows
    assert rows[0] == ("Dawid-Skene", "crowd-kit", "1e6", "s", ">= 10x", "yes", "equal posteriors", "0.5", "6", "12")
    assert rows[1][5:] == ("", "", "0.5", "", "1.2e-04")
    assert rows[2][5] == "no"


def test_one_round_has_no_spread() -> None:
    assert report.requests([{"database": "SQLite 3", **ASKED, "rounds": 1}]).rows[0][7] == "2.5"


def test_memory_is_that_after_the_last_load() -> None:
    assert report.memory(RESULTS["requests"]).rows == (("SQLite 3", "123", "88"),)


def test_launches_say_how_many_requests_each_side_needs() -> None:
    table = report.launches(RESULTS["launches"])
    assert [row[:3] for row in table.rows] == [
        ("Heirloom", "login to session", "4"),
        ("PyLTI1p3", "login and message", "2"),
    ]
    assert "2048 bits" in table.about


def test_a_decision_with_its_error() -> None:
    assert report.decision(RESULTS["decision"]).rows == (("100,000", "45.7", "2e-15", "0.12"),)


def test_a_hall_has_a_line_for_each_class() -> None:
    rows = [asdict(slack.Found("SQLite", 300, 300, 0, 0, 12.3, 45.6, 78.9, 12, 0, 210.0))]
    table = report.hall("slack", rows)
    assert table.rows == (("SQLite", "300", "300", "0", "0", "12.3", "45.6", "78.9", "12", "0", "210"),)
    assert (table.words, table.columns[:3]) == (1, ("database", "people", "acknowledged"))


def test_a_wall_has_two_lines_for_each_way_to_ask() -> None:
    rows = [{"database": "SQLite", "what": "weight", "wall": 1}, {"what": "no news", **RESULTS["requests"][0]}]
    assert [row[:2] for row in report.wall(rows).rows] == [("Heirloom", "no news"), ("bare page", "no news")]


def test_every_row_has_a_cell_for_every_column() -> None:
    found = report.tables(RESULTS)
    assert len(found) == 4
    assert all(len(row) == len(table.columns) for table in found for row in table.rows)


def test_a_part_that_was_not_measured_has_no_table() -> None:
    assert [table.title for table in report.tables({"decision": RESULTS["decision"]})] == ["The decision alone"]


def test_both_files_are_written_from_the_same_results(tmp_path: Path) -> None:
    command.write(RESULTS, tmp_path)
    assert json.loads((tmp_path / "results.json").read_text()) == RESULTS
    page = (tmp_path / "results.md").read_text()
    assert (
        "| texts | decision ms | largest error of a chance | Thompson draw ms |\n| ---: | ---: | ---: | ---: |" in page
    )
    assert "| Heirloom | login to session | 4 | 1,234 |" in page
    assert report.READING in page


def test_the_terminal_shows_the_same_cells() -> None:
    shown = io.StringIO()
    Console(file=shown, width=command.WIDTH).print(report.drawn(RESULTS))
    cells = [cell for table in report.tables(RESULTS) for row in table.rows for cell in row]
    assert [cell for cell in cells if cell not in shown.getvalue()] == []


def test_nothing_names_the_machine_or_a_path() -> None:
    told = json.dumps(RESULTS["machine"])
    assert platform.node() not in told
    assert str(Path.home()) not in told
    assert str(Path(__file__).parents[2]) not in told
    assert RESULTS["machine"]["web_threads"] == 16
