import type { Argv, CommandModule } from 'yargs';
import type { Surroundings } from '@ta/cli-kit';
import { withReadableDatabase, withWritableDatabase } from '../database-access.ts';

/** `ta db migrate|status`: the schema of the selected database. */
export function dbCommand(around: Surroundings): CommandModule {
  return {
    command: 'db <action>',
    describe: 'Create or inspect the database schema',
    builder: (yargs: Argv) =>
      yargs
        .positional('action', { choices: ['migrate', 'status'] as const, describe: 'What to do' })
        .option('db-url', { type: 'string', describe: 'Database' }),
    handler: async (args) => {
      const { action, dbUrl } = args as unknown as { action: 'migrate' | 'status'; dbUrl?: string };
      await (action === 'migrate' ? migrateDatabase(around, dbUrl) : showStatus(around, dbUrl));
    },
  };
}

async function migrateDatabase(around: Surroundings, dbUrl: string | undefined): Promise<void> {
  await withWritableDatabase(around, { dbUrl, command: 'db migrate' }, async ({ database }) => {
    const { migrationStatus } = await import('@ta/state-store');
    const { applied } = await migrationStatus(database);
    around.print(`[OK] Schema is up to date: ${applied.length} migrations`);
  });
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
