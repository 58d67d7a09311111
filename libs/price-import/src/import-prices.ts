import { EVERY_DAY, ONE_DAY_MS, type TradingDays } from '@ta/bars-core/engine';
import { assertAssetId, assertAssetName, type FileAsset, resolveAsset } from './asset-name.ts';
import { MONDAY_TO_FRIDAY, type Missing } from './day-coverage.ts';
import { utcDayText } from './parse-instant.ts';
import type { PriceFile } from './price-file.ts';
import type { PriceFormatKind, ReadingChoices } from './price-format.ts';
import type { AssetRecord, PriceSink, StoredCloses } from './price-sink.ts';
import { assertSameAsset, NEIGHBOURHOOD_MS } from './same-asset.ts';
import { type DaysFound, type FileFacts, type ImportProgress, type ScannedFile, scanFile } from './scan-file.ts';
import type { SourceBatch } from './source-batch.ts';
import { zoneDays } from './zone-days.ts';

/** The part of a sink that reads. */
export type StoredPrices = Pick<PriceSink, 'findAsset' | 'storedCloses' | 'tradingDays' | 'compare'>;

/** How a file is to be imported. */
export interface ImportOptions extends ReadingChoices {
  /** Asset id, 1 to 2147483647. */
  id: number;
  /** The operator's name for the asset; used if it has none yet. */
  name?: string | undefined;
  /** Where rows go; without it the file is only checked. */
  sink?: PriceSink | undefined;
  /** The stored prices, to compare with a file that is only checked. */
  stored?: StoredPrices | undefined;
  /** Write nothing unless every line is good. */
  strict?: boolean | undefined;
  /** Write the readable rows even if more than half of the lines were rejected. */
  keepPartial?: boolean | undefined;
  /** Remove the stored rows of the asset before the file's rows are written. */
  replaceAsset?: boolean | undefined;
  /** Canonical name of the zone of dates without a time and of the civil days in the report; default UTC. */
  zone?: string | undefined;
  /** The run's clock, epoch ms: rows more than a day after it are rejected. Without it none is rejected for its time. */
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
  | 'later_rows_stored'
  | 'prices_zero_or_less'
  | 'days_without_price'
  | 'days_opened_before'
  | 'rests_on_weekends'
  | 'close_only';

/** Why nothing of a readable file was written. */
export type ImportRefusal = 'nothing_read' | 'mostly_rejected' | 'strict';

/** What an import did, or would do where a file is only checked. */
export interface ImportReport extends Omit<FileFacts, 'format' | 'asset'>, Missing {
  /** `imported` rows were written, `checked` there is no sink, `refused` nothing was written: see `refusal`. */
  outcome: 'imported' | 'checked' | 'refused';
  refusal: ImportRefusal | null;
  file: string;
  format: PriceFormatKind;
  formatLabel: string;
  id: number;
  zone: string;
  /** The asset row after the import, or as it would be; null when the file was refused, or checked without `stored`. */
  asset: AssetRecord | null;
  /** What is done to the asset row. */
  assetChange: 'created' | 'changed' | 'none';
  /** What the file itself says about its asset. */
  fileAsset: FileAsset;
  /** Rows: new, changed, and already there. */
  inserted: number;
  updated: number;
  unchanged: number;
  /** Civil days of the zone that had no row before. */
  newDays: number;
  /** Civil days that had a row before and get a new row or other values. */
  correctedDays: number;
  /** Stored civil days inside the file's range that the file does not have; they stay. */
  otherDays: number;
  /** Civil days written of which a later row is stored, which bars use, and the first of them. */
  outdone: DaysFound;
  /** Rows of the asset that are removed first. */
  replacedRows: number;
  /** What is left out of the missing days: days without trading of the asset's calendar, or weekends where the file has none. */
  restingDays: 'calendar' | 'weekends' | null;
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
    onProgress: options.onProgress,
    signal: options.signal,
  });
  const refusal = refusalOf(scanned.facts, options);
  const stored = sink ?? options.stored;
  const calendar = refusal === null && stored !== undefined ? await stored.tradingDays(id) : null;
  const untouched = { ...report(file, id, zone, scanned), ...missing(scanned, calendar, options) };
  if (refusal !== null) return { ...untouched, outcome: 'refused', refusal };
  if (sink !== undefined) return { ...untouched, ...(await write(scanned, options, sink, zone)), outcome: 'imported' };
  if (stored === undefined) return { ...untouched, outcome: 'checked' };
  return { ...untouched, ...(await check(scanned, options, stored, zone)), outcome: 'checked' };
}

