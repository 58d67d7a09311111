// node tools/bin/with-postgres.mjs node --import tsx --conditions=@ta/source libs/pipeline/test/soak/main.ts [options]
//   --histories N   histories of the small shape (default 500)
//   --large N       histories of the full catalogue with years of real prices (default 2)
//   --plans N       databases whose dry run is compared with the run, and as many with states edited by hand (default 300)
//   --seed N        first seed (default 1); every figure can be repeated from it
//   --engine NAME   postgres (default) or pglite
// Plays random histories and compares every table with a full build, and random databases, whose dry run is compared with the run
// step by step; prints the figures as a Markdown table. The exit code is 1 when anything differed.
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { TIMEFRAME_CATALOGUE } from '@ta/bars-core/engine';
import { EMA_PERIODS } from '@ta/ema-core/engine';
import type { DatabaseEngine, SourceRowBatch } from '@ta/state-store';
import { disturbedHistory, editedHistory, type HistorySize } from '../history/arbitrary-history.ts';
import { editedStateCase } from '../history/edited-state.ts';
import { plannedCase } from '../history/exact-plan.ts';
import type { History } from '../history/play-history.ts';
import { openStage, type OpenStage } from '../history/stage.ts';
import { readRealPrices } from '../real-prices.ts';
import { SMALL_CATALOGUE, type Catalogue } from '../test-database.ts';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '500' },
    large: { type: 'string', default: '2' },
    plans: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'postgres' },
  },
});
const engine = values.engine as DatabaseEngine;
const seed = Number(values.seed);
const [small, large] = [Number(values.histories), Number(values.large)];

const FULL_CATALOGUE: Catalogue = {
  timeframes: TIMEFRAME_CATALOGUE.filter((row) => row.isCanonical).map((row) => row.tf),
  periods: EMA_PERIODS,
};

const series = await readRealPrices();
const sizes = {
  small: { runs: 8, realFiles: series.length },
  large: { runs: 4, realFiles: series.length, realDays: 700 },
};
const play = (stage: OpenStage, history: History) => stage.play(history);
const rows = [
  await soak('edited, small', SMALL_CATALOGUE, () => editedHistory(sizes.small), Math.ceil(small / 2), play),
  await soak(
    'disturbed, small',
    SMALL_CATALOGUE,
    () => disturbedHistory(sizes.small, engine),
    Math.floor(small / 2),
    play,
  ),
  await soak('edited, full catalogue', FULL_CATALOGUE, () => editedOnReal(sizes.large), Math.ceil(large / 2), play),
  await soak(
    'disturbed, full catalogue',
    FULL_CATALOGUE,
    () => disturbedOnReal(sizes.large),
    Math.floor(large / 2),
    play,
  ),
  await soak(
    'dry run and run',
    SMALL_CATALOGUE,
    () => plannedCase,
    Number(values.plans),
    (stage, given) => stage.playPlanned(given),
  ),
  await soak(
    'states edited by hand',
    SMALL_CATALOGUE,
    () => editedStateCase,
    Number(values.plans),
    (stage, given) => stage.playEditedState(given),
  ),
];
const heads = [
  'histories',
  'seed',
  'histories played',
  'edits',
  'refreshes',
  'full builds',
  'tables compared',
  'mismatches',
  'seconds',
];
console.log(`\n| ${heads.join(' | ')} |\n|${heads.map(() => '---').join('|')}|`);
for (const row of rows) console.log(`| ${Object.values(row).join(' | ')} |`);
if (rows.some((row) => row.mismatches > 0)) process.exitCode = 1;

/** Plays `count` histories, or databases, of a kind. A failing one is printed whole and does not stop the others. */
async function soak<T>(
  kind: string,
  catalogue: Catalogue,
  sample: () => fc.Arbitrary<T>,
  count: number,
  play: (stage: OpenStage, one: T) => Promise<void>,
) {
  if (count === 0)
    return { kind, seed, histories: 0, edits: 0, refreshes: 0, builds: 0, comparisons: 0, mismatches: 0, seconds: 0 };
  const stage = await openStage({ engine, series: series as SourceRowBatch[], catalogue });
  const startedMs = performance.now();
  let mismatches = 0;
  const samples = fc.sample(sample(), { seed, numRuns: count });
  for (const [index, one] of samples.entries()) {
    if (!(await isPlayed(() => play(stage, one), one, `${kind} ${index}`))) mismatches++;
    if (index % 50 === 49) console.error(`${kind}: ${index + 1} of ${count}, ${mismatches} mismatches`);
  }
  const { played, oracle } = stage;
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const figures = { kind, seed, histories: played.histories, edits: played.edits, refreshes: played.refreshes };
  await stage.close();
  return { ...figures, builds: oracle.builds, comparisons: played.comparisons, mismatches, seconds };
}

async function isPlayed(play: () => Promise<void>, one: unknown, title: string): Promise<boolean> {
  try {
    await play();
    return true;
  } catch (error) {
    console.error(`\n${title} (seed ${seed}): ${(error as Error).message}\n${JSON.stringify(one)}\n`);
    return false;
  }
}

/** Histories that begin with a long stretch of real prices. */
function onReal(history: fc.Arbitrary<History>, realFiles: number): fc.Arbitrary<History> {
  if (realFiles === 0) return history;
  const first = fc.record({
    edit: fc.constant('real' as const),
    asset: fc.constant(0 as const),
    file: fc.integer({ min: 0, max: realFiles - 1 }),
    at: fc.integer({ min: 0, max: 999 }),
    days: fc.integer({ min: 400, max: 700 }),
  });
  const run = { run: 'full', concurrency: 1, lookbackDays: 3 } as const;
  return fc.tuple(first, history).map(([edit, steps]) => [{ edits: [edit], run }, ...steps]);
}

function editedOnReal(size: HistorySize): fc.Arbitrary<History> {
  return onReal(editedHistory(size), size.realFiles);
}

function disturbedOnReal(size: HistorySize): fc.Arbitrary<History> {
  return onReal(disturbedHistory(size, engine), size.realFiles);
}
