import { toTimeframe, type Timeframe, type TimeframeRow, type WeekScheme } from './timeframe.ts';

/** One of the five multi-day bar builders, each with a table of its own. */
export type BarFamily = 'multi_tf' | 'cal_iso' | 'cal_us' | 'cal_anchor_iso' | 'cal_anchor_us';

/** The multi-day families in the order in which they are built (docs/operations.md#order). */
export const BAR_FAMILIES: readonly BarFamily[] = Object.freeze([
  'multi_tf',
  'cal_iso',
  'cal_us',
  'cal_anchor_iso',
  'cal_anchor_us',
] as const);

/** Choices of {@link timeframesOf}. */
export interface TimeframeSelection {
  /** Also take rows that `dim_timeframe` does not mark canonical; default false. */
  readonly includeNonCanonical?: boolean;
}

interface FamilyRule {
  readonly selects: (row: TimeframeRow) => boolean;
  readonly order: (left: Timeframe, right: Timeframe) => number;
}

const DAY_NAME = /^[0-9]+D$/;
const UNIT_ORDER = 'DWMQY';

function bySortOrder(left: Timeframe, right: Timeframe): number {
  return left.sortOrder - right.sortOrder || compareText(left.tf, right.tf);
}

function byUnitAndQuantity(left: Timeframe, right: Timeframe): number {
  return (
    UNIT_ORDER.indexOf(left.unit) - UNIT_ORDER.indexOf(right.unit) ||
    left.quantity - right.quantity ||
    compareText(left.tf, right.tf)
  );
}

/** Months, quarters and years have no scheme and belong to both calendars; weeks belong to the one of their scheme. */
function isCalendarOf(row: TimeframeRow, scheme: WeekScheme, allowsPartial: boolean): boolean {
  return (
    row.alignmentType === 'calendar' &&
    row.allowPartialStart === allowsPartial &&
    row.allowPartialEnd === allowsPartial &&
    (row.baseUnit === 'W' ? row.calendarScheme === scheme : true)
  );
}

const RULES: Readonly<Record<BarFamily, FamilyRule>> = {
  multi_tf: {
    selects: (row) =>
      row.alignmentType === 'tf_day' &&
      row.rollPolicy === 'multiple_of_tf' &&
      row.calendarScheme === null &&
      DAY_NAME.test(row.tf) &&
      row.tfQty >= 2,
    order: bySortOrder,
  },
  cal_iso: { selects: (row) => isCalendarOf(row, 'ISO', false), order: bySortOrder },
  cal_us: { selects: (row) => isCalendarOf(row, 'US', false), order: bySortOrder },
  cal_anchor_iso: { selects: (row) => isCalendarOf(row, 'ISO', true), order: byUnitAndQuantity },
  cal_anchor_us: { selects: (row) => isCalendarOf(row, 'US', true), order: byUnitAndQuantity },
};

/**
 * The timeframes that a family builds, chosen from the rows of `dim_timeframe`, in the family's order (docs/bars.md).
 *
 * `1D` and intraday rows are in no family. Rows that are not canonical are left out unless `includeNonCanonical` is set.
 *
 * @throws BarsError `BARS_BAD_TIMEFRAME` when a chosen row is not valid.
 */
export function timeframesOf(
  family: BarFamily,
  rows: readonly TimeframeRow[],
  { includeNonCanonical = false }: TimeframeSelection = {},
): Timeframe[] {
  const { selects, order } = RULES[family];
  return rows
    .filter((row) => !row.isIntraday && (includeNonCanonical || row.isCanonical) && selects(row))
    .map(toTimeframe)
    .sort(order);
}

/** Compares timeframe names, which are ASCII, bytewise and independently of the machine's locale. */
function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
