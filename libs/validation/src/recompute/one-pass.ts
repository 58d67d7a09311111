import type { CheckContext } from '../check-context.ts';
import type { Found } from '../finding.ts';
import type { Place } from './place.ts';
import { isAboutData } from './unreadable.ts';

/** What several checks found in an asset's rows of one table, by check; an error is the end of that check. */
export type FoundByCheck = Map<string, readonly Found[] | Error>;

/** Reads the rows of an asset once and judges them for every check that was asked for. */
export type JudgeAsset<Table> = (place: Place<Table>) => Promise<FoundByCheck>;

/** What is kept of a pass: findings, by check and asset. Of an asset without findings nothing. */
type Kept = Map<string, { readonly id: number; readonly found: readonly Found[] | Error }[]>;

const passes = new WeakMap<CheckContext, Map<string, Promise<Kept>>>();

/**
 * What one check found in a table. The first check that asks has every asset read once, for all checks that are run; the
 * others take what was found for them. What a pass knows of an asset besides goes with the asset.
 *
 * @param judge the same for all checks of a table
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

/** Judges a part of an asset; data that cannot be read end the checks that rest on it and leave the others alone. */
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
