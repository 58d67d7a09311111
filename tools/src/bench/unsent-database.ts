import type { Database, Session } from '@ta/state-store';

/** Ends a transaction without keeping anything. */
class NothingKept<T> extends Error {
  constructor(readonly value: T) {
    super('the transaction of a run without writing');
  }
}

/**
 * The same database, but nothing is written to it: reads are sent, COPY rows are made and thrown away, changing statements are
 * not sent, and every transaction is rolled back. So a rebuild with it shows the cost of this process.
 */
export function unsent(database: Database): Database {
  return {
    engine: database.engine,
    target: database.target,
    session: (fn) => database.session((session) => fn(unsentSession(session))),
    async transaction<T>(fn: (tx: Session) => Promise<T>): Promise<T> {
      try {
        return await database.transaction(async (tx) => {
          throw new NothingKept(await fn(unsentSession(tx)));
        });
      } catch (error) {
        if (error instanceof NothingKept) return error.value as T;
        throw error;
      }
    },
    close: () => database.close(),
  };
}

function unsentSession(session: Session): Session {
  return {
    engine: session.engine,
    query: (sql, params) => session.query(sql, params),
    queryTable: (sql) => session.queryTable(sql),
    run: async () => 0,
    async copyIn(_sql, chunks) {
      for await (const chunk of chunks) if (chunk.length === 0) continue;
      return 0;
    },
    copyOut: (sql) => session.copyOut(sql),
    read: (sql, take) => session.read(sql, take),
    async later(_sql, chunks = []) {
      for await (const chunk of chunks) if (chunk.length === 0) continue;
    },
    savepoint: (fn) => session.savepoint(fn),
    get orm() {
      return session.orm;
    },
  };
}
