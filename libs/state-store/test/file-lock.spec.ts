import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatabaseTarget } from '../src/connect/database-url.ts';
import { acquireRunLock } from '../src/lock.ts';
import { storeErrorOf } from './contract/store-error.ts';

const SINCE = '2024-01-01T06:00:00.000Z';
const request = (runId: string, waitMs = 0) => ({
  ...{ runId, command: 'refresh', waitMs, nowMs: Date.parse(SINCE) },
});

describe('run lock of an embedded database', () => {
  let folder: string;
  let target: DatabaseTarget;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ta-lock-'));
    target = { engine: 'pglite', dir: join(folder, 'data', 'pg'), source: 'test' };
    path = join(folder, 'data', 'pg.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const acquire = (runId: string, waitMs?: number) => acquireRunLock(target, request(runId, waitMs));
  const leave = (content: object | string) =>
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  const foreign = { token: 't', runId: 'old', command: 'bars', mark: null, host: hostname(), since: SINCE };

  it('is a file beside the data directory, which need not exist', async () => {
    const lock = await acquire('a');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ runId: 'a', pid: process.pid, host: hostname() });
    expect(existsSync(join(folder, 'data', 'pg'))).toBe(false);
    expect([lock.warning, await lock.isHeld()]).toStrictEqual([null, true]);
    await lock.release();
    await lock.release();
    expect(readdirSync(join(folder, 'data'))).toStrictEqual([]);
    expect(await lock.isHeld()).toBe(false);
  });

  it('a second run is told who holds it', async () => {
    const lock = await acquire('a');
    const error = await storeErrorOf(() => acquire('b'));
    expect(error.code).toBe('STORE_BUSY');
    expect(error.message).toBe(`Another refresh is running (run a, pid ${process.pid}, since ${SINCE})`);
    expect(error.hint).toContain('--wait-lock');
    await lock.release();
    await (await acquire('b')).release();
  });

  it('waiting takes the lock when it comes free', async () => {
    const lock = await acquire('a');
    const waiting = acquire('b', 20_000);
    setTimeout(() => void lock.release(), 300);
    await (await waiting).release();
  });

  it('waiting ends with the time given, and with the signal', async () => {
    const lock = await acquire('a');
    expect((await storeErrorOf(() => acquire('b', 400))).code).toBe('STORE_BUSY');
    const aborted = { ...request('b', 60_000), signal: AbortSignal.abort() };
    expect((await storeErrorOf(() => acquireRunLock(target, aborted))).code).toBe('STORE_BUSY');
    await lock.release();
  });

  it('the lock of a process that is gone is taken over with a warning', async () => {
    await (await acquire('a')).release();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    leave({ ...foreign, pid });
    const lock = await acquire('b');
    expect(lock.warning).toBe(`Took over the lock of a run that is gone (run old, pid ${pid}, since ${SINCE})`);
    expect(readdirSync(join(folder, 'data'))).toStrictEqual(['pg.lock']);
    await lock.release();
  });

  it.skipIf(process.platform !== 'linux')(
    'a process number in use again by another process counts as gone',
    async () => {
      await (await acquire('a')).release();
      leave({ ...foreign, pid: process.pid, mark: 'another boot/1' });
      const lock = await acquire('b');
      expect(lock.warning).toContain('run old');
      await lock.release();
    },
  );

  it('the lock of another host is never taken over', async () => {
    await (await acquire('a')).release();
    leave({ ...foreign, pid: 2_000_000_000, host: 'elsewhere' });
    expect((await storeErrorOf(() => acquire('b'))).message).toContain('run old');
  });

  it('an unreadable file is taken over once it is old', async () => {
    await (await acquire('a')).release();
    leave('{ half a lo');
    expect((await storeErrorOf(() => acquire('b'))).message).toContain('run unknown, pid unknown, since unknown');
    utimesSync(path, 1, 1);
    const lock = await acquire('b');
    expect(lock.warning).toContain('an unreadable lock file');
    await lock.release();
  });

  it('is left alone while another living process takes it over, whatever the clock says; a dead one is not waited for', async () => {
    await (await acquire('a')).release();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    leave({ ...foreign, pid });
    const guard = (owner: number) => writeFileSync(`${path}.takeover`, JSON.stringify({ ...foreign, pid: owner }));
    guard(process.pid);
    utimesSync(`${path}.takeover`, 1, 1);
    expect((await storeErrorOf(() => acquire('b'))).code).toBe('STORE_BUSY');
    guard(pid);
    const lock = await acquire('b');
    expect(lock.warning).toContain('Took over');
    await lock.release();
  });

  it('once lost is not taken again: the folder may be open elsewhere', async () => {
    const lock = await acquire('a');
    expect(await lock.secure()).toBe(false);
    rmSync(path);
    const error = await storeErrorOf(() => lock.secure());
    expect([error.code, error.message]).toEqual([
      'STORE_BUSY',
      expect.stringContaining('pg.lock was removed or replaced'),
    ]);
    await (await acquire('b')).release();
    await lock.release();
  });

  it('releasing leaves the lock of somebody else alone', async () => {
    const lock = await acquire('a');
    leave({ ...foreign, pid: process.pid });
    expect(await lock.isHeld()).toBe(false);
    await lock.release();
    expect(existsSync(path)).toBe(true);
  });

  it('of several processes that find a stale lock exactly one gets it', async () => {
    await (await acquire('a')).release();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    leave({ ...foreign, pid });
    const contender = fileURLToPath(new URL('./contract/lock-contender.ts', import.meta.url));
    const answers = await Promise.all(Array.from({ length: 4 }, (_, i) => answerOf(contender, path, `run-${i}`)));
    expect(answers.filter((answer) => answer === 'held')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'busy')).toHaveLength(3);
  });

  it('a database in memory needs no lock', async () => {
    const memory: DatabaseTarget = { engine: 'pglite', dir: null, source: 'test' };
    const locks = [await acquireRunLock(memory, request('a')), await acquireRunLock(memory, request('b'))];
    expect(await locks[1].isHeld()).toBe(true);
    for (const lock of locks) await lock.release();
  });
});

function answerOf(script: string, lockPath: string, runId: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, lockPath, runId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => resolve(text.trim()));
  });
}
