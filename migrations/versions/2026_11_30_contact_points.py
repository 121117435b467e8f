"""addresses from which letters of a case come, beside the patient's own

Revision: 0019, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0016"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "contact_point",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("whose", sa.String(10), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("identified_by", sa.String(20), nullable=True),
        sa.Column("confirmed_by", sa.String(40), nullable=False),
        sa.Column("confirmed_at", TIME, nullable=False),
        sa.Column("ended_by", sa.String(40), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "whose IN ('patient', 'family', 'doctor', 'not_said')",
            name=op.f("ck_contact_point_whose"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_contact_point_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_contact_point_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
    )
    op.create_index(op.f("ix_contact_point_case_id"), "contact_point", ["case_id"])
    op.create_index("ix_contact_point_address", "contact_point", [sa.text("lower(address)")])
    op.create_index(
        "ux_contact_point_case_address",
        "contact_point",
        ["case_id", sa.text("lower(address)")],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("contact_point")
