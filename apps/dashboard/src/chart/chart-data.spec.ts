import { describe, expect, it } from 'vitest';
import type { Chart } from '@ta/dashboard-server/api';
import { chartData, rejectText } from './chart-data.ts';

const FIRST_DAY = 19_900;

/** Daily bars of successive days, and rejects on some days. */
function chart(count: number, rejects: readonly (readonly [day: number, kind: 'day' | 'bar' | 'ema'])[]): Chart {
  const column = <T>(of: (bar: number) => T): T[] => Array.from({ length: count }, (_, bar) => of(bar));
  const closeTs = (day: number) => (day + 1) * 86_400_000 - 1;
  const [days, prices] = [column((bar) => FIRST_DAY + bar), column(() => 1)];
  return {
    ...{ id: 1, source: '1d', tf: '1D', zone: 'UTC', emas: [], isCut: false },
    bars: {
      ...{ timeOpen: days.map((day) => day * 86_400_000), timeClose: days.map(closeTs) },
      ...{ openDay: days, closeDay: days, closedDay: days, barSeq: column((bar) => bar + 1) },
      ...{ open: prices, high: prices, low: prices, close: prices, volume: prices },
      ...{ missingDays: column(() => 0), isPartialStart: column(() => 0), isPartialEnd: column(() => 0) },
    },
    rejects: rejects.map(([offset, kind]) => ({
      ...{ ts: closeTs(FIRST_DAY + offset), day: FIRST_DAY + offset, kind, reason: 'null_open' },
    })),
  };
}

describe('the rejects of a chart', () => {
  it('belong to the first bar that closes at or after them, and those after the newest bar to that', () => {
    const data = chartData(
      chart(3, [
        [-2, 'day'],
        [1, 'bar'],
        [2, 'ema'],
        [3, 'day'],
        [9, 'day'],
      ]),
    );
    expect([...data.rejectsOf]).toStrictEqual([
      [0, ['2024-06-24 refused: null_open']],
      [1, ['2024-06-27 clamped: null_open']],
      [
        2,
        ['2024-06-28 EMA out of bounds: null_open', '2024-06-29 refused: null_open', '2024-07-05 refused: null_open'],
      ],
    ]);
    expect(data.marks.map(({ time, kind }) => [data.indexOf.get(time), kind])).toStrictEqual([
      [0, 'reject'],
      [1, 'reject'],
      [2, 'reject'],
    ]);
  });

  it('are the newest ones of a bar, and a number', () => {
    const late = Array.from({ length: 12 }, (_, day) => [5 + day, 'day'] as const);
    const texts = chartData(chart(3, late)).rejectsOf.get(2);
    expect(texts).toHaveLength(11);
    expect([texts?.[0], texts?.at(-1)]).toStrictEqual(['2 older ones (ta rejects)', '2024-07-12 refused: null_open']);
  });

  it('belong to no bar where there is none, and have their texts', () => {
    const refused = chart(0, [[0, 'day']]);
    const { rejectsOf, marks } = chartData(refused);
    expect([rejectsOf.size, marks]).toStrictEqual([0, []]);
    expect(refused.rejects.map(rejectText)).toStrictEqual(['2024-06-26 refused: null_open']);
  });
});
