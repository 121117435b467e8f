"""reasons of answers, what a reading notes, and where mail is from stand sealed

Revision: 0040, after 0039. Going back lays them open again; both need the ring of secret keys.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from migrations.sealing import (
    Columns,
    let_keys_follow,
    open_columns,
    open_with_own_keys,
    seal_columns,
)

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

WORDS = ("text", sa.String())
OF_ANY = (
    Columns("human_task", {"reason": WORDS}),
    Columns("inbound_mail", {"aside_reason": WORDS, "origin": ("json", JSONB())}, owner=None),
)
"""Tables with rows that have no case."""
OF_CASES = Columns("document", {"notes": ("object", JSONB())})


def upgrade() -> None:
    for of in OF_ANY:
        seal_columns(of)
        let_keys_follow(of)
    seal_columns(OF_CASES)


def downgrade() -> None:
    open_columns(OF_CASES)
    for of in reversed(OF_ANY):
        open_with_own_keys(of)
