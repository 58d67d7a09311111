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
import { runChecks, validationRequest, type Profile } from '@ta/validation';
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

/** A source row as a test writes it; null is NULL, texts are instants, and columns left out are NULL. */
export type SourceRecord = Readonly<Record<string, string | number | null>>;

/**
 * Profiles that look at the shapes on an engine: on PostgreSQL the one that samples and the one that does all that `full` does and
 * more; on PGlite, where a statement costs three times as much and is the same, `full`.
 */
export function profilesOn(engine: DatabaseEngine): readonly Profile[] {
  return engine === 'pglite' && hasPostgres() ? ['full'] : ['fast', 'paranoid'];
}

/** A database that is refreshed in steps, and one in which everything is built once. */
export interface ShapeWorld {
  readonly database: Database;
  /** Writes source rows; a row of the same instant is replaced. */
  put(id: number, rows: readonly SourceRecord[]): Promise<void>;
  run(sql: string): Promise<void>;
  rows<Row extends object>(sql: string): Promise<Row[]>;
  refresh(ids: readonly number[], zone?: string, onBackfill?: RunSettings['onBackfill']): Promise<RunReport>;
  /** Tables of an asset that differ from one full build of its source. */
  wrongTables(id: number, zone?: string): Promise<readonly string[]>;
  /** What the profiles of the validator find above a WARNING, and their warnings; of all assets or some. */
  findings(
    profiles: readonly Profile[],
    ids?: readonly number[],
  ): Promise<{ readonly wrong: readonly string[]; readonly warnings: readonly string[] }>;
  close(): Promise<void>;
}

/**
 * Opens a world on an engine. Full builds are made on PostgreSQL where there is one: it takes a third of the time, and equal
 * tables then mean that both engines make the same of the same source.
 */
export async function openShapeWorld(engine: DatabaseEngine, catalogue = SMALL_CATALOGUE): Promise<ShapeWorld> {
  const oracleEngine = hasPostgres() ? 'postgres' : engine;
  const [first, second] = [await createTestDatabase(engine, 3), await createTestDatabase(oracleEngine, 2)];
  for (const { database } of [first, second]) await useCatalogue(database, catalogue);
  const { database } = first;
  const columns: ContentColumns = await database.session(readContentColumns);
  const oracle = new Oracle(second, columns);
  const settingsOf = (zone: string, onBackfill?: RunSettings['onBackfill']) =>
    database.session((session) => loadSettings(session, { runId: 'shapes', zone, onBackfill }));
  return {
    database,
    async put(id, rows) {
      await database.transaction(async (tx) => {
        await tx.run(`INSERT INTO dim_assets (id, name) VALUES (${id}, 'asset') ON CONFLICT DO NOTHING`);
        for (const row of rows) await tx.run(upsertSql(id, row));
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
    async wrongTables(id, zone = 'UTC') {
      const settings = await settingsOf(zone);
      return database.session(async (session) => {
        const digest = (await digestContent(session, columns, [id])).get(id) as ContentDigest;
        return differingTables(digest, (await oracle.buildOf(session, id, settings)).digest);
      });
    },
    async findings(profiles, ids) {
      const [wrong, warnings]: [string[], string[]] = [[], []];
      for (const profile of profiles) {
        const request = validationRequest({
          asOfTs: AS_OF_TS,
          ids: ids ?? null,
          stalenessHours: 1e7,
          concurrency: 1,
          profile,
        });
        const observer = {
          finding: ({ severity, check, message }: { severity: string; check: string; message: string }) => {
            if (severity !== 'INFO') (severity === 'WARNING' ? warnings : wrong).push(`${profile} ${check} ${message}`);
          },
        };
        await runChecks(database, request, observer, () => 0);
      }
      return { wrong, warnings };
    },
    async close() {
      await first.drop();
      await second.drop();
    },
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
    ON CONFLICT (id, "timestamp") DO UPDATE SET ${[...set, ...('load_ts' in row ? [] : ['load_ts = now()'])].join(', ')}`;
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
