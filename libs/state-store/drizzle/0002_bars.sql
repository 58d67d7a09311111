-- Daily bars: one accepted row per civil day and asset.
CREATE TABLE public.cmc_price_bars_1d (
  "timestamp" timestamptz NOT NULL,
  bar_seq bigint NOT NULL,
  time_open timestamptz NOT NULL,
  time_close timestamptz NOT NULL,
  time_high timestamptz NOT NULL,
  time_low timestamptz NOT NULL,
  open double precision NOT NULL,
  high double precision NOT NULL,
  low double precision NOT NULL,
  close double precision NOT NULL,
  volume double precision,
  market_cap double precision,
  src_load_ts timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  id integer NOT NULL,
  tf text COLLATE "C" NOT NULL DEFAULT '1D',
  src_name text,
  src_file text,
  is_partial_start boolean NOT NULL DEFAULT false,
  is_partial_end boolean NOT NULL DEFAULT false,
  is_missing_days boolean NOT NULL,
  repaired_timehigh boolean NOT NULL DEFAULT false,
  repaired_timelow boolean NOT NULL DEFAULT false,
  repaired_high boolean NOT NULL DEFAULT false,
  repaired_low boolean NOT NULL DEFAULT false,
  CONSTRAINT cmc_price_bars_1d_pkey PRIMARY KEY (id, "timestamp"),
  CONSTRAINT cmc_price_bars_1d_bar_seq UNIQUE (id, tf, bar_seq)
);
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_price_bars_1d.is_missing_days IS
  'True on the first bar after one or more civil days without an accepted bar.';
--> statement-breakpoint
CREATE TABLE public.cmc_price_bars_1d_rejects (
  "timestamp" timestamptz NOT NULL,
  bar_seq bigint,
  time_open timestamptz,
  time_close timestamptz,
  time_high timestamptz,
  time_low timestamptz,
  open double precision,
  high double precision,
  low double precision,
  close double precision,
  volume double precision,
  market_cap double precision,
  src_load_ts timestamptz,
  raw_high double precision,
  raw_low double precision,
  raw_timehigh timestamptz,
  raw_timelow timestamptz,
  rejected_at timestamptz NOT NULL DEFAULT now(),
  id integer NOT NULL,
  tf text COLLATE "C",
  src_name text,
  src_file text,
  reason text NOT NULL,
  is_partial_start boolean,
  is_partial_end boolean,
  is_missing_days boolean,
  CONSTRAINT cmc_price_bars_1d_rejects_pkey PRIMARY KEY (id, "timestamp")
);
--> statement-breakpoint
-- Absence of the row is the signal to rebuild the id; full_built_at is the stamp that derived tables compare.
CREATE TABLE public.cmc_price_bars_1d_state (
  id integer NOT NULL,
  last_src_ts timestamptz,
  daily_min_seen timestamptz,
  last_run_ts timestamptz NOT NULL DEFAULT now(),
  last_upserted integer NOT NULL DEFAULT 0,
  last_repaired_timehigh integer NOT NULL DEFAULT 0,
  last_repaired_timelow integer NOT NULL DEFAULT 0,
  last_rejected integer NOT NULL DEFAULT 0,
  src_row_count bigint,
  src_max_load_ts timestamptz,
  full_built_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  tz text NOT NULL,
  revision bigint NOT NULL DEFAULT 0,
  CONSTRAINT cmc_price_bars_1d_state_pkey PRIMARY KEY (id)
);
--> statement-breakpoint
-- One row each time stored 1d history at or before the watermark changed.
CREATE TABLE public.cmc_price_bars_1d_revisions (
  id integer NOT NULL,
  revision bigint NOT NULL,
  first_ts timestamptz NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT cmc_price_bars_1d_revisions_pkey PRIMARY KEY (id, revision)
);
--> statement-breakpoint
CREATE TYPE public.bar_alignment_source AS ENUM
  ('multi_tf', 'multi_tf_cal_us', 'multi_tf_cal_iso', 'multi_tf_cal_anchor_us', 'multi_tf_cal_anchor_iso');
