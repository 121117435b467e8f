"""what documents, hospitals and answers say of a case stands sealed with its key

Revision: 0035, after 0034. Going back lays it open again; both need the ring of secret keys.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from migrations.sealing import OF_CASE, Columns, open_columns, seal_columns

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

WORDS = ("text", sa.String())
SEALED = (
    Columns(
        "document",
        {
            "file_name": ("text", sa.String(400)),
            "password": ("text", sa.String(200)),
            "report_date": ("day", sa.Date()),
        },
    ),
    Columns(
        "finding",
        {
            "value": ("json", JSONB()),
            "proposed_value": ("json", JSONB()),
            "report_date": ("text", sa.String(10)),
            "box": ("json", JSONB()),
            "quote": WORDS,
            "section": WORDS,
            "specimen": WORDS,
            "reason": WORDS,
        },
    ),
    Columns(
        "offer",
        {
            "deposit_terms": WORDS,
            "conditions": WORDS,
            "inclusions": ("list", JSONB()),
            "exclusions": ("list", JSONB()),
        },
    ),
    Columns("outreach_thread", {"subject": ("text", sa.String(200))}),
    Columns("more_info_item", {"words": WORDS, "reason": WORDS}),
    Columns("journey_item", {"reason": WORDS}),
    Columns("followup_item", {"ask": WORDS, "answer": ("text", sa.String(20))}),
)


def upgrade() -> None:
    for of in SEALED:
        seal_columns(of, OF_CASE)


def downgrade() -> None:
    for of in reversed(SEALED):
        open_columns(of, OF_CASE)
