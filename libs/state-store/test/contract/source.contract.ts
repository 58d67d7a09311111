import { expect, it } from 'vitest';
import type { Database } from '../../src/connect/database.ts';
import { readAssets } from '../../src/read/assets.ts';
import { readChanges } from '../../src/read/changes.ts';
import { readSourceFacts, readSourceRows } from '../../src/read/source.ts';
import { compareSourceRows, upsertSourceRows, type SourceRowBatch } from '../../src/write/source.ts';
import { storeErrorOf } from './store-error.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.parse('2024-02-28T23:59:59.999Z');

/** Rows of one id on consecutive days; close counts from `close`. */
export function sourceBatch(id: number, days: number, change: Partial<SourceRowBatch> = {}): SourceRowBatch {
  const column = (at: (i: number) => number) => Float64Array.from({ length: days }, (_, i) => at(i));
  return {
    length: days,
    id,
    ts: column((i) => FIRST + i * DAY_MS),
    timeOpen: column((i) => FIRST + i * DAY_MS - DAY_MS + 1),
    timeClose: column((i) => FIRST + i * DAY_MS),
    timeHigh: column((i) => FIRST + i * DAY_MS - 3_600_000),
    timeLow: column((i) => FIRST + i * DAY_MS - 7_200_000),
    open: column((i) => 10 + i),
    high: column((i) => 12 + i),
    low: column((i) => 9 + i),
    close: column((i) => 11.1 + i),
    volume: column((i) => 1000 + i),
    marketCap: column(() => NaN),
    circulatingSupply: column(() => 1e9),
    name: 'Bitcoin',
    sourceFile: 'bitcoin.csv',
    ...change,
  };
}

