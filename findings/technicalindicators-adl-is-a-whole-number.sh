#!/usr/bin/env bash
# ADL of technicalindicators gives whole numbers: where volumes are fractions, as of bitcoin, the accumulation/distribution line stays at 0 or steps.
# A bar whose high is its low counts as bought in full, though the range says nothing: a quiet minute adds its whole volume, where TA-Lib adds none,
# and the line climbs through a market that stands still. Volumes in thousands of shares hide both. technicalindicators 3.1.0, talib-web 0.1.3, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts technicalindicators@3.1.0 talib-web@0.1.3
npm ls --depth=0 | grep -- '── '
cat >run.cjs <<'JS'
const { readFileSync } = require('node:fs');
const talib = require('talib-web');
const { ADL } = require('technicalindicators');
const show = (what, values) => console.log(`${what}: ${Array.from(values, (value) => +value.toFixed(4)).join(' ')}`);
const formula = ({ high, low, close, volume }) => {
  let line = 0;
  return close.map((price, i) => (line += high[i] === low[i] ? 0 : ((2 * price - low[i] - high[i]) / (high[i] - low[i])) * volume[i]));
};
const moving = { high: [11, 12, 13, 13, 14, 15], low: [9, 10, 11, 11, 12, 13], close: [10.5, 11.6, 12.2, 12.5, 13.9, 14.1] };
const flat = { high: [10, 10, 10, 10, 10, 10], low: [10, 10, 10, 10, 10, 10], close: [10, 10, 10, 10, 10, 10] };
(async () => {
  const wasm = readFileSync('node_modules/talib-web/lib/talib.wasm');
  await talib.init(`data:application/wasm;base64,${wasm.toString('base64')}`);
  for (const [market, bars] of Object.entries({ moving, flat })) {
    for (const unit of [0.1, 1000]) {
      const input = { ...bars, volume: [4, 3, 2, 4.5, 1, 3.5].map((volume) => volume * unit) };
      show(`${market}, volumes times ${unit}, formula`, formula(input));
      show(`${market}, volumes times ${unit}, TA-Lib`, talib.AD(input).output);
      show(`${market}, volumes times ${unit}, technicalindicators`, ADL.calculate(input));
    }
  }
})();
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
moving, volumes times 0.1, formula: 0.2 0.38 0.42 0.645 0.735 0.77
moving, volumes times 0.1, TA-Lib: 0.2 0.38 0.42 0.645 0.735 0.77
moving, volumes times 0.1, technicalindicators: 0 0 0 1 1 1
moving, volumes times 1000, formula: 2000 3800 4200 6450 7350 7700
moving, volumes times 1000, TA-Lib: 2000 3800 4200 6450 7350 7700
moving, volumes times 1000, technicalindicators: 2000 3800 4200 6450 7350 7700
flat, volumes times 0.1, formula: 0 0 0 0 0 0
flat, volumes times 0.1, TA-Lib: 0 0 0 0 0 0
flat, volumes times 0.1, technicalindicators: 0 1 1 1 1 2
flat, volumes times 1000, formula: 0 0 0 0 0 0
flat, volumes times 1000, TA-Lib: 0 0 0 0 0 0
flat, volumes times 1000, technicalindicators: 4000 7000 9000 13500 14500 18000
OUT
