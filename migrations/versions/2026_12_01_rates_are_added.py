"""a rate of exchange is only added to: an offer may have been compared by it

Revision: 0050, after 0049.
"""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON exchange_rate"
        " FOR EACH STATEMENT EXECUTE FUNCTION evidence_only_added()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER only_added ON exchange_rate")
