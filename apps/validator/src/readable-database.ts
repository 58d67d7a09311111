import { assertDatabaseFolder, AT, beforeWork, waitingLine, type Surroundings } from '@ta/cli-kit';
import { describeTarget, openForReading, resolveDatabaseTarget, type Database } from '@ta/state-store';

/**
 * Opens the chosen database, whose schema must be there, and gives it to `work`.
 * @throws CliError `CLI_NO_DATABASE`, `CLI_DATABASE_UNUSABLE`
 */
export async function withDatabase<T>(
  around: Surroundings,
  options: { readonly dbUrl?: string; readonly poolSize: number },
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const target = resolveDatabaseTarget({ dbUrl: options.dbUrl, env: around.env, workspaceRoot: around.root });
  around.warn(`Database: ${describeTarget(target)}`);
  if (target.engine === 'pglite') assertDatabaseFolder(target.dir);
  const hold = {
    ...{ runId: `validator-${around.pid}`, command: 'validator', nowMs: around.now() },
    ...{ poolSize: options.poolSize, applicationName: 'validator' },
    onWait: (wait: Parameters<typeof waitingLine>[0]) => around.warn(waitingLine(wait)),
  };
  const { database, close } = await around.during(AT.opening, () => beforeWork(openForReading(target, hold)));
  try {
    return await around.during(AT.reading, () => work(database));
  } finally {
    await around.during(AT.closing, close);
  }
}
