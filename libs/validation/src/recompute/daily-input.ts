import { dayOpenings, type DailySeries } from '@ta/bars-core/engine';
import { copyOutSql, DAILY_SERIES, dailyBarsOf, decodeCopy, type CopyLayout, type Session } from '@ta/state-store';
import type { CheckContext } from '../check-context.ts';
import type { Place } from './place.ts';

/** The daily bars of one asset as the recomputation needs them; NaN is NULL. */
export interface DailyInput extends DailySeries {
  /** `bar_seq` of the daily bars. */
  readonly barSeq: Float64Array;
}

/** All columns are nullable here, since a damaged table may hold NULL anywhere. */
const LAYOUT: CopyLayout = {
  ...DAILY_SERIES,
  fields: DAILY_SERIES.fields.map((field) => ({ ...field, nullable: true })),
};

/**
 * How many daily bars are kept for the other tables and checks of a validation, some 120 bytes each; those of further assets are
 * read again.
 */
const MOST_KEPT = 250_000;

interface KeptInputs {
  readonly byId: Map<number, DailyInput>;
  rows: number;
}

const kept = new WeakMap<CheckContext, KeptInputs>();

/**
 * All daily bars of an asset, ascending; two decades are some 7,000 rows. All checks see one snapshot of the database and do not
 * modify the result, so the bars of the first assets are read only once.
 */
export async function readDailyInput({ context, session, asset }: Place<unknown>): Promise<DailyInput> {
  const inputs = kept.get(context) ?? { byId: new Map<number, DailyInput>(), rows: 0 };
  kept.set(context, inputs);
  const known = inputs.byId.get(asset.id);
  if (known !== undefined) return known;
  const daily = await readDaily(session, asset.id);
  if (!inputs.byId.has(asset.id) && inputs.rows + daily.length <= MOST_KEPT) {
    inputs.byId.set(asset.id, daily);
    inputs.rows += daily.length;
  }
  return daily;
}

async function readDaily(session: Session, id: number): Promise<DailyInput> {
  const sql = copyOutSql(LAYOUT, `WHERE id = ${id} ORDER BY "timestamp"`);
  const rows = await decodeCopy(LAYOUT, session.copyOut(sql));
  const { dayFrom, dayUntil, ...bars } = dailyBarsOf(rows);
  return { ...bars, timeOpen: dayOpenings(bars.timeOpen, { dayFrom, dayUntil }) };
}

/** An instant (epoch ms) as the operator reads it. */
export function isoInstant(epochMs: number): string {
  return Number.isFinite(epochMs) ? new Date(epochMs).toISOString() : String(epochMs);
}

/** Some daily rows, and the instants from which until which stored rows are compared with them. */
export interface RowRange {
  readonly from: number;
  readonly until: number;
  readonly fromTs: number;
  readonly untilTs: number;
}

/**
 * The daily rows from `first` until `last` in chunks. The instants of the first and the last chunk extend to `fromTs` and
 * `untilTs`, so that stored rows before and after all days are compared, too, even if there is no day at all.
 */
export function* chunksOf(
  { ts }: DailyInput,
  first: number,
  last: number,
  { fromTs, untilTs }: Pick<RowRange, 'fromTs' | 'untilTs'>,
  size: number,
): Generator<RowRange> {
  // the newest rows of a fast validation may all lie after the end of the selection
  if (last < first) return;
  let from = first;
  do {
    const until = Math.min(from + size, last);
    yield { from, until, fromTs: from === first ? fromTs : ts[from], untilTs: until === last ? untilTs : ts[until] };
    from = until;
  } while (from < last);
}
