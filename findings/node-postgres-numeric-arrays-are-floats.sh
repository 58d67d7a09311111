#!/usr/bin/env bash
# node-postgres answers a numeric as text, so that no digit is lost, and an array of the same numerics (array_agg of prices or
# volumes) as floats: the last digits are rounded without an error, '0.10' is 0.1, and one query has both kinds. int8 and int8[]
# are both text. PGlite answers texts in both. pg 8.23.1, @electric-sql/pglite 0.5.16, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pg@8.23.1 @electric-sql/pglite@0.5.16
cat >run.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
const sql = 'SELECT max(v) AS one, array_agg(v) AS all FROM (VALUES (12345678901234567.123456789)) t(v)';
const db = await PGlite.create();
const { rows, fields } = await db.query(sql);
console.log('PGlite', JSON.stringify(rows[0]));
const [sent] = (await db.query(`SELECT one::text, "all"::text FROM (${sql}) t`)).rows;
console.log('sent', JSON.stringify(sent));
const read = (name) => pg.types.getTypeParser(fields.find((field) => field.name === name).dataTypeID)(sent[name]);
console.log('pg', JSON.stringify({ one: read('one'), all: read('all') }));
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
PGlite {"one":"12345678901234567.123456789","all":["12345678901234567.123456789"]}
sent {"one":"12345678901234567.123456789","all":"{12345678901234567.123456789}"}
pg {"one":"12345678901234567.123456789","all":[12345678901234568]}
OUT
