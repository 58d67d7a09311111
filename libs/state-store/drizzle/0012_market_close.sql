-- When the bars of an asset close (spec README, ruling 23). The defaults change nothing.
ALTER TABLE public.dim_assets
  ADD COLUMN close_rule text NOT NULL DEFAULT 'calendar',
  ADD COLUMN trading_weekdays text NOT NULL DEFAULT 'Mon-Sun',
  ADD COLUMN holiday_calendar text,
  ADD CONSTRAINT dim_assets_close_rule CHECK (close_rule IN ('calendar', 'market')),
  ADD CONSTRAINT dim_assets_trading_weekdays CHECK (
    trading_weekdays ~ '^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(-(Mon|Tue|Wed|Thu|Fri|Sat|Sun))?(,(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(-(Mon|Tue|Wed|Thu|Fri|Sat|Sun))?)*$');
--> statement-breakpoint
COMMENT ON COLUMN public.dim_assets.close_rule IS
  'calendar: a bar closes with the row of its last calendar day; market: with its last row, whichever day that is.';
--> statement-breakpoint
COMMENT ON COLUMN public.dim_assets.trading_weekdays IS 'Weekdays with trading, such as Mon-Fri or Sun-Thu.';
--> statement-breakpoint
COMMENT ON COLUMN public.dim_assets.holiday_calendar IS 'Calendar of dim_holidays whose days have no trading; NULL for none.';
--> statement-breakpoint
CREATE TABLE public.dim_holidays (
  calendar text NOT NULL,
  day date NOT NULL,
  name text,
  CONSTRAINT dim_holidays_pkey PRIMARY KEY (calendar, day)
);
--> statement-breakpoint
ALTER TABLE public.cmc_price_bars_1d_state ADD COLUMN trading_days text;
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_price_bars_1d_state.trading_days IS
  'Close rule, weekdays and holidays by which the bars were built; NULL is the default. Others have all bars of the asset built again.';
--> statement-breakpoint
ALTER TABLE public.cmc_price_bars_multi_tf_u ADD COLUMN closed_at timestamptz;
--> statement-breakpoint
UPDATE public.cmc_price_bars_multi_tf_u SET closed_at = time_close WHERE NOT is_partial_end;
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_price_bars_multi_tf_u.closed_at IS
  'When the bar was known closed, on its last row; NULL on all others, and while it is open.';
--> statement-breakpoint
-- Bars that were known closed late, beside the index of those that closed on their day.
CREATE INDEX cmc_price_bars_multi_tf_late ON public.cmc_price_bars_multi_tf (id, tf, time_close) WHERE is_partial_end AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE INDEX cmc_price_bars_multi_tf_cal_iso_late ON public.cmc_price_bars_multi_tf_cal_iso (id, tf, time_close) WHERE is_partial_end AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE INDEX cmc_price_bars_multi_tf_cal_us_late ON public.cmc_price_bars_multi_tf_cal_us (id, tf, time_close) WHERE is_partial_end AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE INDEX cmc_price_bars_multi_tf_cal_anchor_iso_late ON public.cmc_price_bars_multi_tf_cal_anchor_iso (id, tf, time_close) WHERE is_partial_end AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE INDEX cmc_price_bars_multi_tf_cal_anchor_us_late ON public.cmc_price_bars_multi_tf_cal_anchor_us (id, tf, time_close) WHERE is_partial_end AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE VIEW public.cmc_closed_bars_1d AS SELECT *, "timestamp" AS closed_at FROM public.cmc_price_bars_1d;
--> statement-breakpoint
CREATE VIEW public.cmc_closed_bars_multi_tf AS
  SELECT * FROM public.cmc_price_bars_multi_tf_u WHERE alignment_source = 'multi_tf' AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE VIEW public.cmc_closed_bars_multi_tf_cal_iso AS
  SELECT * FROM public.cmc_price_bars_multi_tf_u WHERE alignment_source = 'multi_tf_cal_iso' AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE VIEW public.cmc_closed_bars_multi_tf_cal_us AS
  SELECT * FROM public.cmc_price_bars_multi_tf_u WHERE alignment_source = 'multi_tf_cal_us' AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE VIEW public.cmc_closed_bars_multi_tf_cal_anchor_iso AS
  SELECT * FROM public.cmc_price_bars_multi_tf_u WHERE alignment_source = 'multi_tf_cal_anchor_iso' AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE VIEW public.cmc_closed_bars_multi_tf_cal_anchor_us AS
  SELECT * FROM public.cmc_price_bars_multi_tf_u WHERE alignment_source = 'multi_tf_cal_anchor_us' AND closed_at IS NOT NULL;
