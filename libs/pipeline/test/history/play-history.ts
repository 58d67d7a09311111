import type { Database, SourceRowBatch } from '@ta/state-store';
import {
  CONTENT_TABLES,
  contentLines,
  differingTables,
  digestContent,
  type ContentColumns,
  type ContentDigest,
} from '../content-digest.ts';
import { rowVersions, touchedRows } from '../row-versions.ts';
import { applyEdit, type EditedWorld } from './apply-edit.ts';
import { ASSETS, type Edit } from './edit.ts';
import type { Built, Oracle } from './oracle.ts';
import { HistoryFailure, performIdleRun, performRun, settingsOf } from './perform-run.ts';
import type { Run } from './run.ts';

/** Edits, then a refresh. */
export interface Step {
  readonly edits: readonly Edit[];
  readonly run: Run;
}

/** What is played: steps, and a full run at the end. */
export type History = readonly Step[];

/** Figures of what was played. */
export interface Played {
  edits: number;
  refreshes: number;
  /** Tables of an asset compared with those of a full build. */
  comparisons: number;
}

/** Where histories are played. */
export interface Stage {
  readonly database: Database;
  readonly oracle: Oracle;
  readonly columns: ContentColumns;
  readonly series: readonly SourceRowBatch[];
}

const LAST_STEP: Step = { edits: [], run: { run: 'full', concurrency: 1, lookbackDays: 3 } };

/**
 * Plays a history on ids of its own, and compares the database with a full build after every full run. In the end a
 * further run must find nothing to do and write nothing.
 *
 * @param firstId database id of the first asset; the others follow
 * @throws HistoryFailure at the first difference
 */
export async function playHistory(stage: Stage, history: History, firstId: number): Promise<Played> {
  const { database } = stage;
  const world: EditedWorld = { ids: ASSETS.map((asset) => firstId + asset), series: stage.series, zone: 'UTC' };
  const played: Played = { edits: 0, refreshes: 0, comparisons: 0 };
  const steps = history.at(-1)?.run.run === 'full' ? history : [...history, LAST_STEP];
  for (const [index, step] of steps.entries()) {
    for (const edit of step.edits) await database.transaction((tx) => applyEdit(tx, world, edit));
    played.edits += step.edits.length;
    await performRun(database, world, step.run, `run ${index + 1}`);
    played.refreshes++;
    if (step.run.run === 'full') played.comparisons += await compareAll(stage, world, `after run ${index + 1}`);
  }
  await expectNothingToDo(database, world);
  played.refreshes++;
  return played;
}

/** Compares every asset with its full build; returns how many tables were compared. @param except tables that may differ */
export async function compareAll(
  stage: Stage,
  world: EditedWorld,
  when: string,
  except: readonly string[] = [],
): Promise<number> {
  const settings = await settingsOf(stage.database, world);
  await stage.database.session(async (session) => {
    const digests = await digestContent(session, stage.columns, world.ids);
    for (const [asset, id] of world.ids.entries()) {
      const built = await stage.oracle.buildOf(session, id, settings);
      const differing = differingTables(digests.get(id) as ContentDigest, built.digest);
      const tables = differing.filter((table) => !except.includes(table));
      if (tables.length === 0) continue;
      const differences = [];
      for (const table of tables) {
        const found = await contentLines(session, stage.columns, table, id);
        differences.push(`${table}: ${describeDifference(found, await expectedLines(stage, table, built))}`);
      }
      throw new HistoryFailure(`asset ${asset} is not its full build ${when}\n${differences.join('\n')}`);
    }
    const [left] = await session.query<{ n: number }>(
      `SELECT count(*) AS n FROM cmc_price_histories7_changes WHERE id IN (${world.ids.join(', ')})`,
    );
    if (left?.n !== 0) throw new HistoryFailure(`${left?.n} changes are still logged ${when}`);
  });
  return world.ids.length * CONTENT_TABLES.length;
}

function expectedLines({ oracle, columns }: Stage, table: string, built: Built): Promise<string[]> {
  return oracle.database.session((session) => contentLines(session, columns, table, built.id));
}

function describeDifference(found: readonly string[], expected: readonly string[]): string {
  const lines = Math.max(found.length, expected.length);
  const at = Array.from({ length: lines }, (_, i) => i).find((i) => found[i] !== expected[i]) ?? 0;
  return [
    `${found.length} rows, in a full build ${expected.length}; first difference in row ${at + 1}`,
    `  found    ${found[at] ?? 'no such row'}`,
    `  expected ${expected[at] ?? 'no such row'}`,
  ].join('\n');
}

/** A run without new data must leave every row as it is, byte for byte. */
async function expectNothingToDo(database: Database, world: EditedWorld): Promise<void> {
  const versions = () => database.session((session) => rowVersions(session, world.ids));
  const before = await versions();
  await performIdleRun(database, world);
  const touched = touchedRows(before, await versions());
  if (touched.length > 0) throw new HistoryFailure(`a run without new data touched rows\n${touched.join('\n')}`);
}
