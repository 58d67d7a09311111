import { formatCivilDay, ONE_DAY_MS, toTimeframe, windowOf, type CivilDay, type Timeframe } from '@ta/bars-core/engine';
import { goldenDay, isPriced, positionsOf, type GoldenAsset } from './golden-source.ts';
import type { GoldenWorld } from './golden-world.ts';
import type { Row } from './rows.ts';

/** The bar of a snapshot as docs/bars.md defines it, derived from civil days alone. */
export interface OwnBar {
  readonly seq: number;
  /** First observed row of the bar. */
  readonly firstRowDay: number;
  readonly firstRowTs: number;
  /** Observed rows to date. */
  readonly observed: number;
  readonly remaining: number;
  /** Civil days without a row, from the bar's effective first day to date, ascending. */
  readonly missing: readonly number[];
}

interface PricedDays {
  readonly day: readonly number[];
  readonly ts: readonly number[];
  readonly missing: readonly number[];
}

/** Derives facts about the bar of a snapshot from the source rows. */
export class BarFacts {
  readonly #world: GoldenWorld;
  readonly #timeframes = new Map<string, Timeframe>();
  readonly #priced = new Map<number, PricedDays>();

  constructor(world: GoldenWorld) {
    this.#world = world;
  }

  asset(row: Row): GoldenAsset {
    return this.#world.source.get(row.number('id')) as GoldenAsset;
  }

  /** Civil day of the snapshot. */
  day(row: Row): CivilDay {
    return goldenDay(row.number('time_close'));
  }

  /** First day of the asset. */
  firstDay(row: Row): CivilDay {
    return this.asset(row).rows.day[0] as CivilDay;
  }

  /** Position in the source of the bar's first row, from the row's `time_open`; −1 when there is none. */
  firstPosition(row: Row): number {
    return this.asset(row).rows.ts.indexOf(row.number('time_open') + ONE_DAY_MS - 1);
  }

  /** Source rows of the bar up to the snapshot, by position. */
  positions(row: Row): number[] {
    const first = this.firstPosition(row);
    const last = this.asset(row).rows.ts.indexOf(row.number('time_close'));
    return first < 0 || last < 0 ? [] : Array.from({ length: last - first + 1 }, (_, i) => first + i);
  }

  /** How many windows up to an instant hold a source row: the reference's number of an anchored bar. */
  denseRank(row: Row, instant: number): number {
    const timeframe = this.#timeframe(row);
    const { day } = this.asset(row).rows;
    const until = goldenDay(instant);
    const windows = new Set<number>();
    for (let at = 0; at < day.length && day[at] <= until; at++) {
      windows.add(windowOf(timeframe, day[0] as CivilDay, day[at] as CivilDay)?.index as number);
    }
    return windows.size;
  }

  /** The bar of a snapshot over the priced source rows, or null when no bar holds its day. */
  ownBar(row: Row): OwnBar | null {
    const { day, ts, missing } = this.#pricedDays(row);
    const at = ts.indexOf(row.number('time_close'));
    if (at < 0) return null;
    const timeframe = this.#timeframe(row);
    if (timeframe.kind === 'rolling') {
      const first = at - (at % timeframe.quantity);
      return {
        seq: first / timeframe.quantity + 1,
        firstRowDay: day[first],
        firstRowTs: ts[first],
        observed: at - first + 1,
        remaining: timeframe.quantity - (at - first + 1),
        missing: missing.filter((gap) => gap > day[first] && gap < day[at]),
      };
    }
    const window = windowOf(timeframe, day[0] as CivilDay, day[at] as CivilDay);
    if (window === null) return null;
    const from = Math.max(window.firstDay, day[0]);
    const first = day.findIndex((observed) => observed >= from);
    return {
      seq: window.index + 1,
      firstRowDay: day[first],
      firstRowTs: ts[first],
      observed: at - first + 1,
      remaining: window.lastDay - day[at],
      missing: missing.filter((gap) => gap >= from && gap < day[at]),
    };
  }

  #timeframe(row: Row): Timeframe {
    const tf = row.text('tf') as string;
    let timeframe = this.#timeframes.get(tf);
    if (timeframe === undefined) {
      timeframe = toTimeframe(this.#world.timeframes.find((candidate) => candidate.tf === tf) as never);
      this.#timeframes.set(tf, timeframe);
    }
    return timeframe;
  }

  #pricedDays(row: Row): PricedDays {
    const { id, rows } = this.asset(row);
    let priced = this.#priced.get(id);
    if (priced === undefined) {
      const kept = positionsOf(rows).filter((at) => isPriced(rows, at));
      const day = kept.map((at) => rows.day[at]);
      const span = Array.from({ length: day[day.length - 1] - day[0] + 1 }, (_, i) => day[0] + i);
      const observed = new Set(day);
      priced = { day, ts: kept.map((at) => rows.ts[at]), missing: span.filter((gap) => !observed.has(gap)) };
      this.#priced.set(id, priced);
    }
    return priced;
  }
}

/** Column `missing_days_where` of docs/bars.md#snapshots, in a second implementation. */
export function missingDaysText(days: readonly number[]): string | null {
  if (days.length === 0) return null;
  const listed = days.slice(0, 50).map((day) => formatCivilDay(day as CivilDay));
  return listed.join(',') + (days.length > 50 ? `...(+${days.length - 50} more)` : '');
}
