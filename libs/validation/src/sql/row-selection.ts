import {
  BAR_TABLES,
  EMA_ROWS_LAYOUT,
  EMA_TABLES,
  instantSql,
  quoteLiteral,
  type BarTable,
  type EmaTable,
  type EmaTableFacts,
  type NumberedEmaSeries,
} from '@ta/state-store';
import type { ValidationRequest } from '../request.ts';

/** The instant from which row-by-row checks of the derived tables read the rows of an asset. */
export interface AssetWindow {
  readonly id: number;
  /** Epoch ms, inclusive; −Infinity for all of history. */
  readonly fromTs: number;
}

/** The rows a request is about, as SQL: each method gives a sub-SELECT to put after FROM with an alias. */
export type RowSelection = ReturnType<typeof rowSelection>;

/**
 * Builds the selection of a request.
 * @param windows start of each asset's rows in the derived tables; null when all rows count
 * @param emaSeries the stored series of an EMA table
 */
export function rowSelection(
  request: ValidationRequest,
  windows: readonly AssetWindow[] | null,
  emaSeries: (table: EmaTable) => readonly NumberedEmaSeries[],
) {
  /** Condition on an id column. */
  const ids = (column: string) => {
    if (request.ids === null) return 'true';
    return request.ids.length === 0 ? 'false' : `${column} IN (${request.ids.join(', ')})`;
  };
  const between = (column: string) =>
    [
      request.fromTs === -Infinity ? '' : ` AND ${column} >= ${instantSql(request.fromTs)}`,
      request.untilTs === Infinity ? '' : ` AND ${column} < ${instantSql(request.untilTs)}`,
    ].join('');
  const among = (column: string, values: readonly (string | number)[] | null) => {
    if (values === null) return '';
    const list = values.map((value) => (typeof value === 'number' ? String(value) : quoteLiteral(value)));
    return list.length === 0 ? ' AND false' : ` AND ${column} IN (${list.join(', ')})`;
  };
  // ORDER BY keeps the planner from turning the few index ranges into one scan of the whole table
  const derived = (table: string, time: string, condition: string) => {
    if (windows === null) return `(SELECT t.* FROM ${table} t WHERE ${condition})`;
    if (windows.length === 0) return `(SELECT t.* FROM ${table} t WHERE false)`;
    const rows = windows.map(({ id, fromTs }) => `(${id}, ${instantSql(fromTs)})`).join(', ');
    return `(SELECT t.* FROM (VALUES ${rows}) w(id, from_ts) CROSS JOIN LATERAL (
      SELECT t.* FROM ${table} t WHERE t.id = w.id AND t.${time} >= w.from_ts AND ${condition} ORDER BY t.id, t.${time}) t)`;
  };
  const plain = (table: string, time: string) =>
    `(SELECT t.* FROM ${table} t WHERE ${ids('t.id')}${between(`t.${time}`)})`;
  /** Packed rows with the key of their series: ts, id, series, roll, ema, ema_bar, tf, tf_days, periods. */
  const packedEmas = ({ source }: EmaTableFacts) => {
    const chosen = emaSeries(source).filter(({ tf }) => request.tfs === null || request.tfs.includes(tf));
    const condition = `t.series = ANY ('{${chosen.map(({ series }) => series).join(',')}}'::int2[])`;
    const rows = derived(EMA_ROWS_LAYOUT.table, 'ts', `${ids('t.id')}${between('t.ts')} AND ${condition}`);
    return `(SELECT t.*, s.tf, s.tf_days, s.periods FROM ${rows} t JOIN ema_series s ON s.series = t.series)`;
  };
  return {
    ids,
    /** Condition on a column of periods, to put after others. */
    andPeriods: (column: string) => among(column, request.periods),
    source: () => plain('cmc_price_histories7', '"timestamp"'),
    daily: () => plain('cmc_price_bars_1d', '"timestamp"'),
    dailyRejects: () => plain('cmc_price_bars_1d_rejects', '"timestamp"'),
    bars: ({ table }: BarTable) =>
      derived(table, 'time_close', `${ids('t.id')}${between('t.time_close')}${among('t.tf', request.tfs)}`),
    packedEmas,
    /** The stored columns of the table, one row per EMA: id, ts, tf, period, tf_days, roll, ema, ema_bar. */
    emas: (table: EmaTableFacts) =>
      `(SELECT r.id, r.ts, r.tf, o.period, r.tf_days, r.roll, r.ema[o.place] AS ema, r.ema_bar[o.place] AS ema_bar
        FROM ${packedEmas(table)} r CROSS JOIN LATERAL unnest(r.periods) WITH ORDINALITY o (period, place)
        WHERE r.ema[o.place] IS NOT NULL${among('o.period', request.periods)})`,
    /** False when rows older than those selected may exist: then the first selected row is not the first stored one. */
    isFromStart: windows === null && request.fromTs === -Infinity,
  };
}

const TABLES_BESIDES_EMAS: readonly string[] = [
  'cmc_price_histories7',
  'cmc_price_bars_1d',
  'cmc_price_bars_1d_rejects',
  'cmc_price_bars_1d_state',
  ...Object.values(BAR_TABLES).flatMap(({ table, stateTable }) => [table, stateTable]),
  'cmc_ema_state',
  'cmc_ema_refresh_state',
];

/** Every table that holds rows of assets and has the id first in its key. */
export const ASSET_TABLES: readonly string[] = [...TABLES_BESIDES_EMAS, EMA_ROWS_LAYOUT.table];

/** Every table that holds rows of assets, under the names of the contract: the EMA tables instead of `ema_rows`. */
export const CONTRACT_TABLES: readonly string[] = [
  ...TABLES_BESIDES_EMAS,
  ...Object.values(EMA_TABLES).map(({ table }) => table),
];

const [LEAST_ID, GREATEST_ID] = [-2_147_483_648, 2_147_483_647];

/**
 * `gap (first, last)`, to put after WITH: the ranges of ids that are not among the known ones.
 * @param known ascending
 * @param wanted the only ids to look for; null for all
 */
export function gapsSql(known: readonly number[], wanted: readonly number[] | null): string {
  const gaps = wanted === null ? gapsBetween(known) : missingFrom(known, wanted);
  const rows = gaps.length === 0 ? ['(1, 0)'] : gaps.map(([first, last]) => `(${first}, ${last})`);
  return `gap (first, last) AS (VALUES ${rows.join(', ')})`;
}

type Gap = readonly [first: number, last: number];

function gapsBetween(known: readonly number[]): Gap[] {
  return [LEAST_ID - 1, ...known].flatMap((id, i): Gap[] => {
    const next = known[i] ?? GREATEST_ID + 1;
    return next - id > 1 ? [[id + 1, next - 1]] : [];
  });
}

function missingFrom(known: readonly number[], wanted: readonly number[]): Gap[] {
  const there = new Set(known);
  return wanted.filter((id) => !there.has(id)).map((id) => [id, id]);
}

/** The distinct ids of a table that lie in a gap of {@link gapsSql}: the rows of the known ids are not read. */
export function idsInGapsSql(table: string): string {
  return `SELECT DISTINCT t.id FROM gap JOIN ${table} t ON t.id BETWEEN gap.first AND gap.last`;
}
