import { listOf, parseIds, unknownIds } from '@ta/cli-kit';
import type { Session } from '@ta/state-store';

/**
 * The ids that `--ids` names, null for all: an id that does not exist would be an answer without rows.
 *
 * @throws CliError `CLI_UNKNOWN_IDS`
 */
export async function knownIds(session: Session, given: string | string[] | undefined): Promise<number[] | null> {
  const selection = parseIds(listOf(given));
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
  if (ids.length === 0) return;
  const rows = await session.query<{ id: number }>('SELECT id FROM dim_assets WHERE id = ANY ($1::int[])', [[...ids]]);
  const known = new Set(rows.map(({ id }) => id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) throw unknownIds(unknown, 'ta assets list shows what there is.');
}
