import { describe, expect, it } from 'vitest';
import type { Database, Session } from '@ta/state-store';
import { leaseDatabase } from './database-lease.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Counts openings and closings of a database that answers nothing. */
function counted(failures = 0) {
  const counts = { opened: 0, closed: 0 };
  let left = failures;
  const database = {
    transaction: <T>(fn: (session: Session) => Promise<T>) => fn({ engine: 'pglite' } as Session),
  } as Database;
  const open = async () => {
    if (left-- > 0) throw new Error('busy');
    counts.opened++;
    return { database, close: async () => void counts.closed++ };
  };
  return { counts, open };
}

describe('the lease of a database', () => {
  it('opens with the first read, stays open under reads, and is let go when nobody reads', async () => {
    const { counts, open } = counted();
    const access = leaseDatabase(open, 20);
    expect(counts).toStrictEqual({ opened: 0, closed: 0 });
    await Promise.all([access.read(() => pause(60)), access.read(async () => 1)]);
    expect(counts).toStrictEqual({ opened: 1, closed: 0 });
    await pause(80);
    expect(counts).toStrictEqual({ opened: 1, closed: 1 });
    expect(await access.read(async () => 2)).toBe(2);
    await access.close();
    expect(counts).toStrictEqual({ opened: 2, closed: 2 });
  });

  it('a database that could not be opened is tried again by the next read', async () => {
    const { counts, open } = counted(1);
    const access = leaseDatabase(open, 1_000);
    await expect(access.read(async () => 1)).rejects.toThrow('busy');
    expect(await access.read(async () => 1)).toBe(1);
    expect(counts.opened).toBe(1);
    await access.close();
    expect(counts.closed).toBe(1);
  });
});
