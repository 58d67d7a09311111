import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertSameRows, BIG_TABLES, dumpRows, replayRows } from '../copy-dump.ts';
import { measure, medianCost, type Cost } from '../measure.ts';
import { noPhases, observed, type Phases } from '../observed-database.ts';
import { refreshOnce, rowsWritten } from '../refresh-once.ts';
import { megabytes, type Cell, type ResultTable } from '../report.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { clockAfter, idsOf, shapeText, sourceDatabase, type Shape } from '../synthetic-load.ts';
import { tableSizes } from '../table-statistics.ts';
import { unsent } from '../unsent-database.ts';
import { CONCURRENCY, type Workbench } from '../workbench.ts';

const SHAPES: Record<Mode, Shape> = {
  quick: { assets: 2, days: 700, hasDefects: true },
  full: { assets: 10, days: 2000, hasDefects: true },
};
const REPEATS: Record<Mode, number> = { quick: 1, full: 3 };
const WARM_UP: Shape = { assets: 1, days: 300, hasDefects: true };

/** Key under which the last refreshed database is kept for other scenarios. */
export function refreshedKey(shape: Shape): string {
  return `refreshed ${JSON.stringify(shape)}`;
}

/** A full refresh against a bare COPY of the very rows it wrote. */
export const copyFloor: Scenario = {
  name: 'copy-floor',
  async run(bench, mode) {
    const shape = SHAPES[mode];
    await compareWithCopy(bench, WARM_UP, 1);
    const found = await compareWithCopy(bench, shape, REPEATS[mode]);
    const runs = REPEATS[mode] === 1 ? 'one run each' : `medians of ${REPEATS[mode]} runs each, taken in turns`;
    return {
      scenario: 'copy-floor',
      about:
        `Full refresh (bars and EMAs, all canonical timeframes, 17 periods) of ${shapeText(shape)} into an empty database, ` +
        'against a bare binary COPY of the same rows, read from files in key order, into the same indexed tables of ' +
        `another one. ${CONCURRENCY} connections for both; ${runs}, after a warm-up with ${shapeText(WARM_UP)}.`,
      tables: [costs(found), breakdown(found), byTable(found)],
    };
  },
};

/** A refresh beside the bare COPY of its rows. */
export interface CopyComparison {
  readonly rows: number;
  readonly refresh: Cost;
  readonly floor: Cost;
  /** A rebuild that reads and computes everything and sends nothing. */
  readonly own: Cost;
  readonly phases: Phases;
  readonly tables: readonly { name: string; rows: number; heapBytes: number; indexBytes: number }[];
}

