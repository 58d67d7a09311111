import path from 'node:path';
import {
  assertDatabaseFolder,
  assertOwnedWords,
  assertWhole,
  beforeWork,
  CliError,
  commandOf,
  flag,
  waitingLine,
  type Argv,
  type CommandModule,
  type FlagsOf,
  type OwnedWords,
  type Surroundings,
} from '@ta/cli-kit';
import type { Database } from '@ta/state-store';
import { withReadableDatabase } from '../readable-database.ts';
import { newRunId } from '../run-id.ts';
import { bytesText } from '../report/bytes-text.ts';
import { offerQueue } from '../distribution.ts';
import { logOptions } from '../run-log.ts';

const LAYOUTS = ['plain', 'partitioned', 'citus'] as const;

const options = (yargs: Argv) =>
  logOptions(yargs)
    .positional(
      'action',
      flag.oneOf(
        ['migrate', 'status', 'backup'],
        'Create or update the tables; show version and sizes; or copy an embedded database',
        { demandOption: true },
      ),
    )
    .positional('folder', flag.text('backup: folder for the copy; it must not exist yet'))
    .options({
      'wait-lock': flag.waitLock('migrate, backup'),
      layout: flag.oneOf(
        LAYOUTS,
        'migrate: whole tables, tables split by id, or tables spread over the servers of a Citus cluster',
      ),
      partitions: flag.number(
        'migrate: split each table of multi-day bars and EMAs into this many hash partitions by id; 1: do not split',
      ),
      shards: flag.number('migrate --layout citus: shards of each table (default 32)'),
      'db-url': flag.text('Database URL'),
    });
type DbFlags = FlagsOf<typeof options>;

const OWNED: OwnedWords = {
  folder: ['backup'],
  '--layout': ['migrate'],
  '--partitions': ['migrate'],
  '--shards': ['migrate'],
};

/** `ta db migrate|status|backup`: the schema of the selected database, and a copy of an embedded one. */
export function dbCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'db <action> [folder]',
    describe: 'Create or inspect the database schema; back up an embedded database',
    builder: options,
    handler: async (flags) => {
      assertOwnedWords('ta db', flags.action, flags, OWNED);
      if (flags.action === 'backup') return backUp(around, flags);
      await assertLayout(flags);
      await (flags.action === 'migrate' ? migrateDatabase(around, flags) : showStatus(around, flags.dbUrl));
    },
  });
}

async function backUp(around: Surroundings, { folder, dbUrl, waitLock }: DbFlags): Promise<void> {
  if (folder === undefined || folder.trim() === '') {
    throw new CliError('CLI_NO_FOLDER', 'db backup: the folder for the copy is missing', {
      hint: 'ta db backup backups/2026-11-29',
    });
  }
  const { acquireRunLock, backUpFolder, describeTarget, resolveDatabaseTarget } = await import('@ta/state-store');
  const target = resolveDatabaseTarget({ dbUrl, env: around.env, workspaceRoot: around.root });
  if (target.engine === 'postgres' || target.dir === null) {
    throw new CliError('CLI_BACKUP_EMBEDDED', 'ta db backup copies an embedded database; this one is on a server', {
      hint: 'On a server use pg_dump --format=custom --file=FILE "$DATABASE_URL", and pg_restore.',
    });
  }
  around.warn(`Database: ${describeTarget(target)}`);
  const { dir } = target;
  assertDatabaseFolder(dir);
  const nowMs = around.now();
  const onWait = (wait: Parameters<typeof waitingLine>[0]) => around.warn(waitingLine(wait));
  const request = { runId: newRunId(nowMs), command: 'db backup', waitMs: waitLock * 1000, nowMs, onWait };
  const lock = await beforeWork(acquireRunLock(target, request));
  try {
    const to = path.resolve(around.root, folder);
    const { tables, rows } = await around.during('Copying, and reading the copy', () => backUpFolder(dir, to));
    around.print(`[OK] Backup: ${to}, ${tables} tables with ${rows} rows, all of them read`);
    around.print(`  The copy can be used as a database: DB_DIR=${to} ta db status`);
  } finally {
    await lock.release();
  }
}

async function assertLayout({ layout, partitions, shards }: DbFlags): Promise<void> {
  const { MOST_PARTITIONS, MOST_SHARDS } = await import('@ta/state-store');
  assertWhole('partitions', partitions, layout === 'partitioned' ? 2 : 1, MOST_PARTITIONS);
  assertWhole('shards', shards, 1, MOST_SHARDS);
  if (layout === 'partitioned' && partitions === undefined) {
    throw new CliError('CLI_CONFLICT', '--layout partitioned needs --partitions of at least 2');
  }
  if (layout !== undefined && layout !== 'partitioned' && partitions !== undefined) {
    throw new CliError('CLI_CONFLICT', `--partitions and --layout ${layout} exclude each other`);
  }
  if (layout !== 'citus' && shards !== undefined) throw new CliError('CLI_CONFLICT', '--shards needs --layout citus');
}

