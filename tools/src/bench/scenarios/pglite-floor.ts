import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dimensionSeeds } from '@ta/pipeline';
import { migrate, openDatabase, seedDimensions, type Database } from '@ta/state-store';
import {
  compareWithCopy,
  costTable,
  runsText,
  timeTable,
  withFolder,
  type CopyComparison,
} from '../copy-comparison.ts';
import { timed } from '../measure.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { loadPrices, shapeText, type Shape } from '../synthetic-load.ts';
import type { Workbench } from '../workbench.ts';

const SHAPES: Record<Mode, Shape> = {
  quick: { assets: 1, days: 200, hasDefects: true },
  full: { assets: 1, days: 2000, hasDefects: true },
};
const REPEATS: Record<Mode, number> = { quick: 1, full: 3 };
const WARM_UP: Shape = { assets: 1, days: 100, hasDefects: true };

/** Compares a full build in the embedded database with a bare COPY of the rows it wrote: at most 1.5 times. */
export const pgliteFloor: Scenario = {
  name: 'pglite-floor',
  async run(bench, mode) {
    const shape = SHAPES[mode];
    await compareEmbedded(bench, WARM_UP, 1);
    const found = await compareEmbedded(bench, shape, REPEATS[mode]);
    return {
      scenario: 'pglite-floor',
      about:
        `Full refresh (bars and EMAs, all canonical timeframes, 17 periods) of ${shapeText(shape)} into an embedded database ` +
        '(PGlite) in a folder, against a bare binary COPY of the same rows, read from files in key order, into the same empty ' +
        `tables of another one; ${runsText(REPEATS[mode])}, each in a database opened for it, after a warm-up with ${shapeText(WARM_UP)}.`,
      tables: [
        costTable('Refresh into PGlite against its floor; at most 1.5 times the bare COPY.', found),
        timeTable(found, 'among it waits for the only connection'),
      ],
    };
  },
};

function compareEmbedded(bench: Workbench, shape: Shape, repeats: number): Promise<CopyComparison> {
  return withFolder('pglite', async (folder) => {
    const templates = { empty: join(folder, 'empty'), source: join(folder, 'source') };
    await using(templates.empty, async (database) => {
      await migrate(database);
      await seedDimensions(database, dimensionSeeds());
    });
    await cp(templates.empty, templates.source, { recursive: true });
    await using(templates.source, (database) => loadPrices(database, shape));
    const place = {
      connections: 1,
      note: (line: string) => bench.note(`${line}, PGlite`),
      usingPrices: (work: Work) => usingCopy(templates.source, work),
      usingEmpty: (work: Work) => usingCopy(templates.empty, work),
      async measure<T>(work: () => Promise<T>) {
        // the database runs in this process, so neither its share of the CPU time nor its WAL can be measured
        const { value, seconds, cpuSeconds } = await timed(work);
        const unknown = { serverCpuSeconds: Number.NaN, walBytes: Number.NaN };
        return { value, cost: { seconds, clientCpuSeconds: cpuSeconds, ...unknown } };
      },
    };
    return compareWithCopy(place, shape, repeats);
  });
}

type Work = (database: Database) => Promise<void>;

async function using(dir: string, work: Work): Promise<void> {
  const database = await openDatabase({ engine: 'pglite', dir, source: 'bench' });
  try {
    await work(database);
  } finally {
    await database.close();
  }
}

/** Works on a copy of a folder, which is removed afterwards. */
async function usingCopy(template: string, work: Work): Promise<void> {
  const dir = `${template}-copy`;
  await cp(template, dir, { recursive: true });
  try {
    await using(dir, work);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
