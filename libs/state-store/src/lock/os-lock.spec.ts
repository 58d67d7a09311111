import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openFileLock } from './file-lock.ts';

describe.skipIf(process.platform !== 'linux')('a data folder on a file system without locks', () => {
  let dir: string;
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'ta-no-locks-'))));
  afterEach(() => {
    vi.unstubAllGlobals();
    rmSync(dir, { recursive: true });
  });

  const attempt = () => openFileLock(dir, 'run', { runId: 'a', command: 'test', waitMs: 0, nowMs: 0 }).attempt();

  it.each(['ENOLCK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'])(
    'is refused, with what to do, when the system answers %s: nobody is let in unguarded',
    async (code) => {
      const fcntl = () => {
        throw Object.assign(new Error('no locks here'), { code });
      };
      // in Deno the locks come from a library that a test can stand in for
      vi.stubGlobal('Deno', { dlopen: () => ({ symbols: { fcntl } }) });
      await expect(attempt()).rejects.toMatchObject({
        code: 'STORE_CONFIG',
        message: `The file system of ${join(dir, 'ta-run.lock')} has no file locks`,
        hint: 'Keep the embedded database on a local disk (DB_DIR), or use PostgreSQL: DATABASE_URL.',
      });
      expect(readFileSync(join(dir, 'ta-run.lock'), 'utf8')).toBe('');
    },
  );

  it('is not called locked by somebody for another failure, which is passed on', async () => {
    const fcntl = () => {
      throw Object.assign(new Error('i/o error'), { code: 'EIO' });
    };
    vi.stubGlobal('Deno', { dlopen: () => ({ symbols: { fcntl } }) });
    await expect(attempt()).rejects.toThrow('i/o error');
    vi.unstubAllGlobals();
    expect(await attempt()).toHaveProperty('lock');
    expect(existsSync(join(dir, 'ta-run.lock'))).toBe(true);
  });
});
