import { join, resolve } from 'node:path';
import { openDatabase, quoteIdentifier, type Session } from '@ta/state-store';
import { VERSIONS } from '../bench-options.ts';
import { runApp, type ProcessDatabase } from '../cli-process.ts';
import { withFolder } from '../copy-comparison.ts';
import { measure, median } from '../measure.ts';
import type { Cell } from '../report.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { clockAfter, idsOf, loadDay, loadPrices, shapeText, type Shape } from '../synthetic-load.ts';
import { CONCURRENCY, type Workbench } from '../workbench.ts';

const OWN_ROOT = resolve(import.meta.dirname, '../../../..');

/** The shapes of the daily job. The tables of the first one are also measured in bytes and validated. */
const DAILY: Record<Mode, readonly Shape[]> = {
  quick: [
    { assets: 2, days: 300 },
    { assets: 10, days: 30 },
  ],
  full: [
    { assets: 10, days: 2000 },
    { assets: 100, days: 400 },
    { assets: 1000, days: 30 },
  ],
};
const SERIES: Record<Mode, Shape> = { quick: { assets: 1, days: 400 }, full: { assets: 1, days: 3650 } };
const EMBEDDED: Record<Mode, Shape> = { quick: { assets: 1, days: 200 }, full: { assets: 1, days: 2000 } };
const REPEATS: Record<Mode, { readonly idle: number; readonly days: number; readonly queries: number }> = {
  quick: { idle: 1, days: 1, queries: 3 },
  full: { idle: 5, days: 3, queries: 15 },
};

/** What one piece of work cost one version. */
interface Spent {
  readonly seconds: number;
  /** CPU seconds of the command and, except on PGlite, of the server. */
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly walMb: number;
}

/** A checkout and the database that its commands work on. */
interface Version {
  readonly root: string;
  /** Name of its database on the server. */
  readonly database: string;
}

/** Compares the built commands of this checkout with those of another one: the same work, in turns, on one server. */
export function versions(other: string): Scenario {
  const roots = [resolve(other), OWN_ROOT] as const;
  return {
    name: VERSIONS,
    async run(bench, mode) {
      const rows: Cell[][] = [];
      for (const [at, shape] of DAILY[mode].entries()) rows.push(...(await daily(bench, roots, mode, shape, at === 0)));
      rows.push(...(await series(bench, roots, mode)), ...(await embedded(bench, roots, EMBEDDED[mode])));
      return {
        scenario: VERSIONS,
        about:
          'The other checkout against this one: the built commands, start of the process included, in turns, on one server. ' +
          'CPU seconds are those of the command and of the server together; of what is repeated, the medians.',
        tables: [{ caption: 'Both versions.', columns: ['work', 'unit', 'other', 'this', 'this : other'], rows }],
      };
    },
  };
}

/** A line of the result. The pair holds what was found for the other version and for this one. */
function line<T>(work: string, unit: string, [other, own]: readonly T[], of: (found: T) => number): Cell[] {
  return [work, unit, of(other), of(own), of(own) / of(other)];
}

function linesOf(work: string, spent: readonly (readonly Spent[])[]): Cell[][] {
  return [
    line(work, 'CPU s', spent, (runs) => median(runs.map(({ cpuSeconds }) => cpuSeconds))),
    line(work, 's', spent, (runs) => median(runs.map(({ seconds }) => seconds))),
  ];
}

/** Makes a database for each version and loads the prices of a shape. */
async function loaded(bench: Workbench, roots: readonly string[], shape: Shape): Promise<Version[]> {
  const made: Version[] = [];
  for (const [at, root] of roots.entries()) {
    const database = `bench_version_${at}_${shape.assets}_${shape.days}`;
    await bench.statement(`CREATE DATABASE ${quoteIdentifier(database)}`);
    await runApp(root, 'cli', ['db', 'migrate'], { url: bench.url(database) });
    await bench.using(database, (open) => loadPrices(open, shape));
    made.push({ root, database });
  }
  return made;
}

async function spent(bench: Workbench, { root, database }: Version, app: 'cli' | 'validator', args: readonly string[]) {
  const url = bench.url(database);
  const { value, cost } = await measure(bench, () => runApp(root, app, args, { url }));
  return {
    seconds: value.seconds,
    cpuSeconds: value.cpuSeconds + cost.serverCpuSeconds,
    peakMb: value.peakBytes / 1e6,
    walMb: cost.walBytes / 1e6,
  };
}

