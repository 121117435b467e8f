"""offers: deposit, conditions, price of later radiotherapy, their letter; not chosen, replaced

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATES = (
    "'recorded', 'checked', 'presented', 'accepted', 'declined', {}'expired',"
    " 'withdrawn_by_hospital'"
)
AMOUNTS = ("supplementary_ebrt_high", "deposit_amount")
TEXTS = ("deposit_terms", "conditions")


def _states(more: str) -> None:
    op.drop_constraint("ck_offer_state", "offer")
    check = f"state IN ({STATES.format(more)})"
    op.create_check_constraint(op.f("ck_offer_state"), "offer", check)


def upgrade() -> None:
    _states("'not_chosen', 'replaced', ")
    for name in AMOUNTS:
        op.add_column("offer", sa.Column(name, sa.Numeric(14, 2), nullable=True))
    op.add_column("offer", sa.Column("deposit_pct", sa.Numeric(5, 2), nullable=True))
    for name in TEXTS:
        op.add_column("offer", sa.Column(name, sa.String(), nullable=True))
    op.add_column("offer", sa.Column("message_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_offer_message_id_message"), "offer", "message", ["message_id"], ["id"]
    )


def downgrade() -> None:
    op.execute("UPDATE offer SET state = 'declined' WHERE state IN ('not_chosen', 'replaced')")
    _states("")
    for name in ("message_id", *TEXTS, "deposit_pct", *AMOUNTS):
        op.drop_column("offer", name)
