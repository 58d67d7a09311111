import type { RunReport } from '@ta/pipeline';
import type { Database } from '@ta/state-store';
import type { GoldenWorld } from './golden-world.ts';
import { importGolden } from './import-golden.ts';
import { readOurTables, refreshGolden } from './refresh-golden.ts';
import type { Rows } from './rows.ts';

/** Result of a refresh of the golden source: its report, and our tables by name. */
export interface GoldenRun {
  readonly refresh: RunReport;
  readonly tables: ReadonlyMap<string, Rows>;
}

/** Builds everything from the golden source in an empty database, and closes it. */
export async function runGoldenRefresh(world: GoldenWorld, database: Database): Promise<GoldenRun> {
  try {
    await importGolden(database, world);
    const refresh = await refreshGolden(database, world);
    return { refresh, tables: await readOurTables(database, world) };
  } finally {
    await database.close();
  }
}
