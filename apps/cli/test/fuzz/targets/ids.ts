import { parseIds } from '@ta/cli-kit';
import fc from 'fast-check';
import { damaged, expectDocumented, outcomeOf, type FuzzTarget } from '../fuzz-target.ts';

const LARGEST = 2_147_483_647n;

const token = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 2_147_483_647 }).map(String) },
  { weight: 2, arbitrary: fc.constantFrom('1', '52', '825', '2147483647') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('0', '-1', '01', '+1', '1.0', '1e3', '2147483648', 'all', 'ALL', '', ' ', '0x1', '1 2'),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
);
const value = damaged(fc.array(token, { maxLength: 6 }).map((tokens) => tokens.join(',')));

/** `--ids`: what is taken is exactly the numbers that a reading by hand finds, each once, ascending. */
export const idsTarget: FuzzTarget = {
  name: '--ids',
  share: 200,
  open: () =>
    Promise.resolve({
      cases: fc.array(value, { maxLength: 3 }),
      async play(values) {
        const given = values as string[];
        const outcome = await outcomeOf(() => parseIds(given));
        const expected = readByHand(given);
        if ('error' in outcome) {
          expectDocumented(outcome.error);
          if (expected !== null) throw new Error(`Refused although it is a list of ids: ${JSON.stringify(given)}`);
          return 'refused';
        }
        const found = outcome.value.kind === 'all' ? 'all' : outcome.value.ids.join(',');
        if (found !== expected) throw new Error(`Read as ${found}, not as ${String(expected)}`);
        return 'accepted';
      },
      close: () => Promise.resolve(),
    }),
};

/** The ids as text, `all`, or null for what is no list of ids: read letter by letter, with whole numbers of any size. */
function readByHand(values: readonly string[]): string | null {
  if (values.length === 0) return 'all';
  const words = values.map((text) => text.trim().toLowerCase());
  if (words.every((word) => word === 'all')) return 'all';
  const tokens = values.flatMap((text) => text.split(',').map((part) => part.trim())).filter((part) => part.length > 0);
  if (words.includes('all') || tokens.length === 0) return null;
  const numbers = new Set<bigint>();
  for (const part of tokens) {
    const letters = [...part];
    if (letters[0] === '0' || !letters.every((letter) => '0123456789'.includes(letter))) return null;
    const id = BigInt(part);
    if (id > LARGEST) return null;
    numbers.add(id);
  }
  return [...numbers].sort((a, b) => (a < b ? -1 : 1)).join(',');
}
