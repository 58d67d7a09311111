import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, codeOf, EXIT, type Surroundings } from '@ta/cli-kit';
import type { RefreshObserver } from '@ta/pipeline';
import type { ConnectionSlots, Database } from '@ta/state-store';

/** Connections of a run besides those of its workers: the run lock and the run history. */
const BESIDE_WORKERS = 2;

const HINT = 'Close other clients, lower --concurrency, or raise max_connections on the server.';

/** How many connections a run of so many workers needs. */
export function connectionsNeeded(concurrency: number): number {
  return concurrency + BESIDE_WORKERS;
}

/** The message that the guide promises (docs/operations.md); `null` where the server admits nobody who could ask it. */
export function tooManyConnections(slots: ConnectionSlots | null, needed: number): string {
  const state = slots === null ? 'none is free' : `${slots.used}/${slots.max} in use`;
  return `Too many database connections: ${state}, ${needed} needed`;
}

/**
 * Opens a connection, again after each wait while the server has none free.
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
 * How many workers may run, given the free connections of the server: what was asked for, or fewer with a warning. Two
 * connections are open already, the run lock's and one of the pool.
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
  // at the worst the one open connection of the pool serves the worker and the history in turn
  const affordable = Math.max(1, slots.free);
  if (affordable < wanted) {
    around.warn(`[WARNING] ${tooManyConnections(slots, needed)}; going on with --concurrency ${affordable}. ${HINT}`);
  }
  return affordable;
}

/** Says how full the server is, once per component in which ids failed for want of a connection. */
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
