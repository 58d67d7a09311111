#!/usr/bin/env bash
# groupByDynamic of nodejs-polars with every '2w' has no fixed grid: unless startBy is given, the first window begins on the
# Monday of the first row's week. The same fortnight of two assets is cut differently when one began a week later, and an
# offset moves the Monday, not a grid. startBy 'window' gives one grid for all.
# nodejs-polars 0.24.0, 2026-11-28.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts nodejs-polars@0.24.0
cat >run.cjs <<'JS'
const pl = require('nodejs-polars');
const starts = (first, options) => {
  const day = Array.from({ length: 28 }, (_, i) => new Date(Date.parse(first) + i * 86_400_000));
  const groups = pl.DataFrame({ day, x: day.map(() => 1) }).groupByDynamic({ indexColumn: 'day', every: '2w', closed: 'left', label: 'left', ...options });
  return groups.agg(pl.col('x').sum()).toRecords().map((row) => row.day.toISOString().slice(5, 10)).join(' ');
};
for (const first of ['2024-01-03', '2024-01-10']) {
  console.log(`from ${first}: default ${starts(first, {})}; window ${starts(first, { startBy: 'window' })}`);
}
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
from 2024-01-03: default 01-01 01-15 01-29; window 12-25 01-08 01-22
from 2024-01-10: default 01-08 01-22 02-05; window 01-08 01-22 02-05
OUT
