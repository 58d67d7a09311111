import { limitStatements, type Database, type Session } from '@ta/state-store';
import { createGarbage } from './garbage.ts';

/** Reading access to a database; every read is one read-only transaction in which all statements see the same instant. */
export interface ReadAccess {
  read<T>(fn: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** An open database, with the locks that are held for it. */
export interface HeldDatabase {
  readonly database: Database;
  /** Whether another process waits for it. */
  isWanted?(): Promise<boolean>;
  close(): Promise<void>;
}

/** How long a database is kept open. */
export interface LeaseTerms {
  /** It is closed after this time without a read. */
  readonly idleMs: number;
  /** It is closed after this time, even if reads go on. */
  readonly longestMs: number;
  /** Time between two checks whether another process waits for it. */
  readonly lookMs: number;
}

/** Terms for an embedded database, which serves one process at a time. */
export const EMBEDDED_TERMS: LeaseTerms = { idleMs: 5_000, longestMs: 60_000, lookMs: 200 };

/** A server cancels statements that take longer than this; the embedded database has no such limit. */
const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * Opens the database for a read, and closes it when there was no read for a while, when another process waits for it, and in any
 * case after the longest time: so a refresh gets its turn although the page stays open and sends requests.
 *
 * @param open opens it, or throws why it cannot be opened now
 * @param terms null keeps it open
 */
export function leaseDatabase(open: () => Promise<HeldDatabase>, terms: LeaseTerms | null): ReadAccess {
  if (terms === null) return keepDatabase(open);
  const garbage = createGarbage();
  let held: HeldDatabase | null = null;
  let [heldSinceMs, lastReadMs] = [0, 0];
  let timer: NodeJS.Timeout | undefined;
  /** The last failure to open it: reads that were queued before it fail with it, too, instead of trying again. */
  let failure: { readonly atMs: number; readonly error: unknown } | null = null;
  /** Reads and checks run one at a time: an embedded database has only one connection. */
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };

  const letGo = async (): Promise<void> => {
    clearTimeout(timer);
    if (held === null) return;
    const closed = held.close();
    held = null;
    await closed;
    // the embedded database is unreachable now; its memory would otherwise remain beside that of the next one
    garbage.collect();
  };
  const isOver = async (): Promise<boolean> => {
    const nowMs = performance.now();
    if (nowMs - lastReadMs >= terms.idleMs || nowMs - heldSinceMs >= terms.longestMs) return true;
    return (await held?.isWanted?.()) === true;
  };
  const look = (): void => {
    timer = setTimeout(() => {
      const turn = inTurn(async () => {
        if (held === null) return;
        if (await isOver()) await letGo();
        else look();
      });
      turn.catch(() => undefined);
    }, terms.lookMs);
    timer.unref();
  };

  return {
    read: (fn) => {
      const askedMs = performance.now();
      return inTurn(async () => {
        if (held !== null && (performance.now() - heldSinceMs >= terms.longestMs || (await held.isWanted?.()) === true))
          await letGo();
        if (held === null) {
          if (failure !== null && failure.atMs >= askedMs) throw failure.error;
          try {
            held = await open();
          } catch (error) {
            failure = { atMs: performance.now(), error };
            throw error;
          }
          heldSinceMs = performance.now();
          look();
        }
        try {
          return await readOnce(held.database, fn);
        } finally {
          lastReadMs = performance.now();
        }
      });
    },
    close: () => inTurn(letGo),
  };
}

/** Keeps a database open from the first read on: a server serves many at a time. */
function keepDatabase(open: () => Promise<HeldDatabase>): ReadAccess {
  let held: Promise<HeldDatabase> | null = null;
  return {
    async read(fn) {
      held ??= open();
      const own = held;
      const { database } = await own.catch((error: unknown) => {
        if (held === own) held = null;
        throw error;
      });
      return readOnce(database, fn);
    },
    async close() {
      const own = held;
      held = null;
      await (await own?.catch(() => undefined))?.close();
    },
  };
}

function readOnce<T>(database: Database, fn: (session: Session) => Promise<T>): Promise<T> {
  return database.transaction(
    async (tx) => {
      await limitStatements(tx, STATEMENT_TIMEOUT_MS);
      return fn(tx);
    },
    { readOnly: true, isolation: 'repeatable read' },
  );
}
