import { BUILDERS, COMPONENTS, loadSettings, refresh, REFRESHERS, type RunReport } from '@ta/pipeline';
import type { Database, Session } from '@ta/state-store';
import { runChecks, validationRequest, type Finding } from '@ta/validation';
import fc from 'fast-check';
import {
  differingTables,
  digestContent,
  readContentColumns,
  type ContentColumns,
  type ContentDigest,
} from '../../../../../libs/pipeline/test/content-digest.ts';
import { Oracle } from '../../../../../libs/pipeline/test/history/oracle.ts';
import { priceRow, upsertSql, type PriceRow } from '../../../../../libs/pipeline/test/history/price-row.ts';
import {
  createTestDatabase,
  hasPostgres,
  SMALL_CATALOGUE,
  useCatalogue,
} from '../../../../../libs/pipeline/test/test-database.ts';

/** The asset that every case begins with a copy of. */
const MODEL_ID = 1;
/** 2024-02-20: a leap day, ends of months and a Sunday follow. */
const FIRST_DAY = 19_773;
const DAYS = 40;
/** Newer than every day of the source, so that nothing is fresher than it may be. */
const AS_OF_TS = Date.UTC(2101, 0, 1);

/** How a refresh ended. */
export type RefreshEnd = { readonly report: RunReport } | { readonly error: unknown };

