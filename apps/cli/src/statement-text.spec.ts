import { describe, expect, it } from 'vitest';
import { withoutLiterals } from './statement-text.ts';

describe('a statement without its values', () => {
  it.each([
    ["ALTER ROLE x PASSWORD 'geheim'", 'ALTER ROLE x PASSWORD ?'],
    [
      "DELETE FROM t1 WHERE a = 'it''s geheim' AND b = 5.5e3 OR c2 = 7",
      'DELETE FROM t1 WHERE a = ? AND b = ? OR c2 = ?',
    ],
    ["SELECT E'a\\'geheim', 'x\\', \"it's\"", 'SELECT ?, ?, "it\'s"'],
    ["SELECT N'geheim', x'ff', U&'geheim'", 'SELECT ?, ?, ?'],
    ['DO $$ geheim $$; DO $a$ geheim $$ geheim $a$', 'DO ?; DO ?'],
    ["SELECT 1 -- geheim\n, /* geheim */ 'x'", 'SELECT ?  \n,   ?'],
    ["SELECT 'geheim", 'SELECT ?'],
    ['SELECT $$geheim', 'SELECT ?'],
    ['SELECT /* geheim', 'SELECT  '],
  ])('%s', (sql, shown) => {
    expect(withoutLiterals(sql)).toBe(shown);
  });
});
