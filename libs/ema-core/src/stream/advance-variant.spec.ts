import { describe, expect, it } from 'vitest';
import { advanceVariant, type VariantInput } from './advance-variant.ts';
import { createEmaBlock, type EmaBlock } from './ema-block.ts';
import type { EmaVariant } from './variant-spec.ts';
import { openVariantState } from './variant-state.ts';

const START = { firstRow: 0, offset: 0, tfOffset: 0 };

function columns(x: number[], closed: number[], closePx = x): VariantInput {
  return { x: Float64Array.from(x), closed: Uint8Array.from(closed), closePx: Float64Array.from(closePx) };
}

function run(variant: EmaVariant, input: VariantInput, periods = [2], tfDays = 2) {
  const state = openVariantState({ variant, periods, tfDays });
  const rows = input.x.length;
  const block = createEmaBlock({ rows, timeframes: 1, periods: periods.length, withBar: state.plan.withBar });
  const report = advanceVariant(state, input, 0, rows, { block, ...START });
  return { state, block, report };
}

describe('rows of several timeframes in one block', () => {
  it('lie in key order, each timeframe in its own cells', () => {
    const x = [10, 11, 12, 13];
    const lanes = [columns(x, [1, 1, 1, 1]), columns(x, [0, 1, 0, 1])];
    const block = createEmaBlock({ rows: 4, timeframes: 2, periods: 2, withBar: false });
    lanes.forEach((input, tf) => {
      const state = openVariantState({ variant: 'multi_tf', periods: [1, 2], tfDays: tf + 1 });
      advanceVariant(state, input, 0, 4, { block, firstRow: 0, offset: 2 * tf, tfOffset: tf });
    });
    lanes.forEach((input, tf) => {
      const alone = run('multi_tf', input, [1, 2], tf + 1).block;
      for (let row = 0; row < 4; row++) {
        for (const column of ['ema', 'd1', 'd2', 'd1Roll', 'd2Roll'] as const) {
          expect([...block[column].subarray(4 * row + 2 * tf, 4 * row + 2 * tf + 2)]).toEqual([
            ...alone[column].subarray(2 * row, 2 * row + 2),
          ]);
        }
        expect(block.roll[2 * row + tf]).toBe(alone.roll[row]);
      }
    });
    expect([...block.roll]).toEqual([0, 1, 0, 0, 0, 1, 0, 0]);
  });

  it('start at any row of input and block', () => {
    const input = columns([10, 11, 12, 13], [0, 1, 0, 1]);
    const whole = run('cal', input, [1]).block;
    const state = openVariantState({ variant: 'cal', periods: [1], tfDays: 2 });
    const block = createEmaBlock({ rows: 6, timeframes: 1, periods: 1, withBar: true });
    advanceVariant(state, input, 0, 3, { block, ...START, firstRow: 2 });
    advanceVariant(state, input, 3, 4, { block, ...START, firstRow: 5 });
    expect([...block.ema]).toEqual([NaN, NaN, ...whole.ema]);
    expect([...block.d2RollBar]).toEqual([NaN, NaN, ...whole.d2RollBar]);
  });

  it('write every cell of their rows, so that a block can be used again', () => {
    for (const variant of ['multi_tf', 'cal', 'cal_anchor', 'v2'] as const) {
      const input = columns([10, 11, 12, 13], [0, 1, 0, 1]);
      const fresh = run(variant, input, [1, 2, 3]);
      const used = createEmaBlock({ rows: 4, timeframes: 1, periods: 3, withBar: fresh.state.plan.withBar });
      used.cells.fill(777);
      used.roll.fill(7);
      advanceVariant(openVariantState(fresh.state.spec), input, 0, 4, { block: used, ...START });
      expect(used).toEqual(fresh.block);
    }
  });

  it('are refused where they do not fit', () => {
    const input = columns([10, 11, 12], [0, 1, 0]);
    const state = openVariantState({ variant: 'cal', periods: [1, 2], tfDays: 2 });
    const block = createEmaBlock({ rows: 3, timeframes: 1, periods: 2, withBar: true });
    const noBar = createEmaBlock({ rows: 3, timeframes: 1, periods: 2, withBar: false });
    const attempt = (change: Partial<VariantInput>, from: number, until: number, into: EmaBlock, place = START) => {
      return () => advanceVariant(state, { ...input, ...change }, from, until, { block: into, ...place });
    };
    const attempts = [
      attempt({}, 0, 4, block),
      attempt({}, 2, 1, block),
      attempt({}, -1, 2, block),
      attempt({}, 0, 3, noBar),
      attempt({}, 0, 3, block, { ...START, firstRow: 1 }),
      attempt({}, 0, 3, block, { ...START, offset: 1 }),
      attempt({}, 0, 3, block, { ...START, tfOffset: 1 }),
      attempt({ closed: new Uint8Array(2) }, 0, 3, block),
      attempt({ closePx: new Float64Array(0) }, 0, 3, block),
    ];
    for (const call of attempts) expect(call).toThrow(expect.objectContaining({ code: 'EMA_BAD_INPUT' }));
    expect(state.rowsSeen).toBe(0);
    expect(() => createEmaBlock({ rows: -1, timeframes: 1, periods: 2, withBar: false })).toThrow(
      expect.objectContaining({ code: 'EMA_BAD_INPUT' }),
    );
  });
});

