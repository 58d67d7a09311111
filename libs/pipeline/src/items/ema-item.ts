import { firstIndexAfter, firstIndexAtOrAfter, type Timeframe } from '@ta/bars-core/engine';
import {
  decodeVariantState,
  encodeVariantState,
  openVariantState,
  type VariantSpec,
  type LateCloses,
} from '@ta/ema-core/engine';
import {
  deleteEmas,
  deleteEmaStates,
  replaceEmaRows,
  writeEmaRejects,
  writeEmas,
  type ClosedBarsOf,
  type DailyState,
  type EmaReject,
  type EmaSeriesNumbers,
  type EmaStateRow,
} from '@ta/state-store';
import { DAILY, type EmaSource } from '../components.ts';
import { cutRows, type DailyRows } from '../daily-rows.ts';
import type { ItemContext } from '../item-context.ts';
import type { Reason } from '../plan/action.ts';
import type { PlannedStep } from '../plan/plan-asset.ts';
import { emaSpecOf } from '../plan/state-marks.ts';
import { noRows, warning, type Notice } from '../run-report.ts';
import type { StepResult } from './step-result.ts';
import { KeptRejects } from './kept-rejects.ts';
import { blockedResult, planEmaItem, rangesOf, rebuiltOf, rewoundFrom, type WriteAction } from './plan-item.ts';
import { untilAborted } from './until-aborted.ts';
import { packedChunks, replay, type EmaFold, type EmaLane } from './ema-rows.ts';

/** A timeframe with something to do. */
interface Work {
  readonly timeframe: Timeframe;
  readonly spec: VariantSpec;
  readonly paramsHash: string;
  readonly action: WriteAction;
  readonly state: EmaStateRow | undefined;
  readonly inputs: NonNullable<PlannedStep['inputs']>;
}

/**
 * One EMA table of one id (docs/emas.md): each timeframe appends from its stored state, or replays its inputs and replaces its
 * rows that differ, from the first instant that changed on. Rows and rejects change in the caller's transaction; the states are
 * in the result, for the caller to write in the same one.
 *
 * @param resetStampMs stamp of the id's `cmc_ema_refresh_state` row; a new row there rebuilds the table
 */
