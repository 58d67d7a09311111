import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { BAR_TABLES, EMA_ROWS_LAYOUT, partitionTables, type Database } from '@ta/state-store';
import { measure, median, medianCost, type Cost as BenchCost } from '../bench/measure.ts';
import { refreshOnce, rowsWritten, runQuietly } from '../bench/refresh-once.ts';
import { clockAfter, idsOf, loadDay, loadPrices, type Shape } from '../bench/synthetic-load.ts';
import { Workbench } from '../bench/workbench.ts';
import type { Cost, Measured } from './measured.ts';

const SHAPE: Shape = { assets: 8, days: 600 };
const OLD: Shape = { assets: 1, days: 4000 };
const AGES = [0, 250, 500, 1000, 2000, 3000, 4000];
const APPENDED_DAYS = 5;
const PARTITIONS = 8;

const BARS = Object.values(BAR_TABLES).map(({ rows }) => rows.table);
const EMAS = [EMA_ROWS_LAYOUT.table];

/** Measures on a throw-away server and writes the figures to a file. Takes some minutes. */
export async function measureCapacity(file: string, say: (line: string) => void): Promise<void> {
  const bench = await Workbench.start(say);
  try {
    const rowsByAge = await growth(bench);
    const whole = await costs(bench, 1);
    const partitioned = await costs(bench, PARTITIONS);
    const measured: Measured = {
      machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, PostgreSQL ${bench.serverVersion}`,
      date: new Date().toISOString().slice(0, 10),
      assets: SHAPE.assets,
      days: SHAPE.days,
      rowsByAge,
      ...whole.sizes,
      build: whole.build,
      day: whole.day,
      partitioned: { partitions: PARTITIONS, build: partitioned.build, day: partitioned.day },
      idleRunSeconds: whole.idleRunSeconds,
    };
    writeFileSync(path.resolve(file), `${JSON.stringify(measured, null, 2)}\n`);
    say(`written: ${file}`);
  } finally {
    await bench.stop();
  }
}

/** Rows of one asset by the days of its history. Rows per day grow as more and more series finish their warm-up. */
async function growth(bench: Workbench): Promise<Measured['rowsByAge']> {
  const name = await bench.create('growth');
  bench.note(`growth: 1 asset × ${OLD.days} days`);
  const rows = await bench.using(name, async (database) => {
    await loadPrices(database, OLD);
    await refreshOnce(database, { ids: idsOf(OLD.assets), nowMs: clockAfter() });
    return database.session((session) =>
      session.query<{ days: number; bars: number; emas: number }>(
        `SELECT age AS days,
           (SELECT count(*)::float8 FROM cmc_price_bars_multi_tf_u WHERE time_close <= d.last) AS bars,
           (SELECT count(*)::float8 FROM cmc_ema_multi_tf_u WHERE ts <= d.last) AS emas
         FROM unnest($1::int[]) age, LATERAL (
           SELECT CASE age WHEN 0 THEN '-infinity'::timestamptz ELSE
             (SELECT "timestamp" FROM cmc_price_bars_1d ORDER BY "timestamp" OFFSET age - 1 LIMIT 1) END AS last) d
         ORDER BY age`,
        [AGES],
      ),
    );
  });
  await bench.drop(name);
  return rows;
}

async function costs(bench: Workbench, partitions: number) {
  const name = await bench.create('costs');
  const ids = idsOf(SHAPE.assets);
  bench.note(`costs: ${SHAPE.assets} assets × ${SHAPE.days} days, ${partitions} partition(s)`);
  const result = await bench.using(name, async (database) => {
    await partitionTables(database, partitions);
    await loadPrices(database, SHAPE);
    let rows = 0;
    const { cost: built } = await measure(bench, async () => {
      rows = rowsWritten(await refreshOnce(database, { ids, nowMs: clockAfter() }));
    });
    await database.session((session) => session.run('VACUUM (ANALYZE)'));
    const sizes = await sizesOf(database);
    const days: BenchCost[] = [];
    for (let day = 1; day <= APPENDED_DAYS; day++) {
      await loadDay(database, SHAPE, day);
      const { cost } = await measure(bench, () => refreshOnce(database, { ids, nowMs: clockAfter(day) }));
      if (day > 1) days.push(cost);
    }
    return { sizes, build: per(built, rows / 1e6), day: per(medianCost(days), SHAPE.assets) };
  });
  const idle: number[] = [];
  for (let run = 0; run < 3; run++)
    idle.push((await runQuietly(bench, name, ['refresh', '--all'], APPENDED_DAYS)).seconds);
  await bench.drop(name);
  return { ...result, idleRunSeconds: median(idle) };
}

async function sizesOf(
  database: Database,
): Promise<Pick<Measured, 'bytesPerRow' | 'otherBytesPerAssetDay' | 'largest' | 'finalShare'>> {
  return database.session(async (session) => {
    const sizes = await session.query<{ name: string; heap: number; index: number }>(
      `SELECT root AS name, sum(pg_table_size(leaf))::float8 AS heap, sum(pg_indexes_size(leaf))::float8 AS index
       FROM (SELECT c.oid AS leaf, CASE WHEN c.relname ~ '_h[0-9]+_[0-9]+$' THEN regexp_replace(c.relname, '_h[0-9]+_[0-9]+$', '')
               ELSE c.relname::text END AS root
             FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace) t GROUP BY root`,
    );
    const [rows] = await session.query<Record<'bars' | 'finalBars' | 'emas' | 'finalEmas', number>>(
      `SELECT b.n AS bars, b.final AS "finalBars", e.n AS emas, e.final AS "finalEmas" FROM
         (SELECT count(*)::float8 AS n, count(*) FILTER (WHERE NOT is_partial_end)::float8 AS final FROM cmc_price_bars_multi_tf_u) b,
         (SELECT count(*)::float8 AS n, count(*) FILTER (WHERE NOT roll)::float8 AS final FROM cmc_ema_multi_tf_u) e`,
    );
    const sum = (names: readonly string[], part: 'heap' | 'index') =>
      sizes.filter(({ name }) => names.includes(name)).reduce((total, size) => total + size[part], 0);
    const all = sizes.reduce((total, { heap, index }) => total + heap + index, 0);
    const big = [...BARS, ...EMAS];
    const [largest] = [...sizes].sort((a, b) => b.heap + b.index - (a.heap + a.index));
    return {
      bytesPerRow: {
        bars: { heap: sum(BARS, 'heap') / rows.bars, index: sum(BARS, 'index') / rows.bars },
        emas: { heap: sum(EMAS, 'heap') / rows.emas, index: sum(EMAS, 'index') / rows.emas },
      },
      otherBytesPerAssetDay: (all - sum(big, 'heap') - sum(big, 'index')) / (SHAPE.assets * SHAPE.days),
      largest: { table: largest.name, share: (largest.heap + largest.index) / all },
      finalShare: { bars: rows.finalBars / rows.bars, emas: rows.finalEmas / rows.emas },
    };
  });
}

function per(cost: BenchCost, units: number): Cost {
  return {
    seconds: cost.seconds / units,
    nodeCpuSeconds: cost.clientCpuSeconds / units,
    serverCpuSeconds: cost.serverCpuSeconds / units,
    walBytes: cost.walBytes / units,
  };
}
