-- A row of an absurd instant (infinite, or of a year outside 0001 to 9999) is logged at the end of time where it lies: the log keeps
-- instants that every program reads, and no row stops the refresh of other assets.
CREATE OR REPLACE FUNCTION public.cmc_price_histories7_log_insert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.cmc_price_histories7_changes (id, first_ts, last_ts, kind, rows)
  SELECT c.id, greatest(least(min(c.ts), '9999-12-31 23:59:59.999999+00'), '0001-01-01 00:00:00+00'),
    greatest(least(max(c.ts), '9999-12-31 23:59:59.999999+00'), '0001-01-01 00:00:00+00'), 'insert', count(*)
  FROM (SELECT r.id, r."timestamp" AS ts FROM new_rows r) c GROUP BY c.id ORDER BY c.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION public.cmc_price_histories7_log_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.cmc_price_histories7_changes (id, first_ts, last_ts, kind, rows)
  SELECT c.id, greatest(least(min(c.ts), '9999-12-31 23:59:59.999999+00'), '0001-01-01 00:00:00+00'),
    greatest(least(max(c.ts), '9999-12-31 23:59:59.999999+00'), '0001-01-01 00:00:00+00'), 'delete', count(*)
  FROM (SELECT r.id, r."timestamp" AS ts FROM old_rows r) c GROUP BY c.id ORDER BY c.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION public.cmc_price_histories7_log_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.cmc_price_histories7_changes (id, first_ts, last_ts, kind, rows)
  SELECT c.id, greatest(least(min(c.ts), '9999-12-31 23:59:59.999999+00'), '0001-01-01 00:00:00+00'),
    greatest(least(max(c.ts), '9999-12-31 23:59:59.999999+00'), '0001-01-01 00:00:00+00'), 'update', count(*)
  FROM (
    SELECT coalesce(o.id, n.id) AS id, coalesce(o."timestamp", n."timestamp") AS ts
    FROM old_rows o FULL JOIN new_rows n ON n.id = o.id AND n."timestamp" = o."timestamp"
    WHERE o.id IS NULL OR n.id IS NULL OR o *<> n
  ) c GROUP BY c.id ORDER BY c.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION public.cmc_price_histories7_log_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.cmc_price_histories7_changes (id, first_ts, last_ts, kind, rows)
  SELECT c.id, greatest(least(min(c.ts), '9999-12-31 23:59:59.999999+00'), '0001-01-01 00:00:00+00'),
    greatest(least(max(c.ts), '9999-12-31 23:59:59.999999+00'), '0001-01-01 00:00:00+00'), 'truncate', count(*)
  FROM (SELECT r.id, r."timestamp" AS ts FROM public.cmc_price_histories7 r) c GROUP BY c.id ORDER BY c.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
UPDATE public.cmc_price_histories7_changes SET
  first_ts = greatest(least(first_ts, '9999-12-31 23:59:59.999999+00'), '0001-01-01 00:00:00+00'),
  last_ts = greatest(least(last_ts, '9999-12-31 23:59:59.999999+00'), '0001-01-01 00:00:00+00')
WHERE first_ts NOT BETWEEN '0001-01-01 00:00:00+00' AND '9999-12-31 23:59:59.999999+00'
  OR last_ts NOT BETWEEN '0001-01-01 00:00:00+00' AND '9999-12-31 23:59:59.999999+00';
