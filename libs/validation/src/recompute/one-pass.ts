import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import type { Place } from './place.ts';
import { isAboutData } from './unreadable.ts';

/** What several checks found in an asset's rows of one table, by check; an error ends that check. */
export type FoundByCheck = Map<string, readonly Found[] | Error>;

/** Reads the rows of an asset once and judges them for every check that was asked for. */
export type JudgeAsset<Table> = (place: Place<Table>) => Promise<FoundByCheck>;

/** The findings of a pass, by check; only assets with findings have an entry. */
type Kept = Map<string, { readonly id: number; readonly found: readonly Found[] | Error }[]>;

const passes = new WeakMap<CheckContext, Map<string, Promise<Kept>>>();

/**
 * The findings of one check in a table. The first check that calls this reads every asset once, for all selected checks; the
 * others take their findings from that pass. Nothing but the findings is kept when an asset is done.
 *
 * @param judge must be the same for all checks of a table
 */
export async function* foundInPass<Table extends { readonly table: string }>(
  context: CheckContext,
  table: Table,
  check: string,
  judge: JudgeAsset<Table>,
): AsyncGenerator<Found> {
  const byTable = passes.get(context) ?? new Map<string, Promise<Kept>>();
  passes.set(context, byTable);
  const pass = byTable.get(table.table) ?? readOnce(context, table, judge);
  byTable.set(table.table, pass);
  const kept = await pass;
  const own = kept.get(check) ?? [];
  kept.delete(check);
  for (const { found } of own.sort((left, right) => left.id - right.id)) {
    if (found instanceof Error) throw found;
    yield* found;
  }
}

async function readOnce<Table extends { readonly table: string }>(
  context: CheckContext,
  table: Table,
  judge: JudgeAsset<Table>,
): Promise<Kept> {
  const kept: Kept = new Map();
  const nothing = context.eachAsset(table.table, async (session, asset) => {
    context.assertGoesOn();
    for (const [check, found] of await judge({ context, session, asset, table })) {
      if (!(found instanceof Error) && found.length === 0) continue;
      const own = kept.get(check) ?? [];
      kept.set(check, own);
      own.push({ id: asset.id, found });
    }
    return [];
  });
  for await (const _ of nothing) continue;
  return kept;
}

/** Judges a part of an asset; unreadable data end the checks that depend on them, and no others. */
export async function judged(
  into: FoundByCheck,
  checks: readonly string[],
  work: () => Promise<ReadonlyMap<string, readonly Found[]>>,
): Promise<void> {
  try {
    for (const [check, found] of await work()) into.set(check, found);
  } catch (error) {
    if (!isAboutData(error)) throw error;
    for (const check of checks) into.set(check, error);
  }
}
