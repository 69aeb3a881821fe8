"""When a vote was clicked, so that of two clicks that overtake each other on their way the newer one counts.

A named poll's answer keeps the time that Slack gave the click, None for any other answer: so for every one so far.

What an anonymous author can ask with: the hash of a receipt, None for every text so far; and appeals by nobody known.

What became of an answer that was hidden or reported. So far a report that hid nothing was told to no teacher: now it
is. What a teacher hid stays hidden; what a rule hid waits, as it always did, and is now told, too.

Revision: 0005, after: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "ballot",
        sa.Column(
            "clicked_at", sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"), nullable=True
        ),
    )
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.add_column(sa.Column("receipt", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_contribution_receipt"), ["receipt"], unique=True)
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.alter_column(
            "person_id", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        )
    op.add_column("hidden_answer", sa.Column("status", sa.String(length=64), nullable=False, server_default="waits"))
    op.execute(
        "UPDATE hidden_answer SET status = 'hidden' WHERE EXISTS (SELECT 1 FROM decision"
        " JOIN activity ON activity.course_id = decision.course_id JOIN poll ON poll.activity_id = activity.id"
        " WHERE poll.id = hidden_answer.poll_id AND decision.action = 'hide_answer'"
        " AND decision.reason = hidden_answer.value)"
    )
    op.execute(
        "INSERT INTO hidden_answer (poll_id, value, hidden_at, status)"
        " SELECT DISTINCT answer_report.poll_id, answer_report.value, poll.created_at, 'reported' FROM answer_report"
        " JOIN poll ON poll.id = answer_report.poll_id WHERE answer_report.option_id = 0 AND NOT EXISTS"
        " (SELECT 1 FROM hidden_answer WHERE hidden_answer.poll_id = answer_report.poll_id"
        " AND hidden_answer.value = answer_report.value)"
    )
