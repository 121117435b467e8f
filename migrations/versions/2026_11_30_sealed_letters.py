"""letters stand sealed: addresses, subjects, texts, what they were told, and how they are numbered

Revision: 0039, after 0038. Going back lays them open again; both need the ring of secret keys.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.sealing import Columns, let_keys_follow, open_with_own_keys, seal_columns
from models.findable import letter_marks_of

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

MARKS = ("address_mark", "message_id_mark")


def _found(marks, row):
    return dict(zip(MARKS, letter_marks_of(marks, row["address"], row["message_id"]), strict=True))


LETTERS = Columns(
    "message",
    {
        "address": ("text", sa.String(254)),
        "subject": ("text", sa.String(400)),
        "body": ("text", sa.String()),
        "message_id": ("text", sa.String(250)),
        "in_reply_to": ("text", sa.String(250)),
        "told": ("json", JSONB()),
    },
    found=_found,
)


def upgrade() -> None:
    op.drop_constraint(op.f("uq_message_message_id"), "message", type_="unique")
    for mark in MARKS:
        op.add_column("message", sa.Column(mark, sa.String(32), nullable=True))
    seal_columns(LETTERS)
    let_keys_follow(LETTERS)
    for mark in MARKS:
        unique = mark == "message_id_mark"
        op.create_index(op.f(f"ix_message_{mark}"), "message", [mark], unique=unique)


def downgrade() -> None:
    for mark in MARKS:
        op.drop_index(op.f(f"ix_message_{mark}"), "message")
    open_with_own_keys(LETTERS)
    for mark in MARKS:
        op.drop_column("message", mark)
    op.create_unique_constraint(op.f("uq_message_message_id"), "message", ["message_id"])
