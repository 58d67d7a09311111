import { ONE_DAY_MS } from '@ta/bars-core/engine';
import { assertAssetId, assertAssetName, type FileAsset, resolveAsset } from './asset-name.ts';
import type { PriceFile } from './price-file.ts';
import type { PriceFormatKind, ReadingChoices } from './price-format.ts';
import type { AssetRecord, PriceSink, StoredCloses } from './price-sink.ts';
import { assertSameAsset, NEIGHBOURHOOD_MS } from './same-asset.ts';
import { type FileFacts, type ImportProgress, type ScannedFile, scanFile } from './scan-file.ts';
import type { SourceBatch } from './source-batch.ts';
import { zoneDays } from './zone-days.ts';

/** The part of a sink that reads. */
export type StoredPrices = Pick<PriceSink, 'findAsset' | 'storedCloses'>;

/** How a file is to be imported. */
export interface ImportOptions extends ReadingChoices {
  /** Asset id, 1 to 2147483647. */
  id: number;
  /** The operator's name for the asset, for one that has none yet. */
  name?: string | undefined;
  /** Where rows go; without it the file is only checked. */
  sink?: PriceSink | undefined;
  /** What is stored, to compare a file with that is only checked. */
  stored?: StoredPrices | undefined;
  /** Write nothing unless every line is good. */
  strict?: boolean | undefined;
  /** Write what could be read even where most lines were refused. */
  keepPartial?: boolean | undefined;
  /** Throw away what is stored of the asset, and take the file instead. */
  replaceAsset?: boolean | undefined;
  /** Zone of dates without a time, and of the days that are counted, a canonical name; default UTC. */
  zone?: string | undefined;
  /** The run's clock, epoch ms: later rows than a day after it are refused. Without it every row is taken. */
  nowMs?: number | undefined;
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
  | 'quote_not_usd'
  | 'columns_ignored'
  | 'extreme_times_inferred'
  | 'several_rows_per_day'
  | 'rests_on_weekends'
  | 'close_only';

/** Why nothing of a readable file was written. */
export type ImportRefusal = 'nothing_read' | 'mostly_rejected' | 'strict';

/** What an import did. */
export interface ImportReport extends Omit<FileFacts, 'format' | 'asset'> {
  /** `imported` rows were written, `checked` there is no sink, `refused` nothing was written: see `refusal`. */
  outcome: 'imported' | 'checked' | 'refused';
  refusal: ImportRefusal | null;
  file: string;
  format: PriceFormatKind;
  formatLabel: string;
  id: number;
  zone: string;
  /** The asset row as it is now; null when nothing was written. */
  asset: AssetRecord | null;
  /** What was done to the asset row. */
  assetChange: 'created' | 'changed' | 'none';
  /** What the file itself says about its asset. */
  fileAsset: FileAsset;
  /** Rows: new, changed, and already there. */
  inserted: number;
  updated: number;
  unchanged: number;
  /** Civil days of the zone that had no row before. */
  newDays: number;
  /** Civil days that had a row before and have another one, or another content, now. */
  correctedDays: number;
  /** Rows of the asset that were thrown away first. */
  replacedRows: number;
  ignoredColumns: readonly string[];
  notices: ImportNotice[];
}

const US_DOLLAR_QUOTE = '2781';

/**
 * Imports one price file into the source table, or only checks it.
 *
 * The file is recognised by its header or the shape of its rows and read to its end; only then is anything written, so that
 * a file most of which cannot be read, or one of another asset, leaves no trace. Run it in one transaction of the sink and
 * roll back when it throws.
 *
 * @throws ImportError with the codes of {@link ImportErrorCode}; the sink's errors pass through
 */
export async function importPrices(file: PriceFile, options: ImportOptions): Promise<ImportReport> {
  const { id, sink, zone = 'UTC' } = options;
  assertAssetId(id);
  if (options.name !== undefined) assertAssetName(options.name);
  const scanned = await scanFile(file, {
    id,
    zone,
    latestTs: options.nowMs === undefined ? Infinity : options.nowMs + ONE_DAY_MS,
    choices: options,
    maxRejectsListed: options.maxRejectsListed ?? 100,
    maxGapsListed: options.maxGapsListed ?? 100,
    onProgress: options.onProgress,
    signal: options.signal,
  });
  const refusal = refusalOf(scanned.facts, options);
  const untouched = report(file, id, zone, scanned.facts);
  if (refusal !== null) return { ...untouched, outcome: 'refused', refusal };
  if (sink === undefined) {
    if (options.stored !== undefined && options.replaceAsset !== true) await compare(scanned, options, options.stored);
    return { ...untouched, outcome: 'checked' };
  }
  return { ...untouched, ...(await write(scanned, options, sink, zone)), outcome: 'imported' };
}

function refusalOf(facts: FileFacts, options: ImportOptions): ImportRefusal | null {
  if (facts.rowsRead === 0) return 'nothing_read';
  if (options.strict === true && facts.rejectedCount > 0) return 'strict';
  return options.keepPartial !== true && facts.rejectedCount * 2 > facts.linesRead ? 'mostly_rejected' : null;
}

/** What {@link write} would refuse. */
async function compare({ facts, rows }: ScannedFile, options: ImportOptions, stored: StoredPrices): Promise<void> {
  const { id, name = null } = options;
  const found = await stored.findAsset(id);
  const closes = await closesAround(stored, id, rows);
  const claim = { id, givenName: name, file: facts.asset, isCloseOnly: options.closeOnly === true };
  assertSameAsset(claim, rows, found, closes);
}

async function write({ facts, rows }: ScannedFile, options: ImportOptions, sink: PriceSink, zone: string) {
  const { id, name = null } = options;
  const isCloseOnly = options.closeOnly === true;
  const replacedRows = options.replaceAsset === true ? await sink.removeRows(id) : 0;
  const found = await sink.findAsset(id);
  const closes = await closesAround(sink, id, rows);
  if (options.replaceAsset !== true) {
    assertSameAsset({ id, givenName: name, file: facts.asset, isCloseOnly }, rows, found, closes);
  }
  const stored = options.replaceAsset === true ? replaced(found, name, facts.asset) : found;
  const asset = resolveAsset(id, name, facts.asset, stored, isCloseOnly);
  // The asset row comes first: a source row whose id is not in dim_assets is an anomaly to every reader.
  const isSame = found?.name === asset.name && found.symbol === asset.symbol && found.isCloseOnly === asset.isCloseOnly;
  if (!isSame) await sink.saveAsset(asset);
  rows.name = new Array<string | null>(rows.length).fill(asset.name);
  const { outcomes, ...counts } = await sink.upsert(rows);
  const assetChange: ImportReport['assetChange'] = found === null ? 'created' : isSame ? 'none' : 'changed';
  const days = changedDays(rows, outcomes, closes, zone);
  return { ...counts, ...days, asset, assetChange, replacedRows, notices: notices(facts, found?.closeRule) };
}

/** A replaced asset keeps its name only where no other name is given. */
function replaced(found: AssetRecord | null, givenName: string | null, file: FileAsset): AssetRecord | null {
  return found === null || givenName !== null || file.name !== null
    ? null
    : { ...found, symbol: file.symbol, isCloseOnly: false };
}

async function closesAround(sink: StoredPrices, id: number, rows: SourceBatch): Promise<StoredCloses> {
  let [first, last] = [Infinity, -Infinity];
  for (const ts of rows.ts) {
    first = Math.min(first, ts);
    last = Math.max(last, ts);
  }
  return sink.storedCloses(id, first - NEIGHBOURHOOD_MS, last + NEIGHBOURHOOD_MS);
}

function changedDays(rows: SourceBatch, outcomes: Uint8Array, closes: StoredCloses, zone: string) {
  const { dayOf } = zoneDays(zone);
  const before = new Set<number>();
  for (const ts of closes.ts) before.add(dayOf(ts));
  const [added, corrected] = [new Set<number>(), new Set<number>()];
  for (let row = 0; row < rows.length; row++) {
    if (outcomes[row] === 0) continue;
    const day = dayOf(rows.ts[row]);
    (before.has(day) ? corrected : added).add(day);
  }
  return { newDays: added.size, correctedDays: corrected.size };
}

function report(file: PriceFile, id: number, zone: string, facts: FileFacts): Omit<ImportReport, 'outcome'> {
  const { format, asset: fileAsset, ...rest } = facts;
  return {
    refusal: null,
    file: file.name,
    format: format.kind,
    formatLabel: format.label,
    id,
    zone,
    asset: null,
    assetChange: 'none',
    fileAsset,
    inserted: 0,
    updated: 0,
    unchanged: 0,
    newDays: 0,
    correctedDays: 0,
    replacedRows: 0,
    ignoredColumns: format.ignoredColumns,
    notices: notices(facts),
    ...rest,
  };
}

/** @param closeRule what closes the bars of the stored asset: where the market does, its weekends need no word */
function notices(facts: FileFacts, closeRule?: AssetRecord['closeRule']): ImportNotice[] {
  const found: ImportNotice[] = [];
  if (facts.quoteId !== null && facts.quoteId !== US_DOLLAR_QUOTE) found.push('quote_not_usd');
  if (facts.format.ignoredColumns.length > 0) found.push('columns_ignored');
  if (facts.inferredExtremeTimes > 0) found.push('extreme_times_inferred');
  if (facts.sameDayRows > 0) found.push('several_rows_per_day');
  if (facts.restsOnWeekends && closeRule !== 'market') found.push('rests_on_weekends');
  if (facts.format.isCloseOnly) found.push('close_only');
  return found;
}
