import type { BarTable } from '@ta/state-store';
import type { CheckContext } from '../../check-context.ts';
import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { marketIds } from '../../sql/markets.ts';
import { withDay } from '../../sql/with-day.ts';
import { barTableNames, DAILY_TABLE } from '../table-names.ts';

/** B20: flags and counts of a bar agree with each other and with its place among the others. */
export const partialFlags: Check = {
  id: 'B20',
  name: 'partial_flags',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['rule', 'finals', 'last_day'],
  explanation:
    'closed_at is set on exactly one row of every bar but the newest, its last row, and on at most one row of ' +
    'the newest. WARNING: a calendar bar that never closes, since its last day has no daily bar. ' +
    'is_partial_start is true in anchored tables only, on bar 1. The counts add up, and count_days_remaining is ' +
    '0 exactly on rows that close a bar. Daily bars are never partial.',
  whatToDo: `Run ${rebuildCommand('bars')}; for the WARNING see B03: the missing day may still be loaded.`,
  tables: barTableNames,
  async *run(context) {
    if (context.hasDaily) {
      const daily = `SELECT id, "timestamp" AS key, 'daily bar flagged partial' AS rule FROM ${context.rows.daily()} b
        WHERE is_partial_start OR is_partial_end`;
      yield* foundRows(context, DAILY_TABLE, daily, '{rule}');
    }
    for (const table of context.barTables) {
      yield* foundRows(context, table.table, rowRules(context, table), '{rule}');
      yield* foundRows(context, table.table, barRules(context, table), '{rule}');
    }
  },
};

function rowRules(context: CheckContext, table: BarTable): string {
  const isRolling = table.family === 'multi_tf';
  const isAnchored = table.family.startsWith('cal_anchor');
  const isOfMarket = isRolling ? 'false' : `id = ANY (${marketIds(context.assets)})`;
  const rules: readonly (readonly [rule: string, broken: string])[] = [
    [
      'is_partial_start outside the first anchored bar',
      isAnchored ? 'is_partial_start AND bar_seq <> 1' : 'is_partial_start',
    ],
    ['is_missing_days does not follow count_missing_days', 'is_missing_days <> (count_missing_days > 0)'],
    [
      'the missing days do not add up',
      'count_missing_days <> count_missing_days_start + count_missing_days_interior + count_missing_days_end',
    ],
    ['count_missing_days_end is not 0', 'count_missing_days_end <> 0'],
    ['pos_in_bar is not count_days', 'pos_in_bar <> count_days OR count_days < 1'],
    [
      'more days than the bar is long',
      isRolling ? 'count_days > tf_days' : 'count_days + count_missing_days > tf_days',
    ],
    [
      'days remaining on a final row, or none on a snapshot',
      // after the bar of a market has closed, rows on days without trading may follow in it
      `((count_days_remaining = 0) = is_partial_end AND NOT (${isOfMarket} AND is_partial_end)) OR count_days_remaining < 0`,
    ],
    [
      'closed_at does not follow is_partial_end',
      `CASE WHEN is_partial_end THEN closed_at IS NOT NULL AND NOT (${isOfMarket} AND closed_at > time_close)
         ELSE closed_at IS DISTINCT FROM time_close END`,
    ],
    ['timestamp is not time_close', '"timestamp" <> time_close'],
    ['last_ts_half_open is not time_close + 1 ms', `last_ts_half_open <> time_close + interval '1 millisecond'`],
    [
      'the list of missing days does not follow their count',
      '(missing_days_where IS NULL) <> (count_missing_days = 0) OR (first_missing_day IS NULL) <> (count_missing_days = 0) OR (last_missing_day IS NULL) <> (count_missing_days = 0)',
    ],
    [
      'bar_anchor_offset in the wrong table',
      isAnchored ? 'bar_anchor_offset IS NULL' : 'bar_anchor_offset IS NOT NULL',
    ],
  ];
  const broken = rules.map(([rule, condition]) => `CASE WHEN ${condition} THEN '${rule}' END`).join(', ');
  return `SELECT id, tf, time_close AS key, array_to_string(ARRAY[${broken}], '; ') AS rule
    FROM ${context.rows.bars(table)} t WHERE ${rules.map(([, condition]) => condition).join(' OR ')} ORDER BY id, tf, time_close`;
}

/** One row per bar; the last scheduled day is that of the last snapshot plus the days it has left. */
function barRules(context: CheckContext, table: BarTable): string {
  const isRolling = table.family === 'multi_tf';
  return `WITH bars AS (
      SELECT id, tf, bar_seq, count(closed_at) AS finals, max(time_close) AS last_close,
        max(time_close) FILTER (WHERE closed_at IS NOT NULL) AS final_close, max(day + count_days_remaining) AS last_day
      FROM ${withDay(context.rows.bars(table), 'time_close')} t GROUP BY id, tf, bar_seq),
    ranked AS (SELECT *, max(bar_seq) OVER (PARTITION BY id, tf) AS highest FROM bars),
    judged AS (
      SELECT r.*, CASE
        WHEN finals > 1 THEN 'more than one final row'
        WHEN finals = 1 AND final_close <> last_close AND id <> ALL (${marketIds(context.assets)}) THEN 'the final row is not the last'
        WHEN finals = 0 AND bar_seq < highest THEN 'no final row' END AS rule,
        finals = 0 AND NOT ${isRolling} AND last_day IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM ${DAILY_TABLE} b WHERE b.id = r.id AND b.day = r.last_day) AS is_end_missing
      FROM ranked r)
    SELECT id, tf, bar_seq AS key, finals, last_day, CASE WHEN is_end_missing THEN 'WARNING' ELSE 'ERROR' END AS severity,
      rule || CASE WHEN is_end_missing THEN ': its last day ' || last_day || ' is missing' ELSE '' END AS rule
    FROM judged WHERE rule IS NOT NULL ORDER BY id, tf, bar_seq`;
}
