import { assertAssetId, assertAssetName, type FileAsset, resolveAsset } from './asset-name.ts';
import type { Gap } from './day-coverage.ts';
import type { RejectedLine } from './line-reject.ts';
import type { PriceFile } from './price-file.ts';
import type { PriceFormatKind } from './price-format.ts';
import type { AssetRecord, PriceSink } from './price-sink.ts';
import { type FileFacts, type ImportProgress, scanFile, type ScanOptions } from './scan-file.ts';
import type { SourceBatch } from './source-batch.ts';

/** How a file is to be imported. */
export interface ImportOptions {
  /** Asset id, 1 to 2147483647. */
  id: number;
  /** The operator's name for the asset; it wins over every other name. */
  name?: string | undefined;
  /** Where rows go; without it the file is only checked. */
  sink?: PriceSink | undefined;
  /** Write nothing unless every line is good; the file is read twice. */
  strict?: boolean | undefined;
  /** Rows per {@link PriceSink.upsert}; default 5000. */
  batchRows?: number | undefined;
  /** Rejected lines kept in the report (all are counted); default 100. */
  maxRejectsListed?: number | undefined;
  /** Gaps kept in the report (all are counted); default 100. */
  maxGapsListed?: number | undefined;
  /** Called once per chunk of the file. */
  onProgress?: ((progress: ImportProgress) => void) | undefined;
  /** Stops between chunks, throwing the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Something about a good file that its user should know. */
export type ImportNotice =
  | 'no_rows'
  | 'quote_not_usd'
  | 'columns_ignored'
  | 'extreme_times_inferred'
  | 'several_rows_per_day';

/** What an import did. */
export interface ImportReport {
  /** `imported` rows were written, `checked` there is no sink, `refused` strict and a line is bad: nothing was written. */
  outcome: 'imported' | 'checked' | 'refused';
  file: string;
  format: PriceFormatKind;
  formatLabel: string;
  id: number;
  /** The asset row as it is now; null when nothing was written. */
  asset: AssetRecord | null;
  /** What was done to the asset row. */
  assetChange: 'created' | 'changed' | 'none';
  /** What the file itself says about its asset. */
  fileAsset: FileAsset;
  quoteId: string | null;
  /** Lines with content after the header = rowsRead + duplicatesIgnored + rejectedCount. */
  linesRead: number;
  rowsRead: number;
  inserted: number;
  updated: number;
  unchanged: number;
  /** Lines that repeat an earlier line's timestamp and values. */
  duplicatesIgnored: number;
  rejectedCount: number;
  /** The first rejected lines, in file order. */
  rejected: RejectedLine[];
  /** UTC civil days, `YYYY-MM-DD`; null without rows. */
  firstDay: string | null;
  lastDay: string | null;
  /** UTC civil days between firstDay and lastDay without a row. */
  missingDays: number;
  gapCount: number;
  /** The first ranges of missing days, ascending. */
  gaps: Gap[];
  sameDayRows: number;
  inferredExtremeTimes: number;
  ignoredColumns: readonly string[];
  notices: ImportNotice[];
}

const US_DOLLAR_QUOTE = '2781';

/**
 * Imports one price file into the source table, or only checks it.
 *
 * The file is recognised by its header, streamed, and upserted in batches; a bad line is reported and costs nothing
 * else. Run all of it in one transaction of the sink and roll back when it throws.
 *
 * @throws ImportError with the codes of {@link ImportErrorCode}; the sink's errors pass through
 */
export async function importPrices(file: PriceFile, options: ImportOptions): Promise<ImportReport> {
  const { id, sink, strict = false } = options;
  const name = options.name ?? null;
  assertAssetId(id);
  if (name !== null) assertAssetName(name);
  if (sink === undefined || strict) {
    const facts = await scanFile(file, scanOptions(options, 'check'), async () => undefined);
    if (sink === undefined) return report(file, id, facts, 'checked');
    if (facts.rejectedCount > 0) return report(file, id, facts, 'refused');
  }
  const writer = new RowWriter(sink, id, name);
  const facts = await scanFile(file, scanOptions(options, 'write'), (batch, asset) => writer.write(batch, asset));
  return { ...report(file, id, facts, 'imported'), ...writer.written() };
}

class RowWriter {
  readonly #sink: PriceSink;
  readonly #id: number;
  readonly #name: string | null;
  #asset: AssetRecord | null = null;
  #fileName: string | null = null;
  #assetChange: ImportReport['assetChange'] = 'none';
  #inserted = 0;
  #updated = 0;
  #unchanged = 0;

  constructor(sink: PriceSink, id: number, name: string | null) {
    this.#sink = sink;
    this.#id = id;
    this.#name = name;
  }

  async write(batch: SourceBatch, fileAsset: FileAsset): Promise<void> {
    // The asset row comes first: a source row whose id is not in dim_assets is an anomaly to every reader.
    if (this.#asset === null || this.#fileName !== fileAsset.name) this.#asset = await this.#saveAsset(fileAsset);
    batch.name.fill(this.#asset.name);
    const counts = await this.#sink.upsert(batch);
    this.#inserted += counts.inserted;
    this.#updated += counts.updated;
    this.#unchanged += counts.unchanged;
  }

  written() {
    return {
      asset: this.#asset,
      assetChange: this.#assetChange,
      inserted: this.#inserted,
      updated: this.#updated,
      unchanged: this.#unchanged,
    };
  }

  async #saveAsset(fileAsset: FileAsset): Promise<AssetRecord> {
    this.#fileName = fileAsset.name;
    const stored = await this.#sink.findAsset(this.#id);
    const asset = resolveAsset(this.#id, this.#name, fileAsset, stored);
    if (stored?.name === asset.name && stored.symbol === asset.symbol) return asset;
    await this.#sink.saveAsset(asset);
    this.#assetChange = stored === null ? 'created' : 'changed';
    return asset;
  }
}

function scanOptions(options: ImportOptions, phase: ImportProgress['phase']): ScanOptions {
  const { id, batchRows = 5000, maxRejectsListed = 100, maxGapsListed = 100, onProgress, signal } = options;
  return { id, batchRows, maxRejectsListed, maxGapsListed, phase, onProgress, signal };
}

function report(file: PriceFile, id: number, facts: FileFacts, outcome: ImportReport['outcome']): ImportReport {
  const { format, asset: fileAsset, ...rest } = facts;
  return {
    outcome,
    file: file.name,
    format: format.kind,
    formatLabel: format.label,
    id,
    asset: null,
    assetChange: 'none',
    fileAsset,
    inserted: 0,
    updated: 0,
    unchanged: 0,
    ignoredColumns: format.ignoredColumns,
    notices: notices(facts),
    ...rest,
  };
}

function notices(facts: FileFacts): ImportNotice[] {
  const found: ImportNotice[] = [];
  if (facts.linesRead === 0) found.push('no_rows');
  if (facts.quoteId !== null && facts.quoteId !== US_DOLLAR_QUOTE) found.push('quote_not_usd');
  if (facts.format.ignoredColumns.length > 0) found.push('columns_ignored');
  if (facts.inferredExtremeTimes > 0) found.push('extreme_times_inferred');
  if (facts.sameDayRows > 0) found.push('several_rows_per_day');
  return found;
}
