import {
  barStateFacts,
  buildSnapshots,
  closedByNextRow,
  createSnapshotColumns,
  decodeBarState,
  encodeBarState,
  firstIndexAfter,
  firstIndexAtOrAfter,
  openBarState,
  specOf,
  type BarFamily,
  type DailySeries,
  type Timeframe,
  type TradingDays,
} from '@ta/bars-core/engine';
import {
  BAR_TABLES,
  copyInSql,
  deleteBars,
  deleteBarStates,
  readStamp,
  writeBarRejects,
  writeBarStates,
  writeClosedAt,
  type BarStateRow,
  type DailyState,
} from '@ta/state-store';
import type { StepResult } from './step-result.ts';
import { untilAborted } from './until-aborted.ts';
import { barTuples, type BarLane, type GuardHit } from './bar-rows.ts';
import { KeptRejects } from './kept-rejects.ts';
import { blockedResult, planBarItem, rangesOf, replayedFrom, type WriteAction } from './plan-item.ts';
import type { ItemContext } from '../item-context.ts';
import { noRows } from '../run-report.ts';

/** A timeframe with something to do. */
interface Work {
  readonly timeframe: Timeframe;
  readonly action: WriteAction;
  readonly state: BarStateRow | undefined;
}

/**
 * One multi-day bar family of one id (docs/bars.md): each timeframe appends from its stored state, or replays history
 * and replaces its rows from the first instant that changed. Data and state change in the caller's transaction.
 */
export async function refreshBarFamily(context: ItemContext, family: BarFamily): Promise<StepResult> {
  const { tx, id, run } = context;
  const planned = await planBarItem(context, family);
  if (planned.strays.length > 0) await deleteBarStates(tx, family, id, planned.strays);
  if (planned.blockedBy !== null) {
    return blockedResult(context, planned.blockedBy, `${family} bars cannot be built: there are no daily bars yet`);
  }
  if (planned.isCleared) return clear(context, family);
  const states = new Map((await context.barStates(family)).map((state) => [state.tf, state]));
  const work = planned.work.map((item): Work => ({ ...item, state: states.get(item.timeframe.tf) }));
  if (work.length === 0) return { status: 'noop', rows: noRows(), notices: [] };
  const daily = (await context.dailyState()) as DailyState;

  const rows = await context.dailyRows(lastKnownTs(work));
  const counts = { ...noRows(), read: rows.length };
  for (const group of rangesOf(work, replayedFrom)) counts.deleted += await deleteBars(tx, family, id, group);

  const guards = new KeptRejects<GuardHit>();
  const trading = await context.tradingDays();
  const lanes = work.map((item) => openLane(item, rows, trading));
  await tellLateCloses(context, family, lanes, rows, trading);
  const layout = BAR_TABLES[family].layout;
  const tuples = barTuples(id, rows, trading, lanes, layout, counts, (hit) => guards.add(hit));
  await tx.copyIn(copyInSql(layout), untilAborted(tuples, context.signal));
  if (guards.count > 0) {
    counts.rejected += guards.left + (await writeBarRejects(tx, family, id, guards.kept));
  }

  const builtAtMs = work.some((item) => item.action.kind === 'rebuild') ? await readStamp(tx) : Number.NaN;
  await writeBarStates(
    tx,
    family,
    id,
    lanes.map((lane, i) => stateRow(lane, work[i] as Work, daily, run.zone, builtAtMs)),
  );
  return { status: 'ok', rows: counts, notices: [] };
}

/** The instant after which the daily series must begin: everything for a replay, only the new rows for appends. */
function lastKnownTs(work: readonly Work[]): number {
  const appends = work.map((item) =>
    item.action.kind === 'append' ? (item.state as BarStateRow).dailyMaxTs : -Infinity,
  );
  return Math.min(...appends);
}

/**
 * Says of the stored row before the first new one of each timeframe when its bar was known closed: the new rows may close it, and
 * those that were there before may have done so. No other column of a stored row ever changes.
 */
async function tellLateCloses(
  { tx, id }: ItemContext,
  family: BarFamily,
  lanes: readonly BarLane[],
  rows: DailySeries,
  trading: TradingDays,
): Promise<void> {
  const groups = new Map<string, { timeClose: number; closedAt: number | null; tfs: string[] }>();
  for (const { timeframe, state, emitFrom } of lanes) {
    const next = emitFrom < rows.length ? { day: rows.day[emitFrom] as number, ts: rows.ts[emitFrom] as number } : null;
    const closedAt = closedByNextRow(state, trading, next);
    if (closedAt === null) continue;
    const key = `${state.lastTs} ${closedAt}`;
    const group = groups.get(key) ?? {
      timeClose: state.lastTs,
      closedAt: Number.isNaN(closedAt) ? null : closedAt,
      tfs: [],
    };
    group.tfs.push(timeframe.tf);
    groups.set(key, group);
  }
  for (const group of groups.values()) await writeClosedAt(tx, family, id, group);
}

function openLane(work: Work, rows: DailySeries, trading: TradingDays): BarLane {
  const { timeframe, action } = work;
  if (action.kind === 'append') {
    const stored = work.state as BarStateRow;
    const state = decodeBarState(timeframe, stored.resume);
    return { timeframe, state, emitFrom: firstIndexAfter(rows.ts, stored.dailyMaxTs) };
  }
  const state = openBarState(timeframe);
  const emitFrom = action.kind === 'rewind' ? firstIndexAtOrAfter(rows.ts, action.fromTsMs) : 0;
  replay(rows, timeframe, state, emitFrom, trading);
  return { timeframe, state, emitFrom };
}

/** Pushes the first `until` rows without keeping their snapshots. */
function replay(
  rows: DailySeries,
  timeframe: Timeframe,
  state: BarLane['state'],
  until: number,
  trading: TradingDays,
): void {
  const scratch = createSnapshotColumns(Math.min(until, 1024));
  for (let from = 0; from < until; from += scratch.capacity) {
    scratch.length = 0;
    const to = Math.min(from + scratch.capacity, until);
    buildSnapshots(rows, timeframe, { state, from, until: to, out: scratch, trading });
  }
}

function stateRow(lane: BarLane, work: Work, daily: DailyState, zone: string, builtAtMs: number): BarStateRow {
  const facts = barStateFacts(lane.state);
  return {
    tf: lane.timeframe.tf,
    zone,
    spec: specOf(lane.timeframe),
    dailyMinTs: daily.firstBarTs,
    dailyMaxTs: daily.lastSourceTs as number,
    lastBarSeq: facts.lastBarSeq,
    lastCloseTs: facts.lastBarSeq === null ? Number.NaN : facts.lastTs,
    rowsSeen: facts.rowsSeen,
    sourceBuiltAtMs: daily.fullBuiltAtMs,
    sourceRevision: daily.revision,
    builtAtMs: work.action.kind === 'rebuild' ? builtAtMs : (work.state as BarStateRow).builtAtMs,
    resume: encodeBarState(lane.state),
  };
}

/** An id without daily bars has no derived bars either, whether a state names them or not. */
async function clear({ tx, id }: ItemContext, family: BarFamily): Promise<StepResult> {
  const deleted = await deleteBars(tx, family, id, { fromTs: -Infinity });
  await deleteBarStates(tx, family, id);
  return { status: 'no_bars', rows: { ...noRows(), deleted }, notices: [] };
}
