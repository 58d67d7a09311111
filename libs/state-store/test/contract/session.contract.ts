import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { sql } from 'drizzle-orm';
import { bigint, pgTable, text } from 'drizzle-orm/pg-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Database, Session } from '../../src/connect/database.ts';
import { StoreError } from '../../src/errors.ts';
import type { TheDatabase } from './test-engines.ts';

/** What the store promises of a database on either engine: values, transactions, savepoints, errors. */
export function sessionContract(test: TheDatabase): void {
  let database: Database;

  beforeAll(async () => {
    database = test().database;
    await database.session((s) =>
      s.run(`CREATE TABLE item (id int PRIMARY KEY, note text NOT NULL CHECK (note <> 'bad'), amount int8);
             CREATE TYPE colour AS ENUM ('red', 'green')`),
    );
  });
  beforeEach(async () => {
    await database.session((s) => s.run('TRUNCATE item'));
  });

  const count = () => database.session(async (s) => (await s.query<{ n: number }>('SELECT count(*) n FROM item'))[0].n);
  const failure = (work: () => Promise<unknown>): Promise<StoreError> =>
    work().then(
      () => expect.fail('nothing was thrown'),
      (error: unknown) => {
        expect(error).toBeInstanceOf(StoreError);
        return error as StoreError;
      },
    );

  describe('values', () => {
    it('come in the promised JavaScript types', async () => {
      const [row] = await database.session((s) =>
        s.query(`SELECT 9007199254740991::int8 big, 7::int2 small, 1.5::numeric num, 0.1::float8 f, 'NaN'::float8 nan,
          '-Infinity'::float8 ninf, timestamptz '2024-02-29 23:59:59.999+00' ts, date '2024-02-29' d, true b,
          '{"a":[1]}'::jsonb j, NULL::text nothing, 'green'::colour e, 'x'::text t, sum(v) s
          FROM (VALUES (1::int8), (2)) AS w(v)`),
      );
      expect(row).toStrictEqual({
        ...{ big: 9007199254740991, small: 7, num: 1.5, f: 0.1, nan: NaN, ninf: -Infinity },
        ...{ ts: new Date('2024-02-29T23:59:59.999Z'), d: '2024-02-29', b: true, j: { a: [1] } },
        ...{ nothing: null, e: 'green', t: 'x', s: 3 },
      });
    });

    it('come as arrays of these types', async () => {
      const [row] = await database.session((s) =>
        s.query(`SELECT '{1,NULL,3}'::int[] i, '{0.5,NaN,Infinity}'::float8[] f, '{}'::text[] nothing,
          ARRAY['a,b', 'c"d\\e', 'NULL', '', NULL] t, '{5}'::int8[] big, '{{1,2},{3,4}}'::int[] deep,
          '{2024-01-01 00:00:00+00}'::timestamptz[] ts, '{t,f}'::bool[] b`),
      );
      expect(row).toStrictEqual({
        ...{ i: [1, null, 3], f: [0.5, NaN, Infinity], nothing: [], t: ['a,b', 'c"d\\e', 'NULL', '', null], big: [5] },
        ...{ deep: [[1, 2], [3, 4]], ts: [new Date('2024-01-01T00:00:00Z')], b: [true, false] }, // prettier-ignore
      });
    });

    it('go in as parameters and come out unchanged', async () => {
      const at = new Date('2024-03-10T10:00:00.123Z');
      const [row] = await database.session((s) =>
        s.query(
          `SELECT $1::int a, $2::timestamptz ts, $3::float8[] f, $4::text t, $5::int8 big, $6::bool b, $7::text[] w,
           $8::jsonb j, $9::float8 x, $10::timestamptz[] tss`,
          [1, at, Float64Array.of(1.5, NaN, -Infinity), null, 2 ** 53 - 1, true, ['a"b', 'c,{}'], { k: 1 }, NaN, [at]],
        ),
      );
      expect(row).toStrictEqual({
        ...{ a: 1, ts: at, f: [1.5, NaN, -Infinity], t: null, big: 2 ** 53 - 1, b: true, w: ['a"b', 'c,{}'] },
        ...{ j: { k: 1 }, x: NaN, tss: [at] },
      });
    });

    it('refuse an int8 that a number cannot hold', async () => {
      const error = await failure(() => database.session((s) => s.query('SELECT 9007199254740993::int8')));
      expect(error.code).toBe('STORE_RANGE');
    });

    it('know times before the year 1000, BC and infinite ones', async () => {
      const [row] = await database.session((s) =>
        s.query(`SELECT timestamptz '0099-01-01 00:00+00' early, timestamptz '0001-12-31 00:00+00 BC' bc,
                 timestamptz 'infinity' never, timestamptz '12024-01-01 00:00+00' late,
                 timestamptz '294000-01-01 00:00:00.5+00' beyond`),
      );
      expect((row.early as Date).toISOString()).toBe('0099-01-01T00:00:00.000Z');
      expect((row.bc as Date).toISOString()).toBe('0000-12-31T00:00:00.000Z');
      expect(row.never).toBe(Infinity);
      expect((row.late as Date).toISOString()).toBe('+012024-01-01T00:00:00.000Z');
      expect(row.beyond).toBe('+294000-01-01T00:00:00.500Z');
    });

    it('are written and shown in UTC, whatever the zone of process and server', async () => {
      const [row] = await database.session((s) => s.query("SELECT '2024-07-01 12:00'::timestamptz::text t"));
      expect(row.t).toBe('2024-07-01 12:00:00+00');
    });
  });

  describe('run', () => {
    it('counts changed rows, not selected ones', async () => {
      await database.session(async (s) => {
        expect(await s.run("INSERT INTO item SELECT i, 'n' FROM generate_series(1, 5) i")).toBe(5);
        expect(await s.run('UPDATE item SET note = $1 WHERE id > $2', ['m', 2])).toBe(3);
        expect(await s.run('SELECT * FROM item')).toBe(0);
        expect(await s.run('DELETE FROM item WHERE id = 1; DELETE FROM item WHERE id > 3; SELECT 1')).toBe(3);
        expect(await s.run('CREATE TEMP TABLE gone (id int)')).toBe(0);
      });
    });

    it('keeps every column of a table, also where names repeat, and those of no rows', async () => {
      const table = (sql: string) => database.session((s) => s.queryTable(sql));
      expect(await table("SELECT 1 AS n, 'a' AS n, timestamptz '2024-01-02 00:00Z' AS t")).toEqual({
        columns: ['n', 'n', 't'],
        rows: [[1, 'a', new Date('2024-01-02T00:00:00Z')]],
      });
      const exact =
        '12345678901234567890::numeric AS a, 9007199254740993 AS b, 0.10::numeric AS c, ARRAY[1.5, 123456789012345.678] AS d';
      expect((await table(`SELECT ${exact}, 'NaN'::numeric AS e, 100::numeric AS f`)).rows).toEqual([
        ['12345678901234567890', '9007199254740993', 0.1, [1.5, '123456789012345.678'], NaN, 100],
      ]);
      const instants = `timestamptz '2024-01-02 03:04:05.678901Z' AS a, '{1969-12-31 23:59:59.9999Z}'::timestamptz[] AS b, '294000-01-01Z'::timestamptz AS c`;
      expect((await table(`SELECT ${instants}`)).rows).toEqual([
        ['2024-01-02T03:04:05.678901Z', ['1969-12-31T23:59:59.999900Z'], '+294000-01-01T00:00:00.000Z'],
      ]);
      expect(await table('SELECT 1 AS n, 2 AS m WHERE false')).toEqual({ columns: ['n', 'm'], rows: [] });
    });

    it('is one statement when it has parameters or answers rows', async () => {
      const error = await failure(() => database.session((s) => s.query('SELECT 1; SELECT 2')));
      expect(error.sqlstate).toBe('42601');
    });
  });

  describe('transaction', () => {
    const insert = "INSERT INTO item VALUES (1, 'one')";

    it('commits when the function returns, and returns its value', async () => {
      const value = await database.transaction(async (tx) => {
        await tx.run(insert);
        return 'done';
      });
      expect(value).toBe('done');
      expect(await count()).toBe(1);
    });

    it('rolls back when the function throws, and passes its error on untouched', async () => {
      class Refusal extends Error {}
      const refusal = new Refusal('no');
      const work = database.transaction(async (tx) => {
        await tx.run(insert);
        throw refusal;
      });
      await expect(work).rejects.toBe(refusal);
      expect(await count()).toBe(0);
    });

    it('commits nothing and says so when the function swallowed a failed statement', async () => {
      const error = await failure(() =>
        database.transaction(async (tx) => {
          await tx.run(insert);
          await tx.run('SELECT 1/0').catch(() => undefined);
        }),
      );
      expect(error.sqlstate).toBe('25P02');
      expect(await count()).toBe(0);
    });

    it('refuses writes when it is read-only', async () => {
      const error = await failure(() => database.transaction((tx) => tx.run(insert), { readOnly: true }));
      expect([error.code, error.sqlstate]).toEqual(['STORE_READ_ONLY', '25006']);
    });

    it('has the isolation asked for', async () => {
      const level = (options?: { isolation: 'repeatable read' }) =>
        database.transaction(
          async (tx) => (await tx.query('SHOW transaction_isolation'))[0].transaction_isolation,
          options,
        );
      expect(await level()).toBe('read committed');
      expect(await level({ isolation: 'repeatable read' })).toBe('repeatable read');
    });

    it('closes its session when it ends', async () => {
      const tx = await database.transaction(async (session) => session);
      const error = await failure(() => tx.query('SELECT 1'));
      expect(error.message).toContain('after its function had returned');
    });

    it('runs one after the other or side by side, but never mixed', async () => {
      const add = (from: number) =>
        database.transaction(async (tx) => {
          for (let id = from; id < from + 5; id++) await tx.run('INSERT INTO item VALUES ($1, $2)', [id, 'n']);
          if (from === 10) throw new Error('this one not');
        });
      await Promise.allSettled([add(0), add(10), add(20)]);
      expect(await count()).toBe(10);
    });

    it('leaves the connection usable after a failure', async () => {
      await failure(() => database.transaction((tx) => tx.run('SELECT nonsense')));
      expect(await count()).toBe(0);
    });
  });

  describe('savepoint', () => {
    it('undoes only what its function did', async () => {
      await database.transaction(async (tx) => {
        await tx.run("INSERT INTO item VALUES (1, 'kept')");
        await failure(() =>
          tx.savepoint(async () => {
            await tx.run("INSERT INTO item VALUES (2, 'lost')");
            await tx.run("INSERT INTO item VALUES (1, 'twice')");
          }),
        );
        await tx.run("INSERT INTO item VALUES (3, 'kept')");
      });
      expect(await count()).toBe(2);
    });

    it('nests, and returns the value of its function', async () => {
      const value = await database.transaction((tx) =>
        tx.savepoint(async () => {
          await tx.run("INSERT INTO item VALUES (1, 'outer')");
          const lost = tx.savepoint(async () => {
            await tx.run("INSERT INTO item VALUES (2, 'inner')");
            throw new RangeError('inner');
          });
          await expect(lost).rejects.toBeInstanceOf(RangeError);
          return tx.savepoint(async () => 42);
        }),
      );
      expect([value, await count()]).toEqual([42, 1]);
    });

    it('undoes what its function left to be sent later, even what would fail', async () => {
      const left = async (tx: Session) => {
        await tx.run("INSERT INTO item VALUES (1, 'lost')");
        await tx.later('SELECT nonsense');
        throw new RangeError('inner');
      };
      await database.transaction(
        async (tx) => {
          await expect(tx.savepoint(() => left(tx))).rejects.toThrow();
          await tx.run("INSERT INTO item VALUES (2, 'kept')");
        },
        { joins: true },
      );
      expect(await count()).toBe(1);
    });

    it('is refused outside a transaction', async () => {
      const error = await failure(() => database.session((s) => s.savepoint(async () => 1)));
      expect(error.message).toContain('needs a transaction');
    });
  });

  it('every statement is told on the channel ta.statement, without its values', async () => {
    const told: unknown[] = [];
    const listener = (message: unknown) => told.push(message);
    subscribe('ta.statement', listener);
    try {
      await database.transaction(async (tx) => {
        await tx.query('SELECT $1::text AS hushed', ['hush']);
        await tx.run('DELETE FROM item');
        await tx.copyIn('COPY item (id, note) FROM STDIN WITH (FORMAT binary)', []);
        for await (const chunk of tx.copyOut('COPY item TO STDOUT WITH (FORMAT binary)')) void chunk;
        await tx.orm.execute(sql`SELECT ${'hush'}::text AS drizzled`);
        await tx.savepoint(async () => undefined);
      });
    } finally {
      unsubscribe('ta.statement', listener);
    }
    expect(told).toStrictEqual([
      'SELECT $1::text AS hushed',
      'DELETE FROM item',
      'COPY item (id, note) FROM STDIN WITH (FORMAT binary)',
      'COPY item TO STDOUT WITH (FORMAT binary)',
      'SELECT $1::text AS drizzled',
      'SAVEPOINT ta_1',
    ]);
  });

  describe('errors', () => {
    const codeOf = async (statement: string, params?: unknown[]) => {
      const error = await failure(() => database.session((s) => s.query(statement, params)));
      return [error.code, error.sqlstate];
    };

    it('name what happened by a stable code', async () => {
      await database.session((s) => s.run("INSERT INTO item VALUES (1, 'one')"));
      expect(await codeOf("INSERT INTO item VALUES (1, 'two')")).toEqual(['STORE_CONSTRAINT', '23505']);
      expect(await codeOf('INSERT INTO item (id) VALUES (2)')).toEqual(['STORE_CONSTRAINT', '23502']);
      expect(await codeOf("INSERT INTO item VALUES (2, 'bad')")).toEqual(['STORE_CONSTRAINT', '23514']);
      expect(await codeOf('SELECT * FROM nowhere')).toEqual(['STORE_SCHEMA_MISSING', '42P01']);
      expect(await codeOf('SELECT nothing FROM item')).toEqual(['STORE_QUERY', '42703']);
      expect(await codeOf('SELECT 40000::int2')).toEqual(['STORE_RANGE', '22003']);
    });

    it('carry table and constraint, and neither values nor parameters', async () => {
      await database.session((s) => s.run("INSERT INTO item VALUES (1, 'one')"));
      const unique = await failure(() =>
        database.session((s) => s.run('INSERT INTO item VALUES ($1, $2)', [1, 'hush-hush'])),
      );
      expect(unique.context).toMatchObject({ table: 'item', constraint: 'item_pkey' });
      const syntax = await failure(() => database.session((s) => s.query('SELECT $1::text::int', ['hush-hush'])));
      const drizzle = await failure(() =>
        database.transaction((tx) => tx.orm.execute(sql`SELECT ${'hush-hush'}::text::int`)),
      );
      expect(drizzle.sqlstate).toBe('22P02');
      for (const error of [unique, syntax, drizzle]) {
        const cause = error.cause as Error;
        const everything = [
          error.message,
          error.stack,
          cause.message,
          cause.stack,
          JSON.stringify({ ...error, ...cause }),
        ];
        expect(everything.join()).not.toContain('hush-hush');
      }
    });

    it('are the same from Drizzle once they leave the transaction', async () => {
      const error = await failure(() => database.transaction((tx) => tx.orm.execute(sql`SELECT * FROM nowhere`)));
      expect(error.code).toBe('STORE_SCHEMA_MISSING');
    });
  });

  describe('orm', () => {
    const item = pgTable('item', {
      id: bigint({ mode: 'number' }).primaryKey(),
      note: text().notNull(),
      amount: bigint({ mode: 'number' }),
    });

    it('works on the connection of its session', async () => {
      await database.transaction(async (tx) => {
        await tx.orm.insert(item).values({ id: 1, note: 'x', amount: 2 ** 40 });
        expect(await tx.orm.select().from(item)).toEqual([{ id: 1, note: 'x', amount: 2 ** 40 }]);
        expect(await tx.query('SELECT id FROM item')).toEqual([{ id: 1 }]);
        const [{ n, day }] = await tx.orm.select({ n: sql`count(*)`, day: sql`date '2024-02-29'` }).from(item);
        expect([n, day]).toEqual([1, '2024-02-29']);
      });
    });

    it('refuses its own transaction inside one of ours, and has one outside', async () => {
      const error = await failure(() => database.transaction((tx) => tx.orm.transaction(async () => 1)));
      expect(error.message).toContain('savepoint');
      await database.session((s) =>
        s.orm.transaction(async (tx) => {
          await tx.insert(item).values({ id: 9, note: 'y' });
        }),
      );
      const lost = database.session((s) =>
        s.orm.transaction(async (tx) => {
          await tx.insert(item).values({ id: 10, note: 'z' });
          throw new RangeError('no');
        }),
      );
      await expect(lost).rejects.toBeInstanceOf(RangeError);
      expect(await count()).toBe(1);
    });
  });
}
