-- rules/twenty_five.yaml as of 2026-09-01T00:00Z, written by hand for DuckDB: the six figures and the grade,
-- in whole hundredths. It knows the made-up data: texts to look for stand there in one case, record ids are
-- unique and every touchpoint has a record. Kept in step with the rule; benchmarks/run.py compares the figures.
WITH touched AS (
  SELECT record_id, type, occurred_at, path, form, duration, machine, rating
  FROM touchpoints WHERE occurred_at <= TIMESTAMP '2026-09-01'
),
web AS (
  SELECT record_id,
         max(occurred_at) AS last_visit,
         bool_or(path LIKE '/pricing%' AND occurred_at > TIMESTAMP '2026-08-02') AS prices,
         count(*) FILTER (WHERE occurred_at <= TIMESTAMP '2026-03-05') AS long_ago
  FROM touched WHERE type = 'web.visited' GROUP BY record_id
),
pages AS (
  SELECT record_id, count(DISTINCT path) AS pages
  FROM touched WHERE type = 'web.visited' AND occurred_at > TIMESTAMP '2026-08-02' GROUP BY record_id
),
visit_days AS (
  SELECT record_id, count(DISTINCT CAST(occurred_at AS DATE)) AS days
  FROM touched WHERE type = 'web.visited' AND occurred_at > TIMESTAMP '2026-07-03' GROUP BY record_id
),
comparing AS (
  SELECT record_id, bool_or(occurred_at < two_before + INTERVAL 1 DAY) AS compared
  FROM (
    SELECT record_id, occurred_at, lag(occurred_at, 2) OVER (PARTITION BY record_id ORDER BY occurred_at) AS two_before
    FROM touched WHERE type = 'web.visited' AND path LIKE '/features%'
  )
  GROUP BY record_id
),
demo AS (
  SELECT record_id, max(occurred_at) AS last_demo
  FROM touched WHERE type = 'web.form_submitted' AND form = 'demo' GROUP BY record_id
),
answers AS (
  SELECT record_id,
         sum([1000, 500, 250, 125, 63, 31, 16, 8, 4, 2, 1]
             [1 + (1788220800000000 - epoch_us(occurred_at)) // 2592000000000]) AS answers
  FROM touched WHERE type = 'email.replied' AND occurred_at > TIMESTAMP '2025-10-06' GROUP BY record_id
),
clicks AS (
  SELECT record_id, count(*) AS clicks,
         sum(300 - 50 * ((1788220800000000 - epoch_us(occurred_at)) // 259200000000))
           FILTER (WHERE NOT machine AND occurred_at > TIMESTAMP '2026-08-14') AS fading
  FROM touched
  WHERE type IN ('email.clicked', 'campaign.clicked') AND occurred_at > TIMESTAMP '2026-06-03' GROUP BY record_id
),
unwelcome AS (
  SELECT DISTINCT record_id
  FROM touched WHERE type IN ('email.bounced', 'email.unsubscribed', 'campaign.unsubscribed')
),
calls AS (
  SELECT record_id, max(duration) AS longest,
         sum(duration) FILTER (WHERE type = 'call.attended' AND occurred_at > TIMESTAMP '2026-08-12') AS talked
  FROM touched WHERE type IN ('call.made', 'call.attended') AND occurred_at > TIMESTAMP '2026-06-03'
  GROUP BY record_id
),
chats AS (
  SELECT record_id, min(rating) AS worst
  FROM touched WHERE type = 'chat.completed' AND occurred_at > TIMESTAMP '2026-03-05' GROUP BY record_id
),
surveys AS (
  SELECT record_id, arg_max(rating, occurred_at) AS rating
  FROM touched WHERE type = 'survey.responded' GROUP BY record_id
),
webinars AS (
  SELECT record_id, count(*) AS webinars
  FROM touched
  WHERE type = 'webinar.attended' AND occurred_at >= TIMESTAMP '2026-03-01' AND occurred_at < TIMESTAMP '2026-06-01'
  GROUP BY record_id
),
lately AS (
  SELECT record_id, count(*) AS lately
  FROM touched WHERE occurred_at > TIMESTAMP '2026-08-25' GROUP BY record_id
),
points AS (
  SELECT id,
         CASE WHEN regexp_matches(job_title, '\b(chief|director|vp)\b', 'i') THEN 2000 ELSE 0 END
           + CASE WHEN employees >= 1000 THEN 2000 WHEN employees >= 100 THEN 1000
                  WHEN employees IS NOT NULL THEN 200 ELSE 0 END
           + CASE WHEN industry IN ('IT', 'Finance', 'Health') THEN 1000 ELSE 0 END
           + CASE WHEN created_at > TIMESTAMP '2026-08-18' AND created_at <= TIMESTAMP '2026-09-01' THEN 500 ELSE 0 END
           + CASE WHEN trial_ends_on > DATE '2026-09-01' AND trial_ends_on <= DATE '2026-09-15' THEN 1000 ELSE 0 END
           + CASE WHEN budget BETWEEN 100000 AND 250000.50 THEN 1250 ELSE 0 END AS positive,
         CASE WHEN regexp_matches(job_title, '\b(student|intern)\b', 'i') THEN 3000 ELSE 0 END
           + CASE WHEN email LIKE '%@rival.example' OR email LIKE '%@freemail.example' THEN 2500 ELSE 0 END AS negative,
         CASE WHEN prices THEN 2500 ELSE 0 END
           + CASE WHEN compared THEN 3000 ELSE 0 END
           + CASE WHEN pages >= 5 THEN 1000 ELSE 0 END
           + least(coalesce(days, 0) * 100, 800)
           + least(coalesce(long_ago, 0) // 5 * 50, 500)
           + coalesce(CAST(round(4000 * pow(0.75, (1788220800000000 - epoch_us(last_demo)) // 1209600000000)) AS BIGINT), 0)
           + least(6000, least(coalesce(answers, 0), 5000) + least(coalesce(fading, 0), 1500)
                         + CASE WHEN clicks > 10 THEN 1500 ELSE 0 END)
           + CASE WHEN talked > 900 THEN 2000 ELSE 0 END
           + CASE WHEN longest >= 3000 THEN 2000 ELSE 0 END
           + CASE WHEN surveys.rating >= 9 THEN 1500 ELSE 0 END
           + least(coalesce(webinars, 0) * 400, 1200)
           + CASE WHEN lately >= 3 AND regexp_matches(job_title, '\bdirector\b', 'i') THEN 1000 ELSE 0 END
           AS touchpoint_positive,
         least(500 * ((1788220800000000 - epoch_us(coalesce(last_visit, created_at))) // 604800000000), 4000)
           + CASE WHEN unwelcome.record_id IS NOT NULL OR NOT opted_in THEN 2000 ELSE 0 END
           + CASE WHEN worst < 3 THEN 1000 ELSE 0 END
           + CASE WHEN surveys.rating < 4 THEN 1500 ELSE 0 END AS touchpoint_negative
  FROM records
  LEFT JOIN web ON web.record_id = id
  LEFT JOIN pages ON pages.record_id = id
  LEFT JOIN visit_days ON visit_days.record_id = id
  LEFT JOIN comparing ON comparing.record_id = id
  LEFT JOIN demo ON demo.record_id = id
  LEFT JOIN answers ON answers.record_id = id
  LEFT JOIN clicks ON clicks.record_id = id
  LEFT JOIN unwelcome ON unwelcome.record_id = id
  LEFT JOIN calls ON calls.record_id = id
  LEFT JOIN chats ON chats.record_id = id
  LEFT JOIN surveys ON surveys.record_id = id
  LEFT JOIN webinars ON webinars.record_id = id
  LEFT JOIN lately ON lately.record_id = id
),
scores AS (
  SELECT id, positive, negative, touchpoint_positive, touchpoint_negative,
         touchpoint_positive - touchpoint_negative AS touchpoint_total,
         greatest(0, least(10000, positive - negative + touchpoint_positive - touchpoint_negative)) AS total
  FROM points
)
SELECT *, CASE WHEN total >= 8000 THEN 'Hot' WHEN total >= 4000 THEN 'Warm' ELSE 'Cold' END AS grade
FROM scores
