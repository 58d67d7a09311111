import type { CliError } from '@ta/cli-kit';
import { StoreError, type Database, type Session } from '@ta/state-store';
import { describe, expect, it } from 'vitest';
import { affordableConcurrency, connectionsNeeded, openWhenFree, tooManyConnections } from './connection-limit.ts';

/** Keeps the messages to the operator. */
function listener() {
  const lines: string[] = [];
  return { lines, warn: (line: string) => void lines.push(line) };
}

const full = () => Promise.reject(new StoreError('STORE_TOO_MANY_CONNECTIONS', 'sorry, too many clients already'));

describe('A server without a free connection', () => {
  it('is asked again after each wait, and then given up with exit code 4', async () => {
    const around = listener();
    const error = await openWhenFree(around, 6, [1, 2], undefined, full).catch((thrown: CliError) => thrown);
    expect(error).toMatchObject({ code: 'CLI_TOO_MANY_CONNECTIONS', exitCode: 4 });
    expect((error as CliError).message).toBe(
      'Too many database connections: none is free, 6 needed (sorry, too many clients already)',
    );
    expect((error as CliError).hint).toContain('raise max_connections');
    expect(around.lines).toEqual(
      [0.001, 0.002].map((s) => `[WARNING] ${tooManyConnections(null, 6)}; trying again in ${s} s`),
    );
  });

  it('is used as soon as it has one', async () => {
    let calls = 0;
    const open = () => (++calls < 3 ? full() : Promise.resolve('open'));
    expect(await openWhenFree(listener(), 6, [1, 1, 1], undefined, open)).toBe('open');
    expect(calls).toBe(3);
  });

  it('is not waited for once the run was told to end', async () => {
    const opening = openWhenFree(listener(), 6, [60_000], AbortSignal.abort(), full);
    await expect(opening).rejects.toMatchObject({ code: 'CLI_TOO_MANY_CONNECTIONS' });
  });

  it('does not hide other failures', async () => {
    const refuse = () => Promise.reject(new StoreError('STORE_AUTHENTICATION', 'wrong password'));
    await expect(openWhenFree(listener(), 6, [1], undefined, refuse)).rejects.toMatchObject({
      code: 'STORE_AUTHENTICATION',
    });
  });
});

describe('The concurrency that a server can afford', () => {
  /** A server on which two connections of ours are open already. */
  const server = (max: number, used: number): Database => {
    const limits = { is_superuser: false, server_max: max, server_reserved: 3, server_used: used };
    const none = { database_max: -1, database_used: 0, role_max: -1, role_used: 0 };
    const session = { engine: 'postgres', query: () => Promise.resolve([{ ...limits, ...none }]) };
    return { session: (fn: (session: Session) => unknown) => fn(session as unknown as Session) } as unknown as Database;
  };

  it('is what was asked for while there are enough free connections', async () => {
    const around = listener();
    expect(await affordableConcurrency(around, server(100, 93), 4)).toBe(4);
    expect(around.lines).toEqual([]);
  });

  it('is lower when there are not, with a warning', async () => {
    const around = listener();
    expect(await affordableConcurrency(around, server(100, 94), 4)).toBe(3);
    expect(around.lines[0]).toContain(
      `[WARNING] Too many database connections: 94/100 in use, ${connectionsNeeded(4)} needed; going on with --concurrency 3.`,
    );
  });

  it('is never below one', async () => {
    expect(await affordableConcurrency(listener(), server(100, 97), 4)).toBe(1);
    expect(await affordableConcurrency(listener(), server(100, 99), 4)).toBe(1);
  });
});
