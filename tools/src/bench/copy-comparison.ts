import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@ta/state-store';
import { assertSameRows, dumpRows, replayRows } from './copy-dump.ts';
import { medianCost, type Cost } from './measure.ts';
import { noPhases, observed, type Phases } from './observed-database.ts';
import { refreshOnce, rowsWritten } from './refresh-once.ts';
import { megabytes, type ResultTable } from './report.ts';
import { clockAfter, idsOf, shapeText, type Shape } from './synthetic-load.ts';
import { unsent } from './unsent-database.ts';

/** Databases of one kind in which a refresh is compared with a bare COPY of its rows. */
export interface Place {
  /** Connections of the COPY: as many as a refresh has. */
  readonly connections: number;
  /** Prints progress. */
  note(line: string): void;
  /** Works on a new database that has the source rows of the shape. */
  usingPrices(work: (database: Database) => Promise<void>): Promise<void>;
  /** Works on a new database that has only the dimensions. */
  usingEmpty(work: (database: Database) => Promise<void>): Promise<void>;
  measure<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly cost: Cost }>;
}

/** A refresh beside the bare COPY of its rows. */
export interface CopyComparison {
  readonly rows: number;
  readonly rowsByTable: ReadonlyMap<string, number>;
  readonly refresh: Cost;
  readonly floor: Cost;
  /** A rebuild that reads and computes everything and sends nothing; one run. */
  readonly own: Cost;
  /** Phases of the last refresh. */
  readonly phases: Phases;
  readonly lastSeconds: number;
}

/** Refreshes a shape and copies its rows, in turns; returns medians. */
export async function compareWithCopy(place: Place, shape: Shape, repeats: number): Promise<CopyComparison> {
  const choice = { ids: idsOf(shape.assets), nowMs: clockAfter() };
  const refreshes: Cost[] = [];
  const floors: Cost[] = [];
  let rows = 0;
  let rowsByTable: ReadonlyMap<string, number> = new Map();
  let own: Cost | undefined;
  let phases = noPhases();
  await withFolder('copy', async (folder) => {
    const dump = { folder, ids: choice.ids };
    for (let run = 1; run <= repeats; run++) {
      place.note(`full refresh of ${shapeText(shape)}, run ${run} of ${repeats}`);
      await place.usingPrices(async (database) => {
        phases = noPhases();
        const refreshed = await place.measure(() => refreshOnce(observed(database, phases), choice));
        rows = rowsWritten(refreshed.value);
        refreshes.push(refreshed.cost);
        if (run > 1) return;
        own = (await place.measure(() => refreshOnce(unsent(database), { ...choice, fullRebuild: true }))).cost;
        await dumpRows(database, dump);
      });
      place.note(`bare COPY of the same ${rows.toLocaleString('en-US')} rows`);
      await place.usingEmpty(async (database) => {
        const copied = await place.measure(() => replayRows(database, dump, place.connections));
        rowsByTable = copied.value;
        assertSameRows(rows, rowsByTable);
        floors.push(copied.cost);
      });
    }
  });
  const lastSeconds = (refreshes.at(-1) as Cost).seconds;
  return {
    ...{ rows, rowsByTable, own: own as Cost, phases, lastSeconds },
    ...{ refresh: medianCost(refreshes), floor: medianCost(floors) },
  };
}

/** How often both were run, in words. */
export function runsText(repeats: number): string {
  return repeats === 1 ? 'one run each' : `medians of ${repeats} runs each, taken in turns`;
}

/** The parts of a cost that are shown, if they were measured. */
const COSTS: readonly (readonly [title: string, of: (cost: Cost, rows: number) => number])[] = [
  ['rows', (_, rows) => rows],
  ['seconds', (cost) => cost.seconds],
  ['rows/s', (cost, rows) => Math.round(rows / cost.seconds)],
  ['Node CPU s', (cost) => cost.clientCpuSeconds],
  ['server CPU s', (cost) => cost.serverCpuSeconds],
  ['CPU s together', (cost) => cost.clientCpuSeconds + cost.serverCpuSeconds],
  ['WAL, MB', (cost) => cost.walBytes / 1e6],
];

/** The costs of both, and their ratio. */
export function costTable(caption: string, { rows, refresh, floor }: CopyComparison): ResultTable {
  const shown = COSTS.filter(([, of]) => Number.isFinite(of(floor, rows)));
  const line = (cost: Cost): number[] => shown.map(([, of]) => of(cost, rows));
  const floors = line(floor);
  return {
    caption,
    columns: ['', ...shown.map(([title]) => title)],
    rows: [
      ['refresh', ...line(refresh)],
      ['bare COPY', ...floors],
      ['refresh : bare COPY', ...line(refresh).map((part, i) => part / floors[i])],
    ],
  };
}

/** Where the refresh spends its time. @param waits what the seconds of its statements are */
export function timeTable({ rows, own, phases, lastSeconds }: CopyComparison, waits: string): ResultTable {
  const speed = `${Math.round(rows / own.clientCpuSeconds).toLocaleString('en-US')} rows/s`;
  return {
    caption: `Where the refresh spends its time (wall clock ${lastSeconds.toFixed(1)} s; last run).`,
    columns: ['part', 'seconds', 'what it is'],
    rows: [
      ['rebuild without sending', own.seconds, 'reads, arithmetic and encoding alone, in a run of its own'],
      ['… its Node CPU', own.clientCpuSeconds, speed],
      ['arithmetic and encoding', phases.encodeSeconds, `Node at work; ${megabytes(phases.bytes)} of COPY data made`],
      ['sending', phases.sendSeconds, waits],
      ['reading', phases.readSeconds, waits],
      ['other statements', phases.statementSeconds, waits],
      ['begin and commit', phases.commitSeconds, waits],
    ],
  };
}

/** Works with a folder of its own, which is removed afterwards. */
export async function withFolder<T>(purpose: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `ta-bench-${purpose}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
