import { runQuietly } from '../refresh-once.ts';
import { megabytes } from '../report.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { idsOf, shapeText, sourceDatabase } from '../synthetic-load.ts';

const DAYS: Record<Mode, number> = { quick: 60, full: 400 };
const FEW = 4;
const MANY = 40;

/** The memory of a full refresh must not grow with the number of assets. */
export const memory: Scenario = {
  name: 'memory',
  async run(bench, mode) {
    const shape = { assets: MANY, days: DAYS[mode], hasDefects: true };
    const source = await sourceDatabase(bench, shape);
    const found = [];
    for (const assets of [FEW, MANY]) {
      bench.note(`peak memory with ${assets} assets`);
      const name = await bench.create('memory', source);
      const ids = idsOf(assets).join(',');
      const cost = await runQuietly(bench, name, ['refresh', '--all', '--ids', ids]);
      await bench.drop(name);
      found.push({ assets, cost });
    }
    const [few, many] = found;
    return {
      scenario: 'memory',
      about: `Full refresh by the built command, ${shapeText(shape)} in the database; peak resident memory of its process.`,
      tables: [
        {
          caption: `Peak memory with ${FEW} and with ${MANY} assets.`,
          columns: ['assets', 'peak memory', 'seconds', 'Node CPU s'],
          rows: [
            ...found.map(({ assets, cost }) => [assets, megabytes(cost.peakBytes), cost.seconds, cost.cpuSeconds]),
            ['ratio', many.cost.peakBytes / few.cost.peakBytes, many.cost.seconds / few.cost.seconds, ''],
          ],
        },
      ],
    };
  },
};
