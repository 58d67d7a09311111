import { limitStatements, type Database, type Session } from '@ta/state-store';
import { createGarbage } from './garbage.ts';

/** Reading access to a database; every read is one read-only transaction in which all statements see the same instant. */
export interface ReadAccess {
  read<T>(fn: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A database and whatever is held with it. */
export interface HeldDatabase {
  readonly database: Database;
  /** Whether somebody else waits for it. */
  isWanted?(): Promise<boolean>;
  close(): Promise<void>;
}

/** How long a database is held. */
export interface LeaseTerms {
  /** It is let go when nobody has read for so long. */
  readonly idleMs: number;
  /** It is closed after this long, even while somebody reads. */
  readonly longestMs: number;
  /** How often it is asked whether somebody else waits. */
  readonly lookMs: number;
}

/** Terms under which an embedded database is left to others: it serves one process at a time. */
export const EMBEDDED_TERMS: LeaseTerms = { idleMs: 5_000, longestMs: 60_000, lookMs: 200 };

/** Statements longer than this are ended by a server; the embedded database has no clock for it. */
const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * Opens the database when somebody reads, and lets go of it when nobody has for a while, when somebody else waits for it,
 * and in any case after the longest time: so a refresh gets its turn although the page stays open and asks.
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
  /** Why it could not be opened last: those who waited behind the one who found out need not find out themselves. */
  let failure: { readonly atMs: number; readonly error: unknown } | null = null;
  /** One read, or one look, at a time: an embedded database has one connection anyway. */
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
    // nothing leads to the embedded database any more: its memory would stay beside that of the next one
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
