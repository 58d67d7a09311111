/*
 * The EMA families once more, straight from the formulas: whole arrays, null for "no value", every value worked out from the
 * beginning again. Slow on purpose, and independent of the library.
 */

export type Value = number | null;

/**
 * A day of the grid: its close, the close of the bar that ends on it (null if none does), and that of the bar before if it is known
 * on this day only that it has closed.
 */
export interface Day {
  readonly x: number;
  readonly bar: number | null;
  readonly late?: number | null;
}

export interface OracleRow {
  readonly day: number;
  readonly period: number;
  readonly roll: boolean;
  readonly ema: number;
  readonly d1: Value;
  readonly d2: Value;
  readonly d1Roll: Value;
  readonly d2Roll: Value;
}

/** Rows of a calendar family: the same four derivatives of `ema_bar`. */
export interface OracleCalendarRow extends OracleRow {
  readonly bar: Omit<OracleRow, 'day' | 'period' | 'roll'>;
}

/** docs/emas.md#kernel: mean of the first n values at index n−1, then αx + (1−α)e. */
export function kernelOracle(x: readonly number[], n: number, alpha: number): Value[] {
  return x.map((_, t) => kernelAt(x, n, alpha, t));
}

function kernelAt(x: readonly number[], n: number, alpha: number, t: number): Value {
  if (t < n - 1) return null;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += x[i];
  let e = sum / n;
  for (let i = n; i <= t; i++) e = alpha * x[i] + (1 - alpha) * e;
  return e;
}

/** docs/emas.md#families */
export function multiTfOracle(days: readonly Day[], n: number): OracleRow[] {
  const alpha = 2 / (n + 1);
  const series = days.map((day, t): Value => {
    if (day.bar !== null) return barEmaAt(days, n, t);
    const before = barEmaBefore(days, n, t);
    return before === null ? null : alpha * day.x + (1 - alpha) * before;
  });
  return rowsOf(days, series, n, (t) => days[t].bar !== null);
}

/** docs/emas.md#families: period n·T over the daily closes; canonical where the 1-based row number is a multiple of T. */
export function dailySpaceOracle(x: readonly number[], n: number, tfDays: number): OracleRow[] {
  const days = x.map((close): Day => ({ x: close, bar: null }));
  const series = kernelOracle(x, n * tfDays, 2 / (n * tfDays + 1));
  return rowsOf(days, series, n, (t) => (t + 1) % tfDays === 0);
}

/** docs/emas.md#families: chained with 2/(nT+1). */
export function calendarOracle(days: readonly Day[], n: number, tfDays: number): OracleCalendarRow[] {
  return chainedOracle(days, n, 2 / (n * tfDays + 1));
}

/** docs/emas.md#families: chained with 1−(1−2/(n+1))^(1/T). */
export function anchoredOracle(days: readonly Day[], n: number, tfDays: number): OracleCalendarRow[] {
  const bar = 2 / (n + 1);
  const daily = tfDays === 1 || bar === 1 ? bar : -Math.expm1(Math.log1p(-bar) / tfDays);
  return chainedOracle(days, n, daily);
}

function chainedOracle(days: readonly Day[], n: number, alpha: number): OracleCalendarRow[] {
  const first = days.findIndex((_, t) => barEmaAt(days, n, t) !== null);
  const chain = (t: number, snaps: boolean): Value => {
    if (first < 0 || t < first) return null;
    let v: Value = null;
    for (let i = first; i <= t; i++) {
      const isSeeded = v !== null;
      if (!isSeeded || (snaps && (days[i].late ?? null) !== null)) v = barEmaBefore(days, n, i);
      const closes: boolean = days[i].bar !== null && (snaps || v === null);
      v = closes ? barEmaAt(days, n, i) : alpha * days[i].x + (1 - alpha) * (v as number);
    }
    return v;
  };
  const isCanonical = (t: number) => days[t].bar !== null;
  const ema = rowsOf(
    days,
    days.map((_, t) => chain(t, false)),
    n,
    isCanonical,
  );
  const bar = rowsOf(
    days,
    days.map((_, t) => chain(t, true)),
    n,
    isCanonical,
  );
  return ema.map((row, i) => ({ ...row, bar: bar[i] }));
}

/** Bar EMA after all bars closed up to and including day t. */
function barEmaAt(days: readonly Day[], n: number, t: number): Value {
  return barEmaOf(closesUntil(days, t + 1), n);
}

/** Bar EMA that day t goes on from: with the bar that is known closed on it, without the one that ends on it. */
function barEmaBefore(days: readonly Day[], n: number, t: number): Value {
  return barEmaOf([...closesUntil(days, t), ...known(days[t].late)], n);
}

function closesUntil(days: readonly Day[], t: number): number[] {
  return days.slice(0, t).flatMap(({ late, bar }) => [...known(late), ...known(bar)]);
}

function known(value: number | null | undefined): number[] {
  return value === null || value === undefined ? [] : [value];
}

function barEmaOf(closes: readonly number[], n: number): Value {
  return closes.length === 0 ? null : kernelAt(closes, n, 2 / (n + 1), closes.length - 1);
}

/** docs/emas.md#differences: over all stored rows, and over the canonical ones alone. */
function rowsOf(days: readonly Day[], series: readonly Value[], period: number, isCanonical: (t: number) => boolean) {
  const stored = days.flatMap((_, day) => (series[day] === null ? [] : [{ day, ema: series[day] }]));
  const canonical = stored.filter(({ day }) => isCanonical(day));
  return stored.map(({ day, ema }): OracleRow => {
    const at = stored.findIndex((row) => row.day === day);
    const atCanonical = canonical.findIndex((row) => row.day === day);
    return {
      day,
      period,
      roll: atCanonical < 0,
      ema,
      d1: firstDifference(canonical, atCanonical),
      d2: secondDifference(canonical, atCanonical),
      d1Roll: firstDifference(stored, at),
      d2Roll: secondDifference(stored, at),
    };
  });
}

function firstDifference(rows: readonly { ema: number }[], i: number): Value {
  return i < 1 ? null : rows[i].ema - rows[i - 1].ema;
}

function secondDifference(rows: readonly { ema: number }[], i: number): Value {
  const now = firstDifference(rows, i);
  const before = firstDifference(rows, i - 1);
  return now === null || before === null ? null : now - before;
}
