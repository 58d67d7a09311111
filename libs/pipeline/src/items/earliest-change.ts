import type { Revision } from '@ta/state-store';

/**
 * The earliest instant (epoch ms) at which stored daily history changed since a derived step last looked, or null.
 *
 * @param revisions every revision of the id's daily history
 * @param consumed the last revision that the derived step has seen
 */
export function earliestChange(revisions: readonly Revision[], consumed: number): number | null {
  const unseen = revisions.filter((revision) => revision.revision > consumed).map((revision) => revision.firstTs);
  return unseen.length === 0 ? null : Math.min(...unseen);
}
