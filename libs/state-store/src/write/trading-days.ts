import { eq } from 'drizzle-orm';
import { formatCivilDay, type CivilDay, type CloseRule } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { assets } from '../schema/source.ts';

/** The trading rules of an asset to set; absent ones stay unchanged. */
export interface TradingChange {
  readonly closeRule?: CloseRule;
  /** As `weekdaysText` writes them. */
  readonly tradingWeekdays?: string;
  /** A calendar of `dim_holidays`; null for none. */
  readonly holidayCalendar?: string | null;
}

/** Sets the trading rules of an asset. If they change, the next refresh rebuilds its bars and EMAs. */
export async function saveTrading(session: Session, id: number, change: TradingChange): Promise<void> {
  await session.orm.update(assets).set(change).where(eq(assets.id, id));
}

/** One day without trading. */
export interface Holiday {
  readonly day: CivilDay;
  readonly name: string | null;
}

/**
 * Adds days to a calendar, or renames existing ones.
 *
 * @param isWhole whether these are all days of the calendar, so that other days are deleted
 * @returns the number of added and of deleted days
 */
export async function saveHolidays(
  session: Session,
  calendar: string,
  days: readonly Holiday[],
  isWhole: boolean,
): Promise<{ added: number; removed: number }> {
  const texts = days.map(({ day }) => formatCivilDay(day));
  const removed = isWhole
    ? await session.run('DELETE FROM dim_holidays WHERE calendar = $1 AND day <> ALL ($2::text[]::date[])', [
        calendar,
        texts,
      ])
    : 0;
  const names = days.map(({ name }) => name);
  await session.run(
    `UPDATE dim_holidays h SET name = given.name FROM unnest($2::text[]::date[], $3::text[]) AS given (day, name)
     WHERE h.calendar = $1 AND h.day = given.day`,
    [calendar, texts, names],
  );
  const added = await session.run(
    `INSERT INTO dim_holidays (calendar, day, name)
     SELECT $1, given.day, given.name FROM unnest($2::text[]::date[], $3::text[]) AS given (day, name) ON CONFLICT DO NOTHING`,
    [calendar, texts, names],
  );
  return { added, removed };
}

/** All calendars: the number of days, the first and last day, and the number of assets that use it. */
export async function readCalendars(
  session: Session,
): Promise<{ calendar: string; days: number; first: string; last: string; assets: number }[]> {
  return session.query(
    `SELECT h.calendar, h.days, h.first::text AS first, h.last::text AS last, coalesce(a.assets, 0) AS assets
     FROM (SELECT calendar, count(*) AS days, min(day) AS first, max(day) AS last FROM dim_holidays GROUP BY calendar) h
     LEFT JOIN (SELECT holiday_calendar, count(*) AS assets FROM dim_assets GROUP BY holiday_calendar) a ON a.holiday_calendar = h.calendar
     ORDER BY h.calendar`,
  );
}
