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

/** Rows by version, and their instants (epoch ms). */
type Rows = ReadonlyMap<string, number>;

/** Rows of each table, asset and timeframe. */
type StoredRows = ReadonlyMap<string, Rows>;

const NAMES = new Map<string, { readonly table: string; readonly time: string; readonly tf: string }>([
  ['bars 1d', { table: 'cmc_price_bars_1d', time: '"timestamp"', tf: `'1D'` }],
  ...Object.values(BAR_TABLES).map(
    ({ family, table }) => [`bars ${family}`, { table, time: 'time_close', tf: 'tf' }] as const,
  ),
  ...(Object.keys(EMA_TABLES) as EmaTable[]).map(
    (name) => [`emas ${name}`, { table: EMA_TABLES[name].table, time: 'ts', tf: 'tf' }] as const,
  ),
]);

async function readRows(session: Session, ids: readonly number[]): Promise<StoredRows> {
  const selects = [...NAMES].map(
    ([name, { table, time, tf }]) => `SELECT '${name} ' || id || ' ' || ${tf} AS place,
       tableoid::text || ' ' || xmin::text || ' ' || ctid::text AS version, (extract(epoch FROM ${time}) * 1000)::float8 AS ts
     FROM ${table} WHERE id IN (${ids.join(', ')})`,
  );
  const rows = await session.query<{ place: string; version: string; ts: number }>(selects.join(' UNION ALL '));
  const stored = new Map<string, Map<string, number>>();
  for (const { place, version, ts } of rows) {
    const found = stored.get(place) ?? new Map<string, number>();
    stored.set(place, found.set(version, ts));
  }
  return stored;
}

/** Instants of the rows that only one of two has. */
function missingFrom(other: Rows, rows: Rows): number[] {
  return [...rows].filter(([version]) => !other.has(version)).map(([, ts]) => ts);
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
  { action, rows, step }: PlannedStep,
  old: Rows,
  now: Rows,
  deleted: readonly number[],
  written: readonly number[],
): string | null {
  const counts = `${deleted.length} rows deleted, ${written.length} written`;
  if (step === '1d' && rows !== undefined && (rows.written !== written.length || rows.deleted !== deleted.length)) {
    return counts;
  }
  const reaches = (from: number) => [old, now].map((all) => [...all.values()].filter((ts) => ts >= from).length);
  switch (action.kind) {
    case 'noop':
    case 'forget':
    case 'blocked':
      return deleted.length + written.length === 0 ? null : counts;
    case 'append': {
      const newest = Math.max(-Infinity, ...old.values());
      return deleted.length === 0 && written.every((ts) => ts > newest) ? null : counts;
    }
    case 'clear':
      return deleted.length === old.size && now.size === 0 ? null : counts;
    case 'rebuild':
    case 'rewind': {
      const from = action.kind === 'rewind' ? action.fromTsMs : -Infinity;
      // of daily bars those alone are written that differ
      if (step === '1d') return [...deleted, ...written].every((ts) => ts >= from) ? null : counts;
      const [gone, made] = reaches(from);
      return deleted.length === gone && written.length === made ? null : `${counts}, not ${gone} and ${made}`;
    }
  }
}
