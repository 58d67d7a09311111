import type { Check } from '../../check.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { DAILY_TABLE, dailyTableNames } from '../table-names.ts';

const LIMIT_PERCENT = 5;

/** B22: not too many days had to be repaired. */
export const repairs: Check = {
  id: 'B22',
  name: 'repairs',
  severity: 'WARNING',
  kind: 'sql',
  columns: ['n', 'share'],
  explanation:
    'At most 5 % of the daily bars of an id have a repaired instant of high or low (repaired_timehigh, ' +
    'repaired_timelow).',
  whatToDo:
    'Look at the source: timehigh and timelow are missing or outside their day. The research files have neither.',
  tables: dailyTableNames,
  async *run(context) {
    if (!context.hasDaily) return;
    const repaired = `count(*) FILTER (WHERE repaired_timehigh OR repaired_timelow)`;
    const select = `SELECT id, ${repaired} AS n, round(100.0 * ${repaired} / count(*), 2) AS share, ${repaired} AS actual
      FROM ${context.rows.daily()} b GROUP BY id HAVING ${repaired} * 100.0 > ${LIMIT_PERCENT} * count(*) ORDER BY id`;
    yield* foundRows(context, DAILY_TABLE, select, '{n} days repaired, {share} % of all');
  },
};
