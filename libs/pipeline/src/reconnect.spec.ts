import { StoreError, type StoreErrorCode } from '@ta/state-store';
import { describe, expect, it } from 'vitest';
import { isDatabaseLost, isLockLost, withReconnect } from './reconnect.ts';

const POLICY = { reconnectDelaysMs: [1, 2, 3], fullServerDelaysMs: [4, 5], conflictDelaysMs: [6] };

/** Work that fails in these ways before it succeeds, and the messages meanwhile. */
async function attempts(codes: readonly StoreErrorCode[], policy = POLICY as Parameters<typeof withReconnect>[1]) {
  let calls = 0;
  const waits: number[] = [];
  const work = async () => {
    const code = codes[calls++];
    if (code !== undefined) throw new StoreError(code, `planted ${code}`);
    return 'done';
  };
  const outcome = await withReconnect(work, policy, (_, delayMs) => waits.push(delayMs)).catch(
    (error: StoreError) => error.code,
  );
  return { outcome, calls, waits };
}

describe('withReconnect', () => {
  it('runs work once when nothing fails', async () => {
    expect(await attempts([])).toEqual({ outcome: 'done', calls: 1, waits: [] });
  });

  it('tries again after each wait when the connection was lost or the server does not answer', async () => {
    const codes = ['STORE_CONNECTION_LOST', 'STORE_UNREACHABLE', 'STORE_CONNECTION_LOST'] as const;
    expect(await attempts(codes)).toEqual({ outcome: 'done', calls: 4, waits: [1, 2, 3] });
  });

  it('throws the last failure once the waits are used up', async () => {
    const codes = Array<StoreErrorCode>(9).fill('STORE_UNREACHABLE');
    expect(await attempts(codes)).toEqual({ outcome: 'STORE_UNREACHABLE', calls: 4, waits: [1, 2, 3] });
  });

  it('counts the waits for a full server apart', async () => {
    const codes = ['STORE_TOO_MANY_CONNECTIONS', 'STORE_CONNECTION_LOST', 'STORE_TOO_MANY_CONNECTIONS'] as const;
    expect(await attempts(codes)).toEqual({ outcome: 'done', calls: 4, waits: [4, 1, 5] });
  });

  it('does a transaction again that lost to another session', async () => {
    expect(await attempts(['STORE_CONFLICT'])).toEqual({ outcome: 'done', calls: 2, waits: [6] });
    expect(await attempts(['STORE_CONFLICT', 'STORE_CONFLICT'])).toEqual({
      ...{ outcome: 'STORE_CONFLICT', calls: 2 },
      waits: [6],
    });
  });

  it('throws every other failure at once', async () => {
    expect(await attempts(['STORE_CONSTRAINT'])).toEqual({ outcome: 'STORE_CONSTRAINT', calls: 1, waits: [] });
    expect(await attempts(['STORE_BUSY'])).toEqual({ outcome: 'STORE_BUSY', calls: 1, waits: [] });
  });

  it('does not wait once it was told to end', async () => {
    const signal = AbortSignal.abort();
    const ended = await attempts(['STORE_CONNECTION_LOST'], { ...POLICY, signal });
    expect(ended).toEqual({ outcome: 'STORE_CONNECTION_LOST', calls: 1, waits: [] });
  });

  it('stops waiting when it is told to end meanwhile, and asks once more', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 5);
    const policy = { reconnectDelaysMs: [60_000, 60_000], signal: controller.signal };
    const ended = await attempts(Array<StoreErrorCode>(3).fill('STORE_CONNECTION_LOST'), policy);
    expect(ended).toEqual({ outcome: 'STORE_CONNECTION_LOST', calls: 2, waits: [60_000] });
  });
});

describe('What ends a run', () => {
  it('is a database out of reach, or a lock that another run has', () => {
    const error = (code: StoreErrorCode) => new StoreError(code, 'planted');
    expect(isDatabaseLost(error('STORE_CONNECTION_LOST'))).toBe(true);
    expect(isDatabaseLost(error('STORE_UNREACHABLE'))).toBe(true);
    expect(isDatabaseLost(error('STORE_TIMEOUT'))).toBe(false);
    expect(isDatabaseLost(new Error('STORE_UNREACHABLE'))).toBe(false);
    expect(isLockLost(error('STORE_BUSY'))).toBe(true);
    expect(isLockLost(error('STORE_CONNECTION_LOST'))).toBe(false);
  });
});
