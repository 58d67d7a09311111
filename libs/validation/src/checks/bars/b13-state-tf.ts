import { specOf, timeframesOf } from '@ta/bars-core/engine';
import { quoteLiteral, type BarTable } from '@ta/state-store';
import type { CheckContext } from '../../check-context.ts';
import type { Check } from '../../check.ts';
import { rebuildCommand, refreshCommand } from '../../commands-to-type.ts';
import { foundInBars } from '../../recompute/bar-pass.ts';
import { comparison, differenceText } from '../../sql/differences.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { DAILY_STATE, DAILY_TABLE } from '../table-names.ts';

/** B13: the state of each timeframe agrees with its bars and with the daily bars. */
export const stateTf: Check = {
  id: 'B13',
  name: 'state_tf',
  scope: 'bars',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['field', 'stored', 'expected'],
  explanation:
    'For every id with daily bars each canonical timeframe has a state row whose last_bar_seq, last_time_close, daily_min_seen, ' +
    'daily_max_seen, rows_seen, zone, specification, build stamp and revision are those of the stored bars and of the daily state; no row is of a timeframe that is not built here. ' +
    'Outside the fast profile the numbers that resume the fold (resume) are computed again as well.',
  whatToDo: `Run ${refreshCommand('bars')}; if the finding stays, ${rebuildCommand('bars')}.`,
  tables: (context) => context.barTables.map(({ stateTable }) => stateTable),
  async *run(context) {
    for (const table of context.barTables) {
      const select = stateSql(context, table);
      if (select !== null) {
        yield* foundRows(context, table.stateTable, select, (row) =>
          row['is_missing'] === true ? 'no state row' : differenceText(row['differences']),
        );
      }
      yield* foundRows(
        context,
        table.stateTable,
        strayStates(context, table),
        () => 'state of a timeframe that is not built here',
      );
      if (context.request.profile === 'fast') continue;
      yield* foundInBars(context, table, 'B13');
    }
  },
};

/** State rows that no refresh reads: of a label that is not one of the family's. */
function strayStates(context: CheckContext, table: BarTable): string {
  const family = timeframesOf(table.family, context.timeframes, { includeNonCanonical: true });
  const labels = family.map(({ tf }) => quoteLiteral(tf)).join(', ');
  return `SELECT s.id, s.tf FROM ${table.stateTable} s
    WHERE ${context.rows.ids('s.id')} AND s.tf <> ALL (ARRAY[${labels}]::text[]) ORDER BY s.id, s.tf`;
}

function stateSql(context: CheckContext, table: BarTable): string | null {
  const timeframes = context.barTimeframes(table.family);
  if (timeframes.length === 0) return null;
  const specs = timeframes.map((timeframe) => `(${quoteLiteral(timeframe.tf)}, ${quoteLiteral(specOf(timeframe))})`);
  // with rows left out nothing can be said about the newest number
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
    { column: 'daily_max_seen', stored: 's.daily_max_seen', expected: 'd.last_src_ts' },
    { column: 'rows_seen', stored: 's.rows_seen', expected: 'b.n' },
    { column: 'tz', stored: 's.tz', expected: 'd.tz' },
    { column: 'spec', stored: 's.spec', expected: 'd.spec' },
    { column: 'src_full_built_at', stored: 's.src_full_built_at', expected: 'd.full_built_at' },
    { column: 'src_revision', stored: 's.src_revision', expected: 'd.revision' },
  ]);
  const newest = `(SELECT id, tf, max(bar_seq) AS newest FROM ${context.rows.bars(table)} t GROUP BY id, tf)`;
  const { ids } = context.rows;
  return `WITH wanted AS (SELECT d.*, x.tf AS tf, x.spec FROM ${DAILY_STATE} d CROSS JOIN (VALUES ${specs.join(', ')}) x(tf, spec)
      WHERE ${ids('d.id')} AND d.last_src_ts IS NOT NULL)
    SELECT d.id, d.tf, s.id IS NULL AS is_missing, CASE WHEN s.id IS NOT NULL THEN ${compared.detail} END AS differences
    FROM wanted d
    JOIN (SELECT id, min("timestamp") AS oldest, count(*) AS n FROM ${DAILY_TABLE} WHERE ${ids('id')} GROUP BY id) b ON b.id = d.id
    LEFT JOIN ${table.stateTable} s ON s.id = d.id AND s.tf = d.tf
    LEFT JOIN ${newest} n ON n.id = d.id AND n.tf = d.tf
    WHERE s.id IS NULL OR ${compared.differs} ORDER BY d.id, d.tf`;
}
