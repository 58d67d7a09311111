CREATE TABLE public.dim_timeframe (
  tf text COLLATE "C" NOT NULL,
  label text NOT NULL,
  base_unit text NOT NULL,
  tf_qty integer NOT NULL,
  tf_days_nominal integer NOT NULL,
  alignment_type text NOT NULL,
  calendar_anchor text,
  roll_policy text NOT NULL,
  has_roll_flag boolean NOT NULL DEFAULT true,
  is_intraday boolean NOT NULL DEFAULT false,
  sort_order integer NOT NULL,
  description text,
  is_canonical boolean NOT NULL DEFAULT false,
  calendar_scheme text,
  allow_partial_start boolean NOT NULL DEFAULT false,
  allow_partial_end boolean NOT NULL DEFAULT false,
  tf_days_min integer,
  tf_days_max integer,
  CONSTRAINT dim_timeframe_pkey PRIMARY KEY (tf),
  CONSTRAINT dim_timeframe_base_unit CHECK (base_unit IN ('D', 'W', 'M', 'Q', 'Y')),
  CONSTRAINT dim_timeframe_quantities CHECK (tf_qty > 0 AND tf_days_nominal > 0 AND sort_order > 0),
  CONSTRAINT dim_timeframe_days_range CHECK (tf_days_min IS NULL OR tf_days_max IS NULL OR tf_days_min <= tf_days_max),
  CONSTRAINT dim_timeframe_alignment CHECK (
    (alignment_type = 'tf_day' AND roll_policy = 'multiple_of_tf' AND calendar_anchor IS NULL AND base_unit = 'D')
    OR (alignment_type = 'calendar' AND roll_policy = 'calendar_anchor' AND calendar_anchor IS NOT NULL AND base_unit <> 'D')
  ),
  CONSTRAINT dim_timeframe_anchor CHECK (calendar_anchor IN ('EOM', 'EOQ', 'EOY', 'WEEK_END', 'ISO-WEEK')),
  CONSTRAINT dim_timeframe_scheme CHECK (
    CASE WHEN base_unit = 'W' THEN calendar_scheme IS NOT NULL AND calendar_scheme IN ('US', 'ISO') ELSE calendar_scheme IS NULL END
  ),
  CONSTRAINT dim_timeframe_partials CHECK (allow_partial_start = allow_partial_end),
  CONSTRAINT dim_timeframe_name CHECK (
    CASE base_unit
      WHEN 'D' THEN tf ~ '^[0-9]+D$'
      WHEN 'W' THEN tf ~ '^[0-9]+W_CAL_(US|ISO)$' OR tf ~ '^[0-9]+W_CAL_ANCHOR_(US|ISO)$'
      ELSE tf ~ '^[0-9]+[MQY]_CAL$' OR tf ~ '^[0-9]+[MQY]_CAL_ANCHOR$'
    END
  ),
  CONSTRAINT dim_timeframe_shape UNIQUE NULLS NOT DISTINCT
    (alignment_type, tf_days_nominal, calendar_anchor, calendar_scheme, allow_partial_start, allow_partial_end)
);
--> statement-breakpoint
CREATE TABLE public.dim_period (
  period integer NOT NULL,
  label text NOT NULL,
  description text,
  CONSTRAINT dim_period_pkey PRIMARY KEY (period),
  CONSTRAINT dim_period_positive CHECK (period > 0)
);
--> statement-breakpoint
CREATE VIEW public.dim_timeframe_period AS
SELECT t.tf, p.period, t.tf_days_nominal * p.period AS span_days FROM public.dim_timeframe t CROSS JOIN public.dim_period p;
--> statement-breakpoint
CREATE TABLE public.ema_alpha_lookup (
  tf text COLLATE "C" NOT NULL,
  period integer NOT NULL,
  tf_days_nominal integer NOT NULL,
  alpha_ema_dailyspace double precision NOT NULL,
  alpha_bar double precision NOT NULL,
  alpha_bar_preview_daily double precision NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  display_order integer,
  CONSTRAINT ema_alpha_lookup_pkey PRIMARY KEY (tf, period),
  CONSTRAINT ema_alpha_lookup_period_positive CHECK (period > 0)
);
--> statement-breakpoint
COMMENT ON COLUMN public.ema_alpha_lookup.alpha_ema_dailyspace IS '2 / (period * tf_days_nominal + 1)';
--> statement-breakpoint
COMMENT ON COLUMN public.ema_alpha_lookup.alpha_bar IS '2 / (period + 1)';
--> statement-breakpoint
COMMENT ON COLUMN public.ema_alpha_lookup.alpha_bar_preview_daily IS '1 - (1 - alpha_bar) ^ (1 / tf_days_nominal)';
