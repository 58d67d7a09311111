#!/usr/bin/env bash
# A decimal that apache-arrow reads is the number without its point: 64123.45 of a decimal(12, 2) is 6412345 by String, by Number, in JSON and
# in a sum. The scale stands in the type of the column only, and is asked for by hand: valueOf(2). A file whose prices have
# several scales gives numbers that look like prices, each wrong by its own power of ten.
# apache-arrow 21.2.0, nodejs-polars 0.24.0, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts apache-arrow@21.2.0 nodejs-polars@0.24.0
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { tableFromIPC } from 'apache-arrow';
import pl from 'nodejs-polars';
const frame = pl.DataFrame({ text: ['64123.45', '0.07'] }).select(pl.col('text').cast(pl.Decimal(12, 2)).alias('close'), pl.col('text').cast(pl.Decimal(20, 8)).alias('price'));
console.log('polars', frame.select(pl.col('close').cast(pl.Utf8), pl.col('price').cast(pl.Utf8)).rows().join('; '));
const table = tableFromIPC(frame.writeIPC());
for (const name of ['close', 'price']) {
  const column = table.getChild(name);
  const { scale } = column.type;
  const values = [...column];
  console.log(`apache-arrow, ${column.type}: String ${values.map(String).join(' ')}, Number ${values.map(Number).join(' ')}, JSON ${JSON.stringify(values)}`);
  console.log(`apache-arrow, valueOf(${scale}): ${values.map((value) => value.valueOf(scale)).join(' ')}`);
}
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
polars 64123.45,64123.45000000; 0.07,0.07000000
apache-arrow, Decimal[12e+2]: String 6412345 7, Number 6412345 7, JSON ["\"6412345\"","\"7\""]
apache-arrow, valueOf(2): 64123.45 0.07
apache-arrow, Decimal[20e+8]: String 6412345000000 7000000, Number 6412345000000 7000000, JSON ["\"6412345000000\"","\"7000000\""]
apache-arrow, valueOf(8): 64123.45 0.07
OUT
