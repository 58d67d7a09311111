#!/usr/bin/env bash
# interval '1 month' = interval '30 days' is true in PostgreSQL and in DuckDB, and '1 year' = '360 days', though both lead to other dates and
# extract(epoch) calls a year 365.25 days. A column of timeframes keeps what was written, but groups, joins, DISTINCT and unique keys take
# bars of a month and of 30 days for one timeframe: averages mix them, a join doubles rows, an upsert hits the other bar.
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
const engines = {
  PostgreSQL: async (sql) => (await lite.query(sql, [], { rowMode: 'array' })).rows,
  DuckDB: async (sql) => (await duck.runAndReadAll(sql)).getRows(),
};
const make = `CREATE TABLE bar (span interval, closed date, close float8);
  INSERT INTO bar VALUES ('30 days', '2024-01-30', 100), ('1 month', '2024-01-31', 130)`;
await lite.exec(make);
await duck.run(make);
const asked = {
  stored: "SELECT string_agg(CAST(span AS text) || ' ' || close, ', ' ORDER BY closed) FROM bar",
  'timeframes and rows of a join': 'SELECT count(DISTINCT a.span), count(*) FROM bar a JOIN bar b USING (span)',
  'averages by timeframe': 'SELECT count(*), avg(close) FROM bar GROUP BY span',
  'a year is 360 days': "SELECT interval '1 year' = interval '360 days', CAST(extract(epoch FROM interval '1 year') AS float8) / 86400",
  'they lead to': "SELECT CAST(CAST(date '2024-01-01' + interval '1 year' AS date) AS text), CAST(CAST(date '2024-01-01' + interval '360 days' AS date) AS text)",
};
for (const [what, sql] of Object.entries(asked)) {
  for (const [name, ask] of Object.entries(engines)) console.log(`${what}, ${name}: ${(await ask(sql)).map((row) => row.join(' ')).join('; ')}`);
}
await lite.exec("CREATE UNIQUE INDEX ON bar (span, closed)");
await lite.exec("INSERT INTO bar VALUES ('1 month', '2024-01-30', 999) ON CONFLICT (span, closed) DO UPDATE SET close = excluded.close");
console.log('after an upsert of a month, PostgreSQL:', (await engines.PostgreSQL(asked.stored))[0][0]);
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
stored, PostgreSQL: 30 days 100, 1 mon 130
stored, DuckDB: 30 days 100.0, 1 month 130.0
timeframes and rows of a join, PostgreSQL: 1 4
timeframes and rows of a join, DuckDB: 1 4
averages by timeframe, PostgreSQL: 2 115
averages by timeframe, DuckDB: 2 115
a year is 360 days, PostgreSQL: true 365.25
a year is 360 days, DuckDB: true 365.25
they lead to, PostgreSQL: 2025-01-01 2024-12-26
they lead to, DuckDB: 2025-01-01 2024-12-26
after an upsert of a month, PostgreSQL: 30 days 999, 1 mon 130
OUT
