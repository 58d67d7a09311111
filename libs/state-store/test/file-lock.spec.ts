import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DatabaseTarget } from '../src/connect/database-url.ts';
import { acquireRunLock } from '../src/lock.ts';
import { isFolderInUse, isWanted } from '../src/lock/file-lock.ts';
import { storeErrorOf } from './contract/store-error.ts';
import { contenderScript } from './lock-scenarios.ts';

const SINCE = '2024-01-01T06:00:00.000Z';
const request = (runId: string, waitMs = 0) => ({
  ...{ runId, command: 'refresh', waitMs, nowMs: Date.parse(SINCE) },
});

describe('run lock of an embedded database', () => {
  let folder: string;
  let target: DatabaseTarget;
  let dir: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ta-lock-'));
    dir = join(folder, 'data', 'pg');
    target = { engine: 'pglite', dir, source: 'test' };
    path = join(dir, 'ta-run.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const acquire = (runId: string, waitMs?: number) => acquireRunLock(target, request(runId, waitMs));
  const leave = (content: object | string) => {
    mkdirSync(dir, { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  };
  const foreign = { runId: 'old', command: 'bars', host: hostname(), since: SINCE };

  it('is a file inside the data folder, which it makes for this user alone', async () => {
    const lock = await acquire('a');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ runId: 'a', pid: process.pid, host: hostname() });
    expect([dir, path].map((name) => statSync(name).mode & 0o777)).toStrictEqual([0o700, 0o600]);
    expect([lock.warning, await lock.isHeld()]).toStrictEqual([null, true]);
    await lock.release();
    await lock.release();
    expect(readFileSync(path, 'utf8')).toBe('');
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

  it('waiting is told at least every 3 s, however long it takes', async () => {
    const lock = await acquire('a');
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const told = [0];
      const onWait = ({ waitedMs }: { waitedMs: number }) => void told.push(waitedMs);
      let isOver = false;
      const waiting = storeErrorOf(() => acquireRunLock(target, { ...request('b', 120_000), onWait })).finally(
        () => (isOver = true),
      );
      while (!isOver) {
        // the clock stands still while files are looked at
        if (vi.getTimerCount() > 0) vi.advanceTimersToNextTimer();
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect((await waiting).code).toBe('STORE_BUSY');
      const silences = told.slice(1).map((at, i) => at - (told[i] as number));
      expect(silences.length).toBeGreaterThanOrEqual(40);
      expect(Math.max(...silences)).toBeLessThanOrEqual(3_000);
    } finally {
      vi.useRealTimers();
      await lock.release();
    }
  });

  it('waiting ends with the time given, and with the signal', async () => {
    const lock = await acquire('a');
    const startedMs = performance.now();
    expect((await storeErrorOf(() => acquire('b', 400))).code).toBe('STORE_BUSY');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(399);
    const aborted = { ...request('b', 60_000), signal: AbortSignal.abort() };
    expect((await storeErrorOf(() => acquireRunLock(target, aborted))).code).toBe('STORE_BUSY');
    expect(await isWanted(dir)).toBe(false);
    await lock.release();
  });

  it('a holder that yields sees that somebody waits, who waits for it untold; it does not come in between', async () => {
    const yielding = { ...request('page'), yields: true };
    const lock = await acquireRunLock(target, yielding);
    expect(await isWanted(dir)).toBe(false);
    const waiting = acquire('b');
    while (!(await isWanted(dir))) await new Promise((resolve) => setTimeout(resolve, 5));
    await lock.release();
    expect((await storeErrorOf(() => acquireRunLock(target, yielding))).code).toBe('STORE_BUSY');
    await (await waiting).release();
    expect(await isWanted(dir)).toBe(false);
    await (await acquireRunLock(target, yielding)).release();
  });

  it('of another program is seen, without a trace', async () => {
    expect(await isFolderInUse(dir)).toBe(false);
    expect(existsSync(dir)).toBe(false);
    const lock = await acquire('a');
    expect(await isFolderInUse(dir)).toBe(true);
    await lock.release();
    expect(await isFolderInUse(dir)).toBe(false);
    leave(foreign);
    expect(await isFolderInUse(dir)).toBe(false);
    expect(readFileSync(path, 'utf8')).toContain('old');
  });

  // nobody holds these: the system would know
  it.each([
    ['of a living process on this host', { ...foreign, pid: process.pid }],
    ['of another host', { ...foreign, pid: 2_000_000_000, host: 'elsewhere' }],
    ['without a process', {}],
    ['cut short', '{ half a lo'],
  ])('a note %s decides nothing: it is taken over with a warning', async (_, note) => {
    leave(note);
    const lock = await acquire('b');
    expect(lock.warning).toMatch(/^Took over the lock of a run that is gone \(run \w+, pid \w+, since \S+\)$/);
    await lock.release();
    expect((await acquire('c')).warning).toBe(null);
  });

  it('whatever the note is made to say, a held lock stays held', async () => {
    const lock = await acquire('a');
    for (const note of ['', '{', JSON.stringify({ ...foreign, pid: 2_000_000_000 })]) {
      leave(note);
      expect((await storeErrorOf(() => acquire('b'))).code).toBe('STORE_BUSY');
    }
    await lock.release();
  });

  it('held without a note is about to be free: it is not refused at once', async () => {
    const lock = await acquire('a');
    leave('');
    setTimeout(() => void lock.release(), 100);
    await (await acquire('b')).release();
  });

  it('once lost is not taken again: the folder may be open elsewhere', async () => {
    const lock = await acquire('a');
    expect(await lock.secure()).toBe(false);
    rmSync(path);
    const error = await storeErrorOf(() => lock.secure());
    expect([error.code, error.message]).toEqual([
      'STORE_BUSY',
      expect.stringContaining('ta-run.lock was removed or replaced'),
    ]);
    const other = await acquire('b');
    await lock.release();
    expect([await other.isHeld(), await lock.isHeld()]).toEqual([true, false]);
    await other.release();
  });

  it('of several processes that find the lock of a dead one exactly one gets it', async () => {
    leave({ ...foreign, pid: 1 });
    const contenders = Array.from({ length: 4 }, (_, i) => ask(contenderScript(), dir, `run-${i}`));
    const answers = await Promise.all(contenders.map(({ answer }) => answer));
    for (const { child } of contenders) child.kill('SIGKILL');
    expect(answers.filter((answer) => answer.startsWith('held Took over'))).toHaveLength(1);
    expect(answers.filter((answer) => answer.startsWith('busy'))).toHaveLength(3);
  });

  it('a database in memory needs no lock', async () => {
    const memory: DatabaseTarget = { engine: 'pglite', dir: null, source: 'test' };
    const locks = [await acquireRunLock(memory, request('a')), await acquireRunLock(memory, request('b'))];
    expect(await locks[1].isHeld()).toBe(true);
    for (const lock of locks) await lock.release();
  });
});

function ask(script: string, dir: string, runId: string): { child: ChildProcess; answer: Promise<string> } {
  const child = spawn(process.execPath, [script, dir, runId], { stdio: ['ignore', 'pipe', 'inherit'] });
  const answer = new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.on('error', reject);
  });
  return { child, answer };
}
