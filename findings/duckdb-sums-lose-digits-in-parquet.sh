#!/usr/bin/env bash
# A sum of whole numbers is a HUGEINT in DuckDB and right to the last unit. COPY to Parquet writes that column as DOUBLE without a word, so
# a volume or a supply in base units above 2^53 comes back rounded. A comparison of the file with the query it was made of says that
# they are equal, since it rounds both. CSV and JSON of the same query keep every digit, and so does a cast to BIGINT.
# DuckDB 1.5.6 (@duckdb/node-api 1.5.6-r.1), 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @duckdb/node-api@1.5.6-r.1
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
const duck = await (await DuckDBInstance.create(':memory:')).connect();
const rows = async (sql) => (await duck.runAndReadAll(sql)).getRows().map((row) => row.map(String).join(' ')).join(', ');
console.log('DuckDB', await rows('SELECT version()'));
await duck.run("CREATE TABLE trade AS SELECT * FROM (VALUES (CAST(9007199254740992 AS BIGINT)), (1), (2)) t(units)");
const total = 'SELECT sum(units) AS volume FROM trade';
console.log('query:', await rows(`SELECT typeof(volume), volume FROM (${total})`));
for (const [name, sql] of [['plain', total], ['bigint', 'SELECT CAST(sum(units) AS BIGINT) AS volume FROM trade']]) {
  await duck.run(`COPY (${sql}) TO '${name}.parquet'`);
  const schema = await rows(`SELECT type FROM parquet_schema('${name}.parquet') WHERE name = 'volume'`);
  const read = await rows(`SELECT CAST(volume AS HUGEINT), volume = (${total}) FROM '${name}.parquet'`);
  console.log(`${name}.parquet: ${schema}, read, and equal to the query: ${read}`);
}
for (const file of ['plain.csv', 'plain.json']) {
  await duck.run(`COPY (${total}) TO '${file}'`);
  console.log(`${file}: ${readFileSync(file, 'utf8').trim().replace('\n', ' ')}`);
}
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
DuckDB v1.5.6
query: HUGEINT 9007199254740995
plain.parquet: DOUBLE, read, and equal to the query: 9007199254740996 true
bigint.parquet: INT64, read, and equal to the query: 9007199254740995 true
plain.csv: volume 9007199254740995
plain.json: {"volume":9007199254740995}
OUT
