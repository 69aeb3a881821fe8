"""Polls for tests: made and opened by a teacher of a hall, answered by its students, through the use cases."""

from __future__ import annotations

from typing import Any

from core.activities import poll_closing, poll_plans, poll_results, poll_votes, poll_writing, polls, seats
from core.activities.poll_results import Hidden, Result
from core.activities.poll_votes import Voted
from core.activities.polls import Poll
from core.activities.seats import Seat
from tests.core.activities.hall import Hall

FORMS: dict[str, dict[str, str]] = {
    "single": {"options": "Yes\nNo\nPerhaps"},
    "several": {"options": "Red\nGreen\nBlue", "most": "2"},
    "pair": {"options": "A\nB", "quorum": "5"},
    "rating": {"low": "1", "high": "5", "low_words": "not at all", "high_words": "very"},
    "number": {"low": "0", "high": "10", "step": "0.5", "unit": "m"},
    "ranking": {"options": "Tea\nCoffee\nWater"},
    "words": {"entries": "3", "language": "en"},
    "text": {"longest": "200"},
    "quiz": {"options": "I can add\nI can divide", "levels": "not yet\na little\nmostly\nwell"},
}


def make(hall: Hall, kind: str = "single", *, is_open: bool = True, **values: Any) -> int:
    """A poll of this kind; `values` are the form's, `True` for a ticked box."""
    form = {"prompt": "What do you think?", "results": "at_once", "may_change": True, **FORMS[kind], **values}
    plan = poll_plans.plan(kind, {name: str(value) for name, value in form.items() if value is not False})
    poll_id = hall.do(poll_writing.make, hall.teacher, plan, now=hall.now)
    if is_open:
        hall.do(poll_closing.open_poll, hall.teacher, poll_id, now=hall.now)
    return poll_id


def look(hall: Hall, poll_id: int, seat: Seat | None = None) -> Poll:
    """The poll as this person finds it."""
    return hall.see(polls.find, seat or hall.teacher, poll_id, hall.now)


def form_for(poll: Poll, *said: Any) -> dict[str, list[str]]:
    """The form that says this: texts of options, a number, an order of options, levels of statements, or words."""
    ids = {option.text: str(option.id) for option in poll.options}
    kind = poll.kind.kind
    if kind in {"rating", "number"}:
        return {"value": [str(value) for value in said]}
    if kind in {"words", "text"}:
        return {"entry": list(said)}
    if kind == "ranking":
        return {f"place-{ids[text]}": [str(place)] for place, text in enumerate(said, start=1)}
    if kind == "quiz":
        options = [option.id for option in poll.options]
        return {f"level-{option}": [str(level)] for option, level in zip(options, said, strict=False)}
    return {"option": [ids[text] for text in said]}


def vote(hall: Hall, poll_id: int, seat: Seat, *said: Any) -> Voted:
    form = form_for(look(hall, poll_id), *said)
    return hall.do(poll_votes.vote, seat, poll_id, form, language="en", now=hall.now)


def result(hall: Hall, poll_id: int, seat: Seat | None = None) -> Result | Hidden:
    """What this person sees of the results."""
    reader = seat or hall.teacher
    with hall.database.read() as session:
        opened = seats.opened(session, reader, hall.public_id, hall.kind)
        poll = polls.find(session, reader, opened, poll_id, hall.now)
        has_answered = poll_id in polls.mine(session, reader, opened)
        return poll_results.result(session, reader, poll, has_answered=has_answered)


def shares(hall: Hall, poll_id: int, seat: Seat | None = None) -> dict[str, int]:
    """How many chose each option, by its text."""
    found = result(hall, poll_id, seat)
    names = {option.id: option.text for option in look(hall, poll_id).options}
    return {names[share.option]: share.count for share in found.figure.shares}  # type: ignore[union-attr]


SAYS: dict[str, list[tuple[Any, ...]]] = {  # three answers to each kind
    "single": [("Yes",), ("No",), ("Yes",)],
    "several": [("Red", "Blue"), ("Green",), ("Red",)],
    "pair": [("A",), ("B",), ("A",)],
    "rating": [(4,), (2,), (4,)],
    "number": [("2.5",), ("3",), ("10",)],
    "ranking": [("Tea", "Coffee", "Water"), ("Water", "Tea", "Coffee"), ("Tea", "Water", "Coffee")],
    "words": [("hope, fear",), ("hopes",), ("doubt",)],
    "text": [("Because.",), ("Why not?",), ("Because.",)],
    "quiz": [(0, 3), (2, 3), (1,)],
}
