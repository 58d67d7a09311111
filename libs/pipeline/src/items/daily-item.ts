import {
  buildDaily,
  civilDayOfInstant,
  formatCivilDay,
  openingOfCivilDay,
  matchesZone,
  zoneFingerprint,
  type DailyBars,
  type DailyBuild,
  type DailyRejects,
} from '@ta/bars-core/engine';
import {
  deleteDaily,
  EARLIEST_INSTANT_MS,
  logChanges,
  readDailyTail,
  readSourceFacts,
  readSourceRows,
  recordRowsBeyond,
  restoreRejectInstants,
  takeChanges,
  writeDailyState,
  writeDayRules,
  replaceDailyRows,
  type ColumnTable,
  type DailyState,
  type DailyTail,
  type EmaStateRow,
  type EmaTable,
  type SourceChanges,
  type SourceRows,
} from '@ta/state-store';
import { barColumns, diffDaily, rejectColumns, type DailyDiff } from './daily-diff.ts';
import { firstIndexAtOrAfter, type ItemContext } from '../item-context.ts';
import type { BackfillPolicy } from '../run-settings.ts';
import { noRows, type ItemStatus, type Notice, type RowCounts } from '../run-report.ts';

const ONE_DAY_MS = 86_400_000;

/** What a step did, before timing and bookkeeping are added. */
export interface StepResult {
  readonly status: ItemStatus;
  readonly rows: RowCounts;
  readonly notices: Notice[];
  /** Why the step is undone although it did not throw. */
  readonly error?: unknown;
  /** EMA states to be stored with the rows, by table. */
  readonly emaStates?: ReadonlyMap<EmaTable, readonly EmaStateRow[]>;
}

/** A backfill that policy `fail` refuses. */
export class BackfillRefused extends Error {
  override readonly name = 'BackfillRefused';
  readonly code = 'PIPELINE_BACKFILL_REFUSED';
}

/**
 * The 1D step of one id (bars.md 3.1, 4.1): source rows become bars or rejects, and what differs from the stored rows
 * is replaced, with its state, in the caller's transaction.
 *
 * The invalidation log says from where on the source may differ; it is consumed first, so that a change committed while
 * this runs is kept for the next run.
 */
export async function refreshDaily(context: ItemContext): Promise<StepResult> {
  const { tx, id, run } = context;
  const changes = await takeChanges(tx, id);
  const state = await context.dailyState();
  const start = startOfWork(context, state, changes.firstTs);
  if (start === null) return { status: 'noop', rows: noRows(), notices: [] };
  const { from, areOtherRules } = start;

  let tail = await readDailyTail(tx, id, from);
  let source = await readSourceRows(tx, id, { fromTs: from });
  if (source.length === 0 && tail.rowsBefore === 0 && tail.rowsBeyond === 0) return forget(context);

  const isLogged = changes.firstTs !== null && !start.isRebuild;
  const notices = backfillNotices(id, state, source, tail.rowsBefore, isLogged, run.onBackfill);
  const untrue = state !== null && !isTrue(state) ? [untrueNotice(state)] : [];
  if (notices.length > 0 && run.onBackfill === 'fail') throw new BackfillRefused(notices[0]?.text);
  const isHistoryKept = notices.length > 0 && run.onBackfill === 'warn';
  if (isHistoryKept) {
    ({ tail, source } = await newRowsOnly(context, state as DailyState, changes, tail));
    if (source.length === 0) return { status: 'noop', rows: noRows(), notices };
  }

  const built = buildDaily(source, {
    zone: run.zone,
    rowsBefore: tail.rowsBefore,
    previousBarDay: tail.previousBarDay,
  });
  const bars = barColumns(id, source, built.bars);
  const rejects = rejectColumns(id, source, built.rejects);
  const diff = diffDaily(bars, rejects, tail);
  const hasOtherDays = areOtherRules && diff.otherDays > 0;
  if (areOtherRules && isEmpty(diff)) {
    // these rules give the same days
    await writeDayRules(tx, id, dayRulesOf(context, state, tail, built.bars));
    context.forget();
    return { status: 'noop', rows: noRows(), notices: [] };
  }
  await replaceDailyRows(tx, id, {
    bars: { data: bars, rows: built.bars.length, select: diff.bars },
    staleBars: diff.staleBars,
    rejects: { data: rejects, rows: built.rejects.length, select: diff.rejects },
    staleRejects: diff.staleRejects,
  });
  await restoreRejectInstants(tx, id, rejectsBeyond(source, built.rejects));
  const newBeyond = tail.rowsBeyond === 0 ? 0 : await recordRowsBeyond(tx, id);
  await writeState(context, state, source, built, tail, diff, {
    isRebuild: start.isRebuild || hasOtherDays,
    dayRules:
      areOtherRules && isHistoryKept ? (state?.dayRules as string) : dayRulesOf(context, state, tail, built.bars),
  });
  context.forget();
  const otherDays = hasOtherDays ? [otherDaysNotice(id, run.zone, diff.otherDays)] : [];
  return {
    status: 'ok',
    rows: counts(source, built, diff, newBeyond),
    notices: [...untrue, ...otherDays, ...notices],
  };
}

