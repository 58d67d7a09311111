#!/usr/bin/env bash
# generate_series steps from the last value, not from the first. A series of days that meets a day without a midnight (Santiago,
# 2024-09-08) goes on at 01:00 for ever, and one of month ends that meets February goes on with the 29th: a join on it
# finds no row from then on. start + n * interval comes back to midnight and to the month's end.
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
await db.exec("SET timezone = 'America/Santiago'");
const show = async (what, from) => {
  const { rows } = await db.query(`SELECT string_agg(to_char(t, 'MM-DD HH24:MI'), ', ' ORDER BY t) AS found FROM ${from} AS s(t)`);
  console.log(`${what}: ${rows[0].found}`);
};
const steps = (start, step) => `(SELECT ${start} + n * interval '${step}' FROM generate_series(0, 4) n)`;
await show('days, series', "generate_series('2024-09-06'::timestamptz, '2024-09-11', '1 day')");
await show('days, steps', steps("'2024-09-06'::timestamptz", '1 day'));
await show('month ends, series', "generate_series('2024-01-31'::timestamp, '2024-05-31', '1 month')");
await show('month ends, steps', steps("'2024-01-31'::timestamp", '1 month'));
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
PostgreSQL 18.6
days, series: 09-06 00:00, 09-07 00:00, 09-08 01:00, 09-09 01:00, 09-10 01:00
days, steps: 09-06 00:00, 09-07 00:00, 09-08 01:00, 09-09 00:00, 09-10 00:00
month ends, series: 01-31 00:00, 02-29 00:00, 03-29 00:00, 04-29 00:00, 05-29 00:00
month ends, steps: 01-31 00:00, 02-29 00:00, 03-31 00:00, 04-30 00:00, 05-31 00:00
OUT
