"""what the virus scan said of each file, and when

Revision: 0032, after 0031.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "document",
        sa.Column("scan", sa.String(12), nullable=False, server_default="not_scanned"),
    )
    op.add_column("document", sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_document_not_scanned",
        "document",
        ["id"],
        postgresql_where=sa.text("scan = 'not_scanned'"),
    )


def downgrade() -> None:
    op.drop_index("ix_document_not_scanned", "document")
    op.drop_column("document", "scanned_at")
    op.drop_column("document", "scan")
