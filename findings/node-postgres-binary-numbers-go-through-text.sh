#!/usr/bin/env bash
# With binary: true node-postgres reads the bytes of every value as UTF-8 text before it reads the number in them. Bytes from 0x80 on are no text and become
# three others, without an error: the ids 128 to 255 are all 239, 1000 is 1007, a close of 0.01 is 0.99 and 9.99 is 9.968, a numeric of 0.01 is NaN, an instant
# of 2024 is one of 2026. A query without parameters is right, since PostgreSQL answers it in text.
# pg 8.23.1, PostgreSQL 18 (@electric-sql/pglite 0.5.14, @electric-sql/pglite-socket 0.2.17), 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pg@8.23.1 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import pg from 'pg';
const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0 });
const listening = new Promise((resolve) => server.addEventListener('listening', ({ detail }) => resolve(detail.port)));
await server.start();
const port = await listening;
const sql = (count) => `SELECT i::int4 AS id, i / 100.0::float8 AS close, (i / 100.0)::numeric(12, 2) AS low, i * 1000000::int8 AS volume,
  timestamptz '2024-01-01 23:59:59.999+00' + i * interval '1 hour' AS ts FROM generate_series(1, ${count}) i`;
const read = async (binary, ...query) => {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', binary });
  await client.connect();
  const { rows } = await client.query(...query);
  await client.end();
  return rows.map(({ id, close, low, volume, ts }) => ({ id, close, low: Number(low), volume: Number(volume), ts: ts.toISOString() }));
};
const right = await read(false, sql('$1::int'), [1000]);
const report = (what, rows) => {
  const wrong = Object.keys(right[0]).map((name) => `${name} ${rows.filter((row, i) => !Object.is(row[name], right[i][name])).length}`);
  console.log(`${what}, wrong of ${rows.length}: ${wrong.join(', ')}`);
};
const binary = await read(true, sql('$1::int'), [1000]);
report('text with a parameter', await read(false, sql('$1::int'), [1000]));
report('binary with a parameter', binary);
report('binary without a parameter', await read(true, sql('1000')));
console.log('rows with the id 239:', binary.filter(({ id }) => id === 239).length);
for (const id of [1, 200, 999, 1000]) {
  for (const [what, rows] of [['text', right], ['binary', binary]]) console.log(`${what}: ${Object.values(rows[id - 1]).join(' ')}`);
}
await server.stop();
await db.close();
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
text with a parameter, wrong of 1000: id 0, close 0, low 0, volume 0, ts 0
binary with a parameter, wrong of 1000: id 486, close 915, low 333, volume 843, ts 1000
binary without a parameter, wrong of 1000: id 0, close 0, low 0, volume 0, ts 0
rows with the id 239: 128
text: 1 0.01 0.01 1000000 2024-01-02T00:59:59.999Z
binary: 1 0.992155780897512 NaN 1000000 2026-03-11T15:05:57.819Z
text: 200 2 2 200000000 2024-01-10T07:59:59.999Z
binary: 239 2 2 200261565 2026-03-11T15:05:57.819Z
text: 999 9.99 9.99 999000000 2024-02-12T14:59:59.999Z
binary: 1007 9.968259749904854 10 1005567933 2026-03-11T15:05:45.207Z
text: 1000 10 10 1000000000 2024-02-12T15:59:59.999Z
binary: 1007 10 10 1005567933 2026-03-11T15:05:45.261Z
OUT
