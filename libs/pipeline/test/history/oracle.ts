import { createHash } from 'node:crypto';
import { BUILDERS, COMPONENTS, refresh, REFRESHERS, type RunSettings } from '@ta/pipeline';
import { copyInSql, type CopyLayout, type Database, type Session } from '@ta/state-store';
import { clearDatabase, type TestDatabase } from '../test-database.ts';
import { digestContent, type ContentColumns, type ContentDigest } from '../content-digest.ts';

/** Header and trailer of a binary COPY, which a COPY into a session adds itself. */
const HEADER_BYTES = 19;
const TRAILER_BYTES = 2;

const SOURCE_COLUMNS = [
  ...['timestamp', 'name', 'timeopen', 'timeclose', 'timehigh', 'timelow', 'open', 'high', 'low', 'close'],
  ...['volume', 'marketcap', 'circulatingsupply', 'date', 'source_file', 'load_ts'],
];
const SOURCE: CopyLayout = {
  table: 'cmc_price_histories7',
  fields: ['id', ...SOURCE_COLUMNS].map((column) => ({ column, type: 'text', nullable: true })),
};

/** What is built once, from nothing, out of the source rows of one asset. */
export interface Built {
  /** Id under which the second database holds it. */
  readonly id: number;
  readonly digest: ContentDigest;
}

/**
 * A second database in which every state of a source is built once, from nothing, under an id of its own. Rows built of
 * the same source rows under the same settings are remembered.
 */
export class Oracle {
  readonly #test: TestDatabase;
  readonly #columns: ContentColumns;
  readonly #built = new Map<string, Built>();
  #lastId = 0;

  constructor(test: TestDatabase, columns: ContentColumns) {
    this.#test = test;
    this.#columns = columns;
  }

  get database(): Database {
    return this.#test.database;
  }

  /** How many assets were built so far. */
  get builds(): number {
    return this.#lastId;
  }

  /** Forgets and empties everything. */
  async clear(): Promise<void> {
    this.#built.clear();
    await clearDatabase(this.#test.database);
  }

  /** What a full build makes of the source rows that `session` holds of an asset. */
  async buildOf(session: Session, id: number, settings: RunSettings): Promise<Built> {
    const source = await copyOut(session, `SELECT ${quoted(SOURCE_COLUMNS)} FROM ${sourceOf(id)}`);
    const market = await marketOf(session, id);
    const key = createHash('sha256').update(source).update(settingsKey(settings)).update(market).digest('hex');
    const known = this.#built.get(key);
    if (known !== undefined) return known;
    const built = await this.#build(session, id, settings, market);
    this.#built.set(key, built);
    return built;
  }

  async #build(session: Session, id: number, settings: RunSettings, market: string): Promise<Built> {
    const { database } = this.#test;
    const ownId = ++this.#lastId;
    const rows = await copyOut(session, `SELECT ${ownId}::int4 AS id, ${quoted(SOURCE_COLUMNS)} FROM ${sourceOf(id)}`);
    const tuples = rows.subarray(HEADER_BYTES, rows.length - TRAILER_BYTES);
    await database.transaction((tx) => tx.copyIn(copyInSql(SOURCE), [tuples]));
    if (market !== '') await database.transaction((tx) => tradeAs(tx, ownId, market));
    const report = await refresh(
      database,
      {
        components: COMPONENTS,
        builders: BUILDERS,
        refreshers: REFRESHERS,
        ids: [ownId],
        settings: { ...settings, runId: 'oracle', fullRebuild: false },
        nowMs: 0,
        stalenessHours: 48,
        skipStaleCheck: true,
        continueOnError: false,
        concurrency: 1,
      },
      {},
      () => 0,
    );
    const failed = report.components.find((component) => component.status !== 'ok');
    if (failed !== undefined) throw new Error(`The full build failed: ${JSON.stringify(failed)}`);
    const digests = await database.session((own) => digestContent(own, this.#columns, [ownId]));
    return { id: ownId, digest: digests.get(ownId) as ContentDigest };
  }
}

/** How an asset trades, as text; empty for one that trades every day. */
async function marketOf(session: Session, id: number): Promise<string> {
  const [asset] = await session.query<Market>(
    `SELECT close_rule, trading_weekdays, holiday_calendar FROM dim_assets
     WHERE id = ${id} AND (close_rule, trading_weekdays, holiday_calendar) IS DISTINCT FROM ('calendar', 'Mon-Sun', NULL::text)`,
  );
  if (asset === undefined) return '';
  const holidays = await session.query<{ day: string }>(
    'SELECT day::text AS day FROM dim_holidays WHERE calendar = $1 ORDER BY day',
    [asset.holiday_calendar],
  );
  return JSON.stringify({ ...asset, holidays: holidays.map(({ day }) => day) });
}

interface Market {
  readonly close_rule: string;
  readonly trading_weekdays: string;
  readonly holiday_calendar: string | null;
}

/** Has an asset trade as another does, with a calendar of its own. */
async function tradeAs(tx: Session, id: number, market: string): Promise<void> {
  const { close_rule, trading_weekdays, holidays } = JSON.parse(market) as Market & { holidays: string[] };
  await tx.run(
    `INSERT INTO dim_assets (id, name, close_rule, trading_weekdays, holiday_calendar) VALUES (${id}, 'asset', $1, $2, 'own ${id}')`,
    [close_rule, trading_weekdays],
  );
  await tx.run(`INSERT INTO dim_holidays (calendar, day) SELECT 'own ${id}', day FROM unnest($1::text[]::date[]) day`, [
    holidays,
  ]);
}

/** What a build depends on besides the source. */
function settingsKey(settings: RunSettings): string {
  const labels = Object.entries(settings.timeframes).map(([family, frames]) => [family, frames.map(({ tf }) => tf)]);
  return JSON.stringify([settings.zone, settings.periods, labels, settings.dayTimeframes.map(({ tf }) => tf)]);
}

function sourceOf(id: number): string {
  return `cmc_price_histories7 WHERE id = ${id} ORDER BY "timestamp"`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

async function copyOut(session: Session, select: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of session.copyOut(`COPY (${select}) TO STDOUT WITH (FORMAT binary)`)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
