#!/usr/bin/env bash
# CSV files of token prices name a token by its address, 0x and 40 digits. csv-parse with cast: true makes 0 of every one of them, so a group by
# address has one token; d3-dsv (autoType) and arquero make a float of it, 1.8e47, and neighbouring addresses are equal. Papa Parse and
# csvtojson keep addresses; all but arquero, which asks the whole column, make 100000 of the ticker 1E5.
# csv-parse 7.0.3, d3-dsv 3.0.2, arquero 8.0.1, papaparse 5.7.1, csvtojson 2.0.14, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts csv-parse@7.0.3 d3-dsv@3.0.2 arquero@8.0.1 papaparse@5.7.1 csvtojson@2.0.14
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { fromCSV } from 'arquero';
import { parse } from 'csv-parse/sync';
import csvtojson from 'csvtojson';
import { autoType, csvParse } from 'd3-dsv';
import Papa from 'papaparse';
const addresses = ['0x1f9840a85d5af5bf1d1762f925bdaddc4201f984', '0x1f9840a85d5af5bf1d1762f925bdaddc4201f985', '0xdac17f958d2ee523a2206206994597c13d831ec7'];
const text = `address,ticker,close\n${addresses.map((address, i) => `${address},${['UNI', '1E5', 'USDT'][i]},${i}.5`).join('\n')}\n`;
const readers = {
  'csv-parse': () => parse(text, { columns: true, cast: true }),
  'd3-dsv': () => [...csvParse(text, autoType)],
  arquero: () => fromCSV(text).objects(),
  papaparse: () => Papa.parse(text, { header: true, dynamicTyping: true, skipEmptyLines: true }).data,
  csvtojson: () => csvtojson({ checkType: true }).fromString(text),
};
for (const [name, read] of Object.entries(readers)) {
  const rows = await read();
  const tokens = new Set(rows.map((row) => row.address)).size;
  console.log(`${name}: ${rows[0].address}, ${tokens} tokens of ${rows.length}, ticker ${typeof rows[1].ticker} ${rows[1].ticker}`);
}
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
csv-parse: 0, 1 tokens of 3, ticker number 100000
d3-dsv: 1.8037405964354346e+47, 2 tokens of 3, ticker number 100000
arquero: 1.8037405964354346e+47, 2 tokens of 3, ticker string 1E5
papaparse: 0x1f9840a85d5af5bf1d1762f925bdaddc4201f984, 3 tokens of 3, ticker number 100000
csvtojson: 0x1f9840a85d5af5bf1d1762f925bdaddc4201f984, 3 tokens of 3, ticker number 100000
OUT
