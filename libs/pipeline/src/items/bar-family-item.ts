import {
  barStateFacts,
  buildSnapshots,
  createSnapshotColumns,
  decodeBarState,
  encodeBarState,
  openBarState,
  planBarRefresh,
  specOf,
  type BarFamily,
  type DailySeries,
  type RefreshPlan,
  type Timeframe,
} from '@ta/bars-core/engine';
import {
  BAR_TABLES,
  copyInSql,
  deleteBars,
  deleteBarStates,
  readStamp,
  writeBarRejects,
  writeBarStates,
  type BarStateRow,
  type DailyState,
} from '@ta/state-store';
import { assertTrue, type StepResult } from './daily-item.ts';
import { barTuples, type BarLane, type GuardHit } from './bar-rows.ts';
import { KeptRejects } from './kept-rejects.ts';
import { earliestChange } from './earliest-change.ts';
import { firstIndexAtOrAfter, untilAborted, type ItemContext } from '../item-context.ts';
import { InputBehind, noRows } from '../run-report.ts';

/** A timeframe with something to do. */
interface Work {
  readonly timeframe: Timeframe;
  readonly plan: Exclude<RefreshPlan, { kind: 'noop' }>;
  readonly state: BarStateRow | undefined;
}

/**
 * One multi-day bar family of one id (bars.md 2, 4.4): each timeframe appends from its stored state, or replays history
 * and replaces its rows from the first instant that changed. Data and state change in the caller's transaction.
 */
export async function refreshBarFamily(context: ItemContext, family: BarFamily): Promise<StepResult> {
  const { tx, id, run } = context;
  const daily = await context.dailyState();
  assertTrue(daily);
  if (daily === null || daily.lastSourceTs === null) return clear(context, family);
  const states = await context.barStates(family);
  const strays = labelsBeside(states, run.timeframes[family]);
  if (strays.length > 0) await deleteBarStates(tx, family, id, strays);

  const work = await plan(context, family, daily, states);
  if (work.length === 0) return { status: 'noop', rows: noRows(), notices: [] };

  const rows = await context.dailyRows(loadFrom(work));
  const counts = { ...noRows(), read: rows.length };
  for (const group of deletions(work)) counts.deleted += await deleteBars(tx, family, id, group);

  const guards = new KeptRejects<GuardHit>();
  const lanes = work.map((item) => openLane(item, rows));
  const layout = BAR_TABLES[family].layout;
  const tuples = barTuples(id, rows, lanes, layout, counts, (hit) => guards.add(hit));
  await tx.copyIn(copyInSql(layout), untilAborted(tuples, context.signal));
  if (guards.count > 0) {
    counts.rejected += guards.left + (await writeBarRejects(tx, family, id, guards.kept));
  }

  const builtAtMs = work.some((item) => item.plan.kind === 'rebuild') ? await readStamp(tx) : Number.NaN;
  await writeBarStates(
    tx,
    family,
    id,
    lanes.map((lane, i) => stateRow(lane, work[i] as Work, daily, run.zone, builtAtMs)),
  );
  return { status: 'ok', rows: counts, notices: [] };
}

async function plan(
  context: ItemContext,
  family: BarFamily,
  daily: DailyState,
  states: readonly BarStateRow[],
): Promise<Work[]> {
  const { run } = context;
  const byTf = new Map(states.map((state) => [state.tf, state]));
  const revisions = await context.revisions();
  const work: Work[] = [];
  for (const timeframe of inKeyOrder(run.timeframes[family])) {
    const state = byTf.get(timeframe.tf);
    const decided = planBarRefresh(
      state === undefined
        ? null
        : {
            spec: state.spec,
            zone: state.zone,
            sourceBuiltAt: String(state.sourceBuiltAtMs),
            lastTs: state.dailyMaxTs,
          },
      {
        spec: specOf(timeframe),
        zone: run.zone,
        sourceBuiltAt: String(daily.fullBuiltAtMs),
        sourceFirstTs: daily.firstBarTs,
        sourceLastTs: daily.lastSourceTs as number,
        earliestChangedTs: earliestChange(revisions, state?.sourceRevision ?? 0),
        hasBars: state !== undefined,
        forceRebuild: run.fullRebuild,
      },
    );
    if (decided.kind !== 'noop') work.push({ timeframe, plan: decided, state });
    // a later row was added and removed again: nothing to write, but the state must record that it is in step
    else if (state !== undefined && state.sourceRevision !== daily.revision) {
      work.push({ timeframe, plan: { kind: 'append' }, state });
    }
  }
  return work;
}

