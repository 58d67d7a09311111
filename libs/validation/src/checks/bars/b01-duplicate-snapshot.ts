import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows, missingKey } from '../../sql/found-rows.ts';
import { barTableNames, DAILY_TABLE } from '../table-names.ts';

/** B01: no bar is stored twice, and a civil day has one daily bar. */
export const duplicateSnapshot: Check = {
  id: 'B01',
  name: 'duplicate_snapshot',
  severity: 'CRITICAL',
  kind: 'sql',
  columns: ['n', 'unique_index'],
  explanation:
    'Every daily bar has its own (id, timestamp) and its own civil day; every snapshot has its own (id, tf, ' +
    'bar_seq, time_close). Where a valid unique index enforces the key, duplicates are impossible and the rows ' +
    'are not read. A missing index is a finding.',
  whatToDo: `Rebuild the id with ${rebuildCommand('all')}; restore a missing index with the DDL of the migrations.`,
  tables: barTableNames,
  async *run(context) {
    const { rows, uniqueKeys } = context;
    if (context.hasDaily) {
      if (!uniqueKeys.isGuaranteed(DAILY_TABLE, ['id', 'timestamp'])) {
        yield missingKey(DAILY_TABLE, '(id, timestamp)');
        const select = `SELECT id, "timestamp" AS key, count(*) AS n FROM ${rows.daily()} b GROUP BY id, "timestamp" HAVING count(*) > 1`;
        yield* foundRows(context, DAILY_TABLE, select, ({ n }) => `${n as number} daily bars with one timestamp`);
      }
      const perDay = `SELECT id, day AS key, count(*) AS n FROM ${rows.daily()} b GROUP BY id, day
        HAVING count(DISTINCT "timestamp") > 1`;
      yield* foundRows(context, DAILY_TABLE, perDay, ({ n }) => `${n as number} daily bars on one civil day`);
    }
    for (const table of context.barTables) {
      const stored = table.rows.table;
      const isGuaranteed = uniqueKeys.isGuaranteed(stored, ['id', 'series', 'time_close']);
      if (!isGuaranteed) yield missingKey(stored, '(id, series, time_close)');
      const isOneSeries = uniqueKeys.isGuaranteed('bar_series', ['alignment_source', 'tf']);
      if (!isOneSeries) yield missingKey('bar_series', '(alignment_source, tf)');
      if (isGuaranteed && isOneSeries) continue;
      const select = `SELECT id, tf, time_close AS key, count(*) AS n FROM ${rows.bars(table)} t
        GROUP BY id, tf, time_close HAVING count(*) > 1`;
      yield* foundRows(context, table.table, select, ({ n }) => `${n as number} snapshots of one day`);
    }
  },
};
