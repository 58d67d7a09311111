#!/usr/bin/env bash
# ROUND of formulajs moves the point by text: number, 'e', digits. JavaScript writes numbers below a millionth with an 'e' of their own, the digits stand behind
# it and are left out: ROUND(0.00000002345, 10) is 0, and so is a price of 0.00000099 with 8 digits. ROUNDUP makes 0.0000000001 of the first, 235 times too
# little, ROUNDDOWN 0. From 0.000001 on all are right; TRUNC and FIXED are right below it as well.
# @formulajs/formulajs 4.6.1, decimal.js 10.6.0, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @formulajs/formulajs@4.6.1 decimal.js@10.6.0
npm ls --depth=0 | grep -- '── '
cat >run.cjs <<'JS'
const { FIXED, ROUND, ROUNDDOWN, ROUNDUP, TRUNC } = require('@formulajs/formulajs');
const { Decimal } = require('decimal.js');
const plain = (value) => new Decimal(value).toFixed();
for (const [price, digits] of [['0.00000002345', 10], ['0.00000099', 8], ['0.00000100', 8], ['0.00002345', 7]]) {
  const right = (mode) => new Decimal(price).toDecimalPlaces(digits, mode).toFixed();
  const x = Number(price);
  console.log(`${price} with ${digits} digits: ROUND ${plain(ROUND(x, digits))}, right ${right(Decimal.ROUND_HALF_UP)}`);
  console.log(`${price} with ${digits} digits: ROUNDUP ${plain(ROUNDUP(x, digits))}, right ${right(Decimal.ROUND_UP)}`);
  console.log(`${price} with ${digits} digits: ROUNDDOWN ${plain(ROUNDDOWN(x, digits))}, right ${right(Decimal.ROUND_DOWN)}`);
  console.log(`${price} with ${digits} digits: TRUNC ${plain(TRUNC(x, digits))}, FIXED ${FIXED(x, digits)}`);
}
const steps = Array.from({ length: 2000 }, (_, i) => new Decimal(i + 1).div(1e9));
const wrong = steps.filter((price) => ROUND(price.toNumber(), 12) !== price.toNumber());
console.log(`of 2000 prices up to 0.000002, ROUND with 12 digits changes ${wrong.length}, the last is ${wrong.at(-1).toFixed()}`);
console.log('a million of 0.00000002345:', ROUND(0.00000002345, 10) * 1_000_000, 'instead of', 0.0235);
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
0.00000002345 with 10 digits: ROUND 0, right 0.0000000235
0.00000002345 with 10 digits: ROUNDUP 0.0000000001, right 0.0000000235
0.00000002345 with 10 digits: ROUNDDOWN 0, right 0.0000000234
0.00000002345 with 10 digits: TRUNC 0.0000000234, FIXED 0.0000000235
0.00000099 with 8 digits: ROUND 0, right 0.00000099
0.00000099 with 8 digits: ROUNDUP 0.00000001, right 0.00000099
0.00000099 with 8 digits: ROUNDDOWN 0, right 0.00000099
0.00000099 with 8 digits: TRUNC 0.00000099, FIXED 0.00000099
0.00000100 with 8 digits: ROUND 0.000001, right 0.000001
0.00000100 with 8 digits: ROUNDUP 0.000001, right 0.000001
0.00000100 with 8 digits: ROUNDDOWN 0.000001, right 0.000001
0.00000100 with 8 digits: TRUNC 0.000001, FIXED 0.00000100
0.00002345 with 7 digits: ROUND 0.0000235, right 0.0000235
0.00002345 with 7 digits: ROUNDUP 0.0000235, right 0.0000235
0.00002345 with 7 digits: ROUNDDOWN 0.0000234, right 0.0000234
0.00002345 with 7 digits: TRUNC 0.0000234, FIXED 0.0000235
of 2000 prices up to 0.000002, ROUND with 12 digits changes 999, the last is 0.000000999
a million of 0.00000002345: 0 instead of 0.0235
OUT