/** Refreshes a shape and copies the rows of it, in turns; medians. */
export async function compareWithCopy(bench: Workbench, shape: Shape, repeats: number): Promise<CopyComparison> {
  const source = await sourceDatabase(bench, shape);
  const choice = { ids: idsOf(shape.assets), nowMs: clockAfter() };
  const folder = await mkdtemp(join(tmpdir(), 'ta-bench-copy-'));
  const dump = { folder, ids: choice.ids };
  const costs: { refresh: Cost; floor: Cost; phases: Phases }[] = [];
  let own: Cost | undefined;
  let tables: CopyComparison['tables'] = [];
  let rows = 0;
  try {
    for (let run = 1; run <= repeats; run++) {
      bench.note(`full refresh of ${shapeText(shape)}, run ${run} of ${repeats}`);
      const refreshed = await bench.create('refresh', source);
      const phases = noPhases();
      const refresh = await bench.using(refreshed, (database) =>
        measure(bench, () => refreshOnce(observed(database, phases), choice)),
      );
      rows = rowsWritten(refresh.value);
      if (run === 1) {
        await bench.using(refreshed, async (database) => {
          own = (await measure(bench, () => refreshOnce(unsent(database), { ...choice, fullRebuild: true }))).cost;
          await dumpRows(database, dump);
        });
      }
      bench.note(`bare COPY of the same ${rows.toLocaleString('en-US')} rows`);
      const copied = await bench.create('floor');
      const floor = await bench.using(copied, (database) =>
        measure(bench, () => replayRows(database, dump, CONCURRENCY)),
      );
      assertSameRows(rows, floor.value);
      if (run === 1) tables = await sizesOf(bench, refreshed, floor.value);
      costs.push({ refresh: refresh.cost, floor: floor.cost, phases });
      await bench.drop(copied);
      if (run < repeats) await bench.drop(refreshed);
      else await bench.once(refreshedKey(shape), async () => refreshed);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    rows,
    refresh: medianCost(costs.map((cost) => cost.refresh)),
    floor: medianCost(costs.map((cost) => cost.floor)),
    own: own as Cost,
    phases: (costs.at(-1) as (typeof costs)[number]).phases,
    tables,
  };
}

async function sizesOf(
  bench: Workbench,
  name: string,
  rowsByTable: ReadonlyMap<string, number>,
): Promise<CopyComparison['tables']> {
  const sizes = await bench.using(name, (database) => database.session(tableSizes));
  return BIG_TABLES.flat().map(({ table }) => ({
    name: table,
    rows: rowsByTable.get(table) ?? 0,
    ...(sizes.get(table) ?? { heapBytes: Number.NaN, indexBytes: Number.NaN }),
  }));
}

function costs({ rows, refresh, floor }: CopyComparison): ResultTable {
  const cpu = (cost: Cost): number => cost.clientCpuSeconds + cost.serverCpuSeconds;
  const line = (name: string, cost: Cost): Cell[] => [
    name,
    rows,
    cost.seconds,
    Math.round(rows / cost.seconds),
    cost.clientCpuSeconds,
    cost.serverCpuSeconds,
    cpu(cost),
    megabytes(cost.walBytes),
  ];
  return {
    caption:
      'Refresh against its floor. The last line is the share of the floor’s speed that is reached; 1 is a bare COPY.',
    columns: ['', 'rows', 'seconds', 'rows/s', 'Node CPU s', 'server CPU s', 'CPU s together', 'WAL'],
    rows: [
      line('refresh', refresh),
      line('bare COPY', floor),
      ['bare COPY : refresh', '', floor.seconds / refresh.seconds, '', '', '', cpu(floor) / cpu(refresh), ''],
    ],
  };
}

function breakdown({ rows, refresh, own, phases }: CopyComparison): ResultTable {
  const waits = `waits of up to ${CONCURRENCY} ids at a time, added`;
  return {
    caption: `Where the refresh spends its time (wall clock ${refresh.seconds.toFixed(1)} s; last run).`,
    columns: ['part', 'seconds', 'what it is'],
    rows: [
      ['rebuild without sending', own.seconds, 'reads, arithmetic and encoding alone, in a run of its own'],
      [
        '… its Node CPU',
        own.clientCpuSeconds,
        `${Math.round(rows / own.clientCpuSeconds).toLocaleString('en-US')} rows/s`,
      ],
      ['arithmetic and encoding', phases.encodeSeconds, `Node at work; ${megabytes(phases.bytes)} of COPY data made`],
      ['sending', phases.sendSeconds, waits],
      ['reading', phases.readSeconds, waits],
      ['other statements', phases.statementSeconds, waits],
      ['begin and commit', phases.commitSeconds, waits],
    ],
  };
}

function byTable({ tables }: CopyComparison): ResultTable {
  return {
    caption: 'Rows and bytes by table, after the refresh.',
    columns: ['table', 'rows', 'heap', 'indexes', 'bytes/row'],
    rows: tables.map(({ name, rows, heapBytes, indexBytes }) => [
      `\`${name}\``,
      rows,
      megabytes(heapBytes),
      megabytes(indexBytes),
      Math.round((heapBytes + indexBytes) / rows),
    ]),
  };
}
