"""Polls, and what people voted; for anonymous ones only who voted and what was said, in tables that nothing ties."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.tables.base import Base, BigInt, Id, Instant, Key, Words


class Poll(Base):
    """One question put to everybody in an activity."""

    __tablename__ = "poll"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('single', 'several', 'rating', 'number', 'ranking', 'words', 'text', 'quiz', 'pair')",
            "kind_known",
        ),
        CheckConstraint("results IN ('at_once', 'after_vote', 'after_close')", "results_known"),
        Index(None, "activity_id", "position"),
    )
    id: Mapped[Id]
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    position: Mapped[int]
    kind: Mapped[Key]
    prompt: Mapped[Words]
    details: Mapped[dict[str, Any]]  # core.polling.kinds: least and most choices, the ends of a scale, statements ...
    is_anonymous: Mapped[bool]
    results: Mapped[Key]  # when voters see them
    may_change: Mapped[bool]  # one's own vote, until close; never in an anonymous poll
    members_add: Mapped[bool]  # options
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]  # None: a draft that only teachers see
    closed_at: Mapped[datetime | None]
    quorum: Mapped[int | None]  # closes when so many have voted
    first_id: Mapped[int | None] = mapped_column(ForeignKey("poll.id"))  # the impression of which this is the last
    voted: Mapped[int] = mapped_column(BigInt, default=0)  # people whose vote counts
    version: Mapped[int] = mapped_column(BigInt, default=0)  # counts votes and changes
    created_at: Mapped[Instant]
    deleted_at: Mapped[datetime | None]


class PollOption(Base):
    """What can be chosen or ranked, or a statement of a competence quiz."""

    __tablename__ = "poll_option"
    __table_args__ = (UniqueConstraint("poll_id", "normal"),)
    id: Mapped[Id]
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"))
    position: Mapped[int]
    text: Mapped[Words]
    normal: Mapped[Words]  # one spelling for all
    added_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: the teacher's, or anonymous
    status: Mapped[Key]  # 'live', 'pending' or 'retired'


class Ballot(Base):
    """What one person voted in a poll that is not anonymous."""

    __tablename__ = "ballot"
    __table_args__ = (UniqueConstraint("poll_id", "person_id"),)
    id: Mapped[Id]
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[dict[str, Any]]  # core.polling.kinds: the canonical answer
    counts: Mapped[bool]
    created_at: Mapped[Instant]
    changed_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]  # by Slack's clock; None: answered in another way


class Voter(Base):
    """Who has voted in an anonymous poll: no time, and in the order of the key, so the order of voting is not kept."""

    __tablename__ = "voter"
    __table_args__ = ({"sqlite_with_rowid": False},)
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    counts: Mapped[bool]


class PollCount(Base):
    """How many said what: of an option (0: of the poll) a value, such as '1', a rank or a word (core.polling.answers).

    Of an anonymous poll it is all there is; of others the sum of its ballots, recounted by `heirloom check`.
    """

    __tablename__ = "poll_count"
    __table_args__ = ({"sqlite_with_rowid": False},)
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"), primary_key=True)
    option_id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    value: Mapped[Words] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInt)


class HiddenAnswer(Base):
    """What became of a word or a text that people wrote, where a rule, classmates or the teacher looked at it.

    | status | class sees it | waits for the teacher |
    | --- | --- | --- |
    | waits | no | yes: a rule or enough reports held it back |
    | reported | yes | yes |
    | again | yes | yes: reported since the teacher let it stand |
    | hidden | no | no: the teacher took it out |
    | shown | yes | no: the teacher let it stand, so reports hide it no more |
    """

    __tablename__ = "hidden_answer"
    __table_args__ = ({"sqlite_with_rowid": False},)
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"), primary_key=True)
    value: Mapped[Words] = mapped_column(primary_key=True)
    hidden_at: Mapped[Instant]  # the day of the first word about it
    status: Mapped[Key]


class AnswerReport(Base):
    """A person says that a word, a text or an option should not be shown. It is hidden for them at once."""

    __tablename__ = "answer_report"
    __table_args__ = ({"sqlite_with_rowid": False},)
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"), primary_key=True)
    option_id: Mapped[int] = mapped_column(BigInt, primary_key=True)  # 0: what people wrote, `value`
    value: Mapped[Words] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
