import type { Timeframe } from '../../src/engine.ts';
import type { PlainRow } from '../fixtures/plain-row.ts';
import type { PlainSnapshot } from '../fixtures/plain-snapshot.ts';
import type { PlainMarket } from '../fixtures/plain-market.ts';

/**
 * A second implementation of docs/bars.md#guard, made to be obviously right and not fast.
 *
 * Each snapshot is worked out anew from the list of rows of its window up to that day; windows are found by stepping from
 * one to the next with the platform's calendar, days of trading by looking at each day. It shares nothing with the library but
 * types.
 */
export function naiveSnapshots(
  rows: readonly PlainRow[],
  timeframe: Timeframe,
  market: PlainMarket = NO_MARKET,
): PlainSnapshot[] {
  const snapshots: PlainSnapshot[] = [];
  const windows = timeframe.kind === 'rolling' ? [] : windowsOver(rows, timeframe);
  /** Days of trading that come after a day in its window; each day is of one window, and is looked at often. */
  const toCome = new Map<number, number>();
  rows.forEach((row, at) => {
    if (timeframe.kind === 'rolling') {
      const n = timeframe.quantity;
      const seq = Math.floor(at / n) + 1;
      const barRows = rows.slice((seq - 1) * n, at + 1);
      snapshots.push(
        snapshotOf(barRows, at, market, {
          seq,
          tfDays: n,
          effectiveFirstDay: barRows[0].day,
          remaining: n - barRows.length,
          closedAt: barRows.length === n ? row.ts : null,
        }),
      );
      return;
    }
    const number = windows.findIndex(({ firstDay, lastDay }) => firstDay <= row.day && row.day <= lastDay);
    if (number === -1) return;
    const window = windows[number];
    const barRows = rows.filter(({ day }) => day >= window.firstDay && day <= row.day);
    const isAnchored = timeframe.kind === 'anchored';
    const daysAfter = (day: number): number => {
      const count = toCome.get(day) ?? daysToCome(day, window.lastDay, market);
      toCome.set(day, count);
      return count;
    };
    const isClosedBefore = barRows.slice(0, -1).some(({ day }) => daysAfter(day) === 0);
    const isFull = daysAfter(row.day) === 0;
    const next = rows.at(at + 1);
    const nextBar = next !== undefined && next.day > window.lastDay ? next.ts : null;
    const closedLater = market.closeRule === 'market' && !isFull ? nextBar : null;
    snapshots.push(
      snapshotOf(barRows, at, market, {
        seq: number + 1,
        tfDays: window.lastDay - window.firstDay + 1,
        effectiveFirstDay: isAnchored && rows[0].day > window.firstDay ? rows[0].day : window.firstDay,
        remaining: daysAfter(row.day),
        closedAt: isClosedBefore ? null : isFull ? row.ts : closedLater,
        isPartialStart: isAnchored && rows[0].day > window.firstDay,
        anchorOffset: isAnchored ? window.firstDay - windows[0].firstDay : null,
      }),
    );
  });
  return snapshots;
}

/** An asset that trades every day. */
const NO_MARKET: PlainMarket = { closeRule: 'calendar', weekdays: [0, 1, 2, 3, 4, 5, 6], holidays: [] };

function isTraded(day: number, { weekdays, holidays }: PlainMarket): boolean {
  const isHoliday = holidays.length > 0 && holidays.includes(isoDate(day));
  return weekdays.includes(dateOf(day).getUTCDay()) && !isHoliday;
}

function daysToCome(day: number, lastDay: number, market: PlainMarket): number {
  if (market.closeRule === 'calendar') return lastDay - day;
  let count = 0;
  for (let later = day + 1; later <= lastDay; later++) if (isTraded(later, market)) count++;
  return count;
}

interface Window {
  firstDay: number;
  lastDay: number;
}

interface BarFacts {
  seq: number;
  tfDays: number;
  effectiveFirstDay: number;
  remaining: number;
  closedAt: number | null;
  isPartialStart?: boolean;
  anchorOffset?: number | null;
}

function snapshotOf(
  barRows: readonly PlainRow[],
  sourceRow: number,
  market: PlainMarket,
  facts: BarFacts,
): PlainSnapshot {
  const first = barRows[0];
  const last = barRows[barRows.length - 1];
  const high = extreme(barRows, 'high', 'timeHigh', Math.max);
  const low = extreme(barRows, 'low', 'timeLow', Math.min);

  const missing: number[] = [];
  const observed = new Set(barRows.map(({ day }) => day));
  for (let day = facts.effectiveFirstDay; day <= last.day; day++) {
    if (!observed.has(day) && isTraded(day, market)) missing.push(day);
  }
  const atStart = missing.filter((day) => day < first.day).length;
  const listed = missing.slice(0, 50).map(isoDate).join(',');

  const snapshot: PlainSnapshot = {
    sourceRow,
    barSeq: facts.seq,
    tfDays: facts.tfDays,
    barAnchorOffset: facts.anchorOffset ?? null,
    timeOpen: first.timeOpen,
    timeClose: last.ts,
    closedAt: facts.closedAt,
    timeHigh: high.at,
    timeLow: low.at,
    open: first.open,
    high: high.price,
    low: low.price,
    close: last.close,
    volume: barRows.reduce<number | null>((sum, row) => (row.volume === null ? sum : (sum ?? 0) + row.volume), null),
    marketCap: barRows.reduce<number | null>((cap, row) => row.marketCap ?? cap, null),
    posInBar: barRows.length,
    countDays: barRows.length,
    countDaysRemaining: facts.remaining,
    countMissingDays: missing.length,
    countMissingDaysStart: atStart,
    countMissingDaysInterior: missing.length - atStart,
    isPartialStart: facts.isPartialStart ?? false,
    isPartialEnd: facts.closedAt !== last.ts,
    isMissingDays: missing.length > 0,
    missingDaysWhere:
      missing.length === 0 ? null : missing.length <= 50 ? listed : `${listed}...(+${missing.length - 50} more)`,
    firstMissingDay: missing[0] ?? null,
    lastMissingDay: missing[missing.length - 1] ?? null,
    guarded: 0,
    originalHigh: null,
    originalLow: null,
  };
  return guarded(snapshot);
}

