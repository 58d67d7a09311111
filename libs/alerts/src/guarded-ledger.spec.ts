import { describe, expect, it } from 'vitest';
import { brokenLedger, hangingLedger, memoryLedger } from '../test/memory-ledger.ts';
import { virtualClock } from '../test/virtual-clock.ts';
import { createGuardedLedger } from './guarded-ledger.ts';
import { type AlertLedger, type AlertRow } from './ports.ts';

const row = (createdAtMs: number, sentAtMs: number | null): AlertRow => ({
  dedupKey: 'k',
  event: 'db_connection',
  severity: 'ERROR',
  title: 't',
  body: '',
  runId: 'r1',
  outcome: sentAtMs === null ? 'deduplicated' : 'sent',
  suppressedCount: 0,
  createdAtMs,
  sentAtMs,
});

function guarded(ledger: AlertLedger | null, fallbackLedger: AlertLedger | null) {
  const clock = virtualClock();
  const failures: string[] = [];
  const onFailure = (part: string, thrown: unknown) => failures.push(`${part}: ${(thrown as Error).message}`);
  return {
    clock,
    failures,
    joined: createGuardedLedger({ ledger, fallbackLedger, clock, timeoutMs: () => 2000, onFailure }),
  };
}

describe('createGuardedLedger', () => {
  it('records in the database alone while that works', async () => {
    const [database, file] = [memoryLedger(), memoryLedger()];
    const { joined } = guarded(database, file);
    await joined.record(row(1, 1));
    expect([database.rows.length, file.rows.length]).toEqual([1, 0]);
  });
  it('records in the fallback when the database rejects, and reports that once', async () => {
    const file = memoryLedger();
    const { joined, failures } = guarded(brokenLedger, file);
    await joined.record(row(1, 1));
    await joined.record(row(2, 2));
    expect(file.rows).toHaveLength(2);
    expect(failures).toEqual(['ledger: connection refused']);
  });
  it('records in the fallback when there is no database', async () => {
    const file = memoryLedger();
    await guarded(null, file).joined.record(row(1, 1));
    expect(file.rows).toHaveLength(1);
  });
  it('finds the newest message of both', async () => {
    const [database, file] = [memoryLedger(), memoryLedger()];
    database.rows.push(row(1, 1));
    file.rows.push(row(5, 5));
    expect(await guarded(database, file).joined.findLastSent('k')).toEqual({ sentAtMs: 5, severity: 'ERROR' });
    expect(await guarded(file, database).joined.findLastSent('k')).toEqual({ sentAtMs: 5, severity: 'ERROR' });
    expect(await guarded(database, null).joined.findLastSent('k')).toEqual({ sentAtMs: 1, severity: 'ERROR' });
    expect(await guarded(null, null).joined.findLastSent('k')).toBeNull();
  });
  it('adds what both held back', async () => {
    const [database, file] = [memoryLedger(), memoryLedger()];
    database.rows.push(row(2, null), row(3, null));
    file.rows.push(row(4, null));
    expect(await guarded(database, file).joined.countSuppressed('k', 1)).toBe(3);
  });
  it('answers when everything is broken', async () => {
    const { joined, failures } = guarded(brokenLedger, brokenLedger);
    expect(await joined.findLastSent('k')).toBeNull();
    expect(await joined.countSuppressed('k', 0)).toBe(0);
    await joined.record(row(1, 1));
    expect(failures.sort()).toEqual(['fallbackLedger: connection refused', 'ledger: connection refused']);
  });
  it('waits for a hanging database once and leaves it alone afterwards', async () => {
    const file = memoryLedger();
    const { clock, joined, failures } = guarded(hangingLedger, file);
    await clock.until(joined.record(row(1, 1)));
    expect(clock.monotonicMs()).toBe(2000);
    await clock.until(joined.record(row(2, 2)));
    expect(clock.monotonicMs()).toBe(2000);
    expect(file.rows).toHaveLength(2);
    expect(failures).toEqual(['ledger: no answer in time']);
  });
  it('survives a ledger that throws instead of rejecting', async () => {
    const record = () => {
      throw new Error('not open');
    };
    const throwing: AlertLedger = { ...brokenLedger, record };
    const file = memoryLedger();
    await guarded(throwing, file).joined.record(row(1, 1));
    expect(file.rows).toHaveLength(1);
  });
});
