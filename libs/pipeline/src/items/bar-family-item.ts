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
  type Timeframe,
} from '@ta/bars-core/engine';
import {
  BAR_TABLES,
  deleteBarRejects,
  deleteBars,
  deleteBarStates,
  readStamp,
  replaceBarRows,
  writeBarRejects,
  writeBars,
  writeBarStates,
  writeClosedAt,
  type BarReject,
  type BarSeriesNumbers,
  type BarStateRow,
  type DailyState,
  type NumberedBarSeries,
} from '@ta/state-store';
import type { StepResult } from './step-result.ts';
import { untilAborted } from './until-aborted.ts';
import { barChunks, barTails, countSnapshots, type BarInputs, type OpenLane, type StoredLane } from './bar-rows.ts';
import { KeptRejects } from './kept-rejects.ts';
import { blockedResult, planBarItem, rangesOf, rebuiltOf, rewoundFrom, type WriteAction } from './plan-item.ts';
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
 * and replaces its rows that differ, from the first instant that changed on. Data and state change in the caller's transaction.
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
  counts.deleted += await deleteBars(tx, family, id, rebuiltOf(work));

  const guards = new KeptRejects<BarReject>();
  const onGuard = (hit: BarReject) => guards.add(hit);
  const inputs = { id, rows, trading: await context.tradingDays() };
  const numbers = await context.barSeries();
  const lanes = work.map((item): OpenLane => ({
    ...openFold(item, inputs),
    series: seriesOf(numbers, family, item.timeframe),
  }));
  await tellLateCloses(context, family, lanes, inputs);
  const added = lanes.filter((_, i) => work[i]?.action.kind !== 'rewind');
  if (added.length > 0) {
    await writeBars(tx, family, untilAborted(barChunks(inputs, added, counts, onGuard), context.signal));
  }
  for (const { tfs, fromTs } of rangesOf(work, rewoundFrom)) {
    await deleteBarRejects(tx, family, id, { tfs, fromTs });
    const rewound = lanes.filter(({ timeframe }) => tfs.includes(timeframe.tf));
    const stored = await Promise.all(rewound.map((lane) => storedLane(context, lane, states, inputs)));
    for (const tails of untilAborted(barTails(inputs, stored, onGuard), context.signal)) {
      const { deleted, written } = await replaceBarRows(tx, family, id, tails, fromTs);
      counts.deleted += deleted;
      countSnapshots(tails.out, written, counts);
    }
  }
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

/** The instant after which daily rows are read: all rows for a replay, only the new rows for appends. */
function lastKnownTs(work: readonly Work[]): number {
  const appends = work.map((item) =>
    item.action.kind === 'append' ? (item.state as BarStateRow).dailyMaxTs : -Infinity,
  );
  return Math.min(...appends);
}

/**
 * Sets `closed_at` of the last stored row of each timeframe: the new rows may close its bar, and
 * vanished rows may have closed it before. No other column of a stored row ever changes.
 */
async function tellLateCloses(
  { tx, id }: ItemContext,
  family: BarFamily,
  lanes: readonly OpenLane[],
  { rows, trading }: BarInputs,
): Promise<void> {
  const groups = new Map<string, { timeClose: number; closedAt: number | null; tfs: string[] }>();
  for (const { timeframe, state, emitFrom } of lanes) {
    const next = emitFrom < rows.length ? { day: rows.day[emitFrom], ts: rows.ts[emitFrom] } : null;
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

function seriesOf(numbers: BarSeriesNumbers, family: BarFamily, { tf }: Timeframe): NumberedBarSeries {
  const series = numbers({ family, tf });
  if (series === undefined) throw new Error(`${BAR_TABLES[family].table}: bar_series has no series of ${tf}`);
  return series;
}

function openFold(work: Work, inputs: BarInputs): Omit<OpenLane, 'series'> {
  const { timeframe, action } = work;
  const { ts } = inputs.rows;
  if (action.kind === 'append') {
    const stored = work.state as BarStateRow;
    const state = decodeBarState(timeframe, stored.resume);
    return { timeframe, state, emitFrom: firstIndexAfter(ts, stored.dailyMaxTs) };
  }
  const state = openBarState(timeframe);
  const emitFrom = action.kind === 'rewind' ? firstIndexAtOrAfter(ts, action.fromTsMs) : 0;
  replay(inputs, timeframe, state, emitFrom);
  return { timeframe, state, emitFrom };
}

/** Adds to a lane its newest stored row, and the first row after the last one that changed. */
async function storedLane(
  context: ItemContext,
  lane: OpenLane,
  states: ReadonlyMap<string, BarStateRow>,
  { rows, trading }: BarInputs,
): Promise<StoredLane> {
  const { dailyMaxTs, rowsSeen, sourceRevision } = states.get(lane.timeframe.tf) as BarStateRow;
  const isNoneShifted = lane.timeframe.kind !== 'rolling' || rowsSeen === firstIndexAfter(rows.ts, dailyMaxTs);
  // an added or removed day shifts all bars that count rows; under the rule `market` a row depends on the next one
  const isLocal = isNoneShifted && trading.closeRule === 'calendar';
  const unchangedFrom = isLocal ? firstIndexAfter(rows.ts, await context.changedUntil(sourceRevision)) : rows.length;
  return { ...lane, storedTs: dailyMaxTs, unchangedFrom };
}

/** Pushes the first `until` rows without keeping their snapshots. */
function replay({ rows, trading }: BarInputs, timeframe: Timeframe, state: OpenLane['state'], until: number): void {
  const scratch = createSnapshotColumns(Math.min(until, 1024));
  for (let from = 0; from < until; from += scratch.capacity) {
    scratch.length = 0;
    const to = Math.min(from + scratch.capacity, until);
    buildSnapshots(rows, timeframe, { state, from, until: to, out: scratch, trading });
  }
}

function stateRow(lane: OpenLane, work: Work, daily: DailyState, zone: string, builtAtMs: number): BarStateRow {
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

/** Deletes the derived bars of an id without daily bars, whether they have a state or not. */
async function clear({ tx, id }: ItemContext, family: BarFamily): Promise<StepResult> {
  const deleted = await deleteBars(tx, family, id, { fromTs: -Infinity });
  await deleteBarStates(tx, family, id);
  return { status: 'no_bars', rows: { ...noRows(), deleted }, notices: [] };
}
