import { ONE_DAY_MS } from '@ta/bars-core/engine';
import { assetNameOf, type FileAsset, isUsableName } from './asset-name.ts';
import { type CutLine, cutLines, isProblem, wholeLine } from './cut-lines.ts';
import { DayCoverage } from './day-coverage.ts';
import { ImportError } from './errors.ts';
import { emptyFileError, plainBytes } from './file-content.ts';
import {
  type LineProblem,
  type LineRejectReason,
  type RejectedLine,
  rejectedLineText,
  shownValue,
} from './line-reject.ts';
import { instantText, utcDay } from './parse-instant.ts';
import type { PriceFile } from './price-file.ts';
import { type PriceFormat, type ReadingChoices, recogniseFormat } from './price-format.ts';
import { readBlocks, type TextBlock } from './read-blocks.ts';
import { type RowReader, rowReaderFor } from './read-row.ts';
import { SeenRows } from './seen-rows.ts';
import {
  appendRow,
  CELL,
  createSourceBatch,
  NUMBER_COLUMNS,
  type SourceBatch,
  trimSourceBatch,
} from './source-batch.ts';
import { type ZoneDays, zoneDays } from './zone-days.ts';

/** How far the reading of a file has come. */
export interface ImportProgress {
  /** Bytes of the file as stored. */
  bytesRead: number;
  totalBytes: number | null;
  linesRead: number;
}

/** How many civil days something was found on, and the first of them. */
export interface DaysFound {
  count: number;
  firstDay: string | null;
}

/** What the reading of a file found. */
export interface FileFacts {
  format: PriceFormat;
  asset: FileAsset;
  /** The CMC export's `name` cell when it is a number, the id of the quote currency; else null. */
  quoteId: string | null;
  /** Lines with content after the header. */
  linesRead: number;
  /** Lines that became a row. */
  rowsRead: number;
  duplicatesIgnored: number;
  rejectedCount: number;
  /** The first rejected lines, up to the limit. */
  rejected: RejectedLine[];
  /** The reason that most rejected lines share, with the first of them; null without rejected lines. */
  commonestReject: { count: number; first: RejectedLine } | null;
  /** Civil days of the zone. */
  firstDay: string | null;
  lastDay: string | null;
  /** Civil days with a price at or below zero, and the first of them. */
  zeroOrLess: DaysFound;
  /** Civil days with a row that lacks open or close, and the first of them. */
  unpriced: DaysFound;
  /** Civil days of rows that open on the day before, where a column of the operator's own says so, and the first of them. */
  openedBefore: DaysFound;
  /** Rows whose civil day already has a row with another timestamp. */
  sameDayRows: number;
  /** Rows whose extreme instants are not in the file and were set inside the day by convention. */
  inferredExtremeTimes: number;
}

