#!/usr/bin/env bash
# DuckDB reads a CSV column whose first 20,480 lines are whole numbers as BIGINT, and a decimal in a later line is then
# rounded without an error or a warning: 0.5 becomes 1 (or 0), a sum of volumes is wrong. One ".0" on the first line is
# enough to get DOUBLE. @duckdb/node-api 1.5.5-r.5, 2026-11-28.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @duckdb/node-api@1.5.5-r.5
cat >run.cjs <<'JS'
const { writeFileSync } = require('node:fs');
const { DuckDBInstance } = require('@duckdb/node-api');
(async () => {
  const lines = Array.from({ length: 30_000 }, (_, i) => String(1000 + i));
  writeFileSync('late.csv', `volume\n${lines.join('\n')}\n0.625\n2.25\n`);
  lines[0] += '.0';
  writeFileSync('point.csv', `volume\n${lines.join('\n')}\n0.625\n2.25\n`);
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  const [[version]] = (await duck.runAndReadAll('SELECT version()')).getRows();
  console.log('DuckDB', version);
  for (const file of ['late.csv', 'point.csv']) {
    const sql = `SELECT typeof(volume), volume FROM (SELECT volume, row_number() OVER () AS n FROM '${file}') WHERE n > 30000 ORDER BY n`;
    console.log(file, (await duck.runAndReadAll(sql)).getRows().map((row) => row.map(String).join(' ')).join(', '));
  }
})();
JS
node run.cjs | tee out.txt
grep -qx 'late.csv BIGINT 1, BIGINT 2' out.txt
grep -qx 'point.csv DOUBLE 0.625, DOUBLE 2.25' out.txt
