import fc from 'fast-check';
import {
  BUILDERS,
  COMPONENTS,
  planRun,
  refresh,
  REFRESHERS,
  type AssetPlan,
  type ItemOutcome,
  type PlannedStep,
  type RefreshRequest,
} from '@ta/pipeline';
import { BAR_TABLES, EMA_TABLES, type Database, type EmaTable, type Session } from '@ta/state-store';
import { applyEdit, type EditedWorld } from './apply-edit.ts';
import { anyDamage, doDamage, type Damage } from './damage.ts';
import { anyEdit, ASSETS, type Asset, type Edit } from './edit.ts';
import { HistoryFailure, performRun, settingsOf } from './perform-run.ts';
import { anyRun, type Run } from './run.ts';
import type { Stage } from './play-history.ts';

/** How a planned run is asked for. */
interface Asked {
  readonly components: RefreshRequest['components'];
  readonly builders: RefreshRequest['builders'];
  readonly refreshers: RefreshRequest['refreshers'];
  readonly assets: readonly Asset[];
  readonly zone: string | null;
  readonly fullRebuild: boolean;
  readonly onBackfill: 'rebuild' | 'warn' | 'fail';
  readonly lookbackDays: number;
  readonly continueOnError: boolean;
  /** Hours after the newest day of the first asset that the run's clock shows; null skips the gate before the EMAs. */
  readonly ageHours: number | null;
  readonly emaDays: { readonly firstDay?: string; readonly lastDay?: string } | null;
}

/** A database in any state, and a run of it. */
export interface PlannedCase {
  readonly past: readonly { readonly edits: readonly Edit[]; readonly run: Run }[];
  readonly damages: readonly Damage[];
  readonly edits: readonly Edit[];
  readonly asked: Asked;
}

const oftenAll = <T>(all: readonly T[], minLength: number) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant([...all]) },
    { weight: 1, arbitrary: fc.subarray([...all], { minLength }) },
  );

const asked: fc.Arbitrary<Asked> = fc.record({
  components: oftenAll(COMPONENTS, 1),
  builders: oftenAll(BUILDERS, 1),
  refreshers: oftenAll(REFRESHERS, 1),
  assets: oftenAll(ASSETS, 1),
  zone: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constant('Asia/Tokyo') }),
  fullRebuild: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  onBackfill: fc.constantFrom('rebuild', 'rebuild', 'rebuild', 'warn', 'fail'),
  lookbackDays: fc.constantFrom(0, 3, 30),
  continueOnError: fc.boolean(),
  ageHours: fc.constantFrom(null, null, 0, 48, 49, -25),
  emaDays: fc.constantFrom(
    ...[null, null, null, null],
    { firstDay: '2024-01-05' },
    { lastDay: '2024-01-10' },
    { firstDay: '2024-01-02', lastDay: '2024-03-05' },
  ),
});

/** Databases of every kind: of whole, partial and broken runs, with states edited and rows deleted by hand. */
export const plannedCase: fc.Arbitrary<PlannedCase> = fc.record({
  past: fc.array(fc.record({ edits: fc.array(anyEdit(0, 5), { minLength: 1, maxLength: 3 }), run: anyRun(false) }), {
    minLength: 1,
    maxLength: 2,
  }),
  damages: fc.array(anyDamage, { maxLength: 2 }),
  edits: fc.array(anyEdit(0, 5), { maxLength: 2 }),
  asked,
});

/**
 * Brings a database into a state, plans a run, performs it, and compares both step by step, in rows deleted and written.
 *
 * @param firstId database id of the first asset; the others follow
 * @throws HistoryFailure where the run did something else than planned
 */
export async function playPlanned({ database }: Stage, given: PlannedCase, firstId: number): Promise<void> {
  const world: EditedWorld = { ids: ASSETS.map((asset) => firstId + asset), series: [], zone: 'UTC' };
  for (const { edits, run } of given.past) {
    for (const edit of edits) await database.transaction((tx) => applyEdit(tx, world, edit));
    await performRun(database, world, run, 'a run before').catch((error: unknown) => {
      if (!(error instanceof HistoryFailure)) throw error;
    });
  }
  for (const damage of given.damages) await database.transaction((tx) => doDamage(tx, world.ids, damage));
  for (const edit of given.edits) await database.transaction((tx) => applyEdit(tx, world, edit));

  const request = await requestOf(database, world, given.asked);
  const plan = await database.transaction((tx) => planRun(tx, request), { readOnly: true });
  const before = await database.session((session) => readRows(session, world.ids));
  const outcomes: ItemOutcome[] = [];
  await refresh(database, request, { itemFinished: (outcome) => void outcomes.push(outcome) }, () => 0);
  const after = await database.session((session) => readRows(session, world.ids));
  for (const asset of plan.assets) compare(asset, before, after, outcomes);
}

