#!/usr/bin/env bash
# The aggregates low and high of Perspective take a missing value for 0, though avg and sum of the same view leave it out: with one tick without a
# price the low of a bar is 0, with one return missing the best of a falling day is 0. It does not matter where the gap is. min and max of DuckDB
# answer what is there.
# @perspective-dev/client 5.5.1, DuckDB 1.5.6 (@duckdb/node-api 1.5.6-r.1), 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @perspective-dev/client@5.5.1 @duckdb/node-api@1.5.6-r.1
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
import perspective from '@perspective-dev/client';
const duck = await (await DuckDBInstance.create(':memory:')).connect();
const asked = { low: 'min', high: 'max', avg: 'avg', sum: 'sum' };
const days = {
  'all there': [10.5, 11, 11.5],
  'gap first': [null, 10.5, 11.5],
  'gap within': [10.5, null, 11.5],
  'gap last': [10.5, 11.5, null],
  'falling, gap': [-0.25, null, -0.75],
};
const rows = Object.entries(days).flatMap(([day, prices]) => prices.map((price) => ({ day, price })));
const table = await perspective.table({ day: 'string', price: 'float' });
await table.update(rows);
const found = Object.fromEntries(Object.keys(days).map((day) => [day, []]));
for (const aggregate of Object.keys(asked)) {
  const view = await table.view({ group_by: ['day'], columns: ['price'], aggregates: { price: aggregate } });
  for (const row of await view.to_json()) {
    const [day] = row.__ROW_PATH__;
    if (day !== undefined) found[day].push(`${aggregate} ${row.price}`);
  }
}
for (const [day, prices] of Object.entries(days)) {
  const values = prices.map((price) => `(CAST(${price} AS DOUBLE))`).join(', ');
  const [row] = (await duck.runAndReadAll(`SELECT ${Object.values(asked).map((name) => `${name}(v)`).join(', ')} FROM (VALUES ${values}) t(v)`)).getRows();
  const reference = Object.keys(asked).map((name, i) => `${name} ${row[i]}`);
  console.log(`${day}: Perspective ${found[day].join(', ')}; DuckDB ${reference.join(', ')}`);
}
process.exit(0);
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
all there: Perspective low 10.5, high 11.5, avg 11, sum 33; DuckDB low 10.5, high 11.5, avg 11, sum 33
gap first: Perspective low 0, high 11.5, avg 11, sum 22; DuckDB low 10.5, high 11.5, avg 11, sum 22
gap within: Perspective low 0, high 11.5, avg 11, sum 22; DuckDB low 10.5, high 11.5, avg 11, sum 22
gap last: Perspective low 0, high 11.5, avg 11, sum 22; DuckDB low 10.5, high 11.5, avg 11, sum 22
falling, gap: Perspective low -0.75, high 0, avg -0.5, sum -1; DuckDB low -0.75, high -0.25, avg -0.5, sum -1
OUT
