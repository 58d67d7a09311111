// The programs themselves, on the same days: what stands in the README's table "the same bars in …".
import { spawnSync } from 'node:child_process';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedPandas, loadPolars, NO_PANDAS, NO_POLARS } from '../../../../vitest.peers.mjs';
import { barsOf, calendarDayBars, TIMEFRAMES, type BarColumns, type BarTimeframe } from '../../src/index.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse('2010-07-21');
const dateText = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Fourteen years from a Wednesday on; every 29th day and a month are missing. */
const DAYS = (() => {
  const kept = Array.from({ length: 5_100 }, (_, i) => i).filter((i) => i % 29 !== 11 && !(i > 700 && i < 731));
  const price = (i: number, share: number) =>
    Math.round(1e4 * (100 + 40 * Math.sin(i / 90) + 9 * Math.sin(i * share))) / 1e4;
  const open = kept.map((i) => price(i, 0.71));
  const close = kept.map((i) => price(i, 1.93));
  return {
    date: kept.map((i) => dateText(FIRST_DAY + i * DAY_MS)),
    open,
    high: open.map((value, k) => Math.max(value, close[k]) + (kept[k] % 7)),
    low: open.map((value, k) => Math.min(value, close[k]) - (kept[k] % 5)),
    close,
    volume: kept.map((i) => 1_000 + ((i * 7_919) % 997)),
  };
})();

const python = installedPandas();
const polars = loadPolars();
if (python === null) process.stderr.write(`\n${NO_PANDAS}\n\n`);
if (polars === null) process.stderr.write(`\n${NO_POLARS}\n\n`);

/** Bars as lines of text: last day, rows, open, high, low, close, volume. */
type Lines = readonly string[];

function linesOf(bars: BarColumns): Lines {
  return Array.from({ length: bars.length }, (_, i) =>
    [
      dateText(bars.timeClose[i]),
      ...[bars.countDays[i], bars.open[i], bars.high[i], bars.low[i], bars.close[i], bars.volume[i]],
    ].join(' '),
  );
}
const known = new Map<BarTimeframe, Lines>();
function ours(tf: BarTimeframe): Lines {
  const lines = known.get(tf) ?? linesOf(barsOf(DAYS, tf));
  known.set(tf, lines);
  return lines;
}

/** As two texts: much quicker than line by line. */
function expectOurs(tf: BarTimeframe, theirs: Lines): void {
  expect([tf, ...theirs].join('\n')).toBe([tf, ...ours(tf)].join('\n'));
}

/** How a timeframe is put to another program: rows or units per bar, and from which day the units are counted. */
interface Translation {
  readonly n: number;
  readonly unit: 'row' | 'week' | 'month';
  /** A first day of a bar. */
  readonly origin: string;
  /** Rows before the first full unit are in no bar. */
  readonly from: string;
}

function translationOf(tf: BarTimeframe): Translation {
  const [, count, unit, , anchor, scheme] = /^([0-9]+)([DWMY])(_CAL)?(_ANCHOR)?(?:_(ISO|US))?$/.exec(tf) as string[];
  const n = Number(count);
  const [first] = DAYS.date;
  if (unit === 'D') return { n, unit: 'row', origin: first, from: first };
  const isStart = (ms: number): boolean => {
    const day = new Date(ms);
    if (unit === 'W') return day.getUTCDay() === (scheme === 'US' ? 0 : 1);
    return day.getUTCDate() === 1 && (unit === 'M' || day.getUTCMonth() === 0);
  };
  const firstStart = (ms: number): string => (isStart(ms) ? dateText(ms) : firstStart(ms + DAY_MS));
  const origin = firstStart(anchor === undefined ? FIRST_DAY : 0);
  const units = { n: unit === 'Y' ? 12 * n : n, unit: unit === 'W' ? ('week' as const) : ('month' as const) };
  return { ...units, origin, from: anchor === undefined ? origin : first };
}

/** Without the frames of more days than a year: they are made like the shorter ones. */
const UP_TO_A_YEAR = TIMEFRAMES.filter((tf) => !(tf.endsWith('D') && Number(tf.slice(0, -1)) > 365));

/**
 * What the programs besides DuckDB make in one run: two timeframes of each kind, which differ by a number, drawn; `make soak` takes
 * all. A kind is rows, weeks, months or years, of a calendar and a scheme or of none.
 */