--> statement-breakpoint
-- Snapshots of the multi-day bars: one row per id, timeframe and observed daily close. Partition = table of the contract.
-- Key order (id, time_close, tf): a daily append touches one place of the index per id.
-- No foreign key to dim_timeframe: it would cost a look-up per row; the writer takes its labels from that table.
CREATE TABLE public.cmc_price_bars_multi_tf_u (
  time_close timestamptz NOT NULL,
  time_open timestamptz NOT NULL,
  time_high timestamptz,
  time_low timestamptz,
  "timestamp" timestamptz NOT NULL,
  last_ts_half_open timestamptz NOT NULL,
  open double precision NOT NULL,
  high double precision NOT NULL,
  low double precision NOT NULL,
  close double precision NOT NULL,
  volume double precision,
  market_cap double precision,
  ingested_at timestamptz NOT NULL DEFAULT now(),
  id integer NOT NULL,
  tf_days integer NOT NULL,
  bar_seq integer NOT NULL,
  pos_in_bar integer NOT NULL,
  count_days integer NOT NULL,
  count_days_remaining integer NOT NULL,
  count_missing_days integer NOT NULL,
  count_missing_days_start integer NOT NULL,
  count_missing_days_end integer NOT NULL DEFAULT 0,
  count_missing_days_interior integer NOT NULL,
  alignment_source public.bar_alignment_source NOT NULL,
  bar_anchor_offset integer,
  first_missing_day date,
  last_missing_day date,
  tf text COLLATE "C" NOT NULL,
  is_partial_start boolean NOT NULL,
  is_partial_end boolean NOT NULL,
  is_missing_days boolean NOT NULL,
  missing_days_where text,
  CONSTRAINT cmc_price_bars_multi_tf_u_pkey PRIMARY KEY (id, time_close, tf, alignment_source),
  CONSTRAINT cmc_price_bars_multi_tf_u_tf_days CHECK (tf_days > 0)
) PARTITION BY LIST (alignment_source);
--> statement-breakpoint
CREATE TABLE public.cmc_price_bars_multi_tf PARTITION OF public.cmc_price_bars_multi_tf_u
  (alignment_source DEFAULT 'multi_tf') FOR VALUES IN ('multi_tf');
--> statement-breakpoint
CREATE UNIQUE INDEX cmc_price_bars_multi_tf_closed ON public.cmc_price_bars_multi_tf (id, tf, time_close) WHERE is_partial_end = false;
--> statement-breakpoint
CREATE UNIQUE INDEX cmc_price_bars_multi_tf_closed_seq ON public.cmc_price_bars_multi_tf (id, tf, bar_seq) WHERE is_partial_end = false;
--> statement-breakpoint
CREATE TABLE public.cmc_price_bars_multi_tf_cal_iso PARTITION OF public.cmc_price_bars_multi_tf_u
  (alignment_source DEFAULT 'multi_tf_cal_iso') FOR VALUES IN ('multi_tf_cal_iso');
--> statement-breakpoint
CREATE UNIQUE INDEX cmc_price_bars_multi_tf_cal_iso_closed ON public.cmc_price_bars_multi_tf_cal_iso (id, tf, time_close) WHERE is_partial_end = false;
--> statement-breakpoint
CREATE UNIQUE INDEX cmc_price_bars_multi_tf_cal_iso_closed_seq ON public.cmc_price_bars_multi_tf_cal_iso (id, tf, bar_seq) WHERE is_partial_end = false;
--> statement-breakpoint
CREATE TABLE public.cmc_price_bars_multi_tf_cal_us PARTITION OF public.cmc_price_bars_multi_tf_u
  (alignment_source DEFAULT 'multi_tf_cal_us') FOR VALUES IN ('multi_tf_cal_us');
