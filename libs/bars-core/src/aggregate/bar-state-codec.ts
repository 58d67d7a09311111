import { NO_DAY } from '../civil-day.ts';
import { BarsError } from '../errors.ts';
import { NO_LAST_DAY } from '../grid/bar-grid.ts';
import type { Timeframe } from '../timeframe.ts';
import { openBarState, type BarState } from './bar-state.ts';
import { LISTED_DAYS_LIMIT, restoreMissingDays, type MissingDays } from './missing-days.ts';

const FORMAT = 1;
const KINDS = ['rolling', 'aligned', 'anchored'];
const UNITS = ['D', 'W', 'M', 'Q', 'Y'];
const SCHEMES = [null, 'ISO', 'US'];

/** Position of each number; the listed missing days follow. A new layout gets a new {@link FORMAT}. */
const AT = {
  format: 0,
  kind: 1,
  unit: 2,
  quantity: 3,
  scheme: 4,
  rowsSeen: 5,
  closedBars: 6,
  firstDay: 7,
  lastDay: 8,
  lastTs: 9,
  seq: 10,
  rows: 11,
  barLastDay: 12,
  tfDays: 13,
  anchorOffsetDays: 14,
  isPartialStart: 15,
  timeOpen: 16,
  open: 17,
  high: 18,
  low: 19,
  volume: 20,
  marketCap: 21,
  timeHigh: 22,
  timeLow: 23,
  missingCount: 24,
  missingStartCount: 25,
  missingLastDay: 26,
} as const;
const FIXED_LENGTH = 27;

/** The state as numbers, to be stored and given to {@link decodeBarState}; exact, NaN included. */
export function encodeBarState(state: BarState): Float64Array {
  const { bar, timeframe } = state;
  const { missing } = bar;
  const numbers = new Float64Array(FIXED_LENGTH + missing.listedDays.length);
  numbers[AT.format] = FORMAT;
  numbers[AT.kind] = KINDS.indexOf(timeframe.kind);
  numbers[AT.unit] = UNITS.indexOf(timeframe.unit);
  numbers[AT.quantity] = timeframe.quantity;
  numbers[AT.scheme] = SCHEMES.indexOf(timeframe.scheme);
  numbers[AT.rowsSeen] = state.rowsSeen;
  numbers[AT.closedBars] = state.closedBars;
  numbers[AT.firstDay] = state.firstDay;
  numbers[AT.lastDay] = state.lastDay;
  numbers[AT.lastTs] = state.lastTs;
  numbers[AT.seq] = bar.seq;
  numbers[AT.rows] = bar.rows;
  numbers[AT.barLastDay] = bar.lastDay;
  numbers[AT.tfDays] = bar.tfDays;
  numbers[AT.anchorOffsetDays] = bar.anchorOffsetDays;
  numbers[AT.isPartialStart] = Number(bar.isPartialStart);
  numbers[AT.timeOpen] = bar.timeOpen;
  numbers[AT.open] = bar.open;
  numbers[AT.high] = bar.high;
  numbers[AT.low] = bar.low;
  numbers[AT.volume] = bar.volume;
  numbers[AT.marketCap] = bar.marketCap;
  numbers[AT.timeHigh] = bar.timeHigh;
  numbers[AT.timeLow] = bar.timeLow;
  numbers[AT.missingCount] = missing.count;
  numbers[AT.missingStartCount] = missing.startCount;
  numbers[AT.missingLastDay] = missing.lastDay;
  numbers.set(missing.listedDays, FIXED_LENGTH);
  return numbers;
}

/**
 * The state that {@link encodeBarState} wrote: the fold goes on from it as if it had never stopped.
 *
 * @throws BarsError `BARS_BAD_STATE` when the numbers are of another layout or timeframe, or contradict each other.
 */
