-- The analysts' questions, by name. Each is one statement over the views of schema `analytics`.
-- `alarm` marks a question whose answer must be empty. What nobody stated is `not_stated`, a value like
-- any other; a blank is left to days and numbers that there are none of.

-- name: funnel
-- number: 1
-- asks: Of the cases opened in a month, how many reached each state?
SELECT date_trunc('month', c.opened_at) AS cohort, s.state, count(DISTINCT s.case_ref) AS cases
  FROM analytics.v_state s JOIN analytics.v_case c USING (case_ref)
 GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2;

-- name: time_in_state
-- number: 2
-- asks: How long do cases stay in each state: median and 90th percentile, in hours?
SELECT state, count(*) AS visits,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM left_at - entered_at) / 3600)
         AS median_hours,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM left_at - entered_at) / 3600)
         AS p90_hours
  FROM analytics.v_state WHERE left_at IS NOT NULL GROUP BY 1 ORDER BY p90_hours DESC, 1;

-- name: hospital_answers
-- number: 3
-- asks: How fast does each hospital answer (a person, not a robot), and how often never?
SELECT hospital_code, count(*) AS asked,
       avg(CASE WHEN first_reply_at IS NULL THEN 1.0 ELSE 0 END) AS never_rate,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_reply_at - sent_at) / 3600)
         AS median_hours,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM first_reply_at - sent_at) / 3600)
         AS p90_hours
  FROM analytics.v_reply GROUP BY 1 ORDER BY median_hours NULLS LAST, 1;

-- name: hospital_yield
-- number: 4
-- asks: What comes of asking each hospital, by technique: asked, offers, accepted?
SELECT v.hospital_code, coalesce(nullif(o.technique, 'not_stated'), v.technique) AS technique, count(DISTINCT v.thread_id) AS asked,
       count(DISTINCT o.offer_id) AS offers,
       count(DISTINCT o.offer_id) FILTER (WHERE o.state = 'accepted') AS accepted
  FROM analytics.v_reply v
  LEFT JOIN analytics.v_offer o ON o.thread_id = v.thread_id::bigint
 GROUP BY 1, 2 ORDER BY 1, 2;

-- name: bottleneck
-- number: 5
-- asks: Whom do cases wait for, as a share of all waiting?
SELECT waiting_on, sum(extract(epoch FROM left_at - entered_at)) / 86400 AS days,
       sum(extract(epoch FROM left_at - entered_at)) * 1.0
         / nullif(sum(sum(extract(epoch FROM left_at - entered_at))) OVER (), 0) AS share
  FROM analytics.v_state WHERE left_at IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1;

-- name: late_tasks
-- number: 6
-- asks: Which deadlines of people are missed, by task and role, and by how many hours?
SELECT kind, role, count(*) AS tasks, count(*) FILTER (WHERE late) AS late,
       avg(hours_over) FILTER (WHERE late) AS mean_hours_over
  FROM analytics.v_task WHERE state <> 'cancelled' GROUP BY 1, 2 ORDER BY late DESC, 1, 2;

-- name: rework
-- number: 7
-- asks: How many rounds of asking again does a case need?
SELECT rounds, count(*) AS cases
  FROM (SELECT case_ref, count(*) AS rounds FROM analytics.v_event
         WHERE event_type IN ('completeness.failed', 'more_info.requested', 'invitation.defect_found')
         GROUP BY 1) x
 GROUP BY 1 ORDER BY 1;

-- name: conversion
-- number: 8
-- asks: How many cases accept an offer, by site and country of residence?
SELECT coalesce(c.site, 'not_stated') AS site, coalesce(nullif(c.country, ''), 'not_stated') AS country,
       count(*) AS opened, count(a.case_ref) AS accepted,
       count(a.case_ref) * 1.0 / count(*) AS rate
  FROM analytics.v_case c
  LEFT JOIN (SELECT DISTINCT case_ref FROM analytics.v_event
              WHERE event_type = 'patient.accepted_offer') a USING (case_ref)
 GROUP BY 1, 2 ORDER BY 5 DESC, 1, 2;

-- name: reminders
-- number: 9
-- asks: Do reminders work: answered within 72 hours, by template and attempt?
SELECT coalesce(s.payload->>'template', 'not_stated') AS template,
       coalesce(s.payload->>'channel', 'not_stated') AS channel,
       coalesce(s.payload->>'attempt', 'not_stated') AS attempt, count(*) AS sent,
       avg(CASE WHEN a.occurred_at <= s.occurred_at + interval '72 hours' THEN 1.0 ELSE 0 END)
         AS answered_72h
  FROM analytics.v_event s
  LEFT JOIN analytics.v_event a
         ON a.event_type = 'reminder.answered' AND a.case_id = s.case_id
        AND a.payload->>'reminder_id' = s.payload->>'reminder_id'
 WHERE s.event_type = 'reminder.sent' GROUP BY 1, 2, 3 ORDER BY 1, 5 DESC, 2, 3;

