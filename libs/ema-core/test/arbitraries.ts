import fc from 'fast-check';

/** Settings of all property tests. */
export const RUNS = { numRuns: 100 } as const;

/** A price: positive, from thousandths to millions, with all its bits in use. */
export const price = fc.double({ min: 1e-3, max: 1e6, noNaN: true });

/** Days of a grid with the bars that close on them. */
export interface Market {
  readonly x: number[];
  readonly isClosed: boolean[];
  /** Whether it becomes known on a day that a bar closed on the day before. */
  readonly isLate: boolean[];
}

/**
 * A market of up to `maxDays` days; a bar closes on every second or third of them, at no fixed distance.
 * @param closesLate whether some of the other days close a bar, too, and that is known on the day after
 */
export function market(maxDays = 60, closesLate = true): fc.Arbitrary<Market> {
  return fc
    .array(fc.tuple(price, fc.integer({ min: 0, max: 4 })), { minLength: 1, maxLength: maxDays })
    .map((days) => ({
      x: days.map(([x]) => x),
      isClosed: days.map(([, dice]) => dice < 2),
      isLate: days.map((_, i) => closesLate && i > 0 && days[i - 1][1] === 2),
    }));
}

/** Distinct ascending periods, small enough for a short market to seed several. */
export const periods = fc
  .uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 })
  .map((list) => list.sort((a, b) => a - b));

/** Ascending positions that cut a series of `length` into chunks, both ends included; some chunks are empty. */
export function cuts(length: number): fc.Arbitrary<number[]> {
  return fc
    .array(fc.integer({ min: 0, max: length }), { maxLength: 6 })
    .map((inner) => [0, ...inner.sort((a, b) => a - b), length]);
}
