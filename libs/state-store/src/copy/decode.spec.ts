import { describe, expect, it } from 'vitest';

import { decodeCopy } from './decode.ts';
import { createCopyEncoder } from './encode.ts';
import type { FieldData } from './field-data.ts';
import { COPY_HEADER, COPY_TRAILER } from './file-format.ts';
import type { CopyLayout } from './layout.ts';

const layout: CopyLayout = {
  table: 't',
  fields: [
    { column: 'n', type: 'int4', nullable: false },
    { column: 'x', type: 'float8', nullable: true },
    { column: 'ts', type: 'timestamptz', nullable: true },
    { column: 's', type: 'text', nullable: true },
    { column: 'a', type: 'float8[]', nullable: true },
  ],
};
const data: FieldData[] = [
  { numbers: Int32Array.of(1, -2, 3) },
  { numbers: Float64Array.of(0.5, NaN, -Infinity) },
  { numbers: Float64Array.of(1_700_000_000_123.5, NaN, 253_402_300_799_999) },
  { strings: ['žluťoučký 🐎', null, ''] },
  { arrays: [Float64Array.of(1, NaN), null, new Float64Array(0)] },
];
const tuples = createCopyEncoder(layout).encode(data, 3);
const file = Buffer.concat([COPY_HEADER, tuples, COPY_TRAILER]);

async function expectTheRows(chunks: Uint8Array[]): Promise<void> {
  const table = await decodeCopy(layout, chunks);
  expect(table.length).toBe(3);
  expect([...table.number('n')]).toEqual([1, -2, 3]);
  expect([...table.number('x')]).toEqual([0.5, NaN, -Infinity]);
  expect([...table.number('ts')]).toEqual([1_700_000_000_123.5, NaN, 253_402_300_799_999]);
  expect(table.text('s')).toEqual(['žluťoučký 🐎', null, '']);
  expect(table.array('a')).toEqual([Float64Array.of(1, NaN), null, new Float64Array(0)]);
  expect(table.cells('a')).toMatchObject({
    values: Float64Array.of(1, NaN),
    starts: Int32Array.of(0, 2, 2, 2),
    nulls: Uint8Array.of(0, 1, 0),
  });
}

describe('decodeCopy', () => {
  it.each([
    ['a COPY file', file],
    ['raw tuples', tuples],
  ])('reads %s cut in two at every byte', async (_name, bytes) => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      await expectTheRows([bytes.subarray(0, cut), bytes.subarray(cut)]);
    }
  });

  it('reads single bytes, from a buffer that the producer uses again', async () => {
    const one = new Uint8Array(1);
    async function* bytewise() {
      for (const byte of file) {
        one[0] = byte;
        yield one;
      }
    }
    const table = await decodeCopy(layout, bytewise());
    expect(table.text('s')).toEqual(['žluťoučký 🐎', null, '']);
  });

  it('skips the header extension', async () => {
    const extended = Buffer.from(COPY_HEADER);
    extended.writeInt32BE(3, extended.length - 4);
    await expectTheRows([extended, Buffer.from('ext'), tuples, Buffer.from(COPY_TRAILER)]);
  });

  it('reads no rows', async () => {
    expect((await decodeCopy(layout, [])).length).toBe(0);
    expect((await decodeCopy(layout, [file.subarray(0, COPY_HEADER.length), Buffer.from(COPY_TRAILER)])).length).toBe(
      0,
    );
  });

  it('grows over many rows', async () => {
    const rows = 10_000;
    const ints: CopyLayout = { table: 't', fields: [{ column: 'n', type: 'int4', nullable: false }] };
    const numbers = Int32Array.from({ length: rows }, (_, row) => row * 3);
    const table = await decodeCopy(ints, [createCopyEncoder(ints).encode([{ numbers }], rows)]);
    expect([table.length, table.number('n').length, table.number('n')[rows - 1]]).toEqual([rows, rows, (rows - 1) * 3]);
  });

  it('gives text as codes into its distinct values', async () => {
    const texts: CopyLayout = { table: 't', fields: [{ column: 's', type: 'text', nullable: true }] };
    const strings = Array.from({ length: 1000 }, (_, row) => (row % 7 === 0 ? null : `label ${row % 300}`));
    const table = await decodeCopy(texts, [createCopyEncoder(texts).encode([{ strings }], 1000)]);
    const { codes, labels } = table.codes('s');
    expect(new Set(labels).size).toBe(labels.length);
    expect(Array.from(codes, (code) => (code < 0 ? null : labels[code]))).toEqual(strings);
  });

  it('tells where the rows of each text begin and end', async () => {
    const texts: CopyLayout = { table: 't', fields: [{ column: 's', type: 'text', nullable: true }] };
    const strings = ['2D', '2D', '2D', '3D', null, null];
    const table = await decodeCopy(texts, [createCopyEncoder(texts).encode([{ strings }], strings.length)]);
    expect([...table.runs('s')]).toEqual([
      ['2D', [0, 3]],
      ['3D', [3, 4]],
      [null, [4, 6]],
    ]);
    const empty = await decodeCopy(texts, [createCopyEncoder(texts).encode([{ strings: [] }], 0)]);
    expect(empty.runs('s').size).toBe(0);
  });

  describe('refuses', () => {
    it('a file without its trailer, wherever it was cut', async () => {
      for (const cut of [COPY_HEADER.length, COPY_HEADER.length + 5, file.length - 2, file.length - 1]) {
        await expect(decodeCopy(layout, [file.subarray(0, cut)])).rejects.toThrow(/ended inside row \d/);
      }
    });

    it('raw tuples that end inside a row', async () => {
      await expect(decodeCopy(layout, [tuples.subarray(0, tuples.length - 1)])).rejects.toThrow('ended inside row 2');
    });

    it('bytes behind the trailer', async () => {
      await expect(decodeCopy(layout, [file, tuples])).rejects.toThrow('bytes follow the trailer');
    });

    it('another number of columns, another width, another file', async () => {
      const fewer = { ...layout, fields: layout.fields.slice(1) };
      await expect(decodeCopy(fewer, [file])).rejects.toThrow('row 0 has 5 fields, the layout has 4');
      const wider = {
        ...layout,
        fields: [{ column: 'n', type: 'int8' as const, nullable: false }, ...layout.fields.slice(1)],
      };
      await expect(decodeCopy(wider, [file])).rejects.toThrow('column t.n: int8 has 8 bytes, the transfer has 4');
      const text = Buffer.from('PG is what this text begins with');
      await expect(decodeCopy(layout, [text])).rejects.toThrow('not a binary COPY');
    });

    it('an array whose elements SQL numbers otherwise than from 1 on', async () => {
      const arrays: CopyLayout = { table: 't', fields: [{ column: 'a', type: 'float8[]', nullable: true }] };
      const bytes = createCopyEncoder(arrays).encode([{ arrays: [Float64Array.of(1, 2)] }], 1);
      const lowerBoundAt = 2 + 4 + 16;
      for (const bound of [0, 2]) {
        const other = Buffer.from(bytes);
        expect(other.readInt32BE(lowerBoundAt)).toBe(1);
        other.writeInt32BE(bound, lowerBoundAt);
        await expect(decodeCopy(arrays, [other])).rejects.toThrow(
          'column t.a, row 0: not a one-dimensional float8 array numbered from 1 on',
        );
      }
    });

    it('columns that were not read, or not of that kind', async () => {
      const table = await decodeCopy(layout, [tuples]);
      expect(() => table.number('s')).toThrow('There is no number column s');
      expect(() => table.text('missing')).toThrow('decoded were n (number), x (number)');
    });
  });
});
