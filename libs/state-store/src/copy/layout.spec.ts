import { describe, expect, it } from 'vitest';

import { StoreError } from '../errors.ts';
import { copyInSql, copyOutSql, quoteIdentifier, quoteLiteral, type CopyLayout } from './layout.ts';

const layout: CopyLayout = {
  table: 'public.bars',
  fields: [
    { column: 'id', type: 'int4', nullable: false },
    { column: 'timestamp', type: 'timestamptz', nullable: false },
  ],
};

describe('COPY statements', () => {
  it('name the columns in layout order, quoted', () => {
    expect(copyInSql(layout)).toBe('COPY "public"."bars" ("id", "timestamp") FROM STDIN WITH (FORMAT binary)');
  });

  it('take what stands behind FROM', () => {
    expect(copyOutSql(layout, 'WHERE id = 1 ORDER BY 2')).toBe(
      'COPY (SELECT "id", "timestamp" FROM "public"."bars" WHERE id = 1 ORDER BY 2) TO STDOUT WITH (FORMAT binary)',
    );
    expect(copyOutSql(layout)).toContain('FROM "public"."bars") TO');
  });
});

describe('quoting', () => {
  it('doubles quotes', () => {
    expect(quoteIdentifier('a"b')).toBe('"a""b"');
    expect(quoteLiteral("it's")).toBe("'it''s'");
  });

  it('escapes backslashes whatever standard_conforming_strings says', () => {
    expect(quoteLiteral("a\\'b")).toBe("E'a\\\\''b'");
  });

  it('refuses a zero byte, which no text can hold', () => {
    expect(() => quoteLiteral('a\0b')).toThrow(StoreError);
  });
});
