import { expect } from 'vitest';
import { migrate, migrationStatus } from '../../src/migrate.ts';
import type { TestDatabase } from './test-engines.ts';

/** The assets of a database that is converted. */
export const IDS = [7, 8, 9];

/**
 * What the contracts of conversions share.
 * @param test the database of the test at work
 * @param view a table of the contract, before and after
 * @param order its key
 */
export function conversionKit(test: () => TestDatabase, view: string, order: string) {
  const run = (sql: string) => test().database.session((session) => session.run(sql));
  const query = <R>(sql: string) => test().database.session((session) => session.query<R>(sql));
  /** Every bit of every row: numbers as text are exact, and -0 is not 0. */
  const content = async (ids: readonly number[] = IDS) => {
    const rows = await query<{ row: string }>(
      `SELECT v::text AS row FROM ${view} v WHERE id IN (${ids.join()}) ORDER BY ${order}`,
    );
    return rows.map(({ row }) => row);
  };
  return {
    run,
    query,
    content,
    pending: async () => (await migrationStatus(test().database)).pending,
    /** Converts two assets, and fails. */
    async interrupt() {
      const interrupted = migrate(test().database, undefined, ({ done }) => {
        if (done === 2) throw new Error('killed');
      });
      await expect(interrupted).rejects.toThrow('killed');
    },
    /** Converts, and expects that the damaged assets are left out and that the others stay as they are. */
    async expectLeftOut(damaged: readonly number[], others: readonly number[]) {
      const kept = await content(others);
      const told: [number, boolean][] = [];
      await migrate(test().database, undefined, ({ id, isKept }) => told.push([id, isKept]));
      const ids = [...damaged, ...others].sort((a, b) => a - b);
      expect(told).toStrictEqual(ids.map((id) => [id, others.includes(id)]));
      expect(await content(others)).toStrictEqual(kept);
      expect(await content(damaged)).toStrictEqual([]);
    },
  };
}
