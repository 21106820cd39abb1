WITH touched_1_web_visited AS (
  SELECT record_id,
         COUNT(*) FILTER (WHERE match_1) AS match_1_count,
         MAX(touched_at) FILTER (WHERE match_1) AS match_1_newest,
         MAX(touched_at) FILTER (WHERE match_19) AS match_19_newest
  FROM (
    SELECT *,
           touched_at > $as_of - 2592000000000 AND CASE WHEN starts_with(CAST(property_18_path AS VARCHAR), '[') THEN (len(list_filter(json_extract(property_18_path, '$[*]'), lambda element: starts_with(lower(CAST(NULLIF(element, 'null'::JSON) AS VARCHAR)), '"/pricing'))) > 0) ELSE starts_with(lower(CAST(property_18_path AS VARCHAR)), '"/pricing') END AS match_1,
           TRUE AS match_19
    FROM (
      SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at, NULLIF(json_extract(t.properties, '/path'), 'null'::JSON) AS property_18_path
      FROM touchpoints AS t
      WHERE t.occurred_at <= make_timestamptz($as_of) AND t.type = 'web.visited'
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_2_web AS (
  SELECT record_id,
         COUNT(*) FILTER (WHERE match_2) AS match_2_count,
         max(touched_at, 3) FILTER (WHERE match_2) AS match_2_newest_3
  FROM (
    SELECT *,
           touched_at > $as_of - 604800000000 AS match_2
    FROM (
      SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= make_timestamptz($as_of) AND t.occurred_at > make_timestamptz($as_of - 604800000000) AND starts_with(t.type, 'web.')
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_3_every AS (
  SELECT record_id,
         COUNT(*) FILTER (WHERE match_3) AS match_3_count,
         MIN(touched_at) FILTER (WHERE match_3) AS match_3_oldest
  FROM (
    SELECT *,
           touched_at > $as_of - 604800000000 AS match_3
    FROM (
      SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= make_timestamptz($as_of) AND t.occurred_at > make_timestamptz($as_of - 604800000000)
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_4_email_clicked AS (
  SELECT record_id,
         COUNT(*) FILTER (WHERE match_5) AS match_5_count,
         MIN(touched_at) FILTER (WHERE match_6) AS match_6_oldest,
         COUNT(*) FILTER (WHERE match_7) AS match_7_count
  FROM (
    SELECT *,
           touched_at <= $as_of - 5184000000000 AS match_5,
           touched_at > $as_of - 5184000000000 AS match_6,
           touched_at >= 1767225600000000 AND touched_at < 1769904000000000 AS match_7
    FROM (
      SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= make_timestamptz($as_of) AND t.type = 'email.clicked'
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_5_email_replied AS (
  SELECT record_id,
         CAST(SUM(CASE ((($as_of - touched_at)) // 2592000000000) WHEN 0 THEN 1000 WHEN 1 THEN 500 WHEN 2 THEN 250 WHEN 3 THEN 125 WHEN 4 THEN 63 WHEN 5 THEN 31 WHEN 6 THEN 16 WHEN 7 THEN 8 WHEN 8 THEN 4 WHEN 9 THEN 2 WHEN 10 THEN 1 ELSE 0 END) FILTER (WHERE match_9) AS BIGINT) AS match_9_decayed_8,
         MIN(touched_at + 2592000000000 * (((($as_of - touched_at)) // 2592000000000) + 1)) FILTER (WHERE match_9) AS match_9_fades_10
  FROM (
    SELECT *,
           touched_at > $as_of - 28512000000000 AS match_9
    FROM (
      SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= make_timestamptz($as_of) AND t.occurred_at > make_timestamptz($as_of - 28512000000000) AND t.type = 'email.replied'
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_6_web_form_submitted AS (
  SELECT record_id,
         MAX(touched_at) FILTER (WHERE match_12) AS match_12_newest
  FROM (
    SELECT *,
           touched_at > $as_of - 19353600000000 AS match_12
    FROM (
      SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= make_timestamptz($as_of) AND t.occurred_at > make_timestamptz($as_of - 19353600000000) AND t.type = 'web.form_submitted'
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_7_call_attended AS (
  SELECT record_id,
         MIN(touched_at) FILTER (WHERE match_13) AS match_13_oldest,
         SUM(COALESCE(CASE WHEN CAST(property_14_duration AS VARCHAR) >= '-' AND CAST(property_14_duration AS VARCHAR) < ':' THEN CASE WHEN abs(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) < 8e12 AND abs(abs(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) - floor(abs(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000)) - 0.5) > 0.01 THEN CAST(round(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) AS BIGINT) WHEN isfinite(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE)) AND abs(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE)) < 1e12 THEN CAST(CAST(TRY_CAST(CAST(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE) AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END END, CASE WHEN regexp_full_match(CASE WHEN starts_with(CAST(property_14_duration AS VARCHAR), '"') THEN property_14_duration ->> '$' END, '[+-]?[0-9]+(\.[0-9]+)?') THEN CAST(CAST(TRY_CAST(CASE WHEN starts_with(CAST(property_14_duration AS VARCHAR), '"') THEN property_14_duration ->> '$' END AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END)) FILTER (WHERE match_13) AS match_13_sum_property_14_duration
  FROM (
    SELECT *,
           touched_at > $as_of - 1728000000000 AS match_13
    FROM (
      SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at, NULLIF(json_extract(t.properties, '/duration'), 'null'::JSON) AS property_14_duration
      FROM touchpoints AS t
      WHERE t.occurred_at <= make_timestamptz($as_of) AND t.occurred_at > make_timestamptz($as_of - 1728000000000) AND t.type = 'call.attended'
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_8_call AS (
  SELECT record_id,
         MAX(COALESCE(CASE WHEN CAST(property_14_duration AS VARCHAR) >= '-' AND CAST(property_14_duration AS VARCHAR) < ':' THEN CASE WHEN abs(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) < 8e12 AND abs(abs(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) - floor(abs(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000)) - 0.5) > 0.01 THEN CAST(round(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) AS BIGINT) WHEN isfinite(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE)) AND abs(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE)) < 1e12 THEN CAST(CAST(TRY_CAST(CAST(CAST(TRY_CAST(CAST(property_14_duration AS VARCHAR) AS DOUBLE) AS DOUBLE) AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END END, CASE WHEN regexp_full_match(CASE WHEN starts_with(CAST(property_14_duration AS VARCHAR), '"') THEN property_14_duration ->> '$' END, '[+-]?[0-9]+(\.[0-9]+)?') THEN CAST(CAST(TRY_CAST(CASE WHEN starts_with(CAST(property_14_duration AS VARCHAR), '"') THEN property_14_duration ->> '$' END AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END)) FILTER (WHERE match_15) AS match_15_max_property_14_duration
  FROM (
    SELECT *,
           TRUE AS match_15
    FROM (
      SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at, NULLIF(json_extract(t.properties, '/duration'), 'null'::JSON) AS property_14_duration
      FROM touchpoints AS t
      WHERE t.occurred_at <= make_timestamptz($as_of) AND starts_with(t.type, 'call.')
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_9_chat_rated AS (
  SELECT record_id,
         first(property_16_rating ORDER BY touched_at DESC NULLS LAST, COALESCE(CASE WHEN CAST(property_16_rating AS VARCHAR) >= '-' AND CAST(property_16_rating AS VARCHAR) < ':' THEN CASE WHEN abs(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) < 8e12 AND abs(abs(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) - floor(abs(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000)) - 0.5) > 0.01 THEN CAST(round(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) AS BIGINT) WHEN isfinite(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE)) AND abs(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE)) < 1e12 THEN CAST(CAST(TRY_CAST(CAST(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END END, CASE WHEN regexp_full_match(CASE WHEN starts_with(CAST(property_16_rating AS VARCHAR), '"') THEN property_16_rating ->> '$' END, '[+-]?[0-9]+(\.[0-9]+)?') THEN CAST(CAST(TRY_CAST(CASE WHEN starts_with(CAST(property_16_rating AS VARCHAR), '"') THEN property_16_rating ->> '$' END AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END) DESC NULLS LAST, CASE WHEN CASE WHEN CAST(property_16_rating AS VARCHAR) >= '-' AND CAST(property_16_rating AS VARCHAR) < ':' THEN CASE WHEN abs(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) < 8e12 AND abs(abs(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) - floor(abs(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000)) - 0.5) > 0.01 THEN CAST(round(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) AS BIGINT) WHEN isfinite(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE)) AND abs(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE)) < 1e12 THEN CAST(CAST(TRY_CAST(CAST(CAST(TRY_CAST(CAST(property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END END IS NOT NULL THEN 1 END DESC NULLS LAST, CASE WHEN starts_with(CAST(property_16_rating AS VARCHAR), '"') THEN property_16_rating ->> '$' END DESC NULLS LAST, CASE WHEN CASE CAST(property_16_rating AS VARCHAR) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END THEN 1 WHEN NOT CASE CAST(property_16_rating AS VARCHAR) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END THEN 0 END DESC NULLS LAST, CASE WHEN starts_with(CAST(property_16_rating AS VARCHAR), '[') THEN COALESCE(array_to_string(list_transform(json_extract(property_16_rating, '$[*]'), lambda item: COALESCE(CASE WHEN CASE WHEN starts_with(CAST(item AS VARCHAR), '"') THEN item ->> '$' END IS NOT NULL THEN 't' || CAST(CASE WHEN starts_with(CAST(item AS VARCHAR), '"') THEN item ->> '$' END AS VARCHAR) WHEN CASE WHEN CAST(item AS VARCHAR) >= '-' AND CAST(item AS VARCHAR) < ':' THEN CASE WHEN abs(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) < 8e12 AND abs(abs(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) - floor(abs(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000)) - 0.5) > 0.01 THEN CAST(round(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) AS BIGINT) WHEN isfinite(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE)) AND abs(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE)) < 1e12 THEN CAST(CAST(TRY_CAST(CAST(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE) AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END END IS NOT NULL THEN 'n' || CAST(CASE WHEN CAST(item AS VARCHAR) >= '-' AND CAST(item AS VARCHAR) < ':' THEN CASE WHEN abs(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) < 8e12 AND abs(abs(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) - floor(abs(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000)) - 0.5) > 0.01 THEN CAST(round(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) AS BIGINT) WHEN isfinite(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE)) AND abs(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE)) < 1e12 THEN CAST(CAST(TRY_CAST(CAST(CAST(TRY_CAST(CAST(item AS VARCHAR) AS DOUBLE) AS DOUBLE) AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END END AS VARCHAR) WHEN CASE CAST(item AS VARCHAR) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END IS NOT NULL THEN 'b' || CAST(CASE CAST(item AS VARCHAR) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END AS VARCHAR) END, '') || chr(31)), ''), '') END DESC NULLS LAST) FILTER (WHERE match_17 AND property_16_rating IS NOT NULL) AS match_17_latest_property_16_rating
  FROM (
    SELECT *,
           TRUE AS match_17
    FROM (
      SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at, NULLIF(json_extract(t.properties, '/rating'), 'null'::JSON) AS property_16_rating
      FROM touchpoints AS t
      WHERE t.occurred_at <= make_timestamptz($as_of) AND t.type = 'chat.rated'
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_10_campaign_opened_email_op AS (
  SELECT record_id,
         MAX(touched_at) FILTER (WHERE match_20) AS match_20_newest
  FROM (
    SELECT *,
           TRUE AS match_20
    FROM (
      SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= make_timestamptz($as_of) AND t.type IN ('campaign.opened', 'email.opened')
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_11_account_contacts_web_visited AS (
  SELECT record_id,
         COUNT(*) FILTER (WHERE match_21) AS match_21_count,
         max(touched_at, 10) FILTER (WHERE match_21) AS match_21_newest_10
  FROM (
    SELECT *,
           touched_at > $as_of - 2592000000000 AS match_21
    FROM (
      SELECT r.id AS record_id, epoch_us(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      INNER JOIN related_contacts AS p ON p.id = t.record_id
      INNER JOIN related_account AS via_1 ON via_1.id = p.linked_to_account_id
      INNER JOIN records AS r ON r.account_id = via_1.id
      WHERE t.occurred_at <= make_timestamptz($as_of) AND t.occurred_at > make_timestamptz($as_of - 2592000000000) AND t.type = 'web.visited'
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_12_contact_every AS (
  SELECT record_id,
         MAX(touched_at) FILTER (WHERE match_23) AS match_23_newest
  FROM (
    SELECT *,
           TRUE AS match_23
    FROM (
      SELECT r.id AS record_id, epoch_us(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      INNER JOIN related_contact AS p ON p.id = t.record_id
      INNER JOIN records AS r ON r.contact_id = p.id
      WHERE t.occurred_at <= make_timestamptz($as_of)
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
arrives_1 AS (
  SELECT t.record_id, MIN(epoch_us(t.occurred_at)) AS arrives_1
  FROM touchpoints AS t
  WHERE t.occurred_at > make_timestamptz($as_of)
  GROUP BY t.record_id
),
arrives_2 AS (
  SELECT r.id AS record_id, MIN(epoch_us(t.occurred_at)) AS arrives_2
  FROM touchpoints AS t
  INNER JOIN related_contacts AS p ON p.id = t.record_id
  INNER JOIN related_account AS via_1 ON via_1.id = p.linked_to_account_id
  INNER JOIN records AS r ON r.account_id = via_1.id
  WHERE t.occurred_at > make_timestamptz($as_of) AND t.type = 'web.visited'
  GROUP BY r.id
),
arrives_3 AS (
  SELECT p.linked_to_id AS record_id, MIN(epoch_us(t.occurred_at)) AS arrives_3
  FROM touchpoints AS t
  INNER JOIN related_guests AS p ON p.id = t.record_id
  WHERE t.occurred_at > make_timestamptz($as_of) AND starts_with(t.type, 'web.')
  GROUP BY p.linked_to_id
),
arrives_4 AS (
  SELECT r.id AS record_id, MIN(epoch_us(t.occurred_at)) AS arrives_4
  FROM touchpoints AS t
  INNER JOIN related_contact AS p ON p.id = t.record_id
  INNER JOIN records AS r ON r.contact_id = p.id
  WHERE t.occurred_at > make_timestamptz($as_of)
  GROUP BY r.id
),
match_3_turns_4 AS (
  SELECT record_id, MIN(moment) FILTER (WHERE moment > starts_at AND CASE WHEN later >= 2 THEN 0 WHEN later >= 1 THEN 500 ELSE 0 END <> CASE WHEN now >= 2 THEN 0 WHEN now >= 1 THEN 500 ELSE 0 END) AS match_3_turns_4
  FROM (
    SELECT record_id, starts_at, moment,
           CAST(SUM(change) OVER (PARTITION BY record_id ORDER BY moment) AS BIGINT) AS later,
           CAST(SUM(CASE WHEN moment = starts_at THEN change ELSE 0 END) OVER (PARTITION BY record_id) AS BIGINT) AS now
    FROM (
      SELECT matching.record_id, $as_of AS starts_at,
             GREATEST(touched_at + age, $as_of) AS moment, change
      FROM (
      SELECT * FROM (
        SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at
        FROM touchpoints AS t
        WHERE t.occurred_at <= make_timestamptz($as_of) AND t.occurred_at > make_timestamptz($as_of - 604800000000)
      ) AS read_rows WHERE touched_at > $as_of - 604800000000
      ) AS matching
      CROSS JOIN (VALUES (0, 1), (604800000000, -1)) AS turns(age, change)
    ) AS changes
  ) AS totals
  GROUP BY record_id
),
match_9_turns_11 AS (
  SELECT record_id, MIN(moment) FILTER (WHERE moment > starts_at AND GREATEST(-5000, LEAST(5000, later)) <> GREATEST(-5000, LEAST(5000, now))) AS match_9_turns_11
  FROM (
    SELECT record_id, starts_at, moment,
           CAST(SUM(change) OVER (PARTITION BY record_id ORDER BY moment) AS BIGINT) AS later,
           CAST(SUM(CASE WHEN moment = starts_at THEN change ELSE 0 END) OVER (PARTITION BY record_id) AS BIGINT) AS now
    FROM (
      SELECT matching.record_id, $as_of AS starts_at,
             GREATEST(touched_at + age, $as_of) AS moment, change
      FROM (
      SELECT * FROM (
        SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at
        FROM touchpoints AS t
        WHERE t.occurred_at <= make_timestamptz($as_of) AND t.occurred_at > make_timestamptz($as_of - 28512000000000) AND t.type = 'email.replied'
      ) AS read_rows WHERE touched_at > $as_of - 28512000000000
      ) AS matching
      INNER JOIN touched_5_email_replied AS gathered ON gathered.record_id = matching.record_id AND ABS(match_9_decayed_8) > 5000
      CROSS JOIN (VALUES (0, 1000), (2592000000000, -500), (5184000000000, -250), (7776000000000, -125), (10368000000000, -62), (12960000000000, -32), (15552000000000, -15), (18144000000000, -8), (20736000000000, -4), (23328000000000, -2), (25920000000000, -1), (28512000000000, -1)) AS turns(age, change)
    ) AS changes
  ) AS totals
  GROUP BY record_id
),
match_19_distinct_property_18_path AS (
  SELECT record_id, COUNT(DISTINCT CASE WHEN CASE WHEN starts_with(CAST(property_18_path AS VARCHAR), '"') THEN property_18_path ->> '$' END IS NOT NULL THEN 't' || CAST(CASE WHEN starts_with(CAST(property_18_path AS VARCHAR), '"') THEN property_18_path ->> '$' END AS VARCHAR) WHEN CASE WHEN CAST(property_18_path AS VARCHAR) >= '-' AND CAST(property_18_path AS VARCHAR) < ':' THEN CASE WHEN abs(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) < 8e12 AND abs(abs(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) - floor(abs(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000)) - 0.5) > 0.01 THEN CAST(round(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) AS BIGINT) WHEN isfinite(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE)) AND abs(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE)) < 1e12 THEN CAST(CAST(TRY_CAST(CAST(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE) AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END END IS NOT NULL THEN 'n' || CAST(CASE WHEN CAST(property_18_path AS VARCHAR) >= '-' AND CAST(property_18_path AS VARCHAR) < ':' THEN CASE WHEN abs(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) < 8e12 AND abs(abs(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) - floor(abs(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000)) - 0.5) > 0.01 THEN CAST(round(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) AS BIGINT) WHEN isfinite(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE)) AND abs(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE)) < 1e12 THEN CAST(CAST(TRY_CAST(CAST(CAST(TRY_CAST(CAST(property_18_path AS VARCHAR) AS DOUBLE) AS DOUBLE) AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END END AS VARCHAR) WHEN CASE CAST(property_18_path AS VARCHAR) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END IS NOT NULL THEN 'b' || CAST(CASE CAST(property_18_path AS VARCHAR) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END AS VARCHAR) END) AS match_19_distinct_property_18_path
  FROM (
    SELECT * FROM (
      SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at, NULLIF(json_extract(t.properties, '/path'), 'null'::JSON) AS property_18_path
      FROM touchpoints AS t
      WHERE t.occurred_at <= make_timestamptz($as_of) AND t.type = 'web.visited'
    ) AS read_rows WHERE TRUE
  ) AS matching
  GROUP BY record_id
),
match_19_distinct_days AS (
  SELECT record_id, COUNT(DISTINCT ((touched_at + 62135596800000000) // 86400000000)) AS match_19_distinct_days
  FROM (
    SELECT * FROM (
      SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= make_timestamptz($as_of) AND t.type = 'web.visited'
    ) AS read_rows WHERE TRUE
  ) AS matching
  GROUP BY record_id
),
match_19_busiest_86400000000 AS (
  SELECT record_id, MAX(within_span) AS match_19_busiest_86400000000
  FROM (
    SELECT record_id, COUNT(*) OVER (PARTITION BY record_id ORDER BY touched_at RANGE BETWEEN 86399999999 PRECEDING AND CURRENT ROW) AS within_span
    FROM (
      SELECT * FROM (
        SELECT t.record_id, epoch_us(t.occurred_at) AS touched_at
        FROM touchpoints AS t
        WHERE t.occurred_at <= make_timestamptz($as_of) AND t.type = 'web.visited'
      ) AS read_rows WHERE TRUE
    ) AS matching
  ) AS spans
  GROUP BY record_id
),
match_22_distinct_days AS (
  SELECT record_id, COUNT(DISTINCT ((touched_at + 62135596800000000) // 86400000000)) AS match_22_distinct_days
  FROM (
    SELECT * FROM (
      SELECT p.linked_to_id AS record_id, epoch_us(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      INNER JOIN related_guests AS p ON p.id = t.record_id
      WHERE t.occurred_at <= make_timestamptz($as_of) AND starts_with(t.type, 'web.')
    ) AS read_rows WHERE TRUE
  ) AS matching
  GROUP BY record_id
),
measured AS (
  SELECT r.id,
         match_1_count,
         match_1_newest,
         match_19_newest,
         match_2_count,
         match_2_newest_3,
         match_3_count,
         match_3_oldest,
         match_5_count,
         match_6_oldest,
         match_7_count,
         match_9_decayed_8,
         match_9_fades_10,
         match_12_newest,
         match_13_oldest,
         match_13_sum_property_14_duration,
         match_15_max_property_14_duration,
         match_17_latest_property_16_rating,
         match_20_newest,
         match_21_count,
         match_21_newest_10,
         match_23_newest,
         arrives_1,
         arrives_2,
         arrives_3,
         arrives_4,
         match_3_turns_4,
         match_9_turns_11,
         match_19_distinct_property_18_path,
         match_19_distinct_days,
         match_19_busiest_86400000000,
         match_22_distinct_days,
         r.job_title,
         r.employees,
         r.created_at,
         r.renews_at,
         COALESCE(match_1_count, 0) AS match_1_count_or_0,
         COALESCE(match_2_count, 0) AS match_2_count_or_0,
         COALESCE(match_3_count, 0) AS match_3_count_or_0,
         COALESCE(match_5_count, 0) AS match_5_count_or_0,
         COALESCE(match_7_count, 0) AS match_7_count_or_0,
         COALESCE(match_13_sum_property_14_duration, 0) AS match_13_sum_property_14_duration_or_0,
         COALESCE(match_19_distinct_property_18_path, 0) AS match_19_distinct_property_18_path_or_0,
         COALESCE(match_19_distinct_days, 0) AS match_19_distinct_days_or_0,
         COALESCE(match_19_busiest_86400000000, 0) AS match_19_busiest_86400000000_or_0,
         COALESCE(match_19_newest, epoch_us(r.created_at)) AS match_19_since,
         CASE WHEN COALESCE(match_19_newest, epoch_us(r.created_at)) <= $as_of THEN (($as_of - COALESCE(match_19_newest, epoch_us(r.created_at))) // 86400000000) END AS match_19_days,
         COALESCE(match_20_newest, epoch_us(r.created_at)) AS match_20_since,
         CASE WHEN COALESCE(match_20_newest, epoch_us(r.created_at)) <= $as_of THEN (($as_of - COALESCE(match_20_newest, epoch_us(r.created_at))) // 86400000000) END AS match_20_days,
         lookup_1.industry AS lookup_1_industry,
         lookup_2.employees AS lookup_2_employees,
         COALESCE(match_21_count, 0) AS match_21_count_or_0,
         COALESCE(match_22_distinct_days, 0) AS match_22_distinct_days_or_0,
         COALESCE(match_23_newest, epoch_us(r.created_at)) AS match_23_since,
         CASE WHEN COALESCE(match_23_newest, epoch_us(r.created_at)) <= $as_of THEN (($as_of - COALESCE(match_23_newest, epoch_us(r.created_at))) // 86400000000) END AS match_23_days,
         r.tags,
         r.product_interest
  FROM records AS r
  LEFT JOIN related_account AS lookup_1 ON lookup_1.id = r.account_id
  LEFT JOIN related_account_parent AS lookup_2 ON lookup_2.id = lookup_1.parent_id
  LEFT JOIN touched_1_web_visited ON touched_1_web_visited.record_id = r.id
  LEFT JOIN touched_2_web ON touched_2_web.record_id = r.id
  LEFT JOIN touched_3_every ON touched_3_every.record_id = r.id
  LEFT JOIN touched_4_email_clicked ON touched_4_email_clicked.record_id = r.id
  LEFT JOIN touched_5_email_replied ON touched_5_email_replied.record_id = r.id
  LEFT JOIN touched_6_web_form_submitted ON touched_6_web_form_submitted.record_id = r.id
  LEFT JOIN touched_7_call_attended ON touched_7_call_attended.record_id = r.id
  LEFT JOIN touched_8_call ON touched_8_call.record_id = r.id
  LEFT JOIN touched_9_chat_rated ON touched_9_chat_rated.record_id = r.id
  LEFT JOIN touched_10_campaign_opened_email_op ON touched_10_campaign_opened_email_op.record_id = r.id
  LEFT JOIN touched_11_account_contacts_web_visited ON touched_11_account_contacts_web_visited.record_id = r.id
  LEFT JOIN touched_12_contact_every ON touched_12_contact_every.record_id = r.id
  LEFT JOIN arrives_1 ON arrives_1.record_id = r.id
  LEFT JOIN arrives_2 ON arrives_2.record_id = r.id
  LEFT JOIN arrives_3 ON arrives_3.record_id = r.id
  LEFT JOIN arrives_4 ON arrives_4.record_id = r.id
  LEFT JOIN match_3_turns_4 ON match_3_turns_4.record_id = r.id
  LEFT JOIN match_9_turns_11 ON match_9_turns_11.record_id = r.id
  LEFT JOIN match_19_distinct_property_18_path ON match_19_distinct_property_18_path.record_id = r.id
  LEFT JOIN match_19_distinct_days ON match_19_distinct_days.record_id = r.id
  LEFT JOIN match_19_busiest_86400000000 ON match_19_busiest_86400000000.record_id = r.id
  LEFT JOIN match_22_distinct_days ON match_22_distinct_days.record_id = r.id
),
judged AS (
  SELECT id,
         CAST(CASE WHEN ((contains(lower(job_title), 'chief') OR contains(lower(job_title), 'vp')) AND regexp_full_match(lower(job_title), '(?s)(.*[^\p{L}\p{N}\x{2EBF0}-\x{2EE5D}])?(chief|vp)([^\p{L}\p{N}\x{2EBF0}-\x{2EE5D}].*)?')) THEN 2000 ELSE 0 END AS BIGINT) AS points_1,
         CAST(CASE WHEN (contains(lower(job_title), E'it''s 100%_\\ \n')) IS NOT TRUE THEN -100 ELSE 0 END AS BIGINT) AS points_2,
         CAST(CASE WHEN CAST(CAST(TRY_CAST(CAST(employees AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) >= 1000000000 THEN 2000 WHEN (CAST(CAST(TRY_CAST(CAST(employees AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) >= 100000000 AND CAST(CAST(TRY_CAST(CAST(employees AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) <= 999500000) THEN 1000 WHEN employees IS NULL THEN 0 ELSE 200 END AS BIGINT) AS points_3,
         CAST(CASE WHEN (epoch_us(created_at) > $as_of - 1209600000000 AND epoch_us(created_at) <= $as_of) THEN 500 ELSE 0 END AS BIGINT) AS points_4,
         CAST(CASE WHEN ((epoch_us(renews_at) > $as_of AND epoch_us(renews_at) <= $as_of + 2592000000000) AND (epoch_us(renews_at) = 1767225600000000) IS NOT TRUE) THEN 300 ELSE 0 END AS BIGINT) AS points_5,
         CAST(CASE WHEN match_1_count_or_0 >= 1 THEN 2500 ELSE 0 END AS BIGINT) AS points_6,
         CAST(CASE WHEN match_2_count_or_0 >= 3 THEN 500 ELSE 0 END AS BIGINT) AS points_7,
         CAST(CASE WHEN match_3_count_or_0 >= 2 THEN 0 WHEN match_3_count_or_0 >= 1 THEN 500 ELSE 0 END AS BIGINT) AS points_8,
         CAST(CASE WHEN match_5_count_or_0 >= 1 THEN 200 ELSE 0 END AS BIGINT) AS points_9,
         CAST(GREATEST(-900, LEAST(900, 100 * CAST(LEAST(((match_7_count_or_0) // 2), 9) AS BIGINT))) AS BIGINT) AS points_10,
         CAST(GREATEST(-5000, LEAST(5000, COALESCE(match_9_decayed_8, 0))) AS BIGINT) AS points_11,
         CAST(CASE WHEN match_12_newest IS NULL THEN 0 ELSE ([4000, 3750, 3500, 3250, 3000, 2750, 2500, 2250, 2000, 1750, 1500, 1250, 1000, 750, 500, 250]::BIGINT[])[1 + ((($as_of - match_12_newest)) // 1209600000000)] END AS BIGINT) AS points_12,
         CAST(CASE WHEN match_13_sum_property_14_duration_or_0 > 900000000 THEN 2000 ELSE 0 END AS BIGINT) AS points_13,
         CAST(GREATEST(-1000, LEAST(1000, 100 * CAST(LEAST(CASE WHEN match_15_max_property_14_duration > 0 THEN ((CAST(match_15_max_property_14_duration AS HUGEINT)) // 60000000::HUGEINT) ELSE 0 END, 10) AS BIGINT))) AS BIGINT) AS points_14,
         CAST(CASE WHEN CASE WHEN starts_with(CAST(match_17_latest_property_16_rating AS VARCHAR), '[') THEN (len(list_filter(json_extract(match_17_latest_property_16_rating, '$[*]'), lambda element: (lower(CAST(NULLIF(element, 'null'::JSON) AS VARCHAR)) = '"good"' OR COALESCE(CASE WHEN CAST(NULLIF(element, 'null'::JSON) AS VARCHAR) >= '-' AND CAST(NULLIF(element, 'null'::JSON) AS VARCHAR) < ':' THEN CASE WHEN abs(CAST(TRY_CAST(CAST(NULLIF(element, 'null'::JSON) AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) < 8e12 AND abs(abs(CAST(TRY_CAST(CAST(NULLIF(element, 'null'::JSON) AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) - floor(abs(CAST(TRY_CAST(CAST(NULLIF(element, 'null'::JSON) AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000)) - 0.5) > 0.01 THEN CAST(round(CAST(TRY_CAST(CAST(NULLIF(element, 'null'::JSON) AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) AS BIGINT) WHEN isfinite(CAST(TRY_CAST(CAST(NULLIF(element, 'null'::JSON) AS VARCHAR) AS DOUBLE) AS DOUBLE)) AND abs(CAST(TRY_CAST(CAST(NULLIF(element, 'null'::JSON) AS VARCHAR) AS DOUBLE) AS DOUBLE)) < 1e12 THEN CAST(CAST(TRY_CAST(CAST(CAST(TRY_CAST(CAST(NULLIF(element, 'null'::JSON) AS VARCHAR) AS DOUBLE) AS DOUBLE) AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END END, CASE WHEN regexp_full_match(CASE WHEN starts_with(CAST(NULLIF(element, 'null'::JSON) AS VARCHAR), '"') THEN NULLIF(element, 'null'::JSON) ->> '$' END, '[+-]?[0-9]+(\.[0-9]+)?') THEN CAST(CAST(TRY_CAST(CASE WHEN starts_with(CAST(NULLIF(element, 'null'::JSON) AS VARCHAR), '"') THEN NULLIF(element, 'null'::JSON) ->> '$' END AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END) = 5000000))) > 0) ELSE (lower(CAST(match_17_latest_property_16_rating AS VARCHAR)) = '"good"' OR COALESCE(CASE WHEN CAST(match_17_latest_property_16_rating AS VARCHAR) >= '-' AND CAST(match_17_latest_property_16_rating AS VARCHAR) < ':' THEN CASE WHEN abs(CAST(TRY_CAST(CAST(match_17_latest_property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) < 8e12 AND abs(abs(CAST(TRY_CAST(CAST(match_17_latest_property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) - floor(abs(CAST(TRY_CAST(CAST(match_17_latest_property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000)) - 0.5) > 0.01 THEN CAST(round(CAST(TRY_CAST(CAST(match_17_latest_property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) * 1000000) AS BIGINT) WHEN isfinite(CAST(TRY_CAST(CAST(match_17_latest_property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE)) AND abs(CAST(TRY_CAST(CAST(match_17_latest_property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE)) < 1e12 THEN CAST(CAST(TRY_CAST(CAST(CAST(TRY_CAST(CAST(match_17_latest_property_16_rating AS VARCHAR) AS DOUBLE) AS DOUBLE) AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END END, CASE WHEN regexp_full_match(CASE WHEN starts_with(CAST(match_17_latest_property_16_rating AS VARCHAR), '"') THEN match_17_latest_property_16_rating ->> '$' END, '[+-]?[0-9]+(\.[0-9]+)?') THEN CAST(CAST(TRY_CAST(CASE WHEN starts_with(CAST(match_17_latest_property_16_rating AS VARCHAR), '"') THEN match_17_latest_property_16_rating ->> '$' END AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) END) = 5000000) END THEN 500 ELSE 0 END AS BIGINT) AS points_15,
         CAST(CASE WHEN match_19_distinct_property_18_path_or_0 >= 5 THEN 1000 ELSE 0 END AS BIGINT) AS points_16,
         CAST(25 * match_19_distinct_days_or_0 AS BIGINT) AS points_17,
         CAST(CASE WHEN match_19_busiest_86400000000_or_0 >= 3 THEN 3000 ELSE 0 END AS BIGINT) AS points_18,
         CAST(GREATEST(-4000, LEAST(4000, -500 * CAST(LEAST(((COALESCE(match_19_days, 0)) // 7), 8) AS BIGINT))) AS BIGINT) AS points_19,
         CAST(CASE WHEN match_20_days >= 90 THEN -1000 ELSE 0 END AS BIGINT) AS points_20,
         CAST(CASE WHEN lower(lookup_1_industry) = 'it' THEN 500 ELSE 0 END AS BIGINT) AS points_21,
         CAST(CASE WHEN CAST(CAST(TRY_CAST(CAST(lookup_2_employees AS VARCHAR) AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * 1000000 AS BIGINT) >= 1000000000 THEN 500 ELSE 0 END AS BIGINT) AS points_22,
         CAST(GREATEST(-1000, LEAST(1000, 100 * CAST(LEAST(match_21_count_or_0, 10) AS BIGINT))) AS BIGINT) AS points_23,
         CAST(CASE WHEN match_22_distinct_days_or_0 >= 3 THEN 500 ELSE 0 END AS BIGINT) AS points_24,
         CAST(CASE WHEN match_23_days >= 30 THEN -500 ELSE 0 END AS BIGINT) AS points_25,
         CAST(CASE WHEN (COALESCE(((contains(lower(job_title), 'director')) AND regexp_full_match(lower(job_title), '(?s)(.*[^\p{L}\p{N}\x{2EBF0}-\x{2EE5D}])?(director)([^\p{L}\p{N}\x{2EBF0}-\x{2EE5D}].*)?')), FALSE) AND (COALESCE(match_3_count_or_0 >= 3, FALSE) OR NOT COALESCE((tags IS NULL OR tags = ''), FALSE))) THEN 1000 ELSE 0 END AS BIGINT) AS points_26,
         CAST(LEAST(CASE WHEN epoch_us(created_at) > $as_of AND CASE WHEN (epoch_us(created_at) > epoch_us(created_at) - 1209600000000 AND epoch_us(created_at) <= epoch_us(created_at)) THEN 500 ELSE 0 END <> CASE WHEN (epoch_us(created_at) > $as_of - 1209600000000 AND epoch_us(created_at) <= $as_of) THEN 500 ELSE 0 END THEN epoch_us(created_at) END, CASE WHEN epoch_us(created_at) + 1209600000000 > $as_of AND CASE WHEN (epoch_us(created_at) > epoch_us(created_at) + 1209600000000 - 1209600000000 AND epoch_us(created_at) <= epoch_us(created_at) + 1209600000000) THEN 500 ELSE 0 END <> CASE WHEN (epoch_us(created_at) > $as_of - 1209600000000 AND epoch_us(created_at) <= $as_of) THEN 500 ELSE 0 END THEN epoch_us(created_at) + 1209600000000 END, CASE WHEN epoch_us(renews_at) + -2592000000000 > $as_of AND CASE WHEN ((epoch_us(renews_at) > epoch_us(renews_at) + -2592000000000 AND epoch_us(renews_at) <= epoch_us(renews_at) + -2592000000000 + 2592000000000) AND (epoch_us(renews_at) = 1767225600000000) IS NOT TRUE) THEN 300 ELSE 0 END <> CASE WHEN ((epoch_us(renews_at) > $as_of AND epoch_us(renews_at) <= $as_of + 2592000000000) AND (epoch_us(renews_at) = 1767225600000000) IS NOT TRUE) THEN 300 ELSE 0 END THEN epoch_us(renews_at) + -2592000000000 END, CASE WHEN epoch_us(renews_at) > $as_of AND CASE WHEN ((epoch_us(renews_at) > epoch_us(renews_at) AND epoch_us(renews_at) <= epoch_us(renews_at) + 2592000000000) AND (epoch_us(renews_at) = 1767225600000000) IS NOT TRUE) THEN 300 ELSE 0 END <> CASE WHEN ((epoch_us(renews_at) > $as_of AND epoch_us(renews_at) <= $as_of + 2592000000000) AND (epoch_us(renews_at) = 1767225600000000) IS NOT TRUE) THEN 300 ELSE 0 END THEN epoch_us(renews_at) END, match_1_newest + 2592000000000, arrives_1, arrives_2, arrives_3, arrives_4, CASE WHEN match_2_count_or_0 >= 3 THEN match_2_newest_3[3] END + 604800000000, match_3_turns_4, CASE WHEN match_5_count_or_0 < 1 THEN match_6_oldest + 5184000000000 END, CASE WHEN ABS(match_9_decayed_8) > 5000 THEN match_9_turns_11 ELSE match_9_fades_10 END, CASE WHEN match_12_newest IS NOT NULL THEN match_12_newest + 1209600000000 * (((($as_of - match_12_newest)) // 1209600000000) + 1) END, match_13_oldest + 1728000000000, CASE WHEN ((COALESCE(match_19_days, 0)) // 7) < 8 THEN match_19_since + 86400000000 * (((((COALESCE(match_19_days, 0)) // 7) + 1) * 7000000 + 999999) // 1000000) END, match_20_since + 86400000000 * CASE WHEN match_20_days IS NULL THEN 90 ELSE CASE WHEN match_20_days < 90 THEN 90 END END, CASE WHEN match_21_count_or_0 >= 10 THEN match_21_newest_10[10] WHEN match_21_count_or_0 >= 9 THEN match_21_newest_10[9] WHEN match_21_count_or_0 >= 8 THEN match_21_newest_10[8] WHEN match_21_count_or_0 >= 7 THEN match_21_newest_10[7] WHEN match_21_count_or_0 >= 6 THEN match_21_newest_10[6] WHEN match_21_count_or_0 >= 5 THEN match_21_newest_10[5] WHEN match_21_count_or_0 >= 4 THEN match_21_newest_10[4] WHEN match_21_count_or_0 >= 3 THEN match_21_newest_10[3] WHEN match_21_count_or_0 >= 2 THEN match_21_newest_10[2] WHEN match_21_count_or_0 >= 1 THEN match_21_newest_10[1] END + 2592000000000, match_23_since + 86400000000 * CASE WHEN match_23_days IS NULL THEN 30 ELSE CASE WHEN match_23_days < 30 THEN 30 END END, match_3_oldest + 604800000000) AS BIGINT) AS next_change_at
  FROM measured
  WHERE (COALESCE(lower(product_interest) = 'platform', FALSE))
),
added_up AS (
  SELECT id,
         points_1 + points_3 + points_4 + points_5 + points_21 + points_22 - GREATEST(points_1 + points_2 - 1500, 0) AS positive,
         -points_2 - GREATEST(-500 - (points_1 + points_2), 0) AS negative,
         points_6 + points_7 + points_8 + points_9 + points_10 + points_11 + points_12 + points_13 + points_14 + points_15 + points_16 + points_17 + points_18 + points_23 + points_24 + points_26 AS touchpoint_positive,
         -points_19 - points_20 - points_25 AS touchpoint_negative,
         next_change_at
  FROM judged
),
totalled AS (
  SELECT id,
         positive,
         negative,
         touchpoint_positive,
         touchpoint_negative,
         positive - negative AS fit,
         touchpoint_positive - touchpoint_negative AS touchpoint_total,
         GREATEST(LEAST(positive - negative + touchpoint_positive - touchpoint_negative, 10000), 0) AS total,
         next_change_at
  FROM added_up
)
SELECT id,
       positive,
       negative,
       touchpoint_positive,
       touchpoint_negative,
       touchpoint_total,
       total,
       CASE WHEN fit >= 2000 THEN 'A' WHEN fit >= 0 THEN 'B' END || CASE WHEN touchpoint_total >= 4000 THEN '1' WHEN touchpoint_total >= -10000 THEN '2' END AS grade,
       CASE WHEN next_change_at <= 253402300799999999 THEN next_change_at END AS next_change_at
FROM totalled
