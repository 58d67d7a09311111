#!/usr/bin/env bash
# In PostgreSQL a + (b - a) need not be b. The difference of two timestamptz is their true distance, written in days of 24 hours; adding it back
# adds calendar days of the session's zone. Over a change of the clocks the next bar, foretold as the last one plus their distance, is an hour off,
# and so is b - (b - a); in a session in UTC neither is. DuckDB counts calendar days both ways, so its sum is b, but its "epoch" of the distance is an hour off.
# PostgreSQL 18 (@electric-sql/pglite 0.5.17), DuckDB 1.5.6 (@duckdb/node-api 1.5.6-r.1), 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.17 @duckdb/node-api@1.5.6-r.1
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
import { PGlite } from '@electric-sql/pglite';
const lite = await PGlite.create();
const duck = await (await DuckDBInstance.create(':memory:')).connect();
const engines = {
  PostgreSQL: async (sql) => (await lite.query(sql, [], { rowMode: 'array' })).rows,
  DuckDB: async (sql) => (await duck.runAndReadAll(sql)).getRows(),
};
const make = `CREATE TABLE bar (a timestamptz, b timestamptz);
  INSERT INTO bar VALUES ('2024-03-08 16:00:00-05', '2024-03-11 16:00:00-04'), ('2024-11-01 16:00:00-04', '2024-11-04 16:00:00-05'), ('2024-06-07 16:00:00-04', '2024-06-10 16:00:00-04')`;
await lite.exec(make);
await duck.run(make);
for (const zone of ['America/New_York', 'UTC']) {
  for (const [name, ask] of Object.entries(engines)) {
    await ask(`SET TimeZone = '${zone}'`);
    const rows = await ask(`SELECT CAST(b AS text), CAST(b - a AS text), CAST(a + (b - a) AS text), a + (b - a) = b, b - (b - a) = a,
      CAST(extract(epoch FROM b - a) AS float8) / 3600 FROM bar ORDER BY a`);
    for (const [b, gap, sum, forth, back, hours] of rows) console.log(`${zone}, ${name}: b ${b}, b - a ${gap} (${hours} h), a + (b - a) ${sum}, forth ${forth}, back ${back}`);
  }
}
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
America/New_York, PostgreSQL: b 2024-03-11 16:00:00-04, b - a 2 days 23:00:00 (71 h), a + (b - a) 2024-03-11 15:00:00-04, forth false, back false
America/New_York, PostgreSQL: b 2024-06-10 16:00:00-04, b - a 3 days (72 h), a + (b - a) 2024-06-10 16:00:00-04, forth true, back true
America/New_York, PostgreSQL: b 2024-11-04 16:00:00-05, b - a 3 days 01:00:00 (73 h), a + (b - a) 2024-11-04 17:00:00-05, forth false, back false
America/New_York, DuckDB: b 2024-03-11 16:00:00-04, b - a 3 days (72 h), a + (b - a) 2024-03-11 16:00:00-04, forth true, back true
America/New_York, DuckDB: b 2024-06-10 16:00:00-04, b - a 3 days (72 h), a + (b - a) 2024-06-10 16:00:00-04, forth true, back true
America/New_York, DuckDB: b 2024-11-04 16:00:00-05, b - a 3 days (72 h), a + (b - a) 2024-11-04 16:00:00-05, forth true, back true
UTC, PostgreSQL: b 2024-03-11 20:00:00+00, b - a 2 days 23:00:00 (71 h), a + (b - a) 2024-03-11 20:00:00+00, forth true, back true
UTC, PostgreSQL: b 2024-06-10 20:00:00+00, b - a 3 days (72 h), a + (b - a) 2024-06-10 20:00:00+00, forth true, back true
UTC, PostgreSQL: b 2024-11-04 21:00:00+00, b - a 3 days 01:00:00 (73 h), a + (b - a) 2024-11-04 21:00:00+00, forth true, back true
UTC, DuckDB: b 2024-03-11 20:00:00+00, b - a 2 days 23:00:00 (71 h), a + (b - a) 2024-03-11 20:00:00+00, forth true, back true
UTC, DuckDB: b 2024-06-10 20:00:00+00, b - a 3 days (72 h), a + (b - a) 2024-06-10 20:00:00+00, forth true, back true
UTC, DuckDB: b 2024-11-04 21:00:00+00, b - a 3 days 01:00:00 (73 h), a + (b - a) 2024-11-04 21:00:00+00, forth true, back true
OUT