const DRAWN =
  process.env['TA_TIMEFRAMES'] === 'all' ? UP_TO_A_YEAR : kindsOf(UP_TO_A_YEAR).flatMap((kind) => drawn(kind, 2));

function kindsOf(tfs: readonly BarTimeframe[]): BarTimeframe[][] {
  const nameOf = (tf: BarTimeframe) => tf.replace(/^\d+/, '');
  return [...new Set(tfs.map(nameOf))].map((name) => tfs.filter((tf) => nameOf(tf) === name));
}

function drawn(kind: readonly BarTimeframe[], most: number): BarTimeframe[] {
  const n = Math.min(most, kind.length);
  return fc.sample(fc.shuffledSubarray([...kind], { minLength: n, maxLength: n }), 1)[0];
}

const ANCHORED = TIMEFRAMES.filter((tf) => tf.includes('ANCHOR'));

function firstDifference(ours: Lines, theirs: Lines): string {
  const at = Array.from({ length: Math.max(ours.length, theirs.length) }).findIndex((_, i) => ours[i] !== theirs[i]);
  if (at < 0) return 'none';
  const brief = (line: string | undefined) => line?.split(' ').slice(0, 2).join(' of ') ?? 'none';
  return `bar ${at + 1}: ours to ${brief(ours[at])}, theirs to ${brief(theirs[at])}`;
}

describe('DuckDB', () => {
  let duck: DuckDBConnection;
  beforeAll(async () => {
    duck = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    const rows = DAYS.date.map(
      (day, i) => `('${day}', ${DAYS.open[i]}, ${DAYS.high[i]}, ${DAYS.low[i]}, ${DAYS.close[i]}, ${DAYS.volume[i]})`,
    );
    await duck.run('CREATE TABLE days (day DATE, open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE)');
    await duck.run(`INSERT INTO days VALUES ${rows.join(', ')}`);
  });
  afterAll(() => duck.closeSync());

  const barsBy = async (bucket: string, from = '0001-01-01'): Promise<Lines> => {
    const reader = await duck.runAndReadAll(
      `SELECT max(day)::VARCHAR, count(*)::INTEGER, arg_min(open, day), max(high), min(low), arg_max(close, day), sum(volume)
       FROM (SELECT *, ${bucket} AS bucket FROM days WHERE day >= DATE '${from}') GROUP BY bucket ORDER BY 1`,
    );
    return reader.getRows().map((row) => row.join(' '));
  };
  const bucketOf = ({ n, unit, origin }: Translation) =>
    unit === 'row'
      ? `(row_number() OVER (ORDER BY day) - 1) // ${n}`
      : `time_bucket(INTERVAL '${n} ${unit}s', day, DATE '${origin}')`;

  it('makes the same bars of every timeframe', async () => {
    for (const tf of TIMEFRAMES) {
      const translation = translationOf(tf);
      expectOurs(tf, await barsBy(bucketOf(translation), translation.from));
    }
  });

  it('counts n-week anchored bars from 1970-01-05 (ISO) and 1970-01-04 (US)', () => {
    for (const tf of ANCHORED.filter((name) => name.includes('W_'))) {
      expect(translationOf(tf).origin).toBe(tf.endsWith('US') ? '1970-01-04' : '1970-01-05');
    }
  });

  it('makes other bars where the natural call is taken', async () => {
    const natural = {
      "2W_CAL_ANCHOR_ISO and time_bucket('2 weeks')": [
        ours('2W_CAL_ANCHOR_ISO'),
        await barsBy(`time_bucket(INTERVAL '2 weeks', day)`),
      ],
      "2W_CAL_ISO and time_bucket('2 weeks')": [
        ours('2W_CAL_ISO'),
        await barsBy(`time_bucket(INTERVAL '2 weeks', day)`),
      ],
      "2W_CAL_ANCHOR_US and time_bucket('2 weeks')": [
        ours('2W_CAL_ANCHOR_US'),
        await barsBy(`time_bucket(INTERVAL '2 weeks', day)`),
      ],
      "3M_CAL and date_trunc('quarter')": [ours('3M_CAL'), await barsBy(`date_trunc('quarter', day)`)],
      "7D and time_bucket('7 days')": [ours('7D'), await barsBy(`time_bucket(INTERVAL '7 days', day)`)],
      "1W_CAL_ANCHOR_ISO and date_trunc('week')": [ours('1W_CAL_ANCHOR_ISO'), await barsBy(`date_trunc('week', day)`)],
      "1W_CAL_ANCHOR_US and date_trunc('week')": [ours('1W_CAL_ANCHOR_US'), await barsBy(`date_trunc('week', day)`)],
      "3M_CAL_ANCHOR and date_trunc('quarter')": [ours('3M_CAL_ANCHOR'), await barsBy(`date_trunc('quarter', day)`)],
      "1M_CAL_ANCHOR and date_trunc('month')": [ours('1M_CAL_ANCHOR'), await barsBy(`date_trunc('month', day)`)],
      "1Y_CAL_ANCHOR and date_trunc('year')": [ours('1Y_CAL_ANCHOR'), await barsBy(`date_trunc('year', day)`)],
    };
    expect(
      Object.entries(natural).map(([what, [mine, theirs]]) => `${what}: ${firstDifference(mine, theirs)}`),
    ).toStrictEqual([
      "2W_CAL_ANCHOR_ISO and time_bucket('2 weeks'): bar 1: ours to 2010-07-25 of 5, theirs to 2010-07-31 of 11",
      "2W_CAL_ISO and time_bucket('2 weeks'): bar 1: ours to 2010-08-08 of 13, theirs to 2010-07-31 of 11",
      "2W_CAL_ANCHOR_US and time_bucket('2 weeks'): bar 1: ours to 2010-07-24 of 4, theirs to 2010-07-31 of 11",
      "3M_CAL and date_trunc('quarter'): bar 1: ours to 2010-10-31 of 88, theirs to 2010-09-30 of 69",
      "7D and time_bucket('7 days'): bar 1: ours to 2010-07-27 of 7, theirs to 2010-07-25 of 5",
      "1W_CAL_ANCHOR_ISO and date_trunc('week'): none",
      "1W_CAL_ANCHOR_US and date_trunc('week'): bar 1: ours to 2010-07-24 of 4, theirs to 2010-07-25 of 5",
      "3M_CAL_ANCHOR and date_trunc('quarter'): none",
      "1M_CAL_ANCHOR and date_trunc('month'): none",
      "1Y_CAL_ANCHOR and date_trunc('year'): none",
    ]);
  });
});

