import { describe, expect, it } from 'vitest';
import { civilDay, NO_DAY } from '../civil-day.ts';
import { addMissingDays, clearMissingDays, createMissingDays } from './missing-days.ts';
import { EVERY_DAY } from '../trading-days.ts';

const day = civilDay(2024, 1, 1);

describe('the missing days of a bar', () => {
  it('have no text when there are none', () => {
    expect(createMissingDays()).toMatchObject({ count: 0, text: null, firstDay: NO_DAY, lastDay: NO_DAY });
  });

  it('are listed up to 50 and counted from there on', () => {
    const missing = createMissingDays();
    addMissingDays(missing, day, day + 48, EVERY_DAY);
    expect(missing.text?.split(',')).toHaveLength(49);
    addMissingDays(missing, day + 60, day + 60, EVERY_DAY);
    expect(missing.text).toMatch(/,2024-02-18,2024-03-01$/);
    expect(missing.text?.split(',')).toHaveLength(50);
    addMissingDays(missing, day + 70, day + 70, EVERY_DAY);
    expect(missing.text).toMatch(/,2024-02-18,2024-03-01\.\.\.\(\+1 more\)$/);
    addMissingDays(missing, day + 80, day + 1_079, EVERY_DAY);
    expect(missing.text).toMatch(/,2024-03-01\.\.\.\(\+1001 more\)$/);
    expect(missing).toMatchObject({ count: 1_051, firstDay: day, lastDay: day + 1_079 });
  });

  it('are forgotten by the next bar', () => {
    const missing = createMissingDays();
    addMissingDays(missing, day, day + 1_000, EVERY_DAY);
    missing.startCount = 3;
    clearMissingDays(missing);
    expect(missing).toStrictEqual(createMissingDays());
  });
});
