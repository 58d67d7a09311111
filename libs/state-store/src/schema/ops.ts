import { doublePrecision, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, longCount, timeframeLabel } from './column-types.ts';

/** The settings that all numbers of this database depend on: the first refresh writes them, and every later one uses them. */
export const settings = pgTable('ops_settings', {
  name: text('name', { enum: ['zone', 'periods', 'timeframes'] }).primaryKey(),
  value: jsonb('value').notNull(),
  runId: text('run_id'),
  setAt: instant('set_at').notNull().defaultNow(),
});

/** Run history (docs/operations.md#logs). */
export const runs = pgTable(
  'ops_runs',
  {
    runId: text('run_id').primaryKey(),
    command: text('command').notNull(),
    args: jsonb('args').notNull().default({}),
    status: text('status', { enum: ['running', 'ok', 'failed', 'interrupted', 'crashed'] }).notNull(),
    host: text('host'),
    pid: integer('pid'),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at'),
    exitCode: integer('exit_code'),
    metrics: jsonb('metrics'),
  },
  (t) => [index('ops_runs_started_at').on(t.startedAt)],
);

/** The items (step, id) of a run (docs/operations.md#order, docs/operations.md#logs). */
export const runItems = pgTable(
  'ops_run_items',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.runId, { onDelete: 'cascade' }),
    component: text('component').notNull(),
    step: text('step').notNull(),
    id: integer('id').notNull(),
    status: text('status', {
      enum: ['pending', 'running', 'ok', 'noop', 'failed', 'skipped', 'no_source', 'no_bars'],
    }).notNull(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    rowsRead: longCount('rows_read').notNull().default(0),
    rowsWritten: longCount('rows_written').notNull().default(0),
    rowsDeleted: longCount('rows_deleted').notNull().default(0),
    rejected: longCount('rejected').notNull().default(0),
    repaired: longCount('repaired').notNull().default(0),
    error: text('error'),
  },
  (t) => [primaryKey({ name: 'ops_run_items_pkey', columns: [t.runId, t.component, t.step, t.id] })],
);

/** Alerts that were sent or suppressed (docs/operations.md#alerts). */
export const alerts = pgTable(
  'ops_alerts',
  {
    alertId: longCount('alert_id').primaryKey().generatedAlwaysAsIdentity(),
    dedupKey: text('dedup_key').notNull(),
    event: text('event').notNull(),
    severity: text('severity', { enum: ['INFO', 'WARNING', 'ERROR', 'CRITICAL'] }).notNull(),
    title: text('title').notNull(),
    body: text('body').notNull(),
    runId: text('run_id'),
    outcome: text('outcome').notNull(),
    suppressedCount: integer('suppressed_count').notNull().default(0),
    createdAt: instant('created_at').notNull().defaultNow(),
    sentAt: instant('sent_at'),
  },
  (t) => [index('ops_alerts_dedup_key').on(t.dedupKey, t.createdAt)],
);

/** Saved findings of the validator (docs/operations.md#validation). */
export const validationResults = pgTable('ops_validation_results', {
  resultId: longCount('result_id').primaryKey().generatedAlwaysAsIdentity(),
  runId: text('run_id'),
  checkedAt: instant('checked_at').notNull().defaultNow(),
  check: text('check').notNull(),
  name: text('name').notNull(),
  severity: text('severity').notNull(),
  status: text('status', { enum: ['PASS', 'FAIL', 'SKIPPED'] }).notNull(),
  tableName: text('table_name'),
  id: integer('id'),
  tf: timeframeLabel('tf'),
  period: integer('period'),
  key: text('key'),
  expected: text('expected'),
  actual: text('actual'),
  diff: doublePrecision('diff'),
  message: text('message'),
  detail: jsonb('detail'),
});
