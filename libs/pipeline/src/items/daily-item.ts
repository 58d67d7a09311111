import {
  firstIndexAfter,
  tradingDaysText,
  type DailyBuild,
  type DailyRejects,
  type SourceSeries,
} from '@ta/bars-core/engine';
import {
  deleteDaily,
  logChanges,
  readSourceFacts,
  recordRowsBeyond,
  replaceDailyRows,
  restoreRejectInstants,
  takeChanges,
  writeDailyState,
  writeDayRules,
  type DailyDiff,
  type DailyState,
  type SourceChanges,
} from '@ta/state-store';
import type { ItemContext } from '../item-context.ts';
import { whatIsUntrue } from '../plan/asset-facts.ts';
import { planDaily } from '../plan/plan-daily.ts';
import { noRows, warning, type Notice, type RowCounts } from '../run-report.ts';
import { lookAtDaily, type DailyChange } from './look-at-daily.ts';
import { beyondRejectNotices, newestRejectNotices } from './newest-rejects.ts';
import type { StepResult } from './step-result.ts';

/** A backfill that policy `fail` refuses. */
class BackfillRefused extends Error {
  override readonly name = 'BackfillRefused';
  readonly code = 'PIPELINE_BACKFILL_REFUSED';
}

/**
 * The 1D step of one id (docs/bars.md#daily-bars): source rows become bars or rejects. Stored rows that differ are replaced, and
 * the state is updated, in the caller's transaction.
 *
 * The invalidation log shows from which row on the source may have changed. Its entries are taken first, so that a change
 * committed while this step runs stays in the log for the next run.
 */
export async function refreshDaily(context: ItemContext): Promise<StepResult> {
  const { tx, id, run } = context;
  const [changes, state] = await Promise.all([takeChanges(tx, id), context.dailyState()]);
  const tradingDays = tradingDaysText(await context.tradingDays());
  const facts = { daily: state, changedFromTs: changes.firstTs, hasSource: true, tradingDays };
  const action = planDaily(facts, run, true);
  if (action.kind === 'noop') return { status: 'noop', rows: noRows(), notices: [] };
  const look = await lookAtDaily(context, state, changes, action);
  switch (look.kind) {
    case 'refused':
      throw new BackfillRefused(look.notices[0]?.text);
    case 'gone':
      return clear(context);
    case 'kept':
      await logAgain(context, changes);
      return { status: 'noop', rows: noRows(), notices: look.notices };
    case 'same_days':
      if (look.isHistoryKept) await logAgain(context, changes);
      await writeDayRules(tx, id, look.dayRules);
      context.forget();
      return { status: 'noop', rows: noRows(), notices: [] };
    case 'rows':
      if (look.isHistoryKept) await logAgain(context, changes);
      return write(context, state, look);
  }
}

/** Puts a change that was not processed back into the log, so that every run reports it until one is allowed to rebuild. */
async function logAgain({ tx, id }: ItemContext, { firstTs, lastTs, rows }: SourceChanges): Promise<void> {
  await logChanges(tx, [{ id, firstTs: firstTs as number, lastTs: lastTs as number, rows }]);
}

async function write(context: ItemContext, state: DailyState | null, change: DailyChange): Promise<StepResult> {
  const { tx, id } = context;
  const { source, tail, built, diff, notices } = change;
  await replaceDailyRows(tx, id, diff);
  await restoreRejectInstants(tx, id, rejectsBeyond(source, built.rejects));
  const newBeyond = tail.rowsBeyond + tail.rejectsBeyond === 0 ? 0 : await recordRowsBeyond(tx, id);
  await writeState(context, state, change);
  const newRejects = newRejectsOf(change);
  context.forget();
  if (change.revised !== null) context.noteRevision(change.next.revision, change.revised.lastTs);
  return {
    status: 'ok',
    rows: counts(source, built, diff, newRejects.length + newBeyond),
    notices: [
      ...rebuildNotices(id, state === null ? null : whatIsUntrue(state), change),
      ...notices,
      ...newestRejectNotices(id, source, built.rejects, newRejects, newestKnown(state, change)),
      ...beyondRejectNotices(id, newBeyond),
    ],
  };
}

/** Close instant of the newest bar before this run or, if everything is rebuilt, of the newest bar built; −∞ without any. */
function newestKnown(state: DailyState | null, { isRebuild, built: { bars } }: DailyChange): number {
  const before = isRebuild ? null : (state?.lastSourceTs ?? null);
  return before ?? bars.ts[bars.length - 1] ?? Number.NEGATIVE_INFINITY;
}

/** Close instants of rejects with an instant outside of the representable years. */
function rejectsBeyond(source: SourceSeries, rejects: DailyRejects): number[] {
  const instants = [source.timeOpen, source.timeClose, source.timeHigh, source.timeLow, source.loadTs];
  const isBeyond = (row: number) => instants.some((column) => Math.abs(column[row]) === Infinity);
  return Array.from(rejects.sourceIndex)
    .filter(isBeyond)
    .map((row) => source.ts[row]);
}

