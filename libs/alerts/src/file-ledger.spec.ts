import { statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileLedger, type ReplaceFile } from './file-ledger.ts';
import { type AlertRow } from './ports.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alerts-'));
  path = join(folder, '.logs', 'alert-state.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const replaceFile: ReplaceFile = (to, text, mode) => writeFileSync(to, text, { mode });

const row = (more: Partial<AlertRow> = {}): AlertRow => ({
  dedupKey: 'k',
  event: 'db_connection',
  severity: 'CRITICAL',
  title: 'Cannot connect',
  body: '',
  runId: 'r1',
  outcome: 'sent',
  suppressedCount: 0,
  createdAtMs: 1000,
  sentAtMs: 1000,
  ...more,
});
const heldBack = (createdAtMs: number) => row({ outcome: 'deduplicated', createdAtMs, sentAtMs: null });

describe('createFileLedger', () => {
  it('knows nothing before the first record and makes no file by reading', async () => {
    const ledger = createFileLedger(path, replaceFile);
    expect(await ledger.findLastSent('k')).toBeNull();
    expect(await ledger.countSuppressed('k', 0)).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });
  it('finds the newest message of a key in another process', async () => {
    const ledger = createFileLedger(path, replaceFile);
    await ledger.record(row({ sentAtMs: 1000 }));
    await ledger.record(row({ sentAtMs: 3000, severity: 'ERROR' }));
    await ledger.record(row({ dedupKey: 'other', sentAtMs: 9000 }));
    await ledger.record(row({ outcome: 'failed(x)', sentAtMs: null, createdAtMs: 4000 }));
    expect(await createFileLedger(path, replaceFile).findLastSent('k')).toEqual({
      sentAtMs: 3000,
      severity: 'ERROR',
    });
  });
  it.skipIf(process.platform === 'win32')('makes file and folder for this user alone, whatever the umask', async () => {
    const before = process.umask(0);
    await createFileLedger(path, replaceFile)
      .record(row())
      .finally(() => process.umask(before));
    expect([dirname(path), path].map((name) => statSync(name).mode & 0o777)).toEqual([0o700, 0o600]);
  });
  it('counts what was held back since', async () => {
    const ledger = createFileLedger(path, replaceFile);
    for (const atMs of [900, 999, 1000, 2000]) await ledger.record(heldBack(atMs));
    expect(await ledger.countSuppressed('k', 1000)).toBe(2);
    expect(await ledger.countSuppressed('other', 0)).toBe(0);
  });
  it('loses no row when many are recorded at once', async () => {
    const ledger = createFileLedger(path, replaceFile);
    await Promise.all(Array.from({ length: 20 }, (_, index) => ledger.record(heldBack(index + 1))));
    expect(await ledger.countSuppressed('k', 0)).toBe(20);
  });
  it('keeps the newest 500 rows', async () => {
    const ledger = createFileLedger(path, replaceFile);
    await ledger.record(row());
    const { version, alerts } = JSON.parse(await readFile(path, 'utf8'));
    expect(version).toBe(1);
    await writeFile(path, JSON.stringify({ version, alerts: Array(500).fill(alerts[0]) }));
    await ledger.record(row({ title: 'newest' }));
    const kept = JSON.parse(await readFile(path, 'utf8')).alerts;
    expect(kept).toHaveLength(500);
    expect(kept.at(-1).title).toBe('newest');
  });
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"alerts":7}',
    '{"alerts":[null,1,{"dedupKey":"k"},{"dedupKey":"k","sentAtMs":"x"}]}',
  ]) {
    it(`takes a file with '${text}' as empty and writes it anew`, async () => {
      await mkdir(join(folder, '.logs'));
      await writeFile(path, text);
      const ledger = createFileLedger(path, replaceFile);
      expect(await ledger.findLastSent('k')).toBeNull();
      await ledger.record(row());
      expect(await ledger.findLastSent('k')).toEqual({ sentAtMs: 1000, severity: 'CRITICAL' });
    });
  }
  it('goes on after a record that failed', async () => {
    const blocked = join(folder, 'file', 'alert-state.json');
    await writeFile(join(folder, 'file'), '');
    const ledger = createFileLedger(blocked, replaceFile);
    await expect(ledger.record(row())).rejects.toThrow();
    await rm(join(folder, 'file'));
    await ledger.record(row());
    expect(await ledger.findLastSent('k')).not.toBeNull();
  });
});
