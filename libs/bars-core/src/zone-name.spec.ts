import { describe, expect, it } from 'vitest';
import type { BarsError } from './errors.ts';
import { canonicalZone } from './zone-name.ts';
import { NAMES_FOR_ABBREVIATION, PLACE_OF_OFFSET, ZONE_OF_ALIAS } from './zone-aliases.ts';
import { civilDayOfInstant } from './zone-day.ts';

function refusalOf(name: string): BarsError {
  try {
    canonicalZone(name);
  } catch (error) {
    return error as BarsError;
  }
  throw new Error(`${name} was taken`);
}

describe('the canonical name of a zone', () => {
  it.each([
    ['UTC', 'UTC'],
    ['utc', 'UTC'],
    ['Etc/UTC', 'UTC'],
    ['GMT', 'UTC'],
    ['Zulu', 'UTC'],
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['asia/kolkata', 'Asia/Kolkata'],
    ['Europe/Kiev', 'Europe/Kyiv'],
    ['America/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['US/Eastern', 'America/New_York'],
    ['america/new_york', 'America/New_York'],
    ['GB', 'Europe/London'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
    ['etc/gmt-14', 'Etc/GMT-14'],
  ])('of %s is %s', (name, canonical) => {
    expect(canonicalZone(name)).toBe(canonical);
  });

  it('is itself for every canonical name, and one of a place for every zone that this Node knows', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    expect(zones.length).toBeGreaterThan(400);
    for (const zone of [...zones, ...ZONE_OF_ALIAS.values()]) {
      const canonical = canonicalZone(zone);
      expect(canonicalZone(canonical)).toBe(canonical);
      expect(canonicalZone(canonical.toUpperCase())).toBe(canonical);
      expect(canonical).toMatch(/^UTC$|^[A-Z][A-Za-z]+\/[A-Z]/);
      expect(ZONE_OF_ALIAS.get(canonical.toLowerCase()) ?? canonical).toBe(canonical);
    }
  });

  it('means the same zone to the engine as the other spelling', () => {
    const byEngine = (timeZone: string) => new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
    for (const [alias, zone] of ZONE_OF_ALIAS) expect([alias, byEngine(alias)]).toStrictEqual([alias, byEngine(zone)]);
  });
});

describe('what is no name of a zone', () => {
  it.each([
    ['CET', 'Europe/Berlin'],
    ['met', 'Europe/Brussels'],
    ['EET', 'Europe/Athens'],
    ['WET', 'Europe/Lisbon'],
    ['IST', 'Asia/Kolkata, Europe/Dublin or Asia/Jerusalem'],
    ['BST', 'Europe/London'],
    ['AST', 'America/Halifax'],
    ['ART', 'America/Argentina/Buenos_Aires'],
    ['ACT', 'Australia/Darwin'],
    ['NST', 'America/St_Johns'],
    ['PST', 'America/Los_Angeles'],
    ['CST', 'Asia/Shanghai'],
    ['EST', 'America/New_York'],
    ['AET', 'Australia/Sydney'],
    ['SST', 'Pacific/Pago_Pago'],
    ['CTT', 'Asia/Shanghai'],
    ['EST5EDT', 'America/New_York'],
    ['SystemV/EST5', 'America/New_York'],
    ['UTC0', 'IANA'],
    ['CET-1CEST', 'IANA'],
    ['<+03>-3', 'IANA'],
    ['+05:30', 'Asia/Kolkata'],
    ['+0530', 'Asia/Kolkata'],
    ['-08', 'Etc/GMT+8 (it is UTC-8)'],
    ['-08:00', 'Etc/GMT+8'],
    ['UTC+3', 'Etc/GMT-3 (it is UTC+3)'],
    ['GMT+5', 'Etc/GMT-5'],
    ['+00:00', 'UTC'],
    ['+15', 'America/New_York'],
  ])('%s is refused with the name to use: %s', (name, place) => {
    const refusal = refusalOf(name);
    expect(refusal.code).toBe('BARS_BAD_ZONE');
    expect(refusal.message).toContain(`'${name}'`);
    expect(refusal.hint).toContain(place);
    expect(() => civilDayOfInstant(name)).toThrow(refusal.message);
  });

  it('is every name without a place that this Node takes for a zone', () => {
    // three and four letters are all that engines and databases abbreviate to
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const taken: string[] = [];
    for (const a of letters) for (const b of letters) for (const c of letters) taken.push(`${a}${b}${c}`);
    const accepted = taken.filter((name) => isTaken(name));
    expect(accepted).toStrictEqual(['GMT', 'PRC', 'ROC', 'ROK', 'UCT', 'UTC']);
  });

  it('is answered with names that exist', () => {
    const answers = [...NAMES_FOR_ABBREVIATION.values(), ...PLACE_OF_OFFSET.values()];
    const names = answers.flatMap((answer) => answer.match(/[A-Z][A-Za-z]+(?:\/[A-Za-z_]+)+/g) ?? []);
    expect(names.length).toBeGreaterThan(answers.length);
    for (const name of names) expect(canonicalZone(name)).toBe(name);
  });

  it.each([...PLACE_OF_OFFSET])('has a place with the offset %s all year: %s', (offset, place) => {
    for (const month of [0, 6]) {
      const format = new Intl.DateTimeFormat('en', { timeZone: place, timeZoneName: 'longOffset' });
      const text = format.formatToParts(Date.UTC(2024, month, 1)).find(({ type }) => type === 'timeZoneName')?.value;
      expect(text).toBe(`GMT${offset}`);
    }
  });

  it.each(['', 'Mars/Olympus', 'New York', 'Etc/Unknown', 'posix/America/New_York', '/', 'a'.repeat(5_000)])(
    'is %j',
    (name) => {
      expect(refusalOf(name).code).toBe('BARS_BAD_ZONE');
    },
  );
});

function isTaken(name: string): boolean {
  try {
    return canonicalZone(name) !== '';
  } catch {
    return false;
  }
}
