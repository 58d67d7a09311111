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
