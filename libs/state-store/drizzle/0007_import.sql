-- Days of such an asset were made of closes alone: open, high and low are the close.
ALTER TABLE public.dim_assets ADD COLUMN is_close_only boolean NOT NULL DEFAULT false;
--> statement-breakpoint
-- How files of no known format are read, by a name that the operator gave.
CREATE TABLE public.import_profiles (
  profile text NOT NULL,
  columns jsonb NOT NULL,
  date_order text,
  decimal_sign text,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT import_profiles_pkey PRIMARY KEY (profile),
  CONSTRAINT import_profiles_date_order CHECK (date_order IN ('ymd', 'dmy', 'mdy')),
  CONSTRAINT import_profiles_decimal_sign CHECK (decimal_sign IN ('.', ','))
);
