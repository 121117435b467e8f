"""addresses whose letters belong to a case; old letters that were imported

Revision: 0019, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
MESSAGES = "'draft', 'queued', 'sending', 'sent', 'refused', 'uncertain', 'cancelled', 'received'"
DOCUMENTS = (
    "'received', 'stored', 'read', 'proposed', 'verified', 'quarantined', 'duplicate',"
    " 'unreadable', 'superseded'"
)


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
    op.add_column("inbound_mail", sa.Column("letter_hash", sa.String(64), nullable=True))
    op.add_column("inbound_mail", sa.Column("imported_at", TIME, nullable=True))
    op.add_column("inbound_mail", sa.Column("aside_reason", sa.String(), nullable=True))
    op.add_column("inbound_mail", sa.Column("aside_by", sa.String(40), nullable=True))
    op.add_column("inbound_mail", sa.Column("aside_at", TIME, nullable=True))
    op.create_index("ix_inbound_mail_letter_hash", "inbound_mail", ["letter_hash"])
    op.create_index(
        "ix_inbound_mail_to_place",
        "inbound_mail",
        ["message_row_id"],
        postgresql_where=sa.text("state IN ('to_place', 'aside')"),
    )
    _states("message", f"{MESSAGES}, 'archived'")
    _states("document", f"{DOCUMENTS}, 'kept'")


def _states(table: str, states: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_state"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_state"), table, f"state IN ({states})")


def downgrade() -> None:
    op.execute("UPDATE message SET state = 'received' WHERE state = 'archived'")
    op.execute("UPDATE document SET state = 'unreadable' WHERE state = 'kept'")
    _states("document", DOCUMENTS)
    _states("message", MESSAGES)
    op.drop_index("ix_inbound_mail_to_place", "inbound_mail")
    op.drop_index("ix_inbound_mail_letter_hash", "inbound_mail")
    for column in ("aside_at", "aside_by", "aside_reason", "imported_at"):
        op.drop_column("inbound_mail", column)
    op.drop_column("inbound_mail", "letter_hash")
    op.drop_table("contact_point")
