import { describe, expect, it } from 'vitest';
import { formatIds, parseIds } from './ids.ts';

describe('--ids', () => {
  it.each([[undefined], [[]], [['all']], [['ALL']], [[' all ']], [['all', 'All']]])(
    '%j means every active asset',
    (values) => {
      expect(parseIds(values)).toEqual({ kind: 'all' });
    },
  );

  it.each([
    [['1,52,825'], [1, 52, 825], []],
    [[' 52 , 1 '], [1, 52], []],
    [['1,,52,'], [1, 52], []],
    [['52,1,52'], [1, 52], [52]],
    [['1', '52'], [1, 52], []],
    [['2147483647'], [2147483647], []],
  ])('%j is the list %j', (values, ids, duplicates) => {
    expect(parseIds(values)).toEqual({ kind: 'list', ids, duplicates });
  });

  it.each([[''], [','], ['x'], ['-5'], ['1.5'], ['1e3'], ['0'], ['+1'], ['1,all'], ['2147483648'], ['01'], ['1 2']])(
    '"%s" is refused with the argument, the token and an example',
    (value) => {
      expect(() => parseIds([value])).toThrow(/^--ids: /);
      try {
        parseIds([value]);
      } catch (error) {
        expect(error).toMatchObject({ code: 'CLI_BAD_IDS', exitCode: 2, hint: expect.stringContaining('1,52,825') });
      }
    },
  );

  it('refuses all beside a list', () => {
    expect(() => parseIds(['all', '1'])).toThrow(/cannot be combined/);
  });

  it('prints ids the way the guide does', () => {
    expect(formatIds([825])).toBe('[825]');
    expect(formatIds([1, 52])).toBe('[1, 52]');
  });
});
