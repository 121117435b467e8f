"""limits that hold something up for long are late; what counts against a partner's limit

Revision: 0042, after 0041.
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

BEFORE = "'alarms', 'letters', 'steps', 'questions', 'unworked', 'queues'"


def upgrade() -> None:
    _kinds(f"{BEFORE}, 'limits'")
    op.create_index(
        "ix_inbound_webhook_opened",
        "inbound_webhook",
        ["source", "settled_at"],
        postgresql_where=sa.text("state = 'done' AND kind = 'case.opened'"),
    )


def downgrade() -> None:
    op.drop_index("ix_inbound_webhook_opened", "inbound_webhook")
    op.execute("DELETE FROM late_thing WHERE kind = 'limits'")
    _kinds(BEFORE)


def _kinds(listed: str) -> None:
    op.drop_constraint(op.f("ck_late_thing_kind"), "late_thing", type_="check")
    op.create_check_constraint(op.f("ck_late_thing_kind"), "late_thing", f"kind IN ({listed})")
