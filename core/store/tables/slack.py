"""Slack's side: workspaces that installed us, channels and people who are bound, what we keep up to date there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.tables.base import Base, BigInt, Id, Instant, Key, Words


class Workspace(Base):
    """A workspace (or a whole organisation) that installed the app, with its tokens, sealed."""

    __tablename__ = "slack_workspace"
    __table_args__ = (UniqueConstraint("enterprise_id", "team_id"), Index(None, "team_id"))
    id: Mapped[Id]
    enterprise_id: Mapped[Key]  # '' where there is none
    team_id: Mapped[Key]  # '' for an installation of a whole organisation
    name: Mapped[Words]
    app_id: Mapped[Key]
    bot_id: Mapped[Key]
    bot_user_id: Mapped[Key]
    bot_token: Mapped[Words | None]  # sealed; None once uninstalled or revoked
    bot_refresh_token: Mapped[Words | None]  # sealed
    bot_token_expires_at: Mapped[datetime | None]
    scopes: Mapped[list[str]]  # granted: some are optional
    installed_by: Mapped[Key]  # Slack user
    installed_at: Mapped[Instant]
    ended_at: Mapped[datetime | None]  # uninstalled, or its tokens revoked
    # One caller at a time updates a workspace's messages, at the pace that Slack allows.
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[Key | None]
    paused_until: Mapped[datetime | None]  # Retry-After


class SlackState(Base):
    """An installation that began and has not come back yet; consumed once."""

    __tablename__ = "slack_state"
    __table_args__ = (Index(None, "created_at"),)
    state_hash: Mapped[Key] = mapped_column(primary_key=True)
    created_at: Mapped[Instant]


class SlackEvent(Base):
    """A delivery that was handled: Slack sends again what it is not sure of."""

    __tablename__ = "slack_event"
    __table_args__ = (Index(None, "seen_at"),)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("slack_workspace.id"), primary_key=True)
    event_id: Mapped[Key] = mapped_column(primary_key=True)
    seen_at: Mapped[Instant]


class Channel(Base):
    """A channel whose class works in a course: the LMS's, or one that was made in Slack."""

    __tablename__ = "channel"
    __table_args__ = (UniqueConstraint("workspace_id", "channel_id"), Index(None, "course_id"))
    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("slack_workspace.id"))
    channel_id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    name: Mapped[Words | None]  # as Slack last told
    language: Mapped[Key]  # of what everybody in the channel reads
    time_zone: Mapped[Key]  # IANA
    bound_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    bound_at: Mapped[Instant]
    ended_at: Mapped[datetime | None]  # unbound, or the channel archived
    # what the class does here goes to these activities of the course
    practice_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    questions_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    gallery_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    poll_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))


class SlackIdentity(Base):
    """A Slack user who is a person: linked once, by a code that only that person saw, or met in a class of Slack's."""

    __tablename__ = "slack_identity"
    __table_args__ = (
        UniqueConstraint("workspace_id", "user_id", "platform_id"),
        UniqueConstraint("workspace_id", "person_id"),
        Index(None, "person_id"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("slack_workspace.id"))
    user_id: Mapped[Key]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    linked_at: Mapped[Instant]


class SlackCode(Base):
    """A one-time code that one side shows and the other takes: it binds a channel, or links a person."""

    __tablename__ = "slack_code"
    __table_args__ = (
        CheckConstraint("purpose IN ('channel', 'person')", "purpose_known"),
        CheckConstraint("(course_id IS NULL) <> (workspace_id IS NULL)", "side_known"),
        Index(None, "expires_at"),
    )
    id: Mapped[Id]
    code_hash: Mapped[Key] = mapped_column(unique=True)
    purpose: Mapped[Key]
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))  # shown in the LMS ...
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    workspace_id: Mapped[int | None] = mapped_column(ForeignKey("slack_workspace.id"))  # ... or in Slack
    channel_id: Mapped[Key | None]
    user_id: Mapped[Key | None]
    expires_at: Mapped[Instant]


