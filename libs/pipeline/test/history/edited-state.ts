import fc from 'fast-check';
import { applyEdit, type EditedWorld } from './apply-edit.ts';
import { anyStateEdit, doDamage, type Damage } from './damage.ts';
import { anyEdit, ASSETS, type Edit } from './edit.ts';
import { performRun } from './perform-run.ts';
import { compareAll, type Stage } from './play-history.ts';
import { priceRow } from './price-row.ts';

/** A database in step, edits of its states by hand, and later rows of every asset. */
export interface EditedStateCase {
  readonly past: readonly Edit[];
  readonly stateEdits: readonly Damage[];
  readonly later: readonly Edit[];
}

const rowsOfAll = (minLength: number, maxLength: number) =>
  fc.tuple(
    ...ASSETS.map((asset) =>
      fc.record({
        edit: fc.constant('append' as const),
        asset: fc.constant(asset),
        rows: fc.array(priceRow, { minLength, maxLength }),
      }),
    ),
  );
const someEdit = fc.array(anyEdit(0, 5), { maxLength: 1 });

export const editedStateCase: fc.Arbitrary<EditedStateCase> = fc.record({
  past: fc.tuple(rowsOfAll(3, 40), someEdit).map((edits) => edits.flat()),
  stateEdits: fc.array(anyStateEdit, { minLength: 1, maxLength: 3 }),
  later: fc.tuple(someEdit, rowsOfAll(1, 3)).map((edits) => edits.flat()),
});

/** What these say of the source decides nothing but what is told of a change; the deep check mends it. */
const SAYS_OF_THE_SOURCE = ['cmc_price_bars_1d_state'];

/**
 * Edits states of a database by hand, brings later rows, and refreshes: everything must be as if it had been built at once.
 *
 * @param firstId database id of the first asset; the others follow
 */
export async function playEditedState(stage: Stage, given: EditedStateCase, firstId: number): Promise<void> {
  const { database } = stage;
  const world: EditedWorld = { ids: ASSETS.map((asset) => firstId + asset), series: [], zone: 'UTC' };
  const apply = async (edits: readonly Edit[]) => {
    for (const edit of edits) await database.transaction((tx) => applyEdit(tx, world, edit));
  };
  await apply(given.past);
  await performRun(database, world, { run: 'full', concurrency: 1, lookbackDays: 3 }, 'the run before');
  for (const edit of given.stateEdits) await database.transaction((tx) => doDamage(tx, world.ids, edit));
  await apply(given.later);
  await performRun(database, world, { run: 'full', concurrency: 1, lookbackDays: 3 }, 'the run');
  await compareAll(stage, world, 'after states were edited', SAYS_OF_THE_SOURCE);
}