describe('faults of the data', () => {
  it('a NaN close after the seed of a chain is reported once a period and series, and leaves no value behind', () => {
    const { block, report } = run('cal', columns([10, 11, NaN, 13, 14, 15], [1, 1, 0, 0, 0, 0]), [1, 2, 3]);
    expect(report.nonFinite).toEqual([
      { row: 2, period: 1, series: 'ema_bar', kind: 'nan', value: NaN },
      { row: 2, period: 2, series: 'ema_bar', kind: 'nan', value: NaN },
      { row: 2, period: 1, series: 'ema', kind: 'nan', value: NaN },
      { row: 2, period: 2, series: 'ema', kind: 'nan', value: NaN },
    ]);
    expect([...block.ema.subarray(6)].every(Number.isNaN)).toBe(true);
    expect(report.violations).toEqual([]);
  });

  it('a NaN close before the seed is no fault', () => {
    expect(run('cal', columns([10, NaN, 12, 13], [1, 0, 1, 1]), [2]).report.nonFinite).toEqual([]);
  });

  it('an infinite close is reported and not taken for a row', () => {
    for (const variant of ['multi_tf', 'cal', 'cal_anchor', 'v2'] as const) {
      const { block, report } = run(variant, columns([10, 11, 12, 13, Infinity, 15], [0, 1, 0, 1, 1, 0]));
      expect(report.nonFinite[0]).toMatchObject({ row: 4, period: 2, kind: 'infinity', value: Infinity });
      expect(block.ema[3]).not.toBeNaN();
      expect(block.ema[4]).toBeNaN();
    }
  });

  it('a NaN bar close starts the seed anew, and is carried over after it', () => {
    const px = [10, NaN, 12, 13, NaN, 15];
    const { block } = run('multi_tf', columns(px, [1, 1, 1, 1, 1, 1]));
    const alpha = 2 / 3;
    expect([...block.ema]).toEqual([NaN, NaN, NaN, 12.5, 12.5, alpha * 15 + (1 - alpha) * 12.5]);
  });

  // prices at or below zero are prices
  it.each([
    ['of negative prices', [-3, -3.1, -3.2, -3.1]],
    ['of prices on both sides of zero', [1, 1, -5, -5]],
    ['of zeros', [0, 0, 0, 0]],
  ])('a value %s is right', (_, closes) => {
    for (const variant of ['multi_tf', 'cal', 'cal_anchor', 'v2'] as const) {
      expect(run(variant, columns(closes, [1, 1, 0, 1])).report.violations).toEqual([]);
    }
  });

  it('a bar close below all daily closes is reported and written', () => {
    const negative = run('cal', columns([-3, -4, -5], [0, 1, 1], [-3, -4, -6]), [1]);
    expect(negative.report.violations).toMatchObject([{ row: 2, series: 'ema_bar', kind: 'out_of_price_bounds' }]);
    const positive = run('cal', columns([3, 4, 5], [0, 1, 1], [3, 4, -6]), [1]);
    expect(positive.report.violations).toMatchObject([{ row: 2, series: 'ema_bar', kind: 'negative' }]);
    expect(positive.block.emaBar[2]).toBe(-6);
  });

  it('a bar close far outside the daily closes puts the series out of its bounds', () => {
    const { block, report } = run('cal', columns([10, 11, 12, 13], [0, 1, 0, 1], [10, 11, 12, 1300]), [1]);
    expect(report.violations).toEqual([
      { row: 3, period: 1, series: 'ema_bar', kind: 'out_of_price_bounds', value: 1300, lo: 5.5, hi: 26 },
    ]);
    expect(block.emaBar[3]).toBe(1300);
    expect(report.closeMismatches).toEqual([{ row: 3, barClose: 1300, dailyClose: 13 }]);
  });

  it('bounds begin with the first bar close, for v2 with the first row', () => {
    const input = columns([1000, 10, 11, 12], [0, 1, 0, 1]);
    expect(run('multi_tf', input).state).toMatchObject({ priceMin: 10, priceMax: 12 });
    expect(run('v2', input).state).toMatchObject({ priceMin: 10, priceMax: 1000 });
  });

  it('bounds are inclusive and go on from the state', () => {
    const state = openVariantState({ variant: 'multi_tf', periods: [1], tfDays: 2 });
    const block = createEmaBlock({ rows: 3, timeframes: 1, periods: 1, withBar: false });
    advanceVariant(state, columns([10], [1]), 0, 1, { block, ...START });
    const { violations } = advanceVariant(state, columns([10, 10, 10], [1, 1, 1], [5, 20, 20.5]), 0, 3, {
      block,
      ...START,
    });
    expect(violations.map(({ row, value, lo, hi }) => [row, value, lo, hi])).toEqual([[2, 20.5, 5, 20]]);
  });
});
