import { civilDayOfInstant, openingOfCivilDay } from '@ta/bars-core/engine';
import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRow } from '../../sql/found-rows.ts';
import { jsonRows } from '../../sql/json-rows.ts';
import { DAILY_TABLE, multiDayTableNames } from '../table-names.ts';

/** B18: bars follow each other without a hole, and open when their first day opens (operations.md 5.2; spec README, ruling 16). */
export const adjacency: Check = {
  id: 'B18',
  name: 'adjacency',
  scope: 'bars',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['prev_close', 'open', 'prev_day'],
  explanation:
    'The last snapshot of a bar is of the daily bar right before the first day of the next bar; and a bar opens when the day of its ' +
    'first row opens: at the time_open of that daily bar where it lies in the day, else at the first instant of the civil day.',
  whatToDo: `Run ${rebuildCommand('bars')}.`,
  tables: (context) => [DAILY_TABLE, ...multiDayTableNames(context)],
  async *run(context) {
    const zones = new Map(
      context.assets.map(({ id, zone }) => [
        id,
        { dayOf: civilDayOfInstant(zone), openingOf: openingOfCivilDay(zone) },
      ]),
    );
    const daily = `SELECT id, "timestamp" AS ts, time_open, lag("timestamp") OVER (PARTITION BY id ORDER BY "timestamp") AS prev_day
      FROM ${context.rows.daily()} b`;
    for (const table of context.barTables) {
      const select = `WITH bars AS (
          SELECT id, tf, bar_seq, min(time_close) AS first_close, max(time_close) AS last_close, min(time_open) AS open
          FROM ${context.rows.bars(table)} t GROUP BY id, tf, bar_seq),
        pairs AS (SELECT *, lag(last_close) OVER (PARTITION BY id, tf ORDER BY bar_seq) AS prev_close FROM bars),
        daily AS (${daily})
        SELECT p.id, p.tf, p.bar_seq AS key, p.prev_close, p.open, d.prev_day, d.prev_day AS expected, p.prev_close AS actual,
          p.prev_close IS NOT NULL AND p.prev_close IS DISTINCT FROM d.prev_day AS has_hole, d.ts AS first_day, d.time_open
        FROM pairs p JOIN daily d ON d.id = p.id AND d.ts = p.first_close
        WHERE p.prev_close IS NOT NULL AND (p.prev_close IS DISTINCT FROM d.prev_day OR p.open IS DISTINCT FROM d.time_open)
        ORDER BY p.id, p.tf, p.bar_seq`;
      for await (const { has_hole: hasHole, first_day: firstTs, time_open: own, ...row } of jsonRows(
        context.session,
        select,
      )) {
        const zone = zones.get(row['id'] as number);
        if (zone === undefined || !Number.isFinite(Date.parse(firstTs as string))) continue;
        const day = zone.dayOf(Date.parse(firstTs as string));
        const ownMs = Date.parse(own as string);
        const isOwnInDay = Number.isFinite(ownMs) && zone.dayOf(ownMs) === day;
        const isOpening = !isOwnInDay && Date.parse(row['open'] as string) === zone.openingOf(day);
        if (hasHole !== true && isOpening) continue;
        const text = `bar opens at ${row['open'] as string}; the bar before closed at ${row['prev_close'] as string}, the day before at ${row['prev_day'] as string}`;
        yield foundRow(table.table, row, text);
      }
    }
  },
};
