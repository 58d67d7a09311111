import type { Database, Session } from './connect/database.ts';
import { quoteIdentifier, quoteLiteral } from './copy/layout.ts';
import { StoreError } from './errors.ts';
import { readPartitions } from './partition.ts';
import { TABLES_BY_ASSET, TABLES_EVERYWHERE } from './tables/table-places.ts';

/** Default number of shards of a table that is spread by asset: the default of Citus. */
const DEFAULT_SHARDS = 32;
/** Largest number of shards of a table; each shard is a table of its own on its server, with its indexes. */
export const MOST_SHARDS = 1024;

const OLDEST_CITUS = 13;

/** How a database is spread over servers. */
export interface Distribution {
  /** Name and version of the extension, such as `Citus 13.2.2`. */
  readonly version: string;
  /** Servers that hold shards. */
  readonly servers: number;
  /**
   * The tables of {@link TABLES_BY_ASSET} that are spread by asset, and the tables of {@link TABLES_EVERYWHERE} that are copied
   * to all servers.
   */
  readonly byAsset: readonly string[];
  readonly everywhere: readonly string[];
}

/** The result of {@link distributeByAsset}. */
export interface DistributionChange extends Distribution {
  /** Tables that were spread or copied by this call. */
  readonly changed: readonly string[];
  /** Changed tables that had rows; a copy of these rows stays on the disk of the coordinator. */
  readonly hadRows: readonly string[];
}

/**
 * Spreads a database over the servers of a Citus cluster, table by table: rows of assets are divided into shards by `id`, with
 * all rows of an asset on one server; small tables are copied to every server; the source, its log and the history of runs stay
 * on the coordinator. Tables that are already spread are skipped, so calling it again completes an interrupted call.
 * @throws StoreError `STORE_LAYOUT` when the server or the tables do not support it; nothing was changed then
 */
export async function distributeByAsset(database: Database, shards = DEFAULT_SHARDS): Promise<DistributionChange> {
  if (!Number.isInteger(shards) || shards < 1 || shards > MOST_SHARDS) {
    throw new StoreError('STORE_LAYOUT', `shards: ${shards}; expected 1 to ${MOST_SHARDS}.`);
  }
  // each statement commits by itself, because Citus moves the rows of a table through connections of its own
  return database.session(async (session) => {
    const before = await readDistribution(session);
    if (before === null) throw noExtension(database);
    assertVersion(before.version);
    if ((await readPartitions(session)) !== 1) throw isPartitioned();
    const changed: string[] = [];
    const hadRows: string[] = [];
    const place = async (table: string, call: string) => {
      if (await hasRows(session, table)) hadRows.push(table);
      await session.query(`SELECT ${call}::text`);
      changed.push(table);
    };
    for (const table of TABLES_EVERYWHERE.filter((name) => !before.everywhere.includes(name))) {
      await place(table, `create_reference_table(${quoteLiteral(`public.${table}`)})`);
    }
    const [first] = TABLES_BY_ASSET;
    for (const table of TABLES_BY_ASSET.filter((name) => !before.byAsset.includes(name))) {
      const where = table === first ? `'none', shard_count => ${shards}` : quoteLiteral(`public.${first}`);
      await place(
        table,
        `create_distributed_table(${quoteLiteral(`public.${table}`)}, 'id', colocate_with => ${where})`,
      );
    }
    const after = (await readDistribution(session)) as Distribution;
    return { ...after, changed, hadRows };
  });
}

/** How a database is spread over servers; null if the extension Citus is not installed. */
export async function readDistribution(session: Session): Promise<Distribution | null> {
  const [{ found }] = await session.query<{ found: boolean }>(
    `SELECT to_regproc('citus_version') IS NOT NULL AS found`,
  );
  if (!found) return null;
  const [{ version }] = await session.query<{ version: string }>('SELECT citus_version() AS version');
  const [{ servers }] = await session.query<{ servers: number }>(
    'SELECT count(*) AS servers FROM citus_get_active_worker_nodes()',
  );
  const placed = await session.query<{ name: string; method: string }>(
    `SELECT c.relname AS name, p.partmethod::text AS method
     FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid WHERE c.relnamespace = 'public'::regnamespace`,
  );
  const isPlaced = (method: string) => (table: string) =>
    placed.some((row) => row.name === table && row.method === method);
  return {
    version: version.split(' ').slice(0, 2).join(' '),
    servers,
    byAsset: TABLES_BY_ASSET.filter(isPlaced('h')),
    everywhere: TABLES_EVERYWHERE.filter(isPlaced('n')),
  };
}

/** @throws StoreError `STORE_LAYOUT` when tables are spread over servers, since such tables cannot be partitioned */
export async function assertOnOneServer(session: Session): Promise<void> {
  const distribution = await readDistribution(session);
  if (distribution === null || distribution.byAsset.length === 0) return;
  throw new StoreError(
    'STORE_LAYOUT',
    `The tables are spread over servers by ${distribution.version}: Citus takes one level of partitions only.`,
    { hint: `Bring each table back first: SELECT undistribute_table('public.<table>').` },
  );
}

async function hasRows(session: Session, table: string): Promise<boolean> {
  const [{ found }] = await session.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM public.${quoteIdentifier(table)}) AS found`,
  );
  return found;
}

function assertVersion(version: string): void {
  const major = Number(/^Citus (\d+)/.exec(version)?.[1]);
  if (major >= OLDEST_CITUS) return;
  throw new StoreError('STORE_LAYOUT', `Citus ${OLDEST_CITUS} or newer is needed; the server has ${version}.`, {
    hint: 'The statements of this program were run on Citus 13.2; update the extension on every server.',
  });
}

function noExtension({ target }: Database): StoreError {
  return new StoreError('STORE_LAYOUT', `${target} has no Citus extension.`, {
    hint:
      "On every server: shared_preload_libraries = 'citus', a restart, CREATE EXTENSION citus; then SELECT citus_add_node(…) " +
      'for each on this one. On a single server use --layout plain or partitioned.',
  });
}

function isPartitioned(): StoreError {
  return new StoreError('STORE_LAYOUT', 'The big tables are split by id: Citus takes one level of partitions only.', {
    hint: 'Make them whole first: `ta db migrate --layout plain`.',
  });
}
