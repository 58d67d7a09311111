import { ONE_DAY_MS } from '@ta/bars-core/engine';
import { assertAssetId, assertAssetName } from './asset-name.ts';
import { ImportError } from './errors.ts';
import { FIRST_DAY, LAST_DAY, parseDayClose, utcDayText } from './parse-instant.ts';
import { seededUniform } from './random.ts';
import { createSourceBatch, type SourceBatch, trimSourceBatch } from './source-batch.ts';

/** An asset that does not exist; its name says so. */
export interface SyntheticAsset {
  id: number;
  /** Must contain the word `synthetic`. */
  name: string;
  symbol: string | null;
}

/** A defect that is put into synthetic prices on purpose, named after what the 1D builder makes of it. */
export type AnomalyKind =
  | 'missing_day'
  | 'null_open'
  | 'high_below_low'
  | 'time_high_outside_day'
  | 'null_volume'
  | 'duplicate_day';

/** Where a defect was put. */
export interface SyntheticAnomaly {
  /** UTC civil day, `YYYY-MM-DD`. */
  day: string;
  kind: AnomalyKind;
}

/** What to generate; see {@link syntheticPrices}. */
export interface SyntheticOptions {
  /** Any integer; the asset's id is mixed in, so one seed serves many assets. */
  seed: number;
  /** UTC civil days from the first to the last one, missing ones included. */
  days: number;
  /** `YYYY-MM-DD`. */
  lastDay: string;
  asset: SyntheticAsset;
  /** In the middle of every block of `everyDays` days, `lengthDays` days are missing. */
  gaps?: { everyDays: number; lengthDays: number } | undefined;
  /** The last day of every block of `everyDays` days is defective, the kinds taking turns; default all but `missing_day`. */
  badRows?: { everyDays: number; kinds?: readonly AnomalyKind[] } | undefined;
}

const ROW_DEFECTS: readonly AnomalyKind[] = [
  'null_open',
  'high_below_low',
  'time_high_outside_day',
  'null_volume',
  'duplicate_day',
];
const FIRST_PRICES = [0.02, 0.9, 25, 400, 3_000, 30_000];
const MINUTE_MS = 60_000;

/**
 * `count` synthetic assets, ids ascending from `firstId` (default 900001, far above the ids CoinMarketCap hands out).
 */
export function syntheticAssets(count: number, firstId = 900_001): SyntheticAsset[] {
  return Array.from({ length: count }, (_, at) => ({
    id: firstId + at,
    name: `synthetic asset ${at + 1}`,
    symbol: `SYN${at + 1}`,
  }));
}

/**
 * The defects {@link syntheticPrices} puts in for the same options, ascending by day.
 *
 * @throws ImportError `IMPORT_BAD_OPTION`
 */
export function syntheticAnomalies(options: SyntheticOptions): SyntheticAnomaly[] {
  const firstDay = firstDayOf(options);
  const anomalies: SyntheticAnomaly[] = [];
  for (let at = 0; at < options.days; at++) {
    const kind = anomalyAt(options, at);
    if (kind !== null) anomalies.push({ day: utcDayText(firstDay + at), kind });
  }
  return anomalies;
}

/**
 * Daily prices of a made-up asset: a random walk with changing volatility, ascending by `ts`.
 *
 * Only the four basic operations and a fixed random source are used, so the same options give the same bits
 * everywhere. One more day with `lastDay` moved on by one appends a row and changes none.
 *
 * @throws ImportError `IMPORT_BAD_OPTION`
 */
export function syntheticPrices(options: SyntheticOptions): SourceBatch {
  const { asset, days } = options;
  const firstDay = firstDayOf(options);
  const defects = syntheticAnomalies(options).filter(({ kind }) => kind === 'duplicate_day').length;
  const batch = createSourceBatch(asset.id, days + defects);
  const uniform = seededUniform(Math.imul(asset.id, 0x9e3779b1) ^ options.seed);
  const walk = startWalk(uniform);
  for (let at = 0; at < days; at++) {
    nextDay(walk, uniform);
    const kind = anomalyAt(options, at);
    if (kind === 'missing_day') continue;
    if (kind === 'duplicate_day') writeHalfDay(batch, walk, firstDay + at);
    writeDay(batch, walk, firstDay + at);
    if (kind !== null) spoil(batch, batch.length - 1, kind);
  }
  batch.name.fill(asset.name);
  batch.sourceFile.fill(`synthetic, seed ${options.seed}`);
  return trimSourceBatch(batch);
}

interface Walk {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  supply: number;
  highMinute: number;
  lowMinute: number;
  calm: number;
  volatility: number;
}

function startWalk(uniform: () => number): Walk {
  const first = FIRST_PRICES[Math.floor(uniform() * FIRST_PRICES.length)] * (0.5 + uniform());
  const calm = 0.015 + 0.03 * uniform();
  const supply = Math.round(1e7 * (1 + 99 * uniform()));
  const close = rounded(first, first);
  return {
    open: close,
    high: close,
    low: close,
    close,
    volume: 0,
    supply,
    highMinute: 0,
    lowMinute: 0,
    calm,
    volatility: calm,
  };
}

