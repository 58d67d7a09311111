import { compareWithCopy, costTable, runsText, timeTable, type CopyComparison } from '../copy-comparison.ts';
import { BIG_TABLES } from '../copy-dump.ts';
import { measure } from '../measure.ts';
import { megabytes, type ResultTable } from '../report.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { shapeText, sourceDatabase, type Shape } from '../synthetic-load.ts';
import { tableSizes } from '../table-statistics.ts';
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

/** Compares a full refresh with a bare COPY of the rows it wrote. */
export const copyFloor: Scenario = {
  name: 'copy-floor',
  async run(bench, mode) {
    const shape = SHAPES[mode];
    await compareOnServer(bench, WARM_UP, 1);
    const found = await compareOnServer(bench, shape, REPEATS[mode]);
    return {
      scenario: 'copy-floor',
      about:
        `Full refresh (bars and EMAs, all canonical timeframes, 17 periods) of ${shapeText(shape)} into an empty database, ` +
        'against a bare binary COPY of the same rows, read from files in key order, into the same indexed tables of ' +
        `another one. ${CONCURRENCY} connections for both; ${runsText(REPEATS[mode])}, after a warm-up with ${shapeText(WARM_UP)}.`,
      tables: [
        costTable('Refresh against its floor.', found),
        timeTable(found, `waits of up to ${CONCURRENCY} ids at a time, added`),
        byTable(found),
      ],
    };
  },
};

/** The comparison, and the size of each table after the refresh. */
interface Found extends CopyComparison {
  readonly tables: readonly { name: string; rows: number; heapBytes: number; indexBytes: number }[];
}

/** Compares a refresh on the server with the COPY of its rows, and keeps the last refreshed database. */
export async function compareOnServer(bench: Workbench, shape: Shape, repeats: number): Promise<Found> {
  const source = await sourceDatabase(bench, shape);
  let refreshed: string | undefined;
  const comparison = await compareWithCopy(
    {
      connections: CONCURRENCY,
      note: (line) => bench.note(line),
      async usingPrices(work) {
        if (refreshed !== undefined) await bench.drop(refreshed);
        refreshed = await bench.create('refresh', source);
        await bench.using(refreshed, work);
      },
      async usingEmpty(work) {
        const copied = await bench.create('floor');
        await bench.using(copied, work);
        await bench.drop(copied);
      },
      measure: (work) => measure(bench, work),
    },
    shape,
    repeats,
  );
  const name = await bench.once(refreshedKey(shape), async () => refreshed as string);
  const sizes = await bench.using(name, (database) => database.session(tableSizes));
  const tables = BIG_TABLES.flat().map(({ table }) => ({
    name: table,
    rows: comparison.rowsByTable.get(table) ?? 0,
    ...(sizes.get(table) ?? { heapBytes: Number.NaN, indexBytes: Number.NaN }),
  }));
  return { ...comparison, tables };
}

function byTable({ tables }: Found): ResultTable {
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
