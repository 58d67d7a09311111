#!/usr/bin/env bash
# groupByDynamic of nodejs-polars begins its first window with the Monday of the first row's week, and not only for weeks: of rows since 28
# December, '1mo' makes months from the 25th to the 24th, '1q' quarters from the 25th of December, and '2w' other fortnights than of rows that
# begin a week later. Each is labelled by its first day. startBy 'window' gives civil months, and one grid for all.
# nodejs-polars 0.24.0, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts nodejs-polars@0.24.0
npm ls --depth=0 | grep -- '── '
cat >run.cjs <<'JS'
const pl = require('nodejs-polars');
const starts = (first, options) => {
  const day = Array.from({ length: 100 }, (_, i) => new Date(Date.parse(first) + i * 86_400_000));
  const groups = pl.DataFrame({ day, x: day.map(() => 1) }).groupByDynamic({ indexColumn: 'day', closed: 'left', label: 'left', ...options });
  return groups.agg(pl.col('x').sum()).toRecords().slice(0, 4).map((row) => `${row.day.toISOString().slice(5, 10)}: ${row.x}`).join(', ');
};
for (const first of ['2023-12-28', '2024-01-03', '2024-01-10']) {
  for (const every of ['1mo', '1q', '2w']) {
    console.log(`from ${first}, ${every}: default ${starts(first, { every })}; window ${starts(first, { every, startBy: 'window' })}`);
  }
}
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
from 2023-12-28, 1mo: default 12-25: 28, 01-25: 31, 02-25: 29, 03-25: 12; window 12-01: 4, 01-01: 31, 02-01: 29, 03-01: 31
from 2023-12-28, 1q: default 12-25: 88, 03-25: 12; window 10-01: 4, 01-01: 91, 04-01: 5
from 2023-12-28, 2w: default 12-25: 11, 01-08: 14, 01-22: 14, 02-05: 14; window 12-25: 11, 01-08: 14, 01-22: 14, 02-05: 14
from 2024-01-03, 1mo: default 01-01: 29, 02-01: 29, 03-01: 31, 04-01: 11; window 01-01: 29, 02-01: 29, 03-01: 31, 04-01: 11
from 2024-01-03, 1q: default 01-01: 89, 04-01: 11; window 01-01: 89, 04-01: 11
from 2024-01-03, 2w: default 01-01: 12, 01-15: 14, 01-29: 14, 02-12: 14; window 12-25: 5, 01-08: 14, 01-22: 14, 02-05: 14
from 2024-01-10, 1mo: default 01-08: 29, 02-08: 29, 03-08: 31, 04-08: 11; window 01-01: 22, 02-01: 29, 03-01: 31, 04-01: 18
from 2024-01-10, 1q: default 01-08: 89, 04-08: 11; window 01-01: 82, 04-01: 18
from 2024-01-10, 2w: default 01-08: 12, 01-22: 14, 02-05: 14, 02-19: 14; window 01-08: 12, 01-22: 14, 02-05: 14, 02-19: 14
OUT
