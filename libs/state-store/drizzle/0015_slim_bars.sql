-- Multi-day bars are stored slim: what is a constant of its series, a copy of another column or follows from others is not stored but
-- said by the views. A series is a timeframe of one of the five tables.
CREATE TABLE public.bar_series (
  series smallint NOT NULL,
  tf_days integer NOT NULL,
  alignment_source public.bar_alignment_source NOT NULL,
  tf text COLLATE "C" NOT NULL,
  CONSTRAINT bar_series_pkey PRIMARY KEY (series),
  CONSTRAINT bar_series_of UNIQUE (alignment_source, tf),
  CONSTRAINT bar_series_thousand CHECK (series / 1000 = CASE alignment_source WHEN 'multi_tf' THEN 0 WHEN 'multi_tf_cal_us' THEN 1
    WHEN 'multi_tf_cal_iso' THEN 2 WHEN 'multi_tf_cal_anchor_us' THEN 3 WHEN 'multi_tf_cal_anchor_iso' THEN 4 END)
);
--> statement-breakpoint
COMMENT ON TABLE public.bar_series IS 'What bar_rows.series stands for; each table of the contract has a thousand numbers of its own.';
--> statement-breakpoint
-- Key order (id, time_close, series): a daily append touches one place of the index per id and table. No foreign key to bar_series: it
-- would cost a look-up per row. Most rows have a NULL somewhere, so that one more costs nothing: columns that seldom say something are NULL.
CREATE TABLE public.bar_rows (
  time_close timestamptz NOT NULL,
  ingested_at timestamptz NOT NULL DEFAULT now(),
  open double precision NOT NULL,
  high double precision NOT NULL,
  low double precision NOT NULL,
  close double precision NOT NULL,
  volume double precision,
  market_cap double precision,
  closed_at timestamptz,
  time_open timestamptz,
  time_high timestamptz,
  time_low timestamptz,
  id integer NOT NULL,
  bar_seq integer NOT NULL,
  open_age integer,
  high_age integer,
  low_age integer,
  bar_anchor_offset integer,
  count_missing_days_start integer,
  count_missing_days_interior integer,
  first_missing_day date,
  last_missing_day date,
  series smallint NOT NULL,
  pos_in_bar smallint NOT NULL,
  tf_days smallint,
  count_days_remaining smallint,
  is_partial_start boolean,
  missing_days_where text,
  CONSTRAINT bar_rows_pkey PRIMARY KEY (id, time_close, series)
) PARTITION BY RANGE (series);
--> statement-breakpoint
COMMENT ON TABLE public.bar_rows IS
  'Multi-day bars as they are stored, by bar_series; cmc_price_bars_multi_tf_u and its five parts are views of it.';
--> statement-breakpoint
COMMENT ON COLUMN public.bar_rows.closed_at IS 'Equal to time_close on a row with which its bar closed: there is_partial_end is false.';
--> statement-breakpoint
COMMENT ON COLUMN public.bar_rows.open_age IS
  'Seconds from time_open until time_close; negative: until a millisecond after it. NULL where time_open is no such instant and stored itself (a row with both is damaged, and its time_open not known).';
--> statement-breakpoint
COMMENT ON COLUMN public.bar_rows.high_age IS 'As open_age, of time_high.';
--> statement-breakpoint
COMMENT ON COLUMN public.bar_rows.low_age IS 'As open_age, of time_low.';
--> statement-breakpoint
COMMENT ON COLUMN public.bar_rows.tf_days IS 'NULL where it is that of the series.';
--> statement-breakpoint
COMMENT ON COLUMN public.bar_rows.count_days_remaining IS
  'NULL where it is tf_days less pos_in_bar, and less the missing days in calendar tables.';
