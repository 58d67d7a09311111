import { runNode, type ProcessCost } from '../cli-process.ts';
import { median } from '../measure.ts';
import { builtDatabase, runQuietly } from '../refresh-once.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { shapeText, type Shape } from '../synthetic-load.ts';
import { activityBetween, tableActivity } from '../table-statistics.ts';
import { refreshedKey } from './copy-floor.ts';

const SHAPES: Record<Mode, Shape> = {
  quick: { assets: 10, days: 100, hasDefects: true },
  full: { assets: 10, days: 2000, hasDefects: true },
};
const REPEATS: Record<Mode, number> = { quick: 5, full: 11 };
const SOURCE_TABLE = 'cmc_price_histories7';

/** A run without new data must read nothing but the state and end at once. */
export const noop: Scenario = {
  name: 'noop',
  async run(bench, mode) {
    const shape = SHAPES[mode];
    const name = await bench.once(refreshedKey(shape), () => builtDatabase(bench, 'noop', shape));
    const run = (): Promise<ProcessCost> => runQuietly(bench, name, ['refresh', '--all']);
    await run();
    const runs = REPEATS[mode];
    bench.note(`${runs} runs without new data`);
    const costs: ProcessCost[] = [];
    const bare: ProcessCost[] = [];
    const before = await bench.using(name, (database) => database.session(tableActivity));
    for (let i = 0; i < runs; i++) {
      costs.push(await run());
      bare.push(await runNode(['--eval', '0']));
    }
    const after = await bench.using(name, (database) => database.session(tableActivity));
    const activity = activityBetween(before, after);
    const statements = await bench.countStatements(name, run);
    const source = activity.get(SOURCE_TABLE);
    const changes = [...activity].flatMap(([table, { inserted, updated, deleted }]) => {
      const rows = (inserted + updated + deleted) / runs;
      return rows === 0 ? [] : [[`rows changed in \`${table}\``, rows]];
    });
    return {
      scenario: 'noop',
      about: `\`ta refresh --all\` by the built command on ${shapeText(shape)} that are up to date; median of ${runs} runs.`,
      tables: [
        {
          caption:
            'One run without new data, start of the process included; tables that are not named are not changed.',
          columns: ['', 'found'],
          rows: [
            ['seconds', median(costs.map(({ seconds }) => seconds))],
            [
              'seconds of a Node process that does nothing, in turns with it',
              median(bare.map(({ seconds }) => seconds)),
            ],
            ['Node CPU seconds', median(costs.map(({ cpuSeconds }) => cpuSeconds))],
            ['Node CPU seconds of a process that does nothing', median(bare.map(({ cpuSeconds }) => cpuSeconds))],
            ['statements sent to the server', statements],
            [`scans of \`${SOURCE_TABLE}\``, (source?.scans ?? 0) / runs],
            ['rows read from it', (source?.rowsRead ?? 0) / runs],
            ...changes,
          ],
        },
      ],
    };
  },
};