class SlackUser(Base):
    """What a Slack user chose, and what Slack told of their language and time."""

    __tablename__ = "slack_user"
    workspace_id: Mapped[int] = mapped_column(ForeignKey("slack_workspace.id"), primary_key=True)
    user_id: Mapped[Key] = mapped_column(primary_key=True)
    name: Mapped[Words | None]
    locale: Mapped[Key | None]
    time_zone: Mapped[Key | None]  # IANA
    told_at: Mapped[datetime | None]  # when Slack told this
    wants_reminders: Mapped[bool] = mapped_column(default=True)
    quiet_from: Mapped[int | None]  # [minutes after midnight], in their time zone
    quiet_until: Mapped[int | None]
    problem_at: Mapped[int | None]  # a problem a day, then [minutes after midnight], in their time zone
    problem_due_at: Mapped[datetime | None]  # the next one
    wrong_codes: Mapped[int] = mapped_column(default=0)  # in the hour from `wrong_since` on
    wrong_since: Mapped[datetime | None]


class SlackMessage(Base):
    """A message of ours that shows how something stands: what it showed last, and when it is looked at again."""

    __tablename__ = "slack_message"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'live', 'over', 'failed')", "status_known"),
        Index(None, "status", "due_at"),
        Index(None, "noun", "target_id"),
        Index(None, "workspace_id", "channel_id", "ts"),
        Index(None, "remind_at"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("slack_workspace.id"))
    channel_id: Mapped[Key]
    ts: Mapped[Key | None]  # None until Slack took it
    thread_ts: Mapped[Key | None]  # posted into this thread
    noun: Mapped[Key]  # 'poll', 'question', 'item', 'problem'
    target_id: Mapped[int] = mapped_column(BigInt)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    status: Mapped[Key]
    shown_version: Mapped[int] = mapped_column(BigInt, default=-1)  # of what it shows (a poll's, or the wall's)
    shown_hash: Mapped[Key | None]
    due_at: Mapped[datetime | None]  # looked at then, whatever the version says
    file_id: Mapped[Key | None]  # the picture of a word cloud, as it was last
    remind_at: Mapped[datetime | None]  # who has not answered the poll then is reminded; None: nobody (any more)
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[Words | None]  # why Slack did not take it, in our words
    asked_by: Mapped[Key | None]  # the Slack user to tell where it cannot be posted
    created_at: Mapped[Instant]


class SlackDirect(Base):
    """A private message that is due: a reminder, an answer to one's question, a refusal that came late."""

    __tablename__ = "slack_direct"
    __table_args__ = (
        UniqueConstraint("workspace_id", "user_id", "noun", "target_id", "round"),
        CheckConstraint("status IN ('due', 'sent', 'dropped', 'failed')", "status_known"),
        Index(None, "status", "due_at"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("slack_workspace.id"))
    user_id: Mapped[Key]
    noun: Mapped[Key]
    target_id: Mapped[int] = mapped_column(BigInt)
    round: Mapped[int] = mapped_column(default=0)  # the same person may be told of the same thing again
    details: Mapped[dict[str, Any]]  # what the words need besides, as far as it is no one's text
    status: Mapped[Key]
    due_at: Mapped[Instant]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]


class Term(Base):
    """A course's term: when it runs, in which time zone, and which days are free."""

    __tablename__ = "term"
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    time_zone: Mapped[Key]  # IANA
    free: Mapped[list[str]]  # days without prompts: 'YYYY-MM-DD' or 'YYYY-MM-DD/YYYY-MM-DD'


class Prompt(Base):
    """Something that is put to a channel at a time, once or again and again along the term."""

    __tablename__ = "prompt"
    __table_args__ = (
        CheckConstraint("what IN ('poll', 'problem')", "what_known"),
        CheckConstraint("status IN ('active', 'paused', 'over')", "status_known"),
        Index(None, "status", "next_at"),
        Index(None, "channel_id"),
        Index(None, "course_id"),
    )
    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))  # a channel may go to another course
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    what: Mapped[Key]
    form: Mapped[dict[str, Any]]  # of a poll: what `poll_plans.plan` reads
    first_id: Mapped[int | None] = mapped_column(ForeignKey("poll.id"))  # this is the last impression to that one
    weekdays: Mapped[list[str]]  # 'mon' ... 'sun'; empty: once
    at_minute: Mapped[int]  # [minutes after midnight] in `time_zone`
    time_zone: Mapped[Key]  # IANA
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    open_minutes: Mapped[int | None]  # how long each stays open
    remind_minutes: Mapped[int | None]  # before its end, those who have not answered
    status: Mapped[Key]
    next_at: Mapped[datetime | None]
    posted: Mapped[int] = mapped_column(default=0)  # how often
    stopped: Mapped[dict[str, Any]]  # the sentence that says why it was paused by itself; {}: it was not
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]
