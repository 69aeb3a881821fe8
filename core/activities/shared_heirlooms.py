"""What the next class inherits of a gallery and of questions: the best of it, without names, to be judged afresh.

An item, a question or an answer comes as a new text without a person; `inherited_from_id` says where its author is
known, who must not judge it in the new course either, and whose consent decides whether the public may see it.

What was believed of it does not come along. The evidence about an explanation (`heirlooms`) helps to choose what a
student sees next, and is discounted there; a gallery's judgements are the exercise itself, and a vote says what *this*
class wants to know. So judgements, votes and classmates' tags stay behind, and what they led to comes: the selection,
the teacher's order of talking points, the teacher's endorsements, and what authors said of their own items.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from core.activities import item_beliefs, pictures
from core.activities.archive import agreed, root, with_root
from core.activities.seats import Opened
from core.problems.images import CleanImage
from core.store.database import insert
from core.store.tables import (
    Contribution,
    Image,
    Item,
    Membership,
    Question,
    Report,
    Tag,
    Tagging,
)

MOST_ITEMS = 24  # the best known ones: a wall to begin from, with room for what the class finds itself
MOST_QUESTIONS = 50


def copy_image(session: Session, image_id: int, course_id: int) -> int:
    """The course's copy of another course's picture."""
    kept = session.execute(select(Image.mime, Image.width, Image.height, Image.body).where(Image.id == image_id)).one()
    return pictures.keep(session, course_id, CleanImage(*kept))


# ---- galleries ----


def copy_gallery(
    session: Session, source: Opened, to_id: int, course_id: int, *, with_items: bool, now: datetime
) -> None:
    """The teacher's concepts, and the items that were published, picked, endorsed or judged best.

    Work that students made themselves comes only if they gave it to the public: more was not said to them.
    """
    chosen = _best_items(session, source) if with_items else []
    tags = _copy_tags(session, source.id, to_id, [row.Item.contribution_id for row in chosen], now)
    for row in chosen:
        _copy_item(session, row, to_id, course_id, tags, now)


def _best_items(session: Session, source: Opened) -> list[Any]:
    statement = with_root(select(Item, Contribution).join(Contribution, Contribution.id == Item.contribution_id))
    rows = session.execute(
        statement.where(
            Item.activity_id == source.id,
            Contribution.status == "live",
            _unreported(),
            or_(root.retired_because.is_(None), root.retired_because != "withdrawn"),
            or_(Contribution.kind == "found", agreed()),
        ).add_columns(agreed().label("agreed"))
    ).all()
    beliefs = item_beliefs.of_gallery(session, source).of
    judged = {number: belief.mean for number, belief in beliefs.items() if belief.given >= item_beliefs.ENOUGH}
    picked = [row for row in rows if _is_picked(row)]
    known = [row for row in rows if not _is_picked(row) and row.Item.contribution_id in judged]
    picked.sort(key=lambda row: (row.Item.talking_point is None, row.Item.talking_point or 0, row.Item.contribution_id))
    known.sort(key=lambda row: (-judged[row.Item.contribution_id], row.Item.contribution_id))
    return [*picked, *known][:MOST_ITEMS]


def _is_picked(row: Any) -> bool:
    """Whether a teacher has said that it is good."""
    item, text = row.Item, row.Contribution
    published = item.published_at is not None and row.agreed
    return bool(published or item.talking_point is not None or text.endorsed_at or text.pinned_at)


def _copy_tags(session: Session, from_id: int, to_id: int, items: Collection[int], now: datetime) -> dict[int, int]:
    """The course's concepts, and the free tags that the items' own authors gave them; old id -> new id."""
    by_authors = select(Tagging.tag_id).where(Tagging.contribution_id.in_(items), Tagging.by_author)
    rows = session.scalars(
        select(Tag)
        .where(
            Tag.activity_id == from_id,
            Tag.retired_at.is_(None),
            Tag.merged_into_id.is_(None),
            or_(Tag.kind == "concept", Tag.id.in_(by_authors)),
        )
        .order_by(Tag.id)
    ).all()
    return {
        tag.id: int(
            session.scalars(
                insert(session, Tag)
                .values(activity_id=to_id, kind=tag.kind, name=tag.name, normal=tag.normal, created_at=now)
                .returning(Tag.id)
            ).one()
        )
        for tag in rows
    }


def _copy_item(session: Session, row: Any, to_id: int, course_id: int, tags: Mapping[int, int], now: datetime) -> None:
    item: Item = row.Item
    copied = _copy_text(session, row.Contribution, to_id, course_id, now)
    session.execute(
        insert(session, Item).values(
            contribution_id=copied,
            activity_id=to_id,
            title=item.title,
            body=item.body,
            url=item.url,
            preview=item.preview,
            image_id=copy_image(session, item.image_id, course_id) if item.image_id else None,
            thumb_id=copy_image(session, item.thumb_id, course_id) if item.thumb_id else None,
            image_alt=item.image_alt,
            source=item.source,
            licence=item.licence,
            talking_point=item.talking_point,
            judged=0,
        )
    )
    said = session.execute(
        select(Tagging.tag_id, Tagging.applies).where(
            Tagging.contribution_id == item.contribution_id, Tagging.by_author, Tagging.tag_id.in_(tags)
        )
    ).all()
    for word in said:  # what its author said stays beside it; it is no word of the new class
        session.execute(
            insert(session, Tagging).values(
                contribution_id=copied,
                tag_id=tags[word.tag_id],
                person_id=None,
                applies=word.applies,
                by_author=True,
                counts=False,
                created_at=now,
            )
        )


# ---- questions ----


def copy_questions(
    session: Session, from_id: int, to_id: int, course_id: int, problems: Mapping[int, int], *, now: datetime
) -> None:
    """The questions that were answered to the asker's or the teacher's satisfaction, with the answers that did it.

    `problems` maps what questions beside practice are about to its copy.
    """
    answer = aliased(Contribution)
    good_answer = and_(
        answer.parent_id == Contribution.id,
        answer.kind == "answer",
        answer.status == "live",
        or_(answer.id == Question.answer_id, answer.endorsed_at.is_not(None)),
    )
    rows = session.execute(
        select(Question, Contribution)
        .join(Contribution, Contribution.id == Question.contribution_id)
        .where(
            Question.activity_id == from_id,
            Question.merged_into_id.is_(None),
            Contribution.status == "live",
            _unreported(),
            or_(Contribution.endorsed_at.is_not(None), exists().where(good_answer)),
        )
        .order_by(Question.votes.desc(), Question.contribution_id)
        .limit(MOST_QUESTIONS)
    ).all()
    for row in rows:
        asked: Question = row.Question
        if asked.problem_id is not None and asked.problem_id not in problems:
            continue  # the problem that it is about does not come along
        copied = _copy_text(session, row.Contribution, to_id, course_id, now)
        answers = _copy_answers(session, asked, to_id, course_id, copied, now)
        accepted = answers.get(asked.answer_id or 0)  # 0 is no text
        session.execute(
            insert(session, Question).values(
                contribution_id=copied,
                activity_id=to_id,
                problem_id=problems[asked.problem_id] if asked.problem_id is not None else None,
                title=asked.title,
                votes=0,
                seen=0,
                answered_at=now if accepted else None,
                answer_id=accepted,
            )
        )


def _copy_answers(
    session: Session, asked: Question, to_id: int, course_id: int, parent_id: int, now: datetime
) -> dict[int, int]:
    """The answer that settled a question and those that a teacher endorsed; old id -> new id."""
    rows = session.scalars(
        select(Contribution)
        .where(
            Contribution.parent_id == asked.contribution_id,
            Contribution.kind == "answer",
            Contribution.status == "live",
            _unreported(),
            or_(Contribution.id == asked.answer_id, Contribution.endorsed_at.is_not(None)),
        )
        .order_by(Contribution.id)
    ).all()
    return {text.id: _copy_text(session, text, to_id, course_id, now, parent_id=parent_id) for text in rows}


def _unreported() -> ColumnElement[bool]:
    return ~exists().where(Report.contribution_id == Contribution.id, Report.settled_at.is_(None))


def _copy_text(
    session: Session, text: Contribution, to_id: int, course_id: int, now: datetime, *, parent_id: int | None = None
) -> int:
    """The text without its author. What a teacher wrote or endorsed stays endorsed."""
    role = session.scalar(
        select(Membership.role).where(Membership.person_id == text.person_id, Membership.course_id == text.course_id)
    )
    endorsed = text.endorsed_at is not None or role == "teacher"
    return int(
        session.scalars(
            insert(session, Contribution)
            .values(
                course_id=course_id,
                activity_id=to_id,
                parent_id=parent_id,
                person_id=None,
                kind=text.kind,
                version=1,
                text=text.text,
                status="live",
                endorsed_at=now if endorsed else None,
                created_at=now,
                joined_at=now,
                inherited_from_id=text.inherited_from_id or text.id,
            )
            .returning(Contribution.id)
        ).one()
    )