async function migrateDatabase(surroundings: Surroundings, flags: DbFlags): Promise<void> {
  const { withLoggedDatabase } = await import('../command-log.ts');
  const { migrationStatus } = await import('@ta/state-store');
  const command = { flags, command: 'db migrate', facts: {}, makesDatabase: true } as const;
  await withLoggedDatabase(surroundings, command, async ({ around, database }) => {
    const { applied } = await migrationStatus(database);
    around.print(`[OK] Schema is up to date: ${applied.length} migrations`);
    await offerQueue(around, database);
    if (flags.layout === 'citus') return distribute(around, database, flags.shards);
    const partitions = flags.partitions ?? (flags.layout === 'plain' ? 1 : undefined);
    if (partitions !== undefined) await partition(around, database, partitions);
  });
}

async function partition(around: Surroundings, database: Database, partitions: number): Promise<void> {
  const { assertOnOneServer, partitionTables } = await import('@ta/state-store');
  await database.session(assertOnOneServer);
  const { tables, rows } = await partitionTables(database, partitions);
  around.print(`[OK] Partitions by id: ${partitions}; ${tables} tables changed, ${rows} rows moved`);
  if (tables > 0) around.warn('[INFO] Rights granted on these tables have to be granted again (roles.sql)');
}

/** The function of Citus that frees the rows that a table had before it was distributed. */
const FREE_LOCAL_ROWS = 'truncate_local_data_after_distributing_table';

async function distribute(around: Surroundings, database: Database, shards: number | undefined): Promise<void> {
  const { distributeByAsset } = await import('@ta/state-store');
  const { version, servers, byAsset, everywhere, changed, hadRows } = await distributeByAsset(database, shards);
  for (const table of changed) around.print(`${everywhere.includes(table) ? 'On every server' : 'By id'}: ${table}`);
  around.print(
    `[OK] ${version}, ${servers} servers: ${byAsset.length} tables by id, ${everywhere.length} on every server; ` +
      `${changed.length} tables changed`,
  );
  if (hadRows.length === 0) return;
  around.warn(`[INFO] This server also keeps a copy of the earlier rows. To free their space, run for each table:`);
  for (const table of hadRows) around.warn(`  SELECT ${FREE_LOCAL_ROWS}('public.${table}');`);
}

async function showStatus(around: Surroundings, dbUrl: string | undefined): Promise<void> {
  const { migrationStatus, readDistribution, readPartitions } = await import('@ta/state-store');
  await withReadableDatabase(around, { dbUrl, hasSchema: false }, async ({ database }) => {
    const status = await migrationStatus(database);
    around.print(`Database: ${database.target}`);
    around.print(`Migrations applied: ${status.applied.length}`);
    around.print(`Migrations pending: ${status.pending.length === 0 ? 'none' : status.pending.join(', ')}`);
    if (status.pending.length === 0) {
      const partitions = await database.session(readPartitions);
      around.print(`Partitions by id: ${partitions ?? 'differ; run `ta db migrate --partitions` again'}`);
    }
    const distribution = status.pending.length === 0 ? await database.session(readDistribution) : null;
    if (distribution !== null && distribution.byAsset.length > 0) {
      const { version, servers, byAsset } = distribution;
      around.print(`Servers: ${servers} (${version}; ${byAsset.length} tables by id)`);
    }
    await showSizes(around, database);
    if (status.newer.length > 0) around.print(`Unknown to this program (newer): ${status.newer.join(', ')}`);
  });
}

/** Bytes of each table that has rows, and of the log of an embedded database. */
async function showSizes(around: Surroundings, database: Database): Promise<void> {
  const { readLogBytes, readTableSizes } = await import('@ta/state-store');
  const [tables, logBytes] = await database.session(async (session) => [
    await readTableSizes(session),
    await readLogBytes(session),
  ]);
  const total = tables.reduce((sum, { bytes }) => sum + bytes, 0);
  const log = logBytes === null ? '' : `; write-ahead log ${bytesText(logBytes)}`;
  around.print(`Size: tables with indexes ${bytesText(total)}${log}`);
  const large = tables.filter(({ bytes }) => bytes >= SHOWN_BYTES);
  for (const { table, bytes } of large) around.print(`  ${bytesText(bytes).padStart(8)}  ${table}`);
  if (large.length < tables.length) {
    const rest = tables.slice(large.length).reduce((sum, { bytes }) => sum + bytes, 0);
    around.print(
      `  ${bytesText(rest).padStart(8)}  ${tables.length - large.length} tables of less than ${bytesText(SHOWN_BYTES)} each`,
    );
  }
}

/** Tables with fewer bytes are shown as one line. */
const SHOWN_BYTES = 100_000;
