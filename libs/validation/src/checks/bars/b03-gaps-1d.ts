import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { DAILY_REJECTS_TABLE, DAILY_TABLE, dailyTableNames, SOURCE_TABLE } from '../table-names.ts';

/** B03: civil days without a daily bar, and whether `is_missing_days` tells them (operations.md 5.2, ruling 3). */
export const gaps1d: Check = {
  id: 'B03',
  name: 'gaps_1d',
  scope: 'bars',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['gap_from', 'gap_to', 'missing_days', 'origin', 'is_missing_days'],
  explanation:
    'A civil day between two daily bars that has no bar is a gap. Missing in the source too, or rejected, it is a WARNING; present ' +
    'in the source and neither bar nor reject it is an ERROR of the pipeline. is_missing_days must be true exactly on the bar after a gap.',
  whatToDo: `Source gap: load the missing days if the provider has them. Pipeline gap or wrong flag: ${rebuildCommand('all')}.`,
  tables: dailyTableNames,
  async *run(context) {
    if (!context.hasDaily) return;
    const { rows } = context;
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
    yield* foundRows(
      context,
      DAILY_TABLE,
      gaps,
      (row) =>
        `${row['missing_days'] as number} missing day(s) until ${row['gap_to'] as string}, origin: ${ORIGINS[row['origin'] as string]}`,
    );
    const flags = `WITH bars AS (${bars}) SELECT id, ts AS key, is_missing_days, coalesce(day - before > 1, false) AS expected,
        is_missing_days AS actual FROM bars
      WHERE is_missing_days IS DISTINCT FROM coalesce(day - before > 1, false)
        AND (before IS NOT NULL OR ${context.request.fromTs === -Infinity}) ORDER BY id, ts`;
    yield* foundRows(context, DAILY_TABLE, flags, (row) =>
      row['expected'] === true
        ? 'follows missing days but is_missing_days is false'
        : 'follows no gap but is_missing_days is true',
    );
  },
};

const ORIGINS: Readonly<Record<string, string>> = {
  source: `not in ${SOURCE_TABLE} either`,
  rejected: 'rejected source rows',
  pipeline: `present in ${SOURCE_TABLE}, lost on the way`,
};
