import {
  buildDaily,
  civilDayOfInstant,
  firstIndexAfter,
  formatCivilDay,
  openingOfCivilDay,
  tradingDaysText,
  zoneFingerprint,
  type DailyBars,
  type DailyBuild,
} from '@ta/bars-core/engine';
import {
  EARLIEST_INSTANT_MS,
  readDailyTail,
  readSourceRows,
  type ColumnTable,
  type DailyState,
  type DailyTail,
  type Session,
  type SourceChanges,
  type SourceRows,
} from '@ta/state-store';
import type { ItemContext } from '../item-context.ts';
import type { Action } from '../plan/action.ts';
import type { DailyFacts } from '../plan/asset-facts.ts';
import { readAgainFrom, type DailyOutcome } from '../plan/plan-asset.ts';
import type { Notice } from '../run-report.ts';
import type { BackfillPolicy } from '../run-settings.ts';
import { barColumns, diffDaily, rejectColumns, type BuiltColumns, type DailyDiff } from './daily-diff.ts';

/** The logged changes that a look at the source is about. */
export type LoggedChanges = Pick<SourceChanges, 'firstTs' | 'lastTs' | 'rows'>;

/** What a look at the source comes to. Nothing is written yet. */
export type DailyLook =
  /** History changed, and the run may not rebuild it. */
  | { readonly kind: 'refused'; readonly notices: readonly Notice[] }
  /** The source has no rows any more. */
  | { readonly kind: 'gone'; readonly storedBars: number }
  /** History changed, the run leaves it alone, and there is nothing after it. */
  | { readonly kind: 'kept'; readonly notices: readonly Notice[] }
  /** The rules of the zone are others, and give the same days. */
  | { readonly kind: 'same_days'; readonly dayRules: string; readonly isHistoryKept: boolean }
  | ({ readonly kind: 'rows' } & DailyChange);

/** Daily bars and rejects as they have to be, beside those that are stored. */
export interface DailyChange {
  readonly source: SourceRows;
  readonly tail: DailyTail;
  readonly built: DailyBuild;
  readonly bars: BuiltColumns;
  readonly rejects: BuiltColumns;
  readonly diff: DailyDiff;
  readonly notices: readonly Notice[];
  /** History changed, and stays as it is stored. */
  readonly isHistoryKept: boolean;
  /** Built from nothing, with everything after it. */
  readonly isRebuild: boolean;
  /** Whether that is because stored days are other days now. */
  readonly hasOtherDays: boolean;
  /** The daily bars afterwards. */
  readonly next: DailyFacts;
  /** Earliest stored day at or before the watermark that changes; null for none. */
  readonly revisedFromTs: number | null;
}

/**
 * The reading half of the 1D step of one id: source rows become bars or rejects, which are compared with the stored ones.
 *
 * @param action what the plan says of the step; not `noop`
 */
export async function lookAtDaily(
  context: Pick<ItemContext, 'tx' | 'id' | 'run' | 'tradingDays'>,
  state: DailyState | null,
  changes: LoggedChanges,
  action: Action,
): Promise<DailyLook> {
  const { tx, id, run } = context;
  const from = startOf(action, state, changes, run);
  const areOtherRules = action.reason === 'day_rules_changed';
  let tail = await readDailyTail(tx, id, { fromTs: from });
  let source = await readSourceRows(tx, id, { fromTs: from });
  if (source.length === 0 && tail.rowsBefore === 0 && tail.rowsBeyond === 0) {
    return { kind: 'gone', storedBars: tail.bars.length };
  }
  const isLogged = changes.firstTs !== null && action.kind !== 'rebuild';
  const notices = backfillNotices(id, state, source, tail.rowsBefore, isLogged, run.onBackfill);
  if (notices.length > 0 && run.onBackfill === 'fail') return { kind: 'refused', notices };
  const isHistoryKept = notices.length > 0 && run.onBackfill === 'warn';
  if (isHistoryKept) {
    ({ tail, source } = await newRowsOnly(tx, id, run.zone, state as DailyState, tail));
    if (source.length === 0) return { kind: 'kept', notices };
  }

  const { rowsBefore, previousBarDay } = tail;
  const trading = await context.tradingDays();
  const built = buildDaily(source, { zone: run.zone, rowsBefore, previousBarDay, trading });
  const bars = barColumns(id, source, built.bars);
  const rejects = rejectColumns(id, source, built.rejects);
  const diff = diffDaily(bars, rejects, tail);
  const dayRules = dayRulesOf(run.zone, state, tail, built.bars);
  if (areOtherRules && isEmpty(diff)) return { kind: 'same_days', dayRules, isHistoryKept };
  const hasOtherDays = areOtherRules && diff.otherDays > 0;
  const isRebuild = action.kind === 'rebuild' || hasOtherDays;
  const isRevised =
    !isRebuild && diff.firstChangedTs !== null && diff.firstChangedTs <= (state?.lastSourceTs ?? -Infinity);
  const lastBarTs = built.bars.ts[built.bars.length - 1] ?? tail.previousBarTs;
  const revision = isRebuild ? 0 : (state?.revision ?? 0) + (isRevised ? 1 : 0);
  const next = {
    zone: run.zone,
    dayRules: areOtherRules && isHistoryKept ? (state?.dayRules as string) : dayRules,
    tradingDays: tradingDaysText(trading),
    lastSourceTs: lastBarTs,
    newestBarTs: lastBarTs ?? Number.NaN,
    firstBarTs: (tail.previousBarTs === null ? built.bars.ts[0] : state?.firstBarTs) ?? Number.NaN,
    // the stamp of a build that is to come: equal to none
    fullBuiltAtMs: isRebuild || state === null ? Number.NaN : state.fullBuiltAtMs,
    revision,
    newestRevision: revision,
  };
  const revisedFromTs = isRevised ? diff.firstChangedTs : null;
  const found = { source, tail, built, bars, rejects, diff, notices, next, revisedFromTs };
  return { kind: 'rows', ...found, isHistoryKept, isRebuild, hasOtherDays };
}

