import { civilDay, ONE_DAY_MS } from './civil-day.ts';
import { canonicalZone } from './zone-name.ts';
import { hashOf } from './text-hash.ts';
import { zoneOffsets } from './zone-day.ts';

/** Changes of a zone's offset in a range of UTC days, ascending. */
interface OffsetChanges {
  firstUtcDay: number;
  lastUtcDay: number;
  /** Instants (epoch ms) from which a new offset applies, and that offset in milliseconds. */
  list: (readonly [atMs: number, offsetMs: number])[];
}

const VERSION = 1;
const FINGERPRINT = /^1:(-?\d{1,6}):(-?\d{1,6}):[0-9a-f]{16}$/;
const ONE_SECOND_MS = 1_000;
/** In any zone the civil day of a row and the next day lie within two days of the row's instant. */
const MARGIN_DAYS = 2;
/** No zone ever had a summer time of less than a week, so a step cannot skip both its start and its end. */
const STEP_DAYS = 4;
/** Fingerprints cover only these days: no zone had legal time before them, and later years repeat the rules of the last one. */
const [FIRST_LAW_DAY, LAST_LAW_DAY] = [civilDay(1840, 1, 1), civilDay(2100, 12, 31)];

const changesByZone = new Map<string, OffsetChanges>();

/**
 * A fingerprint of the rules that determine the civil days of some rows: a hash of the zone's offsets, and of the instants at
 * which they change, over the days of these rows. Two engines whose zone data agree on these days give the same text.
 *
 * @param firstTs instant of the first row, epoch ms UTC; `lastTs` that of the last row
 * @returns `UTC` for UTC, which has no rules that could change; else version, first and last day covered, and a hash
 * @throws BarsError `BARS_BAD_ZONE`
 */
export function zoneFingerprint(zone: string, firstTs: number, lastTs: number): string {
  return fingerprintOf(
    canonicalZone(zone),
    withinLaw(Math.floor(firstTs / ONE_DAY_MS) - MARGIN_DAYS),
    withinLaw(Math.floor(lastTs / ONE_DAY_MS) + MARGIN_DAYS),
  );
}

/** Whether a text has the form of a fingerprint for a zone, whatever rules it stands for. */
export function isZoneFingerprint(text: string, zone: string): boolean {
  return canonicalZone(zone) === 'UTC' ? text === 'UTC' : FINGERPRINT.test(text);
}

/**
 * Whether the engine's zone data give this fingerprint for the days that it covers; false for a text that is not a fingerprint.
 *
 * @throws BarsError `BARS_BAD_ZONE`
 */
export function matchesZone(fingerprint: string, zone: string): boolean {
  const name = canonicalZone(zone);
  if (name === 'UTC') return fingerprint === 'UTC';
  const parts = FINGERPRINT.exec(fingerprint);
  if (parts === null) return false;
  return fingerprintOf(name, withinLaw(Number(parts[1])), withinLaw(Number(parts[2]))) === fingerprint;
}

function withinLaw(utcDay: number): number {
  return Math.min(Math.max(utcDay, FIRST_LAW_DAY), LAST_LAW_DAY);
}

function fingerprintOf(zone: string, firstUtcDay: number, lastUtcDay: number): string {
  if (zone === 'UTC') return 'UTC';
  const [fromMs, toMs] = [firstUtcDay * ONE_DAY_MS, lastUtcDay * ONE_DAY_MS];
  const numbers = [zoneOffsets(zone).atUtcMidnight(firstUtcDay) / ONE_SECOND_MS];
  for (const [atMs, offsetMs] of changesBetween(zone, firstUtcDay, lastUtcDay)) {
    if (atMs > fromMs && atMs <= toMs) numbers.push(atMs / ONE_SECOND_MS, offsetMs / ONE_SECOND_MS);
  }
  return `${VERSION}:${firstUtcDay}:${lastUtcDay}:${hashOf(numbers.join(' '))}`;
}

/**
 * All offset changes in a range, and possibly of days around it, because changes looked up for one asset are cached for the next.
 */
function changesBetween(zone: string, firstUtcDay: number, lastUtcDay: number): OffsetChanges['list'] {
  let known = changesByZone.get(zone);
  if (known === undefined) {
    known = { firstUtcDay, lastUtcDay: firstUtcDay, list: [] };
    changesByZone.set(zone, known);
  }
  if (firstUtcDay < known.firstUtcDay) {
    known.list = [...lookUpChanges(zone, firstUtcDay, known.firstUtcDay), ...known.list];
    known.firstUtcDay = firstUtcDay;
  }
  if (lastUtcDay > known.lastUtcDay) {
    known.list = [...known.list, ...lookUpChanges(zone, known.lastUtcDay, lastUtcDay)];
    known.lastUtcDay = lastUtcDay;
  }
  return known.list;
}

function lookUpChanges(zone: string, firstUtcDay: number, lastUtcDay: number): OffsetChanges['list'] {
  const { atUtcMidnight } = zoneOffsets(zone);
  const list: OffsetChanges['list'] = [];
  for (let from = firstUtcDay; from < lastUtcDay; from += STEP_DAYS) {
    const until = Math.min(from + STEP_DAYS, lastUtcDay);
    if (atUtcMidnight(from) === atUtcMidnight(until)) continue;
    for (let day = from; day < until; day++) {
      if (atUtcMidnight(day) !== atUtcMidnight(day + 1)) list.push([changeOfDay(zone, day), atUtcMidnight(day + 1)]);
    }
  }
  return list;
}

/** The instant (epoch ms, whole seconds) at which the offset changes within a UTC day. */
function changeOfDay(zone: string, utcDay: number): number {
  const { at, atUtcMidnight } = zoneOffsets(zone);
  let old = utcDay * ONE_DAY_MS;
  let changed = old + ONE_DAY_MS;
  while (changed - old > ONE_SECOND_MS) {
    const middle = Math.floor((old + changed) / 2 / ONE_SECOND_MS) * ONE_SECOND_MS;
    if (at(middle) === atUtcMidnight(utcDay)) old = middle;
    else changed = middle;
  }
  return changed;
}
