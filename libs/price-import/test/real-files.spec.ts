import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importPrices, priceFileAt, type ImportReport } from '../src/index.ts';
import { NUMBER_COLUMNS } from '../src/source-batch.ts';
import { MemorySink, type StoredRow } from './memory.ts';

const WORKSPACE_ROOT = resolve(import.meta.dirname, '../../..');
const PRICES = join(process.env['TA_SHARED_DIR'] ?? resolve(WORKSPACE_ROOT, '../shared'), 'prices');
const isPresent = existsSync(PRICES);
if (!isPresent) process.stderr.write(`\nSKIPPED real price files: ${PRICES} is missing (set TA_SHARED_DIR)\n\n`);

const at = Object.fromEntries(NUMBER_COLUMNS.map((column, index) => [column, index]));

interface Imported {
  report: ImportReport;
  rows: StoredRow[];
}

async function imported(name: string, id: number): Promise<Imported> {
  const sink = new MemorySink();
  const report = await importPrices(await priceFileAt(join(PRICES, name)), { id, sink });
  return { report, rows: [...sink.rows.values()] };
}

/** The file's cells by a reading of its own: these files hold no quotes. */
function cellsOf(name: string): Record<string, string>[] {
  const [header, ...lines] = readFileSync(join(PRICES, name), 'utf8').trimEnd().split('\n');
  const columns = header.split(',').map((column) => column.trim());
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, n) => [columns[n], cell])));
}

describe.skipIf(!isPresent)('real price files', () => {
  it('imports the Bitcoin export whole', async () => {
    const { report, rows } = await imported('btc-cmc-export.csv', 1);
    expect(report).toMatchObject({
      format: 'cmc-export',
      quoteId: '2781',
      asset: { id: 1, name: 'asset 1', symbol: null },
      linesRead: 3952,
      inserted: 3952,
      rejectedCount: 0,
      duplicatesIgnored: 0,
      firstDay: '2015-01-01',
      lastDay: '2025-10-26',
      missingDays: 0,
      gapCount: 0,
      notices: [],
    });
    for (const [n, cells] of cellsOf('btc-cmc-export.csv').entries()) {
      expect(rows[n].slice(0, 11)).toEqual([
        ...['timestamp', 'timeOpen', 'timeClose', 'timeHigh', 'timeLow'].map((column) => Date.parse(cells[column])),
        ...['open', 'high', 'low', 'close', 'volume', 'marketCap'].map((column) => Number(cells[column])),
      ]);
    }
  });

  it.each([
    ['coin_Ethereum.csv', 1027, 'Ethereum', 'ETH', 2160, '2015-08-08'],
    ['coin_Dogecoin.csv', 74, 'Dogecoin', 'DOGE', 2760, '2013-12-16'],
    ['coin_Cardano.csv', 2010, 'Cardano', 'ADA', 1374, '2017-10-02'],
  ])('imports %s whole, with every price as it is written', async (file, id, name, symbol, count, firstDay) => {
    const { report, rows } = await imported(file, id);
    expect(report).toMatchObject({
      format: 'research-set',
      asset: { id, name, symbol },
      linesRead: count,
      inserted: count,
      rejectedCount: 0,
      duplicatesIgnored: 0,
      firstDay,
      lastDay: '2021-07-06',
      inferredExtremeTimes: count,
      notices: ['extreme_times_inferred'],
    });
    expect(report.missingDays).toBe(report.gaps.reduce((sum, { days }) => sum + days, 0));
    for (const [n, cells] of cellsOf(file).entries()) {
      const open = Date.parse(`${cells['Date'].slice(0, 10)}T00:00:00.000Z`);
      expect(rows[n].slice(0, 3)).toEqual([open + 86_399_999, open, open + 86_399_999]);
      expect(rows[n].slice(5, 11)).toEqual(
        ['Open', 'High', 'Low', 'Close', 'Volume', 'Marketcap'].map((column) => Number(cells[column])),
      );
    }
  });

  it.each(['coin_Ethereum.csv', 'coin_Dogecoin.csv', 'coin_Cardano.csv'])(
    'gives the 1D repair of %s no reason to replace a high or low',
    async (file) => {
      const { rows } = await imported(file, 9);
      let wouldHaveLost = 0;
      for (const row of rows) {
        const value = (column: string): number => row[at[column]] as number;
        // docs/bars.md#daily-bars replaces high (low) when its instant is null or outside of the day.
        for (const extreme of ['timeHigh', 'timeLow']) {
          expect(value(extreme) >= value('timeOpen') && value(extreme) <= value('timeClose')).toBe(true);
        }
        const [open, close] = [value('open'), value('close')];
        if (value('high') > Math.max(open, close) || value('low') < Math.min(open, close)) wouldHaveLost++;
      }
      expect(wouldHaveLost / rows.length).toBeGreaterThan(0.95);
    },
  );

  it('has nothing left to do the second time', async () => {
    const sink = new MemorySink();
    const file = await priceFileAt(join(PRICES, 'coin_Cardano.csv'));
    await importPrices(file, { id: 2010, sink });
    expect(await importPrices(file, { id: 2010, sink, strict: true })).toMatchObject({
      outcome: 'imported',
      inserted: 0,
      updated: 0,
      unchanged: 1374,
      assetChange: 'none',
    });
  });
});
