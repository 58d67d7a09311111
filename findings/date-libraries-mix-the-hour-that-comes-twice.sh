#!/usr/bin/env bash
# When clocks go back, an hour of the day comes twice. startOfHour, startOfMinute and roundToNearestMinutes of date-fns, and startOf of dayjs, move
# every instant of the second one an hour back, into the first: bars of a minute, of 15 and of 60 mix prices that are an hour apart, and the second
# hour has none. eachHourOfInterval leaves that hour out, so a day of 25 hours has 24. luxon, moment and Temporal keep them apart.
# @date-fns/tz 1.5.0 with date-fns 4.4.0, dayjs 1.11.23, luxon 3.7.2, moment-timezone 0.6.6, temporal-polyfill 1.0.8, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @date-fns/tz@1.5.0 date-fns@4.4.0 dayjs@1.11.23 luxon@3.7.2 moment-timezone@0.6.6 temporal-polyfill@1.0.8
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { TZDate } from '@date-fns/tz';
import { eachHourOfInterval, roundToNearestMinutes, startOfHour, startOfMinute } from 'date-fns';
import dayjs from 'dayjs';
import timezone from 'dayjs/plugin/timezone.js';
import utc from 'dayjs/plugin/utc.js';
import { DateTime } from 'luxon';
import moment from 'moment-timezone';
import { Temporal } from 'temporal-polyfill';
dayjs.extend(utc);
dayjs.extend(timezone);
const zone = 'America/New_York';
const libraries = {
  Temporal: (at, unit) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).round({ smallestUnit: unit, roundingMode: 'floor' }).epochMilliseconds,
  luxon: (at, unit) => +DateTime.fromMillis(at, { zone }).startOf(unit),
  moment: (at, unit) => +moment.tz(at, zone).startOf(unit),
  dayjs: (at, unit) => +dayjs.tz(at, zone).startOf(unit),
  'date-fns': (at, unit) => +{ hour: startOfHour, minute: startOfMinute }[unit](new TZDate(at, zone)),
};
const first = Date.parse('2024-11-03T05:00Z');
const prices = Array.from({ length: 120 }, (_, i) => [first + i * 60_000 + 15_000, i < 60 ? 100 : 200]);
const text = (ts) => new Date(ts).toISOString().slice(11, 16);
for (const [name, floor] of Object.entries(libraries)) {
  for (const unit of ['hour', 'minute']) {
    const bars = new Map();
    for (const [at, price] of prices) {
      const start = floor(at, unit);
      bars.set(start, [...(bars.get(start) ?? []), price]);
    }
    const last = [...bars].pop();
    console.log(`${name}, ${unit}: ${bars.size} bars, the last at ${text(last[0])} with low ${Math.min(...last[1])} and high ${Math.max(...last[1])}`);
  }
}
const zoned = (at) => new TZDate(Date.parse(at), zone);
console.log('date-fns, 06:31 to 15 minutes:', text(+roundToNearestMinutes(zoned('2024-11-03T06:31Z'), { nearestTo: 15 })));
const hours = eachHourOfInterval({ start: zoned('2024-11-03T04:00Z'), end: zoned('2024-11-04T04:59Z') });
console.log('date-fns, hours of the day:', hours.length, hours.slice(0, 4).map((hour) => text(+hour)).join(' '));
JS
TZ=UTC node run.mjs | tee out.txt
diff out.txt - <<'OUT'
Temporal, hour: 2 bars, the last at 06:00 with low 200 and high 200
Temporal, minute: 120 bars, the last at 06:59 with low 200 and high 200
luxon, hour: 2 bars, the last at 06:00 with low 200 and high 200
luxon, minute: 120 bars, the last at 06:59 with low 200 and high 200
moment, hour: 2 bars, the last at 06:00 with low 200 and high 200
moment, minute: 120 bars, the last at 06:59 with low 200 and high 200
dayjs, hour: 1 bars, the last at 05:00 with low 100 and high 200
dayjs, minute: 60 bars, the last at 05:59 with low 100 and high 200
date-fns, hour: 1 bars, the last at 05:00 with low 100 and high 200
date-fns, minute: 60 bars, the last at 05:59 with low 100 and high 200
date-fns, 06:31 to 15 minutes: 05:30
date-fns, hours of the day: 24 04:00 05:00 07:00 08:00
OUT
