-- All EMAs are packed: the names of the contract become views.
DROP VIEW public.closed_emas;
--> statement-breakpoint
DROP TABLE public.cmc_ema_multi_tf_u;
--> statement-breakpoint
DROP FUNCTION public.ema_conversion_refusal();
--> statement-breakpoint
DROP TABLE ta_store.ema_converted;
--> statement-breakpoint
-- Differences are not stored: each is a subquery of its own over the rows before, which costs nothing where its column is not asked
-- for. Subtraction of doubles gives the same bits here as anywhere.
CREATE VIEW public.cmc_ema_multi_tf_u AS
SELECT r.ts,
  r.ema[o.place] AS ema,
  CASE WHEN r.roll = false THEN r.ema[o.place] - (SELECT p.ema[o.place] FROM public.ema_rows p WHERE p.id = r.id AND p.series = r.series AND p.ts < r.ts AND p.roll = false ORDER BY p.ts DESC LIMIT 1) END AS d1,
  CASE WHEN r.roll = false THEN (SELECT r.ema[o.place] - b.v[1] - (b.v[1] - b.v[2])
    FROM (SELECT ARRAY(SELECT p.ema[o.place] FROM public.ema_rows p WHERE p.id = r.id AND p.series = r.series AND p.ts < r.ts AND p.roll = false ORDER BY p.ts DESC LIMIT 2) AS v OFFSET 0) b) END AS d2,
  r.ema[o.place] - (SELECT p.ema[o.place] FROM public.ema_rows p WHERE p.id = r.id AND p.series = r.series AND p.ts < r.ts ORDER BY p.ts DESC LIMIT 1) AS d1_roll,
  (SELECT r.ema[o.place] - b.v[1] - (b.v[1] - b.v[2])
    FROM (SELECT ARRAY(SELECT p.ema[o.place] FROM public.ema_rows p WHERE p.id = r.id AND p.series = r.series AND p.ts < r.ts ORDER BY p.ts DESC LIMIT 2) AS v OFFSET 0) b) AS d2_roll,
  r.ema_bar[o.place] AS ema_bar,
  CASE WHEN r.roll = false THEN r.ema_bar[o.place] - (SELECT p.ema_bar[o.place] FROM public.ema_rows p WHERE p.id = r.id AND p.series = r.series AND p.ts < r.ts AND p.roll = false ORDER BY p.ts DESC LIMIT 1) END AS d1_bar,
  CASE WHEN r.roll = false THEN (SELECT r.ema_bar[o.place] - b.v[1] - (b.v[1] - b.v[2])
    FROM (SELECT ARRAY(SELECT p.ema_bar[o.place] FROM public.ema_rows p WHERE p.id = r.id AND p.series = r.series AND p.ts < r.ts AND p.roll = false ORDER BY p.ts DESC LIMIT 2) AS v OFFSET 0) b) END AS d2_bar,
  r.ema_bar[o.place] - (SELECT p.ema_bar[o.place] FROM public.ema_rows p WHERE p.id = r.id AND p.series = r.series AND p.ts < r.ts ORDER BY p.ts DESC LIMIT 1) AS d1_roll_bar,
  (SELECT r.ema_bar[o.place] - b.v[1] - (b.v[1] - b.v[2])
    FROM (SELECT ARRAY(SELECT p.ema_bar[o.place] FROM public.ema_rows p WHERE p.id = r.id AND p.series = r.series AND p.ts < r.ts ORDER BY p.ts DESC LIMIT 2) AS v OFFSET 0) b) AS d2_roll_bar,
  r.ingested_at,
  r.id,
  o.period,
  s.tf_days,
  s.alignment_source,
  s.tf,
  r.roll,
  CASE WHEN r.ema_bar IS NOT NULL THEN r.roll END AS roll_bar
FROM public.ema_rows r
JOIN public.ema_series s ON s.series = r.series
CROSS JOIN LATERAL unnest(s.periods) WITH ORDINALITY AS o (period, place)
WHERE r.ema[o.place] IS NOT NULL;
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf AS SELECT * FROM public.cmc_ema_multi_tf_u WHERE alignment_source = 'multi_tf';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_v2 AS SELECT * FROM public.cmc_ema_multi_tf_u WHERE alignment_source = 'multi_tf_v2';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_cal_us AS SELECT * FROM public.cmc_ema_multi_tf_u WHERE alignment_source = 'multi_tf_cal_us';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_cal_iso AS SELECT * FROM public.cmc_ema_multi_tf_u WHERE alignment_source = 'multi_tf_cal_iso';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_cal_anchor_us AS SELECT * FROM public.cmc_ema_multi_tf_u WHERE alignment_source = 'multi_tf_cal_anchor_us';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_cal_anchor_iso AS SELECT * FROM public.cmc_ema_multi_tf_u WHERE alignment_source = 'multi_tf_cal_anchor_iso';
--> statement-breakpoint
DO $$
DECLARE
  of_view text;
