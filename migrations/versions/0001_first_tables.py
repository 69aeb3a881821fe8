"""First tables.

Everything that the first release stores: who may launch it, courses and people, practice, pools, grades.

Revision: 0001, the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chore",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column(
            "due_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column(
            "lease_until", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chore")),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("authorization_url", sa.Text(), nullable=False),
        sa.Column("token_url", sa.Text(), nullable=False),
        sa.Column("token_audience", sa.Text(), nullable=True),
        sa.Column("keyset_url", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("product_family", sa.Text(), nullable=True),
        sa.Column("frame_origins", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column(
            "service_lease_until",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=True,
        ),
        sa.Column("service_lease_owner", sa.String(length=64), nullable=True),
        sa.Column(
            "service_paused_until",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=True,
        ),
        sa.Column("service_failures", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'active', 'disabled')", name=op.f("ck_registration_status_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("issuer", "client_id", name=op.f("uq_registration_issuer_client_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_registration_public_id")),
    )
    op.create_table(
        "access_token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deployment_id", sa.String(length=255), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column(
            "expires_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_access_token_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint(
            "registration_id",
            "deployment_id",
            "scopes",
            name=op.f("uq_access_token_registration_id_deployment_id_scopes"),
        ),
    )
    op.create_table(
        "key_set",
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column(
            "fetched_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column(
            "tried_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column(
            "fetching_until",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_key_set_registration_id")),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_key_set")),
    )
    op.create_table(
        "launch_state",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
        sa.Column("binding_hash", sa.String(length=64), nullable=False),
        sa.Column("storage_hash", sa.String(length=64), nullable=True),
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deployment_hint", sa.String(length=255), nullable=True),
        sa.Column("storage_target", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.CheckConstraint("status IN ('pending', 'used', 'refused')", name=op.f("ck_launch_state_status_known")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_launch_state_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch_state")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_launch_state_state_hash")),
    )
    with op.batch_alter_table("launch_state", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_launch_state_created_at"), ["created_at"], unique=False)

    op.create_table(
        "platform",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=64), nullable=False),
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deployment_id", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("frame_origins", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("allow_anonymous", sa.Boolean(), nullable=False),
        sa.Column(
            "first_seen_at",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=False,
        ),
        sa.CheckConstraint("status IN ('pending', 'active', 'disabled')", name=op.f("ck_platform_status_known")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_platform_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform")),
        sa.UniqueConstraint("public_id", name=op.f("uq_platform_public_id")),
        sa.UniqueConstraint("registration_id", "deployment_id", name=op.f("uq_platform_registration_id_deployment_id")),
    )
    op.create_table(
        "tool_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("private_key", sa.Text(), nullable=False),
        sa.Column("public_jwk", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column(
            "current_from", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column(
            "published_until",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=True,
        ),
        sa.CheckConstraint("status IN ('next', 'current', 'retired')", name=op.f("ck_tool_key_status_known")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_tool_key_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_tool_key_kid")),
    )
    with op.batch_alter_table("tool_key", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_tool_key_registration_id_status"), ["registration_id", "status"], unique=False
        )

    op.create_table(
        "course",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("platform_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("context_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("memberships_url", sa.Text(), nullable=True),
        sa.Column(
            "roster_due_at",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=True,
        ),
        sa.Column("roster_tries", sa.Integer(), nullable=False),
        sa.Column(
            "roster_fetched_at",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=True,
        ),
        sa.Column("roster_problem", sa.Text(), nullable=True),
        sa.Column("roster_differences_url", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_course_platform_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("platform_id", "context_id", name=op.f("uq_course_platform_id_context_id")),
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_roster_due_at"), ["roster_due_at"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("platform_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column(
            "suspended_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_person_platform_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("platform_id", "subject", name=op.f("uq_person_platform_id_subject")),
    )
    op.create_table(
        "activity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=64), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column(
            "placed_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("copied_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("kind IN ('practice')", name=op.f("ck_activity_kind_known")),
        sa.ForeignKeyConstraint(["copied_from_id"], ["activity.id"], name=op.f("fk_activity_copied_from_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_activity_course_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_activity_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("course_id", "copied_from_id", name=op.f("uq_activity_course_id_copied_from_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_activity_public_id")),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_course_id"), ["course_id"], unique=False)

    op.create_table(
        "image",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_image_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image")),
        sa.UniqueConstraint("course_id", "sha256", name=op.f("uq_image_course_id_sha256")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("is_star", sa.Boolean(), nullable=False),
        sa.Column("sections", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "role_seen_at",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "launched_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.CheckConstraint("role IN ('student', 'teacher', 'observer')", name=op.f("ck_membership_role_known")),
        sa.CheckConstraint("status IN ('active', 'inactive', 'deleted')", name=op.f("ck_membership_status_known")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_membership_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("course_id", "person_id", name=op.f("uq_membership_course_id_person_id")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_person_id"), ["person_id"], unique=False)

    op.create_table(
        "problem",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column(
            "deleted_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("copied_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["copied_from_id"], ["problem.id"], name=op.f("fk_problem_copied_from_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_problem_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
        sa.UniqueConstraint("course_id", "copied_from_id", name=op.f("uq_problem_course_id_copied_from_id")),
    )
    with op.batch_alter_table("problem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_problem_course_id"), ["course_id"], unique=False)

    op.create_table(
        "activity_problem",
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problem_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_activity_problem_activity_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_activity_problem_problem_id")),
        sa.PrimaryKeyConstraint("activity_id", "problem_id", name=op.f("pk_activity_problem")),
    )
    with op.batch_alter_table("activity_problem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_problem_problem_id"), ["problem_id"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problem_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("response", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("fraction", sa.Float(precision=53), nullable=True),
        sa.Column("right", sa.Boolean(), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_attempt_activity_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attempt_person_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_attempt_problem_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "activity_id",
            "person_id",
            "problem_id",
            "number",
            name=op.f("uq_attempt_activity_id_person_id_problem_id_number"),
        ),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_problem_id"), ["problem_id"], unique=False)

    op.create_table(
        "contribution",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problem_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=True),
        sa.Column("likely_to_help", sa.Boolean(), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("retired_because", sa.String(length=64), nullable=True),
        sa.Column(
            "pinned_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column(
            "joined_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column(
            "retired_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("inherited_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "kind IN ('explanation', 'worked_example', 'hint', 'reason')", name=op.f("ck_contribution_kind_known")
        ),
        sa.CheckConstraint(
            "status IN ('kept', 'pending', 'live', 'retired')", name=op.f("ck_contribution_status_known")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_contribution_course_id")),
        sa.ForeignKeyConstraint(
            ["inherited_from_id"], ["contribution.id"], name=op.f("fk_contribution_inherited_from_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contribution_person_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_contribution_problem_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution")),
        sa.UniqueConstraint(
            "problem_id", "inherited_from_id", name=op.f("uq_contribution_problem_id_inherited_from_id")
        ),
        sa.UniqueConstraint(
            "problem_id", "person_id", "kind", "version", name=op.f("uq_contribution_problem_id_person_id_kind_version")
        ),
    )
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contribution_course_id_status"), ["course_id", "status"], unique=False)

    op.create_table(
        "draft",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problem_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "saved_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_draft_activity_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_person_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_draft_problem_id")),
        sa.PrimaryKeyConstraint("person_id", "activity_id", "problem_id", "kind", name=op.f("pk_draft")),
    )
    op.create_table(
        "problem_image",
        sa.Column("problem_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_problem_image_image_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_problem_image_problem_id")),
        sa.PrimaryKeyConstraint("problem_id", "name", name=op.f("pk_problem_image")),
    )
    op.create_table(
        "resource_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("link_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("line_item_url", sa.Text(), nullable=True),
        sa.Column("line_items_url", sa.Text(), nullable=True),
        sa.Column("ags_scopes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_resource_link_activity_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_resource_link_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_link")),
        sa.UniqueConstraint("course_id", "link_id", name=op.f("uq_resource_link_course_id_link_id")),
    )
    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resource_link_activity_id"), ["activity_id"], unique=False)

    op.create_table(
        "arm",
        sa.Column("contribution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problem_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rewarded", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("squares", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inherited_rewarded", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inherited_points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inherited_squares", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("author IN ('student', 'star', 'teacher')", name=op.f("ck_arm_author_known")),
        sa.CheckConstraint("slot IN ('explanation', 'help', 'reason')", name=op.f("ck_arm_slot_known")),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_arm_contribution_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_arm_problem_id")),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_arm")),
    )
    with op.batch_alter_table("arm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_arm_problem_id_slot"), ["problem_id", "slot"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("teacher_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("contribution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_decision_contribution_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_decision_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_decision_person_id")),
        sa.ForeignKeyConstraint(["teacher_id"], ["person.id"], name=op.f("fk_decision_teacher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_course_id"), ["course_id"], unique=False)

    op.create_table(
        "exposure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problem_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contribution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occasion", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("probability", sa.Float(precision=53), nullable=False),
        sa.Column("pool_size", sa.Integer(), nullable=False),
        sa.Column("eligible_size", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column(
            "shown_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column(
            "outcome_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.CheckConstraint("points IS NULL OR points BETWEEN 0 AND 10", name=op.f("ck_exposure_points_range")),
        sa.CheckConstraint("probability > 0 AND probability <= 1", name=op.f("ck_exposure_probability_range")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_exposure_activity_id")),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_exposure_contribution_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_exposure_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_exposure_person_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_exposure_problem_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure")),
        sa.UniqueConstraint(
            "activity_id",
            "person_id",
            "problem_id",
            "slot",
            "occasion",
            name=op.f("uq_exposure_activity_id_person_id_problem_id_slot_occasion"),
        ),
        sa.UniqueConstraint(
            "person_id", "contribution_id", "round", name=op.f("uq_exposure_person_id_contribution_id_round")
        ),
    )
    with op.batch_alter_table("exposure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exposure_contribution_id"), ["contribution_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exposure_problem_id_slot"), ["problem_id", "slot"], unique=False)

    op.create_table(
        "grade",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resource_link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("score", sa.Float(precision=53), nullable=False),
        sa.Column("maximum", sa.Float(precision=53), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "stamped_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column(
            "submitted_at",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=False,
        ),
        sa.Column("sent_version", sa.Integer(), nullable=False),
        sa.Column("sent_fraction", sa.Float(precision=53), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column(
            "due_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column(
            "first_failed_at",
            sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "tried_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("lms_score", sa.Float(precision=53), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'sent', 'overridden', 'not_gradable', 'gone', 'forbidden', 'given_up', 'cleared')",
            name=op.f("ck_grade_status_known"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_grade_person_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_grade_registration_id")),
        sa.ForeignKeyConstraint(["resource_link_id"], ["resource_link.id"], name=op.f("fk_grade_resource_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade")),
        sa.UniqueConstraint("resource_link_id", "person_id", name=op.f("uq_grade_resource_link_id_person_id")),
    )
    with op.batch_alter_table("grade", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grade_due_at"), ["due_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_grade_registration_id_due_at"), ["registration_id", "due_at"], unique=False
        )

    op.create_table(
        "launch_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column(
            "code_until", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("launch_state_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("platform_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resource_link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("deep_linking", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("locale", sa.String(length=64), nullable=True),
        sa.Column("parent_origin", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column(
            "seen_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column(
            "expires_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.CheckConstraint("role IN ('student', 'teacher', 'observer')", name=op.f("ck_launch_session_role_known")),
        sa.CheckConstraint(
            "status IN ('unbound', 'coded', 'open', 'ended')", name=op.f("ck_launch_session_status_known")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_launch_session_course_id")),
        sa.ForeignKeyConstraint(
            ["launch_state_id"],
            ["launch_state.id"],
            name=op.f("fk_launch_session_launch_state_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_launch_session_person_id")),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_launch_session_platform_id")),
        sa.ForeignKeyConstraint(
            ["resource_link_id"], ["resource_link.id"], name=op.f("fk_launch_session_resource_link_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch_session")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_launch_session_code_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_launch_session_token_hash")),
    )
    with op.batch_alter_table("launch_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_launch_session_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_launch_session_person_id_course_id"), ["person_id", "course_id"], unique=False
        )

    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contribution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column(
            "settled_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_report_contribution_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_report_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("contribution_id", "person_id", name=op.f("uq_report_contribution_id_person_id")),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contribution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fine", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_review_contribution_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("contribution_id", "person_id", name=op.f("uq_review_contribution_id_person_id")),
    )
