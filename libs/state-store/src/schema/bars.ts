import {
  boolean,
  date,
  doublePrecision,
  integer,
  pgEnum,
  pgTable,
  pgView,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { doubles, instant, longCount, timeframeLabel } from './column-types.ts';

const dailyColumns = () => ({
  timestamp: instant('timestamp').notNull(),
  barSeq: longCount('bar_seq').notNull(),
  timeOpen: instant('time_open').notNull(),
  timeClose: instant('time_close').notNull(),
  timeHigh: instant('time_high').notNull(),
  timeLow: instant('time_low').notNull(),
  open: doublePrecision('open').notNull(),
  high: doublePrecision('high').notNull(),
  low: doublePrecision('low').notNull(),
  close: doublePrecision('close').notNull(),
  volume: doublePrecision('volume'),
  marketCap: doublePrecision('market_cap'),
  srcLoadTs: instant('src_load_ts'),
  updatedAt: instant('updated_at').notNull().defaultNow(),
  id: integer('id').notNull(),
  tf: timeframeLabel('tf').notNull().default('1D'),
  srcName: text('src_name'),
  srcFile: text('src_file'),
  isPartialStart: boolean('is_partial_start').notNull().default(false),
  isPartialEnd: boolean('is_partial_end').notNull().default(false),
  isMissingDays: boolean('is_missing_days').notNull(),
  repairedTimeHigh: boolean('repaired_timehigh').notNull().default(false),
  repairedTimeLow: boolean('repaired_timelow').notNull().default(false),
  repairedHigh: boolean('repaired_high').notNull().default(false),
  repairedLow: boolean('repaired_low').notNull().default(false),
  day: date('day').notNull(),
  dayFrom: instant('day_from').notNull(),
  dayUntil: instant('day_until').notNull(),
});

/** Daily bars (docs/bars.md#daily-bars). */
export const dailyBars = pgTable('cmc_price_bars_1d', dailyColumns(), (t) => [
  primaryKey({ name: 'cmc_price_bars_1d_pkey', columns: [t.id, t.timestamp] }),
  unique('cmc_price_bars_1d_bar_seq').on(t.id, t.tf, t.barSeq),
]);

/** State of the daily bars, one row per asset; a missing row means "rebuild" (docs/state-management.md#rules). */
export const dailyBarState = pgTable('cmc_price_bars_1d_state', {
  id: integer('id').primaryKey(),
  lastSrcTs: instant('last_src_ts'),
  dailyMinSeen: instant('daily_min_seen'),
  lastRunTs: instant('last_run_ts').notNull().defaultNow(),
  lastUpserted: integer('last_upserted').notNull().default(0),
  lastRepairedTimeHigh: integer('last_repaired_timehigh').notNull().default(0),
  lastRepairedTimeLow: integer('last_repaired_timelow').notNull().default(0),
  lastRejected: integer('last_rejected').notNull().default(0),
  srcRowCount: longCount('src_row_count'),
  srcMaxLoadTs: instant('src_max_load_ts'),
  fullBuiltAt: instant('full_built_at').notNull().defaultNow(),
  tz: text('tz').notNull(),
  revision: longCount('revision').notNull().default(0),
  dayRules: text('day_rules'),
  tradingDays: text('trading_days'),
});

/** One row each time stored daily history at or before the watermark changed; derived states record the last one applied. */
export const dailyBarRevisions = pgTable(
  'cmc_price_bars_1d_revisions',
  {
    id: integer('id').notNull(),
    revision: longCount('revision').notNull(),
    firstTs: instant('first_ts').notNull(),
    changedAt: instant('changed_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ name: 'cmc_price_bars_1d_revisions_pkey', columns: [t.id, t.revision] })],
);

/** Which of the five multi-day tables a bar belongs to; the partition key. */
export const barAlignmentSource = pgEnum('bar_alignment_source', [
  'multi_tf',
  'multi_tf_cal_us',
  'multi_tf_cal_iso',
  'multi_tf_cal_anchor_us',
  'multi_tf_cal_anchor_iso',
]);

/** The value of `alignment_source` in one multi-day bar table. */
export type BarAlignmentSource = (typeof barAlignmentSource.enumValues)[number];

const snapshotColumns = () => ({
  timeClose: instant('time_close').notNull(),
  timeOpen: instant('time_open').notNull(),
  timeHigh: instant('time_high'),
  timeLow: instant('time_low'),
  timestamp: instant('timestamp').notNull(),
  lastTsHalfOpen: instant('last_ts_half_open').notNull(),
  open: doublePrecision('open').notNull(),
  high: doublePrecision('high').notNull(),
  low: doublePrecision('low').notNull(),
  close: doublePrecision('close').notNull(),
  volume: doublePrecision('volume'),
  marketCap: doublePrecision('market_cap'),
  ingestedAt: instant('ingested_at').notNull().defaultNow(),
  id: integer('id').notNull(),
  tfDays: integer('tf_days').notNull(),
  barSeq: integer('bar_seq').notNull(),
  posInBar: integer('pos_in_bar').notNull(),
  countDays: integer('count_days').notNull(),
  countDaysRemaining: integer('count_days_remaining').notNull(),
  countMissingDays: integer('count_missing_days').notNull(),
  countMissingDaysStart: integer('count_missing_days_start').notNull(),
  countMissingDaysEnd: integer('count_missing_days_end').notNull().default(0),
  countMissingDaysInterior: integer('count_missing_days_interior').notNull(),
  barAnchorOffset: integer('bar_anchor_offset'),
  firstMissingDay: date('first_missing_day'),
  lastMissingDay: date('last_missing_day'),
  tf: timeframeLabel('tf').notNull(),
  isPartialStart: boolean('is_partial_start').notNull(),
  isPartialEnd: boolean('is_partial_end').notNull(),
  isMissingDays: boolean('is_missing_days').notNull(),
  missingDaysWhere: text('missing_days_where'),
  closedAt: instant('closed_at'),
});

/** Snapshots of all multi-day bars: the partitioned parent of the five tables (docs/bars.md#snapshots). */
export const multiDayBars = pgTable(
  'cmc_price_bars_multi_tf_u',
  { ...snapshotColumns(), alignmentSource: barAlignmentSource('alignment_source').notNull() },
  (t) => [
    primaryKey({ name: 'cmc_price_bars_multi_tf_u_pkey', columns: [t.id, t.timeClose, t.tf, t.alignmentSource] }),
  ],
);

const snapshotTable = (source: BarAlignmentSource) =>
  pgTable(`cmc_price_bars_${source}`, {
    ...snapshotColumns(),
    alignmentSource: barAlignmentSource('alignment_source').notNull().default(source),
  });

const snapshotStateTable = (source: BarAlignmentSource) =>
  pgTable(
    `cmc_price_bars_${source}_state`,
    {
      id: integer('id').notNull(),
      tf: timeframeLabel('tf').notNull(),
      tz: text('tz').notNull(),
      spec: text('spec').notNull(),
      dailyMinSeen: instant('daily_min_seen'),
      dailyMaxSeen: instant('daily_max_seen'),
      lastBarSeq: integer('last_bar_seq'),
      lastTimeClose: instant('last_time_close'),
      rowsSeen: longCount('rows_seen').notNull().default(0),
      srcFullBuiltAt: instant('src_full_built_at').notNull(),
      srcRevision: longCount('src_revision').notNull(),
      fullBuiltAt: instant('full_built_at').notNull(),
      resume: doubles('resume').notNull(),
      updatedAt: instant('updated_at').notNull().defaultNow(),
    },
    (t) => [primaryKey({ columns: [t.id, t.tf] })],
  );

/** The five multi-day tables by their `alignment_source`: partitions of {@link multiDayBars}. */
export const multiDayBarTables = {
  multi_tf: snapshotTable('multi_tf'),
  multi_tf_cal_iso: snapshotTable('multi_tf_cal_iso'),
  multi_tf_cal_us: snapshotTable('multi_tf_cal_us'),
  multi_tf_cal_anchor_iso: snapshotTable('multi_tf_cal_anchor_iso'),
  multi_tf_cal_anchor_us: snapshotTable('multi_tf_cal_anchor_us'),
} as const;

/** Their state tables, one row per asset and timeframe (docs/state-management.md#rules). */
export const multiDayBarStateTables = {
  multi_tf: snapshotStateTable('multi_tf'),
  multi_tf_cal_iso: snapshotStateTable('multi_tf_cal_iso'),
  multi_tf_cal_us: snapshotStateTable('multi_tf_cal_us'),
  multi_tf_cal_anchor_iso: snapshotStateTable('multi_tf_cal_anchor_iso'),
  multi_tf_cal_anchor_us: snapshotStateTable('multi_tf_cal_anchor_us'),
} as const;

const closedView = (source: BarAlignmentSource) =>
  pgView(`cmc_closed_bars_${source}`, {
    ...snapshotColumns(),
    alignmentSource: barAlignmentSource('alignment_source').notNull(),
  }).existing();

/** Closed bars for readers, one view per family: whether a bar closed on its last row's day or was known closed later. */
export const closedBarViews = {
  '1d': pgView('cmc_closed_bars_1d', { ...dailyColumns(), closedAt: instant('closed_at') }).existing(),
  multi_tf: closedView('multi_tf'),
  multi_tf_cal_iso: closedView('multi_tf_cal_iso'),
  multi_tf_cal_us: closedView('multi_tf_cal_us'),
  multi_tf_cal_anchor_iso: closedView('multi_tf_cal_anchor_iso'),
  multi_tf_cal_anchor_us: closedView('multi_tf_cal_anchor_us'),
} as const;
