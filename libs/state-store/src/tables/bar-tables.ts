import type { BarFamily } from '@ta/bars-core/engine';
import type { CopyLayout } from '../copy/layout.ts';
import { barAlignmentSource, barRowParts, multiDayBarStateTables, type BarAlignmentSource } from '../schema/bars.ts';
import { beyondAs, nullable, required, type KeyedTable } from './keyed-table.ts';
import { fieldsOf } from './table-fields.ts';

/** One multi-day bar table, which is a view of `bar_rows`, with everything that belongs to it; `layout` is only for reading. */
export interface BarTable extends KeyedTable {
  readonly family: BarFamily;
  /** Its value of `alignment_source`. */
  readonly source: BarAlignmentSource;
  /**
   * The partition of `bar_rows` that contains its rows, and the columns that the writer supplies; key order (id, time_close,
   * series).
   */
  readonly rows: CopyLayout;
  /** Range of the numbers of its series: from `first` (inclusive) to `until` (exclusive). */
  readonly seriesRange: readonly [first: number, until: number];
  readonly stateTable: string;
  readonly stateLayout: CopyLayout;
}

function snapshotLayout(table: string): CopyLayout {
  return {
    table,
    fields: [
      ...required('int4', 'id'),
      ...required('text', 'tf'),
      ...required('timestamptz', 'time_close', 'time_open'),
      ...nullable('timestamptz', 'time_high', 'time_low'),
      ...required('timestamptz', 'timestamp', 'last_ts_half_open'),
      ...required('float8', 'open', 'high', 'low', 'close'),
      ...nullable('float8', 'volume', 'market_cap'),
      ...required('int4', 'tf_days', 'bar_seq'),
      ...nullable('int4', 'bar_anchor_offset'),
      ...required('int4', 'pos_in_bar', 'count_days', 'count_days_remaining', 'count_missing_days'),
      ...required('int4', 'count_missing_days_start', 'count_missing_days_end', 'count_missing_days_interior'),
      ...required('bool', 'is_partial_start', 'is_partial_end', 'is_missing_days'),
      ...nullable('text', 'missing_days_where'),
      ...nullable('date', 'first_missing_day', 'last_missing_day'),
      ...nullable('timestamptz', 'closed_at'),
    ],
  };
}

function slimLayout(source: BarAlignmentSource, table: string): CopyLayout {
  const fields = fieldsOf(
    barRowParts[source],
    ...['time_close', 'open', 'high', 'low', 'close', 'volume', 'market_cap', 'closed_at', 'time_open', 'time_high'],
    ...['time_low', 'id', 'bar_seq', 'open_age', 'high_age', 'low_age', 'bar_anchor_offset', 'first_missing_day'],
    ...['last_missing_day', 'series', 'pos_in_bar', 'tf_days', 'count_days_remaining', 'count_missing_days_start'],
    ...['count_missing_days_interior', 'is_partial_start', 'missing_days_where'],
  );
  return { table, fields };
}

function stateLayout(source: BarAlignmentSource): CopyLayout {
  const columns = [
    ...['id', 'tf', 'tz', 'spec', 'daily_min_seen', 'daily_max_seen', 'last_time_close'],
    ...['last_bar_seq', 'rows_seen', 'src_revision', 'src_full_built_at', 'full_built_at', 'resume'],
  ];
  // a value that was written by hand and cannot be represented is read as unknown; the seal then shows the edit
  return {
    table: `cmc_price_bars_${source}_state`,
    fields: beyondAs('unknown', fieldsOf(multiDayBarStateTables[source], ...columns)),
  };
}

/** Width of the range of series numbers of a table; its partition of `bar_rows` covers this range. */
const SERIES_OF_TABLE = 1000;

function barTable(family: BarFamily): BarTable {
  const source: BarAlignmentSource = family === 'multi_tf' ? 'multi_tf' : `multi_tf_${family}`;
  const table = `cmc_price_bars_${source}`;
  const thousand = barAlignmentSource.enumValues.indexOf(source);
  return {
    family,
    source,
    table,
    timeColumn: 'time_close',
    hasTimeframes: true,
    layout: snapshotLayout(table),
    rows: slimLayout(source, `bar_rows_${family}`),
    seriesRange: [SERIES_OF_TABLE * thousand, SERIES_OF_TABLE * (thousand + 1)],
    stateTable: `${table}_state`,
    stateLayout: stateLayout(source),
  };
}

/** The five multi-day bar tables by family. All SQL identifiers of these tables come from here. */
export const BAR_TABLES: Readonly<Record<BarFamily, BarTable>> = {
  multi_tf: barTable('multi_tf'),
  cal_iso: barTable('cal_iso'),
  cal_us: barTable('cal_us'),
  cal_anchor_iso: barTable('cal_anchor_iso'),
  cal_anchor_us: barTable('cal_anchor_us'),
};

/** The table of all slim rows; its partitions are the `rows` of {@link BAR_TABLES}. */
export const BAR_ROWS = 'bar_rows';
