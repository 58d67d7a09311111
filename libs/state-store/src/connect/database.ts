import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** The two engines behind one type. */
export type DatabaseEngine = 'postgres' | 'pglite';

/** Drizzle on one connection. Its query builders are used with the tables of the schema; relational queries are not available. */
export type StoreOrm = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/** How a transaction is opened. The default is read committed, read and write. */
export interface TransactionOptions {
  /** The server refuses every write (`STORE_READ_ONLY`). */
  readOnly?: boolean;
  /** All statements see the same snapshot of the database. */
  isolation?: 'repeatable read';
  /**
   * BEGIN, savepoints and the statements of {@link Session.later} are not sent immediately, but together with the next other
   * statement, with COMMIT, or when more than 2 MiB of rows wait. When the transaction fails, it is not known which statement
   * failed.
   */
  joins?: boolean;
}

/** The result of a statement with its columns by position, because several columns may have the same name. */
export interface ResultTable {
  readonly columns: readonly string[];
  /** The values of each row in the order of the columns. */
  readonly rows: readonly (readonly unknown[])[];
}

/**
 * One connection in use, either inside a transaction or plain (each statement commits by itself).
 *
 * Values read: int8 and numeric as number, timestamptz as Date (±Infinity if infinite, ISO text after the last Date, in the year
 * 275760), date as `YYYY-MM-DD`, float8 as number, json parsed, NULL as null; arrays of these as arrays. An int8 beyond ±2^53 throws
 * `STORE_RANGE`. Values written: null and undefined become NULL, a Date an instant, arrays and typed arrays SQL arrays; json must be
 * text or a plain object. The session zone is UTC.
 */
export interface Session {
  readonly engine: DatabaseEngine;
  /**
   * Runs one statement and returns its rows.
   * @throws StoreError
   */
  query<R = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  /**
   * Runs one statement of a user. All columns are returned, also when names repeat or there are no rows. An int8 or numeric that
   * a number cannot represent, and an instant with microseconds, is returned as text.
   * @throws StoreError
   */
  queryTable(sql: string): Promise<ResultTable>;
  /**
   * Runs a statement and returns how many rows it changed; without parameters the text may hold several statements,
   * whose counts are added.
   * @throws StoreError
   */
  run(sql: string, params?: readonly unknown[]): Promise<number>;
  /**
   * Streams rows into a `COPY … FROM STDIN WITH (FORMAT binary)` and returns how many arrived. Each chunk contains whole raw
   * tuples as the COPY encoder writes them, without file header and trailer, which are added here. Either all rows are stored or
   * none. The producer of the chunks must not use this session, which is busy until the last chunk.
   * @throws StoreError; an error of the producer aborts the COPY and is thrown unchanged.
   */
  copyIn(sql: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<number>;
  /**
   * Streams the output of `COPY … TO STDOUT` in chunks cut at arbitrary bytes: with `(FORMAT binary)` file header, tuples and
   * trailer, else lines of text or CSV. The connection is busy until the iteration ends; if the loop is left early, the rest is
   * read and discarded.
   * @throws StoreError
   */
  copyOut(sql: string): AsyncIterable<Uint8Array>;
  /**
   * Reads a `COPY … TO STDOUT (FORMAT binary)`. `take` is called with chunks cut at arbitrary bytes, whose memory is reused after
   * the call. Reads that are started in the same turn of the event loop are sent to a server in one message.
   * @throws StoreError; an error of `take` is thrown unchanged.
   */
  read(sql: string, take: (chunk: Uint8Array) => void): Promise<void>;
  /**
   * Runs one statement without parameters whose result is not needed, or copies rows in like {@link copyIn}. The statement is
   * sent immediately or, in a transaction that `joins`, together with a later one.
   * @throws StoreError, possibly for an earlier statement that was sent together with this one
   */
  later(sql: string, chunks?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * Runs the function under a savepoint: when it throws, only its own changes are rolled back, and its error is thrown. Allowed
   * only inside a transaction; savepoints can be nested.
   */
  savepoint<T>(fn: () => Promise<T>): Promise<T>;
  /**
   * Drizzle on the connection of this session. Its own `transaction` is refused inside a transaction (use `savepoint`). A Drizzle
   * call throws Drizzle's errors; when they leave the function of the session, they become StoreErrors.
   */
  readonly orm: StoreOrm;
}

/** An open database: a pool of connections on PostgreSQL, one connection behind a queue on PGlite. */
export interface Database {
  readonly engine: DatabaseEngine;
  /** Description of the opened database for banners and messages, with the password masked. */
  readonly target: string;
  /**
   * Runs the function in a transaction: commits when it returns, rolls back when it throws.
   * @throws StoreError for every database failure; other errors of the function are thrown unchanged. If the function catches the
   * error of a failed statement and returns, `STORE_QUERY` is thrown at the end, and nothing is committed.
   */
  transaction<T>(fn: (tx: Session) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs the function on one connection outside a transaction. */
  session<T>(fn: (session: Session) => Promise<T>): Promise<T>;
  /**
   * Refuses a large write when the disk of an embedded database has too little space; a server reports a full disk itself.
   * @throws StoreError `STORE_DISK_FULL`
   */
  assertRoom?(bytes: number): Promise<void>;
  /** Waits for running work, then closes; calling it again does nothing. */
  close(): Promise<void>;
}
