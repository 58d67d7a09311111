import { AsyncLocalStorage } from 'node:async_hooks';
import { PGlite, types, type QueryOptions, type Results } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';

import { StoreError } from '../errors.ts';
import { atStoreEdge, toStoreError } from '../store-failure.ts';
import { describeTarget, type DatabaseTarget } from './database-url.ts';
import type { Database, ResultTable, Session, StoreOrm, TransactionOptions } from './database.ts';
import { isBinaryCopyOut } from './copy-statement.ts';
import { readBlob, readCopyMessages, sendBlobs, type PgliteRunner } from './pglite-copy.ts';
import { ARRAY_TYPES, drizzleParserOf, exactParserOf, parserOf, parserTable, toParameter } from './row-values.ts';
import { guardFolder, type FolderGuard } from './folder-guard.ts';
import { assertRoom } from './disk-room.ts';
import { isLogLong, SESSION_SETTINGS, startOnFolder } from './folder-pglite.ts';
import { letOthersIn } from './let-others-in.ts';
import { assertReachable, copyInto, finishFolder, openFailure, prepareFolder } from './pglite-folder.ts';
import { assertOpen, commitRefused, openScope, ScopedSession, type SessionScope } from './session-scope.ts';
import { announceStatement } from './statement-channel.ts';

const PARSERS = parserTable(parserOf);
const EXACT_PARSERS = parserTable(exactParserOf);
const DRIZZLE_PARSERS = parserTable(drizzleParserOf);
const SERIALIZERS = Object.fromEntries(
  ARRAY_TYPES.map(([oid, arrayOid]) => [
    arrayOid,
    (value: unknown) => types.arraySerializer(value, types.serializers[oid], arrayOid),
  ]),
);

/**
 * Opens an embedded database, and creates it if needed. Only one process at a time may have a folder open, even for
 * reading: two would destroy the database.
 * @throws StoreError `STORE_BUSY` when the folder is open in another process; `STORE_CONFIG` when it is not a database of this
 * version; `STORE_PERMISSION`, `STORE_DISK_FULL`
 */
export async function openPglite(
  target: Extract<DatabaseTarget, { engine: 'pglite' }>,
  options: FolderOptions = {},
): Promise<Database> {
  const shown = describeTarget(target);
  let guard: FolderGuard | null = null;
  try {
    guard = target.dir === null ? null : await guardFolder(target.dir);
    const pglite = target.dir === null ? await openMemory() : await openFolder(target.dir, options);
    return new PgliteDatabase(pglite, target.dir, shown, guard);
  } catch (thrown) {
    await guard?.release();
    throw openFailure(toStoreError(thrown), shown);
  }
}

async function openMemory(): Promise<PGlite> {
  const pglite = await PGlite.create();
  await pglite.exec(SESSION_SETTINGS.map((setting) => `SET ${setting}`).join('; '));
  return pglite;
}

/** The options of {@link openPglite}; see OpenOptions. */
interface FolderOptions {
  readonly readsOnly?: boolean;
  readonly image?: () => Promise<string | null>;
}

async function openFolder(dir: string, { readsOnly = false, image }: FolderOptions): Promise<PGlite> {
  if ((await prepareFolder(dir)) === 'database') {
    return startOnFolder(dir, readsOnly).catch(async (error: unknown) => {
      await assertReachable(dir);
      throw error;
    });
  }
  const source = (await image?.()) ?? null;
  if (source !== null) copyInto(dir, source);
  const pglite = await startOnFolder(dir, readsOnly);
  await finishFolder(dir);
  return pglite;
}

class PgliteDatabase implements Database {
  readonly engine = 'pglite';
  readonly target: string;
  private readonly pglite: PGlite;
  /** Null in memory. */
  private readonly dir: string | null;
  private readonly guard: FolderGuard | null;
  private closing: Promise<void> | null = null;
  /** The end of the queue of sessions: only one at a time may use the single connection. */
  private last: Promise<unknown> = Promise.resolve();
  private readonly owner = new AsyncLocalStorage<SessionScope>();

  constructor(pglite: PGlite, dir: string | null, shown: string, guard: FolderGuard | null) {
    this.pglite = pglite;
    this.dir = dir;
    this.guard = guard;
    this.target = shown;
  }

  transaction<T>(fn: (tx: Session) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const { readOnly = false, isolation } = options;
    return this.exclusively(true, async (scope) => {
      if (!readOnly) await assertRoom(this.dir);
      const result = await this.pglite.transaction(async (tx) => {
        const modes = [
          isolation === undefined ? '' : 'ISOLATION LEVEL REPEATABLE READ',
          readOnly ? 'READ ONLY' : '',
        ].filter((mode) => mode !== '');
        if (modes.length > 0) await tx.exec(`SET TRANSACTION ${modes.join(', ')}`);
        return fn(new PgliteSession(this.pglite, tx, scope, this.dir));
      });
      if (!readOnly) await this.shortenLog();
      return result;
    });
  }

  /**
   * Starts a checkpoint if the log is long. A failure is ignored: committed data are safe, and the next write reports a full
   * disk.
   */
  private async shortenLog(): Promise<void> {
    if (this.dir === null || !isLogLong(this.dir)) return;
    await this.pglite.exec('CHECKPOINT').catch(() => undefined);
  }