/** @param calendar on which days the stored asset trades, where that is known */
function missing({ days }: ScannedFile, calendar: TradingDays | null, { maxGapsListed = 100 }: ImportOptions) {
  if (calendar !== null) return { ...days.missing(calendar, maxGapsListed), restingDays: 'calendar' as const };
  return days.restsOnWeekends
    ? { ...days.missing(MONDAY_TO_FRIDAY, maxGapsListed), restingDays: 'weekends' as const }
    : { ...days.missing(EVERY_DAY, maxGapsListed), restingDays: null };
}

function refusalOf(facts: FileFacts, options: ImportOptions): ImportRefusal | null {
  if (facts.rowsRead === 0) return 'nothing_read';
  if (options.strict === true && facts.rejectedCount > 0) return 'strict';
  return options.keepPartial !== true && facts.rejectedCount * 2 > facts.linesRead ? 'mostly_rejected' : null;
}

async function write(scanned: ScannedFile, options: ImportOptions, sink: PriceSink, zone: string) {
  const replacedRows = options.replaceAsset === true ? await sink.removeRows(options.id) : 0;
  const { closes, ...judged } = await judge(scanned, options, sink);
  // The asset row comes first: a source row whose id is not in dim_assets is an anomaly to every reader.
  if (judged.assetChange !== 'none') await sink.saveAsset(judged.asset);
  const { outcomes, ...counts } = await sink.upsert(scanned.rows);
  const changed = changedDays(scanned, outcomes, closes, zone);
  return { ...judged, ...counts, ...changed, notices: noticesOf(judged, changed), replacedRows };
}

/** What {@link write} would do or refuse. */
async function check(scanned: ScannedFile, options: ImportOptions, stored: StoredPrices, zone: string) {
  const all = options.replaceAsset === true ? await stored.storedCloses(options.id, -Infinity, Infinity) : NO_CLOSES;
  const left = options.replaceAsset === true ? withoutPrices(stored) : stored;
  const { closes, ...judged } = await judge(scanned, options, left);
  const { outcomes, ...counts } = await left.compare(scanned.rows);
  const changed = changedDays(scanned, outcomes, closes, zone);
  return { ...judged, ...counts, ...changed, notices: noticesOf(judged, changed), replacedRows: all.ts.length };
}

const NO_CLOSES: StoredCloses = { ts: new Float64Array(), close: new Float64Array() };

/** The stored prices as they are once all rows of the asset are removed. */
function withoutPrices(stored: StoredPrices): StoredPrices {
  return {
    findAsset: (id) => stored.findAsset(id),
    tradingDays: (id) => stored.tradingDays(id),
    storedCloses: () => Promise.resolve(NO_CLOSES),
    compare: ({ length }) =>
      Promise.resolve({ inserted: length, updated: 0, unchanged: 0, outcomes: new Uint8Array(length).fill(1) }),
  };
}

