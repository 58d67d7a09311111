import { parseInstantFlag } from '@ta/cli-kit';
import fc from 'fast-check';
import { parseDayClose, parseInstant } from '../../../../../libs/price-import/src/parse-instant.ts';
import { parseEmaDays } from '../../../src/refresh-flags.ts';
import { cellByHand, closeByHand, DAY_MS, dayByHand, instantByHand } from '../by-hand/calendar.ts';
import { damaged, expectDocumented, outcomeOf, type FuzzTarget, type Verdict } from '../fuzz-target.ts';

const part = (length: number, most: number) =>
  fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(length, '0'));
const year = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1968, max: 2201 }).map(String) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 9999 }).map((n) => String(n).padStart(4, '0')) },
);
const day = fc.tuple(year, part(2, 13), part(2, 32)).map((parts) => parts.join('-'));
const leapDay = fc
  .tuple(year, fc.constantFrom('-02-28', '-02-29', '-02-30', '-12-31', '-01-01'))
  .map((p) => p.join(''));
const date = fc.oneof({ weight: 2, arbitrary: day }, { weight: 1, arbitrary: leapDay });
const seconds = fc.oneof(
  fc.constant(''),
  part(2, 61).map((s) => `:${s}`),
  fc.tuple(part(2, 61), fc.nat(999_999_999)).map(([s, f]) => `:${s}.${f}`),
  part(2, 59).map((s) => `:${s}.999`),
);
const zone = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('Z', '+00:00', '-03:00', '+0530', '+14:00', '') },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('+', '-'), part(2, 25), fc.constantFrom(':', ''), part(2, 61))
      .map((p) => p.join('')),
  },
);
const time = fc.tuple(part(2, 25), part(2, 61), seconds, zone).map(([h, m, s, z]) => `${h}:${m}${s}${z}`);
const text = damaged(
  fc.oneof(
    { weight: 3, arbitrary: date },
    { weight: 5, arbitrary: fc.tuple(date, fc.constantFrom('T', 'T', 'T', ' ', 't'), time).map((p) => p.join('')) },
    { weight: 1, arbitrary: date.map((d) => `${d} 23:59:59`) },
    { weight: 1, arbitrary: fc.bigInt({ min: -10n, max: 10n ** 14n }).map(String) },
  ),
);

type Kind = 'begin' | 'end' | 'days' | 'cell' | 'close';
interface DateCase {
  readonly kind: Kind;
  readonly text: string;
  readonly other: string;
}

/** Dates and instants of flags and of price files: the instant that a calendar kept by hand gives, or a refusal. */
export const datesTarget: FuzzTarget = {
  name: '--as-of, --since, --start, --end, dates in files',
  share: 200,
  open: () =>
    Promise.resolve({
      cases: fc.record({
        kind: fc.constantFrom<Kind[]>('begin', 'end', 'days', 'cell', 'close'),
        text,
        other: text,
      }),
      play: (given) => playDate(given as DateCase),
      close: () => Promise.resolve(),
    }),
};

async function playDate({ kind, text: given, other }: DateCase): Promise<Verdict> {
  if (kind === 'cell' || kind === 'close') return playCell(kind, given);
  if (kind === 'days') return playDays(given, other);
  const outcome = await outcomeOf(() => parseInstantFlag('as-of', given, kind));
  const bare = dayByHand(given);
  const expected =
    bare === null
      ? instantByHand(given, { zoneOfDay: 'T', mostDigits: 9 })
      : (bare + (kind === 'end' ? 1n : 0n)) * DAY_MS * 1000n;
  return judged(outcome, expected === null ? null : floorToMs(expected));
}

async function playDays(start: string, end: string): Promise<Verdict> {
  const outcome = await outcomeOf(() => parseEmaDays({ start, end }));
  const [first, last] = [dayByHand(start), dayByHand(end)];
  const isGood = first !== null && last !== null && first <= last;
  if ('error' in outcome) {
    expectDocumented(outcome.error);
    if (isGood) throw new Error(`Refused although ${start} is not after ${end}`);
    return 'refused';
  }
  if (!isGood || outcome.value?.firstDay !== start || outcome.value.lastDay !== end)
    throw new Error(`Read as ${JSON.stringify(outcome.value)}`);
  return 'accepted';
}

/** Cells are trimmed before they get there, and come without a date alone. */
async function playCell(kind: 'cell' | 'close', given: string): Promise<Verdict> {
  const outcome = await outcomeOf(() => (kind === 'cell' ? parseInstant(given) : parseDayClose(given)));
  if ('error' in outcome) throw outcome.error;
  if (typeof outcome.value === 'string') {
    if (kind === 'close' && closeByHand(given) !== null) throw new Error(`Refused: ${outcome.value}`);
    if (kind === 'cell' && cellByHand(given) !== null) throw new Error(`Refused: ${outcome.value}`);
    return 'refused';
  }
  if (given === '') return Number.isNaN(outcome.value) ? 'accepted' : judged(outcome as { value: number }, null);
  const micros = kind === 'close' ? closeByHand(given) : cellByHand(given);
  if (micros === null || Math.round(outcome.value * 1000) !== Number(micros))
    throw new Error(`Read as ${outcome.value} ms, not as ${String(micros)} µs`);
  return 'accepted';
}

function judged(outcome: { value: number } | { error: unknown }, expectedMs: bigint | null): Verdict {
  if ('error' in outcome) {
    expectDocumented(outcome.error);
    if (expectedMs !== null) throw new Error(`Refused although it means ${expectedMs} ms`);
    return 'refused';
  }
  if (expectedMs === null || BigInt(outcome.value) !== expectedMs)
    throw new Error(`Read as ${outcome.value} ms, not as ${String(expectedMs)}`);
  return 'accepted';
}

function floorToMs(micros: bigint): bigint {
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  return (micros - rest) / 1000n;
}
