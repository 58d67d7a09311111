import { boolean, doublePrecision, integer, pgEnum, pgTable, pgView, primaryKey, text } from 'drizzle-orm/pg-core';
import { doubles, instant, integers, longCount, timeframeLabel } from './column-types.ts';

/** Which of the six EMA tables a row belongs to; the partition key (emas.md 1.5). */
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

const emaColumns = () => ({
  ts: instant('ts').notNull(),
  ema: doublePrecision('ema').notNull(),
  d1: doublePrecision('d1'),
  d2: doublePrecision('d2'),
  d1Roll: doublePrecision('d1_roll'),
  d2Roll: doublePrecision('d2_roll'),
  emaBar: doublePrecision('ema_bar'),
  d1Bar: doublePrecision('d1_bar'),
  d2Bar: doublePrecision('d2_bar'),
  d1RollBar: doublePrecision('d1_roll_bar'),
  d2RollBar: doublePrecision('d2_roll_bar'),
  ingestedAt: instant('ingested_at').notNull().defaultNow(),
  id: integer('id').notNull(),
  period: integer('period').notNull(),
  tfDays: integer('tf_days').notNull(),
  tf: timeframeLabel('tf').notNull(),
  roll: boolean('roll').notNull(),
  rollBar: boolean('roll_bar'),
});

/** All EMAs: the partitioned parent of the six tables (emas.md 1.5, ruling 5). */
export const unifiedEmas = pgTable(
  'cmc_ema_multi_tf_u',
  { ...emaColumns(), alignmentSource: emaAlignmentSource('alignment_source').notNull() },
  (t) => [primaryKey({ name: 'cmc_ema_multi_tf_u_pkey', columns: [t.id, t.ts, t.tf, t.period, t.alignmentSource] })],
);

const emaTable = (source: EmaAlignmentSource) =>
  pgTable(`cmc_ema_${source}`, {
    ...emaColumns(),
    alignmentSource: emaAlignmentSource('alignment_source').notNull().default(source),
  });

/** The six EMA tables by their `alignment_source`: partitions of {@link unifiedEmas}. */
export const emaTables = {
  multi_tf: emaTable('multi_tf'),
  multi_tf_v2: emaTable('multi_tf_v2'),
  multi_tf_cal_us: emaTable('multi_tf_cal_us'),
  multi_tf_cal_iso: emaTable('multi_tf_cal_iso'),
  multi_tf_cal_anchor_us: emaTable('multi_tf_cal_anchor_us'),
  multi_tf_cal_anchor_iso: emaTable('multi_tf_cal_anchor_iso'),
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

/** EMA state, one row per asset, table and timeframe; its periods advance together (emas.md 3.3). */
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

/** The operator's view of EMA progress; a missing row means "rebuild the EMAs of this id" (ruling 4). */
export const emaRefreshState = pgTable('cmc_ema_refresh_state', {
  id: integer('id').primaryKey(),
  lastLoadTsDaily: instant('last_load_ts_daily'),
  lastLoadTsMulti: instant('last_load_ts_multi'),
  lastLoadTsCal: instant('last_load_ts_cal'),
  builtAt: instant('built_at').notNull().defaultNow(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});
