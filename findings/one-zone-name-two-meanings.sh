#!/usr/bin/env bash
# A name that JavaScript and PostgreSQL both take for a zone need not be the same zone. CET is Brussels with summer time to Node, a fixed
# hour to AT TIME ZONE; IST is India and Israel; ACT is Australia and Brazil; AST is Alaska and the Atlantic. Since Node 22 offsets
# are names too, and -08 is west of Greenwich to Node, east of it to PostgreSQL (POSIX). Nobody raises an error.
# Node 22.23.3, PGlite 0.5.16 (PostgreSQL 18.6); seen on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir newer && echo '{"private":true}' > newer/package.json
(cd newer && npm install --no-audit --no-fund --ignore-scripts=false --silent node@22.23.3 > /dev/null)
echo '{"private":true,"type":"module"}' > package.json
npm install --no-audit --no-fund --silent @electric-sql/pglite@0.5.16 > /dev/null

cat > compare.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
const db = await PGlite.create();
const at = '2024-07-01T20:00:00Z';
for (const zone of ['CET', 'IST', 'ACT', 'AST', '-08', '+05:30', 'Europe/Brussels']) {
  const inNode = new Date(at).toLocaleString('sv-SE', { timeZone: zone });
  const { rows } = await db.query('SELECT ($1::timestamptz AT TIME ZONE $2)::text AS local', [at, zone]);
  console.log(`${zone}  Node ${process.version}: ${inNode}  PGlite: ${rows[0].local}`);
}
JS
newer/node_modules/node/bin/node compare.mjs | tee found.txt
cat > expected.txt <<'TEXT'
CET  Node v22.23.3: 2024-07-01 22:00:00  PGlite: 2024-07-01 21:00:00
IST  Node v22.23.3: 2024-07-02 01:30:00  PGlite: 2024-07-01 22:00:00
ACT  Node v22.23.3: 2024-07-02 05:30:00  PGlite: 2024-07-01 15:00:00
AST  Node v22.23.3: 2024-07-01 12:00:00  PGlite: 2024-07-01 16:00:00
-08  Node v22.23.3: 2024-07-01 12:00:00  PGlite: 2024-07-02 04:00:00
+05:30  Node v22.23.3: 2024-07-02 01:30:00  PGlite: 2024-07-01 14:30:00
Europe/Brussels  Node v22.23.3: 2024-07-01 22:00:00  PGlite: 2024-07-01 22:00:00
TEXT
diff expected.txt found.txt && echo 'as found'
