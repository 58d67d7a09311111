#!/usr/bin/env bash
# ccxt names bars 1w and 1M as exchanges do, whose weeks begin on Monday and whose months are civil. Bars that it builds itself, from
# trades, lie on multiples of the span since 1970: its weeks begin on Thursday and its months last 30 days, whichever civil
# month that is. Beside fetched bars of the same name they look alike. ccxt 4.5.84, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts ccxt@4.5.84
cat >run.cjs <<'JS'
const ccxt = require('ccxt');
const exchange = new ccxt.binance();
const noon = (i) => Date.parse('2024-01-01T12:00:00Z') + i * 86_400_000;
const trades = Array.from({ length: 91 }, (_, i) => ({ timestamp: noon(i), price: 100 + i, amount: 1 }));
console.log('ccxt', ccxt.version);
for (const timeframe of ['1d', '1w', '1M']) {
  const bars = exchange.buildOHLCVC(trades, timeframe).slice(0, 4);
  const start = (bar) => new Date(bar[0]).toUTCString().slice(0, 11);
  console.log(timeframe, bars.map((bar) => `${start(bar)}: ${bar[5]} days, close ${bar[4]}`).join('; '));
}
JS
node run.cjs | tee out.txt
grep -q '^1d Mon, 01 Jan: 1 days, close 100; Tue, 02 Jan: 1 days, close 101;' out.txt
grep -qx '1w Thu, 28 Dec: 3 days, close 102; Thu, 04 Jan: 7 days, close 109; Thu, 11 Jan: 7 days, close 116; Thu, 18 Jan: 7 days, close 123' out.txt
grep -qx '1M Tue, 19 Dec: 17 days, close 116; Thu, 18 Jan: 30 days, close 146; Sat, 17 Feb: 30 days, close 176; Mon, 18 Mar: 14 days, close 190' out.txt
