"""A model card: what a fitted model is, what it was learned from, how good it is, and whom it does not know.

`card` gathers it, `to_json` and `from_json` keep it, `markdown` writes it for people. Words are message ids with their
parameters apart (`core.words`), so that a front end can translate them; `markdown` gives them in English unless told
how.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.survival.accuracy import Accuracy, calibration
from core.survival.hazard import EFFECTS, Hazard, Sample
from core.survival.log import Floats
from core.survival.rhythm import COLUMNS
from core.words import N_, Sentence

FEW_PEOPLE = 100  # below it the interval of the AUC is commonly wider than .1
FEW_LEAVERS = 50
WEAK = 0.6  # an AUC below it is little more than a toss

_HARDLY = N_("It hardly tells leavers from stayers: of 100 pairs it ranks {percent} rightly, and 50 would be chance.")

Translate = Callable[[Sentence], str]


@dataclass(frozen=True, slots=True)
class Point:
    """A calibration point: mean chance, share that stayed, rows."""

    predicted: float
    observed: float
    rows: int


@dataclass(frozen=True, slots=True)
class Term:
    """A column's weight in the model: SD of what it adds to the log-odds, and its correlation with that."""

    name: str
    spread: float
    direction: float


@dataclass(frozen=True, slots=True)
class Card:
    """All that a page about the model shows. `accuracy` None: there was too little to hold anything back."""

    name: str
    fitted_at: str  # ISO 8601
    data: str
    since: str
    until: str
    rows: int
    people: int
    stayed: float
    strength: float
    knots: int
    terms: tuple[Term, ...]
    accuracy: Accuracy | None
    calibration: tuple[Point, ...]
    quantiles: tuple[Point, ...]
    unknown: tuple[Sentence, ...]


def card(
    name: str,
    model: Hazard,
    rows: Sample,
    *,
    data: str,
    since: str,
    until: str,
    fitted_at: str,
    accuracy: Accuracy | None = None,
    chances: Floats | None = None,
) -> Card:
    """The card of a model fitted to `rows`; dates are ISO 8601 texts, handed in.

    `chances` (R,) are cross-validated ones, never the model's own for the rows it was fitted to, and `accuracy` is
    theirs; without them the card shows no calibration.
    """
    points: tuple[tuple[Point, ...], ...] = ((), ())
    if chances is not None:
        curves = (calibration(rows.stayed, chances), calibration(rows.stayed, chances, equal="width"))
        points = tuple(
            tuple(
                Point(float(a), float(b), int(n)) for a, b, n in zip(one.predicted, one.observed, one.rows, strict=True)
            )
            for one in curves
        )
    return Card(
        name,
        fitted_at,
        data,
        since,
        until,
        len(rows),
        len(np.unique(rows.person)),
        float(rows.stayed.mean()) if len(rows) else 0.0,
        model.setting.strength,
        model.setting.knots,
        terms(model, rows),
        accuracy,
        points[0],
        points[1],
        unknown(rows, accuracy),
    )


def terms(model: Hazard, rows: Sample) -> tuple[Term, ...]:
    """How much each column moves the chance among these rows, the weightiest first."""
    if not len(rows):
        return ()
    parts = model.contributions(rows)
    columns = np.column_stack(
        (rows.table, *(one.of(key) for one, key in zip(model.effects, (rows.category, rows.task), strict=True)))
    )
    found = []
    for name, column, part in zip((*COLUMNS, *EFFECTS), columns.T, parts.T, strict=True):
        found.append(Term(name, float(part.std()), _correlation(column, part)))
    return tuple(sorted(found, key=lambda term: -term.spread))


