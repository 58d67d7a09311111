import { ONE_DAY_MS, restingMs } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { readTradingDays } from './trading-days.ts';

/** The newest daily bars of an asset, epoch ms. */
export interface NewestDays {
  /** The newest of all. */
  readonly lastTs: number;
  /** The newest that is not ahead of the clock; null when all of them are. Its age is the age of the asset. */
  readonly notAheadTs: number | null;
  /**
   * The part of the time since `notAheadTs` that lies on non-trading days, milliseconds; absent if the asset trades every day.
   */
  readonly restingMs?: number;
}

/** Whether an instant is more than a day after the clock, so that its asset is ahead; both epoch ms. */
export function isAhead(ts: number, nowMs: number): boolean {
  return ts > nowMs + ONE_DAY_MS;
}

/**
 * The newest daily bars of these ids (by default all), from the state; ids without a bar are absent.
 *
 * @param nowMs the clock, epoch ms
 */
export async function readNewestDays(
  session: Session,
  nowMs: number,
  ids?: readonly number[],
): Promise<Map<number, NewestDays>> {
  const rows = await session.query<{ id: number } & NewestDays>(
    `SELECT id, ${epochMs('last_src_ts')} AS "lastTs", ${notAheadSql('s', '$1')} AS "notAheadTs"
     FROM cmc_price_bars_1d_state s WHERE last_src_ts IS NOT NULL AND ($2::int[] IS NULL OR id = ANY ($2::int[]))`,
    [new Date(nowMs + ONE_DAY_MS), ids === undefined ? null : [...ids]],
  );
  const trading = await readTradingDays(session, ids);
  return new Map(
    rows.map(({ id, ...days }) => {
      const own = trading.get(id);
      if (own === undefined || days.notAheadTs === null) return [id, days];
      return [id, { ...days, restingMs: restingMs(own, days.notAheadTs, nowMs) }];
    }),
  );
}

/**
 * SQL for the newest daily bar of state `s` at or before a parameter, epoch ms. It reads the bars only for assets that are ahead.
 */
function notAheadSql(s: string, limit: string): string {
  return `CASE WHEN ${s}.last_src_ts <= ${limit}::timestamptz THEN ${epochMs(`${s}.last_src_ts`)} ELSE
    (SELECT ${epochMs('b."timestamp"')} FROM cmc_price_bars_1d b WHERE b.id = ${s}.id AND b."timestamp" <= ${limit}::timestamptz
     ORDER BY b."timestamp" DESC LIMIT 1) END`;
}

function epochMs(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::float8`;
}
