"""results, reasons of signatures and what was said in calls stand sealed, and the chains hold

Revision: 0043, after 0042. Going back lays them open again; both need the ring of secret keys.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.sealing import Columns
from migrations.sealing_evidence import (
    Evidence,
    alone,
    forget_kept,
    open_evidence,
    seal_evidence,
)

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

WHY = f"migration {revision}"
SEALED = (
    (Columns("assessment", {"result": ("object", JSONB()), "findings": ("object", JSONB())}), False),
    (Columns("review", {"reason": ("text", sa.String())}), False),
    (Columns("red_flag_call", {"said": ("text", sa.String())}), True),
)
"""Each with whether a row may have no case."""

# What was hashed in clear has its hash already: nobody could make it of what stands there now.
HIDE = """
CREATE OR REPLACE FUNCTION evidence_hide(the_table text, the_row bigint, row_is jsonb, names text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE evidence_link l
       SET hidden_hash = coalesce(l.hidden_hash, sha256(l.salt || evidence_picked(row_is, names))),
           salt = NULL, sealed_salt = NULL
     WHERE l.what = the_table AND l.row_id = the_row AND l.act = 'add'
       AND (l.salt IS NOT NULL OR l.sealed_salt IS NOT NULL);
END
$$
"""
BLANKS = (
    ("result <> '{}' OR findings <> '{}'", "result <> '' OR findings <> ''"),
    ("result = '{}', findings = '{}'", "result = '', findings = ''"),
)


def _evidence():
    lists = op.get_context().script.get_revision("0028").module.LINKED
    return [Evidence(of, lists[of.table], lone) for of, lone in SEALED]


def _doors(*, sealed: bool) -> None:
    before = op.get_context().script.get_revision("0028").module
    erase = before.ERASE_EVIDENCE
    for open_, closed in BLANKS if sealed else ():
        assert open_ in erase
        erase = erase.replace(open_, closed)
    op.execute(erase)
    op.execute(HIDE if sealed else before.HIDE)


def upgrade() -> None:
    alone([of.table for of, _ in SEALED])
    op.add_column("evidence_link", sa.Column("sealed_salt", sa.Text(), nullable=True))
    for one in _evidence():
        seal_evidence(one, WHY)
    _doors(sealed=True)
    forget_kept()
    op.execute("ALTER TABLE evidence_link ENABLE TRIGGER USER")


def downgrade() -> None:
    alone([of.table for of, _ in SEALED])
    for one in reversed(_evidence()):
        open_evidence(one, WHY)
    _doors(sealed=False)
    op.drop_column("evidence_link", "sealed_salt")
    op.execute("ALTER TABLE evidence_link ENABLE TRIGGER USER")
