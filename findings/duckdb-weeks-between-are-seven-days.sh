#!/usr/bin/env bash
# date_diff of DuckDB counts the boundaries between two dates, says its manual, and does so for days, months, quarters and years. For weeks it counts
# whole spans of seven days since the first date, like date_sub: from a Friday to the Monday after it is 0 weeks, though date_trunc and weekofyear
# put them into two. Rows grouped by it make weeks that begin on the weekday of the first row.
# DuckDB 1.5.6 (@duckdb/node-api 1.5.6-r.1), 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @duckdb/node-api@1.5.6-r.1
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
const duck = await (await DuckDBInstance.create(':memory:')).connect();
const ask = async (what, sql) => console.log(`${what}: ${(await duck.runAndReadAll(sql)).getRows().map((row) => row.join(' ')).join('; ')}`);
console.log(`DuckDB ${(await duck.runAndReadAll('SELECT version()')).getRows()[0][0]}`);
const pairs = { week: ['2024-01-05', '2024-01-08'], month: ['2024-01-31', '2024-02-01'], quarter: ['2024-03-31', '2024-04-01'], isoyear: ['2024-12-29', '2024-12-30'] };
for (const [part, [a, b]] of Object.entries(pairs)) {
  await ask(`${part}, ${a} to ${b}, date_diff and date_sub`, `SELECT date_diff('${part}', DATE '${a}', DATE '${b}'), date_sub('${part}', DATE '${a}', DATE '${b}')`);
}
await ask('weekofyear of the first two', `SELECT weekofyear(DATE '2024-01-05'), weekofyear(DATE '2024-01-08')`);
await duck.run(`CREATE TABLE price AS SELECT day, 100 + i AS close
  FROM (SELECT i, CAST(DATE '2024-01-03' + CAST(i AS integer) AS date) AS day FROM range(14) r(i)) WHERE isodow(day) < 6`);
const bars = (week) => `SELECT strftime(min(day), '%a'), strftime(max(day), '%a'), count(*), arg_max(close, day) FROM price GROUP BY ${week} ORDER BY min(day)`;
await ask('bars by date_trunc', bars("date_trunc('week', day)"));
await ask('bars by date_diff', bars("date_diff('week', DATE '2024-01-03', day)"));
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
DuckDB v1.5.6
week, 2024-01-05 to 2024-01-08, date_diff and date_sub: 0 0
month, 2024-01-31 to 2024-02-01, date_diff and date_sub: 1 0
quarter, 2024-03-31 to 2024-04-01, date_diff and date_sub: 1 0
isoyear, 2024-12-29 to 2024-12-30, date_diff and date_sub: 1 0
weekofyear of the first two: 1 2
bars by date_trunc: Wed Fri 3 102; Mon Fri 5 109; Mon Tue 2 113
bars by date_diff: Wed Tue 5 106; Wed Tue 5 113
OUT
