import { countTradingDays, EVERY_DAY, parseCivilDay } from '@ta/bars-core/engine';
import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRow } from '../../sql/found-rows.ts';
import { jsonRows } from '../../sql/json-rows.ts';
import { DAILY_REJECTS_TABLE, DAILY_TABLE, dailyTableNames, SOURCE_TABLE } from '../table-names.ts';

/** B03: trading days without a daily bar, and whether `is_missing_days` marks them. */
export const gaps1d: Check = {
  id: 'B03',
  name: 'gaps_1d',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['gap_from', 'gap_to', 'missing_days', 'origin', 'is_missing_days'],
  explanation:
    'A gap is a trading day between two daily bars that has no bar. If the source lacks the day, or its row was ' +
    'rejected, the gap is a WARNING. If the source has a row that is neither a bar nor a reject, it is an ERROR: ' +
    'the pipeline lost it. is_missing_days must be true on exactly the bars that follow a gap.',
  whatToDo: `Source gap: load the missing days if the provider has them. Pipeline gap or wrong flag: ${rebuildCommand('all')}.`,
  tables: dailyTableNames,
  async *run(context) {
    if (!context.hasDaily) return;
    const { rows } = context;
    const tradingById = new Map(context.assets.map(({ id, trading }) => [id, trading]));
    /** Days of trading in a gap; all of its days where the asset trades every day. */
    const missingDays = (id: unknown, from: unknown, to: unknown) =>
      countTradingDays(
        tradingById.get(id as number) ?? EVERY_DAY,
        parseCivilDay(from as string),
        parseCivilDay(to as string),
      );
    const bars = `SELECT b.id, b."timestamp" AS ts, b.day, b.is_missing_days, b.day_from AS gap_ends, lag(b.day_until) OVER asset AS gap_begins,
        lag(b.day) OVER asset AS before FROM ${rows.daily()} b WINDOW asset AS (PARTITION BY b.id ORDER BY b."timestamp")`;
    const gaps = `WITH bars AS (${bars}), gaps AS (SELECT * FROM bars WHERE day - before > 1),
      held AS (
        SELECT g.id, g.day, count(*) AS source_rows, count(*) FILTER (WHERE r.id IS NULL) AS lost
        FROM gaps g JOIN ${rows.source()} s ON s.id = g.id AND s."timestamp" >= g.gap_begins AND s."timestamp" < g.gap_ends
        LEFT JOIN ${DAILY_REJECTS_TABLE} r ON r.id = s.id AND r."timestamp" = s."timestamp"
        GROUP BY g.id, g.day)
      SELECT g.id, g.before + 1 AS key, g.before + 1 AS gap_from, g.day - 1 AS gap_to, g.day - g.before - 1 AS missing_days,
        CASE WHEN h.lost > 0 THEN 'pipeline' WHEN h.source_rows > 0 THEN 'rejected' ELSE 'source' END AS origin,
        CASE WHEN h.lost > 0 THEN 'ERROR' ELSE 'WARNING' END AS severity
      FROM gaps g LEFT JOIN held h USING (id, day) ORDER BY g.id, g.day`;
    for await (const row of jsonRows(context.session, gaps)) {
      const { origin, gap_to: to } = row as { origin: string; gap_to: string };
      const missing = missingDays(row['id'], row['gap_from'], to);
      if (missing === 0 && origin !== 'pipeline') continue;
      const text = `${missing} missing day(s) until ${to}, origin: ${ORIGINS[origin]}`;
      yield foundRow(DAILY_TABLE, { ...row, missing_days: missing }, text);
    }
    const flags = `WITH bars AS (${bars}) SELECT id, ts AS key, is_missing_days, before + 1 AS gap_from, day - 1 AS gap_to,
        is_missing_days AS actual FROM bars
      WHERE (is_missing_days OR day - before > 1) AND (before IS NOT NULL OR ${context.request.fromTs === -Infinity}) ORDER BY id, ts`;
    for await (const { gap_from: from, gap_to: to, ...row } of jsonRows(context.session, flags)) {
      const expected = from !== null && (from as string) <= (to as string) && missingDays(row['id'], from, to) > 0;
      if (row['actual'] === expected) continue;
      const text = expected
        ? 'follows missing days but is_missing_days is false'
        : 'follows no gap but is_missing_days is true';
      yield foundRow(DAILY_TABLE, { ...row, expected }, text);
    }
  },
};

const ORIGINS: Readonly<Record<string, string>> = {
  source: `not in ${SOURCE_TABLE} either`,
  rejected: 'rejected source rows',
  pipeline: `present in ${SOURCE_TABLE}, but neither bar nor reject`,
};
