#!/usr/bin/env bash
# A column of type NUMERIC or DECIMAL holds any number of digits in PostgreSQL. In DuckDB the same word is DECIMAL(18,3): a price of 0.00002345
# from the same CREATE TABLE, INSERT, cast or CSV schema is stored as 0.000, and 64123.45678 as 64123.457, without an error or a
# warning. Only a number of sixteen digits before the point is refused.
# DuckDB 1.5.6 (@duckdb/node-api 1.5.6-r.1), PostgreSQL 18 (@electric-sql/pglite 0.5.17), 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @duckdb/node-api@1.5.6-r.1 @electric-sql/pglite@0.5.17
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { PGlite } from '@electric-sql/pglite';
const duck = await (await DuckDBInstance.create(':memory:')).connect();
const rows = async (sql) => (await duck.runAndReadAll(sql)).getRows().map((row) => row.map(String).join(' ')).join(', ');
const lite = await PGlite.create();
const make = "CREATE TABLE bar (close NUMERIC); INSERT INTO bar VALUES ('0.00002345'), ('64123.45678')";
const read = 'SELECT CAST(close AS TEXT) AS close FROM bar ORDER BY bar.close';
await lite.exec(make);
await duck.run(make);
console.log('PostgreSQL', (await lite.query(read)).rows.map((row) => row.close).join(', '));
console.log('DuckDB', await rows('SELECT version()'), await rows(read), await rows('SELECT DISTINCT typeof(close) FROM bar'));
writeFileSync('bar.csv', 'close\n0.00002345\n64123.45678\n');
console.log('CSV, as NUMERIC:', await rows("FROM read_csv('bar.csv', types = {'close': 'NUMERIC'})"));
console.log('CSV, as guessed:', await rows("FROM 'bar.csv'"));
console.log(await rows("SELECT CAST('1234567890123456.5' AS NUMERIC)").catch(() => 'sixteen digits: refused'));
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
PostgreSQL 0.00002345, 64123.45678
DuckDB v1.5.6 0.000, 64123.457 DECIMAL(18,3)
CSV, as NUMERIC: 0.000, 64123.457
CSV, as guessed: 0.00002345, 64123.45678
sixteen digits: refused
OUT
