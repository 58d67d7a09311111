#!/usr/bin/env bash
# AlaSQL reads OVER (PARTITION BY … ORDER BY …) and leaves ORDER BY out, without an error. A running sum is the total of the asset on every day, of days that
# were still to come too, and 0 where the summed column is not selected beside it. ROW_NUMBER counts rows as they lie and begins again whenever the asset
# changes: the newest row of each asset (r = 1) is the oldest, and where rows lie by day it is every row. SQLite answers the same statements by the standard.
# alasql 4.19.1, sql.js 1.13.0, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts alasql@4.19.1 sql.js@1.13.0
npm ls --depth=0 | grep -- '── '
cat >run.cjs <<'JS'
const alasql = require('alasql');
const initSqlJs = require('sql.js');
const days = ['2024-01-01', '2024-01-02', '2024-01-03'];
const prices = { BTC: [10, 11, 12], ETH: [1, 2, 4] };
const byAsset = Object.keys(prices).flatMap((asset) => days.map((day, i) => [asset, day, prices[asset][i]]));
const byDay = days.flatMap((day, i) => Object.keys(prices).map((asset) => [asset, day, prices[asset][i]]));
const newest = 'SELECT asset, day, volume FROM (SELECT asset, day, volume, ROW_NUMBER() OVER (PARTITION BY asset ORDER BY day DESC) AS r FROM bars) AS b WHERE r = 1 ORDER BY asset, day';
const running = 'SELECT asset, day, volume, SUM(volume) OVER (PARTITION BY asset ORDER BY day) AS so_far FROM bars ORDER BY asset, day';
const alone = running.replace('volume, SUM', 'SUM');
(async () => {
  const { Database } = await initSqlJs();
  for (const [lie, rows] of Object.entries({ 'by asset': byAsset, 'by day': byDay })) {
    const insert = `CREATE TABLE bars (asset TEXT, day TEXT, volume INT); INSERT INTO bars VALUES ${rows.map(([asset, day, volume]) => `('${asset}', '${day}', ${volume})`).join(', ')};`;
    const sqlite = new Database();
    sqlite.run(insert);
    const other = new alasql.Database();
    other.exec(insert);
    for (const [what, sql] of Object.entries({ newest, running, 'running alone': alone })) {
      const show = (name, answer) => console.log(`${what}, rows ${lie}, ${name}: ${answer.map((row) => row.join(' ')).join(', ')}`);
      show('AlaSQL', other.exec(sql).map(Object.values));
      show('SQLite', sqlite.exec(sql)[0].values);
    }
  }
})();
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
newest, rows by asset, AlaSQL: BTC 2024-01-01 10, ETH 2024-01-01 1
newest, rows by asset, SQLite: BTC 2024-01-03 12, ETH 2024-01-03 4
running, rows by asset, AlaSQL: BTC 2024-01-01 10 33, BTC 2024-01-02 11 33, BTC 2024-01-03 12 33, ETH 2024-01-01 1 7, ETH 2024-01-02 2 7, ETH 2024-01-03 4 7
running, rows by asset, SQLite: BTC 2024-01-01 10 10, BTC 2024-01-02 11 21, BTC 2024-01-03 12 33, ETH 2024-01-01 1 1, ETH 2024-01-02 2 3, ETH 2024-01-03 4 7
running alone, rows by asset, AlaSQL: BTC 2024-01-01 0, BTC 2024-01-02 0, BTC 2024-01-03 0, ETH 2024-01-01 0, ETH 2024-01-02 0, ETH 2024-01-03 0
running alone, rows by asset, SQLite: BTC 2024-01-01 10, BTC 2024-01-02 21, BTC 2024-01-03 33, ETH 2024-01-01 1, ETH 2024-01-02 3, ETH 2024-01-03 7
newest, rows by day, AlaSQL: BTC 2024-01-01 10, BTC 2024-01-02 11, BTC 2024-01-03 12, ETH 2024-01-01 1, ETH 2024-01-02 2, ETH 2024-01-03 4
newest, rows by day, SQLite: BTC 2024-01-03 12, ETH 2024-01-03 4
running, rows by day, AlaSQL: BTC 2024-01-01 10 33, BTC 2024-01-02 11 33, BTC 2024-01-03 12 33, ETH 2024-01-01 1 7, ETH 2024-01-02 2 7, ETH 2024-01-03 4 7
running, rows by day, SQLite: BTC 2024-01-01 10 10, BTC 2024-01-02 11 21, BTC 2024-01-03 12 33, ETH 2024-01-01 1 1, ETH 2024-01-02 2 3, ETH 2024-01-03 4 7
running alone, rows by day, AlaSQL: BTC 2024-01-01 0, BTC 2024-01-02 0, BTC 2024-01-03 0, ETH 2024-01-01 0, ETH 2024-01-02 0, ETH 2024-01-03 0
running alone, rows by day, SQLite: BTC 2024-01-01 10, BTC 2024-01-02 21, BTC 2024-01-03 33, ETH 2024-01-01 1, ETH 2024-01-02 3, ETH 2024-01-03 7
OUT
