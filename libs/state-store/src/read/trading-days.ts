import { parseCivilDay, tradingDays, type CivilDay, type CloseRule, type TradingDays } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { idSql } from './copy-select.ts';

/** Whether a row of `dim_assets` says anything but the default. */
export const IS_RESTRICTED = `(close_rule <> 'calendar' OR trading_weekdays <> 'Mon-Sun' OR holiday_calendar IS NOT NULL)`;

/**
 * How assets trade, of those that do not trade every day or whose bars do not close by the calendar; by id.
 *
 * @param ids the assets asked for; all without
 */
export async function readTradingDays(
  session: Session,
  ids?: readonly number[],
): Promise<ReadonlyMap<number, TradingDays>> {
  const wanted = ids === undefined ? '' : `AND id = ANY('{${ids.map(idSql).join(',')}}'::int4[])`;
  const rows = await session.query<{
    id: number;
    close_rule: CloseRule;
    trading_weekdays: string;
    holiday_calendar: string | null;
  }>(
    `SELECT id, close_rule, trading_weekdays, holiday_calendar FROM dim_assets
     WHERE ${IS_RESTRICTED} ${wanted}`,
  );
  const holidays = await readHolidays(session, new Set(rows.flatMap((row) => row.holiday_calendar ?? [])));
  return new Map(
    rows.map((row) => [
      row.id,
      tradingDays({
        closeRule: row.close_rule,
        weekdays: row.trading_weekdays,
        holidays: holidays.get(row.holiday_calendar ?? '') ?? [],
      }),
    ]),
  );
}

async function readHolidays(session: Session, calendars: ReadonlySet<string>): Promise<Map<string, CivilDay[]>> {
  const days = new Map<string, CivilDay[]>();
  if (calendars.size === 0) return days;
  const rows = await session.query<{ calendar: string; day: string }>(
    'SELECT calendar, day::text AS day FROM dim_holidays WHERE calendar = ANY($1::text[])',
    [[...calendars]],
  );
  for (const { calendar, day } of rows) {
    const known = days.get(calendar) ?? [];
    known.push(parseCivilDay(day));
    days.set(calendar, known);
  }
  return days;
}
