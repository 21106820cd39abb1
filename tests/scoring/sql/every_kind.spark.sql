WITH touched_1_web_visited AS (
  SELECT record_id,
         COUNT(*) FILTER (WHERE match_1) AS match_1_count,
         MAX(touched_at) FILTER (WHERE match_1) AS match_1_newest,
         MAX(touched_at) FILTER (WHERE match_19) AS match_19_newest
  FROM (
    SELECT *,
           touched_at > CAST(:as_of AS BIGINT) - 2592000000000 AND CASE WHEN startswith(schema_of_variant(property_18_path), 'ARRAY') THEN exists(filter(CASE WHEN startswith(schema_of_variant(property_18_path), 'ARRAY') THEN try_cast(property_18_path AS ARRAY<VARIANT>) END, element -> NOT is_variant_null(element)), element -> startswith(CASE WHEN rlike(CASE WHEN schema_of_variant(element) = 'STRING' THEN try_variant_get(element, '\u0024', 'string') END, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN array_join(transform(transform(sequence(1, length(CASE WHEN schema_of_variant(element) = 'STRING' THEN try_variant_get(element, '\u0024', 'string') END)), place -> substr(CASE WHEN schema_of_variant(element) = 'STRING' THEN try_variant_get(element, '\u0024', 'string') END, place, 1)), letter -> CASE WHEN rlike(letter, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN letter ELSE lower(translate(letter, 'İΣ', 'iσ')) END), '') ELSE lower(translate(CASE WHEN schema_of_variant(element) = 'STRING' THEN try_variant_get(element, '\u0024', 'string') END, 'İΣ', 'iσ')) END, '/pricing')) ELSE startswith(CASE WHEN rlike(CASE WHEN schema_of_variant(property_18_path) = 'STRING' THEN try_variant_get(property_18_path, '\u0024', 'string') END, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN array_join(transform(transform(sequence(1, length(CASE WHEN schema_of_variant(property_18_path) = 'STRING' THEN try_variant_get(property_18_path, '\u0024', 'string') END)), place -> substr(CASE WHEN schema_of_variant(property_18_path) = 'STRING' THEN try_variant_get(property_18_path, '\u0024', 'string') END, place, 1)), letter -> CASE WHEN rlike(letter, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN letter ELSE lower(translate(letter, 'İΣ', 'iσ')) END), '') ELSE lower(translate(CASE WHEN schema_of_variant(property_18_path) = 'STRING' THEN try_variant_get(property_18_path, '\u0024', 'string') END, 'İΣ', 'iσ')) END, '/pricing') END AS match_1,
           TRUE AS match_19
    FROM (
      SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at, CASE WHEN NOT is_variant_null(try_variant_get(t.properties, '\u0024["path"]')) THEN try_variant_get(t.properties, '\u0024["path"]') END AS property_18_path
      FROM touchpoints AS t
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.type = 'web.visited'
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_2_web AS (
  SELECT record_id,
         COUNT(*) FILTER (WHERE match_2) AS match_2_count,
         slice(sort_array(collect_list(touched_at) FILTER (WHERE match_2), FALSE), 1, 3) AS match_2_newest_3
  FROM (
    SELECT *,
           touched_at > CAST(:as_of AS BIGINT) - 604800000000 AS match_2
    FROM (
      SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.occurred_at > timestamp_micros(CAST(:as_of AS BIGINT) - 604800000000) AND startswith(t.type, 'web.')
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
           touched_at > CAST(:as_of AS BIGINT) - 604800000000 AS match_3
    FROM (
      SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.occurred_at > timestamp_micros(CAST(:as_of AS BIGINT) - 604800000000)
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
           touched_at <= CAST(:as_of AS BIGINT) - 5184000000000 AS match_5,
           touched_at > CAST(:as_of AS BIGINT) - 5184000000000 AS match_6,
           touched_at >= 1767225600000000 AND touched_at < 1769904000000000 AS match_7
    FROM (
      SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.type = 'email.clicked'
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_5_email_replied AS (
  SELECT record_id,
         CAST(SUM(CASE (((CAST(:as_of AS BIGINT) - touched_at)) DIV 2592000000000) WHEN 0 THEN 1000 WHEN 1 THEN 500 WHEN 2 THEN 250 WHEN 3 THEN 125 WHEN 4 THEN 63 WHEN 5 THEN 31 WHEN 6 THEN 16 WHEN 7 THEN 8 WHEN 8 THEN 4 WHEN 9 THEN 2 WHEN 10 THEN 1 ELSE 0 END) FILTER (WHERE match_9) AS BIGINT) AS match_9_decayed_8,
         MIN(touched_at + 2592000000000 * ((((CAST(:as_of AS BIGINT) - touched_at)) DIV 2592000000000) + 1)) FILTER (WHERE match_9) AS match_9_fades_10
  FROM (
    SELECT *,
           touched_at > CAST(:as_of AS BIGINT) - 28512000000000 AS match_9
    FROM (
      SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.occurred_at > timestamp_micros(CAST(:as_of AS BIGINT) - 28512000000000) AND t.type = 'email.replied'
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_6_web_form_submitted AS (
  SELECT record_id,
         MAX(touched_at) FILTER (WHERE match_12) AS match_12_newest
  FROM (
    SELECT *,
           touched_at > CAST(:as_of AS BIGINT) - 19353600000000 AS match_12
    FROM (
      SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.occurred_at > timestamp_micros(CAST(:as_of AS BIGINT) - 19353600000000) AND t.type = 'web.form_submitted'
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_7_call_attended AS (
  SELECT record_id,
         MIN(touched_at) FILTER (WHERE match_13) AS match_13_oldest,
         CAST(SUM(CAST(COALESCE(CASE WHEN rlike(schema_of_variant(property_14_duration), '^(BIGINT|DECIMAL|DOUBLE)') THEN CASE WHEN abs(CAST(try_variant_get(property_14_duration, '\u0024', 'double') AS DOUBLE)) < 1e12 THEN CAST(round(try_cast(CAST(CAST(try_variant_get(property_14_duration, '\u0024', 'double') AS DOUBLE) AS STRING) AS DECIMAL(38, 25)), 6) * 1000000 AS BIGINT) END END, CASE WHEN startswith(CASE WHEN schema_of_variant(property_14_duration) = 'STRING' THEN try_variant_get(property_14_duration, '\u0024', 'string') END, '-') THEN -1 ELSE 1 END * NULLIF(CAST(round(try_cast(regexp_extract(CASE WHEN schema_of_variant(property_14_duration) = 'STRING' THEN try_variant_get(property_14_duration, '\u0024', 'string') END, '\\A[+-]?0*([0-9]{1,12}(\\.[0-9]{1,7})?)((?<=\\.[0-9]{7})[0-9]+)?\\z', 1) AS DECIMAL(20, 7)), 6) * 1000000 AS BIGINT), 1000000000000000000)) AS DECIMAL(28, 0))) FILTER (WHERE match_13) AS DECIMAL(38, 0)) AS match_13_sum_property_14_duration
  FROM (
    SELECT *,
           touched_at > CAST(:as_of AS BIGINT) - 1728000000000 AS match_13
    FROM (
      SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at, CASE WHEN NOT is_variant_null(try_variant_get(t.properties, '\u0024["duration"]')) THEN try_variant_get(t.properties, '\u0024["duration"]') END AS property_14_duration
      FROM touchpoints AS t
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.occurred_at > timestamp_micros(CAST(:as_of AS BIGINT) - 1728000000000) AND t.type = 'call.attended'
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_8_call AS (
  SELECT record_id,
         MAX(COALESCE(CASE WHEN rlike(schema_of_variant(property_14_duration), '^(BIGINT|DECIMAL|DOUBLE)') THEN CASE WHEN abs(CAST(try_variant_get(property_14_duration, '\u0024', 'double') AS DOUBLE)) < 1e12 THEN CAST(round(try_cast(CAST(CAST(try_variant_get(property_14_duration, '\u0024', 'double') AS DOUBLE) AS STRING) AS DECIMAL(38, 25)), 6) * 1000000 AS BIGINT) END END, CASE WHEN startswith(CASE WHEN schema_of_variant(property_14_duration) = 'STRING' THEN try_variant_get(property_14_duration, '\u0024', 'string') END, '-') THEN -1 ELSE 1 END * NULLIF(CAST(round(try_cast(regexp_extract(CASE WHEN schema_of_variant(property_14_duration) = 'STRING' THEN try_variant_get(property_14_duration, '\u0024', 'string') END, '\\A[+-]?0*([0-9]{1,12}(\\.[0-9]{1,7})?)((?<=\\.[0-9]{7})[0-9]+)?\\z', 1) AS DECIMAL(20, 7)), 6) * 1000000 AS BIGINT), 1000000000000000000))) FILTER (WHERE match_15) AS match_15_max_property_14_duration
  FROM (
    SELECT *,
           TRUE AS match_15
    FROM (
      SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at, CASE WHEN NOT is_variant_null(try_variant_get(t.properties, '\u0024["duration"]')) THEN try_variant_get(t.properties, '\u0024["duration"]') END AS property_14_duration
      FROM touchpoints AS t
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND startswith(t.type, 'call.')
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_9_chat_rated AS (
  SELECT record_id,
         max_by(property_16_rating, struct(touched_at, COALESCE(CASE WHEN rlike(schema_of_variant(property_16_rating), '^(BIGINT|DECIMAL|DOUBLE)') THEN CASE WHEN abs(CAST(try_variant_get(property_16_rating, '\u0024', 'double') AS DOUBLE)) < 1e12 THEN CAST(round(try_cast(CAST(CAST(try_variant_get(property_16_rating, '\u0024', 'double') AS DOUBLE) AS STRING) AS DECIMAL(38, 25)), 6) * 1000000 AS BIGINT) END END, CASE WHEN startswith(CASE WHEN schema_of_variant(property_16_rating) = 'STRING' THEN try_variant_get(property_16_rating, '\u0024', 'string') END, '-') THEN -1 ELSE 1 END * NULLIF(CAST(round(try_cast(regexp_extract(CASE WHEN schema_of_variant(property_16_rating) = 'STRING' THEN try_variant_get(property_16_rating, '\u0024', 'string') END, '\\A[+-]?0*([0-9]{1,12}(\\.[0-9]{1,7})?)((?<=\\.[0-9]{7})[0-9]+)?\\z', 1) AS DECIMAL(20, 7)), 6) * 1000000 AS BIGINT), 1000000000000000000)), CASE WHEN CASE WHEN rlike(schema_of_variant(property_16_rating), '^(BIGINT|DECIMAL|DOUBLE)') THEN CASE WHEN abs(CAST(try_variant_get(property_16_rating, '\u0024', 'double') AS DOUBLE)) < 1e12 THEN CAST(round(try_cast(CAST(CAST(try_variant_get(property_16_rating, '\u0024', 'double') AS DOUBLE) AS STRING) AS DECIMAL(38, 25)), 6) * 1000000 AS BIGINT) END END IS NOT NULL THEN 1 END, CASE WHEN schema_of_variant(property_16_rating) = 'STRING' THEN try_variant_get(property_16_rating, '\u0024', 'string') END, CASE WHEN CASE WHEN schema_of_variant(property_16_rating) = 'BOOLEAN' THEN try_variant_get(property_16_rating, '\u0024', 'boolean') END THEN 1 WHEN NOT CASE WHEN schema_of_variant(property_16_rating) = 'BOOLEAN' THEN try_variant_get(property_16_rating, '\u0024', 'boolean') END THEN 0 END, CASE WHEN startswith(schema_of_variant(property_16_rating), 'ARRAY') THEN array_join(transform(CASE WHEN startswith(schema_of_variant(property_16_rating), 'ARRAY') THEN try_cast(property_16_rating AS ARRAY<VARIANT>) END, element -> COALESCE(CASE WHEN CASE WHEN schema_of_variant(element) = 'STRING' THEN try_variant_get(element, '\u0024', 'string') END IS NOT NULL THEN 't' || CAST(CASE WHEN schema_of_variant(element) = 'STRING' THEN try_variant_get(element, '\u0024', 'string') END AS STRING) WHEN CASE WHEN rlike(schema_of_variant(element), '^(BIGINT|DECIMAL|DOUBLE)') THEN CASE WHEN abs(CAST(try_variant_get(element, '\u0024', 'double') AS DOUBLE)) < 1e12 THEN CAST(round(try_cast(CAST(CAST(try_variant_get(element, '\u0024', 'double') AS DOUBLE) AS STRING) AS DECIMAL(38, 25)), 6) * 1000000 AS BIGINT) END END IS NOT NULL THEN 'n' || CAST(CASE WHEN rlike(schema_of_variant(element), '^(BIGINT|DECIMAL|DOUBLE)') THEN CASE WHEN abs(CAST(try_variant_get(element, '\u0024', 'double') AS DOUBLE)) < 1e12 THEN CAST(round(try_cast(CAST(CAST(try_variant_get(element, '\u0024', 'double') AS DOUBLE) AS STRING) AS DECIMAL(38, 25)), 6) * 1000000 AS BIGINT) END END AS STRING) WHEN CASE WHEN schema_of_variant(element) = 'BOOLEAN' THEN try_variant_get(element, '\u0024', 'boolean') END IS NOT NULL THEN 'b' || CAST(CASE WHEN schema_of_variant(element) = 'BOOLEAN' THEN try_variant_get(element, '\u0024', 'boolean') END AS STRING) END, '') || char(31)), '') END)) FILTER (WHERE match_17 AND property_16_rating IS NOT NULL) AS match_17_latest_property_16_rating
  FROM (
    SELECT *,
           TRUE AS match_17
    FROM (
      SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at, CASE WHEN NOT is_variant_null(try_variant_get(t.properties, '\u0024["rating"]')) THEN try_variant_get(t.properties, '\u0024["rating"]') END AS property_16_rating
      FROM touchpoints AS t
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.type = 'chat.rated'
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
      SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.type IN ('campaign.opened', 'email.opened')
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
touched_11_account_contacts_web_visited AS (
  SELECT record_id,
         COUNT(*) FILTER (WHERE match_21) AS match_21_count,
         slice(sort_array(collect_list(touched_at) FILTER (WHERE match_21), FALSE), 1, 10) AS match_21_newest_10
  FROM (
    SELECT *,
           touched_at > CAST(:as_of AS BIGINT) - 2592000000000 AS match_21
    FROM (
      SELECT r.id AS record_id, unix_micros(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      INNER JOIN related_contacts AS p ON p.id = t.record_id
      INNER JOIN related_account AS via_1 ON via_1.id = p.linked_to_account_id
      INNER JOIN records AS r ON r.account_id = via_1.id
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.occurred_at > timestamp_micros(CAST(:as_of AS BIGINT) - 2592000000000) AND t.type = 'web.visited'
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
      SELECT r.id AS record_id, unix_micros(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      INNER JOIN related_contact AS p ON p.id = t.record_id
      INNER JOIN records AS r ON r.contact_id = p.id
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT))
    ) AS read_rows
  ) AS matching
  GROUP BY record_id
),
arrives_1 AS (
  SELECT t.record_id, MIN(unix_micros(t.occurred_at)) AS arrives_1
  FROM touchpoints AS t
  WHERE t.occurred_at > timestamp_micros(CAST(:as_of AS BIGINT))
  GROUP BY t.record_id
),
arrives_2 AS (
  SELECT r.id AS record_id, MIN(unix_micros(t.occurred_at)) AS arrives_2
  FROM touchpoints AS t
  INNER JOIN related_contacts AS p ON p.id = t.record_id
  INNER JOIN related_account AS via_1 ON via_1.id = p.linked_to_account_id
  INNER JOIN records AS r ON r.account_id = via_1.id
  WHERE t.occurred_at > timestamp_micros(CAST(:as_of AS BIGINT)) AND t.type = 'web.visited'
  GROUP BY r.id
),
arrives_3 AS (
  SELECT p.linked_to_id AS record_id, MIN(unix_micros(t.occurred_at)) AS arrives_3
  FROM touchpoints AS t
  INNER JOIN related_guests AS p ON p.id = t.record_id
  WHERE t.occurred_at > timestamp_micros(CAST(:as_of AS BIGINT)) AND startswith(t.type, 'web.')
  GROUP BY p.linked_to_id
),
arrives_4 AS (
  SELECT r.id AS record_id, MIN(unix_micros(t.occurred_at)) AS arrives_4
  FROM touchpoints AS t
  INNER JOIN related_contact AS p ON p.id = t.record_id
  INNER JOIN records AS r ON r.contact_id = p.id
  WHERE t.occurred_at > timestamp_micros(CAST(:as_of AS BIGINT))
  GROUP BY r.id
),
match_3_turns_4 AS (
  SELECT record_id, MIN(moment) FILTER (WHERE moment > starts_at AND CASE WHEN later >= 2 THEN 0 WHEN later >= 1 THEN 500 ELSE 0 END <> CASE WHEN now >= 2 THEN 0 WHEN now >= 1 THEN 500 ELSE 0 END) AS match_3_turns_4
  FROM (
    SELECT record_id, starts_at, moment,
           CAST(SUM(change) OVER (PARTITION BY record_id ORDER BY moment) AS BIGINT) AS later,
           CAST(SUM(CASE WHEN moment = starts_at THEN change ELSE 0 END) OVER (PARTITION BY record_id) AS BIGINT) AS now
    FROM (
      SELECT matching.record_id, CAST(:as_of AS BIGINT) AS starts_at,
             GREATEST(touched_at + age, CAST(:as_of AS BIGINT)) AS moment, change
      FROM (
      SELECT * FROM (
        SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at
        FROM touchpoints AS t
        WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.occurred_at > timestamp_micros(CAST(:as_of AS BIGINT) - 604800000000)
      ) AS read_rows WHERE touched_at > CAST(:as_of AS BIGINT) - 604800000000
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
      SELECT matching.record_id, CAST(:as_of AS BIGINT) AS starts_at,
             GREATEST(touched_at + age, CAST(:as_of AS BIGINT)) AS moment, change
      FROM (
      SELECT * FROM (
        SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at
        FROM touchpoints AS t
        WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.occurred_at > timestamp_micros(CAST(:as_of AS BIGINT) - 28512000000000) AND t.type = 'email.replied'
      ) AS read_rows WHERE touched_at > CAST(:as_of AS BIGINT) - 28512000000000
      ) AS matching
      INNER JOIN touched_5_email_replied AS gathered ON gathered.record_id = matching.record_id AND ABS(match_9_decayed_8) > 5000
      CROSS JOIN (VALUES (0, 1000), (2592000000000, -500), (5184000000000, -250), (7776000000000, -125), (10368000000000, -62), (12960000000000, -32), (15552000000000, -15), (18144000000000, -8), (20736000000000, -4), (23328000000000, -2), (25920000000000, -1), (28512000000000, -1)) AS turns(age, change)
    ) AS changes
  ) AS totals
  GROUP BY record_id
),
match_19_distinct_property_18_path AS (
  SELECT record_id, COUNT(DISTINCT CASE WHEN CASE WHEN schema_of_variant(property_18_path) = 'STRING' THEN try_variant_get(property_18_path, '\u0024', 'string') END IS NOT NULL THEN 't' || CAST(CASE WHEN schema_of_variant(property_18_path) = 'STRING' THEN try_variant_get(property_18_path, '\u0024', 'string') END AS STRING) WHEN CASE WHEN rlike(schema_of_variant(property_18_path), '^(BIGINT|DECIMAL|DOUBLE)') THEN CASE WHEN abs(CAST(try_variant_get(property_18_path, '\u0024', 'double') AS DOUBLE)) < 1e12 THEN CAST(round(try_cast(CAST(CAST(try_variant_get(property_18_path, '\u0024', 'double') AS DOUBLE) AS STRING) AS DECIMAL(38, 25)), 6) * 1000000 AS BIGINT) END END IS NOT NULL THEN 'n' || CAST(CASE WHEN rlike(schema_of_variant(property_18_path), '^(BIGINT|DECIMAL|DOUBLE)') THEN CASE WHEN abs(CAST(try_variant_get(property_18_path, '\u0024', 'double') AS DOUBLE)) < 1e12 THEN CAST(round(try_cast(CAST(CAST(try_variant_get(property_18_path, '\u0024', 'double') AS DOUBLE) AS STRING) AS DECIMAL(38, 25)), 6) * 1000000 AS BIGINT) END END AS STRING) WHEN CASE WHEN schema_of_variant(property_18_path) = 'BOOLEAN' THEN try_variant_get(property_18_path, '\u0024', 'boolean') END IS NOT NULL THEN 'b' || CAST(CASE WHEN schema_of_variant(property_18_path) = 'BOOLEAN' THEN try_variant_get(property_18_path, '\u0024', 'boolean') END AS STRING) END) AS match_19_distinct_property_18_path
  FROM (
    SELECT * FROM (
      SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at, CASE WHEN NOT is_variant_null(try_variant_get(t.properties, '\u0024["path"]')) THEN try_variant_get(t.properties, '\u0024["path"]') END AS property_18_path
      FROM touchpoints AS t
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.type = 'web.visited'
    ) AS read_rows WHERE TRUE
  ) AS matching
  GROUP BY record_id
),
match_19_distinct_days AS (
  SELECT record_id, COUNT(DISTINCT ((touched_at + 62135596800000000) DIV 86400000000)) AS match_19_distinct_days
  FROM (
    SELECT * FROM (
      SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.type = 'web.visited'
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
        SELECT t.record_id, unix_micros(t.occurred_at) AS touched_at
        FROM touchpoints AS t
        WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND t.type = 'web.visited'
      ) AS read_rows WHERE TRUE
    ) AS matching
  ) AS spans
  GROUP BY record_id
),
match_22_distinct_days AS (
  SELECT record_id, COUNT(DISTINCT ((touched_at + 62135596800000000) DIV 86400000000)) AS match_22_distinct_days
  FROM (
    SELECT * FROM (
      SELECT p.linked_to_id AS record_id, unix_micros(t.occurred_at) AS touched_at
      FROM touchpoints AS t
      INNER JOIN related_guests AS p ON p.id = t.record_id
      WHERE t.occurred_at <= timestamp_micros(CAST(:as_of AS BIGINT)) AND startswith(t.type, 'web.')
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
         COALESCE(match_19_newest, unix_micros(r.created_at)) AS match_19_since,
         CASE WHEN COALESCE(match_19_newest, unix_micros(r.created_at)) <= CAST(:as_of AS BIGINT) THEN ((CAST(:as_of AS BIGINT) - COALESCE(match_19_newest, unix_micros(r.created_at))) DIV 86400000000) END AS match_19_days,
         COALESCE(match_20_newest, unix_micros(r.created_at)) AS match_20_since,
         CASE WHEN COALESCE(match_20_newest, unix_micros(r.created_at)) <= CAST(:as_of AS BIGINT) THEN ((CAST(:as_of AS BIGINT) - COALESCE(match_20_newest, unix_micros(r.created_at))) DIV 86400000000) END AS match_20_days,
         lookup_1.industry AS lookup_1_industry,
         lookup_2.employees AS lookup_2_employees,
         COALESCE(match_21_count, 0) AS match_21_count_or_0,
         COALESCE(match_22_distinct_days, 0) AS match_22_distinct_days_or_0,
         COALESCE(match_23_newest, unix_micros(r.created_at)) AS match_23_since,
         CASE WHEN COALESCE(match_23_newest, unix_micros(r.created_at)) <= CAST(:as_of AS BIGINT) THEN ((CAST(:as_of AS BIGINT) - COALESCE(match_23_newest, unix_micros(r.created_at))) DIV 86400000000) END AS match_23_days,
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
         CAST(CASE WHEN ((contains(CASE WHEN rlike(job_title, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN array_join(transform(transform(sequence(1, length(job_title)), place -> substr(job_title, place, 1)), letter -> CASE WHEN rlike(letter, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN letter ELSE lower(translate(letter, 'İΣ', 'iσ')) END), '') ELSE lower(translate(job_title, 'İΣ', 'iσ')) END, 'chief') OR contains(CASE WHEN rlike(job_title, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN array_join(transform(transform(sequence(1, length(job_title)), place -> substr(job_title, place, 1)), letter -> CASE WHEN rlike(letter, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN letter ELSE lower(translate(letter, 'İΣ', 'iσ')) END), '') ELSE lower(translate(job_title, 'İΣ', 'iσ')) END, 'vp')) AND rlike(CASE WHEN rlike(job_title, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN array_join(transform(transform(sequence(1, length(job_title)), place -> substr(job_title, place, 1)), letter -> CASE WHEN rlike(letter, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN letter ELSE lower(translate(letter, 'İΣ', 'iσ')) END), '') ELSE lower(translate(job_title, 'İΣ', 'iσ')) END, '(?<![𐀀\\p{L}\\p{N}\\x{870}-\\x{887}\\x{889}-\\x{88E}\\x{8B5}\\x{8C8}-\\x{8C9}\\x{C5D}\\x{CDD}\\x{170D}\\x{171F}\\x{1B4C}\\x{2C2F}\\x{2C5F}\\x{9FFD}-\\x{9FFF}\\x{A7C0}-\\x{A7C1}\\x{A7D0}-\\x{A7D1}\\x{A7D3}\\x{A7D5}-\\x{A7D9}\\x{A7F2}-\\x{A7F4}\\x{10570}-\\x{1057A}\\x{1057C}-\\x{1058A}\\x{1058C}-\\x{10592}\\x{10594}-\\x{10595}\\x{10597}-\\x{105A1}\\x{105A3}-\\x{105B1}\\x{105B3}-\\x{105B9}\\x{105BB}-\\x{105BC}\\x{10780}-\\x{10785}\\x{10787}-\\x{107B0}\\x{107B2}-\\x{107BA}\\x{10F70}-\\x{10F81}\\x{11071}-\\x{11072}\\x{11075}\\x{1123F}-\\x{11240}\\x{11740}-\\x{11746}\\x{11AB0}-\\x{11ABF}\\x{11F02}\\x{11F04}-\\x{11F10}\\x{11F12}-\\x{11F33}\\x{11F50}-\\x{11F59}\\x{12F90}-\\x{12FF0}\\x{1342F}\\x{13441}-\\x{13446}\\x{16A70}-\\x{16ABE}\\x{16AC0}-\\x{16AC9}\\x{1AFF0}-\\x{1AFF3}\\x{1AFF5}-\\x{1AFFB}\\x{1AFFD}-\\x{1AFFE}\\x{1B11F}-\\x{1B122}\\x{1B132}\\x{1B155}\\x{1D2C0}-\\x{1D2D3}\\x{1DF00}-\\x{1DF1E}\\x{1DF25}-\\x{1DF2A}\\x{1E030}-\\x{1E06D}\\x{1E290}-\\x{1E2AD}\\x{1E4D0}-\\x{1E4EB}\\x{1E4F0}-\\x{1E4F9}\\x{1E7E0}-\\x{1E7E6}\\x{1E7E8}-\\x{1E7EB}\\x{1E7ED}-\\x{1E7EE}\\x{1E7F0}-\\x{1E7FE}\\x{2A6DE}-\\x{2A6DF}\\x{2B735}-\\x{2B739}\\x{2EBF0}-\\x{2EE5D}\\x{31350}-\\x{323AF}&&[^\\x{88F}-\\x{89F}\\x{C5B}-\\x{C5C}\\x{CBE}-\\x{CDC}\\x{1C89}-\\x{1C8F}\\x{A7CB}-\\x{A7CF}\\x{A7D2}\\x{A7D4}\\x{A7DA}-\\x{A7F1}\\x{105BD}-\\x{105FF}\\x{1093A}-\\x{1097F}\\x{10D3A}-\\x{10E5F}\\x{10EB2}-\\x{10EFF}\\x{11362}-\\x{113FF}\\x{116CA}-\\x{116FF}\\x{11AF9}-\\x{11BFF}\\x{11DAA}-\\x{11EDF}\\x{13447}-\\x{143FF}\\x{14647}-\\x{167FF}\\x{16B90}-\\x{16E3F}\\x{16E97}-\\x{16EFF}\\x{16FE4}-\\x{16FFF}\\x{187F8}-\\x{187FF}\\x{18CD6}-\\x{18CFF}\\x{18D09}-\\x{1AFEF}\\x{1BC9A}-\\x{1D2BF}\\x{1E4FA}-\\x{1E7DF}\\x{2B73A}-\\x{2B73F}\\x{2CEA2}-\\x{2CEAF}\\x{323B0}-\\x{10FFFF}]])(chief|vp)(?![𐀀\\p{L}\\p{N}\\x{870}-\\x{887}\\x{889}-\\x{88E}\\x{8B5}\\x{8C8}-\\x{8C9}\\x{C5D}\\x{CDD}\\x{170D}\\x{171F}\\x{1B4C}\\x{2C2F}\\x{2C5F}\\x{9FFD}-\\x{9FFF}\\x{A7C0}-\\x{A7C1}\\x{A7D0}-\\x{A7D1}\\x{A7D3}\\x{A7D5}-\\x{A7D9}\\x{A7F2}-\\x{A7F4}\\x{10570}-\\x{1057A}\\x{1057C}-\\x{1058A}\\x{1058C}-\\x{10592}\\x{10594}-\\x{10595}\\x{10597}-\\x{105A1}\\x{105A3}-\\x{105B1}\\x{105B3}-\\x{105B9}\\x{105BB}-\\x{105BC}\\x{10780}-\\x{10785}\\x{10787}-\\x{107B0}\\x{107B2}-\\x{107BA}\\x{10F70}-\\x{10F81}\\x{11071}-\\x{11072}\\x{11075}\\x{1123F}-\\x{11240}\\x{11740}-\\x{11746}\\x{11AB0}-\\x{11ABF}\\x{11F02}\\x{11F04}-\\x{11F10}\\x{11F12}-\\x{11F33}\\x{11F50}-\\x{11F59}\\x{12F90}-\\x{12FF0}\\x{1342F}\\x{13441}-\\x{13446}\\x{16A70}-\\x{16ABE}\\x{16AC0}-\\x{16AC9}\\x{1AFF0}-\\x{1AFF3}\\x{1AFF5}-\\x{1AFFB}\\x{1AFFD}-\\x{1AFFE}\\x{1B11F}-\\x{1B122}\\x{1B132}\\x{1B155}\\x{1D2C0}-\\x{1D2D3}\\x{1DF00}-\\x{1DF1E}\\x{1DF25}-\\x{1DF2A}\\x{1E030}-\\x{1E06D}\\x{1E290}-\\x{1E2AD}\\x{1E4D0}-\\x{1E4EB}\\x{1E4F0}-\\x{1E4F9}\\x{1E7E0}-\\x{1E7E6}\\x{1E7E8}-\\x{1E7EB}\\x{1E7ED}-\\x{1E7EE}\\x{1E7F0}-\\x{1E7FE}\\x{2A6DE}-\\x{2A6DF}\\x{2B735}-\\x{2B739}\\x{2EBF0}-\\x{2EE5D}\\x{31350}-\\x{323AF}&&[^\\x{88F}-\\x{89F}\\x{C5B}-\\x{C5C}\\x{CBE}-\\x{CDC}\\x{1C89}-\\x{1C8F}\\x{A7CB}-\\x{A7CF}\\x{A7D2}\\x{A7D4}\\x{A7DA}-\\x{A7F1}\\x{105BD}-\\x{105FF}\\x{1093A}-\\x{1097F}\\x{10D3A}-\\x{10E5F}\\x{10EB2}-\\x{10EFF}\\x{11362}-\\x{113FF}\\x{116CA}-\\x{116FF}\\x{11AF9}-\\x{11BFF}\\x{11DAA}-\\x{11EDF}\\x{13447}-\\x{143FF}\\x{14647}-\\x{167FF}\\x{16B90}-\\x{16E3F}\\x{16E97}-\\x{16EFF}\\x{16FE4}-\\x{16FFF}\\x{187F8}-\\x{187FF}\\x{18CD6}-\\x{18CFF}\\x{18D09}-\\x{1AFEF}\\x{1BC9A}-\\x{1D2BF}\\x{1E4FA}-\\x{1E7DF}\\x{2B73A}-\\x{2B73F}\\x{2CEA2}-\\x{2CEAF}\\x{323B0}-\\x{10FFFF}]])')) THEN 2000 ELSE 0 END AS BIGINT) AS points_1,
         CAST(CASE WHEN (contains(CASE WHEN rlike(job_title, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN array_join(transform(transform(sequence(1, length(job_title)), place -> substr(job_title, place, 1)), letter -> CASE WHEN rlike(letter, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN letter ELSE lower(translate(letter, 'İΣ', 'iσ')) END), '') ELSE lower(translate(job_title, 'İΣ', 'iσ')) END, 'it\'s 100%_\\ \n')) IS NOT TRUE THEN -100 ELSE 0 END AS BIGINT) AS points_2,
         CAST(CASE WHEN CASE WHEN abs(round(employees, 6)) < 1000000000000 THEN CAST(round(employees, 6) * 1000000 AS BIGINT) END >= 1000000000 THEN 2000 WHEN (CASE WHEN abs(round(employees, 6)) < 1000000000000 THEN CAST(round(employees, 6) * 1000000 AS BIGINT) END >= 100000000 AND CASE WHEN abs(round(employees, 6)) < 1000000000000 THEN CAST(round(employees, 6) * 1000000 AS BIGINT) END <= 999500000) THEN 1000 WHEN employees IS NULL THEN 0 ELSE 200 END AS BIGINT) AS points_3,
         CAST(CASE WHEN (unix_micros(created_at) > CAST(:as_of AS BIGINT) - 1209600000000 AND unix_micros(created_at) <= CAST(:as_of AS BIGINT)) THEN 500 ELSE 0 END AS BIGINT) AS points_4,
         CAST(CASE WHEN ((unix_micros(renews_at) > CAST(:as_of AS BIGINT) AND unix_micros(renews_at) <= CAST(:as_of AS BIGINT) + 2592000000000) AND (unix_micros(renews_at) = 1767225600000000) IS NOT TRUE) THEN 300 ELSE 0 END AS BIGINT) AS points_5,
         CAST(CASE WHEN match_1_count_or_0 >= 1 THEN 2500 ELSE 0 END AS BIGINT) AS points_6,
         CAST(CASE WHEN match_2_count_or_0 >= 3 THEN 500 ELSE 0 END AS BIGINT) AS points_7,
         CAST(CASE WHEN match_3_count_or_0 >= 2 THEN 0 WHEN match_3_count_or_0 >= 1 THEN 500 ELSE 0 END AS BIGINT) AS points_8,
         CAST(CASE WHEN match_5_count_or_0 >= 1 THEN 200 ELSE 0 END AS BIGINT) AS points_9,
         CAST(GREATEST(-900, LEAST(900, 100 * CAST(LEAST(((match_7_count_or_0) DIV 2), 9) AS BIGINT))) AS BIGINT) AS points_10,
         CAST(GREATEST(-5000, LEAST(5000, COALESCE(match_9_decayed_8, 0))) AS BIGINT) AS points_11,
         CAST(CASE WHEN match_12_newest IS NULL THEN 0 ELSE get(array(4000L, 3750L, 3500L, 3250L, 3000L, 2750L, 2500L, 2250L, 2000L, 1750L, 1500L, 1250L, 1000L, 750L, 500L, 250L), CAST((((CAST(:as_of AS BIGINT) - match_12_newest)) DIV 1209600000000) AS INT)) END AS BIGINT) AS points_12,
         CAST(CASE WHEN match_13_sum_property_14_duration_or_0 > 900000000 THEN 2000 ELSE 0 END AS BIGINT) AS points_13,
         CAST(GREATEST(-1000, LEAST(1000, 100 * CAST(LEAST(CASE WHEN match_15_max_property_14_duration > 0 THEN CAST(((CAST(match_15_max_property_14_duration AS DECIMAL(38, 0))) - (CAST(match_15_max_property_14_duration AS DECIMAL(38, 0))) % 60000000) / 60000000 AS DECIMAL(38, 0)) ELSE 0 END, 10) AS BIGINT))) AS BIGINT) AS points_14,
         CAST(CASE WHEN CASE WHEN startswith(schema_of_variant(match_17_latest_property_16_rating), 'ARRAY') THEN exists(filter(CASE WHEN startswith(schema_of_variant(match_17_latest_property_16_rating), 'ARRAY') THEN try_cast(match_17_latest_property_16_rating AS ARRAY<VARIANT>) END, element -> NOT is_variant_null(element)), element -> (CASE WHEN rlike(CASE WHEN schema_of_variant(element) = 'STRING' THEN try_variant_get(element, '\u0024', 'string') END, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN array_join(transform(transform(sequence(1, length(CASE WHEN schema_of_variant(element) = 'STRING' THEN try_variant_get(element, '\u0024', 'string') END)), place -> substr(CASE WHEN schema_of_variant(element) = 'STRING' THEN try_variant_get(element, '\u0024', 'string') END, place, 1)), letter -> CASE WHEN rlike(letter, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN letter ELSE lower(translate(letter, 'İΣ', 'iσ')) END), '') ELSE lower(translate(CASE WHEN schema_of_variant(element) = 'STRING' THEN try_variant_get(element, '\u0024', 'string') END, 'İΣ', 'iσ')) END = 'good' OR COALESCE(CASE WHEN rlike(schema_of_variant(element), '^(BIGINT|DECIMAL|DOUBLE)') THEN CASE WHEN abs(CAST(try_variant_get(element, '\u0024', 'double') AS DOUBLE)) < 1e12 THEN CAST(round(try_cast(CAST(CAST(try_variant_get(element, '\u0024', 'double') AS DOUBLE) AS STRING) AS DECIMAL(38, 25)), 6) * 1000000 AS BIGINT) END END, CASE WHEN startswith(CASE WHEN schema_of_variant(element) = 'STRING' THEN try_variant_get(element, '\u0024', 'string') END, '-') THEN -1 ELSE 1 END * NULLIF(CAST(round(try_cast(regexp_extract(CASE WHEN schema_of_variant(element) = 'STRING' THEN try_variant_get(element, '\u0024', 'string') END, '\\A[+-]?0*([0-9]{1,12}(\\.[0-9]{1,7})?)((?<=\\.[0-9]{7})[0-9]+)?\\z', 1) AS DECIMAL(20, 7)), 6) * 1000000 AS BIGINT), 1000000000000000000)) = 5000000)) ELSE (CASE WHEN rlike(CASE WHEN schema_of_variant(match_17_latest_property_16_rating) = 'STRING' THEN try_variant_get(match_17_latest_property_16_rating, '\u0024', 'string') END, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN array_join(transform(transform(sequence(1, length(CASE WHEN schema_of_variant(match_17_latest_property_16_rating) = 'STRING' THEN try_variant_get(match_17_latest_property_16_rating, '\u0024', 'string') END)), place -> substr(CASE WHEN schema_of_variant(match_17_latest_property_16_rating) = 'STRING' THEN try_variant_get(match_17_latest_property_16_rating, '\u0024', 'string') END, place, 1)), letter -> CASE WHEN rlike(letter, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN letter ELSE lower(translate(letter, 'İΣ', 'iσ')) END), '') ELSE lower(translate(CASE WHEN schema_of_variant(match_17_latest_property_16_rating) = 'STRING' THEN try_variant_get(match_17_latest_property_16_rating, '\u0024', 'string') END, 'İΣ', 'iσ')) END = 'good' OR COALESCE(CASE WHEN rlike(schema_of_variant(match_17_latest_property_16_rating), '^(BIGINT|DECIMAL|DOUBLE)') THEN CASE WHEN abs(CAST(try_variant_get(match_17_latest_property_16_rating, '\u0024', 'double') AS DOUBLE)) < 1e12 THEN CAST(round(try_cast(CAST(CAST(try_variant_get(match_17_latest_property_16_rating, '\u0024', 'double') AS DOUBLE) AS STRING) AS DECIMAL(38, 25)), 6) * 1000000 AS BIGINT) END END, CASE WHEN startswith(CASE WHEN schema_of_variant(match_17_latest_property_16_rating) = 'STRING' THEN try_variant_get(match_17_latest_property_16_rating, '\u0024', 'string') END, '-') THEN -1 ELSE 1 END * NULLIF(CAST(round(try_cast(regexp_extract(CASE WHEN schema_of_variant(match_17_latest_property_16_rating) = 'STRING' THEN try_variant_get(match_17_latest_property_16_rating, '\u0024', 'string') END, '\\A[+-]?0*([0-9]{1,12}(\\.[0-9]{1,7})?)((?<=\\.[0-9]{7})[0-9]+)?\\z', 1) AS DECIMAL(20, 7)), 6) * 1000000 AS BIGINT), 1000000000000000000)) = 5000000) END THEN 500 ELSE 0 END AS BIGINT) AS points_15,
         CAST(CASE WHEN match_19_distinct_property_18_path_or_0 >= 5 THEN 1000 ELSE 0 END AS BIGINT) AS points_16,
         CAST(25 * match_19_distinct_days_or_0 AS BIGINT) AS points_17,
         CAST(CASE WHEN match_19_busiest_86400000000_or_0 >= 3 THEN 3000 ELSE 0 END AS BIGINT) AS points_18,
         CAST(GREATEST(-4000, LEAST(4000, -500 * CAST(LEAST(((COALESCE(match_19_days, 0)) DIV 7), 8) AS BIGINT))) AS BIGINT) AS points_19,
         CAST(CASE WHEN match_20_days >= 90 THEN -1000 ELSE 0 END AS BIGINT) AS points_20,
         CAST(CASE WHEN CASE WHEN rlike(lookup_1_industry, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN array_join(transform(transform(sequence(1, length(lookup_1_industry)), place -> substr(lookup_1_industry, place, 1)), letter -> CASE WHEN rlike(letter, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN letter ELSE lower(translate(letter, 'İΣ', 'iσ')) END), '') ELSE lower(translate(lookup_1_industry, 'İΣ', 'iσ')) END = 'it' THEN 500 ELSE 0 END AS BIGINT) AS points_21,
         CAST(CASE WHEN CASE WHEN abs(round(lookup_2_employees, 6)) < 1000000000000 THEN CAST(round(lookup_2_employees, 6) * 1000000 AS BIGINT) END >= 1000000000 THEN 500 ELSE 0 END AS BIGINT) AS points_22,
         CAST(GREATEST(-1000, LEAST(1000, 100 * CAST(LEAST(match_21_count_or_0, 10) AS BIGINT))) AS BIGINT) AS points_23,
         CAST(CASE WHEN match_22_distinct_days_or_0 >= 3 THEN 500 ELSE 0 END AS BIGINT) AS points_24,
         CAST(CASE WHEN match_23_days >= 30 THEN -500 ELSE 0 END AS BIGINT) AS points_25,
         CAST(CASE WHEN (COALESCE(((contains(CASE WHEN rlike(job_title, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN array_join(transform(transform(sequence(1, length(job_title)), place -> substr(job_title, place, 1)), letter -> CASE WHEN rlike(letter, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN letter ELSE lower(translate(letter, 'İΣ', 'iσ')) END), '') ELSE lower(translate(job_title, 'İΣ', 'iσ')) END, 'director')) AND rlike(CASE WHEN rlike(job_title, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN array_join(transform(transform(sequence(1, length(job_title)), place -> substr(job_title, place, 1)), letter -> CASE WHEN rlike(letter, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN letter ELSE lower(translate(letter, 'İΣ', 'iσ')) END), '') ELSE lower(translate(job_title, 'İΣ', 'iσ')) END, '(?<![𐀀\\p{L}\\p{N}\\x{870}-\\x{887}\\x{889}-\\x{88E}\\x{8B5}\\x{8C8}-\\x{8C9}\\x{C5D}\\x{CDD}\\x{170D}\\x{171F}\\x{1B4C}\\x{2C2F}\\x{2C5F}\\x{9FFD}-\\x{9FFF}\\x{A7C0}-\\x{A7C1}\\x{A7D0}-\\x{A7D1}\\x{A7D3}\\x{A7D5}-\\x{A7D9}\\x{A7F2}-\\x{A7F4}\\x{10570}-\\x{1057A}\\x{1057C}-\\x{1058A}\\x{1058C}-\\x{10592}\\x{10594}-\\x{10595}\\x{10597}-\\x{105A1}\\x{105A3}-\\x{105B1}\\x{105B3}-\\x{105B9}\\x{105BB}-\\x{105BC}\\x{10780}-\\x{10785}\\x{10787}-\\x{107B0}\\x{107B2}-\\x{107BA}\\x{10F70}-\\x{10F81}\\x{11071}-\\x{11072}\\x{11075}\\x{1123F}-\\x{11240}\\x{11740}-\\x{11746}\\x{11AB0}-\\x{11ABF}\\x{11F02}\\x{11F04}-\\x{11F10}\\x{11F12}-\\x{11F33}\\x{11F50}-\\x{11F59}\\x{12F90}-\\x{12FF0}\\x{1342F}\\x{13441}-\\x{13446}\\x{16A70}-\\x{16ABE}\\x{16AC0}-\\x{16AC9}\\x{1AFF0}-\\x{1AFF3}\\x{1AFF5}-\\x{1AFFB}\\x{1AFFD}-\\x{1AFFE}\\x{1B11F}-\\x{1B122}\\x{1B132}\\x{1B155}\\x{1D2C0}-\\x{1D2D3}\\x{1DF00}-\\x{1DF1E}\\x{1DF25}-\\x{1DF2A}\\x{1E030}-\\x{1E06D}\\x{1E290}-\\x{1E2AD}\\x{1E4D0}-\\x{1E4EB}\\x{1E4F0}-\\x{1E4F9}\\x{1E7E0}-\\x{1E7E6}\\x{1E7E8}-\\x{1E7EB}\\x{1E7ED}-\\x{1E7EE}\\x{1E7F0}-\\x{1E7FE}\\x{2A6DE}-\\x{2A6DF}\\x{2B735}-\\x{2B739}\\x{2EBF0}-\\x{2EE5D}\\x{31350}-\\x{323AF}&&[^\\x{88F}-\\x{89F}\\x{C5B}-\\x{C5C}\\x{CBE}-\\x{CDC}\\x{1C89}-\\x{1C8F}\\x{A7CB}-\\x{A7CF}\\x{A7D2}\\x{A7D4}\\x{A7DA}-\\x{A7F1}\\x{105BD}-\\x{105FF}\\x{1093A}-\\x{1097F}\\x{10D3A}-\\x{10E5F}\\x{10EB2}-\\x{10EFF}\\x{11362}-\\x{113FF}\\x{116CA}-\\x{116FF}\\x{11AF9}-\\x{11BFF}\\x{11DAA}-\\x{11EDF}\\x{13447}-\\x{143FF}\\x{14647}-\\x{167FF}\\x{16B90}-\\x{16E3F}\\x{16E97}-\\x{16EFF}\\x{16FE4}-\\x{16FFF}\\x{187F8}-\\x{187FF}\\x{18CD6}-\\x{18CFF}\\x{18D09}-\\x{1AFEF}\\x{1BC9A}-\\x{1D2BF}\\x{1E4FA}-\\x{1E7DF}\\x{2B73A}-\\x{2B73F}\\x{2CEA2}-\\x{2CEAF}\\x{323B0}-\\x{10FFFF}]])(director)(?![𐀀\\p{L}\\p{N}\\x{870}-\\x{887}\\x{889}-\\x{88E}\\x{8B5}\\x{8C8}-\\x{8C9}\\x{C5D}\\x{CDD}\\x{170D}\\x{171F}\\x{1B4C}\\x{2C2F}\\x{2C5F}\\x{9FFD}-\\x{9FFF}\\x{A7C0}-\\x{A7C1}\\x{A7D0}-\\x{A7D1}\\x{A7D3}\\x{A7D5}-\\x{A7D9}\\x{A7F2}-\\x{A7F4}\\x{10570}-\\x{1057A}\\x{1057C}-\\x{1058A}\\x{1058C}-\\x{10592}\\x{10594}-\\x{10595}\\x{10597}-\\x{105A1}\\x{105A3}-\\x{105B1}\\x{105B3}-\\x{105B9}\\x{105BB}-\\x{105BC}\\x{10780}-\\x{10785}\\x{10787}-\\x{107B0}\\x{107B2}-\\x{107BA}\\x{10F70}-\\x{10F81}\\x{11071}-\\x{11072}\\x{11075}\\x{1123F}-\\x{11240}\\x{11740}-\\x{11746}\\x{11AB0}-\\x{11ABF}\\x{11F02}\\x{11F04}-\\x{11F10}\\x{11F12}-\\x{11F33}\\x{11F50}-\\x{11F59}\\x{12F90}-\\x{12FF0}\\x{1342F}\\x{13441}-\\x{13446}\\x{16A70}-\\x{16ABE}\\x{16AC0}-\\x{16AC9}\\x{1AFF0}-\\x{1AFF3}\\x{1AFF5}-\\x{1AFFB}\\x{1AFFD}-\\x{1AFFE}\\x{1B11F}-\\x{1B122}\\x{1B132}\\x{1B155}\\x{1D2C0}-\\x{1D2D3}\\x{1DF00}-\\x{1DF1E}\\x{1DF25}-\\x{1DF2A}\\x{1E030}-\\x{1E06D}\\x{1E290}-\\x{1E2AD}\\x{1E4D0}-\\x{1E4EB}\\x{1E4F0}-\\x{1E4F9}\\x{1E7E0}-\\x{1E7E6}\\x{1E7E8}-\\x{1E7EB}\\x{1E7ED}-\\x{1E7EE}\\x{1E7F0}-\\x{1E7FE}\\x{2A6DE}-\\x{2A6DF}\\x{2B735}-\\x{2B739}\\x{2EBF0}-\\x{2EE5D}\\x{31350}-\\x{323AF}&&[^\\x{88F}-\\x{89F}\\x{C5B}-\\x{C5C}\\x{CBE}-\\x{CDC}\\x{1C89}-\\x{1C8F}\\x{A7CB}-\\x{A7CF}\\x{A7D2}\\x{A7D4}\\x{A7DA}-\\x{A7F1}\\x{105BD}-\\x{105FF}\\x{1093A}-\\x{1097F}\\x{10D3A}-\\x{10E5F}\\x{10EB2}-\\x{10EFF}\\x{11362}-\\x{113FF}\\x{116CA}-\\x{116FF}\\x{11AF9}-\\x{11BFF}\\x{11DAA}-\\x{11EDF}\\x{13447}-\\x{143FF}\\x{14647}-\\x{167FF}\\x{16B90}-\\x{16E3F}\\x{16E97}-\\x{16EFF}\\x{16FE4}-\\x{16FFF}\\x{187F8}-\\x{187FF}\\x{18CD6}-\\x{18CFF}\\x{18D09}-\\x{1AFEF}\\x{1BC9A}-\\x{1D2BF}\\x{1E4FA}-\\x{1E7DF}\\x{2B73A}-\\x{2B73F}\\x{2CEA2}-\\x{2CEAF}\\x{323B0}-\\x{10FFFF}]])')), FALSE) AND (COALESCE(match_3_count_or_0 >= 3, FALSE) OR NOT COALESCE((tags IS NULL OR tags = ''), FALSE))) THEN 1000 ELSE 0 END AS BIGINT) AS points_26,
         CAST(LEAST(CASE WHEN unix_micros(created_at) > CAST(:as_of AS BIGINT) AND CASE WHEN (unix_micros(created_at) > unix_micros(created_at) - 1209600000000 AND unix_micros(created_at) <= unix_micros(created_at)) THEN 500 ELSE 0 END <> CASE WHEN (unix_micros(created_at) > CAST(:as_of AS BIGINT) - 1209600000000 AND unix_micros(created_at) <= CAST(:as_of AS BIGINT)) THEN 500 ELSE 0 END THEN unix_micros(created_at) END, CASE WHEN unix_micros(created_at) + 1209600000000 > CAST(:as_of AS BIGINT) AND CASE WHEN (unix_micros(created_at) > unix_micros(created_at) + 1209600000000 - 1209600000000 AND unix_micros(created_at) <= unix_micros(created_at) + 1209600000000) THEN 500 ELSE 0 END <> CASE WHEN (unix_micros(created_at) > CAST(:as_of AS BIGINT) - 1209600000000 AND unix_micros(created_at) <= CAST(:as_of AS BIGINT)) THEN 500 ELSE 0 END THEN unix_micros(created_at) + 1209600000000 END, CASE WHEN unix_micros(renews_at) + -2592000000000 > CAST(:as_of AS BIGINT) AND CASE WHEN ((unix_micros(renews_at) > unix_micros(renews_at) + -2592000000000 AND unix_micros(renews_at) <= unix_micros(renews_at) + -2592000000000 + 2592000000000) AND (unix_micros(renews_at) = 1767225600000000) IS NOT TRUE) THEN 300 ELSE 0 END <> CASE WHEN ((unix_micros(renews_at) > CAST(:as_of AS BIGINT) AND unix_micros(renews_at) <= CAST(:as_of AS BIGINT) + 2592000000000) AND (unix_micros(renews_at) = 1767225600000000) IS NOT TRUE) THEN 300 ELSE 0 END THEN unix_micros(renews_at) + -2592000000000 END, CASE WHEN unix_micros(renews_at) > CAST(:as_of AS BIGINT) AND CASE WHEN ((unix_micros(renews_at) > unix_micros(renews_at) AND unix_micros(renews_at) <= unix_micros(renews_at) + 2592000000000) AND (unix_micros(renews_at) = 1767225600000000) IS NOT TRUE) THEN 300 ELSE 0 END <> CASE WHEN ((unix_micros(renews_at) > CAST(:as_of AS BIGINT) AND unix_micros(renews_at) <= CAST(:as_of AS BIGINT) + 2592000000000) AND (unix_micros(renews_at) = 1767225600000000) IS NOT TRUE) THEN 300 ELSE 0 END THEN unix_micros(renews_at) END, match_1_newest + 2592000000000, arrives_1, arrives_2, arrives_3, arrives_4, CASE WHEN match_2_count_or_0 >= 3 THEN get(match_2_newest_3, CAST(3 - 1 AS INT)) END + 604800000000, match_3_turns_4, CASE WHEN match_5_count_or_0 < 1 THEN match_6_oldest + 5184000000000 END, CASE WHEN ABS(match_9_decayed_8) > 5000 THEN match_9_turns_11 ELSE match_9_fades_10 END, CASE WHEN match_12_newest IS NOT NULL THEN match_12_newest + 1209600000000 * ((((CAST(:as_of AS BIGINT) - match_12_newest)) DIV 1209600000000) + 1) END, match_13_oldest + 1728000000000, CASE WHEN ((COALESCE(match_19_days, 0)) DIV 7) < 8 THEN match_19_since + 86400000000 * (((((COALESCE(match_19_days, 0)) DIV 7) + 1) * 7000000 + 999999) DIV 1000000) END, match_20_since + 86400000000 * CASE WHEN match_20_days IS NULL THEN 90 ELSE CASE WHEN match_20_days < 90 THEN 90 END END, CASE WHEN match_21_count_or_0 >= 10 THEN get(match_21_newest_10, CAST(10 - 1 AS INT)) WHEN match_21_count_or_0 >= 9 THEN get(match_21_newest_10, CAST(9 - 1 AS INT)) WHEN match_21_count_or_0 >= 8 THEN get(match_21_newest_10, CAST(8 - 1 AS INT)) WHEN match_21_count_or_0 >= 7 THEN get(match_21_newest_10, CAST(7 - 1 AS INT)) WHEN match_21_count_or_0 >= 6 THEN get(match_21_newest_10, CAST(6 - 1 AS INT)) WHEN match_21_count_or_0 >= 5 THEN get(match_21_newest_10, CAST(5 - 1 AS INT)) WHEN match_21_count_or_0 >= 4 THEN get(match_21_newest_10, CAST(4 - 1 AS INT)) WHEN match_21_count_or_0 >= 3 THEN get(match_21_newest_10, CAST(3 - 1 AS INT)) WHEN match_21_count_or_0 >= 2 THEN get(match_21_newest_10, CAST(2 - 1 AS INT)) WHEN match_21_count_or_0 >= 1 THEN get(match_21_newest_10, CAST(1 - 1 AS INT)) END + 2592000000000, match_23_since + 86400000000 * CASE WHEN match_23_days IS NULL THEN 30 ELSE CASE WHEN match_23_days < 30 THEN 30 END END, match_3_oldest + 604800000000) AS BIGINT) AS next_change_at
  FROM measured
  WHERE (COALESCE(CASE WHEN rlike(product_interest, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN array_join(transform(transform(sequence(1, length(product_interest)), place -> substr(product_interest, place, 1)), letter -> CASE WHEN rlike(letter, '[\\x{1C89}\\x{A7CB}-\\x{A7CC}\\x{A7CE}\\x{A7D2}\\x{A7D4}\\x{A7DA}\\x{A7DC}\\x{10D50}-\\x{10D65}\\x{16EA0}-\\x{16EB8}]') THEN letter ELSE lower(translate(letter, 'İΣ', 'iσ')) END), '') ELSE lower(translate(product_interest, 'İΣ', 'iσ')) END = 'platform', FALSE))
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
