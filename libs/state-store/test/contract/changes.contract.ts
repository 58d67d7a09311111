import { expect, it } from 'vitest';
import type { Database, Session } from '../../src/connect/database.ts';
import { readChanges } from '../../src/read/changes.ts';
import { takeChanges } from '../../src/write/changes.ts';

const DAY_1 = Date.parse('2024-01-01T23:59:59.999Z');
const DAY_MS = 86_400_000;
const day = (n: number) => DAY_1 + (n - 1) * DAY_MS;
const at = (n: number) => `'${new Date(day(n)).toISOString()}'`;

/** The invalidation log: what is written by whom, and how a refresh takes it (docs/state-management.md#rules). */
export function changesContract(database: () => Database): void {
  /** Runs statements on an empty log in a transaction that is rolled back, and returns the log. */
  async function logOf(work: (tx: Session) => Promise<unknown>) {
    const stop = new Error('roll back');
    let log: string[] = [];
    await database()
      .transaction(async (tx) => {
        await tx.run(`INSERT INTO cmc_price_histories7 (id, "timestamp", name, close)
          SELECT id, timestamptz ${at(1)} + day * interval '1 day', 'x', day
          FROM generate_series(101, 102) id, generate_series(0, 9) day`);
        await tx.run('DELETE FROM cmc_price_histories7_changes');
        await work(tx);
        const rows = await tx.query<{ id: number; kind: string; first_ts: Date; last_ts: Date; rows: number }>(
          'SELECT * FROM cmc_price_histories7_changes ORDER BY change_id',
        );
        const dayOf = (date: Date) => (date.getTime() - DAY_1) / DAY_MS + 1;
        log = rows.map(
          (row) => `${row.kind} ${row.id}: ${dayOf(row.first_ts)}..${dayOf(row.last_ts)}, ${row.rows} rows`,
        );
        throw stop;
      })
      .catch((error: unknown) => {
        if (error !== stop) throw error;
      });
    return log;
  }

  it('an insert is logged once per id with its earliest and latest instant', async () => {
    const log = await logOf((tx) =>
      tx.run(`INSERT INTO cmc_price_histories7 (id, "timestamp", name)
        VALUES (102, ${at(13)}, 'x'), (101, ${at(11)}, 'x'), (102, ${at(11)}, 'x')`),
    );
    expect(log).toStrictEqual(['insert 101: 11..11, 1 rows', 'insert 102: 11..13, 2 rows']);
  });

  it('a COPY is logged like an insert', async () => {
    const log = await logOf((tx) =>
      // a binary tuple of three fields: id 101, timestamp, name
      tx.copyIn('COPY cmc_price_histories7 (id, "timestamp", name) FROM STDIN WITH (FORMAT binary)', [tuple(101, 12)]),
    );
    expect(log).toStrictEqual(['insert 101: 12..12, 1 rows']);
  });

  it('an update that writes the same values back is not logged', async () => {
    expect(await logOf((tx) => tx.run('UPDATE cmc_price_histories7 SET close = close'))).toStrictEqual([]);
  });

  it('an update is logged for the rows that differ, bit for bit', async () => {
    const log = await logOf(async (tx) => {
      await tx.run(`UPDATE cmc_price_histories7 SET close = CASE WHEN "timestamp" = ${at(4)} THEN 7 ELSE close END`);
      await tx.run(`UPDATE cmc_price_histories7 SET close = '-0' WHERE id = 101 AND close = 0`);
      await tx.run(`UPDATE cmc_price_histories7 SET volume = NULL, source_file = 'f' WHERE id = 102 AND close > 7`);
    });
    expect(log).toStrictEqual([
      'update 101: 4..4, 1 rows',
      'update 102: 4..4, 1 rows',
      'update 101: 1..1, 1 rows',
      'update 102: 9..10, 2 rows',
    ]);
  });

  it('a changed key is logged where the row was and where it went', async () => {
    const log = await logOf(async (tx) => {
      await tx.run(`UPDATE cmc_price_histories7 SET id = 103 WHERE id = 101 AND "timestamp" >= ${at(9)}`);
      await tx.run(`UPDATE cmc_price_histories7 SET "timestamp" = ${at(20)} WHERE id = 102 AND "timestamp" = ${at(2)}`);
    });
    expect(log).toStrictEqual(['update 101: 9..10, 2 rows', 'update 103: 9..10, 2 rows', 'update 102: 2..20, 2 rows']);
  });

  it('a delete is logged; a statement that touches nothing is not', async () => {
    const log = await logOf(async (tx) => {
      await tx.run(`DELETE FROM cmc_price_histories7 WHERE "timestamp" < ${at(3)}`);
      await tx.run('DELETE FROM cmc_price_histories7 WHERE id = 999');
    });
    expect(log).toStrictEqual(['delete 101: 1..2, 2 rows', 'delete 102: 1..2, 2 rows']);
  });

  it('an upsert is logged as the insert and the update that it was', async () => {
    const log = await logOf((tx) =>
      tx.run(`INSERT INTO cmc_price_histories7 (id, "timestamp", name, close)
        VALUES (101, ${at(5)}, 'x', 50), (101, ${at(6)}, 'x', 5), (101, ${at(11)}, 'x', 1)
        ON CONFLICT (id, "timestamp") DO UPDATE SET close = excluded.close`),
    );
    expect(log.sort()).toStrictEqual(['insert 101: 11..11, 1 rows', 'update 101: 5..5, 1 rows']);
  });

  it('a truncate is logged for every id that had rows', async () => {
    const log = await logOf((tx) => tx.run('TRUNCATE cmc_price_histories7'));
    expect(log.filter((line) => /10[12]/.test(line))).toStrictEqual([
      'truncate 101: 1..10, 10 rows',
      'truncate 102: 1..10, 10 rows',
    ]);
  });

  it('writes through the view are logged too', async () => {
    const log = await logOf((tx) => tx.run(`UPDATE price_histories7 SET open = 1 WHERE id = 102 AND close = 3`));
    expect(log).toStrictEqual(['update 102: 4..4, 1 rows']);
  });

  it('a loader that has no rights on the log can load', async () => {
    const log = await logOf(async (tx) => {
      await tx.run('CREATE ROLE ta_contract_loader');
      await tx.run('GRANT INSERT ON cmc_price_histories7 TO ta_contract_loader');
      await tx.run('SET LOCAL ROLE ta_contract_loader');
      await tx.run(`INSERT INTO public.cmc_price_histories7 (id, "timestamp", name) VALUES (101, ${at(11)}, 'x')`);
      await tx.run('RESET ROLE');
    });
    expect(log).toStrictEqual(['insert 101: 11..11, 1 rows']);
  });

  it('taking the changes of an id empties its log and leaves the others', async () => {
    await database().transaction(async (tx) => {
      await tx.run(`INSERT INTO cmc_price_histories7 (id, "timestamp", name)
        VALUES (111, ${at(1)}, 'x'), (111, ${at(5)}, 'x'), (112, ${at(2)}, 'x')`);
      await tx.run(`DELETE FROM cmc_price_histories7 WHERE id = 111 AND "timestamp" = ${at(1)}`);
    });
    const before = await database().session((s) => readChanges(s, [111, 112]));
    const [first, other] = [
      { firstTs: day(1), lastTs: day(5), rows: 3 },
      { firstTs: day(2), lastTs: day(2), rows: 1 },
    ];
    expect([...before]).toStrictEqual([
      [111, first],
      [112, other],
    ]);

    const taken = await database().transaction((tx) => takeChanges(tx, 111));
    expect(taken).toStrictEqual(first);
    expect([...(await database().session((s) => readChanges(s, [111, 112])))]).toStrictEqual([[112, other]]);
    const nothing = { firstTs: null, lastTs: null, rows: 0 };
    expect(await database().transaction((tx) => takeChanges(tx, 111))).toStrictEqual(nothing);
  });

  it('a rolled back refresh puts the changes back', async () => {
    const stop = new Error('roll back');
    const refused = database().transaction(async (tx) => {
      expect((await takeChanges(tx, 112)).rows).toBe(1);
      throw stop;
    });
    await expect(refused).rejects.toBe(stop);
    expect((await database().session((s) => readChanges(s, [112]))).size).toBe(1);
  });
}

function tuple(id: number, dayNumber: number): Uint8Array {
  const bytes = Buffer.alloc(2 + 8 + 12 + 5);
  bytes.writeInt16BE(3, 0);
  bytes.writeInt32BE(4, 2);
  bytes.writeInt32BE(id, 6);
  bytes.writeInt32BE(8, 10);
  bytes.writeBigInt64BE(BigInt(day(dayNumber) - Date.UTC(2000, 0, 1)) * 1000n, 14);
  bytes.writeInt32BE(1, 22);
  bytes.write('x', 26);
  return bytes;
}
