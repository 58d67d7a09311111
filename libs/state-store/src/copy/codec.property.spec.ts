import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeCopy } from './decode.ts';
import { createCopyEncoder } from './encode.ts';
import type { FieldData } from './field-data.ts';
import { COPY_HEADER, COPY_TRAILER } from './file-format.ts';
import type { CopyLayout, CopyType } from './layout.ts';

const RUNS = { numRuns: 60 };

/** Whole milliseconds over PostgreSQL's range, and microseconds in the centuries that matter. */
const instantMs = fc.oneof(
  fc.maxSafeInteger().map((n) => n % 200_000_000_000_000),
  fc
    .tuple(fc.integer({ min: -2_208_988_800, max: 4_102_444_800 }), fc.integer({ min: 0, max: 999_999 }))
    .map(([seconds, micros]) => (seconds * 1_000_000 + micros) / 1000),
);

const NUMBERS: Partial<Record<CopyType, fc.Arbitrary<number>>> = {
  int2: fc.integer({ min: -32_768, max: 32_767 }),
  int4: fc.integer(),
  int8: fc.maxSafeInteger(),
  float8: fc.double({ noNaN: true }),
  date: fc.integer({ min: -2_000_000, max: 2_000_000 }),
  bool: fc.integer({ min: 0, max: 1 }),
  timestamptz: instantMs,
};

type Cell = number | string | Float64Array | null;

interface Case {
  layout: CopyLayout;
  cells: Cell[][];
  data: FieldData[];
  select: Int32Array;
  cuts: number[];
}

function columnOf(type: CopyType, rows: number): fc.Arbitrary<{ cells: Cell[]; data: FieldData }> {
  const size = { minLength: rows, maxLength: rows };
  const nullable = <T>(value: fc.Arbitrary<T>) => fc.array(fc.option(value, { nil: null, freq: 4 }), size);
  const numbers = NUMBERS[type];
  if (numbers !== undefined) {
    return nullable(numbers).map((cells) => ({ cells, data: { numbers: Float64Array.from(cells, (v) => v ?? NaN) } }));
  }
  if (type === 'float8[]') {
    const array = fc.array(fc.double(), { maxLength: 5 }).map((values) => Float64Array.from(values));
    return nullable(array).map((arrays) => ({ cells: arrays, data: { arrays } }));
  }
  if (type === 'enum') {
    return nullable(fc.constantFrom('multi_tf', 'cal', 'ž')).map((cells) => {
      const labels = [...new Set(cells)];
      return { cells, data: { codes: Int32Array.from(cells, (cell) => labels.indexOf(cell)), labels } };
    });
  }
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  return nullable(text).map((strings) => ({ cells: strings, data: { strings } }));
}

const transfer: fc.Arbitrary<Case> = fc
  .tuple(
    fc.array(fc.constantFrom<CopyType>(...(Object.keys(NUMBERS) as CopyType[]), 'text', 'enum', 'jsonb', 'float8[]'), {
      minLength: 1,
      maxLength: 8,
    }),
    fc.integer({ min: 0, max: 40 }),
  )
  .chain(([types, rows]) =>
    fc.record({
      types: fc.constant(types),
      columns: fc.tuple(...types.map((type) => columnOf(type, rows))),
      order: fc.array(fc.integer({ min: 0, max: Math.max(0, rows - 1) }), { maxLength: rows === 0 ? 0 : 60 }),
      cuts: fc.array(fc.nat(), { maxLength: 10 }),
    }),
  )
  .map(({ types, columns, order, cuts }) => ({
    layout: { table: 't', fields: types.map((type, f) => ({ column: `c${f}`, type, nullable: true })) },
    cells: columns.map((column) => column.cells),
    data: columns.map((column) => column.data),
    select: Int32Array.from(order),
    cuts,
  }));

function* cutAt(bytes: Uint8Array, cuts: number[]): Generator<Uint8Array> {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
  let from = 0;
  for (const place of [...places, bytes.length]) {
    yield bytes.subarray(from, place);
    from = place;
  }
}

const rowsOf = ({ cells }: Case) => cells[0].length;

describe('the COPY codec', () => {
  it('decodes what it encodes, in the selected order, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(transfer, async (given) => {
        const { layout, cells, data, select, cuts } = given;
        const tuples = createCopyEncoder(layout).encode(data, rowsOf(given), select);
        const table = await decodeCopy(layout, cutAt(Buffer.concat([COPY_HEADER, tuples, COPY_TRAILER]), cuts));
        expect(table.length).toBe(select.length);
        layout.fields.forEach(({ column, type }, f) => {
          const expected = Array.from(select, (row) => cells[f][row]);
          if (type === 'float8[]') expect(table.array(column)).toEqual(expected);
          else if (NUMBERS[type] === undefined) expect(table.text(column)).toEqual(expected);
          else {
            const numbers = table.number(column);
            expected.forEach((value, k) => expect(Object.is(numbers[k], value ?? NaN), `${type} ${value}`).toBe(true));
          }
        });
      }),
      RUNS,
    );
  });

  it('encodes a selection as the concatenation of its rows', () => {
    fc.assert(
      fc.property(transfer, (given) => {
        const encoder = createCopyEncoder(given.layout);
        const whole = encoder.encode(given.data, rowsOf(given), given.select);
        const rows = Array.from(given.select, (row) => encoder.encode(given.data, rowsOf(given), Int32Array.of(row)));
        expect(Buffer.concat(rows).equals(whole)).toBe(true);
      }),
      RUNS,
    );
  });

  it('never reads a damaged file as if it were whole', async () => {
    await fc.assert(
      fc.asyncProperty(transfer, fc.nat(), async (given, cut) => {
        const tuples = createCopyEncoder(given.layout).encode(given.data, rowsOf(given));
        const file = Buffer.concat([COPY_HEADER, tuples, COPY_TRAILER]);
        await expect(
          decodeCopy(given.layout, [file.subarray(0, COPY_HEADER.length + (cut % (file.length - COPY_HEADER.length)))]),
        ).rejects.toThrow();
      }),
      RUNS,
    );
  });
});
