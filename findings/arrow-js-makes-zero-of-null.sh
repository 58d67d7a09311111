#!/usr/bin/env bash
# toArray of an Arrow column hands out the values below, without asking which of them are valid: a null is whatever its slot holds, which
# is 0 as apache-arrow itself, polars and most writers leave it. An iteration, get and JSON of the same column say null. So a
# missing close becomes a price of 0, and the mean, the low and the return of the next day are wrong and finite.
# apache-arrow 21.2.0, nodejs-polars 0.24.0, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts apache-arrow@21.2.0 nodejs-polars@0.24.0
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { Float64, tableFromIPC, vectorFromArray } from 'apache-arrow';
import pl from 'nodejs-polars';
const close = [64, null, 66];
const ofPolars = tableFromIPC(pl.DataFrame({ close }).writeIPC()).getChild('close');
for (const [who, column] of [['apache-arrow', vectorFromArray(close, new Float64())], ['polars', ofPolars]]) {
  const array = column.toArray();
  console.log(`${who}: nulls ${column.nullCount}, iterated ${JSON.stringify([...column])}, get ${column.get(1)}, toArray ${array.constructor.name} ${array.join(' ')}`);
  console.log(`${who}: low ${Math.min(...array)}, mean ${(array.reduce((sum, value) => sum + value) / 3).toFixed(2)}`);
}
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
apache-arrow: nulls 1, iterated [64,null,66], get null, toArray Float64Array 64 0 66
apache-arrow: low 0, mean 43.33
polars: nulls 1, iterated [64,null,66], get null, toArray Float64Array 64 0 66
polars: low 0, mean 43.33
OUT
