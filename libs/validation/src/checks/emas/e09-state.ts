import { BAR_TABLES, quoteLiteral, instantSql, type EmaTableFacts } from '@ta/state-store';
import type { AssetFacts } from '../../assets.ts';
import type { CheckContext } from '../../check-context.ts';
import type { Check } from '../../check.ts';
import { refreshCommand } from '../../commands-to-type.ts';
import type { Found } from '../../finding.ts';
import { canonicalRows, closingsOf } from '../../recompute/closing-days.ts';
import { readDailyInput } from '../../recompute/daily-input.ts';
import { foundInEmas } from '../../recompute/ema-pass.ts';
import type { EmaPlace } from '../../recompute/place.ts';
import { foundUnlessUnreadable } from '../../recompute/unreadable.ts';
import { comparison, differenceText } from '../../sql/differences.ts';
import { foundAt, foundRows } from '../../sql/found-rows.ts';
import { allRows } from '../../sql/json-rows.ts';
import { behindAndOther } from '../../state/behind-findings.ts';
import { DAILY_STATE, DAILY_TABLE } from '../table-names.ts';

const STATE = 'cmc_ema_state';
const REFRESH_STATE = 'cmc_ema_refresh_state';

/** E09: the state of each timeframe agrees with its inputs, and the operator's view with the state. */
export const state: Check = {
  id: 'E09',
  name: 'state',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['field', 'stored', 'expected'],
  explanation:
    'For every id with daily bars, each canonical timeframe has a state row whose watermarks, counts, build ' +
    'stamps, revision, periods and parameters agree with the bars and with the daily state. ' +
    'cmc_ema_refresh_state has the smallest watermark of each group. There is no state of a timeframe that the ' +
    'table has no EMAs of. Except in the fast profile, the numbers from which the next refresh continues ' +
    '(resume) are recomputed as well.',
  whatToDo: `Run \`ta state reset --emas --ids <id>\`, then ${refreshCommand('all')}. Without the reset a run may not see that there is something to do. What it does see, such as an interrupted full rebuild, the second command repairs alone.`,
  tables: () => [STATE, DAILY_TABLE],
  run: (context) => behindAndOther(context, 'emas', wrongStates(context)),
};

async function* wrongStates(context: CheckContext): AsyncGenerator<Found> {
  for (const table of context.emaTables) {
    yield* context.eachAsset(table.table, (session, asset) =>
      foundUnlessUnreadable(STATE, asset.id, () => stateFindings({ context, session, asset, table })),
    );
    if (context.request.profile === 'fast') continue;
    yield* foundInEmas(context, 'E09', [table]);
  }
  yield* foundRows(context, REFRESH_STATE, watermarkSql(context), (row) =>
    row['is_missing'] === true ? 'EMA states without their row here' : differenceText(row['differences']),
  );
}

/** `last_load_ts_daily` is v2, `…_multi` multi_tf, `…_cal` the smallest of the four calendar tables. */
function watermarkSql(context: CheckContext): string {
  const least = (condition: string) => `min(last_ts) FILTER (WHERE alignment_source ${condition})`;
  const compared = comparison([
    { column: 'last_load_ts_daily', stored: 'r.last_load_ts_daily', expected: 'w.daily' },
    { column: 'last_load_ts_multi', stored: 'r.last_load_ts_multi', expected: 'w.multi' },
    { column: 'last_load_ts_cal', stored: 'r.last_load_ts_cal', expected: 'w.cal' },
  ]);
  const { ids } = context.rows;
  return `SELECT coalesce(r.id, w.id) AS id, r.id IS NULL AS is_missing, CASE WHEN r.id IS NOT NULL THEN ${compared.detail} END AS differences
    FROM (SELECT * FROM ${REFRESH_STATE} WHERE ${ids('id')}) r FULL JOIN (
      SELECT id, ${least(`= 'multi_tf_v2'`)} AS daily, ${least(`= 'multi_tf'`)} AS multi,
        ${least(`NOT IN ('multi_tf_v2', 'multi_tf')`)} AS cal
      FROM ${STATE} WHERE ${ids('id')} GROUP BY id) w ON w.id = r.id
    WHERE r.id IS NULL OR ${compared.differs} ORDER BY 1`;
}

async function stateFindings(place: EmaPlace): Promise<Found[]> {
  const { context, session, asset, table } = place;
  const timeframes = context.emaTimeframes(table.source);
  const daily = await readDailyInput(place);
  if (timeframes.length === 0 || daily.length === 0) return [];
  const expected = timeframes.map((timeframe) => {
    const closed = closingsOf(table.source, timeframe, daily, asset.trading);
    const last = canonicalRows(closed).at(-1) ?? -1;
    const bars = closed.length;
    const lastClose = last < 0 ? 'NULL::timestamptz' : instantSql(daily.ts[last]);
    return `(${quoteLiteral(timeframe.tf)}, ${bars}, ${lastClose})`;
  });
  const rows = await allRows(session, stateSql(asset, table, expected));
  return rows.map((row) => {
    const place = { id: asset.id, tf: row['tf'] as string, key: table.source };
    const { differences } = row;
    return foundAt(STATE, place, differenceText(differences), { detail: { differences } });
  });
}

function stateSql(asset: AssetFacts, table: EmaTableFacts, expected: readonly string[]): string {
  const newestBar =
    table.barFamily === null
      ? 'NULL::int'
      : `(SELECT max(t.bar_seq) FROM ${BAR_TABLES[table.barFamily].table} t WHERE t.id = s.id AND t.tf = s.tf AND t.closed_at IS NOT NULL)`;
  const compared = comparison([
    { column: 'bars_seen', stored: 's.bars_seen', expected: 'x.bars' },
    { column: 'rows_seen', stored: 's.rows_seen', expected: 'b.n' },
    { column: 'last_canonical_ts', stored: 's.last_canonical_ts', expected: 'x.last_close' },
    { column: 'last_time_close', stored: 's.last_time_close', expected: 'x.last_close' },
    { column: 'daily_min_seen', stored: 's.daily_min_seen', expected: 'b.oldest' },
    { column: 'daily_max_seen', stored: 's.daily_max_seen', expected: 'd.last_src_ts' },
    // the writer may leave it empty
    {
      column: 'last_bar_seq',
      stored: 's.last_bar_seq',
      expected: `CASE WHEN s.last_bar_seq IS NOT NULL THEN ${newestBar} END`,
    },
  ]);
  return `SELECT x.tf, ${compared.detail} AS differences
    FROM ${DAILY_STATE} d CROSS JOIN (VALUES ${expected.join(', ')}) x(tf, bars, last_close)
    CROSS JOIN (SELECT min("timestamp") AS oldest, count(*) AS n FROM ${DAILY_TABLE} WHERE id = ${asset.id}) b
    JOIN ${STATE} s ON s.id = d.id AND s.alignment_source = ${quoteLiteral(table.source)} AND s.tf = x.tf
    WHERE d.id = ${asset.id} AND d.last_src_ts IS NOT NULL AND ${compared.differs} ORDER BY x.tf`;
}
