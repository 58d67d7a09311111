import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres } from '../../../../libs/pipeline/test/test-database.ts';
import { openFuzzWorld, type FuzzWorld, type RefreshEnd } from './database/fuzz-world.ts';

/** An asset that is extreme in one way. */
interface Extreme {
  readonly title: string;
  readonly zone?: string;
  /** First and last UTC day, and days from one row to the next. */
  readonly days: readonly [string, string, number?];
  /** When a day closes, as an interval after its beginning in UTC; at its last millisecond without. */
  readonly closes?: string;
  /** The validator has something to say above a warning: EMAs that a double cannot hold. */
  readonly isTold?: true;
  /** Prices as SQL of the row number `n`. */
  readonly prices?: Partial<Record<'open' | 'high' | 'low' | 'close' | 'volume' | 'marketcap', string>>;
}

const swing = (least: string, greatest: string) => ({
  ...{
    open: `CASE n % 2 WHEN 0 THEN ${least} ELSE ${greatest} END`,
    close: `CASE n % 2 WHEN 0 THEN ${greatest} ELSE ${least} END`,
  },
  ...{ high: greatest, low: least },
});
const flat = (price: string) => ({ open: price, high: price, low: price, close: price });
const nowAndThen = (column: 'open' | 'high' | 'low' | 'close' | 'volume' | 'marketcap', value: string) => ({
  [column]: `CASE n % 5 WHEN 3 THEN ${value}::float8 ELSE 10 + n % 7 END`,
});

const EXTREMES: readonly Extreme[] = [
  {
    title: 'prices from 1e-12 to 1e12 from one day to the next',
    days: ['2024-02-20', '2024-03-12'],
    prices: swing('1e-12', '1e12'),
  },
  {
    title: 'the smallest prices that there are',
    days: ['2024-02-20', '2024-03-12'],
    prices: flat('5e-324'),
    isTold: true,
  },
  { title: 'prices as great as statistics bear', days: ['2024-02-20', '2024-03-12'], prices: flat('1e150') },
  {
    title: 'one price for ever, and no volume',
    days: ['2024-02-20', '2024-03-12'],
    prices: { ...flat('1e-12'), volume: '0' },
  },
  { title: 'negative prices', days: ['2024-02-20', '2024-03-12'], prices: swing('-7', '-3') },
  {
    title: 'prices that are no number',
    days: ['2024-02-20', '2024-03-12'],
    prices: { ...flat('10 + n % 7'), ...nowAndThen('close', "'NaN'") },
  },
  {
    title: 'infinite prices',
    days: ['2024-02-20', '2024-03-12'],
    prices: { ...flat('10 + n % 7'), ...nowAndThen('high', "'Infinity'") },
  },
  {
    title: 'infinite and unknown amounts',
    days: ['2024-02-20', '2024-03-12'],
    prices: { ...nowAndThen('volume', "'NaN'"), ...nowAndThen('marketcap', "'-Infinity'") },
  },
  { title: 'the turn of 1969 to 1970', days: ['1969-12-20', '1970-01-12'] },
  { title: 'the year 2100, which has no leap day', days: ['2100-02-18', '2100-03-10'] },
  { title: 'the leap second of 2016', days: ['2016-12-20', '2017-01-10'], closes: "interval '23:59:60'" },
  { title: 'a single day', days: ['2024-02-29', '2024-02-29'] },
  { title: 'fifty years with gaps', days: ['1974-06-30', '2024-06-30', 150] },
  { title: 'the local day that Samoa left out', zone: 'Pacific/Apia', days: ['2011-12-20', '2012-01-10'] },
  {
    title: 'the local day that Samoa left out, at local midnight',
    zone: 'Pacific/Apia',
    days: ['2011-12-20', '2012-01-10'],
    closes: "interval '10:00'",
  },
  {
    title: 'the local day that Kwajalein left out',
    zone: 'Pacific/Kwajalein',
    days: ['1993-08-10', '1993-09-01'],
    closes: "interval '12:00'",
  },
  {
    title: 'a local midnight that does not exist',
    zone: 'America/Sao_Paulo',
    days: ['2018-10-25', '2018-11-15'],
    closes: "interval '03:00'",
  },
  {
    title: 'a local midnight that comes twice',
    zone: 'America/Sao_Paulo',
    days: ['2018-02-10', '2018-02-28'],
    closes: "interval '02:30'",
  },
  {
    title: 'days of 23 and 25 hours',
    zone: 'America/New_York',
    days: ['2023-10-25', '2024-03-20', 3],
    closes: "interval '04:59:59.999'",
  },
];

