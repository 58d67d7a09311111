import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { barRowSources } from '../bar-row-sources.ts';
import { barTableNames, DAILY_TABLE } from '../table-names.ts';

/** Rule, condition under which a row breaks it, and severity; the first broken one is reported, all are named. */
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
  scope: 'bars',
  severity: 'CRITICAL',
  kind: 'sql',
  columns: ['open', 'high', 'low', 'close', 'volume', 'market_cap', 'rule'],
  explanation:
    'High is at least open, close and low; low is at most open, close and high (CRITICAL); volume and market cap are not negative ' +
    '(WARNING). Prices at or below 0 are prices, of spreads for instance: one WARNING for an asset that has any. NULL and NaN are the ' +
    'scope of B06.',
  whatToDo:
    `Compare the day with its source row (B08). A wrong source: correct it and refresh. A right source: ${rebuildCommand('all')}. ` +
    'Intended prices at or below 0: nothing to do.',
  tables: barTableNames,
  async *run(context) {
    for (const { table, rows, tf, time } of barRowSources(context)) {
      const select = `SELECT id, ${tf} AS tf, ${time} AS key, open, high, low, close, volume, market_cap,
          array_to_string(ARRAY[${BROKEN}], ', ') AS rule, ${SEVERITY} AS severity
        FROM ${rows} t WHERE ${RULES.map(([, broken]) => broken).join(' OR ')}`;
      yield* foundRows(
        context,
        table,
        select,
        (row) =>
          `${row['rule'] as string} (open ${row['open'] as number}, high ${row['high'] as number}, low ${row['low'] as number}, close ${row['close'] as number})`,
      );
    }
    if (!context.hasDaily) return;
    const belowZero = `SELECT id, min("timestamp") AS key, min(low) AS low, count(*) AS actual, 'low <= 0' AS rule, 'WARNING' AS severity
      FROM ${context.rows.daily()} t WHERE low <= 0 GROUP BY id ORDER BY id`;
    yield* foundRows(
      context,
      DAILY_TABLE,
      belowZero,
      (row) =>
        `${row['actual'] as number} days with a price at or below 0 from here on, the lowest ${row['low'] as number}`,
    );
  },
};