describe('PostgreSQL', () => {
  let database: PGlite;
  beforeAll(async () => {
    database = await PGlite.create();
    await database.exec(
      'CREATE TABLE days (day date, open float8, high float8, low float8, close float8, volume float8)',
    );
    const rows = DAYS.date.map(
      (day, i) => `('${day}', ${DAYS.open[i]}, ${DAYS.high[i]}, ${DAYS.low[i]}, ${DAYS.close[i]}, ${DAYS.volume[i]})`,
    );
    await database.exec(`INSERT INTO days VALUES ${rows.join(', ')}`);
  });
  afterAll(() => database.close());

  const barsBy = async (bucket: string, from = DAYS.date[0]): Promise<Lines> => {
    const { rows } = await database.query<unknown[]>(
      `SELECT max(day)::text, count(*)::int, (array_agg(open ORDER BY day))[1], max(high), min(low), (array_agg(close ORDER BY day))[count(*)], sum(volume)
       FROM (SELECT *, ${bucket} AS bucket FROM days WHERE day >= '${from}') d GROUP BY bucket ORDER BY 1`,
      [],
      { rowMode: 'array' },
    );
    return rows.map((row) => row.join(' '));
  };
  const bucketOf = ({ n, unit, origin }: Translation) => {
    if (unit === 'row') return `(row_number() OVER (ORDER BY day) - 1) / ${n}`;
    if (unit === 'week') return `date_bin('${7 * n} days', day::timestamp, '${origin}')`;
    const months = `(extract(year FROM day) * 12 + extract(month FROM day))`;
    const [year, month] = origin.split('-').map(Number);
    return `div(${months} - ${year * 12 + month}, ${n})`;
  };

  it('makes the same bars of timeframes up to a year of days', async () => {
    for (const tf of DRAWN) {
      const translation = translationOf(tf);
      expectOurs(tf, await barsBy(bucketOf(translation), translation.from));
    }
  });

  it('makes other bars where date_bin has a natural origin', async () => {
    const theirs = await barsBy(`date_bin('14 days', day::timestamp, '2001-01-01')`);
    expect(firstDifference(ours('2W_CAL_ANCHOR_ISO'), theirs)).toBe(
      'bar 1: ours to 2010-07-25 of 5, theirs to 2010-07-31 of 11',
    );
  });
});

