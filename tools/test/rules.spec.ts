import { readFileSync } from 'node:fs';
import path from 'node:path';
import { barsOf, type BarColumns, type BarTimeframe, type DayColumns } from '@ta/bars-core';
import { ema } from '@ta/ema-core';
import {
  alphaBar,
  alphaDailyEquivalent,
  alphaDailySpace,
  anchored,
  calendar,
  dailySpace,
  multiTf,
  type CalendarRows,
  type VariantRows,
} from '@ta/ema-core/engine';
import { describe, expect, it } from 'vitest';

const DOCS = path.resolve(import.meta.dirname, '../../docs');

type Cells = Readonly<Record<string, string>>;

/** The tables of a page in their order, each as its rows by heading. */
function tablesOf(page: string): Cells[][] {
  const blocks = readFileSync(path.join(DOCS, page), 'utf8').split(/\n(?!\|)/);
  return blocks.flatMap((block) => {
    const lines = block.split('\n').filter((line) => line.startsWith('|'));
    if (lines.length < 3) return [];
    const cellsOf = (line: string) => line.slice(1, -1).split('|').map((cell) => cell.trim().replaceAll('`', '')); // prettier-ignore
    const headings = cellsOf(lines[0]);
    return [lines.slice(2).map((line) => Object.fromEntries(cellsOf(line).map((cell, i) => [headings[i], cell])))];
  });
}

