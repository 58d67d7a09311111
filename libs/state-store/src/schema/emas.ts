import { boolean, integer, pgEnum, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { doubles, instant, integers, longCount, timeframeLabel } from './column-types.ts';

/** Which of the six EMA tables a row belongs to (docs/emas.md#tables). */
export const emaAlignmentSource = pgEnum('ema_alignment_source', [
  'multi_tf',
  'multi_tf_v2',
  'multi_tf_cal_us',
  'multi_tf_cal_iso',
  'multi_tf_cal_anchor_us',
  'multi_tf_cal_anchor_iso',
]);

/** The value of `alignment_source` in one EMA table. */
export type EmaAlignmentSource = (typeof emaAlignmentSource.enumValues)[number];

/** EMAs as they are stored: one row per asset, series and instant, with the values of all periods of the series. */
export const emaRows = pgTable(
  'ema_rows',
  {
    ts: instant('ts').notNull(),
    ingestedAt: instant('ingested_at').notNull().defaultNow(),
    id: integer('id').notNull(),
    series: smallint('series').notNull(),
    roll: boolean('roll').notNull(),
    ema: doubles('ema').notNull(),
    emaBar: doubles('ema_bar'),
  },
  (t) => [primaryKey({ name: 'ema_rows_pkey', columns: [t.id, t.series, t.ts] })],
);

/** A series: a timeframe of one EMA table with its periods, which always advance together. */
export const emaSeries = pgTable('ema_series', {
  series: smallint('series').primaryKey().generatedAlwaysAsIdentity(),
  tfDays: integer('tf_days').notNull(),
  alignmentSource: emaAlignmentSource('alignment_source').notNull(),
  tf: timeframeLabel('tf').notNull(),
  periods: integers('periods').notNull(),
});

/** EMA state, one row per asset, table and timeframe; its periods advance together (docs/state-management.md). */
export const emaState = pgTable(
  'cmc_ema_state',
  {
    id: integer('id').notNull(),
    alignmentSource: emaAlignmentSource('alignment_source').notNull(),
    tf: timeframeLabel('tf').notNull(),
    paramsHash: text('params_hash').notNull(),
    periods: integers('periods').notNull(),
    dailyMinSeen: instant('daily_min_seen'),
    dailyMaxSeen: instant('daily_max_seen'),
    lastTs: instant('last_ts'),
    lastTimeClose: instant('last_time_close'),
    lastCanonicalTs: instant('last_canonical_ts'),
    lastBarSeq: integer('last_bar_seq'),
    rowsSeen: longCount('rows_seen').notNull().default(0),
    barsSeen: longCount('bars_seen').notNull().default(0),
    dailyFullBuiltAt: instant('daily_full_built_at'),
    barsFullBuiltAt: instant('bars_full_built_at'),
    srcRevision: longCount('src_revision').notNull().default(0),
    resetStamp: instant('reset_stamp'),
    resume: doubles('resume').notNull(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ name: 'cmc_ema_state_pkey', columns: [t.id, t.alignmentSource, t.tf] })],
);

/** The operator's view of EMA progress; a missing row means "rebuild the EMAs of this id" (docs/state-management.md). */
export const emaRefreshState = pgTable('cmc_ema_refresh_state', {
  id: integer('id').primaryKey(),
  lastLoadTsDaily: instant('last_load_ts_daily'),
  lastLoadTsMulti: instant('last_load_ts_multi'),
  lastLoadTsCal: instant('last_load_ts_cal'),
  builtAt: instant('built_at').notNull().defaultNow(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});
