#!/usr/bin/env bash
# dayjs.tz('2024-03-08 16:00', 'America/New_York').add(3, 'day') is a close at 16:00 by its text, but the instant is an hour late after the clocks
# changed, and still named -05:00: days and weeks are added in the zone of the machine, not in the one asked for. A machine in New York is
# right, one in UTC or Berlin is wrong, so a server and a laptop differ. hour(16) has the same fault; moment, luxon and Temporal are right.
# dayjs 1.11.23, moment-timezone 0.6.6, luxon 3.7.2, temporal-polyfill 1.0.8, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts dayjs@1.11.23 moment-timezone@0.6.6 luxon@3.7.2 temporal-polyfill@1.0.8
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import dayjs from 'dayjs';
import timezone from 'dayjs/plugin/timezone.js';
import utc from 'dayjs/plugin/utc.js';
import { DateTime } from 'luxon';
import moment from 'moment-timezone';
import { Temporal } from 'temporal-polyfill';
dayjs.extend(utc);
dayjs.extend(timezone);
const zone = 'America/New_York';
const friday = '2024-03-08 16:00';
const show = (what, at) => console.log(`${process.env.TZ}, ${what}: ${new Date(at).toISOString().slice(5, 16)}Z`);
const monday = dayjs.tz(friday, zone).add(3, 'day');
console.log(`${process.env.TZ}, dayjs, text: ${monday.format()}`);
show('dayjs, 3 days', +monday);
show('dayjs, 1 week', +dayjs.tz(friday, zone).add(1, 'week'));
show('dayjs, hour(16)', +dayjs.tz('2024-03-10 00:30', zone).hour(16).minute(0));
show('moment, 3 days', +moment.tz(friday, zone).add(3, 'day'));
show('luxon, 3 days', +DateTime.fromSQL(friday, { zone }).plus({ days: 3 }));
show('Temporal, 3 days', Temporal.PlainDateTime.from(friday).toZonedDateTime(zone).add({ days: 3 }).epochMilliseconds);
JS
for zone in America/New_York UTC Europe/Berlin; do TZ=$zone node run.mjs; done | tee out.txt
diff out.txt - <<'OUT'
America/New_York, dayjs, text: 2024-03-11T16:00:00-05:00
America/New_York, dayjs, 3 days: 03-11T20:00Z
America/New_York, dayjs, 1 week: 03-15T20:00Z
America/New_York, dayjs, hour(16): 03-10T20:00Z
America/New_York, moment, 3 days: 03-11T20:00Z
America/New_York, luxon, 3 days: 03-11T20:00Z
America/New_York, Temporal, 3 days: 03-11T20:00Z
UTC, dayjs, text: 2024-03-11T16:00:00-05:00
UTC, dayjs, 3 days: 03-11T21:00Z
UTC, dayjs, 1 week: 03-15T21:00Z
UTC, dayjs, hour(16): 03-10T21:00Z
UTC, moment, 3 days: 03-11T20:00Z
UTC, luxon, 3 days: 03-11T20:00Z
UTC, Temporal, 3 days: 03-11T20:00Z
Europe/Berlin, dayjs, text: 2024-03-11T16:00:00-05:00
Europe/Berlin, dayjs, 3 days: 03-11T21:00Z
Europe/Berlin, dayjs, 1 week: 03-15T21:00Z
Europe/Berlin, dayjs, hour(16): 03-10T21:00Z
Europe/Berlin, moment, 3 days: 03-11T20:00Z
Europe/Berlin, luxon, 3 days: 03-11T20:00Z
Europe/Berlin, Temporal, 3 days: 03-11T20:00Z
OUT
