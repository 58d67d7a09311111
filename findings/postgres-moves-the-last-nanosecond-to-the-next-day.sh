#!/usr/bin/env bash
# PostgreSQL keeps microseconds and rounds what is finer: 2024-01-31 23:59:59.999999999, the end of a day or month as pandas writes it (end_time of a
# Period), becomes midnight of 1 February. The bar lies in the next day, week and month, and takes the place of the bar that closes there.
# DuckDB and Date of JavaScript cut, and so stay in the day; timestamp, timestamptz, time and COPY all round.
# PostgreSQL 18 (@electric-sql/pglite 0.5.17), DuckDB 1.5.6 (@duckdb/node-api 1.5.6-r.1), 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.17 @duckdb/node-api@1.5.6-r.1
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
import { PGlite } from '@electric-sql/pglite';
const lite = await PGlite.create();
const duck = await (await DuckDBInstance.create(':memory:')).connect();
const ends = ['2024-01-31 23:59:59.999999999', '2024-01-31 23:59:59.999999'];
for (const end of ends) {
  const sql = `SELECT CAST(CAST('${end}' AS timestamp) AS text), CAST(CAST(CAST('${end}' AS timestamp) AS date) AS text),
    CAST(CAST(date_trunc('month', CAST('${end}' AS timestamp)) AS date) AS text)`;
  const { rows: [found] } = await lite.query(sql, [], { rowMode: 'array' });
  console.log(`${end}, PostgreSQL: ${found[0]}, day ${found[1]}, month ${found[2]}`);
  const [row] = (await duck.runAndReadAll(sql)).getRows();
  console.log(`${end}, DuckDB: ${row[0]}, day ${row[1]}, month ${row[2]}`);
  console.log(`${end}, Date: ${new Date(`${end.replace(' ', 'T')}Z`).toISOString()}`);
}
await lite.exec('CREATE TABLE bar (closed timestamptz, at time, close float8)');
const blob = new Blob([ends.map((end, i) => `${end}+00,${end.slice(11)},${i}\n`).join('')]);
await lite.query("COPY bar FROM '/dev/blob' (FORMAT csv)", [], { blob });
await lite.exec("SET timezone = 'UTC'");
const { rows } = await lite.query('SELECT date_trunc(\'month\', closed)::date::text AS month, closed::text, at::text FROM bar ORDER BY close', [], { rowMode: 'array' });
for (const [month, closed, at] of rows) console.log(`COPY, PostgreSQL: ${closed}, month ${month}, time ${at}`);
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
2024-01-31 23:59:59.999999999, PostgreSQL: 2024-02-01 00:00:00, day 2024-02-01, month 2024-02-01
2024-01-31 23:59:59.999999999, DuckDB: 2024-01-31 23:59:59.999999, day 2024-01-31, month 2024-01-01
2024-01-31 23:59:59.999999999, Date: 2024-01-31T23:59:59.999Z
2024-01-31 23:59:59.999999, PostgreSQL: 2024-01-31 23:59:59.999999, day 2024-01-31, month 2024-01-01
2024-01-31 23:59:59.999999, DuckDB: 2024-01-31 23:59:59.999999, day 2024-01-31, month 2024-01-01
2024-01-31 23:59:59.999999, Date: 2024-01-31T23:59:59.999Z
COPY, PostgreSQL: 2024-02-01 00:00:00+00, month 2024-02-01, time 24:00:00
COPY, PostgreSQL: 2024-01-31 23:59:59.999999+00, month 2024-01-01, time 23:59:59.999999
OUT
