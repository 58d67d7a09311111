import fc from 'fast-check';
import { priceRow, type PriceRow } from './price-row.ts';

/** Assets of a history; any of them may be without rows, until they are added. */
export const ASSETS = [0, 1] as const;
/** Position of an asset in its history. */
export type Asset = (typeof ASSETS)[number];

/** A place in an asset's rows: thousandths of their number. */
export type Place = number;

/** A change of the source, made as any program would: with SQL on the table. */
export type SourceEdit =
  /** Rows after the last one (or the first rows of a new asset). */
  | { readonly edit: 'append'; readonly asset: Asset; readonly rows: readonly PriceRow[] }
  /** Rows so that the last of them falls `beforeDays` before the first one. */
  | { readonly edit: 'prepend'; readonly asset: Asset; readonly beforeDays: number; readonly rows: readonly PriceRow[] }
  /** One row near another one: on its day, on a missing day, or in its place. */
  | {
      readonly edit: 'insert';
      readonly asset: Asset;
      readonly at: Place;
      readonly days: number;
      readonly row: PriceRow;
    }
  /** Another value in one column of some rows. */
  | { readonly edit: 'correct'; readonly asset: Asset; readonly at: Place; readonly rows: number; readonly set: string }
  | { readonly edit: 'delete'; readonly asset: Asset; readonly at: Place; readonly rows: number }
  /** Another close instant for a row, or another asset. */
  | { readonly edit: 'move_time'; readonly asset: Asset; readonly at: Place; readonly minutes: number }
  | { readonly edit: 'move_asset'; readonly asset: Asset; readonly at: Place; readonly to: Asset }
  /** All rows deleted and written again in one transaction, but for one. */
  | { readonly edit: 'reload'; readonly asset: Asset; readonly at: Place }
  /** A deletion that is rolled back. */
  | { readonly edit: 'rolled_back'; readonly asset: Asset }
  /** Real prices in the place of what the asset had: a stretch of a price file. */
  | { readonly edit: 'real'; readonly asset: Asset; readonly file: number; readonly at: Place; readonly days: number };

/** A change that only makes sense while no refresh runs. */
export type Edit =
  | SourceEdit
  | { readonly edit: 'truncate' }
  /** State deleted by hand: whatever depends on it is built again. */
  | { readonly edit: 'forget'; readonly asset: Asset; readonly table: string }
  | { readonly edit: 'add_period'; readonly period: number }
  | { readonly edit: 'drop_period'; readonly period: number }
  | { readonly edit: 'add_timeframe'; readonly tf: string }
  | { readonly edit: 'zone'; readonly zone: string }
  /** Other trading days of an asset, or another rule by which its bars close. */
  | {
      readonly edit: 'market';
      readonly asset: Asset;
      readonly closeRule: 'calendar' | 'market';
      readonly weekdays: string;
      readonly holidays: boolean;
    };

const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'Pacific/Apia'];
const FURTHER_TIMEFRAMES = ['4D', '10D', '2W_CAL_US', '2M_CAL', '3M_CAL_ANCHOR', '2W_CAL_ANCHOR_ISO'];
const STATE_TABLES = [
  'cmc_price_bars_1d_state',
  'cmc_ema_refresh_state',
  'cmc_price_bars_multi_tf_state',
  'cmc_price_bars_multi_tf_cal_us_state',
  'cmc_price_bars_multi_tf_cal_anchor_iso_state',
  'cmc_ema_state',
];
const CORRECTIONS = [
  'close = close * 1.01',
  'close = NULL',
  'open = coalesce(open, 9) + 1',
  'high = high * 1.5',
  'low = low / 3',
  'volume = NULL',
  'volume = coalesce(volume, 0) + 1',
  "marketcap = 'Infinity'",
  'timehigh = timelow, timelow = timehigh',
  'timehigh = timeopen',
  'timelow = NULL',
  'timeopen = timeclose',
  "timeopen = timeclose + interval '1 second'",
  "timeclose = timeclose + interval '1 microsecond'",
  "name = name || 'x'",
  "source_file = 'again', load_ts = now()",
  "load_ts = load_ts - interval '1 day'",
  'circulatingsupply = 1',
  'close = close, high = high',
];

