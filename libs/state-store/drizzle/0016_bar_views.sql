-- All bars are slim rows: the names of the contract become views.
DROP VIEW public.closed_emas;
--> statement-breakpoint
DROP VIEW public.cmc_closed_bars_multi_tf;
--> statement-breakpoint
DROP VIEW public.cmc_closed_bars_multi_tf_cal_us;
--> statement-breakpoint
DROP VIEW public.cmc_closed_bars_multi_tf_cal_iso;
--> statement-breakpoint
DROP VIEW public.cmc_closed_bars_multi_tf_cal_anchor_us;
--> statement-breakpoint
DROP VIEW public.cmc_closed_bars_multi_tf_cal_anchor_iso;
--> statement-breakpoint
DROP TABLE public.cmc_price_bars_multi_tf_u;
--> statement-breakpoint
DROP FUNCTION public.bar_conversion_refusal();
--> statement-breakpoint
DROP TABLE ta_store.bars_converted;
--> statement-breakpoint
ALTER VIEW ta_store.cmc_price_bars_multi_tf_u SET SCHEMA public;
--> statement-breakpoint
ALTER VIEW ta_store.cmc_price_bars_multi_tf SET SCHEMA public;
--> statement-breakpoint
ALTER VIEW ta_store.cmc_price_bars_multi_tf_cal_us SET SCHEMA public;
--> statement-breakpoint
ALTER VIEW ta_store.cmc_price_bars_multi_tf_cal_iso SET SCHEMA public;
--> statement-breakpoint
ALTER VIEW ta_store.cmc_price_bars_multi_tf_cal_anchor_us SET SCHEMA public;
--> statement-breakpoint
ALTER VIEW ta_store.cmc_price_bars_multi_tf_cal_anchor_iso SET SCHEMA public;
--> statement-breakpoint
CREATE FUNCTION public.bar_view_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is computed by ta, there is no % of its rows: correct the prices and run `ta refresh`, or delete rows (`ta state reset` has them built again)',
    TG_TABLE_NAME, TG_OP USING ERRCODE = 'feature_not_supported';
END
$$;
--> statement-breakpoint
-- A DELETE by a rule, as of EMAs: a trigger would be called for each row.
DO $$
DECLARE
  of_view record;
BEGIN
  FOR of_view IN
    SELECT * FROM (VALUES ('cmc_price_bars_multi_tf_u', 0, 5), ('cmc_price_bars_multi_tf', 0, 1), ('cmc_price_bars_multi_tf_cal_us', 1, 2),
      ('cmc_price_bars_multi_tf_cal_iso', 2, 3), ('cmc_price_bars_multi_tf_cal_anchor_us', 3, 4),
      ('cmc_price_bars_multi_tf_cal_anchor_iso', 4, 5)) v (name, first, until)
  LOOP
    EXECUTE format('COMMENT ON COLUMN public.%I.closed_at IS %L', of_view.name,
      'When the bar was known closed, on its last row; NULL on all others, and while it is open.');
    EXECUTE format('CREATE TRIGGER bar_computed INSTEAD OF INSERT OR UPDATE ON public.%I FOR EACH ROW EXECUTE FUNCTION public.bar_view_refusal()',
      of_view.name);
    EXECUTE format('CREATE RULE bar_delete AS ON DELETE TO public.%I DO INSTEAD
      DELETE FROM public.bar_rows r USING public.bar_series s
      WHERE r.id = OLD.id AND r.time_close = OLD.time_close AND r.series >= %s AND r.series < %s
        AND s.series = r.series AND s.alignment_source = OLD.alignment_source AND s.tf = OLD.tf',
      of_view.name, of_view.first * 1000, of_view.until * 1000);
  END LOOP;
END
$$;
--> statement-breakpoint
CREATE VIEW public.cmc_closed_bars_multi_tf AS
  SELECT * FROM public.cmc_price_bars_multi_tf WHERE closed_at IS NOT NULL;
