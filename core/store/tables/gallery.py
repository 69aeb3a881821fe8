"""What a class finds and makes, how it is tagged and judged, and what of it the public may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.tables.base import Base, Id, Instant, Key, Words
from core.store.types import Json


class Item(Base):
    """A found or produced item; which idea it shows and how is the text of its contribution."""

    __tablename__ = "item"
    __table_args__ = (Index(None, "activity_id"), Index(None, "image_id"), Index(None, "thumb_id"))
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    title: Mapped[Words]
    body: Mapped[Words] = mapped_column(server_default="")  # what was found or made, where it is a text
    url: Mapped[Words | None]
    preview: Mapped[dict[str, Any] | None]  # title and description of the page behind `url`, where a teacher allows it
    image_id: Mapped[int | None] = mapped_column(ForeignKey("image.id"))
    thumb_id: Mapped[int | None] = mapped_column(ForeignKey("image.id"))  # the same, small, for a page of many
    image_alt: Mapped[Words]  # what is to be seen
    source: Mapped[Words]  # where it was found
    licence: Mapped[Words]
    talking_point: Mapped[int | None]  # the place in the slide show
    judged: Mapped[int] = mapped_column(default=0)  # judgements that count
    # the public archive: the author's consent, then the teacher's decision
    consented_at: Mapped[datetime | None]
    consent_licence: Mapped[Key | None]  # under which the author gives their own words and work
    credit_name: Mapped[Words | None]  # how the author wants to be called there; None: not at all
    published_at: Mapped[datetime | None]
    public_id: Mapped[Key | None] = mapped_column(unique=True)  # names it in public addresses


class Tag(Base):
    """A word for what items show: a concept of the course (the teacher's) or a free one (anybody's)."""

    __tablename__ = "tag"
    __table_args__ = (
        UniqueConstraint("activity_id", "normal"),
        CheckConstraint("kind IN ('concept', 'free')", "kind_known"),
    )
    id: Mapped[Id]
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    kind: Mapped[Key]
    name: Mapped[Words]
    normal: Mapped[Words]  # one spelling for all
    created_at: Mapped[Instant]
    retired_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tag.id"))


class Tagging(Base):
    """Whether a tag applies to an item, as one person says."""

    __tablename__ = "tagging"
    __table_args__ = (UniqueConstraint("contribution_id", "tag_id", "person_id"), Index(None, "tag_id"))
    id: Mapped[Id]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: an anonymous author's own
    applies: Mapped[bool]
    by_author: Mapped[bool]
    counts: Mapped[bool]
    created_at: Mapped[Instant]


class Judgement(Base):
    """An item put before a person to be judged: with what probability, and what they said."""

    __tablename__ = "judgement"
    __table_args__ = (
        UniqueConstraint("contribution_id", "person_id"),
        CheckConstraint("probability > 0 AND probability <= 1", "probability_range"),
        Index(None, "activity_id", "person_id"),
    )
    id: Mapped[Id]
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    policy: Mapped[Key]  # 'share', 'chosen' by the person (probability None), or 'overtaken' by a change of the item
    probability: Mapped[float | None] = mapped_column(Float(53))
    eligible_size: Mapped[int]
    scale: Mapped[Key]  # of core.crowd.scales, with its attributes as ratings' keys
    ratings: Mapped[dict[str, Any] | None] = mapped_column(Json)  # attribute -> value; None: not judged
    counts: Mapped[bool]
    shown_at: Mapped[Instant]
    judged_at: Mapped[datetime | None]  # the last time; with ratings None: the item was changed, and is drawn again
    skipped_at: Mapped[datetime | None]


class ItemProblem(Base):
    """A problem of the bank that was made from an item."""

    __tablename__ = "item_problem"
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id"), primary_key=True)


class Archive(Base):
    """A gallery's public face."""

    __tablename__ = "archive"
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    slug: Mapped[Key] = mapped_column(unique=True)
    title: Mapped[Words]
    about: Mapped[Words]
    contact: Mapped[Words]  # whom to tell about something that should not be there
    is_open: Mapped[bool]
    is_indexed: Mapped[bool]  # whether search engines may list it
    opened_at: Mapped[Instant]
