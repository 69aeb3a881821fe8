"""Which ideas a gallery's items show, as its class and its teacher say: what an exam question is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities.seats import Opened, Seat
from core.crowd.answers import collect
from core.crowd.dawid_skene import dawid_skene
from core.problems.from_items import Idea
from core.store.tables import Contribution, Membership, Tag, Tagging

Cell = tuple[int, int]  # an item and a tag


@dataclass(frozen=True, slots=True)
class Said:
    """Every word about ideas and items of one gallery."""

    concepts: Mapping[int, str]  # the tags of the course, by id; each of them may be asked about for every item
    names: Mapping[int, str]  # all live tags
    yes: Counter[Cell] = field(default_factory=Counter)
    words: Counter[Cell] = field(default_factory=Counter)
    teacher: dict[Cell, bool] = field(default_factory=dict)
    chances: dict[Cell, float] = field(default_factory=dict)
    by_authors: set[Cell] = field(default_factory=set)  # what authors say of their own items: no word of the class

    def of(self, item_id: int) -> list[Idea]:
        """The ideas beside one item: the course's, and the free ones that somebody gave it."""
        cells = self.words.keys() | self.teacher.keys() | self.by_authors
        near = set(self.concepts) | {tag for item, tag in cells if item == item_id}
        has = self._has()
        mine = {tag for item, tag in has if item == item_id}
        kin = {item for item, tag in has if tag in mine and item != item_id}
        used = Counter(tag for _, tag in has)
        together = Counter(tag for item, tag in has if item in kin)
        return [
            Idea(
                name=self.names[tag],
                chance=self.chances.get((item_id, tag)),
                words=self.words[item_id, tag],
                yes=self.yes[item_id, tag],
                together=together[tag],
                used=used[tag],
                teacher=self.teacher.get((item_id, tag)),
            )
            for tag in sorted(near)
        ]

    def _has(self) -> set[Cell]:
        """Which items have which tags, more likely than not."""
        believed = {cell for cell, chance in self.chances.items() if chance > 0.5 and cell not in self.teacher}
        return believed | {cell for cell, applies in self.teacher.items() if applies}


def of_gallery(session: Session, seat: Seat, opened: Opened) -> Said:
    """All that was said of live items and live tags."""
    tags = session.execute(
        select(Tag.id, Tag.name, Tag.kind).where(
            Tag.activity_id == opened.id, Tag.retired_at.is_(None), Tag.merged_into_id.is_(None)
        )
    ).all()
    said = Said({tag.id: tag.name for tag in tags if tag.kind == "concept"}, {tag.id: tag.name for tag in tags})
    rows = session.execute(
        select(
            Tagging.contribution_id,
            Tagging.tag_id,
            Tagging.person_id,
            Tagging.applies,
            Tagging.by_author,
            Tagging.counts,
            Membership.role,
        )
        .join(Contribution, Contribution.id == Tagging.contribution_id)
        .outerjoin(
            Membership, (Membership.person_id == Tagging.person_id) & (Membership.course_id == Contribution.course_id)
        )
        .where(
            Contribution.activity_id == opened.id,
            Contribution.course_id == seat.course_id,
            Contribution.status == "live",
            Tagging.tag_id.in_(said.names),
        )
        .order_by(Tagging.id)
    ).all()
    counted = []
    for row in rows:
        cell = (row.contribution_id, row.tag_id)
        if row.role == "teacher":
            said.teacher[cell] = row.applies
        elif row.by_author:
            said.by_authors.add(cell)
        elif row.counts:
            said.words[cell] += 1
            said.yes[cell] += row.applies
            counted.append((cell, row.person_id, row.applies))
    said.chances.update(_believed(counted, said.teacher))
    return said


def _believed(words: list[tuple[Cell, int | None, bool]], known: Mapping[Cell, bool]) -> dict[Cell, float]:
    """The chance that each idea applies. Yes and no have a meaning and people err in one direction, so everyone has a
    confusion matrix (`core.crowd`, README); what the teacher said is known.
    """
    if not words:
        return {}
    cells = list(dict.fromkeys(cell for cell, _, _ in words))
    place = {cell: number for number, cell in enumerate(cells)}
    people: dict[object, int] = {}
    who = [people.setdefault(person if person is not None else object(), len(people)) for _, person, _ in words]
    answers = collect([place[cell] for cell, _, _ in words], who, [int(yes) for _, _, yes in words], labels=2)
    gold = np.array([int(known[cell]) if cell in known else -1 for cell in cells], dtype=np.intp)
    fitted = dawid_skene(answers, gold=gold)
    return {cell: float(fitted.posterior[number, 1]) for cell, number in place.items()}
