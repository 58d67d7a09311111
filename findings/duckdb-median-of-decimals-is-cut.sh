#!/usr/bin/env bash
# median and quantile_cont of DuckDB interpolate a DECIMAL within its own scale: the value between two prices is cut to their decimals,
# toward the lower one, and the median of 1 and 2 is 1. The same numbers as DOUBLE or BIGINT give 1.5, as avg of the decimals and
# percentile_cont of PostgreSQL do; a value at risk of returns with two decimals moves by up to 0.01.
# DuckDB 1.5.6 (@duckdb/node-api 1.5.6-r.1), PostgreSQL 18 (@electric-sql/pglite 0.5.17), 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @duckdb/node-api@1.5.6-r.1 @electric-sql/pglite@0.5.17
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
import { PGlite } from '@electric-sql/pglite';
const duck = await (await DuckDBInstance.create(':memory:')).connect();
const lite = await PGlite.create();
console.log('DuckDB', String((await duck.runAndReadAll('SELECT version()')).getRows()[0][0]));
const show = async (at, type, values) => {
  const rows = `FROM (SELECT CAST(v AS ${type}) AS v FROM (VALUES (${values.join('), (')})) t(v)) u`;
  const [row] = (await duck.runAndReadAll(`SELECT quantile_cont(v, ${at}), avg(v), typeof(quantile_cont(v, ${at})) ${rows}`)).getRows();
  const { rows: [{ p }] } = await lite.query(`SELECT percentile_cont(${at}) WITHIN GROUP (ORDER BY v) AS p ${rows}`);
  console.log(`${at} of ${values.join(' ')} as ${type}: ${row[0]} (${row[2]}), avg ${row[1]}, PostgreSQL ${Number(p.toFixed(6))}`);
};
for (const type of ['DECIMAL(12,0)', 'BIGINT']) for (const at of [0.5, 0.9]) await show(at, type, [1, 2]);
for (const type of ['DECIMAL(12,2)', 'DECIMAL(12,4)']) await show(0.5, type, [1.01, 1.02]);
for (const type of ['DECIMAL(6,2)', 'DECIMAL(6,4)']) await show(0.05, type, [-4.1, -2.2, -1.3, 0.4, 1.1, 2.5]);
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
DuckDB v1.5.6
0.5 of 1 2 as DECIMAL(12,0): 1 (DECIMAL(12,0)), avg 1.5, PostgreSQL 1.5
0.9 of 1 2 as DECIMAL(12,0): 1 (DECIMAL(12,0)), avg 1.5, PostgreSQL 1.9
0.5 of 1 2 as BIGINT: 1.5 (DOUBLE), avg 1.5, PostgreSQL 1.5
0.9 of 1 2 as BIGINT: 1.9 (DOUBLE), avg 1.5, PostgreSQL 1.9
0.5 of 1.01 1.02 as DECIMAL(12,2): 1.01 (DECIMAL(12,2)), avg 1.015, PostgreSQL 1.015
0.5 of 1.01 1.02 as DECIMAL(12,4): 1.0150 (DECIMAL(12,4)), avg 1.015, PostgreSQL 1.015
0.05 of -4.1 -2.2 -1.3 0.4 1.1 2.5 as DECIMAL(6,2): -3.63 (DECIMAL(6,2)), avg -0.6, PostgreSQL -3.625
0.05 of -4.1 -2.2 -1.3 0.4 1.1 2.5 as DECIMAL(6,4): -3.6250 (DECIMAL(6,4)), avg -0.6, PostgreSQL -3.625
OUT
