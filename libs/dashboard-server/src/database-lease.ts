import type { Database, Session } from '@ta/state-store';

/** Reading access to a database; every read is one read-only transaction in which all statements see the same instant. */
export interface ReadAccess {
  read<T>(fn: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A database and whatever is held with it. */
export interface HeldDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

/** Statements longer than this are ended by a server; the embedded database has no clock for it. */
const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * Opens the database when somebody reads, and lets go of it when nobody has for a while. An embedded database serves one
 * process at a time: so a refresh gets its turn although the page stays open.
 *
 * @param open opens it, or throws why it cannot be opened now
 * @param idleMs how long nobody must have read; Infinity keeps it open
 */
export function leaseDatabase(open: () => Promise<HeldDatabase>, idleMs: number): ReadAccess {
  let held: Promise<HeldDatabase> | null = null;
  let readers = 0;
  let timer: NodeJS.Timeout | undefined;

  const letGo = async (): Promise<void> => {
    const last = held;
    held = null;
    await (await last?.catch(() => undefined))?.close();
  };

  return {
    async read(fn) {
      clearTimeout(timer);
      readers++;
      try {
        held ??= open();
        const own = held;
        const { database } = await own.catch((error: unknown) => {
          if (held === own) held = null;
          throw error;
        });
        return await database.transaction(
          async (tx) => {
            if (tx.engine === 'postgres') await tx.run(`SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
            return fn(tx);
          },
          { readOnly: true, isolation: 'repeatable read' },
        );
      } finally {
        readers--;
        if (readers === 0 && Number.isFinite(idleMs)) {
          timer = setTimeout(() => void letGo().catch(() => undefined), idleMs);
          timer.unref();
        }
      }
    },
    async close() {
      clearTimeout(timer);
      await letGo();
    },
  };
}
