"""The class in Slack: workspaces, channels, linked people, messages that are kept up to date, prompts along a term.

Revision: 0004, after: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "slack_state",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_slack_state")),
    )
    with op.batch_alter_table("slack_state", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slack_state_created_at"), ["created_at"], unique=False)

    op.create_table(
        "slack_workspace",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("enterprise_id", sa.String(length=64), nullable=False),
        sa.Column("team_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("app_id", sa.String(length=64), nullable=False),
        sa.Column("bot_id", sa.String(length=64), nullable=False),
        sa.Column("bot_user_id", sa.String(length=64), nullable=False),
        sa.Column("bot_token", sa.Text(), nullable=True),
        sa.Column("bot_refresh_token", sa.Text(), nullable=True),
        sa.Column(
            "bot_token_expires_at",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=True,
        ),
        sa.Column("scopes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("installed_by", sa.String(length=64), nullable=False),
        sa.Column(
            "installed_at",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "ended_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column(
            "lease_until", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column(
            "paused_until", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slack_workspace")),
        sa.UniqueConstraint("enterprise_id", "team_id", name=op.f("uq_slack_workspace_enterprise_id_team_id")),
    )
    with op.batch_alter_table("slack_workspace", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slack_workspace_team_id"), ["team_id"], unique=False)

    op.create_table(
        "slack_direct",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("noun", sa.String(length=64), nullable=False),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column(
            "due_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column(
            "sent_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.CheckConstraint("status IN ('due', 'sent', 'dropped', 'failed')", name=op.f("ck_slack_direct_status_known")),
        sa.ForeignKeyConstraint(["workspace_id"], ["slack_workspace.id"], name=op.f("fk_slack_direct_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slack_direct")),
        sa.UniqueConstraint(
            "workspace_id",
            "user_id",
            "noun",
            "target_id",
            "round",
            name=op.f("uq_slack_direct_workspace_id_user_id_noun_target_id_round"),
        ),
    )
    with op.batch_alter_table("slack_direct", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slack_direct_status_due_at"), ["status", "due_at"], unique=False)

    op.create_table(
        "slack_event",
        sa.Column("workspace_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column(
            "seen_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["slack_workspace.id"], name=op.f("fk_slack_event_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "event_id", name=op.f("pk_slack_event")),
    )
    with op.batch_alter_table("slack_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slack_event_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "slack_user",
        sa.Column("workspace_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("locale", sa.String(length=64), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column(
            "told_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("wants_reminders", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("problem_at", sa.Integer(), nullable=True),
        sa.Column(
            "problem_due_at",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=True,
        ),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column(
            "wrong_since", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["slack_workspace.id"], name=op.f("fk_slack_user_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name=op.f("pk_slack_user")),
    )
    op.create_table(
        "slack_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("workspace_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("channel_id", sa.String(length=64), nullable=True),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column(
            "expires_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.CheckConstraint("purpose IN ('channel', 'person')", name=op.f("ck_slack_code_purpose_known")),
        sa.CheckConstraint("(course_id IS NULL) <> (workspace_id IS NULL)", name=op.f("ck_slack_code_side_known")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_slack_code_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_slack_code_person_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["slack_workspace.id"], name=op.f("fk_slack_code_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slack_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_slack_code_code_hash")),
    )
    with op.batch_alter_table("slack_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slack_code_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "slack_identity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("platform_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "linked_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_slack_identity_person_id")),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_slack_identity_platform_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["slack_workspace.id"], name=op.f("fk_slack_identity_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slack_identity")),
        sa.UniqueConstraint("workspace_id", "person_id", name=op.f("uq_slack_identity_workspace_id_person_id")),
        sa.UniqueConstraint(
            "workspace_id", "user_id", "platform_id", name=op.f("uq_slack_identity_workspace_id_user_id_platform_id")
        ),
    )
    with op.batch_alter_table("slack_identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slack_identity_person_id"), ["person_id"], unique=False)

    op.create_table(
        "term",
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("free", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_term_course_id")),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_term")),
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("bound_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "bound_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column(
            "ended_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("practice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("questions_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("gallery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("poll_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["bound_by"], ["person.id"], name=op.f("fk_channel_bound_by")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_channel_course_id")),
        sa.ForeignKeyConstraint(["gallery_id"], ["activity.id"], name=op.f("fk_channel_gallery_id")),
        sa.ForeignKeyConstraint(["poll_id"], ["activity.id"], name=op.f("fk_channel_poll_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["activity.id"], name=op.f("fk_channel_practice_id")),
        sa.ForeignKeyConstraint(["questions_id"], ["activity.id"], name=op.f("fk_channel_questions_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["slack_workspace.id"], name=op.f("fk_channel_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("workspace_id", "channel_id", name=op.f("uq_channel_workspace_id_channel_id")),
    )
    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_channel_course_id"), ["course_id"], unique=False)

    op.create_table(
        "slack_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("ts", sa.String(length=64), nullable=True),
        sa.Column("thread_ts", sa.String(length=64), nullable=True),
        sa.Column("noun", sa.String(length=64), nullable=False),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("shown_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shown_hash", sa.String(length=64), nullable=True),
        sa.Column(
            "due_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("file_id", sa.String(length=64), nullable=True),
        sa.Column(
            "remind_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.String(length=64), nullable=True),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'live', 'over', 'failed')", name=op.f("ck_slack_message_status_known")
        ),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_slack_message_activity_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["slack_workspace.id"], name=op.f("fk_slack_message_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slack_message")),
    )
    with op.batch_alter_table("slack_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slack_message_noun_target_id"), ["noun", "target_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slack_message_remind_at"), ["remind_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_slack_message_status_due_at"), ["status", "due_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_slack_message_workspace_id_channel_id_ts"),
            ["workspace_id", "channel_id", "ts"],
            unique=False,
        )

    op.create_table(
        "prompt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("form", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("first_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("weekdays", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("at_minute", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("open_minutes", sa.Integer(), nullable=True),
        sa.Column("remind_minutes", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column(
            "next_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("posted", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.CheckConstraint("status IN ('active', 'paused', 'over')", name=op.f("ck_prompt_status_known")),
        sa.CheckConstraint("what IN ('poll', 'problem')", name=op.f("ck_prompt_what_known")),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_prompt_channel_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_prompt_course_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_prompt_created_by")),
        sa.ForeignKeyConstraint(["first_id"], ["poll.id"], name=op.f("fk_prompt_first_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt")),
    )
    with op.batch_alter_table("prompt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prompt_channel_id"), ["channel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_prompt_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_prompt_status_next_at"), ["status", "next_at"], unique=False)
