import { instantSql } from '@ta/state-store';
import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { barRowSources } from '../bar-row-sources.ts';
import { barTableNames, DAILY_TABLE } from '../table-names.ts';

/** Name of a rule, and when a row breaks it. */
type Rule = readonly [name: string, broken: string];

const EXTREMES = ['time_high', 'time_low'] as const;
const outside = (extreme: string) => `${extreme} < time_open OR ${extreme} > time_close`;

/** B05: the instants of a bar belong to its days, and none lies in the future. */
export const timeOrder: Check = {
  id: 'B05',
  name: 'time_order',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['time_open', 'time_high', 'time_low', 'time_close', 'rule'],
  explanation:
    'No bar opens after it closes; the timestamp of a daily bar may be any instant of its day. time_high and ' +
    'time_low of a daily bar lie between its time_open and time_close, or at least in its civil day. Those of a ' +
    'multi-day bar lie between its time_open and time_close, or are those of its first or newest daily bar. No ' +
    'bar closes after the clock of the validation (--as-of).',
  whatToDo: `Compare with the source row (B08) and rebuild the id with ${rebuildCommand('all')}. A close in the future: check --as-of and the loader.`,
  tables: barTableNames,
  async *run(context) {
    const everyBar: readonly Rule[] = [
      ['timestamp after the clock', `"timestamp" > ${instantSql(context.request.asOfTs)}`],
      ['infinite', 'NOT (isfinite(time_open) AND isfinite(time_close))'],
    ];
    for (const { table, rows, tf, time } of barRowSources(context)) {
      const rules = [...(table === DAILY_TABLE ? ofDaily() : ofMultiDay()), ...everyBar];
      const rule = rules.map(([name, broken]) => `CASE WHEN ${broken} THEN '${name}' END`).join(', ');
      const select = `SELECT id, ${tf} AS tf, ${time} AS key, time_open, time_high, time_low, time_close,
          array_to_string(ARRAY[${rule}], ', ') AS rule
        FROM ${rows} t WHERE ${rules.map(([, broken]) => `(${broken})`).join(' OR ')}`;
      yield* foundRows(context, table, select, '{rule}');
    }
  },
};

function ofDaily(): Rule[] {
  return [
    ['time_open > time_close', 'time_open > time_close'],
    ...EXTREMES.map((extreme): Rule => {
      const isInDay = `${extreme} >= day_from AND ${extreme} < day_until`;
      return [`${extreme} outside`, `(${outside(extreme)}) AND NOT coalesce(${isInDay}, false)`];
    }),
  ];
}

function ofMultiDay(): Rule[] {
  const daily = (extreme: string, range: string) => `EXISTS (SELECT 1 FROM ${DAILY_TABLE} d
    WHERE d.id = t.id AND d."timestamp" ${range} AND d.${extreme} = t.${extreme})`;
  const firstDay = `BETWEEN t.time_open - interval '25 hours' AND t.time_open + interval '25 hours'`;
  return [
    // a day may be stamped before it opens
    [
      'time_open > time_close',
      `time_open > time_close AND (pos_in_bar > 1 OR time_open > time_close + interval '25 hours')`,
    ],
    ...EXTREMES.map((extreme): Rule => [
      `${extreme} outside`,
      `${extreme} < time_open AND NOT ${daily(extreme, firstDay)} OR ${extreme} > time_close AND NOT ${daily(extreme, '= t.time_close')}`,
    ]),
  ];
}
