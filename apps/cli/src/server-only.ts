import { CliError, type Surroundings } from '@ta/cli-kit';
import type { DatabaseTarget } from '@ta/state-store';

/**
 * Refuses a feature that needs several processes when the database serves only one.
 *
 * @param what the flag or command, as typed
 * @throws CliError `code`
 */
export function assertServer(target: DatabaseTarget, what: string, code: `CLI_${string}`, hint: string): void {
  if (target.engine === 'postgres') return;
  throw new CliError(code, `${what} needs a PostgreSQL server: PGlite serves one process at a time`, { hint });
}

/**
 * Refuses a feature that needs a queue and workers when the database serves only one process.
 *
 * @throws CliError `CLI_QUEUE_NEEDS_SERVER`
 */
export async function assertQueueServer(
  around: Surroundings,
  dbUrl: string | undefined,
  what: string,
): Promise<DatabaseTarget> {
  const { resolveDatabaseTarget } = await import('@ta/state-store');
  const target = resolveDatabaseTarget({ dbUrl, env: around.env, workspaceRoot: around.root });
  assertServer(target, what, 'CLI_QUEUE_NEEDS_SERVER', 'Set DATABASE_URL or --db-url to a PostgreSQL server.');
  return target;
}
