import type { Duplex } from 'node:stream';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';

import { atStoreEdge, isAboutEncryption, StoreError, toStoreError } from '../errors.ts';
import { maskUrl, type DatabaseTarget } from './database-url.ts';
import type { Database, ResultTable, Session, StoreOrm, TransactionOptions } from './database.ts';
import { receiveCopy, sendCopy } from './postgres-copy.ts';
import { drizzleParserOf, exactParserOf, parserOf, toParameter } from './row-values.ts';
import { assertOpen, commitRefused, openScope, ScopedSession, type SessionScope } from './session-scope.ts';
import { announceStatement } from './statement-channel.ts';
import { tlsPlan, type Encryption, type TlsPlan } from './tls.ts';

/** How {@link openPostgres} connects. */
export interface PostgresOptions {
  poolSize: number;
  applicationName: string;
  connectTimeoutMs: number;
}

const OLDEST_SERVER = 150_000;

/** What the values read and written here rely on, whatever the server, the database or the role has set. */
const SESSION_SETTINGS = "SET TIME ZONE 'UTC'; SET DateStyle TO 'ISO, YMD'; SET extra_float_digits TO 1";

/** Counts of these commands are rows changed; a SELECT's is not. */
const CHANGING = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY']);

/**
 * Opens a pool and proves by one connection that the server can be used. That one also settles, where the URL leaves it
 * open, whether the connections of the pool are encrypted ({@link tlsPlan}).
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
  // The pool's own time limit would also count the wait for a free connection; only connecting is limited.
  class LimitedClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis: options.connectTimeoutMs });
      // a checked-out connection that breaks while idle has no other listener, and would end the process
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
    // a server that vanished is noticed some fifteen seconds later: the system asks every second after the first five
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    Client: LimitedClient,
    onConnect: async (client) => {
      await client.query(SESSION_SETTINGS);
    },
  } as pg.PoolConfig);
  pool.on('error', () => undefined); // the pool drops an idle connection that broke and opens another
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
    return this.withClient(true, async (client, session) => {
      await this.control(client, begin);
      let value: T;
      try {
        value = await fn(session);
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined); // the first error is the one to report
        throw error;
      }
      const end = await this.control(client, 'COMMIT');
      if (end.command === 'ROLLBACK') throw commitRefused();
      return value;
    });
  }

  session<T>(fn: (session: Session) => Promise<T>): Promise<T> {
    return this.withClient(false, (_client, session) => fn(session));
  }

  close(): Promise<void> {
    this.closing ??= this.pool.end();
    return this.closing;
  }

  private async control(client: pg.PoolClient, statement: string): Promise<pg.QueryResult> {
    try {
      return await client.query(statement);
    } catch (error) {
      throw toStoreError(error, { statement });
    }
  }

  private async withClient<T>(
    isTransaction: boolean,
    fn: (client: pg.PoolClient, session: Session) => Promise<T>,
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
    try {
      return await fn(client, new PostgresSession(client, scope));
    } catch (error) {
      throw atStoreEdge(error);
    } finally {
      scope.isOpen = false;
      // a connection with a transaction still open is closed, not used again: the server then rolls back
      client.release(client.getTransactionStatus() !== 'I');
    }
  }
}

class PostgresSession extends ScopedSession implements Session {
  readonly engine = 'postgres';
  private readonly client: pg.PoolClient;

  constructor(client: pg.PoolClient, scope: SessionScope) {
    super(scope);
    this.client = client;
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
    // without parameters the driver's simple protocol is used, which takes several statements
    const answer = params === undefined ? await this.sendScript(sql) : await this.send(sql, params);
    const results = Array.isArray(answer) ? answer : [answer];
    return results.reduce((sum, { command, rowCount }) => sum + (CHANGING.has(command) ? (rowCount ?? 0) : 0), 0);
  }

  async copyIn(sql: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<number> {
    assertOpen(this.scope);
    announceStatement(sql);
    return sendCopy(this.client, sql, chunks);
  }

  copyOut(sql: string): AsyncIterable<Uint8Array> {
    assertOpen(this.scope);
    announceStatement(sql);
    return receiveCopy(this.client, sql);
  }

  protected openOrm(): StoreOrm {
    return drizzle({ client: this.drizzleClient() });
  }

  private async send(sql: string, params: readonly unknown[], rowMode?: 'array'): Promise<pg.QueryResult> {
    assertOpen(this.scope);
    announceStatement(sql);
    const config = {
      text: sql,
      values: params.map(toParameter),
      types: { getTypeParser: rowMode === 'array' ? exactParserOf : parserOf },
      queryMode: 'extended', // one statement only, as with parameters and as on PGlite
      rowMode,
    };
    try {
      return await this.client.query(config as unknown as pg.QueryConfig);
    } catch (error) {
      throw toStoreError(error, { statement: sql });
    }
  }

  protected async sendScript(sql: string): Promise<pg.QueryResult | pg.QueryResult[]> {
    assertOpen(this.scope);
    announceStatement(sql);
    try {
      return await this.client.query(sql);
    } catch (error) {
      throw toStoreError(error, { statement: sql });
    }
  }

  /** The part of a client that Drizzle uses, with our value rules. */
  private drizzleClient(): pg.Client {
    const query = (config: pg.QueryConfig, params?: unknown[]): Promise<pg.QueryResult> => {
      assertOpen(this.scope);
      announceStatement(config.text);
      return this.client.query({ ...config, types: { getTypeParser: drizzleParserOf } } as pg.QueryConfig, params);
    };
    return { query } as unknown as pg.Client;
  }
}
