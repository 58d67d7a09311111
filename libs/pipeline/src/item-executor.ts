import type { Database } from '@ta/state-store';
import type { DailyRowsReader } from './daily-rows.ts';
import { executeItem, lostItem, type ItemConditions, type ItemOrder } from './execute-item.ts';
import { withReconnect, type ReconnectPolicy } from './reconnect.ts';
import type { ItemOutcome } from './run-report.ts';

/**
 * Who executes the items of a component: this process, or workers elsewhere. Everything around the items (which have work,
 * what a failure means, the order of components, the report) is the same for all of them.
 */
export interface ItemExecutor {
  /** Gets ready for the items of one component. */
  open(order: ItemOrder, run: ComponentRun): Promise<ItemPool>;
}

/** What an executor has to know about the component that it works for. */
export interface ComponentRun extends ReconnectPolicy {
  /** Items processed in parallel in this process. */
  readonly concurrency: number;
  /** Clock for durations, milliseconds. */
  readonly monotonicMs: () => number;
  /** When the time is over, on that clock; absent without a limit. */
  readonly deadlineMs?: number;
  /** Throws when this run may not write any more. */
  readonly assertExclusive?: () => Promise<void>;
  /** Called for each failure after which another attempt follows. */
  readonly tellOfRetry: (id: number | null) => (error: Error, delayMs: number) => void;
}

/** Items of one component at work. */
export interface ItemPool {
  /** How many items to hand over at a time. */
  readonly width: number;
  /** Executes the item of an id. Null when it was not started, because the pool was stopped. Never throws. */
  run(id: number): Promise<readonly ItemOutcome[] | null>;
  /** Begins no further item; those at work are finished. */
  stop(): void;
  /** Lets go of whatever was opened. Called once, after every item was answered. */
  close(): Promise<void>;
}

/**
 * Executes items in this process.
 *
 * @param readRows where daily rows come from, if not from the 1D bars
 */
export function localExecutor(database: Database, readRows?: DailyRowsReader): ItemExecutor {
  return {
    open: (order, run) =>
      Promise.resolve({
        width: Math.max(1, run.concurrency),
        run: (id) => runHere(database, order, id, { ...run, readRows }),
        stop: () => undefined,
        close: () => Promise.resolve(),
      }),
  };
}

/** Refreshes one id; a lost connection is tried again, because nothing of the transaction was stored. */
async function runHere(
  database: Database,
  order: ItemOrder,
  id: number,
  run: ComponentRun & Pick<ItemConditions, 'readRows'>,
): Promise<ItemOutcome[]> {
  const { assertExclusive, signal, monotonicMs } = run;
  const attempt = async () => {
    await assertExclusive?.();
    return executeItem(database, order, id, { ...run, settle: assertExclusive });
  };
  try {
    return await withReconnect(attempt, run, run.tellOfRetry(id));
  } catch (error) {
    return lostItem(order, id, signal?.aborted === true ? null : error, monotonicMs());
  }
}
