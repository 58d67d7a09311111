import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Database, Session } from '../../src/connect/database.ts';
import type { FieldData } from '../../src/copy/field-data.ts';
import { createCopyEncoder } from '../../src/copy/encode.ts';
import { decodeCopy } from '../../src/copy/decode.ts';
import { copyInSql, copyOutSql, quoteLiteral, type CopyLayout } from '../../src/copy/layout.ts';
import { StoreError } from '../../src/errors.ts';
import type { TheDatabase } from './test-engines.ts';

const EVERY_TYPE: CopyLayout = {
  table: 'everything',
  fields: [
    { column: 'id', type: 'int4', nullable: false },
    { column: 'small', type: 'int2', nullable: true },
    { column: 'big', type: 'int8', nullable: true },
    { column: 'x', type: 'float8', nullable: true },
    { column: 'timestamp', type: 'timestamptz', nullable: true },
    { column: 'day', type: 'date', nullable: true },
    { column: 'flag', type: 'bool', nullable: true },
    { column: 'note', type: 'text', nullable: true },
    { column: 'kind', type: 'enum', nullable: true },
    { column: 'doc', type: 'jsonb', nullable: true },
    { column: 'reals', type: 'float8[]', nullable: true },
    { column: 'ints', type: 'int4[]', nullable: true },
  ],
};

const CREATE = `
  CREATE TYPE kind AS ENUM ('alpha', 'beta');
  CREATE TABLE everything (id int PRIMARY KEY, small int2, big int8, x float8, "timestamp" timestamptz, day date,
    flag bool, note text, kind kind, doc jsonb, reals float8[], ints int4[]);
  CREATE TABLE wide (id int PRIMARY KEY, pad text NOT NULL)`;

/** Times, days and texts at the edges of what PostgreSQL can hold, one NULL row, one plain row. */
function edgeRows(): { rows: number; data: FieldData[] } {
  const times = [
    Date.UTC(2024, 1, 29, 23, 59, 59, 999),
    NaN,
    -210_835_000_000_000,
    9_224_286_000_000_000 - 1,
    946_684_800_000,
    1_700_000_000_000.001,
  ];
  return {
    rows: 6,
    data: [
      { numbers: Int32Array.of(1, 2, 3, 4, -2147483648, 2147483647) },
      { numbers: Float64Array.of(1, NaN, -32768, 32767, 0, -1) },
      { numbers: Float64Array.of(1, NaN, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 0, -1) },
      { numbers: Float64Array.of(0.1, NaN, -Infinity, Infinity, -0, 5e-324) },
      { numbers: Float64Array.from(times) },
      { numbers: Int32Array.of(19782, -2147483648, -700000, 2_000_000, 10957, 0), nullIf: -2147483648 },
      { numbers: Float64Array.of(1, NaN, 0, 1, 0, 1) },
      { strings: ['plain', null, '', 'tab\tnewline\nquote"\'\\N', 'žluťoučký 🐎 ﷽', '\u{10FFFF}\uFEFF'] },
      { codes: Uint8Array.of(0, 2, 1, 1, 0, 0), labels: ['alpha', 'beta', null] },
      { strings: ['{"a": 1}', null, '[]', 'null', '"🐎"', '1.5'] },
      {
        arrays: [
          Float64Array.of(1.5, NaN),
          null,
          new Float64Array(0),
          Float64Array.of(Infinity),
          Int32Array.of(7),
          null,
        ],
      },
      { arrays: [Int32Array.of(1, -2147483648), null, new Int32Array(0), Float64Array.of(3), null, null] },
    ],
  };
}

