import { firstIndexAtOrAfter, type Timeframe } from '@ta/bars-core/engine';
import { EMA_SOURCES, type EmaSource } from '@ta/pipeline';
import { openVariantState, type LateCloses, type VariantSpec, type VariantState } from '@ta/ema-core/engine';
import {
  BAR_TABLES,
  closedBarsOf,
  copyOutSql,
  decodeCopy,
  type ClosedBars,
  type ClosedBarsOf,
  type CopyLayout,
  type EmaTableFacts,
} from '@ta/state-store';
import type { DailyInput } from './daily-input.ts';
import type { EmaPlace } from './place.ts';

/** One timeframe of an EMA table about to be recomputed. */
export interface EmaLane {
  readonly timeframe: Timeframe;
  readonly spec: VariantSpec;
  readonly state: VariantState;
  /** 1 on the daily rows on which a bar closes. */
  readonly closed: Uint8Array;
  /** Close of that bar, on these rows. */
  readonly closePx: Float64Array;
  /** Bars that are known to be closed only with the row after their last one. */
  readonly late?: LateCloses;
  /** Instants (epoch ms) at which a bar closes but there is no daily row: the two tables disagree. */
  readonly offGrid: readonly number[];
}

/**
 * Opens the timeframes with the inputs that the stored EMAs must be based on: the final rows of the bar table, or the daily bars
 * themselves for `1D` and v2.
 */
export async function openEmaLanes(
  place: EmaPlace,
  timeframes: readonly Timeframe[],
  periods: readonly number[],
  daily: DailyInput,
): Promise<EmaLane[]> {
  const { table } = place;
  const { refresher: variant } = EMA_SOURCES.find((source) => source.table === table.source) as EmaSource;
  const bars = table.barFamily === null ? null : await readFinalRows(place, BAR_TABLES[table.barFamily].table);
  return timeframes.map((timeframe) => {
    const spec: VariantSpec = { variant, periods, tfDays: timeframe.nominalDays };
    const inputs =
      bars === null || timeframe.tf === '1D' ? ofDays(timeframe, table, daily) : ofBars(bars(timeframe.tf), daily);
    return { timeframe, spec, state: openVariantState(spec), ...inputs };
  });
}

type LaneInputs = Pick<EmaLane, 'closed' | 'closePx' | 'late' | 'offGrid'>;

function ofDays(timeframe: Timeframe, table: EmaTableFacts, daily: DailyInput): LaneInputs {
  const closed = new Uint8Array(daily.length);
  const isClosed = (row: number) => table.source !== 'multi_tf_v2' || daily.barSeq[row] % timeframe.quantity === 0;
  for (let row = 0; row < daily.length; row++) closed[row] = isClosed(row) ? 1 : 0;
  return { closed, closePx: daily.close, offGrid: [] };
}

function ofBars(bars: ClosedBars, daily: DailyInput): LaneInputs {
  const closed = new Uint8Array(daily.length);
  const closePx = new Float64Array(daily.length);
  const offGrid: number[] = [];
  let late: LateCloses | undefined;
  for (let i = 0; i < bars.closedAt.length; i++) {
    const row = firstIndexAtOrAfter(daily.ts, bars.closedAt[i]);
    if (daily.ts[row] !== bars.closedAt[i]) {
      offGrid.push(bars.closedAt[i]);
      continue;
    }
    const isLate = bars.closedAt[i] !== bars.timeClose[i];
    if (isLate) late ??= { closed: new Uint8Array(daily.length), closePx: new Float64Array(daily.length) };
    const columns = isLate ? (late as LateCloses) : { closed, closePx };
    columns.closed[row] = 1;
    columns.closePx[row] = bars.close[i];
  }
  return { closed, closePx, late, offGrid };
}

async function readFinalRows({ session, asset }: EmaPlace, table: string): Promise<ClosedBarsOf> {
  const layout: CopyLayout = {
    table,
    fields: [
      { column: 'tf', type: 'text', nullable: false },
      { column: 'time_close', type: 'timestamptz', nullable: false },
      { column: 'closed_at', type: 'timestamptz', nullable: false },
      { column: 'close', type: 'float8', nullable: true },
    ],
  };
  const where = `WHERE id = ${asset.id} AND closed_at IS NOT NULL ORDER BY tf, time_close`;
  const rows = await decodeCopy(layout, session.copyOut(copyOutSql(layout, where)));
  return closedBarsOf(rows);
}
