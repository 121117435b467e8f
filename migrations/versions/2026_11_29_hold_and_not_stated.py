"""a hold on a decided erasure; what nobody stated is a value in the views of analysts

Revision: 0015, after 0014.

Site, country and technique are `not_stated` where nobody stated them, in every view by one word.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

HOLD = {
    "hold_reason": sa.String(20),
    "hold_until": sa.Date(),
    "held_by": sa.String(40),
    "held_at": sa.DateTime(timezone=True),
}
VIEWS = {
    "v_event": """
SELECT c.id AS case_id, c.ref AS case_ref, e.seq, e.event_id, e.type AS event_type,
       e.occurred_at, e.recorded_at, e.actor_type, e.actor_ref, e.objects, e.payload,
       e.causation_id, e.root_id, e.step_run_id, e.rehearsal,
       {site} AS site, {country} AS country
  FROM public.case_event e JOIN public."case" c ON c.id = e.case_id
""",
    "v_case": """
SELECT c.ref AS case_ref, {site} AS site, {country} AS country, c.source, c.language, c.urgency,
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
    "v_reply": """
SELECT s.case_ref, s.payload->>'thread_id' AS thread_id, h.hospital_code, {asked}
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
SELECT c.ref AS case_ref, o.id AS offer_id, o.thread_id, h.code AS hospital_code,
       {offered} AS technique,
       o.state, o.currency, o.amount_low, o.amount_high, o.stay_days, o.earliest_admission,
       o.valid_until, o.recorded_at
  FROM public.offer o
  JOIN public."case" c ON c.id = o.case_id
  JOIN public.hospital h ON h.id = o.hospital_id
""",
}
COLUMNS = {
    "site": "c.site",
    "country": "c.residence_country",
    "asked": "s.payload->>'technique'",
    "offered": "o.technique",
}
STATED = {name: f"coalesce(nullif({column}, ''), 'not_stated')" for name, column in COLUMNS.items()}
STAY = """
SELECT case_id, site, stage, entered_at,
       lead(entered_at) OVER (PARTITION BY case_id ORDER BY seq) AS left_at
  FROM (SELECT e.case_id, coalesce(c.site, '{unknown}') AS site, e.seq, e.occurred_at AS entered_at,
               o.stage, lag(o.stage) OVER (PARTITION BY e.case_id ORDER BY e.seq) AS stage_before
          FROM public.case_event e
          JOIN public."case" c ON c.id = e.case_id
          JOIN analytics.v_stage o
            ON o.state = CASE WHEN e.type = 'case.opened' THEN 'INQUIRY'
                              WHEN e.payload->>'to_state' = 'ON_HOLD' THEN e.payload->>'from_state'
                              ELSE e.payload->>'to_state' END
         WHERE e.type IN ('case.opened', 'case.state_changed')) moves
 WHERE stage IS DISTINCT FROM stage_before
"""
CORRECTIONS = """
SELECT (date_trunc('week', e.occurred_at, 'UTC') AT TIME ZONE 'UTC')::date AS week,
       coalesce(c.site, '{unknown}') AS site, coalesce(e.payload->>'field', '{no_field}') AS field,
       coalesce(e.payload->>'extractor_version', '{no_version}') AS extractor_version,
       count(*) FILTER (WHERE e.type = 'extraction.field_confirmed'
                          AND (e.payload->>'corrected') IS DISTINCT FROM 'true') AS confirmed,
       count(*) FILTER (WHERE e.payload->>'corrected' = 'true') AS corrected,
       count(*) FILTER (WHERE e.type = 'extraction.field_rejected') AS rejected
  FROM public.case_event e JOIN public."case" c ON c.id = e.case_id
 WHERE e.type IN ('extraction.field_confirmed', 'extraction.field_rejected')
   -- what a person typed was read by no extractor
   AND (e.payload->>'extractor_version') IS DISTINCT FROM 'by-hand'
 GROUP BY 1, 2, 3, 4
"""
BEFORE = {"unknown": "not_known", "no_field": "", "no_version": "not stated"}
NOW = dict.fromkeys(BEFORE, "not_stated")


def upgrade() -> None:
    for name, kind in HOLD.items():
        op.add_column("erasure", sa.Column(name, kind, nullable=True))
    views(STATED, NOW)


def downgrade() -> None:
    views(COLUMNS, BEFORE)
    for name in reversed(HOLD):
        op.drop_column("erasure", name)


def views(columns: dict[str, str], words: dict[str, str]) -> None:
    """Make the views anew, and the counts that are kept for charts."""
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW analytics.{name}")
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW analytics.{name} AS {query.format(**columns)}")
    op.execute(f"CREATE OR REPLACE VIEW analytics.v_stage_stay AS {STAY.format(**words)}")
    op.execute("DROP MATERIALIZED VIEW analytics.m_correction_week")
    made = CORRECTIONS.format(**words)
    op.execute(f"CREATE MATERIALIZED VIEW analytics.m_correction_week AS {made}")
    key = "week, site, field, extractor_version"
    op.execute(f"CREATE UNIQUE INDEX ux_m_correction_week ON analytics.m_correction_week ({key})")
    for name in ("m_stage_week", "m_stage_time"):
        op.execute(f"REFRESH MATERIALIZED VIEW analytics.{name}")
