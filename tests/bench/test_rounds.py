"""How rounds become figures."""

from __future__ import annotations

import pytest

from bench import launches, requests, rounds
from bench.load import Times
from bench.rounds import Plan, Round, Side


def a_round(p50: float, *, web: float = 2.0, database: float = 0.0) -> Round:
    return Round(Times(p50, 2 * p50, 1000 / p50, 10), web, database)


def test_figures_are_medians_over_the_rounds() -> None:
    found = rounds.medians([a_round(10.0, web=1.0), a_round(40.0, web=5.0), a_round(20.0, web=3.0, database=9.0)])
    assert found == {"p50": 20.0, "p95": 40.0, "per_second": 50.0, "web_ms": 3.0, "database_ms": 0.0}


def test_a_ratio_is_of_medians_and_its_spread_is_of_single_rounds() -> None:
    product = [a_round(20.0), a_round(30.0), a_round(90.0)]
    yardstick = [a_round(10.0), a_round(20.0), a_round(15.0)]
    found = rounds.compared(product, yardstick)
    assert found["ratio"] == pytest.approx(30 / 15)
    assert (found["ratio_lowest"], found["ratio_highest"]) == (pytest.approx(1.5), pytest.approx(6.0))


def test_the_ratio_of_processor_time_counts_the_database_server_too() -> None:
    product, yardstick = [a_round(1.0, web=6.0, database=2.0)], [a_round(1.0, web=1.0, database=1.0)]
    assert rounds.compared(product, yardstick)["ratio_cpu"] == pytest.approx(4.0)


def test_the_two_take_turns_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    said: list[str] = []

    def one(side: Side, plan: Plan) -> Round:
        order.append(side.name)
        return a_round(20.0 if side.name == "a" else 10.0)

    monkeypatch.setattr(rounds, "one", one)
    sides = (Side(name, None, None, lambda *_: []) for name in "ab")  # type: ignore[arg-type]  # never asked
    plan = Plan(connections=300, rounds=2, warm=1, counted=3)
    found = rounds.in_turn("SQLite", *sides, plan, said.append)
    assert order == ["a", "b", "a", "b"]
    assert len(said) == plan.steps
    assert said[0] == "SQLite: a, 300 connections, round 1 of 2"
    assert (found["connections"], found["rounds"], found["ratio"]) == (300, 2, 2.0)


def test_warm_jobs_cost_processor_time_as_well() -> None:
    assert Plan(connections=10, rounds=1, warm=1, counted=4).jobs == 50


def test_no_student_runs_out_of_problems() -> None:
    """Every plan gives each student fewer answers than the activity has problems."""
    for plans in (requests.FULL, requests.QUICK):
        turns = sum(plan.rounds * -(-plan.jobs // requests.STUDENTS) for plan in (requests.WARM_UP, *plans))
        assert turns < 47


def test_a_whole_run_has_every_database_and_both_parts_of_a_launch() -> None:
    assert requests.steps(quick=False) == 2 * (1 + sum(2 * plan.rounds for plan in requests.FULL))
    assert launches.steps(quick=False) == 1 + 2 * 2 * launches.FULL.rounds
