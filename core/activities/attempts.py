"""One noun: the attempt. What a person answered to a problem of an activity, stored once and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.activities import practice_rules
from core.activities.practice_rules import Standing, Try
from core.activities.seats import Practice, Seat
from core.problems import texts
from core.problems.grading import Response
from core.problems.kinds import ChoiceProblem, Problem
from core.store.database import PerDialect, run
from core.store.tables import Attempt


@dataclass(frozen=True, slots=True)
class Made:
    """One attempt: the response, how it reads in words, and what the rules need to know of it."""

    response: Response
    said: str  # kept beside the response, so that it can be read even after the problem was changed
    judged: Try


def of(session: Session, seat: Seat, practice: Practice, problem_id: int) -> list[Made]:
    """This person's attempts at a problem, in order."""
    rows = run(session, _OF, activity=practice.id, person=seat.person_id, problem=problem_id)
    return [
        Made(
            _response(row.response),
            row.response["said"],
            Try(row.number, row.fraction, row.right, row.counts, row.response["key_shown"]),
        )
        for row in rows
    ]


_OF = (
    select(Attempt.number, Attempt.response, Attempt.fraction, Attempt.right, Attempt.counts)
    .where(
        Attempt.activity_id == bindparam("activity"),
        Attempt.person_id == bindparam("person"),
        Attempt.problem_id == bindparam("problem"),
    )
    .order_by(Attempt.number)
)


def standing(practice: Practice, made: Sequence[Made], now: datetime) -> Standing:
    """Where a person with these attempts stands with the problem."""
    return practice_rules.standing(practice.settings, [one.judged for one in made], now)


def tries(
    session: Session, practice: Practice, person_id: int | None = None
) -> Mapping[int, Mapping[int, Sequence[Try]]]:
    """All tries of the activity, of one person or of everybody, by person and then by problem."""
    rows = (
        run(session, _TRIES, activity=practice.id)
        if person_id is None
        else run(session, _TRIES_OF_ONE, activity=practice.id, person=person_id)
    )
    found: dict[int, dict[int, list[Try]]] = {}
    for row in rows:
        one = Try(row.number, row.fraction, row.right, row.counts, row.key_shown)
        found.setdefault(row.person_id, {}).setdefault(row.problem_id, []).append(one)
    return found


_TRIES = (
    select(
        Attempt.person_id,
        Attempt.problem_id,
        Attempt.number,
        Attempt.fraction,
        Attempt.right,
        Attempt.counts,
        Attempt.response["key_shown"].as_boolean().label("key_shown"),
    )
    .where(Attempt.activity_id == bindparam("activity"))
    .order_by(Attempt.person_id, Attempt.problem_id, Attempt.number)
)
_TRIES_OF_ONE = _TRIES.where(Attempt.person_id == bindparam("person"))


def store(session: Session, seat: Seat, practice: Practice, problem_id: int, made: Made, *, now: datetime) -> bool:
    """Keep an attempt; gives whether it is new. Its number is unique, so a double submit changes nothing."""
    judged, response = made.judged, made.response
    added = run(
        session,
        _STORE,
        activity_id=practice.id,
        problem_id=problem_id,
        person_id=seat.person_id,
        number=judged.number,
        response={
            "choices": list(response.choices),
            "text": response.text,
            "unit": response.unit,
            "said": made.said,
            "key_shown": judged.key_shown,
        },
        fraction=judged.fraction,
        right=judged.right,
        counts=judged.counts,
        created_at=now,
    )
    return added.scalar() is not None


_STORE = PerDialect(lambda insert: insert(Attempt).on_conflict_do_nothing().returning(Attempt.id))


def in_words(problem: Problem, response: Response) -> str:
    """A response as its author would say it."""
    if isinstance(problem, ChoiceProblem):
        return "; ".join(texts.words(problem.choices[place].text) for place in response.choices)
    return f"{response.text} {response.unit}".strip()


def _response(stored: Mapping[str, Any]) -> Response:
    return Response(tuple(stored["choices"]), stored["text"], stored["unit"])
