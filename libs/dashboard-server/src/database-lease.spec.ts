import { describe, expect, it } from 'vitest';
import type { Database, Session } from '@ta/state-store';
import { leaseDatabase } from './database-lease.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const TERMS = { idleMs: 60_000, longestMs: 60_000, lookMs: 5 };

/** Counts openings and closings of a database that answers nothing. */
function counted(failures = 0) {
  const counts = { opened: 0, closed: 0, isWanted: false };
  let left = failures;
  const database = {
    transaction: <T>(fn: (session: Session) => Promise<T>) => fn({ engine: 'pglite' } as Session),
  } as Database;
  const open = async () => {
    if (left-- > 0) throw new Error('busy');
    counts.opened++;
    return { database, isWanted: async () => counts.isWanted, close: async () => void counts.closed++ };
  };
  return { counts, open };
}

describe('the lease of a database', () => {
  it('opens with the first read, stays open under reads, and is let go when nobody reads', async () => {
    const { counts, open } = counted();
    const access = leaseDatabase(open, { ...TERMS, idleMs: 20 });
    expect(counts).toMatchObject({ opened: 0, closed: 0 });
    const slow = access.read(async () => {
      await pause(60);
      return counts.closed;
    });
    expect(await Promise.all([slow, access.read(async () => counts.closed)])).toEqual([0, 0]);
    while (counts.closed === 0) await pause(5);
    expect(counts).toMatchObject({ opened: 1, closed: 1 });
    expect(await access.read(async () => 2)).toBe(2);
    await access.close();
    expect(counts).toMatchObject({ opened: 2, closed: 2 });
  });

  it('a database that could not be opened is tried again by the next read', async () => {
    const { counts, open } = counted(1);
    const access = leaseDatabase(open, TERMS);
    await expect(access.read(async () => 1)).rejects.toThrow('busy');
    expect(await access.read(async () => 1)).toBe(1);
    expect(counts.opened).toBe(1);
    await access.close();
    expect(counts.closed).toBe(1);
  });

  it('is let go between two reads when somebody else waits, however often it is asked', async () => {
    const { counts, open } = counted();
    const access = leaseDatabase(open, { ...TERMS, lookMs: 60_000 });
    await access.read(async () => 1);
    counts.isWanted = true;
    await Promise.all([access.read(async () => 1), access.read(async () => 1)]);
    expect(counts).toMatchObject({ opened: 3, closed: 2 });
    await access.close();
  });

  it('is let go while nobody reads when somebody else waits', async () => {
    const { counts, open } = counted();
    const access = leaseDatabase(open, TERMS);
    await access.read(async () => 1);
    counts.isWanted = true;
    while (counts.closed === 0) await pause(5);
    expect(counts.closed).toBe(1);
    await access.close();
  });

  it('is let go after the longest time under steady reads', async () => {
    const { counts, open } = counted();
    const access = leaseDatabase(open, { ...TERMS, longestMs: 40 });
    while (counts.opened < 3) await access.read(() => pause(5));
    await access.close();
    expect(counts.closed).toBe(counts.opened);
  });

  it('those who waited behind a failed opening are told the same, and do not try it again one by one', async () => {
    const { counts, open } = counted(1);
    const access = leaseDatabase(open, TERMS);
    const answers = await Promise.allSettled([1, 2, 3].map((n) => access.read(async () => n)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await access.read(async () => 4)).toBe(4);
    expect(counts.opened).toBe(1);
    await access.close();
  });
});
