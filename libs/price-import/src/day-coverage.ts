import { LAST_DAY, utcDayText } from './parse-instant.ts';

/** A run of missing UTC civil days, both ends inclusive, `YYYY-MM-DD`. */
export interface Gap {
  firstDay: string;
  lastDay: string;
  days: number;
}

/** Three weeks of Monday to Friday: fewer days may lack weekends by chance. */
const WEEKS_OF_DAYS = 15;
/** 1970-01-01 was a Thursday; Sunday is 0. */
const WEEKDAY_OF_DAY_0 = 4;

/** Which UTC civil days a file covers; one bit a day over the whole accepted range. */
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

  /** First covered day, `YYYY-MM-DD`; null when there is none. */
  get firstDay(): string | null {
    return this.#count === 0 ? null : utcDayText(this.#first);
  }

  /** Last covered day, `YYYY-MM-DD`; null when there is none. */
  get lastDay(): string | null {
    return this.#count === 0 ? null : utcDayText(this.#last);
  }

  /** Days between the first and the last one that are not covered. */
  get missingDays(): number {
    return this.#count === 0 ? 0 : this.#last - this.#first + 1 - this.#count;
  }

  /** Whether the days are those of a market that rests on weekends: weeks of them, and none a Saturday or a Sunday. */
  get restsOnWeekends(): boolean {
    if (this.#count < WEEKS_OF_DAYS) return false;
    for (let day = this.#first; day <= this.#last; day++) {
      const weekday = (((day + WEEKDAY_OF_DAY_0) % 7) + 7) % 7;
      if ((weekday === 0 || weekday === 6) && (this.#bits[day >> 3] & (1 << (day & 7))) !== 0) return false;
    }
    return true;
  }

  /** The missing days as ranges, ascending; at most `limit` of them, and how many there are in all. */
  gaps(limit: number): { gaps: Gap[]; gapCount: number } {
    const gaps: Gap[] = [];
    let gapCount = 0;
    let previous = this.#first;
    for (let day = this.#first; day <= this.#last; day++) {
      if ((this.#bits[day >> 3] & (1 << (day & 7))) === 0) continue;
      if (day - previous > 1) {
        if (gapCount < limit) {
          gaps.push({ firstDay: utcDayText(previous + 1), lastDay: utcDayText(day - 1), days: day - previous - 1 });
        }
        gapCount++;
      }
      previous = day;
    }
    return { gaps, gapCount };
  }
}
