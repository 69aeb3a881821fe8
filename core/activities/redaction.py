"""Taking personal words out of what is stored, for good: everywhere in the course, and in the copies of the text that
later classes inherited. It is kept that it was done.

The words themselves are kept nowhere: not in the record of the decision, not in reports or appeals that quote them, not
in drafts. A copy of the database that was made before still has them until it is thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.activities import (
    contributions,
    decisions,
    moderation,
    places,
    question_teaching,
    question_votes,
    texts,
    walls,
)
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Seat
from core.store.tables import (
    Activity,
    Appeal,
    Contribution,
    Decision,
    Draft,
    Image,
    Item,
    Problem,
    ProblemImage,
    Question,
    Report,
)
from core.wording import personal
from core.words import N_

GONE = "[…]"  # stands where words were taken out; it needs no translation
MOST_PASSAGES = 20
SHORTEST = 3  # letters; shorter words stand everywhere
_ITEM_WORDS: tuple[InstrumentedAttribute[Any], ...] = (
    Item.title, Item.url, Item.image_alt, Item.source, Item.licence, Item.body, Item.credit_name,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Redactable:
    """A text with what looks like personal data in it."""

    contribution_id: int
    text: str
    title: str
    suggested: tuple[str, ...]


def look(session: Session, seat: Seat, contribution_id: int) -> Redactable:
    """The text and what a teacher may want to take out of it. Raises NotFound for one of another course."""
    words = _words(session, seat, contribution_id, hold=False)
    found = (text[hit.start : hit.end] for text in words for hit in personal.found(text))
    return Redactable(contribution_id, words[0], words[1], tuple(dict.fromkeys(found)))


def redact(
    session: Session,
    seat: Seat,
    contribution_id: int,
    passages: Sequence[str],
    *,
    now: datetime,
    everything: bool = False,
) -> int:
    """Take these passages of a text out of it and of all that the course has stored; in how many places they stood.

    With `everything` the text itself, its title, link and picture go, too, and nobody is shown what remains. Capitals
    and small letters are the same. Raises Refusal for a passage that does not stand in the text.
    """
    question_votes.hold_above(session, seat, contribution_id)
    words = _words(session, seat, contribution_id, hold=True)
    wanted = [texts.plain(passage) for passage in passages if passage.strip()]
    if not wanted and not everything:
        raise Refusal(N_("Say which words are to go: tick them or write them down, one passage a line."))
    if len(wanted) > MOST_PASSAGES:
        raise Refusal(N_("{most} passages are the most at once. Take these out first."), most=MOST_PASSAGES)
    for passage in wanted:
        if len(passage) < SHORTEST:
            raise Refusal(N_("“{words}” is too short: it would go from many other words, too."), words=passage)
        if not any(passage.casefold() in text.casefold() for text in words):
            raise Refusal(N_("“{words}” does not stand in this text. Nothing was changed."), words=passage)
    places_found = 0
    for passage in sorted(wanted, key=len, reverse=True):
        places_found += sum(_purge(session, seat, contribution_id, passage))
    if everything:
        _empty(session, contribution_id, now)
        places_found += 1
    decisions.record(session, seat, "redact", now=now, contribution_id=contribution_id)
    row = session.execute(
        select(Contribution.activity_id, Contribution.person_id).where(Contribution.id == contribution_id)
    ).one()
    if row.activity_id is not None:
        opened = places.opened(session, seat, row.activity_id)
        moderation.shown_or_not(session, seat, opened, places.settings(opened), row.person_id, now=now)
    copies = select(Contribution.activity_id).where(Contribution.inherited_from_id == contribution_id)
    for activity_id in sorted({number for number in session.scalars(copies) if number is not None}):
        walls.touch(session, activity_id)
    return places_found


def _words(session: Session, seat: Seat, contribution_id: int, *, hold: bool) -> tuple[str, ...]:
    """All that a text consists of: its words, its title, and what an item has besides."""
    statement = (
        select(Contribution.text, func.coalesce(Question.title, ""), *(func.coalesce(c, "") for c in _ITEM_WORDS))
        .outerjoin(Question, Question.contribution_id == Contribution.id)
        .outerjoin(Item, Item.contribution_id == Contribution.id)
        .where(
            Contribution.id == contribution_id, Contribution.course_id == seat.course_id, Contribution.status != "kept"
        )
    )
    row = session.execute(
        statement.with_for_update(of=Contribution, key_share=True) if hold else statement
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This text is not in your course."))
    return tuple(row)


def _purge(session: Session, seat: Seat, contribution_id: int, passage: str) -> Iterator[int]:
    """Replace a passage in every column that holds people's words. Each table is bounded by the course; beyond it lie
    only copies of this very text.
    """
    texts_here: Select[int] = select(Contribution.id).where(Contribution.course_id == seat.course_id)
    copies: Select[int] = select(Contribution.id).where(Contribution.inherited_from_id == contribution_id)
    activities = select(Activity.id).where(Activity.course_id == seat.course_id)
    problems = select(Problem.id).where(Problem.course_id == seat.course_id)
    columns: list[tuple[InstrumentedAttribute[Any], ColumnElement[bool]]] = [
        (Contribution.text, or_(Contribution.course_id == seat.course_id, Contribution.id.in_(copies))),
        (Draft.text, Draft.problem_id.in_(problems)),
        (Report.reason, Report.contribution_id.in_(texts_here)),
        (Appeal.words, Appeal.contribution_id.in_(texts_here)),
        (Decision.reason, Decision.course_id == seat.course_id),
        (Question.title, or_(Question.activity_id.in_(activities), Question.contribution_id.in_(copies))),
        *((c, or_(Item.activity_id.in_(activities), Item.contribution_id.in_(copies))) for c in _ITEM_WORDS),
    ]
    pattern = re.compile(re.escape(passage), re.IGNORECASE)
    for column, here in columns:
        yield _replace(session, column, here, passage, pattern)


def _replace(
    session: Session,
    column: InstrumentedAttribute[Any],
    here: ColumnElement[bool],
    passage: str,
    pattern: re.Pattern[str],
) -> int:
    table = column.class_
    keys = list(table.__table__.primary_key.columns)
    small = func.lower(column)  # SQLite: of ASCII only
    holds = or_(column.contains(passage, autoescape=True), small.contains(passage.lower(), autoescape=True))
    rows = session.execute(select(*keys, column.label("words")).where(here, holds)).all()
    for row in rows:
        same = [key == value for key, value in zip(keys, row, strict=False)]
        session.execute(update(table).where(*same).values({column: pattern.sub(GONE, row.words)}))
    return len(rows)


def _empty(session: Session, contribution_id: int, now: datetime) -> None:
    """Leave nothing of a text and of its copies but that they were there."""
    copies = select(Contribution.id).where(Contribution.inherited_from_id == contribution_id)
    for number in (contribution_id, *session.scalars(copies)):
        contributions.retire(session, number, because="teacher", now=now)
        question_teaching.unsettle(session, number)
        session.execute(update(Contribution).where(Contribution.id == number).values(text=GONE))
        session.execute(update(Question).where(Question.contribution_id == number).values(title=GONE))
        pictures = select(Item.image_id, Item.thumb_id).where(Item.contribution_id == number)
        shown = [image for row in session.execute(pictures) for image in row if image is not None]
        session.execute(
            update(Item)
            .where(Item.contribution_id == number)
            .values(
                title=GONE, url=None, preview=None, image_id=None, thumb_id=None, image_alt="", source="", licence="",
                body="", credit_name=None, published_at=None,
            )
        )  # fmt: skip
        session.execute(delete(Image).where(Image.id.in_(shown), ~_is_used()))


def _is_used() -> ColumnElement[bool]:
    """Whether something still shows the picture: equal bytes are stored once in a course."""
    return or_(
        exists().where(or_(Item.image_id == Image.id, Item.thumb_id == Image.id)),
        exists().where(ProblemImage.image_id == Image.id),
    )
