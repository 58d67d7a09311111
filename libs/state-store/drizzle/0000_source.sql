-- Daily prices as delivered. Loaders, operators and other programs write here with plain SQL at any time.
CREATE TABLE public.cmc_price_histories7 (
  id integer NOT NULL,
  "timestamp" timestamptz NOT NULL,
  name text NOT NULL,
  timeopen timestamptz,
  timeclose timestamptz,
  timehigh timestamptz,
  timelow timestamptz,
  open double precision,
  high double precision,
  low double precision,
  close double precision,
  volume double precision,
  marketcap double precision,
  circulatingsupply double precision,
  date date,
  source_file text,
  load_ts timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT cmc_price_histories7_pkey PRIMARY KEY (id, "timestamp")
);
--> statement-breakpoint
CREATE VIEW public.price_histories7 AS SELECT * FROM public.cmc_price_histories7;
--> statement-breakpoint
CREATE TABLE public.dim_assets (
  id integer NOT NULL,
  name text NOT NULL,
  symbol text,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT dim_assets_pkey PRIMARY KEY (id),
  CONSTRAINT dim_assets_id_positive CHECK (id > 0)
);
--> statement-breakpoint
-- Invalidation log: which instants of which asset were touched since the last refresh.
CREATE TABLE public.cmc_price_histories7_changes (
  change_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  id integer NOT NULL,
  first_ts timestamptz NOT NULL,
  last_ts timestamptz NOT NULL,
  kind text NOT NULL,
  rows bigint NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT cmc_price_histories7_changes_pkey PRIMARY KEY (change_id),
  CONSTRAINT cmc_price_histories7_changes_kind CHECK (kind IN ('insert', 'update', 'delete', 'truncate'))
);
--> statement-breakpoint
CREATE INDEX cmc_price_histories7_changes_id ON public.cmc_price_histories7_changes (id);
--> statement-breakpoint
COMMENT ON TABLE public.cmc_price_histories7_changes IS
  'Written by the statement-level triggers of cmc_price_histories7, one row per statement and id; a refresh deletes what it has taken in.';
--> statement-breakpoint
-- SECURITY DEFINER: a loader that may write prices need not know of the log.
CREATE FUNCTION public.cmc_price_histories7_log_insert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.cmc_price_histories7_changes (id, first_ts, last_ts, kind, rows)
  SELECT n.id, min(n."timestamp"), max(n."timestamp"), 'insert', count(*) FROM new_rows n GROUP BY n.id ORDER BY n.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION public.cmc_price_histories7_log_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.cmc_price_histories7_changes (id, first_ts, last_ts, kind, rows)
  SELECT o.id, min(o."timestamp"), max(o."timestamp"), 'delete', count(*) FROM old_rows o GROUP BY o.id ORDER BY o.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Old and new rows are compared key by key, bit for bit (*<>): rows written back unchanged are not logged,
-- a moved key is logged where it was and where it went.
CREATE FUNCTION public.cmc_price_histories7_log_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.cmc_price_histories7_changes (id, first_ts, last_ts, kind, rows)
  SELECT c.id, min(c.ts), max(c.ts), 'update', count(*)
  FROM (
    SELECT coalesce(o.id, n.id) AS id, coalesce(o."timestamp", n."timestamp") AS ts
    FROM old_rows o FULL JOIN new_rows n ON n.id = o.id AND n."timestamp" = o."timestamp"
    WHERE o.id IS NULL OR n.id IS NULL OR o *<> n
  ) c
  GROUP BY c.id ORDER BY c.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Runs before the rows are gone, so that TRUNCATE is logged per id like everything else.
CREATE FUNCTION public.cmc_price_histories7_log_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.cmc_price_histories7_changes (id, first_ts, last_ts, kind, rows)
  SELECT s.id, min(s."timestamp"), max(s."timestamp"), 'truncate', count(*)
  FROM public.cmc_price_histories7 s GROUP BY s.id ORDER BY s.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER cmc_price_histories7_inserted AFTER INSERT ON public.cmc_price_histories7
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.cmc_price_histories7_log_insert();
--> statement-breakpoint
CREATE TRIGGER cmc_price_histories7_updated AFTER UPDATE ON public.cmc_price_histories7
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.cmc_price_histories7_log_update();
--> statement-breakpoint
CREATE TRIGGER cmc_price_histories7_deleted AFTER DELETE ON public.cmc_price_histories7
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.cmc_price_histories7_log_delete();
--> statement-breakpoint
CREATE TRIGGER cmc_price_histories7_truncated BEFORE TRUNCATE ON public.cmc_price_histories7
FOR EACH STATEMENT EXECUTE FUNCTION public.cmc_price_histories7_log_truncate();
