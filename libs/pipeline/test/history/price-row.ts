import fc from 'fast-check';

const ONE_DAY_MS = 86_400_000;

/** At which instant of its UTC day a row closes, in microseconds since the day's start. */
const CLOSES_AT_MICROS = {
  end: 86_399_999_000,
  last_microsecond: 86_399_999_999,
  next_midnight: 86_400_000_000,
  noon: 43_200_123_457,
  // midnight in India, evening in New York
  half_past_six_pm: 66_600_000_000,
} as const;

/** What is odd about a row, if anything: what the 1D rules repair, refuse or let through. */
const SHAPES = {
  plain: {},
  flat: {},
  spike: {},
  // let through, and met by the bounds of the EMAs
  negative: {},
  no_volume: { volume: 'NULL' },
  nan_volume: { volume: "'NaN'" },
  no_market_cap: { marketcap: 'NULL' },
  infinite_market_cap: { marketcap: "'Infinity'" },
  no_time_high: { timehigh: 'NULL' },
  no_extreme_times: { timehigh: 'NULL', timelow: 'NULL' },
  time_high_outside: { timehigh: "timeclose + interval '1 hour'" },
  time_low_outside: { timelow: "timeopen - interval '1 microsecond'" },
  high_below_low: { high: 'low - 1' },
  no_high: { high: 'NULL' },
  no_open: { open: 'NULL' },
  no_close: { close: 'NULL' },
  open_after_close: { timeopen: "timeclose + interval '1 microsecond'" },
  no_time_open: { timeopen: 'NULL' },
} as const satisfies Record<string, Partial<Record<string, string>>>;

/** One source row, apart from its asset and its place in the history. */
export interface PriceRow {
  /** UTC days after the row before it: 1 is the next day, 0 the same day. */
  readonly afterDays: number;
  readonly closesAt: keyof typeof CLOSES_AT_MICROS;
  readonly shape: keyof typeof SHAPES;
  /** Prices in sevenths, from so few values that ties are common and no double is round. */
  readonly open: number;
  readonly close: number;
  /** How far the extremes lie beyond open and close, in sevenths. */
  readonly reach: number;
}

/** Rows of all shapes; most are plain and follow the day before. */
export const priceRow: fc.Arbitrary<PriceRow> = fc.record({
  afterDays: fc.oneof(
    { weight: 17, arbitrary: fc.constant(1) },
    { weight: 3, arbitrary: fc.constantFrom(0, 2, 3, 9, 40) },
  ),
  closesAt: fc.oneof(
    { weight: 8, arbitrary: fc.constant('end' as const) },
    { weight: 2, arbitrary: fc.constantFrom(...(Object.keys(CLOSES_AT_MICROS) as PriceRow['closesAt'][])) },
  ),
  shape: fc.oneof(
    { weight: 7, arbitrary: fc.constant('plain' as const) },
    { weight: 3, arbitrary: fc.constantFrom(...(Object.keys(SHAPES) as PriceRow['shape'][])) },
  ),
  open: fc.integer({ min: 60, max: 80 }),
  close: fc.integer({ min: 60, max: 80 }),
  reach: fc.integer({ min: 0, max: 3 }),
});

/** UTC day (days since 1970-01-01) to which a close instant (epoch ms) belongs; midnight ends the day before it. */
export function dayOfClose(epochMs: number): number {
  return Math.ceil(epochMs / ONE_DAY_MS) - 1;
}

/**
 * The statement that writes rows of one asset, the first of them on `firstDay`; a row that is there already is replaced.
 *
 * @param firstDay UTC day, days since 1970-01-01
 */
export function upsertSql(asset: number, firstDay: number, rows: readonly PriceRow[]): string {
  const days = rows.map((_, i) => rows.slice(1, i + 1).reduce((day, row) => day + row.afterDays, firstDay));
  const selects = rows.map((row, i) => selectSql(asset, days[i] as number, row));
  return `INSERT INTO cmc_price_histories7 (id, "timestamp", name, timeopen, timeclose, timehigh, timelow,
      open, high, low, close, volume, marketcap, source_file)
    SELECT DISTINCT ON ("timestamp") * FROM (${selects.join('\nUNION ALL ')}) made ORDER BY "timestamp"
    ON CONFLICT (id, "timestamp") DO UPDATE SET timeopen = excluded.timeopen, timeclose = excluded.timeclose,
      timehigh = excluded.timehigh, timelow = excluded.timelow, open = excluded.open, high = excluded.high,
      low = excluded.low, close = excluded.close, volume = excluded.volume, marketcap = excluded.marketcap,
      source_file = excluded.source_file, load_ts = now()`;
}

function selectSql(asset: number, day: number, row: PriceRow): string {
  const [open, close] = [row.open, row.shape === 'flat' ? row.open : row.close];
  const reach = row.shape === 'flat' ? 0 : row.reach;
  const price = (sevenths: number) => {
    const shifted = row.shape === 'negative' ? sevenths - 1000 : sevenths;
    return `'${row.shape === 'spike' ? (shifted / 7) * 1000 : shifted / 7}'::float8`;
  };
  const plain = {
    timeopen: 'timeopen',
    timeclose: 'timeclose',
    // a fifth of the day apart from its edges, so that both lie inside of every day
    timehigh: `timeopen + (timeclose - timeopen) / 5 * ${1 + (row.open % 4)}`,
    timelow: `timeopen + (timeclose - timeopen) / 5 * ${1 + (row.close % 4)}`,
    open: price(open),
    high: price(Math.max(open, close) + reach),
    low: price(Math.min(open, close) - reach),
    close: price(close),
    volume: `${1000 + open * close}::float8`,
    marketcap: `${1e9 + open / 3}::float8`,
  };
  const odd = SHAPES[row.shape] as Partial<typeof plain>;
  const columns = { ...plain, ...odd, high: odd.high === 'low - 1' ? `${plain.low} - 1` : (odd.high ?? plain.high) };
  const values = Object.values(columns).map((value, i) => `(${value})::${i < 4 ? 'timestamptz' : 'float8'}`);
  return `SELECT ${asset}, timeclose AS "timestamp", 'asset'::text, ${values.join(', ')}, 'made'::text FROM (
    SELECT timestamptz 'epoch' + interval '${day} days' AS timeopen,
      timestamptz 'epoch' + interval '${day} days' + interval '${CLOSES_AT_MICROS[row.closesAt]} microseconds' AS timeclose) day`;
}