/** The only table of a page that has these headings. */
function tableWith(page: string, ...headings: string[]): Cells[] {
  const found = tablesOf(page).filter(([row]) => headings.every((heading) => heading in row));
  expect(found, `${page}: ${headings.join(', ')}`).toHaveLength(1);
  return found[0];
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(8, 10);

describe('docs/bars.md', () => {
  /** The days of the page's example, from its table of highs and lows. */
  function exampleDays(): DayColumns {
    const [highs, lows] = tableWith('bars.md', 'day', '03', '22').map(({ day: _, ...byDay }) => byDay);
    const days = Object.keys(highs).sort();
    const sinceFirst = days.map((day) => Number(day) - 3);
    return {
      date: days.map((day) => `2024-01-${day}`),
      open: sinceFirst.map((i) => 100 + i),
      high: days.map((day) => Number(highs[day])),
      low: days.map((day) => Number(lows[day])),
      close: sinceFirst.map((i) => 100.5 + i),
      volume: sinceFirst.map((i) => 10 * (i + 1)),
    };
  }

  const shown = (bars: BarColumns, i: number, timeframe: string): Cells => ({
    timeframe,
    bar: String(bars.barSeq[i]),
    day: dayOf(bars.timeClose[i]),
    opened: dayOf(bars.timeOpen[i]),
    open: String(bars.open[i]),
    high: String(bars.high[i]),
    low: String(bars.low[i]),
    close: String(bars.close[i]),
    volume: String(bars.volume[i]),
    partial: bars.isPartialEnd[i] === 1 ? 'yes' : 'no',
    days: String(bars.countDays[i]),
    missing: String(bars.countMissingDays[i]),
  });

  it.each(tableWith('bars.md', 'timeframe', 'bar', 'volume'))('snapshot of $timeframe on the $day', (row) => {
    const bars = barsOf(exampleDays(), row.timeframe as BarTimeframe, { rows: 'snapshots' });
    const at = [...bars.timeClose].findIndex((ms) => dayOf(ms) === row.day);
    expect(shown(bars, at, row.timeframe)).toStrictEqual(row);
  });

  it('7D has a snapshot for each of the 19 days', () => {
    expect(barsOf(exampleDays(), '7D', { rows: 'snapshots' }).length).toBe(19);
  });

  it.each(tableWith('bars.md', 'timeframe', 'from', 'until'))('$timeframe has a window from $from', (row) => {
    const length = (Date.parse(row.until) - Date.parse(row.from)) / 86_400_000 + 1;
    const date = Array.from({ length: length + 2 }, (_, i) =>
      new Date(Date.parse(row.from) + (i - 1) * 86_400_000).toISOString().slice(0, 10),
    );
    const ones = date.map(() => 1);
    const { timeOpen, timeClose, isPartialEnd } = barsOf(
      { date, open: ones, high: ones, low: ones, close: ones },
      row.timeframe as BarTimeframe,
    );
    const iso = (ms: number) => new Date(ms).toISOString().slice(0, 10);
    const at = [...timeOpen].findIndex((ms) => iso(ms) === row.from);
    expect([at, iso(timeClose[at]), isPartialEnd[at]]).toStrictEqual([1, row.until, 0]);
    expect(date).toContain('2024-02-14');
  });
});

describe('docs/emas.md', () => {
  it('has the EMA of six numbers', () => {
    const [row] = tableWith('emas.md', 'x', '10', '15');
    const x = [10, 11, 12, 13, 14, 15];
    const values = ema(x, 3);
    expect(x.map((input) => row[input])).toStrictEqual(Array.from(values, (v) => (Number.isNaN(v) ? '' : String(v))));
  });

  it.each(tableWith('emas.md', 'n', 'T'))('has the smoothing factors of n = $n, T = $T', (row) => {
    const [n, days] = [Number(row['n']), Number(row['T'])];
    const shown = [row['of bars'], row['daily space'], row['daily equivalent']].map(Number);
    expect([alphaBar(n), alphaDailySpace(n, days), alphaDailyEquivalent(n, days)]).toStrictEqual(shown);
  });

  const ROLLING = [100, 102, 101, 105, 107, 106, 110, 108, 111, 115, 114, 116];
  const WEEKS = [
    100, 101, 103, 102, 104, 106, 105, 107, 109, 108, 110, 112, 111, 113, 115, 114, 113, 116, 118, 117, 119, 121, 120,
    122, 124, 123,
  ];
  const barCloses = (x: readonly number[], closeIndex: number[]) => ({
    ...{ x, closeIndex, periods: [2] },
    closePx: closeIndex.map((i) => x[i]),
  });
  const COLUMNS = {
    ema: 'ema',
    d1_roll: 'd1Roll',
    d2_roll: 'd2Roll',
    d1: 'd1',
    d2: 'd2',
    ema_bar: 'emaBar',
    d1_bar: 'd1Bar',
    d2_bar: 'd2Bar',
    d1_roll_bar: 'd1RollBar',
  } as const;

  const [rolling, daily, weekly, anchoredWeekly] = tablesOf('emas.md').filter(([row]) => 'day' in row && 'roll' in row);
  it.each<[string, Cells[], number, VariantRows]>([
    ['multi_tf 3D', rolling, 1, multiTf(barCloses(ROLLING, [2, 5, 8, 11]))],
    ['v2 2D', daily, 1, dailySpace({ x: ROLLING, T: 2, periods: [2] })],
    ['cal 1W_CAL_ISO', weekly, 3, calendar({ ...barCloses(WEEKS, [11, 18, 25]), T: 7 })],
    ['cal_anchor 1W_CAL_ANCHOR_ISO', anchoredWeekly, 3, anchored({ ...barCloses(WEEKS, [4, 11, 18, 25]), T: 7 })],
  ])('has the worked example of %s', (_, table, firstDay, rows) => {
    for (const { day, roll, ...cells } of table) {
      const at = rows.row.indexOf(Number(day) - firstDay);
      expect([day, rows.roll[at]]).toStrictEqual([day, roll === 'true' ? 1 : 0]);
      for (const [name, text] of Object.entries(cells)) {
        const value = (rows as CalendarRows)[COLUMNS[name as keyof typeof COLUMNS]][at];
        if (text === '') expect(value, `${day} ${name}`).toBeNaN();
        else expect(value, `${day} ${name}`).toBeCloseTo(Number(text), 6);
      }
    }
  });
});
