#!/usr/bin/env bash
# DuckDB reads Parquet files of one pattern in the types of the first: where that has whole prices 19.99 of the next reads 20, where it has two decimals
# 0.00002345 reads 0.00, and times become days, without an error. A filter compares what the file holds instead: x < 20 finds a 20 and x = 20 finds
# none, in a table made of the same rows it is the other way round. Each file alone is right, also in hyparquet; union_by_name takes the wider type.
# DuckDB 1.5.6 (@duckdb/node-api 1.5.6-r.1), hyparquet 1.33.0, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @duckdb/node-api@1.5.6-r.1 hyparquet@1.33.0
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { mkdirSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
const duck = await (await DuckDBInstance.create(':memory:')).connect();
const ask = async (sql) => (await duck.runAndReadAll(sql)).getRows().map((row) => row.map(String).join(' ')).join(', ');
await duck.run("SET TimeZone = 'UTC'");
console.log('DuckDB', await ask('SELECT version()'));
const folders = {
  integers: { a: 'CAST(100 AS INTEGER)', b: 'CAST(19.99 AS DOUBLE)' },
  decimals: { a: 'CAST(64123.45 AS DECIMAL(12, 2))', b: 'CAST(0.00002345 AS DECIMAL(18, 8))' },
  floats: { a: 'CAST(1.5 AS REAL)', b: 'CAST(64123.45 AS DOUBLE)' },
  days: { a: "DATE '2024-01-01'", b: "TIMESTAMP '2024-01-02 15:30:00'" },
};
for (const [folder, files] of Object.entries(folders)) {
  mkdirSync(folder);
  for (const [file, value] of Object.entries(files)) await duck.run(`COPY (SELECT ${value} AS x) TO '${folder}/${file}.parquet'`);
  const read = async (from) => ask(`SELECT x FROM ${from} ORDER BY ALL`);
  const [{ x }] = await parquetReadObjects({ file: await asyncBufferFromFile(`${folder}/b.parquet`) });
  console.log(`${folder}, b alone: DuckDB ${await read(`'${folder}/b.parquet'`)}, hyparquet ${x instanceof Date ? x.toISOString() : x}`);
  console.log(`${folder}, *: ${await read(`'${folder}/*.parquet'`)}`);
  console.log(`${folder}, b before a: ${await read(`read_parquet(['${folder}/b.parquet', '${folder}/a.parquet'])`)}`);
  console.log(`${folder}, union_by_name: ${await read(`read_parquet('${folder}/*.parquet', union_by_name = true)`)}`);
}
await duck.run("CREATE TABLE copied AS FROM 'integers/*.parquet'");
for (const filter of ['x < 20', 'x = 20']) {
  for (const from of ["'integers/*.parquet'", 'copied']) console.log(`${filter} in ${from}: ${(await ask(`SELECT x FROM ${from} WHERE ${filter}`)) || 'none'}`);
}
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
DuckDB v1.5.6
integers, b alone: DuckDB 19.99, hyparquet 19.99
integers, *: 20, 100
integers, b before a: 19.99, 100
integers, union_by_name: 19.99, 100
decimals, b alone: DuckDB 0.00002345, hyparquet 0.00002345
decimals, *: 0.00, 64123.45
decimals, b before a: 0.00002345, 64123.45000000
decimals, union_by_name: 0.00002345, 64123.45000000
floats, b alone: DuckDB 64123.45, hyparquet 64123.45
floats, *: 1.5, 64123.44921875
floats, b before a: 1.5, 64123.45
floats, union_by_name: 1.5, 64123.45
days, b alone: DuckDB 2024-01-02 15:30:00, hyparquet 2024-01-02T15:30:00.000Z
days, *: 2024-01-01, 2024-01-02
days, b before a: 2024-01-01 00:00:00, 2024-01-02 15:30:00
days, union_by_name: 2024-01-01 00:00:00, 2024-01-02 15:30:00
x < 20 in 'integers/*.parquet': 20
x < 20 in copied: none
x = 20 in 'integers/*.parquet': none
x = 20 in copied: 20
OUT
