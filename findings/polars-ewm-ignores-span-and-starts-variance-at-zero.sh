#!/usr/bin/env bash
# ewmMean of nodejs-polars takes { span }, { com } or { halfLife } as the Python library does, and ignores them without a
# word: the factor is 0.5 whatever is asked for. Only alpha counts. Its unbiased ewmVar gives 0 for the first value, where
# pandas has none. nodejs-polars 0.24.0, 2026-11-28.
set -euo pipefail
cd "$(mktemp -d)"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts nodejs-polars@0.24.0
cat >run.cjs <<'JS'
const pl = require('nodejs-polars');
const x = pl.Series('x', [10, 11, 12, 13]);
const show = (series) => series.toArray().map((value) => Number(value.toFixed(4))).join(' ');
for (const options of [{ alpha: 0.5 }, { span: 21 }, { com: 9 }, { halfLife: 30 }, { alpha: 2 / 22 }]) {
  console.log(JSON.stringify(options), show(x.ewmMean(options)));
}
console.log('var', show(x.ewmVar({ alpha: 0.5 })));
JS
node run.cjs | tee out.txt
for options in '{"span":21}' '{"com":9}' '{"halfLife":30}'; do grep -qF "$options 10 10.6667 11.4286 12.2667" out.txt; done
grep -qF '{"alpha":0.09090909090909091} 10 10.5238' out.txt
grep -q '^var 0 0.5 ' out.txt
