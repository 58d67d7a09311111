import { instantSql } from '@ta/state-store';
import { isZoneFingerprint, tradingDaysText } from '@ta/bars-core/engine';
import { zoneOrNull } from '../../assets.ts';
import type { Check } from '../../check.ts';
import type { Found } from '../../finding.ts';
import { foundRow, foundRows } from '../../sql/found-rows.ts';
import { allRows, jsonRows } from '../../sql/json-rows.ts';
import { DAILY_STATE, DAILY_TABLE } from '../table-names.ts';

const REVISIONS = 'cmc_price_bars_1d_revisions';

/** Conditions under which a row of the state is wrong in itself; the first word of `field` is its column. */
const STATE_RULES: readonly { readonly field: string; readonly isWrong: (future: string) => string }[] = [
  ...['last_run_ts', 'full_built_at'].map((column) => ({
    field: `${column} in the future`,
    isWrong: (future: string) => `${column} > ${future}`,
  })),
  ...['last_upserted', 'last_rejected'].map((field) => ({ field, isWrong: () => `${field} < 0` })),
  ...['last_repaired_timehigh', 'last_repaired_timelow'].map((field) => ({
    field,
    isWrong: () => `${field} NOT BETWEEN 0 AND greatest(last_upserted, 0)`,
  })),
];

/** B10: the state of the daily bars agrees with them. */
export const state1d: Check = {
  id: 'B10',
  name: 'state_1d',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['last_src_ts', 'actual_max', 'field'],
  explanation:
    'An id with daily bars has a state row, and last_src_ts is its newest daily bar. last_run_ts and ' +
    'full_built_at are not in the future, and the counters of the last run are not negative. The zone exists, ' +
    'and the fingerprint of its day rules is stored. The bars were built with the close rule, weekdays and ' +
    'holidays that the asset has now. All revisions up to that of the state are recorded.',
  whatToDo: 'Reset the id (`ta state reset --bars --ids <id>`) and refresh: the whole chain is rebuilt.',
  tables: () => [DAILY_STATE, DAILY_TABLE],
  async *run(context) {
    const { ids } = context.rows;
    const future = `greatest(${instantSql(context.request.asOfTs)}, now())`;
    const states = `SELECT coalesce(s.id, b.id) AS id, s.last_src_ts, b.newest AS actual_max, s.id IS NULL AS has_no_state,
        b.newest AS expected, s.last_src_ts AS actual
      FROM (SELECT * FROM ${DAILY_STATE} WHERE ${ids('id')}) s
      FULL JOIN (SELECT id, max("timestamp") AS newest FROM ${DAILY_TABLE} WHERE ${ids('id')} GROUP BY id) b ON b.id = s.id
      WHERE s.id IS NULL OR s.last_src_ts IS DISTINCT FROM b.newest ORDER BY 1`;
    yield* foundRows(context, DAILY_STATE, states, (row) => {
      if (row['has_no_state'] === true) return 'daily bars without a state row';
      return `last_src_ts is ${String(row['last_src_ts'])}, the newest daily bar is of ${String(row['actual_max'] ?? 'no day')}`;
    });
    const wrong = STATE_RULES.map(({ field, isWrong }) => `CASE WHEN ${isWrong(future)} THEN '${field}' END`);
    const fields = `SELECT * FROM (
        SELECT *, array_remove(ARRAY[${wrong.join(', ')}], NULL) AS fields FROM ${DAILY_STATE} WHERE ${ids('id')}) s
      WHERE fields <> '{}' ORDER BY id`;
    for await (const row of jsonRows(context.session, fields)) {
      for (const field of row['fields'] as string[]) {
        const actual = row[field.split(' ')[0]];
        yield foundRow(DAILY_STATE, { id: row['id'], field, actual }, `${field}: ${String(actual)}`);
      }
    }
    const revisions = `SELECT coalesce(s.id, r.id) AS id, coalesce(s.revision, 0) AS expected, r.newest AS actual, r.n
      FROM (SELECT * FROM ${DAILY_STATE} WHERE ${ids('id')}) s
      FULL JOIN (SELECT id, max(revision) AS newest, count(*) AS n FROM ${REVISIONS} WHERE ${ids('id')} GROUP BY id) r ON r.id = s.id
      WHERE coalesce(s.revision, 0) <> coalesce(r.newest, 0) OR coalesce(r.n, 0) <> coalesce(r.newest, 0) ORDER BY 1`;
    yield* foundRows(
      context,
      REVISIONS,
      revisions,
      (row) =>
        `the state is at revision ${String(row['expected'])}, recorded are ${String(row['n'] ?? 0)} up to ${String(row['actual'] ?? 0)}`,
    );
    for (const { id, hasState, trading, builtTradingDays } of context.assets) {
      const now = tradingDaysText(trading);
      if (!hasState || builtTradingDays === now) continue;
      const text = `built with the trading days ${String(builtTradingDays)}, which are ${String(now)} now; the next refresh rebuilds the bars`;
      yield foundRow(DAILY_STATE, { id, field: 'trading_days', expected: now, actual: builtTradingDays }, text);
    }
    for (const row of await allRows(
      context.session,
      `SELECT id, tz, day_rules FROM ${DAILY_STATE} WHERE ${ids('id')} ORDER BY id`,
    )) {
      yield* zoneFindings(row as unknown as ZoneOfState);
    }
  },
};

interface ZoneOfState {
  readonly id: number;
  readonly tz: string;
  readonly day_rules: string | null;
}

function* zoneFindings({ id, tz, day_rules: rules }: ZoneOfState): Generator<Found> {
  const known = zoneOrNull(tz);
  if (known !== tz) {
    const problem = known === null ? 'is not a zone' : `is called ${known}`;
    yield foundRow(DAILY_STATE, { id, field: 'tz', actual: tz }, `tz is ${tz}, which ${problem}`);
  }
  if (known !== null && (rules === null || !isZoneFingerprint(rules, known))) {
    const text = `day_rules is ${String(rules)}, so the rules that decided the days are unknown; the next refresh rebuilds the bars`;
    yield foundRow(DAILY_STATE, { id, field: 'day_rules', actual: rules }, text);
  }
}