--> statement-breakpoint
CREATE VIEW public.cmc_closed_bars_multi_tf_cal_us AS
  SELECT * FROM public.cmc_price_bars_multi_tf_cal_us WHERE closed_at IS NOT NULL;
--> statement-breakpoint
CREATE VIEW public.cmc_closed_bars_multi_tf_cal_iso AS
  SELECT * FROM public.cmc_price_bars_multi_tf_cal_iso WHERE closed_at IS NOT NULL;
--> statement-breakpoint
CREATE VIEW public.cmc_closed_bars_multi_tf_cal_anchor_us AS
  SELECT * FROM public.cmc_price_bars_multi_tf_cal_anchor_us WHERE closed_at IS NOT NULL;
--> statement-breakpoint
CREATE VIEW public.cmc_closed_bars_multi_tf_cal_anchor_iso AS
  SELECT * FROM public.cmc_price_bars_multi_tf_cal_anchor_iso WHERE closed_at IS NOT NULL;
--> statement-breakpoint
-- For researchers: the EMA of closed bars under plain names, one row per closed bar and period. What is closed is said once a branch, by
-- is_partial_end. Months and years are those of the ISO tables, which the US tables hold as well. The branch of a timeframe finds its bars by their index of closed bars, and each EMA by its key.
CREATE VIEW public.closed_emas AS
SELECT b.id AS asset, b.tf AS timeframe, b."timestamp" AS closed_at, b.close, e.period, e.ema
FROM public.cmc_price_bars_1d b
JOIN public.cmc_ema_multi_tf_u e ON e.id = b.id AND e.ts = b."timestamp" AND e.tf = b.tf AND e.alignment_source = 'multi_tf'
WHERE b.is_partial_end = false
UNION ALL
SELECT b.id, b.tf, b.time_close, b.close, e.period, e.ema
FROM public.cmc_price_bars_multi_tf b
JOIN public.cmc_ema_multi_tf_u e ON e.id = b.id AND e.ts = b.time_close AND e.tf = b.tf AND e.alignment_source = 'multi_tf'
WHERE b.is_partial_end = false
UNION ALL
SELECT b.id, b.tf, b.time_close, b.close, e.period, e.ema_bar
FROM public.cmc_price_bars_multi_tf_cal_iso b
JOIN public.cmc_ema_multi_tf_u e ON e.id = b.id AND e.ts = b.time_close AND e.tf = b.tf AND e.alignment_source = 'multi_tf_cal_iso'
WHERE b.is_partial_end = false
UNION ALL
SELECT b.id, b.tf, b.time_close, b.close, e.period, e.ema_bar
FROM public.cmc_price_bars_multi_tf_cal_us b
JOIN public.cmc_ema_multi_tf_u e ON e.id = b.id AND e.ts = b.time_close AND e.tf = b.tf AND e.alignment_source = 'multi_tf_cal_us'
WHERE b.is_partial_end = false AND b.tf LIKE '%W\_CAL\_US'
UNION ALL
SELECT b.id, b.tf, b.time_close, b.close, e.period, e.ema_bar
FROM public.cmc_price_bars_multi_tf_cal_anchor_iso b
JOIN public.cmc_ema_multi_tf_u e ON e.id = b.id AND e.ts = b.time_close AND e.tf = b.tf AND e.alignment_source = 'multi_tf_cal_anchor_iso'
WHERE b.is_partial_end = false
UNION ALL
SELECT b.id, b.tf, b.time_close, b.close, e.period, e.ema_bar
FROM public.cmc_price_bars_multi_tf_cal_anchor_us b
JOIN public.cmc_ema_multi_tf_u e ON e.id = b.id AND e.ts = b.time_close AND e.tf = b.tf AND e.alignment_source = 'multi_tf_cal_anchor_us'
WHERE b.is_partial_end = false AND b.tf LIKE '%W\_CAL\_ANCHOR\_US';
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
