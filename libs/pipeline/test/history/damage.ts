import fc from 'fast-check';
import type { Session } from '@ta/state-store';
import { ASSETS, type Asset } from './edit.ts';

/** Something done to stored rows and states by hand, or by a copy of a part of another database. */
export interface Damage {
  readonly asset: Asset;
  readonly sql: string;
  /** Which of the rows that it may hit, in thousandths of them. */
  readonly at: number;
}

const BAR_STATES = ['multi_tf', 'multi_tf_cal_us', 'multi_tf_cal_anchor_iso'].map((of) => `cmc_price_bars_${of}_state`);
const NEWEST = `(SELECT max("timestamp") FROM cmc_price_bars_1d WHERE id = $id)`;

const LATER = ['day', 'millisecond'].flatMap((unit) => [`+ interval '1 ${unit}'`, `- interval '1 ${unit}'`]);
/** Edits of every kind of column; `$at` is a number below a thousand. */
const instant = (column: string) =>
  [...LATER.map((by) => `${column} ${by}`), 'NULL', `'infinity'`].map((to) => `${column} = ${to}`);
const stamp = (column: string) => LATER.map((by) => `${column} = ${column} ${by}`);
const count = (column: string) => [`${column} = ${column} + 1`, `${column} = ${column} - 1`, `${column} = $at`];
/** More than a double holds exactly. */
const huge = (column: string) => `${column} = 9223372036854775807`;
/** Numbered from zero on, or nested: no list to whoever takes the elements in order. */
const noList = (column: string, type: string) => [
  `${column} = ('[0:' || cardinality(${column}) - 1 || ']=' || ${column}::text)::${type}[]`,
  `${column} = ARRAY[${column}]`,
];
const RESUME = [
  'resume[1 + $at % cardinality(resume)] = 7',
  `resume[1 + $at % cardinality(resume)] = 'NaN'`,
  'resume[1] = 1',
  `resume = resume[2:]`,
  `resume = '{}'`,
  ...noList('resume', 'float8'),
];

/** Edits of every column of the state of the daily bars. */
const DAILY_STATE_EDITS = [
  ...instant('last_src_ts'),
  ...instant('daily_min_seen'),
  ...instant('src_max_load_ts'),
  ...stamp('full_built_at'),
  ...count('src_row_count'),
  ...count('revision'),
  ...['src_row_count', 'revision'].map(huge),
  ...[`day_rules = 'other'`, `trading_days = 'other'`, `tz = 'Nowhere/Else'`],
].map((set) => `UPDATE cmc_price_bars_1d_state SET ${set} WHERE id = $id`);

/** Edits of every column of a state of bars. */
const BAR_STATE_EDITS = [
  ...['daily_min_seen', 'daily_max_seen', 'last_time_close'].flatMap(instant),
  ...['src_full_built_at', 'full_built_at'].flatMap(stamp),
  ...['last_bar_seq', 'rows_seen', 'src_revision'].flatMap(count),
  ...['rows_seen', 'src_revision'].map(huge),
  ...RESUME,
];

/** Edits of every column of a state of EMAs. */
const EMA_STATE_EDITS = [
  ...['daily_min_seen', 'daily_max_seen', 'last_ts', 'last_time_close', 'last_canonical_ts'].flatMap(instant),
  ...['daily_full_built_at', 'bars_full_built_at', 'reset_stamp'].flatMap(instant),
  ...['last_bar_seq', 'rows_seen', 'bars_seen', 'src_revision'].flatMap(count),
  ...['rows_seen', 'bars_seen', 'src_revision'].map(huge),
  ...noList('periods', 'int4'),
  `last_ts = last_ts - interval '1 day', daily_max_seen = daily_max_seen - interval '1 day'`,
  ...RESUME,
];

/** Edits of one field of one state, which data and later runs must survive. */
const STATE_EDITS = [
  ...DAILY_STATE_EDITS,
  ...BAR_STATES.flatMap((table) =>
    BAR_STATE_EDITS.map((set) => `UPDATE ${table} SET ${set} WHERE id = $id AND tf = $tf(${table})`),
  ),
  ...EMA_STATE_EDITS.map((set) => `UPDATE cmc_ema_state SET ${set} WHERE id = $id AND tf = $tf(cmc_ema_state)`),
];

