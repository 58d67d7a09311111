#!/usr/bin/env bash
# A cast to numeric, the exact type, makes a float less exact: PostgreSQL keeps 6 significant digits of a real and 15 of a double
# precision, although it prints more of them where it takes more to tell two floats apart. round(price::numeric, 2) of a real
# 1234567.25 is 1234570.00; a volume loses its last units. By way of double precision and text all is kept.
# PostgreSQL 18.6 (@electric-sql/pglite 0.5.16), 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.16
cat >run.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
const db = await PGlite.create();
console.log((await db.query('SELECT version()')).rows[0].version.split(' (')[0]);
const show = async (value) => {
  const { rows } = await db.query(`SELECT x::text AS stored, x::numeric::text AS cast, round(x::numeric, 2)::text AS rounded,
    x::float8::text::numeric::text AS by_text FROM (SELECT ${value} AS x) v`);
  console.log(value, JSON.stringify(rows[0]));
};
await show('1234567.25::real');
await show('16777215::real');
await show('12345678901234568::float8');
await show('81234567890123.45::float8');
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
PostgreSQL 18.6
1234567.25::real {"stored":"1.2345672e+06","cast":"1234570","rounded":"1234570.00","by_text":"1234567.25"}
16777215::real {"stored":"1.6777215e+07","cast":"16777200","rounded":"16777200.00","by_text":"16777215"}
12345678901234568::float8 {"stored":"1.2345678901234568e+16","cast":"12345678901234600","rounded":"12345678901234600.00","by_text":"12345678901234568"}
81234567890123.45::float8 {"stored":"81234567890123.45","cast":"81234567890123.5","rounded":"81234567890123.50","by_text":"81234567890123.45"}
OUT
