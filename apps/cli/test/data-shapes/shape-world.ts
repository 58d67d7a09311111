import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  BUILDERS,
  COMPONENTS,
  loadSettings,
  refresh,
  REFRESHERS,
  type RunReport,
  type RunSettings,
} from '@ta/pipeline';
import type { Database, DatabaseEngine } from '@ta/state-store';
import { runChecks, validationRequest, type Finding, type Profile } from '@ta/validation';
import {
  differingTables,
  digestContent,
  readContentColumns,
  type ContentColumns,
  type ContentDigest,
} from '../../../../libs/pipeline/test/content-digest.ts';
import { Oracle } from '../../../../libs/pipeline/test/history/oracle.ts';
import {
  createTestDatabase,
  hasPostgres,
  SMALL_CATALOGUE,
  useCatalogue,
} from '../../../../libs/pipeline/test/test-database.ts';

/** Newer than every day of the source. */
const AS_OF_TS = Date.UTC(2101, 0, 1);

/**
 * A source row as a test writes it; null is NULL, texts are instants, and columns left out are NULL. Without a load time of its own
 * a row was loaded by the step that writes it, one minute after the step before, the same in every world.
 */
export type SourceRecord = Readonly<Record<string, string | number | null>>;

/**
 * Whether the other engine plays everything: the SQL is the same, and on PGlite, where it takes three times as long, one case of each
 * kind is enough.
 */
export function isSecond(engine: DatabaseEngine): boolean {
  return engine === 'pglite' && hasPostgres();
}

/** Cases that the second engine does not play. */
export function onFirst<T>(engine: DatabaseEngine, cases: readonly T[]): readonly T[] {
  return isSecond(engine) ? [] : cases;
}

/**
 * Profiles that look at the shapes on an engine: the one that samples and the one that does all that `full` does and more; on the
 * second engine `full`.
 */
export function profilesOn(engine: DatabaseEngine): readonly Profile[] {
  return isSecond(engine) ? ['full'] : ['fast', 'paranoid'];
}

/** When the first step of an asset was loaded. */
const FIRST_LOAD_TS = Date.UTC(2026, 0, 1);

/** Full builds of whatever source. Worlds that share them build what is the same once. */
export interface FullBuilds {
  readonly engine: DatabaseEngine;
  readonly oracle: Oracle;
  close(): Promise<void>;
}

/**
 * Opens a database for full builds: on PostgreSQL where there is one, for it takes a third of the time, and equal tables then mean
 * that both engines make the same of the same source.
 */
export async function openFullBuilds(catalogue = SMALL_CATALOGUE): Promise<FullBuilds> {
  const engine = hasPostgres() ? 'postgres' : 'pglite';
  const test = await createTestDatabase(engine, 2);
  await useCatalogue(test.database, catalogue);
  const columns = await test.database.session(readContentColumns);
  return { engine, oracle: new Oracle(test, columns), close: () => test.drop() };
}

/** A database that is refreshed in steps, to be compared with one in which everything is built once. */
export interface ShapeWorld {
  readonly database: Database;
  /** Writes source rows; a row of the same instant is replaced. */
  put(id: number, rows: readonly SourceRecord[]): Promise<void>;
  run(sql: string): Promise<void>;
  rows<Row extends object>(sql: string): Promise<Row[]>;
  refresh(ids: readonly number[], zone?: string, onBackfill?: RunSettings['onBackfill']): Promise<RunReport>;
  /** Tables of an asset that differ from one full build of its source. */
  wrongTables(id: number, zone?: string): Promise<readonly string[]>;
  /**
   * The same of an asset that was built in `steps` steps: a single step is a full build itself, so that there is something to compare
   * where another engine made the full builds, or another step followed.
   */
  wrongAfter(steps: number, id: number, zone?: string): Promise<readonly string[]>;
  /** What the profiles of the validator find above a WARNING, and their warnings; of all assets or some. */
  findings(
    profiles: readonly Profile[],
    ids?: readonly number[],
  ): Promise<{ readonly wrong: readonly string[]; readonly warnings: readonly Finding[] }>;
  close(): Promise<void>;
}

