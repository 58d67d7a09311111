#!/usr/bin/env bash
# CCI divides by the mean distance of the last N prices from their present mean. indicatorts takes each distance from the mean of its own day,
# so in a trend it divides by too much: 89 where TA-Lib, technicalindicators, trading-signals and the formula say 214, on the other side of the
# usual line at 100. It has a value from the second bar on, too. In a market without trend all agree roughly, which hides it.
# indicatorts 2.2.2, technicalindicators 3.1.0, trading-signals 8.3.0, talib-web 0.1.3, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts indicatorts@2.2.2 technicalindicators@3.1.0 trading-signals@8.3.0 talib-web@0.1.3
npm ls --depth=0 | grep -- '── '
cat >run.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { cci } = require('indicatorts');
const talib = require('talib-web');
const { CCI } = require('technicalindicators');
const signals = require('trading-signals');
const period = 20;
const mean = (values) => values.reduce((sum, value) => sum + value) / values.length;
const show = (what, values) => console.log(`${what}: ${values.map((value) => value.toFixed(2)).join(' ')}`);
(async () => {
  const wasm = readFileSync('node_modules/talib-web/lib/talib.wasm');
  await talib.init(`data:application/wasm;base64,${wasm.toString('base64')}`);
  for (const [market, slope] of [['trend', 1], ['sideways', 0]]) {
    const close = Array.from({ length: 60 }, (_, i) => 100 + slope * i + 5 * Math.sin(i / 3));
    const high = close.map((price) => price + 1);
    const low = close.map((price) => price - 1);
    const window = close.slice(-period);
    const formula = (window[period - 1] - mean(window)) / (0.015 * mean(window.map((price) => Math.abs(price - mean(window)))));
    show(`${market}, formula`, [formula]);
    const { output } = talib.CCI({ high, low, close, timePeriod: period });
    show(`${market}, TA-Lib`, [output[close.length - period]]);
    show(`${market}, technicalindicators`, CCI.calculate({ high, low, close, period }).slice(-1));
    const stream = new signals.CCI(period);
    show(`${market}, trading-signals`, close.map((_, i) => stream.add({ high: high[i], low: low[i], close: close[i] })).slice(-1));
    show(`${market}, indicatorts`, cci(high, low, close, { period }).slice(-1));
    show(`${market}, indicatorts, first three`, cci(high, low, close, { period }).slice(0, 3));
  }
})();
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
trend, formula: 213.76
trend, TA-Lib: 213.76
trend, technicalindicators: 213.76
trend, trading-signals: 213.76
trend, indicatorts: 89.01
trend, indicatorts, first three: NaN 133.33 131.25
sideways, formula: 72.01
sideways, TA-Lib: 72.01
sideways, technicalindicators: 72.01
sideways, trading-signals: 72.01
sideways, indicatorts: 75.91
sideways, indicatorts, first three: NaN 133.33 129.90
OUT
