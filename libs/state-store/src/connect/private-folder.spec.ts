import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makePrivateFolder } from './private-folder.ts';

const [OWNER, OTHER] = [65_534, 65_533];
const isRoot = process.geteuid?.() === 0;

describe.skipIf(process.platform === 'win32')('a data folder', () => {
  const root = mkdtempSync(join(tmpdir(), 'ta-private-'));
  chmodSync(root, 0o711);
  afterAll(() => rmSync(root, { recursive: true }));

  it('that is open to others is closed', () => {
    const dir = join(root, 'own');
    mkdirSync(dir);
    chmodSync(dir, 0o777);
    expect(makePrivateFolder(dir).warning).toBe(null);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it('that is a file, or below one, is an unusable setting', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    expect(() => makePrivateFolder(file)).toThrow(
      expect.objectContaining({ code: 'STORE_CONFIG', message: `The data folder ${file} is a file` }),
    );
    expect(() => makePrivateFolder(join(file, 'pg'))).toThrow(/lies below a file/);
  });

  // a superuser may change everything: the test goes on as somebody else for a moment
  it.skipIf(!isRoot).each([
    ['write to', 0o777, true],
    ['read', 0o755, false],
  ])(
    'of somebody else, which all may %s, stays as it is; that others may write is told (as the superuser)',
    (_, mode, isTold) => {
      const dir = join(root, `foreign-${mode}`);
      mkdirSync(dir);
      chmodSync(dir, mode);
      chownSync(dir, OWNER, OWNER);
      process.seteuid?.(OTHER);
      let warning: string | null;
      try {
        ({ warning } = makePrivateFolder(dir));
      } finally {
        process.seteuid?.(0);
      }
      expect(warning).toBe(isTold ? `Other users can write to the data folder ${dir}: run chmod 700 on it` : null);
      expect(statSync(dir).mode & 0o777).toBe(mode);
    },
  );
});
