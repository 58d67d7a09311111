import fc from 'fast-check';
import { openFuzzWorld, type FuzzWorld, type RefreshEnd } from '../database/fuzz-world.ts';
import { expectDocumented, expectHelpful, type FuzzTarget, type Verdict } from '../fuzz-target.ts';

type Kind = 'label' | 'text' | 'instant' | 'count' | 'numbers' | 'periods';

/** State tables and what kind of value each column holds. */
const BAR_STATE: Readonly<Record<string, Kind>> = {
  ...{
    tf: 'label',
    tz: 'text',
    spec: 'text',
    daily_min_seen: 'instant',
    daily_max_seen: 'instant',
    last_bar_seq: 'count',
  },
  ...{ last_time_close: 'instant', rows_seen: 'count', src_full_built_at: 'instant', src_revision: 'count' },
  ...{ full_built_at: 'instant', resume: 'numbers', updated_at: 'instant' },
};
const TABLES: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  cmc_price_bars_1d_state: {
    ...{ last_src_ts: 'instant', daily_min_seen: 'instant', last_run_ts: 'instant', last_upserted: 'count' },
    ...{ last_rejected: 'count', src_row_count: 'count', src_max_load_ts: 'instant', full_built_at: 'instant' },
    ...{ tz: 'text', revision: 'count' },
  },
  cmc_price_bars_multi_tf_state: BAR_STATE,
  cmc_price_bars_multi_tf_cal_us_state: BAR_STATE,
  cmc_price_bars_multi_tf_cal_anchor_iso_state: BAR_STATE,
  cmc_ema_state: {
    ...{ tf: 'label', params_hash: 'text', periods: 'periods', daily_min_seen: 'instant', daily_max_seen: 'instant' },
    ...{
      last_ts: 'instant',
      last_time_close: 'instant',
      last_canonical_ts: 'instant',
      last_bar_seq: 'count',
      rows_seen: 'count',
    },
    ...{ bars_seen: 'count', daily_full_built_at: 'instant', bars_full_built_at: 'instant', src_revision: 'count' },
    ...{ reset_stamp: 'instant', resume: 'numbers' },
  },
  cmc_ema_refresh_state: {
    ...{
      last_load_ts_daily: 'instant',
      last_load_ts_multi: 'instant',
      last_load_ts_cal: 'instant',
      built_at: 'instant',
    },
  },
  cmc_price_bars_1d_revisions: { revision: 'count', first_ts: 'instant' },
};

/** Values that a hand may write into a column of a kind; `c` is the column. */
const VALUES: Readonly<Record<Kind, readonly string[]>> = {
  label: ["''", "'7D'", "'1W_CAL_ISO'", "'99X'", "'1D '", "'日'"],
  text: [
    "''",
    "'UTC'",
    "'utc'",
    "'Asia/Tokyo'",
    "'Mars/Base'",
    "'null'",
    "'1:rolling:7D'",
    "repeat('x', 5000)",
    'c || c',
  ],
  instant: [
    ...[
      'NULL',
      "'infinity'",
      "'-infinity'",
      "'1969-12-31Z'",
      "'0044-03-15 BC'",
      "'9999-12-31Z'",
      "'294276-12-31Z'",
      'now()',
    ],
    ...["c + interval '1 day'", "c - interval '1 day'", "c + interval '1 millisecond'", "c - interval '1 microsecond'"],
    ...["c - interval '9 days'", "'2024-03-10 23:59:59.999Z'"],
  ],
  count: ['NULL', '-1', '0', '1', 'c + 1', 'c - 1', '2147483647', '9007199254740993', 'c * 2'],
  numbers: [
    ...['NULL', "'{}'", "'{NaN}'", "'{NULL}'", 'c[1:5]', 'c || 1', 'c || c', 'ARRAY[c, c]'],
    ...[
      'at = NULL',
      "at = 'NaN'",
      "at = 'Infinity'",
      'at = -1',
      'at = 0',
      'at = 1e308',
      'at = at + 1',
      'at = at * 1.0001',
      'at = at - 1e-9',
    ],
  ],
  periods: ["'{}'", "'{1}'", "'{5,2,1}'", "'{-1}'", "'{NULL}'", "'{1,2,5,9}'", 'ARRAY[c, c]'],
};

const edit = fc
  .constantFrom(...Object.keys(TABLES))
  .chain((table) =>
    fc.tuple(fc.constant(table), fc.constantFrom(...Object.entries(TABLES[table] as Record<string, Kind>))),
  )
  .chain(([table, [column, kind]]) =>
    fc.record({
      table: fc.constant(table),
      column: fc.constant(column),
      value: fc.constantFrom(...VALUES[kind]),
      row: fc.nat(60),
      element: fc.nat(60),
      how: fc.constantFrom('update', 'update', 'update', 'update', 'update', 'all', 'delete', 'other_id'),
    }),
  );
