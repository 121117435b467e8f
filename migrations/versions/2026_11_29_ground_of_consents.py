"""on which ground somebody else than the patient signed a consent, and the papers that show it

Revision: 0011, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consent", sa.Column("ground", sa.String(20), nullable=True))
    for name in ("paper_id", "authority_id"):
        op.add_column("consent", sa.Column(name, sa.BigInteger(), nullable=True))
        op.create_foreign_key(None, "consent", "document", [name], ["id"])
        op.create_index(f"ix_consent_{name}", "consent", [name])


def downgrade() -> None:
    for name in ("authority_id", "paper_id", "ground"):
        op.drop_column("consent", name)
