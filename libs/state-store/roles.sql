-- Roles with no more rights than their work needs. Run as the owner of the tables, after `ta db migrate` and again after
-- every later one:
--   psql "$DATABASE_URL" -f libs/state-store/roles.sql
-- Grant them to your logins: GRANT ta_refresh TO nightly; GRANT ta_read TO researcher;
-- A role of each name that is there already is taken as it is.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ta_read') THEN CREATE ROLE ta_read NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ta_refresh') THEN CREATE ROLE ta_refresh NOLOGIN; END IF;
END
$$;

-- reads everything: the validator, the chart page, notebooks
GRANT USAGE ON SCHEMA public, ta_store TO ta_read;
GRANT SELECT ON ALL TABLES IN SCHEMA public, ta_store TO ta_read;

-- runs the refresh: writes what is derived, its state and the history of runs; prices, assets and dimensions it only reads
GRANT ta_read TO ta_refresh;
-- whatever more an earlier version of this file gave
REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public FROM ta_refresh;
GRANT INSERT, DELETE ON public.cmc_price_histories7_changes TO ta_refresh;
-- rows that are replaced, never edited
GRANT INSERT, DELETE ON
  public.cmc_price_bars_1d, public.cmc_price_bars_1d_rejects,
  public.cmc_price_bars_1d_revisions,
  public.bar_rows, public.bar_rows_multi_tf, public.bar_rows_cal_iso, public.bar_rows_cal_us, public.bar_rows_cal_anchor_iso,
  public.bar_rows_cal_anchor_us,
  public.cmc_price_bars_multi_tf_rejects, public.cmc_price_bars_multi_tf_state,
  public.cmc_price_bars_multi_tf_cal_iso_state, public.cmc_price_bars_multi_tf_cal_us_state,
  public.cmc_price_bars_multi_tf_cal_anchor_iso_state, public.cmc_price_bars_multi_tf_cal_anchor_us_state,
  public.ema_rows, public.cmc_ema_state
TO ta_refresh;
GRANT INSERT ON public.bar_series, public.ema_series TO ta_refresh;
-- of which one thing may be known later only: when a bar was known closed
GRANT UPDATE (closed_at) ON
  public.bar_rows, public.bar_rows_multi_tf, public.bar_rows_cal_iso, public.bar_rows_cal_us, public.bar_rows_cal_anchor_iso,
  public.bar_rows_cal_anchor_us
TO ta_refresh;
-- rows that are edited in place
GRANT INSERT, UPDATE, DELETE ON
  public.cmc_price_bars_1d_state, public.cmc_ema_refresh_state, public.ema_rejects
TO ta_refresh;
GRANT INSERT, UPDATE ON public.ops_runs, public.ops_run_items, public.ops_settings TO ta_refresh;
GRANT INSERT ON public.ops_alerts, public.ops_validation_results TO ta_refresh;
-- rights on schemas that other parts of the program make (a queue of work) follow here

-- a reader that holds the advisory lock of a run keeps refreshes away: whoever only reads takes none. They belong to the
-- server, so that only a superuser can take them from everybody; other programs in this database need a grant of their own
DO $$
DECLARE
  lock_function regprocedure;
BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    RAISE NOTICE 'advisory locks are open to every login: only a superuser can change that';
    RETURN;
  END IF;
  FOR lock_function IN
    SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^pg_(try_)?advisory_(xact_)?lock(_shared)?$'
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', lock_function);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO ta_refresh, pg_database_owner, %s', lock_function,
      (SELECT relowner::regrole FROM pg_class WHERE oid = 'public.dim_assets'::regclass));
  END LOOP;
END
$$;

-- the queue of --distribute, where `ta db migrate` made one: callers and workers are logins of the refresh
DO $$
BEGIN
  IF to_regnamespace('ta_queue') IS NOT NULL THEN
    GRANT USAGE ON SCHEMA ta_queue TO ta_read;
    GRANT SELECT ON ALL TABLES IN SCHEMA ta_queue TO ta_read;
    GRANT INSERT, UPDATE, DELETE ON ta_queue.job TO ta_refresh;
  END IF;
END
$$;
