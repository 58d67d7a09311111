import { StoreError, type Database, type Session, type TransactionOptions } from '@ta/state-store';

/** What happens at a call of a session, counted from 1 over all sessions of a database. */
export interface Interception {
  /** Before a statement is sent; throwing keeps it from being sent. */
  before?(call: number, session: Session, sql: string): Promise<void>;
  /** The chunks of a COPY instead of those given. */
  chunks?(call: number, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** After the function of a transaction, before COMMIT; throwing rolls back. */
  beforeCommit?(calls: number): void;
}

/** A database whose calls pass through an interception; everything else is the real one. */
export function interceptedDatabase(database: Database, interception: Interception): Database {
  let calls = 0;
  const wrap = (session: Session): Session => {
    const before = async (sql: string) => {
      const call = ++calls;
      await interception.before?.(call, session, sql);
      return call;
    };
    return {
      engine: session.engine,
      get orm() {
        return session.orm;
      },
      async query<R>(sql: string, params?: readonly unknown[]) {
        await before(sql);
        return session.query<R>(sql, params);
      },
      async queryTable(sql) {
        await before(sql);
        return session.queryTable(sql);
      },
      async run(sql, params) {
        await before(sql);
        return session.run(sql, params);
      },
      async copyIn(sql, chunks) {
        const call = await before(sql);
        const all = overAll(chunks);
        return session.copyIn(sql, interception.chunks?.(call, all) ?? all);
      },
      async *copyOut(sql) {
        await before(sql);
        yield* session.copyOut(sql);
      },
      async read(sql, take) {
        await before(sql);
        await session.read(sql, take);
      },
      async later(sql, chunks) {
        const call = await before(sql);
        if (chunks === undefined) return session.later(sql);
        const all = overAll(chunks);
        return session.later(sql, interception.chunks?.(call, all) ?? all);
      },
      savepoint: (fn) => session.savepoint(fn),
    };
  };
  return {
    engine: database.engine,
    target: database.target,
    transaction: <T>(fn: (tx: Session) => Promise<T>, options?: TransactionOptions) =>
      database.transaction(async (tx) => {
        const value = await fn(wrap(tx));
        interception.beforeCommit?.(calls);
        return value;
      }, options),
    session: (fn) => database.session((session) => fn(wrap(session))),
    close: () => database.close(),
  };
}

async function* overAll(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/**
 * How a run is broken at a call: one statement fails; the connection is lost, for good; a COPY breaks off in the middle;
 * the connection is lost when its transaction is about to commit.
 */
export type Fault = 'statement' | 'connection' | 'mid_copy' | 'commit';

/** A database that breaks at the `at`-th call. Once its connection is lost, it stays so. */
export function faultyDatabase(database: Database, fault: Fault, at: number): Database {
  let isLost = false;
  const lost = () => {
    isLost = true;
    return new StoreError('STORE_CONNECTION_LOST', 'The connection was cut by a test.');
  };
  return interceptedDatabase(database, {
    async before(call, session) {
      if (isLost) throw lost();
      if (call !== at) return;
      if (fault === 'connection') throw lost();
      // a statement that fails for real, so that the server has an aborted transaction to recover from
      if (fault === 'statement') await session.query('SELECT 1 / 0');
    },
    async *chunks(call, chunks) {
      for await (const chunk of chunks) {
        yield chunk;
        if (fault === 'mid_copy' && call >= at && !isLost) throw lost();
      }
    },
    beforeCommit(calls) {
      if (isLost || (fault === 'commit' && calls >= at)) throw lost();
    },
  });
}