/** The rules of the run's zone over the days of all bars, those before the tail included. */
function dayRulesOf({ run }: ItemContext, state: DailyState | null, tail: DailyTail, bars: DailyBars): string {
  const firstTs = tail.previousBarTs === null ? bars.ts[0] : state?.firstBarTs;
  const lastTs = bars.ts[bars.length - 1] ?? tail.previousBarTs;
  return zoneFingerprint(run.zone, firstTs ?? 0, lastTs ?? 0);
}

function isEmpty(diff: DailyDiff): boolean {
  return [diff.bars, diff.staleBars, diff.rejects, diff.staleRejects].every(({ length }) => length === 0);
}

/**
 * Whether a state names the newest bar that is stored (one edited by hand, or restored from elsewhere, may not) and the rules by
 * which the days of the bars were decided (bars of an older version have none).
 */
export function isTrue(state: DailyState): boolean {
  return whatIsUntrue(state) === null;
}

function whatIsUntrue(state: DailyState): string | null {
  if (!Object.is(state.lastSourceTs ?? Number.NaN, state.newestBarTs)) return 'the newest daily bar that is stored';
  return state.dayRules === null ? 'the rules by which the days of the bars were decided' : null;
}

/** A step that reads daily bars met a state that is not theirs, and the 1D step is not part of the run. */
export class UntrueState extends Error {
  override readonly name = 'UntrueState';
  readonly code = 'PIPELINE_UNTRUE_STATE';
  readonly hint = 'Run all builders: the daily bars are built again, and everything after them.';

  constructor(state: DailyState) {
    super(`id ${state.id}: cmc_price_bars_1d_state does not name ${whatIsUntrue(state)}`);
  }
}

/** @throws UntrueState */
export function assertTrue(state: DailyState | null): void {
  if (state !== null && !isTrue(state)) throw new UntrueState(state);
}

/** What the 1D step reads again. */
interface WorkStart {
  /** Instant of the first source row, epoch ms; −∞ for everything. */
  readonly from: number;
  /** The bars are built from nothing, and everything after them. */
  readonly isRebuild: boolean;
  /** The zone's rules are not those by which the stored days were decided: whether they give other days is to be seen. */
  readonly areOtherRules: boolean;
}

/** Where the work begins; null for nothing to do. */
function startOfWork({ run }: ItemContext, state: DailyState | null, changedTs: number | null): WorkStart | null {
  const everything = { from: Number.NEGATIVE_INFINITY, isRebuild: true, areOtherRules: false };
  if (state === null || !isTrue(state) || run.fullRebuild || state.zone !== run.zone) return everything;
  if (!matchesZone(state.dayRules as string, run.zone)) return { ...everything, isRebuild: false, areOtherRules: true };
  if (changedTs === null) return null;
  if (state.lastSourceTs === null) return everything;
  const ts = Math.min(changedTs, state.lastSourceTs - run.lookbackDays * ONE_DAY_MS + 1);
  const from = dayStart(ts, run.zone);
  return {
    from: from <= EARLIEST_INSTANT_MS ? Number.NEGATIVE_INFINITY : from,
    isRebuild: false,
    areOtherRules: false,
  };
}

