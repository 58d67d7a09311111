-- EMAs are stored packed: one row per asset, series and instant, with the values of all periods in an array. A series is a
-- timeframe of one of the six tables together with its periods, which always advance together.
CREATE TABLE public.ema_series (
  series smallint GENERATED ALWAYS AS IDENTITY,
  tf_days integer NOT NULL,
  alignment_source public.ema_alignment_source NOT NULL,
  tf text COLLATE "C" NOT NULL,
  periods integer[] NOT NULL,
  CONSTRAINT ema_series_pkey PRIMARY KEY (series),
  CONSTRAINT ema_series_of UNIQUE (alignment_source, tf, tf_days, periods)
);
--> statement-breakpoint
COMMENT ON TABLE public.ema_series IS 'What ema_rows.series stands for; periods ascend, and their order is that of the arrays.';
--> statement-breakpoint
-- Key order (id, series, ts): a series is one range of the index. Hash partitions by id, one to begin with: their number may change
-- without a change of the views. No foreign key to ema_series: it would cost a look-up per row.
CREATE TABLE public.ema_rows (
  ts timestamptz NOT NULL,
  ingested_at timestamptz NOT NULL DEFAULT now(),
  id integer NOT NULL,
  series smallint NOT NULL,
  roll boolean NOT NULL,
  ema double precision[] NOT NULL,
  ema_bar double precision[],
  CONSTRAINT ema_rows_pkey PRIMARY KEY (id, series, ts)
) PARTITION BY HASH (id);
--> statement-breakpoint
CREATE TABLE public.ema_rows_h1_0 PARTITION OF public.ema_rows FOR VALUES WITH (MODULUS 1, REMAINDER 0);
--> statement-breakpoint
COMMENT ON TABLE public.ema_rows IS 'EMAs as they are stored, by ema_series; cmc_ema_multi_tf_u and its six parts are views of it.';
--> statement-breakpoint
COMMENT ON COLUMN public.ema_rows.ema IS 'One value per period of the series, shorter while longer periods have none yet.';
--> statement-breakpoint
-- From here until they are gone the tables of earlier versions stay as they are: what was converted cannot change behind the copy.
CREATE FUNCTION public.ema_conversion_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is being converted to packed rows: run `ta db migrate` to its end first', TG_TABLE_NAME
    USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;
--> statement-breakpoint
CREATE TABLE ta_store.ema_converted (id integer PRIMARY KEY, is_kept boolean NOT NULL);
--> statement-breakpoint
COMMENT ON TABLE ta_store.ema_converted IS 'Assets whose EMAs are packed, until all are; what was damaged is not kept and built again.';
--> statement-breakpoint
CREATE TRIGGER ema_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_ema_multi_tf_u
  FOR EACH STATEMENT EXECUTE FUNCTION public.ema_conversion_refusal();
--> statement-breakpoint
CREATE TRIGGER ema_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_ema_multi_tf
  FOR EACH STATEMENT EXECUTE FUNCTION public.ema_conversion_refusal();
--> statement-breakpoint
CREATE TRIGGER ema_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_ema_multi_tf_v2
  FOR EACH STATEMENT EXECUTE FUNCTION public.ema_conversion_refusal();
--> statement-breakpoint
CREATE TRIGGER ema_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_ema_multi_tf_cal_us
  FOR EACH STATEMENT EXECUTE FUNCTION public.ema_conversion_refusal();
--> statement-breakpoint
CREATE TRIGGER ema_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_ema_multi_tf_cal_iso
  FOR EACH STATEMENT EXECUTE FUNCTION public.ema_conversion_refusal();
--> statement-breakpoint
CREATE TRIGGER ema_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_ema_multi_tf_cal_anchor_us
  FOR EACH STATEMENT EXECUTE FUNCTION public.ema_conversion_refusal();
--> statement-breakpoint
CREATE TRIGGER ema_conversion BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.cmc_ema_multi_tf_cal_anchor_iso
  FOR EACH STATEMENT EXECUTE FUNCTION public.ema_conversion_refusal();
