import { BUILDERS, EMA_SOURCES, REFRESHERS } from '@ta/pipeline';
import { BAR_TABLES, readNewestDays, type Session } from '@ta/state-store';
import type { BarFamily } from '@ta/bars-core/engine';
import type { Freshness, FreshnessRow } from '../api.ts';
import {
  judgeDaily,
  judgeDerived,
  type DailyFacts,
  type DerivedFacts,
  type FreshnessClock,
} from '../judge-freshness.ts';

/** A page of assets. */
export interface FreshnessRequest {
  /** Ids above this one. */
  readonly after: number;
  readonly limit: number;
}

const BAR_STEPS = BUILDERS.filter((builder): builder is BarFamily => builder !== '1d');
const EMA_STEPS = REFRESHERS.flatMap((refresher) => EMA_SOURCES[refresher].map(({ table }) => table));
/** Columns of the map. */
export const FRESHNESS_STEPS: readonly string[] = [
  '1d',
  ...BAR_STEPS,
  ...EMA_STEPS.map((table) => `ema ${table.replace('multi_tf_', '')}`),
];

/** Reads the map for one page of assets: seven queries, each by the beginning of a key, however many pages there are. */
export async function readFreshness(
  session: Session,
  { after, limit }: FreshnessRequest,
  clock: FreshnessClock,
): Promise<Freshness> {
  const assets = await session.query<{ id: number; name: string | null }>(
    `SELECT id, max(name) AS name FROM (
       (SELECT id, name FROM dim_assets WHERE id > $1 ORDER BY id LIMIT $2)
       UNION ALL (SELECT id, NULL FROM cmc_price_bars_1d_state WHERE id > $1 ORDER BY id LIMIT $2)
     ) known GROUP BY id ORDER BY id LIMIT $2`,
    [after, limit],
  );
  const ids = assets.map(({ id }) => id);
  const daily = await readDaily(session, ids, clock.nowMs);
  const bars = await readBars(session, ids);
  const emas = await readEmas(session, ids);
  const failures = await readFailures(session, ids);
  const rows = assets.map(({ id, name }): FreshnessRow => {
    const own = daily.get(id);
    const derived = (facts: DerivedFacts | undefined, step: string) =>
      judgeDerived(facts, own, failures.get(`${id} ${step}`), clock);
    return {
      id,
      name: name ?? `id ${id} (not in dim_assets)`,
      cells: [
        judgeDaily(own, failures.get(`${id} 1d`), clock),
        ...BAR_STEPS.map((step) => derived(bars.get(`${id} ${step}`), step)),
        ...EMA_STEPS.map((table) => derived(emas.get(`${id} ${table}`), `ema ${table}`)),
      ],
    };
  });
  const next = assets.length < limit ? null : (ids.at(-1) ?? null);
  return { steps: FRESHNESS_STEPS, rows, next, nowMs: clock.nowMs, maxAgeHours: clock.maxAgeHours };
}

async function readDaily(session: Session, ids: readonly number[], nowMs: number): Promise<Map<number, DailyFacts>> {
  const newest = await readNewestDays(session, nowMs, ids);
  const rows = await session.query<Omit<DailyFacts, 'notAheadTs'> & { id: number }>(
    `SELECT s.id, ${epochMs('s.last_src_ts')} AS "newestTs", ${epochMs('s.full_built_at')} AS "builtAtMs", s.revision,
       coalesce(c.changes, 0) AS changes, c.first AS "firstChangeTs"
     FROM cmc_price_bars_1d_state s LEFT JOIN (
       SELECT id, count(*) AS changes, ${epochMs('min(first_ts)')} AS first FROM cmc_price_histories7_changes
       WHERE id = ANY ($1::int[]) GROUP BY id
     ) c USING (id) WHERE s.id = ANY ($1::int[])`,
    [ids],
  );
  return new Map(rows.map(({ id, ...facts }) => [id, { ...facts, notAheadTs: newest.get(id)?.notAheadTs ?? null }]));
}

interface DerivedRow extends DerivedFacts {
  readonly id: number;
  readonly step: string;
}

async function readBars(session: Session, ids: readonly number[]): Promise<Map<string, DerivedFacts>> {
  const parts = BAR_STEPS.map(
    (step) => `SELECT id, '${step}' AS step, ${epochMs('min(daily_max_seen)')} AS "newestTs",
      ${epochMs('min(src_full_built_at)')} AS "sourceBuiltAtMs", min(src_revision) AS "sourceRevision"
      FROM ${BAR_TABLES[step].stateTable} WHERE id = ANY ($1::int[]) GROUP BY id`,
  );
  return byIdAndStep(await session.query<DerivedRow>(parts.join(' UNION ALL '), [ids]));
}

async function readEmas(session: Session, ids: readonly number[]): Promise<Map<string, DerivedFacts>> {
  return byIdAndStep(
    await session.query<DerivedRow>(
      `SELECT id, alignment_source::text AS step, ${epochMs('min(daily_max_seen)')} AS "newestTs",
         ${epochMs('min(daily_full_built_at)')} AS "sourceBuiltAtMs", min(src_revision) AS "sourceRevision"
       FROM cmc_ema_state WHERE id = ANY ($1::int[]) GROUP BY id, alignment_source`,
      [ids],
    ),
  );
}

/** What failed in the newest run that ended, by id and step. */
async function readFailures(session: Session, ids: readonly number[]): Promise<Map<string, string>> {
  const rows = await session.query<{ id: number; component: string; step: string; error: string | null }>(
    `SELECT id, component, step, error FROM ops_run_items
     WHERE run_id = (SELECT run_id FROM ops_runs WHERE finished_at IS NOT NULL ORDER BY started_at DESC LIMIT 1)
       AND status = 'failed' AND id = ANY ($1::int[])`,
    [ids],
  );
  return new Map(
    rows.flatMap(({ id, component, step, error }) =>
      columnsOf(component, step).map((column) => [`${id} ${column}`, error ?? 'no message'] as const),
    ),
  );
}

function columnsOf(component: string, step: string): string[] {
  if (component === 'bars') return [step];
  const sources = REFRESHERS.filter((refresher) => refresher === step).flatMap((refresher) => EMA_SOURCES[refresher]);
  return sources.map(({ table }) => `ema ${table}`);
}

function byIdAndStep(rows: readonly DerivedRow[]): Map<string, DerivedFacts> {
  return new Map(rows.map(({ id, step, ...facts }) => [`${id} ${step}`, facts]));
}

/** An instant as epoch ms with its microseconds, so that stamps compare equal. */
function epochMs(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::float8`;
}
