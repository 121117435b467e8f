"""sealed values are bound to their row too; inquiries being written and names of uploads are sealed

Revision: 0038, after 0037. Going back lays these open again, and binds the others to their case
alone; both need the ring of secret keys.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.sealing import (
    FOLLOWS,
    OF_CASE,
    OF_ROW,
    Columns,
    let_keys_follow,
    open_with_own_keys,
    rebind_columns,
    seal_columns,
)

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

SEALED = (
    Columns("portal_draft", {"answers": ("object", JSONB())}),
    Columns("upload", {"file_name": ("text", sa.String(400))}),
)


def _before():
    names = op.get_context().script.get_revision
    first, second = names("0033").module, names("0035").module
    return first.PATIENT, first.CONTACT, *second.SEALED


def upgrade() -> None:
    _owners("'house', 'case', 'object', 'row'")
    op.execute(FOLLOWS)
    for of in _before():
        rebind_columns(of, OF_CASE, OF_ROW)
    for of in SEALED:
        seal_columns(of)
        let_keys_follow(of)


def downgrade() -> None:
    for of in reversed(SEALED):
        open_with_own_keys(of)
    for of in _before():
        rebind_columns(of, OF_ROW, OF_CASE)
    op.execute("DROP FUNCTION row_key_follows()")
    op.execute("DELETE FROM data_key WHERE owner = 'row'")
    _owners("'house', 'case', 'object'")


def _owners(listed: str) -> None:
    op.drop_constraint(op.f("ck_data_key_owner"), "data_key", type_="check")
    op.create_check_constraint(op.f("ck_data_key_owner"), "data_key", f"owner IN ({listed})")
