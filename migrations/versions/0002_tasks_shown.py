"""Which tasks were shown, what came of it, and the models learned from that.

New tables for exposures of tasks, for what everybody did with a problem, and for fitted models. A problem in an
activity gets a worth, 1 for those that are there, and may name another one that must come first. Answers from before
have no exposures: nobody kept when their problems were shown, so nothing is made up for them.

Revision: 0002, after: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survival_model",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column(
            "fitted_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column("rows", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("weights", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("card", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_survival_model_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survival_model")),
    )
    with op.batch_alter_table("survival_model", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_survival_model_course_id_name_fitted_at"), ["course_id", "name", "fitted_at"], unique=False
        )

    op.create_table(
        "task_exposure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problem_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occasion", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("probability", sa.Float(precision=53), nullable=True),
        sa.Column("eligible_size", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("stay", sa.Float(precision=53), nullable=True),
        sa.Column("information", sa.Float(precision=53), nullable=True),
        sa.Column("ahead", sa.Float(precision=53), nullable=True),
        sa.Column("drawn", sa.String(length=64), nullable=True),
        sa.Column("ties", sa.Integer(), nullable=True),
        sa.Column("goal", sa.Integer(), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column(
            "shown_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=False
        ),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column(
            "outcome_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
        sa.CheckConstraint(
            "(probability IS NULL) = (policy = 'chosen')", name=op.f("ck_task_exposure_probability_known")
        ),
        sa.CheckConstraint(
            "outcome IN ('right', 'wrong', 'answered', 'skipped', 'left')", name=op.f("ck_task_exposure_outcome_known")
        ),
        sa.CheckConstraint(
            "probability IS NULL OR (probability > 0 AND probability <= 1)",
            name=op.f("ck_task_exposure_probability_range"),
        ),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_task_exposure_activity_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_task_exposure_course_id")),
        sa.ForeignKeyConstraint(["model_id"], ["survival_model.id"], name=op.f("fk_task_exposure_model_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_exposure_person_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_task_exposure_problem_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_exposure")),
        sa.UniqueConstraint(
            "activity_id", "person_id", "occasion", name=op.f("uq_task_exposure_activity_id_person_id_occasion")
        ),
    )
    with op.batch_alter_table("task_exposure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_task_exposure_course_id_person_id"), ["course_id", "person_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_task_exposure_course_id_shown_at"), ["course_id", "shown_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_task_exposure_problem_id"), ["problem_id"], unique=False)

    op.create_table(
        "task_record",
        sa.Column("problem_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shown", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("answered", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("right", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wrong", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("skipped", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("milliseconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["problem_id"], ["problem.id"], name=op.f("fk_task_record_problem_id")),
        sa.PrimaryKeyConstraint("problem_id", name=op.f("pk_task_record")),
    )
    with op.batch_alter_table("activity_problem", schema=None) as batch_op:
        batch_op.add_column(sa.Column("worth", sa.Float(precision=53), server_default="1", nullable=False))
        batch_op.add_column(
            sa.Column("requires_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(batch_op.f("fk_activity_problem_requires_id"), "problem", ["requires_id"], ["id"])
