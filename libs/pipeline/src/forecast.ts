import { BAR_FAMILIES, type BarFamily } from '@ta/bars-core/engine';
import {
  readChanges,
  readDailyOverview,
  readEmaRefreshStates,
  readNewestDays,
  type BarsOverview,
  type DailyOverview,
  type EmasOverview,
  type NewestDays,
  type Session,
} from '@ta/state-store';
import { BUILDERS, EMA_SOURCES, REFRESHERS, type Builder, type EmaSource, type Refresher } from './components.ts';
import { hasDaysOf } from './pending.ts';
import type { RefreshRequest } from './refresh.ts';
import type { Step } from './run-report.ts';
import { emaSourcesOf, readBars, readEmas } from './state-overview.ts';

/** What a step would do to an id, from the least work to the most. */
const KINDS = ['upToDate', 'incremental', 'backfill', 'full'] as const;
export type ForecastKind = (typeof KINDS)[number];

/** How many ids of a run each step would work on, and how. */
export interface StepForecast {
  readonly step: Step;
  readonly ids: Readonly<Record<ForecastKind, number>>;
}

/** What a run would do, judged from state and the invalidation log alone; nothing is written (operations.md 1.5). */
export interface Forecast {
  readonly steps: readonly StepForecast[];
  /** Ids whose daily bars the run would touch. */
  readonly pendingDailyIds: ReadonlySet<number>;
  readonly newestDays: ReadonlyMap<number, NewestDays>;
}

/** Judges every selected step for every id of the request, in a fixed number of queries. */
export async function forecast(session: Session, request: RefreshRequest): Promise<Forecast> {
  const overview = await readState(session, request);
  const judge = new Judge(request, overview);
  const steps = [
    ...(request.components.includes('bars') ? BUILDERS.filter((step) => request.builders.includes(step)) : []),
    ...(request.components.includes('emas') ? REFRESHERS.filter((step) => request.refreshers.includes(step)) : []),
  ];
  return {
    steps: steps.map((step) => ({ step, ids: count(request.ids.map((id) => judge.step(step, id))) })),
    pendingDailyIds: new Set(request.ids.filter((id) => judge.daily(id) !== 'upToDate')),
    newestDays: await readNewestDays(session, request.nowMs, request.ids),
  };
}

/** State of the run's ids in short. */
interface StateOverview {
  readonly daily: ReadonlyMap<number, DailyOverview>;
  /** First instant of logged source changes per id, epoch ms. */
  readonly changedFrom: ReadonlyMap<number, number>;
  readonly bars: ReadonlyMap<BarFamily, ReadonlyMap<number, BarsOverview>>;
  readonly emas: Readonly<Record<EmaSource['table'], ReadonlyMap<number, EmasOverview>>>;
  readonly resetStamps: ReadonlyMap<number, number>;
}

async function readState(session: Session, request: RefreshRequest): Promise<StateOverview> {
  const changes = await readChanges(session);
  const resets = await readEmaRefreshStates(session, request.ids);
  return {
    daily: await readDailyOverview(session, request.ids),
    changedFrom: new Map(changes.map(({ id, firstTs }) => [id, firstTs as number])),
    bars: await readBars(session, request, BAR_FAMILIES),
    emas: await readEmas(session, request),
    resetStamps: new Map(resets.map(({ id, builtAtMs }) => [id, builtAtMs])),
  };
}

function count(kinds: readonly ForecastKind[]): Record<ForecastKind, number> {
  const of = (kind: ForecastKind) => kinds.filter((found) => found === kind).length;
  return { upToDate: of('upToDate'), incremental: of('incremental'), backfill: of('backfill'), full: of('full') };
}

const most = (...kinds: readonly ForecastKind[]): ForecastKind =>
  KINDS[Math.max(...kinds.map((kind) => KINDS.indexOf(kind)))] as ForecastKind;

class Judge {
  constructor(
    private readonly request: RefreshRequest,
    private readonly overview: StateOverview,
  ) {}

  step(step: Step, id: number): ForecastKind {
    const { settings, finished } = this.request;
    const isFinished = finished?.[step in EMA_SOURCES ? 'emas' : 'bars']?.has(id) === true;
    if (settings.fullRebuild && (!isFinished || this.due(step, id, false) !== 'upToDate')) return 'full';
    return this.due(step, id, !isFinished);
  }

  /** What state asks for. @param isForced whether days of EMAs are computed again */
  private due(step: Step, id: number, isForced: boolean): ForecastKind {
    if (step in EMA_SOURCES) {
      const sources = emaSourcesOf({ ...this.request, refreshers: [step as Refresher] });
      const isAgain = isForced && this.request.settings.emaDays?.firstDay !== undefined && this.overview.daily.has(id);
      return most(isAgain ? 'backfill' : 'upToDate', ...sources.map((source) => this.emas(source, id)));
    }
    return this.bars(step as Builder, id);
  }

  private bars(builder: Builder, id: number): ForecastKind {
    return builder === '1d' ? this.daily(id) : most(this.daily(id), this.family(builder, id));
  }

  /** The 1D step of this run; up to date where the run has none. */
  daily(id: number): ForecastKind {
    const { request, overview } = this;
    if (!request.components.includes('bars') || !request.builders.includes('1d')) return 'upToDate';
    if (request.settings.fullRebuild && request.finished?.bars?.has(id) !== true) return 'full';
    const daily = overview.daily.get(id);
    if (daily === undefined || !hasDaysOf(request.settings.zone, daily)) return 'full';
    const changedFrom = overview.changedFrom.get(id);
    if (changedFrom === undefined) return 'upToDate';
    return daily.lastSourceTs !== null && changedFrom <= daily.lastSourceTs ? 'backfill' : 'incremental';
  }

  private family(family: Exclude<Builder, '1d'>, id: number): ForecastKind {
    const { settings } = this.request;
    const daily = this.overview.daily.get(id);
    if (daily === undefined) return 'upToDate';
    const bars = this.overview.bars.get(family)?.get(id);
    if (bars === undefined || !bars.isAsSpecified || bars.zone.some((zone) => zone !== settings.zone)) return 'full';
    return behind(daily, bars.sourceBuiltAtMs, bars.sourceRevision, bars.dailyMaxTs);
  }

  private emas(source: EmaSource, id: number): ForecastKind {
    const { overview, request } = this;
    const isFed =
      request.components.includes('bars') && (source.bars === null || request.builders.includes(source.bars));
    const fed = isFed ? this.bars(source.bars ?? '1d', id) : 'upToDate';
    const daily = overview.daily.get(id);
    if (daily === undefined) return fed;
    const emas = overview.emas[source.table].get(id);
    const resetStampMs = overview.resetStamps.get(id);
    if (emas === undefined || resetStampMs === undefined || !emas.isAsSpecified) return 'full';
    if (emas.resetStampMs.some((stamp) => stamp !== resetStampMs)) return 'full';
    return most(fed, behind(daily, emas.dailyBuiltAtMs, emas.sourceRevision, emas.lastTs));
  }
}

type Range = readonly [number | null, number | null];

/** How a derived step stands to the daily bars as they are stored. */
function behind(daily: DailyOverview, builtAtMs: Range, revision: Range, lastTs: Range): ForecastKind {
  if (builtAtMs.some((stamp) => stamp !== daily.fullBuiltAtMs)) return 'full';
  if (revision.some((seen) => seen !== daily.revision)) return 'backfill';
  return lastTs.some((ts) => ts !== daily.lastSourceTs) ? 'incremental' : 'upToDate';
}
