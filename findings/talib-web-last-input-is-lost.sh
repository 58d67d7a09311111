#!/usr/bin/env bash
# talib-web (TA-Lib in WebAssembly) takes startIdx and endIdx as TA-Lib does, whose endIdx is the last input. Given the index
# of the last input it works with 0 in its place: the newest EMA is silently wrong, and one value too many follows.
# Without endIdx the values are right, but more are given than there are inputs for. talib-web 0.1.3, 2026-11-28.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts talib-web@0.1.3
cat >run.cjs <<'JS'
const { readFileSync } = require('node:fs');
const ta = require('talib-web');
(async () => {
  const wasm = readFileSync('node_modules/talib-web/lib/talib.wasm');
  await ta.init(`data:application/wasm;base64,${wasm.toString('base64')}`);
  const inReal = [10, 11, 12, 13, 15, 14, 16.5, 17];
  console.log('right', '11 12 13.5 13.75 15.125 16.0625');
  console.log('with endIdx', ta.EMA({ inReal, timePeriod: 3, startIdx: 0, endIdx: inReal.length - 1 }).output.join(' '));
  console.log('without', ta.EMA({ inReal, timePeriod: 3 }).output.join(' '));
})();
JS
node run.cjs | tee out.txt
grep -q '^with endIdx 11 12 13.5 13.75 15.125 7.5625 ' out.txt
grep -q '^without 11 12 13.5 13.75 15.125 16.0625 ' out.txt
