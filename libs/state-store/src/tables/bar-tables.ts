import type { BarFamily } from '@ta/bars-core/engine';
import type { CopyLayout } from '../copy/layout.ts';
import type { BarAlignmentSource } from '../schema/bars.ts';
import { beyondAs, nullable, required, type KeyedTable } from './keyed-table.ts';

/** One multi-day bar table with everything that belongs to it (docs/bars.md#snapshots). */
export interface BarTable extends KeyedTable {
  readonly family: BarFamily;
  /** Its value of `alignment_source`, the partition key of `cmc_price_bars_multi_tf_u`. */
  readonly source: BarAlignmentSource;
  readonly stateTable: string;
  readonly stateLayout: CopyLayout;
  /** Name under which its guard rejects are read. */
  readonly rejectsTable: string;
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

function stateLayout(table: string): CopyLayout {
  return {
    table,
    fields: [
      ...required('int4', 'id'),
      ...required('text', 'tf', 'tz', 'spec'),
      ...beyondAs('unknown', nullable('timestamptz', 'daily_min_seen', 'daily_max_seen', 'last_time_close')),
      ...nullable('int4', 'last_bar_seq'),
      ...required('int8', 'rows_seen', 'src_revision'),
      ...beyondAs('unknown', required('timestamptz', 'src_full_built_at', 'full_built_at')),
      ...required('float8[]', 'resume'),
    ],
  };
}

function barTable(family: BarFamily): BarTable {
  const source: BarAlignmentSource = family === 'multi_tf' ? 'multi_tf' : `multi_tf_${family}`;
  const table = `cmc_price_bars_${source}`;
  return {
    family,
    source,
    table,
    timeColumn: 'time_close',
    hasTimeframes: true,
    layout: snapshotLayout(table),
    stateTable: `${table}_state`,
    stateLayout: stateLayout(`${table}_state`),
    rejectsTable: `${table}_rejects`,
  };
}

/** The five multi-day bar tables by family. SQL identifiers come from here and from nowhere else. */
export const BAR_TABLES: Readonly<Record<BarFamily, BarTable>> = {
  multi_tf: barTable('multi_tf'),
  cal_iso: barTable('cal_iso'),
  cal_us: barTable('cal_us'),
  cal_anchor_iso: barTable('cal_anchor_iso'),
  cal_anchor_us: barTable('cal_anchor_us'),
};
