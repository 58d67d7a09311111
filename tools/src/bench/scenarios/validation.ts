import { CHECKS, PROFILES, runChecks, validationRequest, type Profile } from '@ta/validation';
import { measure, medianCost, type Cost } from '../measure.ts';
import { refreshOnce } from '../refresh-once.ts';
import type { Cell } from '../report.ts';
import type { Mode, Scenario } from '../scenario.ts';
import { clockAfter, idsOf, shapeText, sourceDatabase, type Shape } from '../synthetic-load.ts';
import { CONCURRENCY, type Workbench } from '../workbench.ts';

const SHAPES: Record<Mode, Shape> = {
  quick: { assets: 10, days: 100, hasDefects: true },
  full: { assets: 10, days: 2000, hasDefects: true },
};
const REPEATS: Record<Mode, number> = { quick: 3, full: 1 };
const MEASURED: Record<Mode, readonly Profile[]> = { quick: PROFILES, full: ['fast', 'full'] };

/** Checking everything must not cost more than building it, and the daily check at most a tenth of that (docs/operations.md). */
export const validation: Scenario = {
  name: 'validation',
  async run(bench, mode) {
    const shape = SHAPES[mode];
    const builds: Cost[] = [];
    const checks = new Map<Profile, Cost[]>(MEASURED[mode].map((profile) => [profile, []]));
    // in turns, so that a busy minute of the machine slows both
    for (let run = 1; run <= REPEATS[mode]; run++) {
      bench.note(`full build and validation of ${shapeText(shape)}, run ${run} of ${REPEATS[mode]}`);
      const choice = { ids: idsOf(shape.assets), nowMs: clockAfter() };
      const name = await bench.create('validation', await sourceDatabase(bench, shape));
      builds.push((await bench.using(name, (database) => measure(bench, () => refreshOnce(database, choice)))).cost);
      await bench.using(name, (database) => database.session((session) => session.run('VACUUM (ANALYZE)')));
      for (const profile of MEASURED[mode]) checks.get(profile)?.push(await validated(bench, name, profile));
      await bench.drop(name);
    }
    const rebuild = medianCost(builds);
    const line = (label: string, cost: Cost): Cell[] => [
      label,
      ...[cost.seconds, cost.clientCpuSeconds, cost.serverCpuSeconds, cpuOf(cost)],
      ...[cost.seconds / rebuild.seconds, cpuOf(cost) / cpuOf(rebuild)],
    ];
    return {
      scenario: 'validation',
      about:
        `All ${CHECKS.length} checks of ${shapeText(shape)} against a full build of the same data, in turns; median of ${REPEATS[mode]}. ` +
        `The build works on ${CONCURRENCY} ids side by side, the validation on as many.`,
      tables: [
        {
          caption: 'Cost of a validation, and its share of a full build: at most 1 for full, 0.1 for fast.',
          columns: ['', 'seconds', 'Node CPU s', 'server CPU s', 'CPU s together', 'share of seconds', 'share of CPU'],
          rows: [
            line('full build', rebuild),
            ...[...checks].map(([profile, costs]) => line(`validation, ${profile}`, medianCost(costs))),
          ],
        },
      ],
    };
  },
};

async function validated(bench: Workbench, name: string, profile: Profile): Promise<Cost> {
  const request = validationRequest({ asOfTs: clockAfter(), profile, concurrency: CONCURRENCY });
  const { value, cost } = await bench.using(name, (database) =>
    measure(bench, () => runChecks(database, request, {}, () => performance.now())),
  );
  // a validation that stops at the first fault would be quick
  if (!value.isPassed) throw new Error(`the ${profile} validation failed`);
  return cost;
}

function cpuOf(cost: Cost): number {
  return cost.clientCpuSeconds + cost.serverCpuSeconds;
}