/** What the store promises of bulk transfer on either engine. */
export function copyContract(test: TheDatabase): void {
  let database: Database;

  beforeAll(async () => {
    database = test().database;
    await database.session((s) => s.run(CREATE));
  });
  beforeEach(async () => {
    await database.session((s) => s.run('TRUNCATE everything, wide'));
  });

  const count = async (table: string) =>
    database.session(async (s) => (await s.query<{ n: number }>(`SELECT count(*) n FROM ${table}`))[0].n);
  const readAll = (s: Session) =>
    decodeCopy(
      EVERY_TYPE,
      s.copyOut(copyOutSql(EVERY_TYPE, 'ORDER BY array_position(ARRAY[1,2,3,4,-2147483648,2147483647], id)')),
    );

  it('stores every type so that SQL sees the same values', async () => {
    const { rows, data } = edgeRows();
    await database.transaction(async (tx) => {
      const stored = await tx.copyIn(copyInSql(EVERY_TYPE), [createCopyEncoder(EVERY_TYPE).encode(data, rows)]);
      expect(stored).toBe(rows);
      const [plain] = await tx.query('SELECT * FROM everything WHERE id = 1');
      expect(plain).toStrictEqual({
        ...{ id: 1, small: 1, big: 1, x: 0.1, timestamp: new Date('2024-02-29T23:59:59.999Z'), day: '2024-02-29' },
        ...{ flag: true, note: 'plain', kind: 'alpha', doc: { a: 1 }, reals: [1.5, NaN], ints: [1, -2147483648] },
      });
      const [nulls] = await tx.query('SELECT * FROM everything WHERE id = 2');
      expect(Object.values(nulls).filter((value) => value !== null)).toEqual([2]);
      const [micros] = await tx.query(`SELECT "timestamp"::text t FROM everything WHERE id = 2147483647`);
      expect(micros.t).toBe('2023-11-14 22:13:20.000001+00');
      const [zero] = await tx.query('SELECT x::text x FROM everything WHERE id = -2147483648');
      expect(zero.x).toBe('-0');
    });
  });

  it('reads back what it wrote, bit for bit', async () => {
    const { rows, data } = edgeRows();
    const table = await database.transaction(async (tx) => {
      await tx.copyIn(copyInSql(EVERY_TYPE), [createCopyEncoder(EVERY_TYPE).encode(data, rows)]);
      return readAll(tx);
    });
    expect(table.length).toBe(rows);
    for (const [f, field] of EVERY_TYPE.fields.entries()) {
      const given = data[f];
      if ('numbers' in given) {
        const expected = Array.from(given.numbers, (value) => (value === given.nullIf ? NaN : value));
        expect(Array.from(table.number(field.column)), field.column).toEqual(expected);
      } else if ('strings' in given) {
        expect(table.text(field.column), field.column).toEqual(given.strings);
      } else if ('codes' in given) {
        expect(table.text(field.column)).toEqual(Array.from(given.codes, (code) => given.labels[code]));
      } else if ('arrays' in given) {
        const expected = given.arrays.map((values) => values && Float64Array.from(values));
        expect(table.array(field.column), field.column).toEqual(expected);
      }
    }
    expect(Object.is(table.number('x')[4], -0)).toBe(true);
  });

  it('transfers no rows', async () => {
    await database.transaction(async (tx) => {
      expect(await tx.copyIn(copyInSql(EVERY_TYPE), [])).toBe(0);
      expect(await tx.copyIn(copyInSql(EVERY_TYPE), [new Uint8Array(0)])).toBe(0);
      expect((await readAll(tx)).length).toBe(0);
    });
  });

  it('takes chunks from a slow producer', async () => {
    const { rows, data } = edgeRows();
    const encoder = createCopyEncoder(EVERY_TYPE);
    async function* slowly() {
      for (let row = 0; row < rows; row++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield encoder.encode(data, rows, Int32Array.of(row));
      }
    }
    const stored = await database.transaction((tx) => tx.copyIn(copyInSql(EVERY_TYPE), slowly()));
    expect([stored, await count('everything')]).toEqual([rows, rows]);
  });

  it('is one unit even when it is long and outside a transaction', async () => {
    const layout: CopyLayout = {
      table: 'wide',
      fields: [
        { column: 'id', type: 'int4', nullable: false },
        { column: 'pad', type: 'text', nullable: false },
      ],
    };
    const rows = 20; // 20 MB: two statements on PGlite
    const ids = Int32Array.from({ length: rows }, (_, row) => row);
    const data: FieldData[] = [{ numbers: ids }, { constant: 'x'.repeat(1_000_000) }];
    const encoder = createCopyEncoder(layout);
    function* oneByOne() {
      for (let row = 0; row < rows; row++) yield encoder.encode(data, rows, Int32Array.of(row));
    }
    const copy = () => database.session((s) => s.copyIn(copyInSql(layout), oneByOne()));
    ids[rows - 1] = 0;
    await expect(copy()).rejects.toMatchObject({ code: 'STORE_CONSTRAINT', sqlstate: '23505' });
    expect(await count('wide')).toBe(0);
    ids[rows - 1] = rows;
    expect(await copy()).toBe(rows);
    const table = await database.session((s) => decodeCopy(layout, s.copyOut(copyOutSql(layout, 'ORDER BY id'))));
    expect([table.length, table.number('id')[rows - 1], table.codes('pad').labels.length]).toEqual([rows, rows, 1]);
  });

  describe('failures', () => {
    const encoder = createCopyEncoder(EVERY_TYPE);
    const { rows, data } = edgeRows();

    it('pass the producer’s own error on and store nothing', async () => {
      const refusal = new RangeError('producer');
      function* failing() {
        yield encoder.encode(data, rows);
        throw refusal;
      }
      await expect(database.session((s) => s.copyIn(copyInSql(EVERY_TYPE), failing()))).rejects.toBe(refusal);
      expect(await count('everything')).toBe(0);
    });

    it('come when the table is missing, and leave the session usable', async () => {
      const missing = { ...EVERY_TYPE, table: 'nowhere' };
      await database.session(async (s) => {
        await expect(s.copyIn(copyInSql(missing), [])).rejects.toMatchObject({ code: 'STORE_SCHEMA_MISSING' });
        await expect(decodeCopy(missing, s.copyOut(copyOutSql(missing)))).rejects.toMatchObject({
          code: 'STORE_SCHEMA_MISSING',
        });
        expect(await s.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      });
    });

    it('come in the middle of a result, and the next result is clean', async () => {
      await database.session(async (s) => {
        const layout: CopyLayout = { table: 'q', fields: [{ column: 'v', type: 'int4', nullable: false }] };
        const broken =
          'COPY (SELECT 10 / (50000 - i) AS v FROM generate_series(1, 60000) i) TO STDOUT WITH (FORMAT binary)';
        await expect(decodeCopy(layout, s.copyOut(broken))).rejects.toMatchObject({ sqlstate: '22012' });
        const whole = 'COPY (SELECT i AS v FROM generate_series(1, 60000) i) TO STDOUT WITH (FORMAT binary)';
        const table = await decodeCopy(layout, s.copyOut(whole));
        expect([table.length, table.number('v')[59_999]]).toEqual([60_000, 60_000]);
      });
    });

    it('of the server under a savepoint undo only the COPY', async () => {
      await database.transaction(async (tx) => {
        await tx.copyIn(copyInSql(EVERY_TYPE), [encoder.encode(data, rows, Int32Array.of(0))]);
        const again = tx.savepoint(() => tx.copyIn(copyInSql(EVERY_TYPE), [encoder.encode(data, rows)]));
        await expect(again).rejects.toMatchObject({ code: 'STORE_CONSTRAINT' });
      });
      expect(await count('everything')).toBe(1);
    });

    it('name column and row of an infinite timestamp or date', async () => {
      const [time, day] = ['timestamp', 'day'].map((column) => ({
        ...EVERY_TYPE,
        fields: EVERY_TYPE.fields.filter((field) => field.column === column),
      }));
      await database.session(async (s) => {
        await s.run(
          `INSERT INTO everything (id, "timestamp", day) VALUES (1, now(), now()), (2, '-infinity', 'infinity')`,
        );
        const read = (layout: CopyLayout) => decodeCopy(layout, s.copyOut(copyOutSql(layout, 'ORDER BY id')));
        await expect(read(time)).rejects.toThrow('everything.timestamp, row 1: an infinite timestamptz');
        await expect(read(day)).rejects.toThrow('everything.day, row 1: an infinite date');
      });
    });

    it('say when a column is not of the layout’s type', async () => {
      const wrong: CopyLayout = { table: 'everything', fields: [{ column: 'small', type: 'int4', nullable: true }] };
      await database.session(async (s) => {
        await s.run('INSERT INTO everything (id, small) VALUES (1, 1)');
        await expect(decodeCopy(wrong, s.copyOut(copyOutSql(wrong)))).rejects.toThrow(
          'int4 has 4 bytes, the transfer has 2',
        );
      });
    });

    it('refuse a statement that is no COPY of the right kind', async () => {
      await database.session(async (s) => {
        await expect(s.copyIn('COPY wide FROM STDIN', [])).rejects.toBeInstanceOf(StoreError);
        await expect(decodeCopy(EVERY_TYPE, s.copyOut('SELECT 1'))).rejects.toBeInstanceOf(StoreError);
      });
    });
  });

  it('reads lines of CSV as the server writes them', async () => {
    const sql = `COPY (SELECT i, 'ä,"' || i AS t FROM generate_series(1, 2) AS i) TO STDOUT (FORMAT csv, HEADER)`;
    await database.session(async (s) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of s.copyOut(sql)) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe('i,t\n1,"ä,""1"\n2,"ä,""2"\n');
      const failing = async () => {
        for await (const chunk of s.copyOut('COPY (SELECT 1 / 0) TO STDOUT')) expect(chunk).toBeUndefined();
      };
      await expect(failing()).rejects.toBeInstanceOf(StoreError);
      expect(await s.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });

  it('lets the reader leave in the middle and go on with other work', async () => {
    await database.session(async (s) => {
      let bytes = 0;
      for await (const chunk of s.copyOut(
        'COPY (SELECT i FROM generate_series(1, 300000) i) TO STDOUT WITH (FORMAT binary)',
      )) {
        bytes += chunk.length;
        break;
      }
      expect(bytes).toBeGreaterThan(0);
      expect(await s.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });

  it('quotes literals of a COPY query safely', async () => {
    const nasty = `it's a "test" \\' ; DROP TABLE wide; -- 🐎`;
    const layout: CopyLayout = { table: 'q', fields: [{ column: 'v', type: 'text', nullable: false }] };
    const sql = `COPY (SELECT ${quoteLiteral(nasty)}::text AS v) TO STDOUT WITH (FORMAT binary)`;
    const table = await database.session((s) => decodeCopy(layout, s.copyOut(sql)));
    expect(table.text('v')).toEqual([nasty]);
  });
}
