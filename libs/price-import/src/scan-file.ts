import { assetNameOf, type FileAsset, isUsableName } from './asset-name.ts';
import { DayCoverage, type Gap } from './day-coverage.ts';
import { emptyFileError, plainBytes } from './file-content.ts';
import { type LineProblem, type RejectedLine, shownValue } from './line-reject.ts';
import { instantText } from './parse-instant.ts';
import type { PriceFile } from './price-file.ts';
import { type PriceFormat, recogniseFormat } from './price-format.ts';
import { MAX_LINE_LENGTH, readLines } from './read-lines.ts';
import { type RowReader, rowReaderFor } from './read-row.ts';
import { SeenRows } from './seen-rows.ts';
import { createSourceBatch, type SourceBatch, trimSourceBatch } from './source-batch.ts';
import { splitLine } from './split-line.ts';

/** How far a pass over a file has come. */
export interface ImportProgress {
  /** `check` reads without writing, `write` writes. */
  phase: 'check' | 'write';
  /** Bytes of the file as stored. */
  bytesRead: number;
  totalBytes: number | null;
  linesRead: number;
}

/** What one pass over a file found. */
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
  firstDay: string | null;
  lastDay: string | null;
  missingDays: number;
  gapCount: number;
  gaps: Gap[];
  /** Rows whose UTC day already has a row with another timestamp. */
  sameDayRows: number;
  /** Rows whose extreme instants are not in the file and were set inside the day by convention. */
  inferredExtremeTimes: number;
}