-- name: extraction_corrections
-- number: 10
-- asks: How often do people correct or reject what was read, by field and extractor version?
SELECT coalesce(payload->>'field', 'not_stated') AS field,
       coalesce(payload->>'extractor_version', 'not_stated') AS extractor_version,
       count(*) AS looked_at,
       avg(CASE WHEN payload->>'corrected' = 'true' THEN 1.0 ELSE 0 END) AS corrected,
       avg(CASE WHEN event_type = 'extraction.field_rejected' THEN 1.0 ELSE 0 END) AS rejected
  FROM analytics.v_event
 WHERE event_type IN ('extraction.field_confirmed', 'extraction.field_rejected')
 GROUP BY 1, 2 ORDER BY 4 DESC, 5 DESC, 1, 2;

-- name: screen_and_clinician
-- number: 11
-- asks: Does the pre-screen agree with the clinician who signed?
SELECT coalesce(s.payload->>'category', 'not_stated') AS screen,
       coalesce(r.payload->>'outcome', 'not_stated') AS clinician, count(*) AS cases,
       avg(CASE r.payload->>'agrees_with_screen' WHEN 'true' THEN 1.0 WHEN 'false' THEN 0 END)
         AS agrees
  FROM analytics.v_event s
  JOIN analytics.v_event r
    ON r.case_id = s.case_id AND r.event_type = 'clinician.review_signed'
   AND r.payload->>'assessment_id' = s.payload->>'assessment_id'
 WHERE s.event_type = 'suitability.assessed' AND s.payload->>'phase' = 'preop'
 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2;

-- name: missing_first
-- number: 12
-- asks: Which items are missing in first submissions, by site?
SELECT coalesce(e.site, 'not_stated') AS site, m.item, count(*) AS cases
  FROM analytics.v_event e, jsonb_array_elements_text(e.payload->'missing') AS m (item)
 WHERE e.event_type = 'completeness.checked' AND e.payload->>'attempt' = '1'
 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2;

-- name: admission_slips
-- number: 14
-- asks: How often and how far do admission dates slip, and because of whom?
SELECT coalesce(payload->>'by', 'not_stated') AS by_whom, count(*) AS changes,
       avg((payload->>'new')::date - (payload->>'old')::date) AS mean_days
  FROM analytics.v_event WHERE event_type = 'admission.date_changed' GROUP BY 1 ORDER BY 2 DESC, 1;

-- name: iort_delivered
-- number: 15
-- asks: Is IORT delivered as planned, by hospital and technique, and why not?
SELECT coalesce(h.hospital_code, 'not_stated') AS hospital_code,
       coalesce(e.payload->>'technique', 'not_stated') AS technique, count(*) AS operations,
       count(*) FILTER (WHERE e.payload->>'iort_delivered' = 'yes') AS delivered,
       count(*) FILTER (WHERE coalesce(e.payload->>'iort_delivered', 'not_reported')
                              = 'not_reported') AS not_reported,
       CASE WHEN count(*) FILTER (WHERE e.payload->>'iort_delivered' IN ('no', 'aborted')) > 0
            THEN coalesce(string_agg(DISTINCT e.payload->>'reason_not_delivered', ', '),
                          'not_stated') ELSE 'none' END AS reasons
  FROM analytics.v_event e
  LEFT JOIN analytics.v_hospital h ON h.hospital_id = (e.payload->>'hospital_id')::bigint
 WHERE e.event_type = 'surgery.completed' GROUP BY 1, 2 ORDER BY 1, 2;

-- name: final_pathology
-- number: 16
-- asks: When does the final pathology come, and what does it change?
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (p.payload->>'days_from_surgery')::float8)
         AS median_days,
       avg(CASE WHEN r.payload->>'outcome' = 'no_change' THEN 0.0
                WHEN r.payload->>'outcome' IS NOT NULL THEN 1 END) AS more_treatment,
       avg(CASE f.payload->>'pathology_settled' WHEN 'false' THEN 1.0 WHEN 'true' THEN 0 END)
         AS flew_first,
       count(*) AS results
  FROM analytics.v_event p
  JOIN analytics.v_event r ON r.case_id = p.case_id AND r.event_type = 'pathology.rechecked'
  LEFT JOIN analytics.v_event f
         ON f.case_id = p.case_id AND f.event_type = 'flight_clearance.granted'
 WHERE p.event_type = 'pathology.final_received' HAVING count(*) > 0;

