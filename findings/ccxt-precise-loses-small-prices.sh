#!/usr/bin/env bash
# Precise of ccxt works on decimal text and is exact in sums and products; a quotient is cut after 18 decimals, not 18 digits. The average
# price of an order and the vwap of a ticker are such quotients: of a coin at 1.5e-14 five digits are left, at 1.5e-17 two, and below
# 1e-18 the price is 0. A plain division of doubles has fifteen digits everywhere. stringDiv takes more decimals, the callers do not ask.
# ccxt 4.5.84, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts ccxt@4.5.84
npm ls --depth=0 | grep -- '── '
cat >run.cjs <<'JS'
const { binance, Precise } = require('ccxt');
const exchange = new binance();
const symbol = 'COIN/BTC';
const filled = '123456789012345';
for (const cost of ['190000000', '1.9', '0.0019', '0.000019']) {
  const order = exchange.safeOrder({ id: '1', symbol, status: 'closed', type: 'limit', side: 'buy', amount: filled, filled, cost, trades: [], fees: [] });
  const { vwap } = exchange.safeTicker({ symbol, quoteVolume: cost, baseVolume: filled });
  const [double, more] = [Number(cost) / Number(filled), Precise.stringDiv(cost, filled, 30)];
  console.log(`${cost} for ${filled}: average ${order.average}, vwap ${vwap}, double ${double}, with 30 decimals ${more}`);
}
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
190000000 for 123456789012345: average 0.000001539000013851, vwap 0.000001539000013851, double 0.0000015390000138510087, with 30 decimals 0.000001539000013851008589159153
1.9 for 123456789012345: average 1.539e-14, vwap 1.539e-14, double 1.5390000138510086e-14, with 30 decimals 0.000000000000015390000138510085
0.0019 for 123456789012345: average 1.5e-17, vwap 1.5e-17, double 1.5390000138510086e-17, with 30 decimals 0.00000000000000001539000013851
0.000019 for 123456789012345: average 0, vwap 0, double 1.5390000138510087e-19, with 30 decimals 0.000000000000000000153900001385
OUT
