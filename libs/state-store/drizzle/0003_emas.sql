CREATE TYPE public.ema_alignment_source AS ENUM
  ('multi_tf', 'multi_tf_v2', 'multi_tf_cal_us', 'multi_tf_cal_iso', 'multi_tf_cal_anchor_us', 'multi_tf_cal_anchor_iso');
--> statement-breakpoint
-- The unified EMA table; its six partitions are the tables of the contract, one per variant and scheme.
-- Key order (id, ts, tf, period): a daily append touches one place of the index per id.
-- No foreign key to dim_timeframe: it would cost a look-up per row; the writer takes its labels from that table.
CREATE TABLE public.cmc_ema_multi_tf_u (
  ts timestamptz NOT NULL,
  ema double precision NOT NULL,
  d1 double precision,
  d2 double precision,
  d1_roll double precision,
  d2_roll double precision,
  ema_bar double precision,
  d1_bar double precision,
  d2_bar double precision,
  d1_roll_bar double precision,
  d2_roll_bar double precision,
  ingested_at timestamptz NOT NULL DEFAULT now(),
  id integer NOT NULL,
  period integer NOT NULL,
  tf_days integer NOT NULL,
  alignment_source public.ema_alignment_source NOT NULL,
  tf text COLLATE "C" NOT NULL,
  roll boolean NOT NULL,
  roll_bar boolean,
  CONSTRAINT cmc_ema_multi_tf_u_pkey PRIMARY KEY (id, ts, tf, period, alignment_source)
) PARTITION BY LIST (alignment_source);
--> statement-breakpoint
CREATE TABLE public.cmc_ema_multi_tf PARTITION OF public.cmc_ema_multi_tf_u
  (alignment_source DEFAULT 'multi_tf') FOR VALUES IN ('multi_tf');
--> statement-breakpoint
CREATE TABLE public.cmc_ema_multi_tf_v2 PARTITION OF public.cmc_ema_multi_tf_u
  (alignment_source DEFAULT 'multi_tf_v2') FOR VALUES IN ('multi_tf_v2');
--> statement-breakpoint
CREATE TABLE public.cmc_ema_multi_tf_cal_us PARTITION OF public.cmc_ema_multi_tf_u
  (alignment_source DEFAULT 'multi_tf_cal_us') FOR VALUES IN ('multi_tf_cal_us');
--> statement-breakpoint
CREATE TABLE public.cmc_ema_multi_tf_cal_iso PARTITION OF public.cmc_ema_multi_tf_u
  (alignment_source DEFAULT 'multi_tf_cal_iso') FOR VALUES IN ('multi_tf_cal_iso');
--> statement-breakpoint
CREATE TABLE public.cmc_ema_multi_tf_cal_anchor_us PARTITION OF public.cmc_ema_multi_tf_u
  (alignment_source DEFAULT 'multi_tf_cal_anchor_us') FOR VALUES IN ('multi_tf_cal_anchor_us');
