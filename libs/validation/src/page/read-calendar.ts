import { civilDayOfInstant, formatCivilDay, type CivilDay } from '@ta/bars-core/engine';
import { copyOutSql, decodeCopy, type CopyLayout, type Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import { SOURCE_TABLE } from '../checks/table-names.ts';
import { PAGE_LIMITS } from './limits.ts';
import type { DayMark, PageCalendar } from './page-data.ts';

/** Days counted from 1970-01-01, in any order. */
interface DayRows {
  readonly name: string | null;
  readonly bars: Iterable<number>;
  readonly repaired: Iterable<number>;
  readonly rejected: Iterable<number>;
  readonly source: Iterable<number>;
}

/** What became of every civil day of an asset between its first and its last; null for an asset without any row. */
export async function readCalendar(session: Session, asset: AssetFacts): Promise<PageCalendar | null> {
  const mine = `WHERE id = ${asset.id} AND isfinite("timestamp")`;
  const isRepaired = 'repaired_timehigh OR repaired_timelow OR repaired_high OR repaired_low';
  const days = (table: string, condition = 'day IS NOT NULL') =>
    `(SELECT array_agg(DISTINCT day - DATE '1970-01-01') FROM ${table} ${mine} AND (${condition}))`;
  const [stored] = await session.query<
    Record<'bars' | 'repaired' | 'rejected', number[] | null> & { name: string | null }
  >(
    `SELECT (SELECT name FROM dim_assets WHERE id = ${asset.id}) AS name, ${days('cmc_price_bars_1d')} AS bars,
       ${days('cmc_price_bars_1d', isRepaired)} AS repaired, ${days('cmc_price_bars_1d_rejects')} AS rejected`,
  );
  // no day is stored for a source row that is neither bar nor reject, so days are computed from the instants
  const layout: CopyLayout = {
    table: SOURCE_TABLE,
    fields: [{ column: 'timestamp', type: 'timestamptz', nullable: false }],
  };
  const source = await decodeCopy(layout, session.copyOut(copyOutSql(layout, mine)));
  return calendarOf(asset.id, {
    name: stored.name,
    bars: stored.bars ?? [],
    repaired: stored.repaired ?? [],
    rejected: stored.rejected ?? [],
    source: new Set(source.number('timestamp').map(civilDayOfInstant(asset.zone))),
  });
}

/** The calendar of these days. */
export function calendarOf(id: number, rows: DayRows): PageCalendar | null {
  const marks = new Map<number, DayMark>();
  const put = (days: Iterable<number>, mark: DayMark) => {
    for (const day of days) marks.set(day, mark);
  };
  // a later mark replaces an earlier one: a day with a bar is shown as such, even if other rows of that day were rejected
  put(rows.source, 'l');
  put(rows.rejected, 'x');
  put(rows.bars, 'b');
  put(rows.repaired, 'r');
  if (marks.size === 0) return null;
  const lastDay = [...marks.keys()].reduce((most, day) => Math.max(most, day), -Infinity);
  const oldest = [...marks.keys()].reduce((least, day) => Math.min(least, day), Infinity);
  const firstDay = Math.max(oldest, lastDay - PAGE_LIMITS.calendarDays + 1);
  const counts: Record<DayMark, number> = { b: 0, r: 0, x: 0, g: 0, l: 0 };
  let coded = '';
  let run: DayMark = marks.get(firstDay) ?? 'g';
  let length = 0;
  for (let day = firstDay; day <= lastDay; day++) {
    const mark = marks.get(day) ?? 'g';
    counts[mark]++;
    if (mark === run) length++;
    else {
      coded += `${length}${run}`;
      run = mark;
      length = 1;
    }
  }
  return {
    id,
    name: rows.name ?? 'not in dim_assets',
    firstDay: formatCivilDay(firstDay as CivilDay),
    days: lastDay - firstDay + 1,
    marks: `${coded}${length}${run}`,
    counts,
  };
}
