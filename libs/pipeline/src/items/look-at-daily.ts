import {
  buildDaily,
  civilDayOfInstant,
  firstIndexAfter,
  openingOfCivilDay,
  tradingDaysText,
  utcDayText,
  zoneFingerprint,
  type DailyBars,
  type DailyBuild,
  type SourceSeries,
} from '@ta/bars-core/engine';
import {
  diffDaily,
  EARLIEST_INSTANT_MS,
  readDailyTail,
  readSourceRows,
  type ColumnTable,
  type DailyDiff,
  type DailyState,
  type DailyTail,
  type SourceChanges,
} from '@ta/state-store';
import type { ItemContext } from '../item-context.ts';
import type { Action } from '../plan/action.ts';
import type { DailyFacts } from '../plan/asset-facts.ts';
import type { DailyOutcome } from '../plan/plan-asset.ts';
import { actionOfDifferences, readAgainFrom } from '../plan/plan-daily.ts';
import { warning, type Notice } from '../run-report.ts';
import { dailyFacts } from './plan-item.ts';

/** The result of reading the source. Nothing has been written yet. */
export type DailyLook =
  /** History changed, and the run is not allowed to rebuild it. */
  | { readonly kind: 'refused'; readonly notices: readonly Notice[] }
  /** The source has no rows any more. */
  | { readonly kind: 'gone'; readonly storedBars: number }
  /** History changed, the run only warns, and there are no new rows. */
  | { readonly kind: 'kept'; readonly notices: readonly Notice[] }
  /** The rules of the zone have changed, but give the same days. */
  | { readonly kind: 'same_days'; readonly dayRules: string; readonly isHistoryKept: boolean }
  | ({ readonly kind: 'rows' } & DailyChange);

/** The daily bars and rejects just built, compared with the stored ones. */
export interface DailyChange {
  readonly source: SourceSeries;
  readonly tail: DailyTail;
  readonly built: DailyBuild;
  readonly diff: DailyDiff;
  readonly notices: readonly Notice[];
  /** History changed, but its stored rows are kept. */
  readonly isHistoryKept: boolean;
  /** Whether the daily bars, and everything derived from them, are built from scratch. */
  readonly isRebuild: boolean;
  /** Whether they are rebuilt because the civil days of stored rows have changed. */
  readonly hasOtherDays: boolean;
  /** The facts about the daily bars after the change. */
  readonly next: DailyFacts;
  /** Earliest and latest day at or before the watermark that changes, epoch ms; null if none does. */
  readonly revised: { readonly fromTs: number; readonly lastTs: number } | null;
}

type DailyContext = Pick<ItemContext, 'tx' | 'id' | 'run' | 'tradingDays'>;

/**
 * The reading half of the 1D step of one id: builds bars and rejects from the source rows, and compares them with the stored
 * ones.
 *
 * @param action the planned action of the step; not `noop`
 */