/** What the reading needs besides the file. */
export interface ScanOptions {
  id: number;
  /** Zone of a date without a time, and of the days that are counted. */
  zone: string;
  /** Rows later than this (epoch ms) are rejected; Infinity takes all. */
  latestTs: number;
  choices: ReadingChoices;
  maxRejectsListed: number;
  onProgress?: ((progress: ImportProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** A file that was read. */
export interface ScannedFile {
  readonly facts: FileFacts;
  /** Rows in the order of the file; the names are not filled in, `sourceFile` is. */
  readonly rows: SourceBatch;
  /** Civil days of the zone that have a row. */
  readonly days: DayCoverage;
}

const FIRST_CAPACITY = 4_096;
const PRICES = [CELL.open, CELL.high, CELL.low, CELL.close];
/** Reading gives up after this many lines that gave no row; a file of days has at most 200,000 rows. */
const MOST_IDLE_LINES = 1_000_000;
/** Enough text to recognise a format: some hundred lines, never more than a few chunks. */
const SAMPLE_CHARACTERS = 65_536;
const SAMPLE_LINES = 400;

/**
 * Reads a price file: recognises it, reads every line, and keeps the rows as columns.
 *
 * Memory does not depend on the length of the file: it holds one chunk, and at most 200,000 rows of different timestamps. Time is
 * limited, too: reading ends when a million lines have given no row.
 *
 * @throws ImportError when the file as a whole cannot be used
 */
export async function scanFile(file: PriceFile, options: ScanOptions): Promise<ScannedFile> {
  const scan = new FileScan(file, options);
  let sample: TextBlock[] | null = [];
  let sampled = 0;
  for await (const block of readBlocks(plainBytes(scan.countedBytes(), file.name))) {
    if (sample === null) {
      scan.take(block);
      continue;
    }
    sample.push(block);
    sampled += block.text.length;
    if (sampled >= SAMPLE_CHARACTERS) {
      scan.begin(sample);
      sample = null;
    }
  }
  if (sample !== null) scan.begin(sample);
  return scan.finish();
}

class FileScan {
  readonly #asset: FileAsset = { name: null, symbol: null };
  readonly #file: PriceFile;
  readonly #options: ScanOptions;
  readonly #zone: ZoneDays;
  readonly #seen = new SeenRows();
  readonly #days = new DayCoverage();
  readonly #zeroOrLess = new DayCoverage();
  readonly #unpriced = new DayCoverage();
  readonly #openedBefore = new DayCoverage();
  readonly #rejected: RejectedLine[] = [];
  readonly #reasons = new Map<LineRejectReason, { count: number; first: RejectedLine }>();
  #format!: PriceFormat;
  #readRow!: RowReader;
  #nameAt = -1;
  #hasOwnOpening = false;
  #rawName: string | null = null;
  #nameCell = '';
  #nameLine = 0;
  readonly #rows: SourceBatch;
  /** The row that is being read. */
  readonly #cells = new Float64Array(NUMBER_COLUMNS.length).fill(Number.NaN);
  #bytesRead = 0;
  #line = 0;
  #linesRead = 0;
  #duplicatesIgnored = 0;
  #rejectedCount = 0;
  #sameDayRows = 0;

  constructor(file: PriceFile, options: ScanOptions) {
    this.#file = file;
    this.#options = options;
    this.#zone = zoneDays(options.zone);
    this.#rows = createSourceBatch(options.id, FIRST_CAPACITY);
  }

  async *countedBytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#file.open()) {
      this.#options.signal?.throwIfAborted();
      this.#bytesRead += chunk.length;
      yield chunk;
    }
  }

  /** Recognises the file by its first blocks and reads them. */
  begin(blocks: readonly TextBlock[]): void {
    if (blocks.length === 0) throw emptyFileError(this.#file.name);
    const lines = blocks.flatMap(({ text }) => text.split('\n'));
    this.#format = recogniseFormat(lines.slice(0, SAMPLE_LINES), this.#file.name, this.#options.choices);
    this.#readRow = rowReaderFor(this.#format, this.#zone);
    this.#nameAt = this.#format.at.name ?? this.#format.at.symbol ?? this.#unreadNameAt();
    const { stamp, opensAtMidnightUtc } = this.#format.shape;
    this.#hasOwnOpening = stamp === 'open' && !opensAtMidnightUtc;
    this.#line = this.#format.linesBefore;
    const rest = lines.slice(this.#format.linesBefore);
    if (rest.length === 0) return;
    const hasLongLine = blocks.some((block) => block.hasLongLine);
    this.take({ text: rest.join('\n'), hasLongLine });
  }

  /** A column that is not read but tells assets apart; where the columns are chosen, the operator says whether one does. */
  #unreadNameAt(): number {
    if (this.#options.choices.columns !== undefined) return -1;
    return this.#format.columns.findIndex((column) => /^(?:name|symbol|ticker|pair|coin|asset|isin)$/i.test(column));
  }

  take(block: TextBlock): void {
    for (const line of cutLines(block, this.#format.delimiter)) {
      this.#line++;
      if (this.#line - this.#format.linesBefore - this.#rows.length > MOST_IDLE_LINES) throw this.#noRows();
      if (!isProblem(line) && isBlank(line, this.#format.delimiter)) continue;
      this.#linesRead++;
      const problem = this.#readLine(line);
      if (problem !== null) this.#reject(problem);
    }
    const [bytesRead, linesRead] = [this.#bytesRead, this.#linesRead];
    this.#options.onProgress?.({ bytesRead, totalBytes: this.#file.sizeBytes, linesRead });
    this.#options.signal?.throwIfAborted();
  }

  finish(): ScannedFile {
    const rows = trimSourceBatch(this.#rows);
    this.#assertDaily(rows);
    rows.sourceFile = new Array<string | null>(rows.length).fill(this.#file.name);
    const facts: FileFacts = {
      format: this.#format,
      asset: this.#asset,
      quoteId: this.#format.kind === 'cmc-export' && /^[0-9]+$/.test(this.#nameCell) ? this.#nameCell : null,
      linesRead: this.#linesRead,
      rowsRead: rows.length,
      duplicatesIgnored: this.#duplicatesIgnored,
      rejectedCount: this.#rejectedCount,
      rejected: this.#rejected,
      commonestReject: this.#commonestReject() ?? null,
      firstDay: this.#days.firstDay,
      lastDay: this.#days.lastDay,
      zeroOrLess: foundIn(this.#zeroOrLess),
      unpriced: foundIn(this.#unpriced),
      openedBefore: foundIn(this.#openedBefore),
      sameDayRows: this.#sameDayRows,
      inferredExtremeTimes: this.#format.shape.stamp === 'instants' ? 0 : rows.length,
    };
    return { facts, rows, days: this.#days };
  }

  #noRows(): ImportError {
    const commonest = this.#commonestReject();
    const first = commonest === undefined ? '' : ` (most of them as this one: ${rejectedLineText(commonest.first)})`;
    const blank = this.#line - 1 - this.#format.linesBefore - this.#linesRead;
    return new ImportError(
      'IMPORT_NO_ROWS',
      `${this.#file.name}: given up at line ${this.#line}: ${this.#rows.length} lines gave a row, ${this.#rejectedCount} were refused${first}, ` +
        `${this.#duplicatesIgnored} repeated and ${blank} blank`,
      {
        hint: 'Fetch the file again, or copy its good lines to another file: nothing of it is stored.',
        context: { line: this.#line, rejectedCount: this.#rejectedCount },
      },
    );
  }

  #commonestReject(): { count: number; first: RejectedLine } | undefined {
    return [...this.#reasons.values()].sort((a, b) => b.count - a.count)[0];
  }

  /** Refuses rows that are not days: hourly rows of a day would overwrite each other, and weekly rows would count as days. */
  #assertDaily(rows: SourceBatch): void {
    // dates of several days, and a quarter of the lines or more with times of day: what is left would be half a day
    const timed = rows.length < 3 ? undefined : this.#reasons.get('has_time_of_day');
    const parts = this.#reasons.get('not_a_day') ?? (timed !== undefined && timed.count > 1 ? timed : undefined);
    if (parts !== undefined && parts.count * 4 >= this.#linesRead) {
      const { line, column, value } = parts.first;
      const what =
        parts === timed
          ? `has a time of day, as have ${parts.count} of ${this.#linesRead} lines`
          : 'does not cover a whole day';
      throw notDaily(this.#file.name, `line ${line}, ${column} "${value}", ${what}`);
    }
    if (['instants', 'day-close'].includes(this.#format.shape.stamp) || rows.length < 3) return;
    const distance = usualDistanceMs(rows.ts);
    if (distance >= SHORTEST_DAY_MS && (distance <= LONGEST_DISTANCE_MS || rows.length < 5)) return;
    const hours = distance / 3_600_000;
    const shown = hours < 48 ? `${Number(hours.toFixed(2))} hours` : `${Math.round(hours / 24)} days`;
    throw notDaily(this.#file.name, `its rows are ${shown} apart`);
  }

  #reject(problem: LineProblem): void {
    const rejected = { line: this.#line, ...problem };
    if (problem.reason === 'decimal_point_lost') throw decimalPointLost(this.#file.name, rejected);
    this.#rejectedCount++;
    if (this.#rejected.length < this.#options.maxRejectsListed) this.#rejected.push(rejected);
    const known = this.#reasons.get(problem.reason);
    if (known === undefined) this.#reasons.set(problem.reason, { count: 1, first: rejected });
    else known.count++;
  }

  #readLine(line: CutLine): LineProblem | null {
    if (isProblem(line)) return line;
    const { columns, delimiter } = this.#format;
    if (line.length !== columns.length) {
      const message = `${line.length} fields, but ${columns.length} are expected`;
      return wholeLine('column_count', line.join(delimiter), message);
    }
    return this.#otherAsset(line) ?? this.#readCells(line) ?? this.#keep(line);
  }

  #readCells(fields: readonly string[]): LineProblem | null {
    const problem = this.#readRow(fields, this.#cells);
    if (problem === null) return null;
    return problem.value.includes('"')
      ? wholeLine(
          'misplaced_quote',
          fields.join(this.#format.delimiter),
          'a quote inside a field that does not start with it',
        )
      : problem;
  }

  /** A file is about one asset and one quote currency: the first row with a name decides for all others. */
  #otherAsset(fields: readonly string[]): LineProblem | null {
    if (this.#nameAt < 0 || (fields[this.#nameAt] === this.#rawName && this.#nameCell !== '')) return null;
    const name = fields[this.#nameAt].trim();
    if (name === this.#nameCell && name !== '') return null;
    const problem = { column: this.#format.columns[this.#nameAt], value: shownValue(name) };
    if (name === '') {
      // only the name tells whose prices a row of the research set holds; in other formats it may be empty
      if (this.#format.kind !== 'research-set') return null;
      return { ...problem, reason: 'missing_name', message: 'empty, but it says which asset the row belongs to' };
    }
    if (!isUsableName(name))
      return { ...problem, reason: 'unusable_name', message: 'not 1 to 200 printable characters' };
    if (this.#nameCell === '') return null;
    const first = `"${shownValue(this.#nameCell)}" on line ${this.#nameLine}`;
    const { name: namesAt, symbol: symbolsAt } = this.#format.at;
    const wayOut =
      (namesAt ?? symbolsAt) === undefined
        ? '; if this column does not tell assets apart, name the others with --columns'
        : '';
    return { ...problem, reason: 'other_asset', message: `another asset or currency than ${first}${wayOut}` };
  }

  #keep(fields: readonly string[]): LineProblem | null {
    const ts = this.#cells[CELL.ts];
    if (ts > this.#options.latestTs) return this.#aheadOfTheClock(ts);
    const known = this.#seen.note(this.#cells, this.#line);
    if (known < 0) {
      this.#duplicatesIgnored++;
      return null;
    }
    if (known > 0) {
      const message = `already on line ${known} with other values; the first one is kept`;
      return { reason: 'duplicate_timestamp', ...this.#stampCell(ts), message };
    }
    if (this.#nameCell === '' && this.#nameAt >= 0) this.#noteAsset(fields);
    const day = this.#zone.dayOf(ts);
    if (!this.#days.add(day)) this.#sameDayRows++;
    if (PRICES.some((price) => this.#cells[price] <= 0)) this.#zeroOrLess.add(day);
    if (Number.isNaN(this.#cells[CELL.open] + this.#cells[CELL.close])) this.#unpriced.add(day);
    if (this.#hasOwnOpening && this.#zone.dayOf(this.#cells[CELL.timeOpen]) !== day) this.#openedBefore.add(day);
    appendRow(this.#rows, this.#cells, utcDay(ts));
    return null;
  }

  #aheadOfTheClock(ts: number): LineProblem {
    const message = 'more than a day after now; --allow-future accepts it';
    return { reason: 'ahead_of_the_clock', ...this.#stampCell(ts), message };
  }

  #stampCell(ts: number): Pick<LineProblem, 'column' | 'value'> {
    const at = (this.#format.at.ts ?? this.#format.at.stamp) as number;
    return { column: this.#format.columns[at], value: instantText(ts) };
  }

  #noteAsset(fields: readonly string[]): void {
    const { at, kind } = this.#format;
    this.#rawName = fields[this.#nameAt];
    this.#nameCell = this.#rawName.trim();
    this.#nameLine = this.#line;
    if (at.name !== undefined) this.#asset.name = assetNameOf(this.#nameCell);
    if (at.symbol === undefined) return;
    const cell = fields[at.symbol].trim();
    // of a pair such as ABC/USDT the first half is the asset
    const symbol = kind === 'cryptodatadownload' ? (cell.split('/')[0] ?? '') : cell;
    this.#asset.symbol = isUsableName(symbol) ? symbol : null;
  }
}

/** Whether a line holds nothing but blanks, tabs included. */
function isBlank(fields: readonly string[], delimiter: string): boolean {
  return (fields.length === 1 || delimiter === '\t') && fields.every((field) => field.trim() === '');
}

const SHORTEST_DAY_MS = 20 * 3_600_000;
const LONGEST_DISTANCE_MS = 5.5 * ONE_DAY_MS;

function foundIn({ count, firstDay }: DayCoverage): DaysFound {
  return { count, firstDay };
}

/** The median distance between neighbouring rows. */
function usualDistanceMs(ts: Float64Array): number {
  const stamps = Float64Array.from(ts).sort();
  const distances = stamps.subarray(1).map((stamp, at) => stamp - stamps[at]);
  return distances.sort()[distances.length >> 1];
}

function notDaily(fileName: string, message: string): ImportError {
  return new ImportError('IMPORT_NOT_DAILY', `${fileName} is not a file of days: ${message}`, {
    hint: 'Get the daily file: each row must be one day.',
    context: { fileName },
  });
}

function decimalPointLost(fileName: string, { line, column, value }: RejectedLine): ImportError {
  return new ImportError(
    'IMPORT_DECIMAL_POINT_LOST',
    `${fileName}, line ${line}, ${column}: "${value}": the decimal point is lost`,
    {
      hint: 'Download it again and do not open it in a spreadsheet: the position of the decimal point cannot be recovered.',
      context: { fileName, line },
    },
  );
}
