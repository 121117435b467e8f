"""what the relay asks at each tick is found in an index, whatever waits or is done; one leads

Rows that are due at the same moment are in the order of the index: a claim sorts nothing. The
unique index has the few rows with a key alone; the others were most of it. A case's counter moves
with every fact: free room in a page saves its index entries. Finished rows are vacuumed before they
are a fifth of the table.

Revision: 0046, after 0045.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_STEP_RUN = {
    "autovacuum_vacuum_scale_factor": "0.01",
    "autovacuum_vacuum_insert_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.02",
}


def upgrade() -> None:
    queued = sa.text("state = 'queued'")
    op.drop_index("ix_step_run_due", table_name="step_run")
    op.create_index("ix_step_run_due", "step_run", ["name", "due_at", "id"], postgresql_where=queued)
    op.drop_constraint("uq_step_run_dedupe_key", "step_run")
    op.create_index(
        "ux_step_run_dedupe_key", "step_run", ["dedupe_key"], unique=True,
        postgresql_where=sa.text("dedupe_key IS NOT NULL"),
    )
    op.execute('ALTER TABLE "case" SET (fillfactor = 80)')
    given = ", ".join(f"{name} = {value}" for name, value in _STEP_RUN.items())
    op.execute(f"ALTER TABLE step_run SET ({given})")
    op.create_table(
        "leader",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("holder", sa.String(40), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leader")),
    )


def downgrade() -> None:
    op.drop_table("leader")
    op.execute(f"ALTER TABLE step_run RESET ({', '.join(_STEP_RUN)})")
    op.execute('ALTER TABLE "case" RESET (fillfactor)')
    op.drop_index("ux_step_run_dedupe_key", table_name="step_run")
    op.create_unique_constraint("uq_step_run_dedupe_key", "step_run", ["dedupe_key"])
    op.drop_index("ix_step_run_due", table_name="step_run")
    op.create_index(
        "ix_step_run_due", "step_run", ["name", "due_at"], postgresql_where=sa.text("state = 'queued'")
    )
