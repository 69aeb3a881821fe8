"""Exam questions that a teacher makes from the gallery's items: proposed, changed, and put into the course's bank."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.activities import item_ideas, paging, problems, texts
from core.activities.paging import Paged
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.problems import from_items
from core.problems.from_items import Exhibit, Proposal, Wording
from core.problems.kinds import Image, Source
from core.problems.kinds import Problem as AnyProblem
from core.store.database import insert
from core.store.tables import Contribution, Item, ItemProblem, Problem
from core.store.tables import Image as ImageRow
from core.words import N_

PAGE = 50  # items
MOST_IDEAS = 10  # right or wrong: the weights that Moodle knows end there
LONGEST_IDEA = 80
LONGEST_QUESTION = 1_000
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}


@dataclass(frozen=True, slots=True)
class Made:
    """A problem of the bank that came from an item."""

    problem_id: int
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An item and what could be asked about it. `image_id` shows its picture; `made` is what was asked before."""

    item_id: int
    title: str
    text: str
    body: str
    url: str | None
    image_id: int | None
    image_size: tuple[int, int]
    image_alt: str
    proposal: Proposal
    made: tuple[Made, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item in the list of those that could become questions: how many ideas are known to be right, and wrong."""

    item_id: int
    title: str
    has_picture: bool
    right: int
    wrong: int
    made: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the teacher made of the proposal. `which` and `how` say which of the two problems to make."""

    title: str
    quote: str
    alt: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    wording: Wording
    which: bool = True
    how: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """The problems, and the number of their picture's row, for a page that shows them."""

    problems: tuple[AnyProblem, ...]
    image_id: int | None


def candidates(session: Session, seat: Seat, opened: Opened, *, page: int = 1) -> Paged[Candidate]:
    """A page of the live items; first those that can be asked about as they are, then those that need the teacher's
    word.
    """
    rows = session.execute(
        _items(seat, opened).with_only_columns(Item.contribution_id, Item.title, Item.image_id)
    ).all()
    known = item_ideas.of_gallery(session, seat, opened)
    made = _number_made(session, seat, opened)
    found = []
    for row in rows:
        number = row.contribution_id
        settled = Counter(known.settled(number))
        its = Candidate(number, row.title, row.image_id is not None, settled[True], settled[False], made.get(number, 0))
        found.append(its)
    found.sort(key=lambda one: (bool(one.made), not (one.right and one.wrong), -one.item_id))
    return paging.cut(found, page, PAGE)


def draft(session: Session, seat: Seat, opened: Opened, item_id: int) -> Draft:
    """What could be asked about an item. Raises NotFound."""
    item, text, picture = _item(session, seat, opened, item_id)
    ideas = item_ideas.of_gallery(session, seat, opened).of(item_id)
    return Draft(
        item_id=item_id,
        title=item.title,
        text=text,
        body=item.body,
        url=item.url,
        image_id=item.image_id,
        image_size=(picture.width, picture.height) if picture else (0, 0),
        image_alt=item.image_alt,
        proposal=from_items.propose(ideas),
        made=_made(session, [item_id]).get(item_id, ()),
    )


def build(session: Session, seat: Seat, opened: Opened, item_id: int, wanted: Wanted) -> Built:
    """The problems as they would be kept; nothing is stored. Raises Refusal with what is missing."""
    item, explanation, picture = _item(session, seat, opened, item_id)
    right, wrong = _ideas(wanted.right), _ideas(wanted.wrong)
    if {name.casefold() for name in right} & {name.casefold() for name in wrong}:
        raise Refusal(N_("An idea cannot be right and wrong at once. Say for each which it is."))
    if not (wanted.which or wanted.how):
        raise Refusal(N_("Choose at least one of the two questions."))
    if wanted.which and not (right and wrong):
        raise Refusal(N_("To choose from, there must be at least one right idea and one wrong one."))
    if max(len(right), len(wrong)) > MOST_IDEAS:
        raise Refusal(N_("At most {most} ideas can be right, and as many wrong. Leave some out."), most=MOST_IDEAS)
    wording = Wording(*(texts.clean_line(said, LONGEST_QUESTION) for said in _said(wanted.wording)))
    exhibit = Exhibit(
        title=texts.clean_line(wanted.title),
        quote=texts.clean(wanted.quote),
        picture=picture,
        alt=texts.clean_line(wanted.alt, LONGEST_QUESTION),
        explanation=explanation,
        source=Source(item.source, item.licence, item.url or ""),
    )
    category = [opened.title] if opened.title.strip("/ ") else []
    made: list[AnyProblem] = []
    if wanted.which:
        made.append(from_items.which_problem(exhibit, wording.which, right, wrong, category))
    if wanted.how:
        made.append(from_items.how_problem(exhibit, wording.how, wording, right, category))
    for problem in made:
        reason = from_items.fault(problem)
        if reason is not None:
            raise Refusal(N_("This does not make a problem yet: {reason}"), reason=reason)
    return Built(tuple(made), item.image_id)


def save(session: Session, seat: Seat, opened: Opened, item_id: int, wanted: Wanted, *, now: datetime) -> list[int]:
    """Put the problems into the course's bank; gives their ids.

    An item is asked about once, unless the teacher wants it `again`; the item is held, so of two clicks the second
    finds what the first one made. Raises Refusal.
    """
    session.execute(
        _items(seat, opened).where(Item.contribution_id == item_id).with_for_update(of=Contribution, key_share=True)
    )
    built = build(session, seat, opened, item_id, wanted)
    before = _made(session, [item_id]).get(item_id, ())
    if before and not wanted.again:
        message = N_(
            "There is a question from this item already: “{name}”. Say that you want another one, and save again."
        )
        raise Refusal(message, name=before[0].name)
    added = [problems.add(session, seat.course_id, problem, now=now) for problem in built.problems]
    for problem_id in added:
        session.execute(insert(session, ItemProblem).values(contribution_id=item_id, problem_id=problem_id))
    return added


def of_gallery(session: Session, seat: Seat, opened: Opened) -> list[int]:
    """The ids of all problems of the bank that were made from this gallery's items."""
    return list(
        session.scalars(
            select(ItemProblem.problem_id)
            .join(Item, Item.contribution_id == ItemProblem.contribution_id)
            .join(Problem, Problem.id == ItemProblem.problem_id)
            .where(Item.activity_id == opened.id, Problem.course_id == seat.course_id, Problem.deleted_at.is_(None))
            .order_by(ItemProblem.problem_id)
        )
    )


def _items(seat: Seat, opened: Opened) -> Any:
    return (
        select(Item, Contribution.text)
        .join(Contribution, Contribution.id == Item.contribution_id)
        .where(Item.activity_id == opened.id, Contribution.course_id == seat.course_id, Contribution.status == "live")
    )


def _item(session: Session, seat: Seat, opened: Opened, item_id: int) -> tuple[Item, str, Image | None]:
    row = session.execute(_items(seat, opened).where(Item.contribution_id == item_id)).one_or_none()
    if row is None:
        raise NotFound(N_("This item is not shown in this gallery now. Choose another one."))
    picture = None
    if row.Item.image_id is not None:
        kept = session.execute(
            select(ImageRow).where(ImageRow.id == row.Item.image_id, ImageRow.course_id == seat.course_id)
        ).scalar_one()
        name = f"item-{item_id}.{_ENDINGS[kept.mime]}"
        picture = Image(name, kept.mime, kept.width, kept.height, kept.body)
    return row.Item, row.text, picture


def _ideas(names: Iterable[str]) -> list[str]:
    """Names as a teacher typed or chose them, each once."""
    found: dict[str, str] = {}
    for typed in names:
        name = texts.clean_line(typed, LONGEST_IDEA)
        if name:
            found.setdefault(name.casefold(), name)
    return list(found.values())


def _said(wording: Wording) -> tuple[str, ...]:
    return wording.which, wording.how, wording.graders, wording.ideas


def _number_made(session: Session, seat: Seat, opened: Opened) -> dict[int, int]:
    """How many problems of the bank came from each item of the gallery."""
    rows = session.execute(
        select(ItemProblem.contribution_id, func.count().label("made"))
        .join(Item, Item.contribution_id == ItemProblem.contribution_id)
        .join(Problem, Problem.id == ItemProblem.problem_id)
        .where(Item.activity_id == opened.id, Problem.course_id == seat.course_id, Problem.deleted_at.is_(None))
        .group_by(ItemProblem.contribution_id)
    )
    return {row.contribution_id: row.made for row in rows}


def _made(session: Session, item_ids: Sequence[int]) -> dict[int, tuple[Made, ...]]:
    found: dict[int, tuple[Made, ...]] = {}
    for row in session.execute(
        select(ItemProblem.contribution_id, Problem.id, Problem.name, Problem.kind)
        .join(Problem, Problem.id == ItemProblem.problem_id)
        .where(ItemProblem.contribution_id.in_(item_ids), Problem.deleted_at.is_(None))
        .order_by(Problem.id)
    ):
        made = Made(row.id, row.name, row.kind)
        found[row.contribution_id] = (*found.get(row.contribution_id, ()), made)
    return found
