"""What the tool stored and the campus received, compared with what was acknowledged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from core.store.database import Database
from core.store.tables import Attempt, Contribution, Exposure, Grade, Person
from tests.system.processes import House
from tests.system.students import Student


def once(values: Iterable[Any]) -> set[Any]:
    """The values, none of which may be there twice."""
    listed = list(values)
    assert len(listed) == len(set(listed))
    return set(listed)


def check_everything_stored(database: Database, students: Sequence[Student]) -> None:
    """What was acknowledged is stored, each once, and nothing else is."""
    with database.read() as session:
        subjects = {row.subject: row.id for row in session.execute(select(Person.subject, Person.id))}
        attempts = session.execute(select(Attempt.person_id, Attempt.problem_id, Attempt.number)).all()
        ratings = session.execute(select(Exposure.id, Exposure.points).where(Exposure.points.is_not(None))).all()
        texts = session.execute(select(Contribution.person_id, Contribution.problem_id, Contribution.text)).all()
    people = [(subjects[str(student.person)], student.done) for student in students]
    assert once(map(tuple, attempts)) == {(person, *attempt) for person, done in people for attempt in done.attempts}
    assert once(map(tuple, ratings)) == {rating for _, done in people for rating in done.ratings.items()}
    assert once(map(tuple, texts)) == {(person, *text) for person, done in people for text in done.texts.items()}
    assert len(ratings) > len(students) / 2  # the class did rate
    assert len(texts) > len(students) / 2  # and write


def grades(database: Database, condition: ColumnElement[bool]) -> int:
    """How many scores there are of a kind."""
    with database.read() as session:
        return session.scalars(select(func.count()).select_from(Grade).where(condition)).one()


def unsent(database: Database) -> int:
    """How many scores are not in the gradebook as they should be."""
    return grades(database, Grade.sent_version < Grade.version)


def calls(here: House, endpoint: str, after: int = 0) -> list[dict[str, Any]]:
    """The requests that one of the campus's services received, in their order; those behind a number."""
    found: list[dict[str, Any]] = here.stage.ask("GET", f"/calls?endpoint={endpoint}&after={after}")
    return found


def check_gradebook(here: House, database: Database, students: int) -> None:
    """The gradebook shows exactly the newest scores, and took none twice or out of order."""
    book = here.stage.ask("GET", f"/courses/{here.course}/gradebook")
    (column,) = book["line_items"]
    shown = {row["person_id"]: row["grades"][column["id"]]["shown"] for row in book["rows"] if row["grades"]}
    with database.read() as session:
        query = select(Person.subject, Grade.score, Grade.status).join(Person, Person.id == Grade.person_id)
        rows = session.execute(query).all()
    assert shown == {row.subject: row.score for row in rows}
    assert len(shown) == students
    assert {row.status for row in rows} == {"sent"}
    taken: dict[str, list[str]] = {}
    for call in calls(here, "scores"):
        if call["status"] == 200:
            score = json.loads(call["body"])
            taken.setdefault(score["userId"], []).append(score["timestamp"])
    assert all(stamps == sorted(once(stamps)) for stamps in taken.values())


def check_recount(here: House) -> None:
    """`heirloom check` counts everything anew and finds no difference."""
    checked = here.tool.run("check")
    assert (checked.returncode, checked.stdout.strip()) == (0, "No difference."), checked.stdout + checked.stderr