const asset = fc.constantFrom<Asset[]>(0, 0, 0, 1);
const at: fc.Arbitrary<Place> = fc.oneof(fc.constantFrom(0, 999), fc.integer({ min: 0, max: 999 }));
const rows = fc.oneof(
  { weight: 3, arbitrary: fc.array(priceRow, { minLength: 1, maxLength: 3 }) },
  { weight: 2, arbitrary: fc.array(priceRow, { minLength: 4, maxLength: 30 }) },
);
const made = <T extends Edit>(edit: T['edit'], parts: { [K in keyof Omit<T, 'edit'>]: fc.Arbitrary<T[K]> }) =>
  fc.record({ edit: fc.constant(edit), ...parts }) as unknown as fc.Arbitrary<T>;
type Of<K extends Edit['edit']> = Extract<Edit, { edit: K }>;

/** Changes of the source alone: they may also come while a refresh runs. */
export const sourceEdit: fc.Arbitrary<SourceEdit> = fc.oneof(
  { weight: 8, arbitrary: made<Of<'append'>>('append', { asset, rows }) },
  { weight: 2, arbitrary: made<Of<'prepend'>>('prepend', { asset, rows, beforeDays: fc.constantFrom(1, 1, 2, 30) }) },
  {
    weight: 3,
    arbitrary: made<Of<'insert'>>('insert', { asset, at, days: fc.integer({ min: 0, max: 2 }), row: priceRow }),
  },
  {
    weight: 5,
    arbitrary: made<Of<'correct'>>('correct', {
      asset,
      at,
      rows: fc.constantFrom(1, 1, 1, 2, 10),
      set: fc.constantFrom(...CORRECTIONS),
    }),
  },
  { weight: 3, arbitrary: made<Of<'delete'>>('delete', { asset, at, rows: fc.constantFrom(1, 1, 2, 7, 1000) }) },
  {
    weight: 1,
    arbitrary: made<Of<'move_time'>>('move_time', { asset, at, minutes: fc.constantFrom(-1440, -400, 1, 400, 5760) }),
  },
  { weight: 1, arbitrary: made<Of<'move_asset'>>('move_asset', { asset, at, to: asset }) },
  { weight: 1, arbitrary: made<Of<'reload'>>('reload', { asset, at }) },
  { weight: 1, arbitrary: made<Of<'rolled_back'>>('rolled_back', { asset }) },
);

/**
 * Every change.
 * @param files how many real price files there are
 * @param realDays most days that are taken from one of them
 */
export function anyEdit(files: number, realDays: number): fc.Arbitrary<Edit> {
  const real = made<Of<'real'>>('real', {
    asset,
    file: fc.integer({ min: 0, max: Math.max(0, files - 1) }),
    at,
    days: fc.integer({ min: 5, max: realDays }),
  });
  return fc.oneof(
    { weight: 20, arbitrary: sourceEdit },
    { weight: files === 0 ? 0 : 2, arbitrary: real },
    { weight: 1, arbitrary: made<Of<'truncate'>>('truncate', {}) },
    { weight: 2, arbitrary: made<Of<'forget'>>('forget', { asset, table: fc.constantFrom(...STATE_TABLES) }) },
    { weight: 1, arbitrary: made<Of<'add_period'>>('add_period', { period: fc.constantFrom(3, 4, 9) }) },
    { weight: 1, arbitrary: made<Of<'drop_period'>>('drop_period', { period: fc.constantFrom(1, 2, 3) }) },
    {
      weight: 1,
      arbitrary: made<Of<'add_timeframe'>>('add_timeframe', { tf: fc.constantFrom(...FURTHER_TIMEFRAMES) }),
    },
    { weight: 1, arbitrary: made<Of<'zone'>>('zone', { zone: fc.constantFrom(...ZONES) }) },
    {
      weight: 2,
      arbitrary: made<Of<'market'>>('market', {
        asset,
        closeRule: fc.constantFrom('market', 'market', 'calendar'),
        weekdays: fc.constantFrom('Mon-Fri', 'Sun-Thu', 'Mon-Sun'),
        holidays: fc.boolean(),
      }),
    },
  );
}
