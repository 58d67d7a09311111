/** A file with one thing odd about it, and what is said of it. */
export interface OddFile {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** What the one message says. */
  readonly says: RegExp;
}

const CMC = 'timeOpen,timeClose,timeHigh,timeLow,name,open,high,low,close,volume,marketCap,timestamp';

/** Lines of a CoinMarketCap export for days of January 2024. */
function cmc(days: number, change: (cells: string[], day: number) => string[] = (cells) => cells): string {
  const lines = Array.from({ length: days }, (_, i) => {
    const day = `2024-01-${String(i + 1).padStart(2, '0')}`;
    const times = ['00:00:00.000', '23:59:59.999', '15:00:00.000', '05:00:00.000'].map((time) => `${day}T${time}Z`);
    return change([...times, '2781', '100', '110', '90', '105', '5', '', `${day}T23:59:59.999Z`], i + 1).join(',');
  });
  return [CMC, ...lines].join('\n');
}

/** Lines of a table of dates. */
function table(header: string, rows: readonly string[]): string {
  return [header, ...rows].join('\n');
}

const plain = (dates: readonly string[]) =>
  table(
    'Date,Open,High,Low,Close,Volume',
    dates.map((date) => `${date},100,110,90,105,5`),
  );
const withCell = (at: number, text: string) => (cells: string[]) => cells.map((cell, i) => (i === at ? text : cell));
const hours = (step: number, count = 48) => Array.from({ length: count }, (_, i) => 1_704_067_200 + i * step * 3600);

