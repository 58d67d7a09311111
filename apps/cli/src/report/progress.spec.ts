import { describe, expect, it, vi } from 'vitest';
import { itemProgress, itemPulse, rateText } from './progress.ts';

describe('progress', () => {
  it.each([
    [0, 1000, '-'],
    [1, 0, '-'],
    [1, 4000, '0.3'],
    [5, 1000, '5.0'],
    [500, 1000, '500'],
  ])('%i in %i ms is a rate of %s', (done, elapsedMs, text) => {
    expect(rateText(done, elapsedMs)).toBe(text);
  });

  it('is a line per tenth where nobody looks', async () => {
    const lines: string[] = [];
    const around = { isTty: false, print: (line: string) => void lines.push(line), monotonic: () => 0 };
    const progress = await itemProgress(around as never, 'bars', 40);
    for (let done = 1; done <= 40; done++) progress.update(done);
    progress.stop();
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe('  bars: 4/40 ids');
    expect(lines[9]).toBe('  bars: 40/40 ids');
  });

  it('is a line in growing intervals while one asset takes long', async () => {
    vi.useFakeTimers();
    try {
      const [lines, startedMs] = [[] as string[], Date.now()];
      const print = (line: string) => void lines.push(line);
      const around = { isTty: false, print, monotonic: () => Date.now() - startedMs };
      const progress = await itemProgress(around as never, 'bars', 2);
      vi.advanceTimersByTime(2_900);
      expect(lines).toEqual([]);
      vi.advanceTimersByTime(10_000);
      progress.update(1);
      vi.advanceTimersByTime(20_000);
      progress.stop();
      vi.advanceTimersByTime(100_000);
      const said = [3, 9, 21].map((s, i) => `  bars: ${i < 2 ? 0 : 1}/2 ids after ${s} s`);
      expect(lines).toEqual(said);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is a line while nothing is told of an item that has a line of its own', () => {
    vi.useFakeTimers();
    try {
      const [lines, startedMs] = [[] as string[], Date.now()];
      const print = (line: string) => void lines.push(line);
      const progress = itemPulse({ print, monotonic: () => Date.now() - startedMs } as never, 'emas', 1);
      vi.advanceTimersByTime(2_000);
      progress.update(0);
      vi.advanceTimersByTime(2_900);
      expect(lines).toEqual([]);
      vi.advanceTimersByTime(200);
      expect(lines).toEqual(['  emas: 0/1 ids after 5 s']);
      progress.stop();
    } finally {
      vi.useRealTimers();
    }
  });
});