describe.skipIf(python === null)('pandas', () => {
  const NATURAL: [what: string, tf: BarTimeframe, rule: string][] = [
    ["7D and resample('7D')", '7D', '7D'],
    ["2W_CAL_ANCHOR_ISO and resample('2W')", '2W_CAL_ANCHOR_ISO', '2W'],
    ["2W_CAL_ISO and resample('2W')", '2W_CAL_ISO', '2W'],
    ["1W_CAL_ANCHOR_ISO and resample('W')", '1W_CAL_ANCHOR_ISO', 'W'],
    ["1W_CAL_ANCHOR_US and resample('W-SAT')", '1W_CAL_ANCHOR_US', 'W-SAT'],
    ["3M_CAL and resample('3M')", '3M_CAL', '3M'],
    ["3M_CAL_ANCHOR and resample('3M')", '3M_CAL_ANCHOR', '3M'],
    ["3M_CAL_ANCHOR and resample('Q')", '3M_CAL_ANCHOR', 'Q'],
    ["1M_CAL_ANCHOR and resample('M')", '1M_CAL_ANCHOR', 'M'],
    ["1Y_CAL_ANCHOR and resample('A')", '1Y_CAL_ANCHOR', 'A'],
  ];
  let results: { translated: Lines[]; natural: Lines[] };
  beforeAll(() => {
    const script = `
import json, sys, numpy as np, pandas as pd
days, translations, rules = json.load(sys.stdin)
frame = pd.DataFrame(days).assign(day=lambda f: pd.to_datetime(f['date'])).set_index('day')
HOW = {'date': ['last', 'count'], 'open': 'first', 'high': 'max', 'low': 'min', 'close': 'last', 'volume': 'sum'}
def lines(groups):
    bars = groups.agg(HOW)
    return [r for r in bars[bars[('date', 'count')] > 0].values.tolist()]
def grouped(t):
    some = frame[t['from']:]
    if t['unit'] == 'row':
        return some.groupby(np.arange(len(some)) // t['n'])
    if t['unit'] == 'week':
        return some.resample('%dD' % (7 * t['n']), origin=pd.Timestamp(t['origin']))
    start = pd.Timestamp(t['origin'])
    return some.groupby((some.index.year * 12 + some.index.month - start.year * 12 - start.month) // t['n'])
print(json.dumps({'translated': [lines(grouped(t)) for t in translations], 'natural': [lines(frame.resample(r)) for r in rules]}))
`;
    const input = JSON.stringify([DAYS, DRAWN.map(translationOf), NATURAL.map(([, , rule]) => rule)]);
    const done = spawnSync(python as string, ['-c', script], { input, encoding: 'utf8', maxBuffer: 200_000_000 });
    expect(done.stderr).toBe('');
    const read = JSON.parse(done.stdout) as Record<'translated' | 'natural', unknown[][][]>;
    const textOf = (all: unknown[][][]) => all.map((bars) => bars.map((row) => row.join(' ')));
    results = { translated: textOf(read.translated), natural: textOf(read.natural) };
  });

  it('makes the same bars of timeframes up to a year of days', () => {
    DRAWN.forEach((tf, i) => expectOurs(tf, results.translated[i]));
  });

  it('makes other bars where the natural rule is taken', () => {
    expect(NATURAL.map(([what, tf], i) => `${what}: ${firstDifference(ours(tf), results.natural[i])}`)).toStrictEqual([
      "7D and resample('7D'): bar 2: ours to 2010-08-04 of 7, theirs to 2010-08-03 of 6",
      // by chance: its two weeks end with the first Sunday there is, which half of all histories have in phase
      "2W_CAL_ANCHOR_ISO and resample('2W'): none",
      "2W_CAL_ISO and resample('2W'): bar 1: ours to 2010-08-08 of 13, theirs to 2010-07-25 of 5",
      "1W_CAL_ANCHOR_ISO and resample('W'): none",
      "1W_CAL_ANCHOR_US and resample('W-SAT'): none",
      "3M_CAL and resample('3M'): bar 1: ours to 2010-10-31 of 88, theirs to 2010-07-31 of 11",
      "3M_CAL_ANCHOR and resample('3M'): bar 1: ours to 2010-09-30 of 69, theirs to 2010-07-31 of 11",
      "3M_CAL_ANCHOR and resample('Q'): none",
      "1M_CAL_ANCHOR and resample('M'): none",
      "1Y_CAL_ANCHOR and resample('A'): none",
    ]);
  });

  it("resample('7D') is calendarDayBars(days, 7)", () => {
    expect(linesOf(calendarDayBars(DAYS, 7))).toStrictEqual(results.natural[0]);
  });
});