export async function refreshEmaTable(
  context: ItemContext,
  source: EmaSource,
  resetStampMs: number,
): Promise<StepResult> {
  const { tx, id, run } = context;
  const planned = await planEmaItem(context, source, resetStampMs);
  if (planned.strays.length > 0) await deleteEmaStates(tx, source.table, id, planned.strays);
  if (planned.blockedBy !== null)
    return blockedResult(context, planned.blockedBy, whyBlocked(source, planned.blockedBy));
  if (planned.isCleared) return clear(context, source);
  const states = new Map((await context.emaStates(source.table)).map((state) => [state.tf, state]));
  const work = planned.work.map((item): Work => {
    const state = states.get(item.timeframe.tf);
    return { ...item, ...emaSpecOf(run, source, item.timeframe), state, inputs: item.inputs as Work['inputs'] };
  });
  const [first] = work;
  if (first === undefined) return { status: 'noop', rows: noRows(), notices: [] };
  const daily = (await context.dailyState()) as DailyState;
  const { lastTs } = first.inputs;

  const isReplay = work.some((item) => item.action.kind !== 'append');
  const afterTs = isReplay ? -Infinity : Math.min(...work.map((item) => (item.state as EmaStateRow).lastTs));
  const [stored, bars, numbers, hasRejects] = await Promise.all([
    context.dailyRows(afterTs),
    source.bars === null ? null : context.closedBars(source.bars, afterTs),
    context.emaSeries(),
    context.hasEmaRejects(),
  ]);
  const rows = cutRows(stored, 0, firstIndexAfter(stored.ts, lastTs));
  const lanes = work.map((item) => openLane(item, source, rows, bars, numbers));

  const counts = { ...noRows(), read: rows.length };
  const [rebuilt, rewinds] = [rebuiltOf(work), rangesOf(work, rewoundFrom)];
  counts.deleted += await deleteEmas(tx, source.table, id, rebuilt);
  const violations = new KeptRejects<EmaReject>();
  const fold: EmaFold = {
    table: source.table,
    id,
    grid: rows,
    periods: run.periods,
    onViolation: (found) => violations.add(found),
  };
  const added = lanes.filter((_, i) => work[i]?.action.kind !== 'rewind');
  const chunks = (some: readonly EmaLane[]) => untilAborted(packedChunks(fold, some), context.signal);
  if (added.length > 0) counts.written += await writeEmas(tx, chunks(added));
  for (const { tfs, fromTs } of rewinds) {
    const rewound = lanes.filter(({ tf }) => tfs.includes(tf));
    replay(fold, rewound);
    const storedTs = Math.min(...tfs.map((tf) => (states.get(tf) as EmaStateRow).lastTs));
    const tails = { table: source.table, id, lanes: rewound, fromTs, storedTs, grid: rows.ts };
    const { deleted, written } = await replaceEmaRows(tx, tails, chunks(rewound));
    counts.deleted += deleted;
    counts.written += written;
  }
  // an earlier attempt that failed on a value that is not finite has left its reject after the last row
  const appended = rangesOf(work, appendedAfter).map(({ tfs, fromTs }) => ({ tfs, afterTs: fromTs }));
  const judged = hasRejects ? [rebuilt, ...rewinds, ...appended] : [];
  if (run.judgeEmas) {
    counts.rejected += await writeEmaRejects(
      tx,
      { table: source.table, id, runId: run.runId },
      violations.kept,
      judged,
    );
    counts.rejected += violations.left;
    counts.refused = violations.count;
  }
  const emaStates = lanes.map((lane, i) => stateRow(lane, work[i] as Work, daily, rows, resetStampMs));
  return {
    status: 'ok',
    rows: counts,
    notices: run.judgeEmas ? boundsNotices(id, violations) : [],
    emaStates: new Map([[source.table, emaStates]]),
  };
}

/** Last instant with stored rows of a timeframe that is continued; null if it is replayed. */
function appendedAfter({ action, state }: Work): number | null {
  return action.kind === 'append' ? (state?.lastTs ?? Number.NaN) : null;
}

function openLane(
  work: Work,
  source: EmaSource,
  rows: DailyRows,
  bars: ClosedBarsOf | null,
  numbers: EmaSeriesNumbers,
): EmaLane {
  const { timeframe, spec, action } = work;
  const { tf, nominalDays: tfDays } = timeframe;
  const series = numbers({ table: source.table, tf, tfDays, periods: spec.periods });
  if (series === undefined) throw new Error(`${source.table}: ema_series has no series of ${tf}`);
  const common = { tf, series, ...closesOf(timeframe, source, rows, bars) };
  if (action.kind === 'append') {
    const stored = work.state as EmaStateRow;
    const from = firstIndexAfter(rows.ts, stored.lastTs);
    return { ...common, state: decodeVariantState(spec, stored.resume), emitFrom: from };
  }
  const emitFrom = action.kind === 'rewind' ? firstIndexAtOrAfter(rows.ts, action.fromTsMs) : 0;
  return { ...common, state: openVariantState(spec), emitFrom };
}

