import type { TimeframeRow } from '@ta/bars-core/engine';
import type { Database, Session } from './connect/database.ts';
import { quoteIdentifier } from './copy/layout.ts';
import { mergeJsonRows, type JsonColumns, type MergeCounts } from './write/json-rows.ts';

/** Smoothing factors of one (timeframe, period): a row of `ema_alpha_lookup` (docs/emas.md#smoothing-factors). */
export interface EmaAlphaRow {
  readonly tf: string;
  readonly period: number;
  readonly tfDaysNominal: number;
  readonly alphaEmaDailyspace: number;
  readonly alphaBar: number;
  readonly alphaBarPreviewDaily: number;
  readonly displayOrder: number | null;
}

/** The seed of the dimension tables. The application computes it; the store has no catalogue of its own. */
export interface DimensionSeeds {
  readonly timeframes: readonly TimeframeRow[];
  readonly periods: readonly number[];
  readonly alphas: readonly EmaAlphaRow[];
}

/** The changes of a seeding, per table. */
export interface SeedCounts {
  readonly timeframes: MergeCounts;
  readonly periods: MergeCounts;
  readonly alphas: MergeCounts;
}

const TIMEFRAME_COLUMNS: JsonColumns = {
  tf: 'text',
  label: 'text',
  base_unit: 'text',
  tf_qty: 'int',
  tf_days_nominal: 'int',
  alignment_type: 'text',
  calendar_anchor: 'text',
  roll_policy: 'text',
  has_roll_flag: 'bool',
  is_intraday: 'bool',
  sort_order: 'int',
  description: 'text',
  is_canonical: 'bool',
  calendar_scheme: 'text',
  allow_partial_start: 'bool',
  allow_partial_end: 'bool',
  tf_days_min: 'int',
  tf_days_max: 'int',
};

const ALPHA_COLUMNS: JsonColumns = {
  tf: 'text',
  period: 'int',
  tf_days_nominal: 'int',
  alpha_ema_dailyspace: 'float8',
  alpha_bar: 'float8',
  alpha_bar_preview_daily: 'float8',
  display_order: 'int',
};

/**
 * Updates `dim_timeframe`, `dim_period` and `ema_alpha_lookup` to the seed, in one transaction. Idempotent. It keeps rows that an
 * operator added, and the operator's choices: `is_canonical`, and the list of periods unless it is empty.
 */
export async function seedDimensions(database: Database, seed: DimensionSeeds): Promise<SeedCounts> {
  return database.transaction((tx) => mergeDimensions(tx, seed));
}

/** {@link seedDimensions} inside the caller's transaction. */
export async function mergeDimensions(tx: Session, seed: DimensionSeeds): Promise<SeedCounts> {
  const [periods, factors] = [await periodsIn(tx, 'dim_period'), await periodsIn(tx, 'ema_alpha_lookup')];
  return {
    timeframes: await mergeJsonRows(
      tx,
      { table: 'dim_timeframe', columns: TIMEFRAME_COLUMNS, key: ['tf'], keep: ['is_canonical'] },
      seed.timeframes.map(timeframeColumns),
    ),
    periods: await mergeJsonRows(
      tx,
      { table: 'dim_period', columns: { period: 'int', label: 'text', description: 'text' }, key: ['period'] },
      seed.periods
        .filter(isWanted(periods))
        .map((period) => ({ period, label: `EMA ${period}`, description: `EMA over ${period} bars` })),
    ),
    alphas: await mergeJsonRows(
      tx,
      // sort_order counts the existing periods
      { table: 'ema_alpha_lookup', columns: ALPHA_COLUMNS, key: ['tf', 'period'], keep: ['display_order'] },
      seed.alphas.filter(({ period }) => isWanted(factors)(period)).map(alphaColumns),
    ),
  };
}

/** Only an empty table gets the periods of the seed: adding removed ones to another table would make runs compute them again. */
function isWanted(present: ReadonlySet<number>): (period: number) => boolean {
  return (period) => present.size === 0 || present.has(period);
}

async function periodsIn(tx: Session, table: 'dim_period' | 'ema_alpha_lookup'): Promise<Set<number>> {
  const rows = await tx.query<{ period: number }>(`SELECT DISTINCT period FROM ${quoteIdentifier(table)}`);
  return new Set(rows.map(({ period }) => period));
}

function timeframeColumns(row: TimeframeRow) {
  return {
    tf: row.tf,
    label: row.label,
    base_unit: row.baseUnit,
    tf_qty: row.tfQty,
    tf_days_nominal: row.tfDaysNominal,
    alignment_type: row.alignmentType,
    calendar_anchor: row.calendarAnchor,
    roll_policy: row.rollPolicy,
    has_roll_flag: row.hasRollFlag,
    is_intraday: row.isIntraday,
    sort_order: row.sortOrder,
    description: row.description,
    is_canonical: row.isCanonical,
    calendar_scheme: row.calendarScheme,
    allow_partial_start: row.allowPartialStart,
    allow_partial_end: row.allowPartialEnd,
    tf_days_min: row.tfDaysMin,
    tf_days_max: row.tfDaysMax,
  };
}

function alphaColumns(row: EmaAlphaRow) {
  return {
    tf: row.tf,
    period: row.period,
    tf_days_nominal: row.tfDaysNominal,
    alpha_ema_dailyspace: row.alphaEmaDailyspace,
    alpha_bar: row.alphaBar,
    alpha_bar_preview_daily: row.alphaBarPreviewDaily,
    display_order: row.displayOrder,
  };
}
