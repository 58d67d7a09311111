import { syntheticAssets, syntheticPrices } from '@ta/price-import';
import { saveAsset, upsertSourceRows, type Database, type Session } from '@ta/state-store';
import { useCatalogue } from '../../../../../libs/pipeline/test/test-database.ts';

/** The assets of the small world. */
export const ASSETS = syntheticAssets(3);

/** Their ids, ascending. */
export const IDS = ASSETS.map(({ id }) => id);

const LAST_DAY = '2024-06-28';

/** How much there is to refresh. */
export interface World {
  readonly days: number;
  readonly timeframes: readonly string[];
  readonly periods: readonly number[];
}

/** A second of work: for tests. */
export const SMALL_WORLD: World = {
  days: 100,
  timeframes: [
    ...['1D', '2D', '7D', '1W_CAL_ISO', '1W_CAL_US', '1M_CAL'],
    ...['1W_CAL_ANCHOR_ISO', '1W_CAL_ANCHOR_US', '1M_CAL_ANCHOR'],
  ],
  periods: [1, 5],
};

/** A few seconds of work, so that strikes hit more places: for the long form. */
export const LARGER_WORLD: World = {
  days: 400,
  timeframes: [
    ...['1D', '2D', '3D', '7D', '14D', '30D'],
    ...['1W_CAL_ISO', '2W_CAL_ISO', '1W_CAL_US', '1M_CAL', '3M_CAL'],
    ...['1W_CAL_ANCHOR_ISO', '1W_CAL_ANCHOR_US', '2W_CAL_ANCHOR_US', '1M_CAL_ANCHOR', '1Y_CAL_ANCHOR'],
  ],
  periods: [1, 2, 5, 10, 21],
};

/** The refresh that every test runs, with the clock of the data. */
export const REFRESH = ['refresh', '--all', '--verbose', '--as-of', LAST_DAY];

/**
 * From where a run starts. All of them end in the same tables.
 *
 * - `build` nothing is built yet
 * - `daily` ten days are new, and history was corrected, deleted from and prepended to
 * - `reset` everything is built, and the state of one asset and the EMA state of another were deleted
 */
export type Scenario = 'build' | 'daily' | 'reset';

/** All scenarios. */
export const SCENARIOS: readonly Scenario[] = ['build', 'daily', 'reset'];

/** Makes the prices that every scenario has in the end, in a database with all tables. */
export async function prepareSource(database: Database, world: World): Promise<void> {
  await useCatalogue(database, world);
  await database.transaction((tx) => insertPrices(tx, world.days));
}

/** Brings a database with the source to the start of a scenario. `refreshAll` refreshes what is there. */
export async function prepareScenario(
  database: Database,
  scenario: Scenario,
  refreshAll: () => Promise<void>,
): Promise<void> {
  if (scenario === 'build') return;
  if (scenario === 'reset') {
    await refreshAll();
    await database.transaction(async (tx) => {
      await tx.run('DELETE FROM cmc_price_bars_1d_state WHERE id = $1', [IDS[0]]);
      await tx.run('DELETE FROM cmc_ema_refresh_state WHERE id = $1', [IDS[1]]);
    });
    return;
  }
  await database.transaction(async (tx) => {
    await tx.run('CREATE TABLE final_source AS SELECT * FROM cmc_price_histories7');
    for (const sql of EARLIER_SOURCE) await tx.run(sql);
  });
  await refreshAll();
  await database.transaction(async (tx) => {
    for (const sql of BACK_TO_FINAL_SOURCE) await tx.run(sql);
  });
}

async function insertPrices(tx: Session, days: number): Promise<void> {
  for (const asset of ASSETS) {
    await saveAsset(tx, asset);
    const gaps = { everyDays: 120, lengthDays: 2 };
    const badRows = { everyDays: 41 };
    await upsertSourceRows(tx, syntheticPrices({ seed: 7, days, lastDay: LAST_DAY, asset, gaps, badRows }));
  }
  // bars tell when their source row was loaded: the same in every database
  await tx.run(`UPDATE cmc_price_histories7 SET load_ts = '2024-06-29Z'`);
}

/** What the source looked like before: without the newest days, with another history. */
const EARLIER_SOURCE = [
  `DELETE FROM cmc_price_histories7 WHERE "timestamp" > timestamptz '2024-06-18 23:59:59.999Z'`,
  `UPDATE cmc_price_histories7 SET close = close * 1.01, high = high * 1.02
     WHERE id = ${IDS[0]} AND "timestamp" BETWEEN '2024-04-10Z' AND '2024-04-12Z'`,
  `INSERT INTO cmc_price_histories7 (id, "timestamp", name, timeopen, timeclose, timehigh, timelow, open, high, low, close)
     SELECT id, "timestamp" - interval '400 days', name, timeopen - interval '400 days', timeclose - interval '400 days',
       timehigh - interval '400 days', timelow - interval '400 days', open, high, low, close
     FROM final_source WHERE id = ${IDS[1]} AND "timestamp" BETWEEN '2024-04-01Z' AND '2024-04-04Z'`,
  `DELETE FROM cmc_price_histories7 WHERE id = ${IDS[2]} AND "timestamp" < '2024-04-01Z'`,
];

/** The edits that came since, as other programs make them. */
const BACK_TO_FINAL_SOURCE = [
  `DELETE FROM cmc_price_histories7 WHERE (id, "timestamp") NOT IN (SELECT id, "timestamp" FROM final_source)`,
  `UPDATE cmc_price_histories7 s SET close = f.close, high = f.high FROM final_source f
     WHERE s.id = f.id AND s."timestamp" = f."timestamp"`,
  `INSERT INTO cmc_price_histories7 SELECT * FROM final_source ON CONFLICT DO NOTHING`,
  `DROP TABLE final_source`,
];