BEGIN
  FOREACH of_view IN ARRAY ARRAY['cmc_ema_multi_tf_u',
    'cmc_ema_multi_tf',
    'cmc_ema_multi_tf_v2',
    'cmc_ema_multi_tf_cal_us',
    'cmc_ema_multi_tf_cal_iso',
    'cmc_ema_multi_tf_cal_anchor_us',
    'cmc_ema_multi_tf_cal_anchor_iso'] LOOP
    EXECUTE format('COMMENT ON COLUMN public.%I.d1 IS %L', of_view,
      'On canonical rows (roll = false): ema minus the ema of the previous canonical row; NULL on preview rows and on the first canonical row.');
    EXECUTE format('COMMENT ON COLUMN public.%I.d2 IS %L', of_view,
      'On canonical rows: d1 minus the d1 of the previous canonical row; NULL on preview rows and on the first two canonical rows.');
    EXECUTE format('COMMENT ON COLUMN public.%I.d1_roll IS %L', of_view,
      'ema minus the ema of the previous stored row of the series, whatever its roll; NULL on the first row.');
    EXECUTE format('COMMENT ON COLUMN public.%I.d2_roll IS %L', of_view,
      'd1_roll minus the d1_roll of the previous stored row; NULL on the first two rows.');
    EXECUTE format('COMMENT ON COLUMN public.%I.roll IS %L', of_view,
      'false on the close of a bar (canonical row), true on every other day (preview row).');
  END LOOP;
END
$$;
--> statement-breakpoint
CREATE FUNCTION public.ema_view_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is computed by ta, there is no % of its rows: correct the prices and run `ta refresh`, or delete rows (`ta state reset` has them built again)',
    TG_TABLE_NAME, TG_OP USING ERRCODE = 'feature_not_supported';
END
$$;
--> statement-breakpoint
CREATE TRIGGER ema_computed INSTEAD OF INSERT OR UPDATE ON public.cmc_ema_multi_tf_u FOR EACH ROW EXECUTE FUNCTION public.ema_view_refusal();
--> statement-breakpoint
CREATE TRIGGER ema_computed INSTEAD OF INSERT OR UPDATE ON public.cmc_ema_multi_tf FOR EACH ROW EXECUTE FUNCTION public.ema_view_refusal();
--> statement-breakpoint
CREATE TRIGGER ema_computed INSTEAD OF INSERT OR UPDATE ON public.cmc_ema_multi_tf_v2 FOR EACH ROW EXECUTE FUNCTION public.ema_view_refusal();
--> statement-breakpoint
CREATE TRIGGER ema_computed INSTEAD OF INSERT OR UPDATE ON public.cmc_ema_multi_tf_cal_us FOR EACH ROW EXECUTE FUNCTION public.ema_view_refusal();
--> statement-breakpoint
CREATE TRIGGER ema_computed INSTEAD OF INSERT OR UPDATE ON public.cmc_ema_multi_tf_cal_iso FOR EACH ROW EXECUTE FUNCTION public.ema_view_refusal();
--> statement-breakpoint
CREATE TRIGGER ema_computed INSTEAD OF INSERT OR UPDATE ON public.cmc_ema_multi_tf_cal_anchor_us FOR EACH ROW EXECUTE FUNCTION public.ema_view_refusal();
--> statement-breakpoint
CREATE TRIGGER ema_computed INSTEAD OF INSERT OR UPDATE ON public.cmc_ema_multi_tf_cal_anchor_iso FOR EACH ROW EXECUTE FUNCTION public.ema_view_refusal();
--> statement-breakpoint
CREATE FUNCTION public.ema_part_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'this DELETE leaves values of other periods, which are stored in the same rows (id %, %: % left): delete by id, tf and ts, without a condition on period or on values',
    NEW.id, NEW.ts, NEW.values_left USING ERRCODE = 'feature_not_supported';