--> statement-breakpoint
COMMENT ON COLUMN public.bar_rows.count_missing_days_start IS 'NULL for none.';
--> statement-breakpoint
COMMENT ON COLUMN public.bar_rows.count_missing_days_interior IS 'NULL for none.';
--> statement-breakpoint
COMMENT ON COLUMN public.bar_rows.is_partial_start IS 'NULL for false.';
--> statement-breakpoint
CREATE TABLE public.bar_rows_multi_tf PARTITION OF public.bar_rows FOR VALUES FROM (0) TO (1000);
--> statement-breakpoint
CREATE UNIQUE INDEX bar_rows_multi_tf_closed ON public.bar_rows_multi_tf (id, series, time_close) WHERE (closed_at IS DISTINCT FROM time_close) = false;
--> statement-breakpoint
CREATE UNIQUE INDEX bar_rows_multi_tf_closed_seq ON public.bar_rows_multi_tf (id, series, bar_seq) WHERE (closed_at IS DISTINCT FROM time_close) = false;
--> statement-breakpoint
-- Bars that were known closed late, beside the index of those that closed on their day.
CREATE INDEX bar_rows_multi_tf_late ON public.bar_rows_multi_tf (id, series, time_close) WHERE (closed_at IS DISTINCT FROM time_close) AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE TABLE public.bar_rows_cal_us PARTITION OF public.bar_rows FOR VALUES FROM (1000) TO (2000);
--> statement-breakpoint
CREATE UNIQUE INDEX bar_rows_cal_us_closed ON public.bar_rows_cal_us (id, series, time_close) WHERE (closed_at IS DISTINCT FROM time_close) = false;
--> statement-breakpoint
CREATE UNIQUE INDEX bar_rows_cal_us_closed_seq ON public.bar_rows_cal_us (id, series, bar_seq) WHERE (closed_at IS DISTINCT FROM time_close) = false;
--> statement-breakpoint
CREATE INDEX bar_rows_cal_us_late ON public.bar_rows_cal_us (id, series, time_close) WHERE (closed_at IS DISTINCT FROM time_close) AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE TABLE public.bar_rows_cal_iso PARTITION OF public.bar_rows FOR VALUES FROM (2000) TO (3000);
--> statement-breakpoint
CREATE UNIQUE INDEX bar_rows_cal_iso_closed ON public.bar_rows_cal_iso (id, series, time_close) WHERE (closed_at IS DISTINCT FROM time_close) = false;
--> statement-breakpoint
CREATE UNIQUE INDEX bar_rows_cal_iso_closed_seq ON public.bar_rows_cal_iso (id, series, bar_seq) WHERE (closed_at IS DISTINCT FROM time_close) = false;
--> statement-breakpoint
CREATE INDEX bar_rows_cal_iso_late ON public.bar_rows_cal_iso (id, series, time_close) WHERE (closed_at IS DISTINCT FROM time_close) AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE TABLE public.bar_rows_cal_anchor_us PARTITION OF public.bar_rows FOR VALUES FROM (3000) TO (4000);
--> statement-breakpoint
CREATE UNIQUE INDEX bar_rows_cal_anchor_us_closed ON public.bar_rows_cal_anchor_us (id, series, time_close) WHERE (closed_at IS DISTINCT FROM time_close) = false;
--> statement-breakpoint
CREATE UNIQUE INDEX bar_rows_cal_anchor_us_closed_seq ON public.bar_rows_cal_anchor_us (id, series, bar_seq) WHERE (closed_at IS DISTINCT FROM time_close) = false;
--> statement-breakpoint
CREATE INDEX bar_rows_cal_anchor_us_late ON public.bar_rows_cal_anchor_us (id, series, time_close) WHERE (closed_at IS DISTINCT FROM time_close) AND closed_at IS NOT NULL;
--> statement-breakpoint
CREATE TABLE public.bar_rows_cal_anchor_iso PARTITION OF public.bar_rows FOR VALUES FROM (4000) TO (5000);
--> statement-breakpoint
CREATE UNIQUE INDEX bar_rows_cal_anchor_iso_closed ON public.bar_rows_cal_anchor_iso (id, series, time_close) WHERE (closed_at IS DISTINCT FROM time_close) = false;
--> statement-breakpoint
CREATE UNIQUE INDEX bar_rows_cal_anchor_iso_closed_seq ON public.bar_rows_cal_anchor_iso (id, series, bar_seq) WHERE (closed_at IS DISTINCT FROM time_close) = false;
--> statement-breakpoint
CREATE INDEX bar_rows_cal_anchor_iso_late ON public.bar_rows_cal_anchor_iso (id, series, time_close) WHERE (closed_at IS DISTINCT FROM time_close) AND closed_at IS NOT NULL;
--> statement-breakpoint
-- The views of the contract, until the tables of their names are gone in a schema of their own: what was converted is compared with them.
-- Through the parent and not through its parts, so that those can be exchanged.
DO $$
DECLARE
  family record;
