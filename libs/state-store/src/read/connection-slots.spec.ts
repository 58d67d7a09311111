import { describe, expect, it } from 'vitest';
import type { Session } from '../connect/database.ts';
import { readConnectionSlots } from './connection-slots.ts';

/** A server for 100 connections, of which 3 are the superuser's; -1 is no limit. */
const SERVER = {
  ...{ is_superuser: false, server_max: 100, server_reserved: 3, server_used: 20 },
  ...{ database_max: -1, database_used: 0, role_max: -1, role_used: 0 },
};

function slots(limits: Partial<typeof SERVER>) {
  const session = { engine: 'postgres', query: () => Promise.resolve([{ ...SERVER, ...limits }]) };
  return readConnectionSlots(session as unknown as Session);
}

describe('free connections', () => {
  it('are those of the server that nobody holds and that are not kept for the superuser', async () => {
    expect(await slots({})).toEqual({ used: 20, max: 100, free: 77 });
    expect(await slots({ is_superuser: true })).toEqual({ used: 20, max: 100, free: 80 });
    expect(await slots({ server_used: 99 })).toEqual({ used: 99, max: 100, free: 0 });
  });

  it('are as few as the tightest limit leaves, that of the database or of the role', async () => {
    const both = { database_max: 30, database_used: 12, role_max: 10, role_used: 4 };
    expect(await slots(both)).toEqual({ used: 4, max: 10, free: 6 });
    expect(await slots({ ...both, role_max: -1 })).toEqual({ used: 12, max: 30, free: 18 });
    expect(await slots({ ...both, server_used: 95 })).toEqual({ used: 95, max: 100, free: 2 });
    expect(await slots({ database_max: 0 })).toEqual({ used: 0, max: 0, free: 0 });
  });

  it('of a superuser are not limited by the database or the role', async () => {
    const limits = { is_superuser: true, database_max: 1, database_used: 1, role_max: 1, role_used: 1 };
    expect(await slots(limits)).toEqual({ used: 20, max: 100, free: 80 });
  });

  it('are not counted where a database has one', async () => {
    expect(await readConnectionSlots({ engine: 'pglite' } as unknown as Session)).toBeNull();
  });
});