/** docs/bars.md#snapshots: among the rows that reach the extreme, the smallest instant. */
function extreme(
  rows: readonly PlainRow[],
  price: 'high' | 'low',
  time: 'timeHigh' | 'timeLow',
  pick: (...values: number[]) => number,
): { price: number | null; at: number | null } {
  const prices = rows.map((row) => row[price]).filter((value) => value !== null);
  if (prices.length === 0) return { price: null, at: null };
  const best = pick(...prices);
  return { price: best, at: Math.min(...rows.filter((row) => row[price] === best).map((row) => row[time] ?? row.ts)) };
}

/** docs/bars.md#guard, with the codes taken before the clamp. */
function guarded(snapshot: PlainSnapshot): PlainSnapshot {
  const { open, high, low, close, timeOpen, timeClose } = snapshot;
  const known = [open, close].filter((price) => price !== null);
  let mask = 0;
  if (high !== null && low !== null && open !== null && close !== null) {
    if (high < low) mask += 1;
    if (high < Math.max(open, close)) mask += 2;
    if (low > Math.min(open, close)) mask += 4;
  }
  if (known.length > 0) {
    if (high === null || low === null) mask += 16;
    if (high === null || high < Math.max(...known)) {
      snapshot.high = Math.max(...known);
      snapshot.timeHigh = open !== null && close !== null && close >= open ? timeClose : timeOpen;
    }
    if (low === null || low > Math.min(...known)) {
      snapshot.low = Math.min(...known);
      snapshot.timeLow = open !== null && close !== null && open <= close ? timeOpen : timeClose;
    }
  }
  if (mask > 0) {
    snapshot.originalHigh = high;
    snapshot.originalLow = low;
  }
  snapshot.guarded = mask;
  return snapshot;
}

/** The windows of docs/bars.md#windows from the asset's first one on, until the last row is covered. */
function windowsOver(rows: readonly PlainRow[], timeframe: Timeframe): Window[] {
  if (rows.length === 0) return [];
  const firstRowDay = rows[0].day;
  const lastRowDay = rows[rows.length - 1].day;
  let firstDay = timeframe.kind === 'aligned' ? firstFullBoundary(firstRowDay, timeframe) : anchoredStart(timeframe);
  const windows: Window[] = [];
  while (firstDay <= lastRowDay) {
    const nextFirstDay = later(firstDay, timeframe);
    if (nextFirstDay > firstRowDay) windows.push({ firstDay, lastDay: nextFirstDay - 1 });
    firstDay = nextFirstDay;
  }
  return windows;
}

function firstFullBoundary(firstRowDay: number, { unit, scheme }: Timeframe): number {
  for (let day = firstRowDay; ; day++) {
    const date = dateOf(day);
    const [month, dayOfMonth, weekday] = [date.getUTCMonth(), date.getUTCDate(), date.getUTCDay()];
    if (unit === 'W' && weekday === (scheme === 'US' ? 0 : 1)) return day;
    if (unit === 'M' && dayOfMonth === 1) return day;
    if (unit === 'Q' && dayOfMonth === 1 && month % 3 === 0) return day;
    if (unit === 'Y' && dayOfMonth === 1 && month === 0) return day;
  }
}

/** A grid line long before any row: weeks count from 1970-01-04 (US) or 1970-01-05 (ISO), months and years from year 0. */
function anchoredStart({ unit, quantity, scheme }: Timeframe): number {
  if (unit === 'W') return (scheme === 'US' ? 3 : 4) - 7 * quantity * 400;
  const year = Math.floor(1900 / quantity) * quantity;
  return Date.UTC(unit === 'Y' ? year : 1900, 0, 1) / 86_400_000;
}

function later(firstDay: number, { unit, quantity }: Timeframe): number {
  if (unit === 'W') return firstDay + 7 * quantity;
  const date = dateOf(firstDay);
  const months = { D: 0, W: 0, M: 1, Q: 3, Y: 12 }[unit] * quantity;
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) / 86_400_000;
}

function dateOf(day: number): Date {
  return new Date(day * 86_400_000);
}

function isoDate(day: number): string {
  return dateOf(day).toISOString().slice(0, 10);
}
