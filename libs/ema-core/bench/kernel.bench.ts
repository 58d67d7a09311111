import { bench, describe } from 'vitest';
import { emaBatch } from '../src/batch.ts';
import { EMA_PERIODS } from '../src/periods.ts';
import { advanceVariant } from '../src/stream/advance-variant.ts';
import { createEmaBlock } from '../src/stream/ema-block.ts';
import { openVariantState, type VariantState } from '../src/stream/variant-state.ts';
import { randomWalk } from './random-walk.ts';

describe('20 periods over 1,000,000 closes', () => {
  const x = randomWalk(1_000_000);
  const periods = [5, ...EMA_PERIODS, 400, 500];
  const out = new Float64Array(periods.length * x.length);

  bench('emaBatch', () => {
    emaBatch(
      x,
      periods.map((n) => ({ n })),
      {},
      out,
    );
  });

  bench('one loop by hand over rows and periods', () => {
    fusedByHand(x, periods, out);
  });

  bench('one loop by hand per period', () => {
    onePeriodAtATime(x, periods, out);
  });
});

describe('17 periods of one timeframe over 20,000 days, all derivatives', () => {
  const x = randomWalk(20_000);
  const closed = Uint8Array.from(x, (_, i) => (i % 7 === 6 ? 1 : 0));
  const block = createEmaBlock({ rows: x.length, timeframes: 1, periods: EMA_PERIODS.length, withBar: true });
  const advance = (state: VariantState) =>
    advanceVariant(state, { x, closed, closePx: x }, 0, x.length, { block, firstRow: 0, offset: 0, tfOffset: 0 });

  for (const variant of ['multi_tf', 'cal', 'cal_anchor', 'v2'] as const) {
    bench(variant, () => {
      advance(openVariantState({ variant, periods: EMA_PERIODS, tfDays: 7 }));
    });
  }
});

/** The yardstick: nothing but the recurrence, no seed, no NaN rule, the periods side by side in a row. */
function fusedByHand(x: Float64Array, periods: number[], out: Float64Array): void {
  const alpha = Float64Array.from(periods, (n) => 2 / (n + 1));
  const beta = alpha.map((a) => 1 - a);
  const e = new Float64Array(periods.length).fill(x[0]);
  let cell = 0;
  for (let i = 0; i < x.length; i++) {
    const v = x[i];
    for (let j = 0; j < e.length; j++) {
      const next = alpha[j] * v + beta[j] * e[j];
      e[j] = next;
      out[cell++] = next;
    }
  }
}

/** The same with each period's series on its own. */
function onePeriodAtATime(x: Float64Array, periods: number[], out: Float64Array): void {
  periods.forEach((n, j) => {
    const alpha = 2 / (n + 1);
    const beta = 1 - alpha;
    const at = j * x.length;
    let e = x[0];
    for (let i = 0; i < x.length; i++) {
      e = alpha * x[i] + beta * e;
      out[at + i] = e;
    }
  });
}
