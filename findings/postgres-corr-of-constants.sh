#!/usr/bin/env bash
# corr() of PostgreSQL answers NULL for a column that does not move, but only where its running sums happen to stay exact. 365
# days of a coin pegged at 1.0001 have a standard deviation of 2.5e-15 and correlate with anything by some number; two pegs
# that never move correlate by -0.9998, with an r2 of 0.9996. DuckDB answers NaN, and a deviation of 0.
# PostgreSQL 18.6 (@electric-sql/pglite 0.5.16), @duckdb/node-api 1.5.5-r.5, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.16 @duckdb/node-api@1.5.5-r.5
cat >run.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
import { PGlite } from '@electric-sql/pglite';
const sql = (a, b) => `SELECT corr(a, b) AS corr, regr_r2(a, b) AS r2, stddev_pop(a) AS sd
  FROM (SELECT CAST(${a} AS double precision) AS a, CAST(${b} AS double precision) AS b FROM generate_series(1, 365) s(day)) v`;
const pairs = [['1', '2'], ['1.0001', '0.9999'], ['1.0001', 'day'], ['0.1', 'day % 7']];
const lite = await PGlite.create();
const duck = await (await DuckDBInstance.create(':memory:')).connect();
console.log((await lite.query('SELECT version()')).rows[0].version.split(' (')[0]);
for (const [a, b] of pairs) {
  const { corr, r2, sd } = (await lite.query(sql(a, b))).rows[0];
  console.log(`${a} with ${b}: PostgreSQL ${corr === null ? corr : corr.toFixed(6)} r2 ${r2 === null ? r2 : r2.toFixed(6)} sd ${sd.toPrecision(2)}`);
  const [row] = (await duck.runAndReadAll(sql(a, b))).getRows();
  console.log(`${a} with ${b}: DuckDB ${row[0]} r2 ${row[1]} sd ${row[2]}`);
}
JS
node run.mjs | tee out.txt
grep -q '^1 with 2: PostgreSQL null r2 null sd 0' out.txt
grep -q '^1.0001 with 0.9999: PostgreSQL -0.9998.* r2 0.9996' out.txt
grep -q '^1.0001 with day: PostgreSQL -0.0659' out.txt
grep -q '^1.0001 with 0.9999: DuckDB NaN r2 .* sd 0$' out.txt
