import { ONE_DAY_MS, timeframesOf, type DailySeries } from '@ta/bars-core/engine';
import type { BarFacts } from '../bar-facts.ts';
import { hasUnpricedRow, isPriced } from '../golden-source.ts';
import { ANCHORED_BARS, CAL_ISO_BARS, CAL_US_BARS, familyOf, MULTI_TF_BARS, SNAPSHOT_BARS } from '../golden-tables.ts';
import type { GoldenWorld } from '../golden-world.ts';
import type { Row } from '../rows.ts';
import { barTwin } from '../twins/bar-twin.ts';
import { tableOf } from '../twins/twin-table.ts';
import type { Departure } from './departure.ts';
import { ourGuard, referenceGuard, runningExtremes, type Extremes } from './reference-extremes.ts';

const EXTREMES: readonly (keyof Extremes)[] = ['high', 'time_high', 'low', 'time_low'];

/** Departures of the five multi-day bar tables. */
export function barDepartures(world: GoldenWorld, facts: BarFacts): Departure[] {
  return [...columnDepartures(facts), ...numberDepartures(facts), ...extremeDepartures(facts), nullRow(world)];
}

function columnDepartures(facts: BarFacts): Departure[] {
  return [
    {
      kind: 'column',
      name: 'D10 columns left empty',
      rule: 'docs/bars.md#snapshots',
      why: 'The reference does not write timestamp, last_ts_half_open and pos_in_bar; ours are filled.',
      tables: SNAPSHOT_BARS,
      columns: ['timestamp', 'last_ts_half_open', 'pos_in_bar'],
      predict: () => ({ timestamp: Number.NaN, last_ts_half_open: Number.NaN, pos_in_bar: Number.NaN }),
    },
    {
      kind: 'column',
      name: 'D14 where days are missing',
      rule: 'docs/bars.md#snapshots',
      why:
        'The reference writes the word interior (in cal_us also the day of the row as first and last missing day); ' +
        'ours writes the missing dates.',
      tables: SNAPSHOT_BARS,
      columns: ['missing_days_where', 'first_missing_day', 'last_missing_day'],
      predict(ours, table) {
        const isTold = table !== MULTI_TF_BARS && referenceMissing(ours, table) > 0;
        const rowDay = isTold && table === CAL_US_BARS ? facts.day(ours) * ONE_DAY_MS : Number.NaN;
        const where = isTold ? 'interior' : null;
        return { missing_days_where: where, first_missing_day: rowDay, last_missing_day: rowDay };
      },
    },
    {
      kind: 'column',
      name: 'D13 parts of the gap in multi_tf',
      rule: 'docs/bars.md#snapshots',
      why: 'The reference leaves start, end and interior null in multi_tf; ours are 0, 0 and the whole gap.',
      tables: [MULTI_TF_BARS],
      columns: ['count_missing_days_start', 'count_missing_days_end', 'count_missing_days_interior'],
      predict: () => ({
        count_missing_days_start: Number.NaN,
        count_missing_days_end: Number.NaN,
        count_missing_days_interior: Number.NaN,
      }),
    },
  ];
}

/** How many missing days the reference counts in a calendar bar. */
function referenceMissing(ours: Row, table: string): number {
  const missing = ours.number('count_missing_days');
  if (table === CAL_ISO_BARS) return Math.max(0, missing - 1);
  return ANCHORED_BARS.includes(table) ? ours.number('count_missing_days_interior') : missing;
}

