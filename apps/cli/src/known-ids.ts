import { parseIds, unknownIds } from '@ta/cli-kit';
import type { Session } from '@ta/state-store/open';

/**
 * The ids given by `--ids`, null for all. Unknown ids are refused, since they would only give an empty result.
 *
 * @throws CliError `CLI_UNKNOWN_IDS`
 */
export async function knownIds(session: Session, given: readonly string[] | undefined): Promise<number[] | null> {
  const selection = parseIds(given);
  if (selection.kind === 'all') return null;
  await assertAssets(session, selection.ids);
  return [...selection.ids];
}

/**
 * Refuses ids that are not in `dim_assets`.
 *
 * @throws CliError `CLI_UNKNOWN_IDS`
 */
export async function assertAssets(session: Session, ids: readonly number[]): Promise<void> {
  const { unknownAssets } = await import('@ta/state-store/open');
  const unknown = await unknownAssets(session, ids);
  if (unknown.length > 0) throw unknownIds(unknown, 'ta assets list shows what there is.');
}