/** Close instants of rejects with an instant that no number stands for. */
function rejectsBeyond(source: SourceRows, rejects: DailyRejects): number[] {
  const instants = [source.timeOpen, source.timeClose, source.timeHigh, source.timeLow, source.loadTs];
  const isBeyond = (row: number) => instants.some((column) => Math.abs(column[row] as number) === Infinity);
  return Array.from(rejects.sourceIndex)
    .filter(isBeyond)
    .map((row) => source.ts[row] as number);
}

/** The first instant of a civil day: rows of one day are judged together, because the latest of them is the day. */
function dayStart(ts: number, zone: string): number {
  return openingOfCivilDay(zone)(civilDayOfInstant(zone)(ts));
}

/**
 * Policy `warn`: rows behind the watermark stay as they are stored, and numbers go on from there; only of the newest day a later
 * row may take the place. The change goes back into the log, so that every run tells of it until one may rebuild.
 */
async function newRowsOnly(
  context: ItemContext,
  state: DailyState,
  changes: SourceChanges,
  seen: DailyTail,
): Promise<{ tail: DailyTail; source: SourceRows }> {
  const { tx, id, run } = context;
  const { firstTs, lastTs, rows } = changes;
  await logChanges(tx, [{ id, firstTs: firstTs as number, lastTs: lastTs as number, rows }]);
  const newestTs = state.lastSourceTs as number;
  const rowsUntilNewest = state.sourceRows ?? seen.rowsBefore;
  const after = await readSourceRows(tx, id, { fromTs: newestTs + 0.001 });
  const dayOf = civilDayOfInstant(run.zone);
  const isDayRevised = after.length > 0 && dayOf(after.ts[0] as number) === dayOf(newestTs);
  if (!isDayRevised) {
    const tail = await readDailyTail(tx, id, newestTs + 0.001);
    return { tail: { ...tail, rowsBefore: rowsUntilNewest }, source: after };
  }
  const from = dayStart(newestTs, run.zone);
  const tail = await readDailyTail(tx, id, from);
  const storedUntil = (rows: ColumnTable) => countUpTo(rows.number('timestamp'), newestTs);
  const rowsBefore = rowsUntilNewest - storedUntil(tail.bars) - storedUntil(tail.rejects);
  return { tail: { ...tail, rowsBefore }, source: await readSourceRows(tx, id, { fromTs: from }) };
}

/** What the operator must see when history changed behind the watermark (operations.md 6). */
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
  const before = rowsBefore + countUpTo(source.ts, state.lastSourceTs);
  const difference = before - (state.sourceRows ?? before);
  if (difference === 0) return [];
  return notice(`${Math.abs(difference)} source rows ${difference > 0 ? 'added' : 'removed'} before the watermark`);
}

function untrueNotice(state: DailyState): Notice {
  const text = `id ${state.id}: the state of its daily bars did not name ${whatIsUntrue(state)}; everything is built again`;
  return { level: 'warning', event: 'untrue_state', text };
}

function otherDaysNotice(id: number, zone: string, days: number): Notice {
  const text = `id ${id}: the rules of zone ${zone} have changed, ${days} stored day(s) are other days now; everything is built again`;
  return { level: 'warning', event: 'other_days', text };
}

function isoDay(ts: number): string {
  return formatCivilDay(civilDayOfInstant('UTC')(ts));
}

/** How many instants of an ascending column are at or before `ts`. */
function countUpTo(column: Float64Array, ts: number): number {
  return firstIndexAtOrAfter(column, ts + 0.001);
}

