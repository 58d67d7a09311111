import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { quoteLiteral } from '../copy/layout.ts';
import { StoreError } from '../errors.ts';
import { instantText } from '../instant-text.ts';
import { EMA_TABLES, type EmaTable } from '../tables/ema-tables.ts';
import { nullable, required } from '../tables/keyed-table.ts';
import { andBefore, andFrom, idSql } from '../sql-conditions.ts';
import { copyQuery } from './copy-select.ts';

/** A column of doubles of the EMA tables; only calendar tables have the columns with `bar` (docs/emas.md). */
export type EmaColumn =
  | 'ema'
  | 'd1'
  | 'd2'
  | 'd1_roll'
  | 'd2_roll'
  | 'ema_bar'
  | 'd1_bar'
  | 'd2_bar'
  | 'd1_roll_bar'
  | 'd2_roll_bar';

/** The selection of {@link readEmaSeries}. */
export interface EmaSeriesRequest {
  readonly id: number;
  readonly table: EmaTable;
  readonly tf: string;
  readonly periods: readonly number[];
  /** Default `ema` alone. */
  readonly columns?: readonly EmaColumn[];
  /** `all` days (default), or `canonical`: only the days on which bars close (`roll = false`). */
  readonly rows?: 'all' | 'canonical';
  /** Only rows with exactly these instants, epoch ms, such as the closes of bars. */
  readonly at?: ArrayLike<number>;
  /** Only rows at or after this instant, epoch ms. */
  readonly fromTs?: number;
  /** Only rows before this instant, epoch ms. */
  readonly untilTs?: number;
}

/** EMAs of one asset, table and timeframe: one instant per row, one column per period. */
export interface EmaSeries {
  readonly length: number;
  /** Instants at which at least one of the periods has a row, epoch ms, ascending. */
  readonly ts: Float64Array;
  /** 1 on previews, 0 on the close of a bar. */
  readonly roll: Uint8Array;
  readonly periods: readonly number[];
  /**
   * The values of one period; NaN if it has no row or NULL is stored.
   * @throws StoreError `STORE_QUERY` when the period or the column was not requested
   */
  of(period: number, column?: EmaColumn): Float64Array;
}

/**
 * Reads EMAs of several periods into typed arrays in one call and one query, through binary COPY.
 *
 * A timeframe is one range of the index of the packed rows; the requested periods are taken from their arrays.
 * @throws StoreError `STORE_RANGE` for an impossible id, period or column; `STORE_QUERY`, …
 */
export async function readEmaSeries(session: Session, request: EmaSeriesRequest): Promise<EmaSeries> {
  const { id, table, tf, columns = ['ema'], rows = 'all', at } = request;
  const facts = EMA_TABLES[table];
  const periods = [...new Set(request.periods)].sort((a, b) => a - b);
  for (const period of periods) {
    if (!Number.isInteger(period) || period < 1) throw new StoreError('STORE_RANGE', `There is no period ${period}.`);
  }
  for (const column of columns) {
    if (!facts.layout.fields.some((field) => field.column === column && field.type === 'float8')) {
      throw new StoreError('STORE_RANGE', `${facts.table} has no column ${column}.`);
    }
  }
  const fields = [
    ...required('timestamptz', 'ts'),
    ...required('int4', 'period'),
    ...required('bool', 'roll'),
    ...nullable('float8', ...columns),
  ];
  const bounds = `${andFrom('e.ts', request.fromTs)} ${andBefore('e.ts', request.untilTs)}`;
  const found = await copyQuery(
    session,
    'ema series',
    fields,
    `SELECT ${fields.map(({ column }) => `e.${column}`).join(', ')} FROM ${facts.table} e
     WHERE e.id = ${idSql(id)} AND e.tf = ${quoteLiteral(tf)} AND e.period = ANY ('{${periods.join(',')}}'::int[])
       ${at === undefined ? '' : `AND e.ts = ANY (${instantsSql(at)})`} ${bounds} ${rows === 'canonical' ? 'AND e.roll = false' : ''}
     ORDER BY e.ts, e.period`,
  );
  return sideBySide(found, periods, columns);
}

function instantsSql(at: ArrayLike<number>): string {
  return `${quoteLiteral(`{${Array.from(at, (ts) => `"${instantText(ts)}"`).join(',')}}`)}::timestamptz[]`;
}

function sideBySide(rows: ColumnTable, periods: readonly number[], columns: readonly EmaColumn[]): EmaSeries {
  const [rowTs, rowPeriod, rowRoll] = [rows.number('ts'), rows.number('period'), rows.number('roll')];
  let length = 0;
  for (let i = 0; i < rows.length; i++) if (i === 0 || rowTs[i] !== rowTs[i - 1]) length++;
  const ts = new Float64Array(length);
  const roll = new Uint8Array(length);
  const place = new Map(periods.map((period, p) => [period, p]));
  const values = columns.map((column) => ({
    from: rows.number(column),
    to: periods.map(() => new Float64Array(length).fill(NaN)),
  }));
  for (let i = 0, row = -1; i < rows.length; i++) {
    if (i === 0 || rowTs[i] !== rowTs[i - 1]) row++;
    ts[row] = rowTs[i];
    roll[row] = rowRoll[i];
    const p = place.get(rowPeriod[i]) as number;
    for (const { from, to } of values) to[p][row] = from[i];
  }
  const found = new Map(columns.map((column, c) => [column, values[c].to]));
  return {
    length,
    ts,
    roll,
    periods,
    of: (period, column = 'ema') => pick(found.get(column)?.[place.get(period) ?? -1]),
  };
}

function pick(column: Float64Array | undefined): Float64Array {
  if (column === undefined) throw new StoreError('STORE_QUERY', 'This period or column was not read.');
  return column;
}
