"""hashes of values leave the timeline: the few values of a field are guessed back from them

Revision: 0006, after 0005.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

HASHED = {
    "extraction.field_proposed": ("value_hash",),
    "extraction.field_confirmed": ("proposed_hash", "confirmed_hash"),
}


def upgrade() -> None:
    for event, names in HASHED.items():
        gone = " ".join(f"- '{name}'" for name in names)
        had = ", ".join(f"'{name}'" for name in names)
        op.execute(
            f"UPDATE case_event SET payload = payload {gone}"
            f" WHERE type = '{event}' AND payload ?| ARRAY[{had}]"
        )


def downgrade() -> None:
    """Nothing: what is gone stays gone, and the older program reads events without it."""