const runArgs = (extraDays: number): string[] => [
  ...['--concurrency', String(CONCURRENCY), '--as-of', new Date(clockAfter(extraDays)).toISOString()],
];
const refreshArgs = (extraDays: number): string[] => [
  ...['refresh', '--all', '--quiet', '--no-alerts', ...runArgs(extraDays)],
];

/** Does a piece of work `times` times, with each version in turn. */
async function inTurn(
  times: number,
  pair: readonly Version[],
  work: (version: Version, run: number) => Promise<Spent>,
) {
  const found: Spent[][] = pair.map(() => []);
  for (let run = 1; run <= times; run++) {
    for (const [at, version] of pair.entries()) found[at].push(await work(version, run));
  }
  return found;
}

async function daily(bench: Workbench, roots: readonly string[], mode: Mode, shape: Shape, isFirst: boolean) {
  const text = shapeText(shape);
  const pair = await loaded(bench, roots, shape);
  bench.note(`building ${text} with both versions`);
  const builds = await inTurn(1, pair, (version) => spent(bench, version, 'cli', refreshArgs(0)));
  for (const { database } of pair) await onDatabase(bench, database, (session) => session.run('VACUUM (ANALYZE)'));
  const rows = linesOf(`full build, ${text}`, builds);
  if (isFirst) {
    rows.push(line('… log written', 'MB', builds, ([{ walMb }]) => walMb));
    rows.push(line('… peak memory', 'MB', builds, ([{ peakMb }]) => peakMb));
    rows.push(...(await weights(bench, pair)));
    const check = ['check', '--profile', 'full', ...runArgs(0)];
    const checks = await inTurn(1, pair, (version) => spent(bench, version, 'validator', check));
    rows.push(...linesOf('validator check --profile full', checks));
  }
  const { idle, days } = REPEATS[mode];
  const nothingNew = await inTurn(idle, pair, (version) => spent(bench, version, 'cli', refreshArgs(0)));
  rows.push(...linesOf(`no new data, ${text}`, nothingNew));
  const oneMore = async (version: Version, day: number): Promise<Spent> => {
    await bench.using(version.database, (open) => loadDay(open, shape, day));
    return spent(bench, version, 'cli', refreshArgs(day));
  };
  rows.push(...linesOf(`one more day, ${text}`, await inTurn(days, pair, oneMore)));
  if (shape.assets >= 10) {
    const name = `one day of 1D, 9 over ${shape.assets} assets`;
    rows.push(...(await asked(bench, pair, mode, { [name]: DAY_OVER_ASSETS })));
  }
  for (const { database } of pair) await bench.drop(database);
  return rows;
}

function onDatabase<T>(bench: Workbench, name: string, work: (session: Session) => Promise<T>): Promise<T> {
  return bench.using(name, (database) => database.session(work));
}

/** Bytes of all derived tables, per EMA and per bar. */
async function weights(bench: Workbench, pair: readonly Version[]): Promise<Cell[][]> {
  const found: { all: number; ema: number; bar: number }[] = [];
  for (const { database } of pair) {
    const [{ all, emas, bars }] = await onDatabase(bench, database, (session) =>
      session.query<{ all: number; emas: number; bars: number }>(`
        SELECT sum(bytes)::float8 AS all, sum(bytes) FILTER (WHERE relname ~ '^(cmc_ema_multi_tf|ema_rows)')::float8 AS emas,
          sum(bytes) FILTER (WHERE relname ~ '^(cmc_price_bars_multi_tf|bar_rows)' AND relname !~ '(state|rejects)$')::float8 AS bars
        FROM (SELECT relname, pg_total_relation_size(oid) AS bytes FROM pg_class
          WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname ~ '^(cmc_price_bars|cmc_ema|ema_|bar_)') t`),
    );
    const count = async (table: string): Promise<number> => {
      const [{ n }] = await onDatabase(bench, database, (session) =>
        session.query<{ n: number }>(`SELECT count(*)::float8 AS n FROM ${quoteIdentifier(table)}`),
      );
      return n;
    };
    const ema = emas / (await count('cmc_ema_multi_tf_u'));
    found.push({ all, ema, bar: bars / (await count('cmc_price_bars_multi_tf_u')) });
  }
  return [
    line('derived tables with indexes', 'MB', found, ({ all }) => all / 1e6),
    line('… of an EMA', 'bytes', found, ({ ema }) => ema),
    line('… of a bar', 'bytes', found, ({ bar }) => bar),
  ];
}

