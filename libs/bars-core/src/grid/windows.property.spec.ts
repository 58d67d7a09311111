import { Temporal } from '@js-temporal/polyfill';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_TIMEFRAMES } from '../../test/fixtures/arbitrary-rows.ts';
import { civilDay, type CivilDay } from '../civil-day.ts';
import type { Timeframe } from '../timeframe.ts';
import type { BarWindow } from './bar-grid.ts';
import { windowOf } from './grid-for.ts';

// The calendar of these tests is Temporal's; docs/bars.md#windows is written out in its terms.
const EPOCH = Temporal.PlainDate.from('1970-01-01');
const FROM = civilDay(1960, 1, 1);
const TO = civilDay(2100, 12, 31);
/** Days of which each is tried, others in every run: forty years of months and longer, eight of weeks, which all are alike. */
const SPAN_DAYS = 14_610;
const SPAN_OF_WEEKS_DAYS = 2_922;
const [START] = fc.sample(fc.integer({ min: FROM, max: TO - SPAN_DAYS }), 1) as [CivilDay];
const CALENDAR_TIMEFRAMES = [
  ...ALL_TIMEFRAMES.filter(({ kind }) => kind !== 'rolling'),
  ...[2, 3, 5, 20].map((n): Timeframe => {
    const year = ALL_TIMEFRAMES.find(({ tf }) => tf === '1Y_CAL_ANCHOR');
    if (year === undefined) throw new Error('the catalogue has no anchored year');
    return { ...year, tf: `${n}Y_CAL_ANCHOR`, quantity: n };
  }),
];

const dateOf = (day: number): Temporal.PlainDate => EPOCH.add({ days: day });
const dayOf = (date: Temporal.PlainDate): number => EPOCH.until(date, { largestUnit: 'days' }).days;

/** How long `count` windows last. */
function duration({ unit, quantity }: Timeframe, count: number): Temporal.DurationLike {
  if (unit === 'W') return { weeks: quantity * count };
  if (unit === 'Y') return { years: quantity * count };
  return { months: (unit === 'Q' ? 3 : 1) * quantity * count };
}

function isBoundary(date: Temporal.PlainDate, { unit, scheme }: Timeframe): boolean {
  if (unit === 'W') return date.dayOfWeek === (scheme === 'US' ? 7 : 1);
  if (unit === 'M') return date.day === 1;
  if (unit === 'Q') return date.day === 1 && (date.month - 1) % 3 === 0;
  return date.dayOfYear === 1;
}

const boundaries = new Map<string, Temporal.PlainDate>();

function firstFullBoundary(firstDay: number, timeframe: Timeframe): Temporal.PlainDate {
  const key = `${firstDay} ${timeframe.tf}`;
  let date = boundaries.get(key) ?? dateOf(firstDay);
  // what is longer than a week begins on the first of a month
  while (!isBoundary(date, timeframe)) {
    date = timeframe.unit === 'W' ? date.add({ days: 1 }) : date.with({ day: 1 }).add({ months: 1 });
  }
  boundaries.set(key, date);
  return date;
}

/** Whether a window may start here on the one grid for all assets. */
function isAnchor(date: Temporal.PlainDate, timeframe: Timeframe): boolean {
  const { unit, quantity, scheme } = timeframe;
  if (!isBoundary(date, timeframe)) return false;
  if (unit === 'W') {
    const reference = Temporal.PlainDate.from(scheme === 'US' ? '1970-01-04' : '1970-01-05');
    return reference.until(date, { largestUnit: 'weeks' }).weeks % quantity === 0;
  }
  if (unit === 'Y') return date.year % quantity === 0;
  return (date.month - 1) % ((unit === 'Q' ? 3 : 1) * quantity) === 0;
}

/** What makes a window the right one; returns the first thing that does not hold. */
function wrongness(window: BarWindow, timeframe: Timeframe, firstDay: CivilDay, day: number): string | null {
  if (window.firstDay > day || window.lastDay < day) return 'the day is outside';
  const first = dateOf(window.firstDay);
  if (!first.add(duration(timeframe, 1)).equals(dateOf(window.lastDay + 1))) return 'the width is wrong';
  if (timeframe.kind === 'aligned') {
    const boundary = firstFullBoundary(firstDay, timeframe);
    return window.index >= 0 && boundary.add(duration(timeframe, window.index)).equals(first)
      ? null
      : 'the phase is wrong';
  }
  if (!isAnchor(first, timeframe)) return 'it is off the grid';
  const firstWindow = windowOf(timeframe, firstDay, firstDay);
  if (firstWindow === null || firstWindow.index !== 0) return 'the first window is not number 0';
  return dateOf(firstWindow.firstDay).add(duration(timeframe, window.index)).equals(first)
    ? null
    : 'the number is wrong';
}

describe('calendar windows against Temporal', () => {
  it.each(CALENDAR_TIMEFRAMES.map((timeframe) => [timeframe.tf, timeframe] as const))(
    `%s is right on every day of the years from ${dateOf(START).toString()}`,
    (_, timeframe) => {
      const until = START + (timeframe.unit === 'W' ? SPAN_OF_WEEKS_DAYS : SPAN_DAYS);
      let window: BarWindow | null = null;
      for (let day: number = START; day <= until; day++) {
        const next: BarWindow | null = windowOf(timeframe, START, day as CivilDay);
        if (window !== null && day <= window.lastDay) {
          // Inside of a window that was found right, all days must agree on it.
          if (
            next === null ||
            next.index !== window.index ||
            next.firstDay !== window.firstDay ||
            next.lastDay !== window.lastDay
          ) {
            expect.fail(`${dateOf(day).toString()} left its window`);
          }
        } else if (next === null) {
          if (timeframe.kind === 'anchored' || day >= dayOf(firstFullBoundary(START, timeframe))) {
            expect.fail(`${dateOf(day).toString()} has no window`);
          }
        } else {
          const problem = wrongness(next, timeframe, START, day);
          if (problem !== null) expect.fail(`${dateOf(day).toString()}: ${problem}`);
          if (window !== null && next.index !== window.index + 1)
            expect.fail(`${dateOf(day).toString()} skipped a window`);
          window = next;
        }
      }
    },
  );

  it('any first day and any later day have the right window', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CALENDAR_TIMEFRAMES),
        fc.integer({ min: FROM, max: TO }),
        fc.integer({ min: 0, max: 12_000 }),
        (timeframe, firstDay, daysLater) => {
          const day = (firstDay + daysLater) as CivilDay;
          const window = windowOf(timeframe, firstDay as CivilDay, day);
          if (window === null) {
            expect(timeframe.kind).toBe('aligned');
            expect(day).toBeLessThan(dayOf(firstFullBoundary(firstDay, timeframe)));
          } else {
            expect(wrongness(window, timeframe, firstDay as CivilDay, day)).toBeNull();
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
