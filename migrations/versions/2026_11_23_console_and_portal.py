"""what the console and the patients' pages keep

Revision: 0003, after 0002.
"""

import sqlalchemy as sa  # noqa: F401
import sqlmodel  # noqa: F401
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    lists()
    accounts()
    portal()
    speed()


def lists() -> None:
    """Saved views of the lists."""


def accounts() -> None:
    """Second factors, accounts from elsewhere, signed-in browsers."""


def portal() -> None:
    """Inquiries being written, uploads that go on, one-time codes."""


def speed() -> None:
    """Indexes and counts that keep the lists fast with many cases."""


def downgrade() -> None:
    pass
