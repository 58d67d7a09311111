import { BUILDERS, COMPONENTS, loadSettings, refresh, REFRESHERS } from '@ta/pipeline';
import type { Database } from '@ta/state-store';
import { IDS } from './small-world.ts';

/** Refreshes everything in this process: how a scenario gets its past. */
export async function refreshInside(database: Database): Promise<void> {
  const settings = await database.session((session) => loadSettings(session, { runId: 'past', zone: 'UTC' }));
  const request = {
    ...{ components: COMPONENTS, builders: BUILDERS, refreshers: REFRESHERS, ids: IDS, settings },
    ...{ nowMs: 0, stalenessHours: 48, skipStaleCheck: true, continueOnError: false, concurrency: 1 },
  };
  const { components } = await refresh(database, request, {}, () => 0);
  const failed = components.find(({ status }) => status !== 'ok');
  if (failed !== undefined) throw new Error(`The past of a scenario could not be built: ${JSON.stringify(failed)}`);
}
