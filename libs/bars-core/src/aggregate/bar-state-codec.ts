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

/*
 * The order of the encoded numbers: format; kind, unit, quantity and scheme of the timeframe; the fields of the state, of its bar
 * and of the bar's missing days; then the listed missing days. Any change of this order needs a new FORMAT.
 */
const OF_STATE = ['rowsSeen', 'closedBars', 'firstDay', 'lastDay', 'lastTs'] as const;
const OF_BAR = [
  ...(['seq', 'rows', 'lastDay', 'tfDays', 'anchorOffsetDays', 'isPartialStart', 'timeOpen'] as const),
  ...(['open', 'high', 'low', 'volume', 'marketCap', 'timeHigh', 'timeLow'] as const),
];
const STATE_AT = 5;
const BAR_AT = STATE_AT + OF_STATE.length;
const MISSING_AT = BAR_AT + OF_BAR.length;
const FIXED_LENGTH = MISSING_AT + 3;

/** The first five numbers of an encoded state: format, and the timeframe that it belongs to. */
function headOf({ kind, unit, quantity, scheme }: Timeframe): number[] {
  return [FORMAT, KINDS.indexOf(kind), UNITS.indexOf(unit), quantity, SCHEMES.indexOf(scheme)];
}

/** Encodes a state as numbers for storage; {@link decodeBarState} restores it exactly, NaN included. */
export function encodeBarState(state: BarState): Float64Array {
  const { bar, timeframe } = state;
  const { missing } = bar;
  return Float64Array.from([
    ...headOf(timeframe),
    ...OF_STATE.map((name) => state[name]),
    ...OF_BAR.map((name) => Number(bar[name])),
    ...[missing.count, missing.startCount, missing.lastDay, ...missing.listedDays],
  ]);
}

/**
 * Restores a state that {@link encodeBarState} wrote; the fold continues from it as if it had never stopped.
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
  demand(numbers[0] === FORMAT, `layout is ${numbers[0]}, expected ${FORMAT}`);
  demand(numbers.length >= FIXED_LENGTH, `${numbers.length} numbers, expected at least ${FIXED_LENGTH}`);
  demand(
    headOf(timeframe).every((number, at) => number === numbers[at]),
    'it belongs to another timeframe',
  );
  const [missingCount, missingStartCount, missingLastDay] = numbers.subarray(MISSING_AT);
  const listedCount = Math.min(missingCount, LISTED_DAYS_LIMIT);
  demand(
    numbers.length === FIXED_LENGTH + listedCount,
    `${numbers.length} numbers, expected ${FIXED_LENGTH} and one for each of the ${listedCount} listed missing days`,
  );

  const state = openBarState(timeframe);
  const { bar } = state;
  for (const [at, name] of OF_STATE.entries()) state[name] = numbers[STATE_AT + at];
  const { isPartialStart, ...ofBar } = Object.fromEntries(OF_BAR.map((name, at) => [name, numbers[BAR_AT + at]]));
  Object.assign(bar, ofBar, { isPartialStart: isPartialStart === 1 });
  restoreMissingDays(bar.missing, numbers.subarray(FIXED_LENGTH), missingCount, missingStartCount, missingLastDay);
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

/**
 * Whether the last missing day is the last listed one (or a later day, if some days are not listed) and lies before the last row.
 */
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