/** Loading source rows and reading them back. */
export function sourceContract(database: () => Database): void {
  const load = (batch: SourceRowBatch) => database().transaction((tx) => upsertSourceRows(tx, batch));

  it('rows come back as they were loaded, NULL as NaN', async () => {
    const batch = sourceBatch(201, 3, { name: ['Ünï 😀', 'b', 'c'], sourceFile: [null, 'f', 'g'] });
    batch.close[1] = NaN;
    batch.high[2] = -0;
    batch.low[0] = 5e-324;
    batch.volume[0] = Infinity;
    expect(await load(batch)).toMatchObject({ inserted: 3, updated: 0, unchanged: 0, duplicate: 0 });

    const rows = await database().session((s) => readSourceRows(s, 201));
    expect(rows.length).toBe(3);
    for (const name of ['ts', 'timeOpen', 'timeClose', 'timeHigh', 'timeLow', 'open', 'high', 'low'] as const) {
      expect({ name, values: [...rows[name]] }).toStrictEqual({ name, values: [...batch[name]] });
    }
    for (const name of ['close', 'volume', 'marketCap'] as const)
      expect([...rows[name]]).toStrictEqual([...batch[name]]);
    expect(rows.name).toStrictEqual(['Ünï 😀', 'b', 'c']);
    expect(rows.sourceFile).toStrictEqual([null, 'f', 'g']);
    const [{ dates }] = await database().session((s) =>
      s.query<{ dates: string[] }>(
        `SELECT array_agg(date::text ORDER BY date) AS dates FROM price_histories7 WHERE id = 201`,
      ),
    );
    expect(dates).toStrictEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
  });

  it('loading the same rows again changes nothing, even under another file name', async () => {
    await load(sourceBatch(202, 4));
    const before = await database().session((s) => readSourceRows(s, 202));
    await database().session((s) => s.run('DELETE FROM cmc_price_histories7_changes WHERE id = 202'));
    const counts = await load(sourceBatch(202, 4, { sourceFile: 'copy of bitcoin.csv' }));
    expect(counts).toMatchObject({ inserted: 0, updated: 0, unchanged: 4, duplicate: 0 });
    expect(await database().session((s) => readSourceRows(s, 202))).toStrictEqual(before);
    expect(await database().session((s) => readChanges(s, [202]))).toStrictEqual(new Map());
  });

  it('only rows that differ are updated, and only they are logged', async () => {
    const batch = sourceBatch(203, 6);
    await load(sourceBatch(203, 4));
    await database().session((s) => s.run('DELETE FROM cmc_price_histories7_changes WHERE id = 203'));
    batch.close[2] = 99;
    expect(await load(batch)).toMatchObject({ inserted: 2, updated: 1, unchanged: 3, duplicate: 0 });
    const changes = await database().session((s) => readChanges(s, [203]));
    expect(changes.get(203)).toStrictEqual({ firstTs: batch.ts[2], lastTs: batch.ts[5], rows: 3 });
  });

  it('an instant that becomes known is a change, whichever it is', async () => {
    const batch = sourceBatch(216, 3);
    batch.timeHigh.set([NaN, NaN, -0.001]);
    await load(batch);
    batch.timeHigh.set([NaN, -0.001, NaN]);
    expect(await load(batch)).toMatchObject({ inserted: 0, updated: 2, unchanged: 1, duplicate: 0 });
    expect([...(await database().session((s) => readSourceRows(s, 216))).timeHigh]).toStrictEqual([NaN, -0.001, NaN]);
  });

  it('of two rows with one key in a batch the later one counts', async () => {
    const batch = sourceBatch(204, 2);
    batch.ts[1] = batch.ts[0];
    expect(await load(batch)).toMatchObject({ inserted: 1, updated: 0, unchanged: 0, duplicate: 1 });
    const rows = await database().session((s) => readSourceRows(s, 204));
    expect([...rows.close]).toStrictEqual([batch.close[1]]);
  });

  it('rows are compared as a load would judge them, in a transaction that may write nothing', async () => {
    await load(sourceBatch(213, 4));
    const batch = sourceBatch(213, 6);
    batch.close[2] = 99;
    batch.ts[5] = batch.ts[4];
    const compared = await database().transaction((tx) => compareSourceRows(tx, batch), { readOnly: true });
    expect(compared).toMatchObject({ inserted: 1, updated: 1, unchanged: 3, duplicate: 1 });
    expect((await database().session((s) => readSourceRows(s, 213))).length).toBe(4);
    expect(compared).toStrictEqual(await load(batch));
  });

  it('several batches fit in one transaction, an empty one does nothing', async () => {
    await database().transaction(async (tx) => {
      await upsertSourceRows(tx, sourceBatch(205, 2));
      await upsertSourceRows(tx, sourceBatch(206, 0));
      expect((await upsertSourceRows(tx, sourceBatch(205, 3))).inserted).toBe(1);
    });
  });

  it('rows are read from an instant on, or after it', async () => {
    await load(sourceBatch(207, 5));
    const read = (first: Parameters<typeof readSourceRows>[2]) =>
      database().session(async (s) => [...(await readSourceRows(s, 207, first)).open]);
    expect(await read({ fromTs: FIRST + DAY_MS })).toStrictEqual([11, 12, 13, 14]);
    expect(await read({ afterTs: FIRST + DAY_MS })).toStrictEqual([12, 13, 14]);
    expect(await read({ afterTs: -Infinity })).toStrictEqual([10, 11, 12, 13, 14]);
    expect(await read({ fromTs: FIRST + 10 * DAY_MS })).toStrictEqual([]);
  });

  it('facts are the first instant and the newest load time; NaN where an id has no rows', async () => {
    await load(sourceBatch(208, 3));
    const facts = await database().session((s) => readSourceFacts(s, 208));
    expect(facts.firstTs).toBe(FIRST);
    expect(Math.abs(facts.maxLoadTs - Date.now())).toBeLessThan(600_000);
    const nothing = { firstTs: Number.NaN, maxLoadTs: Number.NaN };
    expect(await database().session((s) => readSourceFacts(s, 299))).toStrictEqual(nothing);
  });

  it('an id that is none is refused before it becomes SQL', async () => {
    for (const id of [1.5, NaN, 2_147_483_648, '1; DROP TABLE x' as unknown as number]) {
      const error = await storeErrorOf(() => database().session((s) => readSourceRows(s, id)));
      expect(error.code).toBe('STORE_RANGE');
    }
  });

  it('assets are read ascending', async () => {
    await database().session((s) =>
      s.run(
        `INSERT INTO dim_assets (id, name, symbol, is_active) VALUES (212, 'B', NULL, false), (211, 'A', 'AAA', true)`,
      ),
    );
    const assets = await database().session((s) => readAssets(s));
    expect(assets.filter(({ id }) => id === 211 || id === 212)).toStrictEqual([
      { id: 211, name: 'A', symbol: 'AAA', isActive: true, isCloseOnly: false, closeRule: 'calendar' },
      { id: 212, name: 'B', symbol: null, isActive: false, isCloseOnly: false, closeRule: 'calendar' },
    ]);
  });
}
