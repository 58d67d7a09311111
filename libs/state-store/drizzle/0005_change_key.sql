-- Every key of a table with rows of assets contains the asset, the log of changes included: what is found by id can be
-- distributed by id. The key serves what its own index on id served.
ALTER TABLE public.cmc_price_histories7_changes
  DROP CONSTRAINT cmc_price_histories7_changes_pkey,
  ADD CONSTRAINT cmc_price_histories7_changes_pkey PRIMARY KEY (id, change_id);
--> statement-breakpoint
DROP INDEX public.cmc_price_histories7_changes_id;
