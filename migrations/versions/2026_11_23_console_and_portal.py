"""what the console and the patients' pages keep

Revision: 0003, after 0002.
"""

import sqlalchemy as sa  # noqa: F401
import sqlmodel  # noqa: F401
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

STAGE_OF = {
    "INQUIRY": "inquiry", "AWAITING_CONSENT": "inquiry",
    "COLLECTING_RECORDS": "records", "COMPLETENESS_CHECK": "records", "TRANSLATION": "records",
    "EXTRACTION_REVIEW": "records",
    "PRE_SCREEN": "screening", "CLINICIAN_REVIEW": "screening",
    "SHORTLISTING": "outreach", "OUTREACH": "outreach", "MORE_INFO": "outreach",
    "OFFER_REVIEW": "decision", "PATIENT_DECISION": "decision",
    "ADMISSION_SCHEDULING": "admission", "INVITATION_LETTER": "admission", "VISA": "admission",
    "TRAVEL_PREP": "travel", "IN_TRANSIT": "travel",
    "LOCAL_PREOP": "treatment", "ADMITTED": "treatment", "POST_OP": "treatment",
    "FLY_HOME_CLEARANCE": "return", "RETURNING": "return",
    "FOLLOW_UP": "follow_up", "ALTERNATIVES": "alternatives",
    "WITHDRAWAL_WRAPUP": "closed", "BEREAVEMENT_WRAPUP": "closed", "CLOSED_COMPLETED": "closed",
    "CLOSED_NO_OPTION": "closed", "CLOSED_BY_PATIENT": "closed", "CLOSED_UNRESPONSIVE": "closed",
    "CLOSED_OUT_OF_SCOPE": "closed", "CLOSED_WITHDRAWN": "closed", "CLOSED_DECEASED": "closed",
}
_STAGES = ", ".join(f"('{state}', '{stage}')" for state, stage in STAGE_OF.items())
CHART_VIEWS = {
    "v_stage": f"SELECT * FROM (VALUES {_STAGES}) AS of (state, stage)",
    "v_stage_stay": """
SELECT case_id, site, stage, entered_at,
       lead(entered_at) OVER (PARTITION BY case_id ORDER BY seq) AS left_at
  FROM (SELECT e.case_id, coalesce(c.site, 'not_known') AS site, e.seq, e.occurred_at AS entered_at,
               o.stage, lag(o.stage) OVER (PARTITION BY e.case_id ORDER BY e.seq) AS stage_before
          FROM public.case_event e
          JOIN public."case" c ON c.id = e.case_id
          JOIN analytics.v_stage o
            ON o.state = CASE WHEN e.type = 'case.opened' THEN 'INQUIRY'
                              WHEN e.payload->>'to_state' = 'ON_HOLD' THEN e.payload->>'from_state'
                              ELSE e.payload->>'to_state' END
         WHERE e.type IN ('case.opened', 'case.state_changed')) moves
 WHERE stage IS DISTINCT FROM stage_before
""",
}
COUNTED = {
    "m_counted": ("business_now", "SELECT business_now FROM analytics.v_clock"),
    "m_stage_week": ("week, site, stage", """
WITH stay AS MATERIALIZED (SELECT * FROM analytics.v_stage_stay),
     moved AS (
       SELECT site, stage, date_trunc('week', entered_at, 'UTC') AS week, count(*) AS entered,
              0 AS gone FROM stay GROUP BY 1, 2, 3
       UNION ALL
       SELECT site, stage, date_trunc('week', left_at, 'UTC'), 0, count(*)
         FROM stay WHERE left_at IS NOT NULL GROUP BY 1, 2, 3),
     weeks AS (
       SELECT generate_series(date_trunc('week', min(entered_at), 'UTC'),
                date_trunc('week', (SELECT business_now FROM analytics.v_clock), 'UTC'),
                interval '7 days') AS week FROM stay),
     grid AS (SELECT w.week, s.site, s.stage FROM weeks w,
                (SELECT DISTINCT site, stage FROM stay) s)
SELECT (grid.week AT TIME ZONE 'UTC')::date AS week, site, stage,
       coalesce(sum(entered), 0)::bigint AS entered,
       (sum(coalesce(sum(entered), 0) - coalesce(sum(gone), 0))
         OVER (PARTITION BY site, stage ORDER BY grid.week))::bigint AS cases
  FROM grid LEFT JOIN moved USING (week, site, stage) GROUP BY grid.week, site, stage
"""),
    "m_stage_time": ("weeks, site, stage", """
SELECT weeks, CASE WHEN grouping(site) = 1 THEN '' ELSE site END AS site, stage,
       count(*) AS stays, percentile_cont(ARRAY[0.25, 0.5, 0.75, 0.9])
         WITHIN GROUP (ORDER BY extract(epoch FROM left_at - entered_at)::float8 / 86400) AS days
  FROM analytics.v_stage_stay
  CROSS JOIN analytics.v_clock
  JOIN (VALUES (13), (26), (52), (156)) AS period (weeks)
    ON left_at >= business_now - make_interval(weeks => weeks)
 GROUP BY GROUPING SETS ((weeks, stage), (weeks, site, stage))
"""),
    "m_correction_week": ("week, site, field, extractor_version", """
SELECT (date_trunc('week', e.occurred_at, 'UTC') AT TIME ZONE 'UTC')::date AS week,
       coalesce(c.site, 'not_known') AS site, coalesce(e.payload->>'field', '') AS field,
       coalesce(e.payload->>'extractor_version', 'not stated') AS extractor_version,
       count(*) FILTER (WHERE e.type = 'extraction.field_confirmed'
                          AND (e.payload->>'corrected') IS DISTINCT FROM 'true') AS confirmed,
       count(*) FILTER (WHERE e.payload->>'corrected' = 'true') AS corrected,
       count(*) FILTER (WHERE e.type = 'extraction.field_rejected') AS rejected
  FROM public.case_event e JOIN public."case" c ON c.id = e.case_id
 WHERE e.type IN ('extraction.field_confirmed', 'extraction.field_rejected')
   -- what a person typed was read by no extractor
   AND (e.payload->>'extractor_version') IS DISTINCT FROM 'by-hand'
 GROUP BY 1, 2, 3, 4
"""),
}


