import { timeframeName, type TimeframeRow, type TimeframeUnit, type WeekScheme } from './timeframe.ts';

/** Day frames that are built by default (docs/bars.md#timeframes). */
const CANONICAL_DAYS = [
  1, 2, 3, 4, 5, 7, 10, 14, 15, 20, 21, 25, 28, 30, 40, 42, 45, 50, 56, 60, 63, 70, 84, 90, 100, 105, 140, 147, 150,
  180, 200, 210, 250, 270, 280, 294, 300, 315, 350, 360,
] as const;
/** Day frames that are built on request only. */
const FURTHER_DAYS = [
  400, 420, 441, 450, 500, 525, 560, 588, 600, 630, 700, 750, 800, 882, 900, 945, 1000, 1050, 1176, 1250, 1260, 1400,
  1470, 1500, 1800, 1890, 2000, 2100, 2250, 2500, 2700, 2800, 3000, 3500, 3600, 3780, 4000, 4200, 4500, 5000, 5600,
  5670, 6000, 7000, 7560, 8400, 9000, 10000, 11200, 12000, 13500, 14000, 18000, 20000, 27000, 36000, 54000, 72000,
] as const;
/** Day frames that were added later and are built by default; they are last, so that the others keep their sort order. */
const ADDED_DAYS = [365] as const;
const WEEK_QUANTITIES = [1, 2, 3, 4, 6, 8, 10] as const;
type MonthQuantity = 1 | 2 | 3 | 6 | 9 | 12;
/** Only numbers of months that divide the year; any other would create overlapping windows. */
type AnchoredMonthQuantity = 1 | 2 | 3 | 6 | 12;
const YEAR_QUANTITIES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20] as const;

type Of<T extends readonly number[]> = T[number];

/** Names of the timeframes of {@link TIMEFRAME_CATALOGUE}. */
export type TimeframeName =
  | `${Of<typeof CANONICAL_DAYS> | Of<typeof FURTHER_DAYS | typeof ADDED_DAYS>}D`
  | `${Of<typeof WEEK_QUANTITIES>}W_${'CAL' | 'CAL_ANCHOR'}_${WeekScheme}`
  | `${MonthQuantity}M_CAL`
  | `${AnchoredMonthQuantity}M_CAL_ANCHOR`
  | `${Of<typeof YEAR_QUANTITIES>}Y_CAL`
  | '1Y_CAL_ANCHOR';
const WEEK_ANCHOR: Readonly<Record<WeekScheme, string>> = { US: 'WEEK_END', ISO: 'ISO-WEEK' };

/** The columns that differ between two rows; the rest follows from these. */
type Facts = Pick<
  TimeframeRow,
  'calendarAnchor' | 'label' | 'description' | 'sortOrder' | 'tfDaysNominal' | 'tfDaysMin' | 'tfDaysMax'
>;

function dayFrame(days: number, sortOrder: number, isCanonical: boolean): TimeframeRow {
  return {
    tf: timeframeName('D', days, 'rolling', null),
    label: days === 1 ? '1 day' : `${days} days`,
    baseUnit: 'D',
    tfQty: days,
    tfDaysNominal: days,
    alignmentType: 'tf_day',
    calendarAnchor: null,
    rollPolicy: 'multiple_of_tf',
    hasRollFlag: true,
    isIntraday: false,
    sortOrder,
    description: `Pure ${days}-day tf_day horizon`,
    isCanonical,
    calendarScheme: null,
    allowPartialStart: false,
    allowPartialEnd: false,
    tfDaysMin: days,
    tfDaysMax: days,
  };
}

function calendarFrame(
  kind: 'aligned' | 'anchored',
  unit: TimeframeUnit,
  quantity: number,
  scheme: WeekScheme | null,
  facts: Facts,
): TimeframeRow {
  return {
    ...facts,
    tf: timeframeName(unit, quantity, kind, scheme),
    baseUnit: unit,
    tfQty: quantity,
    alignmentType: 'calendar',
    rollPolicy: 'calendar_anchor',
    hasRollFlag: true,
    isIntraday: false,
    isCanonical: true,
    calendarScheme: scheme,
    allowPartialStart: kind === 'anchored',
    allowPartialEnd: kind === 'anchored',
  };
}

const ordinal = (n: number): string => `${n}${n === 2 ? 'nd' : n === 3 ? 'rd' : 'th'}`;
const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

function dayFrames(): TimeframeRow[] {
  const furtherAt = CANONICAL_DAYS.length;
  const addedAt = furtherAt + FURTHER_DAYS.length;
  const days = [...CANONICAL_DAYS, ...FURTHER_DAYS, ...ADDED_DAYS];
  return days.map((n, position) => dayFrame(n, 10 + position, position < furtherAt || position >= addedAt));
}

function alignedWeeks(scheme: WeekScheme): TimeframeRow[] {
  const isUs = scheme === 'US';
  const weekEnd = isUs ? 'week end' : 'ISO week end';
  const fullOnly = isUs ? '' : ' Full periods only.';
  return WEEK_QUANTITIES.map((n, position) => {
    const single = isUs
      ? 'Calendar-aligned week ending on market-specific WEEK_END'
      : 'Calendar-aligned ISO week (Mon–Sun). Full periods only (no partial seeding).';
    const several = `${n}-week${isUs ? '' : ' ISO'} calendar window aggregated to every ${ordinal(n)} ${weekEnd}`;
    return calendarFrame('aligned', 'W', n, scheme, {
      calendarAnchor: WEEK_ANCHOR[scheme],
      label: isUs
        ? n === 1
          ? '1 week (calendar week end)'
          : `${n} weeks (calendar, week end)`
        : `${counted(n, 'week')} (${weekEnd})`,
      description: n === 1 ? single : `${several}${isUs ? '' : '.'}${fullOnly}`,
      sortOrder: isUs ? 220 + position : 7000 + n,
      tfDaysNominal: 7 * n,
      tfDaysMin: 7 * n,
      tfDaysMax: 7 * n,
    });
  });
}

