import { ONE_DAY_MS } from '@ta/bars-core/engine';
import { describe, expect, it } from 'vitest';
import { utcDayText } from './parse-instant.ts';
import { seededUniform } from './random.ts';
import { NUMBER_COLUMNS, type SourceBatch } from './source-batch.ts';
import { syntheticAnomalies, syntheticAssets, type SyntheticOptions, syntheticPrices } from './synthetic.ts';

const [asset, other] = syntheticAssets(2);
const plain: SyntheticOptions = { seed: 1, days: 1_000, lastDay: '2025-10-26', asset };
const spoiled: SyntheticOptions = {
  ...plain,
  gaps: { everyDays: 97, lengthDays: 3 },
  badRows: { everyDays: 50 },
};

function rowOf(batch: SourceBatch, row: number): (number | string | null)[] {
  return [...NUMBER_COLUMNS.map((column) => batch[column][row]), batch.day[row], batch.name[row]];
}

describe('seededUniform', () => {
  it('is a fixed sequence', () => {
    const uniform = seededUniform(42);
    // From a rendering of xoshiro128** and splitmix32 in Python with unbounded integers.
    expect(Array.from({ length: 3 }, () => Math.floor(uniform() * 1e9))).toEqual([
      153_771_653, 850_489_300, 18_084_544,
    ]);
  });

  it('stays in [0, 1) and is spread evenly', () => {
    const uniform = seededUniform(7);
    const counts = new Array<number>(10).fill(0);
    for (let n = 0; n < 100_000; n++) counts[Math.floor(uniform() * 10)]++;
    expect(counts.reduce((sum, count) => sum + count)).toBe(100_000);
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

describe('syntheticPrices', () => {
  it('is one valid row a day, ascending, clearly labelled', () => {
    const batch = syntheticPrices(plain);
    expect(batch.length).toBe(1_000);
    expect(utcDayText(batch.day[999])).toBe('2025-10-26');
    for (let row = 0; row < batch.length; row++) {
      const [open, high, low, close] = [batch.open[row], batch.high[row], batch.low[row], batch.close[row]];
      expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
      expect(low).toBeLessThanOrEqual(Math.min(open, close));
      expect(low).toBeGreaterThan(0);
      expect(batch.volume[row]).toBeGreaterThan(0);
      expect(batch.day[row]).toBe(batch.day[0] + row);
      expect(batch.timeOpen[row]).toBe(batch.day[row] * ONE_DAY_MS);
      expect(batch.ts[row]).toBe(batch.timeOpen[row] + ONE_DAY_MS - 1);
      for (const extreme of [batch.timeHigh[row], batch.timeLow[row]]) {
        expect(extreme >= batch.timeOpen[row] && extreme <= batch.timeClose[row]).toBe(true);
      }
      expect(batch.name[row]).toContain('synthetic');
      expect(batch.sourceFile[row]).toBe('synthetic, seed 1');
    }
  });

  it('is the same for the same options and another walk for another seed or asset', () => {
    expect(syntheticPrices(plain)).toEqual(syntheticPrices(plain));
    const close = (options: SyntheticOptions): number => syntheticPrices(options).close[999];
    expect(new Set([close(plain), close({ ...plain, seed: 2 }), close({ ...plain, asset: other })]).size).toBe(3);
  });

  it('keeps its numbers for ever', () => {
    const batch = syntheticPrices({ ...plain, days: 3 });
    // Written down from the first version: demos and benchmarks must stay comparable.
    expect([...batch.close, ...batch.volume]).toEqual([
      0.02533019, 0.02375378, 0.02333621, 1_107_620, 980_373, 713_936,
    ]);
  });

  it('grows by a row for a day more and changes none', () => {
    const before = syntheticPrices(spoiled);
    const after = syntheticPrices({ ...spoiled, days: 1_001, lastDay: '2025-10-27' });
    expect(after.length).toBeGreaterThan(before.length);
    for (let row = 0; row < before.length; row++) expect(rowOf(after, row)).toEqual(rowOf(before, row));
  });

  it('stays positive and finite over a century of any seed', () => {
    for (let seed = 0; seed < 40; seed++) {
      const batch = syntheticPrices({ ...plain, seed, days: 36_000, lastDay: '2199-12-31' });
      expect(batch.low.every((low) => low > 0)).toBe(true);
      expect(batch.high.every(Number.isFinite)).toBe(true);
    }
  });

  it('has exactly the defects it announces', () => {
    const batch = syntheticPrices(spoiled);
    const anomalies = syntheticAnomalies(spoiled);
    const kindOf = new Map(anomalies.map(({ day, kind }) => [day, kind]));
    expect(new Set(kindOf.values()).size).toBe(6);
    const rowsOf = new Map<string, number[]>();
    for (let row = 0; row < batch.length; row++) {
      const day = utcDayText(batch.day[row]);
      rowsOf.set(day, [...(rowsOf.get(day) ?? []), row]);
      if (row > 0) expect(batch.ts[row]).toBeGreaterThan(batch.ts[row - 1]);
    }
    for (let day = batch.day[0]; day <= batch.day[batch.length - 1]; day++) {
      const kind = kindOf.get(utcDayText(day)) ?? null;
      const rows = rowsOf.get(utcDayText(day)) ?? [];
      expect(rows.length).toBe(kind === 'missing_day' ? 0 : kind === 'duplicate_day' ? 2 : 1);
      for (const row of rows) {
        expect(Number.isNaN(batch.open[row])).toBe(kind === 'null_open');
        expect(Number.isNaN(batch.volume[row])).toBe(kind === 'null_volume');
        expect(batch.high[row] < batch.low[row]).toBe(kind === 'high_below_low');
        expect(batch.timeHigh[row] > batch.timeClose[row]).toBe(kind === 'time_high_outside_day');
      }
    }
  });

  it('puts in the kinds it is asked for only', () => {
    const only = { ...plain, badRows: { everyDays: 10, kinds: ['null_volume'] as const } };
    expect(new Set(syntheticAnomalies(only).map(({ kind }) => kind))).toEqual(new Set(['null_volume']));
    expect(syntheticAnomalies(plain)).toEqual([]);
  });

  it.each([
    [{ asset: { ...asset, name: 'Bitcoin' } }, /word "synthetic"/],
    [{ asset: { ...asset, id: 0 } }, /id is 0/],
    [{ seed: 1.5 }, /seed is 1.5/],
    [{ days: 0 }, /days is 0/],
    [{ days: 100_000 }, /days is 100000; expected an integer from 1 to 20387/],
    [{ lastDay: '2025-02-29' }, /lastDay is "2025-02-29"/],
    [{ lastDay: '' }, /lastDay is ""/],
    [{ gaps: { everyDays: 3, lengthDays: 2 } }, /gaps is/],
    [{ gaps: { everyDays: 10, lengthDays: 0 } }, /gaps is/],
    [{ badRows: { everyDays: 1 } }, /badRows is/],
    [{ badRows: { everyDays: 10, kinds: [] } }, /badRows is/],
  ])('refuses %j', (change, message) => {
    expect(() => syntheticPrices({ ...plain, ...change })).toThrow(message);
  });
});

describe('syntheticAssets', () => {
  it('numbers and labels them', () => {
    expect(syntheticAssets(2, 950_000)).toEqual([
      { id: 950_000, name: 'synthetic asset 1', symbol: 'SYN1' },
      { id: 950_001, name: 'synthetic asset 2', symbol: 'SYN2' },
    ]);
  });
});
