#!/usr/bin/env bash
# sum of a real column is a real in PostgreSQL, also while it adds up: after 16,777,216 ones nothing is added any more, and ten years of
# volumes about a million are off by 1,225. avg of the same column adds up in double precision, so avg * count is right where sum is
# not. DuckDB sums FLOAT as DOUBLE. PostgreSQL 18 (@electric-sql/pglite 0.5.17), DuckDB 1.5.6 (@duckdb/node-api 1.5.6-r.1), 2026-11-29.
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
console.log((await lite.query('SELECT version()')).rows[0].version.split(' (')[0]);
const show = async (what, value, rows) => {
  const from = `FROM (SELECT CAST(${value} AS real) AS volume FROM generate_series(1, ${rows}) s(day)) v`;
  const [row] = (await lite.query(`SELECT sum(volume)::int8::text AS sum, (avg(volume) * count(*))::int8::text AS avg, sum(volume::float8)::int8::text AS double ${from}`)).rows;
  console.log(`${what}: sum ${row.sum}, avg * count ${row.avg}, sum of doubles ${row.double}`);
  console.log(`${what}: DuckDB ${(await duck.runAndReadAll(`SELECT CAST(sum(volume) AS BIGINT) ${from}`)).getRows()[0][0]}`);
};
await show('17,000,000 ones', '1', 17_000_000);
await show('a year of days', '1000000 + day * 1001 % 777777', 365);
await show('ten years of days', '1000000 + day * 1001 % 777777', 3650);
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
PostgreSQL 18.7
17,000,000 ones: sum 16777216, avg * count 17000000, sum of doubles 17000000
17,000,000 ones: DuckDB 17000000
a year of days: sum 431861696, avg * count 431861795, sum of doubles 431861795
a year of days: DuckDB 431861795
ten years of days: sum 5004408832, avg * count 5004410057, sum of doubles 5004410057
ten years of days: DuckDB 5004410057
OUT
