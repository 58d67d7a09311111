import { boolean, date, doublePrecision, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, longCount, timeframeLabel } from './column-types.ts';
import { emaAlignmentSource } from './emas.ts';

/** Source rows refused by the daily builder, with the first matching reason (docs/bars.md#daily-bars). */
export const dailyBarRejects = pgTable(
  'cmc_price_bars_1d_rejects',
  {
    timestamp: instant('timestamp').notNull(),
    barSeq: longCount('bar_seq'),
    timeOpen: instant('time_open'),
    timeClose: instant('time_close'),
    timeHigh: instant('time_high'),
    timeLow: instant('time_low'),
    open: doublePrecision('open'),
    high: doublePrecision('high'),
    low: doublePrecision('low'),
    close: doublePrecision('close'),
    volume: doublePrecision('volume'),
    marketCap: doublePrecision('market_cap'),
    srcLoadTs: instant('src_load_ts'),
    rawHigh: doublePrecision('raw_high'),
    rawLow: doublePrecision('raw_low'),
    rawTimeHigh: instant('raw_timehigh'),
    rawTimeLow: instant('raw_timelow'),
    rejectedAt: instant('rejected_at').notNull().defaultNow(),
    id: integer('id').notNull(),
    tf: timeframeLabel('tf'),
    srcName: text('src_name'),
    srcFile: text('src_file'),
    reason: text('reason').notNull(),
    isPartialStart: boolean('is_partial_start'),
    isPartialEnd: boolean('is_partial_end'),
    isMissingDays: boolean('is_missing_days'),
    day: date('day'),
    dayFrom: instant('day_from'),
    dayUntil: instant('day_until'),
  },
  (t) => [primaryKey({ name: 'cmc_price_bars_1d_rejects_pkey', columns: [t.id, t.timestamp] })],
);

/** Snapshots that the multi-day guard had to clamp, for all five tables (docs/bars.md#guard). */
export const multiDayBarRejects = pgTable(
  'cmc_price_bars_multi_tf_rejects',
  {
    tableName: text('table_name').notNull(),
    id: integer('id').notNull(),
    tf: timeframeLabel('tf').notNull(),
    barSeq: integer('bar_seq').notNull(),
    timestamp: instant('timestamp').notNull(),
    violationType: text('violation_type').notNull(),
    repairAction: text('repair_action').notNull(),
    originalOpen: doublePrecision('original_open'),
    originalHigh: doublePrecision('original_high'),
    originalLow: doublePrecision('original_low'),
    originalClose: doublePrecision('original_close'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({
      name: 'cmc_price_bars_multi_tf_rejects_pkey',
      columns: [t.id, t.tableName, t.tf, t.barSeq, t.timestamp, t.violationType],
    }),
  ],
);

/** EMA values outside their bounds or not finite, for all six tables (docs/emas.md#checks-of-values). */
export const emaRejects = pgTable(
  'ema_rejects',
  {
    tableName: text('table_name').notNull(),
    alignmentSource: emaAlignmentSource('alignment_source').notNull(),
    id: integer('id').notNull(),
    tf: timeframeLabel('tf').notNull(),
    period: integer('period').notNull(),
    timestamp: instant('timestamp').notNull(),
    series: text('series', { enum: ['ema', 'ema_bar'] }).notNull(),
    emaValue: doublePrecision('ema_value'),
    violationType: text('violation_type').notNull(),
    boundsInfo: jsonb('bounds_info').notNull().default({}),
    sourceBarClose: doublePrecision('source_bar_close'),
    createdAt: instant('created_at').notNull().defaultNow(),
    lastSeenAt: instant('last_seen_at').notNull().defaultNow(),
    hits: integer('hits').notNull().default(1),
    runId: text('run_id'),
  },
  (t) => [
    primaryKey({
      name: 'ema_rejects_pkey',
      columns: [t.id, t.tableName, t.tf, t.period, t.timestamp, t.violationType, t.series],
    }),
  ],
);
