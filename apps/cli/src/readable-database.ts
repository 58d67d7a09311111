import { assertDatabaseFolder, AT, beforeWork, waitingLine, type Surroundings } from '@ta/cli-kit';
import { newRunId } from './run-id.ts';
import type { OpenDatabase } from './writable-database.ts';

/**
 * Opens the chosen database without changing it.
 *
 * @param flags.hasSchema false for a command that also works on a database without tables
 */
export async function withReadableDatabase<T>(
  around: Surroundings,
  flags: { dbUrl?: string; hasSchema?: boolean },
  work: (open: Pick<OpenDatabase, 'database' | 'target'>) => Promise<T>,
): Promise<T> {
  const { openForReading, resolveDatabaseTarget } = await import('@ta/state-store/open');
  const target = resolveDatabaseTarget({ dbUrl: flags.dbUrl, env: around.env, workspaceRoot: around.root });
  if (target.engine === 'pglite') assertDatabaseFolder(target.dir);
  const nowMs = around.now();
  const hold = { runId: newRunId(nowMs), command: 'read', nowMs, hasSchema: flags.hasSchema, readsOnly: true };
  const onWait = (wait: Parameters<typeof waitingLine>[0]) => around.warn(waitingLine(wait));
  const { database, close } = await around.during(AT.opening, () =>
    beforeWork(openForReading(target, { ...hold, onWait })),
  );
  try {
    return await around.during(AT.reading, () => work({ database, target }));
  } finally {
    await around.during(AT.closing, close);
  }
}