/** Made for the purpose: thirty-four files, each refused, or one of whose lines is, with one message. */
export const ODD_FILES: readonly OddFile[] = [
  { name: '101.csv', content: '', says: /101\.csv is empty/ },
  { name: '102.csv', content: CMC, says: /header and no rows/ },
  {
    name: '103.csv',
    content: 'these are notes\nand more of them\n',
    says: /unknown header: found "these are notes".*\n.*--columns/,
  },
  { name: '104.csv', content: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0x1a, 0, 0, 0), says: /is not text/ },
  { name: '105.csv', content: Buffer.from(cmc(3), 'utf16le'), says: /UTF-16 text without a byte order mark/ },
  { name: '106.csv', content: cmc(3).replaceAll('\n', '\r'), says: /bare carriage return/ },
  { name: '107.csv', content: cmc(5, withCell(5, '1.057.030.998.551.800')), says: /decimal point is lost/ },
  {
    name: '108.csv',
    content: cmc(5, withCell(8, 'n/a')),
    says: /5 of 5 lines were refused, 5 .*placeholder for an unknown value/,
  },
  {
    name: '109.csv',
    content: cmc(5, (cells, day) => (day > 2 ? withCell(11, '2024-01-xx')(cells) : cells)),
    says: /3 of 5 lines were refused/,
  },
  {
    name: '110.csv',
    content: cmc(5, (cells, day) => (day === 3 ? withCell(8, '$105')(cells) : cells)),
    says: /line 4, close: "\$105": not a plain decimal number/,
  },
  {
    name: '111.csv',
    content: cmc(5, (cells, day) => (day === 3 ? withCell(8, '1e999')(cells) : cells)),
    says: /line 4, close: "1e999": outside the range of a double/,
  },
  {
    name: '112.csv',
    content: cmc(5, (cells, day) => (day === 3 ? withCell(11, '2024-02-30T23:59:59.999Z')(cells) : cells)),
    says: /line 4, timestamp: .*no such date/,
  },
  {
    name: '113.csv',
    content: cmc(5, (cells, day) => (day === 3 ? withCell(0, '2024-01-03T00:00:00.000')(cells) : cells)),
    says: /line 4, timeOpen: .*a zone is missing/,
  },
  {
    name: '114.csv',
    content: cmc(5, (cells, day) => (day === 3 ? cells.slice(1) : cells)),
    says: /line 4: .*11 fields, but 12 are expected/,
  },
  {
    name: '115.csv',
    content: cmc(5, (cells, day) => (day === 3 ? withCell(4, '2790')(cells) : cells)),
    says: /line 4, name: "2790": another asset or currency/,
  },
  {
    name: '116.csv',
    content: cmc(5, (cells, day) => (day === 3 ? withCell(8, '"105')(cells) : cells)),
    says: /line 4: .*a quoted field does not end on its line/,
  },
  {
    name: '117.csv',
    content: cmc(5, (cells, day) => (day === 5 ? withCell(11, '2190-01-05T23:59:59.999Z')(cells) : cells)),
    says: /line 6, timestamp: .*more than a day after now; --allow-future/,
  },
  {
    name: '118.csv',
    content: cmc(5, withCell(11, '2190-01-05T23:59:59.999Z')),
    says: /5 of 5 lines were refused, .*more than a day after now/,
  },
  {
    name: '119.csv',
    content: `${cmc(4)}\n${cmc(1, withCell(8, '107')).split('\n')[1]}`,
    says: /line 6, timestamp: .*already on line 2 with other values/,
  },
  {
    name: '120.csv',
    content: plain(['03/04/2024', '04/04/2024', '05/04/2024']),
    says: /can be day 3 of month 4, or month 3, day 4/,
  },
  {
    name: '121.csv',
    content: plain(['2024-01-01', '2024-01-02 14:30:00', '2024-01-03']),
    says: /line 3, Date: .*a time of day other than midnight/,
  },
  {
    name: '122.csv',
    content: plain(['2024-01-01', '2024-01-08', '2024-01-15', '2024-01-22', '2024-01-29']),
    says: /its rows are 7 days apart/,
  },
  {
    name: '123.csv',
    content: plain(['31/12/2023', '01/13/2024', '02/01/2024']),
    says: /can be day 31 of month 12, or month 31, day 12/,
  },
  {
    name: '124.csv',
    content: hours(1)
      .map((time) => `${time},100,110,90,105,5,7`)
      .join('\n'),
    says: /does not cover a whole day/,
  },
  {
    name: '125.csv',
    content: hours(12)
      .map((time) => `${time},100,110,90,105,5,7`)
      .join('\n'),
    says: /does not cover a whole day/,
  },
  {
    name: '126.csv',
    content: hours(24, 5)
      .map((time) => `${time},100,100,100,100,5`)
      .join('\n'),
    says: /can be read as Coinbase candles and as candles as ccxt writes them/,
  },
  {
    name: '127.csv',
    content: hours(24, 5)
      .map((time) => `${time},100,90,110,105,5,7`)
      .join('\n'),
    says: /no header, and rows of no known shape/,
  },
  {
    name: '128.csv',
    content: table('snapped_at,price,market_cap,total_volume', ['2024-01-02 00:00:00 UTC,100,1,1']),
    says: /no open, high and low, only one price a day/,
  },
  {
    name: '129.csv',
    content: table('"Date","Price","Open","High","Low","Vol.","Change %"', [
      '"Jan 02, 2024","1,234","1,230","1,240","1,220","-","0%"',
    ]),
    says: /"1,2\d\d" in column ".*" can be 12\d\d, or 1\.2\d\d with a decimal comma/,
  },
  { name: '130.csv', content: table(`${CMC},close`, []), says: /the column "close" occurs twice/ },
  {
    name: '131.csv',
    content: table('unix,date,symbol,open,high,low,close,Volume X,Volume Y', [
      '1704067200,2024-01-01,ABC/DEF,1,1,1,1,1,1',
    ]),
    says: /the volume of "ABC\/DEF" can be volume_x or volume_y/,
  },
  {
    name: '132.csv',
    content: table('Date,Price,Open,High,Low,Close,Adj Close,Volume,Change %', ['2024-01-02,1,1,1,1,1,1,1,1']),
    says: /can be read as Yahoo Finance and as Investing\.com/,
  },
  { name: '133.csv', content: Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0), says: /damaged ZIP archive/ },
  { name: '134.csv', content: `${CMC}\n${'x'.repeat(70_000)}`, says: /longer than 65536 characters/ },
];
