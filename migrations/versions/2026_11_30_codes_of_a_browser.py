"""codes that a browser asked for: bound to it, made again from a seed, kept in no form

Revision: 0027, after 0026. A code lives some minutes: those on their way are asked for anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM portal_code")
    op.drop_column("portal_code", "code_hash")
    op.add_column("portal_code", sa.Column("seed", sa.String(40), nullable=False))
    op.add_column("portal_code", sa.Column("browser_sha256", sa.String(64), nullable=False))
    op.add_column("portal_code", sa.Column("link_generation", sa.Integer(), nullable=False))
    op.add_column("portal_code", sa.Column("link_ref", sa.String(32), nullable=False))
    op.add_column("portal_code", sa.Column("address_ref", sa.String(32), nullable=False))
    op.add_column(
        "portal_code", sa.Column("acts_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index("ix_portal_code_browser", "portal_code", ["browser_sha256"])


def downgrade() -> None:
    op.execute("DELETE FROM portal_code")
    op.drop_index("ix_portal_code_browser", "portal_code")
    for name in (
        "acts_until",
        "address_ref",
        "link_ref",
        "link_generation",
        "browser_sha256",
        "seed",
    ):
        op.drop_column("portal_code", name)
    op.add_column("portal_code", sa.Column("code_hash", sa.String(64), nullable=False))