/** Labels of states that no timeframe has: of a timeframe that is gone, or written by hand. Nobody would read them again. */
export function labelsBeside(states: readonly { tf: string }[], timeframes: readonly { tf: string }[]): string[] {
  const known = new Set(timeframes.map(({ tf }) => tf));
  return states.map(({ tf }) => tf).filter((tf) => !known.has(tf));
}

/** Timeframes in the order their labels have in the tables' keys (bytewise; labels are ASCII). */
export function inKeyOrder<T extends { readonly tf: string }>(timeframes: readonly T[]): T[] {
  return [...timeframes].sort((a, b) => (a.tf < b.tf ? -1 : a.tf > b.tf ? 1 : 0));
}

/** Where the daily series must begin: everything for a replay, only the new rows for appends. */
function loadFrom(work: readonly Work[]): number {
  const appends = work.map((item) =>
    item.plan.kind === 'append' ? (item.state as BarStateRow).dailyMaxTs : -Infinity,
  );
  const least = Math.min(...appends);
  return least === -Infinity ? least : least + 0.001;
}

/** Stored rows to delete, grouped by the instant from which they go. */
function deletions(work: readonly Work[]): { tfs: string[]; fromTs: number }[] {
  const groups = new Map<number, string[]>();
  for (const { plan: decided, timeframe } of work) {
    if (decided.kind === 'append') continue;
    // rows may be there without a state: an operator deletes one to have them built again
    const fromTs = decided.kind === 'rewind' ? decided.fromTsMs : -Infinity;
    groups.set(fromTs, [...(groups.get(fromTs) ?? []), timeframe.tf]);
  }
  return [...groups].map(([fromTs, tfs]) => ({ tfs, fromTs }));
}

function openLane(work: Work, rows: DailySeries): BarLane {
  const { timeframe, plan: decided } = work;
  if (decided.kind === 'append') {
    const stored = work.state as BarStateRow;
    const state = decodeBarState(timeframe, stored.resume);
    return { timeframe, state, emitFrom: firstIndexAtOrAfter(rows.ts, stored.dailyMaxTs + 0.001) };
  }
  const state = openBarState(timeframe);
  const emitFrom = decided.kind === 'rewind' ? firstIndexAtOrAfter(rows.ts, decided.fromTsMs) : 0;
  replay(rows, timeframe, state, emitFrom);
  return { timeframe, state, emitFrom };
}

/** Pushes the first `until` rows without keeping their snapshots. */
function replay(rows: DailySeries, timeframe: Timeframe, state: BarLane['state'], until: number): void {
  const scratch = createSnapshotColumns(Math.min(until, 1024));
  for (let from = 0; from < until; from += scratch.capacity) {
    scratch.length = 0;
    buildSnapshots(rows, timeframe, { state, from, until: Math.min(from + scratch.capacity, until), out: scratch });
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
    builtAtMs: work.plan.kind === 'rebuild' ? builtAtMs : (work.state as BarStateRow).builtAtMs,
    resume: encodeBarState(lane.state),
  };
}

/** The result of a step that finds its input behind the source. */
export function behind(id: number, what: string): StepResult {
  return { status: 'derived_behind', rows: noRows(), notices: [], error: new InputBehind(id, what) };
}

/** An id without daily bars has no derived bars either, whether a state tells of them or not. */
async function clear(context: ItemContext, family: BarFamily): Promise<StepResult> {
  if (await context.lacksDailyBars()) {
    return behind(context.id, `${family} bars cannot be made: there are no daily bars yet`);
  }
  const deleted = await deleteBars(context.tx, family, context.id, { fromTs: -Infinity });
  await deleteBarStates(context.tx, family, context.id);
  return { status: 'no_bars', rows: { ...noRows(), deleted }, notices: [] };
}
