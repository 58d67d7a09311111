#!/usr/bin/env bash
# PGlite keeps a folder on disk, and a committed transaction is not on the disk: PostgreSQL runs with fsync off in it, and no
# call to sync a file or a folder reaches Node. Starting it with fsync=on changes what SHOW says and nothing else: the file
# system layer has no fsync to call. A power cut may take back, or tear, what COMMIT answered for.
# @electric-sql/pglite 0.5.16, 2026-11-28.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.16
cat >run.mjs <<'JS'
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
let syncs = 0;
for (const name of ['fsync', 'fsyncSync', 'fdatasync', 'fdatasyncSync']) {
  const own = fs[name];
  fs[name] = (...args) => (syncs++, own(...args));
}
syncBuiltinESMExports();
const { PGlite } = await import('@electric-sql/pglite');
const commits = async (label, options) => {
  const db = await PGlite.create({ dataDir: `./${label}`, ...options });
  syncs = 0;
  await db.exec('CREATE TABLE bar (ts timestamptz PRIMARY KEY, close float8)');
  for (let day = 1; day <= 20; day++) await db.query('INSERT INTO bar VALUES ($1, $2)', [new Date(2024, 0, day), day]);
  await db.exec('CHECKPOINT');
  const { rows } = await db.query('SHOW fsync');
  console.log(`${label}: fsync ${rows[0].fsync}, 20 commits and a checkpoint, calls to sync: ${syncs}`);
  await db.close();
};
await commits('default', {});
const startParams = [...PGlite.defaultStartParams.filter((word) => word !== '-F'), '-c', 'fsync=on'];
await commits('asked', { startParams });
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
default: fsync off, 20 commits and a checkpoint, calls to sync: 0
asked: fsync on, 20 commits and a checkpoint, calls to sync: 0
OUT
