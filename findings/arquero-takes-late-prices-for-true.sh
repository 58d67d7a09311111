#!/usr/bin/env bash
# fromCSV of arquero guesses the type of a column from its first 1,000 rows and never looks back. Where these are empty, as market caps
# of early days are, the column is one of booleans: every later number is true, and adds up as 1. Where they are dates, a number
# is a date of some year; where they are numbers, '1,234.5' is NaN. Nothing is refused. autoMax above the rows helps.
# arquero 8.0.1, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts arquero@8.0.1
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { fromCSV, op } from 'arquero';
const csv = (first, rows, late) => ['day,cap', ...Array.from({ length: rows }, (_, i) => `${i},${first}`), ...late.map((cap, i) => `${rows + i},${cap}`)].join('\n');
const late = ['41000.5', '43000.25', '0'];
for (const rows of [999, 1000]) {
  const table = fromCSV(csv('', rows, late));
  const sum = table.rollup({ sum: op.sum('cap'), mean: op.mean('cap'), max: op.max('cap') }).object();
  console.log(`${rows} days without a cap: ${table.array('cap').slice(rows).join(' ')}, sum ${sum.sum}, mean ${sum.mean}, max ${sum.max}`);
}
console.log('1000 without, autoMax 2000:', fromCSV(csv('', 1000, late), { autoMax: 2000 }).array('cap').slice(1000).join(' '));
console.log('1000 dates, then 43000.25 and 5.5:', fromCSV(csv('2024-01-02', 1000, ['43000.25', '5.5'])).array('cap').slice(1000).map((day) => (isNaN(day) ? 'no date' : day.getFullYear())).join(' '));
console.log('1000 numbers, then 1,234.5:', fromCSV(csv('7', 1000, ['"1,234.5"'])).array('cap').slice(1000).join(' '));
JS
TZ=UTC node run.mjs | tee out.txt
diff out.txt - <<'OUT'
999 days without a cap: 41000.5 43000.25 0, sum 84000.75, mean 28000.25, max 43000.25
1000 days without a cap: true true true, sum 3, mean 1, max true
1000 without, autoMax 2000: 41000.5 43000.25 0
1000 dates, then 43000.25 and 5.5: no date 2001
1000 numbers, then 1,234.5: NaN
OUT
