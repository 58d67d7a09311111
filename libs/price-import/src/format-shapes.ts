import { ImportError } from './errors.ts';
import { parseInstant } from './parse-instant.ts';
import { parseNumber } from './parse-number.ts';

/** The kinds of file that are recognised. */
export type PriceFormatKind =
  | 'cmc-export'
  | 'cmc-table'
  | 'research-set'
  | 'yahoo'
  | 'stooq'
  | 'metastock'
  | 'nasdaq'
  | 'investing'
  | 'cryptodatadownload'
  | 'kraken'
  | 'binance'
  | 'coinbase'
  | 'coingecko'
  | 'alpha-vantage'
  | 'columns';

/** What a column of a file is read as. */
export type TargetColumn =
  | 'name'
  | 'symbol'
  | 'ts'
  | 'timeOpen'
  | 'timeClose'
  | 'timeHigh'
  | 'timeLow'
  | 'stamp'
  | 'open'
  | 'high'
  | 'low'
  | 'close'
  | 'adjusted'
  | 'volume'
  | 'marketCap'
  | 'circulatingSupply';

/**
 * Which columns give the day of a row:
 *
 * - `instants`: close instant, and the instants of open, close, high and low, as the CoinMarketCap export has them
 * - `date`: a civil date, the day of the run's zone
 * - `day-close`: the last second of a UTC day
 * - `open`: the instant at which the day opens
 * - `close`: the instant at which the day closes
 * - `snapshot`: the instant at which a price was taken; at midnight it is the close of the day that has just ended
 */
export type StampReading = 'instants' | 'date' | 'day-close' | 'open' | 'close' | 'snapshot';

/** A kind of file. */
export interface FormatShape {
  readonly kind: PriceFormatKind;
  readonly label: string;
  /** The columns, for messages. */
  readonly header: string;
  readonly stamp: StampReading;
  /** Whether numbers may have digit groups and amounts end in K, M or B. */
  readonly isGrouped: boolean;
  /** Whether a day must open at midnight UTC. */
  readonly opensAtMidnightUtc: boolean;
}

/** A kind of file with a header. */
export interface HeadedShape extends FormatShape {
  /** The columns that make it this kind, as normalised names. */
  readonly known: readonly string[];
  /** Kinds whose columns include those of this one; where one of them fits, too, it is taken. */
  readonly yieldsTo: readonly PriceFormatKind[];
  /** Columns that are ignored without a notice. */
  readonly silent: readonly string[];
  /** @param row the first row; empty where there is none */
  fits(names: readonly string[], row: readonly string[]): boolean;
  /** @param row the first row; empty where there is none */
  locate(names: readonly string[], row: readonly string[], fileName: string): Partial<Record<TargetColumn, number>>;
}

/** A kind of file without a header. */
export interface HeadlessShape extends FormatShape {
  readonly width: number;
  readonly at: Partial<Record<TargetColumn, number>>;
  /** Whether a row can be one of this kind. */
  fits(fields: readonly string[]): boolean;
}

interface HeadedOptions {
  readonly known: readonly string[];
  readonly yieldsTo?: readonly PriceFormatKind[];
  readonly silent?: readonly string[];
  readonly targets: Readonly<Partial<Record<TargetColumn, string>>>;
  readonly isGrouped?: boolean;
  readonly opensAtMidnightUtc?: boolean;
}

function headedShape(
  kind: PriceFormatKind,
  label: string,
  header: string,
  stamp: StampReading,
  { known, yieldsTo = [], silent = [], targets, isGrouped = false, opensAtMidnightUtc = false }: HeadedOptions,
): HeadedShape {
  const entries = Object.entries(targets) as [TargetColumn, string][];
  return {
    ...{ kind, label, header, stamp, isGrouped, opensAtMidnightUtc, known, yieldsTo, silent },
    fits: (names) => known.every((name) => names.includes(name)),
    locate: (names) =>
      Object.fromEntries(
        entries.map(([target, name]) => [target, names.indexOf(name)] as const).filter(([, at]) => at >= 0),
      ),
  };
}

const OHLC = { open: 'open', high: 'high', low: 'low', close: 'close' };
const OHLCV = { ...OHLC, volume: 'volume' };
const CCXT_LABEL = 'candles as ccxt writes them';

