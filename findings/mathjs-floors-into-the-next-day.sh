#!/usr/bin/env bash
# floor of mathjs takes a number for whole that is nearly so, by 1e-12 of it. Milliseconds since 1970 have had 13 digits since September 2001: since then
# floor(ts / bar) puts 23:59:59.999, the close that exchanges and coin sites write, into the next day, and the last millisecond of every hour and minute
# likewise, also as a bignumber. ts - mod(ts, bar) is later than ts. Of microseconds, the last 1,704 move. Math.floor and whole numbers disagree.
# mathjs 15.2.0, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts mathjs@15.2.0
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { bignumber, evaluate, floor } from 'mathjs';
const minute = 60_000;
const bars = { minute, hour: 60 * minute, day: 1440 * minute };
const text = (ms) => new Date(ms).toISOString();
const whole = (ts, bar) => Number(BigInt(ts) / BigInt(bar));
for (const day of ['2001-01-01', '2024-01-02']) {
  const first = Date.parse(day);
  for (const [name, bar] of Object.entries(bars)) {
    const late = [1, 2].map((before) => {
      const ends = Array.from({ length: (1440 * minute) / bar }, (_, i) => first + (i + 1) * bar - before);
      if (ends.some((ts) => Math.floor(ts / bar) !== whole(ts, bar))) throw new Error('Math.floor is not the whole quotient');
      return `${ends.filter((ts) => floor(ts / bar) !== whole(ts, bar)).length} of ${ends.length}`;
    });
    console.log(`${day}, by the ${name}: last milliseconds in the next bar ${late[0]}, those before them ${late[1]}`);
  }
}
const ts = Date.parse('2024-01-02T23:59:59.999Z');
const scope = { ts, day: bars.day };
console.log('floor in a formula:', text(evaluate('floor(ts / day) * day', scope)));
console.log('floor of a bignumber:', text(floor(bignumber(ts).div(bars.day)).toNumber() * bars.day));
console.log('fix in a formula:', text(evaluate('fix(ts / day) * day', scope)));
console.log('mod in a formula:', evaluate('mod(ts, day)', scope), 'instead of', ts % bars.day);
console.log('Math.floor:', text(Math.floor(ts / bars.day) * bars.day));
const micros = 1000 * bars.minute;
const end = Date.parse('2024-01-03') * 1000;
let moved = 0;
while (floor((end - moved - 1) / micros) * micros === end) moved += 1;
console.log('microseconds at the end of a minute in the next one:', moved);
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
2001-01-01, by the minute: last milliseconds in the next bar 0 of 1440, those before them 0 of 1440
2001-01-01, by the hour: last milliseconds in the next bar 0 of 24, those before them 0 of 24
2001-01-01, by the day: last milliseconds in the next bar 0 of 1, those before them 0 of 1
2024-01-02, by the minute: last milliseconds in the next bar 1440 of 1440, those before them 0 of 1440
2024-01-02, by the hour: last milliseconds in the next bar 24 of 24, those before them 0 of 24
2024-01-02, by the day: last milliseconds in the next bar 1 of 1, those before them 0 of 1
floor in a formula: 2024-01-03T00:00:00.000Z
floor of a bignumber: 2024-01-03T00:00:00.000Z
fix in a formula: 2024-01-03T00:00:00.000Z
mod in a formula: -1 instead of 86399999
Math.floor: 2024-01-02T00:00:00.000Z
microseconds at the end of a minute in the next one: 1704
OUT