async function requestOf(database: Database, world: EditedWorld, given: Asked): Promise<RefreshRequest> {
  const { zone, fullRebuild, onBackfill, lookbackDays, emaDays, ageHours, ...part } = given;
  const choice = { fullRebuild, onBackfill, lookbackDays, emaDays: emaDays ?? undefined, zone: zone ?? world.zone };
  const newest = await database.session((session) =>
    session.query<{ ts: Date | null }>(
      `SELECT max("timestamp") AS ts FROM cmc_price_histories7 WHERE id = ${world.ids[0]}`,
    ),
  );
  return {
    ...part,
    ids: part.assets.map((asset) => world.ids[asset] as number),
    settings: await settingsOf(database, world, choice),
    nowMs: (newest[0]?.ts?.getTime() ?? 0) + (ageHours ?? 0) * 3_600_000,
    stalenessHours: 48,
    skipStaleCheck: ageHours === null,
    concurrency: 1,
  };
}

/** A stored row. */
interface StoredRow {
  /** Epoch ms. */
  readonly ts: number;
  /** What it is a row of; among the values of a packed row its place in it. */
  readonly key: string;
  /** Everything in it but when it was stored; a packed row is stored as a whole. */
  readonly content: string;
}

/** Rows by version. */
type Rows = ReadonlyMap<string, StoredRow>;

/** Rows of each table, asset and timeframe. */
type StoredRows = ReadonlyMap<string, Rows>;

/** The version of a stored row; that of a value of a packed row names its place in it. */
const VERSION = `tableoid::text || ' ' || xmin::text || ' ' || ctid::text`;
const CONTENT = `md5((to_jsonb(stored) - 'ingested_at')::text)`;

const NAMES = new Map<string, { readonly from: string; readonly time: string; readonly tf: string }>([
  ['bars 1d', { from: rowsOf('cmc_price_bars_1d'), time: '"timestamp"', tf: `'1D'` }],
  ...Object.values(BAR_TABLES).map(
    ({ family, rows }) => [`bars ${family}`, { from: slimRows(rows.table), time: 'time_close', tf: 'tf' }] as const,
  ),
  ...(Object.keys(EMA_TABLES) as EmaTable[]).map(
    (name) => [`emas ${name}`, { from: packedValues(name), time: 'ts', tf: 'tf' }] as const,
  ),
]);

function rowsOf(table: string): string {
  return `(SELECT *, ${VERSION} AS version, ${CONTENT} AS content, '' AS place FROM ${table} stored) rows`;
}

function slimRows(table: string): string {
  return `(SELECT r.*, s.tf FROM (SELECT *, ${VERSION} AS version, ${CONTENT} AS content, '' AS place FROM ${table} stored) r
    JOIN bar_series s ON s.series = r.series) rows`;
}

function packedValues(name: EmaTable): string {
  return `(SELECT r.id, s.tf, r.ts, r.version || ' ' || place AS version, r.content, place::text
    FROM (SELECT *, ${VERSION} AS version, ${CONTENT} AS content FROM ema_rows stored) r
      JOIN ema_series s ON s.series = r.series, generate_series(1, cardinality(r.ema)) place
    WHERE s.alignment_source = '${name}') packed`;
}

async function readRows(session: Session, ids: readonly number[]): Promise<StoredRows> {
  const selects = [...NAMES].map(
    ([name, { from, time, tf }]) => `SELECT '${name} ' || id || ' ' || ${tf} AS of, version, content,
       (extract(epoch FROM ${time}) * 1000)::float8 AS ts, ${time} || ' ' || place AS key
     FROM ${from} WHERE id IN (${ids.join(', ')})`,
  );
  const rows = await session.query<StoredRow & { of: string; version: string }>(selects.join(' UNION ALL '));
  const stored = new Map<string, Map<string, StoredRow>>();
  for (const { of, version, ...row } of rows) {
    const found = stored.get(of) ?? new Map<string, StoredRow>();
    stored.set(of, found.set(version, row));
  }
  return stored;
}

/** Rows that only one of two has. */
function missingFrom(other: Rows, rows: Rows): StoredRow[] {
  return [...rows].filter(([version]) => !other.has(version)).map(([, row]) => row);
}

const NO_ROWS: Rows = new Map();

