-- A DELETE that joins meets a value once per row joined: what is counted are the periods it meets, not how often.
CREATE OR REPLACE RULE ema_delete AS ON DELETE TO public.cmc_ema_multi_tf_u DO INSTEAD (
  INSERT INTO ta_store.ema_rows_in_part (id, ts, values_left)
  SELECT r.id, r.ts, (SELECT count(value) FROM unnest(r.ema) value) - count(DISTINCT OLD.period)
  FROM public.ema_rows r JOIN public.ema_series s ON s.series = r.series
  WHERE r.id = OLD.id AND r.ts = OLD.ts AND s.alignment_source = OLD.alignment_source AND s.tf = OLD.tf
  GROUP BY r.id, r.series, r.ts, r.ema
  HAVING count(DISTINCT OLD.period) < (SELECT count(value) FROM unnest(r.ema) value);
  DELETE FROM public.ema_rows r USING public.ema_series s
  WHERE r.id = OLD.id AND r.ts = OLD.ts AND s.series = r.series AND s.alignment_source = OLD.alignment_source AND s.tf = OLD.tf
);
