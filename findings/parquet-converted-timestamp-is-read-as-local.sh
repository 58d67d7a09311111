#!/usr/bin/env bash
# The Parquet format says that the older annotation TIMESTAMP_MICROS alone means an instant adjusted to UTC. DuckDB and
# polars read it as a time without a zone, so it equals the same instant of a CSV or Arrow file only in a session in UTC:
# a join on it finds nothing in New York. With the newer logical type beside it both read an instant.
# @duckdb/node-api 1.5.5-r.5, nodejs-polars 0.24.0, hyparquet-writer 0.17.0, 2026-11-28.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @duckdb/node-api@1.5.5-r.5 nodejs-polars@0.24.0 hyparquet-writer@0.17.0
cat >run.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import pl from 'nodejs-polars';
const logical_type = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' };
const duck = await (await DuckDBInstance.create(':memory:')).connect();
await duck.run("SET TimeZone = 'America/New_York'");
for (const [file, more] of [['converted.parquet', {}], ['logical.parquet', { logical_type }]]) {
  const column = { name: 'ts', type: 'INT64', repetition_type: 'REQUIRED', converted_type: 'TIMESTAMP_MICROS', ...more };
  const out = new ParquetWriter({ writer: fileWriter(file), schema: [{ name: 'root', num_children: 1 }, column] });
  await out.write({ columnData: [{ name: 'ts', data: [1704326399999000n] }] });
  await out.finish();
  const sql = `SELECT typeof(ts), count(*) FILTER (ts = TIMESTAMPTZ '2024-01-03 23:59:59.999Z') FROM '${file}' GROUP BY ALL`;
  console.log(file, (await duck.runAndReadAll(sql)).getRows().map((row) => row.map(String).join(' ')).join());
  console.log(file, String(pl.readParquet(file).getColumn('ts').dtype).includes('UTC') ? 'polars: UTC' : 'polars: no zone');
}
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
converted.parquet TIMESTAMP 0
converted.parquet polars: no zone
logical.parquet TIMESTAMP WITH TIME ZONE 1
logical.parquet polars: UTC
OUT
