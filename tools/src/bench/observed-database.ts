import type { Database, Session } from '@ta/state-store';

/**
 * Where the time of a run went. `encodeSeconds` is work of this process; the others are waits for the server, summed over the
 * ids that are processed at the same time, so that their sum may exceed the wall clock.
 */
export interface Phases {
  /** Making the rows: arithmetic and COPY encoding. */
  encodeSeconds: number;
  /** Handing rows over, and waiting until the server has them. */
  sendSeconds: number;
  /** Reading through COPY. */
  readSeconds: number;
  /** All other statements: deletes, state, savepoints. */
  statementSeconds: number;
  /** From the end of the work to the end of the transaction. */
  commitSeconds: number;
  /** COPY bytes made. */
  bytes: number;
}

/** Nothing spent yet. */
export function noPhases(): Phases {
  return { encodeSeconds: 0, sendSeconds: 0, readSeconds: 0, statementSeconds: 0, commitSeconds: 0, bytes: 0 };
}

/** The same database; the time of its calls is added to `phases`. @param now a clock in milliseconds */
export function observed(database: Database, phases: Phases, now = () => performance.now()): Database {
  return {
    engine: database.engine,
    target: database.target,
    session: (fn) => database.session((session) => fn(observedSession(session, phases, now))),
    async transaction(fn, options) {
      let workedMs = now();
      const value = await database.transaction(async (tx) => {
        const result = await fn(observedSession(tx, phases, now));
        workedMs = now();
        return result;
      }, options);
      phases.commitSeconds += (now() - workedMs) / 1000;
      return value;
    },
    close: () => database.close(),
  };
}

function observedSession(session: Session, phases: Phases, now: () => number): Session {
  const statement = async <T>(work: () => Promise<T>): Promise<T> => {
    const startedMs = now();
    try {
      return await work();
    } finally {
      phases.statementSeconds += (now() - startedMs) / 1000;
    }
  };
  const sent = async <T>(chunks: Chunks, send: (chunks: Chunks) => Promise<T>): Promise<T> => {
    const startedMs = now();
    let encodeSeconds = 0;
    const answer = await send(observedChunks(chunks, phases, now, (seconds) => (encodeSeconds += seconds)));
    phases.encodeSeconds += encodeSeconds;
    phases.sendSeconds += (now() - startedMs) / 1000 - encodeSeconds;
    return answer;
  };
  return {
    engine: session.engine,
    query: (sql, params) => statement(() => session.query(sql, params)),
    queryTable: (sql) => statement(() => session.queryTable(sql)),
    run: (sql, params) => statement(() => session.run(sql, params)),
    copyIn: (sql, chunks) => sent(chunks, (observedOnes) => session.copyIn(sql, observedOnes)),
    copyOut: (sql) => observedRead(session.copyOut(sql), phases, now),
    async read(sql, take) {
      const startedMs = now();
      await session.read(sql, take);
      phases.readSeconds += (now() - startedMs) / 1000;
    },
    later: (sql, chunks) =>
      chunks === undefined
        ? statement(() => session.later(sql))
        : sent(chunks, (observedOnes) => session.later(sql, observedOnes)),
    savepoint: (fn) => session.savepoint(fn),
    get orm() {
      return session.orm;
    },
  };
}

type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Passes chunks on and reports the time that the producer takes for each. */
async function* observedChunks(
  chunks: Chunks,
  phases: Phases,
  now: () => number,
  spent: (seconds: number) => void,
): AsyncGenerator<Uint8Array> {
  const iterator = Symbol.iterator in chunks ? chunks[Symbol.iterator]() : chunks[Symbol.asyncIterator]();
  for (;;) {
    const startedMs = now();
    const next = await iterator.next();
    spent((now() - startedMs) / 1000);
    if (next.done === true) return;
    phases.bytes += next.value.length;
    yield next.value;
  }
}

async function* observedRead(
  chunks: AsyncIterable<Uint8Array>,
  phases: Phases,
  now: () => number,
): AsyncGenerator<Uint8Array> {
  let startedMs = now();
  for await (const chunk of chunks) {
    phases.readSeconds += (now() - startedMs) / 1000;
    yield chunk;
    startedMs = now();
  }
  phases.readSeconds += (now() - startedMs) / 1000;
}