BEGIN
  FOR family IN
    SELECT * FROM (VALUES ('multi_tf', 0), ('multi_tf_cal_us', 1), ('multi_tf_cal_iso', 2), ('multi_tf_cal_anchor_us', 3),
      ('multi_tf_cal_anchor_iso', 4)) f (source, thousand)
  LOOP
    EXECUTE format($view$
      CREATE VIEW ta_store.%I AS
      SELECT r.time_close,
        CASE WHEN r.open_age IS NULL THEN r.time_open WHEN r.time_open IS NOT NULL THEN NULL
          WHEN r.open_age < 0 THEN r.time_close + interval '1 millisecond' + r.open_age * interval '1 second'
          ELSE r.time_close - r.open_age * interval '1 second' END AS time_open,
        CASE WHEN r.high_age IS NULL THEN r.time_high WHEN r.time_high IS NOT NULL THEN NULL
          WHEN r.high_age < 0 THEN r.time_close + interval '1 millisecond' + r.high_age * interval '1 second'
          ELSE r.time_close - r.high_age * interval '1 second' END AS time_high,
        CASE WHEN r.low_age IS NULL THEN r.time_low WHEN r.time_low IS NOT NULL THEN NULL
          WHEN r.low_age < 0 THEN r.time_close + interval '1 millisecond' + r.low_age * interval '1 second'
          ELSE r.time_close - r.low_age * interval '1 second' END AS time_low,
        r.time_close AS "timestamp",
        r.time_close + interval '1 millisecond' AS last_ts_half_open,
        r.open,
        r.high,
        r.low,
        r.close,
        r.volume,
        r.market_cap,
        r.ingested_at,
        r.id,
        coalesce(r.tf_days, s.tf_days) AS tf_days,
        r.bar_seq,
        r.pos_in_bar::integer AS pos_in_bar,
        r.pos_in_bar::integer AS count_days,
        coalesce(r.count_days_remaining, coalesce(r.tf_days, s.tf_days) - r.pos_in_bar %s) AS count_days_remaining,
        coalesce(r.count_missing_days_start, 0) + coalesce(r.count_missing_days_interior, 0) AS count_missing_days,
        coalesce(r.count_missing_days_start, 0) AS count_missing_days_start,
        0 AS count_missing_days_end,
        coalesce(r.count_missing_days_interior, 0) AS count_missing_days_interior,
        %L::public.bar_alignment_source AS alignment_source,
        r.bar_anchor_offset,
        r.first_missing_day,
        r.last_missing_day,
        s.tf,
        coalesce(r.is_partial_start, false) AS is_partial_start,
        (r.closed_at IS DISTINCT FROM r.time_close) AS is_partial_end,
        coalesce(r.count_missing_days_start, 0) + coalesce(r.count_missing_days_interior, 0) > 0 AS is_missing_days,
        r.missing_days_where,
        r.closed_at
      FROM public.bar_rows r
      JOIN public.bar_series s ON s.series = r.series
      WHERE r.series >= %s AND r.series < %s
      $view$, 'cmc_price_bars_' || family.source,
      CASE family.source WHEN 'multi_tf' THEN ''
        ELSE '- coalesce(r.count_missing_days_start, 0) - coalesce(r.count_missing_days_interior, 0)' END,
      family.source, family.thousand * 1000, family.thousand * 1000 + 1000);
  END LOOP;
END
$$;
--> statement-breakpoint
CREATE VIEW ta_store.cmc_price_bars_multi_tf_u AS
SELECT * FROM ta_store.cmc_price_bars_multi_tf
UNION ALL SELECT * FROM ta_store.cmc_price_bars_multi_tf_cal_us
UNION ALL SELECT * FROM ta_store.cmc_price_bars_multi_tf_cal_iso
UNION ALL SELECT * FROM ta_store.cmc_price_bars_multi_tf_cal_anchor_us
UNION ALL SELECT * FROM ta_store.cmc_price_bars_multi_tf_cal_anchor_iso;
--> statement-breakpoint
-- From here until they are gone the tables of earlier versions stay as they are: what was converted cannot change behind the copy.
CREATE FUNCTION public.bar_conversion_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is being converted to slim rows: run `ta db migrate` to its end first', TG_TABLE_NAME
    USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;
--> statement-breakpoint
CREATE TABLE ta_store.bars_converted (id integer PRIMARY KEY, is_kept boolean NOT NULL);
--> statement-breakpoint
COMMENT ON TABLE ta_store.bars_converted IS 'Assets whose bars are slim rows, until all are; what was damaged is not kept and built again.';
--> statement-breakpoint
CREATE TRIGGER bar_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_price_bars_multi_tf_u
  FOR EACH STATEMENT EXECUTE FUNCTION public.bar_conversion_refusal();
--> statement-breakpoint
CREATE TRIGGER bar_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_price_bars_multi_tf
  FOR EACH STATEMENT EXECUTE FUNCTION public.bar_conversion_refusal();
--> statement-breakpoint
CREATE TRIGGER bar_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_price_bars_multi_tf_cal_us
  FOR EACH STATEMENT EXECUTE FUNCTION public.bar_conversion_refusal();
--> statement-breakpoint
CREATE TRIGGER bar_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_price_bars_multi_tf_cal_iso
  FOR EACH STATEMENT EXECUTE FUNCTION public.bar_conversion_refusal();
--> statement-breakpoint
CREATE TRIGGER bar_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_price_bars_multi_tf_cal_anchor_us
  FOR EACH STATEMENT EXECUTE FUNCTION public.bar_conversion_refusal();
--> statement-breakpoint
CREATE TRIGGER bar_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_price_bars_multi_tf_cal_anchor_iso
  FOR EACH STATEMENT EXECUTE FUNCTION public.bar_conversion_refusal();
