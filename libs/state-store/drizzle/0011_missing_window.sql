-- A source row without its opening or closing instant was refused; now it gets those of its civil day. The next refresh reads again
-- from the first refused day on.
INSERT INTO public.cmc_price_histories7_changes (id, first_ts, last_ts, kind, rows)
SELECT id, min("timestamp"), max("timestamp"), 'update', count(*)
FROM public.cmc_price_bars_1d_rejects WHERE reason = 'null_time_open_time_close' GROUP BY id;