const stateCase = fc.record({
  edits: fc.array(edit, { minLength: 1, maxLength: 2 }),
  then: fc.constantFrom('append', 'append', 'append', 'nothing', 'correct', 'delete', 'prepend'),
});
/** Edits of state rows, and what happens to the source afterwards. */
export type StateCase = typeof stateCase extends fc.Arbitrary<infer T> ? T : never;

/** State rows edited by hand, then a day of work: made good, stopped with a cause, or found by the validator. */
export const stateRowsTarget: FuzzTarget = {
  name: 'state rows',
  share: 6,
  async open() {
    const world = await openFuzzWorld();
    return { cases: stateCase, play: (given) => playState(world, given as StateCase), close: () => world.close() };
  },
};

/** Plays one case on an asset of its own. */
export async function playState(world: FuzzWorld, { edits, then }: StateCase): Promise<Verdict> {
  const id = await world.copyModel();
  try {
    for (const one of edits) {
      const isMade = await made(world, editSql(id, one));
      if (!isMade) return 'refused';
    }
    await made(world, sourceSql(id, then));
    const end = await world.refresh(id);
    if (!isFailed(end)) {
      const wrong = await world.wrongTables(id);
      if (wrong.length === 0) return 'healed';
      if ((await world.findings(id)).length > 0) return await expectRebuilt(world, id, 'found');
      throw new Error(`Wrong and nobody says so: ${wrong.join(', ')}`);
    }
    expectCause(end);
    return await expectRebuilt(world, id, 'stopped');
  } finally {
    await world.remove(id);
  }
}

/** What every hint says: without its state an asset is built again. */
async function expectRebuilt(world: FuzzWorld, id: number, verdict: Verdict): Promise<Verdict> {
  for (const table of Object.keys(TABLES)) await made(world, `DELETE FROM ${table} WHERE id = ${id}`);
  const end = await world.refresh(id);
  if (isFailed(end)) throw new Error(`Cannot be built again: ${causeOf(end)}`);
  const wrong = await world.wrongTables(id);
  if (wrong.length > 0) throw new Error(`Wrong after it was built again: ${wrong.join(', ')}`);
  return verdict;
}

function isFailed(end: RefreshEnd): boolean {
  return 'error' in end || end.report.components.some(({ status }) => status === 'failed');
}

function causeOf(end: RefreshEnd): string {
  if ('error' in end) return String(end.error);
  return end.report.components
    .flatMap(({ note = '', steps }) => [note, ...steps.flatMap(({ errors }) => errors.map(({ message }) => message))])
    .join('\n');
}

function expectCause(end: RefreshEnd): void {
  if ('error' in end) return expectDocumented(end.error);
  expectHelpful(causeOf(end));
}

/** Whether the database takes a statement; what it refuses is of no interest. */
async function made(world: FuzzWorld, sql: string): Promise<boolean> {
  return world.database
    .transaction((tx) => tx.run(sql))
    .then(
      () => true,
      () => false,
    );
}

function editSql(id: number, { table, column, value, row, element, how }: StateCase['edits'][number]): string {
  const one = `ctid = (SELECT ctid FROM ${table} WHERE id = ${id} ORDER BY ctid
    OFFSET (SELECT ${row} % greatest(count(*), 1) FROM ${table} WHERE id = ${id}) LIMIT 1)`;
  const where = how === 'all' ? `id = ${id}` : one;
  if (how === 'delete') return `DELETE FROM ${table} WHERE ${where}`;
  if (how === 'other_id') return `UPDATE ${table} SET id = -id WHERE ${where}`;
  if (!value.startsWith('at = '))
    return `UPDATE ${table} SET ${column} = ${value.replace(/\bc\b/g, column)} WHERE ${where}`;
  const at = `${column}[1 + ${element} % array_length(${column}, 1)]`;
  return `UPDATE ${table} SET ${at} = ${value.slice(5).replace(/\bat\b/g, at)} WHERE ${where}`;
}

function sourceSql(id: number, then: StateCase['then']): string {
  const place = (offset: string) =>
    `"timestamp" = (SELECT "timestamp" FROM cmc_price_histories7 WHERE id = ${id} ORDER BY "timestamp" ${offset} LIMIT 1)`;
  const moved = (
    days: number,
    from: string,
  ) => `INSERT INTO cmc_price_histories7 (id, "timestamp", name, timeopen, timeclose, timehigh, timelow, open, high, low, close, volume)
    SELECT id, timeclose + d, name, timeopen + d, timeclose + d, timehigh + d, timelow + d, open, high, low, close, volume
    FROM cmc_price_histories7, (VALUES (interval '${days} days')) v(d) WHERE id = ${id} AND ${place(from)} ON CONFLICT DO NOTHING`;
  switch (then) {
    case 'append':
      return moved(1, 'DESC');
    case 'prepend':
      return moved(-3, '');
    case 'correct':
      return `UPDATE cmc_price_histories7 SET close = close * 1.01, high = high * 1.5 WHERE id = ${id} AND ${place('OFFSET 20')}`;
    case 'delete':
      return `DELETE FROM cmc_price_histories7 WHERE id = ${id} AND ${place('OFFSET 25')}`;
    default:
      return 'SELECT 1';
  }
}