--> statement-breakpoint
CREATE UNIQUE INDEX cmc_price_bars_multi_tf_cal_us_closed ON public.cmc_price_bars_multi_tf_cal_us (id, tf, time_close) WHERE is_partial_end = false;
--> statement-breakpoint
CREATE UNIQUE INDEX cmc_price_bars_multi_tf_cal_us_closed_seq ON public.cmc_price_bars_multi_tf_cal_us (id, tf, bar_seq) WHERE is_partial_end = false;
--> statement-breakpoint
CREATE TABLE public.cmc_price_bars_multi_tf_cal_anchor_iso PARTITION OF public.cmc_price_bars_multi_tf_u
  (alignment_source DEFAULT 'multi_tf_cal_anchor_iso') FOR VALUES IN ('multi_tf_cal_anchor_iso');
--> statement-breakpoint
CREATE UNIQUE INDEX cmc_price_bars_multi_tf_cal_anchor_iso_closed ON public.cmc_price_bars_multi_tf_cal_anchor_iso (id, tf, time_close) WHERE is_partial_end = false;
--> statement-breakpoint
CREATE UNIQUE INDEX cmc_price_bars_multi_tf_cal_anchor_iso_closed_seq ON public.cmc_price_bars_multi_tf_cal_anchor_iso (id, tf, bar_seq) WHERE is_partial_end = false;
--> statement-breakpoint
CREATE TABLE public.cmc_price_bars_multi_tf_cal_anchor_us PARTITION OF public.cmc_price_bars_multi_tf_u
  (alignment_source DEFAULT 'multi_tf_cal_anchor_us') FOR VALUES IN ('multi_tf_cal_anchor_us');
