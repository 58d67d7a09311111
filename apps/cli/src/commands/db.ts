import type { Argv, CommandModule } from 'yargs';
import type { Surroundings } from '@ta/cli-kit';
import { withReadableDatabase, withWritableDatabase } from '../database-access.ts';
import { assertNumber } from '../refresh-flags.ts';
import { logOptions, type LogFlags } from '../run-log.ts';

interface DbFlags extends LogFlags {
  action: 'migrate' | 'status';
  dbUrl?: string;
  waitLock: number;
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
        .option('db-url', { type: 'string', describe: 'Database' }),
    handler: async (args) => {
      const flags = args as unknown as DbFlags;
      assertNumber('wait-lock', flags.waitLock, (n) => Number.isFinite(n) && n >= 0, 'seconds, 0 or more');
      await (flags.action === 'migrate' ? migrateDatabase(around, flags) : showStatus(around, flags.dbUrl));
    },
  };
}

async function migrateDatabase(surroundings: Surroundings, flags: DbFlags): Promise<void> {
  const command = 'db migrate';
  const { dbUrl, waitLock: waitLockSeconds } = flags;
  const { withCommandLog } = await import('../command-log.ts');
  await withCommandLog(surroundings, flags, command, {}, ({ around, runId }) =>
    withWritableDatabase(around, { dbUrl, command, runId, waitLockSeconds }, async ({ database }) => {
      const { migrationStatus } = await import('@ta/state-store');
      const { applied } = await migrationStatus(database);
      around.print(`[OK] Schema is up to date: ${applied.length} migrations`);
    }),
  );
}

async function showStatus(around: Surroundings, dbUrl: string | undefined): Promise<void> {
  const { migrationStatus } = await import('@ta/state-store');
  await withReadableDatabase(around, { dbUrl, hasSchema: false }, async ({ database }) => {
    const status = await migrationStatus(database);
    around.print(`Database: ${database.target}`);
    around.print(`Applied: ${status.applied.length}`);
    around.print(`Pending: ${status.pending.length === 0 ? 'none' : status.pending.join(', ')}`);
    if (status.newer.length > 0) around.print(`Unknown to this program (newer): ${status.newer.join(', ')}`);
  });
}