const [FIRST_ID] = idsOf(1);
const NEWEST = `(SELECT max("timestamp") FROM cmc_price_bars_1d WHERE id = ${FIRST_ID})`;
const DAY_OVER_ASSETS = `SELECT id, ema FROM cmc_ema_multi_tf WHERE tf = '1D' AND period = 9 AND ts = ${NEWEST}`;
const QUERIES = {
  'one EMA series': `SELECT ts, ema FROM cmc_ema_multi_tf WHERE id = ${FIRST_ID} AND tf = '7D' AND period = 21 ORDER BY ts`,
  'one day of an asset, all series': `SELECT tf, period, ema FROM cmc_ema_multi_tf WHERE id = ${FIRST_ID} AND ts = ${NEWEST}`,
  'newest EMA of an asset': `SELECT max(ts) AS ts FROM cmc_ema_multi_tf WHERE id = ${FIRST_ID}`,
};

/** Measures queries that a researcher sends about a long history. */
async function series(bench: Workbench, roots: readonly string[], mode: Mode): Promise<Cell[][]> {
  const shape = SERIES[mode];
  const pair = await loaded(bench, roots, shape);
  bench.note(`building ${shapeText(shape)} with both versions`);
  for (const version of pair) {
    await spent(bench, version, 'cli', refreshArgs(0));
    await onDatabase(bench, version.database, (session) => session.run('VACUUM (ANALYZE)'));
  }
  const rows = await asked(bench, pair, mode, QUERIES);
  for (const { database } of pair) await bench.drop(database);
  return rows;
}

/** Measures the milliseconds (with warm caches) and the buffers of queries on the bench's PostgreSQL. */
async function asked(
  bench: Workbench,
  pair: readonly Version[],
  mode: Mode,
  queries: Readonly<Record<string, string>>,
) {
  const rows: Cell[][] = [];
  for (const [name, sql] of Object.entries(queries)) {
    const found: [ms: number, buffers: number][] = [];
    for (const { database } of pair) {
      found.push(
        await onDatabase(bench, database, async (session) => {
          const ms: number[] = [];
          for (let run = 0; run <= REPEATS[mode].queries; run++) {
            const startedMs = performance.now();
            const answer = await session.query(sql);
            if (answer.length === 0) throw new Error(`${name}: no rows, so nothing was measured`);
            if (run > 0) ms.push(performance.now() - startedMs);
          }
          const plan = await session.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS) ${sql}`);
          const [, hit = '0', read = '0'] =
            /Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?/.exec(plan.map((row) => row['QUERY PLAN']).join('\n')) ??
            [];
          return [median(ms), Number(hit) + Number(read)];
        }),
      );
    }
    rows.push(line(name, 'ms', found, ([ms]) => ms));
    rows.push(line(`… ${name}`, 'buffers', found, ([, buffers]) => buffers));
  }
  return rows;
}

/** Measures the embedded database: the demonstration, and a full build of one asset. */
async function embedded(bench: Workbench, roots: readonly string[], shape: Shape): Promise<Cell[][]> {
  const demos: Spent[][] = [];
  const builds: Spent[][] = [];
  for (const root of roots) {
    const run = async (args: readonly string[], database: ProcessDatabase): Promise<Spent> => {
      const { seconds, cpuSeconds, peakBytes } = await runApp(root, 'cli', args, database);
      return { seconds, cpuSeconds, peakMb: peakBytes / 1e6, walMb: Number.NaN };
    };
    await withFolder('version', async (folder) => {
      const dir = join(folder, 'pg');
      await run(['db', 'migrate'], { dir });
      const database = await openDatabase({ engine: 'pglite', dir, source: 'bench' });
      await loadPrices(database, shape);
      await database.close();
      bench.note(`the demonstration and ${shapeText(shape)} on PGlite, in ${root}`);
      builds.push([await run(refreshArgs(0), { dir })]);
      demos.push([await run(['demo', '--dir', join(folder, 'demo')], {})]);
    });
  }
  return [...linesOf('`ta demo`', demos), ...linesOf(`full build on PGlite, ${shapeText(shape)}`, builds)];
}
