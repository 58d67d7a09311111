import type { Database, Session } from '@ta/state-store';
import { describe, expect, it } from 'vitest';
import { noPhases, observed } from './observed-database.ts';
import { unsent } from './unsent-database.ts';

/** A database that remembers what it was told, and by whose clock everything takes a time of its own. */
function recorder() {
  const heard: string[] = [];
  let nowMs = 0;
  const taking = <T>(ms: number, value: T): T => {
    nowMs += ms;
    return value;
  };
  let isKept = false;
  const session = {
    engine: 'postgres',
    query: async (sql: string) => [{ heard: heard.push(sql) }],
    run: async (sql: string) => taking(3_000, heard.push(sql)),
    async copyIn(sql: string, chunks: Iterable<Uint8Array>) {
      let rows = 0;
      for await (const chunk of chunks) rows += chunk.length;
      taking(10_000, heard.push(`${sql}: ${rows}`));
      return rows;
    },
    async *copyOut(sql: string) {
      taking(200_000, heard.push(sql));
      yield Uint8Array.of(1, 2);
    },
    savepoint: (fn: () => Promise<unknown>) => fn(),
  } as unknown as Session;
  const database = {
    engine: 'postgres',
    target: 'here',
    session: (fn: (session: Session) => Promise<unknown>) => fn(session),
    async transaction(fn: (tx: Session) => Promise<unknown>) {
      const value = await fn(session);
      isKept = true;
      return taking(40_000, value);
    },
    close: async () => undefined,
  } as unknown as Database;
  return { database, heard, isKept: () => isKept, now: () => nowMs, taking };
}

function* counted(chunks: Iterable<Uint8Array>, tell: () => void): Generator<Uint8Array> {
  for (const chunk of chunks) {
    tell();
    yield chunk;
  }
}

const CHUNKS = [Uint8Array.of(1, 2, 3), Uint8Array.of(4)];

describe('observed', () => {
  it('passes everything on, and books the bytes and the time of each part', async () => {
    const { database, heard, isKept, now, taking } = recorder();
    const phases = noPhases();
    const value = await observed(database, phases, now).transaction(async (tx) => {
      await tx.run('DELETE');
      for await (const chunk of tx.copyOut('READ')) expect(chunk).toHaveLength(2);
      return tx.copyIn(
        'COPY',
        counted(CHUNKS, () => taking(500, null)),
      );
    });
    expect(value).toBe(4);
    expect(heard).toEqual(['DELETE', 'READ', 'COPY: 4']);
    expect(isKept()).toBe(true);
    const seconds = { encodeSeconds: 1, sendSeconds: 10, readSeconds: 200, statementSeconds: 3, commitSeconds: 40 };
    expect(phases).toEqual({ ...seconds, bytes: 4 });
  });
});

describe('unsent', () => {
  it('reads, makes the rows, changes nothing and still gives the value', async () => {
    const { database, heard, isKept } = recorder();
    let made = 0;
    const value = await unsent(database).transaction(async (tx) => {
      for await (const chunk of tx.copyOut('READ')) expect(chunk).toHaveLength(2);
      await tx.run('DELETE');
      await tx.copyIn(
        'COPY',
        counted(CHUNKS, () => made++),
      );
      return 'done';
    });
    expect(value).toBe('done');
    expect(made).toBe(2);
    expect(heard).toEqual(['READ']);
    expect(isKept()).toBe(false);
  });

  it('lets errors of the work pass', async () => {
    const { database } = recorder();
    const failing = unsent(database).transaction(() => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
  });
});
