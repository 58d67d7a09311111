import { describe, expect, it } from 'vitest';
import { memoryFile, MemorySink } from '../test/memory.ts';
import { parseColumnChoice } from './column-choice.ts';
import { importPrices } from './import-prices.ts';
import { rejectedLineText } from './line-reject.ts';

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

  it.each([
    ['in winter and in summer time', '-05:00', '-04:00'],
    ['of a zone east of Greenwich', '+09:00', '+09:00'],
    ['of UTC', 'Z', '+00:00'],
  ])(
    'yfinance, history of a ticker: midnights with the offset of the exchange are days as written, %s',
    async (_, a, b) => {
      expect(
        await daysOf(
          'Date,Open,High,Low,Close,Volume,Dividends,Stock Splits',
          `2024-01-02 00:00:00${a},1185,1190.5,1180.25,1188,1234567,0.0,0.0`,
          `2024-01-03 00:00:00${b},1188,1199,1187,1195.5,2345678,0.0,0.0`,
        ),
      ).toMatchObject({ days: DAYS });
    },
  );

  it('another time than midnight is refused with an offset, too: whose day is it?', async () => {
    const read = importPrices(
      memoryFile('Date,Open,High,Low,Close\n2024-01-02 05:00:00+00:00,1185,1190.5,1180.25,1188\n'),
      { id: 7 },
    );
    expect((await read).rejected).toMatchObject([{ reason: 'has_time_of_day', column: 'Date' }]);
  });

  it('an index that pandas writes without a name: the dates in the first column', async () => {
    const lines = ['1185,1190.5,1180.25,1188,1234567', '1188,1199,1187,1195.5,2345678'];
    for (const [first, second] of [
      ['2024-01-02', '2024-01-03'],
      ['2024-01-02 00:00:00', '2024-01-03 00:00:00'],
      ['2024-01-02 00:00:00+00:00', '2024-01-03 00:00:00+00:00'],
    ]) {
      const read = daysOf(',Open,High,Low,Close,Volume', `${first},${lines[0]}`, `${second},${lines[1]}`);
      expect(await read).toMatchObject({ days: DAYS });
    }
    const numbered = await daysOf(
      ',Date,Open,High,Low,Close,Volume',
      `0,2024-01-02,${lines[0]}`,
      `1,2024-01-03,${lines[1]}`,
    );
    expect(numbered).toMatchObject({ days: DAYS });
  });

  it('an index without a name that is no day: named by its place', async () => {
    const hours = memoryFile(',open,high,low,close\n2024-01-02 09:30:00,1185,1190.5,1180.25,1188\n');
    const { rejected } = await importPrices(hours, { id: 7 });
    expect(rejected).toMatchObject([{ reason: 'has_time_of_day', column: 'column 1' }]);
    const numbers = importPrices(memoryFile(',open,high,low,close\n0,1185,1190.5,1180.25,1188\n'), { id: 7 });
    await expect(numbers).rejects.toMatchObject({ code: 'IMPORT_UNKNOWN_FORMAT' });
  });

  it('Alpha Vantage: a date named timestamp, newest day first', async () => {
    expect(
      await daysOf(
        'timestamp,open,high,low,close,volume',
        '2024-01-03,1188,1199,1187,1195.5,2345678',
        '2024-01-02,1185,1190.5,1180.25,1188,1234567',
      ),
    ).toEqual({ label: 'Alpha Vantage', symbol: null, days: DAYS.toReversed() });
    const adjusted = memoryFile(
      'timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient\n2024-01-02,10,12,8,10,5,100,0.0,1.0\n',
    );
    const sink = new MemorySink();
    await importPrices(adjusted, { id: 7, sink, adjusted: true });
    expect([...sink.rows.values()][0]?.slice(5, 10)).toEqual([5, 6, 4, 5, 100]);
  });

  it('candles of ccxt with a header: an epoch named timestamp opens the day', async () => {
    expect(
      await daysOf(
        'timestamp,open,high,low,close,volume',
        '1704153600000,1185,1190.5,1180.25,1188,1234567',
        '1704240000000,1188,1199,1187,1195.5,2345678',
      ),
    ).toEqual({ label: 'candles as ccxt writes them', symbol: null, days: DAYS });
  });

  it.each(['utf16le', 'utf16be'])('%s with a byte order mark, as spreadsheets save it', async (encoding) => {
    const text = '\ufeffDate\tOpen\tHigh\tLow\tClose\r\n2024-01-02\t1185\t1190.5\t1180.25\t1188\r\n';
    const bytes = Buffer.from(text, 'utf16le');
    const report = await importPrices(memoryFile(encoding === 'utf16be' ? bytes.swap16() : bytes, 7), { id: 7 });
    expect(report).toMatchObject({ rowsRead: 1, rejectedCount: 0, firstDay: '2024-01-02' });
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

  it.each([
    ["'", '.'],
    ['’', '.'],
    ['\u00a0', ','],
    ['\u202f', ','],
    [' ', ','],
  ])('a table with thousands set apart by %j, and %s before decimals', async (group, decimal) => {
    const written = (value: number) =>
      value
        .toLocaleString('en', { minimumFractionDigits: 2 })
        .replaceAll(/[,.]/g, (sign) => (sign === '.' ? decimal : group));
    const rows = DAYS.map(([day, ...numbers]) => [day, ...numbers.map((value) => written(value as number))].join(';'));
    expect(await daysOf('Date;Open;High;Low;Close;Volume', ...rows)).toMatchObject({ days: DAYS });
  });

  it('thousands set apart by apostrophes far below prices without any', async () => {
    const early = Array.from({ length: 300 }, (_, i) => {
      const day = new Date(Date.UTC(2023, 0, 1 + i)).toISOString().slice(0, 10);
      return `${day};217.50;220.00;217.00;219.50;900`;
    });
    const { days } = await daysOf(
      'Date;Open;High;Low;Close;Volume',
      ...early,
      "2024-01-02;1'185.00;1'190.50;1'180.25;1'188.00;1'234'567",
    );
    expect(days.at(-1)).toEqual(DAYS[0]);
  });

  it('days of a zone, which have 23 hours when the clocks go forward, whether their date or their opening is given', async () => {
    const closes = async (columns: string, ...stamps: string[]) => {
      const sink = new MemorySink();
      const file = memoryFile(['at,o,h,l,c', ...stamps.map((stamp) => `${stamp},1,1,1,1`)].join('\n'));
      await importPrices(file, {
        id: 7,
        sink,
        zone: 'Europe/London',
        columns: parseColumnChoice(`${columns},open=o,high=h,low=l,close=c`),
      });
      return [...sink.rows.values()].map(([ts]) => new Date(ts as number).toISOString());
    };
    const days = ['2024-03-30T23:59:59.999Z', '2024-03-31T22:59:59.999Z', '2024-04-01T22:59:59.999Z'];
    expect(await closes('date=at', '2024-03-30', '2024-03-31', '2024-04-01')).toEqual(days);
    expect(
      await closes('open_time=at', '2024-03-30T00:00:00Z', '2024-03-31T00:00:00Z', '2024-03-31T23:00:00Z'),
    ).toEqual(days);
  });

  it('a date that the calendar of the zone left out replaces no other day', async () => {
    const sink = new MemorySink();
    const days = ['2011-12-27', '2011-12-28', '2011-12-29', '2011-12-30', '2011-12-31', '2012-01-01'];
    const file = memoryFile(['Date,Open,High,Low,Close', ...days.map((day, i) => `${day},1,1,1,1.${i}`)].join('\n'));
    const report = await importPrices(file, { id: 7, sink, zone: 'Pacific/Apia' });
    const closeOf = new Map(
      [...sink.rows.values()].map(([ts, , , , , , , , close]) => [new Date(ts as number).toISOString(), close]),
    );
    expect([...closeOf]).toEqual([
      ['2011-12-28T09:59:59.999Z', 1],
      ['2011-12-29T09:59:59.999Z', 1.1],
      ['2011-12-30T09:59:59.999Z', 1.2],
      ['2011-12-31T09:59:59.999Z', 1.4],
      ['2012-01-01T09:59:59.999Z', 1.5],
    ]);
    expect(report.rejected.map(rejectedLineText)).toEqual([
      'line 5, Date: "2011-12-30": not a day in this zone, whose calendar left it out: the row does not cover a whole day',
    ]);
  });

  it('a day that closes at midnight is the one that has just ended, in UTC and in any other zone', async () => {
    const closes = async (zone: string, ...stamps: string[]) => {
      const sink = new MemorySink();
      const file = memoryFile(['at,c', ...stamps.map((stamp) => `${stamp},1`)].join('\n'));
      const columns = parseColumnChoice('close_time=at,close=c');
      await importPrices(file, { id: 7, sink, zone, columns, closeOnly: true });
      return [...sink.rows.values()].map((row) => row.slice(0, 3).map((ms) => new Date(ms as number).toISOString()));
    };
    const [open, close] = ['2024-01-02T00:00:00.000Z', '2024-01-02T23:59:59.999Z'];
    expect(await closes('UTC', '2024-01-03T00:00:00Z')).toEqual([[close, open, close]]);
    expect(await closes('UTC', close)).toEqual([[close, open, close]]);
    const [inTokyo, atTheEnd] = ['2024-01-02T15:00:00.000Z', '2024-01-03T14:59:59.999Z'];
    expect(await closes('Asia/Tokyo', '2024-01-03T15:00:00Z')).toEqual([[atTheEnd, inTokyo, atTheEnd]]);
  });

  it.each(['Name', 'Symbol', 'Ticker'])(
    'a plain table of two assets, told apart by a column %s, is that of the first',
    async (column) => {
      const sink = new MemorySink();
      const days = (name: string, close: number, first: number) =>
        Array.from({ length: 5 }, (_, i) => `2024-01-0${first + i},${close},${close},${close},${close},1,${name}`);
      const lines = [`date,open,high,low,close,volume,${column}`, ...days('AAL', 10, 3), ...days('AAPL', 100, 1)];
      const { rejected } = await importPrices(memoryFile(lines.join('\n')), { id: 7, sink });
      expect([...sink.rows.values()].map((row) => row[8])).toEqual([10, 10, 10, 10, 10]);
      expect(rejected.map(rejectedLineText)[0]).toBe(
        `line 7, ${column}: "AAPL": another asset or currency than "AAL" on line 2; if this column does not tell assets apart, name the others with --columns`,
      );
      expect(rejected.length).toBe(5);
    },
  );

  it('two rows a day, of midnight and of noon, are refused as no days', async () => {
    const lines = Array.from(
      { length: 10 },
      (_, i) => `2024-01-0${1 + (i >> 1)} ${i % 2 === 0 ? '00' : '12'}:00:00,1,1,1,1`,
    );
    const file = memoryFile(['Date,Open,High,Low,Close', ...lines].join('\n'));
    await expect(importPrices(file, { id: 7, sink: new MemorySink() })).rejects.toThrow(
      'prices.csv is not a file of days: line 3, Date "2024-01-01 12:00:00", has a time of day, as have 5 of 10 lines',
    );
  });

  it('days of which a quarter has a time of day are refused, and why is said', async () => {
    const lines = Array.from({ length: 8 }, (_, i) => `2024-01-0${1 + i}${i % 4 === 2 ? ' 16:00' : ''},1,1,1,1`);
    const file = memoryFile(['Date,Open,High,Low,Close', ...lines].join('\n'));
    await expect(importPrices(file, { id: 7, sink: new MemorySink() })).rejects.toThrow(
      'prices.csv is not a file of days: line 4, Date "2024-01-03 16:00", has a time of day, as have 2 of 8 lines',
    );
  });

  it.each([
    ['10', ''],
    ['0', '5'],
    ['0', '0'],
    ['10', '-1'],
    ['10', '0'],
  ])('a close of %s with an adjusted close of "%s" gives no factor, and no row', async (close, adjusted) => {
    const sink = new MemorySink();
    const lines = [
      'Date,Open,High,Low,Close,Adj Close,Volume',
      `2024-01-02,10,12,9,${close},${adjusted},5`,
      '2024-01-03,10,12,9,10,5,5',
    ];
    const { rejected } = await importPrices(memoryFile(lines.join('\n')), { id: 7, sink, adjusted: true });
    expect([...sink.rows.values()].map((row) => row.slice(5, 9))).toEqual([[5, 6, 4.5, 5]]);
    expect(rejected.map(({ line, column, reason }) => [line, column, reason])).toEqual([[2, 'Adj Close', 'no_factor']]);
  });

  it('Polygon, with names for the columns: nanoseconds', async () => {
    const sink = new MemorySink();
    const file = memoryFile(
      'ticker,volume,open,close,high,low,window_start,transactions\n' +
        'X:BTCUSD,1234567,1185,1188,1190.5,1180.25,1704153600000000000,12\n',
    );
    const columns = parseColumnChoice('open_time=window_start,open=open,high=high,low=low,close=close');
    await importPrices(file, { id: 7, sink, columns });
    expect([...sink.rows.values()].map(([ts]) => new Date(ts as number).toISOString())).toEqual([
      '2024-01-02T23:59:59.999Z',
    ]);
  });

  it.each([
    ['1704153600', 'name its column open_time or close_time with --columns'],
    ['1704153600000', 'name its column open_time or close_time with --columns'],
    ['45293', 'a number of days, as spreadsheets count them'],
    ['02/01/24', 'a year of two digits'],
    ['2.1.24', 'a year of two digits'],
    ['Tuesday, 2 January 2024', 'not a date such as'],
  ])('a date written as %s is refused, and what to do is said', async (date, what) => {
    const file = memoryFile(`Date,Open,High,Low,Close\n${date.includes(',') ? `"${date}"` : date},1,1,1,1\n`);
    const { rejected } = await importPrices(file, { id: 7, sink: new MemorySink(), dateOrder: 'dmy' });
    expect(rejected.map(rejectedLineText)).toEqual([expect.stringContaining(what)]);
  });
});
