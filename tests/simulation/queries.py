"""The promises as queries: each row of `WRONG` is one that does not hold, of one case."""

from models.outreach import ENDED

_OPEN = "('queued', 'running', 'paused')"
_NAMES_THREAD = "CAST({row}.objects ->> 'thread_id' AS bigint) = o.id"

CASE_WAITS = f"""
SELECT 'an open case has neither a clock nor a person', c.id, c.state FROM "case" c
 WHERE c.id = ANY(%(cases)s) AND c.closed_at IS NULL
   AND NOT EXISTS (SELECT FROM step_run s WHERE s.case_id = c.id AND s.state IN {_OPEN})
   AND NOT EXISTS (SELECT FROM human_task t WHERE t.case_id = c.id AND t.state = 'open')
"""
NEWS_ALONE = f"""
SELECT 'an open case waits for nothing but its news', c.id, c.state FROM "case" c
 WHERE c.id = ANY(%(cases)s) AND c.closed_at IS NULL
   AND NOT EXISTS (SELECT FROM step_run s WHERE s.case_id = c.id AND s.state IN {_OPEN}
                      AND s.name <> 'notices.send_update')
   AND NOT EXISTS (SELECT FROM human_task t WHERE t.case_id = c.id AND t.state = 'open')
"""
THREAD_WAITS = f"""
SELECT 'an open thread has neither a clock nor a person', o.case_id,
       'case ' || c.state || ', thread ' || o.state || ', deletion ' || coalesce(o.deletion, 'no')
  FROM outreach_thread o JOIN "case" c ON c.id = o.case_id
 WHERE c.id = ANY(%(cases)s) AND c.closed_at IS NULL AND c.state <> 'BEREAVEMENT_WRAPUP'
   AND (o.state <> ALL(%(ended)s) OR o.deletion = 'asked')
   AND NOT EXISTS (SELECT FROM step_run s WHERE s.case_id = c.id AND s.state IN {_OPEN}
                      AND {_NAMES_THREAD.format(row="s")})
   AND NOT EXISTS (SELECT FROM human_task t WHERE t.case_id = c.id AND t.state = 'open'
                      AND {_NAMES_THREAD.format(row="t")})
   AND NOT EXISTS (SELECT FROM step_run s WHERE s.case_id = c.id AND s.state IN {_OPEN}
                      AND s.name = ANY(%(of_all)s))
   AND NOT EXISTS (SELECT FROM step_run s JOIN human_task t ON t.kind = 'repair_step'
                      AND t.state = 'open'
                      AND CAST(t.objects ->> 'step_run_id' AS bigint) = s.id
        WHERE s.case_id = c.id AND s.state = 'dead'
          AND (s.name = ANY(%(of_all)s) OR {_NAMES_THREAD.format(row="s")}))
   AND NOT EXISTS (SELECT FROM offer f JOIN human_task t ON t.case_id = c.id AND t.state = 'open'
        WHERE f.thread_id = o.id
          AND (f.state = 'presented' AND t.kind IN ('record_patient_decision', 'resume_case')
               OR f.state = 'accepted' AND t.kind = ANY(%(journey)s)))
   AND NOT EXISTS (SELECT FROM message m JOIN human_task t ON t.case_id = c.id AND t.state = 'open'
        WHERE m.thread_id = o.id AND m.state = 'draft' AND m.held_for = 'signature'
          AND t.kind = ANY(%(signing)s))
"""
UNCERTAIN = """
SELECT 'nobody is asked about a letter of unknown fate', m.case_id, 'letter ' || m.template
  FROM message m
 WHERE m.case_id = ANY(%(cases)s) AND m.direction = 'out' AND m.state = 'uncertain'
   AND NOT EXISTS (SELECT FROM human_task t WHERE t.case_id = m.case_id AND t.state = 'open'
        AND t.kind = 'settle_message' AND CAST(t.objects ->> 'message_id' AS bigint) = m.id)
"""
TWICE = """
SELECT 'the same question is open twice', t.case_id, t.kind FROM human_task t
 WHERE t.case_id = ANY(%(cases)s) AND t.state = 'open'
 GROUP BY t.case_id, t.kind, t.objects HAVING count(*) > 1
"""
PARKED = """
SELECT 'a parked step is named by no question', s.case_id, s.name FROM step_run s
  LEFT JOIN "case" c ON c.id = s.case_id
 WHERE s.state = 'dead' AND c.closed_at IS NULL AND s.dedupe_key IS NULL
   AND (s.case_id = ANY(%(cases)s) OR s.case_id IS NULL)
   AND NOT EXISTS (SELECT FROM human_task t WHERE t.kind = 'repair_step' AND t.state = 'open'
        AND CAST(t.objects ->> 'step_run_id' AS bigint) = s.id)
"""
STOPPED = """
SELECT 'a letter waits after the end', c.id, c.state || ': ' || m.template || ' ' || m.state
  FROM "case" c JOIN message m ON m.case_id = c.id AND m.direction = 'out'
   AND m.state IN ('draft', 'queued', 'sending')
 WHERE c.id = ANY(%(cases)s) AND c.state IN ('BEREAVEMENT_WRAPUP', 'CLOSED_DECEASED')
"""
DOCUMENT_WAITS = f"""
SELECT 'a paper of an open case stands still', c.id,
       c.state || ': paper ' || d.id || ' is ' || d.state
  FROM document d JOIN "case" c ON c.id = d.case_id
 WHERE c.id = ANY(%(cases)s) AND c.closed_at IS NULL AND d.state IN ('received', 'stored', 'read')
   AND NOT EXISTS (SELECT FROM step_run s WHERE s.case_id = c.id
        AND (CAST(s.objects ->> 'document_id' AS bigint) = d.id
             OR s.name IN ('ingestion.settle_sending', 'extraction.join_photos'))
        AND (s.state IN {_OPEN} OR s.state = 'dead' AND EXISTS (
             SELECT FROM human_task t WHERE t.kind = 'repair_step' AND t.state = 'open'
                AND CAST(t.objects ->> 'step_run_id' AS bigint) = s.id)))
   AND NOT EXISTS (SELECT FROM human_task t WHERE t.case_id = c.id AND t.state = 'open'
        AND CAST(t.objects ->> 'document_id' AS bigint) = d.id)
"""
WRONG = "\nUNION ALL\n".join(
    (CASE_WAITS, NEWS_ALONE, THREAD_WAITS, UNCERTAIN, TWICE, PARKED, STOPPED, DOCUMENT_WAITS)
)
VALUES = {
    "ended": list(ENDED),
    "journey": [
        "confirm_admission", "report_progress", "await_return", "settle_abroad", "settle_care",
        "resume_case", "call_family", "record_alternative",
    ],
    # steps that look at all threads of a case, and are about to
    "of_all": [
        "outreach.renew_letters", "outreach.draft_enquiries", "outreach.close_withdrawn",
        "outreach.close_other_threads", "outreach.ask_deletion",
    ],
    "signing": [
        "review_case", "second_opinion", "settle_withdrawn_set", "resume_case", "review_findings",
        "settle_differences",
    ],
}  # fmt: skip
NEW_EVENTS = """
SELECT e.case_id, e.seq, e.event_id, e.type, e.payload, e.objects, e.actor_type, c.last_seq
  FROM unnest(%(cases)s::bigint[], %(seqs)s::int[]) k(id, seq)
  JOIN "case" c ON c.id = k.id
  JOIN case_event e ON e.case_id = k.id AND e.seq > k.seq
 ORDER BY e.case_id, e.seq
"""
OPEN_ROWS = f"""
SELECT s.case_id, s.name, s.objects, s.cause_event_id, 'step' AS what, '' AS detail FROM step_run s
 WHERE s.case_id = ANY(%(cases)s) AND s.state IN {_OPEN}
UNION ALL
SELECT t.case_id, t.kind, t.objects, t.cause_event_id, 'task', coalesce(t.detail, '')
  FROM human_task t WHERE t.case_id = ANY(%(cases)s) AND t.state = 'open'
"""

MADE = """
SELECT case_id, name, objects, cause_event_id, 'step' AS what FROM step_run
 WHERE case_id = ANY(%(cases)s) AND cause_event_id = ANY(%(events)s)
UNION ALL
SELECT case_id, kind, objects, cause_event_id, 'task' FROM human_task
 WHERE case_id = ANY(%(cases)s)
"""
"""What events caused; of questions all of the case, for the same is not asked twice."""
