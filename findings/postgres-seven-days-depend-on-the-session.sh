#!/usr/bin/env bash
# A window of RANGE '6 days' PRECEDING over timestamptz counts days in the zone of the session, which many clients set to their
# own: from New York in March a week of daily closes in UTC has six rows, for a week after the clocks change, and a join on
# ts - interval '7 days' loses those days. Same rows, same query, other averages; hours ('144 hours') are the same everywhere.
# PostgreSQL 18.6 (@electric-sql/pglite 0.5.16), 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.16
cat >run.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
const db = await PGlite.create();
console.log((await db.query('SELECT version()')).rows[0].version.split(' (')[0]);
await db.exec(`CREATE TABLE bar (ts timestamptz PRIMARY KEY, close float8);
  INSERT INTO bar SELECT '2024-03-01 23:59:59.999Z'::timestamptz + i * interval '24 hours', i FROM generate_series(0, 19) i`);
const counts = (span) => `SELECT string_agg(n::text, ' ' ORDER BY ts) AS found FROM
  (SELECT ts, count(*) OVER (ORDER BY ts RANGE BETWEEN '${span}' PRECEDING AND CURRENT ROW) AS n FROM bar) w`;
const join = `SELECT string_agg(coalesce((b.close - p.close)::text, '-'), ' ' ORDER BY b.ts) AS found
  FROM bar b LEFT JOIN bar p ON p.ts = b.ts - interval '7 days'`;
for (const zone of ['UTC', 'America/New_York']) {
  await db.exec(`SET timezone = '${zone}'`);
  for (const [what, sql] of [['6 days', counts('6 days')], ['144 hours', counts('144 hours')], ['change', join]]) {
    console.log(`${zone}, ${what}: ${(await db.query(sql)).rows[0].found}`);
  }
}
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
PostgreSQL 18.6
UTC, 6 days: 1 2 3 4 5 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7
UTC, 144 hours: 1 2 3 4 5 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7
UTC, change: - - - - - - - 7 7 7 7 7 7 7 7 7 7 7 7 7
America/New_York, 6 days: 1 2 3 4 5 6 7 7 7 6 6 6 6 6 6 7 7 7 7 7
America/New_York, 144 hours: 1 2 3 4 5 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7
America/New_York, change: - - - - - - - 7 7 - - - - - - - 7 7 7 7
OUT
