#!/usr/bin/env bash
# Where clocks change at midnight, date libraries cut a civil day of a named zone differently, and an hour of rows falls into no day
# or into two: luxon and moment begin Havana's day of 25 hours an hour late, moment, dayjs and date-fns end Santiago's an hour early,
# dayjs begins Cairo's day of 23 hours on the day before. Temporal finds all of them. luxon 3.7.2, moment-timezone 0.6.6,
# dayjs 1.11.23, @date-fns/tz 1.5.0 with date-fns 4.4.0, temporal-polyfill 1.0.8, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts luxon@3.7.2 moment-timezone@0.6.6 dayjs@1.11.23 @date-fns/tz@1.5.0 date-fns@4.4.0 temporal-polyfill@1.0.8
cat >run.mjs <<'JS'
import { TZDate } from '@date-fns/tz';
import { endOfDay, startOfDay } from 'date-fns';
import dayjs from 'dayjs';
import timezone from 'dayjs/plugin/timezone.js';
import utc from 'dayjs/plugin/utc.js';
import { DateTime } from 'luxon';
import moment from 'moment-timezone';
import { Temporal } from 'temporal-polyfill';
dayjs.extend(utc);
dayjs.extend(timezone);
const libraries = {
  Temporal: (at, zone) => {
    const start = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).startOfDay();
    return [start.epochMilliseconds, start.add({ days: 1 }).startOfDay().epochMilliseconds - 1];
  },
  luxon: (at, zone) => ['startOf', 'endOf'].map((edge) => +DateTime.fromMillis(at, { zone })[edge]('day')),
  moment: (at, zone) => ['startOf', 'endOf'].map((edge) => +moment.tz(at, zone)[edge]('day')),
  dayjs: (at, zone) => ['startOf', 'endOf'].map((edge) => +dayjs.tz(at, zone)[edge]('day')),
  'date-fns': (at, zone) => [startOfDay, endOfDay].map((edge) => +edge(new TZDate(at, zone))),
};
const noons = { 'America/Havana': '2024-11-03T17:00Z', 'America/Santiago': '2024-04-06T15:00Z', 'Africa/Cairo': '2024-04-26T10:00Z' };
for (const [zone, noon] of Object.entries(noons)) {
  for (const [name, day] of Object.entries(libraries)) {
    const [from, until] = day(Date.parse(noon), zone);
    const text = (ts) => new Date(ts).toISOString().slice(5, 16);
    console.log(`${zone}  ${name}: ${text(from)} to ${text(until)}, ${(until + 1 - from) / 3_600_000} hours`);
  }
}
JS
TZ=UTC node run.mjs | tee out.txt
diff out.txt - <<'OUT'
America/Havana  Temporal: 11-03T04:00 to 11-04T04:59, 25 hours
America/Havana  luxon: 11-03T05:00 to 11-04T04:59, 24 hours
America/Havana  moment: 11-03T05:00 to 11-04T04:59, 24 hours
America/Havana  dayjs: 11-03T04:00 to 11-04T04:59, 25 hours
America/Havana  date-fns: 11-03T04:00 to 11-04T04:59, 25 hours
America/Santiago  Temporal: 04-06T03:00 to 04-07T03:59, 25 hours
America/Santiago  luxon: 04-06T03:00 to 04-07T03:59, 25 hours
America/Santiago  moment: 04-06T03:00 to 04-07T02:59, 24 hours
America/Santiago  dayjs: 04-06T03:00 to 04-07T02:59, 24 hours
America/Santiago  date-fns: 04-06T03:00 to 04-07T02:59, 24 hours
Africa/Cairo  Temporal: 04-25T22:00 to 04-26T20:59, 23 hours
Africa/Cairo  luxon: 04-25T22:00 to 04-26T20:59, 23 hours
Africa/Cairo  moment: 04-25T22:00 to 04-26T20:59, 23 hours
Africa/Cairo  dayjs: 04-25T21:00 to 04-26T20:59, 24 hours
Africa/Cairo  date-fns: 04-25T22:00 to 04-26T20:59, 23 hours
OUT
