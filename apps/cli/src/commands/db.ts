import type { Argv, CommandModule, Surroundings } from '@ta/cli-kit';
import { withReadableDatabase, withWritableDatabase } from '../database-access.ts';
import { offerQueue } from '../distribution.ts';
import { assertNumber } from '../refresh-flags.ts';
import { logOptions, type LogFlags } from '../run-log.ts';

interface DbFlags extends LogFlags {
  action: 'migrate' | 'status';
  dbUrl?: string;
  waitLock: number;
  partitions?: number;
}

/** `ta db migrate|status`: the schema of the selected database. */
export function dbCommand(around: Surroundings): CommandModule {
  return {
    command: 'db <action>',
    describe: 'Create or inspect the database schema',
    builder: (yargs: Argv) =>
      logOptions(yargs)
        .positional('action', { choices: ['migrate', 'status'] as const, describe: 'What to do' })
        .option('wait-lock', { type: 'number', default: 0, describe: 'migrate: seconds to wait for another run' })
        .option('partitions', {
          type: 'number',
          describe: 'migrate: hash partitions by id of each table of multi-day bars and EMAs; 1: none',
        })
        .option('db-url', { type: 'string', describe: 'Database' }),
    handler: async (args) => {
      const flags = args as unknown as DbFlags;
      assertNumber('wait-lock', flags.waitLock, (n) => Number.isFinite(n) && n >= 0, 'seconds, 0 or more');
      if (flags.partitions !== undefined) await assertPartitions(flags.partitions);
      await (flags.action === 'migrate' ? migrateDatabase(around, flags) : showStatus(around, flags.dbUrl));
    },
  };
}

async function assertPartitions(partitions: number): Promise<void> {
  const { MOST_PARTITIONS } = await import('@ta/state-store');
  const isFit = (n: number) => Number.isInteger(n) && n >= 1 && n <= MOST_PARTITIONS;
  assertNumber('partitions', partitions, isFit, `a whole number from 1 to ${MOST_PARTITIONS}`);
}

async function migrateDatabase(surroundings: Surroundings, flags: DbFlags): Promise<void> {
  const command = 'db migrate';
  const { dbUrl, waitLock: waitLockSeconds, partitions } = flags;
  const { withCommandLog } = await import('../command-log.ts');
  await withCommandLog(surroundings, flags, command, {}, ({ around, runId }) =>
    withWritableDatabase(around, { dbUrl, command, runId, waitLockSeconds }, async ({ database }) => {
      const { migrationStatus, partitionTables } = await import('@ta/state-store');
      const { applied } = await migrationStatus(database);
      around.print(`[OK] Schema is up to date: ${applied.length} migrations`);
      await offerQueue(around, database);
      if (partitions === undefined) return;
      const { tables, rows } = await partitionTables(database, partitions);
      around.print(`[OK] Partitions by id: ${partitions}; ${tables} tables changed, ${rows} rows moved`);
      if (tables > 0) around.warn('[INFO] Rights granted on these tables have to be granted again (roles.sql)');
    }),
  );
}

async function showStatus(around: Surroundings, dbUrl: string | undefined): Promise<void> {
  const { migrationStatus, readPartitions } = await import('@ta/state-store');
  await withReadableDatabase(around, { dbUrl, hasSchema: false }, async ({ database }) => {
    const status = await migrationStatus(database);
    around.print(`Database: ${database.target}`);
    around.print(`Applied: ${status.applied.length}`);
    around.print(`Pending: ${status.pending.length === 0 ? 'none' : status.pending.join(', ')}`);
    if (status.pending.length === 0) {
      const partitions = await database.session(readPartitions);
      around.print(`Partitions by id: ${partitions ?? 'differ; run `ta db migrate --partitions` again'}`);
    }
    if (status.newer.length > 0) around.print(`Unknown to this program (newer): ${status.newer.join(', ')}`);
  });
}
