import { BAR_FAMILIES } from '@ta/bars-core/engine';
import { EMA_SOURCES, readStandings, type Component } from '@ta/pipeline';
import { readAssetPage, readLatestFailures, readNewestDays, type Session } from '@ta/state-store';
import type { Freshness, FreshnessRow } from '../api.ts';
import { emaTitle } from '../catalogue.ts';
import { judgeDaily, judgeDerived, type FreshnessClock, type StepFacts } from '../judge-freshness.ts';

/** A page of assets. */
export interface FreshnessRequest {
  /** Ids above this one. */
  readonly after: number;
  readonly limit: number;
}

const EMA_STEPS = EMA_SOURCES.map(({ table }) => table);
/** Columns of the map. */
const FRESHNESS_STEPS = ['1d', ...BAR_FAMILIES, ...EMA_STEPS.map((table) => `ema ${emaTitle(table)}`)];

/** Reads the map for one page of assets: a few queries, each on the first columns of a key, however many pages there are. */
export async function readFreshness(
  session: Session,
  { after, limit }: FreshnessRequest,
  clock: FreshnessClock,
): Promise<Freshness> {
  const assets = await readAssetPage(session, { after, limit });
  const ids = assets.map(({ id }) => id);
  const names = new Map(assets.map(({ id, name }) => [id, name]));
  const newest = await readNewestDays(session, clock.nowMs, ids);
  const failures = await readFailures(session, ids);
  const rows: FreshnessRow[] = [];
  for await (const { facts, steps } of readStandings(session, ids)) {
    const { id, bars, emas } = facts;
    const of = (component: Component, table: string, column: string): StepFacts => ({
      changedFromTs: facts.changedFromTs,
      states: (component === 'bars' ? bars : emas).get(table as never) ?? [],
      planned: steps.filter((step) => step.component === component && step.table === table),
      newest: newest.get(id),
      failure: failures.get(`${id} ${column}`),
    });
    rows.push({
      id,
      name: names.get(id) ?? `id ${id} (not in dim_assets)`,
      cells: [
        judgeDaily(of('bars', '1d', '1d'), clock),
        ...BAR_FAMILIES.map((step) => judgeDerived(of('bars', step, step), clock)),
        ...EMA_STEPS.map((table) => judgeDerived(of('emas', table, `ema ${table}`), clock)),
      ],
    });
  }
  const next = assets.length < limit ? null : (ids.at(-1) ?? null);
  return { steps: FRESHNESS_STEPS, rows, next, ...clock };
}

/** The error messages of the newest refresh that has ended, by id and column of the map. */
async function readFailures(session: Session, ids: readonly number[]): Promise<Map<string, string>> {
  const rows = await readLatestFailures(session, ids);
  return new Map(
    rows.flatMap(({ id, component, step, error }) =>
      columnsOf(component, step).map((column) => [`${id} ${column}`, error ?? 'no message'] as const),
    ),
  );
}

function columnsOf(component: string, step: string): string[] {
  if (component === 'bars') return [step];
  return EMA_SOURCES.filter(({ refresher }) => refresher === step).map(({ table }) => `ema ${table}`);
}
