import { describe, expect, it } from 'vitest';
import { dayNumber, plainRow, seriesD, seriesOf } from '../../test/fixtures/plain-row.ts';
import { timeframe } from '../../test/fixtures/plain-snapshot.ts';
import { BarsError } from '../errors.ts';
import { openBarState, type BarState } from './bar-state.ts';
import { decodeBarState, encodeBarState } from './bar-state-codec.ts';
import { buildSnapshots } from './build-snapshots.ts';
import { createSnapshotColumns } from './snapshot-columns.ts';

function stateAfter(tf: string, rows = seriesD()): BarState {
  const state = openBarState(timeframe(tf));
  buildSnapshots(seriesOf(rows), timeframe(tf), {
    state,
    from: 0,
    until: rows.length,
    out: createSnapshotColumns(rows.length),
  });
  return state;
}

describe('a stored bar state', () => {
  it.each(['7D', '1W_CAL_US', '2W_CAL_ISO', '1M_CAL_ANCHOR', '20Y_CAL'])('of %s reads as it was written', (tf) => {
    for (const state of [openBarState(timeframe(tf)), stateAfter(tf)]) {
      const numbers = encodeBarState(state);
      expect(decodeBarState(timeframe(tf), numbers)).toStrictEqual(state);
      expect(encodeBarState(decodeBarState(timeframe(tf), numbers))).toStrictEqual(numbers);
    }
  });

  it('lists at most 50 missing days, however many there are', () => {
    const rows = [plainRow(dayNumber('2020-01-01')), plainRow(dayNumber('2024-01-01'))];
    const state = stateAfter('7D', rows);
    const numbers = encodeBarState(state);
    expect(numbers).toHaveLength(27 + 50);
    expect(decodeBarState(timeframe('7D'), numbers)).toStrictEqual(state);
    expect(state.bar.missing.text).toMatch(/,2020-02-20\.\.\.\(\+1410 more\)$/);
  });

  it('keeps unknown values', () => {
    const nothing = { open: null, high: null, low: null, close: null, volume: null, marketCap: null };
    const state = stateAfter('7D', [plainRow(dayNumber('2024-01-01'), nothing)]);
    expect(decodeBarState(timeframe('7D'), encodeBarState(state))).toStrictEqual(state);
  });

  it('belongs to one timeframe', () => {
    const numbers = encodeBarState(stateAfter('1W_CAL_US'));
    for (const tf of ['1W_CAL_ISO', '2W_CAL_US', '1W_CAL_ANCHOR_US', '1M_CAL', '7D']) {
      expect(() => decodeBarState(timeframe(tf), numbers)).toThrow(expect.objectContaining({ code: 'BARS_BAD_STATE' }));
    }
  });

  // Series D leaves 1M_CAL_ANCHOR with one bar of 19 rows and one missing day.
  it.each<[string, (numbers: number[]) => void]>([
    ['nothing in it', (numbers) => void (numbers.length = 0)],
    ['a number too few', (numbers) => void numbers.pop()],
    ['a number too many', (numbers) => void numbers.push(0)],
    ['another layout', (numbers) => void (numbers[0] = 2)],
    ['half a row', (numbers) => void (numbers[5] = 18.5)],
    ['fewer rows than its bar', (numbers) => void (numbers[5] = 18)],
    ['more rows than days', (numbers) => void (numbers[5] = 21)],
    ['a negative count', (numbers) => void (numbers[6] = -1)],
    ['more closed bars than bars', (numbers) => void (numbers[6] = 2)],
    ['no first day', (numbers) => void (numbers[7] = NaN)],
    ['a last row after the end of its bar', (numbers) => void (numbers[8] += 10)],
    ['no last instant', (numbers) => void (numbers[9] = NaN)],
    ['no bar but rows in one', (numbers) => void (numbers[10] = 0)],
    ['a bar of no width', (numbers) => void (numbers[13] = 0)],
    ['a bar without opening', (numbers) => void (numbers[16] = NaN)],
    ['unknown missing days', (numbers) => void (numbers[24] = NaN)],
    ['more missing days at the start than in all', (numbers) => void (numbers[25] = 2)],
    ['another last missing day', (numbers) => void (numbers[26] += 1)],
    ['a missing day that is none', (numbers) => void (numbers[27] = 0.5)],
  ])('is refused with %s', (_, damage) => {
    const numbers = Array.from(encodeBarState(stateAfter('1M_CAL_ANCHOR')));
    damage(numbers);
    expect(() => decodeBarState(timeframe('1M_CAL_ANCHOR'), Float64Array.from(numbers))).toThrow(BarsError);
  });

  it('is refused when an empty one has a day', () => {
    const numbers = encodeBarState(openBarState(timeframe('7D')));
    numbers[7] = 3;
    expect(() => decodeBarState(timeframe('7D'), numbers)).toThrow(expect.objectContaining({ code: 'BARS_BAD_STATE' }));
  });
});