function alignedMonths(): TimeframeRow[] {
  const rows: [MonthQuantity, anchor: string, min: number, max: number, label: string, description: string][] = [
    [1, 'EOM', 28, 31, '1 month (EOM)', 'Calendar month, rolled at end-of-month'],
    [2, 'EOM', 59, 62, '2 months (EOM)', '2-month calendar window, rolled at end-of-month'],
    [3, 'EOQ', 89, 92, '3 months (EOQ-ish)', 'Quarterly calendar window, rolled at end-of-quarter'],
    [
      6,
      'EOQ',
      181,
      184,
      '6 months (semi-annual)',
      'Semi-annual calendar window, rolled at quarter/half-year boundaries',
    ],
    [9, 'EOQ', 273, 276, '9 months', '9-month calendar window, aligned to quarter ends'],
    [12, 'EOY', 365, 366, '12 months (EOY)', '12-month / 1-year calendar window expressed in months'],
  ];
  return rows.map(([n, anchor, tfDaysMin, tfDaysMax, label, description], position) =>
    calendarFrame('aligned', 'M', n, null, {
      calendarAnchor: anchor,
      label,
      description,
      sortOrder: 300 + position,
      tfDaysNominal: 30 * n,
      tfDaysMin,
      tfDaysMax,
    }),
  );
}

function alignedYears(): TimeframeRow[] {
  return YEAR_QUANTITIES.map((n) => {
    return calendarFrame('aligned', 'Y', n, null, {
      calendarAnchor: 'EOY',
      label: `${counted(n, 'year')} (EOY)`,
      description: `${n}-year calendar window, rolled at end-of-year`,
      sortOrder: 349 + n,
      tfDaysNominal: 365 * n,
      tfDaysMin: 365 * n + Math.floor(n / 4),
      tfDaysMax: 365 * n + Math.ceil(n / 4),
    });
  });
}

function anchoredWeeks(scheme: WeekScheme): TimeframeRow[] {
  const aside = scheme === 'US' ? ' (market week end)' : ' (Mon–Sun)';
  return WEEK_QUANTITIES.map((n) => {
    const grid = n === 1 ? `week grid${aside}` : `${n}-week grid`;
    return calendarFrame('anchored', 'W', n, scheme, {
      calendarAnchor: WEEK_ANCHOR[scheme],
      label: `${counted(n, 'week')} (${scheme} anchored)`,
      description: `${scheme} anchored ${grid}. Partial bars allowed at dataset edges.`,
      sortOrder: (scheme === 'US' ? 7100 : 7400) + n,
      tfDaysNominal: 7 * n,
      tfDaysMin: 1,
      tfDaysMax: 7 * n,
    });
  });
}

function anchoredMonthsAndYear(): TimeframeRow[] {
  const rows: [
    unit: 'M' | 'Y',
    quantity: AnchoredMonthQuantity,
    anchor: string,
    max: number,
    sortOrder: number,
    grid: string,
  ][] = [
    ['M', 1, 'EOM', 31, 7201, 'month grid (EOM)'],
    ['M', 2, 'EOM', 62, 7202, '2-month grid (EOM)'],
    ['M', 3, 'EOQ', 92, 7203, 'quarter grid (EOQ)'],
    ['M', 6, 'EOQ', 184, 7206, 'semi-annual grid (EOQ)'],
    ['M', 12, 'EOY', 366, 7212, '12-month grid (EOY)'],
    ['Y', 1, 'EOY', 366, 7301, 'yearly grid (EOY)'],
  ];
  return rows.map(([unit, n, anchor, tfDaysMax, sortOrder, grid]) =>
    calendarFrame('anchored', unit, n, null, {
      calendarAnchor: anchor,
      label: `${counted(n, unit === 'M' ? 'month' : 'year')} (anchored)`,
      description: `Anchored ${grid}. Partial bars allowed at dataset edges.`,
      sortOrder,
      tfDaysNominal: unit === 'M' ? 30 * n : 365 * n,
      tfDaysMin: 1,
      tfDaysMax,
    }),
  );
}

/**
 * The seed of `dim_timeframe`: 159 rows (99 day frames, 40 aligned, 20 anchored), ascending by `sortOrder`.
 *
 * @see docs/bars.md#timeframes
 */
export const TIMEFRAME_CATALOGUE: readonly TimeframeRow[] = Object.freeze(
  [
    ...dayFrames(),
    ...alignedWeeks('US'),
    ...alignedWeeks('ISO'),
    ...alignedMonths(),
    ...alignedYears(),
    ...anchoredWeeks('US'),
    ...anchoredWeeks('ISO'),
    ...anchoredMonthsAndYear(),
  ]
    .sort((left, right) => left.sortOrder - right.sortOrder)
    .map((row) => Object.freeze(row)),
);