/** Refuses the prices of another asset; returns the asset row after the import, and gives its name to the file's rows. */
async function judge(scanned: ScannedFile, options: ImportOptions, stored: StoredPrices) {
  const { facts, rows } = scanned;
  const { id, name = null } = options;
  const isCloseOnly = options.closeOnly === true;
  const found = await stored.findAsset(id);
  const closes = await closesAround(stored, id, rows);
  if (options.replaceAsset !== true) {
    assertSameAsset({ id, givenName: name, file: facts.asset, isCloseOnly }, rows, found, closes);
  }
  const known = options.replaceAsset === true ? replaced(found, name, facts.asset) : found;
  const asset = resolveAsset(id, name, facts.asset, known, isCloseOnly);
  const isSame = found?.name === asset.name && found.symbol === asset.symbol && found.isCloseOnly === asset.isCloseOnly;
  rows.name = new Array<string | null>(rows.length).fill(asset.name);
  const assetChange: ImportReport['assetChange'] = found === null ? 'created' : isSame ? 'none' : 'changed';
  return { closes, asset, assetChange, notices: notices(scanned, found?.closeRule) };
}

/** A replaced asset keeps its name only if neither the operator nor the file gives one. */
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

function changedDays({ rows, days }: ScannedFile, outcomes: Uint8Array, closes: StoredCloses, zone: string) {
  const { dayOf } = zoneDays(zone);
  const before = latestByDay(closes.ts, dayOf, (row) => !Number.isNaN(closes.close[row]));
  const here = latestByDay(rows.ts, dayOf);
  const [added, corrected, outdone] = [new Set<number>(), new Set<number>(), new Set<number>()];
  for (let row = 0; row < rows.length; row++) {
    if (outcomes[row] === 0) continue;
    const day = dayOf(rows.ts[row]);
    const stored = before.get(day);
    const kind = stored === undefined ? added : stored > (here.get(day) as number) ? outdone : corrected;
    kind.add(day);
  }
  const first = [...outdone].reduce((a, b) => Math.min(a, b), Infinity);
  return {
    newDays: added.size,
    correctedDays: corrected.size,
    otherDays: [...before.keys()].filter((day) => days.lacks(day)).length,
    outdone: { count: outdone.size, firstDay: outdone.size === 0 ? null : utcDayText(first) },
  };
}

/** The latest instant of each civil day, of the rows that count; -Infinity where none of them does. */
function latestByDay(
  stamps: Float64Array,
  dayOf: (ts: number) => number,
  counts: (row: number) => boolean = () => true,
) {
  const latest = new Map<number, number>();
  stamps.forEach((ts, row) => {
    const day = dayOf(ts);
    latest.set(day, Math.max(latest.get(day) ?? -Infinity, counts(row) ? ts : -Infinity));
  });
  return latest;
}

function noticesOf(judged: { notices: ImportNotice[] }, { outdone }: { outdone: { count: number } }): ImportNotice[] {
  return outdone.count === 0 ? judged.notices : [...judged.notices, 'later_rows_stored'];
}

function report(
  file: PriceFile,
  id: number,
  zone: string,
  scanned: ScannedFile,
): Omit<ImportReport, 'outcome' | 'restingDays' | keyof Missing> {
  const { format, asset: fileAsset, ...rest } = scanned.facts;
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
    otherDays: 0,
    outdone: { count: 0, firstDay: null },
    replacedRows: 0,
    ignoredColumns: format.ignoredColumns,
    notices: notices(scanned),
    ...rest,
  };
}

/** @param closeRule close rule of the stored asset; with `market` its weekends need no notice */
function notices({ facts, days }: ScannedFile, closeRule?: AssetRecord['closeRule']): ImportNotice[] {
  const found: ImportNotice[] = [];
  if (facts.quoteId !== null && facts.quoteId !== US_DOLLAR_QUOTE) found.push('quote_not_usd');
  if (facts.format.ignoredColumns.length > 0) found.push('columns_ignored');
  if (facts.inferredExtremeTimes > 0) found.push('extreme_times_inferred');
  if (facts.sameDayRows > 0) found.push('several_rows_per_day');
  if (facts.zeroOrLess.count > 0) found.push('prices_zero_or_less');
  if (facts.unpriced.count > 0) found.push('days_without_price');
  if (facts.openedBefore.count > 0) found.push('days_opened_before');
  if (days.restsOnWeekends && closeRule !== 'market') found.push('rests_on_weekends');
  if (facts.format.isCloseOnly) found.push('close_only');
  return found;
}
