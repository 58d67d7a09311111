import { BarsError } from './errors.ts';

/** Day, week, month, quarter, year. */
export type TimeframeUnit = 'D' | 'W' | 'M' | 'Q' | 'Y';

/** Which weekday starts a week: ISO = Monday, US = Sunday. */
export type WeekScheme = 'ISO' | 'US';

/**
 * How bars divide the days of a history (docs/bars.md): `rolling` counts observations from the asset's first row, `aligned`
 * counts whole calendar units from the asset's first full boundary, `anchored` is one fixed calendar grid with a partial first
 * bar.
 */
export type TimeframeKind = 'rolling' | 'aligned' | 'anchored';

/** One row of `dim_timeframe`, all columns in camelCase (docs/bars.md#timeframes). */
export interface TimeframeRow {
  readonly tf: string;
  readonly label: string;
  readonly baseUnit: string;
  readonly tfQty: number;
  readonly tfDaysNominal: number;
  readonly alignmentType: 'tf_day' | 'calendar';
  readonly calendarAnchor: string | null;
  readonly rollPolicy: string;
  readonly hasRollFlag: boolean;
  readonly isIntraday: boolean;
  readonly sortOrder: number;
  readonly description: string | null;
  readonly isCanonical: boolean;
  readonly calendarScheme: WeekScheme | null;
  readonly allowPartialStart: boolean;
  readonly allowPartialEnd: boolean;
  readonly tfDaysMin: number | null;
  readonly tfDaysMax: number | null;
}

/** A validated timeframe: everything that decides which days form a bar. */
export interface Timeframe {
  /** Name in `dim_timeframe`, such as `7D`, `1W_CAL_ISO` or `3M_CAL_ANCHOR`. */
  readonly tf: string;
  readonly unit: TimeframeUnit;
  /** Units per bar, > 0. */
  readonly quantity: number;
  readonly nominalDays: number;
  /** Allowed range of a bar's length in days; null if `dim_timeframe` sets no limit. */
  readonly minDays: number | null;
  readonly maxDays: number | null;
  readonly kind: TimeframeKind;
  /** Null for everything but weeks. */
  readonly scheme: WeekScheme | null;
  /** Weekday (Sunday = 0) on which weeks without a scheme start; no stored timeframe has one. */
  readonly weekStart?: number;
  /** Civil day on which a window of calendar days starts; no stored timeframe has one. */
  readonly origin?: number;
  readonly sortOrder: number;
}

const UNITS_PER_YEAR: Readonly<Partial<Record<TimeframeUnit, number>>> = { M: 12, Q: 4 };

/** The name that the naming rule of docs/bars.md#timeframes gives to a timeframe. */
export function timeframeName(
  unit: TimeframeUnit,
  quantity: number,
  kind: TimeframeKind,
  scheme: WeekScheme | null,
): string {
  const suffix = { rolling: '', aligned: '_CAL', anchored: '_CAL_ANCHOR' }[kind];
  return `${quantity}${unit}${suffix}${scheme === null ? '' : `_${scheme}`}`;
}

/**
 * The timeframe of a `dim_timeframe` row.
 *
 * @throws BarsError `BARS_BAD_TIMEFRAME` naming the column when the row breaks a rule of docs/bars.md: including the naming rule,
 * and the rule that the number of anchored months (quarters) must divide the year, since windows would overlap otherwise.
 * @see docs/bars.md#timeframes
 */