export function decodeBarState(timeframe: Timeframe, numbers: Float64Array): BarState {
  const demand = (holds: boolean, problem: string): void => {
    if (holds) return;
    throw new BarsError('BARS_BAD_STATE', `stored state of ${timeframe.tf}: ${problem}`, {
      hint: 'Delete the state row; the next refresh rebuilds the bars.',
      context: { tf: timeframe.tf, numbers: Array.from(numbers) },
    });
  };
  demand(numbers[AT.format] === FORMAT, `layout is ${numbers[AT.format]}, expected ${FORMAT}`);
  demand(numbers.length >= FIXED_LENGTH, `${numbers.length} numbers, expected at least ${FIXED_LENGTH}`);
  demand(
    numbers[AT.kind] === KINDS.indexOf(timeframe.kind) &&
      numbers[AT.unit] === UNITS.indexOf(timeframe.unit) &&
      numbers[AT.quantity] === timeframe.quantity &&
      numbers[AT.scheme] === SCHEMES.indexOf(timeframe.scheme),
    'it belongs to another timeframe',
  );
  const listedCount = Math.min(numbers[AT.missingCount], LISTED_DAYS_LIMIT);
  demand(
    numbers.length === FIXED_LENGTH + listedCount,
    `${numbers.length} numbers, expected ${FIXED_LENGTH} and one for each of the ${listedCount} listed missing days`,
  );

  const state = openBarState(timeframe);
  const { bar } = state;
  state.rowsSeen = numbers[AT.rowsSeen];
  state.closedBars = numbers[AT.closedBars];
  state.firstDay = numbers[AT.firstDay];
  state.lastDay = numbers[AT.lastDay];
  state.lastTs = numbers[AT.lastTs];
  bar.seq = numbers[AT.seq];
  bar.rows = numbers[AT.rows];
  bar.lastDay = numbers[AT.barLastDay];
  bar.tfDays = numbers[AT.tfDays];
  bar.anchorOffsetDays = numbers[AT.anchorOffsetDays];
  bar.isPartialStart = numbers[AT.isPartialStart] === 1;
  bar.timeOpen = numbers[AT.timeOpen];
  bar.open = numbers[AT.open];
  bar.high = numbers[AT.high];
  bar.low = numbers[AT.low];
  bar.volume = numbers[AT.volume];
  bar.marketCap = numbers[AT.marketCap];
  bar.timeHigh = numbers[AT.timeHigh];
  bar.timeLow = numbers[AT.timeLow];
  restoreMissingDays(
    bar.missing,
    numbers.subarray(FIXED_LENGTH),
    numbers[AT.missingCount],
    numbers[AT.missingStartCount],
    numbers[AT.missingLastDay],
  );
  demand(isCoherent(state), 'its numbers contradict each other');
  return state;
}

function isCoherent({ rowsSeen, closedBars, firstDay, lastDay, lastTs, bar }: BarState): boolean {
  const { missing } = bar;
  const counts = [rowsSeen, closedBars, bar.seq, bar.rows, bar.tfDays, missing.count, missing.startCount];
  const days = [firstDay, lastDay, bar.lastDay, bar.anchorOffsetDays, ...missing.listedDays, missing.lastDay];
  if (!counts.every(isCount) || !days.every(isDay)) return false;
  if (rowsSeen === 0) return firstDay === NO_DAY && lastDay === NO_DAY && Number.isNaN(lastTs) && bar.seq === 0;
  if (firstDay === NO_DAY || lastDay < firstDay + rowsSeen - 1 || !Number.isFinite(lastTs)) return false;
  if (bar.seq === 0) return bar.rows === 0 && closedBars === 0 && missing.count === 0;
  return (
    bar.rows > 0 &&
    bar.rows <= rowsSeen &&
    bar.tfDays > 0 &&
    bar.lastDay >= lastDay &&
    closedBars <= bar.seq &&
    Number.isFinite(bar.timeOpen) &&
    missing.startCount <= missing.count &&
    isAscending(missing.listedDays) &&
    (missing.count === 0 ? missing.lastDay === NO_DAY : isEndOfMissing(missing, lastDay))
  );
}

/** The last missing day is the last listed one, or later when some are not listed; the last row comes after it. */
function isEndOfMissing({ listedDays, count, lastDay }: MissingDays, lastRowDay: number): boolean {
  const lastListed = listedDays[listedDays.length - 1];
  return (count === listedDays.length ? lastDay === lastListed : lastDay > lastListed) && lastDay < lastRowDay;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isDay(value: number): boolean {
  return Number.isInteger(value) && value >= NO_DAY && value <= NO_LAST_DAY;
}

function isAscending(days: readonly number[]): boolean {
  return days.every((day, position) => position === 0 || day > days[position - 1]);
}
