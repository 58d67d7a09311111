#!/usr/bin/env bash
# With cellDates, SheetJS cuts the fraction of a millisecond of a cell's time, which binary fractions of a day always have: of the 1,440 minutes of a day
# in an xlsx file it reads 352 a millisecond early, 00:05 as 00:04:59.999, and a floor puts those prices into the minute before. exceljs reads all of the
# same file to the millisecond, and so does rounding the numbers that SheetJS gives without cellDates.
# xlsx 0.18.5, exceljs 4.4.0, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts xlsx@0.18.5 exceljs@4.4.0
npm ls --depth=0 | grep -- '── '
cat >run.cjs <<'JS'
const ExcelJS = require('exceljs');
const XLSX = require('xlsx');
const minute = 60_000;
const first = Date.parse('2024-01-02');
const times = Array.from({ length: 1440 }, (_, i) => new Date(first + i * minute));
const report = (name, read) => {
  const early = read.map((time, i) => [time, times[i]]).filter(([time, right]) => Math.floor(time / minute) !== right / minute);
  const off = Math.max(...read.map((time, i) => Math.abs(time - times[i])));
  const example = early.length > 0 ? `, first ${early[0].map((time) => time.toISOString().slice(11, 23)).join(' for ')}` : '';
  console.log(`${name}: ${early.length} of ${read.length} in another minute, at most ${off} ms off${example}`);
};
(async () => {
  const book = new ExcelJS.Workbook();
  const sheet = book.addWorksheet('prices');
  for (const time of times) sheet.addRow([time, 100]).getCell(1).numFmt = 'yyyy-mm-dd hh:mm:ss';
  await book.xlsx.writeFile('minutes.xlsx');
  const again = new ExcelJS.Workbook();
  await again.xlsx.readFile('minutes.xlsx');
  report('exceljs', times.map((_, i) => again.getWorksheet('prices').getCell(i + 1, 1).value));
  const { prices } = XLSX.readFile('minutes.xlsx', { cellDates: true }).Sheets;
  report('SheetJS', XLSX.utils.sheet_to_json(prices, { header: 1 }).map(([time]) => time));
  const numbers = XLSX.utils.sheet_to_json(XLSX.readFile('minutes.xlsx').Sheets.prices, { header: 1, raw: true });
  report('the numbers of SheetJS, rounded by hand', numbers.map(([serial]) => new Date(Math.round((serial - 25569) * 86_400_000))));
})();
JS
TZ=UTC node run.cjs | tee out.txt
diff out.txt - <<'OUT'
exceljs: 0 of 1440 in another minute, at most 0 ms off
SheetJS: 352 of 1440 in another minute, at most 1 ms off, first 00:04:59.999 for 00:05:00.000
the numbers of SheetJS, rounded by hand: 0 of 1440 in another minute, at most 0 ms off
OUT
