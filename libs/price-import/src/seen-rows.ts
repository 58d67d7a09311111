import { ImportError } from './errors.ts';
import { instantText } from './parse-instant.ts';
import { CELL, NUMBER_COLUMNS, type RowCells } from './source-batch.ts';

/** Most different timestamps of one file: two a day over the whole accepted range; keeps memory below 13 MB. */
export const MAX_TIMESTAMPS = 200_000;

const FIRST_CAPACITY = 8_192;

/**
 * Remembers every timestamp of a file with the line it was on and a 64-bit fingerprint of its numbers, so that a
 * repeated timestamp is recognised however far apart the two rows are. Two different rows of one timestamp count as equal with a
 * probability of 2^-64.
 */
export class SeenRows {
  #capacity = FIRST_CAPACITY;
  #size = 0;
  #ts = new Float64Array(FIRST_CAPACITY).fill(Number.NaN);
  #line = new Float64Array(FIRST_CAPACITY);
  #print = new Uint32Array(2 * FIRST_CAPACITY);
  readonly #values = new Float64Array(NUMBER_COLUMNS.length);
  readonly #words = new Uint32Array(this.#values.buffer);
  #printA = 0;
  #printB = 0;

  /**
   * Notes a row, unless its timestamp is already known.
   *
   * @returns 0 when the timestamp is new; else the line it was first seen on, negative when the numbers are equal
   * @throws ImportError `IMPORT_NOT_DAILY` after {@link MAX_TIMESTAMPS} different timestamps
   */
  note(cells: RowCells, line: number): number {
    this.#fingerprint(cells);
    const ts = cells[CELL.ts];
    const slot = this.#slotOf(ts);
    if (this.#ts[slot] === ts) {
      const isEqual = this.#print[2 * slot] === this.#printA && this.#print[2 * slot + 1] === this.#printB;
      return isEqual ? -this.#line[slot] : this.#line[slot];
    }
    if (this.#size === MAX_TIMESTAMPS) {
      throw new ImportError(
        'IMPORT_NOT_DAILY',
        `line ${line} (${instantText(ts)}) is the ${MAX_TIMESTAMPS + 1}th different timestamp; expected one a day`,
        { hint: 'Import daily prices of one asset per file.', context: { line } },
      );
    }
    this.#ts[slot] = ts;
    this.#line[slot] = line;
    this.#print[2 * slot] = this.#printA;
    this.#print[2 * slot + 1] = this.#printB;
    this.#size++;
    if (this.#size * 2 > this.#capacity) this.#grow();
    return 0;
  }

  #fingerprint(cells: RowCells): void {
    const values = this.#values;
    // Adding zero makes -0 equal to 0, as they are equal in the database.
    for (let at = 0; at < NUMBER_COLUMNS.length; at++) values[at] = cells[at] + 0;
    let a = 0x9e3779b9;
    let b = 0x85ebca6b;
    for (let at = 0; at < this.#words.length; at++) {
      const word = this.#words[at];
      a = mix(a ^ word);
      b = mix(b + Math.imul(word, 0xc2b2ae35));
    }
    this.#printA = a >>> 0;
    this.#printB = b >>> 0;
  }

  #slotOf(ts: number): number {
    const mask = this.#capacity - 1;
    const micros = Math.round(ts * 1000);
    let slot = mix((micros >>> 0) ^ Math.imul(Math.floor(micros / 0x1_0000_0000), 0x9e3779b1)) & mask;
    while (this.#ts[slot] === this.#ts[slot] && this.#ts[slot] !== ts) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [ts, line, print] = [this.#ts, this.#line, this.#print];
    this.#capacity *= 2;
    this.#ts = new Float64Array(this.#capacity).fill(Number.NaN);
    this.#line = new Float64Array(this.#capacity);
    this.#print = new Uint32Array(2 * this.#capacity);
    for (let from = 0; from < ts.length; from++) {
      if (Number.isNaN(ts[from])) continue;
      const slot = this.#slotOf(ts[from]);
      this.#ts[slot] = ts[from];
      this.#line[slot] = line[from];
      this.#print[2 * slot] = print[2 * from];
      this.#print[2 * slot + 1] = print[2 * from + 1];
    }
  }
}

/** Bijective mixing of 32 bits (the finaliser of MurmurHash3). */
function mix(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}
