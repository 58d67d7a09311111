#!/usr/bin/env bash
# Aroon of indicatorts counts the days since the lowest low of its window changed, which it also does when an old low leaves the window. In a steady rise Aroon
# Down is 100 every day, as on a new low, where trading-signals says 0, in a fall Aroon Up, and its strategy never acts. MFI takes the sign of a day from price
# times volume, not from the price: in a fall with growing volume it is 100 instead of 0, in a rise with drying volume 0 instead of 100.
# indicatorts 2.2.2, trading-signals 8.3.0, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts indicatorts@2.2.2 trading-signals@8.3.0
npm ls --depth=0 | grep -- '── '
cat >run.cjs <<'JS'
const { aroon, aroonStrategy, mfi } = require('indicatorts');
const { Aroon, MFI } = require('trading-signals');
const bars = (price, volume, length = 60) =>
  Array.from({ length }, (_, i) => {
    const close = price(i);
    return { open: close, high: close * 1.002, low: close * 0.998, close, volume: volume(i) };
  });
const column = (rows, name) => rows.map((row) => row[name]);
const asset = (rows) => ({
  dates: rows.map((_, i) => new Date(Date.UTC(2024, 0, i + 1))),
  openings: column(rows, 'open'), highs: column(rows, 'high'), lows: column(rows, 'low'), closings: column(rows, 'close'), volumes: column(rows, 'volume'),
});
const last = (values) => Number(values[values.length - 1].toFixed(2));
const peer = (indicator, rows) => {
  for (const row of rows) indicator.add(row);
  return indicator.getResultOrThrow();
};
const cases = {
  'rise, growing volume': bars((i) => 100 * 1.01 ** i, (i) => 1000 * 1.1 ** i),
  'rise, drying volume': bars((i) => 100 * 1.01 ** i, (i) => 1000 * 0.9 ** i),
  'fall, growing volume': bars((i) => 100 * 0.99 ** i, (i) => 1000 * 1.1 ** i),
  'fall, drying volume': bars((i) => 100 * 0.99 ** i, (i) => 1000 * 0.9 ** i),
};
for (const [what, rows] of Object.entries(cases)) {
  const { up, down } = aroon(column(rows, 'high'), column(rows, 'low'), { period: 25 });
  const { aroonUp, aroonDown } = peer(new Aroon(25), rows);
  console.log(`${what}, Aroon up and down: indicatorts ${last(up)} ${last(down)}, trading-signals ${aroonUp} ${aroonDown}`);
  const flow = last(mfi(column(rows, 'high'), column(rows, 'low'), column(rows, 'close'), column(rows, 'volume'), { period: 14 }));
  console.log(`${what}, MFI: indicatorts ${flow}, trading-signals ${last([peer(new MFI(14), rows)])}`);
  console.log(`${what}, signals of the Aroon strategy: ${[...new Set(aroonStrategy(asset(rows)).slice(30))].join(' ')}`);
}
let seed = 1;
let level = 100;
const walk = bars(() => (level *= 1 + ((seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5) / 50), () => 1000, 1000);
const lows = column(walk, 'low');
const { down } = aroon(column(walk, 'high'), lows, { period: 25 });
const said = lows.map((_, i) => i).filter((i) => i >= 25 && down[i] === 100);
const none = said.filter((i) => lows[i] > Math.min(...lows.slice(i - 24, i)));
console.log(`a random walk of ${walk.length} days: Aroon Down is 100 on ${said.length}, on ${none.length} of them the low was not the lowest of 25 days`);
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
rise, growing volume, Aroon up and down: indicatorts 100 100, trading-signals 100 0
rise, growing volume, MFI: indicatorts 100, trading-signals 100
rise, growing volume, signals of the Aroon strategy: 0
rise, drying volume, Aroon up and down: indicatorts 100 100, trading-signals 100 0
rise, drying volume, MFI: indicatorts 0, trading-signals 100
rise, drying volume, signals of the Aroon strategy: 0
fall, growing volume, Aroon up and down: indicatorts 100 100, trading-signals 0 100
fall, growing volume, MFI: indicatorts 100, trading-signals 0
fall, growing volume, signals of the Aroon strategy: 0
fall, drying volume, Aroon up and down: indicatorts 100 100, trading-signals 0 100
fall, drying volume, MFI: indicatorts 0, trading-signals 0
fall, drying volume, signals of the Aroon strategy: 0
a random walk of 1000 days: Aroon Down is 100 on 226, on 104 of them the low was not the lowest of 25 days
OUT
