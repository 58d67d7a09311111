import type { Duplex } from 'node:stream';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';

import { StoreError } from '../errors.ts';
import { atStoreEdge, isAboutEncryption, toStoreError } from '../store-failure.ts';
import { maskUrl, type DatabaseTarget } from './database-url.ts';
import type { Database, ResultTable, Session, StoreOrm, TransactionOptions } from './database.ts';
import { assertCopyIn, assertCopyOut } from './copy-statement.ts';
import { Outbox } from './postgres-batch.ts';
import { receiveCopy, sendCopy } from './postgres-copy.ts';
import { drizzleParserOf, exactParserOf, parserOf, toParameter } from './row-values.ts';
import { assertOpen, commitRefused, openScope, ScopedSession, type SessionScope } from './session-scope.ts';
import { announceMessage, announceStatement } from './statement-channel.ts';
import { tlsPlan, type Encryption, type TlsPlan } from './tls.ts';

/** How {@link openPostgres} connects. */
export interface PostgresOptions {
  poolSize: number;
  applicationName: string;
  connectTimeoutMs: number;
}

const OLDEST_SERVER = 150_000;

/**
 * Settings that this program relies on; they override those of the server, the database or the role. The first ones decide how values
 * are read and written, the others which tables a name means, what a transaction sees, and that a connection may hold a lock without
 * a statement for as long as a run takes.
 */
const SESSION_SETTINGS = [
  "TimeZone TO 'UTC'",
  "DateStyle TO 'ISO, YMD'",
  'extra_float_digits TO 1',
  'bytea_output TO hex',
  'array_nulls TO on',
  'standard_conforming_strings TO on',
  'search_path TO public',
  "default_transaction_isolation TO 'read committed'",
  'idle_session_timeout TO 0',
]
  .map((setting) => `SET ${setting}`)
  .join('; ');

/** Commands whose row count is the number of changed rows; for SELECT it is the number of rows returned. */
const CHANGING = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY']);

/**
 * Opens a pool, and verifies with one connection that the server can be used. If the URL does not decide whether connections are
 * encrypted, the first attempt that succeeds decides it for the whole pool ({@link tlsPlan}).
 * @throws StoreError
 */
export async function openPostgres(
  target: Extract<DatabaseTarget, { engine: 'postgres' }>,
  options: PostgresOptions,
): Promise<Database> {
  const shown = `${maskUrl(target.url)} (${target.source})`;
  const plan = tlsPlan(target.url);
  const failures: StoreError[] = [];
  for (const encryption of plan.attempts) {
    try {
      return new PostgresDatabase(await provenPool(plan, encryption, options, shown), shown);
    } catch (error) {
      const failure = toStoreError(error, { connectingTo: shown });
      failures.push(failure);
      if (!isAboutEncryption(failure)) break;
    }
  }
  // report the server's own error in preference to the TLS failure
  throw failures.find(({ sqlstate }) => sqlstate !== undefined) ?? failures.at(-1);
}

async function provenPool(
  plan: TlsPlan,
  encryption: Encryption,
  options: PostgresOptions,
  shown: string,
): Promise<pg.Pool> {
  const pool = createPool(plan, encryption, options);
  try {
    const client = await pool.connect();
    try {
      await assertServer(client, shown);
    } finally {
      client.release();
    }
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

function createPool({ url, isDirect }: TlsPlan, encryption: Encryption, options: PostgresOptions): pg.Pool {
  // the pool's own time limit would include the wait for a free connection, but only connecting is to be limited
  class LimitedClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis: options.connectTimeoutMs });
      // without this listener, a checked-out connection that breaks while idle would end the process
      this.on('error', () => undefined);
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: (error: Error | null, client: pg.Client) => void): void;
    override connect(callback?: (error: Error | null, client: pg.Client) => void): Promise<pg.Client> | void {
      if (callback === undefined) return super.connect();
      // after some refusals (a missing password) the driver leaves the socket open, and with it the process
      const { connection } = this as unknown as { connection: { stream: Duplex } };
      super.connect((error: Error | null, client: pg.Client) => {
        if (error !== null) connection.stream.destroy();
        callback(error, client);
      });
    }
  }
  const pool = new pg.Pool({
    connectionString: url,
    ssl: encryption,
    ...(isDirect ? { sslnegotiation: 'direct' } : {}),
    max: options.poolSize,
    application_name: options.applicationName,
    // a server that vanished is noticed after about fifteen seconds: keepalives start after five idle seconds and are sent every
    // second
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    Client: LimitedClient,
    onConnect: async (client) => {
      await client.query(SESSION_SETTINGS);
    },
  } as pg.PoolConfig);
  pool.on('error', () => undefined); // the pool replaces an idle connection that broke
  return pool;
}