function numberDepartures(facts: BarFacts): Departure[] {
  return [
    {
      kind: 'cell',
      name: 'D6 bar_seq of anchored bars',
      rule: 'docs/bars.md#windows',
      why: 'The reference numbers the windows that have data; ours numbers all windows from the first.',
      tables: ANCHORED_BARS,
      columns: ['bar_seq'],
      predict: (ours) => ({ bar_seq: facts.denseRank(ours, ours.number('time_close')) }),
    },
    {
      kind: 'cell',
      name: 'D7 time_open after a gap',
      rule: 'docs/bars.md#snapshots',
      why: 'The reference opens a bar 1 ms after the close of the row before it; ours opens it with the day of its first row.',
      tables: SNAPSHOT_BARS,
      columns: ['time_open'],
      predict(ours) {
        const before = facts.asset(ours).rows.ts[facts.firstPosition(ours) - 1];
        return before === undefined ? null : { time_open: before + 1 };
      },
    },
    {
      kind: 'cell',
      name: 'R19 unknown volume',
      rule: 'docs/bars.md#snapshots',
      why: 'The reference counts an unknown volume as 0; ours leaves the volume of a bar empty when none of its rows has one.',
      tables: [MULTI_TF_BARS],
      columns: ['volume'],
      predict: (ours) => (Number.isNaN(ours.number('volume')) ? { volume: 0 } : null),
    },
    {
      kind: 'cell',
      name: 'D11 counts of cal_iso',
      rule: 'docs/bars.md#snapshots',
      why: 'The reference counts one observed day too many, and therefore one missing day too few (but never fewer than 0).',
      tables: [CAL_ISO_BARS],
      columns: ['count_days', 'count_missing_days', 'is_missing_days', 'count_missing_days_interior'],
      predict(ours) {
        const missing = referenceMissing(ours, CAL_ISO_BARS);
        return {
          count_days: ours.number('count_days') + 1,
          count_missing_days: missing,
          is_missing_days: missing > 0 ? 1 : 0,
          count_missing_days_interior: Math.max(0, missing - ours.number('count_missing_days_start')),
        };
      },
    },
    {
      kind: 'cell',
      name: 'D12 remaining days of a partial first bar',
      rule: 'docs/bars.md#snapshots',
      why: 'The reference subtracts the days since the first row from the full width; ours counts to the end of the window.',
      tables: ANCHORED_BARS,
      columns: ['count_days_remaining'],
      predict(ours) {
        if (ours.number('is_partial_start') !== 1) return null;
        const expected = facts.day(ours) - facts.firstDay(ours) + 1;
        return { count_days_remaining: ours.number('tf_days') - expected };
      },
    },
    {
      kind: 'cell',
      name: 'D13 leading gap of anchored bars',
      rule: 'docs/bars.md#snapshots',
      why: 'The reference counts only gaps between the rows of a bar, and subtracts the leading gap from these; ours counts all missing days.',
      tables: ANCHORED_BARS,
      columns: ['count_missing_days', 'is_missing_days', 'count_missing_days_interior'],
      predict(ours) {
        const start = ours.number('count_missing_days_start');
        if (start === 0) return null;
        const between = ours.number('count_missing_days_interior');
        return {
          count_missing_days: between,
          is_missing_days: between > 0 ? 1 : 0,
          count_missing_days_interior: Math.max(0, between - start),
        };
      },
    },
  ];
}

function extremeDepartures(facts: BarFacts): Departure[] {
  return [
    {
      kind: 'cell',
      name: 'D8 and R16 misplaced extremes',
      rule: 'docs/bars.md#daily-bars',
      why:
        'When open or close is beyond a high or low of the source, the reference repairs one of the two and ours both, with the instant. When the ' +
        'instant of a high or low is outside of its day, the reference replaces a low after the bar; ours only replaces the instant, never ' +
        'the price. Applies only to bars with such a source row; both results are computed from it.',
      tables: SNAPSHOT_BARS,
      columns: EXTREMES,
      predict(ours) {
        const { rows, judgedRows } = facts.asset(ours);
        const positions = facts.positions(ours);
        if (!positions.some((row) => isAwkward(rows, row))) return null;
        if (!isAs(ours, ourGuard(ours, runningExtremes(judgedRows, positions)))) return null;
        return { ...referenceGuard(ours, runningExtremes(rows, positions)) };
      },
    },
    {
      kind: 'cell',
      name: 'D9 day without prices',
      rule: 'docs/bars.md#snapshots',
      why:
        'On a day with null prices the reference drops the high and low so far and clamps to the remaining prices; after that day the prices ' +
        'are back, but their instants begin again. Ours skips the day. Applies only to the twin of the null row.',
      tables: SNAPSHOT_BARS,
      columns: EXTREMES,
      predict(ours) {
        const { rows } = facts.asset(ours);
        const positions = facts.positions(ours);
        if (!positions.some((row) => !isPriced(rows, row))) return null;
        const last = positions[positions.length - 1];
        const running = runningExtremes(rows, positions);
        const known = isPriced(rows, last) ? running : { ...running, high: Number.NaN, low: Number.NaN };
        return { ...referenceGuard(ours, known) };
      },
    },
  ];
}

/** A row whose extremes lie outside of its day or contradict its open and close. */
function isAwkward(rows: DailySeries, row: number): boolean {
  const dayOpen = rows.ts[row] - ONE_DAY_MS + 1;
  const isOutside = (instant: number) => instant < dayOpen || instant > rows.ts[row];
  return (
    isOutside(rows.timeHigh[row]) ||
    isOutside(rows.timeLow[row]) ||
    rows.high[row] < Math.max(rows.open[row], rows.close[row]) ||
    rows.low[row] > Math.min(rows.open[row], rows.close[row])
  );
}

function isAs(row: Row, extremes: Extremes): boolean {
  return EXTREMES.every((column) => row.number(column) === extremes[column]);
}

/** The assets whose source has a day with null prices: the reference counts that row as an observed day. */
function nullRow(world: GoldenWorld): Departure {
  const affected = [...world.source.values()].filter(hasUnpricedRow);
  return {
    kind: 'input',
    name: 'D3 null row in the raw source',
    rule: 'docs/bars.md#daily-bars',
    why:
      'The reference counts a source row with null prices (id 14, 2025-09-17) as an observed day; ours has no bar for it. From that day ' +
      'on its bars must equal those that our engine builds from the source with that row.',
    tables: SNAPSHOT_BARS,
    ids: affected.map(({ id }) => id),
    twin(table) {
      const timeframes = timeframesOf(familyOf(table), world.timeframes);
      return tableOf(affected.flatMap(({ id, judgedRows }) => barTwin(id, judgedRows, timeframes)));
    },
  };
}