def upgrade() -> None:
    lists()
    accounts()
    portal()
    speed()
    desk()


def lists() -> None:
    """Saved views of the lists; the cases that somebody was given."""
    op.create_table(
        'saved_view',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('place', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column('chosen', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('is_default', sa.Boolean(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'),
                  nullable=False),
        sa.CheckConstraint("place IN ('work', 'cases')", name=op.f('ck_saved_view_place')),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id'],
                                name=op.f('fk_saved_view_user_id_user_account')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
    )
    op.create_index('ux_saved_view_name', 'saved_view', ['user_id', 'place', 'name'], unique=True)
    op.create_index('ux_saved_view_default', 'saved_view', ['user_id', 'place'], unique=True,
                    postgresql_where=sa.text('is_default'))
    op.create_index('ix_case_coordinator_ref', 'case', ['coordinator_ref'],
                    postgresql_where=sa.text('coordinator_ref IS NOT NULL'))


def accounts() -> None:
    """Second factors, accounts from elsewhere, signed-in browsers."""
    op.add_column('user_account', sa.Column('openid_issuer', sa.String(300)))
    op.add_column('user_account', sa.Column('openid_subject', sa.String(255)))
    op.add_column('user_account', sa.Column('last_sign_in_at', sa.DateTime(timezone=True)))
    op.create_unique_constraint(
        op.f('uq_user_account_openid_issuer_openid_subject'),
        'user_account',
        ['openid_issuer', 'openid_subject'],
    )
    op.add_column('user_session', sa.Column('last_seen_at', sa.DateTime(timezone=True)))
    op.add_column(
        'user_session',
        sa.Column('pending', sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        'user_session',
        sa.Column('method', sa.String(20), server_default='password', nullable=False),
    )
    op.create_check_constraint(
        op.f('ck_user_session_method'),
        'user_session',
        "method IN ('password', 'code', 'openid', 'openid_strong')",
    )
    op.add_column(
        'user_session', sa.Column('browser', sa.String(60), server_default='', nullable=False)
    )
    op.create_table(
        'second_factor',
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('sealed_secret', sa.Text(), nullable=False),
        sa.Column('confirmed_at', sa.DateTime(timezone=True)),
        sa.Column('last_step', sa.BigInteger()),
        sa.Column(
            'created_at', sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ['user_id'], ['user_account.id'], name=op.f('fk_second_factor_user_id_user_account')
        ),
        sa.PrimaryKeyConstraint('user_id', name=op.f('pk_second_factor')),
    )
    op.create_table(
        'recovery_code',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('code_hash', sa.String(64), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True)),
        sa.Column(
            'created_at', sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ['user_id'], ['user_account.id'], name=op.f('fk_recovery_code_user_id_user_account')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
    )
    op.create_index(op.f('ix_recovery_code_user_id'), 'recovery_code', ['user_id'])
    op.create_table(
        'rate_count',
        sa.Column('key', sa.String(100), nullable=False),
        sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('key', 'began_at', name=op.f('pk_rate_count')),
    )
    op.create_index(op.f('ix_rate_count_began_at'), 'rate_count', ['began_at'])


def portal() -> None:
    """Inquiries being written, uploads that go on, one-time codes."""
    inquiries()
    uploads()
    links()


def inquiries() -> None:
    """Inquiries being written."""
    op.create_table(
        'portal_draft',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('token_sha256', sa.String(64), nullable=False),
        sa.Column('seed', sa.String(40), nullable=False),
        sa.Column('answers', postgresql.JSONB(), nullable=False),
        sa.Column('done', postgresql.JSONB(), nullable=False),
        sa.Column('language', sa.String(12), nullable=False),
        sa.Column('case_id', sa.BigInteger()),
        sa.Column('letters', sa.Integer(), nullable=False),
        sa.Column('letter_state', sa.String(12)),
        sa.Column('letter_at', sa.DateTime(timezone=True)),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            'created_at', sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ['case_id'], ['case.id'], name=op.f('fk_portal_draft_case_id_case')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_portal_draft')),
        sa.UniqueConstraint('token_sha256', name=op.f('uq_portal_draft_token_sha256')),
    )
    op.create_index(op.f('ix_portal_draft_case_id'), 'portal_draft', ['case_id'])
    op.create_index(op.f('ix_portal_draft_expires_at'), 'portal_draft', ['expires_at'])


def uploads() -> None:
    """Files on their way, in pieces."""
    op.create_table(
        'upload',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('public_id', sa.String(26), nullable=False),
        sa.Column('draft_id', sa.BigInteger()),
        sa.Column('case_id', sa.BigInteger()),
        sa.Column('document_id', sa.BigInteger()),
        sa.Column('file_name', sa.String(400), nullable=False),
        sa.Column('fingerprint', sa.String(64)),
        sa.Column('length', sa.BigInteger(), nullable=False),
        sa.Column('received', sa.BigInteger(), nullable=False),
        sa.Column('state', sa.String(10), nullable=False),
        sa.Column('hints', postgresql.JSONB(), nullable=False),
        sa.Column('looked_at', sa.DateTime(timezone=True)),
        sa.Column('arrived_at', sa.DateTime(timezone=True)),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            'created_at', sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.CheckConstraint(
            "state IN ('receiving', 'arrived', 'taken')", name=op.f('ck_upload_state')
        ),
        sa.ForeignKeyConstraint(
            ['draft_id'], ['portal_draft.id'], name=op.f('fk_upload_draft_id_portal_draft')
        ),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_upload_case_id_case')),
        sa.ForeignKeyConstraint(
            ['document_id'], ['document.id'], name=op.f('fk_upload_document_id_document')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_upload')),
        sa.UniqueConstraint('public_id', name=op.f('uq_upload_public_id')),
    )
    for column in ('draft_id', 'case_id', 'document_id'):
        op.create_index(op.f(f'ix_upload_{column}'), 'upload', [column])
    op.create_index('ix_upload_state_expires', 'upload', ['state', 'expires_at'])
    op.create_table(
        'upload_piece',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('upload_id', sa.BigInteger(), nullable=False),
        sa.Column('start', sa.BigInteger(), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('object_key', sa.String(120), nullable=False),
        sa.Column('kept', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ['upload_id'], ['upload.id'], name=op.f('fk_upload_piece_upload_id_upload')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_upload_piece')),
    )
    op.create_index(op.f('ix_upload_piece_upload_id'), 'upload_piece', ['upload_id'])


def links() -> None:
    """Links that can be revoked, and one-time codes."""
    op.add_column(
        'case', sa.Column('link_generation', sa.Integer(), server_default='0', nullable=False)
    )
    op.create_table(
        'portal_code',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('case_id', sa.BigInteger(), nullable=False),
        sa.Column('code_hash', sa.String(64), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True)),
        sa.Column(
            'created_at', sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_portal_code_case_id_case')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_portal_code')),
    )
    op.create_index(op.f('ix_portal_code_case_id'), 'portal_code', ['case_id'])
    op.create_index('ix_patient_email', 'patient', [sa.text('lower(email)')])


def speed() -> None:
    """Counts for the charts, made anew by a recurring step; indexes that hold what lists count."""
    for name, query in CHART_VIEWS.items():
        op.execute(f"CREATE VIEW analytics.{name} AS {query}")
    for name, (key, query) in COUNTED.items():
        op.execute(f"CREATE MATERIALIZED VIEW analytics.{name} AS {query}")
        op.execute(f"CREATE UNIQUE INDEX ux_{name} ON analytics.{name} ({key})")
    op.drop_index('ix_human_task_open', table_name='human_task')
    is_open = sa.text("state = 'open'")
    op.create_index('ix_human_task_open', 'human_task', ['role', 'due_at'],
                    postgresql_where=is_open, postgresql_include=['case_id', 'id'])
    op.create_index('ix_human_task_open_case', 'human_task', ['case_id', 'due_at'],
                    postgresql_where=is_open, postgresql_include=['role', 'id'])
    op.create_index('ix_case_open', 'case', ['id'], postgresql_where=sa.text('closed_at IS NULL'),
                    postgresql_include=['urgency', 'stage', 'waiting_on', 'site',
                                        'residence_country', 'coordinator_ref'])
    # Every move of a case changed the first; the lists need neither any more.
    op.drop_index('ix_case_stage', table_name='case')
    op.drop_index('ix_case_site', table_name='case')
    # Counting from the indexes alone needs pages that vacuum has seen: look often.
    for table in ('"case"', 'human_task'):
        op.execute(f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.01,"
                   " autovacuum_vacuum_insert_scale_factor = 0.01)")


def desk() -> None:
    """The directory's history; deliveries that were given up; the repair desk's lists."""
    op.create_table(
        'directory_change',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('hospital_id', sa.BigInteger(), nullable=False),
        sa.Column('act', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column('unit', sa.Integer(), nullable=True),
        sa.Column('technique', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column('fields', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('confirmed_on', sa.Date(), nullable=True),
        sa.Column('evidence', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('file_sha256', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column('actor_ref', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            'created_at', sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.CheckConstraint(
            "act IN ('added', 'changed', 'confirmed')", name=op.f('ck_directory_change_act')
        ),
        sa.ForeignKeyConstraint(
            ['hospital_id'], ['hospital.id'], name=op.f('fk_directory_change_hospital_id_hospital')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_directory_change')),
    )
    op.create_index(op.f('ix_directory_change_hospital_id'), 'directory_change', ['hospital_id'])
    op.drop_constraint(op.f('ck_webhook_delivery_state'), 'webhook_delivery', type_='check')
    op.create_check_constraint(
        op.f('ck_webhook_delivery_state'),
        'webhook_delivery',
        "state IN ('pending', 'delivered', 'failed', 'given_up')",
    )
    op.create_index(
        'ix_webhook_delivery_failed',
        'webhook_delivery',
        ['id'],
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(
        'ix_step_run_paused',
        'step_run',
        ['name'],
        postgresql_where=sa.text("state = 'paused'"),
    )
    op.create_index(
        'ix_human_task_repair',
        'human_task',
        ['kind'],
        postgresql_where=sa.text(
            "state = 'open' AND kind IN ('repair_step', 'settle_message', 'repair_document',"
            " 'match_mail', 'mend_address', 'mend_playbook')"
        ),
    )


def downgrade() -> None:
    """Drop what this revision brought, newest first; what it kept is lost."""
    op.drop_index('ix_human_task_repair', table_name='human_task')
    op.drop_index('ix_step_run_paused', table_name='step_run')
    op.drop_index('ix_webhook_delivery_failed', table_name='webhook_delivery')
    op.drop_constraint(op.f('ck_webhook_delivery_state'), 'webhook_delivery', type_='check')
    # The older word for a delivery that nobody tries any more.
    op.execute("UPDATE webhook_delivery SET state = 'failed' WHERE state = 'given_up'")
    op.create_check_constraint(op.f('ck_webhook_delivery_state'), 'webhook_delivery',
                               "state IN ('pending', 'delivered', 'failed')")
    op.drop_table('directory_change')
    _less_speed()
    op.drop_index('ix_patient_email', table_name='patient')
    op.drop_table('portal_code')
    op.drop_column('case', 'link_generation')
    op.drop_table('upload_piece')
    op.drop_table('upload')
    op.drop_table('portal_draft')
    op.drop_table('rate_count')
    op.drop_table('recovery_code')
    op.drop_table('second_factor')
    op.drop_constraint(op.f('ck_user_session_method'), 'user_session', type_='check')
    for column in ('browser', 'method', 'pending', 'last_seen_at'):
        op.drop_column('user_session', column)
    op.drop_constraint(op.f('uq_user_account_openid_issuer_openid_subject'), 'user_account',
                       type_='unique')
    for column in ('last_sign_in_at', 'openid_subject', 'openid_issuer'):
        op.drop_column('user_account', column)
    op.drop_index('ix_case_coordinator_ref', table_name='case')
    op.drop_table('saved_view')


def _less_speed() -> None:
    for table in ('"case"', 'human_task'):
        op.execute(f"ALTER TABLE {table} RESET (autovacuum_vacuum_scale_factor,"
                   " autovacuum_vacuum_insert_scale_factor)")
    op.create_index('ix_case_site', 'case', ['site'])
    op.create_index('ix_case_stage', 'case', ['stage'])
    op.drop_index('ix_case_open', table_name='case')
    op.drop_index('ix_human_task_open_case', table_name='human_task')
    op.drop_index('ix_human_task_open', table_name='human_task')
    op.create_index('ix_human_task_open', 'human_task', ['role', 'due_at'],
                    postgresql_where=sa.text("state = 'open'"))
    for name in reversed(COUNTED):
        op.execute(f"DROP MATERIALIZED VIEW analytics.{name}")
    for name in reversed(CHART_VIEWS):
        op.execute(f"DROP VIEW analytics.{name}")
