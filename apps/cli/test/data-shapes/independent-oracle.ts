import { Temporal } from '@js-temporal/polyfill';
import { TIMEFRAME_CATALOGUE, toTimeframe, type Timeframe } from '@ta/bars-core/engine';
import type { PlainRow } from '../../../../libs/bars-core/test/fixtures/plain-row.ts';
import { naiveSnapshots } from '../../../../libs/bars-core/test/oracle/naive-bars.ts';
import { SMALL_CATALOGUE } from '../../../../libs/pipeline/test/test-database.ts';
import type { ShapeWorld, SourceRecord } from './shape-world.ts';

/*
 * What must be stored of an asset, worked out from its source rows by Temporal and plain lists. It shares nothing with the cores but
 * the names of the timeframes.
 */

const FAMILIES: Readonly<Record<string, (timeframe: Timeframe) => boolean>> = {
  multi_tf: ({ kind, tf }) => kind === 'rolling' && tf !== '1D',
  multi_tf_cal_iso: ({ kind, scheme }) => kind === 'aligned' && scheme !== 'US',
  multi_tf_cal_us: ({ kind, scheme }) => kind === 'aligned' && scheme !== 'ISO',
  multi_tf_cal_anchor_iso: ({ kind, scheme }) => kind === 'anchored' && scheme !== 'US',
  multi_tf_cal_anchor_us: ({ kind, scheme }) => kind === 'anchored' && scheme !== 'ISO',
};
const TIMEFRAMES = TIMEFRAME_CATALOGUE.filter(({ tf }) => SMALL_CATALOGUE.timeframes.includes(tf)).map(toTimeframe);

const ms = (value: unknown): number => Date.parse(value as string);
const number = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));

/** A daily bar as it must be: what the multi-day bars are made of, and its number among all source rows. */
interface OracleDay extends PlainRow {
  readonly seq: number;
  readonly isAfterGap: boolean;
}

/** Differences between what is stored of an asset and what must be; empty when there are none. */
export async function differences(
  world: ShapeWorld,
  id: number,
  source: readonly SourceRecord[],
  zone: string,
): Promise<string[]> {
  const days = dailyOf(source, zone);
  return [
    ...(await dailyDifferences(world, id, days)),
    ...(await barDifferences(world, id, days)),
    ...(await emaDifferences(world, id, days)),
  ];
}

function dailyOf(source: readonly SourceRecord[], zone: string): OracleDay[] {
  const sorted = [...source].sort((a, b) => ms(a['timestamp']) - ms(b['timestamp']));
  const latest = new Map<string, OracleDay>();
  sorted.forEach((row, at) => {
    const ts = ms(row['timestamp']);
    const date = Temporal.Instant.fromEpochMilliseconds(ts).toZonedDateTimeISO(zone).toPlainDate();
    const from = date.toZonedDateTime(zone).epochMilliseconds;
    const until = date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds;
    const [opens, closes] = [ms(row['timeopen']), ms(row['timeclose'])];
    const [open, high, low, close] = ['open', 'high', 'low', 'close'].map((column) => Number(row[column])) as [
      number,
      number,
      number,
      number,
    ];
    const placed = (instant: unknown, isAtClose: boolean): number => {
      const at = instant === null ? NaN : ms(instant);
      return (at >= opens && at <= closes) || (at >= from && at < until) ? at : isAtClose ? closes : opens;
    };
    latest.set(date.toString(), {
      ...{ day: Date.parse(`${date.toString()}T00:00:00Z`) / 86_400_000, ts, open, close },
      ...{ high: Math.max(open, high, low, close), low: Math.min(open, high, low, close) },
      ...{ volume: number(row['volume']), marketCap: number(row['marketcap']) },
      timeOpen: opens >= from && opens < until ? opens : from,
      timeHigh: placed(row['timehigh'], close >= open),
      timeLow: placed(row['timelow'], close <= open),
      seq: at + 1,
      isAfterGap: false,
    });
  });
  const days = [...latest.values()];
  return days.map((day, i) => ({ ...day, isAfterGap: i > 0 && day.day - (days[i - 1] as OracleDay).day > 1 }));
}

