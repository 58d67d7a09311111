import type { Session } from '../connect/database.ts';
import { quoteLiteral } from '../copy/layout.ts';
import { idSql, instantSql } from '../sql-conditions.ts';
import { DAILY_BARS, DAILY_REJECTS } from '../tables/daily-tables.ts';

/** Deletes all daily bars, rejects, revisions and the state of one id; returns the number of deleted bars. */
export async function deleteDaily(session: Session, id: number): Promise<number> {
  const where = `WHERE id = ${idSql(id)}`;
  await session.run(`DELETE FROM cmc_price_bars_1d_state ${where}`);
  await session.run(`DELETE FROM cmc_price_bars_1d_revisions ${where}`);
  await session.run(`DELETE FROM ${DAILY_REJECTS.table} ${where}`);
  return session.run(`DELETE FROM ${DAILY_BARS.table} ${where}`);
}

/** Records that the days of an id's stored bars are also correct under these rules; the rest of the state stays unchanged. */
export async function writeDayRules(session: Session, id: number, dayRules: string): Promise<void> {
  await session.run(`UPDATE cmc_price_bars_1d_state SET day_rules = $1 WHERE id = ${idSql(id)}`, [dayRules]);
}

/** The state that a refresh writes into `cmc_price_bars_1d_state`; instants in epoch ms, null is NULL. */
export interface DailyStateWrite {
  readonly zone: string;
  /** Fingerprint of the rules by which the days of the stored bars were determined; see {@link DailyState.dayRules}. */
  readonly dayRules: string;
  /** Close rule, weekdays and holidays that the bars were built with; see {@link DailyState.tradingDays}. */
  readonly tradingDays: string | null;
  readonly lastSourceTs: number | null;
  readonly dailyMinSeen: number | null;
  readonly lastUpserted: number;
  readonly lastRepairedTimeHigh: number;
  readonly lastRepairedTimeLow: number;
  readonly lastRejected: number;
  readonly sourceRows: number | null;
  readonly sourceMaxLoadTs: number | null;
  /** The revision after this refresh. */
  readonly revision: number;
  /**
   * Earliest stored instant at or before the old watermark that changed; it is recorded as a new revision. Null when none did.
   */
  readonly revisedFromTs?: number | null;
  /**
   * True when the bars were built from scratch: `full_built_at` gets a new stamp, and earlier revisions are deleted, since the
   * new stamp makes every derived table rebuild anyway.
   */
  readonly isFullBuild: boolean;
}

/** Writes the state row of one id, and the revision that goes with it. */
export async function writeDailyState(session: Session, id: number, state: DailyStateWrite): Promise<void> {
  const values = {
    tz: textSql(state.zone),
    last_src_ts: instantOrNullSql(state.lastSourceTs),
    daily_min_seen: instantOrNullSql(state.dailyMinSeen),
    last_run_ts: 'now()',
    last_upserted: countSql(state.lastUpserted),
    last_repaired_timehigh: countSql(state.lastRepairedTimeHigh),
    last_repaired_timelow: countSql(state.lastRepairedTimeLow),
    last_rejected: countSql(state.lastRejected),
    src_row_count: countSql(state.sourceRows),
    src_max_load_ts: instantOrNullSql(state.sourceMaxLoadTs),
    revision: countSql(state.revision),
    day_rules: textSql(state.dayRules),
    trading_days: textSql(state.tradingDays),
  };
  const columns = Object.keys(values);
  const replaced = state.isFullBuild ? [...columns, 'full_built_at'] : columns;
  if (state.isFullBuild) await session.later(`DELETE FROM cmc_price_bars_1d_revisions WHERE id = ${idSql(id)}`);
  await session.later(
    `INSERT INTO cmc_price_bars_1d_state (id, ${columns.join(', ')}) VALUES (${idSql(id)}, ${Object.values(values).join(', ')})
     ON CONFLICT (id) DO UPDATE SET ${replaced.map((column) => `${column} = excluded.${column}`).join(', ')}`,
  );
  const revisedFromTs = state.isFullBuild ? null : (state.revisedFromTs ?? null);
  if (revisedFromTs === null) return;
  await session.later(
    `INSERT INTO cmc_price_bars_1d_revisions (id, revision, first_ts)
     VALUES (${idSql(id)}, ${Math.trunc(state.revision)}, ${instantSql(revisedFromTs)})`,
  );
}

function countSql(count: number | null): string {
  return count === null ? 'NULL' : String(Math.trunc(count));
}

function textSql(text: string | null): string {
  return text === null ? 'NULL' : quoteLiteral(text);
}

function instantOrNullSql(epochMs: number | null): string {
  return epochMs === null || Number.isNaN(epochMs) ? 'NULL' : instantSql(epochMs);
}
