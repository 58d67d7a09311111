#!/usr/bin/env bash
# The EMA of technicalindicators begins with the mean of the first values. Where that mean is exactly 0, as it may be for returns,
# spreads or funding rates, it is taken for none: the first EMA is not given, and the newest value is counted a second time.
# Every EMA after it carries the error. technicalindicators 3.1.0, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts technicalindicators@3.1.0
cat >run.cjs <<'JS'
const { EMA } = require('technicalindicators');
const show = (what, values) => console.log(`${what}:`, values.map((value) => Number(value.toFixed(4))).join(' '));
const right = (period, values) => {
  let ema = values.slice(0, period).reduce((sum, value) => sum + value) / period;
  return [ema, ...values.slice(period).map((value) => (ema += ((value - ema) * 2) / (period + 1)))];
};
for (const values of [[-2, -1, 3, 1, 4, 2], [-2, -1, 3.25, 1, 4, 2]]) {
  show(`right, ${values[2]}`, right(3, values));
  show(`found, ${values[2]}`, EMA.calculate({ period: 3, values }));
}
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
right, 3: 0 0.5 2.25 2.125
found, 3: 1.5 1.25 2.625 2.3125
right, 3.25: 0.0833 0.5417 2.2708 2.1354
found, 3.25: 0.0833 0.5417 2.2708 2.1354
OUT
