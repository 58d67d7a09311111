import { median } from '../measure.ts';
import { builtDatabase, runQuietly } from '../refresh-once.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { loadDay, shapeText, type Shape } from '../synthetic-load.ts';
import type { Workbench } from '../workbench.ts';

/** The times of the operations guide are for 10 ids; ten times as many ids with less history show how the times grow. */
const SHAPES: Record<Mode, { readonly few: Shape; readonly many: Shape }> = {
  quick: { few: { assets: 10, days: 250 }, many: { assets: 100, days: 50 } },
  full: { few: { assets: 10, days: 3652 }, many: { assets: 100, days: 250 } },
};
const REPEATS: Record<Mode, number> = { quick: 3, full: 5 };

/** The jobs that the guide names, their times for 10 ids in seconds, and the arguments that run each job alone. */
const ROWS: readonly (readonly [name: string, seconds: number, args: readonly string[]])[] = [
  ['1D bars', 5, ['bars', '--builders', '1d']],
  ['Multi-TF bars', 8, ['bars', '--builders', 'multi_tf']],
  ['All bar builders', 25, ['bars']],
  ['All EMA refreshers', 15, ['emas']],
  ['Full refresh (bars + EMAs)', 40, ['refresh', '--all']],
];

/** The times that the operations guide promises for the daily job (docs/performance.md). */
export const guideTimes: Scenario = {
  name: 'guide-times',
  async run(bench, mode) {
    const { few, many } = SHAPES[mode];
    const runs = REPEATS[mode];
    const fewer = await build(bench, few);
    const found = ROWS.map(() => [] as number[]);
    const times = async (...rows: readonly number[]): Promise<void> => {
      for (const row of rows) found[row].push(await fewer.seconds(ROWS[row][2]));
    };
    for (let run = 0; run < runs; run++) {
      // the first day is for the two single builders, the second for all bars and then all EMAs, the third for a full refresh
      await fewer.addDay();
      await times(0, 1);
      await fewer.seconds(['refresh', '--all']);
      await fewer.addDay();
      await times(2, 3);
      await fewer.addDay();
      await times(4);
    }
    const more = await build(bench, many);
    const manySeconds: number[] = [];
    for (let run = 0; run < runs; run++) {
      await more.addDay();
      manySeconds.push(await more.seconds(['refresh', '--all']));
    }
    const fewSeconds = median(found[4]);
    return {
      scenario: 'guide-times',
      about:
        `One more day for each of ${few.assets} assets behind ${few.days.toLocaleString('en-US')} days of history, by the built ` +
        `command, start of the process included; median of ${runs} days. The guide's times are for 10 ids.`,
      tables: [
        {
          caption: 'The daily job against the times of the guide, seconds.',
          columns: ['', 'guide', 'found'],
          rows: ROWS.map(([name, seconds], i) => [name, seconds, median(found[i])]),
        },
        {
          caption: `How the full refresh grows: ${shapeText(many)}, one more day each.`,
          columns: ['', 'found'],
          rows: [
            [`seconds, ${few.assets} assets`, fewSeconds],
            [`seconds, ${many.assets} assets`, median(manySeconds)],
            [`times as long for ${many.assets / few.assets} times as many`, median(manySeconds) / fewSeconds],
          ],
        },
      ],
    };
  },
};

interface Built {
  /** Adds one day of prices to each asset. */
  addDay(): Promise<void>;
  /** Runs the command, with the clock of the newest day. */
  seconds(args: readonly string[]): Promise<number>;
}

async function build(bench: Workbench, shape: Shape): Promise<Built> {
  const name = await builtDatabase(bench, 'guide', shape);
  let day = 0;
  return {
    addDay: () => bench.using(name, (database) => loadDay(database, shape, ++day)),
    async seconds(args) {
      const { seconds } = await runQuietly(bench, name, [...args, '--no-alerts'], day);
      bench.note(`${args.join(' ')}: ${seconds.toFixed(2)} s`);
      return seconds;
    },
  };
}
