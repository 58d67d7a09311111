import type { Database } from '@ta/state-store';
import type { DailyRowsReader } from './daily-rows.ts';
import { executeItem, lostItem, type ItemConditions, type ComponentRequest } from './execute-item.ts';
import { withReconnect, type ReconnectPolicy } from './reconnect.ts';
import type { ItemOutcome } from './run-report.ts';

/**
 * Executes the items of a component, in this process or by workers elsewhere. Everything else (which items have work,
 * what a failure means, the order of components, the report) does not depend on the executor.
 */
export interface ItemExecutor {
  /** Prepares for the items of one component. */
  open(request: ComponentRequest, run: ComponentRun): Promise<ItemPool>;
}

/** What an executor needs to know about the run of a component. */
export interface ComponentRun extends ReconnectPolicy, Pick<ItemConditions, 'monotonicMs' | 'deadlineMs'> {
  /** Items processed in parallel in this process. */
  readonly concurrency: number;
  /** Throws when this run must not write any more. */
  readonly assertExclusive?: () => Promise<void>;
  /**
   * Returns the function that reports a failure after which another attempt follows. The id is null if the failure does not
   * concern a single id.
   */
  readonly tellOfRetry: (id: number | null) => (error: Error, delayMs: number) => void;
}

/** The execution of the items of one component. */
export interface ItemPool {
  /** How many items the caller may hand over at a time. */
  readonly width: number;
  /** Executes the item of an id. Null when it was not started, because the pool was stopped. Never throws. */
  run(id: number): Promise<readonly ItemOutcome[] | null>;
  /** Starts no further items; running ones are finished. */
  stop(): void;
  /** Closes whatever was opened. Called once, after all items have ended. */
  close(): Promise<void>;
}

/**
 * Executes items in this process.
 *
 * @param readRows reads the daily rows, if not from the 1D bars
 */
export function localExecutor(database: Database, readRows?: DailyRowsReader): ItemExecutor {
  return {
    open: (request, run) =>
      Promise.resolve({
        width: Math.max(1, run.concurrency),
        run: (id) => runHere(database, request, id, { ...run, readRows }),
        stop: () => undefined,
        close: () => Promise.resolve(),
      }),
  };
}

/** Refreshes one id. After a lost connection it tries again, because nothing of the transaction was stored. */
async function runHere(
  database: Database,
  request: ComponentRequest,
  id: number,
  run: ComponentRun & Pick<ItemConditions, 'readRows'>,
): Promise<ItemOutcome[]> {
  const { assertExclusive, signal, monotonicMs } = run;
  const attempt = async () => {
    await assertExclusive?.();
    return executeItem(database, request, id, { ...run, settle: assertExclusive });
  };
  try {
    return await withReconnect(attempt, run, run.tellOfRetry(id));
  } catch (error) {
    return lostItem(request, id, signal?.aborted === true ? null : error, monotonicMs());
  }
}
