import { describe, expect, it } from 'vitest';
import { numberParser, numberProblemText, parseNumber } from './parse-number.ts';

describe('parseNumber', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['111639.0527', 111639.0527],
    ['2.28E+12', 2.28e12],
    ['1.01194e11', 1.01194e11],
    ['9.983190102502704e-05', 0.00009983190102502704],
    ['.5', 0.5],
    ['5.', 5],
    ['-3.25', -3.25],
    ['007', 7],
    ['0e-400', 0],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['5e-324', Number.MIN_VALUE],
  ])('reads %j', (text, value) => {
    expect(Object.is(parseNumber(text), value)).toBe(true);
  });

  it('reads an empty cell as not known', () => {
    expect(parseNumber('')).toBeNaN();
  });

  it.each([
    ['NaN', 'null_word'],
    ['nan', 'null_word'],
    ['null', 'null_word'],
    ['NULL', 'null_word'],
    ['None', 'null_word'],
    ['N/A', 'null_word'],
    ['#N/A', 'null_word'],
    ['\\N', 'null_word'],
    ['-', 'null_word'],
    ['--', 'null_word'],
    ['–', 'null_word'],
    ['?', 'null_word'],
    ['Infinity', 'infinite'],
    ['-inf', 'infinite'],
    ['1,5', 'decimal_comma'],
    ['1,234', 'decimal_comma'],
    ['1,234.5', 'digit_grouping'],
    ['1.234.567,8', 'digit_grouping'],
    ["1'234", 'digit_grouping'],
    ['1 234', 'digit_grouping'],
    ['1e309', 'number_out_of_range'],
    ['1e-400', 'number_out_of_range'],
    ['+5', 'not_a_number'],
    ['0x10', 'not_a_number'],
    ['1_000', 'not_a_number'],
    ['12abc', 'not_a_number'],
    ['1.2.3', 'not_a_number'],
    ['1e', 'not_a_number'],
    ['1e5.5', 'not_a_number'],
    ['.', 'not_a_number'],
    ['$1.00', 'not_a_number'],
    ['5%', 'not_a_number'],
    ['true', 'not_a_number'],
    ['١٢', 'not_a_number'],
    ['1 2', 'not_a_number'],
  ] as const)('refuses %j as %s', (text, problem) => {
    expect(parseNumber(text)).toBe(problem);
    expect(numberProblemText(problem)).not.toBe('');
  });

  it('refuses a hostile cell of a million digits in linear time', () => {
    expect(parseNumber(`${'1'.repeat(1_000_000)}x`)).toBe('not_a_number');
    expect(parseNumber(`${'1'.repeat(1_000_000)}`)).toBe('number_out_of_range');
  });
});

describe('numberParser', () => {
  it.each<['.' | ',', string[], number[], string[]]>([
    ['.', ['1,234', '12,345.5', '1 234'], [1234, 12_345.5, 1234], ['0,123', '-0,500', '0,523K', '0 123', '00,123']],
    [',', ['1.234', '12.345,5', '1 234'], [1234, 12_345.5, 1234], ['0.123', '-0.500', '0.523K', '0 123', '00.123']],
  ])('with the decimal sign %s reads no number that begins with a zero as thousands', (decimal, good, values, bad) => {
    const parse = numberParser({ decimal, isGrouped: true, hasBlanks: true });
    expect(good.map(parse)).toEqual(values);
    expect(bad.map((text) => typeof parse(text))).toEqual(bad.map(() => 'string'));
  });
});
