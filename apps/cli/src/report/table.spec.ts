import { describe, expect, it } from 'vitest';
import { resultText } from './table.ts';

describe('resultText', () => {
  const result = { columns: ['id', 'count', 'count'], rows: [[15, 400, 0]] };

  it('keeps every column, also where names repeat', () => {
    expect(resultText(result, 'csv')).toBe('id,count,count\n15,400,0');
    expect(resultText(result, 'table').replaceAll(/ +/g, ' ')).toContain('15 | 400 | 0');
    expect(JSON.parse(resultText(result, 'json'))).toStrictEqual([{ id: 15, count: 400, count_2: 0 }]);
  });

  it('takes no name for a second column that a third one has', () => {
    const named = { columns: ['n', 'n', 'n_2', 'n'], rows: [[1, 2, 3, 4]] };
    expect(JSON.parse(resultText(named, 'json'))).toStrictEqual([{ n: 1, n_3: 2, n_2: 3, n_4: 4 }]);
  });

  it('heads a CSV without rows by its columns', () => {
    expect(resultText({ columns: ['a', 'b'], rows: [] }, 'csv')).toBe('a,b');
  });

  it('writes bytes in hexadecimal', () => {
    const bytes = { columns: ['state'], rows: [[Uint8Array.of(0, 255)]] };
    expect(resultText(bytes, 'csv')).toBe('state\n\\x00ff');
    expect(JSON.parse(resultText(bytes, 'json'))).toStrictEqual([{ state: '\\x00ff' }]);
  });

  it('writes what JSON has no number for as text', () => {
    const odd = { columns: ['a', 'b', 'c'], rows: [[NaN, -Infinity, 1.5]] };
    expect(JSON.parse(resultText(odd, 'json'))).toStrictEqual([{ a: 'NaN', b: '-Infinity', c: 1.5 }]);
  });
});