async function writeState(
  context: ItemContext,
  old: DailyState | null,
  source: SourceRows,
  built: DailyBuild,
  tail: DailyTail,
  diff: DailyDiff,
  { isRebuild, dayRules }: { readonly isRebuild: boolean; readonly dayRules: string },
): Promise<void> {
  const { tx, id, run } = context;
  const { bars, rejects } = built;
  const lastBarTs = bars.length > 0 ? (bars.ts[bars.length - 1] as number) : tail.previousBarTs;
  const isHistoryChanged =
    !isRebuild && diff.firstChangedTs !== null && diff.firstChangedTs <= (old?.lastSourceTs ?? -Infinity);
  const revision = isRebuild ? 0 : (old?.revision ?? 0) + (isHistoryChanged ? 1 : 0);
  // new rows after the stored ones cannot move the first row: only when one of these (bar or reject) vanished, moved or
  // changed is the whole source looked at again
  const isAppend = !isRebuild && diff.staleBars.length === 0 && diff.staleRejects.length === 0;
  const [facts] = isAppend ? [] : await readSourceFacts(tx, [id]);
  await writeDailyState(tx, id, {
    zone: run.zone,
    dayRules,
    lastSourceTs: lastBarTs,
    dailyMinSeen: knownOrNull(facts?.firstTs ?? old?.dailyMinSeen),
    sourceRows: lastBarTs === null ? 0 : tail.rowsBefore + countUpTo(source.ts, lastBarTs),
    sourceMaxLoadTs: facts?.maxLoadTs ?? newestLoadTs(old, source),
    isFullBuild: isRebuild,
    revisedFromTs: isHistoryChanged ? diff.firstChangedTs : null,
    revision,
    lastUpserted: diff.bars.length,
    lastRepairedTimeHigh: total(bars.repairedTimeHigh, diff.bars),
    lastRepairedTimeLow: total(bars.repairedTimeLow, diff.bars),
    lastRejected: rejects.length,
  });
}

/** The newest load time of all rows seen; NaN where none has one. */
function newestLoadTs(old: DailyState | null, source: SourceRows): number {
  const known = source.loadTs.filter(Number.isFinite);
  const newest = known.reduce((most, ts) => Math.max(most, ts), old?.sourceMaxLoadTs ?? Number.NEGATIVE_INFINITY);
  return Number.isFinite(newest) ? newest : Number.NaN;
}

function knownOrNull(ts: number | null | undefined): number | null {
  return ts === undefined || Number.isNaN(ts) ? null : ts;
}

function total(flags: Uint8Array, rows: Int32Array): number {
  return rows.reduce((sum, row) => sum + (flags[row] as number), 0);
}

function counts(source: SourceRows, { bars, rejects }: DailyBuild, diff: DailyDiff, newBeyond: number): RowCounts {
  const clamps = [bars.repairedHigh, bars.repairedLow];
  const repairs = [bars.repairedTimeHigh, bars.repairedTimeLow, ...clamps];
  const isFlagged = (flags: readonly Uint8Array[]) => (row: number) => flags.some((column) => column[row] === 1);
  return {
    read: source.length,
    written: diff.bars.length,
    deleted: diff.staleBars.length,
    rejected: diff.rejects.length + newBeyond,
    repaired: diff.bars.filter(isFlagged(repairs)).length,
    // an earlier row of a day that has a later one is no fault of the source
    refused: rejects.reason.filter((reason) => reason !== 'superseded_by_later_row').length,
    clamped: Array.from({ length: bars.length }, (_, row) => row).filter(isFlagged(clamps)).length,
    gaps: total(bars.isMissingDays, diff.bars),
  };
}

/** An id whose source rows are all gone has no bars, no rejects and no state. */
async function forget(context: ItemContext): Promise<StepResult> {
  const rows = { ...noRows(), deleted: await deleteDaily(context.tx, context.id) };
  context.forget();
  const text = `id ${context.id} has no rows in cmc_price_histories7`;
  return { status: 'no_source', rows, notices: [{ level: 'warning', event: 'missing_data', text }] };
}