-- name: human_work
-- number: 18
-- asks: How much time do tasks take from asking to answer, by kind and role?
SELECT coalesce(payload->>'kind', 'not_stated') AS kind,
       coalesce(payload->>'role', 'not_stated') AS role, count(*) AS tasks,
       sum((payload->>'seconds_spent')::float8) / 3600 AS hours,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY (payload->>'seconds_spent')::float8) / 3600
         AS median_hours
  FROM analytics.v_event WHERE event_type = 'human_task.completed'
 GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2;

-- name: automated_share
-- number: 18
-- asks: Which share of all events does the system record by itself?
SELECT avg(CASE WHEN actor_type = 'system' THEN 1.0 ELSE 0 END) AS automated_share,
       count(*) AS events
  FROM analytics.v_event;

-- name: machine
-- number: 19
-- asks: Which steps are retried or given up, and how many cases does that touch?
SELECT step, count(*) FILTER (WHERE state = 'done') AS done,
       count(*) FILTER (WHERE attempt > 1) AS retried,
       count(*) FILTER (WHERE state = 'dead') AS dead,
       count(DISTINCT case_ref) FILTER (WHERE state = 'dead') AS cases_hit,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - created_at))
         FILTER (WHERE state = 'done' AND NOT wait) AS median_seconds
  FROM analytics.v_step GROUP BY 1 ORDER BY dead DESC, retried DESC, 1;

-- name: endings
-- number: 20
-- asks: How do cases end, and from which state?
SELECT coalesce(payload->>'state_before', 'not_stated') AS state_before,
       coalesce(payload->>'outcome', 'not_stated') AS outcome,
       coalesce(payload->>'reason_code', 'not_stated') AS reason, count(*) AS cases
  FROM analytics.v_event WHERE event_type = 'case.closed' GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3;

-- name: silent_cases
-- number: 21
-- asks: Which open cases have heard nothing for 72 hours?
SELECT c.case_ref, c.state, c.waiting_on, max(m.occurred_at) AS last_word
  FROM analytics.v_case c
  CROSS JOIN analytics.v_clock k
  LEFT JOIN analytics.v_event m
         ON m.case_ref = c.case_ref AND m.event_type IN ('message.sent', 'reminder.sent')
        AND coalesce(m.payload->>'to_role', m.payload->>'recipient_role') = 'patient'
 WHERE c.closed_at IS NULL AND NOT c.on_hold AND c.stage <> 'closed'
 GROUP BY 1, 2, 3, k.business_now, c.opened_at
HAVING coalesce(max(m.occurred_at), c.opened_at) < k.business_now - interval '72 hours'
 ORDER BY 4 NULLS FIRST, 1;

-- name: followup_kept
-- number: 22
-- asks: Is follow-up kept, by item: done, done in its window, missed?
SELECT coalesce(payload->>'item_id', 'not_stated') AS item,
       count(*) FILTER (WHERE event_type = 'followup.item_done') AS done,
       count(*) FILTER (WHERE event_type = 'followup.item_done'
                          AND payload->>'in_window' = 'true') AS in_window,
       count(*) FILTER (WHERE event_type = 'followup.item_missed') AS missed
  FROM analytics.v_event
 WHERE event_type IN ('followup.item_done', 'followup.item_missed') GROUP BY 1 ORDER BY 1;

-- name: messages_after_the_end
-- number: 23
-- alarm: yes
-- asks: Was anything sent to a family after a death or a whole withdrawal was recorded?
SELECT m.case_ref, m.seq, m.event_type, coalesce(m.payload->>'template', 'not_stated') AS template,
       m.occurred_at
  FROM analytics.v_event m
  JOIN analytics.v_event d
    ON d.case_id = m.case_id AND d.seq < m.seq
   AND (d.event_type = 'patient.deceased'
        OR (d.event_type = 'consent.withdrawn' AND d.payload->>'whole' = 'true'))
 WHERE m.event_type IN ('message.sent', 'reminder.sent')
   AND coalesce(m.payload->>'to_role', m.payload->>'recipient_role') IN ('patient', 'caregiver')
   -- the confirmation of a withdrawal is what its patient is owed
   AND NOT (d.event_type = 'consent.withdrawn' AND m.payload->>'template' = 'M38')
   AND NOT EXISTS (SELECT 1 FROM analytics.v_event u
                    WHERE u.case_id = m.case_id AND u.seq > d.seq AND u.seq < m.seq
                      AND u.event_type IN ('patient.death_report_retracted', 'case.reopened'))
 ORDER BY 1, 2;

