-- The civil day of a daily bar is decided once, by the program, and stored: SQL reads it and never turns an instant into a day.
-- Stored bars get the day of UTC here, which is right in UTC alone. Their repairs, and which of two rows of a day is the day, were
-- decided by earlier rules in every zone: the states have no day_rules, and the next refresh builds the daily bars again.
ALTER TABLE public.cmc_price_bars_1d
  ADD COLUMN day date,
  ADD COLUMN day_from timestamptz,
  ADD COLUMN day_until timestamptz;
--> statement-breakpoint
ALTER TABLE public.cmc_price_bars_1d
  ALTER COLUMN day TYPE date USING ("timestamp" AT TIME ZONE 'UTC')::date,
  ALTER COLUMN day SET NOT NULL,
  ALTER COLUMN day_from TYPE timestamptz USING ("timestamp" AT TIME ZONE 'UTC')::date::timestamp AT TIME ZONE 'UTC',
  ALTER COLUMN day_from SET NOT NULL,
  ALTER COLUMN day_until TYPE timestamptz USING (("timestamp" AT TIME ZONE 'UTC')::date + 1)::timestamp AT TIME ZONE 'UTC',
  ALTER COLUMN day_until SET NOT NULL;
--> statement-breakpoint
ALTER TABLE public.cmc_price_bars_1d_rejects
  ADD COLUMN day date,
  ADD COLUMN day_from timestamptz,
  ADD COLUMN day_until timestamptz;
--> statement-breakpoint
UPDATE public.cmc_price_bars_1d_rejects SET
  day = ("timestamp" AT TIME ZONE 'UTC')::date,
  day_from = ("timestamp" AT TIME ZONE 'UTC')::date::timestamp AT TIME ZONE 'UTC',
  day_until = (("timestamp" AT TIME ZONE 'UTC')::date + 1)::timestamp AT TIME ZONE 'UTC'
WHERE isfinite("timestamp");
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_price_bars_1d.day IS 'Civil day of the bar in the zone of its state.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_price_bars_1d.day_from IS 'First instant of that day; it may have 23, 24 or 25 hours.';
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_price_bars_1d.day_until IS 'First instant of the day after it.';
--> statement-breakpoint
ALTER TABLE public.cmc_price_bars_1d_state ADD COLUMN day_rules text;
--> statement-breakpoint
COMMENT ON COLUMN public.cmc_price_bars_1d_state.day_rules IS
  'Fingerprint of the offsets of the zone by which the days were decided; NULL has the daily bars built again.';
