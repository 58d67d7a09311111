import { formatCivilDay, type CivilDay } from '@ta/bars-core/engine';
import { quoteLiteral, type Session } from '@ta/state-store';
import type { AssetFacts } from '../assets.ts';
import { PAGE_LIMITS } from './limits.ts';
import type { DayMark, PageCalendar } from './page-data.ts';

interface DayRows extends Record<string, unknown> {
  readonly name: string | null;
  readonly bars: number[] | null;
  readonly repaired: number[] | null;
  readonly rejected: number[] | null;
  readonly source: number[] | null;
}

/** What became of every civil day of an asset between its first and its last; null for an asset without any row. */
export async function readCalendar(session: Session, asset: AssetFacts): Promise<PageCalendar | null> {
  const day = `(("timestamp" AT TIME ZONE ${quoteLiteral(asset.zone)})::date - DATE '1970-01-01')`;
  const days = (table: string, condition = 'true') =>
    `(SELECT array_agg(DISTINCT ${day}) FROM ${table} WHERE id = ${asset.id} AND isfinite("timestamp") AND ${condition})`;
  const isRepaired = 'repaired_timehigh OR repaired_timelow OR repaired_high OR repaired_low';
  const [rows] = await session.query<DayRows>(
    `SELECT (SELECT name FROM dim_assets WHERE id = ${asset.id}) AS name, ${days('cmc_price_bars_1d')} AS bars,
       ${days('cmc_price_bars_1d', `(${isRepaired})`)} AS repaired, ${days('cmc_price_bars_1d_rejects')} AS rejected,
       ${days('cmc_price_histories7')} AS source`,
  );
  return calendarOf(asset.id, rows);
}

/** The calendar of days given as counts from 1970-01-01, in any order. */
export function calendarOf(id: number, rows: DayRows): PageCalendar | null {
  const marks = new Map<number, DayMark>();
  const put = (days: number[] | null, mark: DayMark) => days?.forEach((day) => marks.set(day, mark));
  // what is put later is what shows: a day with a bar is a day with a bar, whatever else was refused on it
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
