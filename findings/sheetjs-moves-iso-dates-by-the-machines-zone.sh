#!/usr/bin/env bash
# SheetJS reads 2024-01-02 of a CSV file as an instant in UTC and 1/2/2024 as local time, and then makes local days of both. West of
# Greenwich the first one is 1 January: written as CSV again, every ISO date is a day early, on some machines only. In India
# the days get ten seconds as well, and no serial equals one of Excel's. xlsx 0.18.5 (the newest on npm), 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts xlsx@0.18.5
cat >run.cjs <<'JS'
const xlsx = require('xlsx');
const { SheetNames: [name], Sheets } = xlsx.read('day,close\n2024-01-02,45000.5\n1/2/2024,45000.5\n', { type: 'string' });
const serials = xlsx.utils.sheet_to_json(Sheets[name]).map((row) => Number(row.day.toFixed(6)));
const texts = xlsx.utils.sheet_to_csv(Sheets[name]).trim().split('\n').slice(1);
console.log(`${process.env.TZ}: ISO ${serials[0]} as ${texts[0]}; US ${serials[1]} as ${texts[1]}`);
JS
for zone in UTC America/New_York Asia/Kolkata; do TZ=$zone node run.cjs; done | tee out.txt
diff out.txt - <<'OUT'
UTC: ISO 45293 as 1/2/24,45000.5; US 45293 as 1/2/24,45000.5
America/New_York: ISO 45292.791667 as 1/1/24,45000.5; US 45293 as 1/2/24,45000.5
Asia/Kolkata: ISO 45293.229282 as 1/2/24,45000.5; US 45293.000116 as 1/2/24,45000.5
OUT