/** Kinds of file that are recognised by the names in their header. */
export const HEADED_SHAPES: readonly HeadedShape[] = [
  headedShape(
    'cmc-export',
    'CoinMarketCap export',
    'timeOpen,timeClose,timeHigh,timeLow[,name],open,high,low,close,volume,marketCap[,circulatingSupply],timestamp',
    'instants',
    {
      known: [
        ...['timeopen', 'timeclose', 'timehigh', 'timelow', 'open', 'high', 'low', 'close', 'volume', 'marketcap'],
        'timestamp',
      ],
      targets: {
        ...{ ts: 'timestamp', timeOpen: 'timeopen', timeClose: 'timeclose', timeHigh: 'timehigh', timeLow: 'timelow' },
        ...{ ...OHLCV, marketCap: 'marketcap', circulatingSupply: 'circulatingsupply', name: 'name' },
      },
    },
  ),
  headedShape(
    'research-set',
    'research set',
    'SNo,Name,Symbol,Date,High,Low,Open,Close,Volume,Marketcap',
    'day-close',
    {
      known: ['name', 'symbol', 'date', 'high', 'low', 'open', 'close', 'volume', 'marketcap'],
      targets: { ...OHLCV, stamp: 'date', marketCap: 'marketcap', name: 'name', symbol: 'symbol' },
      silent: ['sno'],
    },
  ),
  headedShape('cmc-table', 'CoinMarketCap history table', 'Date,Open,High,Low,Close,Volume,Market Cap', 'date', {
    known: ['date', 'open', 'high', 'low', 'close', 'volume', 'market_cap'],
    targets: { ...OHLCV, stamp: 'date', marketCap: 'market_cap' },
    isGrouped: true,
  }),
  headedShape('yahoo', 'Yahoo Finance', 'Date,Open,High,Low,Close,Adj Close,Volume', 'date', {
    known: ['date', 'open', 'high', 'low', 'close', 'adj_close', 'volume'],
    targets: { ...OHLCV, stamp: 'date', adjusted: 'adj_close' },
  }),
  headedShape('investing', 'Investing.com', 'Date,Price,Open,High,Low[,Vol.],Change %', 'date', {
    known: ['date', 'price', 'open', 'high', 'low', 'change_%'],
    targets: { open: 'open', high: 'high', low: 'low', close: 'price', volume: 'vol.', stamp: 'date' },
    silent: ['change_%'],
    isGrouped: true,
  }),
  cryptoDataDownload('unix,date,symbol,open,high,low,close,Volume BASE,Volume QUOTE,tradecount', 'open'),
  cryptoDataDownload('Date,Symbol,Open,High,Low,Close,Volume BASE,Volume QUOTE', 'date'),
  headedShape(
    'binance',
    'Binance klines',
    'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore',
    'open',
    {
      known: ['open_time', 'open', 'high', 'low', 'close', 'volume', 'close_time'],
      targets: { ...OHLCV, stamp: 'open_time', timeClose: 'close_time' },
      silent: [
        ...['quote_volume', 'quote_asset_volume', 'count', 'number_of_trades', 'taker_buy_volume', 'ignore'],
        ...['taker_buy_quote_volume', 'taker_buy_base_asset_volume', 'taker_buy_quote_asset_volume'],
      ],
      opensAtMidnightUtc: true,
    },
  ),
  headedShape('coinbase', 'Coinbase candles', 'time,low,high,open,close,volume', 'open', {
    known: ['time', 'low', 'high', 'open', 'close', 'volume'],
    targets: { ...OHLCV, stamp: 'time' },
    opensAtMidnightUtc: true,
  }),
  headedShape('coingecko', 'CoinGecko', 'snapped_at,price,market_cap,total_volume', 'snapshot', {
    known: ['snapped_at', 'price'],
    targets: { stamp: 'snapped_at', close: 'price', marketCap: 'market_cap', volume: 'total_volume' },
  }),
  headedShape('nasdaq', 'Nasdaq', 'Date,Close/Last,Volume,Open,High,Low', 'date', {
    known: ['date', 'close/last', 'open', 'high', 'low'],
    targets: { ...OHLCV, stamp: 'date', close: 'close/last' },
    isGrouped: true,
  }),
  headedShape(
    'metastock',
    'Stooq (MetaStock)',
    '<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>',
    'date',
    {
      known: ['<ticker>', '<date>', '<open>', '<high>', '<low>', '<close>'],
      targets: {
        ...{ symbol: '<ticker>', stamp: '<date>', open: '<open>', high: '<high>', low: '<low>', close: '<close>' },
        volume: '<vol>',
      },
      silent: ['<per>', '<time>', '<openint>'],
    },
  ),
  headedShape('stooq', 'Stooq (or another plain table)', 'Date,Open,High,Low,Close[,Volume]', 'date', {
    known: ['date', 'open', 'high', 'low', 'close'],
    yieldsTo: ['research-set', 'cmc-table', 'yahoo', 'cryptodatadownload'],
    targets: { ...OHLCV, stamp: 'date' },
  }),
  timestamped('alpha-vantage', 'Alpha Vantage', 'timestamp,open,high,low,close[,adjusted_close],volume', 'date'),
  timestamped('columns', CCXT_LABEL, 'timestamp,open,high,low,close,volume', 'open'),
];

/** A column `timestamp` holds dates or, as ccxt gives them, the epochs at which days open; the first row decides. */
function timestamped(kind: PriceFormatKind, label: string, header: string, stamp: 'open' | 'date'): HeadedShape {
  const shape = headedShape(kind, label, header, stamp, {
    known: ['timestamp', 'open', 'high', 'low', 'close'],
    yieldsTo: [
      'cmc-export',
      'research-set',
      'cmc-table',
      'yahoo',
      'stooq',
      'cryptodatadownload',
      'binance',
      'coinbase',
    ],
    targets: { ...OHLCV, stamp: 'timestamp', adjusted: 'adjusted_close' },
    opensAtMidnightUtc: stamp === 'open',
  });
  return {
    ...shape,
    fits: (names, row) =>
      shape.fits(names, row) && isEpoch((row[names.indexOf('timestamp')] ?? '').trim()) === (stamp === 'open'),
  };
}

