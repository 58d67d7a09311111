import { dayOpenings, type DailySeries } from '@ta/bars-core/engine';
import { copyOutSql, DAILY_SERIES, dailyBarsOf, decodeCopy, type CopyLayout, type Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';

/** The daily bars of one asset as the recomputation needs them; NaN is NULL. */
export interface DailyInput extends DailySeries {
  /** `bar_seq` of the daily bars. */
  readonly barSeq: Float64Array;
}

/** A damaged table may hold NULL anywhere. */
const LAYOUT: CopyLayout = {
  ...DAILY_SERIES,
  fields: DAILY_SERIES.fields.map((field) => ({ ...field, nullable: true })),
};

/** Reads all daily bars of an asset, ascending; two decades are some 7,000 rows. */
export async function readDailyInput(session: Session, asset: AssetFacts): Promise<DailyInput> {
  const sql = copyOutSql(LAYOUT, `WHERE id = ${asset.id} ORDER BY "timestamp"`);
  const rows = await decodeCopy(LAYOUT, session.copyOut(sql));
  const { dayFrom, dayUntil, ...bars } = dailyBarsOf(rows);
  return { ...bars, timeOpen: dayOpenings(bars.timeOpen, { dayFrom, dayUntil }) };
}

/** An instant (epoch ms) as the operator reads it. */
export function isoInstant(epochMs: number): string {
  return Number.isFinite(epochMs) ? new Date(epochMs).toISOString() : String(epochMs);
}
