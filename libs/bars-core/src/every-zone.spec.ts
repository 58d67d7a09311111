import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCivilDay, ONE_DAY_MS, type CivilDay } from './civil-day.ts';
import { civilDayOfInstant, openingOfCivilDay } from './zone-day.ts';
import { matchesZone, zoneFingerprint } from './zone-fingerprint.ts';
import { canonicalZone } from './zone-name.ts';

const FIRST_DAY = 0; // 1970-01-01
const LAST_DAY = 24_836; // 2037-12-31

/** Days of a zone that are looked at: with `TA_ZONE_DAYS=all` every one, as `make soak` does, else a few of each decade. */
const isAll = process.env['TA_ZONE_DAYS'] === 'all';
const FEW = 24;

const zones = [
  ...new Set([...Intl.supportedValuesOf('timeZone').map(canonicalZone), 'UTC', 'Etc/GMT+12', 'Etc/GMT-14']),
];

/** The date on the wall in a zone, as the engine writes it: nothing is shared with the arithmetic under test. */
function wallDate(zone: string): (epochMs: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return (epochMs) => format.format(epochMs);
}

/** What is wrong with a day of a zone, in words; null when nothing is. */
function faultOf(zone: string, day: CivilDay, dateAt: (epochMs: number) => string): string | null {
  const dayOf = civilDayOfInstant(zone);
  const openingOf = openingOfCivilDay(zone);
  const [from, until] = [openingOf(day), openingOf((day + 1) as CivilDay)];
  const hours = (until - from) / 3_600_000;
  // a day that a zone left out has no instant; two zones skipped one when they crossed the date line
  if (hours === 0) return dayOf(from) > day ? null : 'a day without an instant has one';
  if (hours < 22 || hours > 26) return `${hours} hours`;
  for (const at of [from, from + (until - from) / 2, until - 1]) {
    if (formatCivilDay(dayOf(at)) !== dateAt(at)) return `${new Date(at).toISOString()} is ${dateAt(at)} on the wall`;
    if (dayOf(at) !== day) return `${new Date(at).toISOString()} is not of the day`;
  }
  return dayOf(from - 1) < day ? null : 'it begins before its first instant';
}

describe(`the civil days of ${zones.length} zones from 1970 to 2037`, () => {
  it(
    `are those of the wall, and lie between their bounds (${isAll ? 'every day' : 'some days'})`,
    { timeout: 3_600_000 },
    () => {
      const faults: string[] = [];
      let looked = 0;
      for (const zone of zones) {
        const dateAt = wallDate(zone);
        const days = isAll
          ? Array.from({ length: LAST_DAY - FIRST_DAY + 1 }, (_, i) => FIRST_DAY + i)
          : fc.sample(fc.integer({ min: FIRST_DAY, max: LAST_DAY }), { numRuns: FEW, ...seedOf(zone) });
        for (const day of days) {
          looked++;
          const fault = faultOf(zone, day as CivilDay, dateAt);
          if (fault !== null) faults.push(`${zone} ${formatCivilDay(day as CivilDay)}: ${fault}`);
        }
      }
      expect(looked).toBeGreaterThanOrEqual(zones.length * (isAll ? LAST_DAY : FEW));
      expect(faults).toStrictEqual([]);
    },
  );

  it.runIf(isAll)('are decided by rules that have one fingerprint each', { timeout: 3_600_000 }, () => {
    for (const zone of zones) {
      const text = zoneFingerprint(zone, FIRST_DAY * ONE_DAY_MS, LAST_DAY * ONE_DAY_MS);
      expect([zone, matchesZone(text, zone)]).toStrictEqual([zone, true]);
    }
  });
});

/** One seed of the whole run (`TA_SEED`), another one for every zone. */
function seedOf(zone: string): { seed?: number } {
  const { seed } = fc.readConfigureGlobal();
  return seed === undefined
    ? {}
    : { seed: [...zone].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), seed) | 0 };
}