/** Opens a world on an engine. */
export async function openShapeWorld(
  engine: DatabaseEngine,
  builds: FullBuilds,
  catalogue = SMALL_CATALOGUE,
): Promise<ShapeWorld> {
  const { database, drop } = await createTestDatabase(engine, 3);
  await useCatalogue(database, catalogue);
  const columns: ContentColumns = await database.session(readContentColumns);
  const steps = new Map<number, number>();
  const settingsOf = (zone: string, onBackfill?: RunSettings['onBackfill']) =>
    database.session((session) => loadSettings(session, { runId: 'shapes', zone, onBackfill }));
  const wrongTables = async (id: number, zone = 'UTC'): Promise<readonly string[]> => {
    const settings = await settingsOf(zone);
    return database.session(async (session) => {
      const digest = (await digestContent(session, columns, [id])).get(id) as ContentDigest;
      return differingTables(digest, (await builds.oracle.buildOf(session, id, settings)).digest);
    });
  };
  return {
    database,
    async put(id, rows) {
      const step = steps.get(id) ?? 0;
      steps.set(id, step + 1);
      const loadTs = new Date(FIRST_LOAD_TS + step * 60_000).toISOString();
      await database.transaction(async (tx) => {
        await tx.run(`INSERT INTO dim_assets (id, name) VALUES (${id}, 'asset') ON CONFLICT DO NOTHING`);
        for (const row of rows) await tx.run(upsertSql(id, { load_ts: loadTs, ...row }));
      });
    },
    run: (sql) => database.transaction(async (tx) => void (await tx.run(sql))),
    rows: (sql) => database.session((session) => session.query(sql)),
    async refresh(ids, zone = 'UTC', onBackfill) {
      const request = {
        ...{
          components: COMPONENTS,
          builders: BUILDERS,
          refreshers: REFRESHERS,
          ids,
          settings: await settingsOf(zone, onBackfill),
        },
        ...{ nowMs: AS_OF_TS, stalenessHours: 48, skipStaleCheck: true, continueOnError: true, concurrency: 1 },
      };
      return refresh(database, request, {}, () => 0);
    },
    wrongTables,
    wrongAfter: async (steps, id, zone) => (steps === 1 && builds.engine === engine ? [] : wrongTables(id, zone)),
    async findings(profiles, ids) {
      const [wrong, warnings]: [string[], Finding[]] = [[], []];
      for (const profile of profiles) {
        const request = validationRequest({
          asOfTs: AS_OF_TS,
          ids: ids ?? null,
          stalenessHours: 1e7,
          concurrency: 1,
          profile,
        });
        const observer = {
          finding: (finding: Finding) => {
            if (finding.severity === 'WARNING') warnings.push(finding);
            else if (finding.severity !== 'INFO') wrong.push(`${profile} ${finding.check} ${finding.message}`);
          },
        };
        await runChecks(database, request, observer, () => 0);
      }
      return { wrong, warnings };
    },
    close: drop,
  };
}

function upsertSql(id: number, row: SourceRecord): string {
  const columns = { name: 'asset', ...row };
  const names = Object.keys(columns);
  const values = Object.values(columns).map((value) =>
    value === null ? 'NULL' : typeof value === 'number' ? `'${value}'::float8` : `'${value}'`,
  );
  const quoted = names.map((name) => `"${name}"`);
  const set = quoted.filter((name) => name !== '"timestamp"').map((name) => `${name} = excluded.${name}`);
  return `INSERT INTO cmc_price_histories7 (id, ${quoted.join(', ')}) VALUES (${id}, ${values.join(', ')})
    ON CONFLICT (id, "timestamp") DO UPDATE SET ${set.join(', ')}`;
}

/** The rows of a CSV file of the shape `timeOpen,timeClose,…,timestamp`, gzipped or not. */
export function readCase(path: string): SourceRecord[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const [head, ...lines] = text.trim().split(/\r?\n/);
  const names = (head as string).split(',').map((name) => name.toLowerCase());
  return lines.map((line) => {
    const cells = line.split(',').map((cell) => (cell === '' ? null : cell));
    const entries = names.map((name, i) => [name, cells[i] ?? null] as const);
    return Object.fromEntries(entries.filter(([name]) => name !== 'name'));
  });
}
