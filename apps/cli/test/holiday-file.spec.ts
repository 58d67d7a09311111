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
    ['2024-03-29,"Good Friday","no trading"', 'Good Friday, no trading'],
    ['2024-03-29,"Friday, a good one",', 'Friday, a good one'],
    ['2024-03-29,', null],
    ['2024-03-29', null],
  ])('%s', (line, name) => {
    expect(readHolidays(`${line}\r\n`, 'xnys.csv')).toEqual([{ day: parseCivilDay('2024-03-29'), name }]);
  });

  it('with a quote that does not end on its line is refused', () => {
    const text = '2024-03-29,Good Friday\n2024-12-25,"Christmas\n';
    expect(() => readHolidays(text, 'xnys.csv')).toThrow(
      'xnys.csv, line 2: a quote is misplaced: "2024-12-25,\\"Christmas"',
    );
  });
});
