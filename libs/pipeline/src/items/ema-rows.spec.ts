import { openVariantState } from '@ta/ema-core/engine';
import { describe, expect, it } from 'vitest';
import { packedChunks, type EmaFold, type EmaLane } from './ema-rows.ts';

const DAYS = 20_000;
const PERIODS = [2, 3, 5, 8, 13, 21, 34, 55, 89, 144];
/** Values in memory at once, at most. */
const MOST_VALUES = 131_072;

describe('the packed rows of a long history', () => {
  const ts = Float64Array.from({ length: DAYS }, (_, day) => day * 86_400_000);
  const close = Float64Array.from(ts, (_, day) => 100 + (day % 7));
  const fold: EmaFold = {
    table: 'multi_tf',
    id: 1,
    grid: { ts, close },
    periods: PERIODS,
    onViolation: () => undefined,
  };
  const lane = (series: number): EmaLane => ({
    ...{ tf: '1D', series, emitFrom: 0, closed: new Uint8Array(DAYS).fill(1), closePx: close },
    state: openVariantState({ variant: 'multi_tf', periods: PERIODS, tfDays: 1 }),
  });

  it('come in blocks of a bounded number of values, each day of each series once', () => {
    const seen: string[] = [];
    for (const { rows, lengths, select, series, ts: instants } of packedChunks(fold, [lane(1), lane(2)])) {
      expect(lengths.length * PERIODS.length).toBeLessThanOrEqual(MOST_VALUES);
      expect(rows).toBeLessThanOrEqual(lengths.length);
      for (const place of select) seen.push(`${series[place]}/${instants[place]}`);
    }
    // the first day has no value of the shortest period, 2
    const expected = [1, 2].flatMap((number) => Array.from(ts.subarray(1), (instant) => `${number}/${instant}`));
    expect(seen).toEqual(expected);
  });
});