export async function lookAtDaily(
  context: DailyContext,
  state: DailyState | null,
  changes: SourceChanges,
  action: Action,
): Promise<DailyLook> {
  const { tx, id, run } = context;
  const from = startOf(action, state, changes, run);
  const areOtherRules = action.reason === 'day_rules_changed';
  let [tail, source] = await Promise.all([
    readDailyTail(tx, id, { fromTs: from }),
    readSourceRows(tx, id, { fromTs: from }),
  ]);
  if (source.length === 0 && tail.rowsBefore === 0 && tail.rowsBeyond === 0) {
    return { kind: 'gone', storedBars: tail.bars.length };
  }
  const isLogged = changes.firstTs !== null && action.kind !== 'rebuild';
  const notices = isLogged ? backfillNotices(context, state, source, tail.rowsBefore) : [];
  if (notices.length > 0 && run.onBackfill === 'fail') return { kind: 'refused', notices };
  const isHistoryKept = notices.length > 0 && run.onBackfill === 'warn';
  if (isHistoryKept) {
    ({ tail, source } = await newRowsOnly(context, state as DailyState, tail));
    if (source.length === 0) return { kind: 'kept', notices };
  }

  const { rowsBefore, previousBarDay } = tail;
  const trading = await context.tradingDays();
  const built = buildDaily(source, { zone: run.zone, rowsBefore, previousBarDay, trading });
  const diff = diffDaily(id, source, built, tail);
  const dayRules = dayRulesOf(run.zone, state, tail, built.bars);
  if (areOtherRules && isEmpty(diff) && tail.rowsBeyond + tail.rejectsBeyond === 0)
    return { kind: 'same_days', dayRules, isHistoryKept };
  const hasOtherDays = areOtherRules && diff.otherDays > 0;
  const isRebuild = action.kind === 'rebuild' || hasOtherDays;
  const known = isRebuild ? 0 : firstIndexAfter(diff.changedTs, state?.lastSourceTs ?? -Infinity);
  const revised = known === 0 ? null : { fromTs: diff.changedTs[0], lastTs: diff.changedTs[known - 1] };
  const lastBarTs = built.bars.ts[built.bars.length - 1] ?? tail.previousBarTs;
  const revision = isRebuild ? 0 : (state?.revision ?? 0) + (revised === null ? 0 : 1);
  const next = {
    zone: run.zone,
    dayRules: areOtherRules && isHistoryKept ? (state?.dayRules as string) : dayRules,
    tradingDays: tradingDaysText(trading),
    lastSourceTs: lastBarTs,
    newestBarTs: lastBarTs ?? Number.NaN,
    firstBarTs: (tail.previousBarTs === null ? built.bars.ts[0] : state?.firstBarTs) ?? Number.NaN,
    // the stamp of a future build, which equals no stored one
    fullBuiltAtMs: isRebuild || state === null ? Number.NaN : state.fullBuiltAtMs,
    revision,
    newestRevision: revision,
  };
  const found = { source, tail, built, diff, notices, next, revised };
  return { kind: 'rows', ...found, isHistoryKept, isRebuild, hasOtherDays };
}

/** The outcome of the step, for the plan of the following steps. */
export async function outcomeOf(look: DailyLook, action: Action, context: ItemContext): Promise<DailyOutcome> {
  const facts = await dailyFacts(context);
  const { daily, tradingDays } = facts;
  const unchanged = { ...facts, hasSource: true, counts: { written: 0, deleted: 0 } };
  switch (look.kind) {
    case 'refused':
      return { ...unchanged, action: { kind: 'blocked', reason: 'backfill_refused' } };
    case 'kept':
      return { ...unchanged, action: { kind: 'noop', reason: 'in_step' } };
    case 'same_days':
      return {
        ...unchanged,
        daily: daily && { ...daily, dayRules: look.dayRules },
        action: { kind: 'noop', reason: 'in_step' },
      };
    case 'gone': {
      const counts = { written: 0, deleted: look.storedBars };
      const action = { kind: 'clear', reason: 'no_source' } as const;
      return { daily: null, tradingDays, revisions: [], hasSource: false, counts, action };
    }
    case 'rows': {
      const { diff, next, revised, isRebuild, hasOtherDays } = look;
      const revision = revised === null ? [] : [{ revision: next.revision, firstTs: revised.fromTs }];
      const [firstTs, storedUntilTs] = [firstDifference(look), daily?.lastSourceTs ?? -Infinity];
      return {
        daily: next,
        tradingDays,
        revisions: isRebuild ? [] : [...facts.revisions, ...revision],
        hasSource: true,
        rows: facts.rows && rowsAfter(facts.rows, look),
        counts: { written: diff.bars.select.length, deleted: diff.staleBars.length },
        action: actionOfDifferences(action, { isRebuild, hasOtherDays, firstTs, storedUntilTs }),
      };
    }
  }
}

/** Earliest instant of a bar that is written or deleted; Infinity for none. */
function firstDifference({ diff, built }: DailyChange): number {
  return Math.min(built.bars.ts[diff.bars.select[0] ?? -1] ?? Infinity, diff.staleBars[0] ?? Infinity);
}

