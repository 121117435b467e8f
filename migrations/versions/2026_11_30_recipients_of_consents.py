"""a permission for a hospital names recipient, country and law

Revision: 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consent", sa.Column("recipient", sa.String(300)))
    op.add_column("consent", sa.Column("recipient_country", sa.String(2)))
    op.add_column("consent", sa.Column("law", sa.String(20)))


def downgrade() -> None:
    for name in ("law", "recipient_country", "recipient"):
        op.drop_column("consent", name)
