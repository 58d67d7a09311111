import type { AssetRow, RejectMark, RunStepSummary, RunSummary, ValidationFinding } from '@ta/state-store';

/**
 * What the page asks for and gets, as JSON. Everything here is plain data: instants are epoch ms UTC, `null` is "not
 * known", columns of one answer have one length.
 */

/** A column of numbers. */
export type Numbers = readonly (number | null)[];

/** A bar table with its timeframes, and the EMA tables over the same bars. */
export interface CatalogueSource {
  readonly source: string;
  readonly title: string;
  readonly timeframes: readonly string[];
  readonly emaTables: readonly CatalogueEmaTable[];
}

/** An EMA table; `hasBar` when it carries the second series `ema_bar`. */
export interface CatalogueEmaTable {
  readonly table: string;
  readonly title: string;
  readonly hasBar: boolean;
}

/** `GET /api/catalogue`: what can be asked for. */
export interface Catalogue {
  /** The database, password masked. */
  readonly target: string;
  readonly sources: readonly CatalogueSource[];
  readonly periods: readonly number[];
  /** Most bars of one answer. */
  readonly maxBars: number;
}

/** `GET /api/assets`: every asset, ascending by id. */
export interface Assets {
  readonly assets: readonly AssetName[];
}

/** One asset as people know it. */
export type AssetName = Pick<AssetRow, 'id' | 'name' | 'symbol'>;

/** One EMA over the bars of the same answer. */
export interface ChartEma {
  readonly table: string;
  readonly period: number;
  /** `ema`, or `ema_bar` of the calendar tables. */
  readonly series: 'ema' | 'ema_bar';
  /** One value per bar. */
  readonly values: Numbers;
}

/** A rejected daily row, a clamped bar or an EMA out of bounds. */
export interface ChartReject extends Omit<RejectMark, 'ts'> {
  readonly ts: number;
  /** Its civil day in the zone of the chart, counted from 1970-01-01. */
  readonly day: number;
}

/** `GET /api/chart`: bars of one asset and timeframe with EMAs and marks. */
export interface Chart {
  readonly id: number;
  readonly source: string;
  readonly tf: string;
  /** IANA zone of the days. */
  readonly zone: string;
  readonly bars: {
    readonly timeOpen: Numbers;
    readonly timeClose: readonly number[];
    /** Civil days of these instants in the zone, counted from 1970-01-01. */
    readonly openDay: Numbers;
    readonly closeDay: readonly number[];
    readonly open: Numbers;
    readonly high: Numbers;
    readonly low: Numbers;
    readonly close: Numbers;
    readonly volume: Numbers;
    readonly barSeq: Numbers;
    /** Days without a daily bar inside the bar; on daily bars just before it. */
    readonly missingDays: Numbers;
    /** 1 on a bar that began before the history did. */
    readonly isPartialStart: Numbers;
    /** 1 on a bar that did not close on the day of its last row. */
    readonly isPartialEnd: Numbers;
    /** Day on which the bar was known closed; null while it is open, or if it never closes. */
    readonly closedDay: Numbers;
  };
  readonly emas: readonly ChartEma[];
  readonly rejects: readonly ChartReject[];
  /** True when older bars exist beyond the limit. */
  readonly isCut: boolean;
}

/** How far one builder is with one asset. */
export type FreshnessStatus = 'fresh' | 'ahead' | 'stale' | 'pending' | 'behind' | 'failed' | 'never';

/** One cell of the freshness map. */
export interface FreshnessCell {
  readonly status: FreshnessStatus;
  /** Newest day that is included. */
  readonly newestTs: number | null;
  readonly why: string;
}

/** One row of the freshness map; cells in the order of `steps`. */
export interface FreshnessRow {
  readonly id: number;
  readonly name: string;
  readonly cells: readonly FreshnessCell[];
}

/** `GET /api/freshness`: assets × builders, a page of assets at a time. */
export interface Freshness {
  readonly steps: readonly string[];
  readonly rows: readonly FreshnessRow[];
  /** Ask again with `after` = this id; null at the end. */
  readonly next: number | null;
  readonly nowMs: number;
  readonly maxAgeHours: number;
}

/** One past run. */
export interface RunEntry extends Omit<RunSummary, 'startedAt' | 'finishedAt'> {
  readonly startedMs: number;
  readonly finishedMs: number | null;
}

/** `GET /api/runs`: the newest runs first. */
export interface Runs {
  readonly runs: readonly RunEntry[];
}

/** `GET /api/run`: one run by step, and its failures. */
export interface RunDetail {
  readonly run: RunEntry | null;
  readonly steps: readonly RunStepSummary[];
  readonly failures: readonly { component: string; step: string; id: number; error: string | null }[];
}

/** One row of `ops_validation_results`: a check with its status, or a finding when `table` is there. */
export interface FindingEntry extends Omit<ValidationFinding, 'checkedAt'> {
  readonly checkedMs: number;
}

/** `GET /api/findings`: the newest validation results first. */
export interface Findings {
  readonly results: readonly FindingEntry[];
  /** The validation of the newest result beyond the limit; null when there is none. */
  readonly next: Pick<FindingEntry, 'runId' | 'checkedMs'> | null;
}

/** Any answer with a status of 400 or above. */
export interface Refusal {
  readonly error: string;
  readonly hint?: string;
}