def unknown(rows: Sample, accuracy: Accuracy | None) -> tuple[Sentence, ...]:
    """What the model does not know, in sentences."""
    people, leavers = len(np.unique(rows.person)), int((~rows.stayed).sum())
    said = [
        Sentence(N_("It has seen nobody before their first task: for newcomers it says what was usual.")),
        Sentence(
            N_("Categories and tasks without rows count as average ones. It knows {count} categories."),
            {"count": len(np.unique(rows.category))},
        ),
        Sentence(N_("It says who stays as things went on, not what would happen if other tasks were given.")),
    ]
    if people < FEW_PEOPLE:
        said.append(
            Sentence(N_("Only {count} people: their habits may not be those of the next ones."), {"count": people})
        )
    if leavers < FEW_LEAVERS:
        said.append(
            Sentence(
                N_("Only {count} times somebody left: chances are mostly those it started from."), {"count": leavers}
            )
        )
    if accuracy is None:
        said.append(Sentence(N_("Nothing was held back, so nobody knows how good it is.")))
    elif accuracy.auc < WEAK:
        said.append(Sentence(_HARDLY, {"percent": round(100 * accuracy.auc)}))
    return tuple(said)


def to_json(one: Card) -> str:
    """The card as JSON."""
    values = asdict(one)
    values["unknown"] = [{"message": said.message, "values": dict(said.values)} for said in one.unknown]
    return json.dumps(values, ensure_ascii=False)


def from_json(text: str) -> Card:
    """The card that `to_json` wrote."""
    values: dict[str, Any] = json.loads(text)
    found = values["accuracy"]
    return Card(
        **{
            **values,
            "terms": tuple(Term(**term) for term in values["terms"]),
            "accuracy": None if found is None else Accuracy(**{**found, "interval": tuple(found["interval"])}),
            "calibration": _points(values["calibration"]),
            "quantiles": _points(values["quantiles"]),
            "unknown": tuple(Sentence(said["message"], said["values"]) for said in values["unknown"]),
        }
    )


def markdown(one: Card, translate: Translate = str) -> str:
    """The card for people."""

    def say(message: str, **values: object) -> str:
        return translate(Sentence(message, values))

    lines = [
        "# " + say(N_("Model card: {name}"), name=one.name),
        "",
        say(
            N_("Fitted {when} to {data}, {since} to {until}."),
            when=one.fitted_at,
            data=one.data,
            since=one.since,
            until=one.until,
        ),
        say(
            N_("{rows} moments of {people} people; after {share} % of them one more task was done."),
            rows=one.rows,
            people=one.people,
            share=f"{100 * one.stayed:.1f}",
        ),
        "",
    ]
    if one.accuracy is not None:
        found = one.accuracy
        lines += [
            "## " + say(N_("How good it is")),
            "",
            say(N_("Measured on people whom it had not seen.")),
            "",
            f"- AUC {found.auc:.3f} ({found.interval[0]:.3f} – {found.interval[1]:.3f}); {found.gain:+.3f} "
            + say(N_("over the index alone")),
            f"- {say(N_('Brier skill'))} {found.skill:.4f}",
            f"- {say(N_('calibration error'))} {found.error:.4f} ({say(N_('by chance alone'))} {found.noise:.4f})",
            "",
        ]
    if one.calibration:
        lines += [_row(say(N_("predicted")), say(N_("observed")), say(N_("moments"))), _row("---", "---", "---")]
        lines += [_row(f"{point.predicted:.3f}", f"{point.observed:.3f}", str(point.rows)) for point in one.calibration]
        lines.append("")
    lines += [
        "## " + say(N_("What it looks at")),
        "",
        _row(say(N_("column")), say(N_("weight")), say(N_("more of it means"))),
        _row("---", "---", "---"),
    ]
    for term in one.terms:
        means = say(N_("staying")) if term.direction > 0 else say(N_("leaving"))
        lines.append(_row(say(term.name), f"{term.spread:.2f}", means))
    lines += ["", "## " + say(N_("What it does not know")), ""]
    lines += [f"- {translate(said)}" for said in one.unknown]
    return "\n".join(lines) + "\n"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _points(values: Sequence[Mapping[str, Any]]) -> tuple[Point, ...]:
    return tuple(Point(**one) for one in values)


def _correlation(a: Floats, b: Floats) -> float:
    """Pearson's correlation; 0 where either does not vary."""
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0.0 else 0.0
