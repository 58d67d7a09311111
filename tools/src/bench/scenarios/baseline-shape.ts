import type { Catalogue } from '../catalogue.ts';
import { median } from '../measure.ts';
import { runQuietly } from '../refresh-once.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { loadDay, sourceDatabase, type Shape } from '../synthetic-load.ts';

const DAY_FRAMES: readonly string[] = ['1D', '2D', '7D', '14D', '28D', '90D', '360D'];
const DAY_FRAME = /^\d+D$/;

/** The data and the catalogue on which the program that this one replaces was timed. */
const SHAPE: Shape = {
  assets: 10,
  days: 2000,
  daysOf: [2000, 997, 800, 600, 365, 250, 120, 60, 3, 1],
  catalogue: {
    name: '7 day frames and every calendar frame, 4 periods',
    isBuilt: (tf) => !DAY_FRAME.test(tf) || DAY_FRAMES.includes(tf),
    periods: [6, 10, 21, 50],
  } satisfies Catalogue,
};

/** Seconds that the replaced program took for the same with two workers on a machine of the same size; not measured here. */
const BEFORE = { build: 368.1, idle: 92.8, day: 130 };
const REPEATS: Record<Mode, number> = { quick: 1, full: 5 };

/** Compares the built command with the times of the program that it replaces. */
export const baselineShape: Scenario = {
  name: 'baseline-shape',
  async run(bench, mode) {
    const source = await sourceDatabase(bench, SHAPE);
    const found = { build: [] as number[], idle: [] as number[], day: [] as number[] };
    for (let run = 0; run < REPEATS[mode]; run++) {
      const name = await bench.create('baseline', source);
      const seconds = async (day: number): Promise<number> => {
        await bench.checkpoint();
        return (await runQuietly(bench, name, ['refresh', '--all', '--no-alerts'], day)).seconds;
      };
      found.build.push(await seconds(0));
      found.idle.push(await seconds(0));
      await bench.using(name, (database) => loadDay(database, SHAPE, 1));
      found.day.push(await seconds(1));
      await bench.drop(name);
    }
    const line = (name: string, part: keyof typeof BEFORE) => {
      const seconds = median(found[part]);
      return [name, BEFORE[part], seconds, BEFORE[part] / seconds];
    };
    return {
      scenario: 'baseline-shape',
      about:
        `${SHAPE.assets} assets with ${SHAPE.daysOf?.reduce((sum, days) => sum + days, 0).toLocaleString('en-US')} source rows, ` +
        `${SHAPE.catalogue?.name}, by the built command, start of the process included; median of ${REPEATS[mode]}. The times ` +
        'of the replaced program were measured elsewhere, on 2 cores as well.',
      tables: [
        {
          caption: 'Seconds, bars and EMAs.',
          columns: ['', 'replaced program', 'found', 'times as fast'],
          rows: [line('full build', 'build'), line('no new data', 'idle'), line('one more day', 'day')],
        },
      ],
    };
  },
};
