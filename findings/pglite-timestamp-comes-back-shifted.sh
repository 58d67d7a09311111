#!/usr/bin/env bash
# PGlite writes a Date into a timestamp column as its time in UTC and reads that column as local time: what comes back is another
# instant, wrong by the offset of the machine, and each further round trip adds it again. A date of the same row is read as UTC, so
# day and day::timestamp differ, too. On a machine in UTC nothing shows; timestamptz is right everywhere.
# @electric-sql/pglite 0.5.16, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.16
cat >run.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
const db = await PGlite.create();
await db.exec('CREATE TABLE bar (plain timestamp, zoned timestamptz)');
let ts = new Date('2024-01-02T23:59:59.999Z');
const trip = async () => {
  await db.query('INSERT INTO bar VALUES ($1, $2)', [ts, ts]);
  const [row] = (await db.query('DELETE FROM bar RETURNING *, plain::text AS stored')).rows;
  console.log(`${process.env.TZ}: stored ${row.stored}, read ${row.plain.toISOString()}, timestamptz ${row.zoned.toISOString()}`);
  ts = row.plain;
};
await trip();
await trip();
const [{ day, midnight }] = (await db.query("SELECT '2024-01-02'::date AS day, '2024-01-02'::date::timestamp AS midnight")).rows;
console.log(`${process.env.TZ}: date ${day.toISOString()}, as timestamp ${midnight.toISOString()}`);
JS
for zone in UTC America/New_York; do TZ=$zone node run.mjs; done | tee out.txt
diff out.txt - <<'OUT'
UTC: stored 2024-01-02 23:59:59.999, read 2024-01-02T23:59:59.999Z, timestamptz 2024-01-02T23:59:59.999Z
UTC: stored 2024-01-02 23:59:59.999, read 2024-01-02T23:59:59.999Z, timestamptz 2024-01-02T23:59:59.999Z
UTC: date 2024-01-02T00:00:00.000Z, as timestamp 2024-01-02T00:00:00.000Z
America/New_York: stored 2024-01-02 23:59:59.999, read 2024-01-03T04:59:59.999Z, timestamptz 2024-01-02T23:59:59.999Z
America/New_York: stored 2024-01-03 04:59:59.999, read 2024-01-03T09:59:59.999Z, timestamptz 2024-01-03T04:59:59.999Z
America/New_York: date 2024-01-02T00:00:00.000Z, as timestamp 2024-01-02T05:00:00.000Z
OUT