describe.skipIf(!hasPostgres())('an asset that is extreme', () => {
  let world: FuzzWorld;
  const idOf = new Map<Extreme, number>();
  const failures = new Map<number, unknown[]>();
  let findings: ReadonlyMap<number, readonly string[]>;

  // all of a zone in one run, each in two steps, and one look of the validator at all of them
  beforeAll(async () => {
    world = await openFuzzWorld();
    for (const extreme of EXTREMES) idOf.set(extreme, await world.newAsset());
    for (const part of [0, 1]) {
      await world.database.transaction(async (tx) => {
        for (const [extreme, id] of idOf) await tx.run(rowsSql(id, extreme, part, 2));
      });
      for (const zone of new Set(EXTREMES.map((extreme) => extreme.zone))) {
        const ids = EXTREMES.filter((extreme) => extreme.zone === zone).map((extreme) => idOf.get(extreme) as number);
        noteFailures(ids, await world.refresh(ids, zone));
      }
    }
    findings = await world.findingsOf([...idOf.values()]);
  });
  afterAll(() => world?.close());

  function noteFailures(ids: readonly number[], end: RefreshEnd): void {
    const note = (id: number, error: unknown) => failures.set(id, [...(failures.get(id) ?? []), error]);
    if ('error' in end) return ids.forEach((id) => note(id, end.error));
    for (const { status, note: why, steps } of end.report.components.filter(({ status }) => status === 'failed')) {
      const errors = steps.flatMap(({ errors: own }) => own);
      for (const { id, message } of errors) note(id, message);
      if (errors.length === 0) ids.forEach((id) => note(id, why ?? status));
    }
  }

  it.each(EXTREMES.map((extreme) => [extreme.title, extreme] as const))(
    '%s: every row is a bar or a reject, steps equal one build, and the validator agrees',
    async (_, extreme) => {
      const id = idOf.get(extreme) as number;
      expect(failures.get(id) ?? []).toEqual([]);
      expect(await world.wrongTables(id, extreme.zone)).toEqual([]);
      const [counts] = await world.database.session((session) =>
        session.query<{ source: number; bars: number; rejects: number }>(
          `SELECT (SELECT count(*) FROM cmc_price_histories7 WHERE id = ${id})::int AS source,
             (SELECT count(*) FROM cmc_price_bars_1d WHERE id = ${id})::int AS bars,
             (SELECT count(*) FROM cmc_price_bars_1d_rejects WHERE id = ${id})::int AS rejects`,
        ),
      );
      expect(counts?.source).toBeGreaterThan(0);
      expect((counts?.bars ?? 0) + (counts?.rejects ?? 0)).toBe(counts?.source);
      const found = findings.get(id) ?? [];
      expect(found.length > 0, found.slice(0, 3).join('\n')).toBe(extreme.isTold === true);
    },
  );
});

/** The rows whose number leaves `part` when the whole is cut into so many stretches. */
function rowsSql(
  id: number,
  { days: [first, last, step = 1], closes, prices = {} }: Extreme,
  part: number,
  parts: number,
): string {
  const wave = {
    open: '10 + n % 7',
    high: '20 + n % 3',
    low: '5 - n % 2',
    close: '10 + n % 5',
    volume: '1000',
    marketcap: '1e9',
  };
  const columns = Object.entries({ ...wave, ...prices });
  const close = closes ?? "interval '23:59:59.999'";
  return `INSERT INTO cmc_price_histories7 (id, "timestamp", name, timeopen, timeclose, timehigh, timelow, ${columns.map(([name]) => name).join(', ')})
    SELECT ${id}, day + ${close}, 'asset', day + ${close} - interval '1 day' + interval '1 ms', day + ${close}, day + ${close} - interval '9 hours',
      day + ${close} - interval '5 hours', ${columns.map(([, sql]) => `(${sql})::float8`).join(', ')}
    FROM (SELECT d AS day, row_number() OVER (ORDER BY d) AS n, ntile(${parts}) OVER (ORDER BY d) - 1 AS part
      FROM generate_series(timestamptz '${first}Z', timestamptz '${last}Z', interval '${step} days') d) x WHERE part = ${part}`;
}
