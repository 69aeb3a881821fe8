"""Which ideas a gallery's items show, as its class and its teacher say: what an exam question is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities.seats import Opened, Seat
from core.crowd.tags import tag_beliefs
from core.crowd.verdict import Verdict
from core.problems.from_items import Idea
from core.store.tables import Contribution, Membership, Tag, Tagging
from core.words import Sentence

Cell = tuple[int, int]  # an item and a tag


@dataclass(frozen=True, slots=True)
class Said:
    """Every word about ideas and items of one gallery. `near` are the tags that somebody gave an item, its author
    included, who is no voice of the class; `has` those that apply to it, more likely than not.
    """

    concepts: Mapping[int, str]  # the tags of the course, by id; each of them may be asked about for every item
    names: Mapping[int, str]  # all live tags
    yes: Counter[Cell] = field(default_factory=Counter)
    words: Counter[Cell] = field(default_factory=Counter)
    teacher: dict[Cell, bool] = field(default_factory=dict)
    chances: dict[Cell, float] = field(default_factory=dict)
    doubts: list[Sentence] = field(default_factory=list)  # why the chances are no findings yet; empty if they are
    near: dict[int, set[int]] = field(default_factory=dict)
    has: dict[int, set[int]] = field(default_factory=dict)

    def of(self, item_id: int) -> list[Idea]:
        """The ideas beside one item: the course's, and the free ones that somebody gave it."""
        mine = self.has.get(item_id, set())
        kin = [tags for item, tags in self.has.items() if item != item_id and not mine.isdisjoint(tags)]
        together = Counter(tag for tags in kin for tag in tags)
        used = Counter(tag for tags in self.has.values() for tag in tags)
        return [self._idea(item_id, tag, together[tag], used[tag]) for tag in self._beside(item_id)]

    def settled(self, item_id: int) -> list[bool | None]:
        """Whether each idea applies to an item of which somebody said that it does or does not; None: that is open."""
        said = (tag for tag in self._beside(item_id) if (item_id, tag) in self.words or (item_id, tag) in self.teacher)
        return [self._idea(item_id, tag).applies for tag in said]

    def _beside(self, item_id: int) -> list[int]:
        return sorted(self.near.get(item_id, set()) | self.concepts.keys())

    def _idea(self, item_id: int, tag: int, together: int = 0, used: int = 0) -> Idea:
        return Idea(
            name=self.names[tag],
            chance=self.chances.get((item_id, tag)),
            words=self.words[item_id, tag],
            yes=self.yes[item_id, tag],
            together=together,
            used=used,
            teacher=self.teacher.get((item_id, tag)),
        )


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
        said.near.setdefault(row.contribution_id, set()).add(row.tag_id)
        if row.role == "teacher":
            said.teacher[cell] = row.applies
        elif row.counts and not row.by_author:
            said.words[cell] += 1
            said.yes[cell] += row.applies
            counted.append((cell, row.person_id, row.applies))
    chances, verdict = _believed(counted, said.teacher)
    said.chances.update(chances)
    said.doubts.extend(verdict.reasons)
    for (item, tag), chance in (said.chances | said.teacher).items():  # the teacher's word is 0 or 1
        if chance > 0.5:
            said.has.setdefault(item, set()).add(tag)
    return said


def _believed(
    words: list[tuple[Cell, int | None, bool]], known: Mapping[Cell, bool]
) -> tuple[dict[Cell, float], Verdict]:
    """The chance that each idea applies (`core.crowd.tags`), and whether that is enough to call it a finding."""
    items, tags = ({number: at for at, number in enumerate(dict.fromkeys(ids))} for ids in _columns(words))
    people: dict[object, int] = {}
    who = [people.setdefault(person if person is not None else object(), len(people)) for _, person, _ in words]
    found = tag_beliefs(
        [items[item] for (item, _), _, _ in words],
        [tags[tag] for (_, tag), _, _ in words],
        who,
        [yes for _, _, yes in words],
        {(items[item], tags[tag]): yes for (item, tag), yes in known.items() if item in items and tag in tags},
    )
    numbers, names = list(items), list(tags)
    chances = zip(found.item.tolist(), found.tag.tolist(), found.chance.tolist(), strict=True)
    return {(numbers[item], names[tag]): chance for item, tag, chance in chances}, found.verdict


def _columns(words: list[tuple[Cell, int | None, bool]]) -> tuple[list[int], list[int]]:
    return [item for (item, _), _, _ in words], [tag for (_, tag), _, _ in words]
