import { describe, expect, it } from 'vitest';
import { itemProgress, rateText } from './progress.ts';

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
    const around = { isTty: false, print: (line: string) => void lines.push(line) };
    const progress = await itemProgress(around as never, 'bars', 40);
    for (let done = 1; done <= 40; done++) progress.update(done);
    progress.stop();
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe('  bars: 4/40 ids');
    expect(lines[9]).toBe('  bars: 40/40 ids');
  });
});
