import { channel } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readSurroundings, watchSilence, type Surroundings } from './index.ts';

describe('a command that says nothing', () => {
  let lines: string[];
  let told: (string | null)[];
  let surroundings: Surroundings;
  let standInSilentMs: number;
  beforeEach(() => {
    vi.useFakeTimers();
    const startedMs = Date.now();
    [lines, told, standInSilentMs] = [[], [], Infinity];
    const note = (line: string) => void lines.push(line);
    surroundings = {
      ...readSurroundings(),
      ...{ print: note, data: note, warn: note, write: note },
      passing: (line) => void (line === '' || lines.push(`~${line}`)),
      standIn: () => ({
        doing: (text) => void told.push(text),
        heard: () => undefined,
        silentMs: () => standInSilentMs,
      }),
      redact: (text) => text.replace('secret', '***'),
      monotonic: () => Date.now() - startedMs,
    };
  });
  afterEach(() => void vi.useRealTimers());

  /** Work that ends when it is told to. */
  function work() {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    return { run: () => ended, end };
  }

  it('says what it is at at least every 3 s, however long it takes', async () => {
    const { around, stop } = watchSilence(surroundings);
    const { run, end } = work();
    const working = around.during('Opening the database', run);
    vi.advanceTimersByTime(600_000);
    const seconds = lines.map((line) => Number(/^~\[INFO\] Opening the database \((\d+) s\)$/.exec(line)?.[1]));
    expect(seconds.length).toBeGreaterThanOrEqual(200);
    expect(Math.max(...seconds.map((at, i) => at - (seconds[i - 1] ?? 0)))).toBeLessThanOrEqual(3);
    end();
    await working;
    stop();
    const said = lines.length;
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(said);
  });

  it('is not silent while it prints anything else', () => {
    const { around, begin, stop } = watchSilence(surroundings);
    begin('ta import');
    for (const say of [around.print, around.warn, around.data, around.write, around.passing]) {
      vi.advanceTimersByTime(2_000);
      say('rows');
    }
    expect(lines.filter((line) => line.startsWith('~['))).toEqual([]);
    vi.advanceTimersByTime(3_000);
    expect(lines.at(-1)).toBe('~[INFO] ta import (13 s)');
    stop();
  });

  it('says where it is in words that change, and goes back to what it was at before', async () => {
    const { around, begin, stop } = watchSilence(surroundings);
    begin('ta export');
    let rows = 0;
    const { run, end } = work();
    const working = around.during(() => `${rows} rows written`, run);
    vi.advanceTimersByTime(3_000);
    rows = 42;
    vi.advanceTimersByTime(3_000);
    end();
    await working;
    vi.advanceTimersByTime(3_000);
    stop();
    const [first, second] = lines.map((line) => line.replace(/ \(.*/, ''));
    expect([first, second, lines.at(-1)]).toEqual([
      '~[INFO] 0 rows written',
      '~[INFO] 42 rows written',
      expect.stringMatching(/^~\[INFO\] ta export \(\d s\)$/),
    ]);
  });

  it('is silent where silence is right', async () => {
    const { around, begin, stop } = watchSilence(surroundings);
    begin('ta ui');
    const { run, end } = work();
    const working = around.during(null, run);
    vi.advanceTimersByTime(60_000);
    end();
    await working;
    stop();
    expect([lines, told]).toEqual([[], []]);
  });

  it('says it where an embedded database reads a file, and timers do not run', async () => {
    const { around, stop } = watchSilence(surroundings);
    const access = () => channel('ta.file').publish(undefined);
    await around.during('Reading', () => {
      for (let i = 0; i < 7; i++) {
        vi.setSystemTime(Date.now() + 1_000);
        access();
      }
      return Promise.resolve();
    });
    stop();
    vi.setSystemTime(Date.now() + 10_000);
    access();
    expect(lines).toEqual(['~[INFO] Reading (3 s)', '~[INFO] Reading (6 s)']);
  });

  it('says it on the way where work keeps timers from running', async () => {
    const { around, stop } = watchSilence(surroundings);
    await around.during('B04', () => {
      vi.setSystemTime(Date.now() + 7_000);
      around.look();
      return Promise.resolve();
    });
    stop();
    expect(lines).toEqual(['~[INFO] B04 (7 s)']);
  });

  it('does not say again what the thread that stands in for it has just said', async () => {
    const { around, stop } = watchSilence(surroundings);
    await around.during('Reading', () => {
      vi.setSystemTime(Date.now() + 1_500);
      around.look();
      standInSilentMs = 100;
      vi.setSystemTime(Date.now() + 7_000);
      around.look();
      return Promise.resolve();
    });
    stop();
    expect(lines).toEqual([]);
  });

  it('tells the thread that stands in for it after a second, without secrets', async () => {
    const { around, stop } = watchSilence(surroundings);
    await around.during('Quick', () => Promise.resolve());
    expect(told).toEqual([]);
    const { run, end } = work();
    const working = around.during('Opening secret', run);
    vi.advanceTimersByTime(1_500);
    end();
    await working;
    stop();
    expect(new Set(told)).toEqual(new Set([null, 'Opening ***']));
    expect(told.at(-1)).toBeNull();
  });
});
