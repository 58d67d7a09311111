import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { barRowSources } from '../bar-row-sources.ts';
import { barTableNames, DAILY_TABLE } from '../table-names.ts';

/** Rule, condition under which a row breaks it, and severity; the first broken rule gives the severity, all are named. */
const RULES: readonly (readonly [rule: string, broken: string, severity: string])[] = [
  ['high < open', 'high < open', 'CRITICAL'],
  ['high < close', 'high < close', 'CRITICAL'],
  ['high < low', 'high < low', 'CRITICAL'],
  ['low > open', 'low > open', 'CRITICAL'],
  ['low > close', 'low > close', 'CRITICAL'],
  ['volume < 0', 'volume < 0', 'WARNING'],
  ['market_cap < 0', 'market_cap < 0', 'WARNING'],
];

const SEVERITY = `CASE ${RULES.map(([, broken, severity]) => `WHEN ${broken} THEN '${severity}'`).join(' ')} END`;
const BROKEN = RULES.map(([rule, broken]) => `CASE WHEN ${broken} THEN '${rule}' END`).join(', ');

/** B04: prices of a bar agree with each other. */
export const ohlc: Check = {
  id: 'B04',
  name: 'ohlc',
  severity: 'CRITICAL',
  kind: 'sql',
  columns: ['open', 'high', 'low', 'close', 'volume', 'market_cap', 'rule'],
  explanation:
    'CRITICAL: a high below open, close or low, or a low above open, close or high. WARNING: a negative volume ' +
    'or market cap; and once per asset, prices at or below 0, which are allowed (spreads have them). B06 checks ' +
    'for NULL and NaN.',
  whatToDo:
    `Compare the day with its source row (B08). A wrong source: correct it and refresh. A right source: ${rebuildCommand('all')}. ` +
    'Intended prices at or below 0: nothing to do.',
  tables: barTableNames,
  async *run(context) {
    for (const { table, rows, tf, time } of barRowSources(context)) {
      const select = `SELECT id, ${tf} AS tf, ${time} AS key, open, high, low, close, volume, market_cap,
          array_to_string(ARRAY[${BROKEN}], ', ') AS rule, ${SEVERITY} AS severity
        FROM ${rows} t WHERE ${RULES.map(([, broken]) => broken).join(' OR ')}`;
      yield* foundRows(context, table, select, '{rule} (open {open}, high {high}, low {low}, close {close})');
    }
    if (!context.hasDaily) return;
    const belowZero = `SELECT id, min("timestamp") AS key, min(low) AS low, count(*) AS actual, 'low <= 0' AS rule, 'WARNING' AS severity
      FROM ${context.rows.daily()} t WHERE low <= 0 GROUP BY id ORDER BY id`;
    yield* foundRows(
      context,
      DAILY_TABLE,
      belowZero,
      '{actual} days with a price at or below 0 from here on, the lowest {low}',
    );
  },
};
