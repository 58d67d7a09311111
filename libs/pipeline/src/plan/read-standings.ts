import { BAR_FAMILIES } from '@ta/bars-core/engine';
import type { Session } from '@ta/state-store';
import { BUILDERS, COMPONENTS, REFRESHERS } from '../components.ts';
import { itemContext } from '../item-context.ts';
import { withBarsInFull, withEmasInFull } from '../items/plan-item.ts';
import { loadSettings } from '../load-settings.ts';
import { settleSettings } from '../stored-settings.ts';
import type { AssetFacts } from './asset-facts.ts';
import { planAsset, type PlannedStep } from './plan-asset.ts';
import type { PlanOrder } from './plan-order.ts';
import { readFacts } from './read-facts.ts';

/** What is stored of an asset, and what a run of everything has to do. */
export interface Standing {
  readonly facts: AssetFacts;
  readonly steps: readonly PlannedStep[];
}

/**
 * How these assets stand to a run of everything with the settings of the database, judged by state and the invalidation log alone.
 * Steps after the 1D step are judged by the daily bars as they are stored.
 */
export async function readStandings(session: Session, ids: readonly number[]): Promise<(id: number) => Standing> {
  const order = await orderOfEverything(session);
  const factsOf = await readFacts(session, ids, order);
  return (id) => {
    const facts = factsOf(id);
    return { facts, steps: planAsset(facts, order) };
  };
}

/** The same, one asset after the other, by states that are read in full: that shows each number which was edited. */
export async function* readStandingsInFull(session: Session, ids: readonly number[]): AsyncGenerator<Standing> {
  const order = await orderOfEverything(session);
  const factsOf = await readFacts(session, ids, order);
  for (const id of ids) {
    const context = itemContext(session, id, order.settings);
    const facts = await withEmasInFull(context, await withBarsInFull(context, factsOf(id), order), order);
    yield { facts, steps: planAsset(facts, order) };
  }
}

/** Assets whose states are in memory at once. */
const IDS_AT_A_TIME = 200;

/**
 * How the bars and EMAs of these assets stand to their daily bars, one asset after the other, each in the zone that its daily
 * bars have: that of the database may be another one.
 */
export async function* readDerivedStandings(session: Session, ids: readonly number[]): AsyncGenerator<Standing> {
  const order = { ...(await orderOfEverything(session)), builders: BAR_FAMILIES };
  for (let from = 0; from < ids.length; from += IDS_AT_A_TIME) {
    const some = ids.slice(from, from + IDS_AT_A_TIME);
    const factsOf = await readFacts(session, some, order);
    for (const id of some) {
      const facts = factsOf(id);
      const settings = { ...order.settings, zone: facts.daily?.zone ?? order.settings.zone };
      yield { facts, steps: planAsset(facts, { ...order, settings }) };
    }
  }
}

async function orderOfEverything(session: Session): Promise<PlanOrder> {
  const { zone, periods } = await settleSettings(session, { isRebuild: false });
  const choice = { runId: '', zone, periods: periods === 'lut' ? undefined : periods };
  const settings = await loadSettings(session, choice);
  return { components: COMPONENTS, builders: BUILDERS, refreshers: REFRESHERS, settings };
}
