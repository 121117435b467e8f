"""who the patient is, and the addresses of those near, stand sealed with the key of their case

Revision: 0033, after 0032. Going back lays them open again; both need the ring of secret keys.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from migrations.sealing import OF_CASE, Columns, open_columns, seal_columns
from models.findable import address_mark, name_marks_of, near_marks_of

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def _patient(marks, row):
    return {
        "email_mark": address_mark(marks, row["email"]),
        "near_marks": near_marks_of(marks, row["email"]),
        "name_marks": name_marks_of(marks, row["name"]),
    }


def _contact(marks, row):
    return {
        "address_mark": address_mark(marks, row["address"]),
        "near_marks": near_marks_of(marks, row["address"]),
    }


PATIENT = Columns(
    "patient",
    {
        "name": ("text", sa.String(200)),
        "other_names": ("list", JSONB()),
        "birth_date": ("day", sa.Date()),
        "sex": ("text", sa.String(10)),
        "record_number": ("text", sa.String(60)),
        "email": ("text", sa.String(254)),
        "phone": ("text", sa.String(40)),
        "nationality": ("text", sa.String(2)),
        "intake": ("object", JSONB()),
    },
    found=_patient,
)
CONTACT = Columns(
    "contact_point",
    {"address": ("text", sa.String(254)), "name": ("text", sa.String(200))},
    found=_contact,
)
MARKS = {
    "patient": ("email_mark", "near_marks", "name_marks"),
    "contact_point": ("address_mark", "near_marks"),
}


def upgrade() -> None:
    op.drop_index("ix_patient_email", "patient")
    op.drop_index("ix_contact_point_address", "contact_point")
    op.drop_index("ux_contact_point_case_address", "contact_point")
    for of in (PATIENT, CONTACT):
        mark, *parts = MARKS[of.table]
        op.add_column(of.table, sa.Column(mark, sa.String(32), nullable=True))
        for name in parts:
            op.add_column(of.table, sa.Column(name, ARRAY(sa.String(16)), nullable=True))
        seal_columns(of, OF_CASE)
        op.create_index(op.f(f"ix_{of.table}_{mark}"), of.table, [mark])
        for name in parts:
            op.create_index(f"ix_{of.table}_{name}", of.table, [name], postgresql_using="gin")
    op.create_index(
        "ux_contact_point_case_address",
        "contact_point",
        ["case_id", "address_mark"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ux_contact_point_case_address", "contact_point")
    for of in (PATIENT, CONTACT):
        for name in MARKS[of.table]:
            op.drop_index(op.f(f"ix_{of.table}_{name}"), of.table)
        open_columns(of, OF_CASE)
        for name in MARKS[of.table]:
            op.drop_column(of.table, name)
    op.create_index("ix_patient_email", "patient", [sa.text("lower(email)")])
    op.create_index("ix_contact_point_address", "contact_point", [sa.text("lower(address)")])
    op.create_index(
        "ux_contact_point_case_address",
        "contact_point",
        ["case_id", sa.text("lower(address)")],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
