import { BUILDERS, EMA_SOURCES, readStandings, REFRESHERS } from '@ta/pipeline';
import { readNewestDays, type Session } from '@ta/state-store';
import type { BarFamily } from '@ta/bars-core/engine';
import type { Freshness, FreshnessRow } from '../api.ts';
import { judgeDaily, judgeDerived, type FreshnessClock, type StepFacts } from '../judge-freshness.ts';

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

/** Reads the map for one page of assets: a few queries, each by the beginning of a key, however many pages there are. */
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
  const newest = await readNewestDays(session, clock.nowMs, ids);
  const standingOf = await readStandings(session, ids);
  const failures = await readFailures(session, ids);
  const rows = assets.map(({ id, name }): FreshnessRow => {
    const standing = standingOf(id);
    const of = (component: string, table: string, column: string): StepFacts => ({
      standing,
      states: (component === 'bars' ? standing.facts.bars : standing.facts.emas).get(table as never) ?? [],
      planned: standing.steps.filter((step) => step.component === component && step.table === table),
      newest: newest.get(id),
      failure: failures.get(`${id} ${column}`),
    });
    return {
      id,
      name: name ?? `id ${id} (not in dim_assets)`,
      cells: [
        judgeDaily(of('bars', '1d', '1d'), clock),
        ...BAR_STEPS.map((step) => judgeDerived(of('bars', step, step), clock)),
        ...EMA_STEPS.map((table) => judgeDerived(of('emas', table, `ema ${table}`), clock)),
      ],
    };
  });
  const next = assets.length < limit ? null : (ids.at(-1) ?? null);
  return { steps: FRESHNESS_STEPS, rows, next, nowMs: clock.nowMs, maxAgeHours: clock.maxAgeHours };
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