/** The grid rows on which bars of a timeframe close, or become known as closed, with their closing prices. */
function closesOf(
  timeframe: Timeframe,
  source: EmaSource,
  rows: DailyRows,
  bars: ClosedBarsOf | null,
): Pick<EmaLane, 'closed' | 'closePx' | 'late'> {
  const length = rows.ts.length;
  const closed = new Uint8Array(length);
  if (bars === null) {
    // v2 canonical days: the daily bars of the T-th, 2T-th … source row since inception (docs/emas.md#families)
    for (let i = 0; i < length; i++) closed[i] = rows.barSeq[i] % timeframe.quantity === 0 ? 1 : 0;
    return { closed, closePx: rows.close };
  }
  if (source.hasDaily && timeframe.tf === DAILY) return { closed: closed.fill(1), closePx: rows.close };
  const closePx = new Float64Array(length);
  let late: LateCloses | undefined;
  const own = bars(timeframe.tf);
  for (const [i, ts] of own.closedAt.entries()) {
    if (ts > rows.ts[length - 1]) break;
    const row = firstIndexAtOrAfter(rows.ts, ts);
    // every bar is built from daily bars, so it must close on a daily row; otherwise the two tables contradict each other
    if (rows.ts[row] !== ts) throw offGrid(source, timeframe.tf, ts);
    const isLate = ts !== own.timeClose[i];
    if (isLate) late ??= { closed: new Uint8Array(length), closePx: new Float64Array(length) };
    const columns = isLate ? (late as LateCloses) : { closed, closePx };
    columns.closed[row] = 1;
    columns.closePx[row] = own.close[i];
  }
  return { closed, closePx, late };
}

/** The error when the bar table and the daily table contradict each other, so that nothing may be computed from them. */
function offGrid(source: EmaSource, tf: string, ts: number): Error {
  const at = new Date(ts).toISOString();
  return new Error(`${source.table}: bar ${tf} closes at ${at}, where there is no daily bar; rebuild its bars`);
}

function stateRow(lane: EmaLane, work: Work, daily: DailyState, rows: DailyRows, resetStampMs: number): EmaStateRow {
  const { lastTs, barsBuiltAtMs } = work.inputs;
  const lastRow = lane.closed.lastIndexOf(1);
  // an append has only the new rows, and the latest canonical row may be before them
  const earlierTs = work.action.kind === 'append' ? (work.state as EmaStateRow).lastCanonicalTs : Number.NaN;
  const canonicalTs = lastRow >= 0 ? rows.ts[lastRow] : earlierTs;
  return {
    tf: lane.tf,
    paramsHash: work.paramsHash,
    periods: work.spec.periods,
    dailyMinTs: daily.firstBarTs,
    dailyMaxTs: lastTs,
    lastTs,
    lastCanonicalTs: canonicalTs,
    rowsSeen: lane.state.rowsSeen,
    barsSeen: lane.state.barsSeen,
    dailyBuiltAtMs: daily.fullBuiltAtMs,
    barsBuiltAtMs,
    sourceRevision: daily.revision,
    resetStampMs,
    resume: encodeVariantState(lane.state),
  };
}

function boundsNotices(id: number, violations: KeptRejects<EmaReject>): Notice[] {
  if (violations.count === 0) return [];
  const perKey = new Map<string, number>();
  for (const { tf, period } of violations.kept) perKey.set(`${tf}/${period}`, (perKey.get(`${tf}/${period}`) ?? 0) + 1);
  const shown = [...perKey].slice(0, 5).map(([key, n]) => `${key}: ${n}`);
  const more = perKey.size > shown.length ? `, and ${perKey.size - shown.length} more` : '';
  const left = violations.left === 0 ? '' : `; ${violations.left} more are counted but not stored`;
  const text = `EMA validation failed: price bounds violated for id ${id} (${shown.join(', ')}${more}${left}); see ema_rejects (ta rejects --emas --ids ${id})`;
  return [warning('ema_bounds', text)];
}

function whyBlocked(source: EmaSource, reason: Reason): string {
  return reason === 'bars_behind'
    ? `${source.table} EMAs are unchanged: their bars are behind the daily bars`
    : `${source.table} EMAs cannot be computed: there are no daily bars yet`;
}

/** Deletes the EMAs of an id without daily bars, whether they have a state or not. */
async function clear({ tx, id, run }: ItemContext, source: EmaSource): Promise<StepResult> {
  const deleted = await deleteEmas(tx, source.table, id, { fromTs: -Infinity });
  await writeEmaRejects(tx, { table: source.table, id, runId: run.runId }, [], [{ fromTs: -Infinity }]);
  await deleteEmaStates(tx, source.table, id);
  return { status: 'no_bars', rows: { ...noRows(), deleted }, notices: [] };
}
