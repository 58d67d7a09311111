import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** The two engines behind one type. */
export type DatabaseEngine = 'postgres' | 'pglite';

/** Drizzle on one connection; tables are given to its builders, relational queries are not used. */
export type StoreOrm = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/** How a transaction is opened. The default is read committed, read and write. */
export interface TransactionOptions {
  /** The server refuses every write (`STORE_READ_ONLY`). */
  readOnly?: boolean;
  /** All statements see the same instant. */
  isolation?: 'repeatable read';
  /**
   * Statements of {@link Session.later}, and BEGIN, are sent together with the next statement that returns a result, or with COMMIT. When
   * the transaction fails, it is not known which statement failed.
   */
  joins?: boolean;
}

/** The result of a statement as the server sent it: several columns may have the same name. */
export interface ResultTable {
  readonly columns: readonly string[];
  /** The values of each row in the order of the columns. */
  readonly rows: readonly (readonly unknown[])[];
}

/**
 * One connection in use, either inside a transaction or plain (each statement commits by itself).
 *
 * Values read: int8 and numeric as number, timestamptz as Date, date as `YYYY-MM-DD`, float8 as number, json parsed,
 * NULL as null; arrays of these as arrays. An int8 beyond ±2^53 throws `STORE_RANGE`.
 * Values written: null or undefined is NULL, Date an instant, typed arrays and arrays SQL arrays; json must be text
 * or a plain object. The session zone is UTC.
 */
export interface Session {
  readonly engine: DatabaseEngine;
  /**
   * Runs one statement and returns its rows.
   * @throws StoreError
   */
  query<R = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  /**
   * Runs one statement of a user. All columns are returned, also when names repeat or there are no rows. An int8 or numeric that a
   * number cannot represent is returned as text.
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
   * Streams rows into a `COPY … FROM STDIN WITH (FORMAT binary)` and returns how many arrived. Each chunk holds whole
   * raw tuples (no file header or trailer: these are added here), as the COPY encoder makes them. All or nothing. The
   * producer of the chunks must not use this session: it is busy until the last of them.
   * @throws StoreError; an error of the producer aborts the COPY and is thrown as it is.
   */
  copyIn(sql: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<number>;
  /**
   * Streams the output of `COPY … TO STDOUT` in chunks cut at arbitrary bytes: with `(FORMAT binary)` header, tuples and trailer, else
   * lines of text or CSV. The connection is busy until the iteration ends; leaving the loop early reads the rest and discards
   * it.
   * @throws StoreError
   */
  copyOut(sql: string): AsyncIterable<Uint8Array>;
  /**
   * Reads a `COPY … TO STDOUT (FORMAT binary)`. `take` gets chunks cut at arbitrary bytes; it must not keep them. Reads that
   * are started in the same turn of the event loop are sent to a server in one message.
   * @throws StoreError; an error of `take` is thrown as it is.
   */
  read(sql: string, take: (chunk: Uint8Array) => void): Promise<void>;
  /**
   * Runs one statement without parameters whose result is not needed, or copies rows in like {@link copyIn}. It is sent now or, in a
   * transaction that `joins`, together with a later statement.
   * @throws StoreError, possibly for an earlier statement that was sent together with this one
   */
  later(sql: string, chunks?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * Runs the function under a savepoint: when it throws, only what it did is rolled back, and its error is thrown.
   * Inside a transaction only; savepoints nest.
   */
  savepoint<T>(fn: () => Promise<T>): Promise<T>;
  /**
   * Drizzle on this very connection. Its own `transaction` is refused inside a transaction (use `savepoint`). Errors
   * caught right at a Drizzle call are Drizzle's; those that leave the session are StoreErrors.
   */
  readonly orm: StoreOrm;
}

/** An open database: a pool of connections on PostgreSQL, one connection behind a queue on PGlite. */
export interface Database {
  readonly engine: DatabaseEngine;
  /** What was opened, password masked: for banners and messages. */
  readonly target: string;
  /**
   * Runs the function in a transaction: commits when it returns, rolls back when it throws.
   * @throws StoreError for every database failure; other errors of the function are thrown as they are. A function
   * that swallowed a failed statement gets `STORE_QUERY` at the end: nothing was committed.
   */
  transaction<T>(fn: (tx: Session) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs the function on one connection outside a transaction. */
  session<T>(fn: (session: Session) => Promise<T>): Promise<T>;
  /**
   * Refuses a large write when the disk of an embedded database has too little space; servers check that themselves.
   * @throws StoreError `STORE_DISK_FULL`
   */
  assertRoom?(bytes: number): Promise<void>;
  /** Waits for running work, then closes; calling it again does nothing. */
  close(): Promise<void>;
}
