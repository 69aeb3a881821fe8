"""Product and yardstick under the same load in turn, so that whatever else the machine does meets both."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from bench.load import Job, Times, run
from bench.servers import Running

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is asked: so many connections, so many rounds, in each so many jobs a connection."""

    connections: int
    rounds: int
    warm: int  # the first jobs of each connection, which are not counted
    counted: int

    @property
    def jobs(self) -> int:
        return self.connections * (self.warm + self.counted)

    @property
    def steps(self) -> int:
        """How often `in_turn` says what it does."""
        return 2 * self.rounds


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a server, its database server if it has one, and jobs(url, connections, jobs a connection)."""

    name: str
    server: Running
    database: Running | None
    jobs: Callable[[str, int, int], list[list[Job]]]


@dataclass(frozen=True, slots=True)
class Round:
    """One load on one side: its times, and milliseconds of processor a job, of the web and of the database server."""

    times: Times
    web_ms: float
    database_ms: float


def in_turn(title: str, product: Side, yardstick: Side, plan: Plan, say: Say) -> dict[str, object]:
    """What `compared` says after all rounds. `title` stands before what is said."""
    rounds: dict[str, list[Round]] = {product.name: [], yardstick.name: []}
    for number in range(1, plan.rounds + 1):
        for side in (product, yardstick):
            say(f"{title}: {side.name}, {plan.connections} connections, round {number} of {plan.rounds}")
            rounds[side.name].append(one(side, plan))
    found = compared(rounds[product.name], rounds[yardstick.name])
    return {"connections": plan.connections, "rounds": plan.rounds, **found}


def one(side: Side, plan: Plan) -> Round:
    """One round on one side."""
    people = side.jobs(side.server.url, plan.connections, plan.warm + plan.counted)
    web, database = _used(side.server), _used(side.database)
    times = run(side.server.url, people, warm=plan.warm)
    each = 1000 / plan.jobs
    return Round(times, (_used(side.server) - web) * each, (_used(side.database) - database) * each)


def compared(product: Sequence[Round], yardstick: Sequence[Round]) -> dict[str, object]:
    """The medians of each over the rounds, and their ratio, with the smallest and the largest ratio of one round.

    `ratio` is of the times at the median, `ratio_cpu` of the processor's time a job, which other work on the machine
    hardly changes.
    """
    one, other = medians(product), medians(yardstick)
    each = [a.times.p50 / b.times.p50 for a, b in zip(product, yardstick, strict=True)]
    return {
        "product": one,
        "yardstick": other,
        "ratio": one["p50"] / other["p50"],
        "ratio_lowest": min(each),
        "ratio_highest": max(each),
        "ratio_cpu": (one["web_ms"] + one["database_ms"]) / (other["web_ms"] + other["database_ms"]),
    }


def medians(rounds: Sequence[Round]) -> dict[str, float]:
    """The median over the rounds of each figure."""
    times = [asdict(round_.times) for round_ in rounds]
    return {
        **{name: _middle(one[name] for one in times) for name in ("p50", "p95", "per_second")},
        "web_ms": _middle(round_.web_ms for round_ in rounds),
        "database_ms": _middle(round_.database_ms for round_ in rounds),
    }


def _used(server: Running | None) -> float:
    return server.cpu_seconds() if server else 0.0


def _middle(values: Iterable[float]) -> float:
    return float(statistics.median(values))
