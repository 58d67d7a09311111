#!/usr/bin/env bash
# DuckDB guesses the order of day and month for each CSV file of one scan by itself: 03/01/2024 is 1 March in a file that has a 13th, and
# 3 January in one that has none, as that of a running month. Both are in one column, and no row is refused. With filename = true
# the first file decides for all, so the same files have other days when one asks for their names. Only dateformat is sure.
# @duckdb/node-api 1.5.5-r.5, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @duckdb/node-api@1.5.5-r.5
cat >run.cjs <<'JS'
const { writeFileSync } = require('node:fs');
const { DuckDBInstance } = require('@duckdb/node-api');
const month = (mm, days) => Array.from({ length: days }, (_, i) => `${mm}/${String(i + 1).padStart(2, '0')}/2024,${100 + i}\n`);
writeFileSync('2024-02.csv', ['day,close\n', ...month('02', 29)].join(''));
writeFileSync('2024-03.csv', ['day,close\n', ...month('03', 4)].join(''));
(async () => {
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  const [[version]] = (await duck.runAndReadAll('SELECT version()')).getRows();
  console.log('DuckDB', version);
  for (const options of ['', ', filename = true', ", dateformat = '%m/%d/%Y'"]) {
    const sql = `SELECT typeof(day), strftime(day, '%m-%d') FROM read_csv('2024-*.csv'${options})`;
    const rows = (await duck.runAndReadAll(sql)).getRows();
    console.log(`2024-*.csv${options}: ${rows[0][0]}, the last five ${rows.slice(-5).map((row) => row[1]).join(' ')}`);
  }
})();
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
DuckDB v1.5.5
2024-*.csv: DATE, the last five 02-29 01-03 02-03 03-03 04-03
2024-*.csv, filename = true: DATE, the last five 02-29 03-01 03-02 03-03 03-04
2024-*.csv, dateformat = '%m/%d/%Y': DATE, the last five 02-29 03-01 03-02 03-03 03-04
OUT
