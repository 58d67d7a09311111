import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dimensionSeeds } from '@ta/pipeline';
import { migrate, openDatabase, seedDimensions, type Database } from '@ta/state-store';
import { assertSameRows, dumpRows, replayRows, type CopyDump } from '../copy-dump.ts';
import { median, timed } from '../measure.ts';
import { noPhases, observed, type Phases } from '../observed-database.ts';
import { refreshOnce, rowsWritten, type RefreshChoice } from '../refresh-once.ts';
import { megabytes, type Cell, type ResultTable } from '../report.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { clockAfter, idsOf, loadPrices, shapeText, type Shape } from '../synthetic-load.ts';
import { unsent } from '../unsent-database.ts';
import type { Workbench } from '../workbench.ts';

const SHAPES: Record<Mode, Shape> = {
  quick: { assets: 1, days: 200, hasDefects: true },
  full: { assets: 1, days: 2000, hasDefects: true },
};
const REPEATS: Record<Mode, number> = { quick: 1, full: 3 };
const WARM_UP: Shape = { assets: 1, days: 100, hasDefects: true };
/** PGlite has one connection. */
const CONNECTIONS = 1;

/** A full build into the embedded database against a bare COPY of the very rows it wrote: at most 1.5 times. */
export const pgliteFloor: Scenario = {
  name: 'pglite-floor',
  async run(bench, mode) {
    const shape = SHAPES[mode];
    await compare(bench, WARM_UP, 1);
    const found = await compare(bench, shape, REPEATS[mode]);
    const runs = REPEATS[mode] === 1 ? 'one run each' : `medians of ${REPEATS[mode]} runs each, taken in turns`;
    return {
      scenario: 'pglite-floor',
      about:
        `Full refresh (bars and EMAs, all canonical timeframes, 17 periods) of ${shapeText(shape)} into an embedded database ` +
        '(PGlite) in a folder, against a bare binary COPY of the same rows, read from files in key order, into the same empty ' +
        `tables of another one; ${runs}, each in a database opened for it, after a warm-up with ${shapeText(WARM_UP)}.`,
      tables: [costs(found), breakdown(found)],
    };
  },
};

interface Spent {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

interface Found {
  readonly rows: number;
  readonly refresh: Spent;
  readonly floor: Spent;
  /** A rebuild that reads and computes everything and sends nothing. */
  readonly own: Spent;
  /** Of the last run. */
  readonly phases: Phases;
  readonly refreshSeconds: number;
}

async function compare(bench: Workbench, shape: Shape, repeats: number): Promise<Found> {
  const choice = { ids: idsOf(shape.assets), nowMs: clockAfter() };
  const folder = await mkdtemp(join(tmpdir(), 'ta-bench-pglite-'));
  const dump = { folder, ids: choice.ids };
  const templates = { empty: join(folder, 'empty'), source: join(folder, 'source') };
  const refreshes: (Spent & { phases: Phases })[] = [];
  const floors: Spent[] = [];
  let own: Spent | undefined;
  let rows = 0;
  try {
    await using(templates.empty, prepare);
    await cp(templates.empty, templates.source, { recursive: true });
    await using(templates.source, (database) => loadPrices(database, shape));
    for (let run = 1; run <= repeats; run++) {
      bench.note(`full refresh of ${shapeText(shape)} into PGlite, run ${run} of ${repeats}`);
      await usingCopy(templates.source, async (database) => {
        const refreshed = await refreshedIn(database, choice);
        refreshes.push(refreshed);
        rows = refreshed.rows;
        if (run > 1) return;
        own = await timed(() => refreshOnce(unsent(database), { ...choice, fullRebuild: true }));
        await dumpRows(database, dump);
      });
      bench.note(`bare COPY of the same ${rows.toLocaleString('en-US')} rows`);
      floors.push(await usingCopy(templates.empty, (database) => replayedIn(database, dump, rows)));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const last = refreshes.at(-1) as (typeof refreshes)[number];
  return {
    rows,
    refresh: medianSpent(refreshes),
    floor: medianSpent(floors),
    own: own as Spent,
    phases: last.phases,
    refreshSeconds: last.seconds,
  };
}

async function prepare(database: Database): Promise<void> {
  await migrate(database);
  await seedDimensions(database, dimensionSeeds());
}

async function refreshedIn(
  database: Database,
  choice: RefreshChoice,
): Promise<Spent & { rows: number; phases: Phases }> {
  const phases = noPhases();
  const { value, seconds, cpuSeconds } = await timed(() => refreshOnce(observed(database, phases), choice));
  return { seconds, cpuSeconds, rows: rowsWritten(value), phases };
}

async function replayedIn(database: Database, dump: CopyDump, rows: number): Promise<Spent> {
  const { value, seconds, cpuSeconds } = await timed(() => replayRows(database, dump, CONNECTIONS));
  assertSameRows(rows, value);
  return { seconds, cpuSeconds };
}

async function using<T>(dir: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({ engine: 'pglite', dir, source: 'bench' });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Works on a copy of a folder, which is removed afterwards. */
async function usingCopy<T>(template: string, work: (database: Database) => Promise<T>): Promise<T> {
  const dir = `${template}-copy`;
  await cp(template, dir, { recursive: true });
  try {
    return await using(dir, work);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function medianSpent(all: readonly Spent[]): Spent {
  return {
    seconds: median(all.map(({ seconds }) => seconds)),
    cpuSeconds: median(all.map(({ cpuSeconds }) => cpuSeconds)),
  };
}

function costs({ rows, refresh, floor }: Found): ResultTable {
  const line = (name: string, { seconds, cpuSeconds }: Spent): Cell[] => [
    name,
    rows,
    seconds,
    Math.round(rows / seconds),
    cpuSeconds,
  ];
  return {
    caption: 'Refresh into PGlite against its floor; at most 1.5 times the bare COPY.',
    columns: ['', 'rows', 'seconds', 'rows/s', 'CPU s'],
    rows: [
      line('refresh', refresh),
      line('bare COPY', floor),
      ['refresh : bare COPY', '', refresh.seconds / floor.seconds, '', refresh.cpuSeconds / floor.cpuSeconds],
    ],
  };
}

function breakdown({ own, phases, refreshSeconds }: Found): ResultTable {
  return {
    caption: `Where the refresh spends its time (wall clock ${refreshSeconds.toFixed(1)} s; last run).`,
    columns: ['part', 'seconds', 'what it is'],
    rows: [
      ['rebuild without sending', own.seconds, 'reads, arithmetic and encoding alone, in a run of its own'],
      ['arithmetic and encoding', phases.encodeSeconds, `${megabytes(phases.bytes)} of COPY data made`],
      ['sending', phases.sendSeconds, 'COPY statements'],
      ['reading', phases.readSeconds, ''],
      ['other statements', phases.statementSeconds, 'among them waits for the only connection'],
      ['begin and commit', phases.commitSeconds, 'among them waits for the only connection'],
    ],
  };
}