/** What a pass needs beside the file. */
export interface ScanOptions {
  id: number;
  batchRows: number;
  maxRejectsListed: number;
  maxGapsListed: number;
  phase: ImportProgress['phase'];
  onProgress?: ((progress: ImportProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * One pass over a price file: recognises it, reads every line, and hands the rows on in batches.
 *
 * Memory does not depend on the file: one chunk, one batch, at most 200,000 remembered timestamps, a bit per day.
 *
 * @param onBatch receives full batches and the last one; names are not filled in, `sourceFile` is
 * @throws ImportError when the file as a whole cannot be used; whatever `onBatch` throws
 */
export async function scanFile(
  file: PriceFile,
  options: ScanOptions,
  onBatch: (batch: SourceBatch, asset: FileAsset) => Promise<void>,
): Promise<FileFacts> {
  const scan = new FileScan(file, options);
  for await (const lines of readLines(plainBytes(scan.countedBytes(), file.name))) {
    for (const line of lines) {
      scan.take(line);
      if (scan.isBatchFull) await onBatch(scan.takeBatch(), scan.asset);
    }
    scan.report();
  }
  const facts = scan.finish();
  if (scan.hasRows) await onBatch(scan.takeBatch(), scan.asset);
  return facts;
}

class FileScan {
  readonly asset: FileAsset = { name: null, symbol: null };
  readonly #file: PriceFile;
  readonly #options: ScanOptions;
  readonly #seen = new SeenRows();
  readonly #days = new DayCoverage();
  readonly #rejected: RejectedLine[] = [];
  #format: PriceFormat | null = null;
  #readRow: RowReader = () => null;
  #nameAt = -1;
  #nameCell = '';
  #nameLine = 0;
  #batch: SourceBatch;
  #bytesRead = 0;
  #line = 0;
  #linesRead = 0;
  #rowsRead = 0;
  #duplicatesIgnored = 0;
  #rejectedCount = 0;
  #sameDayRows = 0;
  #inferredExtremeTimes = 0;

  constructor(file: PriceFile, options: ScanOptions) {
    this.#file = file;
    this.#options = options;
    this.#batch = createSourceBatch(options.id, options.batchRows);
  }

  get isBatchFull(): boolean {
    return this.#batch.length === this.#options.batchRows;
  }

  get hasRows(): boolean {
    return this.#batch.length > 0;
  }

  async *countedBytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#file.open()) {
      this.#options.signal?.throwIfAborted();
      this.#bytesRead += chunk.length;
      yield chunk;
    }
  }

  report(): void {
    const { onProgress, phase } = this.#options;
    const [bytesRead, linesRead] = [this.#bytesRead, this.#linesRead];
    onProgress?.({ phase, bytesRead, totalBytes: this.#file.sizeBytes, linesRead });
  }

  take(line: string): void {
    this.#line++;
    if (line.trim() === '') return;
    if (this.#format === null) {
      this.#useHeader(line);
      return;
    }
    this.#linesRead++;
    const problem = this.#readLine(line, this.#format);
    if (problem === null) return;
    this.#rejectedCount++;
    if (this.#rejected.length < this.#options.maxRejectsListed) this.#rejected.push({ line: this.#line, ...problem });
  }

  takeBatch(): SourceBatch {
    const batch = trimSourceBatch(this.#batch);
    batch.sourceFile.fill(this.#file.name);
    this.#batch = createSourceBatch(this.#options.id, this.#options.batchRows);
    return batch;
  }

  finish(): FileFacts {
    if (this.#format === null) throw emptyFileError(this.#file.name);
    return {
      format: this.#format,
      asset: this.asset,
      quoteId: this.#format.kind === 'cmc-export' && /^[0-9]+$/.test(this.#nameCell) ? this.#nameCell : null,
      linesRead: this.#linesRead,
      rowsRead: this.#rowsRead,
      duplicatesIgnored: this.#duplicatesIgnored,
      rejectedCount: this.#rejectedCount,
      rejected: this.#rejected,
      firstDay: this.#days.firstDay,
      lastDay: this.#days.lastDay,
      missingDays: this.#days.missingDays,
      ...this.#days.gaps(this.#options.maxGapsListed),
      sameDayRows: this.#sameDayRows,
      inferredExtremeTimes: this.#inferredExtremeTimes,
    };
  }

  #useHeader(line: string): void {
    const format = recogniseFormat(line, this.#file.name);
    this.#format = format;
    this.#readRow = rowReaderFor(format);
    this.#nameAt = format.indexOf('name');
  }

  #readLine(line: string, format: PriceFormat): LineProblem | null {
    if (line.length > MAX_LINE_LENGTH) {
      return wholeLine('line_too_long', line, `longer than ${MAX_LINE_LENGTH} characters`);
    }
    if (line.includes('\ufffd')) return wholeLine('not_utf8', line, 'holds bytes that are not UTF-8');
    const fields = splitLine(line, format.delimiter);
    if (fields === 'unclosed_quote') return wholeLine(fields, line, 'a quoted field does not end on its line');
    if (fields === 'misplaced_quote')
      return wholeLine(fields, line, 'a quote inside a field that does not start with it');
    if (typeof fields === 'string') return wholeLine(fields, line, 'broken quoting');
    if (fields.length !== format.columns.length) {
      const message = `${fields.length} fields, but the header has ${format.columns.length}`;
      return wholeLine('column_count', line, message);
    }
    return (
      this.#otherAsset(fields[this.#nameAt], format) ??
      this.#readRow(fields, this.#batch, this.#batch.length) ??
      this.#keep(fields)
    );
  }

  /** A file is about one asset and one quote currency: the first row with a name decides for all others. */
  #otherAsset(name: string, format: PriceFormat): LineProblem | null {
    if (name === this.#nameCell && name !== '') return null;
    const problem = { column: format.columns[this.#nameAt], value: shownValue(name) };
    if (name === '') {
      // The export's name cell holds the quote currency; the research set's is all that says whose prices these are.
      if (format.kind === 'cmc-export') return null;
      return { ...problem, reason: 'missing_name', message: 'empty, but it says which asset the row belongs to' };
    }
    if (!isUsableName(name))
      return { ...problem, reason: 'unusable_name', message: 'not 1 to 200 printable characters' };
    if (this.#nameCell === '') return null;
    const first = `"${shownValue(this.#nameCell)}" on line ${this.#nameLine}`;
    return { ...problem, reason: 'other_asset', message: `another asset or currency than ${first}` };
  }

  #keep(fields: readonly string[]): LineProblem | null {
    const batch = this.#batch;
    const row = batch.length;
    const known = this.#seen.note(batch, row, this.#line);
    if (known < 0) {
      this.#duplicatesIgnored++;
      return null;
    }
    if (known > 0) {
      return {
        reason: 'duplicate_timestamp',
        column: this.#format!.columns[this.#timestampAt()],
        value: instantText(batch.ts[row]),
        message: `already on line ${known} with other values; the first one is kept`,
      };
    }
    if (this.#nameCell === '') this.#noteAsset(fields);
    if (!this.#days.add(batch.day[row])) this.#sameDayRows++;
    if (this.#format!.kind === 'research-set') this.#inferredExtremeTimes++;
    batch.length++;
    this.#rowsRead++;
    return null;
  }

  #timestampAt(): number {
    return this.#format!.indexOf(this.#format!.kind === 'cmc-export' ? 'timestamp' : 'date');
  }

  #noteAsset(fields: readonly string[]): void {
    const name = fields[this.#nameAt];
    this.#nameCell = name;
    this.#nameLine = this.#line;
    if (this.#format!.kind === 'cmc-export') {
      this.asset.name = assetNameOf(name);
      return;
    }
    const symbol = fields[this.#format!.indexOf('symbol')];
    this.asset.name = name;
    this.asset.symbol = isUsableName(symbol) ? symbol : null;
  }
}

function wholeLine(reason: LineProblem['reason'], line: string, message: string): LineProblem {
  return { reason, column: null, value: shownValue(line), message };
}