/** Two databases: one with an asset that is built and can be copied, one in which full builds are made. */
export interface FuzzWorld {
  readonly database: Database;
  /** Copies the built asset with all its rows and state under an id of its own. */
  copyModel(): Promise<number>;
  /** Refreshes assets; days are those of UTC unless another zone is given. */
  refresh(ids: number | readonly number[], zone?: string): Promise<RefreshEnd>;
  /** Tables of an asset that differ from one full build of its source. */
  wrongTables(id: number, zone?: string): Promise<readonly string[]>;
  /** An id of its own for an asset without rows. */
  newAsset(): Promise<number>;
  /** What the validator finds about an asset, full profile. */
  findings(id: number): Promise<readonly string[]>;
  /** The same of several assets. */
  findingsOf(ids: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>>;
  digest(id: number): Promise<ContentDigest>;
  /** Runs statements in both databases, in a transaction each; false when the database refuses them. */
  inBoth(sql: string): Promise<boolean>;
  /** Forgets what was built: needed after a change of the catalogue. */
  forgetBuilds(): Promise<void>;
  /** Removes every row of an asset. */
  remove(id: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens the two databases: on PostgreSQL where there is one, else embedded. */
export async function openFuzzWorld(): Promise<FuzzWorld> {
  const engine = hasPostgres() ? 'postgres' : 'pglite';
  const [first, second] = [await createTestDatabase(engine, 3), await createTestDatabase(engine, 2)];
  for (const { database } of [first, second]) await useCatalogue(database, SMALL_CATALOGUE);
  const { database } = first;
  const columns = await database.session(readContentColumns);
  const oracle = new Oracle(second, columns);
  const tables = await database.session(tablesWithId);
  let lastId = MODEL_ID;
  let model: Promise<void> | undefined;
  return {
    database,
    async copyModel() {
      await (model ??= buildModel(database));
      const id = ++lastId;
      await database.transaction(async (tx) => copyAsset(tx, tables, id));
      return id;
    },
    refresh: (ids, zone) => refreshAssets(database, [ids].flat(), zone),
    async newAsset() {
      const id = ++lastId;
      await database.transaction((tx) => tx.run(`INSERT INTO dim_assets (id, name) VALUES (${id}, 'asset')`));
      return id;
    },
    wrongTables: (id, zone) => wrongTables(database, oracle, columns, id, zone),
    findings: async (id) => (await findingsOf(database, [id])).get(id) ?? [],
    findingsOf: (ids) => findingsOf(database, ids),
    digest: async (id) =>
      (await database.session((session) => digestContent(session, columns, [id]))).get(id) as ContentDigest,
    inBoth: (sql) =>
      Promise.all([first, second].map((one) => one.database.transaction((tx) => tx.run(sql)))).then(
        () => true,
        () => false,
      ),
    forgetBuilds: () => oracle.clear(),
    remove: (id) => database.transaction(async (tx) => removeAsset(tx, tables, id)),
    async close() {
      await first.drop();
      await second.drop();
    },
  };
}

async function buildModel(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.run(upsertSql(MODEL_ID, FIRST_DAY, modelRows()));
    await tx.run(`INSERT INTO dim_assets (id, name) VALUES (${MODEL_ID}, 'asset')`);
  });
  const built = await refreshAssets(database, [MODEL_ID]);
  if (!('report' in built) || built.report.failedIds.length > 0)
    throw new Error(`The model cannot be built: ${JSON.stringify(built)}`);
}

/** Rows of all shapes, the same in every campaign. */
function modelRows(): PriceRow[] {
  const [rows] = fc.sample(fc.array(priceRow, { minLength: DAYS, maxLength: DAYS, size: 'max' }), {
    seed: 7,
    numRuns: 1,
  });
  return rows as PriceRow[];
}

interface IdTable {
  readonly name: string;
  /** Columns that a copy must name itself. */
  readonly columns: string;
}

/** Tables with rows of an asset; a partitioned parent stands for its partitions. */
async function tablesWithId(session: Session): Promise<IdTable[]> {
  return session.query<{ name: string; columns: string }>(
    `SELECT c.relname AS name, string_agg(quote_ident(a.attname), ', ') FILTER (WHERE a.attname <> 'id' AND a.attidentity = '') AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname NOT LIKE 'ops\\_%' AND c.relname <> 'cmc_price_histories7_changes'
     GROUP BY c.relname HAVING bool_or(a.attname = 'id') ORDER BY c.relname = 'cmc_price_histories7' DESC, c.relname`,
  );
}

async function copyAsset(tx: Session, tables: readonly IdTable[], id: number): Promise<void> {
  for (const { name, columns } of tables)
    await tx.run(`INSERT INTO ${name} (id, ${columns}) SELECT ${id}, ${columns} FROM ${name} WHERE id = ${MODEL_ID}`);
  await tx.run(`DELETE FROM cmc_price_histories7_changes WHERE id = ${id}`);
}

async function removeAsset(tx: Session, tables: readonly IdTable[], id: number): Promise<void> {
  for (const { name } of tables) await tx.run(`DELETE FROM ${name} WHERE id = ${id}`);
  await tx.run(`DELETE FROM cmc_price_histories7_changes WHERE id = ${id}`);
}

async function refreshAssets(database: Database, ids: readonly number[], zone = 'UTC'): Promise<RefreshEnd> {
  try {
    const settings = await database.session((session) => loadSettings(session, { runId: 'fuzz', zone }));
    const request = {
      ...{ components: COMPONENTS, builders: BUILDERS, refreshers: REFRESHERS, ids, settings },
      ...{ nowMs: AS_OF_TS, stalenessHours: 48, skipStaleCheck: true, continueOnError: true, concurrency: 1 },
    };
    return { report: await refresh(database, request, {}, () => 0) };
  } catch (error) {
    return { error };
  }
}

async function wrongTables(
  database: Database,
  oracle: Oracle,
  columns: ContentColumns,
  id: number,
  zone = 'UTC',
): Promise<string[]> {
  const settings = await database.session((session) => loadSettings(session, { runId: 'fuzz', zone }));
  return database.session(async (session) => {
    const digest = (await digestContent(session, columns, [id])).get(id) as ContentDigest;
    const [sourceRow] = await session.query(`SELECT FROM cmc_price_histories7 WHERE id = ${id} LIMIT 1`);
    // of no source rows there is nothing to build
    if (sourceRow === undefined) return [...digest.keys()];
    return differingTables(digest, (await oracle.buildOf(session, id, settings)).digest);
  });
}

/** What is above a WARNING, by asset: what is about none is said of all. */
async function findingsOf(database: Database, ids: readonly number[]): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>(ids.map((id) => [id, []]));
  const request = validationRequest({
    asOfTs: AS_OF_TS,
    ids: [...ids].sort((a, b) => a - b),
    stalenessHours: 1e7,
    concurrency: 1,
    rejectLimit: { minCount: 1000, maxPercent: 100 },
  });
  const finding = ({ severity, id, message }: Finding): void => {
    if (severity !== 'ERROR' && severity !== 'CRITICAL') return;
    for (const own of id === null ? ids : [id]) found.set(own, [...(found.get(own) ?? []), message]);
  };
  await runChecks(database, request, { finding }, () => 0);
  return found;
}
