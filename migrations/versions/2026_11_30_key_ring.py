"""keys in the database, wrapped with the ring; the secrets of partners are sealed

Revision: 0024, after 0023. Going back, recovery codes made meanwhile open nothing any more.
"""

import sqlalchemy as sa
from alembic import op

from keys import open_sealed, seal
from keys.ring_file import RingSource
from settings import Settings

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SEALING = "partner secret"
# The first secret key made these hashes; what was found by them before is to be found still.
MARKED = """
INSERT INTO data_key (owner, subject) SELECT 'house', 'marks'
 WHERE EXISTS (SELECT FROM recovery_code) OR EXISTS (SELECT FROM hook_object)
    OR EXISTS (SELECT FROM audit_entry)
"""


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("owner", sa.String(10), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("wrapped", sa.Text(), nullable=True),
        sa.Column("destroyed_at", TIME, nullable=True),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "owner IN ('house', 'case', 'draft', 'mail', 'hook')", name=op.f("ck_data_key_owner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
    )
    op.create_index(op.f("ix_data_key_case_id"), "data_key", ["case_id"])
    op.create_index(
        "ux_data_key_owner_subject",
        "data_key",
        ["owner", "subject"],
        unique=True,
        postgresql_where=sa.text("destroyed_at IS NULL"),
    )
    op.execute(MARKED)
    op.alter_column("webhook_endpoint", "secret", type_=sa.Text())
    op.alter_column("webhook_endpoint", "previous_secret", type_=sa.Text())
    _secrets(False, lambda ring, place, plain: seal(ring, SEALING, place, plain.encode()))


def downgrade() -> None:
    _secrets(True, lambda ring, place, sealed: open_sealed(ring, SEALING, place, sealed).decode())
    op.alter_column("webhook_endpoint", "previous_secret", type_=sa.String(120))
    op.alter_column("webhook_endpoint", "secret", type_=sa.String(120))
    op.drop_table("data_key")


def _secrets(are_sealed, change) -> None:
    """Change the secrets of each partner that are sealed, or are not; the ring is asked for only
    where there is one.
    """
    rows = op.get_bind().execute(
        sa.text("SELECT id, secret, previous_secret FROM webhook_endpoint WHERE secret <> ''")
    )
    for number, *kept in rows.all():
        ring = RingSource(Settings())()
        new = [
            change(ring, f"webhook_endpoint|{number}", one)
            if one and one.startswith("r1.") == are_sealed
            else one
            for one in kept
        ]
        op.get_bind().execute(
            sa.text(
                "UPDATE webhook_endpoint SET secret = :secret, previous_secret = :previous"
                " WHERE id = :id"
            ),
            {"id": number, "secret": new[0], "previous": new[1]},
        )
