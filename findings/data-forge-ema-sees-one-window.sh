#!/usr/bin/env bash
# The EMA of data-forge-indicators begins anew at every bar: it takes the last N values, starts with the first of them and forgets all before.
# After 400 bars its EMA(21) is still 0.7 % away from that of three other libraries, which agree; no history brings it nearer. MACD and
# signal are made of it, and RSI(14) is 100 where the others say 79. The package needs chai beside it. data-forge-indicators 0.2.7 with
# data-forge 1.10.5, technicalindicators 3.1.0, trading-signals 8.3.0, indicatorts 2.2.2, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts data-forge-indicators@0.2.7 data-forge@1.10.5 chai@4.5.0 technicalindicators@3.1.0 trading-signals@8.3.0 indicatorts@2.2.2
npm ls --depth=0 | grep -- '── '
cat >run.cjs <<'JS'
const { Series } = require('data-forge');
require('data-forge-indicators');
const indicatorts = require('indicatorts');
const { EMA, RSI } = require('technicalindicators');
const signals = require('trading-signals');
const close = Array.from({ length: 400 }, (_, i) => 100 + i / 10 + 10 * Math.sin(i / 7));
const last = (values) => values[values.length - 1].toFixed(4);
const stream = (indicator) => [close.map((price) => indicator.add(price)).pop()];
console.log('EMA(21), technicalindicators', last(EMA.calculate({ period: 21, values: close })));
console.log('EMA(21), trading-signals', last(stream(new signals.EMA(21))));
console.log('EMA(21), indicatorts', last(indicatorts.ema(close, { period: 21 })));
console.log('EMA(21), data-forge', last(new Series(close).ema(21).toArray()));
console.log('EMA(21), data-forge, of the last 21 alone', last(new Series(close.slice(-21)).ema(21).toArray()));
const factor = 2 / 22;
console.log('EMA(21) from the first of the last 21', last([close.slice(-21).reduce((ema, price) => ema + factor * (price - ema))]));
console.log('RSI(14), technicalindicators', last(RSI.calculate({ period: 14, values: close })));
console.log('RSI(14), trading-signals', last(stream(new signals.RSI(14))));
console.log('RSI(14), indicatorts', last(indicatorts.rsi(close, { period: 14 })));
console.log('RSI(14), data-forge', last(new Series(close).rsi(14).toArray()));
const found = new Series(close).macd(12, 26, 9).toArray().pop();
console.log('MACD, data-forge', found.macd.toFixed(4), 'signal', found.signal.toFixed(4));
const right = indicatorts.macd(close);
console.log('MACD, indicatorts', last(right.macdLine), 'signal', last(right.signalLine));
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
EMA(21), technicalindicators 136.4300
EMA(21), trading-signals 136.4300
EMA(21), indicatorts 136.4300
EMA(21), data-forge 135.4361
EMA(21), data-forge, of the last 21 alone 135.4361
EMA(21) from the first of the last 21 135.4361
RSI(14), technicalindicators 79.0700
RSI(14), trading-signals 79.0750
RSI(14), indicatorts 79.0750
RSI(14), data-forge 100.0000
MACD, data-forge 2.0592 signal -0.4656
MACD, indicatorts 1.7886 signal 0.1133
OUT
