#!/usr/bin/env bash
# Daily files appended to one .gz (cat a.gz b.gz) are a valid gzip file of two members. gunzipSync of fflate decodes the first member
# only, into a buffer as long as the last one: rows are lost, and a price is cut in the middle of its digits, without an
# error. Its stream Gunzip, Node and DecompressionStream read all. fflate 0.8.3, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts fflate@0.8.3
cat >run.mjs <<'JS'
import { gunzipSync as node, gzipSync } from 'node:zlib';
import { Gunzip, gunzipSync } from 'fflate';
const january = 'day,close\n2024-01-30,43128.55\n2024-01-31,42582.61\n';
const february = '2024-02-01,43075.77\n2024-02-02,43185.86\n';
const file = Buffer.concat([gzipSync(january), gzipSync(february)]);
const show = (who, bytes) => console.log(who, JSON.stringify(Buffer.from(bytes).toString()));
show('node', node(file));
const chunks = [];
new Gunzip((chunk) => chunks.push(chunk)).push(file, true);
show('fflate Gunzip', Buffer.concat(chunks));
show('fflate gunzipSync', gunzipSync(file));
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
node "day,close\n2024-01-30,43128.55\n2024-01-31,42582.61\n2024-02-01,43075.77\n2024-02-02,43185.86\n"
fflate Gunzip "day,close\n2024-01-30,43128.55\n2024-01-31,42582.61\n2024-02-01,43075.77\n2024-02-02,43185.86\n"
fflate gunzipSync "day,close\n2024-01-30,43128.55\n2024-01-31"
OUT