END
$$;
--> statement-breakpoint
-- Always empty: what is put into it is a packed row of which a DELETE leaves a part.
CREATE VIEW ta_store.ema_rows_in_part AS SELECT id, ts, 0::bigint AS values_left FROM public.ema_rows WHERE false;
--> statement-breakpoint
CREATE TRIGGER ema_part INSTEAD OF INSERT ON ta_store.ema_rows_in_part FOR EACH ROW EXECUTE FUNCTION public.ema_part_refusal();
--> statement-breakpoint
-- A DELETE meets every period of a packed row or is refused. A rule and not a trigger: a trigger would be called for each value, with all
-- of its differences. The six views that look at this one pass a DELETE on.
CREATE RULE ema_delete AS ON DELETE TO public.cmc_ema_multi_tf_u DO INSTEAD (
  INSERT INTO ta_store.ema_rows_in_part (id, ts, values_left)
  SELECT r.id, r.ts, (SELECT count(value) FROM unnest(r.ema) value) - count(*)
  FROM public.ema_rows r JOIN public.ema_series s ON s.series = r.series
  WHERE r.id = OLD.id AND r.ts = OLD.ts AND s.alignment_source = OLD.alignment_source AND s.tf = OLD.tf
  GROUP BY r.id, r.series, r.ts, r.ema
  HAVING count(*) < (SELECT count(value) FROM unnest(r.ema) value);
  DELETE FROM public.ema_rows r USING public.ema_series s
  WHERE r.id = OLD.id AND r.ts = OLD.ts AND s.series = r.series AND s.alignment_source = OLD.alignment_source AND s.tf = OLD.tf
);
--> statement-breakpoint
-- For researchers: the EMA of closed bars under plain names, one row per closed bar and period. What is closed is said once a branch, by
-- is_partial_end. On the partitioned parents, so that partitions can be exchanged; months and years are those of the ISO tables, which
-- the US tables hold as well. The branch of a timeframe finds its bars by their index of closed bars, and each EMA by its key.
CREATE VIEW public.closed_emas AS
SELECT b.id AS asset, b.tf AS timeframe, b."timestamp" AS closed_at, b.close, e.period, e.ema
FROM public.cmc_price_bars_1d b
JOIN public.cmc_ema_multi_tf_u e ON e.id = b.id AND e.ts = b."timestamp" AND e.tf = b.tf AND e.alignment_source = 'multi_tf'
WHERE b.is_partial_end = false
UNION ALL
SELECT b.id, b.tf, b.time_close, b.close, e.period, e.ema
FROM public.cmc_price_bars_multi_tf_u b
JOIN public.cmc_ema_multi_tf_u e ON e.id = b.id AND e.ts = b.time_close AND e.tf = b.tf AND e.alignment_source = 'multi_tf'
WHERE b.alignment_source = 'multi_tf' AND b.is_partial_end = false
UNION ALL
SELECT b.id, b.tf, b.time_close, b.close, e.period, e.ema_bar
FROM public.cmc_price_bars_multi_tf_u b
JOIN public.cmc_ema_multi_tf_u e ON e.id = b.id AND e.ts = b.time_close AND e.tf = b.tf AND e.alignment_source = 'multi_tf_cal_iso'
WHERE b.alignment_source = 'multi_tf_cal_iso' AND b.is_partial_end = false
UNION ALL
SELECT b.id, b.tf, b.time_close, b.close, e.period, e.ema_bar
FROM public.cmc_price_bars_multi_tf_u b
JOIN public.cmc_ema_multi_tf_u e ON e.id = b.id AND e.ts = b.time_close AND e.tf = b.tf AND e.alignment_source = 'multi_tf_cal_us'
WHERE b.alignment_source = 'multi_tf_cal_us' AND b.is_partial_end = false AND b.tf LIKE '%W\_CAL\_US'
UNION ALL
SELECT b.id, b.tf, b.time_close, b.close, e.period, e.ema_bar
FROM public.cmc_price_bars_multi_tf_u b
JOIN public.cmc_ema_multi_tf_u e ON e.id = b.id AND e.ts = b.time_close AND e.tf = b.tf AND e.alignment_source = 'multi_tf_cal_anchor_iso'
WHERE b.alignment_source = 'multi_tf_cal_anchor_iso' AND b.is_partial_end = false
UNION ALL
SELECT b.id, b.tf, b.time_close, b.close, e.period, e.ema_bar
FROM public.cmc_price_bars_multi_tf_u b
JOIN public.cmc_ema_multi_tf_u e ON e.id = b.id AND e.ts = b.time_close AND e.tf = b.tf AND e.alignment_source = 'multi_tf_cal_anchor_us'
WHERE b.alignment_source = 'multi_tf_cal_anchor_us' AND b.is_partial_end = false AND b.tf LIKE '%W\_CAL\_ANCHOR\_US';
--> statement-breakpoint
COMMENT ON VIEW public.closed_emas IS 'EMAs of closed bars: one row per asset, timeframe, closed bar and period.';
--> statement-breakpoint
COMMENT ON COLUMN public.closed_emas.asset IS 'Id of dim_assets.';
--> statement-breakpoint
COMMENT ON COLUMN public.closed_emas.timeframe IS '1D, 7D, 1W_CAL_ISO, 1M_CAL and so on: tf of dim_timeframe.';
--> statement-breakpoint
COMMENT ON COLUMN public.closed_emas.closed_at IS 'Close instant of the bar.';
--> statement-breakpoint
COMMENT ON COLUMN public.closed_emas.close IS 'Close of the bar.';
--> statement-breakpoint
COMMENT ON COLUMN public.closed_emas.period IS 'Bars of the EMA: alpha is 2 / (period + 1).';
--> statement-breakpoint
COMMENT ON COLUMN public.closed_emas.ema IS 'One step per closed bar from the mean of the first period closes: column ema of cmc_ema_multi_tf, ema_bar of the calendar tables.';
