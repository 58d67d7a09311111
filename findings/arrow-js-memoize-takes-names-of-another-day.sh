#!/usr/bin/env bash
# apache-arrow writes texts with a dictionary per file, and concat of two files keeps both. memoize, made for reading texts faster, looks all codes up
# in the first one: SOL of the second file is BTC, the coin that the first does not have is an empty text, and volumes go to other assets. So in the
# same table read from a stream, and unmemoize does not undo it. Without memoize, and in polars, the names are right.
# apache-arrow 21.2.0, nodejs-polars 0.24.0, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts apache-arrow@21.2.0 nodejs-polars@0.24.0
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow';
import pl from 'nodejs-polars';
const monday = tableFromIPC(tableToIPC(tableFromArrays({ asset: ['BTC', 'ETH', 'BTC'], volume: Float64Array.of(1, 10, 2) })));
const tuesday = tableFromIPC(tableToIPC(tableFromArrays({ asset: ['SOL', 'BTC', 'ADA'], volume: Float64Array.of(100, 4, 1000) })));
const both = monday.concat(tuesday);
const stream = tableToIPC(both, 'stream');
const sums = (assets, volumes) => {
  const by = new Map();
  assets.forEach((asset, i) => by.set(`'${asset}'`, (by.get(`'${asset}'`) ?? 0) + volumes[i]));
  return [...by].map((pair) => pair.join(' ')).join(', ');
};
const show = (what, table, asset) => {
  const names = [...asset];
  console.log(`${what}: ${names.map((name) => `'${name}'`).join(' ')}; volumes ${sums(names, [...table.getChild('volume')])}`);
};
show('plain', both, both.getChild('asset'));
show('memoized', both, both.getChild('asset').memoize());
const read = tableFromIPC(stream);
show('stream, plain', read, read.getChild('asset'));
show('stream, memoized', read, read.getChild('asset').memoize());
show('memoized, then not', both, both.getChild('asset').memoize().unmemoize());
const rows = pl.readIPCStream(Buffer.from(stream)).toRecords();
console.log(`stream, polars: ${rows.map((row) => `'${row.asset}'`).join(' ')}`);
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
plain: 'BTC' 'ETH' 'BTC' 'SOL' 'BTC' 'ADA'; volumes 'BTC' 7, 'ETH' 10, 'SOL' 100, 'ADA' 1000
memoized: 'BTC' 'ETH' 'BTC' 'BTC' 'ETH' ''; volumes 'BTC' 103, 'ETH' 14, '' 1000
stream, plain: 'BTC' 'ETH' 'BTC' 'SOL' 'BTC' 'ADA'; volumes 'BTC' 7, 'ETH' 10, 'SOL' 100, 'ADA' 1000
stream, memoized: 'BTC' 'ETH' 'BTC' 'BTC' 'ETH' ''; volumes 'BTC' 103, 'ETH' 14, '' 1000
memoized, then not: 'BTC' 'ETH' 'BTC' 'BTC' 'ETH' ''; volumes 'BTC' 103, 'ETH' 14, '' 1000
stream, polars: 'BTC' 'ETH' 'BTC' 'SOL' 'BTC' 'ADA'
OUT
