import { BUILDERS, COMPONENTS, loadSettings, localExecutor, refresh, REFRESHERS, type RunReport } from '@ta/pipeline';
import { copyOutSql, decodeCopy, quoteIdentifier, type CopyLayout, type Database } from '@ta/state-store';
import { copyTypeOf } from './golden-columns.ts';
import { GOLDEN_PERIODS } from './golden-dimensions.ts';
import { GOLDEN_ZONE } from './golden-source.ts';
import { GOLDEN_TABLES } from './golden-tables.ts';
import type { GoldenWorld } from './golden-world.ts';
import { readRawRows } from './read-raw-rows.ts';
import { Rows } from './rows.ts';

/**
 * Builds everything from the golden source as the reference did: multi-day bars and EMAs from the raw source. Items that fail
 * are expected (an asset has two rows in one day) and are in the report.
 */
export async function refreshGolden(database: Database, world: GoldenWorld): Promise<RunReport> {
  const settings = await database.session((session) =>
    loadSettings(session, { runId: 'golden', zone: GOLDEN_ZONE, periods: GOLDEN_PERIODS }),
  );
  return refresh(
    database,
    {
      components: COMPONENTS,
      builders: BUILDERS,
      refreshers: REFRESHERS,
      ids: [...world.source.keys()],
      settings,
      executor: localExecutor(database, readRawRows),
      nowMs: 0,
      stalenessHours: 0,
      skipStaleCheck: true,
      continueOnError: true,
      concurrency: 1,
    },
    {},
    () => performance.now(),
  );
}

/**
 * Reads our tables in key order, with exactly the columns of the golden files, which must have the expected types.
 *
 * @throws StoreError `STORE_QUERY` when a column of a golden file is missing in our table or has another type
 */
export async function readOurTables(database: Database, world: GoldenWorld): Promise<ReadonlyMap<string, Rows>> {
  const tables = new Map<string, Rows>();
  for (const { name, key } of GOLDEN_TABLES) {
    const columns = world.output(name).columns;
    const layout: CopyLayout = {
      table: name,
      fields: columns.map((column) => ({ column, type: copyTypeOf(name, column), nullable: true })),
    };
    const sql = copyOutSql(layout, `ORDER BY ${key.map(quoteIdentifier).join(', ')}`);
    const rows = await database.session((session) => decodeCopy(layout, session.copyOut(sql)));
    tables.set(name, new Rows(rows, columns));
  }
  return tables;
}
