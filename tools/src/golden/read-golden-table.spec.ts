import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGoldenTable, splitCsvLine } from './read-golden-table.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'golden-table-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, `${name}.csv.gz`), gzipSync(text));
}

describe('readGoldenTable', () => {
  it('reads instants in epoch ms UTC, with and without a fraction', async () => {
    write('instants', 'id,time_close\n1,2024-02-29 23:59:59.999+00\n2,2024-03-01 00:00:00+00\n');
    const rows = await readGoldenTable(folder, 'instants');
    expect([...rows.numbers('time_close')]).toEqual([Date.UTC(2024, 1, 29, 23, 59, 59, 999), Date.UTC(2024, 2, 1)]);
  });

  it('takes an empty field and the word NaN as not known', async () => {
    write('unknown', 'id,tf,close,roll\n1,,NaN,t\n2,1D,,f\n3,2D,0.1,t\n');
    const rows = await readGoldenTable(folder, 'unknown');
    expect(rows.texts('tf')).toEqual([null, '1D', '2D']);
    expect([...rows.numbers('close')]).toEqual([Number.NaN, Number.NaN, 0.1]);
    expect([...rows.numbers('roll')]).toEqual([1, 0, 1]);
  });

  it.each([
    ['a number of another kind', 'id,count_days\n1,2.5\n', 'line 2: "2.5" is no count'],
    ['a time without its zone', 'id,ts\n1,2024-01-01 00:00:00\n', 'is no instant'],
    ['a flag in words', 'id,roll\n1,true\n', '"true" is no flag'],
    ['a line that is too short', 'id,tf\n1\n', 'line 2: 1 fields, expected 2'],
  ])('refuses %s', async (_, text, message) => {
    write('bad', text);
    await expect(readGoldenTable(folder, 'bad')).rejects.toThrow(message);
  });

  it('names a file that is not there', async () => {
    await expect(readGoldenTable(folder, 'absent')).rejects.toMatchObject({ code: 'GOLDEN_MISSING_FILE' });
  });

  it('splits quoted fields with commas and doubled quotes', () => {
    expect(splitCsvLine('1M_CAL,"Month, ""rolled""",,x')).toEqual(['1M_CAL', 'Month, "rolled"', '', 'x']);
    expect(splitCsvLine('"a",')).toEqual(['a', '']);
  });
});
