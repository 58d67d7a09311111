import { withFolder } from '../copy-comparison.ts';
import { deleteRows, dumpRows, replayRows } from '../copy-dump.ts';
import { measure, median } from '../measure.ts';
import { builtDatabase, runQuietly } from '../refresh-once.ts';
import type { Cell } from '../report.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { idsOf, loadDay, newestDayMs, shapeText, type Shape } from '../synthetic-load.ts';
import { CONCURRENCY, type Workbench } from '../workbench.ts';

const SHAPES: Record<Mode, readonly Shape[]> = {
  quick: [
    { assets: 10, days: 60 },
    { assets: 40, days: 30 },
  ],
  full: [
    { assets: 10, days: 2000 },
    { assets: 100, days: 400 },
    { assets: 1000, days: 30 },
  ],
};
const REPEATS: Record<Mode, number> = { quick: 1, full: 3 };

/** Measures the daily job, from ten assets to a thousand: without new data, and with one more day. */
export const dailyJob: Scenario = {
  name: 'daily-job',
  async run(bench, mode) {
    const rows: Cell[][] = [];
    for (const shape of SHAPES[mode]) rows.push(lineOf(shape, await measureShape(bench, shape, REPEATS[mode])));
    return {
      scenario: 'daily-job',
      about:
        '`ta refresh --all` by the built command, start of the process included: without new data, and with one more day for ' +
        `each asset; medians of ${REPEATS[mode]}. The floor is a bare binary COPY of the very rows that the day wrote, into ` +
        `the same tables (they are taken out again before), ${CONCURRENCY} connections, two transactions an id, in a process that runs already.`,
      tables: [
        {
          caption: 'Seconds of the daily job.',
          columns: ['assets', 'no new data', 'one more day', 'rows of the day', 'floor', 'day : floor'],
          rows,
        },
      ],
    };
  },
};

interface Found {
  readonly idleSeconds: number;
  readonly daySeconds: number;
  readonly dayRows: number;
  readonly floorSeconds: number;
}

function lineOf(shape: Shape, { idleSeconds, daySeconds, dayRows, floorSeconds }: Found): Cell[] {
  return [shapeText(shape), idleSeconds, daySeconds, dayRows, floorSeconds, daySeconds / floorSeconds];
}

async function measureShape(bench: Workbench, shape: Shape, repeats: number): Promise<Found> {
  const name = await builtDatabase(bench, 'daily', shape);
  const seconds = async (day: number): Promise<number> => {
    await bench.checkpoint();
    return (await runQuietly(bench, name, ['refresh', '--all', '--no-alerts'], day)).seconds;
  };
  const idle: number[] = [];
  const days: number[] = [];
  for (let run = 0; run < repeats; run++) idle.push(await seconds(0));
  for (let day = 1; day <= repeats; day++) {
    await bench.using(name, (database) => loadDay(database, shape, day));
    days.push(await seconds(day));
    bench.note(`${shapeText(shape)}: one more day in ${days.at(-1)?.toFixed(2)} s`);
  }
  const floor = await floorOfDay(bench, name, shape, repeats);
  await bench.drop(name);
  return { idleSeconds: median(idle), daySeconds: median(days), ...floor };
}

/** Deletes the rows of the newest day and measures a COPY of the same rows. */
function floorOfDay(bench: Workbench, name: string, shape: Shape, day: number) {
  return withFolder('day', (folder) =>
    bench.using(name, async (database) => {
      const dump = { folder, ids: idsOf(shape.assets), afterMs: newestDayMs(day) };
      await dumpRows(database, dump);
      await deleteRows(database, dump);
      const { value, cost } = await measure(bench, () => replayRows(database, dump, CONCURRENCY));
      return { dayRows: [...value.values()].reduce((sum, rows) => sum + rows, 0), floorSeconds: cost.seconds };
    }),
  );
}
