import { describe, expect, it } from 'vitest';

import type { StoreError } from '../errors.ts';
import { createCopyEncoder } from './encode.ts';
import type { FieldData } from './field-data.ts';
import type { CopyField, CopyLayout, CopyType } from './layout.ts';

const field = (column: string, type: CopyType, nullable = false): CopyField => ({ column, type, nullable });
const layoutOf = (...fields: CopyField[]): CopyLayout => ({ table: 't', fields });

/** The hexadecimal text of one row of one field, without the field count in front. */
function wire(type: CopyType, data: FieldData, nullable = true): string {
  const bytes = createCopyEncoder(layoutOf(field('c', type, nullable))).encode([data], 1);
  expect([bytes[0], bytes[1]]).toEqual([0, 1]);
  return Buffer.from(bytes.subarray(2)).toString('hex');
}

function failureOf(type: CopyType, data: FieldData, nullable = false, rows = 1): StoreError {
  try {
    createCopyEncoder(layoutOf(field('c', type, nullable))).encode([data], rows);
  } catch (error) {
    return error as StoreError;
  }
  return expect.fail('nothing was thrown');
}

describe('encode', () => {
  // Expected bytes: what `COPY (SELECT value) TO STDOUT (FORMAT binary)` of PostgreSQL 15 writes.
  it.each<[CopyType, number, string]>([
    ['int2', -2, '00000002fffe'],
    ['int4', 258, '0000000400000102'],
    ['int8', -1, '00000008ffffffffffffffff'],
    ['int8', 2 ** 53 - 1, '00000008001fffffffffffff'],
    ['float8', 1.5, '000000083ff8000000000000'],
    ['float8', -0, '000000088000000000000000'],
    ['float8', Infinity, '000000087ff0000000000000'],
    ['bool', 1, '0000000101'],
    ['date', 10957, '0000000400000000'],
    ['date', 0, '00000004ffffd533'],
    ['timestamptz', 946_684_800_000, '000000080000000000000000'],
    ['timestamptz', 946_684_799_999, '00000008fffffffffffffc18'],
    ['timestamptz', 946_684_800_000.001, '000000080000000000000001'],
    // 9999-12-31T23:59:59.999Z, beyond what microseconds in a double can hold
    ['timestamptz', 253_402_300_799_999, '000000080380e70b913b7c18'],
  ])('writes %s %s as the server would', (type, value, hex) => {
    expect(wire(type, { numbers: Float64Array.of(value) })).toBe(hex);
    expect(wire(type, { constant: value })).toBe(hex);
  });

  it.each<[CopyType, string, string]>([
    ['text', 'añ', '0000000361c3b1'],
    ['text', '', '00000000'],
    ['enum', 'red', '00000003726564'],
    ['jsonb', '{}', '00000003017b7d'],
  ])('writes %s “%s” the same from strings, codes and constants', (type, text, hex) => {
    expect(wire(type, { strings: [text] })).toBe(hex);
    expect(wire(type, { constant: text })).toBe(hex);
    expect(wire(type, { codes: Uint8Array.of(1), labels: ['other', text] })).toBe(hex);
  });

  it('writes arrays with one dimension, and empty ones with none', () => {
    const head = '00000001' + '00000000' + '00000017' + '00000002' + '00000001';
    expect(wire('int4[]', { arrays: [Int32Array.of(1, -1)] })).toBe(
      '00000024' + head + '00000004' + '00000001' + '00000004' + 'ffffffff',
    );
    expect(wire('float8[]', { arrays: [new Float64Array(0)] })).toBe('0000000c' + '00000000' + '00000000' + '000002bd');
  });

  it.each<[CopyType, FieldData]>([
    ['float8', { numbers: Float64Array.of(NaN) }],
    ['int4', { numbers: Int32Array.of(-7), nullIf: -7 }],
    ['bool', { numbers: Uint8Array.of(255), nullIf: 255 }],
    ['timestamptz', { constant: null }],
    ['text', { strings: [null] }],
    ['enum', { codes: Int32Array.of(0), labels: [null] }],
    ['int4[]', { arrays: [null] }],
  ])('writes NULL of a nullable %s as length −1, and refuses it where the column is not null', (type, data) => {
    expect(wire(type, data)).toBe('ffffffff');
    const error = failureOf(type, data);
    expect([error.code, error.message]).toEqual(['STORE_NULL', `t.c (${type}, not null): no value in row 0.`]);
  });

  it.each<[CopyType, FieldData]>([
    ['int4', { numbers: Float64Array.of(0.5) }],
    ['int4', { numbers: Float64Array.of(2 ** 31) }],
    ['int4', { constant: Infinity }],
    ['int2', { numbers: Int32Array.of(32768) }],
    ['int8', { numbers: Float64Array.of(2 ** 53) }],
    ['int8', { numbers: Float64Array.of(1.5) }],
    ['bool', { numbers: Uint8Array.of(2) }],
    ['date', { numbers: Float64Array.of(1.5) }],
    ['date', { numbers: Float64Array.of(-2_147_483_648) }],
    ['timestamptz', { numbers: Float64Array.of(-Infinity) }],
    ['timestamptz', { numbers: Float64Array.of(1e16) }],
    ['int4[]', { arrays: [Float64Array.of(0.5)] }],
    ['text', { codes: Uint8Array.of(3), labels: ['a'] }],
  ])('refuses a value that no %s can hold, naming row and not value', (type, data) => {
    const error = failureOf(type, data);
    expect(error.code).toBe('STORE_RANGE');
    expect(error.message).toMatch(/^t\.c \(\S+\): row 0 must be /);
    expect(error.context).toEqual({ table: 't', column: 'c', row: 0 });
  });

  it.each<[CopyType, FieldData, string]>([
    ['int4', { strings: ['1'] }, 'strings cannot fill a column of type int4'],
    ['text', { numbers: Int32Array.of(1) }, 'numbers cannot fill a column of type text'],
    ['int4[]', { constant: 1 }, 'a constant number cannot fill a column of type int4[]'],
    ['int4', { numbers: new Int32Array(0) }, '1 values expected, 0 given'],
  ])('refuses data of the wrong shape for %s', (type, data, message) => {
    const error = failureOf(type, data);
    expect([error.code, error.message]).toEqual(['STORE_QUERY', `COPY data of t.c: ${message}.`]);
  });

  describe('with a selection', () => {
    const encoder = createCopyEncoder(layoutOf(field('a', 'int4'), field('b', 'text')));
    const data: FieldData[] = [{ numbers: Int32Array.of(10, 20, 30) }, { strings: ['x', 'yy', 'zzz'] }];
    const hex = (select?: Int32Array, count?: number) =>
      Buffer.from(encoder.encode(data, 3, select, count)).toString('hex');

    it('writes these rows in this order', () => {
      expect(hex(Int32Array.of(2, 0))).toBe(
        '0002' + '000000040000001e' + '000000037a7a7a' + '0002' + '000000040000000a' + '0000000178',
      );
    });

    it('writes the first `count` of them, repeats included', () => {
      expect(hex(Int32Array.of(1, 1, 9, 9), 2)).toBe(hex(Int32Array.of(1, 1)));
      expect(hex(undefined, 1)).toBe(hex(Int32Array.of(0)));
      expect(hex(Int32Array.of(), 0)).toBe('');
    });

    it('refuses rows and counts that are not there', () => {
      expect(() => hex(Int32Array.of(0, 3))).toThrow('select[1] must be a row index below 3');
      expect(() => hex(Int32Array.of(-1))).toThrow('select[0] must be a row index below 3');
      expect(() => hex(undefined, 4)).toThrow('count 4 is more than there are rows');
      expect(() => encoder.encode(data.slice(1), 3)).toThrow('2 fields expected, 1 given');
    });
  });

  it('makes the same bytes in chunks and in one piece, over many blocks', () => {
    const rows = 20_001;
    const encoder = createCopyEncoder(layoutOf(field('a', 'float8', true), field('b', 'text'), field('c', 'int4')));
    const data: FieldData[] = [
      { numbers: Float64Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? NaN : row / 7)) },
      { codes: Uint8Array.from({ length: rows }, (_, row) => row % 5), labels: ['a', 'bb', '', 'dddd', 'ž'] },
      { constant: 5 },
    ];
    const backwards = Int32Array.from({ length: rows }, (_, row) => rows - 1 - row);
    for (const select of [null, backwards]) {
      const chunks = [...encoder.encodeChunks(data, rows, select)];
      expect(chunks.length).toBe(3);
      expect(Buffer.concat(chunks).equals(encoder.encode(data, rows, select))).toBe(true);
    }
  });

  it('names the row of the data, not of the selection or block', () => {
    const numbers = new Float64Array(5000);
    numbers[4321] = NaN;
    const encoder = createCopyEncoder(layoutOf(field('c', 'float8')));
    const backwards = Int32Array.from({ length: 5000 }, (_, row) => 4999 - row);
    expect(() => encoder.encode([{ numbers }], 5000, backwards)).toThrow('no value in row 4321');
  });
});
