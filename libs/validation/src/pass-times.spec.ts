import { describe, expect, it } from 'vitest';
import { PassTimes, spendOn } from './pass-times.ts';

describe('the time of a pass that checks share', () => {
  it('is counted once for parts side by side, and taken out once', async () => {
    let nowMs = 0;
    const times = new PassTimes(() => nowMs);
    const ends: (() => void)[] = [];
    const part = () => times.during('E07', () => new Promise<void>((resolve) => ends.push(resolve)));
    const first = part();
    nowMs = 10;
    const second = part();
    nowMs = 30;
    ends[0]?.();
    await first;
    nowMs = 45;
    ends[1]?.();
    await second;
    nowMs = 100;
    await times.during('B16', () => Promise.resolve());
    expect([...times.take()]).toEqual([
      ['E07', 45],
      ['B16', 0],
    ]);
    expect([...times.take().values()]).toEqual([0, 0]);
  });

  it('is counted when the pass fails', async () => {
    let nowMs = 0;
    const times = new PassTimes(() => nowMs);
    const failing = times.during('B16', () => {
      nowMs = 7;
      return Promise.reject(new Error('unreadable'));
    });
    await expect(failing).rejects.toThrow('unreadable');
    expect(times.take().get('B16')).toBe(7);
  });

  it('is that of the check whose work it is, not of the one that asks first', () => {
    const spent = spendOn(['B13', 'B16', 'E03', 'E07']);
    expect(spent('B13', 100, new Map([['B16', 90]]))).toBe(10);
    expect(spent('B16', 5, new Map([['B16', 0]]))).toBe(95);
    expect(spent('E03', 40, new Map([['E07', 30]]))).toBe(10);
    expect(spent('E07', 20, new Map([['E07', 15]]))).toBe(50);
  });

  it('stays where it was spent when that check was not selected, or is over', () => {
    const spent = spendOn(['B16', 'E03']);
    expect(spent('B16', 5, new Map())).toBe(5);
    expect(spent('E03', 40, new Map([['E07', 30], ['B16', 4]]))).toBe(40); // prettier-ignore
  });
});
