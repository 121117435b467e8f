"""who signed: name, qualification and registration; the signatures that stand first in a list

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OF_ACCOUNTS = {"qualification": 120, "registration": 80}
OF_SIGNATURES = {"signer_name": 120, "signer_qualification": 120, "signer_registration": 80}
FIRST = "state = 'open' AND detail IN ('urgent_review', 'pathway_stopped')"


def upgrade() -> None:
    for table, columns in (("user_account", OF_ACCOUNTS), ("review", OF_SIGNATURES)):
        for name, length in columns.items():
            op.add_column(table, sa.Column(name, sa.String(length), nullable=True))
    # No row has such a detail yet, so that the index is empty when it is made.
    op.create_index("ix_human_task_first", "human_task", ["id"], postgresql_where=sa.text(FIRST))


def downgrade() -> None:
    op.drop_index("ix_human_task_first", "human_task")
    for table, columns in (("review", OF_SIGNATURES), ("user_account", OF_ACCOUNTS)):
        for name in columns:
            op.drop_column(table, name)
