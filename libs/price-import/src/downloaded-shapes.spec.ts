import { describe, expect, it } from 'vitest';
import { memoryFile, MemorySink } from '../test/memory.ts';
import { importPrices } from './import-prices.ts';

/** Days of a file: close instant, then open, high, low, close and volume. */
async function daysOf(...lines: string[]): Promise<{ label: string; symbol: string | null; days: unknown[][] }> {
  const sink = new MemorySink();
  const report = await importPrices(memoryFile(`${lines.join('\n')}\n`), { id: 7, sink });
  const days = [...sink.rows.values()].map(([ts, , , , , ...numbers]) => [
    new Date(ts as number).toISOString().slice(0, 10),
    ...numbers.slice(0, 5),
  ]);
  return { label: report.formatLabel, symbol: report.fileAsset.symbol, days };
}

const DAYS = [
  ['2024-01-02', 1185, 1190.5, 1180.25, 1188, 1_234_567],
  ['2024-01-03', 1188, 1199, 1187, 1195.5, 2_345_678],
];

describe('files as they are downloaded', () => {
  it('Nasdaq: dollar signs, thousands set apart, month first, newest day first', async () => {
    expect(
      await daysOf(
        'Date,Close/Last,Volume,Open,High,Low',
        '01/13/2024,$995.50,"2,345,678",$988.00,$999.00,"$987.00"',
        '01/03/2024,"$1,195.50","2,345,678","$1,188.00","$1,199.00","$1,187.00"',
        '01/02/2024,"$1,188.00","1,234,567","$1,185.00","$1,190.50","$1,180.25"',
      ),
    ).toEqual({
      label: 'Nasdaq',
      symbol: null,
      days: [['2024-01-13', 988, 999, 987, 995.5, 2_345_678], ...DAYS.toReversed()],
    });
  });

  it('Stooq in the MetaStock shape: names in angle brackets, days without hyphens', async () => {
    expect(
      await daysOf(
        '<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>',
        'AAPL.US,D,20240102,000000,1185,1190.5,1180.25,1188,1234567,0',
        'AAPL.US,D,20240103,000000,1188,1199,1187,1195.5,2345678,0',
      ),
    ).toEqual({ label: 'Stooq (MetaStock)', symbol: 'AAPL.US', days: DAYS });
  });

  it('yfinance: three lines of header', async () => {
    expect(
      await daysOf(
        'Price,Close,High,Low,Open,Volume',
        'Ticker,AAPL,AAPL,AAPL,AAPL,AAPL',
        'Date,,,,,',
        '2024-01-02,1188,1190.5,1180.25,1185,1234567',
        '2024-01-03,1195.5,1199,1187,1188,2345678',
      ),
    ).toMatchObject({ days: DAYS });
  });

  it('yfinance of two tickers is refused: which is meant?', async () => {
    const read = daysOf(
      'Price,Close,Close,High,High,Low,Low,Open,Open',
      'Ticker,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT',
      'Date,,,,,,,,',
      '2024-01-02,1,2,1,2,1,2,1,2',
    );
    await expect(read).rejects.toMatchObject({
      code: 'IMPORT_UNKNOWN_FORMAT',
      message: expect.stringContaining('occurs twice'),
    });
  });

  it('a plain table with thousands set apart, where decimals leave no doubt', async () => {
    const wanted = { label: 'Stooq (or another plain table)', symbol: null, days: DAYS };
    expect(
      await daysOf(
        'Date,Open,High,Low,Close,Volume',
        '2024-01-02,"1,185.00","1,190.50","1,180.25","$1,188.00","1,234,567"',
        '2024-01-03,"1,188.00","1,199.00","1,187.00","1,195.50","2,345,678"',
      ),
    ).toEqual(wanted);
    expect(
      await daysOf(
        'Date;Open;High;Low;Close;Volume',
        '2024-01-02;1.185,00;1.190,50;1.180,25;1.188,00;1.234.567',
        '2024-01-03;1.188,00;1.199,00;1.187,00;1.195,50;2.345.678',
      ),
    ).toEqual(wanted);
  });
});
