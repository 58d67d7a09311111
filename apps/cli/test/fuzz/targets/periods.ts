import fc from 'fast-check';
import { parsePeriods } from '../../../src/refresh-flags.ts';
import { damaged, expectDocumented, outcomeOf, type FuzzTarget } from '../fuzz-target.ts';

const token = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 400 }).map(String) },
  { weight: 2, arbitrary: fc.constantFrom('0', '-5', '007', '1.5', '1e2', '999999', '1000000', 'lut', 'LUT', '', ' ') },
);
const value = damaged(fc.array(token, { maxLength: 6 }).map((tokens) => tokens.join(',')));

/** `--periods`: the whole numbers from 1 to 999999 that are written there, each once, ascending, or the table's. */
export const periodsTarget: FuzzTarget = {
  name: '--periods',
  share: 100,
  open: () =>
    Promise.resolve({
      cases: fc.array(value, { minLength: 1, maxLength: 2 }),
      async play(values) {
        const given = values as string[];
        const outcome = await outcomeOf(() => parsePeriods(given));
        const expected = readByHand(given);
        if ('error' in outcome) {
          expectDocumented(outcome.error);
          if (expected !== null) throw new Error('Refused although these are periods');
          return 'refused';
        }
        const found = outcome.value === 'lut' ? 'lut' : outcome.value?.join(',');
        if (found !== expected) throw new Error(`Read as ${String(found)}, not as ${String(expected)}`);
        return 'accepted';
      },
      close: () => Promise.resolve(),
    }),
};

function readByHand(values: readonly string[]): string | null {
  const tokens = values.flatMap((text) => text.split(',')).map((text) => text.trim());
  if (tokens.length === 1 && tokens[0]?.toLowerCase() === 'lut') return 'lut';
  const written = tokens.filter((text) => text !== '');
  if (written.length === 0) return null;
  const numbers = written.map((text) => ([...text].every((c) => '0123456789'.includes(c)) ? BigInt(text) : 0n));
  const isGood = numbers.every((n, i) => n > 0n && n < 1_000_000n && String(n) === written[i]);
  if (!isGood) return null;
  return [...new Set(numbers)].sort((a, b) => (a < b ? -1 : 1)).join(',');
}
