import {
  BAR_TABLES,
  instantText,
  verifyRows,
  type Session,
  type StateDifference,
  type StateGroup,
} from '@ta/state-store';
import type { BarFamily } from '@ta/bars-core/engine';
import { isNoop } from './plan/plan-asset.ts';
import { readStandings, type Standing } from './plan/read-standings.ts';

/**
 * Where states disagree with the stored rows, or bars are not in step with the daily bars: empty when all is well. What was never
 * built disagrees with nothing.
 *
 * @param ids the ids to look at; null for all
 */
export async function verifyState(session: Session, ids: readonly number[] | null): Promise<StateDifference[]> {
  const states = Object.values(BAR_TABLES)
    .map((table) => `SELECT id FROM ${table.stateTable}`)
    .join(' UNION ');
  const rows = await session.query<{ id: number }>(
    `SELECT id FROM (${states}) s
     WHERE $1::int[] IS NULL OR id = ANY ($1::int[]) ORDER BY id`,
    [ids === null ? null : [...ids]],
  );
  const known = rows.map(({ id }) => id);
  const standingOf = await readStandings(session, known);
  const behind = known.flatMap((id) => behindOf(id, standingOf(id)));
  return [...(await verifyRows(session, ids)), ...behind];
}

/** What the states of timeframes for which there is work have seen of the daily bars, and what these are; each by itself. */
function behindOf(id: number, { facts, steps }: Standing): StateDifference[] {
  const isBehind = (family: BarFamily, tf: string) =>
    steps.some(
      (step) =>
        step.component === 'bars' &&
        step.table === family &&
        (step.timeframe === null || step.timeframe === tf) &&
        !isNoop(step),
    );
  return [...facts.bars].flatMap(([family, groups]) =>
    groups.flatMap((group) =>
      group.tfs
        .filter((tf) => isBehind(family, tf))
        .flatMap((tf) =>
          seenOf(group, facts.daily)
            .filter(({ state, actual }) => state !== actual)
            .map((difference) => ({ table: BAR_TABLES[family].stateTable, id, tf, ...difference })),
        ),
    ),
  );
}

function seenOf(group: StateGroup, daily: Standing['facts']['daily']) {
  const [lastTs, builtAtMs] = [daily?.lastSourceTs ?? Number.NaN, daily?.fullBuiltAtMs ?? Number.NaN];
  const revision = daily === null ? null : String(daily.revision);
  return [
    { field: 'daily_max_seen', state: textOf(group.lastTs), actual: textOf(lastTs) },
    { field: 'src_full_built_at', state: textOf(group.dailyBuiltAtMs), actual: textOf(builtAtMs) },
    { field: 'src_revision', state: String(group.dailyRevision), actual: revision },
  ];
}

function textOf(ts: number): string | null {
  return Number.isNaN(ts) ? null : instantText(ts);
}
