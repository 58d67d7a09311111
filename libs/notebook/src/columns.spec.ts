import { barsOf } from '@ta/bars-core';
import { emas } from '@ta/ema-core';
import { tableFromIPC, tableToIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { arrowTable, columnsOf, joinColumns, tidyRows } from './columns.ts';
import { linePlot } from './line-plot.ts';

const date = ['2024-01-05', '2024-01-08', '2024-01-09'];
const close = [10, 11, 13];
const weeks = barsOf({ date, open: close, high: close, low: close, close }, '1W_CAL_ANCHOR_ISO');

describe('tidy output', () => {
  it('bars become rows with dates, flags and null for what is not known', () => {
    const rows = tidyRows(columnsOf(weeks));
    expect(rows.length).toBe(2);
    expect(rows[1]).toMatchObject({
      ...{ timeClose: new Date('2024-01-09T23:59:59.999Z'), open: 11, close: 13, volume: null, barSeq: 2 },
      ...{ isPartialStart: false, isPartialEnd: true, isFinal: false, closedAt: null },
    });
    expect(tidyRows({ closedAt: [0, NaN] })).toEqual([{ closedAt: new Date(0) }, { closedAt: null }]);
  });

  it('EMAs stand beside their bars, one column per period', () => {
    const joined = joinColumns(columnsOf(weeks), columnsOf(emas(weeks.close, [1, 2])));
    expect(tidyRows(joined).map(({ close: c, ema1, ema2 }) => [c, ema1, ema2])).toStrictEqual([
      [10, 10, null],
      [13, 13, 11.5],
    ]);
    expect(() => joinColumns(columnsOf(weeks), { x: [1] })).toThrow(RangeError);
  });

  it('an Arrow table survives being written and read', () => {
    const table = tableFromIPC(tableToIPC(arrowTable(columnsOf(weeks))));
    const row = table.get(1)?.toJSON() as Record<string, unknown>;
    expect(row).toMatchObject({
      timeClose: Date.parse('2024-01-09T23:59:59.999Z'),
      close: 13,
      volume: null,
      isPartialEnd: true,
    });
    expect(String(table.schema.fields.find(({ name }) => name === 'timeClose')?.type)).toBe(
      'Timestamp<MILLISECOND, UTC>',
    );
    expect(table.getChild('volume')?.toArray()).toEqual(Float64Array.of(NaN, NaN)); // no 0 for readers that overlook nulls
  });

  it('a column of text is one of text in an Arrow table', () => {
    const table = tableFromIPC(tableToIPC(arrowTable({ tf: ['7D', null], close: [1, NaN] })));
    expect(table.toArray().map((row) => row.toJSON())).toEqual([
      { tf: '7D', close: 1 },
      { tf: null, close: null },
    ]);
  });

  it.each([
    ['a price of zero on a logarithmic scale', [0, 1, 2], [1, 0, 100], 'M70.0 332.0M850.0 30.0'],
    ['an infinite value', [0, 1, 2], [1, Infinity, 100], 'M70.0 332.0M850.0 30.0'],
    ['nothing at all', [], [], ''],
  ])('a plot of %s has a gap there', (_, x, y, path) => {
    expect(linePlot('plot', [{ name: 'close', x, y }], 'log')).toContain(`<path d="${path}"`);
  });

  it('a plot is an SVG that names its lines and breaks them at gaps', () => {
    const svg = linePlot('a <title>', [{ name: 'x & y', x: [0, 1, 2, 3], y: [1, 2, NaN, 4] }], 'log');
    expect(svg).toContain('a &lt;title&gt;');
    expect(svg).toContain('x &amp; y');
    expect(
      svg
        .match(/d="(.*?)"/)?.[1]
        ?.match(/[ML]/g)
        ?.join(''),
    ).toBe('MLM');
  });
});
