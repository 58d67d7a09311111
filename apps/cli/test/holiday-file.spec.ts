import { parseCivilDay } from '@ta/bars-core/engine';
import { describe, expect, it } from 'vitest';
import { readHolidays } from '../src/holiday-file.ts';

describe('a file of holidays', () => {
  it.each([
    ['2024-03-29,Good Friday', 'Good Friday'],
    ['2024-03-29,"Good Friday"', 'Good Friday'],
    ['"2024-03-29" , "Friday, a good one"', 'Friday, a good one'],
    ['2024-03-29,"The ""good"" Friday"', 'The "good" Friday'],
    ['2024-03-29,Friday, a good one', 'Friday, a good one'],
    ['2024-03-29,', null],
    ['2024-03-29', null],
  ])('%s', (line, name) => {
    expect(readHolidays(`${line}\r\n`, 'xnys.csv')).toEqual([{ day: parseCivilDay('2024-03-29'), name }]);
  });
});
