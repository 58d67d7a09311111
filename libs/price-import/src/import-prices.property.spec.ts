import { ONE_DAY_MS } from '@ta/bars-core/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryFile, MemorySink } from '../test/memory.ts';
import { importPrices } from './import-prices.ts';
import { NUMBER_COLUMNS } from './source-batch.ts';

const RUNS = { numRuns: 60 };
const HEADER =
  'timestamp;timeOpen;timeClose;timeHigh;timeLow;open;high;low;close;volume;marketCap;circulatingSupply;name';

const cellNumber = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: Number.NaN, freq: 6 });
const days = fc.uniqueArray(fc.integer({ min: 10_000, max: 30_000 }), { minLength: 1, maxLength: 30 });

/** One row per day: `[ts, four instants, seven numbers]`, NaN where not known. */
const tables = days.chain((chosen) =>
  fc.tuple(
    ...chosen.map((day) =>
      fc.array(cellNumber, { minLength: 7, maxLength: 7 }).map((numbers) => {
        const open = day * ONE_DAY_MS;
        return [
          open + ONE_DAY_MS - 1,
          open,
          open + ONE_DAY_MS - 1,
          open + 60_000,
          Number.NaN,
          ...numbers.map((n) => n + 0),
        ];
      }),
    ),
  ),
);

function written(row: readonly number[]): string {
  const cells = row.map((value, at) =>
    Number.isNaN(value) ? '' : at < 5 ? new Date(value).toISOString() : String(value),
  );
  return [...cells, '2781'].join(';');
}

describe('importPrices laws', () => {
  it('gives back every number and instant of a written file, in file order', async () => {
    await fc.assert(
      fc.asyncProperty(tables, fc.integer({ min: 1, max: 400 }), async (table, chunkBytes) => {
        const sink = new MemorySink();
        const content = [HEADER, ...table.map(written)].join('\r\n');
        const report = await importPrices(memoryFile(content, chunkBytes), { id: 1, sink });
        expect(report).toMatchObject({ rejectedCount: 0, inserted: table.length });
        const stored = [...sink.rows.values()];
        for (let row = 0; row < table.length; row++) {
          for (let at = 0; at < NUMBER_COLUMNS.length; at++) {
            expect(Object.is(stored[row][at], table[row][at])).toBe(true);
          }
        }
      }),
      RUNS,
    );
  });

  it('accounts for every line, whatever the file holds', async () => {
    const dirt = fc.string({ unit: fc.constantFrom(...'0123456789.,;"-TZ: \r\u0000é'), maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(tables, fc.array(dirt, { maxLength: 10 }), async (table, dirty) => {
        const good = table.map(written);
        const lines = [
          HEADER,
          ...good.flatMap((line, at) => (at < dirty.length ? [dirty[at], line] : [line])),
          good[0],
        ];
        const report = await importPrices(memoryFile(lines.join('\n'), 50), { id: 1 });
        // a line of blanks alone does not count as a line, not even when they are quoted
        const isBlank = (line: string) => /^\s*("\s*"\s*)?$/.test(line);
        expect(report.linesRead).toBe(lines.filter((line) => !isBlank(line)).length - 1);
        expect(report.rowsRead + report.duplicatesIgnored + report.rejectedCount).toBe(report.linesRead);
        expect(report.rowsRead).toBe(table.length);
        expect(report.duplicatesIgnored).toBe(1);
      }),
      RUNS,
    );
  });
});
