import { isTradingDay, tradingDays, type TradingDays } from '@ta/bars-core/engine';
import { LAST_DAY, utcDayText } from './parse-instant.ts';

/** A run of missing civil days, both ends inclusive, `YYYY-MM-DD`; days without trading between them are not counted. */
export interface Gap {
  firstDay: string;
  lastDay: string;
  days: number;
}

/** Days of trading between the first and the last covered day that are not covered. */
export interface Missing {
  missingDays: number;
  gapCount: number;
  /** Ascending, up to a limit. */
  gaps: Gap[];
}

/** Three weeks of Monday to Friday: with fewer days, weekends may be missing by chance. */
const WEEKS_OF_DAYS = 15;

/** The trading days of a market that is closed on weekends and has no known holidays. */
export const MONDAY_TO_FRIDAY = tradingDays({ closeRule: 'calendar', weekdays: 'Mon-Fri', holidays: [] });

/** Which civil days a file covers; one bit per day over the whole accepted range. */
export class DayCoverage {
  readonly #bits = new Uint8Array((LAST_DAY >> 3) + 1);
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** Notes a day (days since 1970-01-01); false when it was already there. */
  add(day: number): boolean {
    const bit = 1 << (day & 7);
    if ((this.#bits[day >> 3] & bit) !== 0) return false;
    this.#bits[day >> 3] |= bit;
    this.#first = Math.min(this.#first, day);
    this.#last = Math.max(this.#last, day);
    this.#count++;
    return true;
  }

  /** How many days are covered. */
  get count(): number {
    return this.#count;
  }

  /** First covered day, `YYYY-MM-DD`; null when there is none. */
  get firstDay(): string | null {
    return this.#count === 0 ? null : utcDayText(this.#first);
  }

  /** Last covered day, `YYYY-MM-DD`; null when there is none. */
  get lastDay(): string | null {
    return this.#count === 0 ? null : utcDayText(this.#last);
  }

  /** Whether the market seems to be closed on weekends: at least 15 days are covered, none of them a Saturday or a Sunday. */
  get restsOnWeekends(): boolean {
    if (this.#count < WEEKS_OF_DAYS) return false;
    for (let day = this.#first; day <= this.#last; day++) {
      if (this.#has(day) && !isTradingDay(MONDAY_TO_FRIDAY, day)) return false;
    }
    return true;
  }

  /** Whether a day between the first and the last one is not covered. */
  lacks(day: number): boolean {
    return day > this.#first && day < this.#last && !this.#has(day);
  }

  /**
   * The days of trading that are missing.
   *
   * @param limit how many ranges are listed; all are counted
   */
  missing(trading: TradingDays, limit: number): Missing {
    const runs: { first: number; last: number; days: number }[] = [];
    let isInRun = false;
    for (let day = this.#first; day <= this.#last; day++) {
      if (this.#has(day)) isInRun = false;
      else if (isTradingDay(trading, day)) {
        if (!isInRun) runs.push({ first: day, last: day, days: 0 });
        const run = runs.at(-1)!;
        run.last = day;
        run.days++;
        isInRun = true;
      }
    }
    const gaps = runs
      .slice(0, limit)
      .map(({ first, last, days }) => ({ firstDay: utcDayText(first), lastDay: utcDayText(last), days }));
    return { missingDays: runs.reduce((sum, { days }) => sum + days, 0), gapCount: runs.length, gaps };
  }

  #has(day: number): boolean {
    return (this.#bits[day >> 3] & (1 << (day & 7))) !== 0;
  }
}
