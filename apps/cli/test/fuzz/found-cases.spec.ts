import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres } from '../../../../libs/pipeline/test/test-database.ts';
import { openFuzzWorld, type FuzzWorld } from './database/fuzz-world.ts';
import type { Verdict } from './fuzz-target.ts';
import { playState, type StateCase } from './targets/state-rows.ts';

type StateEdit = StateCase['edits'][number];
const edit = (table: string, column: string, value: string, more: Partial<StateEdit> = {}): StateEdit => ({
  ...{ table, column, value, row: 0, element: 0, how: 'update' },
  ...more,
});

/** State rows after whose edit something once was wrong and nobody said so, or easily could be. */
const CASES: readonly (readonly [string, Verdict, StateCase['then'], StateEdit])[] = [
  ['the newest daily bar is forgotten', 'healed', 'nothing', edit('cmc_price_bars_1d_state', 'last_src_ts', 'NULL')],
  [
    'a later daily bar is named',
    'healed',
    'append',
    edit('cmc_price_bars_1d_state', 'last_src_ts', "c + interval '9 days'"),
  ],
  [
    'the newest daily bar is at the end of time',
    'healed',
    'nothing',
    edit('cmc_price_bars_1d_state', 'last_src_ts', "'infinity'"),
  ],
  [
    'bars are of a timeframe of another family',
    'healed',
    'append',
    edit('cmc_price_bars_multi_tf_state', 'tf', "'1W_CAL_ISO'"),
  ],
  [
    'bars are of a timeframe that nobody knows',
    'healed',
    'nothing',
    edit('cmc_price_bars_multi_tf_state', 'tf', "'日'"),
  ],
  ['EMAs are of a timeframe that has none there', 'healed', 'append', edit('cmc_ema_state', 'tf', "'1W_CAL_ISO'")],
  ['the numbers of a fold are cut off', 'healed', 'append', edit('cmc_price_bars_multi_tf_state', 'resume', 'c[1:5]')],
  [
    'a number of a fold is a little off',
    'healed',
    'append',
    edit('cmc_price_bars_multi_tf_state', 'resume', 'at = at * 1.0001', { element: 20, row: 2 }),
  ],
];

describe.skipIf(!hasPostgres())('state rows edited by hand', () => {
  let world: FuzzWorld;
  beforeAll(async () => {
    world = await openFuzzWorld();
  });
  afterAll(() => world?.close());

  it.each(CASES)('so that %s: %s', async (_, verdict, then, one) => {
    expect(await playState(world, { edits: [one], then })).toBe(verdict);
  });

  it('not at all: the validator finds nothing, also where a day closes between two milliseconds', async () => {
    const id = await world.copyModel();
    expect(await world.findings(id)).toEqual([]);
    await world.remove(id);
  });
});