export function toTimeframe(row: TimeframeRow): Timeframe {
  const unit = row.baseUnit as TimeframeUnit;
  const { tfQty: quantity, calendarScheme: scheme } = row;
  const kind = kindOf(row);
  const isCalendar = kind !== 'rolling';

  demand(isPositiveInteger(quantity), row, 'tf_qty', quantity, 'a whole number above 0');
  demand(isPositiveInteger(row.tfDaysNominal), row, 'tf_days_nominal', row.tfDaysNominal, 'a whole number above 0');
  demand(
    (isCalendar ? ['W', 'M', 'Q', 'Y'] : ['D']).includes(unit),
    row,
    'base_unit',
    unit,
    isCalendar ? 'W, M, Q or Y' : 'D',
  );
  demand(!row.isIntraday, row, 'is_intraday', row.isIntraday, 'false: bars are made of whole days');
  const rollPolicy = isCalendar ? 'calendar_anchor' : 'multiple_of_tf';
  demand(row.rollPolicy === rollPolicy, row, 'roll_policy', row.rollPolicy, rollPolicy);
  demand(
    (row.calendarAnchor !== null) === isCalendar,
    row,
    'calendar_anchor',
    row.calendarAnchor,
    isCalendar ? 'a value' : 'null',
  );
  if (unit === 'W') demand(scheme === 'ISO' || scheme === 'US', row, 'calendar_scheme', scheme, 'ISO or US');
  else demand(scheme === null, row, 'calendar_scheme', scheme, 'null: only weeks have a scheme');
  const name = timeframeName(unit, quantity, kind, scheme);
  demand(row.tf === name, row, 'tf', row.tf, `the name '${name}'`);
  if (unit === 'D') {
    demand(row.tfDaysNominal === quantity, row, 'tf_days_nominal', row.tfDaysNominal, `the quantity, ${quantity}`);
  }
  const perYear = UNITS_PER_YEAR[unit];
  if (kind === 'anchored' && perYear !== undefined) {
    demand(perYear % quantity === 0, row, 'tf_qty', quantity, `a divisor of ${perYear}: other grids would overlap`);
  }
  const { tfDaysMin: minDays, tfDaysMax: maxDays } = row;
  demand(minDays === null || isPositiveInteger(minDays), row, 'tf_days_min', minDays, 'null or a whole number above 0');
  demand(
    maxDays === null || (isPositiveInteger(maxDays) && maxDays >= (minDays ?? 1)),
    row,
    'tf_days_max',
    maxDays,
    'null or a whole number not below tf_days_min',
  );

  return Object.freeze({
    tf: row.tf,
    unit,
    quantity,
    nominalDays: row.tfDaysNominal,
    minDays,
    maxDays,
    kind,
    scheme,
    sortOrder: row.sortOrder,
  });
}

/**
 * Short stable text of everything that determines the bars of a stored timeframe: kind, unit, quantity and scheme. `weekStart`
 * and `origin` are left out, since no stored timeframe has them.
 *
 * The state of the bars stores it; if it differs, the stored bars follow other rules and must be rebuilt. The leading number is
 * the version of the rules themselves.
 */
export function specOf(timeframe: Timeframe): string {
  const { kind, unit, quantity, scheme } = timeframe;
  return `2:${kind}:${quantity}${unit}${scheme === null ? '' : `:${scheme}`}`;
}

function kindOf(row: TimeframeRow): TimeframeKind {
  const { alignmentType, allowPartialStart, allowPartialEnd } = row;
  demand(
    alignmentType === 'tf_day' || alignmentType === 'calendar',
    row,
    'alignment_type',
    alignmentType,
    'tf_day or calendar',
  );
  demand(
    allowPartialStart === allowPartialEnd,
    row,
    'allow_partial_end',
    allowPartialEnd,
    `equal to allow_partial_start, ${allowPartialStart}`,
  );
  if (alignmentType === 'calendar') return allowPartialStart ? 'anchored' : 'aligned';
  demand(!allowPartialStart, row, 'allow_partial_start', allowPartialStart, 'false for a tf_day timeframe');
  return 'rolling';
}

function isPositiveInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function demand(holds: boolean, row: TimeframeRow, column: string, value: unknown, expectation: string): void {
  if (holds) return;
  throw new BarsError('BARS_BAD_TIMEFRAME', `timeframe ${row.tf}: ${column} is ${value}, expected ${expectation}`, {
    hint: 'Correct the row in dim_timeframe.',
    context: { tf: row.tf, column, value },
  });
}

/** Orders timeframes bytewise by their label, as the keys of the tables do; labels are ASCII. */
export function inKeyOrder(timeframes: readonly Timeframe[]): Timeframe[] {
  return [...timeframes].sort((a, b) => (a.tf < b.tf ? -1 : a.tf > b.tf ? 1 : 0));
}
