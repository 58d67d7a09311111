CREATE TABLE public.ops_runs (
  run_id text NOT NULL,
  command text NOT NULL,
  args jsonb NOT NULL DEFAULT '{}',
  status text NOT NULL,
  host text,
  pid integer,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  exit_code integer,
  metrics jsonb,
  CONSTRAINT ops_runs_pkey PRIMARY KEY (run_id),
  CONSTRAINT ops_runs_status CHECK (status IN ('running', 'ok', 'failed', 'interrupted', 'crashed'))
);
--> statement-breakpoint
CREATE INDEX ops_runs_started_at ON public.ops_runs (started_at);
--> statement-breakpoint
CREATE TABLE public.ops_run_items (
  run_id text NOT NULL,
  component text NOT NULL,
  step text NOT NULL,
  id integer NOT NULL,
  status text NOT NULL,
  started_at timestamptz,
  finished_at timestamptz,
  rows_read bigint NOT NULL DEFAULT 0,
  rows_written bigint NOT NULL DEFAULT 0,
  rows_deleted bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  repaired bigint NOT NULL DEFAULT 0,
  error text,
  CONSTRAINT ops_run_items_pkey PRIMARY KEY (run_id, component, step, id),
  CONSTRAINT ops_run_items_run FOREIGN KEY (run_id) REFERENCES public.ops_runs (run_id) ON DELETE CASCADE,
  CONSTRAINT ops_run_items_status CHECK (status IN ('pending', 'running', 'ok', 'noop', 'failed', 'skipped', 'no_source', 'no_bars'))
);
--> statement-breakpoint
CREATE TABLE public.ops_alerts (
  alert_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  dedup_key text NOT NULL,
  event text NOT NULL,
  severity text NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  run_id text,
  outcome text NOT NULL,
  suppressed_count integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  CONSTRAINT ops_alerts_pkey PRIMARY KEY (alert_id),
  CONSTRAINT ops_alerts_severity CHECK (severity IN ('INFO', 'WARNING', 'ERROR', 'CRITICAL'))
);
--> statement-breakpoint
CREATE INDEX ops_alerts_dedup_key ON public.ops_alerts (dedup_key, created_at);
--> statement-breakpoint
CREATE TABLE public.ops_validation_results (
  result_id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  run_id text,
  checked_at timestamptz NOT NULL DEFAULT now(),
  "check" text NOT NULL,
  name text NOT NULL,
  severity text NOT NULL,
  status text NOT NULL,
  table_name text,
  id integer,
  tf text COLLATE "C",
  period integer,
  key text,
  expected text,
  actual text,
  diff double precision,
  message text,
  detail jsonb,
  CONSTRAINT ops_validation_results_pkey PRIMARY KEY (result_id),
  CONSTRAINT ops_validation_results_status CHECK (status IN ('PASS', 'FAIL', 'SKIPPED'))
);
