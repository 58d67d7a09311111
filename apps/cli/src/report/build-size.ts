import type { Surroundings } from '@ta/cli-kit';
import type { RefreshRequest } from '@ta/pipeline';
import type { Database } from '@ta/state-store';
import { bytesText } from './bytes-text.ts';

/** Number of assets that are listed with their sizes. */
const NAMED = 5;

/** Prints, before assets are built for the first time, how much disk space they will take. */
export async function tellBuildSize(
  around: Surroundings,
  database: Database,
  { components, settings, ids }: Pick<RefreshRequest, 'components' | 'settings' | 'ids'>,
): Promise<void> {
  if (!components.includes('bars')) return;
  const { estimateFirstBuilds } = await import('@ta/pipeline');
  const builds = await database.session((session) => estimateFirstBuilds(session, settings, ids));
  if (builds.length === 0) return;
  const total = builds.reduce((sum, { size }) => sum + size.bytes, 0);
  const named = builds.slice(0, NAMED).map(({ id, size }) => `${id}: ${bytesText(size.bytes)}`);
  const more = builds.length > NAMED ? ', …' : '';
  const what = builds.length === 1 ? '1 asset' : `${builds.length} assets`;
  around.warn(
    `[INFO] First build of ${what}, bars and EMAs: about ${bytesText(total)} on the disk (${named.join(', ')}${more})`,
  );
}
