import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine as runValidator } from '../../validator/src/command-line.ts';
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

  it('that is a file is named by what would open it, and leaves a dry run its plan', async () => {
    writeFileSync(folder(), '');
    const said = [4, expect.stringMatching(/The data folder .*mistyped is a file\n.*DB_DIR names the folder/)];
    for (const argv of [['refresh', '--all'], ['gaps']]) {
      const ended = await ta(...argv);
      expect([ended.code, ended.stderr]).toEqual(said);
    }
    const inside = { root, env: { DB_DIR: folder() }, program: runValidator };
    const check = await runInside(['check'], inside);
    expect([check.code, check.stderr]).toEqual(said);
    const plan = await ta('refresh', '--all', '--dry-run');
    expect([plan.code, plan.stderr]).toEqual([0, expect.stringContaining('plan without counts')]);
  });

  it('gets none from a demo that is refused', async () => {
    const ended = await ta('demo', '--days', '0');
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('days is 0; expected an integer from 1')]);
    expect(existsSync(path.join(root, '.demo'))).toBe(false);
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
