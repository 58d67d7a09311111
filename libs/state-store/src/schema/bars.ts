import {
  boolean,
  date,
  doublePrecision,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { doubles, instant, longCount, timeframeLabel } from './column-types.ts';

/** Daily bars (docs/bars.md#daily-bars). */
export const dailyBars = pgTable(
  'cmc_price_bars_1d',
  {
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
  },
  (t) => [
    primaryKey({ name: 'cmc_price_bars_1d_pkey', columns: [t.id, t.timestamp] }),
    unique('cmc_price_bars_1d_bar_seq').on(t.id, t.tf, t.barSeq),
  ],
);

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

/** Which of the five multi-day tables a bar belongs to. */
export const barAlignmentSource = pgEnum('bar_alignment_source', [
  'multi_tf',
  'multi_tf_cal_us',
  'multi_tf_cal_iso',
  'multi_tf_cal_anchor_us',
  'multi_tf_cal_anchor_iso',
]);

/** The value of `alignment_source` in one multi-day bar table. */
export type BarAlignmentSource = (typeof barAlignmentSource.enumValues)[number];

const slimColumns = () => ({
  timeClose: instant('time_close').notNull(),
  ingestedAt: instant('ingested_at').notNull().defaultNow(),
  open: doublePrecision('open').notNull(),
  high: doublePrecision('high').notNull(),
  low: doublePrecision('low').notNull(),
  close: doublePrecision('close').notNull(),
  volume: doublePrecision('volume'),
  marketCap: doublePrecision('market_cap'),
  closedAt: instant('closed_at'),
  timeOpen: instant('time_open'),
  timeHigh: instant('time_high'),
  timeLow: instant('time_low'),
  id: integer('id').notNull(),
  barSeq: integer('bar_seq').notNull(),
  openAge: integer('open_age'),
  highAge: integer('high_age'),
  lowAge: integer('low_age'),
  barAnchorOffset: integer('bar_anchor_offset'),
  countMissingDaysStart: integer('count_missing_days_start'),
  countMissingDaysInterior: integer('count_missing_days_interior'),
  firstMissingDay: date('first_missing_day'),
  lastMissingDay: date('last_missing_day'),
  series: smallint('series').notNull(),
  posInBar: smallint('pos_in_bar').notNull(),
  tfDays: smallint('tf_days'),
  countDaysRemaining: smallint('count_days_remaining'),
  isPartialStart: boolean('is_partial_start'),
  missingDaysWhere: text('missing_days_where'),
});

/**
 * Multi-day bars as stored: one row per asset, series and day. The comments of the columns in the database explain their NULLs;
 * usually NULL means that the value follows from other columns.
 */
export const barRows = pgTable('bar_rows', slimColumns(), (t) => [
  primaryKey({ name: 'bar_rows_pkey', columns: [t.id, t.timeClose, t.series] }),
]);

const bySource = <T>(make: (source: BarAlignmentSource) => T) =>
  Object.fromEntries(barAlignmentSource.enumValues.map((source) => [source, make(source)])) as Readonly<
    Record<BarAlignmentSource, T>
  >;

/** The partitions of {@link barRows}, by the `alignment_source` of the multi-day table whose rows they hold. */
export const barRowParts = bySource((source) =>
  pgTable(`bar_rows_${source.replace('multi_tf_', '')}`, slimColumns(), (t) => [
    primaryKey({ columns: [t.id, t.timeClose, t.series] }),
  ]),
);

/**
 * A series: a timeframe of one of the five multi-day tables. Each table has its own range of 1000 numbers, in the order of
 * {@link barAlignmentSource}.
 */
export const barSeries = pgTable('bar_series', {
  series: smallint('series').primaryKey(),
  tfDays: integer('tf_days').notNull(),
  alignmentSource: barAlignmentSource('alignment_source').notNull(),
  tf: timeframeLabel('tf').notNull(),
});

/** The state tables of the five multi-day tables, one row per asset and timeframe (docs/state-management.md#rules). */
export const multiDayBarStateTables = bySource((source) =>
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
  ),
);
