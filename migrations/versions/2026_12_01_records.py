"""the hospital's desk: links, who opened them, packages of records with their parts and pages

Revision: 0049, after 0048.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

TABLES = ("desk_link", "records_package", "records_part", "records_page", "desk_visit")


def upgrade() -> None:
    op.create_table('desk_link',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('case_id', sa.BigInteger(), nullable=False),
        sa.Column('thread_id', sa.BigInteger(), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=True),
        sa.Column('language', sa.String(12), nullable=False),
        sa.Column('code_by', sa.String(10), nullable=False),
        sa.Column('generation', sa.Integer(), nullable=False),
        sa.Column('code_seed', sa.String(40), nullable=True),
        sa.Column('code_ends_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('code_tries', sa.Integer(), nullable=False),
        sa.Column('codes_made', sa.Integer(), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('first_opened_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('end_reason', sa.String(20), nullable=True),
        sa.Column('made_by', sa.String(40), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("address = '' OR starts_with(address, 's2.')", name=op.f('ck_desk_link_address_sealed')),
        sa.CheckConstraint("code_by IN ('mail', 'telephone')", name=op.f('ck_desk_link_code_by')),
        sa.CheckConstraint("name = '' OR starts_with(name, 's2.')", name=op.f('ck_desk_link_name_sealed')),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_desk_link_case_id_case')),
        sa.ForeignKeyConstraint(['thread_id'], ['outreach_thread.id'], name=op.f('fk_desk_link_thread_id_outreach_thread')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_desk_link'))
    )
    op.create_index(op.f('ix_desk_link_case_id'), 'desk_link', ['case_id'], unique=False)
    op.create_index(op.f('ix_desk_link_thread_id'), 'desk_link', ['thread_id'], unique=False)
    op.create_table('records_package',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('case_id', sa.BigInteger(), nullable=False),
        sa.Column('thread_id', sa.BigInteger(), nullable=False),
        sa.Column('hospital_id', sa.BigInteger(), nullable=False),
        sa.Column('level', sa.String(16), nullable=False),
        sa.Column('state', sa.String(12), nullable=False),
        sa.Column('sheet', sa.Text(), nullable=False),
        sa.Column('link_ids', postgresql.JSONB(), nullable=False),
        sa.Column('opened_by', postgresql.JSONB(), nullable=False),
        sa.Column('confirmed_on', sa.DateTime(timezone=True), nullable=True),
        sa.Column('made_by', sa.String(40), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('approved_by', sa.String(40), nullable=True),
        sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('end_reason', sa.String(20), nullable=True),
        sa.Column('archive_seed', sa.String(40), nullable=True),
        sa.Column('archive_key', sa.String(200), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("level IN ('D1_summary', 'D2_deid_records', 'D3_identified')", name=op.f('ck_records_package_level')),
        sa.CheckConstraint("sheet = '' OR starts_with(sheet, 's2.')", name=op.f('ck_records_package_sheet_sealed')),
        sa.CheckConstraint("state IN ('preparing', 'to_approve', 'building', 'released', 'ended', 'dropped')", name=op.f('ck_records_package_state')),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_records_package_case_id_case')),
        sa.ForeignKeyConstraint(['hospital_id'], ['hospital.id'], name=op.f('fk_records_package_hospital_id_hospital')),
        sa.ForeignKeyConstraint(['thread_id'], ['outreach_thread.id'], name=op.f('fk_records_package_thread_id_outreach_thread')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_records_package'))
    )
    op.create_index(op.f('ix_records_package_case_id'), 'records_package', ['case_id'], unique=False)
    op.create_index(op.f('ix_records_package_thread_id'), 'records_package', ['thread_id'], unique=False)
    op.create_table('records_part',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('case_id', sa.BigInteger(), nullable=False),
        sa.Column('package_id', sa.BigInteger(), nullable=False),
        sa.Column('document_id', sa.BigInteger(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(64), nullable=False),
        sa.Column('pages', postgresql.JSONB(), nullable=False),
        sa.Column('state', sa.String(10), nullable=False),
        sa.Column('problem', sa.String(40), nullable=True),
        sa.Column('object_key', sa.String(200), nullable=True),
        sa.Column('media_type', sa.String(100), nullable=True),
        sa.Column('size', sa.BigInteger(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("state IN ('preparing', 'ready', 'failed')", name=op.f('ck_records_part_state')),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_records_part_case_id_case')),
        sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_records_part_document_id_document')),
        sa.ForeignKeyConstraint(['package_id'], ['records_package.id'], name=op.f('fk_records_part_package_id_records_package')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_records_part'))
    )
    op.create_index(op.f('ix_records_part_case_id'), 'records_part', ['case_id'], unique=False)
    op.create_index(op.f('ix_records_part_package_id'), 'records_part', ['package_id'], unique=False)
    op.create_table('records_page',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('case_id', sa.BigInteger(), nullable=False),
        sa.Column('part_id', sa.BigInteger(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('width', sa.Float(), nullable=False),
        sa.Column('height', sa.Float(), nullable=False),
        sa.Column('boxes', sa.Text(), nullable=False),
        sa.Column('looks', sa.Text(), nullable=False),
        sa.Column('left_over', sa.Text(), nullable=False),
        sa.Column('after_key', sa.String(200), nullable=False),
        sa.Column('approved_by', sa.String(40), nullable=True),
        sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("boxes = '' OR starts_with(boxes, 's2.')", name=op.f('ck_records_page_boxes_sealed')),
        sa.CheckConstraint("looks = '' OR starts_with(looks, 's2.')", name=op.f('ck_records_page_looks_sealed')),
        sa.CheckConstraint("left_over = '' OR starts_with(left_over, 's2.')", name=op.f('ck_records_page_left_over_sealed')),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_records_page_case_id_case')),
        sa.ForeignKeyConstraint(['part_id'], ['records_part.id'], name=op.f('fk_records_page_part_id_records_part')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_records_page'))
    )
    op.create_index(op.f('ix_records_page_case_id'), 'records_page', ['case_id'], unique=False)
    op.create_index('ux_records_page', 'records_page', ['part_id', 'number'], unique=True)
    op.create_table('desk_visit',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('case_id', sa.BigInteger(), nullable=False),
        sa.Column('link_id', sa.BigInteger(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('what', sa.String(12), nullable=False),
        sa.Column('part_id', sa.BigInteger(), nullable=True),
        sa.Column('page', sa.Integer(), nullable=True),
        sa.Column('place', sa.String(32), nullable=False),
        sa.Column('country', sa.String(2), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("what IN ('page', 'code', 'wrong_code', 'sheet', 'picture', 'file', 'answer', 'closed')", name=op.f('ck_desk_visit_what')),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_desk_visit_case_id_case')),
        sa.ForeignKeyConstraint(['link_id'], ['desk_link.id'], name=op.f('fk_desk_visit_link_id_desk_link')),
        sa.ForeignKeyConstraint(['part_id'], ['records_part.id'], name=op.f('fk_desk_visit_part_id_records_part')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_desk_visit'))
    )
    op.create_index(op.f('ix_desk_visit_case_id'), 'desk_visit', ['case_id'], unique=False)
    op.create_index('ix_desk_visit_link', 'desk_visit', ['link_id', 'at'], unique=False)
        # ### end Alembic commands ###


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
