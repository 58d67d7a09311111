#!/usr/bin/env bash
# apache-arrow makes nanoseconds of a Date in floating point: 23:59:59.999 is written 64 ns late, on every day. Read back by
# apache-arrow it equals the Date that was written, so a round trip shows nothing; to polars the instant is another, and
# a join or a comparison with the same close of another file finds no row. Midnights and microseconds are exact.
# apache-arrow 21.2.0, nodejs-polars 0.24.0, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts apache-arrow@21.2.0 nodejs-polars@0.24.0
cat >run.mjs <<'JS'
import { Table, tableFromIPC, tableToIPC, TimestampMicrosecond, TimestampNanosecond, vectorFromArray } from 'apache-arrow';
import pl from 'nodejs-polars';
const days = [1, 2, 3].map((day) => new Date(Date.UTC(2024, 0, day, 23, 59, 59, 999)));
for (const type of [new TimestampNanosecond(), new TimestampMicrosecond()]) {
  const file = tableToIPC(new Table({ ts: vectorFromArray(days, type) }), 'file');
  const back = tableFromIPC(file).getChild('ts');
  console.log(String(type), 'apache-arrow, equal:', days.filter((day, i) => back.get(i) === day.getTime()).length, 'of', days.length);
  console.log(String(type), 'stored:', back.toArray().join(' '));
  const frame = pl.readIPC(Buffer.from(file));
  const closes = pl.DataFrame({ ts: days }).select(pl.col('ts').cast(frame.getColumn('ts').dtype));
  console.log(String(type), 'polars, rows joined:', frame.join(closes, { on: 'ts' }).height, 'of', days.length);
}
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
Timestamp<NANOSECOND> apache-arrow, equal: 3 of 3
Timestamp<NANOSECOND> stored: 1704153599999000064 1704239999999000064 1704326399999000064
Timestamp<NANOSECOND> polars, rows joined: 0 of 3
Timestamp<MICROSECOND> apache-arrow, equal: 3 of 3
Timestamp<MICROSECOND> stored: 1704153599999000 1704239999999000 1704326399999000
Timestamp<MICROSECOND> polars, rows joined: 3 of 3
OUT