/** Notices about why everything is rebuilt. */
function rebuildNotices(id: number, untrue: string | null, { next, diff, hasOtherDays }: DailyChange): Notice[] {
  const lack = `the state of its daily bars did not name ${untrue}`;
  const days = `the rules of zone ${next.zone} have changed, ${diff.otherDays} stored row(s) now belong to another day`;
  return [
    ...(untrue === null ? [] : [warning('untrue_state', `id ${id}: ${lack}; everything is rebuilt`)]),
    ...(hasOtherDays ? [warning('other_days', `id ${id}: ${days}; everything is rebuilt`)] : []),
  ];
}

async function writeState({ tx, id }: ItemContext, old: DailyState | null, change: DailyChange): Promise<void> {
  const { source, built, diff, isRebuild, next, revised } = change;
  const { bars, rejects } = built;
  const { zone, revision, lastSourceTs } = next;
  // new rows after the stored ones cannot change the oldest source row; the whole source is read again only when a stored
  // row (bar or reject) vanished, moved or changed
  const isAppend = !isRebuild && diff.staleBars.length === 0 && diff.staleRejects.length === 0;
  const facts = isAppend ? null : await readSourceFacts(tx, id);
  await writeDailyState(tx, id, {
    ...{ zone, revision, lastSourceTs, revisedFromTs: revised?.fromTs ?? null },
    dayRules: next.dayRules as string,
    tradingDays: next.tradingDays,
    dailyMinSeen: knownOrNull(facts?.firstTs ?? old?.dailyMinSeen),
    sourceRows: lastSourceTs === null ? 0 : rowsUntil(lastSourceTs, change),
    sourceMaxLoadTs: facts?.maxLoadTs ?? newestLoadTs(old, source),
    isFullBuild: isRebuild,
    lastUpserted: diff.bars.select.length,
    lastRepairedTimeHigh: total(bars.repairedTimeHigh, diff.bars.select),
    lastRepairedTimeLow: total(bars.repairedTimeLow, diff.bars.select),
    lastRejected: rejects.length,
  });
}

/** Source rows at or before the newest bar, which may lie before the rows that were read. */
function rowsUntil(lastSourceTs: number, { source, tail, built }: DailyChange): number {
  if (built.bars.length === 0) return tail.rowsBefore - tail.rejectsBefore;
  return tail.rowsBefore + firstIndexAfter(source.ts, lastSourceTs);
}

/** The newest load time of all rows; NaN if none has one. */
function newestLoadTs(old: DailyState | null, source: SourceSeries): number {
  const known = source.loadTs.filter(Number.isFinite);
  const newest = known.reduce((most, ts) => Math.max(most, ts), old?.sourceMaxLoadTs ?? Number.NEGATIVE_INFINITY);
  return Number.isFinite(newest) ? newest : Number.NaN;
}

function knownOrNull(ts: number | null | undefined): number | null {
  return ts === undefined || Number.isNaN(ts) ? null : ts;
}

function total(flags: Uint8Array, rows: Int32Array): number {
  return rows.reduce((sum, row) => sum + flags[row], 0);
}

/** The written rejects that are new: not those that are only written again, because their place among the rows changed. */
function newRejectsOf({ source, tail, built: { rejects }, diff }: DailyChange): Int32Array {
  const reasons = tail.rejects.text('reason');
  const loadTs = tail.rejects.number('src_load_ts');
  // a row that was loaded again is another one
  const known = new Map(
    Array.from(tail.rejects.number('timestamp'), (ts, row) => [ts, `${reasons[row]} ${loadTs[row]}`]),
  );
  return diff.rejects.select.filter((at) => {
    const row = rejects.sourceIndex[at];
    return known.get(source.ts[row]) !== `${rejects.reason[at]} ${source.loadTs[row]}`;
  });
}

function counts(source: SourceSeries, { bars, rejects }: DailyBuild, diff: DailyDiff, rejected: number): RowCounts {
  const clamps = [bars.repairedHigh, bars.repairedLow];
  const repairs = [bars.repairedWindow, bars.repairedTimeHigh, bars.repairedTimeLow, ...clamps];
  const isFlagged = (flags: readonly Uint8Array[]) => (row: number) => flags.some((column) => column[row] === 1);
  return {
    read: source.length,
    written: diff.bars.select.length,
    deleted: diff.staleBars.length,
    rejected,
    repaired: diff.bars.select.filter(isFlagged(repairs)).length,
    // a row that a later row of its day supersedes is not a fault of the source
    refused: rejects.reason.filter((reason) => reason !== 'superseded_by_later_row').length,
    clamped: Array.from({ length: bars.length }, (_, row) => row).filter(isFlagged(clamps)).length,
    gaps: total(bars.isMissingDays, diff.bars.select),
  };
}

/** An id whose source rows are all gone has no bars, no rejects and no state. */
async function clear(context: ItemContext): Promise<StepResult> {
  const rows = { ...noRows(), deleted: await deleteDaily(context.tx, context.id) };
  context.forget();
  const text = `id ${context.id} has no rows in cmc_price_histories7`;
  return { status: 'no_source', rows, notices: [warning('missing_data', text)] };
}