  assertRoom(bytes: number): Promise<void> {
    return assertRoom(this.dir, bytes);
  }

  session<T>(fn: (session: Session) => Promise<T>): Promise<T> {
    return this.exclusively(false, (scope) => fn(new PgliteSession(this.pglite, this.pglite, scope, this.dir)));
  }

  close(): Promise<void> {
    this.closing ??= this.last.then(async () => {
      // up to Node 22, an AsyncLocalStorage that was used slows down every promise of the process until it is disabled
      this.owner.disable();
      if (!this.pglite.closed) await this.pglite.close();
      await this.guard?.release();
    });
    return this.closing;
  }

  private async exclusively<T>(isTransaction: boolean, fn: (scope: SessionScope) => Promise<T>): Promise<T> {
    if (this.closing !== null) throw new StoreError('STORE_CONNECTION_LOST', `${this.target} is closed.`);
    if (this.owner.getStore()?.isOpen === true) {
      throw new StoreError('STORE_BUSY', 'A session on PGlite was opened inside another one; it would wait forever.', {
        hint: 'Use the session that is open; PGlite has one connection.',
      });
    }
    const scope = openScope(isTransaction);
    const turn = this.last.then(() => this.owner.run(scope, () => fn(scope)));
    this.last = turn.catch(() => undefined);
    try {
      return await turn;
    } catch (error) {
      throw isAbortedCommit(error) ? commitRefused() : atStoreEdge(error);
    } finally {
      scope.isOpen = false;
    }
  }
}

function isAbortedCommit(error: unknown): boolean {
  return (
    error instanceof Error && 'query' in error && error.query === 'COMMIT' && 'code' in error && error.code === '25P02'
  );
}

class PgliteSession extends ScopedSession implements Session {
  readonly engine = 'pglite';
  private readonly dir: string | null;
  private readonly pglite: PGlite;
  private readonly runner: PgliteRunner;

  constructor(pglite: PGlite, runner: PgliteRunner, scope: SessionScope, dir: string | null) {
    super(scope);
    this.dir = dir;
    this.pglite = pglite;
    this.runner = runner;
  }

  async query<R = Record<string, unknown>>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    const { rows } = await this.send(sql, params);
    return rows as R[];
  }

  async queryTable(sql: string): Promise<ResultTable> {
    const { fields, rows } = await this.send(sql, [], 'array');
    return { columns: fields.map(({ name }) => name), rows: rows as unknown as unknown[][] };
  }

  async run(sql: string, params?: readonly unknown[]): Promise<number> {
    if (params !== undefined) return (await this.send(sql, params)).affectedRows ?? 0;
    // PGlite's row counts add up over the statements of one script
    return (await this.sendScript(sql)).at(-1)?.affectedRows ?? 0;
  }

  async copyIn(sql: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<number> {
    assertOpen(this.scope);
    announceStatement(sql);
    // a long stream becomes several COPY statements, which are atomic only inside a transaction
    if (this.scope.isTransaction) return sendBlobs(this.runner, sql, chunks, this.dir);
    return this.pglite.transaction((tx) => sendBlobs(tx, sql, chunks, this.dir));
  }

  copyOut(sql: string): AsyncIterable<Uint8Array> {
    assertOpen(this.scope);
    announceStatement(sql);
    return isBinaryCopyOut(sql)
      ? readBlob(this.runner, sql, this.scope.isTransaction)
      : readCopyMessages(this.pglite, sql);
  }

  async read(sql: string, take: (chunk: Uint8Array) => void): Promise<void> {
    for await (const chunk of this.copyOut(sql)) take(chunk);
  }

  async later(sql: string, chunks?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    await (chunks === undefined ? this.run(sql) : this.copyIn(sql, chunks));
  }

  protected openOrm(): StoreOrm {
    return drizzle({ client: this.drizzleClient() });
  }

  private async send(sql: string, params: readonly unknown[], rowMode?: 'array'): Promise<Results> {
    assertOpen(this.scope);
    announceStatement(sql);
    await letOthersIn();
    try {
      return await this.runner.query(sql, params.map(toParameter), {
        parsers: rowMode === 'array' ? EXACT_PARSERS : PARSERS,
        serializers: SERIALIZERS,
        rowMode,
      });
    } catch (error) {
      throw toStoreError(error, { statement: sql });
    }
  }

  protected async sendScript(sql: string): Promise<Results[]> {
    assertOpen(this.scope);
    announceStatement(sql);
    try {
      return await this.runner.exec(sql, { parsers: PARSERS });
    } catch (error) {
      throw toStoreError(error, { statement: sql });
    }
  }

  /** The part of PGlite that Drizzle uses, with the value rules of {@link Session}. */
  private drizzleClient(): PGlite {
    const over = (runner: PgliteRunner) => ({
      query: (sql: string, params: unknown[], options: QueryOptions) => {
        assertOpen(this.scope);
        announceStatement(sql);
        return runner.query(sql, params, { ...options, parsers: DRIZZLE_PARSERS, serializers: SERIALIZERS });
      },
    });
    const transaction = (fn: (tx: unknown) => Promise<unknown>) => this.pglite.transaction((tx) => fn(over(tx)));
    return { ...over(this.runner), transaction } as unknown as PGlite;
  }
}
