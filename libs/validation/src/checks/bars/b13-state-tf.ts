import { quoteLiteral, type BarTable } from '@ta/state-store';
import type { CheckContext } from '../../check-context.ts';
import type { Check } from '../../check.ts';
import type { Found } from '../../finding.ts';
import { rebuildCommand, refreshCommand } from '../../commands-to-type.ts';
import { foundInBars } from '../../recompute/bar-pass.ts';
import { comparison, differenceText } from '../../sql/differences.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { behindAndOther } from '../../state/behind-findings.ts';
import { DAILY_STATE, DAILY_TABLE } from '../table-names.ts';

/** B13: the state of each timeframe agrees with its bars and with the daily bars. */
export const stateTf: Check = {
  id: 'B13',
  name: 'state_tf',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['field', 'stored', 'expected'],
  explanation:
    'For every id with daily bars, each canonical timeframe has a state row. Its last_bar_seq, last_time_close, ' +
    'daily_min_seen, daily_max_seen, rows_seen, zone, specification, build stamp and revision agree with the ' +
    'stored bars and with the daily state. There is no state of a timeframe that the table does not build. ' +
    'Except in the fast profile, the numbers from which the next refresh continues (resume) are recomputed as ' +
    'well.',
  whatToDo: `Run ${rebuildCommand('all')}. Without --full-rebuild a run may not see that there is something to do. What it does see, such as an interrupted full rebuild, ${refreshCommand('all')} repairs.`,
  tables: (context) => context.barTables.map(({ stateTable }) => stateTable),
  run: (context) => behindAndOther(context, 'bars', wrongStates(context)),
};

async function* wrongStates(context: CheckContext): AsyncGenerator<Found> {
  for (const table of context.barTables) {
    const select = stateSql(context, table);
    if (select !== null) {
      yield* foundRows(context, table.stateTable, select, (row) => differenceText(row['differences']));
    }
    if (context.request.profile === 'fast') continue;
    yield* foundInBars(context, 'B13', [table]);
  }
}

/** Compares states with the rows of their own table and with the daily bars; null when no timeframe is selected. */
function stateSql(context: CheckContext, table: BarTable): string | null {
  const timeframes = context.barTimeframes(table.family);
  if (timeframes.length === 0) return null;
  const labels = timeframes.map(({ tf }) => quoteLiteral(tf)).join(', ');
  // the newest bar is known only if no rows are left out
  const isWhole = context.request.fromTs === -Infinity && context.request.untilTs === Infinity;
  const compared = comparison([
    ...(isWhole
      ? [
          { column: 'last_bar_seq', stored: 's.last_bar_seq', expected: 'n.newest' },
          {
            column: 'last_time_close',
            stored: 's.last_time_close',
            expected: 'CASE WHEN n.newest IS NOT NULL THEN d.last_src_ts END',
          },
        ]
      : []),
    { column: 'daily_min_seen', stored: 's.daily_min_seen', expected: 'b.oldest' },
    { column: 'rows_seen', stored: 's.rows_seen', expected: 'b.n' },
  ]);
  const newest = `(SELECT id, tf, max(bar_seq) AS newest FROM ${context.rows.bars(table)} t GROUP BY id, tf)`;
  const { ids } = context.rows;
  return `SELECT s.id, s.tf, ${compared.detail} AS differences
    FROM ${table.stateTable} s
    JOIN ${DAILY_STATE} d ON d.id = s.id AND d.last_src_ts IS NOT NULL
    JOIN (SELECT id, min("timestamp") AS oldest, count(*) AS n FROM ${DAILY_TABLE} WHERE ${ids('id')} GROUP BY id) b ON b.id = s.id
    LEFT JOIN ${newest} n ON n.id = s.id AND n.tf = s.tf
    WHERE ${ids('s.id')} AND s.tf = ANY (ARRAY[${labels}]) AND ${compared.differs} ORDER BY s.id, s.tf`;
}
