import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cuts, price, RUNS } from '../test/arbitraries.ts';
import { kernelOracle } from '../test/oracle/series-oracle.ts';
import { ema, emaBatch } from './batch.ts';
import type { EmaOptions, EmaSpec } from './kernel-options.ts';
import { createState, push, restore, serialize } from './state.ts';

const period = fc.integer({ min: 1, max: 30 });
const prices = fc.array(price, { minLength: 1, maxLength: 120 });
const withGaps = fc.array(fc.oneof({ weight: 20, arbitrary: price }, { weight: 1, arbitrary: fc.constant(NaN) }), {
  maxLength: 120,
});
const specs: fc.Arbitrary<EmaSpec[]> = fc.array(
  fc.record(
    { n: period, alpha: fc.double({ min: 1e-3, max: 1, noNaN: true }), warmup: fc.integer({ min: 1, max: 20 }) },
    { requiredKeys: ['n'] },
  ),
  { minLength: 1, maxLength: 9 },
);
const options: fc.Arbitrary<EmaOptions> = fc.oneof(
  fc.record(
    {
      seed: fc.constantFrom('sma', 'first', { value: 100 }),
      minPeriods: fc.integer({ min: 1, max: 8 }),
      ignoreNa: fc.boolean(),
      nan: fc.constantFrom('carry', 'mask', 'propagate'),
    },
    { requiredKeys: [] },
  ),
  fc.record(
    { adjust: fc.constant(true), ignoreNa: fc.boolean(), nan: fc.constantFrom('carry', 'mask') },
    { requiredKeys: ['adjust'] },
  ),
) as fc.Arbitrary<EmaOptions>;

describe('laws of the kernel', () => {
  it('every bit is that of the formula', () => {
    fc.assert(
      fc.property(prices, fc.array(period, { minLength: 1, maxLength: 9 }), (x, list) => {
        const { values } = emaBatch(
          x,
          list.map((n) => ({ n })),
        );
        const expected = list.flatMap((n) => kernelOracle(x, n, 2 / (n + 1)).map((value) => value ?? NaN));
        expect(sameBits(values, expected)).toBe(true);
      }),
      RUNS,
    );
  });

  it('any chunking, stored and read back in between, changes no bit', () => {
    const split = withGaps.chain((x) => fc.tuple(fc.constant(x), cuts(x.length)));
    fc.assert(
      fc.property(split, specs, options, ([x, at], list, how) => {
        const whole = emaBatch(x, list, how).values;
        let state = createState(list, how);
        const parts = list.map((): number[] => []);
        for (let c = 1; c < at.length; c++) {
          const chunk = x.slice(at[c - 1], at[c]);
          const out = push(state, chunk);
          list.forEach((_, j) => parts[j].push(...out.subarray(j * chunk.length, (j + 1) * chunk.length)));
          state = restore(JSON.parse(JSON.stringify(serialize(state))));
        }
        expect(sameBits(whole, parts.flat())).toBe(true);
      }),
      RUNS,
    );
  });

  it('computing periods together or alone gives the same bits', () => {
    fc.assert(
      fc.property(withGaps, specs, options, (x, list, how) => {
        const together = emaBatch(x, list, how).values;
        const alone = list.flatMap((spec) => [...emaBatch(x, [spec], how).values]);
        expect(sameBits(together, alone)).toBe(true);
      }),
      RUNS,
    );
  });

  it('a value depends on the inputs up to its own only', () => {
    const cut = withGaps.chain((x) => fc.tuple(fc.constant(x), fc.integer({ min: 0, max: x.length })));
    fc.assert(
      fc.property(cut, period, options, ([x, until], n, how) => {
        const whole = ema(x, n, how);
        expect(sameBits(ema(x.slice(0, until), n, how), whole.subarray(0, until))).toBe(true);
      }),
      RUNS,
    );
  });

  it('a value lies within the inputs so far, up to 4 ulp', () => {
    fc.assert(
      fc.property(prices, period, (x, n) => {
        let min = Infinity;
        let max = -Infinity;
        ema(x, n).forEach((value, i) => {
          min = Math.min(min, x[i]);
          max = Math.max(max, x[i]);
          if (Number.isNaN(value) || (value >= min - 4 * ulp(min) && value <= max + 4 * ulp(max))) return;
          expect.fail(`value ${i} is ${value}, the inputs so far lie within ${min} and ${max}`);
        });
      }),
      RUNS,
    );
  });

  it('a constant stays constant, up to n ulp', () => {
    fc.assert(
      fc.property(price, period, fc.integer({ min: 1, max: 500 }), (c, n, length) => {
        const values = ema(new Float64Array(length).fill(c), n).subarray(n - 1);
        expect(values.filter((value) => !(Math.abs(value - c) <= n * ulp(c)))).toHaveLength(0);
      }),
      RUNS,
    );
  });

  it('a constant stays constant to the bit in the weighted form', () => {
    fc.assert(
      fc.property(price, period, (c, n) => {
        const values = ema(new Float64Array(100).fill(c), n, { adjust: true, minPeriods: 1 });
        expect(values.every((value) => value === c)).toBe(true);
      }),
      RUNS,
    );
  });

  it('scaling and shifting the inputs scales and shifts the values', () => {
    const factor = fc.double({ min: 0.01, max: 100, noNaN: true });
    const shift = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(prices, period, factor, shift, (x, n, a, b) => {
        const moved = ema(
          x.map((value) => a * value + b),
          n,
        );
        const scale = a * Math.max(...x) + b;
        ema(x, n).forEach((value, i) => {
          if (!Number.isNaN(value)) expect(Math.abs(moved[i] - (a * value + b))).toBeLessThanOrEqual(1e-13 * scale);
        });
      }),
      RUNS,
    );
  });

  it('adjust changes the values', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 40, max: 80 }), (n, length) => {
        const rising = Float64Array.from({ length }, (_, i) => i + 1);
        const plain = ema(rising, n, { seed: 'first', minPeriods: 1 });
        const adjusted = ema(rising, n, { adjust: true, minPeriods: 1 });
        expect(adjusted[0]).toBe(plain[0]);
        expect(adjusted[1]).toBeGreaterThan(plain[1]);
      }),
      RUNS,
    );
  });
});

/** Distance to the next double away from zero. */
function ulp(value: number): number {
  return 2 ** (Math.floor(Math.log2(Math.abs(value))) - 52);
}

function sameBits(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
