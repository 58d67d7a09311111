import { BAR_FAMILIES } from '@ta/bars-core/engine';
import type { Session } from '@ta/state-store';
import { BUILDERS, COMPONENTS, REFRESHERS } from '../components.ts';
import { itemContext } from '../item-context.ts';
import { withBarsInFull, withEmasInFull } from '../items/plan-item.ts';
import { loadSettings } from '../load-settings.ts';
import { settleSettings } from '../stored-settings.ts';
import type { AssetFacts } from './asset-facts.ts';
import { planAsset, type PlannedStep } from './plan-asset.ts';
import type { PlanRequest } from './plan-request.ts';
import { readFacts } from './read-facts.ts';

/** The facts of an asset, and what a run of everything would have to do. */
export interface Standing {
  readonly facts: AssetFacts;
  readonly steps: readonly PlannedStep[];
}

/** Assets whose states are in memory at once. */
const IDS_AT_A_TIME = 200;

/**
 * Plans a run of everything with the settings of the database for these assets, one after the other, from state and the
 * invalidation log alone. Steps after the 1D step are planned from the stored daily bars.
 *
 * @param how `isDerivedOnly`: plans only bars and EMAs, in the zone of the stored daily bars, which may differ from that of the
 * database; `isInFull`: reads the states completely, which shows every edited number
 */
export async function* readStandings(
  session: Session,
  ids: readonly number[],
  how: { readonly isDerivedOnly?: boolean; readonly isInFull?: boolean } = {},
): AsyncGenerator<Standing> {
  const everything = await requestOfEverything(session);
  for (let from = 0; from < ids.length; from += IDS_AT_A_TIME) {
    const some = ids.slice(from, from + IDS_AT_A_TIME);
    const factsOf = await readFacts(session, some, everything);
    for (const id of some) {
      const facts = how.isInFull === true ? await inFull(session, factsOf(id), everything) : factsOf(id);
      yield {
        facts,
        steps: planAsset(facts, how.isDerivedOnly === true ? derivedOnly(facts, everything) : everything),
      };
    }
  }
}

async function inFull(session: Session, facts: AssetFacts, request: PlanRequest): Promise<AssetFacts> {
  const context = itemContext(session, facts.id, request.settings);
  return withEmasInFull(context, await withBarsInFull(context, facts, request), request);
}

function derivedOnly({ daily }: AssetFacts, request: PlanRequest): PlanRequest {
  const settings = { ...request.settings, zone: daily?.zone ?? request.settings.zone };
  return { ...request, builders: BAR_FAMILIES, settings };
}

async function requestOfEverything(session: Session): Promise<PlanRequest> {
  const { zone, periods } = await settleSettings(session, { isRebuild: false });
  const choice = { runId: '', zone, periods: periods === 'lut' ? undefined : periods };
  const settings = await loadSettings(session, choice);
  return { components: COMPONENTS, builders: BUILDERS, refreshers: REFRESHERS, settings };
}
