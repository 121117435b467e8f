"""analytics views, and the index that sign-in counts by

Revision: 0002, after 0001.

The schema `analytics` is what analysts read: references, codes, dates and counts, no personal data.
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

VIEWS = {
    "v_clock": """
SELECT now() + make_interval(secs => coalesce((SELECT seconds FROM public.clock_shift), 0))
       AS business_now
""",
    "v_hospital": """
SELECT id AS hospital_id, code AS hospital_code, country, fictitious, active
  FROM public.hospital
""",
    "v_event": """
SELECT c.id AS case_id, c.ref AS case_ref, e.seq, e.event_id, e.type AS event_type,
       e.occurred_at, e.recorded_at, e.actor_type, e.actor_ref, e.objects, e.payload,
       e.causation_id, e.root_id, e.step_run_id, e.rehearsal,
       c.site, c.residence_country AS country
  FROM public.case_event e JOIN public."case" c ON c.id = e.case_id
""",
    "v_case": """
SELECT c.ref AS case_ref, c.site, c.residence_country AS country, c.source, c.language, c.urgency,
       c.stage, c.state, c.on_hold, c.waiting_on, c.waiting_since, c.pathology_state, c.outcome,
       c.opened_at, c.closed_at, c.rehearsal
  FROM public."case" c
""",
    "v_state": """
SELECT case_ref, site, country, payload->>'to_state' AS state,
       payload->>'from_state' AS from_state, payload->>'waiting_on' AS waiting_on,
       occurred_at AS entered_at,
       lead(occurred_at) OVER (PARTITION BY case_id ORDER BY seq) AS left_at
  FROM analytics.v_event WHERE event_type = 'case.state_changed'
UNION ALL
SELECT o.case_ref, o.site, o.country, 'INQUIRY', NULL, 'coordinator', o.occurred_at,
       (SELECT min(s.occurred_at) FROM public.case_event s
         WHERE s.case_id = o.case_id AND s.type = 'case.state_changed')
  FROM analytics.v_event o WHERE o.event_type = 'case.opened'
""",
    "v_task": """
SELECT t.id AS task_id, c.ref AS case_ref, t.kind, t.role, t.state, t.detail, t.answer,
       t.opened_at, t.due_at, t.done_at, t.done_by,
       CASE WHEN t.state = 'open' THEN k.business_now > t.due_at
            WHEN t.state = 'done' THEN t.done_at > t.due_at END AS late,
       extract(epoch FROM coalesce(t.done_at, k.business_now) - t.due_at) / 3600 AS hours_over
  FROM public.human_task t
  LEFT JOIN public."case" c ON c.id = t.case_id
  CROSS JOIN analytics.v_clock k
""",
    "v_step": """
SELECT s.id AS step_run_id, c.ref AS case_ref, s.name AS step, split_part(s.name, '.', 1) AS queue,
       s.state, s.wait, s.attempt, s.due_at, s.created_at, s.finished_at, s.error_class, s.root_id
  FROM public.step_run s LEFT JOIN public."case" c ON c.id = s.case_id
""",
    "v_reply": """
SELECT s.case_ref, s.payload->>'thread_id' AS thread_id, h.hospital_code, s.payload->>'technique'
       AS technique, s.occurred_at AS sent_at, min(r.occurred_at) AS first_reply_at
  FROM analytics.v_event s
  LEFT JOIN analytics.v_hospital h ON h.hospital_id = (s.payload->>'hospital_id')::bigint
  LEFT JOIN public.case_event r
         ON r.case_id = s.case_id AND r.type = 'hospital.reply_classified'
        AND r.payload->>'thread_id' = s.payload->>'thread_id'
        AND r.payload->>'reply_class' NOT IN ('out_of_office', 'bounce', 'ack')
 WHERE s.event_type = 'outreach.sent' AND s.payload->>'attempt' = '1'
 GROUP BY 1, 2, 3, 4, 5
""",
    "v_offer": """
SELECT c.ref AS case_ref, o.id AS offer_id, o.thread_id, h.code AS hospital_code, o.technique,
       o.state, o.currency, o.amount_low, o.amount_high, o.stay_days, o.earliest_admission,
       o.valid_until, o.recorded_at
  FROM public.offer o
  JOIN public."case" c ON c.id = o.case_id
  JOIN public.hospital h ON h.id = o.hospital_id
""",
}


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS analytics")
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW analytics.{name} AS {query}")
    sign_in = sa.text("action IN ('login.attempt', 'login.succeeded')")
    op.create_index('ix_audit_entry_sign_in', 'audit_entry', ['object_ref', 'at'],
                    postgresql_where=sign_in)
    op.create_index('ix_audit_entry_address', 'audit_entry', ['actor_ref', 'at'],
                    postgresql_where=sign_in)


def downgrade() -> None:
    op.drop_index('ix_audit_entry_address', table_name='audit_entry')
    op.drop_index('ix_audit_entry_sign_in', table_name='audit_entry')
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW analytics.{name}")
    op.execute("DROP SCHEMA analytics")
