import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Session } from '../../src/connect/database.ts';
import { migrate, migrationStatus } from '../../src/migrate.ts';
import { migrateUpTo } from './earlier-version.ts';
import type { TestDatabase, TestEngine, TestTemplate } from './test-engines.ts';

/** The assets of a database that is converted. */
export const IDS = [7, 8, 9];

/** A database of an earlier version, and what is converted of it. */
interface EarlierDatabase {
  /** The last migration of that version. */
  readonly upTo: string;
  addAsset(session: Session, id: number): Promise<void>;
  /** A table of the contract, before and after. */
  readonly view: string;
  /** Its key. */
  readonly order: string;
}

/** What the contracts of conversions share. Every test has a copy of the earlier database. */
export function conversionKit(engine: TestEngine, { upTo, addAsset, view, order }: EarlierDatabase) {
  let earlier: TestTemplate;
  let current: TestDatabase;
  beforeAll(async () => {
    earlier = await engine.template(async (database) => {
      await migrateUpTo(database, upTo);
      for (const id of IDS) await database.session((session) => addAsset(session, id));
    });
  });
  afterAll(() => earlier.drop());
  beforeEach(async () => {
    current = await earlier.copy();
  });
  afterEach(() => current.drop());

  const test = () => current;
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
    /** The database of the test at work. */
    test,
    addAsset: (id: number) => test().database.session((session) => addAsset(session, id)),
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
