import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dimensionSeeds } from '@ta/pipeline';
import {
  migrate,
  openDatabase,
  quoteIdentifier,
  seedDimensions,
  type Database,
  type DimensionSeeds,
} from '@ta/state-store';
import { startPostgres, type PostgresServer } from '../postgres-server.ts';
import { treeCpuSeconds } from './server-cpu.ts';

/** Settings that differ from the server's defaults. Writes stay as safe as in operation. */
const SETTINGS = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', max_wal_size: '4GB' };

/** Settings shown with the results. */
const SHOWN = [
  ...Object.keys(SETTINGS),
  'shared_buffers',
  'wal_level',
  'wal_compression',
  'autovacuum',
  'checkpoint_timeout',
];

/** Ids that a run works on at the same time, as by default on PostgreSQL, and connections of a bare COPY. */
export const CONCURRENCY = 4;

/** A throw-away server and the databases made on it. */
export class Workbench {
  readonly serverVersion: string;
  private readonly server: PostgresServer;
  private readonly admin: Database;
  private readonly serverPid: number;
  private readonly say: (line: string) => void;
  private readonly finished = new Map<string, string>();
  private made = 0;

  private constructor(server: PostgresServer, admin: Database, serverPid: number, say: (line: string) => void) {
    this.server = server;
    this.admin = admin;
    this.serverPid = serverPid;
    this.serverVersion = server.version;
    this.say = say;
  }

  /** Starts the server. @param say prints progress */
  static async start(say: (line: string) => void): Promise<Workbench> {
    const binDir = process.env['TEST_PG_BINDIR'] || undefined;
    const server = await startPostgres({ settings: SETTINGS, binDir });
    try {
      const admin = await openDatabase({ engine: 'postgres', url: server.url, source: 'bench' }, { poolSize: 1 });
      const [pid] = (await readFile(join(server.dataDir, 'postmaster.pid'), 'utf8')).split('\n');
      return new Workbench(server, admin, Number(pid), say);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.admin.close();
    await this.server.stop();
  }

  /** Prints progress. */
  note(line: string): void {
    this.say(line);
  }

  /** The server's settings that matter for writing, by name. */
  async settings(): Promise<Record<string, string>> {
    const rows = await this.admin.session((session) =>
      session.query<{ name: string; value: string }>(
        'SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY($1::text[]) ORDER BY name',
        [SHOWN],
      ),
    );
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  }

  url(name: string): string {
    const url = new URL(this.server.url);
    url.pathname = `/${name}`;
    return url.href;
  }

  /** Opens a database with a connection for each id that is worked on at the same time, and two more. */
  open(name: string): Promise<Database> {
    return openDatabase({ engine: 'postgres', url: this.url(name), source: 'bench' }, { poolSize: CONCURRENCY + 2 });
  }

  /** Opens a database for `work` and closes it, so that the server's statistics include the work afterwards. */
  async using<T>(name: string, work: (database: Database) => Promise<T>): Promise<T> {
    const database = await this.open(name);
    try {
      return await work(database);
    } finally {
      await database.close();
      await this.untilUnused(name);
    }
  }

  /** Makes a database: a copy of `template`, or a fresh schema with its dimensions. */
  async create(purpose: string, template?: string): Promise<string> {
    const name = `bench_${++this.made}_${purpose}`;
    const from = template ?? (await this.once('empty', () => this.createEmpty('bench_empty', dimensionSeeds())));
    await this.statement(`CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${quoteIdentifier(from)}`);
    return name;
  }

  /** Makes a fresh schema with dimensions of its own. */
  createSeeded(purpose: string, seeds: DimensionSeeds): Promise<string> {
    return this.createEmpty(`bench_${++this.made}_${purpose}`, seeds);
  }

  async drop(name: string): Promise<void> {
    await this.statement(`DROP DATABASE ${quoteIdentifier(name)}`);
  }

  /** Makes a database once and hands it to every scenario that asks for the same thing; such a database is not changed. */
  async once(key: string, make: () => Promise<string>): Promise<string> {
    const name = this.finished.get(key) ?? (await make());
    this.finished.set(key, name);
    return name;
  }

  /** Runs one statement outside a transaction, in the database `postgres`. */
  async statement(sql: string): Promise<void> {
    await this.admin.session((session) => session.run(sql));
  }

  checkpoint(): Promise<void> {
    return this.statement('CHECKPOINT');
  }

  async walBytes(): Promise<number> {
    const [{ bytes }] = await this.admin.session((session) =>
      session.query<{ bytes: number }>(`SELECT (pg_current_wal_insert_lsn() - '0/0')::float8 AS bytes`),
    );
    return bytes;
  }

  serverCpuSeconds(): Promise<number> {
    return treeCpuSeconds(this.serverPid);
  }

  /** How many statements clients sent to a database during `work`. */
  async countStatements(name: string, work: () => Promise<unknown>): Promise<number> {
    const set = `ALTER DATABASE ${quoteIdentifier(name)}`;
    const log = join(dirname(this.server.dataDir), 'log');
    await this.statement(`${set} SET log_statement = 'all'`);
    const before = (await readFile(log, 'utf8')).length;
    try {
      await work();
      await this.untilUnused(name);
    } finally {
      await this.statement(`${set} RESET log_statement`);
    }
    const lines = (await readFile(log, 'utf8')).slice(before);
    return [...lines.matchAll(/ LOG: {2}(statement: |execute )/g)].length;
  }

  private async createEmpty(name: string, seeds: DimensionSeeds): Promise<string> {
    await this.statement(`CREATE DATABASE ${quoteIdentifier(name)}`);
    await this.using(name, async (database) => {
      await migrate(database);
      await seedDimensions(database, seeds);
    });
    return name;
  }

  private async untilUnused(name: string): Promise<void> {
    for (let attempt = 0; attempt < 400; attempt++) {
      const [{ n }] = await this.admin.session((session) =>
        session.query<{ n: number }>(
          `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
          [name],
        ),
      );
      if (n === 0) return;
      await sleep(25);
    }
    throw new Error(`database ${name} is still in use after 10 seconds`);
  }
}
