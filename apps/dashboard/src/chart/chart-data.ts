import type { Chart, ChartReject } from '@ta/dashboard-server/api';
import { civilDayText } from '../formats.ts';
import { isPositive, priceFormatOf, type PriceFormat } from './price-format.ts';

/** Whole seconds since 1970, as the chart's time axis counts. */
export type ChartTime = number;

/** A mark above or below a bar. */
export interface Mark {
  readonly time: ChartTime;
  readonly kind: 'gap' | 'reject';
  readonly text: string;
}

/** An answer of the server, ready to be drawn. */
export interface ChartData {
  readonly chart: Chart;
  /** Time of each bar. */
  readonly times: readonly ChartTime[];
  /** Index of the bar at a time. */
  readonly indexOf: ReadonlyMap<ChartTime, number>;
  /** Civil day of each slot, counted from 1970-01-01. */
  readonly dayAt: ReadonlyMap<ChartTime, number>;
  /** Bars and missing days in order: the index of a bar, or −1 for a day without one. */
  readonly slots: readonly { readonly time: ChartTime; readonly bar: number }[];
  readonly marks: readonly Mark[];
  /** The rejects inside each bar, as texts; those after the newest bar are with it. */
  readonly rejectsOf: ReadonlyMap<number, readonly string[]>;
  readonly priceFormat: PriceFormat;
  /** Whether all prices are above zero. */
  readonly isPositive: boolean;
}

const DAY_S = 86_400;
/** Longest gap that is drawn day by day. */
const MOST_EMPTY_DAYS = 400;

/** Works out times, empty days, marks and the scale of prices. */
export function chartData(chart: Chart): ChartData {
  const { timeClose, closeDay, missingDays, closedDay } = chart.bars;
  const times = timeClose.map((ms) => Math.floor(ms / 1000));
  const indexOf = new Map(times.map((time, bar) => [time, bar]));
  const slots: { time: ChartTime; bar: number }[] = [];
  const marks: Mark[] = [];
  const dayAt = new Map<ChartTime, number>();
  for (const [bar, time] of times.entries()) {
    const missing = missingDays[bar] ?? 0;
    if (missing > 0 && chart.source === '1d') {
      const shown = Math.min(missing, MOST_EMPTY_DAYS);
      for (let day = shown; day > 0; day--) {
        slots.push({ time: time - day * DAY_S, bar: -1 });
        dayAt.set(time - day * DAY_S, (closeDay[bar] as number) - day);
      }
    }
    slots.push({ time, bar });
    dayAt.set(time, closeDay[bar] as number);
    if (missing > 0) marks.push({ time, kind: 'gap', text: `${missing}d missing` });
    else if (closedDay[bar] === null && bar < times.length - 1) marks.push({ time, kind: 'gap', text: 'no close' });
  }
  const rejectsOf = new Map<number, string[]>();
  for (const reject of times.length === 0 ? [] : chart.rejects) {
    const bar = barOf(timeClose, reject.ts);
    const text = rejectText(reject);
    const known = rejectsOf.get(bar);
    if (known === undefined) rejectsOf.set(bar, [text]);
    else known.push(text);
  }
  for (const [bar, texts] of rejectsOf) {
    rejectsOf.set(bar, newestTexts(texts));
    marks.push({ time: times[bar] as number, kind: 'reject', text: '' });
  }
  marks.sort((a, b) => a.time - b.time);
  const { low, high } = chart.bars;
  const scale = { priceFormat: priceFormatOf(low, high), isPositive: isPositive(low) };
  return { chart, times, indexOf, dayAt, slots, marks, rejectsOf, ...scale };
}

/** Most rejects that are listed at one place. */
const MOST_LISTED = 10;

/** The newest of some texts about rejects, and how many more there are. */
export function newestTexts(texts: readonly string[]): string[] {
  const more = texts.length - MOST_LISTED;
  return more <= 0 ? [...texts] : [`${more} older ones (ta rejects)`, ...texts.slice(more)];
}

/** A reject in words, its day first. */
export function rejectText({ day, kind, reason }: ChartReject): string {
  const what = kind === 'day' ? 'refused' : kind === 'bar' ? 'clamped' : 'EMA out of bounds';
  return `${civilDayText(day)} ${what}: ${reason}`;
}

/** The bar at which an instant is marked: the first that closes at or after it, else the last one. */
function barOf(closes: readonly number[], ts: number): number {
  let [low, high] = [0, closes.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((closes[middle] as number) < ts) low = middle + 1;
    else high = middle;
  }
  return low;
}
