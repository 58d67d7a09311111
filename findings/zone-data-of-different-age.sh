#!/usr/bin/env bash
# Two engines of one program can put an instant into different civil days, because each brings zone data of its own age: Node 20.20.2
# (2025c) knows neither Morocco's change of 2026-09-20 nor British Columbia's and Alberta's of 2026-11-01; PGlite 0.5.16 knows them.
# Node 22.23.3 (2026c) agrees with PGlite: upgrading Node alone moves days that are stored already. Seen on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for version in 20.20.2 22.23.3; do
  mkdir "node-$version" && echo '{"private":true}' > "node-$version/package.json"
  (cd "node-$version" && npm install --no-audit --no-fund --ignore-scripts=false --silent "node@$version" > /dev/null)
done
echo '{"private":true,"type":"module"}' > package.json
npm install --no-audit --no-fund --silent @electric-sql/pglite@0.5.16 > /dev/null

cat > cases.mjs <<'JS'
export const cases = [
  ['2026-10-01T23:30:00Z', 'Africa/Casablanca'],
  ['2026-12-01T07:30:00Z', 'America/Vancouver'],
  ['2026-12-01T06:30:00Z', 'America/Edmonton'],
];
JS
cat > in-node.mjs <<'JS'
import { cases } from './cases.mjs';
for (const [at, timeZone] of cases) {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(new Date(at));
  console.log(`Node ${process.version} (${process.versions.tz})  ${at}  ${timeZone}  ${day}`);
}
JS
cat > in-pglite.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
import { cases } from './cases.mjs';
const db = await PGlite.create();
for (const [at, zone] of cases) {
  const { rows } = await db.query('SELECT ($1::timestamptz AT TIME ZONE $2)::date::text AS day', [at, zone]);
  console.log(`PGlite 0.5.16  ${at}  ${zone}  ${rows[0].day}`);
}
JS
{
  for version in 20.20.2 22.23.3; do "node-$version/node_modules/node/bin/node" in-node.mjs; done
  node in-pglite.mjs
} | tee found.txt
cat > expected.txt <<'TEXT'
Node v20.20.2 (2025c)  2026-10-01T23:30:00Z  Africa/Casablanca  2026-10-02
Node v20.20.2 (2025c)  2026-12-01T07:30:00Z  America/Vancouver  2026-11-30
Node v20.20.2 (2025c)  2026-12-01T06:30:00Z  America/Edmonton  2026-11-30
Node v22.23.3 (2026c)  2026-10-01T23:30:00Z  Africa/Casablanca  2026-10-01
Node v22.23.3 (2026c)  2026-12-01T07:30:00Z  America/Vancouver  2026-12-01
Node v22.23.3 (2026c)  2026-12-01T06:30:00Z  America/Edmonton  2026-12-01
PGlite 0.5.16  2026-10-01T23:30:00Z  Africa/Casablanca  2026-10-01
PGlite 0.5.16  2026-12-01T07:30:00Z  America/Vancouver  2026-12-01
PGlite 0.5.16  2026-12-01T06:30:00Z  America/Edmonton  2026-12-01
TEXT
diff expected.txt found.txt && echo 'as found'
