import type { Timeframe } from '@ta/bars-core/engine';
import { openVariantState, type VariantSpec, type VariantState } from '@ta/ema-core/engine';
import { BAR_TABLES, copyOutSql, decodeCopy, type CopyLayout, type EmaTableFacts, type Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import { EMA_VARIANTS } from '../ema-variants.ts';
import { firstIndexAtOrAfter, type DailyInput } from './daily-input.ts';

/** One timeframe of an EMA table about to be recomputed. */
export interface EmaLane {
  readonly timeframe: Timeframe;
  readonly spec: VariantSpec;
  readonly state: VariantState;
  /** 1 on the daily rows on which a bar closes. */
  readonly closed: Uint8Array;
  /** Close of that bar on these rows. */
  readonly closePx: Float64Array;
  /** Instants of final bars that are no daily row (epoch ms): the two tables disagree. */
  readonly offGrid: readonly number[];
}

/**
 * Opens the timeframes with the inputs the stored EMAs must rest on: the final rows of the bar table, or the daily bars
 * themselves for `1D` and v2.
 */
export async function openEmaLanes(
  session: Session,
  asset: AssetFacts,
  table: EmaTableFacts,
  timeframes: readonly Timeframe[],
  periods: readonly number[],
  daily: DailyInput,
): Promise<EmaLane[]> {
  const bars = table.barFamily === null ? null : await readFinalRows(session, asset, BAR_TABLES[table.barFamily].table);
  return timeframes.map((timeframe) => {
    const spec: VariantSpec = { variant: EMA_VARIANTS[table.source], periods, tfDays: timeframe.nominalDays };
    const inputs =
      bars === null || timeframe.tf === '1D' ? ofDays(timeframe, table, daily) : ofBars(bars(timeframe.tf), daily);
    return { timeframe, spec, state: openVariantState(spec), ...inputs };
  });
}

type LaneInputs = Pick<EmaLane, 'closed' | 'closePx' | 'offGrid'>;

function ofDays(timeframe: Timeframe, table: EmaTableFacts, daily: DailyInput): LaneInputs {
  const closed = new Uint8Array(daily.length);
  const isClosed = (row: number) => table.source !== 'multi_tf_v2' || daily.barSeq[row] % timeframe.quantity === 0;
  for (let row = 0; row < daily.length; row++) closed[row] = isClosed(row) ? 1 : 0;
  return { closed, closePx: daily.close, offGrid: [] };
}

function ofBars(bars: FinalRows, daily: DailyInput): LaneInputs {
  const closed = new Uint8Array(daily.length);
  const closePx = new Float64Array(daily.length);
  const offGrid: number[] = [];
  for (let i = 0; i < bars.timeClose.length; i++) {
    const row = firstIndexAtOrAfter(daily.ts, bars.timeClose[i]);
    if (daily.ts[row] !== bars.timeClose[i]) {
      offGrid.push(bars.timeClose[i]);
      continue;
    }
    closed[row] = 1;
    closePx[row] = bars.close[i];
  }
  return { closed, closePx, offGrid };
}

interface FinalRows {
  readonly timeClose: Float64Array;
  readonly close: Float64Array;
}

async function readFinalRows(session: Session, asset: AssetFacts, table: string): Promise<(tf: string) => FinalRows> {
  const layout: CopyLayout = {
    table,
    fields: [
      { column: 'tf', type: 'text', nullable: false },
      { column: 'time_close', type: 'timestamptz', nullable: false },
      { column: 'close', type: 'float8', nullable: true },
    ],
  };
  const where = `WHERE id = ${asset.id} AND is_partial_end = false ORDER BY tf, time_close`;
  const rows = await decodeCopy(layout, session.copyOut(copyOutSql(layout, where)));
  const { codes, labels } = rows.codes('tf');
  const [timeClose, close] = [rows.number('time_close'), rows.number('close')];
  const ranges = new Map<string, readonly [number, number]>();
  for (let from = 0; from < rows.length; ) {
    let until = from + 1;
    while (until < rows.length && codes[until] === codes[from]) until++;
    ranges.set(labels[codes[from]], [from, until]);
    from = until;
  }
  return (tf) => {
    const [from, until] = ranges.get(tf) ?? [0, 0];
    return { timeClose: timeClose.subarray(from, until), close: close.subarray(from, until) };
  };
}