function cryptoDataDownload(header: string, stamp: 'open' | 'date'): HeadedShape {
  const [column, silent] = stamp === 'open' ? ['unix', ['date']] : ['date', []];
  const shape = headedShape('cryptodatadownload', 'CryptoDataDownload', header, stamp, {
    known: [column, 'symbol', 'open', 'high', 'low', 'close'],
    targets: { ...OHLC, stamp: column, symbol: 'symbol' },
    silent: [...silent, 'tradecount'],
    opensAtMidnightUtc: stamp === 'open',
  });
  return {
    ...shape,
    fits: (names, row) =>
      shape.fits(names, row) &&
      names.some((name) => name.startsWith('volume_')) &&
      names.includes('unix') === (stamp === 'open'),
    locate: (names, row, fileName) => ({
      ...shape.locate(names, row, fileName),
      volume: baseVolume(names, row[names.indexOf('symbol')] ?? '', fileName),
    }),
  };
}

/** Finds the column of the volume in the base currency: of `Volume BTC` and `Volume USDT`, the one that the pair begins with. */
function baseVolume(names: readonly string[], pair: string, fileName: string): number {
  const volumes = names.filter((name) => name.startsWith('volume_'));
  const ofBase = volumes.filter((name) => pair.toLowerCase().startsWith(name.slice('volume_'.length)));
  const [longest] = ofBase.sort((a, b) => b.length - a.length);
  if (longest !== undefined) return names.indexOf(longest);
  throw new ImportError(
    'IMPORT_AMBIGUOUS',
    `${fileName}: the volume of ${JSON.stringify(pair.slice(0, 40))} can be ${volumes.join(' or ')}`,
    {
      hint: 'Say which column is meant: --columns open_time=unix,open=open,high=high,low=low,close=close,volume=…',
      context: { fileName },
    },
  );
}

/** Kinds of file without a header, recognised by the shape of their rows. */
export const HEADLESS_SHAPES: readonly HeadlessShape[] = [
  {
    ...{ kind: 'kraken', label: 'Kraken OHLCVT', header: '(no header) time,open,high,low,close,volume,trades' },
    ...{ stamp: 'open', isGrouped: false, opensAtMidnightUtc: true, width: 7 },
    at: { stamp: 0, open: 1, high: 2, low: 3, close: 4, volume: 5 },
    fits: (row) => isEpoch(row[0]) && areBars(row, 1, 2, 3, 4) && isAmount(row[5]) && /^[0-9]+$/.test(row[6]),
  },
  {
    ...{ kind: 'binance', label: 'Binance klines', header: '(no header) 12 columns, open time first' },
    ...{ stamp: 'open', isGrouped: false, opensAtMidnightUtc: true, width: 12 },
    at: { stamp: 0, open: 1, high: 2, low: 3, close: 4, volume: 5, timeClose: 6 },
    fits: (row) => isEpoch(row[0]) && isEpoch(row[6]) && areBars(row, 1, 2, 3, 4) && isAmount(row[5]),
  },
  {
    ...{ kind: 'coinbase', label: 'Coinbase candles', header: '(no header) time,low,high,open,close,volume' },
    ...{ stamp: 'open', isGrouped: false, opensAtMidnightUtc: true, width: 6 },
    at: { stamp: 0, low: 1, high: 2, open: 3, close: 4, volume: 5 },
    fits: (row) => isEpoch(row[0]) && areBars(row, 3, 2, 1, 4) && isAmount(row[5]),
  },
  {
    ...{ kind: 'columns', label: CCXT_LABEL, header: '(no header) time,open,high,low,close,volume' },
    ...{ stamp: 'open', isGrouped: false, opensAtMidnightUtc: true, width: 6 },
    at: { stamp: 0, open: 1, high: 2, low: 3, close: 4, volume: 5 },
    fits: (row) => isEpoch(row[0]) && areBars(row, 1, 2, 3, 4) && isAmount(row[5]),
  },
];

function isEpoch(field: string): boolean {
  return /^[0-9]+$/.test(field) && typeof parseInstant(field) === 'number';
}

function isAmount(field: string): boolean {
  const value = parseNumber(field);
  return typeof value === 'number' && !(value < 0);
}

/** Whether four fields can be the prices of a day in this order: the high is the highest, the low the lowest. */
function areBars(row: readonly string[], open: number, high: number, low: number, close: number): boolean {
  const [o, h, l, c] = [open, high, low, close].map((at) => parseNumber(row[at]));
  if (![o, h, l, c].every((value) => typeof value === 'number')) return false;
  return [o, l, c].every((value) => !(value > h)) && [o, h, c].every((value) => !(value < l));
}