/** Statements with places for the id and, where one timeframe of many is hit, for its label. Labels are drawn from the table. */
const DAMAGES = [
  `DELETE FROM cmc_price_bars_1d WHERE id = $id AND "timestamp" = ${NEWEST}`,
  `UPDATE cmc_price_bars_1d_state SET last_src_ts = last_src_ts - interval '1 day' WHERE id = $id`,
  `UPDATE cmc_price_bars_1d_state SET day_rules = NULL WHERE id = $id`,
  `UPDATE cmc_price_bars_1d_state SET full_built_at = now() WHERE id = $id`,
  `UPDATE cmc_price_bars_1d_state SET tz = 'Asia/Tokyo', day_rules = NULL WHERE id = $id`,
  `DELETE FROM cmc_price_bars_1d_state WHERE id = $id`,
  `DELETE FROM cmc_ema_refresh_state WHERE id = $id`,
  `DELETE FROM cmc_ema_multi_tf_cal_us WHERE id = $id`,
  `DELETE FROM cmc_ema_multi_tf_v2 WHERE id = $id AND tf = $tf(cmc_ema_multi_tf_v2)`,
  ...BAR_STATES.flatMap((table) => [
    `DELETE FROM ${table} WHERE id = $id`,
    `DELETE FROM ${table} WHERE id = $id AND tf = $tf(${table})`,
    `UPDATE ${table} SET spec = 'other' WHERE id = $id AND tf = $tf(${table})`,
    `UPDATE ${table} SET tz = 'Asia/Tokyo' WHERE id = $id AND tf = $tf(${table})`,
    `UPDATE ${table} SET src_full_built_at = now() WHERE id = $id AND tf = $tf(${table})`,
    `UPDATE ${table} SET full_built_at = now() WHERE id = $id AND tf = $tf(${table})`,
    `UPDATE ${table} SET src_revision = greatest(src_revision - 1, 0) WHERE id = $id AND tf = $tf(${table})`,
    `UPDATE ${table} SET daily_max_seen = daily_max_seen + interval '1 day' WHERE id = $id AND tf = $tf(${table})`,
    `UPDATE ${table} SET tf = 'by hand' WHERE id = $id AND tf = $tf(${table})`,
  ]),
  ...[
    `bars_full_built_at = now()`,
    `daily_full_built_at = now()`,
    `reset_stamp = now()`,
    `periods = '{9}'`,
    `params_hash = 'other'`,
    `src_revision = greatest(src_revision - 1, 0)`,
    `last_ts = last_ts + interval '1 day'`,
    `tf = 'by hand'`,
  ].map((set) => `UPDATE cmc_ema_state SET ${set} WHERE id = $id AND tf = $tf(cmc_ema_state)`),
  `DELETE FROM cmc_ema_state WHERE id = $id AND tf = $tf(cmc_ema_state)`,
];

/** An edit of one field of one state. */
export const anyStateEdit: fc.Arbitrary<Damage> = fc.record({
  asset: fc.constantFrom(...ASSETS),
  sql: fc.constantFrom(...STATE_EDITS),
  at: fc.integer({ min: 0, max: 999 }),
});

/** Damage of any kind, after which every step still either works or says that it may not. */
export const anyDamage: fc.Arbitrary<Damage> = fc.record({
  asset: fc.constantFrom(...ASSETS),
  sql: fc.oneof(fc.constantFrom(...DAMAGES), fc.constantFrom(...STATE_EDITS)),
  at: fc.integer({ min: 0, max: 999 }),
});

/** Does damage to an asset. @param ids database id of each asset */
export async function doDamage(tx: Session, ids: readonly number[], { asset, sql, at }: Damage): Promise<void> {
  const id = String(ids[asset]);
  const table = /\$tf\((\w+)\)/.exec(sql)?.[1];
  const labels =
    table === undefined
      ? []
      : await tx.query<{ tf: string }>(
          `SELECT DISTINCT tf FROM ${table} WHERE id = ${id} AND tf <> 'by hand' ORDER BY tf`,
        );
  const tf = labels[Math.floor((labels.length * at) / 1000)]?.tf ?? 'none';
  await tx.run(
    sql
      .replaceAll('$id', id)
      .replaceAll('$at', String(at))
      .replace(/\$tf\(\w+\)/, `'${tf}'`),
  );
}
