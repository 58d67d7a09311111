import { describe, expect, it } from 'vitest';
import { CMC_HEADER, RESEARCH_HEADER } from '../test/memory.ts';
import type { ImportError } from './errors.ts';
import { recogniseFormat } from './price-format.ts';

describe('recogniseFormat', () => {
  it.each([
    ['as downloaded', CMC_HEADER, ','],
    ['with semicolons', CMC_HEADER.replaceAll(',', ';'), ';'],
    ['with tabs', CMC_HEADER.replaceAll(',', '\t'), '\t'],
    ['without a name', CMC_HEADER.replace('name,', ''), ','],
    [
      'in lower case with circulating supply',
      'timeopen;timeclose;timehigh;timelow;name;open;high;low;close;volume;marketcap;circulatingsupply;timestamp',
      ';',
    ],
    ['in reverse order', CMC_HEADER.split(',').reverse().join(','), ','],
    [
      'quoted',
      CMC_HEADER.split(',')
        .map((column) => `"${column}"`)
        .join(','),
      ',',
    ],
  ] as const)('recognises the CoinMarketCap export %s', (_, header, delimiter) => {
    const format = recogniseFormat([header], 'x.csv');
    expect(format).toMatchObject({ kind: 'cmc-export', delimiter, ignoredColumns: [] });
    expect(format.columns[format.at.marketCap as number].toLowerCase()).toBe('marketcap');
  });

  it('recognises the research set with and without its row number', () => {
    expect(recogniseFormat([RESEARCH_HEADER], 'x.csv').kind).toBe('research-set');
    expect(recogniseFormat([RESEARCH_HEADER.replace('SNo,', '')], 'x.csv').kind).toBe('research-set');
  });

  it('names the columns it does not read', () => {
    expect(recogniseFormat([`${CMC_HEADER},Note,`], 'x.csv').ignoredColumns).toEqual(['Note', 'column 14']);
  });

  it.each([
    ['a,b,c', /found "a", "b", "c"; none of them belongs to a known format/],
    [CMC_HEADER.replace(',timestamp', ''), /for the CoinMarketCap export timestamp is missing/],
    ['Name,Symbol,Date,High,Low', /for the research set open, close, volume, marketcap are missing/],
    [`${CMC_HEADER},close`, /the column "close" occurs twice/],
    ['\u0085\u009b31m\u001b[2J', /found "\\u0085\\u009b31m\\u001b\[2J"/],
    ['x'.repeat(5000), /found "x{40}…"/],
    [Array.from({ length: 5000 }, (_, at) => `c${at}`).join(','), /and 4980 more/],
    ['"timeOpen,timeClose', /found ""timeOpen", "timeClose"/],
  ])('refuses %#: says what it found and what it knows', (header, message) => {
    const error = errorOf(() => recogniseFormat([header], 'odd.csv'));
    expect(error.code).toBe('IMPORT_UNKNOWN_FORMAT');
    expect(error.message).toMatch(message);
    expect(error.message).toContain('odd.csv');
    expect(error.message).toContain('SNo,Name,Symbol,Date,High,Low,Open,Close,Volume,Marketcap');
    expect(error.message).toContain('timeOpen,timeClose,timeHigh,timeLow[,name],open');
    expect(error.message.length).toBeLessThan(2_600);
    expect(error.hint).toBeTruthy();
  });
});

function errorOf(action: () => unknown): ImportError {
  try {
    action();
  } catch (error) {
    return error as ImportError;
  }
  throw new Error('nothing was thrown');
}
