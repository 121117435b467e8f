-- The team lead's charts, by name. Each is one statement over the schema `analytics`.
-- Parameters: %(site)s, empty for all sites; %(weeks)s, how many weeks back.

-- name: stages
-- title: Cases by stage
-- reads: m_stage_week, v_stage_stay
SELECT week, stage, sum(cases)::bigint AS cases, sum(entered)::bigint AS entered
  FROM analytics.m_stage_week
 CROSS JOIN analytics.m_counted
 WHERE (%(site)s = '' OR site = %(site)s)
   AND week > (business_now AT TIME ZONE 'UTC')::date - 7 * %(weeks)s
 GROUP BY 1, 2 ORDER BY 1, 2;

-- name: stage_time
-- title: Time in stage
-- reads: m_stage_time, v_stage_stay
SELECT stage, stays, days[1] AS quarter_days, days[2] AS median_days,
       days[3] AS three_quarters_days, days[4] AS p90_days
  FROM analytics.m_stage_time
 WHERE site = %(site)s AND weeks = %(weeks)s ORDER BY stage;

-- name: corrections
-- title: Corrections, week by week
-- reads: m_correction_week
SELECT week, extractor_version, sum(confirmed + corrected + rejected)::bigint AS looked_at,
       sum(confirmed)::bigint AS confirmed, sum(corrected)::bigint AS corrected,
       sum(rejected)::bigint AS rejected
  FROM analytics.m_correction_week
 CROSS JOIN analytics.m_counted
 WHERE (%(site)s = '' OR site = %(site)s)
   AND week > (business_now AT TIME ZONE 'UTC')::date - 7 * %(weeks)s
 GROUP BY 1, 2 ORDER BY 1, 2;

-- name: fields
-- title: Corrections by field
-- reads: m_correction_week
SELECT field, sum(confirmed + corrected + rejected)::bigint AS looked_at,
       sum(confirmed)::bigint AS confirmed, sum(corrected)::bigint AS corrected,
       sum(rejected)::bigint AS rejected
  FROM analytics.m_correction_week
 CROSS JOIN analytics.m_counted
 WHERE (%(site)s = '' OR site = %(site)s)
   AND week > (business_now AT TIME ZONE 'UTC')::date - 7 * %(weeks)s
 GROUP BY 1
 ORDER BY sum(corrected + rejected) / sum(confirmed + corrected + rejected) DESC, 2 DESC, 1;

-- name: in_hand
-- title: Open tasks by age
-- reads: v_task
SELECT role,
       CASE WHEN age < interval '1 day' THEN '1 under a day'
            WHEN age < interval '3 days' THEN '2 one to three days'
            WHEN age < interval '7 days' THEN '3 three to seven days'
            WHEN age < interval '30 days' THEN '4 one to four weeks'
            ELSE '5 thirty days and more' END AS age,
       count(*) FILTER (WHERE NOT late) AS in_time, count(*) FILTER (WHERE late) AS late
  FROM (SELECT t.role, t.late, k.business_now - t.opened_at AS age
          FROM analytics.v_task t
          CROSS JOIN analytics.v_clock k
          LEFT JOIN analytics.v_case c USING (case_ref)
         WHERE t.state = 'open' AND (%(site)s = '' OR coalesce(c.site, 'not_stated') = %(site)s)) t
 GROUP BY 1, 2 ORDER BY 2, 1;