-- name: sent_without_consent
-- number: 24
-- alarm: yes
-- asks: Did anything leave for a hospital without the consent for that hospital?
-- Every letter of a thread is drafted (or held) for one hospital; that it left says message.sent, or a
-- person who settled it. A code for a hospital's page is drafted by nobody: its thread says whose it
-- is. A request to delete needs no consent that stands, but one there once was.
WITH drafted AS (
  SELECT case_id, payload->>'message_id' AS message_id, min(payload->>'hospital_id') AS hospital_id,
         min(payload->>'template') AS template
    FROM analytics.v_event
   WHERE event_type IN ('outreach.drafted', 'outreach.letter_held') GROUP BY 1, 2
), thread AS (
  SELECT case_id, payload->>'thread_id' AS thread_id, min(payload->>'hospital_id') AS hospital_id
    FROM analytics.v_event
   WHERE event_type IN ('outreach.drafted', 'outreach.letter_held') GROUP BY 1, 2
), out AS (
  SELECT p.case_id, p.case_ref, p.seq, p.event_type, p.occurred_at,
         coalesce(p.payload->>'template', d.template, 'not_stated') AS template,
         coalesce(p.payload->>'hospital_id', d.hospital_id, t.hospital_id)::bigint AS hospital_id,
         row_number() OVER (PARTITION BY p.case_id, coalesce(p.payload->>'message_id',
                            p.event_type || p.seq) ORDER BY p.seq) AS nth
    FROM analytics.v_event p
    LEFT JOIN drafted d ON d.case_id = p.case_id AND d.message_id = p.payload->>'message_id'
    LEFT JOIN thread t ON t.case_id = p.case_id AND t.thread_id = p.objects->>'thread_id'
   WHERE p.event_type IN ('package.released', 'outreach.sent', 'outreach.corrected',
                          'outreach.deletion_asked')
      OR p.event_type = 'message.sent' AND p.payload->>'to_role' = 'hospital'
      OR p.event_type = 'message.settled' AND p.payload->>'outcome' = 'delivered'
         AND d.hospital_id IS NOT NULL
      OR p.event_type = 'outreach.chased' AND p.payload->>'channel' IS DISTINCT FROM 'email'
), granted AS (
  SELECT g.case_id, g.seq, s.scope, split_part(s.scope, ':', 2) AS hospital_code,
         (SELECT min(w.seq) FROM analytics.v_event w
           WHERE w.case_id = g.case_id AND w.event_type = 'consent.withdrawn' AND w.seq > g.seq
             AND (w.payload->>'whole' = 'true' OR w.payload->'scopes' ? s.scope)) AS ended
    FROM analytics.v_event g, jsonb_array_elements_text(g.payload->'scopes') AS s (scope)
   WHERE g.event_type = 'consent.granted'
     AND split_part(s.scope, ':', 1) IN ('share_deid', 'share_identified')
)
SELECT p.case_ref, p.seq, p.event_type, p.template,
       coalesce(h.hospital_code, 'not_stated') AS hospital_code, p.occurred_at
  FROM out p
  LEFT JOIN analytics.v_hospital h ON h.hospital_id = p.hospital_id
 WHERE p.nth = 1
   AND NOT EXISTS (
         SELECT 1 FROM granted g
          WHERE g.case_id = p.case_id AND g.seq < p.seq AND g.hospital_code = h.hospital_code
            AND (g.ended IS NULL OR g.ended > p.seq OR p.template = 'M17'
                 OR p.event_type = 'outreach.deletion_asked'))
 ORDER BY 1, 2;

-- name: reply_corrections
-- number: 25
-- asks: How often is the proposed class of a hospital's letter right, by class and version of the rules?
-- The first time that a person says what a letter is; asked again, it is a person's word that changes.
WITH said AS (
  SELECT coalesce(payload->>'corrected_from', payload->>'reply_class', 'not_stated') AS proposed,
         coalesce(payload->>'model_version', 'not_stated') AS model_version,
         payload->>'corrected_from' IS NOT NULL AS corrected,
         row_number() OVER (PARTITION BY case_id, coalesce(objects->>'message_id', seq::text)
                            ORDER BY seq) AS nth
    FROM analytics.v_event
   WHERE event_type = 'hospital.reply_classified' AND payload->>'confirmed' = 'true'
)
SELECT proposed, model_version, count(*) AS looked_at,
       count(*) FILTER (WHERE corrected) AS corrected,
       avg(CASE WHEN corrected THEN 0 ELSE 1.0 END) AS accuracy
  FROM said WHERE nth = 1 GROUP BY 1, 2 ORDER BY 5, 3 DESC, 1, 2;