function compare(
  { id, steps }: AssetPlan,
  before: StoredRows,
  after: StoredRows,
  outcomes: readonly ItemOutcome[],
): void {
  const sums = new Map<string, { written: number; deleted: number; isBlocked: boolean }>();
  for (const planned of steps) {
    const places = placesOf(planned, id, before, after, steps);
    for (const place of places) {
      const [old, now] = [before.get(place) ?? NO_ROWS, after.get(place) ?? NO_ROWS];
      const [deleted, written] = [missingFrom(now, old), missingFrom(old, now)];
      const problem = problemOf(planned, old, now, deleted, written);
      if (problem !== null) throw new HistoryFailure(`${place}: planned ${JSON.stringify(planned)}, but ${problem}`);
      const key = `${planned.component} ${planned.step}`;
      const sum = sums.get(key) ?? { written: 0, deleted: 0, isBlocked: false };
      sum.written += written.length;
      sum.deleted += deleted.length;
      sums.set(key, sum);
    }
    const key = `${planned.component} ${planned.step}`;
    const sum = sums.get(key) ?? { written: 0, deleted: 0, isBlocked: false };
    sums.set(key, { ...sum, isBlocked: sum.isBlocked || planned.action.kind === 'blocked' });
  }
  for (const outcome of outcomes.filter((one) => one.id === id)) {
    const { written, deleted, isBlocked } = sums.get(`${outcome.component} ${outcome.step}`) ?? {
      ...{ written: 0, deleted: 0, isBlocked: false },
    };
    const { rows, status } = outcome;
    const isLeft = status === 'failed' || status === 'derived_behind' || status === 'skipped';
    const where = `${outcome.component} ${outcome.step} of ${id} (${status}: ${String(outcome.error)})`;
    if (isLeft !== isBlocked) throw new HistoryFailure(`${where}: planned ${isBlocked ? 'nothing' : 'to be done'}`);
    if (rows.written !== written || rows.deleted !== deleted) {
      throw new HistoryFailure(`${where}: planned ${written} written, ${deleted} deleted; ${JSON.stringify(rows)}`);
    }
  }
}

/** The timeframes that a planned step is about; where it is one for a table, all that no other step names. */
function placesOf(
  planned: PlannedStep,
  id: number,
  before: StoredRows,
  after: StoredRows,
  steps: readonly PlannedStep[],
) {
  const table = `${planned.component} ${planned.table} ${id} `;
  if (planned.timeframe !== null) return [`${table}${planned.timeframe}`];
  const named = steps
    .filter((one) => one.component === planned.component && one.table === planned.table && one.timeframe !== null)
    .map((one) => `${table}${one.timeframe}`);
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (place) => place.startsWith(table) && !named.includes(place),
  );
}

function problemOf(
  { component, action, rows, step }: PlannedStep,
  old: Rows,
  now: Rows,
  deleted: readonly StoredRow[],
  written: readonly StoredRow[],
): string | null {
  const counts = `${deleted.length} rows deleted, ${written.length} written`;
  if (step === '1d' && rows !== undefined && (rows.written !== written.length || rows.deleted !== deleted.length)) {
    return counts;
  }
  switch (action.kind) {
    case 'noop':
    case 'forget':
    case 'blocked':
      return deleted.length + written.length === 0 ? null : counts;
    case 'append': {
      const newest = Math.max(-Infinity, ...[...old.values()].map(({ ts }) => ts));
      return deleted.length === 0 && written.every(({ ts }) => ts > newest) ? null : counts;
    }
    case 'clear':
      return deleted.length === old.size && now.size === 0 ? null : counts;
    case 'rebuild':
      if (step === '1d') return onlyWhatDiffers(deleted, written, -Infinity, false);
      return deleted.length === old.size && written.length === now.size
        ? null
        : `${counts}, not ${old.size} and ${now.size}`;
    case 'rewind':
      return onlyWhatDiffers(deleted, written, action.fromTsMs, component === 'emas');
  }
}

/**
 * Rows from an instant on are replaced where they differ, and no others are.
 *
 * @param withBetween whether rows between the first and the last that differ may be
 */
function onlyWhatDiffers(
  deleted: readonly StoredRow[],
  written: readonly StoredRow[],
  from: number,
  withBetween: boolean,
): string | null {
  const early = [...deleted, ...written].find(({ ts }) => ts < from);
  if (early !== undefined) return `the row of ${new Date(early.ts).toISOString()} was replaced`;
  const [gone, made] = [deleted, written].map((rows) => new Map(rows.map(({ key, content }) => [key, content])));
  const others = [...deleted, ...written].filter(({ key }) => gone?.get(key) !== made?.get(key)).map(({ ts }) => ts);
  const isBetween = (ts: number) => withBetween && ts > Math.min(...others) && ts < Math.max(...others);
  const same = written.find(({ key, content, ts }) => gone?.get(key) === content && !isBetween(ts));
  return same === undefined ? null : `the row of ${same.key} was written as it was`;
}