/** What the step comes to, for the plan of the steps after it. */
export async function outcomeOf(
  look: DailyLook,
  action: Action,
  context: Pick<ItemContext, 'run' | 'dailyState' | 'revisions' | 'dailyRows' | 'tradingDays'>,
): Promise<DailyOutcome> {
  const [daily, revisions] = [await context.dailyState(), await context.revisions()];
  const [hasSource, rows] = [true, { written: 0, deleted: 0 }];
  const tradingDays = tradingDaysText(await context.tradingDays());
  const dailyRows = context.run.emaDays === undefined ? undefined : await context.dailyRows();
  const unchanged = { daily, tradingDays, revisions, hasSource, rows: dailyRows, counts: rows };
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
      const { diff, next, revisedFromTs, isRebuild, hasOtherDays } = look;
      const revision = revisedFromTs === null ? [] : [{ revision: next.revision, firstTs: revisedFromTs }];
      return {
        daily: next,
        tradingDays,
        revisions: isRebuild ? [] : [...revisions, ...revision],
        hasSource,
        rows: dailyRows && rowsAfter(dailyRows, look),
        counts: { written: diff.bars.length, deleted: diff.staleBars.length },
        action: isRebuild
          ? { kind: 'rebuild', reason: hasOtherDays ? 'day_rules_changed' : action.reason }
          : actionOf(look, daily?.lastSourceTs ?? -Infinity),
      };
    }
  }
}

/** What the differences come to, where nothing is built from nothing. */
function actionOf({ diff, built }: DailyChange, lastSourceTs: number): Action {
  const firstWrittenTs = built.bars.ts[diff.bars[0] ?? -1] ?? Infinity;
  const fromTsMs = Math.min(firstWrittenTs, diff.staleBars[0] ?? Infinity);
  if (fromTsMs === Infinity) return { kind: 'noop', reason: 'in_step' };
  if (fromTsMs > lastSourceTs) return { kind: 'append', reason: 'later_rows' };
  return { kind: 'rewind', reason: 'history_changed', fromTsMs };
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
function startOf(action: Action, state: DailyState | null, changes: LoggedChanges, run: ItemContext['run']): number {
  if (action.kind === 'rebuild' || action.kind === 'clear' || action.reason === 'day_rules_changed') return -Infinity;
  const from = readAgainFrom(changes.firstTs as number, state?.lastSourceTs as number, run);
  return from <= EARLIEST_INSTANT_MS ? -Infinity : from;
}

/** The rules of the run's zone over the days of all bars, those before the tail included. */
function dayRulesOf(zone: string, state: DailyState | null, tail: DailyTail, bars: DailyBars): string {
  const firstTs = tail.previousBarTs === null ? bars.ts[0] : state?.firstBarTs;
  const lastTs = bars.ts[bars.length - 1] ?? tail.previousBarTs;
  return zoneFingerprint(zone, firstTs ?? 0, lastTs ?? 0);
}

function isEmpty(diff: DailyDiff): boolean {
  return [diff.bars, diff.staleBars, diff.rejects, diff.staleRejects].every(({ length }) => length === 0);
}

/**
 * Policy `warn`: rows behind the watermark stay as they are stored, and numbers go on from there; only of the newest day a later
 * row may take the place.
 */
async function newRowsOnly(
  tx: Session,
  id: number,
  zone: string,
  state: DailyState,
  seen: DailyTail,
): Promise<{ tail: DailyTail; source: SourceRows }> {
  const newestTs = state.lastSourceTs as number;
  const rowsUntilNewest = state.sourceRows ?? seen.rowsBefore;
  const after = await readSourceRows(tx, id, { afterTs: newestTs });
  const dayOf = civilDayOfInstant(zone);
  const isDayRevised = after.length > 0 && dayOf(after.ts[0] as number) === dayOf(newestTs);
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

/** What the operator must see when history changed behind the watermark (docs/operations.md#troubleshooting). */
function backfillNotices(
  id: number,
  state: DailyState | null,
  source: SourceRows,
  rowsBefore: number,
  isLogged: boolean,
  onBackfill: BackfillPolicy,
): Notice[] {
  if (state === null || state.lastSourceTs === null || !isLogged) return [];
  const hint = onBackfill === 'rebuild' ? '(rebuilt in this run)' : `(rebuild with --full-rebuild --ids ${id})`;
  const notice = (text: string): Notice[] => [
    { level: 'warning', event: 'backfill_detected', text: `Backfill detected for ID ${id}: ${text} ${hint}` },
  ];
  const firstTs = rowsBefore === 0 ? (source.ts[0] ?? Number.NaN) : Number.NaN;
  if (state.dailyMinSeen !== null && firstTs < state.dailyMinSeen) {
    return notice(`source starts ${isoDay(firstTs)}, state starts ${isoDay(state.dailyMinSeen)}`);
  }
  const before = rowsBefore + firstIndexAfter(source.ts, state.lastSourceTs);
  const difference = before - (state.sourceRows ?? before);
  if (difference === 0) return [];
  return notice(`${Math.abs(difference)} source rows ${difference > 0 ? 'added' : 'removed'} before the watermark`);
}

function isoDay(ts: number): string {
  return formatCivilDay(civilDayOfInstant('UTC')(ts));
}
