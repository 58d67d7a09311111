import type { BarFamily } from '@ta/bars-core/engine';
import type { CopyLayout } from '../copy/layout.ts';
import { emaRows, emaState, type EmaAlignmentSource } from '../schema/emas.ts';
import { beyondAs, nullable, required, type KeyedTable } from './keyed-table.ts';
import { fieldsOf } from './table-fields.ts';

/** Name of one of the six EMA tables: its value of `alignment_source` (docs/emas.md#tables). */
export type EmaTable = EmaAlignmentSource;

/** One EMA table, which is a view of `ema_rows`, with everything that belongs to it; `layout` is only for reading. */
export interface EmaTableFacts extends KeyedTable {
  /** Its value of `alignment_source`. */
  readonly source: EmaTable;
  /** Whether the rows have the `ema_bar` series (calendar variants). */
  readonly withBar: boolean;
  /** The bar table whose closes are averaged; null when only daily bars are read. */
  readonly barFamily: BarFamily | null;
}

function emaLayout(table: string, withBar: boolean): CopyLayout {
  const barFields = [
    ...nullable('float8', 'ema_bar', 'd1_bar', 'd2_bar', 'd1_roll_bar', 'd2_roll_bar'),
    ...nullable('bool', 'roll_bar'),
  ];
  return {
    table,
    fields: [
      ...required('int4', 'id'),
      ...required('timestamptz', 'ts'),
      ...required('text', 'tf'),
      ...required('int4', 'period', 'tf_days'),
      ...required('bool', 'roll'),
      ...required('float8', 'ema'),
      ...nullable('float8', 'd1', 'd2', 'd1_roll', 'd2_roll'),
      ...(withBar ? barFields : []),
    ],
  };
}

function emaTable(source: EmaTable, barFamily: BarFamily | null): EmaTableFacts {
  const table = `cmc_ema_${source}`;
  const withBar = source !== 'multi_tf' && source !== 'multi_tf_v2';
  return {
    source,
    table,
    timeColumn: 'ts',
    hasTimeframes: true,
    layout: emaLayout(table, withBar),
    withBar,
    barFamily,
  };
}

/** The six EMA tables by name. All SQL identifiers of these tables come from here. */
export const EMA_TABLES: Readonly<Record<EmaTable, EmaTableFacts>> = {
  multi_tf: emaTable('multi_tf', 'multi_tf'),
  multi_tf_cal_us: emaTable('multi_tf_cal_us', 'cal_us'),
  multi_tf_cal_iso: emaTable('multi_tf_cal_iso', 'cal_iso'),
  multi_tf_cal_anchor_us: emaTable('multi_tf_cal_anchor_us', 'cal_anchor_us'),
  multi_tf_cal_anchor_iso: emaTable('multi_tf_cal_anchor_iso', 'cal_anchor_iso'),
  multi_tf_v2: emaTable('multi_tf_v2', null),
};

/** The columns of the packed rows that the writer supplies; their key order is (id, series, ts). */
export const EMA_ROWS_LAYOUT: CopyLayout = {
  table: 'ema_rows',
  fields: fieldsOf(emaRows, 'ts', 'id', 'series', 'roll', 'ema', 'ema_bar'),
};

/** The columns of `cmc_ema_state` that the writer supplies. */
export const EMA_STATE_LAYOUT: CopyLayout = {
  table: 'cmc_ema_state',
  fields: beyondAs(
    'unknown',
    fieldsOf(
      emaState,
      ...['id', 'alignment_source', 'tf', 'params_hash', 'periods'],
      ...['daily_min_seen', 'daily_max_seen', 'last_ts', 'last_time_close', 'last_canonical_ts'],
      ...['last_bar_seq', 'rows_seen', 'bars_seen', 'src_revision'],
      ...['daily_full_built_at', 'bars_full_built_at', 'reset_stamp', 'resume'],
    ),
  ),
};
