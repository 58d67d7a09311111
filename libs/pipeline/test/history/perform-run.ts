import {
  BUILDERS,
  COMPONENTS,
  loadSettings,
  refresh,
  REFRESHERS,
  type ItemStatus,
  type RefreshRequest,
  type RunReport,
  type RunSettings,
  type SettingsChoice,
} from '@ta/pipeline';
import { StoreError, type Database } from '@ta/state-store';
import { faultyDatabase, interceptedDatabase } from '../intercepted-database.ts';
import { applySourceEdit, type EditedWorld } from './apply-edit.ts';
import type { Run } from './run.ts';

/** Something is not as it must be; the message holds what is needed to find out why. */
export class HistoryFailure extends Error {
  override readonly name = 'HistoryFailure';
}

/** What a run reported. */
interface Outcome {
  readonly report: RunReport;
  /** Every status that an item had. */
  readonly statuses: ReadonlySet<ItemStatus>;
}

/**
 * Performs a run as it is asked for.
 *
 * @throws HistoryFailure when a run fails that must not
 */
export async function performRun(database: Database, world: EditedWorld, run: Run, title: string): Promise<void> {
  switch (run.run) {
    case 'full': {
      const concurrency = database.engine === 'pglite' ? 1 : run.concurrency;
      const outcome = await start(database, world, { concurrency }, { lookbackDays: run.lookbackDays });
      mustSucceed(outcome, title);
      mustLack(outcome, ['derived_behind', 'skipped'], title);
      return;
    }
    case 'broken': {
      const { fault, at, continueOnError } = run;
      await orLost(start(faultyDatabase(database, fault, at), world, { continueOnError, reconnectDelaysMs: [] }));
      return;
    }
    case 'disturbed': {
      const disturbed = interceptedDatabase(database, {
        async before(call) {
          if (call === run.at) await database.transaction((other) => applySourceEdit(other, world, run.by));
        },
      });
      // the first rows of an asset may come when its 1D step is over: they are left undone, and said to be
      mustSucceed(await start(disturbed, world), title, /there are no daily bars yet \(derived_behind\)$/);
      return;
    }
    case 'partial': {
      const { builders, refreshers } = run;
      const ids = run.assets.map((asset) => world.ids[asset] as number);
      const part = { builders, refreshers, ids, continueOnError: true };
      const outcome = await start(database, { ...world, zone: run.zone ?? world.zone }, part);
      if (run.zone === null) mustSucceed(outcome, title, /\(derived_behind\)$/);
      return;
    }
    case 'days': {
      const { fullRebuild, ...emaDays } = run;
      mustSucceed(await start(database, world, {}, { fullRebuild, emaDays }), title);
      return;
    }
    case 'rebuild':
      mustSucceed(
        await start(database, world, { ids: [world.ids[run.asset] as number] }, { fullRebuild: true }),
        title,
      );
      return;
    case 'cautious':
      await start(database, world, { continueOnError: true }, { onBackfill: run.onBackfill });
  }
}

/**
 * Performs a run without new data: it must find nothing to do, and find that out for all assets together. Only an asset
 * without bars is looked at by itself.
 */
export async function performIdleRun(database: Database, world: EditedWorld): Promise<void> {
  const title = 'a run without new data';
  let transactions = 0;
  const outcome = await start(interceptedDatabase(database, { beforeCommit: () => void transactions++ }), world);
  mustSucceed(outcome, title);
  mustLack(outcome, ['ok', 'derived_behind', 'skipped'], title);
  const [state] = await database.session((session) =>
    session.query<{ ids: number; withBars: number }>(
      `SELECT count(*) AS ids, count(last_src_ts) AS "withBars" FROM cmc_price_bars_1d_state WHERE id IN (${world.ids.join(', ')})`,
    ),
  );
  const { ids, withBars } = state as { ids: number; withBars: number };
  const withoutBars = world.ids.length - withBars;
  const withRejectsOnly = ids - withBars;
  const expected = COMPONENTS.length + withoutBars + withRejectsOnly;
  if (transactions > expected) {
    throw new HistoryFailure(`${title} took ${transactions} transactions, expected at most ${expected}`);
  }
}

/** The settings in force, as any run reads them. */
export function settingsOf(
  database: Database,
  world: EditedWorld,
  choice: Partial<SettingsChoice> = {},
): Promise<RunSettings> {
  return database.session((session) => loadSettings(session, { runId: 'history', zone: world.zone, ...choice }));
}

async function start(
  database: Database,
  world: EditedWorld,
  request: Partial<RefreshRequest> = {},
  choice: Partial<SettingsChoice> = {},
): Promise<Outcome> {
  const statuses = new Set<ItemStatus>();
  const settings = await settingsOf(database, world, choice);
  const report = await refresh(
    database,
    {
      components: COMPONENTS,
      builders: BUILDERS,
      refreshers: REFRESHERS,
      ids: world.ids,
      settings,
      nowMs: 0,
      stalenessHours: 48,
      skipStaleCheck: true,
      continueOnError: false,
      concurrency: 1,
      ...request,
    },
    { itemFinished: ({ status }) => void statuses.add(status) },
    () => 0,
  );
  return { report, statuses };
}

/** A lost connection ends a run in its report, or, outside of the items, with an error. */
async function orLost(run: Promise<unknown>): Promise<void> {
  await run.catch((error: unknown) => {
    if (!(error instanceof StoreError)) throw error;
  });
}

/** @param excused errors that are expected of a part of a run */
function mustSucceed({ report }: Outcome, title: string, excused?: RegExp): void {
  const isExcused = ({ steps }: Outcome['report']['components'][number]) =>
    excused !== undefined && steps.every(({ errors }) => errors.every(({ message }) => excused.test(message)));
  const failed = report.components.filter((component) => component.status !== 'ok' && !isExcused(component));
  if (failed.length === 0) return;
  const errors = failed.flatMap((component) => [component.note, ...component.steps.flatMap((step) => step.errors)]);
  throw new HistoryFailure(`${title} failed: ${JSON.stringify(errors, null, 1)}`);
}

function mustLack({ statuses }: Outcome, unwanted: readonly ItemStatus[], title: string): void {
  const found = unwanted.filter((status) => statuses.has(status));
  if (found.length > 0) throw new HistoryFailure(`${title} had items with status ${found.join(', ')}`);
}
