import { parseCivilDay, tradingDays, type CloseRule, type TradingDays } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { idSql } from '../sql-conditions.ts';
import { groupedBy, readObjects, type RowColumns } from './copy-select.ts';

/** SQL condition for a row of `dim_assets` with other trading rules than the default. */
export const IS_RESTRICTED = `(close_rule <> 'calendar' OR trading_weekdays <> 'Mon-Sun' OR holiday_calendar IS NOT NULL)`;

const COLUMNS: RowColumns<{ id: number; closeRule: CloseRule; weekdays: string; calendar: string | null }> = {
  id: ['int4', 'id'],
  closeRule: ['text', 'close_rule'],
  weekdays: ['text', 'trading_weekdays'],
  calendar: ['text?', 'holiday_calendar'],
};

/**
 * The trading rules of the assets that do not trade every day or whose bars do not close by the calendar, by id.
 *
 * @param ids the assets; by default all
 */
export async function readTradingDays(
  session: Session,
  ids?: readonly number[],
): Promise<ReadonlyMap<number, TradingDays>> {
  const wanted = ids === undefined ? '' : `AND id = ANY('{${ids.map(idSql).join(',')}}'::int4[])`;
  const select = (columns: string) => `SELECT ${columns} FROM dim_assets WHERE ${IS_RESTRICTED} ${wanted}`;
  const rows = await readObjects(session, 'dim_assets', COLUMNS, select);
  const holidays = await readHolidays(session, new Set(rows.flatMap((row) => row.calendar ?? [])));
  return new Map(
    rows.map(({ id, calendar, ...rules }) => {
      const days = holidays.get(calendar ?? '') ?? [];
      return [id, tradingDays({ ...rules, holidays: days.map(({ day }) => parseCivilDay(day)) })];
    }),
  );
}

/** Holidays outside the years 0001 to 9999 (`infinity`, for instance) are left out: no row has such a day. */
async function readHolidays(session: Session, calendars: ReadonlySet<string>): Promise<Map<string, { day: string }[]>> {
  if (calendars.size === 0) return new Map();
  const rows = await session.query<{ calendar: string; day: string }>(
    `SELECT calendar, day::text AS day FROM dim_holidays WHERE calendar = ANY($1::text[]) AND day BETWEEN '0001-01-01' AND '9999-12-31'`,
    [[...calendars]],
  );
  return groupedBy(rows, ({ calendar }) => calendar);
}
