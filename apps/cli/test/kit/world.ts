import { mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { syntheticAssets, syntheticPrices } from '@ta/price-import';
import {
  openDatabase,
  saveAsset,
  upsertSourceRows,
  type DatabaseEngine,
  type DatabaseTarget,
  type Session,
} from '@ta/state-store';
import {
  catalogueTemplate,
  createPgliteFolder,
  databaseOf,
  onServer,
  useCatalogue,
} from '../../../../libs/pipeline/test/test-database.ts';
import { endSessions, keepSessions } from '../../../../libs/pipeline/test/kept-sessions.ts';
import { openOnce } from './open-once.ts';

export { hasPostgres } from '../../../../libs/pipeline/test/test-database.ts';

/** Newest day of the source, and the clock that goes with it: 6 hours after that day ended. */
export const LAST_DAY = '2024-06-28';
export const AS_OF = '2024-06-29T06:00:00Z';
export const AS_OF_MS = Date.parse(AS_OF);

/** A database of its own with made-up prices, and a folder for logs. */
export interface World {
  readonly engine: DatabaseEngine;
  /** Ids with prices, ascending. */
  readonly ids: readonly number[];
  /** Stands for the workspace. */
  readonly root: string;
  readonly logDir: string;
  /** Environment that leads the command to the database, and to nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** PostgreSQL URL; empty on PGlite. */
  readonly url: string;
  /** Looks into or changes the database; on PGlite only while no command runs. */
  use<T>(work: (session: Session) => Promise<T>): Promise<T>;
  sql<R = Record<string, unknown>>(text: string): Promise<R[]>;
  drop(): Promise<void>;
}

/** What a world is made of. */
export interface WorldOptions {
  readonly engine?: DatabaseEngine;
  readonly assets?: number;
  /** Ids of the assets, instead of those of the made-up ones. */
  readonly ids?: readonly number[];
  readonly days?: number;
  /** Newest day of the source; {@link LAST_DAY} without. */
  readonly lastDay?: string;
  readonly gaps?: { readonly everyDays: number; readonly lengthDays: number };
  readonly badRows?: { readonly everyDays: number };
  /** Timeframes, where not all kinds of them matter; few of every family without. */
  readonly timeframes?: readonly string[];
  /** EMA periods; few without. */
  readonly periods?: readonly number[];
  /** Whether an embedded database stays open between commands: good where all of them run in this process. */
  readonly isKeptOpen?: boolean;
}

/** Few timeframes of every family, few periods: a refresh takes a second. */
const CATALOGUE = {
  timeframes: [
    ...['1D', '2D', '7D', '1W_CAL_ISO', '1W_CAL_US', '1M_CAL'],
    ...['1W_CAL_ANCHOR_ISO', '1W_CAL_ANCHOR_US', '1M_CAL_ANCHOR'],
  ],
  periods: [1, 2, 5],
};

/** Days, one timeframe of days and one of weeks: for commands that do with these what they do with all. */
export const FEW_TIMEFRAMES = ['1D', '7D', '1W_CAL_ISO'];

/** Makes a world with prices and nothing built. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const engine = options.engine ?? 'postgres';
  const root = await mkdtemp(path.join(tmpdir(), 'ta-world-'));
  const place = engine === 'postgres' ? await postgresPlace() : await pglitePlace(root, options.isKeptOpen === true);
  const assets = syntheticAssets(options.ids?.length ?? options.assets ?? 2).map((asset, i) => ({
    ...asset,
    id: options.ids?.[i] ?? asset.id,
  }));
  const ids = assets.map(({ id }) => id);
  const database = await openDatabase(place.target, { poolSize: 1 });
  try {
    const { timeframes = CATALOGUE.timeframes, periods = CATALOGUE.periods } = options;
    if (options.timeframes !== undefined || options.periods !== undefined)
      await useCatalogue(database, { timeframes, periods });
    await database.transaction(async (tx) => {
      for (const asset of assets) {
        await saveAsset(tx, asset);
        const { days = 60, lastDay = LAST_DAY, gaps, badRows } = options;
        await upsertSourceRows(tx, syntheticPrices({ seed: 7, days, lastDay, asset, gaps, badRows }));
      }
      await tx.run(`UPDATE cmc_price_histories7 SET load_ts = '2024-06-29Z'`);
    });
  } finally {
    await database.close();
  }
  return worldIn(place, root, ids);
}

/** A world on PostgreSQL that is like another one, which nobody uses at this moment. */
export async function copyWorld({ url, ids }: World): Promise<World> {
  const root = await mkdtemp(path.join(tmpdir(), 'ta-world-'));
  await endSessions(url);
  return worldIn(await postgresCopy(new URL(url).pathname.slice(1)), root, ids);
}

function worldIn({ target, env, drop }: Place, root: string, ids: readonly number[]): World {
  return {
    engine: target.engine,
    ids,
    root,
    logDir: path.join(root, '.logs'),
    env,
    url: target.engine === 'postgres' ? target.url : '',
    use: (work) => inDatabase(target, work),
    sql: <R>(text: string) => inDatabase(target, (session) => session.query<R>(text)),
    async drop() {
      await drop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

interface Place {
  readonly target: DatabaseTarget;
  readonly env: Record<string, string>;
  drop(): Promise<void>;
}

async function pglitePlace(root: string, isKeptOpen: boolean): Promise<Place> {
  const dir = path.join(root, 'pg');
  await createPgliteFolder(dir, CATALOGUE);
  const drop = isKeptOpen ? openOnce(dir) : () => Promise.resolve();
  return { target: { engine: 'pglite', dir, source: 'test' }, env: { DB_DIR: dir }, drop };
}

async function postgresPlace(): Promise<Place> {
  const server = process.env['TEST_DATABASE_URL'] as string;
  return postgresCopy(await catalogueTemplate(server, CATALOGUE));
}

async function postgresCopy(template: string): Promise<Place> {
  const server = process.env['TEST_DATABASE_URL'] as string;
  const name = `ta_cli_${randomBytes(6).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
  const own = databaseOf(server, name);
  keepSessions(own.url);
  return {
    target: own,
    env: { DATABASE_URL: own.url },
    async drop() {
      await endSessions(own.url);
      await onServer(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function inDatabase<T>(target: DatabaseTarget, work: (session: Session) => Promise<T>): Promise<T> {
  const database = await openDatabase(target, { poolSize: 1, applicationName: 'cli test' });
  try {
    return await database.session(work);
  } finally {
    await database.close();
  }
}
