"""red flags: who calls, what came of it, the ladder; where staff are reached outside the console

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ALARM = "state = 'open' AND kind IN ('call_patient_now', 'find_sender')"
REACHED = "reached IN ('patient', 'caregiver', 'hospital', 'emergency_service', 'nobody')"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("user_account", sa.Column("email", sa.String(254), nullable=True))
    op.add_column("human_task", sa.Column("taken_by", sa.String(40), nullable=True))
    op.add_column("human_task", sa.Column("taken_at", MOMENT, nullable=True))
    # A constant default rewrites no row.
    level = sa.Column("level", sa.Integer(), nullable=False, server_default="0")
    op.add_column("human_task", level)
    op.add_column("human_task", sa.Column("climbs_at", MOMENT, nullable=True))
    op.create_table(
        "red_flag_call",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("by_ref", sa.String(40), nullable=False),
        sa.Column("reached", sa.String(20), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=True),
        sa.Column("called_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(REACHED, name=op.f("ck_red_flag_call_reached")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_red_flag_call_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["human_task.id"], name=op.f("fk_red_flag_call_task_id_human_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_red_flag_call")),
    )
    op.create_index(op.f("ix_red_flag_call_case_id"), "red_flag_call", ["case_id"])
    op.create_index(op.f("ix_red_flag_call_task_id"), "red_flag_call", ["task_id"])
    # Open questions are few, and this one stands beside two like it.
    op.create_index(
        "ix_human_task_alarm", "human_task", ["id"], postgresql_where=sa.text(ALARM)
    )


def downgrade() -> None:
    op.drop_index("ix_human_task_alarm", "human_task")
    op.drop_table("red_flag_call")
    for name in ("climbs_at", "level", "taken_at", "taken_by"):
        op.drop_column("human_task", name)
    op.drop_column("user_account", "email")
