"""rates of exchange with day and source; in which currency and where a family wishes its offers

Revision: 0048, after 0047.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_rate",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("per_euro", sa.Numeric(20, 8), nullable=False),
        sa.Column("rate_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("evidence", sa.String(200), nullable=False),
        sa.Column("actor_ref", sa.String(40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("source IN ('person', 'ecb')", name=op.f("ck_exchange_rate_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rate")),
    )
    op.create_index("ix_exchange_rate_currency", "exchange_rate", ["currency", "rate_on", "id"])
    op.create_index(
        "ux_exchange_rate_ecb",
        "exchange_rate",
        ["currency", "rate_on"],
        unique=True,
        postgresql_where=sa.text("source = 'ecb'"),
    )
    op.add_column("case", sa.Column("family_currency", sa.String(3), nullable=True))
    op.add_column(
        "case",
        sa.Column(
            "wished_countries",
            postgresql.JSONB(),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.drop_column("case", "wished_countries")
    op.drop_column("case", "family_currency")
    op.drop_index("ux_exchange_rate_ecb", "exchange_rate")
    op.drop_index("ix_exchange_rate_currency", "exchange_rate")
    op.drop_table("exchange_rate")
