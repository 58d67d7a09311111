#!/usr/bin/env bash
# $dateTrunc of mingo, MongoDB's queries for arrays, cuts the day in UTC and then moves the result by the zone's offset. In New York the day of an instant in the
# evening begins hours after it, at the next midnight, and the prices from 19:00 on are in the next day's bar, on Sunday into the next week's; in Tokyo those before
# 09:00 are in the bar of the day before. MongoDB's rule is the zone's own midnight, which $dateToString of mingo itself follows. mingo 7.2.7, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts mingo@7.2.7
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { aggregate } from 'mingo';
const short = (date) => date.toISOString().slice(5, 16);
for (const [timezone, times] of Object.entries({
  'America/New_York': ['2024-01-08T04:59Z', '2024-01-08T00:00Z', '2024-01-07T23:59Z'],
  'Asia/Tokyo': ['2024-01-07T15:00Z', '2024-01-07T23:59Z', '2024-01-08T00:00Z'],
})) {
  const $project = {
    _id: 0,
    at: 1,
    civil: { $dateToString: { date: '$at', timezone, format: '%m-%d %H:%M' } },
    day: { $dateTrunc: { date: '$at', unit: 'day', timezone } },
    week: { $dateTrunc: { date: '$at', unit: 'week', startOfWeek: 'monday', timezone } },
  };
  for (const { at, civil, day, week } of aggregate(times.map((time) => ({ at: new Date(time) })), [{ $project }])) {
    console.log(`${timezone}, ${short(at)}Z, there ${civil}: day from ${short(day)}Z, week from ${short(week)}Z${day > at ? ', later than itself' : ''}`);
  }
}
const trades = Array.from({ length: 24 }, (_, hour) => ({ at: new Date(Date.UTC(2024, 0, 8, 5 + hour)), price: 100 + hour }));
const $group = { _id: { $dateTrunc: { date: '$at', unit: 'day', timezone: 'America/New_York' } }, open: { $first: '$price' }, close: { $last: '$price' }, hours: { $sum: 1 } };
for (const { _id, open, close, hours } of aggregate(trades, [{ $group }])) console.log(`bar of New York from ${short(_id)}Z: ${hours} hours, open ${open}, close ${close}`);
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
America/New_York, 01-08T04:59Z, there 01-07 23:59: day from 01-08T05:00Z, week from 01-08T05:00Z, later than itself
America/New_York, 01-08T00:00Z, there 01-07 19:00: day from 01-08T05:00Z, week from 01-08T05:00Z, later than itself
America/New_York, 01-07T23:59Z, there 01-07 18:59: day from 01-07T05:00Z, week from 01-01T05:00Z
Asia/Tokyo, 01-07T15:00Z, there 01-08 00:00: day from 01-06T15:00Z, week from 12-31T15:00Z
Asia/Tokyo, 01-07T23:59Z, there 01-08 08:59: day from 01-06T15:00Z, week from 12-31T15:00Z
Asia/Tokyo, 01-08T00:00Z, there 01-08 09:00: day from 01-07T15:00Z, week from 01-07T15:00Z
bar of New York from 01-08T05:00Z: 19 hours, open 100, close 118
bar of New York from 01-09T05:00Z: 5 hours, open 119, close 123
OUT