/** Moves on by one day, always with the same number of draws, so that the prices of a day depend only on its position. */
function nextDay(walk: Walk, uniform: () => number): void {
  const bell = (uniform() + uniform() + uniform() + uniform() - 2) * 1.7320508;
  const shock = uniform() < 0.03 ? 3 : 1;
  walk.volatility = 0.9 * walk.volatility + 0.1 * walk.calm * (0.3 + 1.4 * uniform());
  const drawn = walk.volatility * (0.02 + bell * shock);
  // A price near the smallest digit that is kept turns upwards, so that it never reaches zero.
  const change = walk.close < 1e-5 ? Math.abs(drawn) + 0.01 : Math.max(-0.6, Math.min(1.5, drawn));
  const open = walk.close;
  const close = rounded(open * (1 + change), open);
  walk.open = open;
  walk.close = close;
  walk.high = rounded(Math.max(open, close) * (1 + walk.volatility * uniform()), open);
  walk.low = rounded(Math.min(open, close) * (1 - walk.volatility * uniform()), open);
  walk.supply += 500;
  walk.volume = Math.round(close * walk.supply * (0.005 + 0.05 * uniform()) * (1 + 8 * Math.abs(change)));
  walk.highMinute = Math.floor(uniform() * 1440);
  walk.lowMinute = Math.floor(uniform() * 1440);
}

/** A price rounded to decimals that fit the size of `scale`; rounding is monotone, so the order of a day's prices stays. */
function rounded(price: number, scale: number): number {
  const units = scale >= 1000 ? 1e2 : scale >= 1 ? 1e4 : 1e8;
  return Math.round(price * units) / units;
}

function writeDay(batch: SourceBatch, walk: Walk, day: number): void {
  const row = batch.length++;
  const timeOpen = day * ONE_DAY_MS;
  batch.day[row] = day;
  batch.timeOpen[row] = timeOpen;
  batch.timeClose[row] = batch.ts[row] = timeOpen + ONE_DAY_MS - 1;
  batch.timeHigh[row] = timeOpen + walk.highMinute * MINUTE_MS;
  batch.timeLow[row] = timeOpen + walk.lowMinute * MINUTE_MS;
  batch.open[row] = walk.open;
  batch.high[row] = walk.high;
  batch.low[row] = walk.low;
  batch.close[row] = walk.close;
  batch.volume[row] = walk.volume;
  batch.marketCap[row] = Math.round(walk.close * walk.supply);
  batch.circulatingSupply[row] = walk.supply;
}

/** A row of the same day that closes at noon; the day's own row follows it. */
function writeHalfDay(batch: SourceBatch, walk: Walk, day: number): void {
  const row = batch.length;
  const close = rounded((walk.open + walk.close) / 2, walk.open);
  const { highMinute, lowMinute } = walk;
  writeDay(
    batch,
    {
      ...walk,
      close,
      high: Math.max(walk.open, close),
      low: Math.min(walk.open, close),
      volume: Math.round(walk.volume / 2),
      highMinute: highMinute >> 1,
      lowMinute: lowMinute >> 1,
    },
    day,
  );
  batch.timeClose[row] = batch.ts[row] = day * ONE_DAY_MS + ONE_DAY_MS / 2 - 1;
}

function spoil(batch: SourceBatch, row: number, kind: AnomalyKind): void {
  if (kind === 'null_open') batch.open[row] = Number.NaN;
  if (kind === 'null_volume') batch.volume[row] = Number.NaN;
  if (kind === 'time_high_outside_day') batch.timeHigh[row] += ONE_DAY_MS;
  if (kind === 'high_below_low') {
    // A tenth apart, so that the two differ even on a day without any movement.
    const high = batch.high[row] * 1.1;
    batch.high[row] = batch.low[row];
    batch.low[row] = high;
  }
}

function anomalyAt({ gaps, badRows }: SyntheticOptions, at: number): AnomalyKind | null {
  if (gaps !== undefined) {
    const place = (at % gaps.everyDays) - (gaps.everyDays >> 1);
    if (place >= 0 && place < gaps.lengthDays) return 'missing_day';
  }
  if (badRows === undefined || at % badRows.everyDays !== badRows.everyDays - 1) return null;
  const kinds = badRows.kinds ?? ROW_DEFECTS;
  return kinds[Math.floor(at / badRows.everyDays) % kinds.length];
}

/** Validates the options; returns the first civil day. */
function firstDayOf({ seed, days, lastDay, asset, gaps, badRows }: SyntheticOptions): number {
  assertAssetId(asset.id);
  assertAssetName(asset.name);
  const wrong = (name: string, value: unknown, expected: string): ImportError =>
    new ImportError('IMPORT_BAD_OPTION', `${name} is ${JSON.stringify(value)}; expected ${expected}`, {
      context: { [name]: value },
    });
  if (!/synthetic/i.test(asset.name)) throw wrong('asset.name', asset.name, 'a name with the word "synthetic"');
  if (!Number.isSafeInteger(seed)) throw wrong('seed', seed, 'an integer');
  const lastMs = parseDayClose(`${lastDay} 23:59:59`);
  if (typeof lastMs === 'string') throw wrong('lastDay', lastDay, 'a day YYYY-MM-DD from 1970-01-02 to 2199-12-31');
  const last = lastMs / ONE_DAY_MS;
  const most = Math.min(last, LAST_DAY) - FIRST_DAY + 1;
  if (!(Number.isInteger(days) && days >= 1 && days <= most)) throw wrong('days', days, `an integer from 1 to ${most}`);
  if (gaps !== undefined) {
    const { everyDays, lengthDays } = gaps;
    const isUsable = Number.isInteger(everyDays) && Number.isInteger(lengthDays) && lengthDays >= 1;
    if (!(isUsable && everyDays >> 1 >= lengthDays)) throw wrong('gaps', gaps, 'a length of at most half of everyDays');
  }
  if (badRows !== undefined) {
    const isUsable = Number.isInteger(badRows.everyDays) && badRows.everyDays >= 2 && badRows.kinds?.length !== 0;
    if (!isUsable) throw wrong('badRows', badRows, 'everyDays of at least 2 and at least one kind');
  }
  return last - days + 1;
}
