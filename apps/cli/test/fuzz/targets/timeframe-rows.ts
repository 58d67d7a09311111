import fc from 'fast-check';
import { openFuzzWorld, type FuzzWorld } from '../database/fuzz-world.ts';
import { expectDocumented, type FuzzTarget, type Verdict } from '../fuzz-target.ts';

/** Values that a hand may write into a column of `dim_timeframe`. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  tf: ["''", "'7d'", "'8D'", "'2D '", "'1W_CAL_ISO'", "'日'", "repeat('9', 300) || 'D'"],
  base_unit: ["'D'", "'W'", "'M'", "'Y'", "'X'", "''", "'d'"],
  tf_qty: ['-1', '0', '1', '2', '3', '5', '7', '100000', '2147483647'],
  tf_days_nominal: ['-7', '0', '1', '8', '30', '2147483647'],
  alignment_type: ["'tf_day'", "'calendar'", "'x'"],
  calendar_anchor: ['NULL', "'EOM'", "'ISO-WEEK'", "''"],
  roll_policy: ["'multiple_of_tf'", "'calendar_anchor'", "'never'", "''"],
  has_roll_flag: ['true', 'false'],
  is_intraday: ['true', 'false'],
  sort_order: ['-1', '0', '2147483647'],
  description: ['NULL', "''", "repeat('x', 9999)"],
  is_canonical: ['true', 'false'],
  calendar_scheme: ['NULL', "'US'", "'ISO'", "'us'"],
  allow_partial_start: ['true', 'false'],
  allow_partial_end: ['true', 'false'],
  tf_days_min: ['NULL', '-1', '0', '1', '400', '2147483647'],
  tf_days_max: ['NULL', '-1', '0', '1', '400', '2147483647'],
};
/** Rows that say one thing throughout, and what it is may still be absurd. */
const RENAMED = [5, 400, 100_000, 2_147_483_647].map(
  (n) => `tf = '${n}D', tf_qty = ${n}, tf_days_nominal = ${n}, tf_days_min = NULL, tf_days_max = NULL`,
);

const setOne = fc
  .constantFrom(...Object.keys(VALUES))
  .chain((column) => fc.constantFrom(...(VALUES[column] as string[])).map((value) => `${column} = ${value}`));
const edit = fc.record({
  set: fc.oneof({ weight: 8, arbitrary: setOne }, { weight: 1, arbitrary: fc.constantFrom(...RENAMED) }),
  tf: fc.constantFrom(
    '1D',
    '2D',
    '3D',
    '7D',
    '1W_CAL_ISO',
    '2W_CAL_ISO',
    '1M_CAL',
    '1Y_CAL',
    '1W_CAL_ANCHOR_US',
    '1M_CAL_ANCHOR',
    '4D',
    '30D',
  ),
  how: fc.constantFrom('update', 'update', 'update', 'update', 'delete'),
});
const catalogueCase = fc.array(edit, { minLength: 1, maxLength: 3 });
type CatalogueCase = typeof catalogueCase extends fc.Arbitrary<infer T> ? T : never;

/** `dim_timeframe` edited by hand: built as it says, or refused whole with the row and the column named. */
export const timeframeRowsTarget: FuzzTarget = {
  name: 'dim_timeframe rows',
  share: 3,
  async open() {
    const world = await openFuzzWorld();
    await world.inBoth('CREATE TABLE timeframes_kept AS SELECT * FROM dim_timeframe');
    return {
      cases: catalogueCase,
      play: (given) => playCatalogue(world, given as CatalogueCase),
      close: () => world.close(),
    };
  },
};

async function playCatalogue(world: FuzzWorld, edits: CatalogueCase): Promise<Verdict> {
  const id = await world.copyModel();
  try {
    const made = await Promise.all(
      edits.map(({ set, tf, how }) =>
        world.inBoth(
          how === 'delete'
            ? `DELETE FROM dim_timeframe WHERE tf = '${tf}'`
            : `UPDATE dim_timeframe SET ${set} WHERE tf = '${tf}'`,
        ),
      ),
    );
    await world.forgetBuilds();
    const before = [...(await world.digest(id))].join();
    const end = await world.refresh(id);
    const verdict = 'error' in end ? 'refused' : 'accepted';
    if ('error' in end) {
      expectDocumented(end.error);
      if ([...(await world.digest(id))].join() !== before) throw new Error('Refused, and yet something changed');
    } else {
      await expectAsBuilt(world, id, 'with this catalogue');
    }
    return made.some(Boolean) ? verdict : 'refused';
  } finally {
    await world.inBoth('DELETE FROM dim_timeframe; INSERT INTO dim_timeframe SELECT * FROM timeframes_kept');
    await world.forgetBuilds();
    const end = await world.refresh(id);
    if ('report' in end) await expectAsBuilt(world, id, 'once the catalogue is as it was');
    await world.remove(id);
  }
}

/** Rows of timeframes that are gone may stay; a build from nothing does not have them. */
async function expectAsBuilt(world: FuzzWorld, id: number, when: string): Promise<void> {
  await world.database.transaction(async (tx) => {
    for (const table of [
      'cmc_price_bars_multi_tf_u',
      'cmc_ema_multi_tf_u',
      'cmc_price_bars_multi_tf_rejects',
      'ema_rejects',
    ])
      await tx.run(
        `DELETE FROM ${table} t WHERE id = ${id} AND NOT EXISTS (SELECT FROM dim_timeframe d WHERE d.tf = t.tf AND d.is_canonical AND NOT d.is_intraday)`,
      );
  });
  const wrong = await world.wrongTables(id);
  if (wrong.length > 0) throw new Error(`Not as a build from nothing ${when}: ${wrong.join(', ')}`);
}
