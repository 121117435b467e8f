"""objects of the store are sealed, each with a key that its case's key wraps

Revision: 0029, after 0028. Before going back, open them: ./iort keys open-objects.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _owners("'house', 'case', 'object'")
    op.create_table(
        "sealed_object",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("stored", sa.String(80), nullable=False),
        sa.Column("data_key_id", sa.BigInteger(), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_object")),
    )
    op.create_index(
        "ux_sealed_object_name", "sealed_object", ["name", "data_key_id"], unique=True
    )
    op.create_index("ix_sealed_object_stored", "sealed_object", ["stored"])
    op.create_index(op.f("ix_sealed_object_data_key_id"), "sealed_object", ["data_key_id"])


def downgrade() -> None:
    there = op.get_bind().scalar(sa.text("SELECT EXISTS (SELECT FROM sealed_object)"))
    if there:
        raise RuntimeError("objects are sealed: ./iort keys open-objects first")
    op.drop_table("sealed_object")
    op.execute("DELETE FROM data_key WHERE owner = 'object'")
    _owners("'house', 'case', 'draft', 'mail', 'hook'")


def _owners(listed: str) -> None:
    op.drop_constraint(op.f("ck_data_key_owner"), "data_key", type_="check")
    op.create_check_constraint(op.f("ck_data_key_owner"), "data_key", f"owner IN ({listed})")
