"""beside a thread with a hospital: notes, people who were named; what goes with a letter

Revision: 0047, after 0046.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

WAYS = "way IN ('email', 'phone', 'whatsapp', 'wechat')"
STATES = "state IN ('proposed', 'confirmed', 'refused')"


def _sealed(table: str, column: str) -> sa.CheckConstraint:
    check = f"{column} = '' OR starts_with({column}, 's2.')"
    return sa.CheckConstraint(check, name=op.f(f"ck_{table}_{column}_sealed"))


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)


def _first() -> list[sa.Column]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
    ]


def _made() -> sa.Column:
    now = sa.text("now()")
    return sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False)


def upgrade() -> None:
    op.add_column("message", sa.Column("attachments", JSONB(), nullable=True))
    op.create_table(
        "thread_note",
        *_first(),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(40), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        _made(),
        _sealed("thread_note", "words"),
        _of("thread_note", "case_id", "case"),
        _of("thread_note", "thread_id", "outreach_thread"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_note")),
    )
    op.create_index(op.f("ix_thread_note_thread_id"), "thread_note", ["thread_id"])
    op.create_table(
        "thread_contact",
        *_first(),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("value_mark", sa.String(32), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("decided_by", sa.String(40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        _made(),
        sa.CheckConstraint(WAYS, name=op.f("ck_thread_contact_way")),
        sa.CheckConstraint(STATES, name=op.f("ck_thread_contact_state")),
        _sealed("thread_contact", "value"),
        _sealed("thread_contact", "name"),
        _of("thread_contact", "case_id", "case"),
        _of("thread_contact", "thread_id", "outreach_thread"),
        _of("thread_contact", "message_id", "message"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_contact")),
    )
    op.create_index(op.f("ix_thread_contact_value_mark"), "thread_contact", ["value_mark"])
    op.create_index(
        "ux_thread_contact_thread_value",
        "thread_contact",
        ["thread_id", "way", "value_mark"],
        unique=True,
        postgresql_where=sa.text("value_mark IS NOT NULL"),
    )


def downgrade() -> None:
    """What was written beside the threads is lost."""
    op.drop_table("thread_contact")
    op.drop_table("thread_note")
    op.drop_column("message", "attachments")