const epochMs = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8 AS ${column}`;

async function dailyDifferences(world: ShapeWorld, id: number, days: readonly OracleDay[]): Promise<string[]> {
  const stored = await world.rows<Record<string, unknown>>(
    `SELECT day - DATE '1970-01-01' AS day, ${['time_high', 'time_low'].map(epochMs).join(', ')}, (extract(epoch FROM "timestamp") * 1000)::float8 AS ts,
       open, high, low, close, volume, market_cap, bar_seq::int AS seq, is_missing_days FROM cmc_price_bars_1d WHERE id = ${id} ORDER BY "timestamp"`,
  );
  const expected = days.map((day) => ({
    ...{
      day: day.day,
      time_high: day.timeHigh,
      time_low: day.timeLow,
      ts: day.ts,
      open: day.open,
      high: day.high,
      low: day.low,
    },
    ...{
      close: day.close,
      volume: day.volume,
      market_cap: day.marketCap,
      seq: day.seq,
      is_missing_days: day.isAfterGap,
    },
  }));
  return compared('1d', stored, expected);
}

async function barDifferences(world: ShapeWorld, id: number, days: readonly OracleDay[]): Promise<string[]> {
  const found: string[] = [];
  for (const [family, isOf] of Object.entries(FAMILIES)) {
    const stored = await world.rows<Record<string, unknown>>(
      `SELECT tf, ${['time_close', 'time_open', 'time_high', 'time_low'].map(epochMs).join(', ')}, bar_seq, tf_days, open, high, low, close, volume, market_cap,
         count_days, count_days_remaining, count_missing_days, count_missing_days_start, is_partial_start, is_partial_end
       FROM cmc_price_bars_${family} WHERE id = ${id} ORDER BY tf COLLATE "C", time_close`,
    );
    const expected = TIMEFRAMES.filter(isOf)
      .sort((a, b) => (a.tf < b.tf ? -1 : 1))
      .flatMap((timeframe) =>
        naiveSnapshots(days, timeframe).map((bar) => ({
          ...{
            tf: timeframe.tf,
            time_close: bar.timeClose,
            time_open: bar.timeOpen,
            time_high: bar.timeHigh,
            time_low: bar.timeLow,
          },
          ...{
            bar_seq: bar.barSeq,
            tf_days: bar.tfDays,
            open: bar.open,
            high: bar.high,
            low: bar.low,
            close: bar.close,
          },
          ...{
            volume: bar.volume,
            market_cap: bar.marketCap,
            count_days: bar.countDays,
            count_days_remaining: bar.countDaysRemaining,
          },
          ...{ count_missing_days: bar.countMissingDays, count_missing_days_start: bar.countMissingDaysStart },
          ...{ is_partial_start: bar.isPartialStart, is_partial_end: bar.isPartialEnd },
        })),
      );
    found.push(...compared(family, stored, expected));
  }
  return found;
}

/** An EMA row: instant, value, and whether no bar closes there. */
interface OracleEma {
  readonly tf: string;
  readonly period: number;
  readonly ts: number;
  readonly roll: boolean;
  readonly ema: number;
  readonly ema_bar: number | null;
}

async function emaDifferences(world: ShapeWorld, id: number, days: readonly OracleDay[]): Promise<string[]> {
  const found: string[] = [];
  const size = Math.max(...days.map((day) => Math.abs(day.close as number)));
  const daily = TIMEFRAMES.filter(({ tf }) => tf === '1D');
  for (const table of [...Object.keys(FAMILIES), 'multi_tf_v2']) {
    const isRolling = table === 'multi_tf' || table === 'multi_tf_v2';
    const own = TIMEFRAMES.filter(FAMILIES[isRolling ? 'multi_tf' : table] as (timeframe: Timeframe) => boolean);
    const expected = [...(isRolling ? daily : []), ...own].flatMap((timeframe) =>
      SMALL_CATALOGUE.periods.flatMap((period) => emasOf(table, days, timeframe, period)),
    );
    const stored = await world.rows<OracleEma>(
      `SELECT tf, period, (extract(epoch FROM ts) * 1000)::float8 AS ts, roll, ema, ${isRolling ? 'NULL::float8 AS ema_bar' : 'ema_bar'} FROM cmc_ema_${table} WHERE id = ${id}`,
    );
    const keyOf = ({ tf, period, ts }: OracleEma): string => `${tf}/${period} ${new Date(ts).toISOString()}`;
    const byKey = new Map(stored.map((row) => [keyOf(row), row]));
    if (stored.length !== expected.length)
      found.push(`${table} EMAs: ${stored.length} rows, expected ${expected.length}`);
    for (const row of expected) {
      const there = byKey.get(keyOf(row));
      const isNear = (a: number | null, b: number | null): boolean =>
        a === null || b === null ? a === b : Math.abs(a - b) <= 1e-12 * size;
      if (
        there !== undefined &&
        there.roll === row.roll &&
        isNear(there.ema, row.ema) &&
        isNear(there.ema_bar, row.ema_bar)
      )
        continue;
      found.push(`${table} ${keyOf(row)}: ${JSON.stringify(there)}, expected ${JSON.stringify(row)}`);
      break;
    }
  }
  return found;
}

/** docs/emas.md#families, as lists. */
function emasOf(table: string, days: readonly OracleDay[], timeframe: Timeframe, period: number): OracleEma[] {
  const { tf, nominalDays } = timeframe;
  const x = days.map((day) => day.close as number);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const row = (at: number, roll: boolean, ema: number, emaBar: number | null): OracleEma => {
    return { tf, period, ts: (days[at] as OracleDay).ts, roll, ema, ema_bar: emaBar };
  };
  if (table === 'multi_tf_v2') {
    const horizon = period * nominalDays;
    let ema = NaN;
    return x.flatMap((close, at) => {
      if (at + 1 < horizon) return [];
      const alpha = 2 / (horizon + 1);
      ema = at + 1 === horizon ? mean(x.slice(0, horizon)) : alpha * close + (1 - alpha) * ema;
      return [row(at, (days[at] as OracleDay).seq % timeframe.quantity !== 0, ema, null)];
    });
  }
  const closed = new Set(
    tf === '1D'
      ? x.keys()
      : naiveSnapshots(days, timeframe)
          .filter(({ isPartialEnd }) => !isPartialEnd)
          .map(({ sourceRow }) => sourceRow),
  );
  const alpha = 2 / (period + 1);
  const isChained = table !== 'multi_tf';
  const chain = table.includes('anchor') ? 1 - (1 - alpha) ** (1 / nominalDays) : 2 / (period * nominalDays + 1);
  const bars: number[] = [];
  let [bar, ema, emaBar] = [NaN, NaN, NaN];
  return x.flatMap((close, at) => {
    const isClosed = closed.has(at);
    if (isClosed) bars.push(close);
    if (bars.length < period) return [];
    const isSeed = isClosed && bars.length === period;
    if (isSeed) bar = mean(bars);
    else if (isClosed) bar = alpha * close + (1 - alpha) * bar;
    if (!isChained) return [row(at, !isClosed, isClosed ? bar : alpha * close + (1 - alpha) * bar, null)];
    ema = isSeed ? bar : chain * close + (1 - chain) * ema;
    emaBar = isClosed ? bar : chain * close + (1 - chain) * emaBar;
    return [row(at, !isClosed, ema, emaBar)];
  });
}

function compared(table: string, stored: readonly object[], expected: readonly object[]): string[] {
  const at = Array.from({ length: Math.max(stored.length, expected.length) }).findIndex(
    (_, i) => !isSame(stored[i], expected[i]),
  );
  if (at < 0) return [];
  return [`${table}, row ${at + 1}: ${JSON.stringify(stored[at])}, expected ${JSON.stringify(expected[at])}`];
}

function isSame(stored: object | undefined, expected: object | undefined): boolean {
  if (stored === undefined || expected === undefined) return false;
  return Object.entries(expected).every(([column, value]) => {
    const there = (stored as Record<string, unknown>)[column];
    return there === value || (value === 0 && there === 0);
  });
}