async function assertServer(client: pg.PoolClient, shown: string): Promise<void> {
  const answer = await client.query<{ server_version_num: string }>('SHOW server_version_num');
  const version = Number(answer.rows[0].server_version_num);
  if (version < OLDEST_SERVER) {
    const found = `${Math.floor(version / 10_000)}.${version % 10_000}`;
    throw new StoreError('STORE_CONFIG', `PostgreSQL 15 or newer is needed; ${shown} is ${found}.`);
  }
}

class PostgresDatabase implements Database {
  readonly engine = 'postgres';
  readonly target: string;
  private readonly pool: pg.Pool;
  private closing: Promise<void> | null = null;

  constructor(pool: pg.Pool, shown: string) {
    this.pool = pool;
    this.target = `PostgreSQL ${shown}`;
  }

  transaction<T>(fn: (tx: Session) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const isolation = options.isolation === undefined ? '' : ' ISOLATION LEVEL REPEATABLE READ';
    const begin = `BEGIN${isolation}${options.readOnly === true ? ' READ ONLY' : ''}`;
    return this.withClient({ isTransaction: true, joins: options.joins === true }, async (client, outbox, session) => {
      outbox.keep(begin, { isControl: true });
      if (options.joins !== true) await outbox.flush();
      try {
        const value = await fn(session);
        outbox.keep('COMMIT', { isControl: true });
        if ((await outbox.flush()) === 'ROLLBACK') throw commitRefused();
        return value;
      } catch (error) {
        await outbox.abandon(error);
        // the first error is the one to report
        if (outbox.hasSent) await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  session<T>(fn: (session: Session) => Promise<T>): Promise<T> {
    return this.withClient({ isTransaction: false, joins: false }, (_client, _outbox, session) => fn(session));
  }

  close(): Promise<void> {
    this.closing ??= this.pool.end();
    return this.closing;
  }

  private async withClient<T>(
    { isTransaction, joins }: { readonly isTransaction: boolean; readonly joins: boolean },
    fn: (client: pg.PoolClient, outbox: Outbox, session: Session) => Promise<T>,
  ): Promise<T> {
    if (this.closing !== null) {
      throw new StoreError('STORE_CONNECTION_LOST', `The connection pool of ${this.target} is closed.`);
    }
    let client: pg.PoolClient;
    try {
      client = await this.pool.connect();
    } catch (error) {
      throw toStoreError(error, { connectingTo: this.target.replace(/^PostgreSQL /, '') });
    }
    const scope = openScope(isTransaction);
    const outbox = new Outbox(client);
    try {
      return await fn(client, outbox, new PostgresSession(client, scope, outbox, joins));
    } catch (error) {
      throw atStoreEdge(error);
    } finally {
      scope.isOpen = false;
      // a connection with an open transaction is closed instead of reused, and the server rolls the transaction back
      client.release(client.getTransactionStatus() !== 'I');
    }
  }
}

/** Bytes of rows up to which a COPY waits for other statements; a longer one is sent immediately. */
const FEW_BYTES = 1 << 20;

async function* withRest(
  first: readonly Uint8Array[],
  rest: Iterator<Uint8Array> | AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* first;
  try {
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

class PostgresSession extends ScopedSession implements Session {
  readonly engine = 'postgres';
  private readonly client: pg.PoolClient;
  private readonly outbox: Outbox;
  private readonly joins: boolean;

  constructor(client: pg.PoolClient, scope: SessionScope, outbox: Outbox, joins: boolean) {
    super(scope);
    this.client = client;
    this.outbox = outbox;
    this.joins = joins;
  }

  async query<R = Record<string, unknown>>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    const result = await this.send(sql, params);
    return result.rows as R[];
  }

  async queryTable(sql: string): Promise<ResultTable> {
    const { fields, rows } = await this.send(sql, [], 'array');
    return { columns: fields.map(({ name }) => name), rows: rows as unknown[][] };
  }

  async run(sql: string, params?: readonly unknown[]): Promise<number> {
    // without parameters the driver uses the simple protocol, which accepts several statements
    const answer = params === undefined ? await this.sendScript(sql) : await this.send(sql, params);
    const results = Array.isArray(answer) ? answer : [answer];
    return results.reduce((sum, { command, rowCount }) => sum + (CHANGING.has(command) ? (rowCount ?? 0) : 0), 0);
  }

  async copyIn(sql: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<number> {
    await this.turn(sql);
    return sendCopy(this.client, sql, chunks);
  }

  async *copyOut(sql: string): AsyncGenerator<Uint8Array> {
    assertOpen(this.scope);
    await this.turn(sql);
    yield* receiveCopy(this.client, sql);
  }

  async read(sql: string, take: (chunk: Uint8Array) => void): Promise<void> {
    assertOpen(this.scope);
    assertCopyOut(sql);
    await this.outbox.read(sql, take);
  }

  async later(sql: string, chunks?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    assertOpen(this.scope);
    if (!this.joins) await (chunks === undefined ? this.run(sql) : this.copyIn(sql, chunks));
    else if (chunks === undefined) this.outbox.keep(sql);
    else await this.keepRows(sql, chunks);
    if (this.outbox.isFull) await this.outbox.flush();
  }

  protected override async beginSavepoint(statements: readonly string[]): Promise<void> {
    if (this.joins) for (const statement of statements) this.outbox.keep(statement);
    else await super.beginSavepoint(statements);
  }

  protected override async undoSavepoint(name: string, begun: string): Promise<void> {
    if (!this.outbox.forgetFrom(begun)) await super.undoSavepoint(name, begun);
  }

  /** Buffers the rows of a COPY to be sent later; a stream longer than {@link FEW_BYTES} is sent immediately. */
  private async keepRows(sql: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    assertCopyIn(sql);
    const iterator = Symbol.iterator in chunks ? chunks[Symbol.iterator]() : chunks[Symbol.asyncIterator]();
    const rows: Uint8Array[] = [];
    let bytes = 0;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      rows.push(next.value);
      bytes += next.value.length;
      if (bytes > FEW_BYTES) {
        await this.copyIn(sql, withRest(rows, iterator));
        return;
      }
    }
    if (bytes > 0) this.outbox.keep(sql, { rows });
  }

  /** Sends everything that is waiting, so that the connection is free for the next statement. */
  private async turn(sql: string): Promise<void> {
    assertOpen(this.scope);
    await this.outbox.flush();
    announceStatement(sql);
    announceMessage(1);
  }

  protected openOrm(): StoreOrm {
    return drizzle({ client: this.drizzleClient() });
  }

  private async send(sql: string, params: readonly unknown[], rowMode?: 'array'): Promise<pg.QueryResult> {
    await this.turn(sql);
    const config = {
      text: sql,
      values: params.map(toParameter),
      types: { getTypeParser: rowMode === 'array' ? exactParserOf : parserOf },
      queryMode: 'extended', // accepts only one statement, as with parameters and as on PGlite
      rowMode,
    };
    try {
      return await this.client.query(config as unknown as pg.QueryConfig);
    } catch (error) {
      throw toStoreError(error, { statement: sql });
    }
  }

  protected async sendScript(sql: string): Promise<pg.QueryResult | pg.QueryResult[]> {
    await this.turn(sql);
    try {
      return await this.client.query(sql);
    } catch (error) {
      throw toStoreError(error, { statement: sql });
    }
  }

  /** The part of a client that Drizzle uses, with the value rules of {@link Session}. */
  private drizzleClient(): pg.Client {
    const query = async (config: pg.QueryConfig, params?: unknown[]): Promise<pg.QueryResult> => {
      await this.turn(config.text);
      return this.client.query({ ...config, types: { getTypeParser: drizzleParserOf } } as pg.QueryConfig, params);
    };
    return { query } as unknown as pg.Client;
  }
}
