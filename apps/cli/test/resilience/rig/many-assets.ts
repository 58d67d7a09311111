import { randomBytes } from 'node:crypto';
import { dimensionSeeds } from '@ta/pipeline';
import { syntheticAssets, syntheticPrices } from '@ta/price-import';
import { mergeDimensions, migrate, openDatabase, saveAsset, upsertSourceRows, type Session } from '@ta/state-store';
import { installQueue } from '@ta/work-queue';
import { useCatalogue } from '../../../../../libs/pipeline/test/test-database.ts';
import { differences, inconsistencies, readContent, type Content } from './content.ts';
import { inDatabase, withDatabase } from './postgres-arena.ts';
import { LARGER_WORLD } from './small-world.ts';

/** Newest day of the prices. */
export const LAST_DAY = '2024-06-28';

/** A database with prices of many assets and nothing built. */
export interface ManyAssets {
  readonly url: string;
  inspect<T>(look: (session: Session) => Promise<T>): Promise<T>;
  drop(): Promise<void>;
}

/** What a build leaves behind. */
export interface Built {
  readonly content: Content;
  /** What the run history says of each item, without times. */
  readonly items: readonly string[];
}

/** Databases that start alike. */
export interface ManyAssetsArena {
  readonly ids: readonly number[];
  place(): Promise<ManyAssets>;
  close(): Promise<void>;
}

/** Prepares so many assets with so many days of prices, and a queue, on a server. */
export async function manyAssetsArena(serverUrl: string, assets: number, days: number): Promise<ManyAssetsArena> {
  const prefix = `ta_many_${randomBytes(4).toString('hex')}`;
  const onServer = (sql: string) => inDatabase(serverUrl, (session) => session.run(sql));
  await onServer(`CREATE DATABASE ${prefix}`);
  const target = { engine: 'postgres' as const, url: withDatabase(serverUrl, prefix), source: 'test' };
  const database = await openDatabase(target, { poolSize: 1 });
  const all = syntheticAssets(assets);
  await migrate(database, (tx) => mergeDimensions(tx, dimensionSeeds()));
  await database.session(installQueue);
  await useCatalogue(database, LARGER_WORLD);
  await database.transaction(async (tx) => {
    for (const asset of all) {
      await saveAsset(tx, asset);
      const [gaps, badRows] = [{ everyDays: 120, lengthDays: 2 }, { everyDays: 41 }];
      await upsertSourceRows(tx, syntheticPrices({ seed: 7, days, lastDay: LAST_DAY, asset, gaps, badRows }));
    }
    await tx.run(`UPDATE cmc_price_histories7 SET load_ts = '2024-06-29Z'`);
  });
  await database.close();
  let places = 0;
  return {
    ids: all.map(({ id }) => id),
    async place() {
      const name = `${prefix}_${++places}`;
      await onServer(`CREATE DATABASE ${name} TEMPLATE ${prefix}`);
      const url = withDatabase(serverUrl, name);
      return {
        url,
        inspect: (look) => inDatabase(url, look),
        drop: async () => void (await onServer(`DROP DATABASE ${name} WITH (FORCE)`)),
      };
    },
    close: async () => void (await onServer(`DROP DATABASE ${prefix} WITH (FORCE)`)),
  };
}

/** Reads what a build left. */
export async function readBuilt(session: Session, ids: readonly number[]): Promise<Built> {
  const items = await session.query<{ text: string }>(
    `SELECT concat_ws(' ', component, step, id, status, rows_written, rejected) AS text FROM ops_run_items ORDER BY 1`,
  );
  return {
    content: await readContent(session, ids),
    items: items.map(({ text }) => text),
  };
}

/** What is wrong in a database after a build by workers: nothing, when it equals the build by one process. */
export async function faultsOf(session: Session, single: Built): Promise<string[]> {
  const { content, items } = await readBuilt(session, [...single.content.keys()]);
  const odd = items.filter((item) => !single.items.includes(item)).map((item) => `history says: ${item}`);
  const left = await session.query('SELECT FROM ta_queue.job');
  return [
    ...differences(single.content, content),
    ...(await inconsistencies(session)),
    ...odd,
    ...(items.length === single.items.length
      ? []
      : [`${items.length} items in the history, not ${single.items.length}`]),
    ...(left.length === 0 ? [] : [`${left.length} jobs left in the queue`]),
  ];
}
