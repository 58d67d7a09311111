import { NO_DAY, type SnapshotColumns, type Timeframe } from '@ta/bars-core/engine';
import type { FieldData } from '../copy/field-data.ts';
import type { NumberedBarSeries } from '../read/bar-series-keys.ts';
import { agesOf, NO_AGE } from '../tables/bar-ages.ts';
import type { BuiltColumns } from './insert-rows.ts';
import { numberColumns } from './row-diff.ts';

/** A timeframe of an asset, and the series under which its bars are stored. */
export interface BarLane {
  readonly timeframe: Timeframe;
  readonly series: NumberedBarSeries;
}

/** Snapshots of some timeframes of an asset. */
export interface LaneSnapshots<Lane extends BarLane = BarLane> {
  readonly lanes: readonly Lane[];
  readonly out: SnapshotColumns;
  /** Index of the lane of each snapshot. */
  readonly laneOf: Uint16Array;
}

/** Snapshots as the columns of their multi-day table, which is a view. */
export function snapshotColumns(id: number, { lanes, out, laneOf }: LaneSnapshots): BuiltColumns {
  return {
    id: { constant: id },
    tf: { codes: laneOf, labels: lanes.map(({ timeframe }) => timeframe.tf) },
    ...numberColumns(out, ['tf_days', 'bar_seq', 'time_open', 'time_close', 'time_high', 'time_low', 'closed_at']),
    ...numberColumns(out, ['open', 'high', 'low', 'close', 'volume', 'market_cap']),
    ...numberColumns(out, ['pos_in_bar', 'is_partial_start', 'is_partial_end', 'count_days', 'count_days_remaining']),
    ...numberColumns(out, ['count_missing_days', 'count_missing_days_start', 'count_missing_days_interior']),
    ...numberColumns(out, ['is_missing_days']),
    ...numberColumns(out, ['bar_anchor_offset', 'first_missing_day', 'last_missing_day'], NO_DAY),
    count_missing_days_end: { constant: 0 },
    missing_days_where: { strings: out.missingDaysWhere },
    timestamp: { numbers: out.timeClose },
    last_ts_half_open: { numbers: out.timeClose.map((ts) => ts + 1) },
  };
}

/** Snapshots as the columns of slim rows; values that follow from the series or from other columns are left out. */
export function slimColumns(id: number, { lanes, out, laneOf }: LaneSnapshots): BuiltColumns {
  const { length } = out;
  const [series, tfDays, remaining] = [new Int32Array(length), new Int32Array(length), new Int32Array(length)];
  for (let i = 0; i < length; i++) {
    const { timeframe, series: own } = lanes[laneOf[i]];
    const missing = timeframe.kind === 'rolling' ? 0 : out.countMissingDays[i];
    const [days, left] = [out.tfDays[i], out.countDaysRemaining[i]];
    series[i] = own.series;
    tfDays[i] = days === own.tfDays ? NO_DAY : days;
    remaining[i] = left === days - out.posInBar[i] - missing ? NO_DAY : left;
  }
  const instant = (name: string, column: Float64Array): Record<string, FieldData> => {
    const { ages, instants } = agesOf(column, out.timeClose, length);
    return { [`time_${name}`]: { numbers: instants }, [`${name}_age`]: { numbers: ages, nullIf: NO_AGE } };
  };
  return {
    id: { constant: id },
    series: { numbers: series },
    ...instant('open', out.timeOpen),
    ...instant('high', out.timeHigh),
    ...instant('low', out.timeLow),
    ...numberColumns(out, ['time_close', 'closed_at', 'open', 'high', 'low', 'close', 'volume', 'market_cap']),
    ...numberColumns(out, ['bar_seq', 'pos_in_bar']),
    ...numberColumns(out, ['count_missing_days_start', 'count_missing_days_interior', 'is_partial_start'], 0),
    ...numberColumns(out, ['bar_anchor_offset', 'first_missing_day', 'last_missing_day'], NO_DAY),
    tf_days: { numbers: tfDays, nullIf: NO_DAY },
    count_days_remaining: { numbers: remaining, nullIf: NO_DAY },
    missing_days_where: { strings: out.missingDaysWhere },
  };
}