--> statement-breakpoint
CREATE TABLE public.cmc_ema_multi_tf_cal_anchor_iso PARTITION OF public.cmc_ema_multi_tf_u
  (alignment_source DEFAULT 'multi_tf_cal_anchor_iso') FOR VALUES IN ('multi_tf_cal_anchor_iso');
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_u.d1 IS 'On canonical rows (roll = false): ema minus the ema of the previous canonical row; NULL on preview rows and on the first canonical row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_u.d2 IS 'On canonical rows: d1 minus the d1 of the previous canonical row; NULL on preview rows and on the first two canonical rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_u.d1_roll IS 'ema minus the ema of the previous stored row of the series, whatever its roll; NULL on the first row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_u.d2_roll IS 'd1_roll minus the d1_roll of the previous stored row; NULL on the first two rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_u.roll IS 'false on the close of a bar (canonical row), true on every other day (preview row).';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf.d1 IS 'On canonical rows (roll = false): ema minus the ema of the previous canonical row; NULL on preview rows and on the first canonical row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf.d2 IS 'On canonical rows: d1 minus the d1 of the previous canonical row; NULL on preview rows and on the first two canonical rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf.d1_roll IS 'ema minus the ema of the previous stored row of the series, whatever its roll; NULL on the first row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf.d2_roll IS 'd1_roll minus the d1_roll of the previous stored row; NULL on the first two rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf.roll IS 'false on the close of a bar (canonical row), true on every other day (preview row).';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_v2.d1 IS 'On canonical rows (roll = false): ema minus the ema of the previous canonical row; NULL on preview rows and on the first canonical row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_v2.d2 IS 'On canonical rows: d1 minus the d1 of the previous canonical row; NULL on preview rows and on the first two canonical rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_v2.d1_roll IS 'ema minus the ema of the previous stored row of the series, whatever its roll; NULL on the first row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_v2.d2_roll IS 'd1_roll minus the d1_roll of the previous stored row; NULL on the first two rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_v2.roll IS 'false on the close of a bar (canonical row), true on every other day (preview row).';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_us.d1 IS 'On canonical rows (roll = false): ema minus the ema of the previous canonical row; NULL on preview rows and on the first canonical row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_us.d2 IS 'On canonical rows: d1 minus the d1 of the previous canonical row; NULL on preview rows and on the first two canonical rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_us.d1_roll IS 'ema minus the ema of the previous stored row of the series, whatever its roll; NULL on the first row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_us.d2_roll IS 'd1_roll minus the d1_roll of the previous stored row; NULL on the first two rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_us.roll IS 'false on the close of a bar (canonical row), true on every other day (preview row).';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_iso.d1 IS 'On canonical rows (roll = false): ema minus the ema of the previous canonical row; NULL on preview rows and on the first canonical row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_iso.d2 IS 'On canonical rows: d1 minus the d1 of the previous canonical row; NULL on preview rows and on the first two canonical rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_iso.d1_roll IS 'ema minus the ema of the previous stored row of the series, whatever its roll; NULL on the first row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_iso.d2_roll IS 'd1_roll minus the d1_roll of the previous stored row; NULL on the first two rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_iso.roll IS 'false on the close of a bar (canonical row), true on every other day (preview row).';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_anchor_us.d1 IS 'On canonical rows (roll = false): ema minus the ema of the previous canonical row; NULL on preview rows and on the first canonical row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_anchor_us.d2 IS 'On canonical rows: d1 minus the d1 of the previous canonical row; NULL on preview rows and on the first two canonical rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_anchor_us.d1_roll IS 'ema minus the ema of the previous stored row of the series, whatever its roll; NULL on the first row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_anchor_us.d2_roll IS 'd1_roll minus the d1_roll of the previous stored row; NULL on the first two rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_anchor_us.roll IS 'false on the close of a bar (canonical row), true on every other day (preview row).';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_anchor_iso.d1 IS 'On canonical rows (roll = false): ema minus the ema of the previous canonical row; NULL on preview rows and on the first canonical row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_anchor_iso.d2 IS 'On canonical rows: d1 minus the d1 of the previous canonical row; NULL on preview rows and on the first two canonical rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_anchor_iso.d1_roll IS 'ema minus the ema of the previous stored row of the series, whatever its roll; NULL on the first row.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_anchor_iso.d2_roll IS 'd1_roll minus the d1_roll of the previous stored row; NULL on the first two rows.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_ema_multi_tf_cal_anchor_iso.roll IS 'false on the close of a bar (canonical row), true on every other day (preview row).';
--> statement-breakpoint
-- One row per (id, variant, timeframe); the periods of a timeframe advance together, resume holds what continues them.
CREATE TABLE public.cmc_ema_state (
  id integer NOT NULL,
  alignment_source public.ema_alignment_source NOT NULL,
  tf text COLLATE "C" NOT NULL,
  params_hash text NOT NULL,
  periods integer[] NOT NULL,
  daily_min_seen timestamptz,
  daily_max_seen timestamptz,
  last_ts timestamptz,
  last_time_close timestamptz,
  last_canonical_ts timestamptz,
  last_bar_seq integer,
  rows_seen bigint NOT NULL DEFAULT 0,
  bars_seen bigint NOT NULL DEFAULT 0,
  daily_full_built_at timestamptz,
  bars_full_built_at timestamptz,
  src_revision bigint NOT NULL DEFAULT 0,
  reset_stamp timestamptz,
  resume double precision[] NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT cmc_ema_state_pkey PRIMARY KEY (id, alignment_source, tf)
);
--> statement-breakpoint
-- Doubles do not compress; without the attempt a state row is written and read faster.
ALTER TABLE public.cmc_ema_state ALTER COLUMN resume SET STORAGE EXTERNAL;
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_state AS
SELECT id, tf, unnest(periods) AS period, daily_min_seen, daily_max_seen, last_time_close, last_canonical_ts, last_bar_seq,
  bars_seen, rows_seen, daily_full_built_at AS src_full_built_at, updated_at
