-- What decides the numbers of this database: the first refresh writes it, a later one that says otherwise is refused.
CREATE TABLE public.ops_settings (
  name text NOT NULL,
  value jsonb NOT NULL,
  run_id text,
  set_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT ops_settings_pkey PRIMARY KEY (name),
  CONSTRAINT ops_settings_name CHECK (name IN ('zone', 'periods', 'timeframes'))
);