--> statement-breakpoint
CREATE UNIQUE INDEX cmc_price_bars_multi_tf_cal_anchor_us_closed ON public.cmc_price_bars_multi_tf_cal_anchor_us (id, tf, time_close) WHERE is_partial_end = false;
--> statement-breakpoint
CREATE UNIQUE INDEX cmc_price_bars_multi_tf_cal_anchor_us_closed_seq ON public.cmc_price_bars_multi_tf_cal_anchor_us (id, tf, bar_seq) WHERE is_partial_end = false;
--> statement-breakpoint
CREATE TABLE public.cmc_price_bars_multi_tf_state (
  id integer NOT NULL,
  tf text COLLATE "C" NOT NULL,
  tz text NOT NULL,
  spec text NOT NULL,
  daily_min_seen timestamptz,
  daily_max_seen timestamptz,
  last_bar_seq integer,
  last_time_close timestamptz,
  rows_seen bigint NOT NULL DEFAULT 0,
  src_full_built_at timestamptz NOT NULL,
  src_revision bigint NOT NULL,
  full_built_at timestamptz NOT NULL,
  resume double precision[] NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT cmc_price_bars_multi_tf_state_pkey PRIMARY KEY (id, tf)
);
--> statement-breakpoint
CREATE TABLE public.cmc_price_bars_multi_tf_cal_iso_state (
  id integer NOT NULL,
  tf text COLLATE "C" NOT NULL,
  tz text NOT NULL,
  spec text NOT NULL,
  daily_min_seen timestamptz,
  daily_max_seen timestamptz,
  last_bar_seq integer,
  last_time_close timestamptz,
  rows_seen bigint NOT NULL DEFAULT 0,
  src_full_built_at timestamptz NOT NULL,
  src_revision bigint NOT NULL,
  full_built_at timestamptz NOT NULL,
  resume double precision[] NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT cmc_price_bars_multi_tf_cal_iso_state_pkey PRIMARY KEY (id, tf)
);
--> statement-breakpoint
CREATE TABLE public.cmc_price_bars_multi_tf_cal_us_state (
  id integer NOT NULL,
  tf text COLLATE "C" NOT NULL,
  tz text NOT NULL,
  spec text NOT NULL,
  daily_min_seen timestamptz,
  daily_max_seen timestamptz,
  last_bar_seq integer,
  last_time_close timestamptz,
  rows_seen bigint NOT NULL DEFAULT 0,
  src_full_built_at timestamptz NOT NULL,
  src_revision bigint NOT NULL,
  full_built_at timestamptz NOT NULL,
  resume double precision[] NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT cmc_price_bars_multi_tf_cal_us_state_pkey PRIMARY KEY (id, tf)
);
--> statement-breakpoint
CREATE TABLE public.cmc_price_bars_multi_tf_cal_anchor_iso_state (
  id integer NOT NULL,
  tf text COLLATE "C" NOT NULL,
  tz text NOT NULL,
  spec text NOT NULL,
  daily_min_seen timestamptz,
  daily_max_seen timestamptz,
  last_bar_seq integer,
  last_time_close timestamptz,
  rows_seen bigint NOT NULL DEFAULT 0,
  src_full_built_at timestamptz NOT NULL,
  src_revision bigint NOT NULL,
  full_built_at timestamptz NOT NULL,
  resume double precision[] NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT cmc_price_bars_multi_tf_cal_anchor_iso_state_pkey PRIMARY KEY (id, tf)
);
--> statement-breakpoint
CREATE TABLE public.cmc_price_bars_multi_tf_cal_anchor_us_state (
  id integer NOT NULL,
  tf text COLLATE "C" NOT NULL,
  tz text NOT NULL,
  spec text NOT NULL,
  daily_min_seen timestamptz,
  daily_max_seen timestamptz,
  last_bar_seq integer,
  last_time_close timestamptz,
  rows_seen bigint NOT NULL DEFAULT 0,
  src_full_built_at timestamptz NOT NULL,
  src_revision bigint NOT NULL,
  full_built_at timestamptz NOT NULL,
  resume double precision[] NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT cmc_price_bars_multi_tf_cal_anchor_us_state_pkey PRIMARY KEY (id, tf)
);
--> statement-breakpoint
-- One table for the five builders (table_name); the other four names are views on it.
CREATE TABLE public.cmc_price_bars_multi_tf_rejects (
  table_name text NOT NULL,
  id integer NOT NULL,
  tf text COLLATE "C" NOT NULL,
  bar_seq integer NOT NULL,
  "timestamp" timestamptz NOT NULL,
  violation_type text NOT NULL,
  repair_action text NOT NULL,
  original_open double precision,
  original_high double precision,
  original_low double precision,
  original_close double precision,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT cmc_price_bars_multi_tf_rejects_pkey PRIMARY KEY (id, table_name, tf, bar_seq, "timestamp", violation_type)
);
--> statement-breakpoint
CREATE VIEW public.cmc_price_bars_multi_tf_cal_iso_rejects AS
SELECT * FROM public.cmc_price_bars_multi_tf_rejects WHERE table_name = 'cmc_price_bars_multi_tf_cal_iso';
--> statement-breakpoint
CREATE VIEW public.cmc_price_bars_multi_tf_cal_us_rejects AS
SELECT * FROM public.cmc_price_bars_multi_tf_rejects WHERE table_name = 'cmc_price_bars_multi_tf_cal_us';
--> statement-breakpoint
CREATE VIEW public.cmc_price_bars_multi_tf_cal_anchor_iso_rejects AS
SELECT * FROM public.cmc_price_bars_multi_tf_rejects WHERE table_name = 'cmc_price_bars_multi_tf_cal_anchor_iso';
--> statement-breakpoint
CREATE VIEW public.cmc_price_bars_multi_tf_cal_anchor_us_rejects AS
SELECT * FROM public.cmc_price_bars_multi_tf_rejects WHERE table_name = 'cmc_price_bars_multi_tf_cal_anchor_us';
