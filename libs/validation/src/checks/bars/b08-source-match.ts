import type { Check } from '../../check.ts';
import { refreshCommand } from '../../commands-to-type.ts';
import { comparison, differenceText } from '../../sql/differences.ts';
import { compareCivilDays } from '../../recompute/civil-days.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { DAILY_REJECTS_TABLE, DAILY_TABLE, dailyTableNames } from '../table-names.ts';
import { repairedSourceSql } from './repaired-source.ts';

const SAME: readonly (readonly [column: string, expected: string])[] = [
  ['time_high', 'e.time_high'],
  ['time_low', 'e.time_low'],
  ['open', 'e.open'],
  ['high', 'e.high'],
  ['low', 'e.low'],
  ['close', 'e.close'],
  ['volume', 'e.volume'],
  ['market_cap', 'e.marketcap'],
  ['src_name', 'e.name'],
  ['src_load_ts', 'e.load_ts'],
  ['src_file', 'e.source_file'],
];
const OF_BARS: readonly (readonly [string, string])[] = [
  ...SAME,
  ['time_open', 'e.timeopen'],
  ['time_close', 'e.timeclose'],
  ['tf', `'1D'`],
  ['repaired_timehigh', 'e.is_high_unplaced'],
  ['repaired_timelow', 'e.is_low_unplaced'],
  ['repaired_high', 'e.is_high_changed'],
  ['repaired_low', 'e.is_low_changed'],
  ['reason', 'e.reason'],
];
const OF_REJECTS: readonly (readonly [string, string])[] = [
  ...SAME,
  ['time_open', 'e.raw_timeopen'],
  ['time_close', 'e.raw_timeclose'],
  ['tf', `'1D'`],
  ['bar_seq', 'e.seq'],
  ['raw_high', 'e.raw_high'],
  ['raw_low', 'e.raw_low'],
  ['raw_timehigh', 'e.timehigh'],
  ['raw_timelow', 'e.timelow'],
  ['reason', 'e.reason'],
  ['is_partial_start', 'NULL::boolean'],
  ['is_partial_end', 'NULL::boolean'],
  ['is_missing_days', 'NULL::boolean'],
];

/** B08: a daily bar holds what its source row and the repair rule say, and so does a reject. */
export const sourceMatch: Check = {
  id: 'B08',
  name: 'source_match',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['column', 'bar', 'source'],
  explanation:
    'Open, close, volume, market cap and origin equal those of the source row exactly. High, low, their ' +
    'instants, the repair flags and the reason of a reject follow from the rules of docs/bars.md, computed here ' +
    'a second time, in SQL. The civil day is that of the instant in the zone of the state.',
  whatToDo: `Run ${refreshCommand('all')}, which processes source rows changed since the last refresh. If the finding stays, the bar was edited: add --full-rebuild.`,
  tables: dailyTableNames,
  async *run(context) {
    if (!context.hasDaily) return;
    const rows = { bars: context.rows.daily(), rejects: context.rows.dailyRejects() };
    yield* context.eachAsset(DAILY_TABLE, (session, asset) => compareCivilDays(session, asset, rows));
    const expected = repairedSourceSql(context);
    const kinds = [
      {
        table: DAILY_TABLE,
        rows: `(SELECT b.*, NULL::text AS reason FROM ${context.rows.daily()} b)`,
        columns: OF_BARS,
      },
      { table: DAILY_REJECTS_TABLE, rows: rows.rejects, columns: OF_REJECTS },
    ];
    for (const { table, rows, columns } of kinds) {
      const { detail, differs } = comparison(
        columns.map(([column, right]) => ({ column, stored: `s.${column}`, expected: right })),
      );
      const select = `SELECT s.id, s."timestamp" AS key, ${detail} AS differences
        FROM ${rows} s JOIN (${expected}) e ON e.id = s.id AND e.ts = s."timestamp" WHERE ${differs} ORDER BY s.id, s."timestamp"`;
      yield* foundRows(context, table, select, (row) => differenceText(row['differences']));
    }
  },
};
