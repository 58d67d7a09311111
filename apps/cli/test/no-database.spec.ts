import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runInside } from './kit/run-inside.ts';

describe('a folder in which no database is', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'ta-no-database-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const folder = () => path.join(root, 'mistyped');
  const ta = (...argv: string[]) => runInside(argv, { root, env: { DB_DIR: folder() } });

  it.each([
    ['refresh', '--all'],
    ['bars', '--ids', '1'],
    ['emas', '--ids', 'all'],
    ['assets', 'remove', '1', '--yes'],
    ['assets', 'rename', '1', 'Bitcoin'],
    ['state', 'reset', '--bars', '--ids', '1'],
    ['sql', '--write', 'DELETE FROM ema_rejects'],
    ['sql', 'SELECT 1'],
  ])('is named by ta %s %s, which does not make one', async (...argv) => {
    const ended = await ta(...argv);
    expect([ended.code, ended.stderr]).toEqual([4, expect.stringMatching(/There is no database in .*mistyped yet/)]);
    expect(ended.stderr).toContain('ta import csv FILE --id N');
    expect(existsSync(folder())).toBe(false);
  });

  it('gets one from an import, which says so when that takes long', async () => {
    writeFileSync(path.join(root, 'a.csv'), 'Date,Open,High,Low,Close\n2024-01-02,1,1,1,1\n');
    let nowMs = 0;
    const argv = ['import', 'csv', path.join(root, 'a.csv'), '--id', '1'];
    const ended = await runInside(argv, { root, env: { DB_DIR: folder() }, monotonic: () => (nowMs += 4_000) });
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toMatch(/\[INFO\] Opening the database \(\d+ s\)/);
    expect(ended.stderr).toMatch(/\[INFO\] a\.csv, \d+ lines read \(\d+ s\)/);
    expect(existsSync(folder())).toBe(true);
  });
});
