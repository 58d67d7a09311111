import fc from 'fast-check';
import { afterAll, beforeAll } from 'vitest';
import { partitionTables, type DatabaseEngine, type SourceRowBatch } from '@ta/state-store';
import { readContentColumns } from '../content-digest.ts';
import { clearDatabase, createTestDatabase, SMALL_CATALOGUE, useCatalogue, type Catalogue } from '../test-database.ts';
import { ASSETS } from './edit.ts';
import { playEditedState, type EditedStateCase } from './edited-state.ts';
import { playPlanned, type PlannedCase } from './exact-plan.ts';
import { Oracle } from './oracle.ts';
import { playHistory, type History, type Played, type Stage } from './play-history.ts';

/** Histories after which the databases are emptied: until then rows of other assets lie beside those of the history. */
const HISTORIES_PER_CLEARING = 8;

/** A stage with its own two databases. */
export interface OpenStage extends Stage {
  readonly played: Played & { histories: number };
  /** Plays a history on assets that nobody used before. */
  play(history: History): Promise<void>;
  /** Plans and performs a run on assets that nobody used before. */
  playPlanned(given: PlannedCase): Promise<void>;
  /** Edits states and refreshes, on assets that nobody used before. */
  playEditedState(given: EditedStateCase): Promise<void>;
  close(): Promise<void>;
}

/** Which stage to open. */
export interface StageChoice {
  /** Engine of the database that is refreshed in steps. */
  readonly engine: DatabaseEngine;
  /** Engine of the database for full builds; the same one without. */
  readonly oracleEngine?: DatabaseEngine;
  /** Hash partitions by id of the big tables of the database that is refreshed in steps. */
  readonly partitions?: number;
  /** Rows of real price files, for the edits that load them; none without. */
  readonly series?: readonly SourceRowBatch[];
  /** Timeframes and periods at the start of each history; the small catalogue without. */
  readonly catalogue?: Catalogue;
}

/** Opens a stage: a database that is refreshed in steps, and one for full builds. */
export async function openStage(choice: StageChoice): Promise<OpenStage> {
  const { engine, oracleEngine = engine, series = [], catalogue = SMALL_CATALOGUE } = choice;
  const first = await createTestDatabase(engine);
  const second = await createTestDatabase(oracleEngine);
  const { database } = first;
  if (choice.partitions !== undefined) await partitionTables(database, choice.partitions);
  const columns = await database.session(readContentColumns);
  const oracle = new Oracle(second, columns);
  const played = { histories: 0, edits: 0, refreshes: 0, comparisons: 0 };
  const stage: Stage = { database, oracle, columns, series };
  /** Id of the first asset of the next history. */
  const nextId = async () => {
    const place = played.histories++ % HISTORIES_PER_CLEARING;
    if (place === 0) {
      await clearDatabase(database);
      await oracle.clear();
    }
    await useCatalogue(database, catalogue);
    return 1 + place * ASSETS.length;
  };
  return {
    ...stage,
    played,
    playPlanned: async (given) => playPlanned(stage, given, await nextId()),
    playEditedState: async (given) => playEditedState(stage, given, await nextId()),
    async play(history) {
      const figures = await playHistory(stage, history, await nextId());
      for (const name of ['edits', 'refreshes', 'comparisons'] as const) played[name] += figures[name];
    },
    async close() {
      await first.drop();
      await second.drop();
    },
  };
}

/** Stages for the tests of a file; their figures are printed at its end. */
export function stagesForTests(count: number, choice: StageChoice): readonly OpenStage[] {
  const stages: OpenStage[] = [];
  beforeAll(async () => {
    for (let i = 0; i < count; i++) stages.push(await openStage(choice));
  });
  afterAll(async () => {
    process.stderr.write(`${choice.engine}: ${figuresOf(stages)}\n`);
    for (const stage of stages) await stage.close();
  });
  return stages;
}

/** What was played on some stages, as a line of text. */
export function figuresOf(stages: readonly OpenStage[]): string {
  const sum = (figure: (stage: OpenStage) => number) => stages.reduce((total, stage) => total + figure(stage), 0);
  return [
    `${sum(({ played }) => played.histories)} histories`,
    `${sum(({ played }) => played.edits)} edits`,
    `${sum(({ played }) => played.refreshes)} refreshes`,
    `${sum(({ oracle }) => oracle.builds)} full builds`,
    `${sum(({ played }) => played.comparisons)} tables compared`,
  ].join(', ');
}

/**
 * Plays random histories, shared out over the stages: each has a seed of its own, made from that of the run.
 * The message of a failure holds seed, path and the smallest history found.
 */
export async function playRandom(
  stages: readonly OpenStage[],
  history: fc.Arbitrary<History>,
  runs: number,
): Promise<void> {
  const { seed = 0 } = fc.readConfigureGlobal();
  const numRuns = Math.ceil(runs / stages.length);
  const law = (stage: OpenStage) => fc.asyncProperty(history, (steps) => stage.play(steps));
  await Promise.all(stages.map((stage, i) => fc.assert(law(stage), { seed: seed + i, numRuns })));
}
