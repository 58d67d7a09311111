import {
  boolean,
  doublePrecision,
  integer,
  pgEnum,
  pgTable,
  pgView,
  primaryKey,
  smallint,
  text,
} from 'drizzle-orm/pg-core';
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

const emaView = <Name extends string>(name: Name) =>
  pgView(name, {
    ts: instant('ts'),
    ema: doublePrecision('ema'),
    d1: doublePrecision('d1'),
    d2: doublePrecision('d2'),
    d1Roll: doublePrecision('d1_roll'),
    d2Roll: doublePrecision('d2_roll'),
    emaBar: doublePrecision('ema_bar'),
    d1Bar: doublePrecision('d1_bar'),
    d2Bar: doublePrecision('d2_bar'),
    d1RollBar: doublePrecision('d1_roll_bar'),
    d2RollBar: doublePrecision('d2_roll_bar'),
    ingestedAt: instant('ingested_at'),
    id: integer('id'),
    period: integer('period'),
    tfDays: integer('tf_days'),
    alignmentSource: emaAlignmentSource('alignment_source'),
    tf: timeframeLabel('tf'),
    roll: boolean('roll'),
    rollBar: boolean('roll_bar'),
  }).existing();

/** All EMAs, one row per value: a view of {@link emaRows}. */
export const unifiedEmas = emaView('cmc_ema_multi_tf_u');

/** The six EMA tables of the contract by their `alignment_source`: views of {@link emaRows}. */
export const emaViews = {
  multi_tf: emaView('cmc_ema_multi_tf'),
  multi_tf_v2: emaView('cmc_ema_multi_tf_v2'),
  multi_tf_cal_us: emaView('cmc_ema_multi_tf_cal_us'),
  multi_tf_cal_iso: emaView('cmc_ema_multi_tf_cal_iso'),
  multi_tf_cal_anchor_us: emaView('cmc_ema_multi_tf_cal_anchor_us'),
  multi_tf_cal_anchor_iso: emaView('cmc_ema_multi_tf_cal_anchor_iso'),
} as const;

/** EMAs of closed bars under plain names, for researchers: a view over bars and EMAs. */
export const closedEmas = pgView('closed_emas', {
  asset: integer('asset'),
  timeframe: timeframeLabel('timeframe'),
  closedAt: instant('closed_at'),
  close: doublePrecision('close'),
  period: integer('period'),
  ema: doublePrecision('ema'),
}).existing();

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

const emaStateView = (source: EmaAlignmentSource) =>
  pgView(`cmc_ema_${source}_state`, {
    id: integer('id'),
    tf: timeframeLabel('tf'),
    period: integer('period'),
    dailyMinSeen: instant('daily_min_seen'),
    dailyMaxSeen: instant('daily_max_seen'),
    lastTimeClose: instant('last_time_close'),
    lastCanonicalTs: instant('last_canonical_ts'),
    lastBarSeq: integer('last_bar_seq'),
    barsSeen: longCount('bars_seen'),
    rowsSeen: longCount('rows_seen'),
    srcFullBuiltAt: instant('src_full_built_at'),
    updatedAt: instant('updated_at'),
  }).existing();

/** The state tables of the contract, (id, tf, period), as views on {@link emaState}. */
export const emaStateViews = {
  multi_tf: emaStateView('multi_tf'),
  multi_tf_v2: emaStateView('multi_tf_v2'),
  multi_tf_cal_us: emaStateView('multi_tf_cal_us'),
  multi_tf_cal_iso: emaStateView('multi_tf_cal_iso'),
  multi_tf_cal_anchor_us: emaStateView('multi_tf_cal_anchor_us'),
  multi_tf_cal_anchor_iso: emaStateView('multi_tf_cal_anchor_iso'),
} as const;

/** The operator's view of EMA progress; a missing row means "rebuild the EMAs of this id" (docs/state-management.md). */
export const emaRefreshState = pgTable('cmc_ema_refresh_state', {
  id: integer('id').primaryKey(),
  lastLoadTsDaily: instant('last_load_ts_daily'),
  lastLoadTsMulti: instant('last_load_ts_multi'),
  lastLoadTsCal: instant('last_load_ts_cal'),
  builtAt: instant('built_at').notNull().defaultNow(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});
