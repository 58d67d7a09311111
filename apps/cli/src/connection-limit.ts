import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, codeOf, EXIT, type Surroundings } from '@ta/cli-kit';
import type { RefreshObserver } from '@ta/pipeline';
import type { ConnectionSlots, Database } from '@ta/state-store';

/** Connections of a run besides those of its workers: the run lock and the run history. */
const BESIDE_WORKERS = 2;

const HINT = 'Close other clients, lower --concurrency, or raise max_connections on the server.';

/** Connections that a run with this concurrency needs. */
export function connectionsNeeded(concurrency: number): number {
  return concurrency + BESIDE_WORKERS;
}

/** The error message of docs/operations.md#troubleshooting. @param slots null when not even one connection could be opened to count them */
export function tooManyConnections(slots: ConnectionSlots | null, needed: number): string {
  const state = slots === null ? 'none is free' : `${slots.used}/${slots.max} in use`;
  return `Too many database connections: ${state}, ${needed} needed`;
}

/**
 * Opens a connection; while the server has none free, it tries again after each of the waits.
 *
 * @param needed connections that the run needs in all
 * @param delaysMs waits before the next attempt
 * @throws CliError `CLI_TOO_MANY_CONNECTIONS` (exit code 4) after the last wait
 */
export async function openWhenFree<T>(
  around: Pick<Surroundings, 'warn'>,
  needed: number,
  delaysMs: readonly number[],
  signal: AbortSignal | undefined,
  open: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await open();
    } catch (error) {
      if (codeOf(error) !== 'STORE_TOO_MANY_CONNECTIONS') throw error;
      const text = tooManyConnections(null, needed);
      const delayMs = delaysMs[attempt];
      if (delayMs === undefined || signal?.aborted === true) {
        const said = (error as Error).message;
        throw new CliError('CLI_TOO_MANY_CONNECTIONS', `${text} (${said})`, {
          ...{ exitCode: EXIT.unusable, hint: HINT, cause: error },
        });
      }
      around.warn(`[WARNING] ${text}; trying again in ${delayMs / 1000} s`);
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/**
 * The concurrency that the free connections of the server allow: the wanted one, or a lower one with a warning. Two
 * connections are open already: that of the run lock and one of the pool.
 */
export async function affordableConcurrency(
  around: Pick<Surroundings, 'warn'>,
  database: Database,
  wanted: number,
): Promise<number> {
  const { readConnectionSlots } = await import('@ta/state-store');
  const slots = await database.session(readConnectionSlots);
  const needed = connectionsNeeded(wanted);
  if (slots === null || needed <= slots.free + BESIDE_WORKERS) return wanted;
  // in the worst case a single connection of the pool serves the work and the run history in turn
  const affordable = Math.max(1, slots.free);
  if (affordable < wanted) {
    around.warn(`[WARNING] ${tooManyConnections(slots, needed)}; going on with --concurrency ${affordable}. ${HINT}`);
  }
  return affordable;
}

/** Warns once per component, with the connection counts of the server, when ids failed because no connection was free. */
export function fullServerWatch(
  around: Pick<Surroundings, 'warn'>,
  open: { readonly database: Database; readonly concurrency: number },
): RefreshObserver {
  let isHit = false;
  return {
    itemFinished({ error }) {
      isHit ||= codeOf(error) === 'STORE_TOO_MANY_CONNECTIONS';
    },
    async componentFinished() {
      if (!isHit) return;
      isHit = false;
      const { readConnectionSlots } = await import('@ta/state-store');
      const slots = await open.database.session(readConnectionSlots).catch(() => null);
      around.warn(`[ERROR] ${tooManyConnections(slots, connectionsNeeded(open.concurrency))}. ${HINT}`);
    },
  };
}