FROM public.cmc_ema_state WHERE alignment_source = 'multi_tf';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_v2_state AS
SELECT id, tf, unnest(periods) AS period, daily_min_seen, daily_max_seen, last_time_close, last_canonical_ts, last_bar_seq,
  bars_seen, rows_seen, daily_full_built_at AS src_full_built_at, updated_at
FROM public.cmc_ema_state WHERE alignment_source = 'multi_tf_v2';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_cal_us_state AS
SELECT id, tf, unnest(periods) AS period, daily_min_seen, daily_max_seen, last_time_close, last_canonical_ts, last_bar_seq,
  bars_seen, rows_seen, daily_full_built_at AS src_full_built_at, updated_at
FROM public.cmc_ema_state WHERE alignment_source = 'multi_tf_cal_us';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_cal_iso_state AS
SELECT id, tf, unnest(periods) AS period, daily_min_seen, daily_max_seen, last_time_close, last_canonical_ts, last_bar_seq,
  bars_seen, rows_seen, daily_full_built_at AS src_full_built_at, updated_at
FROM public.cmc_ema_state WHERE alignment_source = 'multi_tf_cal_iso';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_cal_anchor_us_state AS
SELECT id, tf, unnest(periods) AS period, daily_min_seen, daily_max_seen, last_time_close, last_canonical_ts, last_bar_seq,
  bars_seen, rows_seen, daily_full_built_at AS src_full_built_at, updated_at
FROM public.cmc_ema_state WHERE alignment_source = 'multi_tf_cal_anchor_us';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_cal_anchor_iso_state AS
SELECT id, tf, unnest(periods) AS period, daily_min_seen, daily_max_seen, last_time_close, last_canonical_ts, last_bar_seq,
  bars_seen, rows_seen, daily_full_built_at AS src_full_built_at, updated_at
FROM public.cmc_ema_state WHERE alignment_source = 'multi_tf_cal_anchor_iso';
--> statement-breakpoint
-- Absence of the row is the signal to rebuild the EMAs of the id; built_at is the stamp its states compare.
CREATE TABLE public.cmc_ema_refresh_state (
  id integer NOT NULL,
  last_load_ts_daily timestamptz,
  last_load_ts_multi timestamptz,
  last_load_ts_cal timestamptz,
  built_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT cmc_ema_refresh_state_pkey PRIMARY KEY (id)
);
--> statement-breakpoint
CREATE TABLE public.ema_rejects (
  table_name text NOT NULL,
  alignment_source public.ema_alignment_source NOT NULL,
  id integer NOT NULL,
  tf text COLLATE "C" NOT NULL,
  period integer NOT NULL,
  "timestamp" timestamptz NOT NULL,
  series text NOT NULL,
  ema_value double precision,
  violation_type text NOT NULL,
  bounds_info jsonb NOT NULL DEFAULT '{}',
  source_bar_close double precision,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  hits integer NOT NULL DEFAULT 1,
  run_id text,
  CONSTRAINT ema_rejects_pkey PRIMARY KEY (id, table_name, tf, period, "timestamp", violation_type, series),
  CONSTRAINT ema_rejects_series CHECK (series IN ('ema', 'ema_bar'))
);
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_rejects AS
SELECT * FROM public.ema_rejects WHERE table_name = 'cmc_ema_multi_tf';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_v2_rejects AS
SELECT * FROM public.ema_rejects WHERE table_name = 'cmc_ema_multi_tf_v2';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_cal_us_rejects AS
SELECT * FROM public.ema_rejects WHERE table_name = 'cmc_ema_multi_tf_cal_us';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_cal_iso_rejects AS
SELECT * FROM public.ema_rejects WHERE table_name = 'cmc_ema_multi_tf_cal_iso';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_cal_anchor_us_rejects AS
SELECT * FROM public.ema_rejects WHERE table_name = 'cmc_ema_multi_tf_cal_anchor_us';
--> statement-breakpoint
CREATE VIEW public.cmc_ema_multi_tf_cal_anchor_iso_rejects AS
SELECT * FROM public.ema_rejects WHERE table_name = 'cmc_ema_multi_tf_cal_anchor_iso';
