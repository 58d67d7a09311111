import type { BarFamily } from '@ta/bars-core/engine';

/** One table of the comparison. */
export interface GoldenTableSpec {
  /** Name of our table and of the golden file. */
  readonly name: string;
  /** `nominal` for the calendar EMAs, since those in `small` have a wrong number of days (docs/golden.md#how-it-runs). */
  readonly folder: 'small' | 'nominal';
  /** Columns that identify a row on both sides; all others are compared. */
  readonly key: readonly string[];
  /** Columns that are constant in the reference and empty in ours (rejects compare on id, instant and reason, D17). */
  readonly ignored?: readonly string[];
}

/** A day is in one bar only, so `bar_seq` need not be part of the key and is compared as a value (docs/bars.md). */
export const BAR_KEY: readonly string[] = ['id', 'tf', 'time_close'];
/** Key of the EMA tables. */
export const EMA_KEY: readonly string[] = ['id', 'tf', 'ts', 'period'];

/** The daily bars. */
export const DAILY_TABLE = 'cmc_price_bars_1d';
/** Source rows that the daily builder rejected. */
export const REJECTS_TABLE = 'cmc_price_bars_1d_rejects';
/** The rolling bars. */
export const MULTI_TF_BARS = 'cmc_price_bars_multi_tf';
/** The calendar bars with ISO weeks. */
export const CAL_ISO_BARS = 'cmc_price_bars_multi_tf_cal_iso';
/** The calendar bars with US weeks. */
export const CAL_US_BARS = 'cmc_price_bars_multi_tf_cal_us';
/** The anchored bars with ISO weeks. */
const ANCHOR_ISO_BARS = 'cmc_price_bars_multi_tf_cal_anchor_iso';
/** The anchored bars with US weeks. */
const ANCHOR_US_BARS = 'cmc_price_bars_multi_tf_cal_anchor_us';
/** The EMAs of rolling bars. */
export const MULTI_TF_EMAS = 'cmc_ema_multi_tf';
/** The EMAs in daily space. */
export const V2_EMAS = 'cmc_ema_multi_tf_v2';

/** The four tables of calendar bars. */
const CALENDAR_BARS: readonly string[] = [CAL_ISO_BARS, CAL_US_BARS, ANCHOR_ISO_BARS, ANCHOR_US_BARS];
/** The two tables of anchored bars. */
export const ANCHORED_BARS: readonly string[] = [ANCHOR_ISO_BARS, ANCHOR_US_BARS];
/** The five tables of multi-day bars. */
export const SNAPSHOT_BARS: readonly string[] = [MULTI_TF_BARS, ...CALENDAR_BARS];

const CALENDAR_EMAS = [
  'cmc_ema_multi_tf_cal_us',
  'cmc_ema_multi_tf_cal_iso',
  'cmc_ema_multi_tf_cal_anchor_us',
  'cmc_ema_multi_tf_cal_anchor_iso',
];

/** The bar family of a multi-day bar table. */
export function familyOf(table: string): BarFamily {
  return table === MULTI_TF_BARS ? 'multi_tf' : (table.slice(MULTI_TF_BARS.length + 1) as BarFamily);
}

function small(name: string, key: readonly string[]): GoldenTableSpec {
  return { name, folder: 'small', key };
}

/** The twelve output tables, in the order of the refresh. */
export const OUTPUT_TABLES: readonly GoldenTableSpec[] = [
  small(DAILY_TABLE, ['id', 'timestamp']),
  ...SNAPSHOT_BARS.map((name) => small(name, BAR_KEY)),
  small(MULTI_TF_EMAS, EMA_KEY),
  ...CALENDAR_EMAS.map((name) => ({ name, folder: 'nominal' as const, key: EMA_KEY })),
  small(V2_EMAS, EMA_KEY),
];

/** Further tables that the reference wrote: rejects, states and the look-up table. */
const SIDE_TABLES: readonly GoldenTableSpec[] = [
  {
    ...small(REJECTS_TABLE, ['id', 'timestamp']),
    ignored: ['is_partial_start', 'is_partial_end', 'is_missing_days'],
  },
  small(`${DAILY_TABLE}_state`, ['id']),
  ...SNAPSHOT_BARS.map((name) => small(`${name}_state`, ['id', 'tf'])),
  small('ema_alpha_lookup', ['tf', 'period']),
];

/** Every table of the comparison. */
export const GOLDEN_TABLES: readonly GoldenTableSpec[] = [...OUTPUT_TABLES, ...SIDE_TABLES];
