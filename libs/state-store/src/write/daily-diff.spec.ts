import { buildDaily, type SourceSeries } from '@ta/bars-core/engine';
import { describe, expect, it } from 'vitest';
import { ColumnTable, type DecodedColumn } from '../copy/column-table.ts';
import type { FieldData } from '../copy/field-data.ts';
import type { CopyLayout } from '../copy/layout.ts';
import { DAILY_BARS, DAILY_REJECTS } from '../tables/daily-tables.ts';
import { diffDaily } from './daily-diff.ts';
import type { SelectedRows } from './insert-rows.ts';

const DAY = 86_400_000;
const ID = 7;

/** Five ordinary days from 2024-01-01; `change` edits the source before it is built. */
function build(change: (source: SourceSeries) => void = () => undefined, days = [0, 1, 2, 3, 4]) {
  const at = (fill: (day: number) => number) => Float64Array.from(days, fill);
  const open = Date.UTC(2024, 0, 1);
  const source: SourceSeries = {
    length: days.length,
    ts: at((day) => open + (day + 1) * DAY - 1),
    timeOpen: at((day) => open + day * DAY),
    timeClose: at((day) => open + (day + 1) * DAY - 1),
    timeHigh: at((day) => open + day * DAY + 3_600_000),
    timeLow: at((day) => open + day * DAY + 7_200_000),
    open: at((day) => 100 + day),
    high: at((day) => 110 + day),
    low: at((day) => 90 + day),
    close: at((day) => 101 + day),
    volume: at(() => 5),
    marketCap: at(() => Number.NaN),
    loadTs: at(() => open),
    name: days.map(() => 'asset'),
    sourceFile: days.map(() => null),
  };
  change(source);
  const built = buildDaily(source, { zone: 'UTC', rowsBefore: 0, previousBarDay: null });
  return { source, built, ts: source.ts };
}

/** Built rows as if they had been stored and read back. */
function stored({ source, built }: ReturnType<typeof build>) {
  const { bars, rejects } = diffDaily(ID, source, built, {
    bars: asTable({ data: {}, rows: 0, select: NONE }, DAILY_BARS.layout),
    rejects: asTable({ data: {}, rows: 0, select: NONE }, DAILY_REJECTS.layout),
  });
  return { bars: asTable(bars, DAILY_BARS.layout), rejects: asTable(rejects, DAILY_REJECTS.layout) };
}

const NONE = new Int32Array(0);

function asTable({ data, select }: SelectedRows, layout: CopyLayout): ColumnTable {
  const decoded = layout.fields.map(({ column, type }): [string, DecodedColumn] => {
    const values = Array.from(select, (row) => cell(data[column], row));
    if (type !== 'text') return [column, { kind: 'number', numbers: Float64Array.from(values as number[]) }];
    const labels = [...new Set(values.filter((value) => value !== null))] as string[];
    const codes = Int32Array.from(values, (value) => labels.indexOf(value as string));
    return [column, { kind: 'text', codes, labels }];
  });
  return new ColumnTable(select.length, new Map(decoded));
}

function cell(data: FieldData, row: number): number | string | null {
  if ('constant' in data) return data.constant;
  if ('numbers' in data) return data.numbers[row];
  return 'strings' in data ? data.strings[row] : null;
}

const diff = (now: ReturnType<typeof build>, before: ReturnType<typeof build>) =>
  diffDaily(ID, now.source, now.built, stored(before));

describe('difference between built and stored daily rows', () => {
  const before = build();

  it('is empty for equal rows, unknown values included', () => {
    const same = diff(build(), before);
    expect([
      same.bars.select.length,
      same.staleBars.length,
      same.rejects.select.length,
      same.staleRejects.length,
    ]).toEqual([0, 0, 0, 0]);
    expect(same.changedTs).toEqual([]);
  });

  it('writes a corrected row in place and nothing after it', () => {
    const now = build((source) => void (source.close[1] = 50));
    const found = diff(now, before);
    expect([...found.bars.select]).toEqual([1]);
    expect(found.staleBars).toEqual([now.ts[1]]);
    expect(found.changedTs).toEqual([now.ts[1]]);
  });

  it('does not call provenance a change of value', () => {
    const found = diff(
      build((source) => void (source.loadTs[2] = 1)),
      before,
    );
    expect([...found.bars.select]).toEqual([2]);
    expect(found.changedTs).toEqual([]);
  });

  it('rewrites the rows whose number an inserted day shifts', () => {
    const gap = build(undefined, [0, 1, 3, 4]);
    const found = diff(build(), gap);
    expect([...found.bars.select]).toEqual([2, 3, 4]);
    expect(found.staleBars).toEqual([gap.ts[2], gap.ts[3]]);
    expect(found.changedTs[0]).toBe(before.ts[2]);
  });

  it('deletes a bar that became a reject, and the reject when it is good again', () => {
    const bad = build((source) => void (source.open[4] = Number.NaN));
    const lost = diff(bad, before);
    expect([lost.staleBars, [...lost.rejects.select], lost.changedTs]).toEqual([[before.ts[4]], [0], [before.ts[4]]]);
    const found = diff(before, bad);
    expect([[...found.bars.select], found.staleRejects]).toEqual([[4], [before.ts[4]]]);
  });
});