describe.skipIf(polars === null)('polars', () => {
  let all: ReturnType<NonNullable<typeof polars>['DataFrame']>;
  beforeAll(() => {
    all = polars!.DataFrame({ ...DAYS, day: DAYS.date.map((day) => new Date(day)) });
  });
  const barsBy = (every: string, offset = '0d', from = DAYS.date[0], startBy?: 'window'): Lines => {
    const { col } = polars!;
    const frame = all.slice(
      DAYS.date.findIndex((day) => day >= from),
      DAYS.date.length,
    );
    return frame
      .groupByDynamic({ indexColumn: 'day', every, offset, closed: 'left', label: 'left', startBy })
      .agg(
        ...[
          col('date').last(),
          col('date').count().alias('count'),
          col('open').first(),
          col('high').max(),
          col('low').min(),
        ],
        ...[col('close').last(), col('volume').sum()],
      )
      .rows()
      .map(([, ...row]) => row.join(' '));
  };
  const daysFrom1970 = (origin: string) => Date.parse(origin) / DAY_MS;

  it('makes the same weeks, months and years', () => {
    for (const tf of DRAWN) {
      const { n, unit, origin, from } = translationOf(tf);
      if (unit === 'row') continue;
      const isAligned = !tf.includes('ANCHOR');
      if (unit === 'week') {
        const offset = `${daysFrom1970(origin) % (7 * n)}d`;
        expectOurs(tf, barsBy(`${7 * n}d`, offset, from, 'window'));
      } else {
        const months = isAligned ? (Number(origin.slice(0, 4)) - 1970) * 12 + Number(origin.slice(5, 7)) - 1 : 0;
        expectOurs(tf, barsBy(`${n}mo`, `${months % n}mo`, from, 'window'));
      }
    }
  });

  it('makes other bars where the natural call is taken', () => {
    const natural = {
      "2W_CAL_ANCHOR_ISO and every '2w'": [ours('2W_CAL_ANCHOR_ISO'), barsBy('2w')],
      "2W_CAL_ANCHOR_ISO and every '14d', offset '4d'": [ours('2W_CAL_ANCHOR_ISO'), barsBy('14d', '4d')],
      "2W_CAL_ISO and every '2w'": [ours('2W_CAL_ISO'), barsBy('2w')],
      "2W_CAL_ANCHOR_US and every '2w'": [ours('2W_CAL_ANCHOR_US'), barsBy('2w')],
      "1W_CAL_ANCHOR_ISO and every '1w'": [ours('1W_CAL_ANCHOR_ISO'), barsBy('1w')],
      "7D and every '7d'": [ours('7D'), barsBy('7d')],
      "3M_CAL and every '3mo'": [ours('3M_CAL'), barsBy('3mo')],
    };
    expect(
      Object.entries(natural).map(([what, [mine, theirs]]) => `${what}: ${firstDifference(mine, theirs)}`),
    ).toStrictEqual([
      "2W_CAL_ANCHOR_ISO and every '2w': bar 1: ours to 2010-07-25 of 5, theirs to 2010-07-31 of 11",
      "2W_CAL_ANCHOR_ISO and every '14d', offset '4d': bar 1: ours to 2010-07-25 of 5, theirs to 2010-07-22 of 2",
      "2W_CAL_ISO and every '2w': bar 1: ours to 2010-08-08 of 13, theirs to 2010-07-31 of 11",
      "2W_CAL_ANCHOR_US and every '2w': bar 1: ours to 2010-07-24 of 4, theirs to 2010-07-31 of 11",
      "1W_CAL_ANCHOR_ISO and every '1w': none",
      "7D and every '7d': bar 1: ours to 2010-07-27 of 7, theirs to 2010-07-25 of 5",
      "3M_CAL and every '3mo': bar 1: ours to 2010-10-31 of 88, theirs to 2010-10-18 of 87",
    ]);
  });
});
