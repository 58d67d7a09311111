#!/usr/bin/env bash
# Type.forValue of avsc infers a 32-bit `float` for every number that is no `int`, up to 2^53: prices and volumes above 2^31 keep 7 digits, and a time in
# milliseconds is up to 65 seconds off, which puts it into another minute. isValid says yes, and nothing throws. Larger numbers become `double`,
# so those that a double cannot tell apart are kept best. avsc 5.7.9, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts avsc@5.7.9
npm ls --depth=0 | grep -- '── '
cat >run.cjs <<'JS'
const avro = require('avsc');
const bar = { symbol: 'BTC', time: Date.parse('2024-01-02T03:04:05.678Z'), close: 64123.45, volume: 3000000001, trades: 12 };
const type = avro.Type.forValue(bar);
const back = type.fromBuffer(type.toBuffer(bar));
console.log('valid:', type.isValid(bar));
for (const { name, type: inferred } of type.fields) {
  const show = (value) => (name === 'time' ? new Date(value).toISOString() : value);
  console.log(`${name}, ${inferred.typeName}: ${show(bar[name])} becomes ${show(back[name])}`);
}
for (const number of [2 ** 31 - 1, 2 ** 31, 2 ** 52 + 1, 2 ** 53]) {
  const inferred = avro.Type.forValue(number);
  console.log(`${number}, ${inferred.typeName}: ${inferred.fromBuffer(inferred.toBuffer(number))}`);
}
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
valid: true
symbol, string: BTC becomes BTC
time, float: 2024-01-02T03:04:05.678Z becomes 2024-01-02T03:03:09.568Z
close, float: 64123.45 becomes 64123.44921875
volume, float: 3000000001 becomes 3000000000
trades, int: 12 becomes 12
2147483647, int: 2147483647
2147483648, float: 2147483648
4503599627370497, float: 4503599627370496
9007199254740992, double: 9007199254740992
OUT
