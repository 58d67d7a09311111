import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

describe('the published packages', () => {
  it('install from their tarballs into a clean folder, within their sizes, and do what their READMEs say', () => {
    const script = path.resolve(import.meta.dirname, '../bin/try-packages.mjs');
    const done = spawnSync(process.execPath, [script, '--here'], { encoding: 'utf8' });
    expect(done.stderr).toBe('');
    expect(done.stdout.match(/prints what its README says/g)?.length).toBe(2);
    expect(done.status).toBe(0);
  });
});