/** Instants and days of the daily rows after the change. */
function rowsAfter(stored: { ts: Float64Array; day: Int32Array }, { built, tail }: DailyChange) {
  const kept = tail.previousBarTs === null ? 0 : firstIndexAfter(stored.ts, tail.previousBarTs);
  return {
    ts: Float64Array.from([...stored.ts.subarray(0, kept), ...built.bars.ts]),
    day: Int32Array.from([...stored.day.subarray(0, kept), ...built.bars.day]),
  };
}

/** Instant of the first source row that is read, epoch ms; −∞ for everything. */
function startOf(action: Action, state: DailyState | null, changes: SourceChanges, run: ItemContext['run']): number {
  if (action.kind === 'rebuild' || action.kind === 'clear' || action.reason === 'day_rules_changed') return -Infinity;
  const from = readAgainFrom(changes.firstTs as number, state?.lastSourceTs as number, run);
  return from <= EARLIEST_INSTANT_MS ? -Infinity : from;
}

/** Fingerprint of the rules of the run's zone over the days of all bars, including those before the tail. */
function dayRulesOf(zone: string, state: DailyState | null, tail: DailyTail, bars: DailyBars): string {
  const firstTs = tail.previousBarTs === null ? bars.ts[0] : state?.firstBarTs;
  const lastTs = bars.ts[bars.length - 1] ?? tail.previousBarTs;
  return zoneFingerprint(zone, firstTs ?? 0, lastTs ?? 0);
}

function isEmpty(diff: DailyDiff): boolean {
  return [diff.bars.select, diff.staleBars, diff.rejects.select, diff.staleRejects].every(({ length }) => length === 0);
}

/**
 * Policy `warn`: stored rows up to the watermark are kept, and `bar_seq` continues after them. Only the row of the newest day may
 * be replaced, by a later row of the same day.
 */
async function newRowsOnly(
  { tx, id, run: { zone } }: DailyContext,
  state: DailyState,
  seen: DailyTail,
): Promise<{ tail: DailyTail; source: SourceSeries }> {
  const newestTs = state.lastSourceTs as number;
  const rowsUntilNewest = state.sourceRows ?? seen.rowsBefore;
  const after = await readSourceRows(tx, id, { afterTs: newestTs });
  const dayOf = civilDayOfInstant(zone);
  const isDayRevised = after.length > 0 && dayOf(after.ts[0]) === dayOf(newestTs);
  if (!isDayRevised) {
    const tail = await readDailyTail(tx, id, { afterTs: newestTs });
    return { tail: { ...tail, rowsBefore: rowsUntilNewest }, source: after };
  }
  const from = openingOfCivilDay(zone)(dayOf(newestTs));
  const tail = await readDailyTail(tx, id, { fromTs: from });
  const storedUntil = (rows: ColumnTable) => firstIndexAfter(rows.number('timestamp'), newestTs);
  const rowsBefore = rowsUntilNewest - storedUntil(tail.bars) - storedUntil(tail.rejects);
  return { tail: { ...tail, rowsBefore }, source: await readSourceRows(tx, id, { fromTs: from }) };
}

/** Notices for the operator when history changed before the watermark (docs/operations.md#troubleshooting). */
function backfillNotices(
  { id, run }: DailyContext,
  state: DailyState | null,
  source: SourceSeries,
  rowsBefore: number,
): Notice[] {
  if (state === null || state.lastSourceTs === null) return [];
  const hint = run.onBackfill === 'rebuild' ? '(rebuilt in this run)' : `(rebuild with --full-rebuild --ids ${id})`;
  const notice = (text: string) => [warning('backfill_detected', `Backfill detected for ID ${id}: ${text} ${hint}`)];
  const firstTs = rowsBefore === 0 ? (source.ts[0] ?? Number.NaN) : Number.NaN;
  if (state.dailyMinSeen !== null && firstTs < state.dailyMinSeen) {
    return notice(`source starts ${utcDayText(firstTs)}, state starts ${utcDayText(state.dailyMinSeen)}`);
  }
  const before = rowsBefore + firstIndexAfter(source.ts, state.lastSourceTs);
  const difference = before - (state.sourceRows ?? before);
  if (difference === 0) return [];
  return notice(`${Math.abs(difference)} source rows ${difference > 0 ? 'added' : 'removed'} before the watermark`);
}
